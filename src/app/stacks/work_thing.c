/* work_thing.c - the resource in hand: its properties made, its type asked, what came of it put into its row. */
#include "app/stacks/work_inside.h"
#include "app/turn.h"
#include "store/timers.h"

Json work_parsed(Str text, Arena *a, JsonType otherwise)
{
    Json v;
    Error err = {0};
    if (str_absent(text) || !json_parse(text, a, &v, &err)) return (Json){.type = otherwise};
    return v;
}

Str work_text(Arena *a, const Json *v)
{
    return json_is(v, JSON_NULL) ? (Str){0} : json_to_str(a, v);
}

/* ---- telling ---- */

void work_tell(Work *w, const char *status, Str reason)
{
    w->row.status = str_from(status);
    w->row.reason = reason;
    w->row.at = w->s->now;
    w->row.drift = (Str){0}; /* of what it was before */
    stacks_tell(w->s, w->stack, &w->row, w->r.physical, w->row.status, reason);
}

/* An old thing's removal is told of, and is not the resource's status. */
void work_tell_removal(Work *w, const char *status, Str reason)
{
    if (w->of_old)
        stacks_tell(w->s, w->stack, &w->row, w->r.physical, str_from(status), reason);
    else
        work_tell(w, status, reason);
}

Str work_reason(Work *w, const Error *err)
{
    return str_copy(w->a, error_text(err));
}

/* ---- the resource in hand ---- */

void work_take(Work *w)
{
    Json old = {0};
    Resource *r = &w->r;
    if (w->of_old) check(old_next(w->a, w->row.old, &old));
    r->physical = w->of_old ? json_text(json_get(&old, S("physical"))) : w->row.physical;
    Str properties = w->of_old ? json_text(json_get(&old, S("properties"))) : w->row.properties,
        attributes = w->of_old ? json_text(json_get(&old, S("attributes"))) : w->row.attributes,
        kept = w->of_old ? json_text(json_get(&old, S("kept"))) : w->row.kept;
    r->properties = work_parsed(properties, w->a, JSON_OBJECT);
    r->attributes = work_parsed(attributes, w->a, JSON_OBJECT);
    r->kept = work_parsed(kept, w->a, JSON_NULL);
}

void work_put_old(Work *w, const StackResourceRow *row, bool replaced)
{
    w->row.old = old_with(w->a, w->row.old, row, replaced);
}

/* The properties are kept as they are before dynamic references were looked up: no secret is. */
void work_give(Work *w, const Json *properties)
{
    Resource *r = &w->r;
    w->row.physical = r->physical;
    if (properties) w->row.properties = json_to_str(w->a, properties);
    w->row.attributes = work_text(w->a, &r->attributes);
    w->row.kept = work_text(w->a, &r->kept);
}

/* Without the aws:cloudformation:... ones: the services here take no tag of that prefix. */
static Json tags_of(Work *w)
{
    const Json *own = json_get(&w->plan.facts, S("Tags"));
    return own ? *own : (Json){.type = JSON_ARRAY};
}

void work_fill(Work *w, ResourceDoing doing)
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
bool work_properties(Work *w, Json *shown, Error *err)
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

bool work_must_replace(Work *w, const Json *was, const Json *is)
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

/* A creation that failed after it began may have named its thing: it is removed by that name. */
ResourceEnd work_ask(Work *w, ResourceFn *fn, Error *err)
{
    Resource before = w->r;
    AfterCommit **part = event_part_begin(w->s);
    ResourceEnd end = fn(&w->r, err);
    (void)event_part_end(w->s, part, end != RESOURCE_FAILED);
    Str physical = w->r.physical;
    bool names = w->item->action == LIFE_ADD && fn == w->type->look;
    if (end == RESOURCE_FAILED) w->r = before;
    if (end == RESOURCE_FAILED && names) w->r.physical = physical;
    return end;
}

void work_begin_waiting(Work *w)
{
    w->row.waiting = true;
    w->row.wait_service = w->r.wait_service;
    w->row.wait_id = w->r.wait_id;
    if (w->r.wait_until)
        timer_set(w->s->db, S("stack-resource"),
                  str_printf(w->a, "%" PRId64 "/%.*s", w->row.stack, STR(w->row.name)),
                  w->r.wait_until);
}

void work_end_waiting(Work *w)
{
    w->row.waiting = false;
    w->row.wait_service = w->row.wait_id = (Str){0};
}
