/* emr_groups.c - instance groups and fleets added to a cluster that is there, and their sizes changed; nobody boots them. */
#include "api/emr.h"

/* A cluster in hand, with its groups or fleets. */
typedef struct Grown {
    Call *call;
    ClusterRow row;
    Json doc;
    bool fleets;
} Grown;

static Json doc_of(Grown *g)
{
    Arena *a = g->call->arena;
    return emr_parse(a, cluster_row_doc(g->call->server->db, g->row.n, CLUSTER_DOC_INSTANCES, a));
}

static bool same_kind(const Grown *g, Error *err)
{
    return json_true(json_get(&g->doc, S("Fleets"))) == g->fleets ||
           error_set(err, ERR_INVALID_REQUEST,
                     "Instance fleets and instance groups are mutually exclusive. The EMR cluster "
                     "specified in the request uses instance %s.",
                     g->fleets ? "groups" : "fleets");
}

static bool open_cluster(Call *call, bool fleets, Grown *g, Error *err)
{
    *g = (Grown){.call = call, .fleets = fleets};
    if (!emr_living_cluster(call, S("ClusterId"), &g->row, err)) return false;
    g->doc = doc_of(g);
    return same_kind(g, err);
}

static bool open_job_flow(Call *call, Grown *g, Error *err)
{
    *g = (Grown){.call = call};
    Str id = json_text(json_get(&call->in, S("JobFlowId")));
    if (!emr_job_flow(call, id, &g->row, err)) return false;
    if (!states_cluster_alive(g->row.state.life))
        return error_set(err, ERR_VALIDATION,
                         "A job flow that is shutting down, terminating, or finished may not be "
                         "modified.");
    g->doc = doc_of(g);
    return same_kind(g, err);
}

/* What the cluster would have cost up to now is kept: it grew at the old size. */
static void save(Grown *g, Json groups)
{
    Server *s = g->call->server;
    Arena *a = g->call->arena;
    JsonObject o = {.a = a};
    int64_t paid = json_int_or(json_get(&g->doc, S("PaidMicro")), 0);
    bool same_turn = json_int_or(json_get(&g->doc, S("PaidUntil")), 0) == g->call->now;
    if (same_turn || clusters_cost(s, &g->row, g->call->now, a, &paid)) {
        json_put(&o, S("PaidMicro"), json_int(a, paid));
        json_put(&o, S("PaidUntil"), json_int(a, g->call->now));
    }
    json_put(&o, S("Fleets"), json_bool(g->fleets));
    json_put(&o, S("Groups"), groups);
    Json doc = json_object(&o);
    cluster_row_set_doc(g->call->server->db, g->row.n, CLUSTER_DOC_INSTANCES, json_to_str(a, &doc));
}

/* ---- adding ---- */

static bool have_roles(Grown *g, JobFlow *flow, Error *err)
{
    const Json *groups = json_get(&g->doc, S("Groups"));
    for (int32_t i = 0; i < json_count(groups); i++) {
        JobFlowGroup one = {.fleet = g->fleets};
        const Json *v = &groups->items[i];
        check(instance_role_from(json_text(json_get(v, S("Role"))), &one.role));
        one.count = json_int_or(json_get(v, S("Count")), 0);
        if (!instance_require(json_text(json_get(v, S("InstanceType"))), &one.type, err))
            return false;
        *vec_push(g->call->arena, &flow->groups) = one;
        *vec_push(g->call->arena, &flow->uses) = (InstanceUse){one.type, one.role, one.count};
    }
    return true;
}

/* *ids: of the new ones, in the order of the request. */
static bool add_all(Grown *g, const Json *list, JsonArray *ids, Error *err)
{
    Arena *a = g->call->arena;
    JobFlow flow = {.fleets = g->fleets};
    JobFlowLimits limits = emr_limits(g->call);
    JsonArray all = {.a = a};
    const Json *old = json_get(&g->doc, S("Groups"));
    if (!have_roles(g, &flow, err)) return false;
    int64_t had = flow.groups.n;
    if (!jobflow_more_instances(list, g->fleets, &limits, a, &flow, err)) return false;
    for (int32_t i = 0; i < json_count(old); i++) json_add(&all, old->items[i]);
    for (int64_t i = had; i < flow.groups.n; i++) {
        Str id = server_new_id(g->call->server, a, g->fleets ? S("if-") : S("ig-"), 13);
        json_add(&all, emr_group_doc(a, &flow.groups.p[i], id));
        json_add(ids, json_string(id));
    }
    save(g, json_array(&all));
    return true;
}

static CallResult answer(const Grown *g, Str cluster, Str name, Json ids)
{
    JsonObject o = {.a = g->call->arena};
    json_put_text(&o, cluster, g->row.spec.id);
    json_put(&o, name, ids);
    json_put_text(&o, S("ClusterArn"), emr_cluster_arn(g->call->arena, &g->row));
    g->call->out = json_object(&o);
    return CALL_DONE;
}

CallResult emr_add_groups(Call *call, Error *err)
{
    Grown g;
    JsonArray ids = {.a = call->arena};
    if (!open_job_flow(call, &g, err) ||
        !add_all(&g, json_get(&call->in, S("InstanceGroups")), &ids, err))
        return CALL_FAILED;
    return answer(&g, S("JobFlowId"), S("InstanceGroupIds"), json_array(&ids));
}

CallResult emr_add_fleet(Call *call, Error *err)
{
    Grown g;
    JsonArray ids = {.a = call->arena}, list = {.a = call->arena};
    json_add(&list, *json_get(&call->in, S("InstanceFleet")));
    Json one = json_array(&list);
    if (!open_cluster(call, true, &g, err) || !add_all(&g, &one, &ids, err)) return CALL_FAILED;
    Json added = json_array(&ids);
    return answer(&g, S("ClusterId"), S("InstanceFleetId"), *json_at(&added, 0));
}

