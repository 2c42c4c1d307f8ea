/* scheduler_schedules.c - schedules over the API: checked, created, changed, told, listed, deleted. */
#include "api/scheduler.h"
#include "app/zones.h"
#include "base/encode.h"
#include "wire/scalar.h"

enum { START_PAST_MS_MAX = 5 * 60 * 1000 };

/* ---- what a request gives ---- */

static Millis time_of(const Call *call, const char *member)
{
    Millis t;
    const Json *v = json_get(&call->in, str_from(member));
    return v && scalar_seconds_to_millis(json_text(v), &t) ? t : SCHEDULE_NEVER;
}

static bool check_when(Call *call, const ScheduleRow *row, Error *err)
{
    When w;
    Error why = {0};
    if (!when_parse(row->expression, WHEN_SCHEDULER, &w, &why))
        return error_set(err, ERR_VALIDATION, "Invalid Schedule Expression %.*s.",
                         STR(row->expression));
    if (!zone_named(call->server, row->zone))
        return error_set(err, ERR_VALIDATION, "Invalid Schedule Expression Timezone %.*s.",
                         STR(row->zone));
    if (w.kind == WHEN_AT) return true;
    if (row->start >= 0 && row->start < call->now - START_PAST_MS_MAX)
        return error_set(err, ERR_VALIDATION,
                         "The StartDate you specify cannot be earlier than 5 minutes ago.");
    if (row->end >= 0 && row->end <= call->now)
        return error_set(err, ERR_VALIDATION, "The EndDate you specify cannot be in the past.");
    return row->end < 0 || row->start < 0 || row->end > row->start ||
           error_set(err, ERR_VALIDATION,
                     "The StartDate you specify must come before the EndDate.");
}

static bool check_window(const Json *window, int64_t *minutes, Error *err)
{
    const Json *given = json_get(window, S("MaximumWindowInMinutes"));
    bool flexible = str_eq(json_text(json_get(window, S("Mode"))), S("FLEXIBLE"));
    *minutes = flexible ? json_int_or(given, 0) : 0;
    if (flexible != (given != NULL))
        return error_set(err, ERR_VALIDATION,
                         flexible ? "MaximumWindowInMinutes must be provided when "
                                    "FlexibleTimeWindow Mode is FLEXIBLE."
                                  : "MaximumWindowInMinutes must not be provided when "
                                    "FlexibleTimeWindow Mode is OFF.");
    return true;
}

/* A templated target needs what its API does. */
static bool check_parameters(const Json *target, const TargetArn *arn, Error *err)
{
    Json parsed;
    Arena a = {0};
    Error why = {0};
    Str input = json_text(json_get(target, S("Input")));
    bool json = !input.n || json_parse(input, &a, &parsed, &why);
    arena_free(&a);
    bool wants_json = str_eq(arn->service, S("states")) || str_eq(arn->service, S("lambda")) ||
                      str_eq(arn->service, S("events")) || str_eq(arn->service, S("scheduler"));
    if (wants_json && !json)
        return error_set(err, ERR_VALIDATION, "The Input of this target must be valid JSON.");
    if (str_eq(arn->service, S("events")) && !json_get(target, S("EventBridgeParameters")))
        return error_set(err, ERR_VALIDATION,
                         "EventBridgeParameters must be provided for an event bus target.");
    if (str_eq(arn->service, S("sqs")) && str_ends(arn->resource, S(".fifo")) &&
        !json_find(target, "SqsParameters.MessageGroupId"))
        return error_set(err, ERR_VALIDATION,
                         "SqsParameters.MessageGroupId must be provided for a FIFO queue.");
    return true;
}

static bool check_dead_letters(const Json *target, Error *err)
{
    TargetArn arn;
    Str given = json_text(json_find(target, "DeadLetterConfig.Arn"));
    if (!given.n) return true;
    return (target_arn(given, &arn) && str_eq(arn.service, S("sqs")) &&
            !str_ends(arn.resource, S(".fifo"))) ||
           error_set(err, ERR_VALIDATION,
                     "DeadLetterConfig: a standard SQS queue is wanted, not %.*s.", STR(given));
}

