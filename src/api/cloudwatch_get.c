/* cloudwatch_get.c - metrics listed, and their statistics over periods of time. */
#include "api/cloudwatch.h"
#include "app/watch/meter.h"
#include "app/watch/metric_queries.h"

/* ---- GetMetricStatistics ---- */

static bool check_range(Millis from, Millis to, int64_t period, Error *err)
{
    if (from >= to)
        return error_set(err, ERR_METRIC_COMBINATION,
                         "The parameter StartTime must be less than the parameter EndTime.");
    return metric_period_ok(period) ||
           error_set(err, ERR_METRIC_VALUE,
                     "The parameter Period must be 1, 5, 10, 20, 30, or any multiple of 60.");
}

static void put_statistics(Call *call, const MetricPoint *p, const Json *names, JsonObject *o)
{
    for (int32_t i = 0; i < json_count(names); i++) {
        Statistic statistic;
        double value;
        Str name = json_text(&names->items[i]);
        if (statistic_parse(name, &statistic) && statistic_of(&statistic, &p->m, &value))
            json_put(o, name, cloudwatch_number(call->arena, value));
    }
}

static Json datapoint(Call *call, const MetricPoint *p)
{
    JsonObject o = {.a = call->arena}, extended = {.a = call->arena};
    json_put(&o, S("Timestamp"), json_millis_as_seconds(call->arena, p->at));
    put_statistics(call, p, json_get(&call->in, S("Statistics")), &o);
    put_statistics(call, p, json_get(&call->in, S("ExtendedStatistics")), &extended);
    if (extended.n) json_put(&o, S("ExtendedStatistics"), json_object(&extended));
    json_put_text(&o, S("Unit"), p->unit);
    return json_object(&o);
}

static bool check_statistics(const Json *extended, const Json *names, Error *err)
{
    Statistic statistic;
    if (!json_count(names) && !json_count(extended))
        return error_set(err, ERR_METRIC_MISSING,
                         "Must specify either Statistics or ExtendedStatistics");
    for (int32_t i = 0; i < json_count(extended); i++)
        if (!statistic_parse(json_text(&extended->items[i]), &statistic))
            return error_set(err, ERR_METRIC_VALUE,
                             "The value %.*s for parameter ExtendedStatistics is not supported.",
                             STR(str_slice(json_text(&extended->items[i]), 0, 100)));
    return true;
}

static bool read_query(Call *call, MetricQuery *q, Error *err)
{
    int64_t period = json_int_or(json_get(&call->in, S("Period")), 60);
    *q = (MetricQuery){.key = cloudwatch_key(call, &call->in),
                       .unit = cloudwatch_text(&call->in, "Unit"),
                       .from = cloudwatch_time(json_get(&call->in, S("StartTime")), 0),
                       .to = cloudwatch_time(json_get(&call->in, S("EndTime")), call->now),
                       .period_ms = period * 1000};
    if (!check_range(q->from, q->to, period, err)) return false;
    return (q->to - q->from) / q->period_ms <= CLOUDWATCH_STATISTICS_MAX ||
           error_set(err, ERR_METRIC_COMBINATION,
                     "You have requested up to %" PRId64
                     " datapoints, which exceeds the limit of %d. You may reduce the datapoints "
                     "requested by increasing Period, or decreasing the time range.",
                     (q->to - q->from) / q->period_ms, CLOUDWATCH_STATISTICS_MAX);
}

CallResult cloudwatch_get_statistics(Call *call, Error *err)
{
    MetricQuery q;
    MetricPoint *points;
    JsonArray list = {.a = call->arena};
    JsonObject out = {.a = call->arena};
    if (!check_statistics(json_get(&call->in, S("ExtendedStatistics")),
                          json_get(&call->in, S("Statistics")), err))
        return CALL_FAILED;
    if (!read_query(call, &q, err)) return CALL_FAILED;
    int64_t n = metrics_read(call->server, &q, call->arena, &points);
    for (int64_t i = 0; i < n; i++) json_add(&list, datapoint(call, &points[i]));
    json_put_text(&out, S("Label"), q.key.name);
    json_put(&out, S("Datapoints"), json_array(&list));
    call->out = json_object(&out);
    return CALL_DONE;
}

/* ---- GetMetricData ---- */

static Json result(Call *call, Str id, Str label, const MathSeries *s, bool ascending)
{
    Arena *a = call->arena;
    JsonObject o = {.a = a};
    JsonArray times = {.a = a}, values = {.a = a};
    for (int64_t i = 0; i < s->n; i++) {
        const MathPoint *p = &s->p[ascending ? i : s->n - 1 - i];
        json_add(&times, json_millis_as_seconds(a, p->at));
        json_add(&values, cloudwatch_number(a, p->value));
    }
    json_put_text(&o, S("Id"), id);
    json_put_text(&o, S("Label"), label);
    json_put(&o, S("Timestamps"), json_array(&times));
    json_put(&o, S("Values"), json_array(&values));
    json_put_text(&o, S("StatusCode"), S("Complete"));
    return json_object(&o);
}

