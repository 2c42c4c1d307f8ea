/* destinations.c - records of ended invocations, sent to destinations and dead-letter queues. */
#include "app/functions/destinations.h"

#include "app/events/targets.h"
#include "base/time.h"
#include "core/function/function.h"

bool destination_is(Str arn, bool dead, Str *action)
{
    static const struct {
        const char *service, *resource, *action;
        bool dead;
    } kinds[] = {{"sqs", "", "sqs:SendMessage", true},
                 {"sns", "", "sns:Publish", true},
                 {"lambda", "function:", "lambda:InvokeFunction", false},
                 {"events", "event-bus/", "events:PutEvents", false}};
    TargetArn parts;
    if (!target_arn(arn, &parts)) return false;
    for (int i = 0; i < countof(kinds); i++)
        if (str_eq(parts.service, str_from(kinds[i].service)) &&
            str_starts(parts.resource, str_from(kinds[i].resource)) && (kinds[i].dead || !dead))
            return *action = str_from(kinds[i].action), true;
    return false;
}

/* ---- what the function is ---- */

typedef struct Teller {
    FunctionRow function;
    Json config, asynchronous;
    Str arn; /* with the qualifier; a version's number when there is none */
} Teller;

static Json parsed(Server *s, Str text)
{
    Json v;
    Error err = {0};
    return !str_absent(text) && json_parse(text, &s->turn, &v, &err) ? v : (Json){0};
}

static bool find(Server *s, const InvocationRow *row, Teller *t)
{
    FunctionVersion v;
    Str qualifier = str_absent(row->qualifier) ? S("") : row->qualifier;
    if (!function_get(s->db, row->function, &s->turn, &t->function) ||
        !function_version_get(s->db, row->function, row->version, &s->turn, &v))
        return false;
    t->config = parsed(s, v.config);
    t->asynchronous =
        parsed(s, function_setting(s->db, row->function, functions_setting_name(row->qualifier),
                                   S("invoke-config"), &s->turn));
    t->arn = function_arn(&s->turn, t->function.region, t->function.account, t->function.name,
                          qualifier.n ? qualifier : function_version_text(&s->turn, row->version));
    return true;
}

/* ---- sending ---- */

static void tell_one(Server *s, const Teller *t, const InvocationRow *row, Target *target)
{
    target->service = S("lambda.amazonaws.com");
    target->role = json_text(json_get(&t->config, S("Role")));
    target->account = t->function.account;
    target->region = t->function.region;
    target->source_arn = t->arn;
    TargetResult r = targets_deliver(s, target);
    if (r.end != TARGET_DELIVERED)
        log_recorded(s, "destination-lost",
                     "request=%.*s destination=%.*s error=%.*s message=\"%.*s\"",
                     STR(row->request_id), STR(target->arn), STR(r.error), STR(r.message));
}

static Json request_context(Server *s, const Teller *t, const InvocationRow *row,
                            const DestinationEnd *end)
{
    JsonObject o = {.a = &s->turn};
    int64_t ran = row->attempts + !end->failed;
    json_put_text(&o, S("requestId"), row->request_id);
    json_put_text(&o, S("functionArn"), t->arn);
    json_put_text(&o, S("condition"), end->condition);
    json_put(&o, S("approximateInvokeCount"), json_int(&s->turn, ran));
    return json_object(&o);
}

static Json response_context(Server *s, const InvocationRow *row, bool failed)
{
    JsonObject o = {.a = &s->turn};
    json_put(&o, S("statusCode"), json_int(&s->turn, 200));
    json_put_text(&o, S("executedVersion"), function_version_text(&s->turn, row->version));
    if (failed) json_put_text(&o, S("functionError"), S("Unhandled"));
    return json_object(&o);
}

static Str record_of(Server *s, const Teller *t, const InvocationRow *row,
                     const DestinationEnd *end)
{
    JsonObject o = {.a = &s->turn};
    json_put_text(&o, S("version"), S("1.0"));
    json_put_text(&o, S("timestamp"), time_iso8601(&s->turn, s->now));
    json_put(&o, S("requestContext"), request_context(s, t, row, end));
    json_put(&o, S("requestPayload"), parsed(s, row->payload));
    if (!str_absent(end->answer)) {
        json_put(&o, S("responseContext"), response_context(s, row, end->failed));
        json_put(&o, S("responsePayload"), parsed(s, end->answer));
    }
    Json record = json_object(&o);
    return json_to_str(&s->turn, &record);
}

static void put_attribute(JsonObject *o, const char *name, const char *type, Str value)
{
    JsonObject v = {.a = o->a};
    json_put_text(&v, S("DataType"), str_from(type));
    json_put_text(&v, S("StringValue"), value);
    json_put(o, str_from(name), json_object(&v));
}

static void send_dead(Server *s, const Teller *t, const InvocationRow *row, Str arn,
                      const DestinationEnd *end)
{
    JsonObject o = {.a = &s->turn};
    Json answer = parsed(s, end->answer);
    Str message = json_text(json_get(&answer, S("errorMessage")));
    put_attribute(&o, "RequestID", "String", row->request_id);
    put_attribute(&o, "ErrorCode", "Number", S("200"));
    put_attribute(&o, "ErrorMessage", "String",
                  message.n ? str_slice(message, 0, DESTINATION_MESSAGE_BYTES_MAX)
                            : end->condition);
    Json attributes = json_object(&o);
    Target target = {.arn = arn, .input = row->payload, .attributes = &attributes};
    tell_one(s, t, row, &target);
}

void destinations_tell(Server *s, const InvocationRow *row, const DestinationEnd *end)
{
    Teller t = {0};
    if (!find(s, row, &t)) return;
    const char *which = end->failed ? "DestinationConfig.OnFailure.Destination"
                                    : "DestinationConfig.OnSuccess.Destination";
    Str to = json_text(json_find(&t.asynchronous, which)),
        dead = json_text(json_find(&t.config, "DeadLetterConfig.TargetArn"));
    Target target = {.arn = to,
                     .source = S("lambda"),
                     .detail_type = end->failed ? S("Lambda Function Invocation Result - Failure")
                                                : S("Lambda Function Invocation Result - Success")};
    if (to.n) target.input = record_of(s, &t, row, end);
    if (to.n) tell_one(s, &t, row, &target);
    if (dead.n && end->failed) send_dead(s, &t, row, dead, end);
}
