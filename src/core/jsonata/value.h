/* value.h - what an expression works on: JSON values, sequences, functions and tuples, in sixteen bytes each. */
#pragma once
#include "base/json.h"

/* A Value is copied freely. Arrays and objects that come from outside stay Json and are looked at
 * in place (FORM_JSON); a range [1..1e7] is only its first number and its count (FORM_RANGE); what
 * an expression builds is FORM_OWN. Nothing changes after it was built, with one exception: the
 * objects of the private copy that a transform expression works on. */
typedef enum ValueType {
    V_UNDEFINED, /* zero-initialised */
    V_NULL,
    V_BOOLEAN,
    V_NUMBER,
    V_STRING,
    V_ARRAY,
    V_OBJECT,
    V_FUNCTION,
    V_TUPLE, /* an item of a tuple stream (path.c); an expression never sees one */
    V_TAIL,  /* "make the call that waits in ev->tail" (call.c); an expression never sees one */
} ValueType;

typedef enum ValueForm { FORM_OWN, FORM_JSON, FORM_RANGE } ValueForm;

/* Flags of arrays. */
enum {
    SEQUENCE = 1, /* made by a path or a function: as a result, [] is undefined and [x] is x */
    KEEP = 2,     /* ... but [x] stays [x]: the path was marked with [] */
    CONS = 4,     /* written as [...] at the end of a path, which does not flatten it */
    OUTER = 8,   /* the input is an array, and this is the sequence that holds it as its one item */
    TUPLES = 16, /* the items are tuples */
};

typedef struct Object Object;
typedef struct Function Function;
typedef struct Tuple Tuple;

typedef struct Value {
    uint8_t type, form, flags;
    int32_t n; /* bytes of text, items, members of a JSON object */
    union {
        bool truth;
        double number;
        const char *text;
        const struct Value *items;
        const Json *json;
        const JsonMember *members;
        int64_t first;
        Object *object;
        const Function *function;
        const Tuple *tuple;
    };
} Value;

typedef struct Member {
    Str key;
    Value value;
} Member;

/* Members in order of their first appearance; large objects get an index by hash. */
struct Object {
    Member *p;
    int32_t n, cap;
    int32_t *slots; /* index + 1, or 0; a power of two of them */
    int32_t slots_n;
};

#define UNDEFINED ((Value){0})
static inline Value v_null(void)
{
    return (Value){.type = V_NULL};
}
static inline Value v_bool(bool x)
{
    return (Value){.type = V_BOOLEAN, .truth = x};
}
static inline Value v_number(double x)
{
    return (Value){.type = V_NUMBER, .number = x};
}
static inline Value v_string(Str s)
{
    return (Value){.type = V_STRING, .n = (int32_t)s.n, .text = s.p};
}
static inline Value v_object(Object *o)
{
    return (Value){.type = V_OBJECT, .object = o};
}
static inline Value v_function(const Function *f)
{
    return (Value){.type = V_FUNCTION, .function = f};
}
static inline Value v_items(const Value *items, int32_t n, int flags)
{
    return (Value){.type = V_ARRAY, .flags = (uint8_t)flags, .n = n, .items = items};
}
static inline Value v_range(int64_t first, int32_t n)
{
    return (Value){.type = V_ARRAY, .form = FORM_RANGE, .flags = SEQUENCE, .n = n, .first = first};
}

static inline bool is_undefined(Value v)
{
    return v.type == V_UNDEFINED;
}
static inline bool is_array(Value v)
{
    return v.type == V_ARRAY;
}
static inline bool is_string(Value v)
{
    return v.type == V_STRING;
}
static inline bool is_object(Value v)
{
    return v.type == V_OBJECT;
}
static inline bool is_function(Value v)
{
    return v.type == V_FUNCTION;
}
static inline bool has(Value v, int flag)
{
    return v.type == V_ARRAY && (v.flags & flag);
}
static inline Str v_text(Value v)
{
    return (Str){v.text, v.n};
}
static inline Value with_flags(Value v, int flags)
{
    v.flags = (uint8_t)flags;
    return v;
}

/* A Json value as it is, without a copy. */
Value jn_v_json(const Json *json);
double jn_v_double(Str json_number);

/* Arrays: 0 <= i < v.n. */
Value jn_v_at(Value array, int32_t i);

/* Objects: members in order, 0 <= i < jn_v_members(object). */
int32_t jn_v_members(Value object);
Str jn_v_key(Value object, int32_t i);
Value jn_v_member(Value object, int32_t i);
bool jn_v_get(Value object, Str key, Value *out);

Object *jn_object_new(Arena *a);
/* Adds, or replaces in place. */
void jn_object_put(Arena *a, Object *o, Str key, Value value);
void jn_object_delete(Object *o, Str key);
/* The index of the member, or -1. */
int32_t jn_object_find(const Object *o, Str key);

/* The context as an expression sees it: an input that is an array stands in a sequence of its own.
 */
static inline Value v_context(Value input)
{
    return has(input, OUTER) && input.n > 0 ? jn_v_at(input, 0) : input;
}
