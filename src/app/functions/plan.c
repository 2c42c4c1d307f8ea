/* plan.c - a version of a function as a process of this machine: its program and its environment. */
#include "app/functions/inner.h"

#include "app/access/child_keys.h"
#include "app/emr/clusters.h"
#include "app/emr/local.h"
#include "wire/digest.h"

static void set(Arena *a, InstancePlan *p, const char *key, Str value)
{
    if (!str_absent(value)) *vec_push(a, &p->env) = str_printf(a, "%s=%.*s", key, STR(value));
}

Str functions_endpoint(const Server *s, Arena *a)
{
    Str host = s->config.host;
    if (str_eq(host, S("0.0.0.0")) || str_eq(host, S("::"))) host = S("127.0.0.1");
    bool v6 = str_find_char(host, ':') >= 0;
    return str_printf(a, "http://%s%.*s%s:%d", v6 ? "[" : "", STR(host), v6 ? "]" : "", s->port);
}

static void credentials(Server *s, const FunctionRow *f, Arena *a, InstancePlan *p)
{
    ChildKeys keys;
    if (!child_keys(s, a, str_printf(a, "lambda %" PRId64, f->n), false, &keys)) return;
    set(a, p, "AWS_ACCESS_KEY_ID", keys.id);
    set(a, p, "AWS_SECRET_ACCESS_KEY", keys.secret);
    set(a, p, "AWS_SESSION_TOKEN", keys.token);
}

/* Layers: what AWS has in /opt. Where the process has mounts of its own it is there too; a runtime
 * is told where it lies in any case ("Lambda layer paths for each runtime" of the developer guide).
 */
static void find_layers(const Json *config, Arena *a, InstancePlan *p)
{
    Buf all = {.a = a};
    const Json *layers = json_get(config, S("Layers"));
    for (int32_t i = 0; i < json_count(layers); i++) {
        Str zip = json_text(json_get(&layers->items[i], S("Zip")));
        *vec_push(a, &p->layers) = zip;
        buf_put(&all, zip);
    }
    if (!p->layers.n) return;
    DigestValue digest = digest_of(DIGEST_SHA256, buf_str(&all));
    p->opt = str_printf(a, "lambda/code/opt-%.*s", STR(digest_hex(a, &digest)));
}

static Str joined(Arena *a, Str first, Str opt, const char *below)
{
    return str_printf(a, "%.*s%s%.*s/%s", STR(first), first.n ? ":" : "", STR(opt), below);
}

static void tell_layers(Server *s, Str code, Arena *a, InstancePlan *p)
{
    Str opt = local_absolute(s, a, p->opt), node = S("");
    Str version = str_find_char(p->runtime, '.') > 0
                      ? str_slice(p->runtime, S("nodejs").n, str_find_char(p->runtime, '.'))
                      : S("");
    set(a, p, "PATH", joined(a, s->clusters->local->path, opt, "bin"));
    set(a, p, "LD_LIBRARY_PATH",
        joined(a, str_printf(a, "%.*s:%.*s/lib", STR(code), STR(code)), opt, "lib"));
    set(a, p, "MAYFLY_OPT", opt);
    if (p->kind != FUNCTION_NODE) return;
    node =
        joined(a, node, opt, str_z(a, str_printf(a, "nodejs/node%.*s/node_modules", STR(version))));
    node = joined(a, node, opt, "nodejs/node_modules");
    set(a, p, "NODE_PATH", joined(a, node, code, "node_modules"));
}

/* "Defined runtime environment variables" of the developer guide, and the user's, which may change
 * some of them. */
