/* drift_like.c - what a service tells of a resource in the terms of its template. */
#include "base/time.h"
#include "core/stack/drift.h"

/* ---- plain values ---- */

static Str plain_text(const Json *v)
{
    if (json_is(v, JSON_TRUE)) return S("true");
    if (json_is(v, JSON_FALSE)) return S("false");
    return json_text(v);
}

static bool same_time(Str x, Str y)
{
    Millis one, other;
    return x.n >= 10 && y.n >= 10 && time_parse_iso8601(x, &one) && time_parse_iso8601(y, &other) &&
           one == other;
}

static bool is_container(const Json *v)
{
    return json_is(v, JSON_ARRAY) || json_is(v, JSON_OBJECT);
}

static bool same_document(Str x, Str y, Arena *a)
{
    Json one, other;
    Error none = {0};
    return str_starts(str_trim(x), S("{")) && str_starts(str_trim(y), S("{")) &&
           json_parse(x, a, &one, &none) && json_parse(y, a, &other, &none) &&
           json_eq(&one, &other);
}

static bool same_plain(const Json *x, const Json *y, Arena *a)
{
    int64_t one, other;
    if (is_container(x) || is_container(y)) return false;
    Str s = plain_text(x), t = plain_text(y);
    if (str_absent(s) || str_absent(t)) return x->type == y->type;
    bool numbers = json_is(x, JSON_NUMBER) || json_is(y, JSON_NUMBER);
    if (numbers &&
        json_to_int(&(Json){.type = JSON_NUMBER, .n = (int32_t)s.n, .text = s.p}, &one) &&
        json_to_int(&(Json){.type = JSON_NUMBER, .n = (int32_t)t.n, .text = t.p}, &other))
        return one == other;
    bool truth = x->type != y->type && (s.n == 4 || s.n == 5);
    return str_eq(s, t) || (truth && str_eq_nocase(s, t)) || same_time(s, t) ||
           same_document(s, t, a);
}

/* ---- documents and times that came in another form ---- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    char low = c | 0x20;
    return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

/* IAM gives documents percent-encoded. */
static Str percent_decoded(Str text, Arena *a)
{
    Buf b = {.a = a};
    if (!str_starts(text, S("%7B")) && !str_starts(text, S("%7b"))) return text;
    for (int64_t i = 0; i < text.n; i++) {
        int high = i + 2 < text.n ? hex_digit(text.p[i + 1]) : -1;
        int low = i + 2 < text.n ? hex_digit(text.p[i + 2]) : -1;
        bool coded = text.p[i] == '%' && high >= 0 && low >= 0;
        buf_putc(&b, coded ? (char)(high * 16 + low) : text.p[i]);
        if (coded) i += 2;
    }
    return buf_str(&b);
}

/* A number of seconds, with at most three decimals, where the template has a time. */
static bool seconds_as_time(Str expected, const Json *actual, Arena *a, Json *out)
{
    Millis t;
    int64_t seconds, millis = 0;
    Str fraction = json_text(actual), whole;
    if (!json_is(actual, JSON_NUMBER) || expected.n < 10 || !time_parse_iso8601(expected, &t))
        return false;
    if (!str_cut(&fraction, '.', &whole) || !str_to_int(whole, &seconds)) return false;
    if (seconds < 0 || seconds > DRIFT_SECONDS_MAX) return false;
    if (fraction.n > 3 || (fraction.n && !str_to_int(fraction, &millis))) return false;
    for (int64_t i = fraction.n; fraction.n && i < 3; i++) millis *= 10;
    *out = json_string(time_iso8601(a, seconds * 1000 + millis));
    return true;
}

/* ---- tags ---- */

static bool is_tag_list(const Json *v)
{
    for (int32_t i = 0; json_is(v, JSON_ARRAY) && i < v->n; i++)
        if (!json_get(&v->items[i], S("Key")) || !json_get(&v->items[i], S("Value"))) return false;
    return json_is(v, JSON_ARRAY) && v->n > 0;
}

static Json tags_as_object(const Json *list, Arena *a)
{
    JsonObject o = {.a = a};
    for (int32_t i = 0; i < list->n; i++)
        json_put(&o, json_text(json_get(&list->items[i], S("Key"))),
                 *json_get(&list->items[i], S("Value")));
    return json_object(&o);
}

static Json tags_as_list(const Json *object, Arena *a)
{
    JsonArray list = {.a = a};
    for (int32_t i = 0; i < object->n; i++) {
        JsonObject tag = {.a = a};
        json_put(&tag, S("Key"), json_string(object->members[i].key));
        json_put(&tag, S("Value"), object->members[i].value);
        json_add(&list, json_object(&tag));
    }
    return json_array(&list);
}

