/* stacks.c - operations on stacks: each step of their lives in one event, with its statuses, its records and its timers. */
#include "app/stacks/stacks.h"

#include "app/events/event_bus.h"
#include "app/stacks/answer.h"
#include "app/stacks/old.h"
#include "app/stacks/protection.h"
#include "app/turn.h"
#include "base/time.h"
#include "store/changes.h"
#include "store/timers.h"

enum { FOLLOW_AT_ONCE = 256 };

/* ---- statuses ---- */

bool stack_status_is(const StackRow *row, const char *status)
{
    return str_eq(row->status, str_from(status));
}

bool stack_settled(const StackRow *row)
{
    return !str_ends(row->status, S("_IN_PROGRESS")) || stack_status_is(row, "REVIEW_IN_PROGRESS");
}

/* "CloudFormation events detail reference" in the User Guide: of stacks and of resources. */
static void emit(Server *s, const StackRow *row, const StackEvent *e, bool own)
{
    Arena *a = &s->turn;
    JsonObject detail = {.a = a}, status = {.a = a};
    JsonArray arns = {.a = a};
    json_put_text(&detail, S("stack-id"), row->id);
    if (!own) {
        json_put_text(&detail, S("logical-resource-id"), e->name);
        json_put_text(&detail, S("physical-resource-id"),
                      str_absent(e->physical) ? S("") : e->physical);
        json_put_text(&detail, S("resource-type"), e->type);
    }
    json_put_text(&status, S("status"), e->status);
    json_put_text(&status, S("status-reason"), str_absent(e->reason) ? S("") : e->reason);
    json_put(&detail, S("status-details"), json_object(&status));
    json_put_text(&detail, S("client-request-token"), str_absent(e->token) ? S("") : e->token);
    json_add(&arns, json_string(row->id));
    Json d = json_object(&detail), resources = json_array(&arns);
    event_emit(s, &(EventEmit){.source = S("aws.cloudformation"),
                               .type = own ? S("CloudFormation Stack Status Change")
                                           : S("CloudFormation Resource Status Change"),
                               .account = row->account,
                               .region = row->region,
                               .detail = &d,
                               .resources = &resources});
}

void stacks_tell(Server *s, const StackRow *row, const StackResourceRow *r, Str physical,
                 Str status, Str reason)
{
    Arena *a = &s->turn;
    bool own = r == NULL;
    StackEvent e = {.stack = row->n,
                    .id = own ? server_new_uuid(s, a)
                              : str_printf(a, "%.*s-%.*s-%.*s", STR(r->name), STR(status),
                                           STR(server_new_uuid(s, a))),
                    .name = own ? row->name : r->name,
                    .physical = own ? row->id : physical,
                    .type = own ? S("AWS::CloudFormation::Stack") : r->type,
                    .status = status,
                    .reason = reason,
                    .properties = own ? (Str){0} : r->properties,
                    .token = row->token,
                    .at = s->now};
    stack_event_add(s->db, &e);
    emit(s, row, &e, own);
    log_recorded(s, "stack-event", "stack=%.*s resource=%.*s status=%.*s", STR(row->name),
                 STR(e.name), STR(status));
}

void stacks_set_status(Server *s, StackRow *row, Str status, Str reason)
{
    change_add(s->db, &(Change){.service = S("stack"),
                                .id = row->id,
                                .from = row->status,
                                .to = status,
                                .message = reason,
                                .at = s->now});
    row->status = status;
    row->reason = reason;
    stacks_tell(s, row, NULL, (Str){0}, status, reason);
}

/* ---- what an update leads to ---- */

static void take_next(Server *s, StackRow *row)
{
    Json next;
    Error err = {0};
    Arena *a = &s->turn;
    if (str_absent(row->next)) return;
    check(json_parse(row->next, a, &next, &err));
    row->facts = json_to_str(a, json_get(&next, S("facts")));
    row->body = json_to_str(a, json_get(&next, S("body")));
    row->text = json_text(json_get(&next, S("text")));
    stack_takes_policy(s, row, &next);
    row->next = (Str){0};
}

