/* tags.c - tags of resources: changed, and turned from one form into the other. */
#include "api/tags.h"

static Str part(const Json *tag, Str large, Str small)
{
    const Json *v = json_get(tag, large);
    return json_text(v ? v : json_get(tag, small));
}

/* Of a tag, or of a key alone. */
static Str key_of(const Json *item)
{
    return json_is(item, JSON_OBJECT) ? part(item, S("Key"), S("key")) : json_text(item);
}

static bool names(const Json *tags, Str key)
{
    if (tags && json_is(tags, JSON_OBJECT)) return json_get(tags, key) != NULL;
    for (int32_t i = 0; i < json_count(tags); i++)
        if (str_eq(key_of(&tags->items[i]), key)) return true;
    return false;
}

static void put_all(JsonObject *o, const Json *list)
{
    for (int32_t i = 0; i < json_count(list); i++)
        json_put(o, key_of(&list->items[i]),
                 json_string(part(&list->items[i], S("Value"), S("value"))));
}

static Json change_map(Arena *a, const Json *old, const Json *gone, const Json *added)
{
    JsonObject o = {.a = a};
    for (int32_t i = 0; i < json_count(old); i++)
        if (!names(gone, old->members[i].key))
            json_put(&o, old->members[i].key, old->members[i].value);
    if (added && !json_is(added, JSON_OBJECT))
        put_all(&o, added);
    else
        for (int32_t i = 0; i < json_count(added); i++)
            json_put(&o, added->members[i].key, added->members[i].value);
    return json_object(&o);
}

static Json change_list(Arena *a, const Json *old, const Json *gone, const Json *added)
{
    JsonArray list = {.a = a};
    for (int32_t i = 0; i < json_count(old); i++)
        if (!names(gone, key_of(&old->items[i]))) json_add(&list, old->items[i]);
    for (int32_t i = 0; i < json_count(added); i++) json_add(&list, added->items[i]);
    return json_array(&list);
}

Json tags_change(Arena *a, Str kept, const Json *gone, const Json *added)
{
    Json old = {0};
    Error err = {0};
    if (!str_absent(kept)) check(json_parse(kept, a, &old, &err));
    return json_is(&old, JSON_OBJECT) ? change_map(a, &old, gone, added)
                                      : change_list(a, &old, gone, added);
}

Json tags_map(Arena *a, const Json *list)
{
    JsonObject o = {.a = a};
    put_all(&o, list);
    return json_object(&o);
}

Json tags_list(Arena *a, const Json *map)
{
    JsonArray list = {.a = a};
    for (int32_t i = 0; i < json_count(map); i++) {
        JsonObject tag = {.a = a};
        json_put_text(&tag, S("Key"), map->members[i].key);
        json_put(&tag, S("Value"), map->members[i].value);
        json_add(&list, json_object(&tag));
    }
    return json_array(&list);
}
