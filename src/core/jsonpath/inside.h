/* inside.h - private to this folder: what parser and evaluator of paths share about filters. */
#pragma once
#include "core/jsonpath/jsonpath.h"

typedef enum JsonPathTestKind {
    TEST_OR,
    TEST_AND,
    TEST_NOT,    /* of left, right */
    TEST_EXISTS, /* operand a */
    TEST_EQ,
    TEST_NE,
    TEST_LT,
    TEST_LE,
    TEST_GT,
    TEST_GE,
    TEST_IN,
    TEST_NIN, /* of operands a, b */
} JsonPathTestKind;

typedef struct JsonPathOperand {
    const JsonPath *path; /* NULL: the literal */
    bool from_root;       /* $ rather than @ */
    Json literal;
} JsonPathOperand;

typedef struct JsonPathTest {
    JsonPathTestKind kind;
    const struct JsonPathTest *left, *right;
    JsonPathOperand a, b;
} JsonPathTest;

/* parse.c's cursor, shared with filter.c */
typedef struct PathParser {
    const char *p, *end;
    Arena *a;
    Str why;
    int nesting;
} PathParser;

bool path_fail(PathParser *s, Str why);
void path_blanks(PathParser *s);
bool path_accept(PathParser *s, char c);
bool path_quoted(PathParser *s, Str *out);
bool path_steps(PathParser *s, bool in_filter, JsonPath *out);
bool path_filter(PathParser *s, const JsonPathTest **out); /* behind "?(", takes the ")" too */

typedef struct PathWalk {
    Arena *a;
    const Json *root;
    int64_t visits;
} PathWalk;
bool path_holds(PathWalk *w, const JsonPathTest *test, const Json *at);
JsonPathFound path_walk(PathWalk *w, const JsonPath *path, const Json *from, Json *out);