/* An update that failed and stays so may still be rolled back: what was before is kept for that. */
static void swap_next(Server *s, StackRow *row)
{
    Json body, facts;
    Error err = {0};
    JsonObject o = {.a = &s->turn};
    check(json_parse(row->facts, &s->turn, &facts, &err));
    check(json_parse(row->body, &s->turn, &body, &err));
    json_put(&o, S("facts"), facts);
    json_put_text(&o, S("text"), row->text);
    json_put(&o, S("body"), body);
    json_put_text(&o, S("policy"), row->policy);
    Json was = json_object(&o);
    take_next(s, row);
    row->next = json_to_str(&s->turn, &was);
}

static void end_stack(Server *s, StackRow *row)
{
    row->deleted = s->now;
    stack_export_clear(s->db, row->n);
    stack_import_clear(s->db, row->n);
    change_set_clear(s->db, row->n);
}

static void set_status(Server *s, StackRow *row, Str status, Str reason)
{
    stacks_set_status(s, row, status, reason);
    if (str_eq(status, S("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"))) take_next(s, row);
    if (str_eq(status, S("UPDATE_FAILED"))) swap_next(s, row);
    if (str_eq(status, S("UPDATE_ROLLBACK_COMPLETE"))) row->next = (Str){0};
    if (str_eq(status, S("DELETE_COMPLETE"))) end_stack(s, row);
    if (!stack_settled(row)) return;
    timer_clear(s->db, S("stack-timeout"), str_printf(&s->turn, "%" PRId64, row->n));
    stack_answers_settled(s, row);
}

/* ---- commands ---- */

static Str subject_of(Server *s, const StackRow *row, Str name)
{
    return str_printf(&s->turn, "%" PRId64 "/%.*s", row->n, STR(name));
}

static const TemplateResource *of_template(Server *s, const StackRow *row, Str name)
{
    Error err = {0};
    StackPlan *p = new (&s->turn, StackPlan);
    if (!stack_plan_open(s, &s->turn, row, true, p, &err)) return NULL;
    return template_resource(&p->t, name);
}

static void begin_adding(Server *s, StackRow *row, Str name)
{
    StackResourceRow r = {.stack = row->n,
                          .name = name,
                          .type = of_template(s, row, name)->type,
                          .status = S("CREATE_IN_PROGRESS"),
                          .at = s->now};
    stack_resource_set(s->db, &r);
    stacks_tell(s, row, &r, (Str){0}, r.status, (Str){0});
}

static void stop_one(Server *s, const StackRow *row, StackResourceRow *r)
{
    bool create = str_starts(r->status, S("CREATE"));
    timer_clear(s->db, S("stack-resource"), subject_of(s, row, r->name));
    r->waiting = false;
    if (str_starts(r->status, S("DELETE"))) {
        stack_resource_set(s->db, r);
        return;
    }
    r->status = create ? S("CREATE_FAILED") : S("UPDATE_FAILED");
    r->reason = create ? S("Resource creation cancelled") : S("Resource update cancelled");
    r->at = s->now;
    stack_resource_set(s->db, r);
    stacks_tell(s, row, r, r->physical, r->status, r->reason);
}

static void cancel_one(Server *s, StackRow *row, const LifeItem *item)
{
    StackResourceRow r;
    timer_clear(s->db, S("stack-resource"), subject_of(s, row, item->name));
    if (!stack_resource_get(s->db, row->n, item->name, &s->turn, &r)) return;
    if (!str_ends(r.status, S("_IN_PROGRESS"))) return; /* a change that had not begun */
    stop_one(s, row, &r);
}

static void retain_one(Server *s, StackRow *row, const Life *life, Str name)
{
    StackResourceRow r;
    if (!stack_resource_get(s->db, row->n, name, &s->turn, &r)) return;
    r.status = S("DELETE_SKIPPED");
    r.reason = (Str){0};
    r.at = s->now;
    stacks_tell(s, row, &r, r.physical, r.status, (Str){0});
    if (life->operation == LIFE_UPDATE)
        stack_resource_remove(s->db, row->n, name);
    else
        stack_resource_set(s->db, &r);
}

