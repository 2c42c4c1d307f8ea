/* event.h - what changes an execution: events in, and the update with its commands out. */
#pragma once
#include "core/asl/execution.h"

typedef enum AslEventKind {
    ASL_START,
    ASL_CONTINUE,
    ASL_TIMER,
    ASL_TASK_STARTED,   /* `worker`: an activity's */
    ASL_TASK_SUBMITTED, /* `output` */
    ASL_TASK_SUCCEEDED, /* `output` */
    ASL_TASK_FAILED,    /* `error`, `cause`, `stage` */
    ASL_TASK_HEARTBEAT,
    ASL_MAP_RUN_STARTED, /* `arn` */
    ASL_MAP_RUN_SUCCEEDED,
    ASL_MAP_RUN_FAILED,
    ASL_STOP, /* `error`, `cause` */
    ASL_REDRIVE,
} AslEventKind;

typedef enum AslTimer {
    ASL_TIMER_WAIT,
    ASL_TIMER_RETRY,
    ASL_TIMER_TASK,
    ASL_TIMER_HEARTBEAT,
    ASL_TIMER_EXECUTION, /* token {0, redrives} */
} AslTimer;

typedef struct AslToken {
    int64_t frame, attempt;
} AslToken;

/* Where a task failed: before anything began, while it was handed over, or running. */
typedef enum AslStage {
    ASL_STAGE_RUN,
    ASL_STAGE_SCHEDULE,
    ASL_STAGE_START,
    ASL_STAGE_SUBMIT
} AslStage;

typedef struct AslEvent {
    AslEventKind kind;
    Millis now;
    uint64_t seed;
    AslToken token;
    AslTimer timer;
    AslStage stage;
    Str output, error, cause, worker, arn;
} AslEvent;

typedef enum AslCommandKind {
    ASL_COMMAND_TASK,
    ASL_COMMAND_TIMER,
    ASL_COMMAND_MAP_RUN,
    ASL_COMMAND_CANCEL,
    ASL_COMMAND_CONTINUE,
} AslCommandKind;

typedef enum AslTaskKind { ASL_TASK_SERVICE, ASL_TASK_LAMBDA, ASL_TASK_ACTIVITY } AslTaskKind;

typedef struct AslCommand {
    AslCommandKind kind;
    AslToken token;
    /* ASL_COMMAND_TIMER */
    AslTimer timer;
    Millis due;
    /* ASL_COMMAND_TASK; ASL_COMMAND_MAP_RUN uses flow and parameters */
    AslTaskKind task;
    Str resource; /* the ARN, as in the definition */
    Str service, action,
        pattern;    /* "aws-sdk:s3", "getObject", "": or "sync", "sync:2", "waitForTaskToken" */
    Str parameters; /* JSON; of a Map Run see docs: Items or ItemReader, batching, tolerances */
    Str role_arn;   /* Credentials.RoleArn; absent: the machine's */
    int64_t timeout_seconds, heartbeat_seconds; /* 0: none */

    int32_t flow;
    Str label;
    Str map_run_arn; /* redrive this one; absent: a new one */
} AslCommand;

/* The text of a token, as $$.Task.Token and SendTaskSuccess know it, and back. */
Str asl_token_text(Arena *a, Str execution_arn, AslToken token);
must_use bool asl_token_parse(Str text, Arena *a, Str *execution_arn, AslToken *token);

typedef struct AslUpdate {
    bool ignored; /* old token, or an event that does not apply: nothing is to be stored */
    AslExecution next;
    struct {
        AslFrame *p;
        int64_t n, cap;
    } frames;
    struct {
        int64_t *p;
        int64_t n, cap;
    } removed;
    struct {
        AslHistory *p;
        int64_t n, cap;
    } history;
    struct {
        AslCommand *p;
        int64_t n, cap;
    } commands;
} AslUpdate;
