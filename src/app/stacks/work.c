/* work.c - one operation of one resource: its properties made, its type asked, what came of it recorded. */
#include "app/stacks/old.h"
#include "app/stacks/protection.h"
#include "app/stacks/stacks.h"
#include "app/turn.h"
#include "store/timers.h"

/* One in hand. */
typedef struct Work {
    Server *s;
    Arena *a;
    StackRow *stack;
    const Life *life;
    const LifeItem *item;
    StackResourceRow row;
    StackPlan plan;
    Resource r;
    const ResourceType *type;
    bool of_old; /* the next thing in `old` of the row is worked on */
} Work;

static Json parsed(Str text, Arena *a, JsonType otherwise)
{
    Json v;
    Error err = {0};
    if (str_absent(text) || !json_parse(text, a, &v, &err)) return (Json){.type = otherwise};
    return v;
}

static Str text_of(Arena *a, const Json *v)
{
    return json_is(v, JSON_NULL) ? (Str){0} : json_to_str(a, v);
}

/* ---- telling ---- */

static void tell(Work *w, const char *status, Str reason)
{
    w->row.status = str_from(status);
    w->row.reason = reason;
    w->row.at = w->s->now;
    w->row.drift = (Str){0}; /* of what it was before */
    stacks_tell(w->s, w->stack, &w->row, w->r.physical, w->row.status, reason);
}

/* An old thing's removal is told of, and is not the resource's status. */
static void tell_removal(Work *w, const char *status, Str reason)
{
    if (w->of_old)
        stacks_tell(w->s, w->stack, &w->row, w->r.physical, str_from(status), reason);
    else
        tell(w, status, reason);
}

static Str reason_of(Work *w, const Error *err)
{
    return str_copy(w->a, error_text(err));
}

/* ---- the resource in hand ---- */

static void take_thing(Work *w)
{
    Json old = {0};
    Resource *r = &w->r;
    if (w->of_old) check(old_next(w->a, w->row.old, &old));
    r->physical = w->of_old ? json_text(json_get(&old, S("physical"))) : w->row.physical;
    Str properties = w->of_old ? json_text(json_get(&old, S("properties"))) : w->row.properties,
        attributes = w->of_old ? json_text(json_get(&old, S("attributes"))) : w->row.attributes,
        kept = w->of_old ? json_text(json_get(&old, S("kept"))) : w->row.kept;
    r->properties = parsed(properties, w->a, JSON_OBJECT);
    r->attributes = parsed(attributes, w->a, JSON_OBJECT);
    r->kept = parsed(kept, w->a, JSON_NULL);
}

static void put_old(Work *w, const StackResourceRow *row, bool replaced)
{
    w->row.old = old_with(w->a, w->row.old, row, replaced);
}

/* The properties are kept as they are before dynamic references were looked up: no secret is. */
static void give_thing(Work *w, const Json *properties)
{
    Resource *r = &w->r;
    w->row.physical = r->physical;
    if (properties) w->row.properties = json_to_str(w->a, properties);
    w->row.attributes = text_of(w->a, &r->attributes);
    w->row.kept = text_of(w->a, &r->kept);
}

/* Without the aws:cloudformation:... ones: the services here take no tag of that prefix. */
static Json tags_of(Work *w)
{
    const Json *own = json_get(&w->plan.facts, S("Tags"));
    return own ? *own : (Json){.type = JSON_ARRAY};
}

static void fill(Work *w, ResourceDoing doing)
{
    w->r.s = w->s;
    w->r.a = w->a;
    w->r.now = w->s->now;
    w->r.account = w->stack->account;
    w->r.region = w->stack->region;
    w->r.who = stack_identity(w->stack, w->a);
    w->r.stack_id = w->stack->id;
    w->r.stack_name = w->stack->name;
    w->r.logical = w->row.name;
    w->r.type = w->row.type;
    w->r.token = w->row.token;
    w->r.doing = doing;
    w->r.tags = tags_of(w);
}

/* ---- properties ---- */

static bool listed(const char *list, Str word)
{
    Str rest = str_from(list), part;
    while (rest.n && str_cut(&rest, ' ', &part))
        if (str_eq(part, word) || str_eq(part, S("*"))) return true;
    return false;
}

