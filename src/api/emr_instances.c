/* emr_instances.c - the machines a cluster asked for: descriptions that follow its life; nobody boots them. */
#include "api/emr.h"

/* An instance's ids follow from the cluster, the group and its place in it, so that nothing has to
 * be kept per instance. */

static uint64_t mix(Str cluster, Str group, int64_t index, int64_t use)
{
    char text[128];
    int n = snprintf(text, sizeof text, "%.*s/%.*s/%" PRId64 "/%" PRId64, STR(cluster), STR(group),
                     index, use);
    return str_hash((Str){text, n});
}

static Str ec2_id(Arena *a, Str cluster, Str group, int64_t index)
{
    return str_printf(a, "i-0%016" PRIx64, mix(cluster, group, index, 1));
}

static Str emr_instance_id(Arena *a, Str cluster, Str group, int64_t index)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    uint64_t low = mix(cluster, group, index, 2), high = mix(cluster, group, index, 3);
    char id[13];
    for (int i = 0; i < countof(id); i++) {
        uint64_t *from = i < 7 ? &low : &high;
        id[i] = letters[*from % 36];
        *from /= 36;
    }
    return str_printf(a, "ci-%.*s", countof(id), id);
}

/* ---- what RunJobFlow asks for ---- */

static void put_all(JsonObject *o, const Json *from, const Str *names, int n)
{
    for (int i = 0; i < n; i++) json_put_json(o, names[i], json_get(from, names[i]));
}

/* EMR's normalization factors: units of an m1.small, doubling with each size; ".4xlarge" has 4 x 8.
 */
static int64_t factor_of(Str type)
{
    int64_t times = 1, dot = str_find_char(type, '.');
    Str size = str_slice(type, dot + 1, type.n);
    if (str_eq(size, S("small"))) return 1;
    if (str_eq(size, S("medium"))) return 2;
    if (str_eq(size, S("large"))) return 4;
    if (str_ends(size, S("xlarge")) && size.n > 6 &&
        !str_to_int(str_slice(size, 0, size.n - 6), &times))
        times = 1;
    return 8 * times;
}

Json emr_group_doc(Arena *a, const JobFlowGroup *g, Str id)
{
    static const Str of_group[] = {STR_INIT("Configurations"), STR_INIT("CustomAmiId"),
                                   STR_INIT("AutoScalingPolicy"), STR_INIT("EbsConfiguration")};
    static const Str of_fleet[] = {
        STR_INIT("TargetOnDemandCapacity"), STR_INIT("TargetSpotCapacity"),
        STR_INIT("InstanceTypeConfigs"),    STR_INIT("LaunchSpecifications"),
        STR_INIT("ResizeSpecifications"),   STR_INIT("Context")};
    JsonObject o = {.a = a};
    Str role = instance_role_name(g->role);
    Str name = g->name.n  ? g->name
               : g->fleet ? (Str){0}
                          : str_printf(a, "%.*s Instance Group", STR(str_lower(a, role)));
    json_put_text(&o, S("Id"), id);
    json_put_text(&o, S("Name"), name);
    json_put_text(&o, S("Role"), role);
    if (g->market.n) json_put_text(&o, S("Market"), g->market);
    if (g->bid.n) json_put_text(&o, S("BidPrice"), g->bid);
    json_put_text(&o, S("InstanceType"), g->type->name);
    json_put(&o, S("Count"), json_int(a, g->count));
    if (g->fleet)
        put_all(&o, g->request, of_fleet, countof(of_fleet));
    else
        put_all(&o, g->request, of_group, countof(of_group));
    return json_object(&o);
}

void emr_instances(Call *call, Str cluster_id, const JobFlow *flow, EmrInstances *out)
{
    Arena *a = call->arena;
    JsonArray groups = {.a = a};
    JsonObject doc = {.a = a};
    *out = (EmrInstances){0};
    for (int64_t i = 0; i < flow->groups.n; i++) {
        const JobFlowGroup *g = &flow->groups.p[i];
        Str id = server_new_id(call->server, a, g->fleet ? S("if-") : S("ig-"), 13);
        out->factor += g->count * factor_of(g->type->name);
        if (g->role == ROLE_MASTER) out->master = ec2_id(a, cluster_id, id, 0);
        json_add(&groups, emr_group_doc(a, g, id));
    }
    check(out->master.n);
    json_put(&doc, S("Fleets"), json_bool(flow->fleets));
    json_put(&doc, S("Groups"), json_array(&groups));
    out->doc = json_object(&doc);
}

/* ---- what the API shows: states follow the cluster's ---- */

