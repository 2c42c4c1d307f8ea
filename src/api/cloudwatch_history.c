/* cloudwatch_history.c - what happened to alarms, and which of them look at a metric. */
#include "api/cloudwatch.h"
#include "app/watch/alarms.h"

/* ---- DescribeAlarmHistory ---- */

static Json item(Call *call, const AlarmHistory *h)
{
    JsonObject o = {.a = call->arena};
    json_put_text(&o, S("AlarmName"), h->name);
    json_put_text(&o, S("AlarmType"), h->alarm_type);
    json_put(&o, S("Timestamp"), json_millis_as_seconds(call->arena, h->at));
    json_put_text(&o, S("HistoryItemType"), h->type);
    json_put_text(&o, S("HistorySummary"), h->summary);
    json_put_text(&o, S("HistoryData"), h->data);
    return json_object(&o);
}

static bool read_filter(Call *call, AlarmHistoryFilter *f, Error *err)
{
    const Json *in = &call->in, *types = json_get(in, S("AlarmTypes"));
    Str token = cloudwatch_text(in, "NextToken");
    *f = (AlarmHistoryFilter){
        .account = call->who.account,
        .region = call->who.region,
        .name = cloudwatch_text(in, "AlarmName"),
        .type = cloudwatch_text(in, "HistoryItemType"),
        .metric = !json_count(types),
        .from = cloudwatch_time(json_get(in, S("StartDate")), 0),
        .to = cloudwatch_time(json_get(in, S("EndDate")), INT64_MAX),
        .ascending = str_eq(cloudwatch_text(in, "ScanBy"), S("TimestampAscending")),
        .max = json_int_or(json_get(in, S("MaxRecords")), CLOUDWATCH_HISTORY_PAGE)};
    for (int32_t i = 0; i < json_count(types); i++)
        *(str_eq(json_text(&types->items[i]), S("MetricAlarm")) ? &f->metric : &f->composite) =
            true;
    return str_absent(token) || str_to_int(token, &f->after) ||
           error_set(err, ERR_METRIC_NEXT_TOKEN, "The next token is invalid.");
}

CallResult cloudwatch_alarm_history(Call *call, Error *err)
{
    AlarmHistory *rows;
    AlarmHistoryFilter f;
    JsonArray list = {.a = call->arena};
    JsonObject out = {.a = call->arena};
    if (!read_filter(call, &f, err)) return CALL_FAILED;
    int64_t max = f.max++, n = alarm_history_list(call->server->db, &f, call->arena, &rows);
    for (int64_t i = 0; i < n && i < max; i++) json_add(&list, item(call, &rows[i]));
    json_put(&out, S("AlarmHistoryItems"), json_array(&list));
    if (n > max)
        json_put_text(&out, S("NextToken"), str_printf(call->arena, "%" PRId64, rows[max - 1].n));
    call->out = json_object(&out);
    return CALL_DONE;
}

/* ---- DescribeAlarmsForMetric ---- */

static bool same_member(const Json *in, const Json *alarm, const char *name)
{
    Str wanted = cloudwatch_text(in, name);
    return str_absent(wanted) || str_eq(wanted, cloudwatch_text(alarm, name));
}

static bool is_of_metric(Call *call, const Json *alarm)
{
    static const char *const members[] = {"MetricName",        "Namespace", "Statistic",
                                          "ExtendedStatistic", "Period",    "Unit"};
    for (int i = 0; i < countof(members); i++)
        if (!same_member(&call->in, alarm, members[i])) return false;
    return str_eq(metrics_dimensions(call->arena, json_get(&call->in, S("Dimensions"))),
                  metrics_dimensions(call->arena, json_get(alarm, S("Dimensions"))));
}

enum { PAGE = 500 };

CallResult cloudwatch_alarms_for_metric(Call *call, Error *err)
{
    AlarmRow *rows;
    int64_t n;
    Str after = {0};
    JsonArray list = {.a = call->arena};
    JsonObject out = {.a = call->arena};
    (void)err;
    do {
        n = alarm_row_list(call->server->db, call->who.account, call->who.region, (Str){0},
                           (Str){0}, after, PAGE, call->arena, &rows);
        for (int64_t i = 0; i < n; i++) {
            Json alarm = cloudwatch_alarm(call, &rows[i]);
            if (is_of_metric(call, &alarm)) json_add(&list, alarm);
        }
        if (n) after = rows[n - 1].name;
    } while (n == PAGE);
    json_put(&out, S("MetricAlarms"), json_array(&list));
    call->out = json_object(&out);
    return CALL_DONE;
}
