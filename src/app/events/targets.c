/* targets.c - one row a service that can be a target, and how its operation is called with an input. */
#include "app/events/targets.h"

#include "app/access/authorize.h"
#include "app/dispatch.h"
#include "app/functions/functions.h"
#include "app/states/integrations.h"
#include "app/turn.h"
#include "app/watch/cloudwatch_logs.h"

bool target_arn(Str arn, TargetArn *out)
{
    Str rest = arn, part[5];
    for (int i = 0; i < countof(part); i++)
        if (!str_cut(&rest, ':', &part[i])) return false;
    *out = (TargetArn){part[2], part[3], part[4], rest};
    return str_eq(part[0], S("arn")) && part[2].n > 0;
}

/* ---- results ---- */

static TargetResult refused(TargetEnd end, Str error, Str message)
{
    return (TargetResult){end, error, message};
}

static TargetResult not_offered(Server *s, Str arn)
{
    return refused(
        TARGET_REFUSED, S("ValidationException"),
        str_printf(&s->turn, "The target %.*s is not offered by this server.", STR(arn)));
}

/* What passes by itself: too much at once, or the server's own trouble. */
static bool passes(const Fault *f)
{
    static const char *const codes[] = {"ThrottlingException",         "Throttling",
                                        "TooManyRequestsException",    "ExecutionLimitExceeded",
                                        "RequestLimitExceeded",        "ThrottledException",
                                        "ServiceUnavailableException", "OverLimit"};
    for (int i = 0; i < countof(codes); i++)
        if (str_eq(f->code, str_from(codes[i]))) return true;
    return f->status >= 500 && f->status != 501;
}

/* Trust policies name the group of a schedule ("Confused deputy prevention in EventBridge
 * Scheduler"), not the schedule. */
static Str source_of(Server *s, const Target *t)
{
    TargetArn at;
    Str rest, kind, group;
    if (!str_eq(t->service, S("scheduler.amazonaws.com")) || !target_arn(t->source_arn, &at))
        return t->source_arn;
    rest = at.resource;
    if (!str_cut(&rest, '/', &kind) || !str_cut(&rest, '/', &group)) return t->source_arn;
    return str_printf(&s->turn, "arn:aws:scheduler:%.*s:%.*s:schedule-group/%.*s", STR(at.region),
                      STR(at.account), STR(group));
}

static Identity identity_of(Server *s, const Target *t)
{
    if (t->as) return *t->as;
    check(!str_absent(t->service)); /* nobody delivers without a name */
    return (Identity){.account = t->account,
                      .region = t->region,
                      .verified = true,
                      .role = t->role.n ? t->role : (Str){0},
                      .service = t->service,
                      .source_arn = source_of(s, t)};
}

static TargetResult call_api(Server *s, const Target *t, Str service, Str operation, Json in,
                             Call *call)
{
    Fault f = {0};
    *call = integrations_call(s, &s->turn, t->account, t->region, in);
    call->who = identity_of(s, t);
    CallResult result = dispatch_inside(call, service, operation, &f);
    if (call->out_file.fd >= 0) file_close(call->out_file.fd);
    if (result == CALL_DONE) return (TargetResult){.end = TARGET_DELIVERED};
    return refused(passes(&f) ? TARGET_RETRY : TARGET_REFUSED, f.code, f.message);
}

/* ---- the services ---- */

static TargetResult start_execution(Server *s, const Target *t, const TargetArn *arn)
{
    Call call;
    JsonObject in = {.a = &s->turn};
    (void)arn;
    json_put_text(&in, S("stateMachineArn"), t->arn);
    json_put_text(&in, S("name"), t->name);
    json_put_text(&in, S("input"), t->input);
    return call_api(s, t, S("stepfunctions"), S("StartExecution"), json_object(&in), &call);
}

static TargetResult invoke(Server *s, const Target *t, Str function, Str qualifier, Str payload)
{
    Error err = {0};
    FunctionTarget f;
    Identity who = identity_of(s, t);
    if (!functions_find(s, t->account, t->region, function, qualifier, &s->turn, &f, &err) ||
        !functions_find_version(s, &f, &s->turn, &err) ||
        !authorize_act(s, &s->turn, &who, S("lambda:InvokeFunction"), f.arn, &err) ||
        !functions_check_payload(payload, true, &s->turn, &err)) {
        Fault fault = fault_from_error(model_service(S("lambda")), &err);
        return refused(passes(&fault) ? TARGET_RETRY : TARGET_REFUSED, fault.code,
                       str_copy(&s->turn, fault.message));
    }
    InvocationRow row = {.function = f.row.n,
                         .version = functions_route(s, &f),
                         .qualifier = f.qualifier,
                         .request_id = server_new_uuid(s, &s->turn),
                         .payload = payload,
                         .asked = s->now};
    functions_invoke_later(s, &row);
    return (TargetResult){.end = TARGET_DELIVERED};
}

static TargetResult invoke_function(Server *s, const Target *t, const TargetArn *arn)
{
    (void)arn;
    return invoke(s, t, t->arn, (Str){0}, t->input);
}

