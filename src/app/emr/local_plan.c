/* local_plan.c - a step or bootstrap action as a process of this machine: program, folders, environment. */
#include "app/emr/local.h"

#include "app/access/child_keys.h"

/* ---- places ---- */

static bool place(Server *s, const ClusterRow *row, Arena *a, Str work, CommandPlace *out)
{
    const Local *l = s->clusters->local;
    Str base = local_absolute(s, a, local_work(a, row->spec.id));
    InstanceSizing size;
    if (!local_sizing(s, row, a, &size)) return false;
    *out = (CommandPlace){
        .spark_home = l->spark_home.n ? l->spark_home : S("/usr/lib/spark"),
        .java = l->java.n ? l->java : S("java"),
        .python = l->python,
        .self = str_printf(a, "%.*s/hadoop", STR(l->shims)),
        .class_path = str_printf(a, "%.*s/*", STR(l->jars)),
        .conf = str_printf(a, "%.*s/conf", STR(base)),
        .work = local_absolute(s, a, work),
        .shims = l->shims,
        .path = l->path,
        .cores = size.cores,
    };
    return true;
}

/* EMR's name for the first container of an application. */
static Str container(const ClusterRow *row, int64_t number, Arena *a)
{
    return str_printf(a,
                      "containers/application_%" PRId64 "_%04" PRId64 "/container_%" PRId64
                      "_%04" PRId64 "_01_000001",
                      row->state.created, number, row->state.created, number);
}

/* ---- environment ---- */

static bool in_plan(const CommandPlan *plan, Str key)
{
    for (int64_t i = 0; i < plan->env.n; i++)
        if (str_eq(plan->env.p[i].key, key)) return true;
    return false;
}

static void set(Arena *a, LocalPlan *p, const char *key, Str value)
{
    if (!str_absent(value) && !in_plan(&p->plan, str_from(key)))
        *vec_push(a, &p->env) = str_printf(a, "%s=%.*s", key, STR(value));
}

/* Those of the step's own role, else those of the cluster. */
static void credentials(Server *s, const ClusterRow *row, Arena *a, LocalPlan *p)
{
    ChildKeys keys;
    if (!child_keys(s, a, child_step_note(a, row->spec.id, p->what), true, &keys) &&
        !child_keys(s, a, row->spec.id, true, &keys))
        return;
    set(a, p, "AWS_ACCESS_KEY_ID", keys.id);
    set(a, p, "AWS_SECRET_ACCESS_KEY", keys.secret);
    set(a, p, "AWS_SESSION_TOKEN", keys.token);
    set(a, p, "AWS_CONTAINER_CREDENTIALS_FULL_URI", keys.uri);
    set(a, p, "AWS_CONTAINER_AUTHORIZATION_TOKEN", keys.authorization);
}

/* Where a process of this machine reaches the server, by plain HTTP also where others need TLS
 * (sys/stream.c). */
static Str own_host(const Server *s, Arena *a)
{
    Str host = s->config.host;
    if (str_eq(host, S("0.0.0.0")) || str_eq(host, S("::"))) return S("127.0.0.1");
    return str_find_char(host, ':') >= 0 ? str_printf(a, "[%.*s]", STR(host)) : host;
}

/* What clients inside a step need to reach this server, and Spark to stay inside the cluster's
 * folder. */
static void environment(Server *s, const ClusterRow *row, Arena *a, LocalPlan *p)
{
    Str base = local_absolute(s, a, local_work(a, row->spec.id));
    for (int64_t i = 0; i < p->plan.env.n; i++)
        *vec_push(a, &p->env) =
            str_printf(a, "%.*s=%.*s", STR(p->plan.env.p[i].key), STR(p->plan.env.p[i].value));
    set(a, p, "PATH", s->clusters->local->path);
    set(a, p, "AWS_ENDPOINT_URL", str_printf(a, "http://%.*s:%d", STR(own_host(s, a)), s->port));
    set(a, p, "AWS_REGION", row->region);
    set(a, p, "AWS_DEFAULT_REGION", row->region);
    set(a, p, "AWS_EC2_METADATA_DISABLED", S("true"));
    credentials(s, row, a, p);
    set(a, p, "MAYFLY_JARS", s->clusters->local->jars);
    set(a, p, "EMR_CLUSTER_ID", row->spec.id);
    set(a, p, "HOME", str_printf(a, "%.*s/home", STR(base)));
    set(a, p, "TMPDIR", str_printf(a, "%.*s/tmp", STR(base)));
    set(a, p, "SPARK_LOCAL_DIRS", str_printf(a, "%.*s/tmp", STR(base)));
    set(a, p, "SPARK_LOCAL_IP", S("127.0.0.1"));
    set(a, p, "SPARK_LAUNCHER_OPTS", S("-XX:-UsePerfData"));
    set(a, p, "USER", S("hadoop"));
    set(a, p, "LOGNAME", S("hadoop"));
    set(a, p, "HADOOP_USER_NAME", S("hadoop"));
    set(a, p, "LANG", S("C.UTF-8"));
}

/* ---- steps ---- */

