/* integrations_lambda.h - a function as a task, between the files that begin it: for an execution, or for TestState. */
#pragma once
#include "app/functions/functions.h"
#include "app/states/integrations.h"

typedef enum LambdaForm {
    FORM_ARN,       /* "Resource": the function's ARN; input and output are the payloads */
    FORM_OPTIMISED, /* arn:aws:states:::lambda:invoke */
    FORM_SDK,       /* arn:aws:states:::aws-sdk:lambda:invoke: the payload comes as text */
} LambdaForm;

typedef struct LambdaAsked {
    InvocationRow row; /* not written yet */
    Str arn;           /* as it was asked for, with the qualifier */
    LambdaForm form;
} LambdaAsked;

/* Within an event: what the task asks of which function. false: *outcome says why nothing is to be
 * waited for (refused, an Event, a DryRun). */
must_use bool integrations_lambda_ask(Server *s, const ExecutionRow *x, const ExecutionOrder *o,
                                      const Json *given, LambdaAsked *out, TaskOutcome *outcome);
/* The task's end, of an invocation that no row was written for. */
void integrations_lambda_end(Server *s, const LambdaAsked *asked, const InvocationEnd *end,
                             TaskOutcome *out);
/* A refusal of Lambda's Invoke. */
void integrations_lambda_refused(Server *s, const Error *err, TaskOutcome *out);
