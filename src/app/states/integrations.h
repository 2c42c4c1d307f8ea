/* integrations.h - what a Task state can do in this server: its resource becomes a call of an API, and the answer its result. */
#pragma once
#include "app/states/executions.h"

typedef enum TaskEnd {
    TASK_DONE,    /* output */
    TASK_AWAITED, /* output is what it was submitted with; wait: until when, or a task token */
    TASK_WORKS,   /* its order becomes one of kind ORDER_WORK: heard of by executions_work_done */
    TASK_BEGUN,   /* it runs, and nothing was answered yet; wait: until when */
    TASK_REFUSED, /* error, cause, stage; what was written on the way is to be undone */
} TaskEnd;

typedef struct TaskOutcome {
    TaskEnd end;
    Str output, error, cause;
    AslStage stage;
    ExecutionWait wait; /* service, id, parent; service absent: for the task token */
    /* Of an HTTP task in a trial: what was sent, the same without what the connection gave, and
     * what was answered. */
    Json request, plain_request, response;
} TaskOutcome;

/* Within the order's event. */
void integrations_begin(Server *s, const ExecutionRow *x, const ExecutionOrder *order,
                        TaskOutcome *out);
/* false: what the task waits for is not over. */
bool integrations_look(Server *s, const ExecutionRow *x, const ExecutionWait *wait,
                       TaskOutcome *out);
/* Best effort, as AWS has it. false: refused, and to be undone. */
bool integrations_cancel(Server *s, const ExecutionRow *x, const ExecutionOrder *order);

/* Within the event of an order of kind ORDER_WORK. TASK_WORKS: what comes of it will be told
 * executions_work_done. */
void integrations_work(Server *s, const ExecutionRow *x, const ExecutionOrder *order,
                       TaskOutcome *out);

/* What the integrations' files share: a call as the machine's account, and its refusal as the SDK
 * of `service` ("aws-sdk:s3") names it. */
Call integrations_call(Server *s, Arena *a, Str account, Str region, Json in);
void integrations_refused(Arena *a, Str service, const Call *call, const Fault *fault,
                          TaskOutcome *out);

/* integrations_s3.c: calls of S3 that have the content of objects, or are answered later. */
bool integrations_is_s3(const ExecutionOrder *order);
void integrations_s3_work(Server *s, const ExecutionRow *x, const ExecutionOrder *order,
                          TaskOutcome *out);

/* integrations_later.c: an Express execution that is waited for. */
bool integrations_is_later(const ExecutionOrder *order);
void integrations_later_work(Server *s, const ExecutionRow *x, const ExecutionOrder *order,
                             TaskOutcome *out);
void integrations_later_close(Server *s);

/* integrations_lambda.c: functions, which run outside the database. */
bool integrations_is_lambda(const ExecutionOrder *order);
void integrations_lambda_begin(Server *s, const ExecutionRow *x, const ExecutionOrder *order,
                               const Json *given, TaskOutcome *out);
bool integrations_lambda_look(Server *s, const ExecutionWait *wait, TaskOutcome *out);
void integrations_lambda_cancel(Server *s, const ExecutionOrder *order);

/* integrations_shape.c: values as the integrations have them, of the model's. */
typedef enum TimeStyle { TIMES_ISO, TIMES_MILLIS } TimeStyle;
/* Member names with or without a capital become the model's; strings where an object is given for a
 * string. */
Json integrations_input(Arena *a, const Operation *op, const Json *given);
/* Names with a capital, times in a style, in the order of the alphabet. */
Json integrations_output(Arena *a, const Operation *op, const Json *answer, TimeStyle style);
