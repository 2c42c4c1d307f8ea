/* lambda_urls.c - function URLs over the API. */
#include "api/lambda.h"

#include "app/functions/urls.h"
#include "base/time.h"

#define KIND FUNCTION_URL_KIND

static Str setting_name(const LambdaTarget *t)
{
    return str_absent(t->qualifier) ? S("") : t->qualifier;
}

static Json describe(Call *call, Str arn, const Json *settings)
{
    JsonObject o = {.a = call->arena};
    Str id = json_text(json_get(settings, S("Id")));
    json_put_text(&o, S("FunctionUrl"), urls_address(call->server, call->arena, id));
    json_put_text(&o, S("FunctionArn"), arn);
    json_put_json(&o, S("AuthType"), json_get(settings, S("AuthType")));
    json_put_json(&o, S("Cors"), json_get(settings, S("Cors")));
    json_put_json(&o, S("CreationTime"), json_get(settings, S("Created")));
    json_put_json(&o, S("LastModifiedTime"), json_get(settings, S("Modified")));
    json_put(&o, S("InvokeMode"), json_string(S("BUFFERED")));
    return json_object(&o);
}

static bool check_mode(Call *call, Error *err)
{
    if (!str_eq(lambda_text(call, "InvokeMode"), S("RESPONSE_STREAM"))) return true;
    return error_set(err, ERR_LAMBDA_PARAMETER,
                     "InvokeMode RESPONSE_STREAM is not offered by this server.");
}

/* By name or with an alias, which must be there. */
static bool find(Call *call, LambdaTarget *t, Json *settings, Error *err)
{
    if (!lambda_target(call, t, err)) return false;
    Str text = function_setting(call->server->db, t->row.n, setting_name(t), KIND, call->arena);
    if (str_absent(text))
        return error_set(err, ERR_LAMBDA_NOT_FOUND, "The resource you requested does not exist.");
    *settings = lambda_parse(call->arena, text);
    return true;
}

static void save(Call *call, const LambdaTarget *t, Str id, Str created, const Json *old)
{
    JsonObject o = {.a = call->arena};
    Str auth = lambda_text(call, "AuthType");
    const Json *cors = json_get(&call->in, S("Cors"));
    json_put_text(&o, S("Id"), id);
    json_put_text(&o, S("AuthType"), auth.n ? auth : json_text(json_get(old, S("AuthType"))));
    if (!cors) cors = json_get(old, S("Cors"));
    if (json_count(cors)) json_put(&o, S("Cors"), *cors);
    json_put_text(&o, S("Created"), created);
    json_put_text(&o, S("Modified"), time_iso8601(call->arena, call->now));
    Json settings = json_object(&o);
    function_setting_put(call->server->db, t->row.n, setting_name(t), KIND,
                         json_to_str(call->arena, &settings));
    call->out = describe(call, t->arn, &settings);
}

CallResult lambda_create_url(Call *call, Error *err)
{
    LambdaTarget t;
    Json old;
    Error absent = {0};
    if (!lambda_target(call, &t, err) || !check_mode(call, err)) return CALL_FAILED;
    if (find(call, &t, &old, &absent)) {
        error_set(err, ERR_LAMBDA_CONFLICT,
                  "Failed to create function url config for [functionArn = %.*s]. Error message:  "
                  "FunctionUrlConfig exists for this Lambda function",
                  STR(t.arn));
        return CALL_FAILED;
    }
    save(call, &t, urls_new_id(call->server, call->arena, t.row.n),
         time_iso8601(call->arena, call->now), NULL);
    return CALL_DONE;
}

CallResult lambda_update_url(Call *call, Error *err)
{
    LambdaTarget t;
    Json old;
    if (!find(call, &t, &old, err) || !check_mode(call, err)) return CALL_FAILED;
    save(call, &t, json_text(json_get(&old, S("Id"))), json_text(json_get(&old, S("Created"))),
         &old);
    return CALL_DONE;
}

CallResult lambda_get_url(Call *call, Error *err)
{
    LambdaTarget t;
    Json settings;
    if (!find(call, &t, &settings, err)) return CALL_FAILED;
    call->out = describe(call, t.arn, &settings);
    return CALL_DONE;
}

CallResult lambda_delete_url(Call *call, Error *err)
{
    LambdaTarget t;
    Json settings;
    if (!find(call, &t, &settings, err)) return CALL_FAILED;
    function_setting_remove(call->server->db, t.row.n, setting_name(&t), KIND);
    call->out = (Json){.type = JSON_OBJECT};
    return CALL_DONE;
}

CallResult lambda_list_urls(Call *call, Error *err)
{
    LambdaTarget t;
    FunctionSetting *all;
    JsonObject out = {.a = call->arena};
    JsonArray list = {.a = call->arena};
    int64_t max = lambda_page(call), from = 0;
    Str marker = lambda_text(call, "Marker");
    if (!lambda_function(call, &t, err)) return CALL_FAILED;
    if (marker.n && !str_to_int(marker, &from)) {
        error_set(err, ERR_LAMBDA_PARAMETER, "Marker is not one of this list");
        return CALL_FAILED;
    }
    int64_t i = from, n = function_setting_list(call->server->db, t.row.n, KIND, call->arena, &all);
    for (; i >= 0 && i < n && i < from + max; i++) {
        Json settings = lambda_parse(call->arena, all[i].content);
        Str qualifier = all[i].qualifier.n ? all[i].qualifier : (Str){0};
        Str arn = function_arn(call->arena, t.row.region, t.row.account, t.row.name, qualifier);
        json_add(&list, describe(call, arn, &settings));
    }
    json_put(&out, S("FunctionUrlConfigs"), json_array(&list));
    if (i < n) json_put_text(&out, S("NextMarker"), str_printf(call->arena, "%" PRId64, i));
    call->out = json_object(&out);
    return CALL_DONE;
}
