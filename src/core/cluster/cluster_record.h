/* cluster_record.h - what a decision leaves behind: changes, commands, answers to CancelSteps. */
#pragma once
#include "core/cluster/cluster_event.h"

typedef struct ClusterChange { /* also the `changed` record of the stream */
    int64_t step;              /* its number; 0: the cluster */
    Str id;
    int from, to; /* StepLife or ClusterLife */
    ClusterReason reason;
    Str message;
    Millis at; /* step: RUNNING stamps StartDateTime, an end EndDateTime */
    /* FailureDetails of a FAILED step, else absent */
    Str failure_reason, failure_message, failure_log;
} ClusterChange;

typedef struct ClusterCommand {
    ClusterToken token;
    /* SIGNAL_STEP: the attempt of the START_STEP meant; DISARM_TIMER: of the ARM_TIMER */
    int64_t target;
    ClusterTimer timer;   /* ARM_TIMER, DISARM_TIMER */
    ClusterSignal signal; /* SIGNAL_STEP */
    Millis at;            /* ARM_TIMER */
} ClusterCommand;

typedef struct ClusterCancelAnswer { /* CancelSteps answers for each id, in order */
    int64_t step;
    Str id;
    bool submitted; /* else FAILED with the reason */
    Str reason;
} ClusterCancelAnswer;

typedef struct ClusterErrorDetail { /* Status.ErrorDetails; code absent: none */
    Str code, message;
    struct {
        Str key, value;
    } data[4];
    int data_n;
} ClusterErrorDetail;
