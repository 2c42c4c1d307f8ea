/* alarms_evaluate.c - the newest periods of a metric or an expression compared with a threshold. */
#include "app/watch/alarms.h"
#include "app/watch/metric_queries.h"
#include "store/timers.h"

typedef struct Watch {
    Str operator_name, missing;
    double threshold;
    int64_t periods, needed, period_s;
    Millis from, to;
    int64_t breaching, seen; /* of the newest periods */
} Watch;

static Watch watch_of(Server *s, const Json *r, int64_t period_s)
{
    Watch w = {.operator_name = json_text(json_get(r, S("ComparisonOperator"))),
               .missing = json_text(json_get(r, S("TreatMissingData"))),
               .periods = json_int_or(json_get(r, S("EvaluationPeriods")), 1),
               .period_s = period_s};
    w.threshold = strtod(str_z(&s->turn, json_text(json_get(r, S("Threshold")))), NULL);
    w.needed = json_int_or(json_get(r, S("DatapointsToAlarm")), w.periods);
    w.to = s->now - s->now % (period_s * 1000);
    w.from = w.to - w.periods * period_s * 1000;
    return w;
}

static Json request_of(Arena *a, const AlarmRow *row)
{
    Json request;
    Error err = {0};
    check(json_parse(row->request, a, &request, &err));
    return request;
}

static bool breaches(const Watch *w, double value)
{
    if (str_eq(w->operator_name, S("GreaterThanThreshold"))) return value > w->threshold;
    if (str_eq(w->operator_name, S("GreaterThanOrEqualToThreshold"))) return value >= w->threshold;
    if (str_eq(w->operator_name, S("LessThanThreshold"))) return value < w->threshold;
    return value <= w->threshold;
}

static Str state_of(const Watch *w, Str now)
{
    int64_t missing = w->periods - w->seen,
            bad = w->breaching + (str_eq(w->missing, S("breaching")) ? missing : 0);
    if (bad >= w->needed) return S("ALARM");
    if (w->seen || str_eq(w->missing, S("breaching")) || str_eq(w->missing, S("notBreaching")))
        return S("OK");
    return str_eq(w->missing, S("ignore")) ? now : S("INSUFFICIENT_DATA");
}

/* ---- what is looked at ---- */

static void look(Watch *w, const MathSeries *series)
{
    for (int64_t i = 0; i < series->n; i++) {
        if (series->p[i].at < w->from || series->p[i].at >= w->to) continue;
        w->seen++;
        w->breaching += breaches(w, series->p[i].value);
    }
}

static void look_at_metric(Server *s, const AlarmRow *row, const Json *r, Watch *w)
{
    Statistic statistic;
    Str name = json_text(json_get(r, S("Statistic")));
    if (str_absent(name)) name = json_text(json_get(r, S("ExtendedStatistic")));
    MetricQuery q = {
        .key = {.account = row->account,
                .region = row->region,
                .name_space = json_text(json_get(r, S("Namespace"))),
                .name = json_text(json_get(r, S("MetricName"))),
                .dimensions = metrics_dimensions(&s->turn, json_get(r, S("Dimensions")))},
        .unit = json_text(json_get(r, S("Unit"))),
        .from = w->from,
        .to = w->to,
        .period_ms = w->period_s * 1000};
    check(statistic_parse(name, &statistic));
    MathSeries series = metric_series(s, &q, &statistic, &s->turn);
    look(w, &series);
}

/* The one query that returns data. What cannot be computed counts as missing, and is said. */
static void look_at_queries(Server *s, const AlarmRow *row, MetricQueries *q, Watch *w)
{
    Error err = {0};
    q->from = w->from;
    q->to = w->to;
    for (int32_t i = 0; i < json_count(q->list); i++) {
        MathValue v;
        const Json *shown = json_get(&q->list->items[i], S("ReturnData"));
        if (shown && !json_true(shown)) continue;
        if (metric_queries_value(q, i, &v, &err) && !v.scalar && v.n == 1)
            look(w, &v.series[0]);
        else
            log_recorded(s, "alarm-unknown", "alarm=%.*s error=\"%s\"", STR(row->name), err.text);
    }
}

static void evaluate(Server *s, AlarmRow *row, const Json *request, int64_t *period_s)
{
    Error err = {0};
    MetricQueries q;
    const Json *metrics = json_get(request, S("Metrics"));
    *period_s = json_int_or(json_get(request, S("Period")), 60);
    if (json_count(metrics)) {
        check(metric_queries_open(s, &s->turn, row->account, row->region, metrics, &q, &err));
        *period_s = q.period_s;
    }
    Watch w = watch_of(s, request, *period_s);
    if (json_count(metrics))
        look_at_queries(s, row, &q, &w);
    else
        look_at_metric(s, row, request, &w);
    Str state = state_of(&w, row->state);
    if (str_eq(state, row->state)) return;
    Str reason =
        !w.seen ? str_printf(&s->turn, "Insufficient Data: %" PRId64 " datapoints were unknown.",
                             w.periods)
                : str_printf(&s->turn,
                             "Threshold Crossed: %" PRId64 " out of the last %" PRId64
                             " datapoints were beyond the threshold (%.*s).",
                             w.breaching, w.periods, STR(metrics_text(&s->turn, w.threshold)));
    alarm_set_state(s, row, state, reason);
}

void alarms_due(Server *s, Str subject)
{
    AlarmRow row;
    int64_t n;
    if (!str_to_int(subject, &n) || !alarm_row_get(s->db, n, &s->turn, &row)) {
        timer_clear(s->db, S("alarm"), subject);
        return;
    }
    Json request = request_of(&s->turn, &row);
    int64_t period_s;
    if (alarm_is_composite(&row)) {
        alarms_composite_evaluate(s, &row);
        return;
    }
    evaluate(s, &row, &request, &period_s);
    Millis period = period_s * 1000;
    timer_set(s->db, S("alarm"), subject,
              s->now + (period < ALARMS_EVERY_MS ? period : ALARMS_EVERY_MS));
}
