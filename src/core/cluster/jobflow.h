/* jobflow.h - RunJobFlow, AddJobFlowSteps and ModifyCluster beyond their shapes: the rules. */
#pragma once
#include "base/json.h"
#include "core/cluster/cluster.h"
#include "core/cluster/instance.h"

/* The requests have passed the service model (required members, types, lengths, enums). Here are
 * the rules that no model states, refused as EMR refuses them: ValidationException. Accepted as EMR
 * accepts it: termination protection without keep-alive (it has no effect on the end by itself).
 * The quotas are arguments: an account may have lifted them. */
typedef struct JobFlowLimits {
    int64_t steps_active_max; /* 256; 0: none */
    int64_t step_chars_max;   /* 10,240 in one HadoopJarStep */
    int64_t bootstrap_max;    /* 16 */
    int64_t tags_max;         /* 10 */
    int64_t instances_max;    /* of all groups together */
} JobFlowLimits;
/* No quota of EMR's: an account's quotas of EC2 are far below. What is counted with stays exact. */
enum { JOBFLOW_INSTANCES_MAX = 100 * 1000 };
#define JOBFLOW_LIMITS_DEFAULT                                                                     \
    ((JobFlowLimits){CLUSTER_STEPS_ACTIVE_MAX, 10240, CLUSTER_BOOTSTRAP_MAX, 10,                   \
                     JOBFLOW_INSTANCES_MAX})

typedef struct JobFlowGroup { /* an instance group, or with `fleet` an instance fleet */
    InstanceRole role;
    bool fleet;
    Str name, market, bid;    /* market ON_DEMAND or SPOT; fleets: absent */
    const InstanceType *type; /* fleets: the first type, which this engine takes */
    int64_t count;            /* fleets: instances of `type` that make up the target capacity */
    int64_t on_demand_units, spot_units;
    const Json
        *request; /* the InstanceGroupConfig or InstanceFleetConfig; NULL: from the simple form */
} JobFlowGroup;

typedef struct JobFlowStep {
    Str name, jar, main_class;
    StepAction action;
    StrVec args;
    struct {
        struct JobFlowPair {
            Str key, value;
        } * p;
        int64_t n, cap;
    } properties;
    const Json *request;
} JobFlowStep;
typedef struct JobFlowSteps {
    JobFlowStep *p;
    int64_t n, cap;
} JobFlowSteps;

typedef struct JobFlowBootstrap {
    Str name, path;
    StrVec args;
} JobFlowBootstrap;

typedef struct JobFlow {
    Str name, release;
    ClusterSpec spec; /* without id, instance, times of the server: the caller completes it */
    bool fleets;
    struct {
        JobFlowGroup *p;
        int64_t n, cap;
    } groups; /* MASTER, CORE, TASK */
    struct {
        InstanceUse *p;
        int64_t n, cap;
    } uses; /* the same, for size and price */
    JobFlowSteps steps;
    struct {
        JobFlowBootstrap *p;
        int64_t n, cap;
    } bootstrap;
    StrVec applications; /* in EMR's spelling */
} JobFlow;

/* With what a log's key adds to the URI it stays below S3's 1,024 bytes. */
enum { JOBFLOW_LOG_URI_BYTES_MAX = 800, JOBFLOW_BUCKET_BYTES_MAX = 255 };
enum { JOBFLOW_IDLE_MIN_S = 60, JOBFLOW_IDLE_MAX_S = 604800, JOBFLOW_IDLE_DEFAULT_S = 3600 };

must_use bool jobflow_read(const Json *run_job_flow, const JobFlowLimits *limits, Arena *a,
                           JobFlow *out, Error *err);
/* Steps of RunJobFlow (concurrency 1: any action) or of AddJobFlowSteps (the cluster's level). */
must_use bool jobflow_steps(const Json *steps, int concurrency, const JobFlowLimits *limits,
                            Arena *a, JobFlowSteps *out, Error *err);
must_use bool jobflow_concurrency(int64_t level, Str release, Error *err);
/* AutoTerminationPolicy: NULL gives 0, without IdleTimeout an hour. */
must_use bool jobflow_idle_timeout(const Json *policy, int64_t *out_ms, Error *err);
must_use bool jobflow_tags(const Json *tags, int64_t tags_max, Error *err);
must_use bool jobflow_instances(const Json *instances, const JobFlowLimits *limits, Arena *a,
                                JobFlow *out, Error *err);
/* Groups or fleets for a cluster that is there: `out` has those it has, and gets them. */
must_use bool jobflow_more_instances(const Json *list, bool fleets, const JobFlowLimits *limits,
                                     Arena *a, JobFlow *out, Error *err);
