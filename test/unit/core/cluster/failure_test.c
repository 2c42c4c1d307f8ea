/* failure_test.c - FailureDetails from what Spark, Java, Python and the shell really write. */
#include "core/cluster/failure.h"
#include "test.h"

typedef struct Explained {
    Str reason, message;
} Explained;

static Explained explain(Str err, Str out)
{
    Explained e = {0};
    failure_explain(err, out, test_arena(), &e.reason, &e.message);
    return e;
}

TEST(failure_of_a_python_driver_is_on_standard_output)
{
    Explained e =
        explain(S("26/11/20 20:05:22 INFO SparkContext: Successfully stopped SparkContext\n"),
                S("Traceback (most recent call last):\n"
                  "  File \"/work/job.py\", line 36, in read_raw\n"
                  "    raw = spark.read.csv(path)\n"
                  "pyspark.errors.exceptions.captured.AnalysisException: [PATH_NOT_FOUND] Path "
                  "does not exist: s3://b/none.\n"));
    eq_str(e.reason, S("Input path does not exist."));
    eq_str(e.message, S("pyspark.errors.exceptions.captured.AnalysisException: [PATH_NOT_FOUND] "
                        "Path does not exist: s3://b/none."));
}

TEST(failure_of_java_names_the_exception_and_not_its_cause)
{
    Explained e = explain(
        S("Exception in thread \"main\" org.apache.hadoop.mapred.FileAlreadyExistsException: "
          "Output directory s3://b/x exists\n"
          "\tat org.apache.hadoop.Main.main(Main.java:1)\n"
          "Caused by: java.lang.IllegalStateException: deep down\n"
          "\t... 3 more\n"),
        (Str){0});
    eq_str(e.reason, S("Output directory already exists."));
    ok(str_starts(
        e.message,
        S("Exception in thread \"main\" org.apache.hadoop.mapred.FileAlreadyExistsException")));
}

TEST(failure_of_a_script_is_its_last_words)
{
    Explained e = explain(S("starting\ncp: cannot stat 'x': No such file or directory\n\n"),
                          S("some output\n"));
    ok(str_absent(e.reason));
    eq_str(e.message, S("cp: cannot stat 'x': No such file or directory"));
}

TEST(failure_without_words_stays_unexplained)
{
    Explained e = explain((Str){0}, S("result 42\n"));
    ok(str_absent(e.reason) && str_absent(e.message));
    e = explain(S("26/11/20 20:05:22 INFO X: y\n26/11/20 20:05:23 WARN X: z\n"), (Str){0});
    ok(str_absent(e.message));
}

TEST(failure_messages_are_bounded_and_whole_characters)
{
    Buf b = {.a = test_arena()};
    buf_put(&b, S("Error: "));
    while (b.n < 3000) buf_put(&b, S("\xc3\xbc"));
    Explained e = explain(buf_str(&b), (Str){0});
    ok(e.message.n > 900 && e.message.n <= 1000 && (e.message.n - 7) % 2 == 0);
}
