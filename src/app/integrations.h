/* integrations.h - what a Task state can do in this server: its resource becomes a call of an API, and the answer its result. */
#pragma once
#include "app/executions.h"

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
} TaskOutcome;

/* Within the order's event. */
void integrations_begin(Server *s, const ExecutionRow *x, const ExecutionOrder *order,
                        TaskOutcome *out);
/* false: what the task waits for is not over. */
bool integrations_look(Server *s, const ExecutionRow *x, const ExecutionWait *wait,
                       TaskOutcome *out);
/* Best effort, as AWS has it. false: refused, and to be undone. */
bool integrations_cancel(Server *s, const ExecutionRow *x, const ExecutionOrder *order);

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
