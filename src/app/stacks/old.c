/* old.c - the JSON of what updates leave behind. */
#include "app/stacks/old.h"

static Json parsed(Arena *a, Str old)
{
    Json v;
    Error err = {0};
    if (str_absent(old) || !json_parse(old, a, &v, &err)) return (Json){.type = JSON_NULL};
    return v;
}

static Json of_row(Arena *a, const StackResourceRow *row)
{
    JsonObject o = {.a = a};
    json_put_text(&o, S("physical"), row->physical);
    json_put_text(&o, S("properties"), row->properties);
    json_put_text(&o, S("attributes"), row->attributes);
    json_put_text(&o, S("kept"), row->kept);
    if (stack_resource_failed(row)) json_put_text(&o, S("status"), row->status);
    return json_object(&o);
}

/* `top` NULL: not touched. Absent when nothing is left to be said. */
static Str written(Arena *a, const Json *top, const bool *replaced, const Json *earlier)
{
    JsonObject o = {.a = a};
    for (int32_t i = 0; top && i < json_count(top); i++)
        if (!str_eq(top->members[i].key, S("earlier")) &&
            !str_eq(top->members[i].key, S("replaced")))
            json_put(&o, top->members[i].key, top->members[i].value);
    if (top) json_put(&o, S("replaced"), json_bool(*replaced));
    if (json_count(earlier)) json_put(&o, S("earlier"), *earlier);
    Json v = json_object(&o);
    return v.n ? json_to_str(a, &v) : (Str){0};
}

Str old_with(Arena *a, Str old, const StackResourceRow *thing, bool replaced)
{
    Json v = parsed(a, old), top = of_row(a, thing);
    return written(a, &top, &replaced, json_get(&v, S("earlier")));
}

Json old_thing(Arena *a, Str old)
{
    Json v = parsed(a, old);
    return json_get(&v, S("replaced")) ? v : (Json){.type = JSON_NULL};
}

Str old_forget(Arena *a, Str old)
{
    Json v = parsed(a, old);
    return written(a, NULL, NULL, json_get(&v, S("earlier")));
}

static bool is_replaced(const Json *v)
{
    return json_true(json_get(v, S("replaced")));
}

/* The earlier ones but the first `skip`, and before them `first`. */
static Json listed(Arena *a, const Json *first, const Json *earlier, int32_t skip)
{
    JsonArray list = {.a = a};
    if (first) json_add(&list, *first);
    for (int32_t i = skip; i < json_count(earlier); i++) json_add(&list, earlier->items[i]);
    return json_array(&list);
}

static Json bare(Arena *a, const Json *v)
{
    JsonObject o = {.a = a};
    for (int32_t i = 0; i < json_count(v); i++)
        if (!str_eq(v->members[i].key, S("earlier")))
            json_put(&o, v->members[i].key, v->members[i].value);
    return json_object(&o);
}

Str old_set_aside(Arena *a, Str old)
{
    Json v = parsed(a, old), thing = bare(a, &v);
    if (!is_replaced(&v)) return old_forget(a, old);
    Json earlier = listed(a, &thing, json_get(&v, S("earlier")), 0);
    return written(a, NULL, NULL, &earlier);
}

bool old_next(Arena *a, Str old, Json *thing)
{
    Json v = parsed(a, old);
    const Json *earlier = json_get(&v, S("earlier"));
    if (!is_replaced(&v) && !json_count(earlier)) return false;
    *thing = is_replaced(&v) ? bare(a, &v) : earlier->items[0];
    return true;
}

Str old_without_next(Arena *a, Str old)
{
    Json v = parsed(a, old);
    Json earlier = listed(a, NULL, json_get(&v, S("earlier")), is_replaced(&v) ? 0 : 1);
    return written(a, NULL, NULL, &earlier);
}

static Json kept_in(Arena *a, const Json *thing, Str kept)
{
    JsonObject o = {.a = a};
    for (int32_t i = 0; i < json_count(thing); i++)
        if (!str_eq(thing->members[i].key, S("kept")))
            json_put(&o, thing->members[i].key, thing->members[i].value);
    json_put_text(&o, S("kept"), kept);
    return json_object(&o);
}

Str old_keep_next(Arena *a, Str old, Str kept)
{
    Json next, v = parsed(a, old);
    const Json *earlier = json_get(&v, S("earlier"));
    bool replaced = is_replaced(&v);
    if (!old_next(a, old, &next)) return old;
    Json thing = kept_in(a, &next, kept);
    if (replaced) return written(a, &thing, &replaced, earlier);
    Json list = listed(a, &thing, earlier, 1);
    return written(a, NULL, NULL, &list);
}
