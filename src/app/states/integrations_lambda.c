/* integrations_lambda.c - functions as tasks: lambda:invoke, its token, a function's ARN as resource, and the SDK's invoke. */
#include "app/states/integrations_lambda.h"

#include "app/access/authorize.h"
#include "app/states/integrations_inner.h"
#include "base/time.h"
#include "core/function/function.h"

/* An invocation is a row (store/invocations.h), written in the order's event together with the
 * task's wait. It runs after the commit; its end is a `changed` record, in whose turn the execution
 * goes on. A server that dies in between runs it again: at least once, as Lambda itself has it. */

bool integrations_is_lambda(const ExecutionOrder *o)
{
    bool service = str_eq(o->service, S("lambda")) || str_eq(o->service, S("aws-sdk:lambda"));
    return o->task == ASL_TASK_LAMBDA || (service && str_eq(o->action, S("invoke")));
}

/* ---- refusals ---- */

static void refuse(TaskOutcome *out, Str error, Str cause)
{
    *out = (TaskOutcome){.end = TASK_REFUSED, .error = error, .cause = cause};
}

void integrations_lambda_refused(Server *s, const Error *err, TaskOutcome *out)
{
    Fault f = fault_from_error(model_service(S("lambda")), err);
    Str message = str_copy(&s->turn, f.message);
    refuse(out, str_printf(&s->turn, "Lambda.%.*s", STR(f.code)),
           str_printf(&s->turn, "%.*s (Service: Lambda, Status Code: %d, Request ID: %.*s)",
                      STR(message), f.status, STR(server_new_uuid(s, &s->turn))));
}

/* ---- the beginning ---- */

typedef struct Asked {
    Str name, qualifier, payload, type;
} Asked;

static void read_asked(Server *s, const ExecutionOrder *o, const Json *given, Asked *out)
{
    const Json *payload = json_get(given, S("Payload"));
    bool direct = o->task == ASL_TASK_LAMBDA, sdk = str_eq(o->service, S("aws-sdk:lambda"));
    *out = (Asked){.name = direct ? o->resource : json_text(json_get(given, S("FunctionName"))),
                   .qualifier = json_text(json_get(given, S("Qualifier"))),
                   .type = json_text(json_get(given, S("InvocationType"))),
                   .payload = S("{}")};
    if (direct)
        out->payload = o->parameters;
    else if (payload)
        out->payload = sdk && payload->type == JSON_STRING ? json_text(payload)
                                                           : json_to_str(&s->turn, payload);
    if (direct) out->qualifier = out->type = (Str){0};
}

static bool may_invoke(Server *s, const ExecutionRow *x, const FunctionTarget *t, Error *err)
{
    Identity who = task_identity(x);
    return authorize_act(s, &s->turn, &who, S("lambda:InvokeFunction"), t->arn, err);
}

static bool find(Server *s, const ExecutionRow *x, const Asked *asked, FunctionTarget *t,
                 Error *err)
{
    return functions_find(s, x->account, x->asl.id.region, asked->name, asked->qualifier, &s->turn,
                          t, err) &&
           functions_find_version(s, t, &s->turn, err) && may_invoke(s, x, t, err) &&
           functions_check_payload(asked->payload, str_eq(asked->type, S("Event")), &s->turn, err);
}

static void put_one(JsonObject *one, JsonObject *many, const char *name, Str value)
{
    JsonArray list = {.a = one->a};
    json_put_text(one, str_from(name), value);
    json_add(&list, json_string(value));
    json_put(many, str_from(name), json_array(&list));
}

static void put_metadata(Server *s, Str request_id, Str version, int status, int64_t bytes,
                         JsonObject *o)
{
    Arena *a = &s->turn;
    JsonObject one = {.a = a}, many = {.a = a}, http = {.a = a}, response = {.a = a};
    put_one(&one, &many, "Connection", S("keep-alive"));
    put_one(&one, &many, "Content-Length", str_printf(a, "%" PRId64, bytes));
    put_one(&one, &many, "Content-Type", S("application/json"));
    put_one(&one, &many, "Date", time_http(a, s->now));
    put_one(&one, &many, "X-Amz-Executed-Version", version);
    put_one(&one, &many, "x-amzn-RequestId", request_id);
    json_put(&http, S("AllHttpHeaders"), json_object(&many));
    json_put(&http, S("HttpHeaders"), json_object(&one));
    json_put(&http, S("HttpStatusCode"), json_int(a, status));
    json_put_text(&response, S("RequestId"), request_id);
    json_put(o, S("SdkHttpMetadata"), json_object(&http));
    json_put(o, S("SdkResponseMetadata"), json_object(&response));
}

/* A payload that is no JSON (a custom runtime may answer anything) stays text. */
static Str result(Server *s, LambdaForm form, const InvocationRow *row, Str payload, int status)
{
    Json value;
    Error err = {0};
    JsonObject o = {.a = &s->turn};
    Str version = function_version_text(&s->turn, row->version);
    bool parsed = json_parse(payload, &s->turn, &value, &err);
    if (form == FORM_ARN && parsed) return payload;
    if (!parsed || form == FORM_SDK) value = json_string(payload);
    if (form == FORM_ARN) return json_to_str(&s->turn, &value);
    json_put_text(&o, S("ExecutedVersion"), version);
    json_put(&o, S("Payload"), value);
    if (form == FORM_OPTIMISED) put_metadata(s, row->request_id, version, status, payload.n, &o);
    json_put(&o, S("StatusCode"), json_int(&s->turn, status));
    Json all = json_object(&o);
    return json_to_str(&s->turn, &all);
}

