/* expr.h - private to this folder: a field's value compiled: constant, path, intrinsic call, JSONata, or a template of these. */
#pragma once
#include "core/jsonpath/jsonpath.h"

typedef enum AslExprKind {
    EXPR_CONST,
    EXPR_PATH,
    EXPR_CALL,
    EXPR_JSONATA,
    EXPR_OBJECT,
    EXPR_ARRAY
} AslExprKind;
typedef enum AslRoot { ROOT_INPUT, ROOT_CONTEXT, ROOT_VARIABLE } AslRoot;

typedef struct AslExpr {
    AslExprKind kind;
    Str text;  /* as written; of JSONata: between the delimiters */
    Str place; /* for messages: "value.$", "Output/result" */
    Json constant;
    AslRoot root;
    Str variable;
    const JsonPath *path;
    const struct AslFunction *function; /* intrinsic.h */
    bool literal;                       /* a quoted argument: `text` has its backslashes still */
    const struct JsonataProgram *program;
    const Str *keys;             /* EXPR_OBJECT: without ".$" */
    const struct AslExpr *parts; /* members, items, arguments */
    int32_t n;
} AslExpr;

/* What went wrong while a state was executed. The cause is complete but for its "An error
 * occurred..." head. */
typedef struct AslFailure {
    Str error, cause;
    Str place;        /* of an EvaluationFailed event; absent: none */
    bool whole_cause; /* take the cause as it is */
    bool raised;      /* by Fail, a task or a child: no head, no EvaluationFailed */
} AslFailure;
bool asl_failure(AslFailure *f, Str error, Str cause); /* always false */

/* What an expression sees. */
typedef struct AslScope {
    Arena *a;
    Millis now;
    uint64_t *seed;
    const Json *input, *context, *variables; /* variables: one object with all that are visible */
    const Json *result, *error_output;       /* NULL: not there */
} AslScope;

/* Compiling; *why is one sentence. `place` as above. */
must_use bool asl_path(Str text, Arena *a, AslExpr *out, Str *why);
must_use bool asl_path_or_call(Str text, Arena *a, AslExpr *out, Str *why);
must_use bool asl_call(Str text, Arena *a, AslExpr *out, Str *why);
bool asl_is_jsonata(Str text);
must_use bool asl_jsonata(Str text, Arena *a, AslExpr *out, Str *why);

/* Compilers of templates report through this; false stops. */
typedef struct AslTemplate {
    Arena *a;
    bool jsonata;
    Str place; /* JSONata: the field's name, then "/member" */
    Str why;   /* the first thing found wrong, and where below the field: "/a/b" */
    Str where;
    const char *code; /* of the diagnostic */
} AslTemplate;
must_use bool asl_template(AslTemplate *t, const Json *v, AslExpr *out);

/* Of a path only, without words when nothing is there. */
JsonPathFound asl_find(const AslExpr *path, const AslScope *scope, Json *out);
must_use bool asl_eval(const AslExpr *e, const AslScope *scope, Json *out, AslFailure *f);

double asl_number(const Json *v);
must_use bool asl_is_integer(const Json *v, int64_t *out); /* a JSON number without fraction */
bool asl_same(const Json *x, const Json *y);               /* numbers by value */
Str asl_java_text(Arena *a, const Json *v);                /* as Java's toString: {a=1, b=[x]} */
uint64_t asl_random(uint64_t *seed);
