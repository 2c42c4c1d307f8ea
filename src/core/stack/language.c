/* language.c - Fn::ForEach unrolled, and policies of deletion that are functions made texts. */
#include "core/stack/language.h"

#include "core/stack/intrinsic_inside.h"

/* One item of a loop that is being unrolled. */
typedef struct Loop {
    const struct Loop *outer;
    Str name, item;
    int depth;
} Loop;

typedef struct Language {
    StackScope *s;
    int64_t left; /* of LANGUAGE_VALUES_MAX */
} Language;

#define failed(err, ...) (fail(err, __VA_ARGS__), error_false())
static void fail(Error *err, const char *fmt, ...) printf_like(2, 3);

static void fail(Error *err, const char *fmt, ...)
{
    char text[ERROR_TEXT_MAX];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    error_fill(err, ERR_VALIDATION, "Transform " LANGUAGE_TRANSFORM " failed with: %s", text);
}

/* ---- the item's places ---- */

static const Loop *loop_of(const Loop *loop, Str name)
{
    while (loop && !str_eq(loop->name, name)) loop = loop->outer;
    return loop;
}

static void put_alphanumeric(Buf *b, Str s)
{
    for (int64_t i = 0; i < s.n; i++) {
        char c = s.p[i], letter = c | 0x20;
        if ((letter >= 'a' && letter <= 'z') || (c >= '0' && c <= '9')) buf_putc(b, c);
    }
}

/* The next ${X} or &{X} of a loop's X in *rest, with what stands before it. */
static const Loop *next_place(const Loop *loop, Str rest, int64_t *at, int64_t *end)
{
    for (*at = 0; *at + 2 < rest.n; ++*at) {
        char c = rest.p[*at];
        if ((c != '$' && c != '&') || rest.p[*at + 1] != '{') continue;
        *end = str_find_char(str_slice(rest, *at, rest.n), '}');
        if (*end < 0) return NULL;
        const Loop *found = loop_of(loop, str_slice(rest, *at + 2, *at + *end));
        if (found) return found;
    }
    return NULL;
}

static bool filled(Language *l, const Loop *loop, Str text, Str *out, Error *err)
{
    Buf b = {.a = l->s->a};
    Str rest = text;
    int64_t at, end;
    for (const Loop *found; (found = next_place(loop, rest, &at, &end));) {
        buf_put(&b, str_slice(rest, 0, at));
        if (rest.p[at] == '$')
            buf_put(&b, found->item);
        else
            put_alphanumeric(&b, found->item);
        rest = str_slice(rest, at + end + 1, rest.n);
        if (b.n > l->s->bytes_left) return failed(err, "loops make too much text");
    }
    if (rest.n == text.n) return *out = text, true;
    buf_put(&b, rest);
    l->s->bytes_left -= b.n;
    *out = buf_str(&b);
    return l->s->bytes_left >= 0 || failed(err, "loops make too much text");
}

/* ---- loops ---- */

static bool unrolled(Language *l, const Loop *loop, const Json *v, Json *out, Error *err);

static bool is_loop(Str key)
{
    return str_starts(key, S("Fn::ForEach::")) && key.n > S("Fn::ForEach::").n;
}

static bool collection_of(Language *l, const Loop *loop, Str key, const Json *v, Json *out,
                          Error *err)
{
    Json given;
    Error why = {0};
    if (!unrolled(l, loop, v, &given, err)) return false;
    if (!intrinsic_resolve(l->s, &given, out, &why))
        return failed(err, "%.*s could not resolve its collection: %.*s", STR(key),
                      STR(error_text(&why)));
    bool good = json_is(out, JSON_ARRAY);
    for (int32_t i = 0; good && i < out->n; i++) good = json_is(&out->items[i], JSON_STRING);
    return good || failed(err, "%.*s needs a list of texts as its collection", STR(key));
}

static bool unroll_member(Language *l, const Loop *loop, const JsonMember *m, JsonObject *out,
                          Error *err);

static bool unroll_items(Language *l, const Loop *outer, Str name, const Json *items,
                         const Json *body, JsonObject *out, Error *err)
{
    Loop loop = {.outer = outer, .name = name, .depth = outer ? outer->depth + 1 : 1};
    if (loop.depth > LANGUAGE_DEPTH_MAX)
        return failed(err, "Fn::ForEach is nested more than %d deep", LANGUAGE_DEPTH_MAX);
    for (int32_t i = 0; i < items->n; i++) {
        loop.item = json_text(&items->items[i]);
        if (--l->left < 0) return failed(err, "loops make too many values");
        for (int32_t k = 0; k < body->n; k++)
            if (!unroll_member(l, &loop, &body->members[k], out, err)) return false;
    }
    return true;
}

static bool unroll_loop(Language *l, const Loop *loop, const JsonMember *m, JsonObject *out,
                        Error *err)
{
    const Json *parts = NULL;
    Json items = {0};
    if (!intrinsic_items(&m->value, 3, &parts) || !json_is(&parts[0], JSON_STRING) ||
        !json_is(&parts[2], JSON_OBJECT))
        return failed(err, "%.*s layout is incorrect", STR(m->key));
    Str name = json_text(&parts[0]);
    if (loop_of(loop, name) || template_parameter(l->s->t, name))
        return failed(err, "%.*s: the identifier %.*s is in use", STR(m->key), STR(name));
    return collection_of(l, loop, m->key, &parts[1], &items, err) &&
           unroll_items(l, loop, name, &items, &parts[2], out, err);
}