static bool check_target(Call *call, const Json *target, Error *err)
{
    TargetArn arn, role;
    UniversalTarget u;
    Str given = json_text(json_get(target, S("Arn")));
    if (!target_arn(given, &arn) || !arn.resource.n)
        return error_set(err, ERR_VALIDATION, "Provided Arn is not in correct format.");
    if (!target_arn(json_text(json_get(target, S("RoleArn"))), &role) ||
        !str_eq(role.service, S("iam")))
        return error_set(err, ERR_VALIDATION, "Provided RoleArn is not in correct format.");
    if (target_is_universal(given) && !target_universal(given, call->arena, &u, err)) return false;
    if (target_is_universal(given) && u.api && !u.operation)
        return error_set(err, ERR_VALIDATION, "%.*s is not an action of %.*s.", STR(u.action),
                         STR(u.service));
    return check_parameters(target, &arn, err) && check_dead_letters(target, err);
}

/* What an update does not name goes back to its default, as the reference of UpdateSchedule says.
 */
static bool read_request(Call *call, ScheduleRow *row, Error *err)
{
    const Json *target = json_get(&call->in, S("Target"));
    row->expression = scheduler_text(call, "ScheduleExpression");
    row->zone = scheduler_text(call, "ScheduleExpressionTimezone");
    row->description = scheduler_text(call, "Description");
    row->kms_key = scheduler_text(call, "KmsKeyArn");
    row->enabled = !str_eq(scheduler_text(call, "State"), S("DISABLED"));
    row->delete_after = str_eq(scheduler_text(call, "ActionAfterCompletion"), S("DELETE"));
    row->start = time_of(call, "StartDate");
    row->end = time_of(call, "EndDate");
    row->target = json_to_str(call->arena, target);
    row->modified = call->now;
    return check_when(call, row, err) &&
           check_window(json_get(&call->in, S("FlexibleTimeWindow")), &row->window_minutes, err) &&
           check_target(call, target, err);
}

static CallResult answer_arn(Call *call, const ScheduleRow *row)
{
    JsonObject o = {.a = call->arena};
    json_put_text(&o, S("ScheduleArn"), schedule_arn(call->arena, row));
    call->out = json_object(&o);
    return CALL_DONE;
}

/* ---- the operations ---- */

static bool find(Call *call, ScheduleRow *out, Error *err)
{
    ScheduleGroupRow g;
    Str name = scheduler_text(call, "Name");
    return scheduler_group(call, scheduler_text(call, "GroupName"), &g, err) &&
           (schedule_find(call->server->db, g.n, name, call->arena, out) ||
            error_set(err, ERR_SCHEDULER_NOT_FOUND, "Schedule %.*s does not exist.", STR(name)));
}

/* To be changed: it may have completed by what is due. */
static bool find_settled(Call *call, ScheduleRow *out, Error *err)
{
    if (!find(call, out, err)) return false;
    schedule_fire_due(call->server, out);
    return find(call, out, err);
}

/* The same request again, by its token, has the same answer. */
static Str request_digest(Call *call)
{
    JsonObject o = {.a = call->arena};
    for (int32_t i = 0; i < json_count(&call->in); i++)
        if (!str_eq(call->in.members[i].key, S("ClientToken")))
            json_put(&o, call->in.members[i].key, call->in.members[i].value);
    Json rest = json_object(&o);
    return str_printf(call->arena, "%016" PRIx64, str_hash(json_to_str(call->arena, &rest)));
}

static bool is_repeated(Call *call, const ScheduleRow *old)
{
    Str token = scheduler_token(call);
    return token.n && str_eq(old->token, token) && str_eq(old->digest, request_digest(call));
}