static void order(Server *s, StackRow *row, const Life *life, const LifeCommand *command)
{
    const LifeItem *item = command->what == LIFE_DO_STATUS ? NULL : &life->items.p[command->item];
    switch (command->what) {
    case LIFE_DO_STATUS: set_status(s, row, command->status, command->reason); return;
    case LIFE_DO_ADD: begin_adding(s, row, item->name); break;
    case LIFE_DO_CANCEL: cancel_one(s, row, item); return;
    case LIFE_DO_RETAIN: retain_one(s, row, life, item->name); return;
    case LIFE_DO_OUTPUTS: return;
    case LIFE_DO_CHANGE:
    case LIFE_DO_UNDO:
    case LIFE_DO_REMOVE: break;
    default: unreachable();
    }
    timer_set(s->db, S("stack-resource"), subject_of(s, row, item->name), s->now);
}

static void carry_out(Server *s, StackRow *row, const Life *life, const LifeUpdate *u)
{
    for (int64_t i = 0; i < u->commands.n; i++) order(s, row, life, &u->commands.p[i]);
}

static bool wants_outputs(const LifeUpdate *u)
{
    for (int64_t i = 0; i < u->commands.n; i++)
        if (u->commands.p[i].what == LIFE_DO_OUTPUTS) return true;
    return false;
}

static LifeEvent make_outputs(Server *s, StackRow *row)
{
    Json outputs;
    Error err = {0};
    StackPlan *p = new (&s->turn, StackPlan);
    AfterCommit **part = event_part_begin(s);
    bool good =
        stack_plan_open(s, &s->turn, row, true, p, &err) && stack_outputs(p, &outputs, &err);
    (void)event_part_end(s, part, good);
    if (good) row->outputs = json_to_str(&s->turn, &outputs);
    return good ? (LifeEvent){.kind = LIFE_OUTPUTS}
                : (LifeEvent){.kind = LIFE_STOPPED,
                              .reason = str_printf(&s->turn, "%.*s. ", STR(error_text(&err)))};
}

/* Steps until nothing follows at once. */
static void step(Server *s, StackRow *row, Life *life, LifeEvent e)
{
    for (bool again = true; again;) {
        LifeUpdate u = {.a = &s->turn};
        if (!life_step(life, &e, &u)) break;
        carry_out(s, row, life, &u);
        again = wants_outputs(&u);
        if (again) e = make_outputs(s, row);
    }
    Json v = life_write(life, &s->turn);
    row->life = json_to_str(&s->turn, &v);
}

static Life life_of(Server *s, const StackRow *row)
{
    Json v;
    Error err = {0};
    check(json_parse(row->life, &s->turn, &v, &err));
    return life_read(&v, &s->turn);
}

/* ---- timers ---- */

static bool read_subject(Server *s, Str subject, StackRow *row, Str *name)
{
    Str number;
    int64_t n;
    *name = subject;
    check(str_cut(name, '/', &number) && str_to_int(number, &n));
    return stack_row_get(s->db, n, &s->turn, row) && !str_absent(row->life);
}

static bool runs(const Life *life, int32_t i)
{
    const LifeItem *item = &life->items.p[i];
    return (life->phase == LIFE_FORWARD && item->forward == LIFE_RUNNING) ||
           (life->phase == LIFE_UNDO && item->undo == LIFE_RUNNING) ||
           (life->phase == LIFE_CLEAN && item->clean == LIFE_RUNNING);
}

void stacks_due(Server *s, Str subject)
{
    StackRow row;
    Str name;
    if (!read_subject(s, subject, &row, &name)) return;
    Life life = life_of(s, &row);
    int32_t i = life_find(&life, name);
    if (i < 0 || !runs(&life, i)) return;
    ResourceEnd end = stacks_work(s, &row, &life, i);
    if (end == RESOURCE_WAITS) return;
    Str was = row.status;
    step(s, &row, &life,
         (LifeEvent){.kind = end == RESOURCE_DONE ? LIFE_ITEM_DONE : LIFE_ITEM_FAILED, .item = i});
    if (str_eq(was, row.status))
        stack_row_progress(s->db, &row);
    else
        stack_row_set(s->db, &row);
}

