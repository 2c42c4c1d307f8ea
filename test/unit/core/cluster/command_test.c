/* command_test.c - HadoopJarSteps as people write them, and the programs they become. */
#include "core/cluster/command.h"
#include "test.h"

#define T(literal)                                                                                 \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }
static const CommandPlace place = {
    .spark_home = T("/opt/spark"),
    .java = T("/jdk/bin/java"),
    .python = T("/py/bin/python3"),
    .self = T("/m/mayfly"),
    .conf = T("/c/conf"),
    .work = T("/c/s-1"),
    .path = T("/usr/bin:/bin"),
    .cores = 4,
};

/* Words are separated by |, so that an argument may contain blanks. */
static CommandStep step(const char *jar, const char *args)
{
    StrVec v = {0};
    Str rest = str_from(args), word;
    while (rest.n && str_cut(&rest, '|', &word)) *vec_push(test_arena(), &v) = word;
    return (CommandStep){
        .id = S("s-1"), .number = 1, .jar = str_from(jar), .args = v.p, .args_n = v.n};
}

static Str plan_text(const CommandStep *s, const CommandPlace *at)
{
    CommandPlan plan;
    Str reason = {0};
    Error err = {0};
    if (!command_plan(s, at, test_arena(), &plan, &reason, &err))
        return str_printf(test_arena(), "FAIL %.*s %.*s", STR(reason), STR(error_text(&err)));
    Buf b = {.a = test_arena()};
    buf_put(&b,
            plan.nothing ? S("NOTHING") : str_join(test_arena(), plan.argv.p, plan.argv.n, S("|")));
    for (int64_t i = 0; i < plan.fetch.n; i++)
        buf_printf(&b, " GET %.*s%s", STR(plan.fetch.p[i].uri),
                   plan.fetch.p[i].executable ? " x" : "");
    if (plan.driver_in_container) buf_put(&b, S(" CONTAINER"));
    return buf_str(&b);
}

#define RUNNER "command-runner.jar"
#define SUBMIT "/opt/spark/bin/spark-submit|--master|local[4]|--deploy-mode|client"

TEST(command_becomes_a_program)
{
    static const struct {
        const char *jar, *args, *want;
    } cases[] = {
        {RUNNER, "spark-submit|s3://b/dir/job.py|--date|2024 01",
         SUBMIT "|/c/s-1/job.py|--date|2024 01 GET s3://b/dir/job.py"},
        {RUNNER, "spark-submit|--deploy-mode|cluster|--master|yarn|--num-executors|9|s3n://b/j.py",
         SUBMIT "|--num-executors|9|/c/s-1/j.py GET s3n://b/j.py CONTAINER"},
        {RUNNER,
         "spark-submit|--master=yarn-cluster|--class|a.B|--conf|spark.x=y "
         "z|/home/hadoop/a.jar|--master|yarn",
         SUBMIT "|--class|a.B|--conf|spark.x=y z|/home/hadoop/a.jar|--master|yarn CONTAINER"},
        {RUNNER,
         "spark-submit|--conf|spark.master=yarn|--conf|spark.submit.deployMode=cluster|/a.py",
         SUBMIT "|/a.py CONTAINER"},
        {RUNNER, "spark-submit|--master|local[2]|/a.py",
         "/opt/spark/bin/spark-submit|--master|local[2]|--deploy-mode|client|/a.py"},
        {RUNNER,
         "/usr/lib/spark/bin/spark-submit|-v|/usr/lib/spark/examples/src/main/python/pi.py|2",
         SUBMIT "|-v|/opt/spark/examples/src/main/python/pi.py|2"},
        {RUNNER, "/usr/bin/spark-submit|--jars|s3://b/x.jar|file:///a.py",
         SUBMIT "|--jars|s3://b/x.jar|/a.py"},
        {RUNNER,
         "spark-submit|--class|org.apache.spark.examples.SparkPi|/usr/lib/spark/examples/jars/"
         "spark-examples.jar|10",
         SUBMIT "|/opt/spark/examples/src/main/python/pi.py|10"},
        {RUNNER, "spark-example|SparkPi|10",
         SUBMIT "|/opt/spark/examples/src/main/python/pi.py|10"},
        {RUNNER, "spark-example|LocalPi",
         "FAIL Main Class not found. The example LocalPi needs Spark's examples jar, which is not "
         "installed here"},
        {RUNNER, "spark-submit|--class",
         "FAIL Illegal Argument. spark-submit: the option --class needs a value"},
        {RUNNER, "spark-submit|--version", SUBMIT "|--version"},
        {RUNNER, "spark-sql|-S|--master|yarn|-e|select 1;",
         "/opt/spark/bin/spark-sql|--master|local[4]|--deploy-mode|client|-S|-e|select 1;"},
        {RUNNER, "bash|-c|echo $HOME; exit 3", "bash|-c|echo $HOME; exit 3"},
        {RUNNER, "/opt/tool/spark-submit|x", "/opt/tool/spark-submit|x"},
        {RUNNER, "hadoop|fs|-ls|s3://b/",
         "/jdk/bin/java|-XX:-UsePerfData|-cp|/c/conf:/opt/spark/jars/"
         "*|org.apache.hadoop.fs.FsShell|-ls|s3://b/"},
        {RUNNER, "hdfs|dfs|-mkdir|/x",
         "/jdk/bin/java|-XX:-UsePerfData|-cp|/c/conf:/opt/spark/jars/"
         "*|org.apache.hadoop.fs.FsShell|-mkdir|/x"},
        {RUNNER, "hadoop|job|-list",
         "FAIL Illegal Argument. hadoop job: this cluster has no YARN and no HDFS daemons; "
         "'hadoop fs' and 'hadoop jar' are available"},
        {RUNNER, "s3-dist-cp|--src|s3://a|--dest=s3://b",
         "/m/mayfly|s3-dist-cp|--src|s3://a|--dest=s3://b"},
        {RUNNER, "hive-script|--run-hive-script",
         "FAIL Unknown Error. Cannot run program \"hive-script\" (in directory \".\"): "
         "error=2, No such file or directory"},
        {RUNNER, "state-pusher-script", "NOTHING"},
        {RUNNER, "", "FAIL Illegal Argument. command-runner.jar needs the command to run in Args"},
        {"/var/lib/aws/emr/step-runner/hadoop-jars/command-runner.jar", "bash|x.sh", "bash|x.sh"},
        {"s3://eu-west-1.elasticmapreduce/libs/script-runner/script-runner.jar",
         "s3://b/a.sh|1|2 3", "/c/s-1/a.sh|1|2 3 GET s3://b/a.sh x"},
        {"s3://us-east-1.elasticmapreduce/libs/script-runner/script-runner.jar",
         "/home/hadoop/a.sh", "/home/hadoop/a.sh"},
        {"s3://elasticmapreduce/libs/script-runner/script-runner.jar",
         "s3://elasticmapreduce/libs/state-pusher/0.1/fetch", "NOTHING"},
        {"s3://b/lib/a.jar", "x|y z",
         "/jdk/bin/java|-XX:-UsePerfData|-cp|/c/conf:/opt/spark/jars/"
         "*|org.apache.hadoop.util.RunJar|/c/s-1/"
         "a.jar|x|y z "
         "GET s3://b/lib/a.jar"},
        {"s3://b/..", "",
         "/jdk/bin/java|-XX:-UsePerfData|-cp|/c/conf:/opt/spark/jars/"
         "*|org.apache.hadoop.util.RunJar|/c/s-1/fetched "
         "GET s3://b/.."},
    };
    for (int i = 0; i < countof(cases); i++) {
        CommandStep s = step(cases[i].jar, cases[i].args);
        eq_str(plan_text(&s, &place), str_from(cases[i].want));
    }
}

