/* lambda_settings.c - tags, concurrency, settings of asynchronous invocations, and the account's limits. */
#include "api/lambda.h"
#include "api/tags.h"

#include "app/access/authorize.h"
#include "app/events/targets.h"
#include "app/functions/destinations.h"
#include "store/event_sources.h"

#define KIND S("invoke-config")

static CallResult nothing(Call *call)
{
    call->out = (Json){.type = JSON_OBJECT};
    return CALL_DONE;
}

/* ---- tags: the resource is the ARN of a function or of an event source mapping ---- */

typedef struct Tagged {
    FunctionRow function;
    EventSourceRow source; /* n 0: it is the function */
} Tagged;

static Str *tags_of(Tagged *t)
{
    return t->source.n ? &t->source.tags : &t->function.tags;
}

static bool tagged_source(Call *call, Str arn, Str id, Tagged *t, Error *err)
{
    TargetArn parts;
    check(target_arn(arn, &parts));
    return event_source_find(call->server->db, parts.account, parts.region, id, call->arena,
                             &t->source) ||
           error_set(err, ERR_LAMBDA_NOT_FOUND, "The resource you requested does not exist.");
}

static bool tagged(Call *call, Tagged *t, Error *err)
{
    TargetArn parts;
    FunctionName name;
    Str arn = lambda_text(call, "Resource"), kind = S("event-source-mapping:");
    *t = (Tagged){0};
    if (target_arn(arn, &parts) && str_starts(parts.resource, kind))
        return tagged_source(call, arn, str_slice(parts.resource, kind.n, parts.resource.n), t,
                             err);
    if (!function_name_parse(arn, &name) || str_absent(name.region))
        return error_set(err, ERR_LAMBDA_PARAMETER, "%.*s is not the ARN of a function", STR(arn));
    if (!str_absent(name.qualifier))
        return error_set(err, ERR_LAMBDA_PARAMETER,
                         "Tags on function aliases and versions are not supported. Please specify "
                         "a function ARN.");
    return function_find(call->server->db, name.account, name.region, name.name, call->arena,
                         &t->function) ||
           lambda_no_function(arn, err);
}

static CallResult save_tags(Call *call, Tagged *t, const Json *tags)
{
    *tags_of(t) = json_to_str(call->arena, tags);
    if (t->source.n)
        event_source_set(call->server->db, &t->source);
    else
        function_set(call->server->db, &t->function);
    return nothing(call);
}

CallResult lambda_list_tags(Call *call, Error *err)
{
    Tagged t;
    JsonObject out = {.a = call->arena};
    if (!tagged(call, &t, err)) return CALL_FAILED;
    json_put(&out, S("Tags"), lambda_parse(call->arena, *tags_of(&t)));
    call->out = json_object(&out);
    return CALL_DONE;
}

bool lambda_check_tags(const Json *given, int64_t n, Error *err)
{
    for (int32_t i = 0; i < json_count(given); i++)
        if (str_starts(given->members[i].key, S("aws:")))
            return error_set(err, ERR_LAMBDA_PARAMETER, "Tag keys must not begin with aws:");
    return n <= LAMBDA_TAGS_MAX ||
           error_set(err, ERR_LAMBDA_PARAMETER, "The number of tags must not exceed %d",
                     LAMBDA_TAGS_MAX);
}

CallResult lambda_tag(Call *call, Error *err)
{
    Tagged t;
    const Json *given = json_get(&call->in, S("Tags"));
    if (!tagged(call, &t, err)) return CALL_FAILED;
    Json tags = tags_change(call->arena, *tags_of(&t), given, given);
    return lambda_check_tags(given, tags.n, err) ? save_tags(call, &t, &tags) : CALL_FAILED;
}

CallResult lambda_untag(Call *call, Error *err)
{
    Tagged t;
    if (!tagged(call, &t, err)) return CALL_FAILED;
    Json left = tags_change(call->arena, *tags_of(&t), json_get(&call->in, S("TagKeys")), NULL);
    return save_tags(call, &t, &left);
}

/* ---- concurrency ---- */

static void put_reserved(Call *call, int64_t n)
{
    JsonObject out = {.a = call->arena};
    if (n >= 0) json_put(&out, S("ReservedConcurrentExecutions"), json_int(call->arena, n));
    call->out = json_object(&out);
    call->out.type = JSON_OBJECT;
}

