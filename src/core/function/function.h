/* function.h - what Lambda decides without doing it: names and ARNs, runtimes, routing, retries; pure. */
#pragma once
#include "base/json.h"

/* ---- names: "name", "name:qualifier", "account:function:name",
 * "arn:aws:lambda:r:a:function:name", each of the last two with ":qualifier" or without ---- */
typedef struct FunctionName {
    Str name, qualifier; /* qualifier absent: none was named */
    Str account, region; /* absent: the caller's */
} FunctionName;
must_use bool function_name_parse(Str given, FunctionName *out);
Str function_arn(Arena *a, Str region, Str account, Str name, Str qualifier); /* absent: without */
/* "$LATEST" is 0; false: it is an alias's name. */
must_use bool function_version_parse(Str qualifier, int64_t *number);
Str function_version_text(Arena *a, int64_t number);

/* ---- runtimes ---- */
typedef enum FunctionRuntime {
    FUNCTION_PYTHON,
    FUNCTION_NODE,
    FUNCTION_CUSTOM, /* provided.*: the file `bootstrap` of the code */
    FUNCTION_OTHER,  /* one this program cannot run */
} FunctionRuntime;
FunctionRuntime function_runtime(Str name);

/* ---- an alias's weights: {"2": 0.1}; `chance` is uniform over 64 bits ---- */
int64_t function_route(int64_t version, const Json *weights, uint64_t chance);

/* ---- asynchronous invocations that did not succeed ("Asynchronous invocation" in the developer
 * guide): twice again, after one and two minutes; no later than 6 hours ---- */
enum {
    FUNCTION_RETRIES = 2,
    FUNCTION_EVENT_AGE_SECONDS = 6 * 3600,
};
typedef struct FunctionRetry {
    bool again;
    Millis due;         /* again */
    const char *reason; /* not again: as the record for a destination names it */
} FunctionRetry;
/* attempts: failed ones, this one included. retries, age_seconds: -1: the defaults. */
FunctionRetry function_retry(int64_t attempts, Millis asked, Millis now, int64_t retries,
                             int64_t age_seconds);
