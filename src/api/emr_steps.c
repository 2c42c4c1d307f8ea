/* emr_steps.c - steps over the API: add, describe, list, cancel. */
#include "api/emr.h"

/* ---- reading ---- */

/* {"Properties": {k: v}, "Jar", "MainClass", "Args": [..]} as DescribeStep shows it. */
static Json config_of(Arena *a, const Json *jar)
{
    JsonObject o = {.a = a}, properties = {.a = a};
    JsonArray none = {.a = a};
    const Json *pairs = json_get(jar, S("Properties")), *args = json_get(jar, S("Args"));
    for (int32_t i = 0; i < json_count(pairs); i++) {
        const Json *pair = json_at(pairs, i);
        json_put(&properties, json_text(json_get(pair, S("Key"))),
                 json_string(json_text(json_get(pair, S("Value")))));
    }
    json_put_json(&o, S("Jar"), json_get(jar, S("Jar")));
    json_put(&o, S("Properties"), json_object(&properties));
    json_put_json(&o, S("MainClass"), json_get(jar, S("MainClass")));
    json_put(&o, S("Args"), args ? *args : json_array(&none));
    return json_object(&o);
}

JobFlowLimits emr_limits(const Call *call)
{
    JobFlowLimits limits = JOBFLOW_LIMITS_DEFAULT;
    if (!call->server->config.lift_quotas) return limits;
    limits.steps_active_max = 0;
    limits.step_chars_max = limits.tags_max = limits.bootstrap_max = INT32_MAX;
    return limits;
}

StepRow *emr_new_steps(Call *call, const JobFlowSteps *steps)
{
    StepRow *rows = new_array(call->arena, StepRow, steps->n);
    for (int64_t i = 0; i < steps->n; i++) {
        const JobFlowStep *step = &steps->p[i];
        Json config = config_of(call->arena, json_get(step->request, S("HadoopJarStep")));
        rows[i] = (StepRow){
            .core = {.id = server_new_id(call->server, call->arena, S("s-"), 13),
                     .action = step->action},
            .name = step->name,
            .config = json_to_str(call->arena, &config),
            .role = json_text(json_get(&call->in, S("ExecutionRoleArn"))),
        };
    }
    return rows;
}

CallResult emr_add_steps(Call *call, Error *err)
{
    ClusterRow row;
    JobFlowSteps steps;
    ClusterUpdate update;
    JobFlowLimits limits = emr_limits(call);
    ClusterEvent e = {.kind = CLUSTER_EVENT_STEPS_ADDED};
    if (!emr_job_flow(call, json_text(json_get(&call->in, S("JobFlowId"))), &row, err) ||
        !jobflow_steps(json_get(&call->in, S("Steps")), row.spec.concurrency, &limits, call->arena,
                       &steps, err))
        return CALL_FAILED;
    StepRow *rows = emr_new_steps(call, &steps);
    Str role = json_text(json_get(&call->in, S("ExecutionRoleArn")));
    if (!emr_check_step_role(call, &row, role, err) ||
        !clusters_apply(call->server, &row, &e, rows, steps.n, call->arena, &update, err))
        return CALL_FAILED;
    JsonArray ids = {.a = call->arena};
    for (int64_t i = 0; i < steps.n; i++) {
        emr_give_step_role(call, &row, rows[i].core.id, role);
        json_add(&ids, json_string(rows[i].core.id));
    }
    return emr_answer(call, S("StepIds"), json_array(&ids));
}

/* ---- describing ---- */

/* EMR shows TERMINATE_JOB_FLOW, the older name, as it was given. */
static Json status_of(Arena *a, const StepRow *s)
{
    JsonObject status = {.a = a}, reason = {.a = a}, timeline = {.a = a}, failure = {.a = a};
    json_put_text(&reason, S("Message"), s->message);
    emr_put_time(&timeline, S("CreationDateTime"), s->created);
    emr_put_time(&timeline, S("StartDateTime"), s->started);
    emr_put_time(&timeline, S("EndDateTime"), s->ended);
    json_put_text(&status, S("State"), states_step_name(s->core.life));
    json_put(&status, S("StateChangeReason"), json_object(&reason));
    json_put_text(&failure, S("Reason"), s->failure_reason);
    json_put_text(&failure, S("Message"), s->failure_message);
    json_put_text(&failure, S("LogFile"), s->failure_log);
    if (failure.n) json_put(&status, S("FailureDetails"), json_object(&failure));
    json_put(&status, S("Timeline"), json_object(&timeline));
    return json_object(&status);
}

static Json describe(Arena *a, const StepRow *s)
{
    JsonObject o = {.a = a};
    json_put_text(&o, S("Id"), s->core.id);
    json_put_text(&o, S("Name"), s->name);
    json_put(&o, S("Config"), emr_parse(a, s->config));
    json_put_text(&o, S("ActionOnFailure"), states_action_name(s->core.action));
    json_put(&o, S("Status"), status_of(a, s));
    json_put_text(&o, S("ExecutionRoleArn"), s->role);
    return json_object(&o);
}

static bool find_step(Call *call, const ClusterRow *row, Str id, StepRow *out, Error *err)
{
    if (step_row_find(call->server->db, row->n, id, call->arena, out)) return true;
    return error_set(err, ERR_INVALID_REQUEST, "Step id '%.*s' is not valid.", STR(id));
}

