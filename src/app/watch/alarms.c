/* alarms.c - periods of a metric compared with a threshold, and what a change of state sets off. */
#include "app/watch/alarms.h"

#include "app/events/event_bus.h"
#include "app/events/targets.h"
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

bool alarm_is_composite(const AlarmRow *row)
{
    return str_find(row->request, S("\"AlarmRule\"")) >= 0;
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
    const Json *rule = json_get(request, S("AlarmRule"));
    static const char *const told[] = {"MetricName", "Namespace",          "Statistic",
                                       "Period",     "EvaluationPeriods",  "Threshold",
                                       "Dimensions", "ComparisonOperator", "TreatMissingData",
                                       "Metrics",    "ExtendedStatistic"};
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
    if (rule)
        json_put(&o, S("AlarmRule"), *rule);
    else
        json_put(&o, S("Trigger"), json_object(&trigger));
    Json all = json_object(&o);
    return json_to_str(a, &all);
}

static void note_action(Server *s, const AlarmRow *row, const Target *t, const TargetResult *r)
{
    Arena *a = &s->turn;
    bool done = r->end == TARGET_DELIVERED;
    JsonObject o = {.a = a};
    json_put_text(&o, S("version"), S("1.0"));
    json_put_text(&o, S("actionState"), done ? S("Succeeded") : S("Failed"));
    json_put_text(&o, S("stateUpdateTimestamp"), time_iso8601(a, s->now));
    json_put_text(&o, S("notificationResource"), t->arn);
    if (!done) json_put_text(&o, S("error"), r->message);
    Json data = json_object(&o);
    alarm_note(
        s, row, "Action",
        str_printf(a, done ? "Successfully executed action %.*s" : "Failed to execute action %.*s",
                   STR(t->arn)),
        &data);
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
        note_action(s, row, &t, &r);
        if (r.end != TARGET_DELIVERED)
            log_recorded(s, "alarm-action-failed", "alarm=%.*s action=%.*s error=\"%.*s\"",
                         STR(row->name), STR(t.arn), STR(r.message));
    }
}

/* ---- what is told of a change ---- */

static Json state_json(Arena *a, Str value, Str reason, Millis at)
{
    JsonObject o = {.a = a};
    json_put_text(&o, S("value"), value);
    json_put_text(&o, S("reason"), reason);
    json_put_text(&o, S("timestamp"), time_iso8601(a, at));
    return json_object(&o);
}

/* "Alarm events and EventBridge" in the user guide. */
static void tell_change(Server *s, const AlarmRow *row, Str old, Str old_reason)
{
    Arena *a = &s->turn;
    Json request = request_of(a, row);
    JsonObject detail = {.a = a}, configuration = {.a = a};
    JsonArray resources = {.a = a};
    json_add(&resources, json_string(alarm_arn(a, row)));
    json_put_json(&configuration, S("description"), json_get(&request, S("AlarmDescription")));
    json_put_json(&configuration, S("alarmRule"), json_get(&request, S("AlarmRule")));
    json_put_json(&configuration, S("metrics"), json_get(&request, S("Metrics")));
    json_put_text(&detail, S("alarmName"), row->name);
    json_put(&detail, S("state"), state_json(a, row->state, row->reason, s->now));
    json_put(&detail, S("previousState"), state_json(a, old, old_reason, s->now));
    json_put(&detail, S("configuration"), json_object(&configuration));
    Json all = json_object(&detail), list = json_array(&resources);
    event_emit(s, &(EventEmit){.source = S("aws.cloudwatch"),
                               .type = S("CloudWatch Alarm State Change"),
                               .account = row->account,
                               .region = row->region,
                               .detail = &all,
                               .resources = &list});
}

static Json state_of_history(Arena *a, Str value, Str reason)
{
    JsonObject o = {.a = a};
    json_put_text(&o, S("stateValue"), value);
    json_put_text(&o, S("stateReason"), reason);
    return json_object(&o);
}

static void note_change(Server *s, const AlarmRow *row, Str old, Str old_reason)
{
    Arena *a = &s->turn;
    JsonObject o = {.a = a};
    json_put_text(&o, S("version"), S("1.0"));
    json_put(&o, S("oldState"), state_of_history(a, old, old_reason));
    json_put(&o, S("newState"), state_of_history(a, row->state, row->reason));
    Json data = json_object(&o);
    alarm_note(s, row, "StateUpdate",
               str_printf(a, "Alarm updated from %.*s to %.*s", STR(old), STR(row->state)), &data);
    tell_change(s, row, old, old_reason);
}

void alarm_note(Server *s, const AlarmRow *row, const char *type, Str summary, const Json *data)
{
    alarm_history_add(s->db,
                      &(AlarmHistory){.account = row->account,
                                      .region = row->region,
                                      .name = row->name,
                                      .alarm_type = alarm_is_composite(row) ? S("CompositeAlarm")
                                                                            : S("MetricAlarm"),
                                      .type = str_from(type),
                                      .summary = summary,
                                      .data = json_to_str(&s->turn, data),
                                      .at = s->now},
                      s->now - ALARMS_HISTORY_MS);
}

void alarm_set_state(Server *s, AlarmRow *row, Str state, Str reason)
{
    Str old = row->state, old_reason = row->reason;
    row->state = state;
    row->reason = reason;
    bool changed = !str_eq(old, state);
    if (changed) row->state_updated = s->now;
    alarm_row_put(s->db, row);
    if (!changed) return;
    note_change(s, row, old, old_reason);
    log_recorded(s, "alarm-state", "alarm=%.*s from=%.*s to=%.*s", STR(row->name), STR(old),
                 STR(state));
    if (row->enabled) act(s, row, old);
    alarms_composite_follow(s, row);
}
