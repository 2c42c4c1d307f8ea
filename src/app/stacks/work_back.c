/* work_back.c - a change of a resource undone; resources removed, and what replacements left. */
#include "app/stacks/work_inside.h"

/* ---- back ---- */

/* The other thing takes its place; what was made waits in `old` to be removed. */
static ResourceEnd swap(Work *w, const Json *old)
{
    StackResourceRow made_now = w->row;
    bool failed = json_get(old, S("status"));
    w->row.physical = json_text(json_get(old, S("physical")));
    w->row.properties = json_text(json_get(old, S("properties")));
    w->row.attributes = json_text(json_get(old, S("attributes")));
    w->row.kept = json_text(json_get(old, S("kept")));
    work_put_old(w, &made_now, true);
    w->r.physical = w->row.physical;
    work_tell(w, failed ? "CREATE_FAILED" : "UPDATE_COMPLETE", (Str){0});
    return RESOURCE_DONE;
}

ResourceEnd work_undo(Work *w)
{
    Error err = {0};
    Json old = old_thing(w->a, w->row.old);
    work_fill(w, RESOURCE_UPDATES);
    work_take(w);
    bool failed = str_eq(w->row.status, S("UPDATE_FAILED"));
    if (json_is(&old, JSON_NULL)) {
        if (failed) work_tell(w, "UPDATE_COMPLETE", (Str){0});
        return RESOURCE_DONE;
    }
    if (json_true(json_get(&old, S("replaced")))) return swap(w, &old);
    Json target = work_parsed(json_text(json_get(&old, S("properties"))), w->a, JSON_OBJECT);
    w->r.before = w->r.properties;
    work_tell(w, "UPDATE_IN_PROGRESS", (Str){0});
    if (!stack_dynamic(&w->plan, &target, &w->r.properties, &err))
        return work_made(w, RESOURCE_FAILED, NULL, "UPDATE_FAILED", &err);
    w->r.undoing = true;
    ResourceEnd end = work_ask(w, w->type->update, &err);
    if (end != RESOURCE_FAILED) {
        work_give(w, &target);
        w->row.old = old_forget(w->a, w->row.old);
    }
    return work_made(w, end, "UPDATE_COMPLETE", "UPDATE_FAILED", &err);
}

/* ---- clean ---- */

void work_removed(Work *w)
{
    work_tell_removal(w, "DELETE_COMPLETE", (Str){0});
    if (w->of_old) w->row.old = old_without_next(w->a, w->row.old);
}

/* What the type must remember of the thing in hand. */
void work_keep(Work *w)
{
    Str kept = work_text(w->a, &w->r.kept);
    if (w->of_old)
        w->row.old = old_keep_next(w->a, w->row.old, kept);
    else
        w->row.kept = kept;
}

static ResourceEnd remove_thing(Work *w)
{
    Error err = {0};
    work_fill(w, RESOURCE_REMOVES);
    work_take(w);
    if (str_absent(w->r.physical)) return work_removed(w), RESOURCE_DONE;
    work_tell_removal(w, "DELETE_IN_PROGRESS", (Str){0});
    w->r.doing = RESOURCE_REMOVES;
    ResourceEnd end = w->type->remove ? work_ask(w, w->type->remove, &err) : RESOURCE_DONE;
    if (end == RESOURCE_WAITS) {
        work_begin_waiting(w);
        work_keep(w);
    }
    if (end == RESOURCE_DONE) work_removed(w);
    if (end == RESOURCE_FAILED) work_tell_removal(w, "DELETE_FAILED", work_reason(w, &err));
    return end;
}

static bool update_replace_retains(Work *w)
{
    const TemplateResource *t = template_resource(&w->plan.t, w->row.name);
    return t && (t->update_replace == DELETION_RETAIN ||
                 t->update_replace == DELETION_RETAIN_EXCEPT_ON_CREATE);
}

static ResourceEnd leave_next(Work *w, const Json *thing)
{
    w->r.physical = json_text(json_get(thing, S("physical")));
    work_tell_removal(w, "DELETE_SKIPPED", (Str){0});
    w->row.old = old_without_next(w->a, w->row.old);
    return RESOURCE_DONE;
}

/* First what was replaced, then, unless it stays, the thing itself. */
ResourceEnd work_clean(Work *w)
{
    Json next;
    ResourceEnd end = RESOURCE_DONE;
    bool stays = w->item->action == LIFE_CHANGE;
    bool left = stays && !w->life->back && update_replace_retains(w);
    w->of_old = true;
    while (end == RESOURCE_DONE && old_next(w->a, w->row.old, &next))
        end = left ? leave_next(w, &next) : remove_thing(w);
    if (end != RESOURCE_DONE) return end;
    w->of_old = false;
    w->row.old = (Str){0};
    return stays ? end : remove_thing(w);
}
