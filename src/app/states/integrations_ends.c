/* integrations_ends.c - tasks that wait: whether what they wait for is over, the document that ends them, and jobs ended early. */
#include "app/states/integrations.h"

#include "app/functions/functions.h"
#include "app/states/activities.h"
#include "app/states/integrations_inner.h"
#include "core/cluster/states.h"

/* ---- looking: the document that ends a .sync task ---- */

static Json one_id(Arena *a, const char *name, Str id)
{
    JsonObject o = {.a = a};
    json_put_text(&o, str_from(name), id);
    return json_object(&o);
}

static bool describe(Task *t, const char *service, const char *operation, Json in, Json *out)
{
    const Sdk *sdk = task_sdk(str_from(service));
    Call call = task_inner_call(t->s, t->a, t->x, in);
    if (!task_call(t, sdk, str_from(operation), &call)) return false;
    *out = integrations_output(t->a, call.route.operation, &call.out, TIMES_MILLIS);
    return true;
}

static bool finish(Task *t, bool good, const Json *document)
{
    Str text = json_to_str(t->a, document);
    *t->out = (TaskOutcome){.end = good ? TASK_DONE : TASK_REFUSED};
    if (good)
        t->out->output = text;
    else
        t->out->error = S("States.TaskFailed"), t->out->cause = text;
    return true;
}

static bool look_at_step(Task *t, const ExecutionWait *w)
{
    Json document;
    StepLife life;
    JsonObject in = {.a = t->a};
    json_put_text(&in, S("ClusterId"), w->parent);
    json_put_text(&in, S("StepId"), w->id);
    if (!describe(t, "elasticmapreduce", "DescribeStep", json_object(&in), &document)) return true;
    check(states_step_from(json_text(json_find(&document, "Step.Status.State")), &life));
    return states_step_ended(life) && finish(t, life == STEP_COMPLETED, &document);
}

static bool look_at_cluster(Task *t, const ExecutionWait *w)
{
    Json document;
    ClusterLife life;
    bool creating = str_eq(w->action, S("createCluster"));
    if (!describe(t, "elasticmapreduce", "DescribeCluster", one_id(t->a, "ClusterId", w->id),
                  &document))
        return true;
    check(states_cluster_from(json_text(json_find(&document, "Cluster.Status.State")), &life));
    if (!creating) return states_cluster_ended(life) && finish(t, true, &document);
    if (states_cluster_ended(life) || life == CLUSTER_TERMINATING)
        return finish(t, false, &document);
    if (life != CLUSTER_WAITING && life != CLUSTER_RUNNING) return false;
    JsonObject o = {.a = t->a};
    json_put_json(&o, S("Cluster"), json_get(&document, S("Cluster")));
    json_put_json(&o, S("ClusterArn"), json_find(&document, "Cluster.ClusterArn"));
    json_put_text(&o, S("ClusterId"), w->id);
    Json all = json_object(&o);
    return finish(t, true, &all);
}

/* .sync:2 has input and output as values, .sync as texts. */
static Json execution_document(Task *t, const ExecutionWait *w, const Json *described)
{
    JsonObject o = {.a = t->a};
    Error err = {0};
    for (int32_t i = 0; i < json_count(described); i++) {
        const JsonMember *m = &described->members[i];
        Json value = m->value;
        bool payload = str_eq(m->key, S("Input")) || str_eq(m->key, S("Output"));
        if (str_starts(m->key, S("Redrive"))) continue;
        if (payload && str_eq(w->pattern, S("sync:2")) &&
            !json_parse(json_text(&m->value), t->a, &value, &err))
            value = m->value;
        json_put(&o, m->key, value);
    }
    return json_object(&o);
}

static bool look_at_execution(Task *t, const ExecutionWait *w)
{
    Json described;
    if (!describe(t, "states", "DescribeExecution", one_id(t->a, "executionArn", w->id),
                  &described))
        return true;
    Str status = json_text(json_get(&described, S("Status")));
    if (str_eq(status, S("RUNNING"))) return false;
    Json document = execution_document(t, w, &described);
    return finish(t, str_eq(status, S("SUCCEEDED")), &document);
}

static bool look_at_activity(Task *t, const ExecutionWait *w)
{
    Json task;
    return activities_look(t->s, w, &task) && finish(t, true, &task);
}

bool integrations_look(Server *s, const ExecutionRow *x, const ExecutionWait *w, TaskOutcome *out)
{
    Task t = {.s = s, .a = &s->turn, .x = x, .out = out};
    *out = (TaskOutcome){.end = TASK_REFUSED};
    if (str_eq(w->service, S("emr-step"))) return look_at_step(&t, w);
    if (str_eq(w->service, S("emr-cluster"))) return look_at_cluster(&t, w);
    if (str_eq(w->service, FUNCTIONS_TASK_SERVICE)) return integrations_lambda_look(s, w, out);
    if (str_eq(w->service, ACTIVITY_WAIT_SERVICE)) return look_at_activity(&t, w);
    return look_at_execution(&t, w);
}

/* ---- cancelling ---- */

bool integrations_cancel(Server *s, const ExecutionRow *x, const ExecutionOrder *o)
{
    TaskOutcome out = {0};
    JsonObject given = {.a = &s->turn}, in = {.a = &s->turn};
    Task t = {.s = s, .a = &s->turn, .x = x, .order = o, .out = &out};
    bool step = str_eq(o->service, S("emr-step")),
         execution = str_eq(o->service, S("states-execution"));
    if (str_eq(o->action, S("terminateCluster")) || str_eq(o->service, ACTIVITY_WAIT_SERVICE))
        return true;
    if (str_eq(o->service, FUNCTIONS_TASK_SERVICE)) return integrations_lambda_cancel(s, o), true;
    json_put_text(&given, S("ClusterId"), step ? o->parameters : o->resource);
    if (step) json_put_text(&given, S("StepId"), o->resource);
    t.given = json_object(&given);
    if (step)
        check(task_cancel_step_in(&t, &in));
    else if (!execution)
        check(task_terminate_in(&t, &in));
    else
        json_put_text(&in, S("executionArn"), o->resource);
    Call call = task_inner_call(s, t.a, x, json_object(&in));
    return task_call(&t, task_sdk(execution ? S("states") : S("elasticmapreduce")),
                     step        ? S("CancelSteps")
                     : execution ? S("StopExecution")
                                 : S("TerminateJobFlows"),
                     &call);
}
