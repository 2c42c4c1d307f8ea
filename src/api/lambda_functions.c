/* lambda_functions.c - functions over the API: create, get, list, update, delete. */
#include "api/lambda.h"
#include "app/access/child_keys.h"
#include "base/encode.h"

static Str key_note(Arena *a, int64_t function)
{
    return str_printf(a, "lambda %" PRId64, function);
}

/* ---- create ---- */

static bool new_function(Call *call, FunctionRow *out, Error *err)
{
    FunctionName name;
    FunctionRow old;
    Json none = {.type = JSON_OBJECT};
    const Json *tags = json_get(&call->in, S("Tags"));
    Str given = lambda_text(call, "FunctionName");
    if (!function_name_parse(given, &name) || !str_absent(name.qualifier))
        return error_set(err, ERR_LAMBDA_PARAMETER, "%.*s is not a name for a function",
                         STR(given));
    if (name.name.n > LAMBDA_NAME_BYTES_MAX)
        return error_set(err, ERR_VALIDATION,
                         "1 validation error detected: Value '%.*s' at 'functionName' failed to "
                         "satisfy constraint: Member must have length less than or equal to %d",
                         STR(given), LAMBDA_NAME_BYTES_MAX);
    if (!lambda_check_tags(tags, json_count(tags), err)) return false;
    *out = (FunctionRow){.account = call->who.account,
                         .region = call->who.region,
                         .name = name.name,
                         .created = call->now,
                         .reserved = -1,
                         .tags = json_to_str(call->arena, tags ? tags : &none)};
    if (!function_find(call->server->db, out->account, out->region, out->name, call->arena, &old))
        return true;
    return error_set(err, ERR_LAMBDA_CONFLICT, "Function already exist: %.*s", STR(name.name));
}

static void put_version(Call *call, FunctionVersion *v, const Json *config)
{
    if (config) v->config = json_to_str(call->arena, config);
    v->revision = server_new_uuid(call->server, call->arena);
    v->modified = call->now;
    function_version_put(call->server->db, v);
}

/* Its processes call as its role. */
static void give_role(Call *call, const LambdaTarget *t, const Json *config)
{
    IamEntity role;
    Arena *a = call->arena;
    if (identities_role(call->server, a, t->row.account, json_text(json_get(config, S("Role"))),
                        false, &role))
        child_key_give(call->server, a, key_note(a, t->row.n), &role, t->row.name);
}

/* With Publish the answer tells of the version published. */
static CallResult answer(Call *call, LambdaTarget *t)
{
    if (json_true(json_get(&call->in, S("Publish")))) {
        t->v = lambda_publish(call, t, (Str){0});
        t->qualifier = function_version_text(call->arena, t->v.number);
    }
    call->out = lambda_describe(call, t);
    return CALL_DONE;
}

static CallResult create(Call *call, const FunctionCode *code, Error *err)
{
    LambdaTarget t = {.v = {.code_bytes = code->bytes}};
    Json config;
    if (!new_function(call, &t.row, err) || !lambda_config_new(call, &config, err) ||
        !lambda_check_size(call, code->zip, &config, err))
        return CALL_FAILED;
    t.v.zip = str_copy(call->arena, code->zip);
    function_add(call->server->db, &t.row);
    child_key_add(call->server, call->arena, call->who.account, key_note(call->arena, t.row.n));
    t.v.function = t.row.n;
    put_version(call, &t.v, &config);
    give_role(call, &t, &config);
    log_recorded(call->server, "function-created", "function=%.*s", STR(t.row.name));
    return answer(call, &t);
}

CallResult lambda_create(Call *call, Error *err)
{
    FunctionRow row;
    Json config;
    if (!new_function(call, &row, err) || !lambda_config_new(call, &config, err))
        return CALL_FAILED;
    return lambda_code(call, json_get(&call->in, S("Code")), create, err);
}

/* ---- get, list ---- */

CallResult lambda_get_configuration(Call *call, Error *err)
{
    LambdaTarget t;
    if (!lambda_target(call, &t, err)) return CALL_FAILED;
    call->out = lambda_describe(call, &t);
    return CALL_DONE;
}

CallResult lambda_get(Call *call, Error *err)
{
    LambdaTarget t;
    JsonObject out = {.a = call->arena}, concurrency = {.a = call->arena};
    if (!lambda_target(call, &t, err)) return CALL_FAILED;
    Json tags = lambda_parse(call->arena, t.row.tags);
    json_put(&out, S("Configuration"), lambda_describe(call, &t));
    json_put(&out, S("Code"), lambda_code_location(call, &t.v));
    if (json_count(&tags)) json_put(&out, S("Tags"), tags);
    if (t.row.reserved >= 0) {
        json_put(&concurrency, S("ReservedConcurrentExecutions"),
                 json_int(call->arena, t.row.reserved));
        json_put(&out, S("Concurrency"), json_object(&concurrency));
    }
    call->out = json_object(&out);
    return CALL_DONE;
}

static void list_versions_of(Call *call, const FunctionRow *row, bool all, JsonArray *list)
{
    FunctionVersion *versions;
    int64_t n = function_version_list(call->server->db, row->n, 0, all ? INT32_MAX : 1, call->arena,
                                      &versions);
    for (int64_t i = 0; i < n; i++) {
        LambdaTarget t = {.row = *row, .v = versions[i]};
        if (all) t.qualifier = function_version_text(call->arena, versions[i].number);
        json_add(list, lambda_describe(call, &t));
    }
}

