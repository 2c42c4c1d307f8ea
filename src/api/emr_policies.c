/* emr_policies.c - what can be laid down for a cluster: auto-termination works, managed scaling is remembered. */
#include "api/emr.h"

enum { IDLE_DEFAULT_S = 3600, IDLE_MIN_S = 60, IDLE_MAX_S = 604800 };

/* ---- policies as they were given, one object per cluster ---- */

static Json policies(Call *call, const ClusterRow *row)
{
    return emr_parse(call->arena,
                     cluster_row_doc(call->server->db, row->n, CLUSTER_DOC_POLICIES, call->arena));
}

/* NULL: the policy goes. */
static void set_policy(Call *call, const ClusterRow *row, Str name, const Json *policy)
{
    Json now = policies(call, row);
    JsonObject o = {.a = call->arena};
    for (int32_t i = 0; i < json_count(&now); i++)
        if (!str_eq(now.members[i].key, name))
            json_put(&o, now.members[i].key, now.members[i].value);
    json_put_json(&o, name, policy);
    Json changed = json_object(&o);
    cluster_row_set_doc(call->server->db, row->n, CLUSTER_DOC_POLICIES,
                        json_to_str(call->arena, &changed));
}

static CallResult get_policy(Call *call, Str name, Error *err)
{
    ClusterRow row;
    if (!emr_cluster(call, S("ClusterId"), &row, err)) return CALL_FAILED;
    Json all = policies(call, &row);
    JsonObject out = {.a = call->arena};
    json_put_json(&out, name, json_get(&all, name));
    call->out = json_object(&out);
    return CALL_DONE;
}

/* ---- managed scaling: this engine has one machine, so there is nothing to scale ---- */

CallResult emr_get_scaling(Call *call, Error *err)
{
    return get_policy(call, S("ManagedScalingPolicy"), err);
}

CallResult emr_put_scaling(Call *call, Error *err)
{
    ClusterRow row;
    const Json *limits = json_find(&call->in, "ManagedScalingPolicy.ComputeLimits");
    int64_t low = json_int_or(json_get(limits, S("MinimumCapacityUnits")), 0);
    int64_t high = json_int_or(json_get(limits, S("MaximumCapacityUnits")), 0);
    if (!emr_living_cluster(call, S("ClusterId"), &row, err)) return CALL_FAILED;
    if (low < 1 || high < low) {
        error_set(err, ERR_INVALID_REQUEST,
                  "MinimumCapacityUnits (%" PRId64 ") must be at least 1 and not greater than "
                  "MaximumCapacityUnits (%" PRId64 ").",
                  low, high);
        return CALL_FAILED;
    }
    set_policy(call, &row, S("ManagedScalingPolicy"),
               json_get(&call->in, S("ManagedScalingPolicy")));
    return CALL_DONE;
}

CallResult emr_remove_scaling(Call *call, Error *err)
{
    ClusterRow row;
    if (!emr_cluster(call, S("ClusterId"), &row, err)) return CALL_FAILED;
    set_policy(call, &row, S("ManagedScalingPolicy"), NULL);
    return CALL_DONE;
}

/* ---- auto-termination ---- */

CallResult emr_get_auto_termination(Call *call, Error *err)
{
    return get_policy(call, S("AutoTerminationPolicy"), err);
}

static bool set_idle(Call *call, ClusterRow *row, int64_t seconds, Error *err)
{
    ClusterUpdate update;
    ClusterEvent e = {.kind = CLUSTER_EVENT_MODIFY,
                      .modify = {CLUSTER_KEEP, CLUSTER_KEEP, CLUSTER_KEEP, seconds * 1000}};
    return clusters_apply(call->server, row, &e, NULL, 0, call->arena, &update, err);
}

CallResult emr_put_auto_termination(Call *call, Error *err)
{
    ClusterRow row;
    const Json *policy = json_get(&call->in, S("AutoTerminationPolicy"));
    int64_t seconds = json_int_or(json_get(policy, S("IdleTimeout")), IDLE_DEFAULT_S);
    if (!emr_living_cluster(call, S("ClusterId"), &row, err)) return CALL_FAILED;
    if (seconds < IDLE_MIN_S || seconds > IDLE_MAX_S) {
        error_set(err, ERR_INVALID_REQUEST,
                  "IdleTimeout %" PRId64 " is not valid: it must be between %d and %d seconds.",
                  seconds, IDLE_MIN_S, IDLE_MAX_S);
        return CALL_FAILED;
    }
    JsonObject o = {.a = call->arena};
    json_put(&o, S("IdleTimeout"), json_int(call->arena, seconds));
    Json given = json_object(&o);
    set_policy(call, &row, S("AutoTerminationPolicy"), &given);
    return emr_result(set_idle(call, &row, seconds, err));
}

CallResult emr_remove_auto_termination(Call *call, Error *err)
{
    ClusterRow row;
    if (!emr_living_cluster(call, S("ClusterId"), &row, err)) return CALL_FAILED;
    set_policy(call, &row, S("AutoTerminationPolicy"), NULL);
    return emr_result(set_idle(call, &row, 0, err));
}
