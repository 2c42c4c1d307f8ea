/* lambda_config.c - the configuration of a function: what a request gives, the service's defaults, and how it is told. */
#include "api/lambda.h"

#include "app/functions/destinations.h"
#include "base/encode.h"
#include "base/time.h"

/* One row a member of the stored document, in the order in which it is told. */
typedef struct ConfigMember {
    const char *name;
    const char *otherwise; /* JSON; NULL: the member is left out */
} ConfigMember;

static const ConfigMember members[] = {
    {"Runtime", NULL},
    {"Role", NULL},
    {"Handler", NULL},
    {"Description", "\"\""},
    {"Timeout", "3"},
    {"MemorySize", "128"},
    {"VpcConfig", NULL},
    {"DeadLetterConfig", NULL},
    {"Environment", NULL},
    {"KMSKeyArn", NULL},
    {"TracingConfig", "{\"Mode\":\"PassThrough\"}"},
    {"PackageType", "\"Zip\""},
    {"Architectures", "[\"x86_64\"]"},
    {"EphemeralStorage", "{\"Size\":512}"},
    {"SnapStart", "{\"ApplyOn\":\"None\"}"},
    {"LoggingConfig", NULL},
    {"Layers", NULL},
};

/* What would have to be done and is not: better said than passed over. */
static const char *const not_offered[] = {
    "FileSystemConfigs",      "ImageConfig",   "CodeSigningConfigArn", "TenancyConfig",
    "CapacityProviderConfig", "DurableConfig", "AcceleratorConfig"};

/* "Defined runtime environment variables": those that cannot be set. */
static const char *const reserved[] = {
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
};

/* ---- checks ---- */

static bool check_offered(Call *call, Error *err)
{
    for (int i = 0; i < countof(not_offered); i++) {
        const Json *given = json_get(&call->in, str_from(not_offered[i]));
        if (given && (given->type < JSON_ARRAY || json_count(given)))
            return error_set(err, ERR_LAMBDA_PARAMETER, "%s is not offered by this server.",
                             not_offered[i]);
    }
    return true;
}

static bool is_reserved(Str key)
{
    for (int i = 0; i < countof(reserved); i++)
        if (str_eq(key, str_from(reserved[i]))) return true;
    return false;
}

static bool check_environment(const Json *config, Error *err)
{
    const Json *variables = json_find(config, "Environment.Variables");
    int64_t bytes = 0;
    for (int32_t i = 0; i < json_count(variables); i++) {
        Str key = variables->members[i].key;
        bytes += key.n + json_text(&variables->members[i].value).n;
        if (is_reserved(key))
            return error_set(err, ERR_LAMBDA_PARAMETER,
                             "Lambda was unable to configure your environment variables because "
                             "the environment variables you have provided contains reserved keys "
                             "that are currently not supported for modification. Reserved keys "
                             "used in this request: %.*s",
                             STR(key));
    }
    if (bytes <= LAMBDA_ENVIRONMENT_BYTES_MAX) return true;
    return error_set(err, ERR_LAMBDA_PARAMETER,
                     "Lambda was unable to configure your environment variables because the "
                     "environment variables you have provided exceeded the 4KB limit.");
}

static bool check_program(const Json *config, Error *err)
{
    Str runtime = json_text(json_get(config, S("Runtime"))),
        handler = json_text(json_get(config, S("Handler")));
    if (!str_eq(json_text(json_get(config, S("PackageType"))), S("Zip")))
        return error_set(err, ERR_LAMBDA_PARAMETER,
                         "Functions from container images are not offered by this server.");
    if (str_absent(runtime) || str_absent(handler))
        return error_set(err, ERR_LAMBDA_PARAMETER,
                         "Runtime and Handler are mandatory parameters for functions created with "
                         "deployment packages.");
    if (function_runtime(runtime) != FUNCTION_OTHER) return true;
    return error_set(err, ERR_LAMBDA_PARAMETER,
                     "The runtime parameter of %.*s is not offered by this server: it runs "
                     "python3.*, nodejs* and provided.*",
                     STR(runtime));
}

/* The model's limits are those of other kinds of functions, too; these are the quotas of the
 * developer guide. */
static bool check_quotas(const Json *config, Error *err)
{
    static const struct {
        const char *path, *name;
        int64_t max;
    } quotas[] = {{"Timeout", "timeout", 900},
                  {"MemorySize", "memorySize", 10240},
                  {"EphemeralStorage.Size", "ephemeralStorage.size", 10240}};
    for (int i = 0; i < countof(quotas); i++) {
        int64_t n = json_int_or(json_find(config, quotas[i].path), 0);
        if (n > quotas[i].max)
            return error_set(err, ERR_VALIDATION,
                             "1 validation error detected: Value '%" PRId64
                             "' at '%s' failed to satisfy constraint: Member must have value less "
                             "than or equal to %" PRId64,
                             n, quotas[i].name, quotas[i].max);
    }
    return true;
}

