/* command.c - from a HadoopJarStep to a program: EMR jars, Hadoop tools, scripts, plain jars. */
#include "core/cluster/command.h"
#include "core/cluster/command_spark.h"

static Str base_name(Str path)
{
    int64_t at = str_rfind_char(path, '/');
    return str_slice(path, at + 1, path.n);
}

bool command_is_s3(Str uri)
{
    return str_starts(uri, S("s3://")) || str_starts(uri, S("s3n://")) ||
           str_starts(uri, S("s3a://"));
}

void command_arg(Plan *p, Str arg)
{
    *vec_push(p->a, &p->out->argv) = arg;
}

void command_env(Plan *p, Str key, Str value)
{
    *vec_push(p->a, &p->out->env) = (CommandPair){key, value};
}

Str command_fetched(Plan *p, Str uri, bool executable)
{
    if (!command_is_s3(uri)) return str_starts(uri, S("file://")) ? str_slice(uri, 7, uri.n) : uri;
    Str name = base_name(uri);
    if (!name.n || str_eq(name, S(".")) || str_eq(name, S(".."))) name = S("fetched");
    Str path = str_printf(p->a, "%.*s/%.*s", STR(p->place->work), STR(name));
    *vec_push(p->a, &p->out->fetch) = (CommandFetch){uri, path, executable};
    return path;
}

bool command_fail(Plan *p, Str reason, Str text)
{
    *p->reason = reason;
    return error_set(p->err, ERR_VALIDATION, "%.*s", STR(text));
}

static void add_rest(Plan *p, int64_t from)
{
    for (int64_t i = from; i < p->step->args_n; i++) command_arg(p, p->step->args[i]);
}

static void java(Plan *p, Str main_class)
{
    command_arg(p, p->place->java);
    command_arg(
        p, S("-XX:-UsePerfData")); /* its file in /tmp is named by a number that is not unique */
    for (int64_t i = 0; i < p->step->properties_n; i++)
        command_arg(p, str_printf(p->a, "-D%.*s=%.*s", STR(p->step->properties[i].key),
                                  STR(p->step->properties[i].value)));
    command_arg(p, S("-cp"));
    Str more = p->place->class_path;
    command_arg(p, str_printf(p->a, "%.*s:%.*s/jars/*%s%.*s", STR(p->place->conf),
                              STR(p->place->spark_home), more.n ? ":" : "", STR(more)));
    command_arg(p, main_class);
}

static bool plan_jar(Plan *p, Str jar, Str main_class, int64_t first_arg)
{
    java(p, S("org.apache.hadoop.util.RunJar"));
    command_arg(p, command_fetched(p, jar, false));
    if (main_class.n) command_arg(p, main_class);
    add_rest(p, first_arg);
    return true;
}

static bool not_here(Plan *p)
{
    return command_fail(p, S("Unknown Error."), command_not_found(p->a, p->step->args[0]));
}

static bool plan_dist_cp(Plan *p, int64_t first_arg)
{
    command_arg(p, p->place->self);
    command_arg(p, S("s3-dist-cp"));
    add_rest(p, first_arg);
    return true;
}

/* hadoop fs ..., hdfs dfs ..., hadoop jar X ... */
static bool plan_hadoop(Plan *p)
{
    Str verb = p->step->args_n > 1 ? p->step->args[1] : S("");
    if (str_eq(verb, S("fs")) || str_eq(verb, S("dfs"))) {
        java(p, S("org.apache.hadoop.fs.FsShell"));
        add_rest(p, 2);
        return true;
    }
    bool jar = str_eq(verb, S("jar")) && p->step->args_n > 2;
    if (jar && str_find(p->step->args[2], S("s3-dist-cp")) >= 0) return plan_dist_cp(p, 3);
    if (jar) return plan_jar(p, p->step->args[2], (Str){0}, 3);
    return command_fail(p, S("Illegal Argument."),
                        str_printf(p->a,
                                   "hadoop %.*s: this cluster has no YARN and no HDFS daemons; "
                                   "'hadoop fs' and 'hadoop jar' are available",
                                   STR(verb)));
}

static bool plan_program(Plan *p)
{
    add_rest(p, 0);
    return true;
}

static bool plan_dist_cp_1(Plan *p)
{
    return plan_dist_cp(p, 1);
}

static bool plan_nothing(Plan *p)
{
    p->out->nothing = true;
    return true;
}

/* The programs of the primary node that mean something special here; others are looked up on PATH.
 */
