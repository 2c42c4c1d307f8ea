/* local_conf.c - a cluster's configuration: what the engine prefers, what the user asked for, what must hold. */
#include "app/emr/local.h"

#define MB (1024 * 1024)

typedef struct ConfRows {
    Arena *a;
    ClassificationRow *p;
    int64_t n, cap;
} ConfRows;

static void put(ConfRows *r, Str classification, const char *key, Str value)
{
    *vec_push(r->a, r) = (ClassificationRow){classification, str_from(key), value};
}

/* ---- size ---- */

bool local_sizing(Server *s, const ClusterRow *row, Arena *a, InstanceSizing *out)
{
    InstanceUse *uses;
    int64_t n;
    Machine m = s->clusters->local->machine;
    if (!clusters_uses(s, row, a, &uses, &n)) return false;
    *out = instance_size(uses, n, m.cores, m.memory_bytes / MB, row->spec.concurrency, a);
    return true;
}

/* ---- the rows ---- */

static void spark_defaults(ConfRows *r, const Local *l, const InstanceSizing *size, Str work)
{
    Str c = S("spark-defaults");
    put(r, c, "spark.master", str_printf(r->a, "local[%d]", size->cores));
    put(r, c, "spark.driver.memory", str_printf(r->a, "%" PRId64 "m", size->driver_mb));
    put(r, c, "spark.driver.defaultJavaOptions", S("-XX:-UsePerfData")); /* see command.c */
    put(r, c, "spark.ui.enabled", S("false"));
    put(r, c, "spark.ui.port", S("0"));
    put(r, c, "spark.eventLog.enabled", S("true"));
    put(r, c, "spark.scheduler.listenerbus.logSlowEvent.enabled",
        S("false")); /* prints whole plans */
    put(r, c, "spark.sql.warehouse.dir", S("hdfs:///user/spark/warehouse"));
    put(r, c, "spark.sql.parquet.output.committer.class",
        S("org.apache.spark.internal.io.cloud.BindingParquetOutputCommitter"));
    put(r, c, "spark.sql.sources.commitProtocolClass",
        S("org.apache.spark.internal.io.cloud.PathOutputCommitProtocol"));
    put(r, c, "spark.driver.extraClassPath", str_printf(r->a, "%.*s/*", STR(l->jars)));
    put(r, c, "spark.executor.extraClassPath", str_printf(r->a, "%.*s/*", STR(l->jars)));
    put(r, S("spark-hive-site"), "javax.jdo.option.ConnectionURL",
        str_printf(r->a, "jdbc:derby:;databaseName=%.*s/metastore_db;create=true", STR(work)));
}

/* Jobs write to S3 through S3A's magic committer: nothing is renamed, and nothing appears before
 * the job's end. */
static void s3a_defaults(ConfRows *r, const ClusterRow *row)
{
    Str c = S("core-site");
    put(r, c, "fs.s3a.endpoint.region", row->region);
    put(r, c, "fs.s3a.committer.name", S("magic"));
    put(r, c, "fs.s3a.committer.magic.enabled", S("true"));
    put(r, c, "fs.s3a.fast.upload", S("true"));
    put(r, c, "fs.s3a.bucket.probe", S("0"));
}

static void s3a_wins(ConfRows *r, Str work)
{
    static const char *const schemes[] = {"s3", "s3n", "s3a"};
    Str c = S("core-site");
    for (int i = 0; i < countof(schemes); i++) {
        put(r, c, str_printf(r->a, "fs.%s.impl", schemes[i]).p,
            S("org.apache.hadoop.fs.s3a.S3AFileSystem"));
        put(r, c, str_printf(r->a, "fs.AbstractFileSystem.%s.impl", schemes[i]).p,
            S("org.apache.hadoop.fs.s3a.S3A"));
        put(r, c, str_printf(r->a, "mapreduce.outputcommitter.factory.scheme.%s", schemes[i]).p,
            S("org.apache.hadoop.fs.s3a.commit.S3ACommitterFactory"));
    }
    /* From the environment of each process: a server that is started again may listen on another
     * port. */
    put(r, c, "fs.s3a.endpoint", S("${env.AWS_ENDPOINT_URL}"));
    put(r, c, "fs.s3a.path.style.access", S("true"));
    put(r, c, "fs.s3a.connection.ssl.enabled", S("false"));
    put(r, c, "fs.s3a.aws.credentials.provider",
        S("com.amazonaws.auth.EnvironmentVariableCredentialsProvider,"
          "org.apache.hadoop.fs.s3a.auth.IAMInstanceCredentialsProvider"));
    put(r, c, "fs.s3a.buffer.dir", str_printf(r->a, "%.*s/tmp/s3a", STR(work)));
    put(r, c, "hadoop.tmp.dir", str_printf(r->a, "%.*s/tmp/hadoop", STR(work)));
}

/* hdfs:///x is the file hdfs/x of the cluster's folder, through Hadoop's own view file system. */
static void hdfs_wins(ConfRows *r, Str work)
{
    Str c = S("core-site");
    put(r, c, "fs.defaultFS", S("hdfs://local"));
    put(r, c, "fs.hdfs.impl", S("org.apache.hadoop.fs.viewfs.ViewFileSystemOverloadScheme"));
    put(r, c, "fs.viewfs.overload.scheme.target.hdfs.impl",
        S("org.apache.hadoop.hdfs.DistributedFileSystem"));
    put(r, c, "fs.viewfs.mounttable.local.linkFallback",
        str_printf(r->a, "file://%.*s/hdfs", STR(work)));
    put(r, c, "fs.viewfs.mounttable.local.link./tmp",
        str_printf(r->a, "file://%.*s/hdfs/tmp", STR(work)));
}

static void events_win(ConfRows *r, Str work)
{
    put(r, S("spark-defaults"), "spark.eventLog.dir",
        str_printf(r->a, "file://%.*s/events", STR(work)));
}

bool local_conf(Server *s, const ClusterRow *row, Arena *a, LocalConf *out, Error *err)
{
    Json request = {0};
    InstanceSizing size;
    ConfRows defaults = {.a = a}, wins = {.a = a};
    Buf report = {.a = a};
    Str work = local_absolute(s, a, local_work(a, row->spec.id));
    if (!local_sizing(s, row, a, &size) || !clusters_doc(s, row, CLUSTER_DOC_REQUEST, a, &request))
        return error_set(err, ERR_IO, "state.db cannot be read");
    spark_defaults(&defaults, s->clusters->local, &size, work);
    s3a_defaults(&defaults, row);
    s3a_wins(&wins, work);
    hdfs_wins(&wins, work);
    events_win(&wins, work);
    if (!classification_files(json_get(&request, S("Configurations")), defaults.p, defaults.n,
                              wins.p, wins.n, a, &out->files, err))
        return false;
    buf_printf(&report, "%.*s\n", STR(size.text));
    for (int64_t i = 0; i < out->files.notes.n; i++)
        buf_printf(&report, "configuration %.*s\n", STR(out->files.notes.p[i]));
    if (s->clusters->local->missing.n)
        buf_printf(&report, "%.*s\n", STR(s->clusters->local->missing));
    out->report = buf_str(&report);
    out->cores = size.cores;
    return true;
}