static void environment(Server *s, const FunctionRow *f, int port, Str box, Str code,
                        const Json *variables, Arena *a, InstancePlan *p)
{
    if (p->opt.n)
        tell_layers(s, code, a, p);
    else
        set(a, p, "PATH", s->clusters->local->path);
    set(a, p, "LANG", S("en_US.UTF-8"));
    set(a, p, "TZ", S(":UTC"));
    set(a, p, "HOME", str_printf(a, "%.*s/tmp", STR(box)));
    set(a, p, "TMPDIR", str_printf(a, "%.*s/tmp", STR(box)));
    set(a, p, "AWS_ENDPOINT_URL", functions_endpoint(s, a));
    set(a, p, "AWS_EC2_METADATA_DISABLED", S("true"));
    for (int32_t i = 0; i < json_count(variables); i++)
        *vec_push(a, &p->env) = str_printf(a, "%.*s=%.*s", STR(variables->members[i].key),
                                           STR(json_text(&variables->members[i].value)));
    set(a, p, "_HANDLER", p->handler);
    set(a, p, "AWS_REGION", p->region);
    set(a, p, "AWS_DEFAULT_REGION", p->region);
    set(a, p, "AWS_EXECUTION_ENV", str_printf(a, "AWS_Lambda_%.*s", STR(p->runtime)));
    set(a, p, "AWS_LAMBDA_FUNCTION_NAME", p->name);
    set(a, p, "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", str_printf(a, "%" PRId64, p->memory_mb));
    set(a, p, "AWS_LAMBDA_FUNCTION_VERSION", p->version);
    set(a, p, "AWS_LAMBDA_INITIALIZATION_TYPE", S("on-demand"));
    set(a, p, "AWS_LAMBDA_LOG_GROUP_NAME", p->group);
    set(a, p, "AWS_LAMBDA_RUNTIME_API", str_printf(a, "127.0.0.1:%d", port));
    set(a, p, "LAMBDA_TASK_ROOT", code);
    set(a, p, "LAMBDA_RUNTIME_DIR", str_printf(a, "%.*s/share/local", STR(s->config.home)));
    credentials(s, f, a, p);
}

static void program(Server *s, Str code, Arena *a, InstancePlan *p)
{
    Str share = str_printf(a, "%.*s/share/local", STR(s->config.home));
    Str python = s->clusters->local->python;
    switch (p->kind) {
    case FUNCTION_PYTHON:
        *vec_push(a, &p->argv) = python.n ? python : S("python3");
        *vec_push(a, &p->argv) = str_printf(a, "%.*s/lambda_bootstrap.py", STR(share));
        return;
    case FUNCTION_NODE:
        *vec_push(a, &p->argv) = S("node");
        *vec_push(a, &p->argv) = str_printf(a, "%.*s/lambda_bootstrap.mjs", STR(share));
        return;
    case FUNCTION_CUSTOM:
        *vec_push(a, &p->argv) = str_printf(a, "%.*s/bootstrap", STR(code));
        return;
    case FUNCTION_OTHER: break;
    }
    p->missing =
        str_printf(a, "this server does not run functions of runtime %.*s", STR(p->runtime));
}

void instance_plan(Server *s, const FunctionRow *f, const FunctionVersion *v, int port, Str box,
                   Arena *a, InstancePlan *out)
{
    Json *config = new (a, Json);
    Error err = {0};
    check(json_parse(str_copy(a, v->config), a, config, &err));
    Str group = json_text(json_find(config, "LoggingConfig.LogGroup"));
    Str code = local_absolute(s, a, str_printf(a, "lambda/code/%.*s", STR(v->zip)));
    *out = (InstancePlan){
        .name = str_copy(a, f->name),
        .region = str_copy(a, f->region),
        .account = str_copy(a, f->account),
        .version = function_version_text(a, v->number),
        .runtime = json_text(json_get(config, S("Runtime"))),
        .handler = json_text(json_get(config, S("Handler"))),
        .role = json_text(json_get(config, S("Role"))),
        .group = group.n ? group : str_printf(a, "/aws/lambda/%.*s", STR(f->name)),
        .zip = str_copy(a, v->zip),
        .timeout_ms = json_int_or(json_get(config, S("Timeout")), 3) * 1000,
        .memory_mb = json_int_or(json_get(config, S("MemorySize")), 128),
    };
    out->kind = function_runtime(out->runtime);
    find_layers(config, a, out);
    environment(s, f, port, local_absolute(s, a, box), code,
                json_find(config, "Environment.Variables"), a, out);
    program(s, code, a, out);
}
