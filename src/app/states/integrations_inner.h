/* integrations_inner.h - what the table of integrations and the files of its rows share. */
#pragma once
#include "app/dispatch.h"
#include "app/states/integrations.h"

/* One task in hand. */
typedef struct Task {
    Server *s;
    Arena *a;
    const ExecutionRow *x;
    const ExecutionOrder *order;
    Json given; /* its parameters */
    TaskOutcome *out;
} Task;

/* An SDK's way of naming: the current one's (aws-sdk:...), or the older one's of the optimised
 * integrations. */
typedef struct Sdk {
    const char *service; /* in the resource */
    const char *api;     /* our name of it */
    const char *prefix;  /* of errors */
    const char *title;   /* in causes */
    bool old;
} Sdk;

void task_refuse(Task *t, Str error, Str cause);
Str task_text(const Task *t, const char *name); /* of a parameter */
const Sdk *task_sdk(Str service);               /* NULL: none of that name */
/* Under the machine's role: whatever a task does, looks at or cancels. */
Identity task_identity(const ExecutionRow *x);
/* A call under it. false: the task is refused, as the SDK names the error. */
Call task_inner_call(Server *s, Arena *a, const ExecutionRow *x, Json in);
must_use bool task_call(Task *t, const Sdk *sdk, Str operation, Call *call);

/* integrations_emr.c: rows' inputs (false: refused), outputs, and what is waited for. */
bool task_create_cluster_in(Task *t, JsonObject *in);
Json task_create_cluster_out(Task *t, const Json *answer);
void task_created_cluster(const Task *t, const Json *output, ExecutionWait *w);
bool task_add_step_in(Task *t, JsonObject *in);
Json task_add_step_out(Task *t, const Json *answer);
void task_added_step(const Task *t, const Json *output, ExecutionWait *w);
bool task_terminate_in(Task *t, JsonObject *in);
void task_terminated_cluster(const Task *t, const Json *output, ExecutionWait *w);
bool task_protect_in(Task *t, JsonObject *in);
bool task_cancel_step_in(Task *t, JsonObject *in);
Json task_cancel_step_out(Task *t, const Json *answer);
bool task_modify_fleet_in(Task *t, JsonObject *in);
bool task_modify_group_in(Task *t, JsonObject *in);
