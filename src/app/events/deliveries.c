/* deliveries.c - attempts, pauses and dead letters of what schedules and rules deliver. */
#include "app/events/deliveries.h"

#include "app/events/api_destinations.h"
#include "app/watch/meter.h"
#include "base/time.h"
#include "core/event/context.h"
#include "store/timers.h"

#define TIMER S("delivery")

Millis delivery_pause_ms(int64_t attempts)
{
    Millis pause = DELIVERY_PAUSE_MS_MIN;
    for (int64_t i = 1; i < attempts && pause < DELIVERY_PAUSE_MS_MAX; i++) pause *= 2;
    return pause < DELIVERY_PAUSE_MS_MAX ? pause : DELIVERY_PAUSE_MS_MAX;
}

int64_t delivery_age_ms_max(const Json *target)
{
    return 1000 * json_int_or(json_find(target, "RetryPolicy.MaximumEventAgeInSeconds"),
                              DELIVERY_AGE_S_DEFAULT);
}

/* ---- metrics ---- */

/* Of the default bus a rule is told by its name alone. */
Meter delivery_meter(Server *s, Str kind, Str source_arn)
{
    TargetArn arn = {0};
    Str first = {0}, rest, of;
    bool known = target_arn(source_arn, &arn), schedule = str_eq(kind, S("schedule"));
    rest = arn.resource;
    bool cut = known && str_cut(&rest, '/', &first) && str_cut(&rest, '/', &of);
    if (!cut) of = (Str){0};
    if (schedule) return (Meter){arn.account, arn.region, "AWS/Scheduler", {{"ScheduleGroup", of}}};
    if (!rest.n) return (Meter){arn.account, arn.region, "AWS/Events", {{"RuleName", of}}};
    (void)s;
    return (Meter){
        arn.account, arn.region, "AWS/Events", {{"EventBusName", of}, {"RuleName", rest}}};
}

typedef enum Tally {
    TALLY_ATTEMPT,
    TALLY_DONE,
    TALLY_THROTTLED,
    TALLY_ERROR,
    TALLY_DROPPED,
    TALLY_DEAD,
    TALLY_DEAD_LOST,
    TALLIES,
} Tally;

static const struct {
    const char *rule, *schedule;
} tallies[TALLIES] = {
    [TALLY_ATTEMPT] = {"InvocationAttempts", "InvocationAttemptCount"},
    [TALLY_DONE] = {"SuccessfulInvocationAttempts", NULL},
    [TALLY_THROTTLED] = {NULL, "TargetErrorThrottledCount"},
    [TALLY_ERROR] = {NULL, "TargetErrorCount"},
    [TALLY_DROPPED] = {"FailedInvocations", "InvocationDroppedCount"},
    [TALLY_DEAD] = {"InvocationsSentToDlq", "InvocationsSentToDeadLetterCount"},
    [TALLY_DEAD_LOST] = {"InvocationsFailedToBeSentToDlq",
                         "InvocationsFailedToBeSentToDeadLetterCount"},
};

static void count(Server *s, const DeliveryRow *row, Tally what)
{
    bool schedule = str_eq(row->kind, S("schedule"));
    Meter m = delivery_meter(s, row->kind, row->source_arn);
    const char *name = schedule ? tallies[what].schedule : tallies[what].rule;
    if (name) meter_count(s, &m, name);
    if (!schedule && (what == TALLY_DONE || what == TALLY_DROPPED))
        meter_count(s, &m, "Invocations");
}

/* ---- dead letters ---- */

static void put_attribute(JsonObject *o, Str name, Str value)
{
    JsonObject v = {.a = o->a};
    if (!value.n) return;
    json_put_text(&v, S("DataType"), S("String"));
    json_put_text(&v, S("StringValue"), value);
    json_put(o, name, json_object(&v));
}

/* "Configuring a schedule's dead-letter queue" in the guide of EventBridge Scheduler, and "Using
 * dead-letter queues" in that of EventBridge. */
