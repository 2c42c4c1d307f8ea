/* command_spark.c - Spark's command lines: YARN becomes local[N], the application is fetched. */
#include "core/cluster/command_spark.h"

/* spark-submit's options that stand alone; every other one takes a value (SparkSubmitOptionParser).
 */
static const char *const flags[] = {"--help",    "-h", "--supervise", "--usage-error",
                                    "--verbose", "-v", "--version"};

/* Examples that Spark also has in Python: its Python package comes without the examples jar. */
static const struct {
    const char *name, *script;
} twins[] = {
    {"SparkPi", "pi.py"},
    {"JavaSparkPi", "pi.py"},
    {"JavaWordCount", "wordcount.py"},
    {"SparkKMeans", "kmeans.py"},
    {"SparkPageRank", "pagerank.py"},
    {"JavaPageRank", "pagerank.py"},
    {"SparkALS", "als.py"},
    {"SparkLR", "logistic_regression.py"},
    {"SparkTC", "transitive_closure.py"},
};

typedef struct Options {
    Str master, deploy_mode, main_class;
    StrVec kept;  /* in order, without those that the local master replaces */
    int64_t rest; /* index of the first argument that is no option */
} Options;

static bool is_flag(Str option)
{
    for (int i = 0; i < countof(flags); i++)
        if (str_eq(option, str_from(flags[i]))) return true;
    return false;
}

static void keep(Plan *p, Options *o, Str option, Str value, bool joined)
{
    Str *both = vec_push(p->a, &o->kept);
    *both = joined ? str_printf(p->a, "%.*s=%.*s", STR(option), STR(value)) : option;
    if (!joined) *vec_push(p->a, &o->kept) = value;
}

/* --conf spark.master=yarn and spark.submit.deployMode=cluster mean the options of the same name,
 * which win. */
static bool take_conf(Options *o, Str value)
{
    int64_t at = str_find_char(value, '=');
    Str key = str_trim(str_slice(value, 0, at)), v = str_trim(str_slice(value, at + 1, value.n));
    if (at < 0) return false;
    if (str_eq(key, S("spark.master")))
        o->master = o->master.n ? o->master : v;
    else if (str_eq(key, S("spark.submit.deployMode")))
        o->deploy_mode = o->deploy_mode.n ? o->deploy_mode : v;
    else
        return false;
    return true;
}

static void take(Plan *p, Options *o, Str option, Str value, bool joined)
{
    bool conf = str_eq(option, S("--conf")) || str_eq(option, S("-c"));
    if (str_eq(option, S("--master")))
        o->master = value;
    else if (str_eq(option, S("--deploy-mode")))
        o->deploy_mode = value;
    else if (!(conf && take_conf(o, value)))
        keep(p, o, option, value, joined);
    if (str_eq(option, S("--class"))) o->main_class = value;
}

/* Options up to the application. */
static bool read_options(Plan *p, Options *o, int64_t from)
{
    const CommandStep *s = p->step;
    int64_t i = from;
    while (i < s->args_n && str_starts(s->args[i], S("-"))) {
        Str option = s->args[i++];
        int64_t eq = str_starts(option, S("--")) ? str_find_char(option, '=') : -1;
        if (eq > 0) {
            take(p, o, str_slice(option, 0, eq), str_slice(option, eq + 1, option.n), true);
        } else if (is_flag(option)) {
            *vec_push(p->a, &o->kept) = option;
        } else if (i < s->args_n) {
            take(p, o, option, s->args[i++], false);
        } else {
            return command_fail(p, S("Illegal Argument."),
                                str_printf(p->a, "%.*s: the option %.*s needs a value",
                                           STR(p->program), STR(option)));
        }
    }
    o->rest = i;
    return true;
}

/* yarn, yarn-client, yarn-cluster, k8s or none: this machine. local[*] and spark://host stay what
 * they are. */
static Str master(Plan *p, const Options *o)
{
    bool own = str_starts(o->master, S("local")) || str_starts(o->master, S("spark://"));
    return own ? o->master : str_printf(p->a, "local[%d]", p->place->cores);
}

static void begin(Plan *p, const Options *o, const char *tool)
{
    p->out->driver_in_container =
        str_eq(o->deploy_mode, S("cluster")) || str_eq(o->master, S("yarn-cluster"));
    command_arg(p, str_printf(p->a, "%.*s/bin/%s", STR(p->place->spark_home), tool));
    command_arg(p, S("--master"));
    command_arg(p, master(p, o));
    command_arg(p, S("--deploy-mode"));
    command_arg(p, S("client"));
    for (int64_t i = 0; i < o->kept.n; i++) command_arg(p, o->kept.p[i]);
}

