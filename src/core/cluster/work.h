/* work.h - private to this folder: what one decision holds in its hands, and its parts. */
#pragma once
#include "core/cluster/cluster.h"

#define CLUSTER_NOT_MODIFIABLE                                                                     \
    S("A job flow that is shutting down, terminated, or finished may not be modified.")

typedef struct Work {
    const ClusterEvent *event;
    Arena *a;
    ClusterUpdate *out;
    ClusterState *s;   /* &out->next */
    ClusterSpec *spec; /* &out->spec */
    const ClusterStep
        *added; /* new steps of this event, not yet started; they queue behind the window */
    int64_t added_n;
    StepLife last_end; /* of the step that ended last in this decision */
} Work;

/* work.c: recording. Every transition is checked against the tables of states.h. */
void work_cluster(Work *w, ClusterLife to, Str message);
void work_step(Work *w, ClusterStep *step, StepLife to, Str message);
ClusterCommand *work_order(Work *w, ClusterCommandKind kind,
                           int64_t number);                               /* with a fresh token */
int64_t work_arm(Work *w, ClusterTimer timer, int64_t number, Millis at); /* its attempt */
void work_disarm(Work *w, ClusterTimer timer, int64_t number,
                 int64_t *attempt);                /* if armed; clears it */
ClusterStep *work_active(Work *w, int64_t number); /* NULL: no such active step */
void work_refuse(Work *w, Str text);

/* life.c: the cluster */
void life_created(Work *w);
void life_provisioned(Work *w);
void life_provision_failed(Work *w);
void life_bootstrap_run(Work *w, int action);
void life_bootstrap_ended(Work *w, const ClusterResult *result);
void life_terminate(Work *w, ClusterCause cause, Str text); /* text absent: the cause's own */
void life_terminate_asked(Work *w);
void life_engine_lost(Work *w, Str text);
void life_destroyed(Work *w);
void life_modify(Work *w);
void life_settle(Work *w); /* after every event: start, wait, or end */

/* steps.c: submission, start, end */
void steps_added(Work *w);
void steps_enter_pending(Work *w); /* records the event's steps as PENDING */
void steps_start_next(Work *w);    /* as many as may start */
void steps_order_start(Work *w, ClusterStep *step);
void steps_started(Work *w);
void steps_ended(Work *w, ClusterStep *step, const ClusterResult *result);
void steps_end(Work *w, ClusterStep *step, StepLife to,
               Str message);                     /* and removes it from the active ones */
void steps_cancel_pending(Work *w, Str message); /* all of them */

/* cancel.c: CancelSteps, signals and the timers behind them */
void cancel_asked(Work *w);
void cancel_active(Work *w, ClusterStep *step,
                   bool kill); /* RUNNING -> CANCEL_PENDING with a signal */
void cancel_timer_due(Work *w);

/* restart.c: what was found when the server came back */
void restart_found(Work *w);
