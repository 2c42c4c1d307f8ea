/* executions.h - rows of executions: their state, frames, history, orders not carried out yet, and what they wait for. */
#pragma once
#include "core/asl/event.h"
#include "store/db.h"

typedef struct ExecutionRow {
    int64_t n; /* key of all tables below; order of starting */
    Str account;
    int64_t machine, revision, version; /* version 0: started without one */
    Str trace_header;
    AslExecution asl;
} ExecutionRow;

/* Fills row->n. */
void execution_row_add(Db *db, ExecutionRow *row);
must_use bool execution_row_get(Db *db, int64_t n, Arena *a, ExecutionRow *out);
/* Of those with this ARN (a machine can be deleted and made again) the last. */
must_use bool execution_row_find(Db *db, Str arn, Arena *a, ExecutionRow *out);
/* Of this machine alone: an ARN can have been that of a machine that is gone, too. */
must_use bool execution_row_find_in(Db *db, int64_t machine, Str arn, Arena *a, ExecutionRow *out);
/* Everything of `asl` that changes. */
void execution_row_set(Db *db, int64_t n, const AslExecution *asl);

typedef struct ExecutionFilter {
    int64_t machine, version; /* version 0: any */
    Str alias;                /* ARN of the alias they were started by; absent: any */
    int status;               /* AslStatus; -1: all */
    int redriven;             /* 1, 0; -1: whether or not */
    bool pending;             /* of a Map Run: only those that are to be tried again */
    int64_t before;           /* 0: from the newest */
    int64_t max;
} ExecutionFilter;
/* Newest first; inputs and outputs are not read. */
int64_t execution_row_list(Db *db, const ExecutionFilter *f, Arena *a, ExecutionRow **out);

/* The client's token of the last redrive. */
void execution_redrive_note(Db *db, int64_t n, Str token);
bool execution_redrive_is(Db *db, int64_t n, Str token);

/* Keys of executions of one sort that ended before then, at most `max`, earliest end first. */
typedef struct ExecutionExpiry {
    bool express, map_child;
    Millis before;
} ExecutionExpiry;
int64_t execution_row_expired(Db *db, const ExecutionExpiry *e, int64_t *out, int64_t max);
/* And its frames; of its history nothing may be left (execution_history_trim). */
void execution_row_remove(Db *db, int64_t n);

/* ---- frames ---- */
must_use bool execution_frame_get(Db *db, int64_t execution, int64_t id, Arena *a, AslFrame *out);
/* Only what the dirty bits name. */
void execution_frame_set(Db *db, int64_t execution, const AslFrame *f, Arena *a);
void execution_frame_remove_group(Db *db, int64_t execution, int64_t group);

/* ---- history ---- */
void execution_history_add(Db *db, int64_t execution, const AslHistory *h, Arena *a);
/* From event `from` on: upwards, or downwards. */
int64_t execution_history_list(Db *db, int64_t execution, int64_t from, bool down, int64_t max,
                               Arena *a, AslHistory **out);
/* Removes the earliest events, at most `max`: how many there were. */
int64_t execution_history_trim(Db *db, int64_t execution, int64_t max);

/* ---- orders: what is to be done for a task, from the decision to the moment it is done ---- */
typedef enum OrderKind {
    ORDER_TASK,
    ORDER_CANCEL,
    ORDER_MAP_RUN,
    ORDER_WORK, /* a task that has begun and works outside of this server */
} OrderKind;
typedef struct ExecutionOrder {
    int64_t execution;
    OrderKind kind;
    AslToken token;
    int task; /* AslTaskKind */
    Str resource, service, action, pattern, parameters;
} ExecutionOrder;
void execution_order_add(Db *db, const ExecutionOrder *order);
must_use bool execution_order_get(Db *db, int64_t execution, OrderKind kind, AslToken token,
                                  Arena *a, ExecutionOrder *out);
void execution_order_remove(Db *db, int64_t execution, OrderKind kind, AslToken token);

/* ---- waits: tasks that go on when a resource changes (changes.h) ---- */
typedef struct ExecutionWait {
    int64_t execution;
    AslToken token;
    Str service, id, parent; /* as in the changed record: "emr-step", "s-1", "j-1" */
    Str action, pattern;     /* of the task: what the change means to it */
} ExecutionWait;
void execution_wait_add(Db *db, const ExecutionWait *wait);
must_use bool execution_wait_get(Db *db, int64_t execution, AslToken token, Arena *a,
                                 ExecutionWait *out);
void execution_wait_remove(Db *db, int64_t execution, AslToken token);
int64_t execution_wait_list(Db *db, Str service, Str id, Arena *a, ExecutionWait **out);
bool execution_wait_exists(Db *db);
/* How far the stream of changes has been followed. */
int64_t execution_seen(Db *db);
void execution_set_seen(Db *db, int64_t change);