void stacks_timeout_due(Server *s, Str subject)
{
    StackRow row;
    int64_t n;
    check(str_to_int(subject, &n));
    if (!stack_row_get(s->db, n, &s->turn, &row) || str_absent(row.life)) return;
    Life life = life_of(s, &row);
    step(s, &row, &life,
         (LifeEvent){.kind = LIFE_STOPPED,
                     .reason = S("Stack creation time exceeded the specified "
                                 "timeout. ")});
    stack_row_set(s->db, &row);
}

/* ---- what resources wait for ---- */

void stacks_look(Server *s, Str service, Str id)
{
    StackResourceRow *rows;
    int64_t n = stack_resource_waiting(s->db, service, id, &s->turn, &rows);
    for (int64_t i = 0; i < n; i++)
        timer_set(s->db, S("stack-resource"),
                  str_printf(&s->turn, "%" PRId64 "/%.*s", rows[i].stack, STR(rows[i].name)),
                  s->now);
}

void stacks_follow(Server *s)
{
    Change *changes;
    Error err = {0};
    int64_t n;
    if (!db_dirty(s->db)) return;
    while ((n = change_list(s->db, stack_seen(s->db), FOLLOW_AT_ONCE, &s->turn, &changes)) > 0) {
        event_begin(s);
        for (int64_t i = 0; i < n; i++) stacks_look(s, changes[i].service, changes[i].id);
        stack_set_seen(s->db, changes[n - 1].n);
        if (!event_end(s, true, &err)) {
            log_error(s, "changes-delayed", "error=\"%s\"", err.text);
            return;
        }
    }
}

void stacks_recover(Server *s)
{
    stacks_look(s, (Str){0}, (Str){0});
    timer_bring_forward(s->db, S("stack-resource"), s->now);
}

/* ---- operations ---- */

static bool retains(const TemplateResource *r, LifeOperation operation)
{
    return r && (r->deletion == DELETION_RETAIN ||
                 (r->deletion == DELETION_RETAIN_EXCEPT_ON_CREATE && operation != LIFE_CREATE));
}

static int32_t add_item(Server *s, Life *life, const TemplateResource *r, LifeAction action)
{
    *vec_push(&s->turn, &life->items) =
        (LifeItem){.name = r->name, .action = action, .retain = retains(r, life->operation)};
    return (int32_t)(life->items.n - 1);
}

/* Node numbers of a graph become item numbers. */
static void add_needs(Server *s, Life *life, const StackGraph *g, bool old)
{
    for (int32_t i = 0; i < g->n; i++) {
        int32_t item = life_find(life, g->resources[i]->name);
        if (item < 0) continue;
        check(life->items.p);
        LifeItem *to = &life->items.p[item];
        for (int64_t k = 0; k < g->needs[i].n; k++) {
            int32_t need = life_find(life, g->resources[g->needs[i].p[k]]->name);
            if (need < 0) continue;
            if (old)
                *vec_push(&s->turn, &to->old_needs) = need;
            else
                *vec_push(&s->turn, &to->needs) = need;
        }
    }
}

static LifeFailure failure_of(const Json *facts, bool create)
{
    Str on = json_text(json_get(facts, S("OnFailure")));
    if (json_true(json_get(facts, S("DisableRollback"))) || str_eq(on, S("DO_NOTHING")))
        return LIFE_DO_NOTHING;
    return create && str_eq(on, S("DELETE")) ? LIFE_TAKE_DOWN : LIFE_ROLL_BACK;
}

static void begin(Server *s, StackRow *row, Life *life)
{
    step(s, row, life, (LifeEvent){.kind = LIFE_BEGINS, .reason = S("User Initiated")});
    stack_row_set(s->db, row);
}