static bool check_dead_letters(const Json *config, Error *err)
{
    Str action, arn = json_text(json_find(config, "DeadLetterConfig.TargetArn"));
    return !arn.n || destination_is(arn, true, &action) ||
           error_set(err, ERR_LAMBDA_PARAMETER,
                     "The provided dead-letter target %.*s is neither a queue nor a topic.",
                     STR(arn));
}

static bool check_config(Call *call, const Json *config, Error *err)
{
    return check_offered(call, err) && check_quotas(config, err) &&
           check_dead_letters(config, err) && check_program(config, err) &&
           check_environment(config, err);
}

/* ---- making ---- */

/* A member of the request, as it is kept. */
static bool put_given(Call *call, JsonObject *o, Str name, const Json *given, Error *err)
{
    Json layers;
    if (!str_eq(name, S("Layers"))) return json_put(o, name, *given), true;
    if (!lambda_layers_stored(call, given, &layers, err)) return false;
    if (layers.n) json_put(o, name, layers);
    return true;
}

bool lambda_config_new(Call *call, Json *out, Error *err)
{
    JsonObject o = {.a = call->arena};
    for (int i = 0; i < countof(members); i++) {
        Str name = str_from(members[i].name);
        const Json *given = json_get(&call->in, name);
        if (given && !put_given(call, &o, name, given, err)) return false;
        if (given) continue;
        if (members[i].otherwise)
            json_put(&o, name, lambda_parse(call->arena, str_from(members[i].otherwise)));
    }
    *out = json_object(&o);
    return check_config(call, out, err);
}

bool lambda_config_changed(Call *call, const Json *old, Json *out, Error *err)
{
    JsonObject o = {.a = call->arena};
    for (int i = 0; i < countof(members); i++) {
        Str name = str_from(members[i].name);
        const Json *given = json_get(&call->in, name);
        if (given && !put_given(call, &o, name, given, err)) return false;
        if (!given) json_put_json(&o, name, json_get(old, name));
    }
    *out = json_object(&o);
    return check_config(call, out, err);
}

/* ---- telling ---- */

Str lambda_code_digest(Arena *a, Str hex)
{
    char bytes[32];
    check(hex_decode(hex, bytes, sizeof bytes));
    return base64_encode(a, (Str){bytes, sizeof bytes});
}

Str lambda_time(Arena *a, Millis t)
{
    Str iso = time_iso8601(a, t);
    return str_printf(a, "%.*s+0000", STR(str_slice(iso, 0, iso.n - 1)));
}

static Json logging(Call *call, const LambdaTarget *t, const Json *given)
{
    JsonObject o = {.a = call->arena};
    Str group = json_text(json_get(given, S("LogGroup")));
    json_put(&o, S("LogFormat"), json_string(S("Text")));
    json_put_text(&o, S("LogGroup"),
                  group.n ? group : str_printf(call->arena, "/aws/lambda/%.*s", STR(t->row.name)));
    return json_object(&o);
}

static Json snap_start(Call *call, const Json *given)
{
    JsonObject o = {.a = call->arena};
    json_put_json(&o, S("ApplyOn"), json_get(given, S("ApplyOn")));
    json_put(&o, S("OptimizationStatus"), json_string(S("Off")));
    return json_object(&o);
}

static void put_stored(Call *call, const LambdaTarget *t, const Json *config, JsonObject *o)
{
    for (int i = 0; i < countof(members); i++) {
        Str name = str_from(members[i].name);
        const Json *v = json_get(config, name);
        if (str_eq(name, S("LoggingConfig")))
            json_put(o, name, logging(call, t, v));
        else if (v && str_eq(name, S("Layers")))
            json_put(o, name, lambda_layers_told(call, v));
        else if (str_eq(name, S("SnapStart")))
            json_put(o, name, snap_start(call, v));
        else
            json_put_json(o, name, v);
    }
}

/* There is nothing to wait for: a function can be invoked as soon as its code is kept. */
Json lambda_describe(Call *call, const LambdaTarget *t)
{
    Arena *a = call->arena;
    JsonObject o = {.a = a};
    Json config = lambda_parse(a, t->v.config);
    bool plain = str_absent(t->qualifier);
    Str version = function_version_text(a, t->v.number);
    json_put_text(&o, S("FunctionName"), t->row.name);
    json_put_text(&o, S("FunctionArn"),
                  function_arn(a, t->row.region, t->row.account, t->row.name,
                               plain        ? (Str){0}
                               : t->aliased ? t->qualifier
                                            : version));
    put_stored(call, t, &config, &o);
    json_put(&o, S("CodeSize"), json_int(a, t->v.code_bytes));
    json_put_text(&o, S("LastModified"), lambda_time(a, t->v.modified));
    json_put_text(&o, S("CodeSha256"), lambda_code_digest(a, t->v.zip));
    json_put_text(&o, S("Version"), version);
    json_put_text(&o, S("RevisionId"), t->v.revision);
    json_put(&o, S("State"), json_string(S("Active")));
    json_put(&o, S("LastUpdateStatus"), json_string(S("Successful")));
    return json_object(&o);
}
