/* emr_cluster.c - clusters over the API: describe, list, change, end. */
#include "api/emr.h"
#include "api/tags.h"

#include "wire/scalar.h"

/* ---- describing ---- */

Str emr_cluster_arn(Arena *a, const ClusterRow *row)
{
    return str_printf(a, "arn:aws:elasticmapreduce:%.*s:%.*s:cluster/%.*s", STR(row->region),
                      STR(row->account), STR(row->spec.id));
}

Json emr_cluster_status(Arena *a, const ClusterRow *row)
{
    const ClusterState *s = &row->state;
    JsonObject reason = {.a = a}, timeline = {.a = a}, status = {.a = a};
    Str code = states_reason_name(states_cause_reason(s->cause));
    if (code.n) json_put_text(&reason, S("Code"), code);
    json_put_text(&reason, S("Message"), s->message);
    emr_put_time(&timeline, S("CreationDateTime"), s->created);
    emr_put_time(&timeline, S("ReadyDateTime"), s->ready);
    emr_put_time(&timeline, S("EndDateTime"), s->ended);
    json_put_text(&status, S("State"), states_cluster_name(s->life));
    json_put(&status, S("StateChangeReason"), json_object(&reason));
    json_put(&status, S("Timeline"), json_object(&timeline));
    if (!str_absent(row->error)) json_put(&status, S("ErrorDetails"), emr_parse(a, row->error));
    return json_object(&status);
}

/* EMR counts begun hours of each instance in units of an m1.small; nothing before the cluster is
 * ready. */
int64_t emr_normalized_hours(const ClusterRow *row, int64_t factor, Millis now)
{
    Millis end = row->state.ended ? row->state.ended : now;
    if (!row->state.ready) return 0;
    return factor * ((end - row->state.created + 3600000 - 1) / 3600000);
}

/* `about` holds the units per hour under the name of what they become. */
static Json describe(Call *call, const ClusterRow *row)
{
    Arena *a = call->arena;
    Json about = emr_parse(a, row->about);
    int64_t factor = json_int_or(json_get(&about, S("NormalizedInstanceHours")), 0);
    JsonObject o = {.a = a};
    o.p = new_array(a, JsonMember, about.n + 8);
    o.cap = about.n + 8;
    for (int32_t i = 0; i < about.n; i++)
        if (!str_eq(about.members[i].key, S("NormalizedInstanceHours")))
            json_put(&o, about.members[i].key, about.members[i].value);
    json_put(&o, S("Status"), emr_cluster_status(a, row));
    json_put(&o, S("AutoTerminate"), json_bool(!row->spec.keep_alive));
    json_put(&o, S("TerminationProtected"), json_bool(row->spec.is_protected));
    json_put(&o, S("Tags"), emr_parse(a, row->tags));
    json_put(&o, S("NormalizedInstanceHours"),
             json_int(a, emr_normalized_hours(row, factor, call->now)));
    json_put(&o, S("StepConcurrencyLevel"), json_int(a, row->spec.concurrency));
    return json_object(&o);
}

CallResult emr_describe_cluster(Call *call, Error *err)
{
    ClusterRow row;
    if (!emr_cluster(call, S("ClusterId"), &row, err)) return CALL_FAILED;
    return emr_answer(call, S("Cluster"), describe(call, &row));
}

/* ---- listing ---- */

static Json summary(Call *call, const ClusterRow *row)
{
    Arena *a = call->arena;
    Json about = emr_parse(a, row->about);
    int64_t factor = json_int_or(json_get(&about, S("NormalizedInstanceHours")), 0);
    JsonObject o = {.a = a};
    json_put_text(&o, S("Id"), row->spec.id);
    json_put_text(&o, S("Name"), row->name);
    json_put(&o, S("Status"), emr_cluster_status(a, row));
    json_put(&o, S("NormalizedInstanceHours"),
             json_int(a, emr_normalized_hours(row, factor, call->now)));
    json_put_text(&o, S("ClusterArn"), emr_cluster_arn(a, row));
    return json_object(&o);
}