TEST(command_plain_jar_takes_class_and_properties)
{
    CommandPair props[] = {{S("k"), S("v w")}};
    CommandStep s = step("/home/hadoop/a.jar", "1");
    s.main_class = S("org.x.Main");
    s.properties = props;
    s.properties_n = 1;
    eq_str(plan_text(&s, &place), S("/jdk/bin/java|-XX:-UsePerfData|-Dk=v "
                                    "w|-cp|/c/conf:/opt/spark/jars/*|org.apache.hadoop.util.RunJar|"
                                    "/home/hadoop/a.jar|org.x.Main|1"));
}

TEST(command_uses_the_examples_jar_where_there_is_one)
{
    CommandPlace at = place;
    at.examples_jar = S("/e/spark-examples.jar");
    CommandStep s = step(RUNNER, "spark-example|LocalPi|3");
    eq_str(plan_text(&s, &at),
           S(SUBMIT "|--class|org.apache.spark.examples.LocalPi|/e/spark-examples.jar|3"));
}

static Str env_of(const CommandPlan *plan, Str key)
{
    for (int64_t i = 0; i < plan->env.n; i++)
        if (str_eq(plan->env.p[i].key, key)) return plan->env.p[i].value;
    return (Str){0};
}

TEST(command_environment_and_controller_log)
{
    CommandPlace at = place;
    at.shims = S("/c/bin");
    CommandStep s = step(RUNNER, "bash|-c|true");
    CommandPlan plan;
    Str reason;
    Error err;
    ok(command_plan(&s, &at, test_arena(), &plan, &reason, &err));
    eq_str(env_of(&plan, S("PATH")), S("/c/bin:/opt/spark/bin:/usr/bin:/bin"));
    eq_str(env_of(&plan, S("JAVA_HOME")), S("/jdk"));
    eq_str(env_of(&plan, S("SPARK_CONF_DIR")), S("/c/conf"));
    eq_str(
        plan.shown,
        S("hadoop jar /var/lib/aws/emr/step-runner/hadoop-jars/command-runner.jar bash -c true"));
    eq_str(command_log_ended(test_arena(), &plan, 3, 12, 0),
           S("INFO waitProcessCompletion ended with exit code 3 : hadoop jar "
             "/var/lib/aws/emr/step-runner/hadoop-jars/command-runner.jar bash -c true\n"
             "INFO total process run time: 12 seconds\n"
             "1970-01-01T00:00:00.000Z INFO Step created jobs: \n"
             "1970-01-01T00:00:00.000Z WARN Step failed with exitCode 3 and took 12 seconds\n"));
    Str begin = command_log_started(test_arena(), &s, &plan, S("/o"), S("/e"), S("/w"), 77, 0);
    ok(str_starts(begin,
                  S("1970-01-01T00:00:00.000Z INFO Ensure step 1 jar file command-runner.jar\n")));
    ok(str_find(begin, S("\nINFO startExec 'hadoop jar ")) > 0);
    ok(str_find(begin, S("Child Pid: 77\n")) > 0);
}
