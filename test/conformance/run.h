/* run.h - what the parts of the runner of recorded Step Functions behaviour share. */
#pragma once
#include "asl_world.h"
#include <stdio.h>

/* Verdicts, best first. A difference that is known and explained is listed in
 * test/conformance/asl_differences.txt. */
typedef enum Verdict { EXACT, CANON, OUTCOME, WRONG, VERDICTS } Verdict;

typedef struct Category {
    Str name;
    int64_t n[VERDICTS];
} Category;

typedef struct Run {
    Arena *a;
    Arena scratch;
    struct {
        Category *p;
        int64_t n, cap;
    } categories;
    FILE *list;
    Str known; /* text of the differences file */
    int64_t unknown, stale;
} Run;

void note(Run *r, Str group, Str name, Verdict verdict, Str where);
Str filled_in(Arena *a, Str text); /* "@@1.stateMachineArn@@" by the name the world has */
void run_script(Run *r, const Json *script);
