/* cluster.h - the life of a cluster and its steps, as EMR defines it: one pure decision. */
#pragma once
#include "core/cluster/cluster_event.h"
#include "core/cluster/cluster_record.h"

/* cluster_step(spec, state, event) -> update. The caller loads `state` from rows, calls, and writes
 * the update in the same transaction: next, spec (if spec_changed), changes, commands (the outbox).
 * Only after the commit the commands are done. Nothing here reads a clock: `now` is a field of the
 * event.
 *
 * STATE IS SMALL. Of the steps only those that have a process (`active`) and the first of those
 * that wait (`window`: at least min(pending_n, cluster_window()), in order of submission) are
 * loaded; 1,000 queued steps are the number pending_n. The same reason makes the end of all waiting
 * steps one record: cancel_pending says that every step still PENDING after the changes were
 * applied becomes CANCELLED with that message (one UPDATE, one `changed` record each).
 *
 * LIFE. STARTING --provisioned--> BOOTSTRAPPING --actions done--> RUNNING <--> WAITING -->
 * TERMINATING --destroyed--> TERMINATED or TERMINATED_WITH_ERRORS. With keep_alive an empty RUNNING
 * becomes WAITING, else TERMINATING. Every end passes TERMINATING: waiting steps are CANCELLED
 * ("Job terminated"); running ones become CANCEL_PENDING, get TERM, and have kill_grace_ms before
 * DESTROY, exactly one in a life, ends the whole process tree. DESTROY also uploads what logs
 * remain. Termination protection refuses the user's request and softens a step's TERMINATE_CLUSTER
 * to CANCEL_AND_WAIT. It does not stop a cluster without keep_alive from ending with its steps, nor
 * a deadline, nor the loss of the owner.
 *
 * STEPS start in order of submission, at most `concurrency` at a time; a step is RUNNING from the
 * commit that orders its start. ActionOnFailure acts only at concurrency 1 (CANCEL_AND_WAIT only if
 * no other step runs). A cancelled step never triggers it; its place is free when its process has
 * ended, not before. A cancelled step that still ends with 0 is COMPLETED.
 *
 * TOKENS. Every command has one: {kind, number, attempt}; attempts are counted per cluster and
 * never repeat. An answer brings the token back; if it is not the one awaited, the update says
 * `ignored` and nothing else. Commands are idempotent: the outbox re-sends what was not answered.
 * SIGNAL_STEP, UPLOAD_LOGS and DISARM_TIMER need no answer here.
 *
 * AFTER A RESTART of the server the caller looks at each thing that should run and sends one
 * CLUSTER_EVENT_RESTARTED. Decided once, for every step:
 *
 * - found running: adopted; it goes on, its end will come as any other.
 *
 * - found ended: its result counts as if it had just come.
 *
 * - never started: started now, under a new token; the finding answers the old START in the outbox.
 *
 * - lost without a result (the machine was restarted, its keeper was killed): FAILED with "... was
 *   not run again", then ActionOnFailure applies; a step that was being cancelled is CANCELLED. It
 *   may have written half its output: only its author knows if running it twice is right.
 *
 * A lost bootstrap action fails the cluster; a lost engine makes its steps INTERRUPTED. A running
 * thing the event does not name counts as lost (but an engine that is up needs no mention). So no
 * step runs twice unless somebody submits it twice. */

enum { CLUSTER_CONCURRENCY_MAX = 256, CLUSTER_STEPS_ACTIVE_MAX = 256, CLUSTER_BOOTSTRAP_MAX = 16 };

/* What the user asked for; CLUSTER_EVENT_MODIFY changes it. */
typedef struct ClusterSpec {
    Str id;       /* j-... */
    Str log_uri;  /* s3://bucket/prefix/ or absent: FailureDetails.LogFile */
    Str instance; /* i-... of the master, for messages */
    bool keep_alive, is_protected;
    int concurrency;          /* 1..256 */
    int bootstrap_n;          /* bootstrap actions, 0..16 */
    int64_t steps_active_max; /* PENDING + RUNNING at a time; 0: no limit */
    int64_t idle_timeout_ms;  /* auto-termination policy; 0: none */
    int64_t step_timeout_ms;  /* longest run of a step; 0: none */
    int64_t kill_grace_ms; /* TERM to KILL; 0: no wait at the end, no KILL after SEND_INTERRUPT */
    Millis deadline;       /* the cluster ends then at the latest; 0: none */
} ClusterSpec;

typedef struct ClusterStep {
    int64_t number; /* order of submission in the cluster, from 1 */
    Str id;         /* s-... */
    StepLife life;
    StepAction action;
    int64_t attempt;         /* of its START_STEP; 0: never ordered */
    int64_t limit, grace;    /* attempts of its armed timers; 0: not armed */
    bool started;            /* its process has been seen */
    bool over_limit, killed; /* ended by step_timeout_ms; KILL was sent */
    bool touched;            /* update only: write this row */
} ClusterStep;

typedef struct ClusterState {
    ClusterLife life;
    ClusterCause cause; /* from TERMINATING on */
    Str message;        /* StateChangeReason.Message; the code is states_cause_reason(cause) */
    Millis created, ready, ended;
    int64_t attempts; /* tokens given out */
    int64_t engine;   /* attempt of the unanswered PROVISION or DESTROY; 0: none */
    bool destroying;  /* DESTROY was ordered */
    int bootstrap;    /* the action that runs, 1..n; 0: none */
    int64_t bootstrap_attempt;
    int64_t deadline, idle, grace; /* attempts of armed timers; 0: not armed */
    bool step_failed;              /* some step has FAILED */
    int64_t pending_n;             /* all steps PENDING */
    int active_n, window_n;
    ClusterStep *active;       /* RUNNING and CANCEL_PENDING, by number */
    const ClusterStep *window; /* the first PENDING, by number */
} ClusterState;

typedef struct ClusterUpdate {
    bool ignored;      /* a late or repeated answer: nothing to write */
    Str refused;       /* present: ValidationException with this text; nothing to write */
    ClusterState next; /* next.active: all rows; next.window: what is left of it */
    bool spec_changed;
    ClusterSpec spec;
    struct {
        ClusterChange *p;
        int64_t n, cap;
    } changes;           /* in the order they happened */
    bool cancel_pending; /* see STATE IS SMALL */
    Str cancel_pending_message;
    struct {
        ClusterCommand *p;
        int64_t n, cap;
    } commands; /* to do after the commit, in order */
    struct {
        ClusterCancelAnswer *p;
        int64_t n, cap;
    } answers;
    ClusterErrorDetail error;
} ClusterUpdate;

/* How many PENDING steps the state must hold for this event, if there are as many. */
int cluster_window(const ClusterSpec *spec, const ClusterEvent *event);

/* Everything in *out lives in `a` or is borrowed from the arguments. */
void cluster_step(const ClusterSpec *spec, const ClusterState *state, const ClusterEvent *event,
                  Arena *a, ClusterUpdate *out);
