/* intrinsic.h - private to this folder: the 18 functions States.X. */
#pragma once
#include "core/asl/expr.h"

/* args: evaluated; literal[i]: the i-th was a quoted literal, whose raw text (with backslashes) is
 * raw[i]. */
typedef struct AslCallArgs {
    const AslExpr *call;
    const AslScope *scope;
    const Json *args;
    int32_t n;
} AslCallArgs;

typedef struct AslFunction {
    const char *name; /* behind "States." */
    int args_min, args_max;
    bool (*run)(const AslCallArgs *c, Json *out, Str *why); /* *why: what broke */
} AslFunction;

const AslFunction *asl_function(Str name); /* NULL: no such function */
Str asl_unescape(Arena *a, Str quoted);    /* \' \\ \{ \} and \" */
