/* cluster_event.h - what can happen to a cluster, what is ordered, and tokens that tie the two. */
#pragma once
#include "core/cluster/states.h"

struct ClusterStep;

/* X(code, name): what to do, and the event that answers it. */
#define CLUSTER_COMMAND_TABLE(X)                                                                   \
    X(CLUSTER_COMMAND_NONE, "")                                                                    \
    X(CLUSTER_COMMAND_PROVISION, "PROVISION") /* make the engine; PROVISIONED, PROVISION_FAILED */ \
    X(CLUSTER_COMMAND_RUN_BOOTSTRAP, "RUN_BOOTSTRAP") /* number: from 1; BOOTSTRAP_ENDED */        \
    X(CLUSTER_COMMAND_START_STEP, "START_STEP")       /* number: step; STEP_STARTED, STEP_ENDED */ \
    X(CLUSTER_COMMAND_SIGNAL_STEP, "SIGNAL_STEP")     /* to the tree of START_STEP `target` */     \
    X(CLUSTER_COMMAND_UPLOAD_LOGS, "UPLOAD_LOGS")     /* number: the step that ended */            \
    X(CLUSTER_COMMAND_DESTROY, "DESTROY")     /* tree, remaining logs, folder; DESTROYED */        \
    X(CLUSTER_COMMAND_ARM_TIMER, "ARM_TIMER") /* number: step or 0; TIMER_DUE at `at` */           \
    X(CLUSTER_COMMAND_DISARM_TIMER, "DISARM_TIMER")

#define CLUSTER_TIMER_TABLE(X)                                                                     \
    X(CLUSTER_TIMER_NONE, "")                                                                      \
    X(CLUSTER_TIMER_DEADLINE, "DEADLINE")                                                          \
    X(CLUSTER_TIMER_IDLE, "IDLE")                                                                  \
    X(CLUSTER_TIMER_GRACE,                                                                         \
      "GRACE") /* number 0: the end of the cluster, else KILL for that step */                     \
    X(CLUSTER_TIMER_STEP_LIMIT, "STEP_LIMIT")

#define CLUSTER_EVENT_TABLE(X)                                                                     \
    X(CLUSTER_EVENT_CREATED, "created")         /* steps: those of RunJobFlow */                   \
    X(CLUSTER_EVENT_PROVISIONED, "provisioned") /* token */                                        \
    X(CLUSTER_EVENT_PROVISION_FAILED,                                                              \
      "provision-failed") /* token, text, invalid: the user's fault */                             \
    X(CLUSTER_EVENT_BOOTSTRAP_ENDED, "bootstrap-ended") /* token, result, path: of the script */   \
    X(CLUSTER_EVENT_STEPS_ADDED, "steps-added")         /* steps: number, id, action */            \
    X(CLUSTER_EVENT_STEP_STARTED, "step-started")       /* token */                                \
    X(CLUSTER_EVENT_STEP_ENDED, "step-ended")           /* token, result */                        \
    X(CLUSTER_EVENT_CANCEL_STEPS, "cancel-steps") /* steps: rows named (number 0: none); kill */   \
    X(CLUSTER_EVENT_TERMINATE, "terminate")       /* cause: USER, DEADLINE, OWNER_GONE; text */    \
    X(CLUSTER_EVENT_MODIFY, "modify")             /* modify */                                     \
    X(CLUSTER_EVENT_TIMER_DUE, "timer-due")       /* token of the ARM_TIMER, timer */              \
    X(CLUSTER_EVENT_ENGINE_LOST, "engine-lost")   /* text: it died under the cluster */            \
    X(CLUSTER_EVENT_DESTROYED, "destroyed")       /* token */                                      \
    X(CLUSTER_EVENT_RESTARTED, "restarted")       /* found: see cluster.h */

#define X(code, name) code,
typedef enum ClusterCommandKind {
    CLUSTER_COMMAND_TABLE(X) CLUSTER_COMMAND_COUNT
} ClusterCommandKind;
typedef enum ClusterTimer { CLUSTER_TIMER_TABLE(X) CLUSTER_TIMER_COUNT } ClusterTimer;
typedef enum ClusterEventKind { CLUSTER_EVENT_TABLE(X) CLUSTER_EVENT_COUNT } ClusterEventKind;
#undef X
typedef enum ClusterSignal { CLUSTER_SIGNAL_TERM, CLUSTER_SIGNAL_KILL } ClusterSignal;

Str cluster_command_name(ClusterCommandKind kind);
Str cluster_timer_name(ClusterTimer timer);
must_use bool cluster_command_from(Str name, ClusterCommandKind *out);
must_use bool cluster_timer_from(Str name, ClusterTimer *out);

typedef struct ClusterToken {
    ClusterCommandKind kind;
    int64_t number;  /* step or bootstrap action; 0: the cluster */
    int64_t attempt; /* unique in the cluster */
} ClusterToken;

/* How a process ended. reason and message become FailureDetails when present (the caller may have
 * read the log); absent, the core words them. */
typedef enum ClusterResultKind {
    CLUSTER_RESULT_EXITED,
    CLUSTER_RESULT_SIGNALLED,
    CLUSTER_RESULT_NOT_STARTED,
    CLUSTER_RESULT_LOST
} ClusterResultKind;
typedef struct ClusterResult {
    ClusterResultKind kind;
    int code;            /* exit code or signal number */
    Str reason, message; /* CLUSTER_RESULT_NOT_STARTED: message says why */
} ClusterResult;

typedef enum ClusterFinding {
    CLUSTER_FOUND_RUNNING,
    CLUSTER_FOUND_ENDED,
    CLUSTER_FOUND_NEVER_STARTED,
    CLUSTER_FOUND_LOST
} ClusterFinding;
typedef struct ClusterFound {
    ClusterCommandKind kind; /* PROVISION: the engine, RUN_BOOTSTRAP, START_STEP */
    int64_t number;
    ClusterFinding finding;
    ClusterResult result; /* CLUSTER_FOUND_ENDED */
} ClusterFound;

enum { CLUSTER_KEEP = -1 }; /* a setting that stays; so initialise all four */
typedef struct ClusterModify {
    int concurrency, is_protected, keep_alive;
    int64_t idle_timeout_ms; /* 0: the policy is removed */
} ClusterModify;

typedef struct ClusterEvent {
    ClusterEventKind kind;
    Millis now;
    ClusterToken token;
    ClusterTimer timer;
    ClusterResult result;
    ClusterCause cause;
    Str text, path;
    bool kill, invalid; /* kill: TERMINATE_PROCESS instead of SEND_INTERRUPT */
    ClusterModify modify;
    const struct ClusterStep *steps;
    int64_t steps_n;
    const ClusterFound *found;
    int64_t found_n;
} ClusterEvent;
