/* recipe_read.c - resources as they are now, read by the calls of their recipes, for drift. */
#include "app/resources/recipe.h"
#include "core/stack/drift.h"

/* ---- calls ---- */

static bool ask(const RecipeScope *s, const RecipeRead *read, Json *out, Error *err)
{
    Json in;
    RecipeCall c = {.operation = read->operation, .members = read->members};
    return recipe_input(s, &c, &in, err) &&
           resource_call(s->r, str_from(s->recipe->service), str_from(c.operation), in, out, err);
}

/* "logGroups.logGroupName={id}" */
static const Json *item_of(const RecipeScope *s, Str said, const Json *answer)
{
    Str path, member, wanted;
    check(str_cut(&said, '=', &path) && recipe_text(s, said, &wanted));
    int64_t dot = str_find_char(path, '.');
    member = str_slice(path, dot + 1, path.n);
    const Json *list = recipe_find(str_slice(path, 0, dot), answer);
    for (int32_t i = 0; json_is(list, JSON_ARRAY) && i < list->n; i++)
        if (str_eq(json_text(json_get(&list->items[i], member)), wanted)) return &list->items[i];
    return NULL;
}

/* ---- what an answer gives ---- */

static Json member_of_each(Arena *a, const Json *list, Str member)
{
    JsonArray out = {.a = a};
    for (int32_t i = 0; json_is(list, JSON_ARRAY) && i < list->n; i++) {
        const Json *v = recipe_find(member, &list->items[i]);
        if (v) json_add(&out, *v);
    }
    return json_array(&out);
}

/* Null: nothing is there. */
static Json value_at(const RecipeScope *s, Str path, const Json *answer)
{
    Str text;
    int64_t hash = str_find_char(path, '#');
    if (str_find_char(path, '{') >= 0)
        return recipe_text(s, path, &text) ? json_string(text) : (Json){0};
    if (hash >= 0) {
        const Json *list = recipe_find(str_slice(path, 0, hash), answer);
        return member_of_each(s->r->a, list, str_slice(path, hash + 1, path.n));
    }
    const Json *v = str_eq(path, S(".")) ? answer : recipe_find(path, answer);
    return v ? *v : (Json){0};
}

/* Tags of the stack, and those that only AWS may set, are no drift of the resource. */
static Json own_tags(const Resource *r, const Json *expected, const Json *tags)
{
    JsonArray list = {.a = r->a};
    for (int32_t i = 0; i < json_count(tags); i++) {
        const Json *tag = &tags->items[i];
        Str key = json_text(json_get(tag, S("Key")));
        bool ours = str_starts(key, S("aws:"));
        for (int32_t k = 0; k < json_count(&r->tags); k++)
            ours |= str_eq(key, json_text(json_get(&r->tags.items[k], S("Key"))));
        for (int32_t k = 0; k < json_count(expected); k++)
            if (str_eq(key, json_text(json_get(&expected->items[k], S("Key"))))) ours = false;
        if (!ours) json_add(&list, *tag);
    }
    return json_array(&list);
}

static Json tags_of(const Resource *r, const Json *expected, const Json *actual)
{
    JsonArray one = {.a = r->a};
    JsonObject tag = {.a = r->a};
    json_put_text(&tag, S("Key"), S(""));
    json_put_text(&tag, S("Value"), S(""));
    json_add(&one, json_object(&tag));
    Json list_form = json_array(&one), list = drift_like(&list_form, actual, true, r->a);
    Json wanted =
        json_is(expected, JSON_OBJECT) ? drift_like(&list_form, expected, true, r->a) : *expected;
    list = own_tags(r, &wanted, &list);
    if (!list.n) return (Json){0};
    return drift_like(expected, &list, true, r->a);
}