static Json attributes_of(Server *s, const DeliveryRow *row, Str target, const TargetResult *r,
                          const char *exhausted)
{
    Arena *a = &s->turn;
    JsonObject o = {.a = a};
    bool schedule = str_eq(row->kind, S("schedule"));
    put_attribute(&o, S("ERROR_CODE"), r->error);
    put_attribute(&o, S("ERROR_MESSAGE"), r->message);
    put_attribute(&o, S("EXHAUSTED_RETRY_CONDITION"), str_from(exhausted));
    put_attribute(&o, S("RETRY_ATTEMPTS"), str_printf(a, "%" PRId64, row->attempts - 1));
    put_attribute(&o, S("TARGET_ARN"), target);
    put_attribute(&o, schedule ? S("SCHEDULE_ARN") : S("RULE_ARN"), row->source_arn);
    if (schedule) {
        put_attribute(&o, S("EXECUTION_ID"), row->execution);
        put_attribute(&o, S("SCHEDULED_TIME"), context_time(a, row->at));
        put_attribute(&o, S("IS_PAYLOAD_TRUNCATED"), S("false"));
    }
    return json_object(&o);
}

static Str service_of(const DeliveryRow *row)
{
    return str_eq(row->kind, S("schedule")) ? S("scheduler.amazonaws.com")
                                            : S("events.amazonaws.com");
}

static void give_up(Server *s, const DeliveryRow *row, const Json *target, const TargetResult *r,
                    const char *exhausted)
{
    Str queue = json_text(json_find(target, "DeadLetterConfig.Arn"));
    Str arn = json_text(json_get(target, S("Arn")));
    log_recorded(s, "delivery-given-up",
                 "source=%.*s target=%.*s attempts=%" PRId64 " error=%.*s message=\"%.*s\"",
                 STR(row->source_arn), STR(arn), row->attempts, STR(r->error), STR(r->message));
    count(s, row, TALLY_DROPPED);
    if (!queue.n) return;
    Json attributes = attributes_of(s, row, arn, r, exhausted);
    Target t = {.arn = queue,
                .service = service_of(row),
                .account = row->account,
                .region = row->region,
                .source_arn = row->source_arn,
                .role = str_eq(row->kind, S("schedule")) ? json_text(json_get(target, S("RoleArn")))
                                                         : (Str){0},
                .input = row->input,
                .attributes = &attributes};
    TargetResult sent = targets_deliver(s, &t);
    count(s, row, sent.end == TARGET_DELIVERED ? TALLY_DEAD : TALLY_DEAD_LOST);
    if (sent.end != TARGET_DELIVERED)
        log_recorded(s, "dead-letter-lost", "queue=%.*s error=%.*s message=\"%.*s\"", STR(queue),
                     STR(sent.error), STR(sent.message));
}

/* ---- attempts ---- */

static Str input_of(Server *s, const DeliveryRow *row)
{
    if (!str_eq(row->kind, S("schedule"))) return row->input;
    ScheduleContext c = {row->source_arn, row->execution, row->at, row->attempts + 1};
    return context_replace(&s->turn, row->input, &c);
}

static TargetResult attempt(Server *s, DeliveryRow *row, const Json *target)
{
    Target t = {.arn = json_text(json_get(target, S("Arn"))),
                .service = service_of(row),
                .role = json_text(json_get(target, S("RoleArn"))),
                .account = row->account,
                .region = row->region,
                .source_arn = row->source_arn,
                .input = input_of(s, row),
                .message_group = json_text(json_find(target, "SqsParameters.MessageGroupId")),
                .source = json_text(json_find(target, "EventBridgeParameters.Source")),
                .detail_type = json_text(json_find(target, "EventBridgeParameters.DetailType"))};
    if (t.message_group.n) t.deduplication = server_new_uuid(s, &s->turn);
    row->attempts++;
    return targets_deliver(s, &t);
}

