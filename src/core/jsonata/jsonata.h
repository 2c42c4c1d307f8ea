/* jsonata.h - JSONata 2.x as a library: compile an expression once, evaluate it often, within a budget. */
#pragma once
#include "base/json.h"

/* A program is an immutable value in the arena it was compiled into: it may be shared by
 * evaluations that run one after another or at the same time, and lives as long as that arena.
 *
 *     const JsonataProgram *program;
 *     JsonataError err = {0};
 *     if (!jsonata_compile(S("Account.Order.$sum(Price)"), JSONATA_STANDARD, programs, &program,
 * &err)) return refuse(err.code, err.message);
 *
 *     JsonataEnv env = {.now = now, .seed = seed, .bindings = &variables, .budget =
 * JSONATA_BUDGET}; JsonataResult result; if (!jsonata_evaluate(program, &input, &env, turn,
 * &result, &err)) return fail(err.code, err.message); if (result.kind == JSONATA_JSON)
 * use(&result.value);
 *
 * Evaluation is pure: the same program, input, bindings, time and seed give the same result. The
 * result borrows from all of them and from `a`, which also takes everything the evaluation
 * allocates on its way: give it an arena that is reset soon, and json_copy what shall stay.
 *
 * Numbers are IEEE doubles, as the language demands, and are written as JavaScript writes them.
 * Text is UTF-8; lengths and positions inside the language count code points (offsets of regular
 * expression matches: UTF-16 units, as everywhere in JSONata). Object members keep their order. */
typedef struct JsonataProgram JsonataProgram;

/* JSONATA_STATES is the dialect of AWS Step Functions: without $eval, and with
 *     $partition(array, size)   $range(first, last, step)   $hash(text, algorithm)
 *     $random([seed])           $uuid()                     $parse(json)
 * $random(seed) gives what java.util.Random gives, bit for bit. */
typedef enum JsonataDialect { JSONATA_STANDARD, JSONATA_STATES } JsonataDialect;

/* What went wrong, by the language's own codes: S0xxx syntax, T.... types, D.... data, U1001 for a
 * spent budget. `position` is the offset just behind the offending token in the expression, in
 * UTF-16 units, -1 when there is none; `token` is the token or the name of the function, "" when
 * there is none. */
enum { JSONATA_TOKEN_MAX = 64 };
typedef struct JsonataError {
    char code[8];
    int32_t position;
    char token[JSONATA_TOKEN_MAX];
    char message[ERROR_TEXT_MAX];
} JsonataError;

/* No expression can do more than its budget allows: it then fails with U1001.
 * steps   nodes evaluated and items visited;
 * bytes   memory taken from the arena;
 * depth   evaluations inside evaluations, as the reference counts them (a recursive function takes
 * about three for each call; calls in tail position take none). The C stack grows by less than 2 KB
 * for each. */
typedef struct JsonataBudget {
    int64_t steps, bytes;
    int32_t depth;
} JsonataBudget;

#define JSONATA_STEPS_DEFAULT ((int64_t)20 * 1000 * 1000)
#define JSONATA_BYTES_DEFAULT ((int64_t)256 << 20)
#define JSONATA_BYTES_MAX     ((int64_t)1 << 30)
enum { JSONATA_DEPTH_DEFAULT = 1000, JSONATA_DEPTH_MAX = 2000 };
#define JSONATA_BUDGET                                                                             \
    ((JsonataBudget){JSONATA_STEPS_DEFAULT, JSONATA_BYTES_DEFAULT, JSONATA_DEPTH_DEFAULT})

/* An expression is refused when it is longer, or nests deeper (a chain of operators counts as
 * nesting). */
enum { JSONATA_TEXT_MAX = 4 << 20, JSONATA_NESTING_MAX = 500 };

typedef struct JsonataEnv {
    Millis now;           /* $now(), $millis(), and what a date picture leaves out */
    uint64_t seed;        /* $random(), $shuffle(), $uuid() */
    const Json *bindings; /* an object: {"name": value} becomes $name; NULL for none */
    JsonataBudget budget; /* zeroes mean the defaults */
} JsonataEnv;

typedef enum JsonataKind {
    JSONATA_UNDEFINED, /* nothing: the path leads nowhere */
    JSONATA_JSON,
    JSONATA_FUNCTION, /* the expression gave a function, which is no JSON value */
} JsonataKind;

typedef struct JsonataResult {
    JsonataKind kind;
    Json value; /* JSONATA_JSON; functions inside it are left out of objects and null in arrays */
    int64_t steps_used, bytes_used;
} JsonataResult;

must_use bool jsonata_compile(Str expression, JsonataDialect dialect, Arena *a,
                              const JsonataProgram **out, JsonataError *err);

/* The first name that is read from the input ("phone" of `phone.number`), as none can be where
 * there is no input; absent: none is. Bodies of functions are not looked into. */
Str jsonata_context_name(const JsonataProgram *program);

/* `input` NULL: undefined. */
must_use bool jsonata_evaluate(const JsonataProgram *program, const Json *input,
                               const JsonataEnv *env, Arena *a, JsonataResult *out,
                               JsonataError *err);
