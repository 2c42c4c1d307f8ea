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

BuiltinRun fn_abs, fn_append, fn_assert, fn_average, fn_base64decode, fn_base64encode, fn_boolean,
    fn_ceil, fn_clone, fn_contains, fn_count, fn_decode_url, fn_decode_url_component, fn_distinct,
    fn_each, fn_encode_url, fn_encode_url_component, fn_error, fn_eval, fn_exists, fn_filter,
    fn_floor, fn_format_base, fn_format_integer, fn_format_number, fn_from_millis, fn_hash, fn_join,
    fn_keys, fn_length, fn_lookup, fn_lowercase, fn_map, fn_match, fn_max, fn_merge, fn_millis,
    fn_min, fn_not, fn_now, fn_number, fn_pad, fn_parse, fn_parse_integer, fn_partition, fn_power,
    fn_random, fn_random_seeded, fn_range, fn_reduce, fn_replace, fn_reverse, fn_round, fn_shuffle,
    fn_sift, fn_single, fn_sort, fn_split, fn_spread, fn_sqrt, fn_string, fn_substring,
    fn_substring_after, fn_substring_before, fn_sum, fn_to_millis, fn_trim, fn_type, fn_uppercase,
    fn_uuid, fn_zip;

/* Shared between the files of functions. */
uint64_t jn_chance(Ev *ev);      /* 64 random bits */
double jn_chance_double(Ev *ev); /* 0 <= x < 1 */
double jn_round(double x, int precision);
bool jn_all_type(Value array, ValueType type);
/* A private copy of arrays and objects, all the way down. */
must_use bool jn_clone(Ev *ev, Value v, int depth, Value *out);
