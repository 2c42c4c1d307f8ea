/* command_spark.h - private to this folder: a launch plan in the making, and Spark's options. */
#pragma once
#include "core/cluster/command.h"

typedef struct Plan {
    const CommandStep *step;
    const CommandPlace *place;
    Arena *a;
    CommandPlan *out;
    Str *reason;
    Error *err;
    Str program; /* command-runner: the program's name without EMR's folder */
} Plan;

bool command_is_s3(Str uri);
void command_arg(Plan *p, Str arg);
void command_env(Plan *p, Str key, Str value);
Str command_fetched(Plan *p, Str uri,
                    bool executable); /* the local path; an S3 object is put on the list */
must_use bool command_fail(Plan *p, Str reason, Str text); /* returns false */

must_use bool command_spark_submit(Plan *p);
must_use bool command_spark_tool(Plan *p); /* spark-sql, spark-shell, pyspark */
must_use bool command_spark_example(Plan *p);
