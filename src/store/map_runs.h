/* map_runs.h - rows of Map Runs and of their children: what a distributed Map has done, is doing, and has still to do. */
#pragma once
#include "core/asl/event.h"
#include "store/db.h"

/* The children are executions (executions.h) whose `machine` is -n of the run. */
typedef enum MapRunPhase {
    MAP_RUN_READING,  /* the items are being read into a file */
    MAP_RUN_STARTING, /* children are started as there is room, until all have ended */
    MAP_RUN_STOPPING, /* those that run are being aborted */
    MAP_RUN_WRITING,  /* results are being put into a bucket */
    MAP_RUN_ENDED,
} MapRunPhase;

/* Of children or of items, by the AslStatus of the child; [ASL_RUNNING] those that run. */
typedef struct MapRunCounts {
    int64_t by[ASL_ABORTED + 1];
    int64_t redrive; /* did not succeed, and are to be tried again */
    int64_t written; /* their results are in the bucket */
} MapRunCounts;

typedef struct MapRunRow {
    /* From the beginning. */
    int64_t n;
    Str arn, label;
    int64_t execution; /* the parent */
    Str parent_arn;
    int32_t flow;
    bool express;
    Millis started;
    /* What changes. */
    AslToken token; /* of the order: another one after a redrive */
    MapRunPhase phase;
    AslStatus status;
    int64_t concurrency, tolerated_count,
        tolerated_per_million;     /* as AslMapRun; 0, -1: not given */
    int64_t items;                 /* all of them; -1 until they have been read */
    int64_t next_item, next_child; /* the first that was not started */
    int64_t offset;                /* of next_item, in the file of the items */
    MapRunCounts children, counts; /* counts: of items */
    int64_t output_bytes;          /* of children that succeeded */
    int64_t redrives;
    Millis redriven, stopped;
    Str error, cause; /* why it failed, or is about to */
    Str order;        /* JSON, without the items once they are in the file */
} MapRunRow;

void map_run_add(Db *db, MapRunRow *row); /* fills row->n */
must_use bool map_run_get(Db *db, int64_t n, Arena *a, MapRunRow *out);
must_use bool map_run_find(Db *db, Str arn, Arena *a, MapRunRow *out);
must_use bool map_run_find_token(Db *db, int64_t execution, AslToken token, Arena *a,
                                 MapRunRow *out);
void map_run_set(Db *db, const MapRunRow *row); /* all that changes but the order */
void map_run_set_order(Db *db, int64_t n, Str order);
/* The execution goes: so do the runs it started, and its place as a child. */
void map_run_forget(Db *db, int64_t execution);
/* Newest first, below `before` (0: from the newest); without their orders. */
int64_t map_run_list(Db *db, int64_t execution, int64_t before, int64_t max, Arena *a,
                     MapRunRow **out);
/* Those in this phase, by n. */
int64_t map_run_in_phase(Db *db, MapRunPhase phase, Arena *a, int64_t **out);

/* ---- children, in the order of their items ---- */
enum { MAP_CHILD_REDRIVE = ASL_ABORTED + 1 }; /* a further status: waits to be tried again */

typedef struct MapChild {
    int64_t run, i, execution, items;
    int status; /* AslStatus, or MAP_CHILD_REDRIVE */
} MapChild;
void map_child_add(Db *db, const MapChild *child);
void map_child_set(Db *db, const MapChild *child); /* execution and status */
must_use bool map_child_of(Db *db, int64_t execution, MapChild *out);
/* Of a status that is not final (ASL_RUNNING, MAP_CHILD_REDRIVE), the first `max`. */
int64_t map_child_list(Db *db, int64_t run, int status, int64_t max, Arena *a, MapChild **out);
/* All those that did not succeed are to be tried again. */
void map_child_redrive_all(Db *db, int64_t run);

/* What became of a child, for its result: from child `i` on. */
typedef struct MapResult {
    MapChild child;
    Str arn, name, machine_arn, input, output, error, cause;
    Millis started, stopped;
    int64_t redrives;
} MapResult;
int64_t map_result_list(Db *db, int64_t run, int64_t i, int64_t max, int64_t bytes_max, Arena *a,
                        MapResult **out);
