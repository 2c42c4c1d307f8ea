/* json.c - reading, building and comparing JSON values. */
#include "base/json.h"

const Json *json_get(const Json *o, Str key)
{
    if (!json_is(o, JSON_OBJECT)) return NULL;
    for (int32_t i = o->n - 1; i >= 0; i--)
        if (str_eq(o->members[i].key, key)) return &o->members[i].value;
    return NULL;
}

const Json *json_at(const Json *array, int64_t index)
{
    if (!json_is(array, JSON_ARRAY) || index < 0 || index >= array->n) return NULL;
    return &array->items[index];
}

const Json *json_find(const Json *v, const char *dotted_path)
{
    Str rest = str_from(dotted_path), key;
    while (v && str_cut(&rest, '.', &key)) v = json_get(v, key);
    return v;
}

Str json_text(const Json *v)
{
    return v && (v->type == JSON_STRING || v->type == JSON_NUMBER) ? (Str){v->text, v->n}
                                                                   : (Str){0};
}

bool json_is(const Json *v, JsonType type)
{
    return v && v->type == type;
}

bool json_true(const Json *v)
{
    return json_is(v, JSON_TRUE);
}

/* "1.50e2" -> 150: the digits without the point, shifted by the exponent; exact, no floating point.
 */
static bool decimal_to_int(Str text, int64_t *out)
{
    char digits[64];
    int64_t n = 0, exponent = 0, i = 0;
    bool fraction = false;
    for (; i < text.n && (text.p[i] | 32) != 'e'; i++) {
        if (text.p[i] == '.') {
            fraction = true;
            continue;
        }
        if (n == countof(digits) - 1) return false;
        digits[n++] = text.p[i];
        exponent -= fraction;
    }
    if (i < text.n) {
        int64_t shift;
        Str written = str_slice(text, i + 1, text.n);
        if (str_starts(written, S("+"))) written = str_slice(written, 1, written.n);
        if (!str_to_int(written, &shift) || shift > 400 || shift < -400) return false;
        exponent += shift;
    }
    for (; exponent < 0 && n > 0 && digits[n - 1] == '0'; exponent++) n--;
    if (n == 0 || (n == 1 && digits[0] == '-')) return *out = 0, true;
    for (; exponent > 0 && n < countof(digits) - 1; exponent--) digits[n++] = '0';
    return exponent == 0 && str_to_int((Str){digits, n}, out);
}

bool json_to_int(const Json *v, int64_t *out)
{
    if (!json_is(v, JSON_NUMBER)) return false;
    return str_to_int(json_text(v), out) || decimal_to_int(json_text(v), out);
}

int64_t json_int_or(const Json *v, int64_t otherwise)
{
    int64_t value;
    return json_to_int(v, &value) ? value : otherwise;
}

static bool object_eq(const Json *x, const Json *y)
{
    for (int32_t i = 0; i < x->n; i++) {
        const Json *other = json_get(y, x->members[i].key);
        if (!other || !json_eq(&x->members[i].value, other)) return false;
    }
    return true;
}

static bool array_eq(const Json *x, const Json *y)
{
    for (int32_t i = 0; i < x->n; i++)
        if (!json_eq(&x->items[i], &y->items[i])) return false;
    return true;
}

bool json_eq(const Json *x, const Json *y)
{
    if (x->type != y->type) return false;
    switch (x->type) {
    case JSON_NULL:
    case JSON_FALSE:
    case JSON_TRUE: return true;
    case JSON_NUMBER:
    case JSON_STRING: return str_eq(json_text(x), json_text(y));
    case JSON_ARRAY: return x->n == y->n && array_eq(x, y);
    case JSON_OBJECT: return x->n == y->n && object_eq(x, y);
    default: unreachable();
    }
}

Json json_string(Str s)
{
    check(s.n >= 0 && s.n <= JSON_BYTES_MAX);
    return (Json){.type = JSON_STRING, .n = (int32_t)s.n, .text = s.p ? s.p : ""};
}

Json json_number(Str text)
{
    return (Json){.type = JSON_NUMBER, .n = (int32_t)text.n, .text = text.p};
}

Json json_int(Arena *a, int64_t value)
{
    return json_number(str_printf(a, "%" PRId64, value));
}

Json json_bool(bool value)
{
    return (Json){.type = value ? JSON_TRUE : JSON_FALSE};
}

Json json_millis_as_seconds(Arena *a, Millis t)
{
    check(t >= 0);
    int part = (int)(t % 1000);
    return json_number(part ? str_printf(a, "%" PRId64 ".%03d", t / 1000, part)
                            : str_printf(a, "%" PRId64, t / 1000));
}

static Json copy_array(Arena *a, const Json *v)
{
    Json *items = new_array(a, Json, v->n);
    for (int32_t i = 0; i < v->n; i++) items[i] = json_copy(a, &v->items[i]);
    return (Json){.type = JSON_ARRAY, .n = v->n, .items = items};
}

static Json copy_object(Arena *a, const Json *v)
{
    JsonMember *members = new_array(a, JsonMember, v->n);
    for (int32_t i = 0; i < v->n; i++)
        members[i] =
            (JsonMember){str_copy(a, v->members[i].key), json_copy(a, &v->members[i].value)};
    return (Json){.type = JSON_OBJECT, .n = v->n, .members = members};
}

Json json_copy(Arena *a, const Json *v)
{
    switch (v->type) {
    case JSON_NULL:
    case JSON_FALSE:
    case JSON_TRUE: return *v;
    case JSON_NUMBER: return json_number(str_copy(a, json_text(v)));
    case JSON_STRING: return json_string(str_copy(a, json_text(v)));
    case JSON_ARRAY: return copy_array(a, v);
    case JSON_OBJECT: return copy_object(a, v);
    default: unreachable();
    }
}

void json_put(JsonObject *o, Str key, Json value)
{
    *vec_push(o->a, o) = (JsonMember){key, value};
}

void json_put_text(JsonObject *o, Str key, Str text)
{
    if (!str_absent(text)) json_put(o, key, json_string(text));
}

void json_put_json(JsonObject *o, Str key, const Json *value)
{
    if (value) json_put(o, key, *value);
}

Json json_object(const JsonObject *o)
{
    return (Json){.type = JSON_OBJECT, .n = (int32_t)o->n, .members = o->p};
}

void json_add(JsonArray *array, Json value)
{
    *vec_push(array->a, array) = value;
}

Json json_array(const JsonArray *array)
{
    return (Json){.type = JSON_ARRAY, .n = (int32_t)array->n, .items = array->p};
}