/* ---- changing ---- */

/* Members that the request gives, in the words of the document. */
static Json with_changes(Arena *a, const Json *group, const Json *wanted)
{
    static const char *const kept[][2] = {{"InstanceCount", "Count"},
                                          {"Configurations", "Configurations"},
                                          {"TargetOnDemandCapacity", "TargetOnDemandCapacity"},
                                          {"TargetSpotCapacity", "TargetSpotCapacity"},
                                          {"ResizeSpecifications", "ResizeSpecifications"},
                                          {"AutoScalingPolicy", "AutoScalingPolicy"}};
    JsonObject o = {.a = a};
    for (int32_t i = 0; i < json_count(group); i++) {
        bool given = false;
        for (int k = 0; k < countof(kept); k++)
            given |= str_eq(group->members[i].key, str_from(kept[k][1])) &&
                     json_get(wanted, str_from(kept[k][0]));
        if (!given) json_put(&o, group->members[i].key, group->members[i].value);
    }
    for (int k = 0; k < countof(kept); k++)
        json_put_json(&o, str_from(kept[k][1]), json_get(wanted, str_from(kept[k][0])));
    return json_object(&o);
}

/* As many of a fleet's first type as make up its target, each worth its weight. */
static Json counted(Arena *a, const Json *fleet)
{
    const Json *first = json_at(json_get(fleet, S("InstanceTypeConfigs")), 0);
    int64_t weight = json_int_or(json_get(first, S("WeightedCapacity")), 1),
            units = json_int_or(json_get(fleet, S("TargetOnDemandCapacity")), 0) +
                    json_int_or(json_get(fleet, S("TargetSpotCapacity")), 0);
    JsonObject o = {.a = a};
    if (weight < 1) weight = 1;
    for (int32_t i = 0; i < json_count(fleet); i++)
        if (!str_eq(fleet->members[i].key, S("Count")))
            json_put(&o, fleet->members[i].key, fleet->members[i].value);
    json_put(&o, S("Count"), json_int(a, (units + weight - 1) / weight));
    return json_object(&o);
}

static Json changed(const Grown *g, const Json *group, const Json *wanted)
{
    Json out = with_changes(g->call->arena, group, wanted);
    return g->fleets ? counted(g->call->arena, &out) : out;
}

static bool may_be(const Json *group, const Json *wanted, Error *err)
{
    if (str_eq(json_text(json_get(group, S("Role"))), S("MASTER")) &&
        json_get(wanted, S("InstanceCount")))
        return error_set(err, ERR_VALIDATION, "A MASTER instance group cannot be resized.");
    if (str_eq(json_text(json_get(group, S("Role"))), S("MASTER")) &&
        json_get(wanted, S("AutoScalingPolicy")))
        return error_set(err, ERR_VALIDATION,
                         "Automatic scaling is not available for the MASTER instance group.");
    int64_t count = json_int_or(json_get(wanted, S("InstanceCount")), 0);
    bool task = str_eq(json_text(json_get(group, S("Role"))), S("TASK"));
    if (!json_get(wanted, S("InstanceCount")) || count >= (task ? 0 : 1)) return true;
    return error_set(err, ERR_VALIDATION,
                     "The instance count of a %.*s group must not be %" PRId64 ".",
                     STR(json_text(json_get(group, S("Role")))), count);
}

static bool change_one(Grown *g, const Json *wanted, Str id, Error *err)
{
    JsonArray all = {.a = g->call->arena};
    const Json *groups = json_get(&g->doc, S("Groups"));
    bool found = false;
    for (int32_t i = 0; i < json_count(groups); i++) {
        const Json *group = &groups->items[i];
        bool this_one = str_eq(json_text(json_get(group, S("Id"))), id);
        found |= this_one;
        if (this_one && !may_be(group, wanted, err)) return false;
        json_add(&all, this_one ? changed(g, group, wanted) : *group);
    }
    if (!found)
        return error_set(err, ERR_INVALID_REQUEST, "Instance %s id '%.*s' is not valid.",
                         g->fleets ? "fleet" : "group", STR(id));
    save(g, json_array(&all));
    g->doc = doc_of(g);
    return true;
}

CallResult emr_modify_groups(Call *call, Error *err)
{
    Grown g;
    const Json *list = json_get(&call->in, S("InstanceGroups"));
    if (!open_cluster(call, false, &g, err)) return CALL_FAILED;
    for (int32_t i = 0; i < json_count(list); i++)
        if (!change_one(&g, &list->items[i],
                        json_text(json_get(&list->items[i], S("InstanceGroupId"))), err))
            return CALL_FAILED;
    return CALL_DONE;
}

CallResult emr_modify_fleet(Call *call, Error *err)
{
    Grown g;
    const Json *wanted = json_get(&call->in, S("InstanceFleet"));
    return emr_result(
        open_cluster(call, true, &g, err) &&
        change_one(&g, wanted, json_text(json_get(wanted, S("InstanceFleetId"))), err));
}

bool emr_group_set_scaling(Call *call, Str group, const Json *policy, ClusterRow *row, Error *err)
{
    static const Json none; /* null: the policy goes */
    Grown g;
    JsonObject wanted = {.a = call->arena};
    json_put(&wanted, S("AutoScalingPolicy"), policy ? *policy : none);
    Json change = json_object(&wanted);
    if (!open_cluster(call, false, &g, err) || !change_one(&g, &change, group, err)) return false;
    *row = g.row;
    return true;
}