/* ---- containers ---- */

static bool names_alike(Str x, Str y)
{
    return x.n == y.n && x.n > 0 && (x.p[0] | 0x20) == (y.p[0] | 0x20) &&
           str_eq(str_slice(x, 1, x.n), str_slice(y, 1, y.n));
}

static const JsonMember *member_like(const Json *object, Str name)
{
    for (int32_t i = 0; i < json_count(object); i++)
        if (str_eq(object->members[i].key, name)) return &object->members[i];
    for (int32_t i = 0; i < json_count(object); i++)
        if (names_alike(object->members[i].key, name)) return &object->members[i];
    return NULL;
}

static Json object_like(const Json *expected, const Json *actual, bool whole, Arena *a)
{
    JsonObject o = {.a = a};
    for (int32_t i = 0; i < actual->n; i++) {
        const JsonMember *m = &actual->members[i], *like = member_like(expected, m->key);
        if (!like && (!whole || json_is(&m->value, JSON_NULL))) continue;
        json_put(&o, like ? like->key : m->key,
                 drift_like(like ? &like->value : NULL, &m->value, whole, a));
    }
    return json_object(&o);
}

const Json *drift_identity(const Json *item)
{
    static const char *const names[] = {"Key", "Id", "ID", "Sid", "PolicyName", "Name"};
    for (int i = 0; i < countof(names); i++) {
        const Json *v = json_get(item, str_from(names[i]));
        if (v) return v;
    }
    return NULL;
}

/* Of the same name; where the template names none, of the same place. */
static const Json *item_like(const Json *expected, const Json *item, int32_t place)
{
    Str id = json_text(drift_identity(item));
    for (int32_t i = 0; !str_absent(id) && i < expected->n; i++)
        if (str_eq(id, json_text(drift_identity(&expected->items[i])))) return &expected->items[i];
    const Json *same_place = json_at(expected, place);
    return str_absent(id) || !drift_identity(same_place) ? same_place : NULL;
}

/* An item that the template has not is told whole. */
static Json array_like(const Json *expected, const Json *actual, bool whole, Arena *a)
{
    JsonArray list = {.a = a};
    for (int32_t i = 0; i < actual->n; i++) {
        const Json *like = item_like(expected, &actual->items[i], i);
        json_add(&list, drift_like(like ? like : json_at(expected, 0), &actual->items[i],
                                   whole || !like, a));
    }
    return json_array(&list);
}

/* A policy's "s3:GetObject" and ["s3:GetObject"] are the same. */
static bool one_of_one(const Json *x, const Json *y, Arena *a)
{
    if (json_is(x, JSON_ARRAY) && x->n == 1 && !is_container(y))
        return same_plain(&x->items[0], y, a);
    return json_is(y, JSON_ARRAY) && y->n == 1 && !is_container(x) &&
           same_plain(x, &y->items[0], a);
}

static Json container_like(const Json *expected, const Json *actual, bool whole, Arena *a)
{
    if (json_is(expected, JSON_OBJECT) && json_is(actual, JSON_OBJECT))
        return object_like(expected, actual, whole, a);
    if (json_is(expected, JSON_ARRAY) && json_is(actual, JSON_ARRAY))
        return array_like(expected, actual, whole, a);
    if (json_is(expected, JSON_OBJECT) && is_tag_list(actual)) {
        Json tags = tags_as_object(actual, a);
        return object_like(expected, &tags, true, a);
    }
    if (is_tag_list(expected) && json_is(actual, JSON_OBJECT)) {
        Json tags = tags_as_list(actual, a);
        return array_like(expected, &tags, true, a);
    }
    return *actual;
}

Json drift_like(const Json *expected, const Json *actual, bool whole, Arena *a)
{
    Json v;
    Error none = {0};
    if (!expected) return *actual;
    if (one_of_one(expected, actual, a)) return *expected;
    if (is_container(expected) && json_is(actual, JSON_STRING) &&
        json_parse(percent_decoded(json_text(actual), a), a, &v, &none))
        return container_like(expected, &v, true, a);
    if (is_container(expected)) return container_like(expected, actual, whole, a);
    if (same_plain(expected, actual, a)) return *expected;
    return seconds_as_time(json_text(expected), actual, a, &v)
               ? (same_plain(expected, &v, a) ? *expected : v)
               : *actual;
}
