/* number.c - numbers as AWS compares and rounds them, random numbers, and values as Java prints them. */
#include "core/asl/number.h"
#include <math.h>

double asl_number(const Json *v)
{
    char text[64];
    Str s = json_text(v);
    if (s.n >= countof(text)) s.n = countof(text) - 1;
    memcpy(text, s.p, (size_t)s.n);
    text[s.n] = '\0';
    return strtod(text, NULL);
}

bool asl_is_integer(const Json *v, int64_t *out)
{
    return json_is(v, JSON_NUMBER) && str_find_char(json_text(v), '.') < 0 && json_to_int(v, out);
}

/* Java's Math.round: half up, towards positive infinity. */
int64_t asl_round(double x)
{
    double r = floor(x + 0.5);
    if (!(r > -9.2e18)) return r < 0 ? INT64_MIN : 0;
    return r < 9.2e18 ? (int64_t)r : INT64_MAX;
}

static bool same_items(const Json *x, const Json *y)
{
    for (int32_t i = 0; i < x->n; i++)
        if (!asl_same(&x->items[i], &y->items[i])) return false;
    return true;
}

static bool same_members(const Json *x, const Json *y)
{
    for (int32_t i = 0; i < x->n; i++) {
        const Json *other = json_get(y, x->members[i].key);
        if (!other || !asl_same(&x->members[i].value, other)) return false;
    }
    return true;
}

bool asl_same(const Json *x, const Json *y)
{
    if (x->type != y->type) return false;
    if (x->type == JSON_NUMBER) return asl_number(x) == asl_number(y);
    if (x->type == JSON_ARRAY) return x->n == y->n && same_items(x, y);
    if (x->type == JSON_OBJECT) return x->n == y->n && same_members(x, y);
    return json_eq(x, y);
}

static void java_text(Buf *b, const Json *v)
{
    if (v->type == JSON_STRING) {
        buf_put(b, json_text(v));
    } else if (v->type == JSON_ARRAY || v->type == JSON_OBJECT) {
        bool object = v->type == JSON_OBJECT;
        buf_putc(b, object ? '{' : '[');
        for (int32_t i = 0; i < v->n; i++) {
            if (i) buf_put(b, S(", "));
            if (object) buf_printf(b, "%.*s=", STR(v->members[i].key));
            java_text(b, object ? &v->members[i].value : &v->items[i]);
        }
        buf_putc(b, object ? '}' : ']');
    } else {
        json_write(b, v);
    }
}

Str asl_java_text(Arena *a, const Json *v)
{
    Buf b = {.a = a};
    java_text(&b, v);
    return buf_str(&b);
}

/* SplitMix64 (Steele, Lea, Flood 2014): one word of state, which the event brings. */
uint64_t asl_random(uint64_t *seed)
{
    uint64_t z = *seed += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

/* java.util.Random's linear congruential generator (its documentation gives the constants). */
static int32_t java_next(uint64_t *state, int bits)
{
    *state = (*state * 0x5DEECE66Du + 0xBu) & ((1ull << 48) - 1);
    return (int32_t)(*state >> (48 - bits));
}

int64_t asl_java_random(int64_t seed, int64_t bound)
{
    uint64_t state = ((uint64_t)seed ^ 0x5DEECE66Du) & ((1ull << 48) - 1);
    if (bound > INT32_MAX) bound = INT32_MAX;
    int32_t n = (int32_t)bound, bits = java_next(&state, 31);
    if ((n & -n) == n) return (int64_t)(((uint64_t)n * (uint64_t)bits) >> 31);
    int32_t value = bits % n;
    for (int tries = 0; tries < 100 && (int64_t)bits - value + (n - 1) > INT32_MAX; tries++) {
        bits = java_next(&state, 31);
        value = bits % n;
    }
    return value;
}