static InvocationRow row_of(Server *s, const Asked *asked, const FunctionTarget *t)
{
    return (InvocationRow){.function = t->row.n,
                           .version = functions_route(s, t),
                           .qualifier = t->qualifier,
                           .request_id = server_new_uuid(s, &s->turn),
                           .payload = asked->payload,
                           .asked = s->now};
}

static LambdaForm form_of(const ExecutionOrder *o)
{
    if (o->task == ASL_TASK_LAMBDA) return FORM_ARN;
    return str_eq(o->service, S("aws-sdk:lambda")) ? FORM_SDK : FORM_OPTIMISED;
}

/* Event and DryRun wait for nothing. */
static void end_now(Server *s, const ExecutionOrder *o, LambdaAsked *asked, bool event,
                    TaskOutcome *out)
{
    if (event) functions_invoke_later(s, &asked->row);
    *out =
        (TaskOutcome){.end = o->pattern.n ? TASK_AWAITED : TASK_DONE,
                      .output = result(s, asked->form, &asked->row, S("\"\""), event ? 202 : 204)};
}

bool integrations_lambda_ask(Server *s, const ExecutionRow *x, const ExecutionOrder *o,
                             const Json *given, LambdaAsked *out, TaskOutcome *outcome)
{
    Asked asked;
    FunctionTarget t;
    Error err = {0};
    read_asked(s, o, given, &asked);
    if (str_starts(o->pattern, S("sync"))) {
        refuse(outcome, S("States.Runtime"),
               str_printf(&s->turn, "The resource '%.*s' is not offered by this server.",
                          STR(o->resource)));
        return false;
    }
    if (!find(s, x, &asked, &t, &err)) {
        integrations_lambda_refused(s, &err, outcome);
        return false;
    }
    *out = (LambdaAsked){.row = row_of(s, &asked, &t), .arn = t.arn, .form = form_of(o)};
    bool event = str_eq(asked.type, S("Event"));
    out->row.task = !event;
    if (!event && !str_eq(asked.type, S("DryRun"))) return true;
    end_now(s, o, out, event, outcome);
    return false;
}

void integrations_lambda_begin(Server *s, const ExecutionRow *x, const ExecutionOrder *o,
                               const Json *given, TaskOutcome *out)
{
    static const char *const names[] = {
        [FORM_ARN] = "arn", [FORM_OPTIMISED] = "optimised", [FORM_SDK] = "sdk"};
    LambdaAsked asked;
    if (!integrations_lambda_ask(s, x, o, given, &asked, out)) return;
    functions_invoke_later(s, &asked.row);
    *out = (TaskOutcome){.end = TASK_BEGUN};
    out->wait.service = FUNCTIONS_TASK_SERVICE;
    out->wait.id = str_printf(&s->turn, "%" PRId64, asked.row.n);
    out->wait.parent = str_from(names[asked.form]);
}

/* ---- the end ---- */

static LambdaForm form_of_wait(const ExecutionWait *w)
{
    return str_eq(w->parent, S("arn"))   ? FORM_ARN
           : str_eq(w->parent, S("sdk")) ? FORM_SDK
                                         : FORM_OPTIMISED;
}

/* A function's error has the name that its document gives; "Error handling in Step Functions" of
 * the developer guide names Lambda.Unknown for the rest. */
static void fail(Server *s, const InvocationRow *row, TaskOutcome *out)
{
    bool unknown = str_eq(row->error, S("Lambda.Unknown"));
    refuse(out, row->error,
           unknown ? str_printf(&s->turn,
                                "The cause could not be determined because Lambda did not return "
                                "an error type. Returned payload: %.*s",
                                STR(row->cause))
                   : row->cause);
}

bool integrations_lambda_look(Server *s, const ExecutionWait *w, TaskOutcome *out)
{
    InvocationRow row;
    int64_t n;
    check(str_to_int(w->id, &n));
    if (!invocation_get(s->db, n, &s->turn, &row)) {
        refuse(out, S("Lambda.Unknown"), S("The invocation is not known any more."));
        return !db_failed(s->db);
    }
    if (row.state != INVOCATION_ENDED) return false;
    invocation_remove(s->db, n);
    if (row.error.n) {
        fail(s, &row, out);
        return true;
    }
    *out = (TaskOutcome){.end = w->pattern.n ? TASK_AWAITED : TASK_DONE,
                         .output = result(s, form_of_wait(w), &row, row.output, 200)};
    return true;
}

void integrations_lambda_end(Server *s, const LambdaAsked *asked, const InvocationEnd *end,
                             TaskOutcome *out)
{
    InvocationRow row = asked->row;
    if (!end->failed) {
        *out = (TaskOutcome){.end = TASK_DONE,
                             .output = result(s, asked->form, &row, end->payload, 200)};
        return;
    }
    row.error = functions_error_type(s, end->payload);
    row.cause = end->payload;
    fail(s, &row, out);
}

/* The service does not end an invocation either: its answer will not be read. */
void integrations_lambda_cancel(Server *s, const ExecutionOrder *o)
{
    int64_t n;
    check(str_to_int(o->resource, &n));
    invocation_remove(s->db, n);
}
