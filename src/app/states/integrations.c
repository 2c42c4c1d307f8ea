/* integrations.c - one table of what Task states can do here, and how answers and refusals of APIs look to them. */
#include "app/states/integrations.h"

#include "app/dispatch.h"
#include "app/states/activities.h"
#include "app/states/http_task.h"
#include "app/states/integrations_inner.h"
#include "base/time.h"

static const Sdk sdks[] = {
    {"elasticmapreduce", "emr", "ElasticMapReduce", "AmazonElasticMapReduce", true},
    {"states", "stepfunctions", "StepFunctions", "AWSStepFunctions", true},
    {"sqs", "sqs", "SQS", "AmazonSQS", true},
    {"sns", "sns", "SNS", "AmazonSNS", true},
    {"events", "events", "EventBridge", "AmazonEventBridge", true},
    {"aws-sdk:emr", "emr", "Emr", "Emr", false},
    {"aws-sdk:lambda", "lambda", "Lambda", "Lambda", false},
    {"aws-sdk:s3", "s3", "S3", "S3", false},
    {"aws-sdk:secretsmanager", "secretsmanager", "SecretsManager", "SecretsManager", false},
    {"aws-sdk:sfn", "stepfunctions", "Sfn", "Sfn", false},
    {"aws-sdk:sns", "sns", "Sns", "Sns", false},
    {"aws-sdk:sqs", "sqs", "Sqs", "Sqs", false},
    {"aws-sdk:eventbridge", "events", "EventBridge", "EventBridge", false},
    {"aws-sdk:scheduler", "scheduler", "Scheduler", "Scheduler", false},
    {"aws-sdk:ssm", "ssm", "Ssm", "Ssm", false},
    {"aws-sdk:sts", "sts", "Sts", "Sts", false},
    {"aws-sdk:cloudwatch", "cloudwatch", "CloudWatch", "CloudWatch", false},
    {"aws-sdk:cloudwatchlogs", "logs", "CloudWatchLogs", "CloudWatchLogs", false},
};

/* One row an optimised integration. */
typedef struct Integration {
    const char *service, *action, *operation;
    bool sync;                                   /* .sync is offered */
    const char *watch;                           /* service of the changed records that end it */
    bool (*input)(Task *t, JsonObject *in);      /* NULL: as given */
    Json (*output)(Task *t, const Json *answer); /* NULL: as answered */
    void (*wait)(const Task *t, const Json *output, ExecutionWait *w);
} Integration;

void task_refuse(Task *t, Str error, Str cause)
{
    t->out->end = TASK_REFUSED;
    t->out->error = error;
    t->out->cause = cause;
}

Str task_text(const Task *t, const char *name)
{
    return json_text(json_get(&t->given, str_from(name)));
}

/* ---- Step Functions ---- */

static void started_execution(const Task *t, const Json *output, ExecutionWait *w)
{
    (void)t;
    w->id = json_text(json_get(output, S("ExecutionArn")));
}

/* ---- EventBridge ---- */

/* "Call EventBridge with Step Functions": each event names its execution and machine. */
static Json with_origin(Task *t, const Json *entry)
{
    JsonObject o = {.a = t->a};
    JsonArray resources = {.a = t->a};
    const Json *given = json_get(entry, S("Resources"));
    for (int32_t i = 0; i < json_count(given); i++) json_add(&resources, *json_at(given, i));
    json_add(&resources, json_string(t->x->asl.id.arn));
    json_add(&resources, json_string(t->x->asl.id.machine_arn));
    for (int32_t i = 0; i < json_count(entry); i++)
        if (!str_eq(entry->members[i].key, S("Resources")))
            json_put(&o, entry->members[i].key, entry->members[i].value);
    json_put(&o, S("Resources"), json_array(&resources));
    return json_object(&o);
}

static bool put_events_in(Task *t, JsonObject *in)
{
    JsonArray entries = {.a = t->a};
    const Json *given = json_get(&t->given, S("Entries"));
    for (int32_t i = 0; i < json_count(given); i++)
        json_add(&entries, with_origin(t, json_at(given, i)));
    json_put_json(in, S("EndpointId"), json_get(&t->given, S("EndpointId")));
    json_put(in, S("Entries"), json_array(&entries));
    return true;
}

