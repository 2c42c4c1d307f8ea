/* engine.h - where a cluster really runs: one interface, several engines. */
#pragma once
#include "app/server.h"
#include "core/cluster/cluster.h"
#include "store/clusters.h"

/* Every function is called after the commit that ordered it, may be called again for the same token
 * (after a restart), and answers through clusters_answered in a later event, never from within the
 * call:
 *
 *   create    PROVISION                    -> PROVISIONED or PROVISION_FAILED
 *   submit    RUN_BOOTSTRAP, START_STEP    -> BOOTSTRAP_ENDED; STEP_STARTED (when its process is
 * there) and STEP_ENDED cancel    SIGNAL_STEP                  no answer; nothing happens when the
 * process of that attempt is gone upload    UPLOAD_LOGS of a step        removes its outbox row
 * when the logs are in the bucket destroy   DESTROY                      -> DESTROYED when no
 * process, no folder and no log is left behind
 *
 * observe is asked at start-up: what became of this process? It may adopt it: then its end will be
 * answered as usual. */
typedef struct Engine {
    const char *name;
    void (*create)(Server *s, const ClusterRow *row, ClusterToken token);
    void (*submit)(Server *s, const ClusterRow *row, ClusterToken token);
    void (*cancel)(Server *s, const ClusterRow *row, const ClusterCommand *command);
    void (*upload)(Server *s, const ClusterRow *row, ClusterToken token);
    void (*destroy)(Server *s, const ClusterRow *row, ClusterToken token);
    ClusterFound (*observe)(Server *s, const ClusterRow *row, ClusterToken token, Arena *a);
    bool (*exists)(Server *s, const ClusterRow *row); /* what create made is still there */
    /* A process of this engine ended; `attempt` is of the token under which it was submitted.
     * Within an event. */
    void (*ended)(Server *s, int64_t cluster, int64_t attempt, const ChildExit *exit);
} Engine;

extern const Engine engine_local; /* local.c */

/* Names of processes in SYS_CHILD_ENDED. */
static inline int64_t engine_child(int64_t cluster, int64_t attempt)
{
    return cluster << 32 | attempt;
}
static inline int64_t engine_child_cluster(int64_t child)
{
    return child >> 32;
}
static inline int64_t engine_child_attempt(int64_t child)
{
    return child & 0xffffffff;
}