/* An array of time series is a result for each of them. */
static bool answer_query(Call *call, MetricQueries *q, int32_t i, bool ascending, JsonArray *out,
                         Error *err)
{
    MathValue v;
    const Json *query = &q->list->items[i];
    Str id = cloudwatch_text(query, "Id"), label = cloudwatch_text(query, "Label");
    bool expression = json_get(query, S("Expression")) != NULL;
    if (!metric_queries_value(q, i, &v, err)) return false;
    if (v.scalar)
        return error_set(err, ERR_VALIDATION,
                         "Error in expression '%.*s': The expression must return a time series.",
                         STR(id));
    if (str_absent(label)) label = expression ? id : v.series[0].label;
    for (int64_t k = 0; k < v.n; k++) {
        bool own = v.array && str_absent(cloudwatch_text(query, "Label"));
        Str shown = own ? v.series[k].label : label;
        json_add(out, result(call, id, str_absent(shown) ? id : shown, &v.series[k], ascending));
    }
    return true;
}

static bool open_queries(Call *call, MetricQueries *q, Error *err)
{
    const Json *list = json_get(&call->in, S("MetricDataQueries"));
    if (!metric_queries_open(call->server, call->arena, call->who.account, call->who.region, list,
                             q, err))
        return false;
    q->from = cloudwatch_time(json_get(&call->in, S("StartTime")), 0);
    q->to = cloudwatch_time(json_get(&call->in, S("EndTime")), call->now);
    return check_range(q->from, q->to, 60, err);
}

CallResult cloudwatch_get_data(Call *call, Error *err)
{
    MetricQueries q;
    JsonArray results = {.a = call->arena};
    JsonObject out = {.a = call->arena};
    bool ascending = str_eq(cloudwatch_text(&call->in, "ScanBy"), S("TimestampAscending"));
    if (!open_queries(call, &q, err)) return CALL_FAILED;
    for (int32_t i = 0; i < json_count(q.list); i++) {
        const Json *shown = json_get(&q.list->items[i], S("ReturnData"));
        if (shown && !json_true(shown)) continue;
        if (!answer_query(call, &q, i, ascending, &results, err)) return CALL_FAILED;
    }
    json_put(&out, S("MetricDataResults"), json_array(&results));
    json_put(&out, S("Messages"), (Json){.type = JSON_ARRAY});
    call->out = json_object(&out);
    return CALL_DONE;
}

/* ---- ListMetrics ---- */

/* Every dimension asked for is there, with that value where one is given. */
static bool has_dimensions(Call *call, const MetricRow *row)
{
    Json have;
    Error err = {0};
    const Json *asked = json_get(&call->in, S("Dimensions"));
    check(json_parse(row->dimensions, call->arena, &have, &err));
    for (int32_t i = 0; i < json_count(asked); i++) {
        const Json *value = json_get(&have, cloudwatch_text(&asked->items[i], "Name"));
        Str wanted = cloudwatch_text(&asked->items[i], "Value");
        if (!value || (!str_absent(wanted) && !str_eq(wanted, json_text(value)))) return false;
    }
    return true;
}

static Json listed(Call *call, const MetricRow *row)
{
    JsonObject o = {.a = call->arena};
    json_put_text(&o, S("Namespace"), row->name_space);
    json_put_text(&o, S("MetricName"), row->name);
    json_put(&o, S("Dimensions"), cloudwatch_dimensions(call->arena, row->dimensions));
    return json_object(&o);
}

/* A page is of the rows looked at: it may be short, and others follow all the same. */
CallResult cloudwatch_list_metrics(Call *call, Error *err)
{
    int64_t after = 0;
    MetricRow *rows;
    JsonArray list = {.a = call->arena};
    JsonObject out = {.a = call->arena};
    Str token = cloudwatch_text(&call->in, "NextToken");
    bool recent = !str_absent(cloudwatch_text(&call->in, "RecentlyActive"));
    Millis since = call->now - (recent ? (Millis)3 * 3600 * 1000 : METRICS_KEEP_MS);
    if (!str_absent(token) && !str_to_int(token, &after)) {
        error_set(err, ERR_METRIC_VALUE, "The value for parameter NextToken is invalid.");
        return CALL_FAILED;
    }
    meter_write(call->server);
    int64_t n = metric_row_list(call->server->db, call->who.account, call->who.region,
                                cloudwatch_text(&call->in, "Namespace"),
                                cloudwatch_text(&call->in, "MetricName"), since, after,
                                CLOUDWATCH_METRICS_PAGE, call->arena, &rows);
    for (int64_t i = 0; i < n; i++)
        if (has_dimensions(call, &rows[i])) json_add(&list, listed(call, &rows[i]));
    json_put(&out, S("Metrics"), json_array(&list));
    if (n == CLOUDWATCH_METRICS_PAGE)
        json_put_text(&out, S("NextToken"), str_printf(call->arena, "%" PRId64, rows[n - 1].n));
    call->out = json_object(&out);
    return CALL_DONE;
}