static bool check_properties(Work *w, const Json *properties, Error *err)
{
    Str required = str_from(w->type->required), part;
    while (required.n && str_cut(&required, ' ', &part))
        if (!json_get(properties, part))
            return error_set(err, ERR_VALIDATION,
                             "Properties validation failed for resource %.*s with message: #: "
                             "required key [%.*s] not found",
                             STR(w->row.name), STR(part));
    for (int32_t i = 0; w->type->properties && i < json_count(properties); i++)
        if (!listed(w->type->properties, properties->members[i].key))
            return error_set(err, ERR_VALIDATION,
                             "Properties validation failed for resource %.*s with message: #: "
                             "extraneous key [%.*s] is not permitted",
                             STR(w->row.name), STR(properties->members[i].key));
    return true;
}

/* *shown: as kept; the resource gets them with dynamic references looked up. */
static bool make_properties(Work *w, Json *shown, Error *err)
{
    static const Json none = {.type = JSON_OBJECT};
    const TemplateResource *t = template_resource(&w->plan.t, w->row.name);
    check(t);
    w->plan.imports = true;
    const Json *creation = json_get(t->body, S("CreationPolicy"));
    if (creation && !intrinsic_resolve(&w->plan.scope, creation, &w->r.creation, err)) return false;
    return intrinsic_resolve(&w->plan.scope, t->properties ? t->properties : &none, shown, err) &&
           check_properties(w, shown, err) && stack_dynamic(&w->plan, shown, &w->r.properties, err);
}

static bool must_replace(Work *w, const Json *was, const Json *is)
{
    if (!w->type->update) return true;
    for (int32_t side = 0; side < 2; side++) {
        const Json *v = side ? was : is;
        for (int32_t i = 0; i < json_count(v); i++) {
            Str name = v->members[i].key;
            const Json *x = json_get(was, name), *y = json_get(is, name);
            if (x && y && json_eq(x, y)) continue;
            if (listed(w->type->replace, name) ||
                (w->type->replaces && w->type->replaces(x, y, name)))
                return true;
        }
    }
    return false;
}

/* ---- asking the type ---- */

/* What a failed operation wrote is undone, and it has no physical id. */
static ResourceEnd ask(Work *w, ResourceFn *fn, Error *err)
{
    Resource before = w->r;
    AfterCommit **part = event_part_begin(w->s);
    ResourceEnd end = fn(&w->r, err);
    (void)event_part_end(w->s, part, end != RESOURCE_FAILED);
    if (end == RESOURCE_FAILED) w->r = before;
    return end;
}

static void begin_waiting(Work *w)
{
    w->row.waiting = true;
    w->row.wait_service = w->r.wait_service;
    w->row.wait_id = w->r.wait_id;
    if (w->r.wait_until)
        timer_set(w->s->db, S("stack-resource"),
                  str_printf(w->a, "%" PRId64 "/%.*s", w->row.stack, STR(w->row.name)),
                  w->r.wait_until);
}

static void end_waiting(Work *w)
{
    w->row.waiting = false;
    w->row.wait_service = w->row.wait_id = (Str){0};
}

/* ---- forward ---- */

/* An update that ends with another physical id has replaced the resource after all. */
static void note_replacement(Work *w)
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
    put_old(w, &was, true);
}

static ResourceEnd made(Work *w, ResourceEnd end, const char *good, const char *bad,
                        const Error *err)
{
    if (end == RESOURCE_WAITS) begin_waiting(w);
    if (end == RESOURCE_DONE) note_replacement(w);
    if (end == RESOURCE_DONE) tell(w, good, (Str){0});
    if (end == RESOURCE_FAILED) tell(w, bad, reason_of(w, err));
    return end;
}

static ResourceEnd add(Work *w)
{
    Json shown;
    Error err = {0};
    fill(w, RESOURCE_CREATES);
    if (!make_properties(w, &shown, &err))
        return made(w, RESOURCE_FAILED, NULL, "CREATE_FAILED", &err);
    w->row.properties = json_to_str(w->a, &shown);
    ResourceEnd end = ask(w, w->type->create, &err);
    if (end == RESOURCE_FAILED) return made(w, end, NULL, "CREATE_FAILED", &err);
    check(!str_absent(w->r.physical));
    give_thing(w, NULL);
    tell(w, "CREATE_IN_PROGRESS", S("Resource creation Initiated"));
    return made(w, end, "CREATE_COMPLETE", "CREATE_FAILED", &err);
}

