/* emr.c - the table of EMR's operations, and what their handlers share. */
#include "api/emr.h"

#include "api/api.h"

static const CallEntry entries[] = {
    {"AddInstanceFleet", emr_add_fleet},
    {"AddInstanceGroups", emr_add_groups},
    {"AddJobFlowSteps", emr_add_steps},
    {"AddTags", emr_add_tags},
    {"CancelSteps", emr_cancel_steps},
    {"CreateSecurityConfiguration", emr_create_security},
    {"DeleteSecurityConfiguration", emr_delete_security},
    {"DescribeCluster", emr_describe_cluster},
    {"DescribeJobFlows", emr_describe_job_flows},
    {"DescribeReleaseLabel", emr_describe_release},
    {"DescribeSecurityConfiguration", emr_describe_security},
    {"DescribeStep", emr_describe_step},
    {"GetAutoTerminationPolicy", emr_get_auto_termination},
    {"GetBlockPublicAccessConfiguration", emr_get_public_access},
    {"GetManagedScalingPolicy", emr_get_scaling},
    {"ListBootstrapActions", emr_list_bootstrap_actions},
    {"ListClusters", emr_list_clusters},
    {"ListInstanceFleets", emr_list_fleets},
    {"ListInstanceGroups", emr_list_groups},
    {"ListInstances", emr_list_instances},
    {"ListReleaseLabels", emr_list_releases},
    {"ListSecurityConfigurations", emr_list_security},
    {"ListSteps", emr_list_steps},
    {"ListSupportedInstanceTypes", emr_list_instance_types},
    {"ModifyCluster", emr_modify_cluster},
    {"ModifyInstanceFleet", emr_modify_fleet},
    {"ModifyInstanceGroups", emr_modify_groups},
    {"PutAutoScalingPolicy", emr_put_auto_scaling},
    {"PutAutoTerminationPolicy", emr_put_auto_termination},
    {"PutBlockPublicAccessConfiguration", emr_put_public_access},
    {"PutManagedScalingPolicy", emr_put_scaling},
    {"RemoveAutoScalingPolicy", emr_remove_auto_scaling},
    {"RemoveAutoTerminationPolicy", emr_remove_auto_termination},
    {"RemoveManagedScalingPolicy", emr_remove_scaling},
    {"RemoveTags", emr_remove_tags},
    {"RunJobFlow", emr_run_job_flow},
    {"SetKeepJobFlowAliveWhenNoSteps", emr_set_keep_alive},
    {"SetTerminationProtection", emr_set_termination_protection},
    {"SetUnhealthyNodeReplacement", emr_set_unhealthy},
    {"SetVisibleToAllUsers", emr_set_visible},
    {"TerminateJobFlows", emr_terminate_job_flows},
};

const CallTable emr_calls = {.service = "emr", .entries = entries, .n = countof(entries)};

/* ---- finding ---- */

bool emr_cluster(Call *call, Str member, ClusterRow *out, Error *err)
{
    Str id = json_text(json_get(&call->in, member));
    if (cluster_row_find(call->server->db, id, call->who.region, call->arena, out)) return true;
    return error_set(err, ERR_INVALID_REQUEST, "Cluster id '%.*s' is not valid.", STR(id));
}

bool emr_living_cluster(Call *call, Str member, ClusterRow *out, Error *err)
{
    if (!emr_cluster(call, member, out, err)) return false;
    if (states_cluster_alive(out->state.life)) return true;
    return error_set(err, ERR_INVALID_REQUEST, "Cluster %.*s is %.*s and cannot be modified.",
                     STR(out->spec.id), STR(states_cluster_name(out->state.life)));
}

bool emr_job_flow(Call *call, Str id, ClusterRow *out, Error *err)
{
    if (cluster_row_find(call->server->db, id, call->who.region, call->arena, out)) return true;
    return error_set(err, ERR_VALIDATION, "Specified job flow ID does not exist.");
}

/* ---- markers: the number of the last row shown, in the letters of a base that people do not edit
 * ---- */

bool emr_marker(Call *call, int64_t *out, Error *err)
{
    Str text = json_text(json_get(&call->in, S("Marker")));
    *out = 0;
    if (text.n == 0) return true;
    if (str_starts(text, S("m")) && str_to_int(str_slice(text, 1, text.n), out) && *out > 0)
        return true;
    return error_set(err, ERR_INVALID_REQUEST, "Marker '%.*s' is not valid.", STR(text));
}

Json emr_new_marker(Arena *a, int64_t number)
{
    return json_string(str_printf(a, "m%" PRId64, number));
}

/* ---- answering ---- */

CallResult emr_result(bool good)
{
    return good ? CALL_DONE : CALL_FAILED;
}

CallResult emr_answer(Call *call, Str name, Json value)
{
    JsonObject out = {.a = call->arena};
    json_put(&out, name, value);
    call->out = json_object(&out);
    return CALL_DONE;
}

Json emr_parse(Arena *a, Str json)
{
    Error err = {0};
    Json value = {0};
    if (!str_absent(json)) check(json_parse(json, a, &value, &err));
    return value;
}

Json emr_time(Arena *a, Millis t)
{
    return json_millis_as_seconds(a, t);
}

void emr_put_time(JsonObject *o, Str key, Millis t)
{
    if (t > 0) json_put(o, key, emr_time(o->a, t));
}