void stacks_create(Server *s, StackRow *row, const StackGraph *g)
{
    Json facts;
    Error err = {0};
    check(json_parse(row->facts, &s->turn, &facts, &err));
    Life life = {.operation = LIFE_CREATE, .failure = failure_of(&facts, true)};
    for (int64_t i = 0; i < g->n; i++) add_item(s, &life, g->resources[g->order[i]], LIFE_ADD);
    add_needs(s, &life, g, false);
    if (json_true(json_get(&facts, S("RetainExceptOnCreate"))))
        for (int64_t i = 0; i < life.items.n; i++) life.items.p[i].retain = false;
    int64_t minutes = json_int_or(json_get(&facts, S("TimeoutInMinutes")), 0);
    begin(s, row, &life);
    if (minutes > 0 && !stack_settled(row))
        timer_set(s->db, S("stack-timeout"), str_printf(&s->turn, "%" PRId64, row->n),
                  s->now + minutes * 60 * 1000);
}

/* The graph of what the stack is now; empty when it cannot be told any more. */
static StackGraph current_graph(Server *s, StackRow *row, StackPlan *p)
{
    Error err = {0};
    StackGraph g = {0};
    if (!str_absent(row->body) && stack_plan_open(s, &s->turn, row, false, p, &err) &&
        stack_graph(&p->t, NULL, &s->turn, &g, &err))
        return g;
    return (StackGraph){0};
}

/* What may not be removed fails at once, as a change that cannot be made. */
static LifeAction drop_or_fail(Server *s, const StackRow *row, const StackChange *c)
{
    const TemplateResource *r = c->resource;
    return str_absent(stack_protects(s, row, UPDATE_DELETE, r->name, r->type)) ? LIFE_DROP
                                                                               : LIFE_CHANGE;
}

/* What an earlier operation left, which failed and was not rolled back. true: there is something to
 * be made good. */
static bool set_aside(Server *s, const StackRow *row, Str name)
{
    StackResourceRow r;
    if (!stack_resource_get(s->db, row->n, name, &s->turn, &r)) return false;
    if (str_absent(r.old)) return stack_resource_failed(&r);
    r.old = old_set_aside(&s->turn, r.old);
    stack_resource_set(s->db, &r);
    return !str_absent(r.old) || stack_resource_failed(&r);
}

static LifeAction action_of(const StackChange *c, bool aside)
{
    if (!c) return aside ? LIFE_CHANGE : LIFE_KEEP;
    return c->action == CHANGE_ADD ? LIFE_ADD : LIFE_CHANGE;
}

/* What an update that failed was to remove, and did not come to: no template names it any more. */
static void add_unfinished(Server *s, StackRow *row, Life *life)
{
    StackResourceRow *rows;
    Life last = str_absent(row->life) ? (Life){0} : life_of(s, row);
    int64_t n = stack_resource_list(s->db, row->n, &s->turn, &rows);
    for (int64_t i = 0; i < n; i++) {
        if (!stack_resource_there(&rows[i]) || str_eq(rows[i].status, S("DELETE_FAILED")) ||
            life_find(life, rows[i].name) >= 0)
            continue;
        int32_t was = life_find(&last, rows[i].name);
        int32_t item = add_item(s, life, &(TemplateResource){.name = rows[i].name}, LIFE_DROP);
        life->items.p[item].retain = was >= 0 && last.items.p[was].retain;
    }
}

