/* command.h - what a HadoopJarStep means on this machine: program, environment, files to fetch. */
#pragma once
#include "base/error.h"
#include "base/str.h"

/* EMR runs every step as `hadoop jar JAR [MainClass] ARGS`. What stands behind the jars it offers:
 *
 * - command-runner.jar: Args[0] is a program of the primary node.
 *
 *   - spark-submit, spark-sql, spark-shell, pyspark: those of place.spark_home, YARN made local[N].
 *
 *   - spark-example NAME: the examples jar if there is one, else Spark's Python twin of it.
 *
 *   - hadoop fs, hdfs dfs, hadoop jar: Hadoop's own classes out of Spark's jars.
 *
 *   - s3-dist-cp: place.self, which does the same without MapReduce.
 *
 *   - state-pusher-script: nothing; it switches on EMR's debugging console.
 *
 *   - hive-script, pig-script, hadoop-streaming, ...: fail as on EMR without the application.
 *
 *   - anything else (bash, python3, aws, ...): that program, found on PATH.
 *
 * - script-runner.jar: Args[0] is a script (S3 or local), fetched and executed with the rest.
 *
 * - any other jar: RunJar with MainClass or the manifest's, Args as they are, Properties as -D.
 *
 * Paths of the primary node (/usr/lib/spark/bin/x, /usr/bin/x) name the same programs. Arguments
 * are never split or joined by a shell. s3://, s3n:// and s3a:// inside arguments are left to the
 * file system's configuration.
 *
 * --master yarn[-client|-cluster] (also as --conf spark.master) becomes local[N] in client mode. In
 * deploy mode cluster the driver's output belongs into the log of the first container; EMR's step
 * log then has spark-submit's own words only. */
typedef struct CommandPair {
    Str key, value;
} CommandPair;

typedef struct CommandStep {
    Str id, jar, main_class;
    int64_t number; /* order in the cluster, for the controller log */
    const Str *args;
    int64_t args_n;
    const CommandPair *properties;
    int64_t properties_n;
} CommandStep;

/* Where things are on this machine. All paths absolute. */
typedef struct CommandPlace {
    Str spark_home, java, python, self; /* self: the program that is given `s3-dist-cp ...` */
    Str conf;         /* folder of the cluster's spark-defaults.conf, core-site.xml, ... */
    Str work;         /* the step's own folder; the process starts in it */
    Str shims;        /* folder first on PATH: spark-submit etc. for scripts; may be absent */
    Str path;         /* PATH behind it */
    Str class_path;   /* further jars of Hadoop's own tools: S3A; may be absent */
    Str examples_jar; /* may be absent */
    int cores;        /* N of local[N] */
} CommandPlace;

typedef struct CommandFetch {
    Str uri, path; /* s3://bucket/key -> below work */
    bool executable;
} CommandFetch;

typedef struct CommandPlan {
    StrVec argv; /* argv.p[0] with a slash is a path, else looked up on PATH */
    struct {
        CommandPair *p;
        int64_t n, cap;
    } env; /* additions; they win over what is inherited */
    struct {
        CommandFetch *p;
        int64_t n, cap;
    } fetch;                  /* before the start, in order */
    bool driver_in_container; /* stdout and stderr go to containers/, not to the step's files */
    bool nothing;             /* success without a process; argv is empty */
    Str shown;                /* the command as EMR's controller log shows it: hadoop jar ... */
} CommandPlan;

/* false: the step fails at once with err's text (ERR_VALIDATION); `reason` is
 * FailureDetails.Reason. */
must_use bool command_plan(const CommandStep *step, const CommandPlace *place, Arena *a,
                           CommandPlan *out, Str *reason, Error *err);

/* What stderr and FailureDetails say when argv[0] does not exist, as EMR's command-runner does. */
Str command_not_found(Arena *a, Str program);

/* EMR's controller log: the first part when the process was started, the last when it has ended. */
Str command_log_started(Arena *a, const CommandStep *step, const CommandPlan *plan, Str stdout_path,
                        Str stderr_path, Str work, int64_t pid, Millis now);
Str command_log_ended(Arena *a, const CommandPlan *plan, int exit_code, int64_t seconds,
                      Millis now);
