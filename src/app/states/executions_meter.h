/* executions_meter.h - AWS/States: executions, and the activities, functions and integrations they call, as metrics. */
#pragma once
#include "app/server.h"
#include "store/executions.h"

/* https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html
 *
 * Which resource an event of a task is about is known from the event by which it was scheduled: the
 * newest of those are remembered, others are looked up in the history. */
void executions_meter_started(Server *s, const ExecutionRow *row);
void executions_meter_ended(Server *s, const ExecutionRow *row);
/* Of one update, in order; the row's events before them are stored. */
void executions_meter_history(Server *s, const ExecutionRow *row, const AslHistory *events,
                              int64_t n);
