/* jsonpath.h - JSONPath as Step Functions speaks it: compile a path once, apply it often, within a budget. */
#pragma once
#include "base/json.h"

/* The dialect is that of the Jayway library without its functions:
 *
 *     .name  .*  ..name  ['name']  ["a","b"]  [0]  [-1]  [0,2]  [1:3]  [-2:]  [*]
 *     [?(@.x > 1 && !(@.y in [1,2]))]
 *
 * A path that can lead to one place only is definite and gives the value there, or nothing. Any
 * other gives an array of what it found, perhaps empty.
 *
 *     const JsonPath *path;
 *     Str why;
 *     if (!jsonpath_parse(S("$.rows[*].id"), programs, &path, &why)) refuse(why);
 *     Json ids;
 *     if (jsonpath_get(path, &doc, turn, &ids) == JSONPATH_FOUND) use(&ids); */
enum {
    JSONPATH_BYTES_MAX = 64 << 10,
    JSONPATH_NESTING_MAX = 32, /* of brackets in filters */
    JSONPATH_VISITS_MAX = 2 * 1000 * 1000,
};

typedef enum JsonPathKind {
    JSONPATH_NAME,  /* .name ['name'] */
    JSONPATH_NAMES, /* ['a','b'] */
    JSONPATH_INDEX, /* [0] */
    JSONPATH_INDEXES,
    JSONPATH_SLICE,
    JSONPATH_WILD,
    JSONPATH_FILTER,
} JsonPathKind;

typedef struct JsonPathStep {
    JsonPathKind kind;
    bool deep; /* came after `..`: applies to the value and everything below it */
    Str name;
    const Str *names;
    const int64_t *indexes;
    int32_t n;        /* of names, indexes */
    int64_t from, to; /* of a slice; INT64_MIN: not given */
    const struct JsonPathTest *test;
} JsonPathStep;

typedef struct JsonPath {
    Str text;
    const JsonPathStep *steps;
    int32_t n;
    bool definite;
    bool reference; /* only names and single indexes not below 0: can be written to */
} JsonPath;

typedef enum JsonPathFound { JSONPATH_FOUND, JSONPATH_MISSING, JSONPATH_TOO_MUCH } JsonPathFound;

/* `text` begins with $ (the root; jsonpath_get is given its value). *why: one sentence. */
must_use bool jsonpath_parse(Str text, Arena *a, const JsonPath **out, Str *why);
/* The same for the part behind a root of another kind: ".a[0]", or nothing at all. */
must_use bool jsonpath_parse_steps(Str text, Arena *a, const JsonPath **out, Str *why);

JsonPathFound jsonpath_get(const JsonPath *path, const Json *root, Arena *a, Json *out);

/* Jayway's spelling, as it stands in AWS's messages: $['rows'][0]. `steps`: how many of them. */
Str jsonpath_canonical(Arena *a, const JsonPath *path, int32_t steps);
/* How many steps lead somewhere: steps < path->n names the one that found nothing. Definite paths
 * only. */
int32_t jsonpath_reach(const JsonPath *path, const Json *root);

/* A reference path as a place to write to: a copy of `root` with `value` there; objects on the way
 * are made, arrays must have the index already. false: the path goes through something else. */
must_use bool jsonpath_put(const JsonPath *path, const Json *root, const Json *value, Arena *a,
                           Json *out);