void stacks_update(Server *s, StackRow *row, const StackGraph *g, const StackChanges *changes)
{
    Json next;
    Error err = {0};
    StackPlan *now = new (&s->turn, StackPlan);
    check(json_parse(row->next, &s->turn, &next, &err));
    Life life = {.operation = LIFE_UPDATE,
                 .failure = failure_of(json_get(&next, S("facts")), false)};
    StackGraph old = current_graph(s, row, now);
    for (int64_t i = 0; i < g->n; i++) {
        const TemplateResource *r = g->resources[g->order[i]];
        const StackChange *c = stack_change_of(changes, r->name);
        add_item(s, &life, r, action_of(c, set_aside(s, row, r->name)));
    }
    for (int64_t i = 0; i < changes->list.n; i++) {
        if (changes->list.p[i].action != CHANGE_REMOVE) continue;
        set_aside(s, row, changes->list.p[i].resource->name);
        add_item(s, &life, changes->list.p[i].resource, drop_or_fail(s, row, &changes->list.p[i]));
    }
    add_unfinished(s, row, &life);
    add_needs(s, &life, g, false);
    add_needs(s, &life, &old, true);
    row->updated = s->now;
    stack_import_clear(s->db, row->n);
    begin(s, row, &life);
}

static bool named(const StrVec *names, Str name)
{
    for (int64_t i = 0; names && i < names->n; i++)
        if (str_eq(names->p[i], name)) return true;
    return false;
}

/* What was under way is not any more. */
static void stop_all(Server *s, const StackRow *row)
{
    StackResourceRow *rows;
    int64_t n = stack_resource_list(s->db, row->n, &s->turn, &rows);
    for (int64_t i = 0; i < n; i++)
        if (str_ends(rows[i].status, S("_IN_PROGRESS"))) stop_one(s, row, &rows[i]);
}

/* What the template does not name any more (left by an update that failed) is removed, too. */
static void add_leftovers(Server *s, StackRow *row, Life *life)
{
    StackResourceRow *rows;
    int64_t n = stack_resource_list(s->db, row->n, &s->turn, &rows);
    for (int64_t i = 0; i < n; i++)
        if (stack_resource_there(&rows[i]) && life_find(life, rows[i].name) < 0)
            add_item(s, life, &(TemplateResource){.name = rows[i].name}, LIFE_DROP);
}

void stacks_delete(Server *s, StackRow *row, const StrVec *retain, bool force)
{
    StackResourceRow r;
    StackPlan *now = new (&s->turn, StackPlan);
    Life life = {.operation = LIFE_DELETE, .force = force};
    stop_all(s, row);
    StackGraph g = current_graph(s, row, now);
    for (int64_t i = 0; i < g.n; i++) {
        const TemplateResource *t = g.resources[g.order[i]];
        if (!stack_resource_get(s->db, row->n, t->name, &s->turn, &r) || !stack_resource_there(&r))
            continue;
        int32_t item = add_item(s, &life, t, LIFE_DROP);
        life.items.p[item].retain |= named(retain, t->name);
    }
    add_leftovers(s, row, &life);
    add_needs(s, &life, &g, true);
    row->updated = row->updated ? row->updated : 0;
    begin(s, row, &life);
}

void stacks_cancel(Server *s, StackRow *row)
{
    Life life = life_of(s, row);
    step(s, row, &life, (LifeEvent){.kind = LIFE_STOPPED, .reason = S("User Initiated")});
    stack_row_set(s->db, row);
}

void stacks_roll_back(Server *s, StackRow *row, bool retain_except_on_create)
{
    Life life = life_of(s, row);
    if (life.operation == LIFE_UPDATE) take_next(s, row);
    for (int64_t i = 0; retain_except_on_create && i < life.items.n; i++)
        life.items.p[i].retain = false;
    step(s, row, &life, (LifeEvent){.kind = LIFE_ROLLED_BACK, .reason = S("User Initiated")});
    stack_row_set(s->db, row);
}

bool stacks_continue(Server *s, StackRow *row, const StrVec *skip, Error *err)
{
    Life life = life_of(s, row);
    for (int64_t i = 0; i < skip->n; i++) {
        int32_t item = life_find(&life, skip->p[i]);
        if (item < 0 || !life_failed_to_undo(&life, item))
            return error_set(err, ERR_VALIDATION,
                             "Resources [%.*s] cannot be skipped: only those can that failed to "
                             "roll back",
                             STR(skip->p[i]));
        life_skip(&life, item);
    }
    step(s, row, &life, (LifeEvent){.kind = LIFE_CONTINUED});
    stack_row_set(s->db, row);
    return true;
}