typedef struct Showing {
    Call *call;
    ClusterRow row;
    Json doc;
} Showing;

static bool open_showing(Call *call, Showing *out, Error *err)
{
    out->call = call;
    if (!emr_cluster(call, S("ClusterId"), &out->row, err)) return false;
    out->doc = emr_parse(call->arena, cluster_row_doc(call->server->db, out->row.n,
                                                      CLUSTER_DOC_INSTANCES, call->arena));
    return true;
}

/* X(cluster's state, group and fleet, instance) */
static const struct {
    Str group, instance;
} followed[CLUSTER_LIFE_COUNT] = {
    [CLUSTER_STARTING] = {STR_INIT("PROVISIONING"), STR_INIT("AWAITING_FULFILLMENT")},
    [CLUSTER_BOOTSTRAPPING] = {STR_INIT("BOOTSTRAPPING"), STR_INIT("BOOTSTRAPPING")},
    [CLUSTER_RUNNING] = {STR_INIT("RUNNING"), STR_INIT("RUNNING")},
    [CLUSTER_WAITING] = {STR_INIT("RUNNING"), STR_INIT("RUNNING")},
    [CLUSTER_TERMINATING] = {STR_INIT("SHUTTING_DOWN"), STR_INIT("RUNNING")},
    [CLUSTER_TERMINATED] = {STR_INIT("TERMINATED"), STR_INIT("TERMINATED")},
    [CLUSTER_TERMINATED_WITH_ERRORS] = {STR_INIT("TERMINATED"), STR_INIT("TERMINATED")},
};

static bool has_ended(const ClusterRow *row)
{
    return states_cluster_ended(row->state.life);
}

static Json timeline_of(Arena *a, const ClusterState *s)
{
    JsonObject o = {.a = a};
    emr_put_time(&o, S("CreationDateTime"), s->created);
    emr_put_time(&o, S("ReadyDateTime"), s->ready);
    emr_put_time(&o, S("EndDateTime"), s->ended);
    return json_object(&o);
}

static Json status_of(const Showing *v, bool instance)
{
    Arena *a = v->call->arena;
    const ClusterState *s = &v->row.state;
    JsonObject o = {.a = a}, reason = {.a = a};
    Str fleet_state = s->life == CLUSTER_TERMINATING ? S("TERMINATING") : followed[s->life].group;
    bool fleets = json_true(json_get(&v->doc, S("Fleets")));
    if (has_ended(&v->row)) {
        json_put_text(&reason, S("Code"), S("CLUSTER_TERMINATED"));
        json_put_text(&reason, S("Message"),
                      instance ? S("Instance was terminated.") : S("Job flow terminated"));
    } else if (!instance) {
        json_put_text(&reason, S("Message"), S(""));
    }
    json_put_text(&o, S("State"),
                  instance ? followed[s->life].instance
                  : fleets ? fleet_state
                           : followed[s->life].group);
    json_put(&o, S("StateChangeReason"), json_object(&reason));
    json_put(&o, S("Timeline"), timeline_of(a, s));
    return json_object(&o);
}

/* One device a VolumesPerInstance, as many as an instance can have. */
static Json block_devices(Arena *a, const Json *ebs)
{
    JsonArray list = {.a = a};
    const Json *configs = json_get(ebs, S("EbsBlockDeviceConfigs"));
    for (int32_t i = 0; i < json_count(configs); i++)
        for (int64_t k = json_int_or(json_get(json_at(configs, i), S("VolumesPerInstance")), 1);
             k > 0 && list.n < EMR_VOLUMES_MAX; k--) {
            JsonObject o = {.a = a};
            json_put_json(&o, S("VolumeSpecification"),
                          json_get(json_at(configs, i), S("VolumeSpecification")));
            json_put_text(&o, S("Device"), str_printf(a, "/dev/sd%c", (char)('b' + list.n % 24)));
            json_add(&list, json_object(&o));
        }
    return json_array(&list);
}

