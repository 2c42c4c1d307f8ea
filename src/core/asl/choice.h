/* choice.h - private to this folder: comparisons of Choice rules. */
#pragma once
#include "core/asl/definition.h"

typedef enum AslKindCompared {
    OF_STRING,
    OF_NUMBER,
    OF_TIME,
    OF_BOOL,
    OF_MATCH,
    OF_TYPE
} AslKindCompared;
typedef enum AslOrder { ORDER_EQ, ORDER_LT, ORDER_GT, ORDER_LE, ORDER_GE } AslOrder;
typedef enum AslTypeAsked {
    ASK_NULL,
    ASK_PRESENT,
    ASK_NUMERIC,
    ASK_STRING,
    ASK_BOOL,
    ASK_TIME
} AslTypeAsked;

typedef struct AslComparison {
    const char *name; /* "StringEquals"; ...Path is the same row */
    AslKindCompared of;
    int how;
} AslComparison;

/* NULL: no such operator. *path: the name ends in Path. */
const AslComparison *asl_comparison(Str name, bool *path);
/* Does the rule hold? false with *f set: it cannot be decided. */
must_use bool asl_rule_holds(const AslRule *rule, const AslScope *scope, bool *holds,
                             AslFailure *f);
must_use bool asl_timestamp(Str text, Millis *out); /* ISO-8601 with T and an offset */