static Str twin(Str name)
{
    Str package = S("org.apache.spark.examples.");
    if (str_starts(name, package)) name = str_slice(name, package.n, name.n);
    for (int i = 0; i < countof(twins); i++)
        if (str_eq(name, str_from(twins[i].name))) return str_from(twins[i].script);
    return (Str){0};
}

static bool no_example(Plan *p, Str name)
{
    return command_fail(
        p, S("Main Class not found."),
        str_printf(p->a, "The example %.*s needs Spark's examples jar, which is not installed here",
                   STR(name)));
}

static void drop_class(Plan *p)
{
    StrVec *v = &p->out->argv;
    for (int64_t i = 0; i + 1 < v->n; i++) {
        if (!str_eq(v->p[i], S("--class"))) continue;
        memmove(&v->p[i], &v->p[i + 2], (size_t)(v->n - i - 2) * sizeof *v->p);
        v->n -= 2;
        return;
    }
}

static bool add_example(Plan *p, Str name)
{
    Str script = twin(name);
    if (p->place->examples_jar.n) {
        command_arg(p, p->place->examples_jar);
        return true;
    }
    if (!script.n) return no_example(p, name);
    drop_class(p);
    command_arg(p, str_printf(p->a, "%.*s/examples/src/main/python/%.*s", STR(p->place->spark_home),
                              STR(script)));
    return true;
}

static bool is_examples_jar(Str app)
{
    int64_t at = str_rfind_char(app, '/');
    return str_starts(str_slice(app, at + 1, app.n), S("spark-examples")) && !command_is_s3(app);
}

/* A path below EMR's Spark is a path below ours. */
static Str application(Plan *p, Str app)
{
    Str emr = S("/usr/lib/spark/");
    if (!str_starts(app, emr)) return command_fetched(p, app, false);
    return str_printf(p->a, "%.*s/%.*s", STR(p->place->spark_home),
                      STR(str_slice(app, emr.n, app.n)));
}

static void add_rest(Plan *p, int64_t from)
{
    for (int64_t i = from; i < p->step->args_n; i++) command_arg(p, p->step->args[i]);
}

bool command_spark_submit(Plan *p)
{
    Options o = {0};
    if (!read_options(p, &o, 1)) return false;
    begin(p, &o, "spark-submit");
    if (o.rest == p->step->args_n)
        return true; /* --version, --help: spark-submit says itself what is missing */
    Str app = p->step->args[o.rest];
    if (is_examples_jar(app)) {
        if (!add_example(p, o.main_class)) return false;
    } else {
        command_arg(p, application(p, app));
    }
    add_rest(p, o.rest + 1);
    return true;
}

/* Takes a replaced option at *i, with its value; anything else, options of the tool itself too, is
 * kept as it is. */
static void tool_argument(Plan *p, Options *o, int64_t *i)
{
    const CommandStep *s = p->step;
    Str arg = s->args[(*i)++];
    int64_t eq = str_starts(arg, S("--")) ? str_find_char(arg, '=') : -1;
    bool takes =
        str_eq(arg, S("--master")) || str_eq(arg, S("--deploy-mode")) || str_eq(arg, S("--conf"));
    if (eq > 0)
        take(p, o, str_slice(arg, 0, eq), str_slice(arg, eq + 1, arg.n), true);
    else if (takes && *i < s->args_n)
        take(p, o, arg, s->args[(*i)++], false);
    else
        *vec_push(p->a, &o->kept) = arg;
}

bool command_spark_tool(Plan *p)
{
    Options o = {0};
    for (int64_t i = 1; i < p->step->args_n;) tool_argument(p, &o, &i);
    begin(p, &o, str_z(p->a, p->program));
    p->out->driver_in_container = false;
    return true;
}

bool command_spark_example(Plan *p)
{
    Options o = {0};
    if (!read_options(p, &o, 1)) return false;
    if (o.rest == p->step->args_n)
        return command_fail(p, S("Illegal Argument."),
                            S("spark-example needs the name of an example"));
    Str name = p->step->args[o.rest];
    bool full = str_find_char(name, '.') > 0;
    begin(p, &o, "spark-submit");
    if (p->place->examples_jar.n) {
        command_arg(p, S("--class"));
        command_arg(p, full ? name : str_printf(p->a, "org.apache.spark.examples.%.*s", STR(name)));
    }
    if (!add_example(p, name)) return false;
    add_rest(p, o.rest + 1);
    return true;
}