static const struct {
    const char *name;
    bool (*plan)(Plan *p);
} programs[] = {
    {"spark-submit", command_spark_submit},
    {"spark-sql", command_spark_tool},
    {"spark-shell", command_spark_tool},
    {"pyspark", command_spark_tool},
    {"spark-example", command_spark_example},
    {"run-example", command_spark_example},
    {"hadoop", plan_hadoop},
    {"hdfs", plan_hadoop},
    {"s3-dist-cp", plan_dist_cp_1},
    {"s3distcp", plan_dist_cp_1},
    {"state-pusher-script", plan_nothing},
    {"hive-script", not_here},
    {"hive", not_here},
    {"pig-script", not_here},
    {"pig", not_here},
    {"hadoop-streaming", not_here},
    {"presto-cli", not_here},
    {"trino-cli", not_here},
    {"sqoop", not_here},
    {"oozie", not_here},
    {"flink", not_here},
    {"flink-yarn-session", not_here},
    {"hbase", not_here},
    {"yarn", not_here},
    {"mapred", not_here},
};

/* /usr/lib/spark/bin/x, /usr/bin/x: where EMR installs its programs. Another path means exactly
 * that file. */
static Str program_name(Str arg)
{
    Str name = base_name(arg), folder = str_slice(arg, 0, arg.n - name.n);
    bool known = !folder.n || str_eq(folder, S("/usr/lib/spark/bin/")) ||
                 str_eq(folder, S("/usr/bin/")) || str_eq(folder, S("/bin/")) ||
                 str_eq(folder, S("/usr/lib/hadoop/bin/"));
    return known ? name : arg;
}

static bool plan_command_runner(Plan *p)
{
    if (p->step->args_n == 0 || !p->step->args[0].n)
        return command_fail(p, S("Illegal Argument."),
                            S("command-runner.jar needs the command to run in Args"));
    p->program = program_name(p->step->args[0]);
    for (int i = 0; i < countof(programs); i++)
        if (str_eq(p->program, str_from(programs[i].name))) return programs[i].plan(p);
    return plan_program(p);
}

static bool plan_script_runner(Plan *p)
{
    if (p->step->args_n == 0 || !p->step->args[0].n)
        return command_fail(p, S("Illegal Argument."),
                            S("script-runner.jar needs the path of a script in Args"));
    Str script = p->step->args[0];
    if (str_find(script, S("/libs/state-pusher/")) > 0) return plan_nothing(p);
    command_arg(p, command_fetched(p, script, true));
    add_rest(p, 1);
    return true;
}

static void environment(Plan *p)
{
    const CommandPlace *at = p->place;
    Str home = base_name(at->java).n < at->java.n
                   ? str_slice(at->java, 0, at->java.n - S("/bin/java").n)
                   : (Str){0};
    command_env(p, S("SPARK_HOME"), at->spark_home);
    command_env(p, S("SPARK_CONF_DIR"), at->conf);
    command_env(p, S("HADOOP_CONF_DIR"), at->conf);
    command_env(p, S("PYSPARK_PYTHON"), at->python);
    command_env(p, S("EMR_STEP_ID"), p->step->id);
    if (home.n && str_ends(at->java, S("/bin/java"))) command_env(p, S("JAVA_HOME"), home);
    command_env(p, S("PATH"),
                str_printf(p->a, "%.*s%s%.*s/bin:%.*s", STR(at->shims), at->shims.n ? ":" : "",
                           STR(at->spark_home), STR(at->path)));
}

static Str shown(Plan *p, bool runner)
{
    Buf b = {.a = p->a};
    buf_printf(&b, "hadoop jar %s%.*s", runner ? "/var/lib/aws/emr/step-runner/hadoop-jars/" : "",
               STR(runner ? base_name(p->step->jar) : p->step->jar));
    if (p->step->main_class.n) buf_printf(&b, " %.*s", STR(p->step->main_class));
    for (int64_t i = 0; i < p->step->args_n; i++) buf_printf(&b, " %.*s", STR(p->step->args[i]));
    return buf_str(&b);
}

bool command_plan(const CommandStep *step, const CommandPlace *place, Arena *a, CommandPlan *out,
                  Str *reason, Error *err)
{
    CommandPlan plan = {0};
    Plan p = {.step = step, .place = place, .a = a, .out = &plan, .reason = reason, .err = err};
    Str name = base_name(step->jar);
    bool local = !command_is_s3(step->jar), runner = local && str_eq(name, S("command-runner.jar"));
    check(place->cores > 0);
    environment(&p);
    plan.shown = shown(&p, runner);
    bool made = runner ? plan_command_runner(&p)
                : str_eq(name, S("script-runner.jar"))
                    ? plan_script_runner(&p)
                    : plan_jar(&p, step->jar, step->main_class, 0);
    if (!made) return false;
    *out = plan;
    return true;
}

Str command_not_found(Arena *a, Str program)
{
    return str_printf(
        a, "Cannot run program \"%.*s\" (in directory \".\"): error=2, No such file or directory",
        STR(program));
}