static bool tags_differ(Work *w)
{
    Json facts = parsed(w->stack->facts, w->a, JSON_OBJECT);
    const Json *was = json_get(&facts, S("Tags")), *is = json_get(&w->plan.facts, S("Tags"));
    return (json_count(was) || json_count(is)) && (!was || !is || !json_eq(was, is));
}

static ResourceEnd replace(Work *w, const Json *shown, Error *err)
{
    StackResourceRow was = w->row;
    tell(w, "UPDATE_IN_PROGRESS",
         S("Requested update requires the creation of a new physical resource; hence creating "
           "one."));
    put_old(w, &was, true);
    w->r.physical = (Str){0};
    w->r.attributes = (Json){.type = JSON_OBJECT};
    w->r.kept = (Json){0};
    w->r.doing = RESOURCE_CREATES;
    ResourceEnd end = ask(w, w->type->create, err);
    if (end == RESOURCE_FAILED) {
        w->r.physical = was.physical;
        w->row.old = was.old;
        return made(w, end, NULL, "UPDATE_FAILED", err);
    }
    give_thing(w, shown);
    tell(w, "UPDATE_IN_PROGRESS", S("Resource creation Initiated"));
    return made(w, end, "UPDATE_COMPLETE", "UPDATE_FAILED", err);
}

/* The stack's policy. */
static bool may(Work *w, UpdateAction action)
{
    Str why = stack_protects(w->s, w->stack, action, w->row.name, w->row.type);
    if (!str_absent(why)) tell(w, "UPDATE_FAILED", why);
    return str_absent(why);
}

static ResourceEnd change(Work *w)
{
    Json shown, was;
    Error err = {0};
    fill(w, RESOURCE_UPDATES);
    take_thing(w);
    was = w->r.properties;
    bool goes = !template_resource(&w->plan.t, w->row.name); /* stacks.c: it may not be removed */
    if (goes) return (void)may(w, UPDATE_DELETE), RESOURCE_FAILED;
    if (!make_properties(w, &shown, &err)) {
        tell(w, "UPDATE_IN_PROGRESS", (Str){0});
        return made(w, RESOURCE_FAILED, NULL, "UPDATE_FAILED", &err);
    }
    bool same = json_eq(&was, &shown), failed = stack_resource_failed(&w->row);
    if (same && !failed && (!w->type->update || !tags_differ(w))) return RESOURCE_DONE;
    bool replaces = failed || (!same && must_replace(w, &was, &shown));
    if (!may(w, replaces ? UPDATE_REPLACE : UPDATE_MODIFY)) return RESOURCE_FAILED;
    if (replaces) return replace(w, &shown, &err);
    StackResourceRow old = w->row;
    tell(w, "UPDATE_IN_PROGRESS", (Str){0});
    put_old(w, &old, false);
    w->r.before = was;
    ResourceEnd end = ask(w, w->type->update, &err);
    if (end != RESOURCE_FAILED) give_thing(w, &shown);
    return made(w, end, "UPDATE_COMPLETE", "UPDATE_FAILED", &err);
}

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
    put_old(w, &made_now, true);
    w->r.physical = w->row.physical;
    tell(w, failed ? "CREATE_FAILED" : "UPDATE_COMPLETE", (Str){0});
    return RESOURCE_DONE;
}

static ResourceEnd undo(Work *w)
{
    Error err = {0};
    Json old = old_thing(w->a, w->row.old);
    fill(w, RESOURCE_UPDATES);
    take_thing(w);
    bool failed = str_eq(w->row.status, S("UPDATE_FAILED"));
    if (json_is(&old, JSON_NULL)) {
        if (failed) tell(w, "UPDATE_COMPLETE", (Str){0});
        return RESOURCE_DONE;
    }
    if (json_true(json_get(&old, S("replaced")))) return swap(w, &old);
    Json target = parsed(json_text(json_get(&old, S("properties"))), w->a, JSON_OBJECT);
    w->r.before = w->r.properties;
    tell(w, "UPDATE_IN_PROGRESS", (Str){0});
    if (!stack_dynamic(&w->plan, &target, &w->r.properties, &err))
        return made(w, RESOURCE_FAILED, NULL, "UPDATE_FAILED", &err);
    ResourceEnd end = ask(w, w->type->update, &err);
    if (end != RESOURCE_FAILED) {
        give_thing(w, &target);
        w->row.old = old_forget(w->a, w->row.old);
    }
    return made(w, end, "UPDATE_COMPLETE", "UPDATE_FAILED", &err);
}

