/* lambda_manage.c - what of functions is managed elsewhere: runtimes, recursion, provisioned concurrency, code signing. */
#include "api/lambda.h"

#include "base/encode.h"

#define KIND S("runtime")

static CallResult nothing(Call *call)
{
    call->out = (Json){.type = JSON_OBJECT};
    return CALL_DONE;
}

static CallResult refuse(Error *err, const char *what)
{
    error_set(err, ERR_LAMBDA_PARAMETER, "%s by this server.", what);
    return CALL_FAILED;
}

/* ---- the runtime is this machine's: it changes when the machine's does ---- */

static CallResult tell_runtime(Call *call, const LambdaTarget *t)
{
    JsonObject o = {.a = call->arena};
    Str qualifier = str_absent(t->qualifier) ? S("") : t->qualifier;
    Str set = function_setting(call->server->db, t->row.n, qualifier, KIND, call->arena);
    json_put_text(&o, S("UpdateRuntimeOn"), str_absent(set) ? S("Auto") : set);
    json_put_text(&o, S("FunctionArn"), t->arn);
    call->out = json_object(&o);
    return CALL_DONE;
}

CallResult lambda_get_runtime_management(Call *call, Error *err)
{
    LambdaTarget t;
    return lambda_target(call, &t, err) ? tell_runtime(call, &t) : CALL_FAILED;
}

CallResult lambda_put_runtime_management(Call *call, Error *err)
{
    LambdaTarget t;
    Str on = lambda_text(call, "UpdateRuntimeOn");
    if (!lambda_target(call, &t, err)) return CALL_FAILED;
    if (str_eq(on, S("Manual")) || !str_absent(lambda_text(call, "RuntimeVersionArn")))
        return refuse(err, "Versions of runtimes are not offered");
    function_setting_put(call->server->db, t.row.n, str_absent(t.qualifier) ? S("") : t.qualifier,
                         KIND, on);
    return tell_runtime(call, &t);
}

/* ---- loops are not looked for ---- */

static CallResult tell_recursion(Call *call)
{
    JsonObject o = {.a = call->arena};
    json_put(&o, S("RecursiveLoop"), json_string(S("Allow")));
    call->out = json_object(&o);
    return CALL_DONE;
}

CallResult lambda_get_recursion(Call *call, Error *err)
{
    LambdaTarget t;
    return lambda_function(call, &t, err) ? tell_recursion(call) : CALL_FAILED;
}

CallResult lambda_put_recursion(Call *call, Error *err)
{
    LambdaTarget t;
    if (!lambda_function(call, &t, err)) return CALL_FAILED;
    if (str_eq(lambda_text(call, "RecursiveLoop"), S("Terminate")))
        return refuse(err, "Recursive loops are not detected");
    return tell_recursion(call);
}

/* ---- processes are started when they are needed ---- */

CallResult lambda_get_provisioned(Call *call, Error *err)
{
    LambdaTarget t;
    if (!lambda_target(call, &t, err)) return CALL_FAILED;
    error_set(err, ERR_LAMBDA_NOT_PROVISIONED,
              "No Provisioned Concurrency Config found for this function");
    return CALL_FAILED;
}

CallResult lambda_put_provisioned(Call *call, Error *err)
{
    LambdaTarget t;
    if (!lambda_target(call, &t, err)) return CALL_FAILED;
    return refuse(err, "Provisioned concurrency is not offered");
}

CallResult lambda_delete_provisioned(Call *call, Error *err)
{
    LambdaTarget t;
    return lambda_target(call, &t, err) ? nothing(call) : CALL_FAILED;
}

static CallResult no_list(Call *call, const char *member)
{
    JsonObject o = {.a = call->arena};
    json_put(&o, str_from(member), (Json){.type = JSON_ARRAY});
    call->out = json_object(&o);
    return CALL_DONE;
}

CallResult lambda_list_provisioned(Call *call, Error *err)
{
    LambdaTarget t;
    return lambda_function(call, &t, err) ? no_list(call, "ProvisionedConcurrencyConfigs")
                                          : CALL_FAILED;
}

/* ---- code is not signed ---- */

CallResult lambda_get_function_signing(Call *call, Error *err)
{
    LambdaTarget t;
    JsonObject o = {.a = call->arena};
    if (!lambda_function(call, &t, err)) return CALL_FAILED;
    json_put_text(&o, S("FunctionName"), t.row.name);
    call->out = json_object(&o);
    return CALL_DONE;
}

CallResult lambda_put_function_signing(Call *call, Error *err)
{
    LambdaTarget t;
    if (!lambda_function(call, &t, err)) return CALL_FAILED;
    error_set(err, ERR_LAMBDA_NO_SIGNING, "The code signing configuration cannot be found.");
    return CALL_FAILED;
}

CallResult lambda_delete_function_signing(Call *call, Error *err)
{
    LambdaTarget t;
    return lambda_function(call, &t, err) ? nothing(call) : CALL_FAILED;
}

CallResult lambda_create_signing(Call *call, Error *err)
{
    (void)call;
    return refuse(err, "Code signing is not offered");
}

CallResult lambda_list_signing(Call *call, Error *err)
{
    (void)err;
    return no_list(call, "CodeSigningConfigs");
}

/* Get, update, delete, and the functions of one. */
CallResult lambda_no_signing(Call *call, Error *err)
{
    (void)call;
    error_set(err, ERR_LAMBDA_NOT_FOUND, "The code signing configuration cannot be found.");
    return CALL_FAILED;
}
