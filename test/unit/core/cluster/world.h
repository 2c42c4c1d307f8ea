/* world.h - a cluster's rows in memory: loads the small state as the program does, applies updates, answers tokens. */
#pragma once
#include "core/cluster/cluster.h"

typedef struct World {
    Arena *a;
    ClusterSpec spec;
    ClusterState state; /* without active and window: those come from the rows */
    ClusterStep *steps; /* row i has number i + 1 */
    int64_t steps_n, steps_cap;
    Millis now;
} World;

/* Rows for `n` new steps of one action; the event's steps point to copies of them. */
void world_submit(World *w, ClusterEvent *event, StepAction action, int64_t n);
/* The token an honest answer would bring now: of the engine, a bootstrap action, a step (number) or
 * a timer. */
ClusterToken world_token(const World *w, ClusterEventKind kind, ClusterTimer timer, int64_t number);
/* Loads, decides, and writes what the update says. */
void world_apply(World *w, const ClusterEvent *event, ClusterUpdate *out);
int64_t world_count(const World *w, StepLife life);