/* NULL: there may be a further attempt. */
static const char *exhausted(Server *s, const DeliveryRow *row, const Json *target)
{
    int64_t retries = json_int_or(json_find(target, "RetryPolicy.MaximumRetryAttempts"),
                                  DELIVERY_ATTEMPTS_DEFAULT);
    if (row->attempts > retries) return "MaximumRetryAttempts";
    if (s->now + delivery_pause_ms(row->attempts) > row->at + delivery_age_ms_max(target))
        return "MaximumEventAgeInSeconds";
    return NULL;
}

static Str timer_of(Server *s, const DeliveryRow *row)
{
    return str_printf(&s->turn, "%" PRId64, row->n);
}

static void drop(Server *s, const DeliveryRow *row)
{
    if (!row->n) return;
    delivery_remove(s->db, row->n);
    timer_clear(s->db, TIMER, timer_of(s, row));
    timer_clear(s->db, DELIVERY_SENT, timer_of(s, row));
}

static Str arn_of(const Json *target)
{
    return json_text(json_get(target, S("Arn")));
}

static bool is_outside(const Json *target)
{
    return api_destination_is(arn_of(target));
}

static void again(Server *s, DeliveryRow *row, const Json *target)
{
    if (row->n)
        delivery_set_attempts(s->db, row->n, row->attempts);
    else
        delivery_add(s->db, row);
    Millis due = s->now + delivery_pause_ms(row->attempts);
    if (is_outside(target)) {
        due = api_destination_place(s, arn_of(target), due);
        timer_clear(s->db, DELIVERY_SENT, timer_of(s, row));
    }
    timer_set(s->db, TIMER, timer_of(s, row), due);
}

void delivery_settle(Server *s, DeliveryRow *row, const Json *target, const TargetResult *r)
{
    count(s, row, TALLY_ATTEMPT);
    if (r->end != TARGET_DELIVERED)
        count(s, row, r->end == TARGET_RETRY ? TALLY_THROTTLED : TALLY_ERROR);
    if (r->end == TARGET_DELIVERED) {
        count(s, row, TALLY_DONE);
        drop(s, row);
        return;
    }
    const char *why = r->end == TARGET_RETRY ? exhausted(s, row, target) : NULL;
    if (r->end == TARGET_RETRY && !why) {
        again(s, row, target);
        return;
    }
    give_up(s, row, target, r, why);
    drop(s, row);
}

/* To somebody else's server: the row comes first, and its place decides when it goes. */
static void send_outside(Server *s, DeliveryRow *row, const Json *target)
{
    Millis at = api_destination_place(s, arn_of(target), s->now);
    delivery_add(s->db, row);
    if (at > s->now)
        timer_set(s->db, TIMER, timer_of(s, row), at);
    else
        api_destination_send(s, row, target);
}

void delivery_send(Server *s, DeliveryRow *row, const Json *target)
{
    if (is_outside(target)) {
        send_outside(s, row, target);
        return;
    }
    TargetResult r = attempt(s, row, target);
    delivery_settle(s, row, target, &r);
}

void delivery_send_later(Server *s, DeliveryRow *row)
{
    delivery_add(s->db, row);
    timer_set(s->db, TIMER, str_printf(&s->turn, "%" PRId64, row->n), s->now);
}

/* Nobody was there when the next attempt was due. */
static void too_late(Server *s, const DeliveryRow *row, const Json *target)
{
    TargetResult r = {.end = TARGET_RETRY,
                      .message = S("The event is older than its MaximumEventAgeInSeconds.")};
    give_up(s, row, target, &r, "MaximumEventAgeInSeconds");
    drop(s, row);
}

void deliveries_due(Server *s, Str subject)
{
    Json target;
    int64_t n;
    DeliveryRow row;
    Error err = {0};
    check(str_to_int(subject, &n));
    if (!delivery_get(s->db, n, &s->turn, &row)) return;
    check(json_parse(row.target, &s->turn, &target, &err));
    if (row.attempts && s->now > row.at + delivery_age_ms_max(&target))
        too_late(s, &row, &target);
    else if (is_outside(&target))
        api_destination_send(s, &row, &target);
    else
        delivery_send(s, &row, &target);
}

void deliveries_recover(Server *s)
{
    timer_bring_forward(s->db, DELIVERY_SENT, s->now);
}