CallResult emr_describe_step(Call *call, Error *err)
{
    ClusterRow row;
    StepRow step;
    if (!emr_cluster(call, S("ClusterId"), &row, err) ||
        !find_step(call, &row, json_text(json_get(&call->in, S("StepId"))), &step, err))
        return CALL_FAILED;
    return emr_answer(call, S("Step"), describe(call->arena, &step));
}

/* ---- listing ---- */

static unsigned lives_of(const Json *names)
{
    unsigned lives = 0;
    for (int32_t i = 0; i < json_count(names); i++) {
        StepLife life;
        if (states_step_from(json_text(json_at(names, i)), &life)) lives |= 1u << life;
    }
    return lives;
}

/* EMR: either ids, at most 10, or states. The answer is newest first in any case. */
static bool list_named(Call *call, const ClusterRow *row, const Json *ids, unsigned lives,
                       JsonArray *list, Error *err)
{
    int64_t n = json_count(ids);
    StepRow *steps = new_array(call->arena, StepRow, n);
    if (n > EMR_IDS_MAX)
        return error_set(err, ERR_INVALID_REQUEST,
                         "Number of step ids specified (%" PRId64 ") exceeds the maximum of %d.", n,
                         EMR_IDS_MAX);
    if (lives)
        return error_set(err, ERR_INVALID_REQUEST, "Cannot specify both step ids and step states.");
    for (int64_t i = 0; i < n; i++) {
        if (!find_step(call, row, json_text(json_at(ids, i)), &steps[i], err)) return false;
        for (int64_t at = i; at > 0 && steps[at - 1].core.number < steps[at].core.number; at--) {
            StepRow swap = steps[at];
            steps[at] = steps[at - 1];
            steps[at - 1] = swap;
        }
    }
    for (int64_t i = 0; i < n; i++) json_add(list, describe(call->arena, &steps[i]));
    return true;
}

CallResult emr_list_steps(Call *call, Error *err)
{
    ClusterRow row;
    StepRow *steps;
    JsonArray list = {.a = call->arena};
    JsonObject out = {.a = call->arena};
    StepFilter f = {.lives = lives_of(json_get(&call->in, S("StepStates"))), .max = EMR_PAGE + 1};
    const Json *ids = json_get(&call->in, S("StepIds"));
    if (!emr_cluster(call, S("ClusterId"), &row, err) || !emr_marker(call, &f.before_number, err))
        return CALL_FAILED;
    if (json_count(ids) > 0) {
        if (!list_named(call, &row, ids, f.lives, &list, err)) return CALL_FAILED;
        return emr_answer(call, S("Steps"), json_array(&list));
    }
    int64_t n = step_row_list(call->server->db, row.n, &f, call->arena, &steps);
    for (int64_t i = 0; i < n && i < EMR_PAGE; i++)
        json_add(&list, describe(call->arena, &steps[i]));
    json_put(&out, S("Steps"), json_array(&list));
    if (n > EMR_PAGE)
        json_put(&out, S("Marker"), emr_new_marker(call->arena, steps[EMR_PAGE - 1].core.number));
    call->out = json_object(&out);
    return CALL_DONE;
}

/* ---- cancelling ---- */

static Json cancel_answers(Arena *a, const ClusterUpdate *u)
{
    JsonArray list = {.a = a};
    for (int64_t i = 0; i < u->answers.n; i++) {
        const ClusterCancelAnswer *answer = &u->answers.p[i];
        JsonObject o = {.a = a};
        json_put_text(&o, S("StepId"), answer->id);
        json_put_text(&o, S("Status"), answer->submitted ? S("SUBMITTED") : S("FAILED"));
        json_put_text(&o, S("Reason"), answer->reason);
        json_add(&list, json_object(&o));
    }
    return json_array(&list);
}

CallResult emr_cancel_steps(Call *call, Error *err)
{
    ClusterRow row;
    ClusterUpdate update;
    const Json *ids = json_get(&call->in, S("StepIds"));
    int64_t n = json_count(ids);
    ClusterStep *steps = new_array(call->arena, ClusterStep, n);
    Str option = json_text(json_get(&call->in, S("StepCancellationOption")));
    ClusterEvent e = {.kind = CLUSTER_EVENT_CANCEL_STEPS, .steps = steps, .steps_n = n};
    if (!emr_cluster(call, S("ClusterId"), &row, err)) return CALL_FAILED;
    if (n == 0 || n > EMR_CANCEL_IDS_MAX) {
        error_set(err, ERR_INVALID_REQUEST,
                  "Number of step ids specified (%" PRId64 ") must be between 1 and %d.", n,
                  EMR_CANCEL_IDS_MAX);
        return CALL_FAILED;
    }
    for (int64_t i = 0; i < n; i++) {
        StepRow step;
        Str id = json_text(json_at(ids, i));
        bool known = step_row_find(call->server->db, row.n, id, call->arena, &step);
        steps[i] = known ? step.core : (ClusterStep){.id = id};
    }
    e.kill = str_eq(option, S("TERMINATE_PROCESS"));
    if (!clusters_apply(call->server, &row, &e, NULL, 0, call->arena, &update, err))
        return CALL_FAILED;
    return emr_answer(call, S("CancelStepsInfoList"), cancel_answers(call->arena, &update));
}
