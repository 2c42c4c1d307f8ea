/* emr_run.c - RunJobFlow: one request becomes a cluster's rows, its lease, its first steps and its first order. */
#include "api/emr.h"

/* Members of the request that a description repeats as they are. */
static const Str repeated[] = {
    STR_INIT("Name"),
    STR_INIT("ReleaseLabel"),
    STR_INIT("ServiceRole"),
    STR_INIT("AutoScalingRole"),
    STR_INIT("SecurityConfiguration"),
    STR_INIT("CustomAmiId"),
    STR_INIT("EbsRootVolumeSize"),
    STR_INIT("EbsRootVolumeIops"),
    STR_INIT("EbsRootVolumeThroughput"),
    STR_INIT("RepoUpgradeOnBoot"),
    STR_INIT("KerberosAttributes"),
    STR_INIT("LogEncryptionKmsKeyId"),
    STR_INIT("MonitoringConfiguration"),
    STR_INIT("Configurations"),
};

typedef struct Asked {
    Call *call;
    const Json *in, *instances;
    Str os;
    Json applications;
    JobFlow flow;
    EmrInstances machines;
    ClusterRow row;
} Asked;

/* ---- description ---- */

static Json ec2_attributes(const Asked *q)
{
    Arena *a = q->call->arena;
    JsonArray none = {.a = a};
    JsonObject o = {.a = a};
    const Json *subnets = json_get(q->instances, S("Ec2SubnetIds"));
    const Json *zone = json_find(q->instances, "Placement.AvailabilityZone");
    json_put_json(&o, S("Ec2KeyName"), json_get(q->instances, S("Ec2KeyName")));
    json_put_json(&o, S("Ec2SubnetId"),
                  subnets ? json_at(subnets, 0) : json_get(q->instances, S("Ec2SubnetId")));
    json_put(&o, S("RequestedEc2SubnetIds"), subnets ? *subnets : json_array(&none));
    json_put(&o, S("Ec2AvailabilityZone"),
             zone ? *zone : json_string(str_printf(a, "%.*sa", STR(q->row.region))));
    json_put(&o, S("RequestedEc2AvailabilityZones"), json_array(&none));
    json_put_json(&o, S("IamInstanceProfile"), json_get(q->in, S("JobFlowRole")));
    json_put_json(&o, S("EmrManagedMasterSecurityGroup"),
                  json_get(q->instances, S("EmrManagedMasterSecurityGroup")));
    json_put_json(&o, S("EmrManagedSlaveSecurityGroup"),
                  json_get(q->instances, S("EmrManagedSlaveSecurityGroup")));
    json_put_json(&o, S("ServiceAccessSecurityGroup"),
                  json_get(q->instances, S("ServiceAccessSecurityGroup")));
    json_put_json(&o, S("AdditionalMasterSecurityGroups"),
                  json_get(q->instances, S("AdditionalMasterSecurityGroups")));
    json_put_json(&o, S("AdditionalSlaveSecurityGroups"),
                  json_get(q->instances, S("AdditionalSlaveSecurityGroups")));
    return json_object(&o);
}

/* EMR shows its logs' place with the scheme of its first file system. */
static Str shown_log_uri(Arena *a, Str uri)
{
    if (!uri.n) return (Str){0};
    Str rest = str_slice(uri, str_find(uri, S("://")) + 3, uri.n);
    return str_printf(a, "s3n://%.*s%s", STR(rest), str_ends(rest, S("/")) ? "" : "/");
}

/* NormalizedInstanceHours holds the units per hour until it is shown. */
static Str about(const Asked *q)
{
    Arena *a = q->call->arena;
    JsonObject o = {.a = a};
    const Json *visible = json_get(q->in, S("VisibleToAllUsers")),
               *placement = json_get(q->in, S("PlacementGroupConfigs"));
    const Json *replace = json_get(q->instances, S("UnhealthyNodeReplacement")),
               *scale = json_get(q->in, S("ScaleDownBehavior"));
    bool fleets = json_true(json_get(&q->machines.doc, S("Fleets")));
    json_put_text(&o, S("Id"), q->row.spec.id);
    for (int i = 0; i < countof(repeated); i++)
        json_put_json(&o, repeated[i], json_get(q->in, repeated[i]));
    json_put(&o, S("Ec2InstanceAttributes"), ec2_attributes(q));
    json_put_text(&o, S("InstanceCollectionType"),
                  fleets ? S("INSTANCE_FLEET") : S("INSTANCE_GROUP"));
    json_put_text(&o, S("LogUri"), shown_log_uri(a, q->row.spec.log_uri));
    json_put(&o, S("VisibleToAllUsers"), json_bool(!visible || json_true(visible)));
    json_put(&o, S("UnhealthyNodeReplacement"), json_bool(json_true(replace)));
    json_put(&o, S("Applications"), q->applications);
    json_put_text(&o, S("MasterPublicDnsName"), S("localhost"));
    json_put(&o, S("ScaleDownBehavior"),
             scale ? *scale : json_string(S("TERMINATE_AT_TASK_COMPLETION")));
    json_put_text(&o, S("ClusterArn"), emr_cluster_arn(a, &q->row));
    json_put_text(&o, S("OSReleaseLabel"), q->os);
    json_put_json(&o, S("PlacementGroups"), placement);
    json_put(&o, S("NormalizedInstanceHours"), json_int(a, q->machines.factor));
    Json all = json_object(&o);
    return json_to_str(a, &all);
}

