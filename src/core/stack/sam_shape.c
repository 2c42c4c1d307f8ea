/* sam_shape.c - the values that the SAM transform writes: shapes with places, references, tags, locations. */
#include <openssl/evp.h>

#include "base/encode.h"
#include "core/stack/sam_inside.h"

void sam_error_fill(Error *err, const char *fmt, ...)
{
    char text[ERROR_TEXT_MAX];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    error_fill(err, ERR_VALIDATION, "%s", text);
}

const Json *sam_keep(Arena *a, Json v)
{
    Json *kept = new (a, Json);
    *kept = v;
    return kept;
}

/* ---- shapes ---- */

typedef struct Shape {
    Arena *a;
    const Json *const *values;
    int n;
} Shape;

/* -1: a value of its own. */
static int place_of(const Json *v)
{
    Str text = json_text(v);
    bool place = json_is(v, JSON_STRING) && text.n == 2 && text.p[0] == '@';
    return place ? text.p[1] - '1' : -1;
}

static bool filled(const Shape *s, const Json *v, Json *out);

static Json filled_items(const Shape *s, const Json *v)
{
    JsonArray array = {.a = s->a};
    Json item = {0};
    for (int32_t i = 0; i < v->n; i++)
        if (filled(s, &v->items[i], &item)) json_add(&array, item);
    return json_array(&array);
}

static Json filled_members(const Shape *s, const Json *v)
{
    JsonObject object = {.a = s->a};
    Json member = {0};
    for (int32_t i = 0; i < v->n; i++)
        if (filled(s, &v->members[i].value, &member)) json_put(&object, v->members[i].key, member);
    return json_object(&object);
}

static bool filled(const Shape *s, const Json *v, Json *out)
{
    int place = place_of(v);
    if (place >= 0) {
        check(place < s->n);
        if (s->values[place]) *out = *s->values[place];
        return s->values[place] != NULL;
    }
    *out = v->type == JSON_ARRAY    ? filled_items(s, v)
           : v->type == JSON_OBJECT ? filled_members(s, v)
                                    : *v;
    return true;
}

Json sam_shape(Arena *a, const char *shape, const Json *const *values, int n)
{
    Error err;
    Json v, out = {0};
    Shape s = {.a = a, .values = values, .n = n};
    Buf text = {.a = a};
    for (const char *c = shape; *c; c++) buf_putc(&text, *c == '\'' ? '"' : *c);
    check(json_parse(buf_str(&text), a, &v, &err));
    (void)filled(&s, &v, &out);
    return out;
}

/* ---- references ---- */

const Json *sam_string(Arena *a, Str text)
{
    return sam_keep(a, json_string(text));
}

const Json *sam_ref(Arena *a, Str id)
{
    return sam_keep(a, SAM(a, "{'Ref': '@1'}", sam_string(a, id)));
}

const Json *sam_att(Arena *a, Str id, const char *attribute)
{
    return sam_keep(a, SAM(a, "{'Fn::GetAtt': ['@1', '@2']}", sam_string(a, id),
                           sam_string(a, str_from(attribute))));
}

bool sam_is_function(const Json *v)
{
    if (!json_is(v, JSON_OBJECT) || v->n != 1) return false;
    Str key = v->members[0].key;
    return str_eq(key, S("Ref")) || str_starts(key, S("Fn::"));
}

Str sam_id(const Sam *s, Str id, Str event, const char *suffix)
{
    return str_printf(s->a, "%.*s%.*s%s", STR(id), STR(event), suffix);
}

Str sam_hash(Arena *a, const Json *v)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    Str text = json_to_str(a, v);
    check(EVP_Digest(text.p, (size_t)text.n, digest, NULL, EVP_sha256(), NULL) == 1);
    return hex_encode(a, digest, SAM_HASH_DIGITS / 2);
}

Json sam_with(Arena *a, const Json *object, Str key, const Json *value)
{
    JsonObject o = {.a = a};
    for (int32_t i = 0; i < json_count(object); i++)
        if (!str_eq(object->members[i].key, key))
            json_put(&o, object->members[i].key, object->members[i].value);
    json_put_json(&o, key, value);
    return json_object(&o);
}

