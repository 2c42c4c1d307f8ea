/* history.h - the event types of an execution's history, with the name and the details member of each. */
#pragma once
#include "base/json.h"

/* X(type, name, details member; "" for none) */
#define ASL_HISTORY_TABLE(X)                                                                       \
    X(ASL_H_EXECUTION_STARTED, "ExecutionStarted", "executionStartedEventDetails")                 \
    X(ASL_H_EXECUTION_SUCCEEDED, "ExecutionSucceeded", "executionSucceededEventDetails")           \
    X(ASL_H_EXECUTION_FAILED, "ExecutionFailed", "executionFailedEventDetails")                    \
    X(ASL_H_EXECUTION_ABORTED, "ExecutionAborted", "executionAbortedEventDetails")                 \
    X(ASL_H_EXECUTION_TIMED_OUT, "ExecutionTimedOut", "executionTimedOutEventDetails")             \
    X(ASL_H_EXECUTION_REDRIVEN, "ExecutionRedriven", "executionRedrivenEventDetails")              \
    X(ASL_H_PASS_ENTERED, "PassStateEntered", "stateEnteredEventDetails")                          \
    X(ASL_H_PASS_EXITED, "PassStateExited", "stateExitedEventDetails")                             \
    X(ASL_H_TASK_ENTERED, "TaskStateEntered", "stateEnteredEventDetails")                          \
    X(ASL_H_TASK_EXITED, "TaskStateExited", "stateExitedEventDetails")                             \
    X(ASL_H_TASK_ABORTED, "TaskStateAborted", "")                                                  \
    X(ASL_H_CHOICE_ENTERED, "ChoiceStateEntered", "stateEnteredEventDetails")                      \
    X(ASL_H_CHOICE_EXITED, "ChoiceStateExited", "stateExitedEventDetails")                         \
    X(ASL_H_WAIT_ENTERED, "WaitStateEntered", "stateEnteredEventDetails")                          \
    X(ASL_H_WAIT_EXITED, "WaitStateExited", "stateExitedEventDetails")                             \
    X(ASL_H_WAIT_ABORTED, "WaitStateAborted", "")                                                  \
    X(ASL_H_SUCCEED_ENTERED, "SucceedStateEntered", "stateEnteredEventDetails")                    \
    X(ASL_H_SUCCEED_EXITED, "SucceedStateExited", "stateExitedEventDetails")                       \
    X(ASL_H_FAIL_ENTERED, "FailStateEntered", "stateEnteredEventDetails")                          \
    X(ASL_H_PARALLEL_ENTERED, "ParallelStateEntered", "stateEnteredEventDetails")                  \
    X(ASL_H_PARALLEL_EXITED, "ParallelStateExited", "stateExitedEventDetails")                     \
    X(ASL_H_PARALLEL_STARTED, "ParallelStateStarted", "")                                          \
    X(ASL_H_PARALLEL_SUCCEEDED, "ParallelStateSucceeded", "")                                      \
    X(ASL_H_PARALLEL_FAILED, "ParallelStateFailed", "")                                            \
    X(ASL_H_PARALLEL_ABORTED, "ParallelStateAborted", "")                                          \
    X(ASL_H_MAP_ENTERED, "MapStateEntered", "stateEnteredEventDetails")                            \
    X(ASL_H_MAP_EXITED, "MapStateExited", "stateExitedEventDetails")                               \
    X(ASL_H_MAP_STARTED, "MapStateStarted", "mapStateStartedEventDetails")                         \
    X(ASL_H_MAP_SUCCEEDED, "MapStateSucceeded", "")                                                \
    X(ASL_H_MAP_FAILED, "MapStateFailed", "")                                                      \
    X(ASL_H_MAP_ABORTED, "MapStateAborted", "")                                                    \
    X(ASL_H_ITERATION_STARTED, "MapIterationStarted", "mapIterationStartedEventDetails")           \
    X(ASL_H_ITERATION_SUCCEEDED, "MapIterationSucceeded", "mapIterationSucceededEventDetails")     \
    X(ASL_H_ITERATION_FAILED, "MapIterationFailed", "mapIterationFailedEventDetails")              \
    X(ASL_H_ITERATION_ABORTED, "MapIterationAborted", "mapIterationAbortedEventDetails")           \
    X(ASL_H_MAP_RUN_STARTED, "MapRunStarted", "mapRunStartedEventDetails")                         \
    X(ASL_H_MAP_RUN_SUCCEEDED, "MapRunSucceeded", "")                                              \
    X(ASL_H_MAP_RUN_FAILED, "MapRunFailed", "mapRunFailedEventDetails")                            \
    X(ASL_H_MAP_RUN_ABORTED, "MapRunAborted", "")                                                  \
    X(ASL_H_MAP_RUN_REDRIVEN, "MapRunRedriven", "mapRunRedrivenEventDetails")                      \
    X(ASL_H_TASK_SCHEDULED, "TaskScheduled", "taskScheduledEventDetails")                          \
    X(ASL_H_TASK_STARTED, "TaskStarted", "taskStartedEventDetails")                                \
    X(ASL_H_TASK_START_FAILED, "TaskStartFailed", "taskStartFailedEventDetails")                   \
    X(ASL_H_TASK_SUBMITTED, "TaskSubmitted", "taskSubmittedEventDetails")                          \
    X(ASL_H_TASK_SUBMIT_FAILED, "TaskSubmitFailed", "taskSubmitFailedEventDetails")                \
    X(ASL_H_TASK_SUCCEEDED, "TaskSucceeded", "taskSucceededEventDetails")                          \
    X(ASL_H_TASK_FAILED, "TaskFailed", "taskFailedEventDetails")                                   \
    X(ASL_H_TASK_TIMED_OUT, "TaskTimedOut", "taskTimedOutEventDetails")                            \
    X(ASL_H_LAMBDA_SCHEDULED, "LambdaFunctionScheduled", "lambdaFunctionScheduledEventDetails")    \
    X(ASL_H_LAMBDA_SCHEDULE_FAILED, "LambdaFunctionScheduleFailed",                                \
      "lambdaFunctionScheduleFailedEventDetails")                                                  \
    X(ASL_H_LAMBDA_STARTED, "LambdaFunctionStarted", "")                                           \
    X(ASL_H_LAMBDA_START_FAILED, "LambdaFunctionStartFailed",                                      \
      "lambdaFunctionStartFailedEventDetails")                                                     \
    X(ASL_H_LAMBDA_SUCCEEDED, "LambdaFunctionSucceeded", "lambdaFunctionSucceededEventDetails")    \
    X(ASL_H_LAMBDA_FAILED, "LambdaFunctionFailed", "lambdaFunctionFailedEventDetails")             \
    X(ASL_H_LAMBDA_TIMED_OUT, "LambdaFunctionTimedOut", "lambdaFunctionTimedOutEventDetails")      \
    X(ASL_H_ACTIVITY_SCHEDULED, "ActivityScheduled", "activityScheduledEventDetails")              \
    X(ASL_H_ACTIVITY_SCHEDULE_FAILED, "ActivityScheduleFailed",                                    \
      "activityScheduleFailedEventDetails")                                                        \
    X(ASL_H_ACTIVITY_STARTED, "ActivityStarted", "activityStartedEventDetails")                    \
    X(ASL_H_ACTIVITY_SUCCEEDED, "ActivitySucceeded", "activitySucceededEventDetails")              \
    X(ASL_H_ACTIVITY_FAILED, "ActivityFailed", "activityFailedEventDetails")                       \
    X(ASL_H_ACTIVITY_TIMED_OUT, "ActivityTimedOut", "activityTimedOutEventDetails")                \
    X(ASL_H_EVALUATION_FAILED, "EvaluationFailed", "evaluationFailedEventDetails")

typedef enum AslHistoryType {
#define X(type, name, details) type,
    ASL_HISTORY_TABLE(X)
#undef X
        ASL_HISTORY_COUNT
} AslHistoryType;

typedef struct AslHistory {
    int64_t id, previous;
    Millis at;
    AslHistoryType type;
    Json details; /* null: the type has none, or AWS writes none here */
} AslHistory;

Str asl_history_name(AslHistoryType type);
Str asl_history_details_name(AslHistoryType type);
/* As GetExecutionHistory gives it, but for the timestamp, whose form is the protocol's. */
Json asl_history_json(Arena *a, const AslHistory *event);
