/* cloudwatch_alarms.c - metric alarms over the API: put, described, deleted, set, their actions switched. */
#include "api/cloudwatch.h"
#include "app/watch/alarms.h"

static bool find(Call *call, Str name, AlarmRow *out)
{
    return alarm_row_find(call->server->db, call->who.account, call->who.region, name, call->arena,
                          out);
}

/* ---- put ---- */

static const char *const not_offered[] = {"Metrics", "ExtendedStatistic", "ThresholdMetricId",
                                          "EvaluationWindow", "EvaluationCriteria"};
static const char *const needed[] = {
    "MetricName",        "Namespace", "Statistic",         "Period",
    "EvaluationPeriods", "Threshold", "ComparisonOperator"};

static bool check_alarm(const Json *in, Error *err)
{
    for (int i = 0; i < countof(not_offered); i++)
        if (json_get(in, str_from(not_offered[i])))
            return error_set(err, ERR_VALIDATION, "%s of an alarm is not offered by this server.",
                             not_offered[i]);
    for (int i = 0; i < countof(needed); i++)
        if (!json_get(in, str_from(needed[i])))
            return error_set(err, ERR_VALIDATION,
                             "The parameter %s must be set for a metric alarm.", needed[i]);
    int64_t periods = json_int_or(json_get(in, S("EvaluationPeriods")), 1),
            points = json_int_or(json_get(in, S("DatapointsToAlarm")), periods),
            seconds = json_int_or(json_get(in, S("Period")), 60);
    Str compare = cloudwatch_text(in, "ComparisonOperator");
    if (points < 1 || points > periods || periods > ALARMS_PERIODS_MAX)
        return error_set(err, ERR_VALIDATION,
                         "DatapointsToAlarm must be between 1 and EvaluationPeriods, and those at "
                         "most %d.",
                         ALARMS_PERIODS_MAX);
    if (str_find(compare, S("UpperThreshold")) >= 0 || str_find(compare, S("LowerThreshold")) > 0 ||
        str_find(compare, S("OrLower")) > 0)
        return error_set(err, ERR_VALIDATION,
                         "Anomaly detection is not offered by this server: %.*s.", STR(compare));
    return seconds == 10 || seconds == 20 || seconds == 30 || (seconds > 0 && seconds % 60 == 0) ||
           error_set(err, ERR_VALIDATION, "Period must be 10, 20, 30 or a multiple of 60");
}

CallResult cloudwatch_put_alarm(Call *call, Error *err)
{
    AlarmRow row = {.state = S("INSUFFICIENT_DATA"),
                    .reason = S("Unchecked: Initial alarm creation"),
                    .state_updated = call->now};
    const Json *enabled = json_get(&call->in, S("ActionsEnabled"));
    Str name = cloudwatch_text(&call->in, "AlarmName");
    if (!check_alarm(&call->in, err)) return CALL_FAILED;
    bool there = find(call, name, &row);
    row.account = call->who.account;
    row.region = call->who.region;
    row.name = name;
    row.request = json_to_str(call->arena, &call->in);
    row.enabled = !enabled || json_true(enabled);
    row.updated = call->now;
    if (!there) row.state_updated = call->now;
    alarm_row_put(call->server->db, &row);
    alarms_watch(call->server, &row);
    call->out = (Json){.type = JSON_OBJECT};
    return CALL_DONE;
}

/* ---- described ---- */

static Json described(Call *call, const AlarmRow *row)
{
    Arena *a = call->arena;
    Json request;
    Error err = {0};
    JsonObject o = {.a = a};
    check(json_parse(row->request, a, &request, &err));
    for (int32_t i = 0; i < request.n; i++)
        if (!str_eq(request.members[i].key, S("Tags")) &&
            !str_eq(request.members[i].key, S("ActionsEnabled")))
            json_put(&o, request.members[i].key, request.members[i].value);
    json_put_text(&o, S("AlarmArn"), alarm_arn(a, row));
    json_put(&o, S("ActionsEnabled"), json_bool(row->enabled));
    json_put(&o, S("AlarmConfigurationUpdatedTimestamp"), json_millis_as_seconds(a, row->updated));
    json_put_text(&o, S("StateValue"), row->state);
    json_put_text(&o, S("StateReason"), row->reason);
    json_put(&o, S("StateUpdatedTimestamp"), json_millis_as_seconds(a, row->state_updated));
    return json_object(&o);
}

