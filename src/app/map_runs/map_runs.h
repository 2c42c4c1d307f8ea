/* map_runs.h - Map Runs: items are read into a file, children started in portions, results collected; all of it durable. */
#pragma once
#include "app/states/executions.h"
#include "core/asl/map_run.h"
#include "store/map_runs.h"

/* The life of a run (MapRunPhase) goes on in events of the timer "map-run", whose subject is the
 * run's number: each does a portion that is bounded, records it together with how far the run has
 * come, and sets the timer anew while there is more to do. So a crash loses nothing and repeats
 * nothing inside:
 *
 *   READING   a job of the pool writes map-runs/<n>.items, one item a line (map_runs_items.h); it
 *             begins anew after a crash
 *   STARTING  children begin in the event that moves the place in the file on
 *   STOPPING  what still runs is aborted
 *   WRITING   the results are collected; put into a bucket by a job and one event, or into the
 * output ENDED     the parent has been told
 *
 * A child is an execution of the same definition; its end is counted in the event that ends it. */
struct MapRuns;

must_use bool map_runs_open(Server *s, Error *err);
void map_runs_close(Server *s);
void map_runs_recover(Server *s); /* at start-up, in an event */

/* Within the event of an order: a new run, or a further try of one (order->pattern names it). */
void map_runs_order(Server *s, const ExecutionRow *parent, const ExecutionOrder *order);
/* The state that waits for it is over: what still runs is aborted. */
void map_runs_cancel(Server *s, int64_t execution, AslToken token);
void map_runs_child_ended(Server *s, const ExecutionRow *child);
void map_runs_due(Server *s, Str subject); /* kind "map-run" */
/* After a change from outside (UpdateMapRun), or by a job's end: the run goes on. */
void map_runs_wake(Server *s, int64_t n);

/* A job that the disk failed is the server's trouble, not the run's: true, and it begins anew after
 * a while. Within an event. */
must_use bool map_runs_postpone(Server *s, int64_t n, const Error *err);

AslMapRun map_runs_decision(const MapRunRow *row); /* what core/asl/map_run.h decides by */

/* ---- between the files of this module ---- */
struct MapRuns {
    struct Reading *readings;
    struct Writing *writings;
    bool starting; /* ends of children are counted by who starts them */
};

Str map_runs_file(Arena *a, int64_t n); /* of the items, below the data folder */
void map_runs_fail(Server *s, MapRunRow *row, Str error, Str cause);
/* The last event of a run: `output` is the state's, when it succeeded. */
void map_runs_finish(Server *s, MapRunRow *row, Str output);
void map_runs_count(MapRunRow *row, const MapChild *child, const ExecutionRow *ended);

/* start.c: a portion of children. false: the run failed. */
must_use bool map_runs_start_some(Server *s, MapRunRow *row);
/* The inputs of at most `max` children that have not begun; moves row->next_item and offset on.
 * false: the items, or ItemSelector, are at fault. */
typedef void InputTaker(void *owner, Str input, int64_t items);
must_use bool map_runs_inputs(Server *s, MapRunRow *row, int64_t max, InputTaker *take, void *owner,
                              AslFault *fault);
/* read.c: begins to read the items, unless that is under way. */
void map_runs_read(Server *s, const MapRunRow *row);
/* results.c: the results as the state's output, or by write.c in a bucket: which
 * begins unless it is under way. */
void map_runs_collect(Server *s, MapRunRow *row);
void map_runs_write(Server *s, MapRunRow *row, const Json *order);
void writing_free(struct Writing *w);
struct Writing *writing_next(const struct Writing *w);
/* The bucket is there, and the account's own; S3's error else. */
must_use bool map_runs_may_write(Server *s, const MapRunRow *row, Error *err);