static void give(const RecipeScope *s, Str word, const Json *answer, JsonObject *out)
{
    Str name;
    Resource *r = s->r;
    bool whole = str_starts(word, S("+"));
    if (whole) word = str_slice(word, 1, word.n);
    check(str_cut(&word, '=', &name));
    const Json *expected = resource_property(r, name);
    if (!expected) return;
    Json v = answer ? value_at(s, word.n ? word : name, answer) : (Json){0};
    if (!json_is(&v, JSON_NULL) && s->recipe->reshape) v = s->recipe->reshape(name, &v, r->a);
    if (!json_is(&v, JSON_NULL))
        v = str_eq(name, S("Tags")) ? tags_of(r, expected, &v)
                                    : drift_like(expected, &v, whole, r->a);
    json_put(out, name, v);
}

static bool wanted(const Resource *r, const char *gives)
{
    Str rest = str_from(gives), word, name;
    while (recipe_word(&rest, &word)) {
        if (str_starts(word, S("+"))) word = str_slice(word, 1, word.n);
        check(str_cut(&word, '=', &name));
        if (resource_property(r, name)) return true;
    }
    return false;
}

static ResourceReading read_one(const RecipeScope *s, const RecipeRead *read, JsonObject *out,
                                Error *err)
{
    Json answer;
    Error why = {0};
    bool good = ask(s, read, &answer, &why);
    if (!good && !resource_gone(s->r)) return *err = why, RESOURCE_UNREAD;
    const Json *thing = !good        ? NULL
                        : read->item ? item_of(s, str_from(read->item), &answer)
                                     : &answer;
    Str rest = str_from(read->gives), word;
    while (recipe_word(&rest, &word)) give(s, word, thing, out);
    return thing ? RESOURCE_READ : RESOURCE_GONE;
}

ResourceReading recipe_read(Resource *r, Json *out, Error *err)
{
    const ResourceType *type = resource_type(r->type);
    JsonObject o = {.a = r->a};
    check(type && type->recipe && type->recipe->reads);
    RecipeScope s = {.r = r, .recipe = type->recipe, .properties = r->properties};
    for (const RecipeRead *read = type->recipe->reads; read->operation; read++) {
        bool first = read == type->recipe->reads;
        if (!first && !wanted(r, read->gives)) continue;
        ResourceReading end = read_one(&s, read, &o, err);
        if (end == RESOURCE_UNREAD || (first && end == RESOURCE_GONE)) return end;
    }
    *out = json_object(&o);
    return RESOURCE_READ;
}

/* ---- importing ---- */

/* Of a URL or an ARN the last part. */
static Str name_of(Resource *r, const Recipe *recipe)
{
    Str given = recipe->name ? resource_text(r, str_from(recipe->name)) : (Str){0};
    bool arn = str_starts(r->physical, S("arn:"));
    int64_t at = r->physical.n;
    if (!str_absent(given)) return given;
    if (!arn && !str_starts(r->physical, S("http"))) return r->physical;
    while (at > 0 && r->physical.p[at - 1] != (arn ? ':' : '/')) at--;
    return str_slice(r->physical, at, r->physical.n);
}

ResourceEnd recipe_import(Resource *r, Error *err)
{
    Json answer;
    Error why = {0};
    JsonObject kept = {.a = r->a};
    const ResourceType *type = resource_type(r->type);
    const Recipe *recipe = type->recipe;
    RecipeScope s = {.r = r, .recipe = recipe, .properties = r->properties};
    json_put_text(&kept, S("name"), name_of(r, recipe));
    r->kept = json_object(&kept);
    bool good = ask(&s, recipe->reads, &answer, &why);
    const Json *thing = !good                 ? NULL
                        : recipe->reads->item ? item_of(&s, str_from(recipe->reads->item), &answer)
                                              : &answer;
    if (!good && !resource_gone(r)) return *err = why, RESOURCE_FAILED;
    if (!thing) {
        error_set(err, ERR_VALIDATION,
                  "Resource of type '%.*s' with identifier '%.*s' was not found.", STR(r->type),
                  STR(r->physical));
        return RESOURCE_FAILED;
    }
    s.out = *thing;
    recipe_attributes(&s, recipe->found ? recipe->found : recipe->attributes);
    return RESOURCE_DONE;
}

ResourceReading recipe_read_declared(Resource *r, Json *out, Error *err)
{
    (void)err;
    *out = r->properties;
    return RESOURCE_READ;
}