static void add_named(Call *call, const Json *names, JsonArray *list)
{
    Str state = cloudwatch_text(&call->in, "StateValue");
    for (int32_t i = 0; i < names->n; i++) {
        AlarmRow row;
        if (find(call, json_text(&names->items[i]), &row) &&
            (str_absent(state) || str_eq(state, row.state)))
            json_add(list, described(call, &row));
    }
}

/* The token is the last name of the page before. */
CallResult cloudwatch_describe_alarms(Call *call, Error *err)
{
    AlarmRow *rows;
    JsonArray list = {.a = call->arena};
    JsonObject out = {.a = call->arena};
    const Json *names = json_get(&call->in, S("AlarmNames"));
    int64_t max = json_int_or(json_get(&call->in, S("MaxRecords")), CLOUDWATCH_ALARMS_PAGE);
    (void)err;
    if (json_count(names)) {
        add_named(call, names, &list);
    } else {
        int64_t n = alarm_row_list(
            call->server->db, call->who.account, call->who.region,
            cloudwatch_text(&call->in, "AlarmNamePrefix"), cloudwatch_text(&call->in, "StateValue"),
            cloudwatch_text(&call->in, "NextToken"), max + 1, call->arena, &rows);
        for (int64_t i = 0; i < n && i < max; i++) json_add(&list, described(call, &rows[i]));
        if (n > max) json_put_text(&out, S("NextToken"), rows[max - 1].name);
    }
    json_put(&out, S("MetricAlarms"), json_array(&list));
    json_put(&out, S("CompositeAlarms"), (Json){.type = JSON_ARRAY});
    call->out = json_object(&out);
    return CALL_DONE;
}

/* ---- changed ---- */

static bool no_alarm(Str name, Error *err)
{
    return error_set(err, ERR_ALARM_NOT_FOUND, "There is no alarm %.*s.", STR(name));
}

/* Some that are not there: none is deleted. */
CallResult cloudwatch_delete_alarms(Call *call, Error *err)
{
    const Json *names = json_get(&call->in, S("AlarmNames"));
    for (int32_t i = 0; i < json_count(names); i++) {
        AlarmRow row;
        if (!find(call, json_text(&names->items[i]), &row))
            return no_alarm(json_text(&names->items[i]), err), CALL_FAILED;
        alarms_forget(call->server, &row);
        alarm_row_remove(call->server->db, row.n);
    }
    call->out = (Json){.type = JSON_OBJECT};
    return CALL_DONE;
}

/* For a while: the next evaluation says what the metric says. */
CallResult cloudwatch_set_alarm_state(Call *call, Error *err)
{
    AlarmRow row;
    Str name = cloudwatch_text(&call->in, "AlarmName");
    if (!find(call, name, &row)) return no_alarm(name, err), CALL_FAILED;
    alarm_set_state(call->server, &row, cloudwatch_text(&call->in, "StateValue"),
                    cloudwatch_text(&call->in, "StateReason"));
    call->out = (Json){.type = JSON_OBJECT};
    return CALL_DONE;
}

static CallResult switch_actions(Call *call, bool enabled)
{
    const Json *names = json_get(&call->in, S("AlarmNames"));
    for (int32_t i = 0; i < json_count(names); i++) {
        AlarmRow row;
        if (!find(call, json_text(&names->items[i]), &row)) continue;
        row.enabled = enabled;
        alarm_row_put(call->server->db, &row);
    }
    call->out = (Json){.type = JSON_OBJECT};
    return CALL_DONE;
}

CallResult cloudwatch_enable_actions(Call *call, Error *err)
{
    (void)err;
    return switch_actions(call, true);
}

CallResult cloudwatch_disable_actions(Call *call, Error *err)
{
    (void)err;
    return switch_actions(call, false);
}
