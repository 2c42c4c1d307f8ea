/* cloudwatch_alarms.c - alarms over the API: put, described, deleted, set, their actions switched. */
#include "api/cloudwatch.h"
#include "app/watch/alarms.h"
#include "app/watch/metric_queries.h"

static bool find(Call *call, Str name, AlarmRow *out)
{
    return alarm_row_find(call->server->db, call->who.account, call->who.region, name, call->arena,
                          out);
}

/* ---- put ---- */

static const char *const not_offered[] = {"ThresholdMetricId", "EvaluationWindow",
                                          "EvaluationCriteria"};
static const char *const of_metric[] = {"MetricName", "Namespace", "Statistic", "ExtendedStatistic",
                                        "Dimensions", "Period",    "Unit"};
static const char *const needed[] = {"EvaluationPeriods", "Threshold", "ComparisonOperator"};

static bool need(const Json *in, const char *name, Error *err)
{
    return json_get(in, str_from(name)) ||
           error_set(err, ERR_VALIDATION, "The parameter %s must be set for a metric alarm.", name);
}

static bool check_statistic(const Json *in, Error *err)
{
    Statistic unused;
    Str plain = cloudwatch_text(in, "Statistic"),
        extended = cloudwatch_text(in, "ExtendedStatistic");
    if (str_absent(plain) == str_absent(extended))
        return error_set(err, ERR_METRIC_COMBINATION,
                         "Exactly one of Statistic and ExtendedStatistic must be set.");
    return str_absent(extended) || statistic_parse(extended, &unused) ||
           error_set(err, ERR_METRIC_VALUE,
                     "The value %.*s for parameter ExtendedStatistic is not supported.",
                     STR(str_slice(extended, 0, 100)));
}

/* Metric math: one of the queries returns data, and the metric's own parameters are not there. */
static bool check_queries(Call *call, const Json *metrics, Error *err)
{
    MetricQueries q;
    int shown = 0;
    for (int i = 0; i < countof(of_metric); i++)
        if (json_get(&call->in, str_from(of_metric[i])))
            return error_set(err, ERR_METRIC_COMBINATION,
                             "The parameters Metrics and %s are mutually exclusive.", of_metric[i]);
    for (int32_t i = 0; i < json_count(metrics); i++) {
        const Json *v = json_get(&metrics->items[i], S("ReturnData"));
        shown += !v || json_true(v);
    }
    if (shown != 1)
        return error_set(err, ERR_VALIDATION,
                         "Exactly one element of the metrics list should return data.");
    return metric_queries_open(call->server, call->arena, call->who.account, call->who.region,
                               metrics, &q, err);
}

static bool check_alarm(Call *call, Error *err)
{
    const Json *in = &call->in, *metrics = json_get(in, S("Metrics"));
    for (int i = 0; i < countof(not_offered); i++)
        if (json_get(in, str_from(not_offered[i])))
            return error_set(err, ERR_VALIDATION, "%s of an alarm is not offered by this server.",
                             not_offered[i]);
    for (int i = 0; i < countof(needed); i++)
        if (!need(in, needed[i], err)) return false;
    if (json_count(metrics) && !check_queries(call, metrics, err)) return false;
    if (!json_count(metrics) && (!need(in, "MetricName", err) || !need(in, "Namespace", err) ||
                                 !need(in, "Period", err) || !check_statistic(in, err)))
        return false;
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

/* "Create", "Update", "Delete". */
static void note(Call *call, const AlarmRow *row, const char *type, const char *summary)
{
    Json request;
    Error err = {0};
    JsonObject o = {.a = call->arena};
    check(json_parse(row->request, call->arena, &request, &err));
    json_put_text(&o, S("version"), S("1.0"));
    json_put_text(&o, S("type"), str_from(type));
    json_put(&o, S("alarm"), request);
    Json data = json_object(&o);
    alarm_note(call->server, row, "ConfigurationUpdate",
               str_printf(call->arena, "Alarm \"%.*s\" %s", STR(row->name), summary), &data);
}

/* An alarm that is there keeps its tags: PutMetricAlarm sets those of new ones alone. */
static Str request_with(Call *call, const AlarmRow *old)
{
    Json before;
    Error err = {0};
    JsonObject o = {.a = call->arena};
    if (!old) return json_to_str(call->arena, &call->in);
    check(json_parse(old->request, call->arena, &before, &err));
    for (int32_t i = 0; i < call->in.n; i++)
        if (!str_eq(call->in.members[i].key, S("Tags")))
            json_put(&o, call->in.members[i].key, call->in.members[i].value);
    json_put_json(&o, S("Tags"), json_get(&before, S("Tags")));
    Json all = json_object(&o);
    return json_to_str(call->arena, &all);
}

static bool put(Call *call, Error *err)
{
    AlarmRow row = {.state = S("INSUFFICIENT_DATA"),
                    .reason = S("Unchecked: Initial alarm creation"),
                    .state_updated = call->now};
    const Json *enabled = json_get(&call->in, S("ActionsEnabled"));
    Str name = cloudwatch_text(&call->in, "AlarmName"),
        rule = cloudwatch_text(&call->in, "AlarmRule");
    bool there = find(call, name, &row);
    if (there && alarm_is_composite(&row) == str_absent(rule))
        return error_set(err, ERR_VALIDATION, "An alarm of another type has the name %.*s.",
                         STR(name));
    row.account = call->who.account;
    row.region = call->who.region;
    row.name = name;
    row.request = request_with(call, there ? &row : NULL);
    row.enabled = !enabled || json_true(enabled);
    row.updated = call->now;
    if (!there) row.state_updated = call->now;
    if (!str_absent(rule) && !alarms_composite_check(call->server, &row, rule, call->arena, err))
        return false;
    alarm_row_put(call->server->db, &row);
    note(call, &row, there ? "Update" : "Create", there ? "updated" : "created");
    alarms_watch(call->server, &row);
    call->out = (Json){.type = JSON_OBJECT};
    return true;
}

CallResult cloudwatch_put_alarm(Call *call, Error *err)
{
    return check_alarm(call, err) && put(call, err) ? CALL_DONE : CALL_FAILED;
}

CallResult cloudwatch_put_composite(Call *call, Error *err)
{
    if (!json_get(&call->in, S("ActionsSuppressor")))
        return put(call, err) ? CALL_DONE : CALL_FAILED;
    error_set(err, ERR_VALIDATION, "ActionsSuppressor is not offered by this server.");
    return CALL_FAILED;
}

/* ---- described ---- */

Json cloudwatch_alarm(Call *call, const AlarmRow *row)
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
    json_put(&o, S("StateTransitionedTimestamp"), json_millis_as_seconds(a, row->state_updated));
    return json_object(&o);
}

