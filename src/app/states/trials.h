/* trials.h - tasks that TestState really carries out: they belong to no execution, and a waiting call is told of their end. */
#pragma once
#include "app/states/integrations.h"

/* A trial has a number below zero, which stands in the place of an execution's number in its order:
 * executions_work_done brings the end of HTTP and S3 tasks here. A function is invoked as by
 * Lambda's own Invoke. Trials are memory, and end with the server, as the call does that waits.
 *
 *     order.execution is set;
 *     if (!trial_begin(s, &x, &order, due, ended, owner, &outcome)) ... outcome, now
 *     else ... ended(owner, outcome), in the turn of its end
 *
 * `ended` may be told twice, when an event was undone, and what it is told lives in that turn. */
enum { TRIAL_MS_MAX = 5 * 60 * 1000 }; /* TestState: "can run for up to five minutes" */

typedef void TrialEnded(void *owner, const TaskOutcome *outcome);

/* Within the call's event. Begins a task whose parameters, account and role live in call->arena;
 * after `due` it has failed with States.Timeout. false: *out is its end already. */
must_use bool trial_begin(Call *call, const ExecutionRow *x, ExecutionOrder *order, Millis due,
                          TrialEnded *ended, void *owner, TaskOutcome *out);
void trials_done(Server *s, int64_t trial, const TaskOutcome *outcome);
void trials_due(Server *s, Str subject); /* timer kind "trial" */
void trials_close(Server *s);
