/* execution.h - the value an execution is: its row and its frames. */
#pragma once
#include "core/asl/history.h"

typedef enum AslStatus {
    ASL_RUNNING,
    ASL_SUCCEEDED,
    ASL_FAILED,
    ASL_TIMED_OUT,
    ASL_ABORTED
} AslStatus;

/* Never changes after the start, but for the redrives. */
typedef struct AslIdentity {
    Str arn, name, role_arn, machine_arn, machine_name, region;
    Millis started;
    int32_t flow; /* 0; of a Map Run's child: the flow of its Map state's processor */
    bool express;
    bool no_quotas;  /* events and payload sizes are not limited */
    Str map_run_arn; /* of a Map Run's child */
} AslIdentity;

typedef struct AslExecution {
    AslIdentity id;
    Str input; /* as given; absent: {} */
    AslStatus status;
    Str output, error, cause; /* absent: none */
    Millis stopped;
    int64_t last_event, last_frame;
    int32_t redrives;
    Millis redriven;
} AslExecution;

/* What a frame waits for. */
typedef enum AslPhase {
    ASL_PENDING,  /* an iteration whose turn has not come */
    ASL_READY,    /* about to enter `state` */
    ASL_WAITING,  /* a Wait state's timer */
    ASL_RETRYING, /* a retry's timer */
    ASL_TASK_SCHEDULED,
    ASL_TASK_RUNNING,
    ASL_TASK_CALLBACK, /* submitted: a job or a callback is awaited */
    ASL_MAP_RUN_ORDERED,
    ASL_MAP_RUN_RUNNING,
    ASL_CHILDREN, /* branches or iterations, see the children_... members */
    ASL_DONE,     /* a branch or iteration with its output */
    ASL_BROKEN,   /* failed for good; only in executions that ended so */
} AslPhase;
Str asl_phase_name(AslPhase phase);

/* Columns of a frame's row that an update changed. */
enum {
    ASL_DIRTY_STATE = 1,
    ASL_DIRTY_INPUT = 2,
    ASL_DIRTY_VARIABLES = 4,
    ASL_DIRTY_ITEM = 8,
    ASL_DIRTY_NEW = 15
};

enum { ASL_RETRIERS_MAX = 10 };
typedef struct AslFrame {
    int64_t id;     /* from 1, the top level */
    int64_t parent; /* 0: none */
    int64_t group;  /* the parent again, unless it is an orphan: which removal deletes this row */
    int32_t index;  /* of the branch or iteration */
    int32_t flow, state; /* places in the definition */
    AslPhase phase;
    int64_t attempt;    /* of the token; goes up with every wait, so that old answers are known */
    int64_t last_event; /* of this frame's chain: the next event's previousEventId */
    int64_t before_event, entered_event; /* chain before, and id of, the state's ...StateEntered */
    Millis entered;
    int32_t retry_count;               /* $$.State.RetryCount */
    int32_t retries[ASL_RETRIERS_MAX]; /* used of each retrier of the state */
    int64_t children_first;            /* frame id of child 0; the others follow it */
    int32_t children_n, children_started, children_ended, children_max;
    int32_t heartbeat_seconds;
    Millis heartbeat_due; /* a heartbeat timer that comes before is an old one */
    Str map_run_arn;

    Str input;     /* of the state; of a DONE frame: its output */
    Str variables; /* an object; only those assigned in this frame */
    Str item;      /* an iteration's item, when it is not `input` */

    uint8_t dirty; /* in an update: ASL_DIRTY_... */
} AslFrame;

/* All members but the texts, as one line of about 60 bytes (what ASL_DIRTY_STATE covers, besides
 * map_run_arn), and back: unpacking leaves the texts of *out alone. false: not such a line. */
Str asl_frame_pack(Arena *a, const AslFrame *f);
must_use bool asl_frame_unpack(Str text, AslFrame *out);

typedef struct AslFrames {
    void *owner;
    const AslFrame *(*load)(void *owner, int64_t id); /* must find what earlier updates stored */
} AslFrames;