typedef struct Listing {
    Call *call;
    bool metric, composite; /* which types were asked for: metric alarms alone, unless said */
    JsonArray metrics, composites;
} Listing;

static bool has_action(const Json *alarm, Str prefix)
{
    static const char *const lists[] = {"OKActions", "AlarmActions", "InsufficientDataActions"};
    for (int i = 0; i < countof(lists); i++) {
        const Json *list = json_get(alarm, str_from(lists[i]));
        for (int32_t k = 0; k < json_count(list); k++)
            if (str_starts(json_text(&list->items[k]), prefix)) return true;
    }
    return false;
}

static void list_one(Listing *l, const AlarmRow *row)
{
    bool composite = alarm_is_composite(row);
    Str state = cloudwatch_text(&l->call->in, "StateValue"),
        action = cloudwatch_text(&l->call->in, "ActionPrefix");
    if (composite ? !l->composite : !l->metric) return;
    if (!str_absent(state) && !str_eq(state, row->state)) return;
    Json alarm = cloudwatch_alarm(l->call, row);
    if (!str_absent(action) && !has_action(&alarm, action)) return;
    json_add(composite ? &l->composites : &l->metrics, alarm);
}

static void list_named(Listing *l, const Json *names)
{
    for (int32_t i = 0; i < names->n; i++) {
        AlarmRow row;
        if (find(l->call, json_text(&names->items[i]), &row)) list_one(l, &row);
    }
}

static void list_children(Listing *l, Str name)
{
    Rule rule;
    AlarmRow parent, row;
    if (!find(l->call, name, &parent) || !alarm_is_composite(&parent) ||
        !alarms_composite_rule(&parent, l->call->arena, &rule))
        return;
    for (int64_t i = 0; i < rule.alarms.n; i++)
        if (find(l->call, rule.alarms.p[i], &row)) list_one(l, &row);
}

static void list_parents(Listing *l, Str name)
{
    AlarmRow *rows;
    Call *call = l->call;
    int64_t n = alarm_row_composites(call->server->db, call->who.account, call->who.region,
                                     call->arena, &rows);
    for (int64_t i = 0; i < n; i++) {
        Rule rule;
        if (alarms_composite_rule(&rows[i], call->arena, &rule) &&
            alarms_composite_names(&rule, name))
            list_one(l, &rows[i]);
    }
}

/* The token is the last name of the page before. */
static void list_page(Listing *l, JsonObject *out)
{
    AlarmRow *rows;
    Call *call = l->call;
    int64_t max = json_int_or(json_get(&call->in, S("MaxRecords")), CLOUDWATCH_ALARMS_PAGE);
    int64_t n = alarm_row_list(
        call->server->db, call->who.account, call->who.region,
        cloudwatch_text(&call->in, "AlarmNamePrefix"), cloudwatch_text(&call->in, "StateValue"),
        cloudwatch_text(&call->in, "NextToken"), max + 1, call->arena, &rows);
    for (int64_t i = 0; i < n && i < max; i++) list_one(l, &rows[i]);
    if (n > max) json_put_text(out, S("NextToken"), rows[max - 1].name);
}

CallResult cloudwatch_describe_alarms(Call *call, Error *err)
{
    JsonObject out = {.a = call->arena};
    Listing l = {.call = call, .metrics = {.a = call->arena}, .composites = {.a = call->arena}};
    const Json *names = json_get(&call->in, S("AlarmNames")),
               *types = json_get(&call->in, S("AlarmTypes"));
    Str children = cloudwatch_text(&call->in, "ChildrenOfAlarmName"),
        parents = cloudwatch_text(&call->in, "ParentsOfAlarmName");
    (void)err;
    l.metric = !json_count(types);
    for (int32_t i = 0; i < json_count(types); i++)
        *(str_eq(json_text(&types->items[i]), S("MetricAlarm")) ? &l.metric : &l.composite) = true;
    if (!str_absent(children) || !str_absent(parents)) l.metric = l.composite = true;
    if (json_count(names))
        list_named(&l, names);
    else if (!str_absent(children))
        list_children(&l, children);
    else if (!str_absent(parents))
        list_parents(&l, parents);
    else
        list_page(&l, &out);
    json_put(&out, S("MetricAlarms"), json_array(&l.metrics));
    json_put(&out, S("CompositeAlarms"), json_array(&l.composites));
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
        note(call, &row, "Delete", "deleted");
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