static const Integration integrations[] = {
    {"elasticmapreduce", "createCluster", "RunJobFlow", true, "emr-cluster", task_create_cluster_in,
     task_create_cluster_out, task_created_cluster},
    {"elasticmapreduce", "addStep", "AddJobFlowSteps", true, "emr-step", task_add_step_in,
     task_add_step_out, task_added_step},
    {"elasticmapreduce", "terminateCluster", "TerminateJobFlows", true, "emr-cluster",
     task_terminate_in, NULL, task_terminated_cluster},
    {"elasticmapreduce", "cancelStep", "CancelSteps", false, NULL, task_cancel_step_in,
     task_cancel_step_out, NULL},
    {"elasticmapreduce", "setClusterTerminationProtection", "SetTerminationProtection", false, NULL,
     task_protect_in, NULL, NULL},
    {"elasticmapreduce", "modifyInstanceFleetByName", "ModifyInstanceFleet", false, NULL,
     task_modify_fleet_in, NULL, NULL},
    {"elasticmapreduce", "modifyInstanceGroupByName", "ModifyInstanceGroups", false, NULL,
     task_modify_group_in, NULL, NULL},
    {"states", "startExecution", "StartExecution", true, "states-execution", NULL, NULL,
     started_execution},
    {"sqs", "sendMessage", "SendMessage", false, NULL, NULL, NULL, NULL},
    {"sns", "publish", "Publish", false, NULL, NULL, NULL, NULL},
    {"events", "putEvents", "PutEvents", false, NULL, put_events_in, NULL, NULL},
};

static const Integration *integration_of(Str service, Str action)
{
    for (int i = 0; i < countof(integrations); i++)
        if (str_eq(service, str_from(integrations[i].service)) &&
            str_eq(action, str_from(integrations[i].action)))
            return &integrations[i];
    return NULL;
}

const Sdk *task_sdk(Str service)
{
    for (int i = 0; i < countof(sdks); i++)
        if (str_eq(service, str_from(sdks[i].service))) return &sdks[i];
    return NULL;
}

/* ---- calling ---- */

static const HttpRequest no_request; /* what a call from inside came with */

Call integrations_call(Server *s, Arena *a, Str account, Str region, Json in)
{
    return (Call){.server = s,
                  .arena = a,
                  .now = s->now,
                  .http = &no_request,
                  .in = in,
                  .out_file = {.fd = -1},
                  .error_members = {.a = a},
                  .who = {.account = account, .region = region, .verified = true}};
}

/* The children of a Map Run have the machine's ARN and a label. */
static Str machine_arn(const ExecutionRow *x)
{
    int64_t label = str_find_char(x->asl.id.machine_arn, '/');
    return label < 0 ? x->asl.id.machine_arn : str_slice(x->asl.id.machine_arn, 0, label);
}

Identity task_identity(const ExecutionRow *x)
{
    Str role = x->asl.id.role_arn;
    bool none = !role.n;
    return (Identity){.account = x->account,
                      .region = x->asl.id.region,
                      .verified = true,
                      .role = none ? (Str){0} : role,
                      .service = none ? (Str){0} : S("states.amazonaws.com"),
                      .source_arn = machine_arn(x)};
}

Call task_inner_call(Server *s, Arena *a, const ExecutionRow *x, Json in)
{
    Call call = integrations_call(s, a, x->account, x->asl.id.region, in);
    call.who = task_identity(x);
    return call;
}

static Str with_exception(Arena *a, Str code)
{
    return str_ends(code, S("Exception")) ? code : str_printf(a, "%.*sException", STR(code));
}

/* The older SDK knows only the errors of the model by name. */
static Str error_name_of(Arena *a, const Sdk *sdk, const Call *call, const Fault *f)
{
    if (sdk->old && !model_error(call->route.service, f->code))
        return str_printf(a, "%s.%sException", sdk->prefix, sdk->title);
    return str_printf(a, "%s.%.*s", sdk->prefix, STR(with_exception(a, f->code)));
}