static TargetResult send_message(Server *s, const Target *t, const TargetArn *arn)
{
    Call call;
    JsonObject in = {.a = &s->turn};
    json_put_text(&in, S("QueueUrl"),
                  str_printf(&s->turn, "https://sqs.%.*s.amazonaws.com/%.*s/%.*s", STR(arn->region),
                             STR(arn->account), STR(arn->resource)));
    json_put_text(&in, S("MessageBody"), t->input);
    json_put_text(&in, S("MessageGroupId"), t->message_group);
    json_put_text(&in, S("MessageDeduplicationId"), t->deduplication);
    json_put_json(&in, S("MessageAttributes"), t->attributes);
    return call_api(s, t, S("sqs"), S("SendMessage"), json_object(&in), &call);
}

static TargetResult publish(Server *s, const Target *t, const TargetArn *arn)
{
    Call call;
    JsonObject in = {.a = &s->turn};
    (void)arn;
    json_put_text(&in, S("TopicArn"), t->arn);
    json_put_text(&in, S("Message"), t->input);
    json_put_text(&in, S("Subject"), t->subject);
    json_put_text(&in, S("MessageGroupId"), t->message_group);
    return call_api(s, t, S("sns"), S("Publish"), json_object(&in), &call);
}

/* From a rule the input is the event itself: its own source and detail go on. */
static Json entry_of(Server *s, const Target *t)
{
    Json event;
    Error err = {0};
    JsonObject e = {.a = &s->turn};
    bool parsed = json_parse(t->input, &s->turn, &event, &err);
    bool whole = parsed && str_absent(t->source) && json_get(&event, S("detail"));
    const Json *detail = whole ? json_get(&event, S("detail")) : NULL;
    json_put_text(&e, S("EventBusName"), t->arn);
    json_put_text(&e, S("Source"), whole ? json_text(json_get(&event, S("source"))) : t->source);
    json_put_text(&e, S("DetailType"),
                  whole ? json_text(json_get(&event, S("detail-type"))) : t->detail_type);
    json_put_json(&e, S("Resources"), whole ? json_get(&event, S("resources")) : NULL);
    json_put_text(&e, S("Detail"), detail ? json_to_str(&s->turn, detail) : t->input);
    return json_object(&e);
}

static TargetResult put_events(Server *s, const Target *t, const TargetArn *arn)
{
    Call call;
    JsonArray entries = {.a = &s->turn};
    JsonObject in = {.a = &s->turn};
    (void)arn;
    json_add(&entries, entry_of(s, t));
    json_put(&in, S("Entries"), json_array(&entries));
    TargetResult r = call_api(s, t, S("events"), S("PutEvents"), json_object(&in), &call);
    const Json *entry = json_at(json_get(&call.out, S("Entries")), 0);
    Str code = json_text(json_get(entry, S("ErrorCode")));
    if (r.end == TARGET_DELIVERED && code.n)
        return refused(TARGET_REFUSED, code, json_text(json_get(entry, S("ErrorMessage"))));
    return r;
}

static TargetResult write_log(Server *s, const Target *t, const TargetArn *arn)
{
    LogGroupRow group;
    Str rest = arn->resource, kind, name;
    if (!str_cut(&rest, ':', &kind) || !str_eq(kind, S("log-group")) || !str_cut(&rest, ':', &name))
        return not_offered(s, t->arn);
    if (!log_group_find(s->db, arn->account, arn->region, name, &s->turn, &group))
        return refused(TARGET_REFUSED, S("ResourceNotFoundException"),
                       S("The specified log group does not exist."));
    Error err = {0};
    Identity who = identity_of(s, t);
    Str stream = server_new_uuid(s, &s->turn);
    if (!authorize_act(s, &s->turn, &who, S("logs:PutLogEvents"),
                       str_printf(&s->turn, "arn:aws:logs:%.*s:%.*s:log-group:%.*s:log-stream:%.*s",
                                  STR(arn->region), STR(arn->account), STR(name), STR(stream)),
                       &err))
        return refused(TARGET_REFUSED, S("AccessDeniedException"),
                       str_copy(&s->turn, error_text(&err)));
    log_write(s, arn->account, arn->region, name, stream, s->now, t->input);
    return (TargetResult){.end = TARGET_DELIVERED};
}

/* ---- universal targets ---- */

#define UNIVERSAL S("arn:aws:scheduler:::aws-sdk:")

/* The names of the AWS SDK for Java 2, which the targets have, and ours. */
static const struct {
    const char *sdk, *api;
} apis[] = {
    {"athena", "athena"},
    {"cloudformation", "cloudformation"},
    {"cloudwatch", "cloudwatch"},
    {"cloudwatchlogs", "logs"},
    {"emr", "emr"},
    {"eventbridge", "events"},
    {"glue", "glue"},
    {"iam", "iam"},
    {"lambda", "lambda"},
    {"s3", "s3"},
    {"scheduler", "scheduler"},
    {"secretsmanager", "secretsmanager"},
    {"sfn", "stepfunctions"},
    {"sns", "sns"},
    {"sqs", "sqs"},
    {"ssm", "ssm"},
    {"sts", "sts"},
};

