/* invocations.h - rows of invocations that nobody's connection waits for: asynchronous ones, and tasks of executions. */
#pragma once
#include "store/db.h"

/* A row exists from the moment it was accepted until its end has been told: an asynchronous one's
 * success removes it, a task's result stays until the execution has read it, and what was given up
 * stays as DEAD, with its reason. WAITING rows have a durable timer (kind "lambda", subject n);
 * RUNNING ones were given to an instance by this life of the server: after a restart they run
 * again. */
typedef enum InvocationState {
    INVOCATION_WAITING,
    INVOCATION_RUNNING,
    INVOCATION_ENDED, /* of a task */
    INVOCATION_DEAD,
} InvocationState;

typedef struct InvocationRow {
    int64_t n;
    int64_t function, version;
    Str qualifier;  /* as asked for; absent: none */
    Str request_id; /* the same for each attempt */
    Str payload;
    bool task; /* of an execution: never retried here */
    InvocationState state;
    int64_t attempts; /* that ended without success */
    Millis asked;
    Str output, error, cause; /* of the end, or of the last attempt; error absent: it succeeded */
} InvocationRow;

/* Fills row->n. */
void invocation_add(Db *db, InvocationRow *row);
must_use bool invocation_get(Db *db, int64_t n, Arena *a, InvocationRow *out);
/* State, attempts, output, error and cause. */
void invocation_set(Db *db, const InvocationRow *row);
void invocation_remove(Db *db, int64_t n);
void invocation_remove_of(Db *db, int64_t function);
/* After a restart: the numbers of those RUNNING. */
int64_t invocation_list_running(Db *db, Arena *a, int64_t **out);
/* DEAD ones of a function beyond the newest `keep` are removed. */
void invocation_trim_dead(Db *db, int64_t function, int64_t keep);