static bool unroll_member(Language *l, const Loop *loop, const JsonMember *m, JsonObject *out,
                          Error *err)
{
    Str key = {0};
    Json value = {0};
    if (is_loop(m->key)) return unroll_loop(l, loop, m, out, err);
    if (!filled(l, loop, m->key, &key, err) || !unrolled(l, loop, &m->value, &value, err))
        return false;
    if (loop && l->left < 0) return failed(err, "loops make too many values");
    json_put(out, key, value);
    return true;
}

static bool unroll_array(Language *l, const Loop *loop, const Json *v, Json *out, Error *err)
{
    JsonArray list = {.a = l->s->a};
    for (int32_t i = 0; i < v->n; i++) {
        Json item;
        if (!unrolled(l, loop, &v->items[i], &item, err)) return false;
        json_add(&list, item);
    }
    *out = json_array(&list);
    return true;
}

static bool unrolled(Language *l, const Loop *loop, const Json *v, Json *out, Error *err)
{
    Str text;
    if (loop && --l->left < 0) return failed(err, "loops make too many values");
    if (json_is(v, JSON_STRING)) {
        if (!filled(l, loop, json_text(v), &text, err)) return false;
        return *out = json_string(text), true;
    }
    if (json_is(v, JSON_ARRAY)) return unroll_array(l, loop, v, out, err);
    if (!json_is(v, JSON_OBJECT)) return *out = *v, true;
    const Loop *of = v->n == 1 && str_eq(v->members[0].key, S("Ref"))
                         ? loop_of(loop, json_text(&v->members[0].value))
                         : NULL;
    if (of) return *out = json_string(of->item), true;
    JsonObject object = {.a = l->s->a};
    for (int32_t i = 0; i < v->n; i++)
        if (!unroll_member(l, loop, &v->members[i], &object, err)) return false;
    *out = json_object(&object);
    return true;
}

/* Two items may give one key, which would lose a resource. */
static bool keys_differ(const Json *section, Error *err)
{
    if (json_count(section) > LANGUAGE_MEMBERS_MAX)
        return failed(err, "a section has more than %d members", LANGUAGE_MEMBERS_MAX);
    for (int32_t i = 0; i < json_count(section); i++)
        for (int32_t k = 0; k < i; k++)
            if (str_eq(section->members[i].key, section->members[k].key))
                return failed(err, "Fn::ForEach makes %.*s more than once",
                              STR(section->members[i].key));
    return true;
}

/* ---- policies of deletion ---- */

static bool settle_policy(Language *l, Str resource, Json *out, Error *err)
{
    Json value;
    Error why = {0};
    if (!intrinsic_resolve(l->s, out, &value, &why))
        return failed(err, "the policy of %.*s cannot be told: %.*s", STR(resource),
                      STR(error_text(&why)));
    *out = value;
    return json_is(out, JSON_STRING) || failed(err, "the policy of %.*s is no text", STR(resource));
}

static bool settle_resource(Language *l, const JsonMember *m, JsonObject *out, Error *err)
{
    JsonObject o = {.a = l->s->a};
    for (int32_t i = 0; i < json_count(&m->value); i++) {
        JsonMember part = m->value.members[i];
        bool policy =
            str_eq(part.key, S("DeletionPolicy")) || str_eq(part.key, S("UpdateReplacePolicy"));
        if (policy && json_is(&part.value, JSON_OBJECT) &&
            !settle_policy(l, m->key, &part.value, err))
            return false;
        json_put(&o, part.key, part.value);
    }
    json_put(out, m->key, json_is(&m->value, JSON_OBJECT) ? json_object(&o) : m->value);
    return true;
}

static bool settle_policies(Language *l, const Json *root, Json *out, Error *err)
{
    JsonObject whole = {.a = l->s->a}, resources = {.a = l->s->a};
    const Json *section = json_get(root, S("Resources"));
    for (int32_t i = 0; json_is(section, JSON_OBJECT) && i < section->n; i++)
        if (!settle_resource(l, &section->members[i], &resources, err)) return false;
    for (int32_t i = 0; i < root->n; i++) {
        bool here = str_eq(root->members[i].key, S("Resources")) && json_is(section, JSON_OBJECT);
        json_put(&whole, root->members[i].key,
                 here ? json_object(&resources) : root->members[i].value);
    }
    *out = json_object(&whole);
    return true;
}

/* ---- the template ---- */

static bool unroll_sections(Language *l, const Json *root, Json *out, Error *err)
{
    JsonObject o = {.a = l->s->a};
    for (int32_t i = 0; i < root->n; i++) {
        const JsonMember *m = &root->members[i];
        bool looping = str_eq(m->key, S("Resources")) || str_eq(m->key, S("Outputs")) ||
                       str_eq(m->key, S("Conditions"));
        Json value = m->value;
        if (looping && !unrolled(l, NULL, &m->value, &value, err)) return false;
        if (looping && !keys_differ(&value, err)) return false;
        json_put(&o, m->key, value);
    }
    *out = json_object(&o);
    return true;
}

bool language_transform(StackScope *s, const Json *root, Json *out, Error *err)
{
    Language l = {.s = s, .left = LANGUAGE_VALUES_MAX};
    Json flat;
    return unroll_sections(&l, root, &flat, err) && settle_policies(&l, &flat, out, err);
}