static Str cause_of(Arena *a, const Sdk *sdk, const Call *call, const Fault *f)
{
    if (sdk->old)
        return str_printf(
            a,
            "%.*s (Service: %s; Status Code: %d; Error Code: %.*s; Request ID: %.*s; Proxy: null)",
            STR(f->message), sdk->title, f->status, STR(f->code), STR(call->request_id));
    return str_printf(a, "%.*s (Service: %s, Status Code: %d, Request ID: %.*s)", STR(f->message),
                      sdk->title, f->status, STR(call->request_id));
}

void integrations_refused(Arena *a, Str service, const Call *call, const Fault *fault,
                          TaskOutcome *out)
{
    const Sdk *sdk = task_sdk(service);
    check(sdk);
    *out = (TaskOutcome){.end = TASK_REFUSED,
                         .error = error_name_of(a, sdk, call, fault),
                         .cause = cause_of(a, sdk, call, fault)};
}

bool task_call(Task *t, const Sdk *sdk, Str operation, Call *call)
{
    Fault fault = {0};
    CallResult result = dispatch_inside(call, str_from(sdk->api), operation, &fault);
    if (call->out_file.fd >= 0) file_close(call->out_file.fd);
    if (result == CALL_DONE) return true;
    task_refuse(t, error_name_of(t->a, sdk, call, &fault), cause_of(t->a, sdk, call, &fault));
    return false;
}

/* ---- results ---- */

static void put_one_and_list(JsonObject *one, JsonObject *many, Str name, Str value)
{
    JsonArray list = {.a = one->a};
    json_put_text(one, name, value);
    json_add(&list, json_string(value));
    json_put(many, name, json_array(&list));
}

/* What the older SDK tells of the answer's head. */
static void put_metadata(Task *t, const Call *call, JsonObject *o)
{
    JsonObject one = {.a = t->a}, many = {.a = t->a}, http = {.a = t->a}, response = {.a = t->a};
    Json body = json_object(o);
    put_one_and_list(&one, &many, S("connection"), S("keep-alive"));
    put_one_and_list(&one, &many, S("Content-Length"),
                     str_printf(t->a, "%" PRId64, json_to_str(t->a, &body).n));
    put_one_and_list(&one, &many, S("Content-Type"),
                     call->route.service->protocol == PROTOCOL_AWS_QUERY ? S("text/xml")
                     : call->route.service->protocol == PROTOCOL_AWS_JSON_1_0
                         ? S("application/x-amz-json-1.0")
                         : S("application/x-amz-json-1.1"));
    put_one_and_list(&one, &many, S("Date"), time_http(t->a, t->s->now));
    put_one_and_list(&one, &many, S("x-amzn-RequestId"), call->request_id);
    json_put(&http, S("AllHttpHeaders"), json_object(&many));
    json_put(&http, S("HttpHeaders"), json_object(&one));
    json_put(&http, S("HttpStatusCode"), json_int(t->a, 200));
    json_put_text(&response, S("RequestId"), call->request_id);
    json_put(o, S("SdkHttpMetadata"), json_object(&http));
    json_put(o, S("SdkResponseMetadata"), json_object(&response));
}

static Json optimised_output(Task *t, const Integration *in, const Call *call)
{
    JsonObject o = {.a = t->a};
    Json plain = in->output
                     ? in->output(t, &call->out)
                     : integrations_output(t->a, call->route.operation, &call->out, TIMES_MILLIS);
    for (int32_t i = 0; i < json_count(&plain); i++)
        json_put(&o, plain.members[i].key, plain.members[i].value);
    put_metadata(t, call, &o);
    return json_object(&o);
}

static void not_offered(Task *t)
{
    task_refuse(t, S("States.Runtime"),
                str_printf(t->a, "The resource '%.*s' is not offered by this server.",
                           STR(t->order->resource)));
}

static Json model_input_of(Task *t, const Sdk *sdk, const char *operation, const Json *given)
{
    const Operation *op = model_operation(model_service(str_from(sdk->api)), str_from(operation));
    return op ? integrations_input(t->a, op, given) : (Json){.type = JSON_OBJECT};
}

