/* instance.h - instance types: what they have and cost, and how a cluster fits this machine. */
#pragma once
#include "base/error.h"
#include "base/str.h"

/* X(code, name): the roles of instance groups and fleets. */
#define INSTANCE_ROLE_TABLE(X)                                                                     \
    X(ROLE_MASTER, "MASTER")                                                                       \
    X(ROLE_CORE, "CORE")                                                                           \
    X(ROLE_TASK, "TASK")
#define X(code, name) code,
typedef enum InstanceRole { INSTANCE_ROLE_TABLE(X) ROLE_COUNT } InstanceRole;
#undef X

typedef struct InstanceType {
    Str name;
    int vcpu;
    int64_t memory_mb;
    int64_t ec2_micro, emr_micro; /* millionths of a dollar per hour */
} InstanceType;

const InstanceType *instance_at(int64_t index); /* NULL: beyond the last */
const InstanceType *instance_find(Str name); /* NULL: not one EMR offers */
/* ERR_VALIDATION "Instance type 'x' is not supported." */
must_use bool instance_require(Str name, const InstanceType **out, Error *err);
/* yarn.nodemanager.resource.memory-mb as EMR sets it: three quarters, from 64 GB on all but 8 GB.
 */
int64_t instance_yarn_mb(const InstanceType *type);
Str instance_role_name(InstanceRole role);
must_use bool instance_role_from(Str name, InstanceRole *out);

typedef struct InstanceUse {
    const InstanceType *type;
    InstanceRole role;
    int64_t count;
} InstanceUse;

/* The share of this machine that stands for the whole cluster. Spark's work is done by CORE and
 * TASK instances; a cluster without them works on its MASTER. What the machine does not have is not
 * promised: cores and memory are cut to it, and `text` says so. Steps that run side by side share
 * the memory. */
enum { INSTANCE_HEAP_MIN_MB = 512, INSTANCE_MACHINE_SHARE_PERCENT = 60 };
typedef struct InstanceSizing {
    int64_t cluster_vcpu,
        cluster_mb; /* as on EMR: vCPU and YARN memory of the instances that work */
    int cores;      /* N of local[N] */
    int64_t driver_mb,
        executor_mb; /* of one step; in local mode the driver's heap is all there is */
    Str text;
} InstanceSizing;
InstanceSizing instance_size(const InstanceUse *uses, int64_t n, int machine_cores,
                             int64_t machine_mb, int concurrency, Arena *a);

/* What EMR and EC2 would have asked for: per second, one minute at least. */
int64_t instance_cost_micro(const InstanceUse *uses, int64_t n, int64_t lifetime_ms);
Str instance_money(Arena *a, int64_t micro); /* $0.24, or $0.0008 when it is less than a cent */
