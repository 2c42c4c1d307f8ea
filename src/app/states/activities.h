/* activities.h - activity tasks on their way from executions to the workers that ask for them. */
#pragma once
#include "app/states/executions.h"
#include "store/activities.h"

/* A task that is ordered becomes a row; the first worker that asks gets it, and the execution's
 * history says who. A worker that finds none waits ACTIVITY_POLL_MS for one. Rows survive a crash,
 * waiting workers do not: they ask again. What a worker then says comes by SendTaskSuccess,
 * SendTaskFailure and SendTaskHeartbeat; time limits are the execution's. */
enum {
    ACTIVITY_POLL_MS = 60000,
    ACTIVITY_POLLS_MAX = 1000, /* of one activity (AWS's quota) */
};
struct Activities;

must_use bool activities_open(Server *s, Error *err);
void activities_close(Server *s);

/* Within the order's event: the task is there to be taken, or has failed for want of its activity.
 */
void activities_schedule(Server *s, int64_t execution, const ExecutionOrder *order);

/* A worker asks. A client waits for a task (CALL_LATER); a Task state that asks gets what is there.
 */
CallResult activities_poll(Call *call, Str activity, Str worker, Error *err);
void activities_poll_due(Server *s, Str subject); /* timer kind "activity-poll" */

/* A Task state asks, and there was none: it waits as long as a client would, by a row of this
 * service. false from look: it still waits. *out: {Input, TaskToken}, or {} at the end. */
#define ACTIVITY_WAIT_SERVICE S("activity")
void activities_wait(Server *s, Str activity, Str worker, ExecutionWait *wait);
bool activities_look(Server *s, const ExecutionWait *wait, Json *out);