static Millis time_of(const Json *seconds)
{
    Millis t = 0;
    return seconds && scalar_seconds_to_millis(json_text(seconds), &t) ? t : 0;
}

static unsigned lives_of(const Json *names)
{
    unsigned lives = 0;
    for (int32_t i = 0; i < json_count(names); i++) {
        ClusterLife life;
        if (states_cluster_from(json_text(json_at(names, i)), &life)) lives |= 1u << life;
    }
    return lives;
}

CallResult emr_list_clusters(Call *call, Error *err)
{
    ClusterRow *rows;
    ClusterFilter f = {
        .region = call->who.region,
        .lives = lives_of(json_get(&call->in, S("ClusterStates"))),
        .created_after = time_of(json_get(&call->in, S("CreatedAfter"))),
        .created_before = time_of(json_get(&call->in, S("CreatedBefore"))),
        .max = EMR_PAGE + 1,
    };
    if (!emr_marker(call, &f.before_n, err)) return CALL_FAILED;
    int64_t n = cluster_row_list(call->server->db, &f, call->arena, &rows);
    JsonArray list = {.a = call->arena};
    JsonObject out = {.a = call->arena};
    for (int64_t i = 0; i < n && i < EMR_PAGE; i++) json_add(&list, summary(call, &rows[i]));
    json_put(&out, S("Clusters"), json_array(&list));
    if (n > EMR_PAGE)
        json_put(&out, S("Marker"), emr_new_marker(call->arena, rows[EMR_PAGE - 1].n));
    call->out = json_object(&out);
    return CALL_DONE;
}

CallResult emr_list_bootstrap_actions(Call *call, Error *err)
{
    ClusterRow row;
    if (!emr_cluster(call, S("ClusterId"), &row, err)) return CALL_FAILED;
    Json request = emr_parse(
        call->arena, cluster_row_doc(call->server->db, row.n, CLUSTER_DOC_REQUEST, call->arena));
    const Json *actions = json_get(&request, S("BootstrapActions"));
    JsonArray list = {.a = call->arena};
    for (int32_t i = 0; i < json_count(actions); i++) {
        const Json *script = json_get(json_at(actions, i), S("ScriptBootstrapAction"));
        JsonArray none = {.a = call->arena};
        JsonObject o = {.a = call->arena};
        json_put_json(&o, S("Name"), json_get(json_at(actions, i), S("Name")));
        json_put_json(&o, S("ScriptPath"), json_get(script, S("Path")));
        json_put(&o, S("Args"),
                 json_get(script, S("Args")) ? *json_get(script, S("Args")) : json_array(&none));
        json_add(&list, json_object(&o));
    }
    return emr_answer(call, S("BootstrapActions"), json_array(&list));
}

/* ---- changing ---- */

static bool apply(Call *call, ClusterRow *row, ClusterEvent *event, Error *err)
{
    ClusterUpdate update;
    return clusters_apply(call->server, row, event, NULL, 0, call->arena, &update, err);
}

static ClusterEvent modification(void)
{
    ClusterModify keep = {CLUSTER_KEEP, CLUSTER_KEEP, CLUSTER_KEEP, CLUSTER_KEEP};
    return (ClusterEvent){.kind = CLUSTER_EVENT_MODIFY, .modify = keep};
}

/* EMR takes up to 10 ids at once; one that does not exist, or refuses, refuses all. */
static bool each_job_flow(Call *call, const ClusterEvent *event, Error *err)
{
    const Json *ids = json_get(&call->in, S("JobFlowIds"));
    if (json_count(ids) > EMR_IDS_MAX)
        return error_set(err, ERR_VALIDATION,
                         "Number of job flows specified (%d) exceeds the maximum of %d.",
                         (int)json_count(ids), EMR_IDS_MAX);
    for (int32_t i = 0; i < json_count(ids); i++) {
        ClusterRow row;
        ClusterEvent e = *event;
        if (!emr_job_flow(call, json_text(json_at(ids, i)), &row, err) ||
            !apply(call, &row, &e, err))
            return false;
    }
    return true;
}

