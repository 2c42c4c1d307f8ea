/* lambda.c - the table of Lambda's operations, and what their handlers share. */
#include "api/lambda.h"

#include "api/api.h"

static const CallEntry entries[] = {
    {"AddLayerVersionPermission", lambda_add_layer_permission},
    {"AddPermission", lambda_add_permission},
    {"CreateAlias", lambda_create_alias},
    {"CreateCodeSigningConfig", lambda_create_signing},
    {"CreateEventSourceMapping", lambda_create_source},
    {"CreateFunction", lambda_create},
    {"CreateFunctionUrlConfig", lambda_create_url},
    {"DeleteAlias", lambda_delete_alias},
    {"DeleteCodeSigningConfig", lambda_no_signing},
    {"DeleteEventSourceMapping", lambda_delete_source},
    {"DeleteFunction", lambda_delete},
    {"DeleteFunctionCodeSigningConfig", lambda_delete_function_signing},
    {"DeleteFunctionConcurrency", lambda_delete_concurrency},
    {"DeleteFunctionEventInvokeConfig", lambda_delete_invoke_config},
    {"DeleteFunctionUrlConfig", lambda_delete_url},
    {"DeleteLayerVersion", lambda_delete_layer},
    {"DeleteProvisionedConcurrencyConfig", lambda_delete_provisioned},
    {"GetAccountSettings", lambda_account_settings},
    {"GetAlias", lambda_get_alias},
    {"GetCodeSigningConfig", lambda_no_signing},
    {"GetEventSourceMapping", lambda_get_source},
    {"GetFunction", lambda_get},
    {"GetFunctionCodeSigningConfig", lambda_get_function_signing},
    {"GetFunctionConcurrency", lambda_get_concurrency},
    {"GetFunctionConfiguration", lambda_get_configuration},
    {"GetFunctionEventInvokeConfig", lambda_get_invoke_config},
    {"GetFunctionRecursionConfig", lambda_get_recursion},
    {"GetFunctionUrlConfig", lambda_get_url},
    {"GetLayerVersion", lambda_get_layer},
    {"GetLayerVersionByArn", lambda_get_layer_by_arn},
    {"GetLayerVersionPolicy", lambda_get_layer_policy},
    {"GetPolicy", lambda_get_policy},
    {"GetProvisionedConcurrencyConfig", lambda_get_provisioned},
    {"GetRuntimeManagementConfig", lambda_get_runtime_management},
    {"Invoke", lambda_invoke},
    {"InvokeAsync", lambda_invoke_async},
    {"InvokeWithResponseStream", lambda_invoke_streamed},
    {"ListAliases", lambda_list_aliases},
    {"ListCodeSigningConfigs", lambda_list_signing},
    {"ListEventSourceMappings", lambda_list_sources},
    {"ListFunctionEventInvokeConfigs", lambda_list_invoke_configs},
    {"ListFunctionUrlConfigs", lambda_list_urls},
    {"ListFunctions", lambda_list},
    {"ListFunctionsByCodeSigningConfig", lambda_no_signing},
    {"ListLayerVersions", lambda_list_layer_versions},
    {"ListLayers", lambda_list_layers},
    {"ListProvisionedConcurrencyConfigs", lambda_list_provisioned},
    {"ListTags", lambda_list_tags},
    {"ListVersionsByFunction", lambda_list_versions},
    {"PublishLayerVersion", lambda_publish_layer},
    {"PublishVersion", lambda_publish_version},
    {"PutFunctionCodeSigningConfig", lambda_put_function_signing},
    {"PutFunctionConcurrency", lambda_put_concurrency},
    {"PutFunctionEventInvokeConfig", lambda_put_invoke_config},
    {"PutFunctionRecursionConfig", lambda_put_recursion},
    {"PutProvisionedConcurrencyConfig", lambda_put_provisioned},
    {"PutRuntimeManagementConfig", lambda_put_runtime_management},
    {"RemoveLayerVersionPermission", lambda_remove_layer_permission},
    {"RemovePermission", lambda_remove_permission},
    {"TagResource", lambda_tag},
    {"UntagResource", lambda_untag},
    {"UpdateAlias", lambda_update_alias},
    {"UpdateCodeSigningConfig", lambda_no_signing},
    {"UpdateEventSourceMapping", lambda_update_source},
    {"UpdateFunctionCode", lambda_update_code},
    {"UpdateFunctionConfiguration", lambda_update_configuration},
    {"UpdateFunctionEventInvokeConfig", lambda_update_invoke_config},
    {"UpdateFunctionUrlConfig", lambda_update_url},
};

const CallTable lambda_calls = {.service = "lambda", .entries = entries, .n = countof(entries)};

Str lambda_text(const Call *call, const char *member)
{
    return json_text(json_get(&call->in, str_from(member)));
}

Json lambda_parse(Arena *a, Str json)
{
    Error err = {0};
    Json value = {0};
    if (!str_absent(json)) check(json_parse(json, a, &value, &err));
    return value;
}

/* ---- pages ---- */

int64_t lambda_page_to(const Call *call, int64_t max)
{
    int64_t n = json_int_or(json_get(&call->in, S("MaxItems")), max);
    return n < max ? n : max;
}

int64_t lambda_page(const Call *call)
{
    return lambda_page_to(call, LAMBDA_PAGE);
}

void lambda_put_marker(JsonObject *out, int64_t n, int64_t max, Str last)
{
    if (n == max) json_put_text(out, S("NextMarker"), last);
}

/* ---- finding ---- */

bool lambda_no_function(Str arn, Error *err)
{
    return error_set(err, ERR_LAMBDA_NOT_FOUND, "Function not found: %.*s", STR(arn));
}

bool lambda_check_revision(Str given, Str is, Error *err)
{
    if (str_absent(given) || str_eq(given, is)) return true;
    return error_set(err, ERR_LAMBDA_PRECONDITION,
                     "The Revision Id provided does not match the latest Revision Id. Call the "
                     "GetFunction/GetAlias API to retrieve the latest Revision Id");
}

bool lambda_function(Call *call, LambdaTarget *out, Error *err)
{
    return functions_find(call->server, call->who.account, call->who.region,
                          lambda_text(call, "FunctionName"), lambda_text(call, "Qualifier"),
                          call->arena, out, err);
}

bool lambda_target(Call *call, LambdaTarget *out, Error *err)
{
    return lambda_function(call, out, err) &&
           functions_find_version(call->server, out, call->arena, err);
}