static CommandStep command_step(Arena *a, const StepRow *row)
{
    Json config = {0};
    Error err = {0};
    check(json_parse(row->config, a, &config, &err));
    const Json *args = json_get(&config, S("Args")),
               *properties = json_get(&config, S("Properties"));
    Str *words = new_array(a, Str, json_count(args));
    CommandPair *pairs = new_array(a, CommandPair, json_count(properties));
    for (int32_t i = 0; i < json_count(args); i++) words[i] = json_text(json_at(args, i));
    for (int32_t i = 0; i < json_count(properties); i++)
        pairs[i] =
            (CommandPair){properties->members[i].key, json_text(&properties->members[i].value)};
    return (CommandStep){
        .id = row->core.id,
        .number = row->core.number,
        .jar = json_text(json_get(&config, S("Jar"))),
        .main_class = json_text(json_get(&config, S("MainClass"))),
        .args = words,
        .args_n = json_count(args),
        .properties = pairs,
        .properties_n = json_count(properties),
    };
}

/* A program of Spark's or Hadoop's cannot start without them; everything else can. */
static bool needs_spark(const Local *l, const CommandPlan *plan)
{
    Str program = plan->argv.n ? plan->argv.p[0] : S("");
    bool spark = str_starts(program, S("/usr/lib/spark/")) ||
                 (l->spark_home.n && str_starts(program, l->spark_home));
    bool tool = l->shims.n && str_starts(program, l->shims);
    return spark || tool || str_eq(program, S("java")) || str_eq(program, l->java);
}

static bool plan_step(Server *s, const ClusterRow *row, int64_t number, Arena *a, LocalPlan *out)
{
    StepRow step;
    CommandPlace at;
    if (!step_row_get(s->db, row->n, number, a, &step)) return check(db_failed(s->db)), false;
    const Local *l = s->clusters->local;
    out->what = step.core.id;
    out->work =
        str_printf(a, "%.*s/steps/%.*s", STR(local_work(a, row->spec.id)), STR(step.core.id));
    out->log = str_printf(a, "logs/%.*s/steps/%.*s", STR(row->spec.id), STR(step.core.id));
    out->out = out->log;
    out->step = command_step(a, &step);
    if (!place(s, row, a, out->work, &at)) return false;
    if (!command_plan(&out->step, &at, a, &out->plan, &out->reason, &out->error)) return true;
    if (l->missing.n && needs_spark(l, &out->plan)) {
        out->reason = S("Unknown Error.");
        error_set(&out->error, ERR_VALIDATION, "%.*s", STR(l->missing));
    }
    if (out->plan.driver_in_container)
        out->out =
            str_printf(a, "logs/%.*s/%.*s", STR(row->spec.id), STR(container(row, number, a)));
    return true;
}

/* ---- bootstrap actions ---- */

static const Json *bootstrap_script(Server *s, const ClusterRow *row, int64_t action, Arena *a)
{
    Json *request = new (a, Json);
    if (!clusters_doc(s, row, CLUSTER_DOC_REQUEST, a, request)) return NULL;
    const Json *script = json_get(json_at(json_get(request, S("BootstrapActions")), action - 1),
                                  S("ScriptBootstrapAction"));
    check(script);
    return script;
}

/* It runs as script-runner.jar would run it: fetched if it lies in S3, then executed with its
 * arguments. */
static bool plan_bootstrap(Server *s, const ClusterRow *row, int64_t action, Arena *a,
                           LocalPlan *out)
{
    CommandPlace at;
    const Json *script = bootstrap_script(s, row, action, a);
    if (!script) return false;
    const Json *args = json_get(script, S("Args"));
    Str *words = new_array(a, Str, 1 + json_count(args));
    words[0] = json_text(json_get(script, S("Path")));
    for (int32_t i = 0; i < json_count(args); i++) words[1 + i] = json_text(json_at(args, i));
    out->what = str_printf(a, "bootstrap action %" PRId64, action);
    out->work =
        str_printf(a, "%.*s/bootstrap-actions/%" PRId64, STR(local_work(a, row->spec.id)), action);
    out->log = str_printf(a, "logs/%.*s/node/%.*s/bootstrap-actions/%" PRId64, STR(row->spec.id),
                          STR(row->spec.instance), action);
    out->out = out->log;
    out->step = (CommandStep){.id = out->what,
                              .number = action,
                              .jar = S("script-runner.jar"),
                              .args = words,
                              .args_n = 1 + json_count(args)};
    if (!place(s, row, a, out->work, &at)) return false;
    if (!command_plan(&out->step, &at, a, &out->plan, &out->reason, &out->error))
        check(out->reason.n);
    return true;
}

bool local_plan(Server *s, const ClusterRow *row, ClusterToken token, Arena *a, LocalPlan *out)
{
    *out = (LocalPlan){0};
    bool planned = token.kind == CLUSTER_COMMAND_START_STEP
                       ? plan_step(s, row, token.number, a, out)
                       : plan_bootstrap(s, row, token.number, a, out);
    if (planned) environment(s, row, a, out);
    return planned && !db_failed(s->db);
}