/* ---- building ---- */

static Str policies(const Asked *q)
{
    Arena *a = q->call->arena;
    JsonObject o = {.a = a}, idle = {.a = a};
    const Json *policy = json_get(q->in, S("AutoTerminationPolicy"));
    json_put_json(&o, S("ManagedScalingPolicy"), json_get(q->in, S("ManagedScalingPolicy")));
    if (policy) {
        json_put(&idle, S("IdleTimeout"),
                 json_int(a, json_int_or(json_get(policy, S("IdleTimeout")), 3600)));
        json_put(&o, S("AutoTerminationPolicy"), json_object(&idle));
    }
    Json all = json_object(&o);
    return json_to_str(a, &all);
}

/* s3n:// and s3a:// are other names of the same place. */
static Str plain_log_uri(Arena *a, Str uri)
{
    if (!uri.n) return (Str){0};
    int64_t at = str_find(uri, S("://"));
    return str_printf(a, "s3://%.*s", STR(str_slice(uri, at + 3, uri.n)));
}

static void fill_row(Asked *q)
{
    Arena *a = q->call->arena;
    Str os = json_text(json_get(q->in, S("OSReleaseLabel"))),
        id = server_new_id(q->call->server, a, S("j-"), 13);
    emr_instances(q->call, id, &q->flow, &q->machines);
    q->applications = emr_applications(a, q->flow.release, &q->flow.applications,
                                       json_get(q->in, S("Applications")));
    q->os = os.n ? os : emr_release_os(q->flow.release);
    q->row = (ClusterRow){.account = q->call->who.account,
                          .region = q->call->who.region,
                          .name = q->flow.name,
                          .spec = q->flow.spec};
    q->row.spec.id = id;
    q->row.spec.instance = q->machines.master;
    q->row.spec.log_uri = plain_log_uri(a, q->flow.spec.log_uri);
    q->row.spec.kill_grace_ms = CLUSTERS_KILL_GRACE_MS;
    int64_t life_ms = q->call->server->config.cluster_ms_max;
    q->row.spec.deadline = life_ms ? q->call->now + life_ms : 0;
}

static Str tags(const Asked *q)
{
    JsonArray none = {.a = q->call->arena};
    const Json *given = json_get(q->in, S("Tags"));
    Json list = given ? *given : json_array(&none);
    return json_to_str(q->call->arena, &list);
}

CallResult emr_run_job_flow(Call *call, Error *err)
{
    Arena *a = call->arena;
    JobFlowLimits limits = emr_limits(call);
    Asked q = {.call = call, .in = &call->in, .instances = json_get(&call->in, S("Instances"))};
    if (!jobflow_read(&call->in, &limits, a, &q.flow, err)) return CALL_FAILED;
    fill_row(&q);
    q.row.about = about(&q);
    q.row.tags = tags(&q);
    Str request = json_to_str(a, &call->in), instances = json_to_str(a, &q.machines.doc);
    if (!clusters_create(call->server, &q.row, request, instances,
                         emr_new_steps(call, &q.flow.steps), q.flow.steps.n, a, err))
        return CALL_FAILED;
    emr_give_role(call, &q.row, json_text(json_get(q.in, S("JobFlowRole"))));
    cluster_row_set_doc(call->server->db, q.row.n, CLUSTER_DOC_POLICIES, policies(&q));
    JsonObject out = {.a = a};
    json_put_text(&out, S("JobFlowId"), q.row.spec.id);
    json_put_text(&out, S("ClusterArn"), emr_cluster_arn(a, &q.row));
    call->out = json_object(&out);
    return CALL_DONE;
}