CallResult lambda_list(Call *call, Error *err)
{
    (void)err;
    FunctionRow *rows;
    JsonObject out = {.a = call->arena};
    JsonArray list = {.a = call->arena};
    bool all = str_eq(lambda_text(call, "FunctionVersion"), S("ALL"));
    int64_t max = lambda_page(call);
    int64_t n = function_list(call->server->db, call->who.account, call->who.region,
                              lambda_text(call, "Marker"), max, call->arena, &rows);
    for (int64_t i = 0; i < n; i++) list_versions_of(call, &rows[i], all, &list);
    json_put(&out, S("Functions"), json_array(&list));
    lambda_put_marker(&out, n, max, n ? rows[n - 1].name : (Str){0});
    call->out = json_object(&out);
    return CALL_DONE;
}

/* ---- update ---- */

static bool latest(Call *call, LambdaTarget *t, Error *err)
{
    return lambda_target(call, t, err) &&
           lambda_check_revision(lambda_text(call, "RevisionId"), t->v.revision, err);
}

static Json with_architectures(Call *call, const FunctionVersion *v)
{
    JsonObject merged = {.a = call->arena};
    Json config = lambda_parse(call->arena, v->config);
    const Json *given = json_get(&call->in, S("Architectures"));
    for (int32_t i = 0; i < json_count(&config); i++) {
        bool replaced = given && str_eq(config.members[i].key, S("Architectures"));
        json_put(&merged, config.members[i].key, replaced ? *given : config.members[i].value);
    }
    return json_object(&merged);
}

static CallResult update_code(Call *call, const FunctionCode *code, Error *err)
{
    LambdaTarget t;
    bool dry = json_true(json_get(&call->in, S("DryRun")));
    if (!latest(call, &t, err)) return CALL_FAILED;
    Str old = t.v.zip;
    Json config = with_architectures(call, &t.v);
    if (!lambda_check_size(call, code->zip, &config, err)) return CALL_FAILED;
    t.v.zip = str_copy(call->arena, code->zip);
    t.v.code_bytes = code->bytes;
    if (!str_eq(old, t.v.zip)) functions_code_drop(call->server, dry ? t.v.zip : old);
    if (dry) return answer(call, &t);
    put_version(call, &t.v, &config);
    functions_changed(call->server, t.row.n);
    return answer(call, &t);
}

CallResult lambda_update_code(Call *call, Error *err)
{
    LambdaTarget t;
    return latest(call, &t, err) ? lambda_code(call, &call->in, update_code, err) : CALL_FAILED;
}

/* Of versions of layers that are gone it may have been the last that had them. */
static void drop_layers(Call *call, const Json *config)
{
    const Json *layers = json_get(config, S("Layers"));
    for (int32_t i = 0; i < json_count(layers); i++)
        functions_code_drop(call->server, json_text(json_get(&layers->items[i], S("Zip"))));
}

CallResult lambda_update_configuration(Call *call, Error *err)
{
    LambdaTarget t;
    Json config;
    if (!latest(call, &t, err)) return CALL_FAILED;
    Json old = lambda_parse(call->arena, t.v.config);
    if (!lambda_config_changed(call, &old, &config, err) ||
        !lambda_check_size(call, t.v.zip, &config, err))
        return CALL_FAILED;
    drop_layers(call, &old);
    put_version(call, &t.v, &config);
    give_role(call, &t, &config);
    functions_changed(call->server, t.row.n);
    call->out = lambda_describe(call, &t);
    return CALL_DONE;
}

/* ---- delete ---- */

static void drop_code(Call *call, const FunctionVersion *v)
{
    Json config = lambda_parse(call->arena, v->config);
    functions_code_drop(call->server, v->zip);
    drop_layers(call, &config);
}

static bool check_not_aliased(Call *call, const LambdaTarget *t, Error *err)
{
    FunctionAlias *aliases;
    if (!function_alias_list(call->server->db, t->row.n, t->version, (Str){0}, 1, call->arena,
                             &aliases))
        return true;
    return error_set(err, ERR_LAMBDA_CONFLICT,
                     "Unable to delete version because the following aliases reference it: [%.*s]",
                     STR(aliases[0].name));
}

static CallResult delete_version(Call *call, Error *err)
{
    LambdaTarget t;
    if (!lambda_target(call, &t, err)) return CALL_FAILED;
    if (t.aliased || t.version == 0) {
        error_set(err, ERR_LAMBDA_PARAMETER,
                  t.aliased ? "Deletion of aliases is not currently supported."
                            : "$LATEST version cannot be deleted without deleting the function.");
        return CALL_FAILED;
    }
    if (!check_not_aliased(call, &t, err)) return CALL_FAILED;
    function_version_remove(call->server->db, t.row.n, t.version);
    drop_code(call, &t.v);
    functions_changed(call->server, t.row.n);
    return CALL_DONE;
}

CallResult lambda_delete(Call *call, Error *err)
{
    LambdaTarget t;
    FunctionVersion *versions;
    Db *db = call->server->db;
    call->out = (Json){.type = JSON_OBJECT};
    call->status = 204;
    if (!lambda_function(call, &t, err)) return CALL_FAILED;
    if (!str_absent(t.qualifier)) return delete_version(call, err);
    int64_t n = function_version_list(db, t.row.n, 0, INT32_MAX, call->arena, &versions);
    for (int64_t i = 0; i < n; i++) drop_code(call, &versions[i]);
    function_remove(db, t.row.n);
    invocation_remove_of(db, t.row.n);
    child_key_remove(db, key_note(call->arena, t.row.n));
    functions_changed(call->server, t.row.n);
    log_recorded(call->server, "function-deleted", "function=%.*s", STR(t.row.name));
    return CALL_DONE;
}
