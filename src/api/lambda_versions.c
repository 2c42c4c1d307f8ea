/* lambda_versions.c - published versions and aliases over the API. */
#include "api/lambda.h"

#include "base/decimal.h"

/* ---- versions ---- */

/* What of two configurations counts: the description of a version is its own. */
static bool same_code(Call *call, const FunctionVersion *x, const FunctionVersion *y)
{
    Json a = lambda_parse(call->arena, x->config), b = lambda_parse(call->arena, y->config);
    if (!str_eq(x->zip, y->zip)) return false;
    for (int32_t i = 0; i < json_count(&a); i++) {
        const Json *other = json_get(&b, a.members[i].key);
        bool told = str_eq(a.members[i].key, S("Description"));
        if (!told && (!other || !json_eq(&a.members[i].value, other))) return false;
    }
    return json_count(&a) == json_count(&b);
}

static Str with_description(Call *call, Str config, Str description)
{
    Json old = lambda_parse(call->arena, config);
    JsonObject o = {.a = call->arena};
    if (str_absent(description)) return config;
    for (int32_t i = 0; i < json_count(&old); i++)
        json_put(&o, old.members[i].key,
                 str_eq(old.members[i].key, S("Description")) ? json_string(description)
                                                              : old.members[i].value);
    Json all = json_object(&o);
    return json_to_str(call->arena, &all);
}

FunctionVersion lambda_publish(Call *call, const LambdaTarget *t, Str description)
{
    Db *db = call->server->db;
    FunctionVersion last, v = t->v;
    if (t->row.last_version &&
        function_version_get(db, t->row.n, t->row.last_version, call->arena, &last) &&
        same_code(call, &last, &v))
        return last;
    v.config = with_description(call, v.config, description);
    v.revision = server_new_uuid(call->server, call->arena);
    function_version_publish(db, &v);
    return v;
}

static bool check_digest(Call *call, const LambdaTarget *t, Error *err)
{
    Str wanted = lambda_text(call, "CodeSha256");
    Json told = lambda_describe(call, t);
    Str is = json_text(json_get(&told, S("CodeSha256")));
    if (str_absent(wanted) || !wanted.n || str_eq(wanted, is)) return true;
    return error_set(err, ERR_LAMBDA_PARAMETER,
                     "CodeSHA256 (%.*s) is different from current CodeSHA256 in $LATEST (%.*s). "
                     "Please try again with the CodeSHA256 in $LATEST.",
                     STR(wanted), STR(is));
}

CallResult lambda_publish_version(Call *call, Error *err)
{
    LambdaTarget t;
    if (!lambda_target(call, &t, err) ||
        !lambda_check_revision(lambda_text(call, "RevisionId"), t.v.revision, err) ||
        !check_digest(call, &t, err))
        return CALL_FAILED;
    t.v = lambda_publish(call, &t, lambda_text(call, "Description"));
    t.qualifier = function_version_text(call->arena, t.v.number);
    t.aliased = false;
    call->out = lambda_describe(call, &t);
    return CALL_DONE;
}

CallResult lambda_list_versions(Call *call, Error *err)
{
    LambdaTarget t;
    FunctionVersion *versions;
    JsonObject out = {.a = call->arena};
    JsonArray list = {.a = call->arena};
    int64_t max = lambda_page(call), after = -1;
    Str marker = lambda_text(call, "Marker");
    if (!lambda_function(call, &t, err)) return CALL_FAILED;
    if (!str_absent(marker) && !str_to_int(marker, &after)) {
        error_set(err, ERR_LAMBDA_PARAMETER, "Marker is not one of this list");
        return CALL_FAILED;
    }
    int64_t n =
        function_version_list(call->server->db, t.row.n, after + 1, max, call->arena, &versions);
    for (int64_t i = 0; i < n; i++) {
        t.v = versions[i];
        t.qualifier = function_version_text(call->arena, t.v.number);
        json_add(&list, lambda_describe(call, &t));
    }
    json_put(&out, S("Versions"), json_array(&list));
    lambda_put_marker(&out, n, max,
                      n ? str_printf(call->arena, "%" PRId64, versions[n - 1].number) : (Str){0});
    call->out = json_object(&out);
    return CALL_DONE;
}

/* ---- aliases ---- */

static Str alias_arn(Call *call, const LambdaTarget *t, Str name)
{
    return function_arn(call->arena, t->row.region, t->row.account, t->row.name, name);
}

static Json describe_alias(Call *call, const LambdaTarget *t, const FunctionAlias *alias)
{
    JsonObject o = {.a = call->arena}, routing = {.a = call->arena};
    json_put_text(&o, S("AliasArn"), alias_arn(call, t, alias->name));
    json_put_text(&o, S("Name"), alias->name);
    json_put_text(&o, S("FunctionVersion"), function_version_text(call->arena, alias->version));
    json_put_text(&o, S("Description"), alias->description);
    if (!str_absent(alias->weights)) {
        json_put(&routing, S("AdditionalVersionWeights"),
                 lambda_parse(call->arena, alias->weights));
        json_put(&o, S("RoutingConfig"), json_object(&routing));
    }
    json_put_text(&o, S("RevisionId"), alias->revision);
    return json_object(&o);
}

static bool check_version(Call *call, const LambdaTarget *t, Str text, int64_t *number, Error *err)
{
    FunctionVersion v;
    if (function_version_parse(text, number) &&
        function_version_get(call->server->db, t->row.n, *number, call->arena, &v))
        return true;
    return lambda_no_function(alias_arn(call, t, text), err);
}

