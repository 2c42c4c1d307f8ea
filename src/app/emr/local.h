/* local.h - private to local*.c: the engine that runs a cluster as a process tree and a folder on this machine. */
#pragma once
#include "app/emr/clusters.h"
#include "app/emr/engine.h"
#include "core/cluster/classification.h"
#include "core/cluster/command.h"
#include "core/cluster/instance.h"
#include "sys/child.h"

/* What a cluster is on this machine (paths below the data folder):
 *
 *     work/<cluster>/conf/                spark-defaults.conf, core-site.xml, ... : SPARK_CONF_DIR
 * and HADOOP_CONF_DIR work/<cluster>/home/                HOME of its processes
 *     work/<cluster>/hdfs/                where hdfs:// lies
 *     work/<cluster>/tmp/, events/        temporary files of Spark and others; Spark's event logs
 *     work/<cluster>/steps/<step>/        working folder of a step; fetched files
 *     work/<cluster>/bootstrap-actions/N/ the same of a bootstrap action
 *     work/<cluster>/run/<attempt>/       what the keeper of a process writes (sys/child.h)
 *     logs/<cluster>/...                  as EMR lays them out below the log URI, not compressed
 *
 * The folder in work/ goes with the cluster; logs/<cluster> some time after it (sweep.h). */
enum {
    LOCAL_ORPHAN_GRACE_MS =
        20 * 1000,                /* processes end when no server has come back for that long */
    LOCAL_TAIL_BYTES = 16 * 1024, /* of each stream, looked at to explain a failure */
};

typedef struct Local {
    Arena a;
    Str spark_home, java, python, jars, shims; /* absent: not found */
    Str missing; /* what Spark needs and is not here, with the command that installs it; absent:
                    nothing */
    Str path;
    Machine machine;
    struct {
        struct LocalProcess {
            int64_t cluster, attempt;
        } * p;
        int64_t n, cap;
    } live; /* processes from the order to start them until their end has been recorded */
} Local;

/* local.c */
must_use bool local_open(Server *s, Error *err);
void local_close(Server *s);
Str local_work(Arena *a, Str cluster); /* "work/j-ABC" */
Str local_run_dir(Arena *a, Str cluster, int64_t attempt);
Str local_absolute(Server *s, Arena *a, Str path); /* of a path below the data folder */
/* Of a cluster, below its `work`; those that are there stay. For any thread. */
must_use bool local_make_folders(Folder *data, Arena *a, Str work, Error *err);
void local_process_add(Server *s, int64_t cluster, int64_t attempt);
/* After the commit that recorded its end: a cluster that is being destroyed may go on with it. */
void local_process_gone(Server *s, int64_t cluster, int64_t attempt);

/* local_find.c: fills the paths of *out. */
void local_find(Server *s, Local *out);

/* local_conf.c: the cluster's configuration files and what is to be said about its size. */
typedef struct LocalConf {
    ClassificationOutput files;
    Str report; /* sizing and notes, for people */
    int cores;
} LocalConf;
must_use bool local_conf(Server *s, const ClusterRow *row, Arena *a, LocalConf *out, Error *err);
/* false: the database has failed. */
must_use bool local_sizing(Server *s, const ClusterRow *row, Arena *a, InstanceSizing *out);

/* local_plan.c: what a command is as a process of this machine. */
typedef struct LocalPlan {
    Str what; /* step id, or "bootstrap action 2" */
    Str work; /* below the data folder: working folder */
    Str log;  /* below the data folder: folder of controller, stdout, stderr */
    Str out;  /* folder of stdout and stderr: `log`, or a container's */
    CommandStep step;
    CommandPlan plan;
    Str reason; /* set: the plan failed, with `error` */
    Error error;
    StrVec env;
} LocalPlan;
/* A command that cannot be run has out->error. false: the database has failed. */
must_use bool local_plan(Server *s, const ClusterRow *row, ClusterToken token, Arena *a,
                         LocalPlan *out);

/* local_run.c */
void local_submit(Server *s, const ClusterRow *row, ClusterToken token);
void local_cancel(Server *s, const ClusterRow *row, const ClusterCommand *command);

/* local_end.c */
void local_ended(Server *s, int64_t cluster, int64_t attempt, const ChildExit *exit);
ClusterFound local_observe(Server *s, const ClusterRow *row, ClusterToken token, Arena *a);
/* What became of a process, within an event. The plan lives as long as the job whose event it is.
 */
void local_answer(Server *s, int64_t cluster, ClusterToken token, const LocalPlan *p,
                  ClusterResult result);

/* local_log.c */
/* Names of a process's logs below logs/<cluster>/; returns how many (<= LOGS_FILES_MAX). */
int local_log_paths(Arena *a, const ClusterRow *row, const LocalPlan *p, Str *out);
/* For any thread; `folder` is below the data folder. false: nothing was added. */
bool local_log_append(Folder *data, Arena *a, Str folder, const char *name, Str text);
/* They are uploaded while the process runs. */
void local_log_follow(Server *s, const ClusterRow *row, ClusterToken token, const LocalPlan *p);
/* A step's last upload is ordered by the core; a bootstrap action's is due now. */
void local_log_end(Server *s, int64_t cluster, ClusterToken token, const LocalPlan *p);
