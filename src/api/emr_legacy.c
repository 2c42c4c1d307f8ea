/* emr_legacy.c - DescribeJobFlows, which AWS keeps for programs from before clusters had that name. */
#include "api/emr.h"

enum { LEGACY_FLOWS_MAX = 500, LEGACY_STEPS_MAX = 256 };

static Str flow_state(const ClusterRow *row)
{
    switch (row->state.life) {
    case CLUSTER_STARTING: return S("STARTING");
    case CLUSTER_BOOTSTRAPPING: return S("BOOTSTRAPPING");
    case CLUSTER_RUNNING: return S("RUNNING");
    case CLUSTER_WAITING: return S("WAITING");
    case CLUSTER_TERMINATING: return S("SHUTTING_DOWN");
    case CLUSTER_TERMINATED:
        return row->state.cause == CAUSE_USER ? S("TERMINATED") : S("COMPLETED");
    case CLUSTER_TERMINATED_WITH_ERRORS: return S("FAILED");
    case CLUSTER_NONE:
    case CLUSTER_LIFE_COUNT: break;
    }
    unreachable();
}

static unsigned lives_of(const Json *states)
{
    unsigned lives = 0;
    ClusterRow row = {0};
    for (int life = CLUSTER_STARTING; life < CLUSTER_LIFE_COUNT; life++)
        for (int i = 0; i < json_count(states); i++)
            for (int user = 0; user < 2; user++) {
                row.state.life = (ClusterLife)life;
                row.state.cause = user ? CAUSE_USER : CAUSE_STEPS_DONE;
                if (str_eq(json_text(json_at(states, i)), flow_state(&row))) lives |= 1u << life;
            }
    return lives;
}

static Json execution(Arena *a, const ClusterRow *row)
{
    const ClusterState *s = &row->state;
    JsonObject o = {.a = a};
    json_put_text(&o, S("State"), flow_state(row));
    emr_put_time(&o, S("CreationDateTime"), s->created);
    emr_put_time(&o, S("StartDateTime"), s->ready);
    emr_put_time(&o, S("ReadyDateTime"), s->ready);
    emr_put_time(&o, S("EndDateTime"), s->ended);
    json_put_text(&o, S("LastStateChangeReason"), s->message);
    return json_object(&o);
}

static Json group(Arena *a, const ClusterRow *row, const Json *g)
{
    JsonObject o = {.a = a};
    bool ready = row->state.life == CLUSTER_RUNNING || row->state.life == CLUSTER_WAITING;
    bool over = states_cluster_ended(row->state.life);
    json_put_json(&o, S("InstanceGroupId"), json_get(g, S("Id")));
    json_put_json(&o, S("Name"), json_get(g, S("Name")));
    json_put_json(&o, S("Market"), json_get(g, S("Market")));
    json_put_json(&o, S("InstanceRole"), json_get(g, S("Role")));
    json_put_json(&o, S("BidPrice"), json_get(g, S("BidPrice")));
    json_put_json(&o, S("InstanceType"), json_get(g, S("InstanceType")));
    json_put_json(&o, S("InstanceRequestCount"), json_get(g, S("Count")));
    json_put(&o, S("InstanceRunningCount"), ready ? *json_get(g, S("Count")) : json_int(a, 0));
    json_put_text(&o, S("State"), over ? S("ENDED") : ready ? S("RUNNING") : S("PROVISIONING"));
    emr_put_time(&o, S("CreationDateTime"), row->state.created);
    emr_put_time(&o, S("ReadyDateTime"), row->state.ready);
    emr_put_time(&o, S("EndDateTime"), row->state.ended);
    return json_object(&o);
}

static Json instances(Call *call, const ClusterRow *row, const Json *about)
{
    Arena *a = call->arena;
    JsonArray groups = {.a = a};
    JsonObject o = {.a = a};
    Json doc = emr_parse(a, cluster_row_doc(call->server->db, row->n, CLUSTER_DOC_INSTANCES, a));
    const Json *list = json_get(&doc, S("Groups")), *slave = NULL;
    int64_t count = 0, factor = json_int_or(json_get(about, S("NormalizedInstanceHours")), 0);
    for (int32_t i = 0; i < json_count(list); i++) {
        const Json *g = json_at(list, i);
        count += json_int_or(json_get(g, S("Count")), 0);
        bool master = str_eq(json_text(json_get(g, S("Role"))), S("MASTER"));
        if (master)
            json_put_json(&o, S("MasterInstanceType"), json_get(g, S("InstanceType")));
        else if (!slave)
            slave = json_get(g, S("InstanceType"));
        if (!json_true(json_get(&doc, S("Fleets")))) json_add(&groups, group(a, row, g));
    }
    json_put_text(&o, S("MasterPublicDnsName"), S("localhost"));
    json_put_text(&o, S("MasterInstanceId"), row->spec.instance);
    if (slave) json_put(&o, S("SlaveInstanceType"), *slave);
    json_put(&o, S("InstanceCount"), json_int(a, count));
    json_put(&o, S("InstanceGroups"), json_array(&groups));
    json_put(&o, S("NormalizedInstanceHours"),
             json_int(a, emr_normalized_hours(row, factor, call->now)));
    json_put_json(&o, S("Ec2KeyName"), json_find(about, "Ec2InstanceAttributes.Ec2KeyName"));
    json_put_json(&o, S("Ec2SubnetId"), json_find(about, "Ec2InstanceAttributes.Ec2SubnetId"));
    json_put(&o, S("KeepJobFlowAliveWhenNoSteps"), json_bool(row->spec.keep_alive));
    json_put(&o, S("TerminationProtected"), json_bool(row->spec.is_protected));
    return json_object(&o);
}

