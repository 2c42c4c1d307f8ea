/* emr_scaling.c - automatic scaling policies of instance groups: checked, kept and shown; there is nothing here to scale. */
#include "api/emr.h"

/* What a policy's alarm watches when it does not say so:
 * https://docs.aws.amazon.com/emr/latest/APIReference/API_CloudWatchAlarmDefinition.html */
static const Str cluster_variable = STR_INIT("${emr.clusterId}");

static Json with_member(Arena *a, const Json *object, Str name, Json value)
{
    JsonObject o = {.a = a};
    for (int32_t i = 0; i < json_count(object); i++)
        if (!str_eq(object->members[i].key, name))
            json_put(&o, object->members[i].key, object->members[i].value);
    json_put(&o, name, value);
    return json_object(&o);
}

/* The definition's dimensions, {JobFlowId: the cluster} by default, with the cluster's id in them.
 */
static Json dimensions(Arena *a, const Json *alarm, Str cluster)
{
    const Json *given = json_get(alarm, S("Dimensions"));
    JsonArray list = {.a = a};
    for (int32_t i = 0; i < json_count(given); i++) {
        const Json *one = &given->items[i];
        bool variable = str_eq(json_text(json_get(one, S("Value"))), cluster_variable);
        json_add(&list, variable ? with_member(a, one, S("Value"), json_string(cluster)) : *one);
    }
    if (!list.n) {
        JsonObject one = {.a = a};
        json_put_text(&one, S("Key"), S("JobFlowId"));
        json_put_text(&one, S("Value"), cluster);
        json_add(&list, json_object(&one));
    }
    return json_array(&list);
}

static Json described_rule(Arena *a, const Json *rule, Str cluster)
{
    const Json *trigger = json_get(rule, S("Trigger"));
    const Json *alarm = json_get(trigger, S("CloudWatchAlarmDefinition"));
    Json watched = with_member(a, alarm, S("Dimensions"), dimensions(a, alarm, cluster));
    if (!json_get(alarm, S("Namespace")))
        watched = with_member(a, &watched, S("Namespace"), json_string(S("AWS/ElasticMapReduce")));
    Json triggered = with_member(a, trigger, S("CloudWatchAlarmDefinition"), watched);
    return with_member(a, rule, S("Trigger"), triggered);
}

Json emr_scaling_shown(Arena *a, const Json *policy, Str cluster)
{
    const Json *rules = json_get(policy, S("Rules"));
    JsonArray described = {.a = a};
    JsonObject o = {.a = a}, status = {.a = a}, reason = {.a = a};
    json_put_text(&reason, S("Code"), S("USER_REQUEST"));
    json_put_text(&reason, S("Message"), S(""));
    json_put_text(&status, S("State"), S("ATTACHED"));
    json_put(&status, S("StateChangeReason"), json_object(&reason));
    for (int32_t i = 0; i < json_count(rules); i++)
        json_add(&described, described_rule(a, &rules->items[i], cluster));
    json_put(&o, S("Status"), json_object(&status));
    json_put_json(&o, S("Constraints"), json_get(policy, S("Constraints")));
    json_put(&o, S("Rules"), json_array(&described));
    return json_object(&o);
}

static bool constraints_hold(const Json *policy, Error *err)
{
    const Json *constraints = json_get(policy, S("Constraints"));
    int64_t low = json_int_or(json_get(constraints, S("MinCapacity")), 0);
    int64_t high = json_int_or(json_get(constraints, S("MaxCapacity")), 0);
    return (low >= 0 && low <= high) ||
           error_set(err, ERR_VALIDATION,
                     "The MinCapacity (%" PRId64 ") of the policy's Constraints must not be "
                     "negative nor greater than the MaxCapacity (%" PRId64 ").",
                     low, high);
}

CallResult emr_put_auto_scaling(Call *call, Error *err)
{
    Arena *a = call->arena;
    ClusterRow row;
    JsonObject out = {.a = a};
    Str group = json_text(json_get(&call->in, S("InstanceGroupId")));
    const Json *policy = json_get(&call->in, S("AutoScalingPolicy"));
    if (!constraints_hold(policy, err) || !emr_group_set_scaling(call, group, policy, &row, err))
        return CALL_FAILED;
    json_put_text(&out, S("ClusterId"), row.spec.id);
    json_put_text(&out, S("InstanceGroupId"), group);
    json_put(&out, S("AutoScalingPolicy"), emr_scaling_shown(a, policy, row.spec.id));
    json_put_text(&out, S("ClusterArn"), emr_cluster_arn(a, &row));
    call->out = json_object(&out);
    return CALL_DONE;
}

CallResult emr_remove_auto_scaling(Call *call, Error *err)
{
    ClusterRow row;
    Str group = json_text(json_get(&call->in, S("InstanceGroupId")));
    return emr_result(emr_group_set_scaling(call, group, NULL, &row, err));
}
