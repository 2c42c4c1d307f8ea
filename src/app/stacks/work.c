/* work.c - one operation of one resource: the one that its stack's life ordered, or a look at one that waits. */
#include "app/stacks/work_inside.h"
#include "app/turn.h"

/* ---- one that waits ---- */

static void ended_well(Work *w)
{
    if (w->life->phase == LIFE_CLEAN) {
        work_removed(w);
        return;
    }
    work_give(w, NULL);
    work_note_replacement(w);
    work_tell(w, w->item->action == LIFE_ADD ? "CREATE_COMPLETE" : "UPDATE_COMPLETE", (Str){0});
}

static void ended_badly(Work *w, const Error *err)
{
    bool cleaning = w->life->phase == LIFE_CLEAN;
    if (w->item->action == LIFE_ADD && !cleaning) w->row.physical = w->r.physical;
    const char *status = cleaning                      ? "DELETE_FAILED"
                         : w->item->action == LIFE_ADD ? "CREATE_FAILED"
                                                       : "UPDATE_FAILED";
    if (cleaning)
        work_tell_removal(w, status, work_reason(w, err));
    else
        work_tell(w, status, work_reason(w, err));
}

static ResourceDoing doing_of(const Work *w)
{
    Json old = old_thing(w->a, w->row.old);
    if (w->life->phase == LIFE_CLEAN) return RESOURCE_REMOVES;
    return w->item->action == LIFE_ADD ||
                   (w->life->phase == LIFE_FORWARD && json_true(json_get(&old, S("replaced"))))
               ? RESOURCE_CREATES
               : RESOURCE_UPDATES;
}

static ResourceEnd look(Work *w)
{
    Json next;
    Error err = {0};
    w->of_old = w->life->phase == LIFE_CLEAN && old_next(w->a, w->row.old, &next);
    work_fill(w, doing_of(w));
    work_take(w);
    check(w->type->look);
    ResourceEnd end = work_ask(w, w->type->look, &err);
    if (end == RESOURCE_WAITS) {
        work_begin_waiting(w);
        work_keep(w);
        return end;
    }
    work_end_waiting(w);
    if (end == RESOURCE_DONE)
        ended_well(w);
    else
        ended_badly(w, &err);
    return end == RESOURCE_DONE && w->of_old ? work_clean(w) : end;
}

/* ---- the whole ---- */

static ResourceEnd no_plan(Work *w, const Error *err)
{
    bool cleaning = w->life->phase == LIFE_CLEAN;
    work_tell(w, cleaning ? "DELETE_FAILED" : "UPDATE_FAILED", work_reason(w, err));
    return RESOURCE_FAILED;
}

static ResourceEnd work(Work *w)
{
    if (w->row.waiting) return look(w);
    w->row.token = server_new_uuid(w->s, w->a);
    switch (w->life->phase) {
    case LIFE_FORWARD: return w->item->action == LIFE_ADD ? work_add(w) : work_change(w);
    case LIFE_UNDO: return work_undo(w);
    case LIFE_CLEAN: return work_clean(w);
    case LIFE_NEW:
    case LIFE_ENDED:
    default: unreachable();
    }
}

ResourceEnd stacks_work(Server *s, StackRow *row, const Life *life, int32_t item)
{
    Error err = {0};
    Work *w = new (&s->turn, Work);
    *w = (Work){.s = s, .a = &s->turn, .stack = row, .life = life, .item = &life->items.p[item]};
    if (!stack_resource_get(s->db, row->n, w->item->name, w->a, &w->row)) {
        check(db_failed(s->db)); /* the event will be undone, and come again */
        return RESOURCE_WAITS;
    }
    w->type = resource_type_or_recorded(w->row.type);
    bool next = life->phase == LIFE_FORWARD && !str_absent(row->next);
    ResourceEnd end =
        stack_plan_open(s, w->a, row, next, &w->plan, &err) ? work(w) : no_plan(w, &err);
    bool gone = life->phase == LIFE_CLEAN && life->operation == LIFE_UPDATE &&
                w->item->action != LIFE_CHANGE && end == RESOURCE_DONE;
    if (gone)
        stack_resource_remove(s->db, row->n, w->row.name);
    else
        stack_resource_set(s->db, &w->row);
    return end;
}
