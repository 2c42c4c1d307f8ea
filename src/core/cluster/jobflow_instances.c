/* jobflow_instances.c - three ways to ask for instances, read into one list of groups. */
#include "core/cluster/jobflow.h"

typedef struct Reader {
    const Json *instances;
    const JobFlowLimits *limits;
    Arena *a;
    JobFlow *out;
    Error *err;
} Reader;

static bool seen(const JobFlow *flow, InstanceRole role)
{
    for (int64_t i = 0; i < flow->groups.n; i++)
        if (flow->groups.p[i].role == role) return true;
    return false;
}

static void add(Reader *r, const JobFlowGroup *group)
{
    *vec_push(r->a, &r->out->groups) = *group;
    *vec_push(r->a, &r->out->uses) = (InstanceUse){group->type, group->role, group->count};
}

/* InstanceCount and two types: one master, the rest are CORE. One instance is a cluster by itself.
 */
static bool simple(Reader *r)
{
    Str master = json_text(json_get(r->instances, S("MasterInstanceType")));
    Str slave = json_text(json_get(r->instances, S("SlaveInstanceType")));
    int64_t count = json_int_or(json_get(r->instances, S("InstanceCount")), 0);
    JobFlowGroup m = {.role = ROLE_MASTER,
                      .name = S("Master Instance Group"),
                      .market = S("ON_DEMAND"),
                      .count = 1};
    JobFlowGroup c = {.role = ROLE_CORE,
                      .name = S("Core Instance Group"),
                      .market = S("ON_DEMAND"),
                      .count = count - 1};
    if (count < 1) return error_set(r->err, ERR_VALIDATION, "InstanceCount must be at least 1.");
    if (!master.n)
        return error_set(r->err, ERR_VALIDATION,
                         "MasterInstanceType must be specified with InstanceCount.");
    if (count > 1 && !slave.n)
        return error_set(
            r->err, ERR_VALIDATION,
            "SlaveInstanceType must be specified when InstanceCount is greater than 1.");
    if (!instance_require(master, &m.type, r->err)) return false;
    add(r, &m);
    if (count == 1) return true;
    if (!instance_require(slave, &c.type, r->err)) return false;
    add(r, &c);
    return true;
}

static bool unique_role(Reader *r, const JobFlowGroup *g, const char *what)
{
    if (g->role != ROLE_TASK && seen(r->out, g->role))
        return error_set(r->err, ERR_VALIDATION, "Only one %.*s instance %s may be specified.",
                         STR(instance_role_name(g->role)), what);
    if (g->fleet && seen(r->out, g->role))
        return error_set(r->err, ERR_VALIDATION, "Only one TASK instance fleet may be specified.");
    return true;
}

static bool read_group(Reader *r, const Json *item)
{
    JobFlowGroup g = {.request = item,
                      .market = S("ON_DEMAND"),
                      .name = json_text(json_get(item, S("Name"))),
                      .bid = json_text(json_get(item, S("BidPrice")))};
    Str market = json_text(json_get(item, S("Market")));
    if (market.n)
        g.market = market;
    else if (g.bid.n)
        g.market = S("SPOT");
    g.count = json_int_or(json_get(item, S("InstanceCount")), 0);
    if (!instance_role_from(json_text(json_get(item, S("InstanceRole"))), &g.role))
        return error_set(r->err, ERR_VALIDATION, "InstanceRole must be MASTER, CORE or TASK.");
    if (!instance_require(json_text(json_get(item, S("InstanceType"))), &g.type, r->err))
        return false;
    if (g.role == ROLE_MASTER && g.count != 1 && g.count != 3)
        return error_set(r->err, ERR_VALIDATION,
                         "A master instance group must have 1 or 3 instances, not %" PRId64 ".",
                         g.count);
    if (g.count < (g.role == ROLE_TASK ? 0 : 1))
        return error_set(r->err, ERR_VALIDATION,
                         "The instance count of a %.*s group must not be %" PRId64 ".",
                         STR(instance_role_name(g.role)), g.count);
    if (!unique_role(r, &g, "group")) return false;
    add(r, &g);
    return true;
}

/* The first type stands for the fleet: as many instances as make up the target, each worth its
 * weight. */
static bool fleet_type(Reader *r, const Json *types, JobFlowGroup *g)
{
    int64_t units = g->on_demand_units + g->spot_units;
    int64_t weight = json_int_or(json_get(json_at(types, 0), S("WeightedCapacity")), 1);
    if (weight < 1) weight = 1;
    for (int32_t i = json_count(types) - 1; i >= 0; i--)
        if (!instance_require(json_text(json_get(json_at(types, i), S("InstanceType"))), &g->type,
                              r->err))
            return false;
    g->count = (units + weight - 1) / weight;
    return true;
}