static void plan(Call *call, ScheduleRow *row)
{
    row->anchor = row->start >= 0 ? row->start : call->now;
    schedule_plan(call->server, row, call->now - 1);
}

CallResult scheduler_create_schedule(Call *call, Error *err)
{
    ScheduleGroupRow g;
    ScheduleRow old, row = {.name = scheduler_text(call, "Name"), .fired = SCHEDULE_NEVER};
    if (!scheduler_group(call, scheduler_text(call, "GroupName"), &g, err)) return CALL_FAILED;
    bool exists = schedule_find(call->server->db, g.n, row.name, call->arena, &old);
    if (exists && is_repeated(call, &old)) return answer_arn(call, &old);
    if (exists || !str_eq(g.state, S("ACTIVE"))) {
        error_set(err, ERR_SCHEDULER_CONFLICT,
                  exists ? "Schedule %.*s already exists."
                         : "Schedule group of %.*s is being deleted.",
                  STR(row.name));
        return CALL_FAILED;
    }
    if (!read_request(call, &row, err)) return CALL_FAILED;
    row.group = g.n;
    row.group_name = g.name;
    row.account = g.account;
    row.region = g.region;
    row.token = scheduler_token(call);
    row.digest = request_digest(call);
    row.created = call->now;
    plan(call, &row);
    schedule_add(call->server->db, &row);
    schedules_set_timer(call->server);
    return answer_arn(call, &row);
}

CallResult scheduler_update_schedule(Call *call, Error *err)
{
    ScheduleRow row;
    if (!find_settled(call, &row, err)) return CALL_FAILED;
    Str expression = row.expression;
    Millis start = row.start, anchor = row.anchor;
    if (!read_request(call, &row, err)) return CALL_FAILED;
    plan(call, &row);
    if (str_eq(expression, row.expression) && start == row.start) {
        row.anchor = anchor;
        schedule_plan(call->server, &row, call->now - 1);
    }
    schedule_set(call->server->db, &row);
    schedules_set_timer(call->server);
    return answer_arn(call, &row);
}

CallResult scheduler_delete_schedule(Call *call, Error *err)
{
    ScheduleRow row;
    if (!find_settled(call, &row, err)) return CALL_FAILED;
    schedule_remove(call->server->db, row.n);
    schedules_set_timer(call->server);
    call->out = (Json){.type = JSON_OBJECT};
    return CALL_DONE;
}

static void put_time(JsonObject *o, Str name, Millis t)
{
    if (t >= 0) json_put(o, name, json_millis_as_seconds(o->a, t));
}

static void put_head(JsonObject *o, const ScheduleRow *row)
{
    json_put_text(o, S("Arn"), schedule_arn(o->a, row));
    json_put_text(o, S("GroupName"), row->group_name);
    json_put_text(o, S("Name"), row->name);
    json_put_text(o, S("State"), row->enabled ? S("ENABLED") : S("DISABLED"));
    put_time(o, S("CreationDate"), row->created);
    put_time(o, S("LastModificationDate"), row->modified);
}

static Json window_of(Arena *a, const ScheduleRow *row)
{
    JsonObject o = {.a = a};
    json_put_text(&o, S("Mode"), row->window_minutes ? S("FLEXIBLE") : S("OFF"));
    if (row->window_minutes)
        json_put(&o, S("MaximumWindowInMinutes"), json_int(a, row->window_minutes));
    return json_object(&o);
}

