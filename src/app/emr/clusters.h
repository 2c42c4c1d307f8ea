/* clusters.h - living clusters: what happens becomes decisions of core/cluster, is recorded, and carried out. */
#pragma once
#include "app/call.h"
#include "store/clusters.h"
#include "store/steps.h"

/* The one way in which a cluster changes:
 *
 *     clusters_apply(s, &row, &event, added, arena, &update, err)
 *         loads the steps the decision needs, calls cluster_step, writes rows, ledger, `changed`
 * records and outbox, and asks for the commands to be carried out after the commit
 *
 * Requests come from api/, answers from the engine (engine.h), due timers from turn.c, the restart
 * from recover.c. */
typedef struct Clusters {
    const struct Engine *engine; /* where clusters of this server run */
    struct Local *local;         /* local.h */
    struct Logs *logs;           /* logs.h */
} Clusters;

enum {
    CLUSTERS_STEPS_ACTIVE_MAX = 256, /* EMR: PENDING + RUNNING at a time */
    CLUSTERS_KILL_GRACE_MS = 10 * 1000,
};

must_use bool clusters_open(Server *s, Error *err);
void clusters_close(Server *s);
/* Once at start-up, in an event of its own (recover.c). */
must_use bool clusters_recover(Server *s, Error *err);

/* Events of the turn. */
void clusters_child_ended(Server *s, int64_t child, const ChildExit *exit);
void clusters_timer_due(Server *s, Str subject);
/* Timer "cluster-retention": clusters that ended long ago are forgotten, in small portions. */
void clusters_retention_due(Server *s, Str subject);

/* A new cluster and its first steps: adds the rows, the lease and the access key of its processes,
 * and begins its life. `added[i].core` needs id and action; numbers are given here. */
must_use bool clusters_create(Server *s, ClusterRow *row, Str request, Str instances,
                              StepRow *added, int64_t added_n, Arena *a, Error *err);

/* The row of a cluster that exists. false: the database has failed, so there is nothing more to do:
 * an event is undone and comes again; after the commit the server ends (turn.c). */
must_use bool clusters_row(Server *s, int64_t cluster, ClusterRow *out);

/* A document of a cluster that exists; its instances; what it would have cost until then on EMR's
 * and EC2's price lists, or in its whole life when that is recorded. false: the database has
 * failed.
 */
struct InstanceUse;
must_use bool clusters_doc(Server *s, const ClusterRow *row, ClusterDoc doc, Arena *a, Json *out);
/* As whom the server acts for the cluster (fetches programs, writes logs): the role that is in its
 * instance profile now. */
Identity clusters_identity(Server *s, const ClusterRow *row, Arena *a);
must_use bool clusters_uses(Server *s, const ClusterRow *row, Arena *a, struct InstanceUse **out,
                            int64_t *n);
must_use bool clusters_cost(Server *s, const ClusterRow *row, Millis until, Arena *a,
                            int64_t *micro);

/* false: the core refused; ERR_VALIDATION with its text, nothing is written. Or the database has
 * failed: ERR_IO. `added`: rows of the event's new steps (event->steps and numbers are filled from
 * them), else NULL. */
must_use bool clusters_apply(Server *s, ClusterRow *row, ClusterEvent *event, StepRow *added,
                             int64_t added_n, Arena *a, ClusterUpdate *out, Error *err);

/* The engine's answer to a command: event->token says to which. Removes it from the outbox; late
 * ones change nothing. */
void clusters_answered(Server *s, int64_t cluster, ClusterEvent *event);

/* Carries a command out now; for recover.c, which sends again what was not answered. After the
 * commit. */
void clusters_send_later(Server *s, int64_t cluster, const ClusterCommand *command);