static bool read_fleet(Reader *r, const Json *item)
{
    const Json *types = json_get(item, S("InstanceTypeConfigs"));
    bool strategy =
        json_find(item, "LaunchSpecifications.OnDemandSpecification.AllocationStrategy") ||
        json_find(item, "LaunchSpecifications.SpotSpecification.AllocationStrategy");
    int types_max = strategy ? 30 : 5;
    JobFlowGroup g = {.fleet = true,
                      .request = item,
                      .name = json_text(json_get(item, S("Name"))),
                      .on_demand_units =
                          json_int_or(json_get(item, S("TargetOnDemandCapacity")), 0),
                      .spot_units = json_int_or(json_get(item, S("TargetSpotCapacity")), 0)};
    if (!instance_role_from(json_text(json_get(item, S("InstanceFleetType"))), &g.role))
        return error_set(r->err, ERR_VALIDATION, "InstanceFleetType must be MASTER, CORE or TASK.");
    if (json_count(types) < 1 || json_count(types) > types_max)
        return error_set(r->err, ERR_VALIDATION,
                         "An instance fleet must have 1 to %d instance types.", types_max);
    if (g.on_demand_units < 0 || g.spot_units < 0 || g.on_demand_units + g.spot_units < 1)
        return error_set(r->err, ERR_VALIDATION,
                         "The target capacity of a %.*s instance fleet must be greater than 0.",
                         STR(instance_role_name(g.role)));
    if (g.role == ROLE_MASTER && g.on_demand_units + g.spot_units != 1)
        return error_set(r->err, ERR_VALIDATION,
                         "The target capacity of the MASTER instance fleet must be 1.");
    if (!fleet_type(r, types, &g) || !unique_role(r, &g, "fleet")) return false;
    add(r, &g);
    return true;
}

static bool read_list(Reader *r, const Json *list, bool (*take)(Reader *r, const Json *item))
{
    for (int32_t i = 0; i < json_count(list); i++)
        if (!take(r, json_at(list, i))) return false;
    return true;
}

static int64_t total(const JobFlow *flow)
{
    int64_t n = 0;
    for (int64_t i = 0; i < flow->uses.n; i++) n += flow->uses.p[i].count;
    return n;
}

static bool whole(Reader *r)
{
    const char *what = r->out->fleets ? "fleet" : "group";
    if (!seen(r->out, ROLE_MASTER))
        return error_set(r->err, ERR_VALIDATION, "Must have exactly one MASTER instance %s.", what);
    if (seen(r->out, ROLE_TASK) && !seen(r->out, ROLE_CORE))
        return error_set(r->err, ERR_VALIDATION, "TASK instance %ss need a CORE instance %s.", what,
                         what);
    if (total(r->out) > r->limits->instances_max)
        return error_set(r->err, ERR_VALIDATION,
                         "The number of instances exceeds the EC2 quota of %" PRId64 ".",
                         r->limits->instances_max);
    return true;
}

static int by_role(const void *x, const void *y)
{
    return (int)((const JobFlowGroup *)x)->role - (int)((const JobFlowGroup *)y)->role;
}

static void sort_by_role(JobFlow *flow)
{
    if (flow->groups.n)
        qsort(flow->groups.p, (size_t)flow->groups.n, sizeof *flow->groups.p, by_role);
    for (int64_t i = 0; i < flow->groups.n; i++) {
        const JobFlowGroup *g = &flow->groups.p[i];
        flow->uses.p[i] = (InstanceUse){g->type, g->role, g->count};
    }
}

bool jobflow_instances(const Json *instances, const JobFlowLimits *limits, Arena *a, JobFlow *out,
                       Error *err)
{
    Reader r = {instances, limits, a, out, err};
    const Json *groups = json_get(instances, S("InstanceGroups")),
               *fleets = json_get(instances, S("InstanceFleets"));
    bool has_simple = json_get(instances, S("MasterInstanceType")) ||
                      json_get(instances, S("SlaveInstanceType")) ||
                      json_get(instances, S("InstanceCount"));
    int ways = (json_count(groups) > 0) + (json_count(fleets) > 0) + has_simple;
    if (ways != 1)
        return error_set(err, ERR_VALIDATION,
                         "Please configure instances using one and only one of the following: "
                         "instance groups; instance "
                         "fleets; or instance count, master and slave instance type.");
    out->fleets = json_count(fleets) > 0;
    bool good = has_simple    ? simple(&r)
                : out->fleets ? read_list(&r, fleets, read_fleet)
                              : read_list(&r, groups, read_group);
    if (!good || !whole(&r)) return false;
    sort_by_role(out);
    return true;
}

bool jobflow_more_instances(const Json *list, bool fleets, const JobFlowLimits *limits, Arena *a,
                            JobFlow *out, Error *err)
{
    Reader r = {NULL, limits, a, out, err};
    if (!read_list(&r, list, fleets ? read_fleet : read_group)) return false;
    return total(out) <= limits->instances_max ||
           error_set(err, ERR_VALIDATION,
                     "The number of instances exceeds the EC2 quota of %" PRId64 ".",
                     limits->instances_max);
}
