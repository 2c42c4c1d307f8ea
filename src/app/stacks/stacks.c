/* stacks.c - a stack's life, step by step: what it orders is told and begun, what its resources wait for is looked at. */
#include "app/stacks/stacks.h"

#include "app/stacks/answer.h"
#include "app/stacks/protection.h"
#include "app/stacks/stacks_inside.h"
#include "app/turn.h"
#include "store/changes.h"
#include "store/timers.h"

enum { FOLLOW_AT_ONCE = 256 };

/* ---- what an update leads to ---- */

void stacks_take_next(Server *s, StackRow *row)
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
    stacks_take_next(s, row);
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
    if (str_eq(status, S("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")) ||
        str_eq(status, S("IMPORT_COMPLETE")))
        stacks_take_next(s, row);
    if (str_eq(status, S("UPDATE_FAILED"))) swap_next(s, row);
    if (str_eq(status, S("UPDATE_ROLLBACK_COMPLETE")) ||
        str_eq(status, S("IMPORT_ROLLBACK_COMPLETE")))
        row->next = (Str){0};
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

static void begin_adding(Server *s, StackRow *row, const LifeItem *item)
{
    Str name = item->name;
    StackResourceRow r = {.stack = row->n,
                          .name = name,
                          .type = of_template(s, row, name)->type,
                          .status =
                              item->imported ? S("IMPORT_IN_PROGRESS") : S("CREATE_IN_PROGRESS"),
                          .at = s->now};
    stack_resource_set(s->db, &r);
    stacks_tell(s, row, &r, (Str){0}, r.status, (Str){0});
}

void stacks_stop(Server *s, const StackRow *row, StackResourceRow *r)
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
    stacks_stop(s, row, &r);
}

static void retain_one(Server *s, StackRow *row, const Life *life, Str name)
{
    StackResourceRow r;
    if (!stack_resource_get(s->db, row->n, name, &s->turn, &r)) return;
    r.status = life->operation == LIFE_IMPORT ? S("IMPORT_ROLLBACK_COMPLETE") : S("DELETE_SKIPPED");
    r.reason = (Str){0};
    r.at = s->now;
    stacks_tell(s, row, &r, r.physical, r.status, (Str){0});
    if (life->operation == LIFE_UPDATE || life->operation == LIFE_IMPORT)
        stack_resource_remove(s->db, row->n, name);
    else
        stack_resource_set(s->db, &r);
}

static void order(Server *s, StackRow *row, const Life *life, const LifeCommand *command)
{
    const LifeItem *item = command->what == LIFE_DO_STATUS ? NULL : &life->items.p[command->item];
    switch (command->what) {
    case LIFE_DO_STATUS: set_status(s, row, command->status, command->reason); return;
    case LIFE_DO_ADD: begin_adding(s, row, item); break;
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
void stacks_step(Server *s, StackRow *row, Life *life, LifeEvent e)
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

Life stacks_life(Server *s, const StackRow *row)
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
    Life life = stacks_life(s, &row);
    int32_t i = life_find(&life, name);
    if (i < 0 || !runs(&life, i)) return;
    ResourceEnd end = stacks_work(s, &row, &life, i);
    if (end == RESOURCE_WAITS) return;
    Str was = row.status;
    stacks_step(
        s, &row, &life,
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
    Life life = stacks_life(s, &row);
    stacks_step(s, &row, &life,
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

/* false: there is nothing more to follow now. While nothing waits, nothing is read: what begins to
 * wait has looked. */
static bool follow_some(Server *s)
{
    Change *changes;
    Error err = {0};
    int64_t seen = stack_seen(s->db), last = seen, n = 0;
    if (!stack_resource_waits(s->db))
        last = change_last(s->db);
    else if ((n = change_list(s->db, seen, FOLLOW_AT_ONCE, &s->turn, &changes)) > 0)
        last = changes[n - 1].n;
    if (last <= seen) return false;
    event_begin(s);
    for (int64_t i = 0; i < n; i++) stacks_look(s, changes[i].service, changes[i].id);
    stack_set_seen(s->db, last);
    if (event_end(s, true, &err)) return true;
    log_error(s, "changes-delayed", "error=\"%s\"", err.text);
    return false;
}

void stacks_follow(Server *s)
{
    if (!db_dirty(s->db)) return;
    while (follow_some(s)) {
    }
}

void stacks_recover(Server *s)
{
    stacks_look(s, (Str){0}, (Str){0});
    timer_bring_forward(s->db, S("stack-resource"), s->now);
}
