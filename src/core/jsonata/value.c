/* value.c - looks into values of every form, and builds objects. */
#include "core/jsonata/value.h"

enum { INDEX_FROM = 12 }; /* smaller objects are searched from the front */

/* Decimal digits only, few enough to be exact: by far the most numbers. */
static bool small_integer(Str s, double *out)
{
    int64_t value = 0, i = s.n > 1 && s.p[0] == '-';
    bool negative = i;
    if (s.n - i > 15) return false;
    for (; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9') return false;
        value = value * 10 + (s.p[i] - '0');
    }
    *out = negative ? -(double)value : (double)value;
    return true;
}

double jn_v_double(Str s)
{
    enum { DIGITS_MAX = 800 }; /* more digits than any double needs to be read exactly */
    char buffer[DIGITS_MAX + 32];
    double value;
    if (small_integer(s, &value)) return value;
    if (s.n < (int64_t)sizeof buffer) {
        memcpy(buffer, s.p, (size_t)s.n);
        buffer[s.n] = 0;
        return strtod(buffer, NULL);
    }
    Arena scratch = {0};
    value = strtod(str_z(&scratch, s), NULL);
    arena_free(&scratch);
    return value;
}

Value jn_v_json(const Json *json)
{
    switch (json->type) {
    case JSON_NULL: return v_null();
    case JSON_FALSE: return v_bool(false);
    case JSON_TRUE: return v_bool(true);
    case JSON_NUMBER: return v_number(jn_v_double(json_text(json)));
    case JSON_STRING: return v_string(json_text(json));
    case JSON_ARRAY:
        return (Value){.type = V_ARRAY, .form = FORM_JSON, .n = json->n, .json = json->items};
    case JSON_OBJECT:
        return (Value){.type = V_OBJECT, .form = FORM_JSON, .n = json->n, .members = json->members};
    default: unreachable();
    }
}

Value jn_v_at(Value array, int32_t i)
{
    check(i >= 0 && i < array.n);
    if (array.form == FORM_JSON) return jn_v_json(&array.json[i]);
    if (array.form == FORM_RANGE) return v_number((double)(array.first + i));
    return array.items[i];
}

int32_t jn_v_members(Value v)
{
    return v.form == FORM_JSON ? v.n : v.object->n;
}

Str jn_v_key(Value v, int32_t i)
{
    return v.form == FORM_JSON ? v.members[i].key : v.object->p[i].key;
}

Value jn_v_member(Value v, int32_t i)
{
    return v.form == FORM_JSON ? jn_v_json(&v.members[i].value) : v.object->p[i].value;
}

bool jn_v_get(Value v, Str key, Value *out)
{
    if (v.form == FORM_JSON) {
        const Json *found =
            json_get(&(Json){.type = JSON_OBJECT, .n = v.n, .members = v.members}, key);
        if (found) *out = jn_v_json(found);
        return found != NULL;
    }
    int32_t i = jn_object_find(v.object, key);
    if (i >= 0) *out = v.object->p[i].value;
    return i >= 0;
}

Object *jn_object_new(Arena *a)
{
    return new (a, Object);
}

/* Starts from the object's address: nobody can prepare keys that all meet in one slot. */
static uint64_t hash_in(const Object *o, Str key)
{
    uint64_t h = (uint64_t)(uintptr_t)o * 0x9e3779b97f4a7c15u;
    for (int64_t i = 0; i < key.n; i++) h = (h ^ (unsigned char)key.p[i]) * 0x100000001b3u;
    h = (h ^ h >> 32) * 0xd6e8feb86659fd93u;
    return h ^ h >> 32;
}

static int32_t *slot_of(const Object *o, Str key)
{
    uint32_t mask = (uint32_t)o->slots_n - 1, i = (uint32_t)hash_in(o, key) & mask;
    while (o->slots[i] && !str_eq(o->p[o->slots[i] - 1].key, key)) i = (i + 1) & mask;
    return &o->slots[i];
}

static void fill_index(Object *o)
{
    memset(o->slots, 0, (size_t)o->slots_n * sizeof *o->slots);
    for (int32_t i = 0; i < o->n; i++) *slot_of(o, o->p[i].key) = i + 1;
}

int32_t jn_object_find(const Object *o, Str key)
{
    if (o->slots) return *slot_of(o, key) - 1;
    for (int32_t i = 0; i < o->n; i++)
        if (str_eq(o->p[i].key, key)) return i;
    return -1;
}

static void grow(Arena *a, Object *o)
{
    int32_t cap = o->cap ? o->cap * 2 : 4;
    o->p = arena_grow(a, o->p, o->cap, cap, sizeof *o->p, alignof(Member));
    o->cap = cap;
    if (cap <= INDEX_FROM) return;
    o->slots_n = cap * 2;
    o->slots = new_array(a, int32_t, o->slots_n);
    fill_index(o);
}

void jn_object_put(Arena *a, Object *o, Str key, Value value)
{
    int32_t at = jn_object_find(o, key);
    if (at >= 0) {
        o->p[at].value = value;
        return;
    }
    if (o->n == o->cap) grow(a, o);
    o->p[o->n++] = (Member){key, value};
    if (o->slots) *slot_of(o, key) = o->n;
}

void jn_object_delete(Object *o, Str key)
{
    int32_t at = jn_object_find(o, key);
    if (at < 0) return;
    memmove(&o->p[at], &o->p[at + 1], (size_t)(o->n - at - 1) * sizeof *o->p);
    o->n--;
    if (o->slots) fill_index(o);
}
