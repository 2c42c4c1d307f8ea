/* states.h - the words of lifetimes: states, reasons, actions, causes, and what may follow what. */
#pragma once
#include "base/str.h"

/* The names are the API's enums; CLUSTER_NONE and STEP_NONE are "not there yet" and have the empty
 * name. X(code, name) */
#define CLUSTER_LIFE_TABLE(X)                                                                      \
    X(CLUSTER_NONE, "")                                                                            \
    X(CLUSTER_STARTING, "STARTING")                                                                \
    X(CLUSTER_BOOTSTRAPPING, "BOOTSTRAPPING")                                                      \
    X(CLUSTER_RUNNING, "RUNNING")                                                                  \
    X(CLUSTER_WAITING, "WAITING")                                                                  \
    X(CLUSTER_TERMINATING, "TERMINATING")                                                          \
    X(CLUSTER_TERMINATED, "TERMINATED")                                                            \
    X(CLUSTER_TERMINATED_WITH_ERRORS, "TERMINATED_WITH_ERRORS")

#define STEP_LIFE_TABLE(X)                                                                         \
    X(STEP_NONE, "")                                                                               \
    X(STEP_PENDING, "PENDING")                                                                     \
    X(STEP_CANCEL_PENDING, "CANCEL_PENDING")                                                       \
    X(STEP_RUNNING, "RUNNING")                                                                     \
    X(STEP_COMPLETED, "COMPLETED")                                                                 \
    X(STEP_CANCELLED, "CANCELLED")                                                                 \
    X(STEP_FAILED, "FAILED")                                                                       \
    X(STEP_INTERRUPTED, "INTERRUPTED")

/* ClusterStateChangeReason.Code; none while the cluster lives. */
#define CLUSTER_REASON_TABLE(X)                                                                    \
    X(REASON_NONE, "")                                                                             \
    X(REASON_INTERNAL_ERROR, "INTERNAL_ERROR")                                                     \
    X(REASON_VALIDATION_ERROR, "VALIDATION_ERROR")                                                 \
    X(REASON_INSTANCE_FAILURE, "INSTANCE_FAILURE")                                                 \
    X(REASON_INSTANCE_FLEET_TIMEOUT, "INSTANCE_FLEET_TIMEOUT")                                     \
    X(REASON_BOOTSTRAP_FAILURE, "BOOTSTRAP_FAILURE")                                               \
    X(REASON_USER_REQUEST, "USER_REQUEST")                                                         \
    X(REASON_STEP_FAILURE, "STEP_FAILURE")                                                         \
    X(REASON_ALL_STEPS_COMPLETED, "ALL_STEPS_COMPLETED")

#define STEP_ACTION_TABLE(X)                                                                       \
    X(ACTION_TERMINATE_CLUSTER, "TERMINATE_CLUSTER")                                               \
    X(ACTION_TERMINATE_JOB_FLOW, "TERMINATE_JOB_FLOW")                                             \
    X(ACTION_CANCEL_AND_WAIT, "CANCEL_AND_WAIT")                                                   \
    X(ACTION_CONTINUE, "CONTINUE")

/* Why a cluster ends: decides its reason, its last state, and the text when the event brings none.
 * X(cause, reason code, last state, text) */
#define CLUSTER_CAUSE_TABLE(X)                                                                     \
    X(CAUSE_NONE, REASON_NONE, CLUSTER_NONE, "")                                                   \
    X(CAUSE_STEPS_DONE, REASON_ALL_STEPS_COMPLETED, CLUSTER_TERMINATED, "Steps completed")         \
    X(CAUSE_STEPS_DONE_ERRORS, REASON_STEP_FAILURE, CLUSTER_TERMINATED,                            \
      "Steps completed with errors")                                                               \
    X(CAUSE_STEP_FAILED, REASON_STEP_FAILURE, CLUSTER_TERMINATED_WITH_ERRORS,                      \
      "Shut down as step failed")                                                                  \
    X(CAUSE_USER, REASON_USER_REQUEST, CLUSTER_TERMINATED, "Terminated by user request")           \
    X(CAUSE_IDLE, REASON_USER_REQUEST, CLUSTER_TERMINATED,                                         \
      "Terminated by the auto-termination policy")                                                 \
    X(CAUSE_DEADLINE, REASON_USER_REQUEST, CLUSTER_TERMINATED_WITH_ERRORS,                         \
      "Terminated as the deadline of the cluster passed")                                          \
    X(CAUSE_OWNER_GONE, REASON_USER_REQUEST, CLUSTER_TERMINATED_WITH_ERRORS,                       \
      "Terminated as the owner of the cluster is gone")                                            \
    X(CAUSE_PROVISION, REASON_INTERNAL_ERROR, CLUSTER_TERMINATED_WITH_ERRORS,                      \
      "An internal error occurred.")                                                               \
    X(CAUSE_INVALID, REASON_VALIDATION_ERROR, CLUSTER_TERMINATED_WITH_ERRORS,                      \
      "The cluster could not be configured")                                                       \
    X(CAUSE_BOOTSTRAP, REASON_BOOTSTRAP_FAILURE, CLUSTER_TERMINATED_WITH_ERRORS,                   \
      "A bootstrap action failed")                                                                 \
    X(CAUSE_INSTANCE, REASON_INSTANCE_FAILURE, CLUSTER_TERMINATED_WITH_ERRORS,                     \
      "The master node was terminated. The cluster was lost.")

#define X(code, ...) code,
typedef enum ClusterLife { CLUSTER_LIFE_TABLE(X) CLUSTER_LIFE_COUNT } ClusterLife;
typedef enum StepLife { STEP_LIFE_TABLE(X) STEP_LIFE_COUNT } StepLife;
typedef enum ClusterReason { CLUSTER_REASON_TABLE(X) REASON_COUNT } ClusterReason;
typedef enum StepAction { STEP_ACTION_TABLE(X) ACTION_COUNT } StepAction;
typedef enum ClusterCause { CLUSTER_CAUSE_TABLE(X) CAUSE_COUNT } ClusterCause;
#undef X

/* EMR: a step of the API that names no ActionOnFailure. */
#define ACTION_DEFAULT ACTION_TERMINATE_CLUSTER

/* Index of a name that is not empty, or -1. */
int states_find(const Str *names, int n, Str name);

Str states_cluster_name(ClusterLife state);
Str states_step_name(StepLife state);
Str states_reason_name(ClusterReason reason);
Str states_action_name(StepAction action);
Str states_cause_name(ClusterCause cause); /* CAUSE_USER: for rows, logs and traces */
must_use bool states_cluster_from(Str name, ClusterLife *out);
must_use bool states_step_from(Str name, StepLife *out);
must_use bool states_action_from(Str name, StepAction *out);

ClusterReason states_cause_reason(ClusterCause cause);
ClusterLife states_cause_end(ClusterCause cause); /* TERMINATED or TERMINATED_WITH_ERRORS */
Str states_cause_text(ClusterCause cause);

bool states_cluster_may(ClusterLife from, ClusterLife to);
bool states_step_may(StepLife from, StepLife to);
bool states_cluster_alive(
    ClusterLife state); /* accepts steps: STARTING, BOOTSTRAPPING, RUNNING, WAITING */
bool states_cluster_ended(ClusterLife state); /* TERMINATED or TERMINATED_WITH_ERRORS */
bool states_step_active(StepLife state);      /* has a process: RUNNING, CANCEL_PENDING */
bool states_step_ended(StepLife state);       /* COMPLETED, CANCELLED, FAILED, INTERRUPTED */