CallResult lambda_put_concurrency(Call *call, Error *err)
{
    LambdaTarget t;
    if (!lambda_function(call, &t, err)) return CALL_FAILED;
    int64_t n = json_int_or(json_get(&call->in, S("ReservedConcurrentExecutions")), 0);
    int64_t all = n + function_reserved(call->server->db, t.row.account, t.row.region, t.row.n);
    if (all > FUNCTIONS_INVOCATIONS_MAX - LAMBDA_UNRESERVED_MIN) {
        error_set(err, ERR_LAMBDA_PARAMETER,
                  "Specified ReservedConcurrentExecutions for function decreases account's "
                  "UnreservedConcurrentExecution below its minimum value of [%d].",
                  LAMBDA_UNRESERVED_MIN);
        return CALL_FAILED;
    }
    t.row.reserved = n;
    function_set(call->server->db, &t.row);
    put_reserved(call, n);
    return CALL_DONE;
}

CallResult lambda_get_concurrency(Call *call, Error *err)
{
    LambdaTarget t;
    if (!lambda_function(call, &t, err)) return CALL_FAILED;
    put_reserved(call, t.row.reserved);
    return CALL_DONE;
}

CallResult lambda_delete_concurrency(Call *call, Error *err)
{
    LambdaTarget t;
    if (!lambda_function(call, &t, err)) return CALL_FAILED;
    t.row.reserved = -1;
    function_set(call->server->db, &t.row);
    return nothing(call);
}

CallResult lambda_account_settings(Call *call, Error *err)
{
    (void)err;
    Arena *a = call->arena;
    JsonObject out = {.a = a}, limit = {.a = a}, usage = {.a = a};
    Str account = call->who.account, region = call->who.region;
    int64_t reserved = function_reserved(call->server->db, account, region, 0);
    FunctionTotals totals = function_totals(call->server->db, account, region);
    json_put(&limit, S("TotalCodeSize"), json_int(a, LAMBDA_STORAGE_BYTES_MAX));
    json_put(&limit, S("CodeSizeUnzipped"), json_int(a, FUNCTIONS_CODE_BYTES_MAX));
    json_put(&limit, S("CodeSizeZipped"), json_int(a, FUNCTIONS_ZIP_BYTES_MAX));
    json_put(&limit, S("ConcurrentExecutions"), json_int(a, FUNCTIONS_INVOCATIONS_MAX));
    json_put(&limit, S("UnreservedConcurrentExecutions"),
             json_int(a, FUNCTIONS_INVOCATIONS_MAX - reserved));
    json_put(&usage, S("TotalCodeSize"), json_int(a, totals.code_bytes));
    json_put(&usage, S("FunctionCount"), json_int(a, totals.functions));
    json_put(&out, S("AccountLimit"), json_object(&limit));
    json_put(&out, S("AccountUsage"), json_object(&usage));
    call->out = json_object(&out);
    return CALL_DONE;
}

/* ---- asynchronous invocations ---- */

static const char *const invoke_members[] = {"MaximumRetryAttempts", "MaximumEventAgeInSeconds",
                                             "DestinationConfig"};

static Str setting_name(const LambdaTarget *t)
{
    return functions_setting_name(t->qualifier);
}

static bool find_config(Call *call, LambdaTarget *t, Json *out, Error *err)
{
    if (!lambda_target(call, t, err)) return false;
    Str text = function_setting(call->server->db, t->row.n, setting_name(t), KIND, call->arena);
    if (!str_absent(text)) return *out = lambda_parse(call->arena, text), true;
    return error_set(err, ERR_LAMBDA_NOT_FOUND,
                     "The function %.*s doesn't have an EventInvokeConfig", STR(t->arn));
}

static Json describe_config(Call *call, Str arn, const Json *stored)
{
    JsonObject o = {.a = call->arena};
    json_put_json(&o, S("LastModified"), json_get(stored, S("LastModified")));
    json_put_text(&o, S("FunctionArn"), arn);
    for (int i = 0; i < countof(invoke_members); i++)
        json_put_json(&o, str_from(invoke_members[i]),
                      json_get(stored, str_from(invoke_members[i])));
    return json_object(&o);
}

