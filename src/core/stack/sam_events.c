/* sam_events.c - events that start a function or a state machine: schedules and rules. */
#include "core/stack/sam_inside.h"

#define SAME(name)                                                                                 \
    {                                                                                              \
        STR_INIT(name), STR_INIT(name)                                                             \
    }

/* ---- permissions and roles ---- */

void sam_permission(Sam *s, const SamEvent *e, Str principal, const Json *source_arn,
                    const Json *source_account)
{
    sam_add(s, e->of, sam_id(s, e->id, S(""), "Permission"),
            SAM(s->a,
                "{'Type': 'AWS::Lambda::Permission', 'Properties': {'Action': "
                "'lambda:InvokeFunction', 'FunctionName': '@1', 'Principal': '@2', 'SourceArn': "
                "'@3', 'SourceAccount': '@4'}}",
                e->target->function, sam_string(s->a, principal), source_arn, source_account));
}

/* The role with which a rule or a schedule starts its target. */
static const Json *starter_role(Sam *s, const SamEvent *e, Str service)
{
    Str id = sam_id(s, e->id, S(""), "Role");
    Str policy = sam_id(s, id, S(""), e->target->machine ? "StartExecutionPolicy" : "LambdaPolicy");
    Str action = e->target->machine ? S("states:StartExecution") : S("lambda:InvokeFunction");
    sam_add(s, e->of, id,
            SAM(s->a,
                "{'Type': 'AWS::IAM::Role', 'Properties': {'AssumeRolePolicyDocument': "
                "{'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Action': "
                "['sts:AssumeRole'], 'Principal': {'Service': ['@1']}}]}, 'Policies': "
                "[{'PolicyName': '@2', 'PolicyDocument': {'Version': '2012-10-17', 'Statement': "
                "[{'Effect': 'Allow', 'Action': '@3', 'Resource': '@4'}]}}], "
                "'PermissionsBoundary': '@5'}}",
                sam_string(s->a, service), sam_string(s->a, policy), sam_string(s->a, action),
                e->target->arn, json_get(e->p, S("PermissionsBoundary"))));
    return sam_att(s->a, id, "Arn");
}

/* ---- rules ---- */

static const Json *dead_letters(Sam *s, const SamEvent *e, Error *err, bool *good)
{
    const Json *v = json_get(e->p, S("DeadLetterConfig")), *arn = json_get(v, S("Arn"));
    *good = !v || arn ||
            sam_error(err, "'DeadLetterConfig' requires an Arn property; queues are not made for "
                           "it.");
    return arn ? sam_keep(s->a, SAM(s->a, "{'Arn': '@1'}", arn)) : NULL;
}

static bool rule_target(Sam *s, const SamEvent *e, Json *out, Error *err)
{
    bool machine = e->target->machine, good;
    const Json *own = json_get(json_get(e->p, S("Target")), S("Id"));
    const Json *role = machine ? json_get(e->p, S("RoleArn")) : NULL;
    Str id = sam_id(s, e->id, S(""), machine ? "StepFunctionsTarget" : "LambdaTarget");
    const Json *dead = dead_letters(s, e, err, &good);
    if (!good) return false;
    if (machine && !role) role = starter_role(s, e, S("events.amazonaws.com"));
    *out = SAM(s->a,
               "{'Id': '@1', 'Arn': '@2', 'RoleArn': '@3', 'Input': '@4', 'InputPath': '@5', "
               "'InputTransformer': '@6', 'DeadLetterConfig': '@7', 'RetryPolicy': '@8'}",
               own ? own : sam_string(s->a, id), e->target->arn, role, json_get(e->p, S("Input")),
               json_get(e->p, S("InputPath")), json_get(e->p, S("InputTransformer")), dead,
               json_get(e->p, S("RetryPolicy")));
    return true;
}

/* Enabled: true is State: ENABLED. */
static bool state_of(Sam *s, const SamEvent *e, const Json **out, Error *err)
{
    const Json *state = json_get(e->p, S("State")), *enabled = json_get(e->p, S("Enabled"));
    if (state && enabled)
        return sam_error(err, "State and Enabled Properties cannot both be specified.");
    *out = state;
    if (enabled && !json_is(enabled, JSON_NULL))
        *out = sam_string(s->a, json_is(enabled, JSON_FALSE) ||
                                        str_eq_nocase(json_text(enabled), S("false"))
                                    ? S("DISABLED")
                                    : S("ENABLED"));
    return true;
}

static bool add_rule(Sam *s, const SamEvent *e, const Json *schedule, const Json *pattern,
                     Error *err)
{
    const Json *name = json_get(e->p, schedule ? S("Name") : S("RuleName")), *state = NULL;
    Json target;
    if (!state_of(s, e, &state, err) || !rule_target(s, e, &target, err)) return false;
    sam_add(s, e->of, e->id,
            SAM(s->a,
                "{'Type': 'AWS::Events::Rule', 'Properties': {'ScheduleExpression': '@1', "
                "'EventPattern': '@2', 'EventBusName': '@3', 'Name': '@4', 'Description': '@5', "
                "'State': '@6', 'Targets': ['@7']}}",
                schedule, pattern, json_get(e->p, S("EventBusName")), name,
                json_get(e->p, S("Description")), state, &target));
    if (!e->target->machine)
        sam_permission(s, e, S("events.amazonaws.com"), sam_att(s->a, e->id, "Arn"), NULL);
    return true;
}