/* Between 0 and 1, of another version than the alias's own. */
static bool check_weight(Call *call, const FunctionAlias *alias, const JsonMember *m, Error *err)
{
    Decimal zero, one, weight;
    Str own = function_version_text(call->arena, alias->version);
    if (str_eq(m->key, own))
        return error_set(err, ERR_LAMBDA_PARAMETER,
                         "Invalid function version %.*s. Function version %.*s is already included "
                         "in routing configuration.",
                         STR(own), STR(own));
    check(decimal_parse(call->arena, S("0"), &zero) && decimal_parse(call->arena, S("1"), &one));
    if (decimal_parse(call->arena, json_text(&m->value), &weight) &&
        decimal_cmp(&weight, &zero) >= 0 && decimal_cmp(&weight, &one) <= 0)
        return true;
    return error_set(err, ERR_VALIDATION,
                     "1 validation error detected: Value '{%.*s=%.*s}' at "
                     "'routingConfig.additionalVersionWeights' failed to satisfy constraint: Map "
                     "value must satisfy constraint: [Member must have value less than or equal to "
                     "1, Member must have value greater than or equal to 0]",
                     STR(m->key), STR(json_text(&m->value)));
}

static bool take_weights(Call *call, const LambdaTarget *t, FunctionAlias *alias, Error *err)
{
    const Json *weights = json_find(&call->in, "RoutingConfig.AdditionalVersionWeights");
    int64_t number;
    if (!json_get(&call->in, S("RoutingConfig"))) return true;
    alias->weights = json_count(weights) ? json_to_str(call->arena, weights) : (Str){0};
    if (json_count(weights) && alias->version == 0)
        return error_set(err, ERR_LAMBDA_PARAMETER,
                         "$LATEST is not supported for an alias pointing to more than 1 version");
    for (int32_t i = 0; i < json_count(weights); i++)
        if (!check_weight(call, alias, &weights->members[i], err) ||
            !check_version(call, t, weights->members[i].key, &number, err))
            return false;
    return true;
}

/* What the request gives over what the alias is. */
static bool take_alias(Call *call, const LambdaTarget *t, FunctionAlias *alias, Error *err)
{
    Str version = lambda_text(call, "FunctionVersion"),
        description = lambda_text(call, "Description");
    if (!str_absent(version) && !check_version(call, t, version, &alias->version, err))
        return false;
    if (!str_absent(description)) alias->description = description;
    if (!take_weights(call, t, alias, err)) return false;
    alias->revision = server_new_uuid(call->server, call->arena);
    function_alias_put(call->server->db, alias);
    call->out = describe_alias(call, t, alias);
    return true;
}

CallResult lambda_create_alias(Call *call, Error *err)
{
    LambdaTarget t;
    FunctionAlias old, alias = {.name = lambda_text(call, "Name"), .description = S("")};
    if (!lambda_function(call, &t, err)) return CALL_FAILED;
    if (function_alias_get(call->server->db, t.row.n, alias.name, call->arena, &old)) {
        error_set(err, ERR_LAMBDA_CONFLICT, "Alias already exists: %.*s",
                  STR(alias_arn(call, &t, alias.name)));
        return CALL_FAILED;
    }
    alias.function = t.row.n;
    return take_alias(call, &t, &alias, err) ? CALL_DONE : CALL_FAILED;
}

static bool find_alias(Call *call, LambdaTarget *t, Error *err)
{
    Str name = lambda_text(call, "Name");
    if (!lambda_function(call, t, err)) return false;
    if (function_alias_get(call->server->db, t->row.n, name, call->arena, &t->alias)) return true;
    return error_set(err, ERR_LAMBDA_NOT_FOUND, "Cannot find alias arn: %.*s",
                     STR(alias_arn(call, t, name)));
}

CallResult lambda_update_alias(Call *call, Error *err)
{
    LambdaTarget t;
    bool good = find_alias(call, &t, err) &&
                lambda_check_revision(lambda_text(call, "RevisionId"), t.alias.revision, err) &&
                take_alias(call, &t, &t.alias, err);
    return good ? CALL_DONE : CALL_FAILED;
}

CallResult lambda_get_alias(Call *call, Error *err)
{
    LambdaTarget t;
    if (!find_alias(call, &t, err)) return CALL_FAILED;
    call->out = describe_alias(call, &t, &t.alias);
    return CALL_DONE;
}

CallResult lambda_list_aliases(Call *call, Error *err)
{
    LambdaTarget t;
    FunctionAlias *aliases;
    JsonObject out = {.a = call->arena};
    JsonArray list = {.a = call->arena};
    int64_t max = lambda_page(call), version = -1;
    Str wanted = lambda_text(call, "FunctionVersion");
    if (!lambda_function(call, &t, err)) return CALL_FAILED;
    if (!str_absent(wanted) && !check_version(call, &t, wanted, &version, err)) return CALL_FAILED;
    int64_t n = function_alias_list(call->server->db, t.row.n, version, lambda_text(call, "Marker"),
                                    max, call->arena, &aliases);
    for (int64_t i = 0; i < n; i++) json_add(&list, describe_alias(call, &t, &aliases[i]));
    json_put(&out, S("Aliases"), json_array(&list));
    lambda_put_marker(&out, n, max, n ? aliases[n - 1].name : (Str){0});
    call->out = json_object(&out);
    return CALL_DONE;
}

/* Deleting one that is not there is no error. */
CallResult lambda_delete_alias(Call *call, Error *err)
{
    LambdaTarget t;
    if (!lambda_function(call, &t, err)) return CALL_FAILED;
    function_alias_remove(call->server->db, t.row.n, lambda_text(call, "Name"));
    call->out = (Json){.type = JSON_OBJECT};
    return CALL_DONE;
}