static bool check_one(Call *call, const LambdaTarget *t, Str arn, Error *err)
{
    Str action;
    Error why = {0};
    Json config = lambda_parse(call->arena, t->v.config);
    Identity who = functions_identity(t, &config);
    if (!arn.n) return true;
    if (!destination_is(arn, false, &action))
        return error_set(err, ERR_LAMBDA_PARAMETER,
                         "The destination %.*s is not offered by this server: queues, topics, "
                         "functions and event buses are.",
                         STR(arn));
    return authorize_act(call->server, call->arena, &who, action, arn, &why) ||
           error_set(err, ERR_LAMBDA_PARAMETER,
                     "The function's execution role does not have permissions to call %.*s on "
                     "%.*s",
                     STR(action), STR(arn));
}

static bool check_destination(Call *call, const LambdaTarget *t, Error *err)
{
    const Json *d = json_get(&call->in, S("DestinationConfig"));
    return check_one(call, t, json_text(json_find(d, "OnSuccess.Destination")), err) &&
           check_one(call, t, json_text(json_find(d, "OnFailure.Destination")), err);
}

static bool check_given(Call *call, Error *err)
{
    for (int i = 0; i < countof(invoke_members); i++)
        if (json_get(&call->in, str_from(invoke_members[i]))) return true;
    return error_set(err, ERR_LAMBDA_PARAMETER,
                     "You must specify at least one of error handling or destination setting.");
}

static CallResult save_config(Call *call, const LambdaTarget *t, const Json *old, Error *err)
{
    JsonObject o = {.a = call->arena};
    if (!check_given(call, err) || !check_destination(call, t, err)) return CALL_FAILED;
    json_put(&o, S("LastModified"), json_millis_as_seconds(call->arena, call->now));
    for (int i = 0; i < countof(invoke_members); i++) {
        Str name = str_from(invoke_members[i]);
        const Json *given = json_get(&call->in, name);
        json_put_json(&o, name, given ? given : json_get(old, name));
    }
    Json all = json_object(&o);
    function_setting_put(call->server->db, t->row.n, setting_name(t), KIND,
                         json_to_str(call->arena, &all));
    call->out = describe_config(call, t->arn, &all);
    return CALL_DONE;
}

CallResult lambda_put_invoke_config(Call *call, Error *err)
{
    LambdaTarget t;
    return lambda_target(call, &t, err) ? save_config(call, &t, NULL, err) : CALL_FAILED;
}

CallResult lambda_update_invoke_config(Call *call, Error *err)
{
    LambdaTarget t;
    Json old;
    return find_config(call, &t, &old, err) ? save_config(call, &t, &old, err) : CALL_FAILED;
}

CallResult lambda_get_invoke_config(Call *call, Error *err)
{
    LambdaTarget t;
    Json stored;
    if (!find_config(call, &t, &stored, err)) return CALL_FAILED;
    call->out = describe_config(call, t.arn, &stored);
    return CALL_DONE;
}

CallResult lambda_delete_invoke_config(Call *call, Error *err)
{
    LambdaTarget t;
    Json stored;
    if (!find_config(call, &t, &stored, err)) return CALL_FAILED;
    function_setting_remove(call->server->db, t.row.n, setting_name(&t), KIND);
    return nothing(call);
}

CallResult lambda_list_invoke_configs(Call *call, Error *err)
{
    LambdaTarget t;
    FunctionSetting *settings;
    JsonObject out = {.a = call->arena};
    JsonArray list = {.a = call->arena};
    if (!lambda_function(call, &t, err)) return CALL_FAILED;
    int64_t n = function_setting_list(call->server->db, t.row.n, KIND, call->arena, &settings);
    for (int64_t i = 0; i < n; i++) {
        Json stored = lambda_parse(call->arena, settings[i].content);
        Str q = settings[i].qualifier.n ? settings[i].qualifier : (Str){0};
        json_add(&list,
                 describe_config(
                     call, function_arn(call->arena, t.row.region, t.row.account, t.row.name, q),
                     &stored));
    }
    json_put(&out, S("FunctionEventInvokeConfigs"), json_array(&list));
    call->out = json_object(&out);
    return CALL_DONE;
}
