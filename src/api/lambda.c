/* lambda.c - the table of Lambda's operations, and what their handlers share. */
#include "api/lambda.h"

#include "api/api.h"

static const CallEntry entries[] = {
    {"AddPermission", lambda_add_permission},
    {"CreateAlias", lambda_create_alias},
    {"CreateFunction", lambda_create},
    {"DeleteAlias", lambda_delete_alias},
    {"DeleteFunction", lambda_delete},
    {"DeleteFunctionConcurrency", lambda_delete_concurrency},
    {"DeleteFunctionEventInvokeConfig", lambda_delete_invoke_config},
    {"GetAccountSettings", lambda_account_settings},
    {"GetAlias", lambda_get_alias},
    {"GetFunction", lambda_get},
    {"GetFunctionConcurrency", lambda_get_concurrency},
    {"GetFunctionConfiguration", lambda_get_configuration},
    {"GetFunctionEventInvokeConfig", lambda_get_invoke_config},
    {"GetPolicy", lambda_get_policy},
    {"Invoke", lambda_invoke},
    {"ListAliases", lambda_list_aliases},
    {"ListFunctionEventInvokeConfigs", lambda_list_invoke_configs},
    {"ListFunctions", lambda_list},
    {"ListTags", lambda_list_tags},
    {"ListVersionsByFunction", lambda_list_versions},
    {"PublishVersion", lambda_publish_version},
    {"PutFunctionConcurrency", lambda_put_concurrency},
    {"PutFunctionEventInvokeConfig", lambda_put_invoke_config},
    {"RemovePermission", lambda_remove_permission},
    {"TagResource", lambda_tag},
    {"UntagResource", lambda_untag},
    {"UpdateAlias", lambda_update_alias},
    {"UpdateFunctionCode", lambda_update_code},
    {"UpdateFunctionConfiguration", lambda_update_configuration},
    {"UpdateFunctionEventInvokeConfig", lambda_update_invoke_config},
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

int64_t lambda_page(const Call *call)
{
    int64_t n = json_int_or(json_get(&call->in, S("MaxItems")), LAMBDA_PAGE);
    return n < LAMBDA_PAGE ? n : LAMBDA_PAGE;
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

static bool read_name(Call *call, FunctionName *name, Error *err)
{
    Str given = lambda_text(call, "FunctionName"), qualifier = lambda_text(call, "Qualifier");
    if (!function_name_parse(given, name))
        return error_set(err, ERR_LAMBDA_PARAMETER, "%.*s is not the name of a function",
                         STR(given));
    if (!str_absent(qualifier) && !str_absent(name->qualifier) &&
        !str_eq(qualifier, name->qualifier))
        return error_set(err, ERR_LAMBDA_PARAMETER,
                         "The derived qualifier from the function name does not match the "
                         "specified qualifier.");
    if (!str_absent(qualifier)) name->qualifier = qualifier;
    return true;
}

bool lambda_function(Call *call, LambdaTarget *out, Error *err)
{
    FunctionName name;
    *out = (LambdaTarget){0};
    if (!read_name(call, &name, err)) return false;
    Str account = name.account.n ? name.account : call->who.account,
        region = name.region.n ? name.region : call->who.region;
    out->qualifier = name.qualifier;
    out->arn = function_arn(call->arena, region, account, name.name, name.qualifier);
    return function_find(call->server->db, account, region, name.name, call->arena, &out->row) ||
           lambda_no_function(out->arn, err);
}

bool lambda_target(Call *call, LambdaTarget *out, Error *err)
{
    Db *db = call->server->db;
    if (!lambda_function(call, out, err)) return false;
    bool numbered =
        str_absent(out->qualifier) || function_version_parse(out->qualifier, &out->version);
    if (!numbered) {
        out->aliased = function_alias_get(db, out->row.n, out->qualifier, call->arena, &out->alias);
        if (!out->aliased) return lambda_no_function(out->arn, err);
        out->version = out->alias.version;
    }
    return function_version_get(db, out->row.n, out->version, call->arena, &out->v) ||
           lambda_no_function(out->arn, err);
}