static Json show_group(const Showing *v, const Json *g)
{
    Arena *a = v->call->arena;
    JsonArray none = {.a = a};
    JsonObject o = {.a = a}, shrink = {.a = a};
    const Json *configurations = json_get(g, S("Configurations"));
    const Json *ebs = json_get(g, S("EbsConfiguration"));
    bool ready = v->row.state.life == CLUSTER_RUNNING || v->row.state.life == CLUSTER_WAITING;
    json_put_json(&o, S("Id"), json_get(g, S("Id")));
    json_put_json(&o, S("Name"), json_get(g, S("Name")));
    json_put_json(&o, S("Market"), json_get(g, S("Market")));
    json_put_json(&o, S("InstanceGroupType"), json_get(g, S("Role")));
    json_put_json(&o, S("BidPrice"), json_get(g, S("BidPrice")));
    json_put_json(&o, S("InstanceType"), json_get(g, S("InstanceType")));
    json_put_json(&o, S("RequestedInstanceCount"), json_get(g, S("Count")));
    json_put(&o, S("RunningInstanceCount"), ready ? *json_get(g, S("Count")) : json_int(a, 0));
    json_put(&o, S("Status"), status_of(v, false));
    json_put(&o, S("Configurations"), configurations ? *configurations : json_array(&none));
    json_put(&o, S("ConfigurationsVersion"), json_int(a, 0));
    json_put(&o, S("LastSuccessfullyAppliedConfigurations"),
             configurations ? *configurations : json_array(&none));
    json_put(&o, S("LastSuccessfullyAppliedConfigurationsVersion"), json_int(a, 0));
    json_put(&o, S("EbsBlockDevices"), block_devices(a, ebs));
    if (json_get(ebs, S("EbsOptimized")))
        json_put_json(&o, S("EbsOptimized"), json_get(ebs, S("EbsOptimized")));
    json_put(&o, S("ShrinkPolicy"), json_object(&shrink));
    json_put_json(&o, S("CustomAmiId"), json_get(g, S("CustomAmiId")));
    const Json *policy = json_get(g, S("AutoScalingPolicy"));
    if (json_is(policy, JSON_OBJECT))
        json_put(&o, S("AutoScalingPolicy"), emr_scaling_shown(a, policy, v->row.spec.id));
    return json_object(&o);
}

/* InstanceTypeConfig as the answer's InstanceTypeSpecification. */
static Json specifications(Arena *a, const Json *configs)
{
    static const Str kept[] = {
        STR_INIT("InstanceType"),   STR_INIT("WeightedCapacity"),
        STR_INIT("BidPrice"),       STR_INIT("BidPriceAsPercentageOfOnDemandPrice"),
        STR_INIT("Configurations"), STR_INIT("CustomAmiId"),
        STR_INIT("Priority")};
    JsonArray list = {.a = a};
    for (int32_t i = 0; i < json_count(configs); i++) {
        JsonObject o = {.a = a};
        put_all(&o, json_at(configs, i), kept, countof(kept));
        json_put(&o, S("EbsBlockDevices"),
                 block_devices(a, json_get(json_at(configs, i), S("EbsConfiguration"))));
        json_add(&list, json_object(&o));
    }
    return json_array(&list);
}

static Json show_fleet(const Showing *v, const Json *f)
{
    static const Str kept[] = {STR_INIT("Id"), STR_INIT("Name"), STR_INIT("LaunchSpecifications"),
                               STR_INIT("ResizeSpecifications"), STR_INIT("Context")};
    Arena *a = v->call->arena;
    JsonObject o = {.a = a};
    Json zero = json_int(a, 0);
    const Json *on_demand = json_get(f, S("TargetOnDemandCapacity")),
               *spot = json_get(f, S("TargetSpotCapacity"));
    bool ready = v->row.state.life == CLUSTER_RUNNING || v->row.state.life == CLUSTER_WAITING;
    put_all(&o, f, kept, countof(kept));
    json_put_json(&o, S("InstanceFleetType"), json_get(f, S("Role")));
    json_put(&o, S("Status"), status_of(v, false));
    json_put(&o, S("TargetOnDemandCapacity"), on_demand ? *on_demand : zero);
    json_put(&o, S("TargetSpotCapacity"), spot ? *spot : zero);
    json_put(&o, S("ProvisionedOnDemandCapacity"), ready && on_demand ? *on_demand : zero);
    json_put(&o, S("ProvisionedSpotCapacity"), ready && spot ? *spot : zero);
    json_put(&o, S("InstanceTypeSpecifications"),
             specifications(a, json_get(f, S("InstanceTypeConfigs"))));
    return json_object(&o);
}

/* A cluster has groups or fleets; who asks for the ones it has not is told of the others. */
static CallResult list_parts(Call *call, bool fleets, Error *err)
{
    Showing v;
    JsonArray list = {.a = call->arena};
    if (!open_showing(call, &v, err)) return CALL_FAILED;
    if (json_true(json_get(&v.doc, S("Fleets"))) != fleets) {
        const char *has = fleets ? "groups" : "fleets", *asked = fleets ? "Fleets" : "Groups",
                   *other = fleets ? "Groups" : "Fleets";
        error_set(err, ERR_INVALID_REQUEST,
                  "Instance fleets and instance groups are mutually exclusive. The EMR cluster "
                  "specified in the request uses instance %s. The ListInstance%s operation does "
                  "not support clusters that use instance %s. Use the ListInstance%s operation "
                  "instead.",
                  has, asked, has, other);
        return CALL_FAILED;
    }
    const Json *parts = json_get(&v.doc, S("Groups"));
    for (int32_t i = 0; i < json_count(parts); i++)
        json_add(&list, (fleets ? show_fleet : show_group)(&v, json_at(parts, i)));
    return emr_answer(call, fleets ? S("InstanceFleets") : S("InstanceGroups"), json_array(&list));
}