static void begin_optimised(Task *t, const Sdk *sdk)
{
    const Integration *in = integration_of(t->order->service, t->order->action);
    Str pattern = t->order->pattern;
    bool sync = str_starts(pattern, S("sync"));
    if (!in || (sync && !in->sync) ||
        (str_eq(pattern, S("sync:2")) && str_eq(t->order->service, S("elasticmapreduce")))) {
        not_offered(t);
        return;
    }
    JsonObject asked = {.a = t->a};
    if (in->input && !in->input(t, &asked)) return;
    Json wanted = in->input ? json_object(&asked) : t->given;
    Call call = task_inner_call(t->s, t->a, t->x, model_input_of(t, sdk, in->operation, &wanted));
    if (!task_call(t, sdk, str_from(in->operation), &call)) return;
    if (json_int_or(json_get(&call.out, S("FailedEntryCount")), 0)) {
        task_refuse(t, S("EventBridge.FailedEntry"), json_to_str(t->a, &call.out));
        return;
    }
    Json output = optimised_output(t, in, &call);
    t->out->output = json_to_str(t->a, &output);
    t->out->end = pattern.n ? TASK_AWAITED : TASK_DONE;
    if (!sync) return;
    in->wait(t, &output, &t->out->wait);
    t->out->wait.service = str_from(in->watch);
}

static void begin_sdk(Task *t, const Sdk *sdk)
{
    Str action = t->order->action, pattern = t->order->pattern;
    if (str_starts(pattern, S("sync"))) {
        not_offered(t);
        return;
    }
    Str operation = str_printf(t->a, "%.*s%.*s", STR(str_upper(t->a, str_slice(action, 0, 1))),
                               STR(str_slice(action, 1, action.n)));
    Call call = task_inner_call(t->s, t->a, t->x,
                                model_input_of(t, sdk, str_z(t->a, operation), &t->given));
    if (!task_call(t, sdk, operation, &call)) return;
    Json output = integrations_output(t->a, call.route.operation, &call.out, TIMES_ISO);
    t->out->output = json_to_str(t->a, &output);
    t->out->end = pattern.n ? TASK_AWAITED : TASK_DONE;
    if (pattern.n || !str_eq(operation, S("GetActivityTask")) || json_count(&output)) return;
    activities_wait(t->s, json_text(json_get(&call.in, S("activityArn"))),
                    json_text(json_get(&call.in, S("workerName"))), &t->out->wait);
    t->out->end = TASK_BEGUN;
}

void integrations_begin(Server *s, const ExecutionRow *x, const ExecutionOrder *order,
                        TaskOutcome *out)
{
    Error err = {0};
    Task t = {.s = s, .a = &s->turn, .x = x, .order = order, .out = out};
    *out = (TaskOutcome){.end = TASK_REFUSED};
    const Sdk *sdk = order->task == ASL_TASK_SERVICE ? task_sdk(order->service) : NULL;
    if (!json_parse(order->parameters, t.a, &t.given, &err)) t.given = (Json){.type = JSON_OBJECT};
    if (order->task == ASL_TASK_SERVICE && str_eq(order->service, S("http")) &&
        str_eq(order->action, S("invoke")) && !order->pattern.n)
        http_task_begin(s, x, order, out);
    else if (integrations_is_s3(order) || integrations_is_later(order))
        out->end = TASK_WORKS;
    else if (integrations_is_lambda(order))
        integrations_lambda_begin(s, x, order, &t.given, out);
    else if (!sdk)
        not_offered(&t);
    else if (sdk->old)
        begin_optimised(&t, sdk);
    else
        begin_sdk(&t, sdk);
}

void integrations_work(Server *s, const ExecutionRow *x, const ExecutionOrder *order,
                       TaskOutcome *out)
{
    *out = (TaskOutcome){.end = TASK_WORKS};
    if (integrations_is_s3(order))
        integrations_s3_work(s, x, order, out);
    else if (integrations_is_later(order))
        integrations_later_work(s, x, order, out);
    else
        http_task_work(s, x, order, out);
}
