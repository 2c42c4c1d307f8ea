/* alarms.c - periods of a metric compared with a threshold, and what a change of state sets off. */
#include "app/watch/alarms.h"

#include "app/events/targets.h"
#include "app/watch/metrics.h"
#include "base/time.h"
#include "store/timers.h"

Str alarm_arn(Arena *a, const AlarmRow *row)
{
    return str_printf(a, "arn:aws:cloudwatch:%.*s:%.*s:alarm:%.*s", STR(row->region),
                      STR(row->account), STR(row->name));
}

static Str subject_of(Server *s, const AlarmRow *row)
{
    return str_printf(&s->turn, "%" PRId64, row->n);
}

void alarms_watch(Server *s, const AlarmRow *row)
{
    timer_set(s->db, S("alarm"), subject_of(s, row), s->now);
}

void alarms_forget(Server *s, const AlarmRow *row)
{
    timer_clear(s->db, S("alarm"), subject_of(s, row));
}

static Json request_of(Arena *a, const AlarmRow *row)
{
    Json request;
    Error err = {0};
    check(json_parse(row->request, a, &request, &err));
    return request;
}

/* ---- actions ---- */

static const char *const lists[][2] = {
    {"OK", "OKActions"},
    {"ALARM", "AlarmActions"},
    {"INSUFFICIENT_DATA", "InsufficientDataActions"},
};

/* The message that topics and functions get. */
static Str message(Server *s, const AlarmRow *row, const Json *request, Str old)
{
    Arena *a = &s->turn;
    JsonObject o = {.a = a}, trigger = {.a = a};
    static const char *const told[] = {"MetricName", "Namespace",          "Statistic",
                                       "Period",     "EvaluationPeriods",  "Threshold",
                                       "Dimensions", "ComparisonOperator", "TreatMissingData"};
    for (int i = 0; i < countof(told); i++)
        json_put_json(&trigger, str_from(told[i]), json_get(request, str_from(told[i])));
    json_put_text(&o, S("AlarmName"), row->name);
    json_put_json(&o, S("AlarmDescription"), json_get(request, S("AlarmDescription")));
    json_put_text(&o, S("AWSAccountId"), row->account);
    json_put_text(&o, S("NewStateValue"), row->state);
    json_put_text(&o, S("NewStateReason"), row->reason);
    json_put_text(&o, S("StateChangeTime"), time_iso8601(a, s->now));
    json_put_text(&o, S("Region"), row->region);
    json_put_text(&o, S("AlarmArn"), alarm_arn(a, row));
    json_put_text(&o, S("OldStateValue"), old);
    json_put(&o, S("Trigger"), json_object(&trigger));
    Json all = json_object(&o);
    return json_to_str(a, &all);
}

static void act(Server *s, const AlarmRow *row, Str old)
{
    Json request = request_of(&s->turn, row);
    const Json *actions = NULL;
    for (int i = 0; i < countof(lists); i++)
        if (str_eq(row->state, str_from(lists[i][0])))
            actions = json_get(&request, str_from(lists[i][1]));
    for (int32_t i = 0; i < json_count(actions); i++) {
        Str arn = json_text(&actions->items[i]);
        Target t = {.arn = arn,
                    .service = str_starts(arn, S("arn:aws:lambda:"))
                                   ? S("lambda.alarms.cloudwatch.amazonaws.com")
                                   : S("cloudwatch.amazonaws.com"),
                    .account = row->account,
                    .region = row->region,
                    .source_arn = alarm_arn(&s->turn, row),
                    .input = message(s, row, &request, old)};
        TargetResult r = targets_deliver(s, &t);
        if (r.end != TARGET_DELIVERED)
            log_recorded(s, "alarm-action-failed", "alarm=%.*s action=%.*s error=\"%.*s\"",
                         STR(row->name), STR(t.arn), STR(r.message));
    }
}

void alarm_set_state(Server *s, AlarmRow *row, Str state, Str reason)
{
    Str old = row->state;
    row->state = state;
    row->reason = reason;
    bool changed = !str_eq(old, state);
    if (changed) row->state_updated = s->now;
    alarm_row_put(s->db, row);
    if (!changed) return;
    log_recorded(s, "alarm-state", "alarm=%.*s from=%.*s to=%.*s", STR(row->name), STR(old),
                 STR(state));
    if (row->enabled) act(s, row, old);
}

/* ---- evaluation ---- */

typedef struct Watch {
    MetricQuery q;
    Statistic statistic;
    Str operator_name, missing;
    double threshold;
    int64_t periods, needed;
    int64_t breaching, seen; /* of the newest periods */
} Watch;

static Watch watch_of(Server *s, const AlarmRow *row, const Json *r)
{
    int64_t period = json_int_or(json_get(r, S("Period")), 60);
    Str statistic = json_text(json_get(r, S("Statistic")));
    Watch w = {.operator_name = json_text(json_get(r, S("ComparisonOperator"))),
               .missing = json_text(json_get(r, S("TreatMissingData"))),
               .periods = json_int_or(json_get(r, S("EvaluationPeriods")), 1)};
    w.threshold = strtod(str_z(&s->turn, json_text(json_get(r, S("Threshold")))), NULL);
    if (str_absent(statistic)) statistic = json_text(json_get(r, S("ExtendedStatistic")));
    check(statistic_parse(statistic, &w.statistic));
    w.needed = json_int_or(json_get(r, S("DatapointsToAlarm")), w.periods);
    w.q = (MetricQuery){
        .key = {.account = row->account,
                .region = row->region,
                .name_space = json_text(json_get(r, S("Namespace"))),
                .name = json_text(json_get(r, S("MetricName"))),
                .dimensions = metrics_dimensions(&s->turn, json_get(r, S("Dimensions")))},
        .unit = json_text(json_get(r, S("Unit"))),
        .period_ms = period * 1000};
    w.q.to = s->now - s->now % w.q.period_ms;
    w.q.from = w.q.to - w.periods * w.q.period_ms;
    return w;
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

static void evaluate(Server *s, AlarmRow *row, const Json *request)
{
    MetricPoint *points;
    Watch w = watch_of(s, row, request);
    int64_t n = metrics_read(s, &w.q, &s->turn, &points);
    for (int64_t i = 0; i < n; i++) {
        double value;
        if (!statistic_of(&w.statistic, &points[i].m, &value)) continue;
        w.seen++;
        w.breaching += breaches(&w, value);
    }
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
    Millis period = json_int_or(json_get(&request, S("Period")), 60) * 1000;
    evaluate(s, &row, &request);
    timer_set(s->db, S("alarm"), subject,
              s->now + (period < ALARMS_EVERY_MS ? period : ALARMS_EVERY_MS));
}