CallResult emr_list_groups(Call *call, Error *err)
{
    return list_parts(call, false, err);
}

CallResult emr_list_fleets(Call *call, Error *err)
{
    return list_parts(call, true, err);
}

/* ---- instances ---- */

static Json show_instance(const Showing *v, const Json *g, int64_t index, int64_t place)
{
    Arena *a = v->call->arena;
    JsonArray none = {.a = a};
    JsonObject o = {.a = a};
    Str id = json_text(json_get(g, S("Id"))), market = json_text(json_get(g, S("Market")));
    bool fleet = json_true(json_get(&v->doc, S("Fleets")));
    Str address = str_printf(a, "10.%d.%d.%d", (int)(place >> 16 & 255), (int)(place >> 8 & 255),
                             (int)(place & 255));
    Str name = str_printf(a, "ip-10-%d-%d-%d.ec2.internal", (int)(place >> 16 & 255),
                          (int)(place >> 8 & 255), (int)(place & 255));
    json_put_text(&o, S("Id"), emr_instance_id(a, v->row.spec.id, id, index));
    json_put_text(&o, S("Ec2InstanceId"), ec2_id(a, v->row.spec.id, id, index));
    json_put_text(&o, S("PublicDnsName"), S(""));
    json_put_text(&o, S("PrivateDnsName"), name);
    json_put_text(&o, S("PrivateIpAddress"), address);
    json_put(&o, S("Status"), status_of(v, true));
    json_put_text(&o, fleet ? S("InstanceFleetId") : S("InstanceGroupId"), id);
    json_put_text(&o, S("Market"),
                  market.n                               ? market
                  : json_get(g, S("TargetSpotCapacity")) ? S("SPOT")
                                                         : S("ON_DEMAND"));
    json_put_json(&o, S("InstanceType"), json_get(g, S("InstanceType")));
    json_put(&o, S("EbsVolumes"), json_array(&none));
    return json_object(&o);
}

static bool among(const Json *names, Str name)
{
    for (int32_t i = 0; i < json_count(names); i++)
        if (str_eq(json_text(json_at(names, i)), name)) return true;
    return json_count(names) == 0;
}

/* Absent filters let everything through. */
static bool wanted(const Showing *v, const Json *g)
{
    const Json *in = &v->call->in;
    Str id = json_text(json_get(g, S("Id"))), role = json_text(json_get(g, S("Role")));
    Str group = json_text(json_get(in, S("InstanceGroupId"))),
        fleet = json_text(json_get(in, S("InstanceFleetId")));
    Str type = json_text(json_get(in, S("InstanceFleetType")));
    return (!group.n || str_eq(group, id)) && (!fleet.n || str_eq(fleet, id)) &&
           (!type.n || str_eq(type, role)) && among(json_get(in, S("InstanceGroupTypes")), role) &&
           among(json_get(in, S("InstanceStates")), followed[v->row.state.life].instance);
}

CallResult emr_list_instances(Call *call, Error *err)
{
    Showing v;
    int64_t after, place = 0;
    JsonArray list = {.a = call->arena};
    JsonObject out = {.a = call->arena};
    if (!open_showing(call, &v, err) || !emr_marker(call, &after, err)) return CALL_FAILED;
    const Json *groups = json_get(&v.doc, S("Groups"));
    bool more = false;
    for (int32_t i = 0; i < json_count(groups); i++) {
        const Json *g = json_at(groups, i);
        int64_t count = json_int_or(json_get(g, S("Count")), 0);
        for (int64_t k = 0; k < count && wanted(&v, g); k++) {
            if (place + k < after) continue;
            more = list.n == EMR_INSTANCES_PAGE;
            if (more) break;
            json_add(&list, show_instance(&v, g, k, place + k + 1));
        }
        place += count;
    }
    json_put(&out, S("Instances"), json_array(&list));
    if (more) json_put(&out, S("Marker"), emr_new_marker(call->arena, after + list.n));
    call->out = json_object(&out);
    return CALL_DONE;
}