bool sam_schedule(Sam *s, const SamEvent *e, Error *err)
{
    const Json *schedule = json_get(e->p, S("Schedule"));
    if (!schedule) return sam_error(err, "Missing required property 'Schedule'.");
    return add_rule(s, e, schedule, NULL, err);
}

bool sam_rule(Sam *s, const SamEvent *e, Error *err)
{
    const Json *pattern = json_get(e->p, S("Pattern"));
    if (!pattern) return sam_error(err, "Missing required property 'Pattern'.");
    return add_rule(s, e, NULL, pattern, err);
}

/* ---- schedules of EventBridge Scheduler ---- */

static const SamProperty schedule_properties[] = {
    SAME("ScheduleExpression"),
    SAME("ScheduleExpressionTimezone"),
    SAME("StartDate"),
    SAME("EndDate"),
    SAME("State"),
    SAME("Description"),
    SAME("GroupName"),
    SAME("KmsKeyArn"),
};

static bool schedule_target(Sam *s, const SamEvent *e, Json *out, Error *err)
{
    bool good;
    const Json *role = json_get(e->p, S("RoleArn")), *dead = dead_letters(s, e, err, &good);
    if (!good) return false;
    if (!role) role = starter_role(s, e, S("scheduler.amazonaws.com"));
    *out = SAM(s->a,
               "{'Arn': '@1', 'RoleArn': '@2', 'Input': '@3', 'DeadLetterConfig': '@4', "
               "'RetryPolicy': '@5'}",
               e->target->arn, role, json_get(e->p, S("Input")), dead,
               json_get(e->p, S("RetryPolicy")));
    return true;
}

bool sam_schedule_v2(Sam *s, const SamEvent *e, Error *err)
{
    JsonObject o = {.a = s->a};
    Json target, off = SAM(s->a, "{'Mode': 'OFF'}", NULL);
    const Json *window = json_get(e->p, S("FlexibleTimeWindow")), *name = json_get(e->p, S("Name"));
    if (!json_get(e->p, S("ScheduleExpression")))
        return sam_error(err, "Missing required property 'ScheduleExpression'.");
    if (!schedule_target(s, e, &target, err)) return false;
    if (name)
        json_put(&o, S("Name"), *name);
    else if (!json_true(json_get(e->p, S("OmitName"))))
        json_put(&o, S("Name"), json_string(e->id));
    sam_pass(e->p, schedule_properties, countof(schedule_properties), &o);
    json_put(&o, S("FlexibleTimeWindow"), window ? *window : off);
    json_put(&o, S("Target"), target);
    Json properties = json_object(&o);
    sam_add(s, e->of, e->id,
            SAM(s->a, "{'Type': 'AWS::Scheduler::Schedule', 'Properties': '@1'}", &properties));
    return true;
}

/* ---- by type ---- */

static const struct {
    Str type;
    bool machine; /* of state machines, too */
    SamEventFn *run;
} events[] = {
    {STR_INIT("Schedule"), true, sam_schedule},
    {STR_INIT("ScheduleV2"), true, sam_schedule_v2},
    {STR_INIT("EventBridgeRule"), true, sam_rule},
    {STR_INIT("CloudWatchEvent"), true, sam_rule},
    {STR_INIT("S3"), false, sam_s3},
    {STR_INIT("SNS"), false, sam_sns},
    {STR_INIT("SQS"), false, sam_mapping},
    {STR_INIT("Kinesis"), false, sam_mapping},
    {STR_INIT("DynamoDB"), false, sam_mapping},
    {STR_INIT("CloudWatchLogs"), false, sam_log_group},
};

static SamEventFn *event_of(Str type, bool machine)
{
    for (int i = 0; i < countof(events); i++)
        if (str_eq(events[i].type, type) && (!machine || events[i].machine)) return events[i].run;
    return NULL;
}

static bool one_event(Sam *s, const SamResource *r, const SamTarget *target, const JsonMember *m,
                      Error *err)
{
    static const Json none = {.type = JSON_OBJECT};
    const Json *p = json_get(&m->value, S("Properties"));
    Str type = json_text(json_get(&m->value, S("Type")));
    SamEvent e = {.of = r,
                  .target = target,
                  .name = m->key,
                  .id = sam_id(s, r->id, m->key, ""),
                  .p = p && !json_is(p, JSON_NULL) ? p : &none};
    SamEventFn *run = event_of(type, target->machine);
    if (str_absent(type)) return sam_error(err, "Missing required property 'Type'.");
    if (!json_is(e.p, JSON_OBJECT)) return sam_error(err, "Properties must be a map.");
    if (!run) return sam_error(err, "Events of the type '%.*s' are not offered.", STR(type));
    return run(s, &e, err);
}

bool sam_events(Sam *s, const SamResource *r, const SamTarget *target, Error *err)
{
    const Json *all = json_get(r->p, S("Events"));
    if (all && !json_is(all, JSON_OBJECT)) return sam_error(err, "'Events' must be a map.");
    if (json_count(all) > SAM_EVENTS_MAX)
        return sam_error(err, "There are more than %d events.", SAM_EVENTS_MAX);
    for (int32_t i = 0; i < json_count(all); i++) {
        Error why = {0};
        if (!one_event(s, r, target, &all->members[i], &why))
            return sam_error(err, "Event with id [%.*s] is invalid. %.*s", STR(all->members[i].key),
                             STR(error_text(&why)));
    }
    return true;
}