/* A policy that was not given is told with its defaults. */
static Json target_of(Arena *a, const ScheduleRow *row)
{
    Json given;
    Error err = {0};
    JsonObject o = {.a = a}, policy = {.a = a};
    check(json_parse(row->target, a, &given, &err));
    const Json *old = json_get(&given, S("RetryPolicy"));
    for (int32_t i = 0; i < json_count(&given); i++)
        if (!str_eq(given.members[i].key, S("RetryPolicy")))
            json_put(&o, given.members[i].key, given.members[i].value);
    json_put(&policy, S("MaximumEventAgeInSeconds"),
             json_int(a, json_int_or(json_get(old, S("MaximumEventAgeInSeconds")),
                                     DELIVERY_AGE_S_DEFAULT)));
    json_put(&policy, S("MaximumRetryAttempts"),
             json_int(a, json_int_or(json_get(old, S("MaximumRetryAttempts")),
                                     DELIVERY_ATTEMPTS_DEFAULT)));
    json_put(&o, S("RetryPolicy"), json_object(&policy));
    return json_object(&o);
}

CallResult scheduler_get_schedule(Call *call, Error *err)
{
    ScheduleRow row;
    JsonObject o = {.a = call->arena};
    if (!find(call, &row, err)) return CALL_FAILED;
    put_head(&o, &row);
    json_put_text(&o, S("ActionAfterCompletion"), row.delete_after ? S("DELETE") : S("NONE"));
    json_put_text(&o, S("Description"), row.description);
    put_time(&o, S("StartDate"), row.start);
    put_time(&o, S("EndDate"), row.end);
    json_put(&o, S("FlexibleTimeWindow"), window_of(call->arena, &row));
    json_put_text(&o, S("KmsKeyArn"), row.kms_key);
    json_put_text(&o, S("ScheduleExpression"), row.expression);
    json_put_text(&o, S("ScheduleExpressionTimezone"), str_absent(row.zone) ? S("UTC") : row.zone);
    json_put(&o, S("Target"), target_of(call->arena, &row));
    call->out = json_object(&o);
    return CALL_DONE;
}

static bool read_filter(Call *call, ScheduleFilter *f, Error *err)
{
    ScheduleGroupRow g;
    Str state = scheduler_text(call, "State"), name = scheduler_text(call, "GroupName"),
        token = scheduler_text(call, "NextToken"), after = {0};
    *f = (ScheduleFilter){.account = call->who.account,
                          .region = call->who.region,
                          .prefix = scheduler_text(call, "NamePrefix"),
                          .enabled = str_absent(state) ? -1 : str_eq(state, S("ENABLED")),
                          .max = json_int_or(json_get(&call->in, S("MaxResults")), SCHEDULER_PAGE) +
                                 1};
    if (!str_absent(name) && !scheduler_group(call, name, &g, err)) return false;
    if (!str_absent(name)) f->group = g.n;
    if (!token.n) return true;
    if (!base64_decode(call->arena, token, &after) || !str_cut(&after, '/', &f->after_group))
        return error_set(err, ERR_VALIDATION, "Invalid NextToken.");
    f->after_name = after.n ? after : S("");
    return true;
}

static Json brief(Arena *a, const ScheduleRow *row)
{
    Json target = target_of(a, row);
    JsonObject o = {.a = a}, t = {.a = a};
    put_head(&o, row);
    json_put_json(&t, S("Arn"), json_get(&target, S("Arn")));
    json_put(&o, S("Target"), json_object(&t));
    return json_object(&o);
}

CallResult scheduler_list_schedules(Call *call, Error *err)
{
    ScheduleFilter f;
    ScheduleRow *rows;
    JsonArray list = {.a = call->arena};
    JsonObject o = {.a = call->arena};
    if (!read_filter(call, &f, err)) return CALL_FAILED;
    int64_t n = schedule_list(call->server->db, &f, call->arena, &rows);
    for (int64_t i = 0; i < n && i < f.max - 1; i++) json_add(&list, brief(call->arena, &rows[i]));
    json_put(&o, S("Schedules"), json_array(&list));
    if (n == f.max) {
        const ScheduleRow *last = &rows[n - 2];
        json_put_text(
            &o, S("NextToken"),
            base64_encode(call->arena, str_printf(call->arena, "%.*s/%.*s", STR(last->group_name),
                                                  STR(last->name))));
    }
    call->out = json_object(&o);
    return CALL_DONE;
}
