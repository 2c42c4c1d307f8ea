/* map_run.h - a Map Run: how many children may start, what their ends mean, how items become batches. */
#pragma once
#include "base/json.h"

/* The order is what ASL_COMMAND_MAP_RUN carries. The counts are the caller's, one row for a run:
 *
 *     AslMapRun run;
 *     if (!asl_map_run_open(&order, items, &run)) ...
 *     int64_t n = asl_map_run_may_start(&run);
 *     run.started += n; run.running += n;
 *     run.failed++; run.running--;
 *     switch (asl_map_run_state(&run)) ...
 *
 * A child has one item, or with an ItemBatcher several, which all share its fate: thresholds are
 * about items. On ASL_MAP_RUN_FAILURE what still runs is to be aborted.
 * https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html */
enum { ASL_MAP_RUN_CHILDREN_MAX = 10000 };

typedef struct AslMapRun {
    int64_t items, started, succeeded, failed, timed_out, aborted; /* items */
    int64_t running;                                               /* children */
    int64_t concurrency_max;                                       /* children */
    int64_t tolerated_count;                                       /* -1: not given */
    int64_t tolerated_per_million;                                 /* of the items; -1: not given */
} AslMapRun;

typedef enum AslMapRunState {
    ASL_MAP_RUN_RUNS,
    ASL_MAP_RUN_SUCCESS,
    ASL_MAP_RUN_FAILURE
} AslMapRunState;
#define ASL_MAP_RUN_ERROR S("States.ExceedToleratedFailureThreshold")
#define ASL_MAP_RUN_CAUSE S("The specified tolerated failure threshold was exceeded")

must_use bool asl_map_run_open(const Json *order, int64_t items, AslMapRun *out);
/* The concurrency that a MaxConcurrency means. */
int64_t asl_map_run_concurrency(int64_t given);
/* Children; 0 also when all items have been started. */
int64_t asl_map_run_may_start(const AslMapRun *run);
AslMapRunState asl_map_run_state(const AslMapRun *run);

/* The next child's input from items[from...]: the item itself, or with an ItemBatcher
 * {"BatchInput":..., "Items":[...]} of as many as its limits allow. Returns how many items it took;
 * 0: there are none left. */
int64_t asl_map_run_input(const Json *order, const Json *items, int64_t from, Arena *a, Json *out);