/* "Unsupported actions" of "Using universal targets" in the guide of EventBridge Scheduler. */
static const char *const reading[] = {
    "get",
    "describe",
    "list",
    "poll",
    "receive",
    "search",
    "scan",
    "query",
    "select",
    "read",
    "lookup",
    "discover",
    "validate",
    "batchGet",
    "batchDescribe",
    "batchRead",
    "transactGet",
    "adminGet",
    "adminList",
    "testMigration",
    "retrieve",
    "testConnection",
    "translateDocument",
    "isAuthorized",
    "invokeModel",
};

bool target_is_universal(Str arn)
{
    return str_starts(arn, UNIVERSAL);
}

static const char *api_of(Str sdk)
{
    for (int i = 0; i < countof(apis); i++)
        if (str_eq(sdk, str_from(apis[i].sdk)) && model_service(str_from(apis[i].api)))
            return apis[i].api;
    return NULL;
}

bool target_universal(Str arn, Arena *a, UniversalTarget *out, Error *err)
{
    Str rest = str_slice(arn, UNIVERSAL.n, arn.n);
    *out = (UniversalTarget){0};
    if (!target_is_universal(arn) || !str_cut(&rest, ':', &out->service) || !out->service.n ||
        !rest.n || str_find_char(rest, ':') >= 0)
        return error_set(err, ERR_VALIDATION, "Provided Arn is not in correct format.");
    out->action = rest;
    for (int i = 0; i < countof(reading); i++)
        if (str_starts(rest, str_from(reading[i])))
            return error_set(err, ERR_VALIDATION,
                             "The action %.*s is not a supported action: it only reads.",
                             STR(rest));
    out->api = api_of(out->service);
    Str name = str_printf(a, "%.*s%.*s", STR(str_upper(a, str_slice(rest, 0, 1))),
                          STR(str_slice(rest, 1, rest.n)));
    if (out->api) out->operation = model_operation(model_service(str_from(out->api)), name);
    return true;
}

/* The SDK's request has the function's name and payload as members. */
static TargetResult invoke_by_request(Server *s, const Target *t, const Json *in)
{
    const Json *payload = json_get(in, S("Payload"));
    Str text = json_is(payload, JSON_STRING) ? json_text(payload)
               : payload                     ? json_to_str(&s->turn, payload)
                                             : S("{}");
    return invoke(s, t, json_text(json_get(in, S("FunctionName"))),
                  json_text(json_get(in, S("Qualifier"))), text);
}

static TargetResult call_universal(Server *s, const Target *t, const TargetArn *arn)
{
    Call call;
    Json given, in;
    UniversalTarget u;
    Error err = {0};
    (void)arn;
    if (!target_universal(t->arn, &s->turn, &u, &err))
        return refused(TARGET_REFUSED, S("ValidationException"),
                       str_copy(&s->turn, error_text(&err)));
    if (!u.operation) return not_offered(s, t->arn);
    if (!json_parse(t->input.n ? t->input : S("{}"), &s->turn, &given, &err) ||
        given.type != JSON_OBJECT)
        return refused(TARGET_REFUSED, S("ValidationException"),
                       S("The input of a universal target is a JSON object."));
    in = integrations_input(&s->turn, u.operation, &given);
    Str operation = model_operation_name(u.operation);
    if (str_eq(str_from(u.api), S("lambda")) && str_eq(operation, S("Invoke")))
        return invoke_by_request(s, t, &in);
    return call_api(s, t, str_from(u.api), operation, in, &call);
}

/* ---- one way for all ---- */

static const struct {
    const char *service, *resource; /* what the resource begins with */
    TargetResult (*deliver)(Server *s, const Target *t, const TargetArn *arn);
    bool refuses_first; /* before it writes anything: there is nothing to undo */
} services[] = {
    {"states", "stateMachine:", start_execution, true},
    {"lambda", "function:", invoke_function, false},
    {"sqs", "", send_message, true},
    {"sns", "", publish, false},
    {"events", "event-bus/", put_events, false},
    {"logs", "log-group:", write_log, false},
    {"scheduler", "aws-sdk:", call_universal, false},
};

/* -1: not offered. */
static int service_of(const TargetArn *arn)
{
    for (int i = 0; i < countof(services); i++)
        if (str_eq(arn->service, str_from(services[i].service)) &&
            str_starts(arn->resource, str_from(services[i].resource)))
            return i;
    return -1;
}

/* Many schedules may be due at once: what cannot leave anything behind is spared a savepoint. */
TargetResult targets_deliver(Server *s, const Target *t)
{
    TargetArn arn;
    int at = target_arn(t->arn, &arn) ? service_of(&arn) : -1;
    if (at < 0) return not_offered(s, t->arn);
    AfterCommit **part = services[at].refuses_first ? NULL : event_part_begin(s);
    TargetResult r = services[at].deliver(s, t, &arn);
    bool delivered = r.end == TARGET_DELIVERED;
    bool kept = part ? event_part_end(s, part, delivered) : !db_failed(s->db);
    if (delivered && !kept)
        return refused(TARGET_RETRY, S("InternalFailure"), S("The delivery was not recorded."));
    return r;
}
