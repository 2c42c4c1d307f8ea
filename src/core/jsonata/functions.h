/* functions.h - the functions an expression may call by name: their table, and how one is written. */
#pragma once
#include "core/jsonata/ast.h"

/* A call that passed the function's signature. Arguments that were not given are undefined. */
typedef struct Call {
    Ev *ev;
    const Value *args;
    int32_t n;
    Value context;
    Frame *frame;
} Call;

static inline Value arg(const Call *c, int32_t i)
{
    return i < c->n ? c->args[i] : UNDEFINED;
}

typedef bool BuiltinRun(Call *c, Value *out);

struct Builtin {
    Str name;
    const char *signature;
    int arity; /* how many arguments a higher-order function passes to it */
    BuiltinRun *run;
    enum { IN_ALL, IN_STANDARD, IN_STATES } dialects;
};

/* NULL: no such function in this dialect. */
const Builtin *jn_builtin(Str name, JsonataDialect dialect);

BuiltinRun jn_fn_abs, jn_fn_append, jn_fn_assert, jn_fn_average, jn_fn_base64decode,
    jn_fn_base64encode, jn_fn_boolean, jn_fn_ceil, jn_fn_clone, jn_fn_contains, jn_fn_count,
    jn_fn_decode_url, jn_fn_decode_url_component, jn_fn_distinct, jn_fn_each, jn_fn_encode_url,
    jn_fn_encode_url_component, jn_fn_error, jn_fn_eval, jn_fn_exists, jn_fn_filter, jn_fn_floor,
    jn_fn_format_base, jn_fn_format_integer, jn_fn_format_number, jn_fn_from_millis, jn_fn_hash,
    jn_fn_join, jn_fn_keys, jn_fn_length, jn_fn_lookup, jn_fn_lowercase, jn_fn_map, jn_fn_match,
    jn_fn_max, jn_fn_merge, jn_fn_millis, jn_fn_min, jn_fn_not, jn_fn_now, jn_fn_number, jn_fn_pad,
    jn_fn_parse, jn_fn_parse_integer, jn_fn_partition, jn_fn_power, jn_fn_random,
    jn_fn_random_seeded, jn_fn_range, jn_fn_reduce, jn_fn_replace, jn_fn_reverse, jn_fn_round,
    jn_fn_shuffle, jn_fn_sift, jn_fn_single, jn_fn_sort, jn_fn_split, jn_fn_spread, jn_fn_sqrt,
    jn_fn_string, jn_fn_substring, jn_fn_substring_after, jn_fn_substring_before, jn_fn_sum,
    jn_fn_to_millis, jn_fn_trim, jn_fn_type, jn_fn_uppercase, jn_fn_uuid, jn_fn_zip;

/* Shared between the files of functions. */
uint64_t jn_chance(Ev *ev);      /* 64 random bits */
double jn_chance_double(Ev *ev); /* 0 <= x < 1 */
double jn_round(double x, int precision);
bool jn_all_type(Value array, ValueType type);
/* A private copy of arrays and objects, all the way down. */
must_use bool jn_clone(Ev *ev, Value v, int depth, Value *out);
