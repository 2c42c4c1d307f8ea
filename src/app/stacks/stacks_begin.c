/* stacks_begin.c - operations on stacks begun: what there is to do, in which order, and what of it stays. */
#include "app/stacks/old.h"
#include "app/stacks/protection.h"
#include "app/stacks/stacks_inside.h"
#include "store/timers.h"

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
    stacks_step(s, row, life, (LifeEvent){.kind = LIFE_BEGINS, .reason = S("User Initiated")});
    stack_row_set(s->db, row);
}

/* What is imported is not made. */
static void mark_imported(Life *life, const Json *facts)
{
    const Json *ids = json_get(facts, S("import"));
    for (int64_t i = 0; i < life->items.n; i++) {
        LifeItem *item = &life->items.p[i];
        item->imported = item->action == LIFE_ADD && json_get(ids, item->name) != NULL;
    }
}

void stacks_create(Server *s, StackRow *row, const StackGraph *g)
{
    Json facts;
    Error err = {0};
    check(json_parse(row->facts, &s->turn, &facts, &err));
    Life life = {.operation = LIFE_CREATE, .failure = failure_of(&facts, true)};
    for (int64_t i = 0; i < g->n; i++) add_item(s, &life, g->resources[g->order[i]], LIFE_ADD);
    add_needs(s, &life, g, false);
    mark_imported(&life, &facts);
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
    Life last = str_absent(row->life) ? (Life){0} : stacks_life(s, row);
    int64_t n = stack_resource_list(s->db, row->n, &s->turn, &rows);
    for (int64_t i = 0; i < n; i++) {
        if (!stack_resource_there(&rows[i]) || str_eq(rows[i].status, S("DELETE_FAILED")) ||
            life_find(life, rows[i].name) >= 0)
            continue;
        int32_t was = life_find(&last, rows[i].name);
        int32_t item = add_item(s, life, &(TemplateResource){.name = rows[i].name}, LIFE_DROP);
        check(life->items.p && (was < 0 || last.items.p));
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
    mark_imported(&life, json_get(&next, S("facts")));
    row->updated = s->now;
    stack_import_clear(s->db, row->n);
    begin(s, row, &life);
}

void stacks_import(Server *s, StackRow *row, const StackGraph *g)
{
    Json next;
    Error err = {0};
    StackResourceRow r;
    Life life = {.operation = LIFE_IMPORT};
    check(json_parse(str_absent(row->next) ? row->facts : row->next, &s->turn, &next, &err));
    for (int64_t i = 0; i < g->n; i++) {
        const TemplateResource *t = g->resources[g->order[i]];
        bool there =
            stack_resource_get(s->db, row->n, t->name, &s->turn, &r) && stack_resource_there(&r);
        add_item(s, &life, t, there ? LIFE_KEEP : LIFE_ADD);
    }
    add_needs(s, &life, g, false);
    mark_imported(&life, str_absent(row->next) ? &next : json_get(&next, S("facts")));
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
        if (str_ends(rows[i].status, S("_IN_PROGRESS"))) stacks_stop(s, row, &rows[i]);
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
    Life life = stacks_life(s, row);
    stacks_step(s, row, &life, (LifeEvent){.kind = LIFE_STOPPED, .reason = S("User Initiated")});
    stack_row_set(s->db, row);
}

void stacks_roll_back(Server *s, StackRow *row, bool retain_except_on_create)
{
    Life life = stacks_life(s, row);
    if (life.operation == LIFE_UPDATE) stacks_take_next(s, row);
    for (int64_t i = 0; retain_except_on_create && i < life.items.n; i++)
        life.items.p[i].retain = false;
    stacks_step(s, row, &life,
                (LifeEvent){.kind = LIFE_ROLLED_BACK, .reason = S("User Initiated")});
    stack_row_set(s->db, row);
}

bool stacks_continue(Server *s, StackRow *row, const StrVec *skip, Error *err)
{
    Life life = stacks_life(s, row);
    for (int64_t i = 0; i < skip->n; i++) {
        int32_t item = life_find(&life, skip->p[i]);
        if (item < 0 || !life_failed_to_undo(&life, item))
            return error_set(err, ERR_VALIDATION,
                             "Resources [%.*s] cannot be skipped: only those can that failed to "
                             "roll back",
                             STR(skip->p[i]));
        life_skip(&life, item);
    }
    stacks_step(s, row, &life, (LifeEvent){.kind = LIFE_CONTINUED});
    stack_row_set(s->db, row);
    return true;
}
