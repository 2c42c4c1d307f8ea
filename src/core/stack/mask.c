/* mask.c - a walk over a value that covers what must not be seen. */
#include "core/stack/mask.h"

#define STARS S("****")

static Str without(Str text, Str secret, Arena *a)
{
    Buf b = {.a = a};
    if (str_eq(text, secret)) return STARS;
    if (secret.n < MASK_PART_BYTES_MIN) return text;
    for (int64_t at; (at = str_find(text, secret)) >= 0;) {
        buf_put(&b, str_slice(text, 0, at));
        buf_put(&b, STARS);
        text = str_slice(text, at + secret.n, text.n);
    }
    if (!b.n) return text;
    buf_put(&b, text);
    return buf_str(&b);
}

static Json covered(const Json *v, const StrVec *secrets, Arena *a)
{
    Str text = json_text(v);
    for (int64_t i = 0; i < secrets->n; i++)
        if (secrets->p[i].n) text = without(text, secrets->p[i], a);
    return str_eq(text, json_text(v)) ? *v : json_string(text);
}

Json stack_mask(const Json *v, const StrVec *secrets, Arena *a)
{
    JsonArray list = {.a = a};
    JsonObject o = {.a = a};
    if (!secrets->n) return *v;
    if (json_is(v, JSON_STRING) || json_is(v, JSON_NUMBER)) return covered(v, secrets, a);
    if (!json_is(v, JSON_ARRAY) && !json_is(v, JSON_OBJECT)) return *v;
    for (int32_t i = 0; v->type == JSON_ARRAY && i < v->n; i++)
        json_add(&list, stack_mask(&v->items[i], secrets, a));
    for (int32_t i = 0; v->type == JSON_OBJECT && i < v->n; i++)
        json_put(&o, v->members[i].key, stack_mask(&v->members[i].value, secrets, a));
    return v->type == JSON_ARRAY ? json_array(&list) : json_object(&o);
}