/* Properties are pairs here and an object in DescribeStep. */
static Json jar_step(Arena *a, const Json *config)
{
    JsonObject o = {.a = a};
    JsonArray pairs = {.a = a};
    const Json *properties = json_get(config, S("Properties"));
    for (int32_t i = 0; i < json_count(properties); i++) {
        JsonObject pair = {.a = a};
        json_put_text(&pair, S("Key"), properties->members[i].key);
        json_put(&pair, S("Value"), properties->members[i].value);
        json_add(&pairs, json_object(&pair));
    }
    json_put(&o, S("Properties"), json_array(&pairs));
    json_put_json(&o, S("Jar"), json_get(config, S("Jar")));
    json_put_json(&o, S("MainClass"), json_get(config, S("MainClass")));
    json_put_json(&o, S("Args"), json_get(config, S("Args")));
    return json_object(&o);
}

static Json step(Arena *a, const StepRow *s)
{
    JsonObject o = {.a = a}, config = {.a = a}, status = {.a = a};
    Json doc = emr_parse(a, s->config);
    bool cancelling = s->core.life == STEP_CANCEL_PENDING;
    json_put_text(&config, S("Name"), s->name);
    json_put_text(&config, S("ActionOnFailure"), states_action_name(s->core.action));
    json_put(&config, S("HadoopJarStep"), jar_step(a, &doc));
    json_put_text(&status, S("State"), cancelling ? S("RUNNING") : states_step_name(s->core.life));
    emr_put_time(&status, S("CreationDateTime"), s->created);
    emr_put_time(&status, S("StartDateTime"), s->started);
    emr_put_time(&status, S("EndDateTime"), s->ended);
    json_put_text(&status, S("LastStateChangeReason"),
                  s->failure_message.n ? s->failure_message : s->message);
    json_put(&o, S("StepConfig"), json_object(&config));
    json_put(&o, S("ExecutionStatusDetail"), json_object(&status));
    return json_object(&o);
}

static Json steps(Call *call, const ClusterRow *row)
{
    StepRow *rows;
    JsonArray list = {.a = call->arena};
    StepFilter f = {.max = LEGACY_STEPS_MAX};
    int64_t n = step_row_list(call->server->db, row->n, &f, call->arena, &rows);
    while (n-- > 0) json_add(&list, step(call->arena, &rows[n]));
    return json_array(&list);
}

static Json flow(Call *call, const ClusterRow *row)
{
    static const Str repeated[] = {STR_INIT("LogUri"), STR_INIT("ServiceRole"),
                                   STR_INIT("AutoScalingRole"), STR_INIT("ScaleDownBehavior"),
                                   STR_INIT("VisibleToAllUsers")};
    Arena *a = call->arena;
    JsonObject o = {.a = a};
    JsonArray actions = {.a = a};
    Json about = emr_parse(a, row->about),
         request = emr_parse(a, cluster_row_doc(call->server->db, row->n, CLUSTER_DOC_REQUEST, a));
    const Json *asked = json_get(&request, S("BootstrapActions"));
    for (int32_t i = 0; i < json_count(asked); i++) {
        JsonObject action = {.a = a};
        json_put_json(&action, S("BootstrapActionConfig"), json_at(asked, i));
        json_add(&actions, json_object(&action));
    }
    json_put_text(&o, S("JobFlowId"), row->spec.id);
    json_put_text(&o, S("Name"), row->name);
    for (int i = 0; i < countof(repeated); i++)
        json_put_json(&o, repeated[i], json_get(&about, repeated[i]));
    json_put_json(&o, S("JobFlowRole"), json_get(&request, S("JobFlowRole")));
    json_put(&o, S("ExecutionStatusDetail"), execution(a, row));
    json_put(&o, S("Instances"), instances(call, row, &about));
    json_put(&o, S("Steps"), steps(call, row));
    json_put(&o, S("BootstrapActions"), json_array(&actions));
    return json_object(&o);
}

CallResult emr_describe_job_flows(Call *call, Error *err)
{
    const Json *ids = json_get(&call->in, S("JobFlowIds"));
    JsonArray list = {.a = call->arena};
    for (int32_t i = 0; i < json_count(ids); i++) {
        ClusterRow row;
        if (!emr_job_flow(call, json_text(json_at(ids, i)), &row, err)) return CALL_FAILED;
        json_add(&list, flow(call, &row));
    }
    if (json_count(ids) == 0) {
        ClusterRow *rows;
        ClusterFilter f = {.region = call->who.region,
                           .lives = lives_of(json_get(&call->in, S("JobFlowStates"))),
                           .max = LEGACY_FLOWS_MAX};
        int64_t n = cluster_row_list(call->server->db, &f, call->arena, &rows);
        for (int64_t i = 0; i < n; i++) json_add(&list, flow(call, &rows[i]));
    }
    return emr_answer(call, S("JobFlows"), json_array(&list));
}
