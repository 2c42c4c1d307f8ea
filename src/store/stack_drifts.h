/* stack_drifts.h - rows of drift detections: which stack was looked at, how far, and what came of it. */
#pragma once
#include "base/json.h"
#include "store/db.h"

typedef struct StackDriftRow {
    Str id; /* a UUID */
    int64_t stack;
    Str status, reason; /* "DETECTION_IN_PROGRESS", ... */
    Str drift;          /* the stack's: "DRIFTED", ...; absent: not known yet */
    Str names;          /* JSON array: the resources that are wanted; absent: all */
    Str after;          /* the last one that was looked at; absent: none yet */
    Str failed;         /* JSON array: resources that could not be read */
    int64_t drifted;
    Millis at;
    Str acting; /* JSON: under whose name (app/access/acting.h) */
} StackDriftRow;

void stack_drift_set(Db *db, const StackDriftRow *row);
must_use bool stack_drift_get(Db *db, Str id, Arena *a, StackDriftRow *out);
/* Those of a stack that ended before that time. */
void stack_drift_clear(Db *db, int64_t stack, Millis before);
/* Of a stack that is looked at now. */
must_use bool stack_drift_running(Db *db, int64_t stack, Arena *a, StackDriftRow *out);
