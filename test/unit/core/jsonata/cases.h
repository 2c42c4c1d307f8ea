/* cases.h - runs files of JSONata cases: one JSON object a line, as in the language's public test suite. */
#pragma once
#include "base/json.h"

/* {"group": g, "case": c, "expr": e, "data": input | "dataset": file, "bindings": {},
 *  "result": r | "undefinedResult": true | "code": c ("token": t) | "error": {"code": c, "token":
 * t}, "unordered": arrays are compared as sets, "depth": n, "dialect": "states"} Without data and
 * dataset, and with dataset null, the input is undefined. */
typedef struct Tally {
    int run, good;
} Tally;

/* false: there is no such file. Each difference, and the count of each group, is printed as a TAP
 * comment; a difference fails the test unless `expected_difference` names it ("group/case",
 * NULL-terminated). */
bool cases_run(const char *file, const char *datasets, const char *const *expected_difference,
               Tally *out);
