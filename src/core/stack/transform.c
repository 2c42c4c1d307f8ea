/* transform.c - which transforms a template names, includes put in their places, and the others run. */
#include "core/stack/transform.h"

#include "core/stack/intrinsic_inside.h"
#include "core/stack/language.h"
#include "core/stack/sam.h"

#define INCLUDE "AWS::Include"

typedef struct Includes {
    StackScope *s;
    TransformIncludeFn *fetch;
    void *state;
    int left;
} Includes;

static Str name_of(const Json *transform)
{
    return json_is(transform, JSON_OBJECT) ? json_text(json_get(transform, S("Name")))
                                           : json_text(transform);
}

static bool unknown_transform(Str name, Error *err)
{
    return error_set(err, ERR_VALIDATION, "No transform named %.*s found.", STR(name));
}

/* ---- AWS::Include ---- */

static bool included(Includes *n, const Json *transform, Json *out, Error *err)
{
    Json location;
    const Json *given = json_get(json_get(transform, S("Parameters")), S("Location"));
    Str name = name_of(transform);
    if (!str_eq(name, S(INCLUDE))) return unknown_transform(name, err);
    if (--n->left < 0)
        return error_set(err, ERR_VALIDATION,
                         "Transform " INCLUDE " failed with: more than %d includes",
                         TRANSFORM_INCLUDES_MAX);
    if (!given || !intrinsic_resolve(n->s, given, &location, err)) location = (Json){0};
    if (!json_is(&location, JSON_STRING) || !str_starts(json_text(&location), S("s3://")))
        return error_set(err, ERR_VALIDATION,
                         "Transform " INCLUDE " failed with: The location parameter is not a "
                         "valid S3 uri.");
    if (!n->fetch) return unknown_transform(name, err);
    return n->fetch(n->state, json_text(&location), out, err);
}

static bool with_includes(Includes *n, const Json *v, Json *out, Error *err);

/* What is included stands beside the other members; alone it may be anything. */
static bool include_member(Includes *n, const JsonMember *m, int32_t of, JsonObject *out,
                           Json *alone, Error *err)
{
    Json v;
    if (!str_eq(m->key, S("Fn::Transform"))) {
        if (!with_includes(n, &m->value, &v, err)) return false;
        return json_put(out, m->key, v), true;
    }
    if (!included(n, &m->value, &v, err)) return false;
    if (of == 1) *alone = v;
    if (of > 1 && !json_is(&v, JSON_OBJECT))
        return error_set(err, ERR_VALIDATION,
                         "Transform " INCLUDE " failed with: what is included beside other members "
                         "is not a map");
    for (int32_t i = 0; json_is(&v, JSON_OBJECT) && i < v.n; i++)
        json_put(out, v.members[i].key, v.members[i].value);
    return true;
}

static bool include_members(Includes *n, const Json *v, Json *out, Error *err)
{
    JsonObject o = {.a = n->s->a};
    Json alone = {0};
    for (int32_t i = 0; i < v->n; i++)
        if (!include_member(n, &v->members[i], v->n, &o, &alone, err)) return false;
    bool only = v->n == 1 && str_eq(v->members[0].key, S("Fn::Transform"));
    *out = only ? alone : json_object(&o);
    return true;
}

static bool with_includes(Includes *n, const Json *v, Json *out, Error *err)
{
    JsonArray list = {.a = n->s->a};
    if (json_is(v, JSON_OBJECT)) return include_members(n, v, out, err);
    if (!json_is(v, JSON_ARRAY)) return *out = *v, true;
    for (int32_t i = 0; i < v->n; i++) {
        Json item;
        if (!with_includes(n, &v->items[i], &item, err)) return false;
        json_add(&list, item);
    }
    *out = json_array(&list);
    return true;
}

static bool has_place(const Json *v)
{
    bool found = json_get(v, S("Fn::Transform")) != NULL;
    for (int32_t i = 0; i < json_count(v) && !found; i++)
        found = has_place(v->type == JSON_ARRAY ? &v->items[i] : &v->members[i].value);
    return found;
}

/* ---- of the whole template ---- */

/* An include of the whole is as if its members stood at the top; those of the template win. */
static bool include_top(Includes *n, const Json *transform, Json *root, Error *err)
{
    Json v;
    JsonObject o = {.a = n->s->a};
    if (!included(n, transform, &v, err)) return false;
    for (int32_t i = 0; i < root->n; i++)
        json_put(&o, root->members[i].key, root->members[i].value);
    for (int32_t i = 0; json_is(&v, JSON_OBJECT) && i < v.n; i++)
        if (!json_get(root, v.members[i].key)) json_put(&o, v.members[i].key, v.members[i].value);
    *root = json_object(&o);
    return true;
}

static const Json *transform_at(const Json *root, int32_t i)
{
    const Json *v = json_get(root, S("Transform"));
    if (json_is(v, JSON_ARRAY)) return json_at(v, i);
    return i == 0 && !json_is(v, JSON_NULL) ? v : NULL;
}

static bool named(const Json *root, const char *name)
{
    bool found = false;
    const Json *one;
    for (int32_t i = 0; (one = transform_at(root, i)); i++)
        found |= str_eq(name_of(one), str_from(name));
    return found;
}

static bool take_includes(Includes *n, Json *root, Error *err)
{
    const Json given = *root, *one;
    for (int32_t i = 0; (one = transform_at(&given, i)); i++) {
        Str name = name_of(one);
        if (str_eq(name, S(LANGUAGE_TRANSFORM)) || str_eq(name, S(SAM_TRANSFORM))) continue;
        if (!include_top(n, one, root, err)) return false;
    }
    return !has_place(root) || with_includes(n, root, root, err);
}

static Json without_transforms(Arena *a, const Json *root)
{
    JsonObject o = {.a = a};
    for (int32_t i = 0; i < root->n; i++)
        if (!str_eq(root->members[i].key, S("Transform")))
            json_put(&o, root->members[i].key, root->members[i].value);
    return json_object(&o);
}

bool template_has_transforms(const Json *root)
{
    return transform_at(root, 0) || has_place(root);
}

bool template_transform(StackScope *s, TransformIncludeFn *include, void *state, const Json *root,
                        Json *out, Error *err)
{
    Json made = *root;
    Includes n = {s, include, state, TRANSFORM_INCLUDES_MAX};
    if (!template_has_transforms(root)) return *out = *root, true;
    if (!take_includes(&n, &made, err)) return false;
    if (named(root, LANGUAGE_TRANSFORM) && !language_transform(s, &made, &made, err)) return false;
    if (named(root, SAM_TRANSFORM) && !sam_transform(&made, s->parameters, s->a, &made, err))
        return false;
    *out = without_transforms(s->a, &made);
    return true;
}