const Json *sam_tags(Arena *a, const Json *tags, Str by)
{
    JsonArray list = {.a = a};
    for (int32_t i = 0; json_is(tags, JSON_OBJECT) && i < tags->n; i++)
        json_add(&list, SAM(a, "{'Key': '@1', 'Value': '@2'}", sam_string(a, tags->members[i].key),
                            &tags->members[i].value));
    if (!str_absent(by))
        json_add(&list, SAM(a, "{'Key': '@1', 'Value': 'SAM'}", sam_string(a, by)));
    return list.n ? sam_keep(a, json_array(&list)) : NULL;
}

bool sam_known_text(const Sam *s, const Json *v, Str *out)
{
    if (json_is(v, JSON_STRING)) return *out = json_text(v), out->n > 0;
    Str name = json_text(json_get(v, S("Ref")));
    const Json *given = json_get(s->parameters, name);
    const Json *parameter = json_get(json_get(s->root, S("Parameters")), name);
    if (!given) given = json_get(parameter, S("Default"));
    *out = json_text(given);
    return !str_absent(name) && out->n > 0;
}

/* ---- s3://bucket/key ---- */

static bool bad_location(const char *property, Error *err)
{
    return sam_error(err,
                     "'%s' is not a valid S3 Uri of the form 's3://bucket/key' with optional "
                     "versionId query parameter.",
                     property);
}

static bool parse_location(Arena *a, Str uri, const Json *parts[3])
{
    Str rest = str_slice(uri, S("s3://").n, uri.n), query = {0};
    int64_t slash = str_find_char(rest, '/'), mark = str_find_char(rest, '?');
    if (!str_starts(uri, S("s3://")) || slash <= 0 || slash + 1 >= rest.n) return false;
    if (mark >= 0) query = str_slice(rest, mark + 1, rest.n);
    if (mark >= 0) rest = str_slice(rest, 0, mark);
    if (slash + 1 >= rest.n) return false;
    parts[0] = sam_string(a, str_slice(rest, 0, slash));
    parts[1] = sam_string(a, str_slice(rest, slash + 1, rest.n));
    if (str_starts(query, S("versionId=")))
        parts[2] = sam_string(a, str_slice(query, S("versionId=").n, query.n));
    return true;
}

bool sam_location(Arena *a, const Json *v, const char *property, const char *const names[3],
                  Json *out, Error *err)
{
    const Json *parts[3] = {NULL, NULL, NULL};
    JsonObject o = {.a = a};
    if (json_is(v, JSON_OBJECT)) {
        parts[0] = json_get(v, S("Bucket"));
        parts[1] = json_get(v, S("Key"));
        parts[2] = json_get(v, S("Version"));
        if (!parts[0] || !parts[1])
            return sam_error(err, "'%s' requires Bucket and Key properties to be specified.",
                             property);
    } else if (!parse_location(a, json_text(v), parts)) {
        return bad_location(property, err);
    }
    for (int i = 0; i < 3; i++)
        if (names[i]) json_put_json(&o, str_from(names[i]), parts[i]);
    *out = json_object(&o);
    return true;
}

/* ---- properties ---- */

void sam_pass(const Json *from, const SamProperty *table, int n, JsonObject *out)
{
    for (int i = 0; i < n; i++)
        if (!str_absent(table[i].to))
            json_put_json(out, table[i].to, json_get(from, table[i].from));
}

bool sam_known(const Json *p, const SamProperty *table, int n, const char *of, Error *err)
{
    for (int32_t i = 0; i < json_count(p); i++) {
        bool found = false;
        for (int k = 0; k < n && !found; k++) found = str_eq(p->members[i].key, table[k].from);
        if (!found)
            return sam_error(err, "property %.*s not defined for resource of type %s",
                             STR(p->members[i].key), of);
    }
    return true;
}