CallResult emr_terminate_job_flows(Call *call, Error *err)
{
    ClusterEvent e = {.kind = CLUSTER_EVENT_TERMINATE, .cause = CAUSE_USER};
    return emr_result(each_job_flow(call, &e, err));
}

CallResult emr_set_termination_protection(Call *call, Error *err)
{
    ClusterEvent e = modification();
    e.modify.is_protected = json_true(json_get(&call->in, S("TerminationProtected")));
    return emr_result(each_job_flow(call, &e, err));
}

CallResult emr_set_keep_alive(Call *call, Error *err)
{
    ClusterEvent e = modification();
    e.modify.keep_alive = json_true(json_get(&call->in, S("KeepJobFlowAliveWhenNoSteps")));
    return emr_result(each_job_flow(call, &e, err));
}

CallResult emr_modify_cluster(Call *call, Error *err)
{
    ClusterRow row;
    ClusterEvent e = modification();
    const Json *level = json_get(&call->in, S("StepConcurrencyLevel"));
    if (!emr_living_cluster(call, S("ClusterId"), &row, err)) return CALL_FAILED;
    e.modify.concurrency = (int)json_int_or(level, row.spec.concurrency);
    if (e.modify.concurrency < 1 || e.modify.concurrency > CLUSTER_CONCURRENCY_MAX) {
        error_set(err, ERR_INVALID_REQUEST, "The stepConcurrencyLevel must be between 1 and %d.",
                  CLUSTER_CONCURRENCY_MAX);
        return CALL_FAILED;
    }
    if (!apply(call, &row, &e, err)) return CALL_FAILED;
    return emr_answer(call, S("StepConcurrencyLevel"), json_int(call->arena, e.modify.concurrency));
}

/* Members that say something and do nothing here: they are remembered for the description. */
static CallResult remember(Call *call, Str asked, Str shown, Error *err)
{
    const Json *ids = json_get(&call->in, S("JobFlowIds"));
    for (int32_t i = 0; i < json_count(ids); i++) {
        ClusterRow row;
        if (!emr_job_flow(call, json_text(json_at(ids, i)), &row, err)) return CALL_FAILED;
        Json about = emr_parse(call->arena, row.about);
        JsonObject o = {.a = call->arena};
        for (int32_t m = 0; m < about.n; m++)
            if (!str_eq(about.members[m].key, shown))
                json_put(&o, about.members[m].key, about.members[m].value);
        json_put(&o, shown, json_bool(json_true(json_get(&call->in, asked))));
        Json changed = json_object(&o);
        cluster_row_set_about(call->server->db, row.n, json_to_str(call->arena, &changed));
    }
    return CALL_DONE;
}

CallResult emr_set_visible(Call *call, Error *err)
{
    return remember(call, S("VisibleToAllUsers"), S("VisibleToAllUsers"), err);
}

CallResult emr_set_unhealthy(Call *call, Error *err)
{
    return remember(call, S("UnhealthyNodeReplacement"), S("UnhealthyNodeReplacement"), err);
}

/* ---- tags ---- */

static bool tagged(Call *call, ClusterRow *row, Error *err)
{
    Str id = json_text(json_get(&call->in, S("ResourceId")));
    if (cluster_row_find(call->server->db, id, call->who.region, call->arena, row)) return true;
    return error_set(err, ERR_INVALID_REQUEST, "Resource id '%.*s' is not valid.", STR(id));
}

static CallResult retag(Call *call, const Json *gone, const Json *added, Error *err)
{
    ClusterRow row;
    if (!tagged(call, &row, err)) return CALL_FAILED;
    Json tags = tags_change(call->arena, row.tags, gone, added);
    cluster_row_set_tags(call->server->db, row.n, json_to_str(call->arena, &tags));
    return CALL_DONE;
}

CallResult emr_add_tags(Call *call, Error *err)
{
    const Json *tags = json_get(&call->in, S("Tags"));
    return retag(call, tags, tags, err);
}

CallResult emr_remove_tags(Call *call, Error *err)
{
    return retag(call, json_get(&call->in, S("TagKeys")), NULL, err);
}