/* ---- clean ---- */

static void removed(Work *w)
{
    tell_removal(w, "DELETE_COMPLETE", (Str){0});
    if (w->of_old) w->row.old = old_without_next(w->a, w->row.old);
}

/* What the type must remember of the thing in hand. */
static void keep(Work *w)
{
    Str kept = text_of(w->a, &w->r.kept);
    if (w->of_old)
        w->row.old = old_keep_next(w->a, w->row.old, kept);
    else
        w->row.kept = kept;
}

static ResourceEnd remove_thing(Work *w)
{
    Error err = {0};
    fill(w, RESOURCE_REMOVES);
    take_thing(w);
    if (str_absent(w->r.physical)) return removed(w), RESOURCE_DONE;
    tell_removal(w, "DELETE_IN_PROGRESS", (Str){0});
    w->r.doing = RESOURCE_REMOVES;
    ResourceEnd end = w->type->remove ? ask(w, w->type->remove, &err) : RESOURCE_DONE;
    if (end == RESOURCE_WAITS) {
        begin_waiting(w);
        keep(w);
    }
    if (end == RESOURCE_DONE) removed(w);
    if (end == RESOURCE_FAILED) tell_removal(w, "DELETE_FAILED", reason_of(w, &err));
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
    tell_removal(w, "DELETE_SKIPPED", (Str){0});
    w->row.old = old_without_next(w->a, w->row.old);
    return RESOURCE_DONE;
}

/* First what was replaced, then, unless it stays, the thing itself. */
static ResourceEnd clean(Work *w)
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

/* ---- one that waits ---- */

static void ended_well(Work *w)
{
    if (w->life->phase == LIFE_CLEAN) {
        removed(w);
        return;
    }
    give_thing(w, NULL);
    note_replacement(w);
    tell(w, w->item->action == LIFE_ADD ? "CREATE_COMPLETE" : "UPDATE_COMPLETE", (Str){0});
}

static void ended_badly(Work *w, const Error *err)
{
    bool cleaning = w->life->phase == LIFE_CLEAN;
    const char *status = cleaning                      ? "DELETE_FAILED"
                         : w->item->action == LIFE_ADD ? "CREATE_FAILED"
                                                       : "UPDATE_FAILED";
    if (cleaning)
        tell_removal(w, status, reason_of(w, err));
    else
        tell(w, status, reason_of(w, err));
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
    fill(w, doing_of(w));
    take_thing(w);
    check(w->type->look);
    ResourceEnd end = ask(w, w->type->look, &err);
    if (end == RESOURCE_WAITS) {
        begin_waiting(w);
        keep(w);
        return end;
    }
    end_waiting(w);
    if (end == RESOURCE_DONE)
        ended_well(w);
    else
        ended_badly(w, &err);
    return end == RESOURCE_DONE && w->of_old ? clean(w) : end;
}

/* ---- the whole ---- */

static ResourceEnd no_plan(Work *w, const Error *err)
{
    bool cleaning = w->life->phase == LIFE_CLEAN;
    tell(w, cleaning ? "DELETE_FAILED" : "UPDATE_FAILED", reason_of(w, err));
    return RESOURCE_FAILED;
}

static ResourceEnd work(Work *w)
{
    if (w->row.waiting) return look(w);
    w->row.token = server_new_uuid(w->s, w->a);
    switch (w->life->phase) {
    case LIFE_FORWARD: return w->item->action == LIFE_ADD ? add(w) : change(w);
    case LIFE_UNDO: return undo(w);
    case LIFE_CLEAN: return clean(w);
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
    bool next = life->operation == LIFE_UPDATE && life->phase == LIFE_FORWARD;
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
