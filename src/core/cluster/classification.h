/* classification.h - Configurations as files, merged with what the engine needs. */
#pragma once
#include "base/json.h"

/* Three layers make a file: what the engine prefers (`defaults`), what the user asks for, and what
 * must hold for the engine to work (`wins`: endpoint of S3, folders, event log). Later layers
 * replace keys of earlier ones.
 *
 * - spark-defaults: spark-defaults.conf, key value, escaped as Java reads properties.
 *
 * - spark-env, hadoop-env, ...: spark-env.sh; nested classification `export`: export KEY=value.
 *
 * - core-site, hdfs-site, hive-site, ...: core-site.xml, Hadoop's XML, escaped.
 *
 * - spark-hive-site: hive-site.xml; Spark's own, wins over hive-site.
 *
 * - spark-log4j2, spark-log4j: log4j2.properties.
 *
 * - capacity-scheduler, yarn-site: written, though no YARN reads them; the queues are Mayfly's.
 *
 * - emrfs-site, spark, ...: no file; a note says why.
 *
 * A value of `export` is the text after the equals sign, as EMR writes it: quotes and $VARIABLES
 * are the shell's. Only a value with blanks and no quotes of its own is put into double quotes. */
typedef struct ClassificationRow {
    Str classification, key, value;
} ClassificationRow;

typedef struct ClassificationFile {
    Str name, content; /* spark-defaults.conf */
} ClassificationFile;

typedef struct ClassificationOutput {
    struct {
        ClassificationFile *p;
        int64_t n, cap;
    } files;      /* by name, only those with content */
    StrVec notes; /* what was not applied and why; for the log of the cluster */
} ClassificationOutput;

/* `configurations` may be NULL. Errors (ERR_VALIDATION) name the place:
 * Configurations[1].Properties.x ... */
must_use bool classification_files(const Json *configurations, const ClassificationRow *defaults,
                                   int64_t defaults_n, const ClassificationRow *wins,
                                   int64_t wins_n, Arena *a, ClassificationOutput *out, Error *err);

/* Only the form: for RunJobFlow, before anything exists. */
must_use bool classification_check(const Json *configurations, Arena *a, Error *err);
