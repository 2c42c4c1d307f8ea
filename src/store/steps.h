/* steps.h - rows of steps: thousands may wait on a cluster, and a turn reads only those it decides about. */
#pragma once
#include "core/cluster/cluster.h"
#include "store/db.h"

typedef struct StepRow {
    int64_t cluster;  /* ClusterRow.n */
    ClusterStep core; /* number, id, life, action and what the core remembers */
    Str name;
    Millis created, started, ended; /* 0: not yet */
    Str message;                    /* Status.StateChangeReason.Message */
    Str failure_reason, failure_message, failure_log;
    Str config; /* JSON: {"Jar","Args","MainClass","Properties"} as the API describes it */
    Str role;   /* ExecutionRoleArn, or absent */
} StepRow;

void step_row_add(Db *db, const StepRow *row);
must_use bool step_row_find(Db *db, int64_t cluster, Str id, Arena *a, StepRow *out);
must_use bool step_row_get(Db *db, int64_t cluster, int64_t number, Arena *a, StepRow *out);
int64_t step_row_last_number(Db *db, int64_t cluster); /* 0: no step yet */

/* Into state->active all that have a process, into state->window the first `window` that wait. */
void step_row_load(Db *db, int64_t cluster, int64_t window, Arena *a, ClusterState *state);
/* What the core remembers of it; life, times and messages are written by step_row_change. */
void step_row_set_core(Db *db, int64_t cluster, const ClusterStep *step);
void step_row_change(Db *db, int64_t cluster, const ClusterChange *change);
/* Every step that still waits becomes CANCELLED, with one `changed` record each. */
void step_row_cancel_pending(Db *db, int64_t cluster, Str cluster_id, Str message, Millis at);

/* Removes at most `max` steps of a cluster; returns how many. */
int64_t step_row_trim(Db *db, int64_t cluster, int64_t max);

typedef struct StepFilter {
    unsigned lives;        /* bit per StepLife; 0: all */
    int64_t before_number; /* marker: only older ones; 0: from the newest */
    int64_t max;
} StepFilter;
/* Newest first. */
int64_t step_row_list(Db *db, int64_t cluster, const StepFilter *filter, Arena *a, StepRow **out);
