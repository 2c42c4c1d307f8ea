/* work_forward.c - a resource made, changed in place or replaced. */
#include "app/stacks/protection.h"
#include "app/stacks/work_inside.h"

/* An update that ends with another physical id has replaced the resource after all. */
void work_note_replacement(Work *w)
{
    StackResourceRow was = w->row;
    Json old = old_thing(w->a, w->row.old);
    Str physical = json_text(json_get(&old, S("physical")));
    if (w->life->phase != LIFE_FORWARD || str_absent(physical) || str_eq(physical, w->row.physical))
        return;
    was.physical = physical;
    was.properties = json_text(json_get(&old, S("properties")));
    was.attributes = json_text(json_get(&old, S("attributes")));
    was.kept = json_text(json_get(&old, S("kept")));
    work_put_old(w, &was, true);
}

ResourceEnd work_made(Work *w, ResourceEnd end, const char *good, const char *bad, const Error *err)
{
    if (end == RESOURCE_WAITS) work_begin_waiting(w);
    if (end == RESOURCE_DONE) work_note_replacement(w);
    if (end == RESOURCE_DONE) work_tell(w, good, (Str){0});
    if (end == RESOURCE_FAILED) work_tell(w, bad, work_reason(w, err));
    return end;
}

/* It is there already. */
static ResourceEnd import(Work *w, const Json *shown, Error *err)
{
    const Json *ids = json_get(&w->plan.facts, S("import"));
    w->row.properties = json_to_str(w->a, shown);
    w->r.physical = json_text(json_get(ids, w->row.name));
    ResourceEnd end = w->type->import ? work_ask(w, w->type->import, err) : RESOURCE_FAILED;
    if (end == RESOURCE_FAILED) return work_made(w, end, NULL, "IMPORT_FAILED", err);
    work_give(w, NULL);
    return work_made(w, end, "IMPORT_COMPLETE", "IMPORT_FAILED", err);
}

ResourceEnd work_add(Work *w)
{
    Json shown;
    Error err = {0};
    work_fill(w, RESOURCE_CREATES);
    if (!work_properties(w, &shown, &err))
        return work_made(w, RESOURCE_FAILED, NULL,
                         w->item->imported ? "IMPORT_FAILED" : "CREATE_FAILED", &err);
    if (w->item->imported) return import(w, &shown, &err);
    w->row.properties = json_to_str(w->a, &shown);
    ResourceEnd end = work_ask(w, w->type->create, &err);
    if (end == RESOURCE_FAILED) return work_made(w, end, NULL, "CREATE_FAILED", &err);
    check(!str_absent(w->r.physical));
    work_give(w, NULL);
    work_tell(w, "CREATE_IN_PROGRESS", S("Resource creation Initiated"));
    return work_made(w, end, "CREATE_COMPLETE", "CREATE_FAILED", &err);
}

static bool tags_differ(Work *w)
{
    Json facts = work_parsed(w->stack->facts, w->a, JSON_OBJECT);
    const Json *was = json_get(&facts, S("Tags")), *is = json_get(&w->plan.facts, S("Tags"));
    return (json_count(was) || json_count(is)) && (!was || !is || !json_eq(was, is));
}

static ResourceEnd replace(Work *w, const Json *shown, Error *err)
{
    StackResourceRow was = w->row;
    work_tell(w, "UPDATE_IN_PROGRESS",
              S("Requested update requires the creation of a new physical resource; hence creating "
                "one."));
    work_put_old(w, &was, true);
    w->r.physical = (Str){0};
    w->r.attributes = (Json){.type = JSON_OBJECT};
    w->r.kept = (Json){0};
    w->r.doing = RESOURCE_CREATES;
    ResourceEnd end = work_ask(w, w->type->create, err);
    if (end == RESOURCE_FAILED) {
        w->r.physical = was.physical;
        w->row.old = was.old;
        return work_made(w, end, NULL, "UPDATE_FAILED", err);
    }
    work_give(w, shown);
    work_tell(w, "UPDATE_IN_PROGRESS", S("Resource creation Initiated"));
    return work_made(w, end, "UPDATE_COMPLETE", "UPDATE_FAILED", err);
}

/* The stack's policy. */
static bool may(Work *w, UpdateAction action)
{
    Str why = stack_protects(w->s, w->stack, action, w->row.name, w->row.type);
    if (!str_absent(why)) work_tell(w, "UPDATE_FAILED", why);
    return str_absent(why);
}

/* Tags of the stack; a nested stack's template, which may be another one at the same address. */
static bool differs_all_the_same(Work *w)
{
    bool nested = str_eq(w->row.type, S("AWS::CloudFormation::Stack"));
    return w->type->update && (nested || tags_differ(w));
}

ResourceEnd work_change(Work *w)
{
    Json shown, was;
    Error err = {0};
    work_fill(w, RESOURCE_UPDATES);
    work_take(w);
    was = w->r.properties;
    bool goes = !template_resource(&w->plan.t, w->row.name); /* stacks.c: it may not be removed */
    if (goes) return (void)may(w, UPDATE_DELETE), RESOURCE_FAILED;
    if (!work_properties(w, &shown, &err)) {
        work_tell(w, "UPDATE_IN_PROGRESS", (Str){0});
        return work_made(w, RESOURCE_FAILED, NULL, "UPDATE_FAILED", &err);
    }
    bool same = json_eq(&was, &shown), failed = stack_resource_failed(&w->row);
    if (same && !failed && !differs_all_the_same(w)) return RESOURCE_DONE;
    bool replaces = failed || (!same && work_must_replace(w, &was, &shown));
    if (!may(w, replaces ? UPDATE_REPLACE : UPDATE_MODIFY)) return RESOURCE_FAILED;
    if (replaces) return replace(w, &shown, &err);
    StackResourceRow old = w->row;
    work_tell(w, "UPDATE_IN_PROGRESS", (Str){0});
    work_put_old(w, &old, false);
    w->r.before = was;
    ResourceEnd end = work_ask(w, w->type->update, &err);
    if (end != RESOURCE_FAILED) work_give(w, &shown);
    return work_made(w, end, "UPDATE_COMPLETE", "UPDATE_FAILED", &err);
}
