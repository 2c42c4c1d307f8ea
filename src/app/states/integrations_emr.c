/* integrations_emr.c - what the optimised integration of EMR makes of its parameters, and of the API's answers. */
#include "app/states/integrations_inner.h"

bool task_create_cluster_in(Task *t, JsonObject *in)
{
    for (int32_t i = 0; i < json_count(&t->given); i++)
        json_put(in, t->given.members[i].key, t->given.members[i].value);
    if (json_get(&t->given, S("Steps"))) {
        task_refuse(
            t, S("States.Runtime"),
            S("The field 'Steps' is not supported by the createCluster integration: add them "
              "with addStep."));
        return false;
    }
    if (json_true(json_find(&t->given, "Instances.KeepJobFlowAliveWhenNoSteps"))) return true;
    task_refuse(
        t, S("States.Runtime"),
        S("The field 'Instances.KeepJobFlowAliveWhenNoSteps' is required and must be true."));
    return false;
}

Json task_create_cluster_out(Task *t, const Json *answer)
{
    JsonObject o = {.a = t->a};
    json_put_json(&o, S("ClusterArn"), json_get(answer, S("ClusterArn")));
    json_put_json(&o, S("ClusterId"), json_get(answer, S("JobFlowId")));
    return json_object(&o);
}

void task_created_cluster(const Task *t, const Json *output, ExecutionWait *w)
{
    (void)t;
    w->id = json_text(json_get(output, S("ClusterId")));
}

bool task_add_step_in(Task *t, JsonObject *in)
{
    JsonArray steps = {.a = t->a};
    const Json *step = json_get(&t->given, S("Step"));
    if (step) json_add(&steps, *step);
    json_put_json(in, S("JobFlowId"), json_get(&t->given, S("ClusterId")));
    json_put(in, S("Steps"), json_array(&steps));
    json_put_json(in, S("ExecutionRoleArn"), json_get(&t->given, S("ExecutionRoleArn")));
    return true;
}

Json task_add_step_out(Task *t, const Json *answer)
{
    JsonObject o = {.a = t->a};
    json_put_json(&o, S("StepId"), json_at(json_get(answer, S("StepIds")), 0));
    return json_object(&o);
}

void task_added_step(const Task *t, const Json *output, ExecutionWait *w)
{
    w->id = json_text(json_get(output, S("StepId")));
    w->parent = task_text(t, "ClusterId");
}

static void put_ids(Task *t, JsonObject *in, const char *from, const char *to)
{
    JsonArray ids = {.a = t->a};
    const Json *id = json_get(&t->given, str_from(from));
    if (id) json_add(&ids, *id);
    json_put(in, str_from(to), json_array(&ids));
}

bool task_terminate_in(Task *t, JsonObject *in)
{
    put_ids(t, in, "ClusterId", "JobFlowIds");
    return true;
}

void task_terminated_cluster(const Task *t, const Json *output, ExecutionWait *w)
{
    (void)output;
    w->id = task_text(t, "ClusterId");
}

bool task_protect_in(Task *t, JsonObject *in)
{
    put_ids(t, in, "ClusterId", "JobFlowIds");
    json_put_json(in, S("TerminationProtected"), json_get(&t->given, S("TerminationProtected")));
    return true;
}

bool task_cancel_step_in(Task *t, JsonObject *in)
{
    json_put_json(in, S("ClusterId"), json_get(&t->given, S("ClusterId")));
    put_ids(t, in, "StepId", "StepIds");
    return true;
}

Json task_cancel_step_out(Task *t, const Json *answer)
{
    JsonObject o = {.a = t->a};
    json_put_json(&o, S("CancelStepsInfo"), json_at(json_get(answer, S("CancelStepsInfoList")), 0));
    return json_object(&o);
}

/* Groups and fleets are named in the parameters; the API knows them by id. false: refused. */
static bool id_by_name(Task *t, bool fleet, Json *id)
{
    JsonObject in = {.a = t->a};
    json_put_json(&in, S("ClusterId"), json_get(&t->given, S("ClusterId")));
    Call call = task_inner_call(t->s, t->a, t->x, json_object(&in));
    if (!task_call(t, task_sdk(S("elasticmapreduce")),
                   fleet ? S("ListInstanceFleets") : S("ListInstanceGroups"), &call))
        return false;
    const Json *list = json_get(&call.out, fleet ? S("InstanceFleets") : S("InstanceGroups"));
    Str name = task_text(t, fleet ? "InstanceFleetName" : "InstanceGroupName");
    for (int32_t i = 0; i < json_count(list); i++)
        if (str_eq(name, json_text(json_get(json_at(list, i), S("Name"))))) {
            *id = *json_get(json_at(list, i), S("Id"));
            return true;
        }
    task_refuse(t, S("ElasticMapReduce.InvalidRequestException"),
                str_printf(t->a, "The cluster has no instance %s named '%.*s'.",
                           fleet ? "fleet" : "group", STR(name)));
    return false;
}

static bool named_part(Task *t, bool fleet, JsonObject *part)
{
    Json id;
    const Json *given = json_get(&t->given, fleet ? S("InstanceFleet") : S("InstanceGroup"));
    if (!id_by_name(t, fleet, &id)) return false;
    json_put(part, fleet ? S("InstanceFleetId") : S("InstanceGroupId"), id);
    for (int32_t i = 0; i < json_count(given); i++)
        json_put(part, given->members[i].key, given->members[i].value);
    return true;
}

bool task_modify_fleet_in(Task *t, JsonObject *in)
{
    JsonObject part = {.a = t->a};
    if (!named_part(t, true, &part)) return false;
    json_put_json(in, S("ClusterId"), json_get(&t->given, S("ClusterId")));
    json_put(in, S("InstanceFleet"), json_object(&part));
    return true;
}

bool task_modify_group_in(Task *t, JsonObject *in)
{
    JsonObject part = {.a = t->a};
    JsonArray list = {.a = t->a};
    if (!named_part(t, false, &part)) return false;
    json_add(&list, json_object(&part));
    json_put_json(in, S("ClusterId"), json_get(&t->given, S("ClusterId")));
    json_put(in, S("InstanceGroups"), json_array(&list));
    return true;
}
