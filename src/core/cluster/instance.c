/* instance.c - finds instance types, scales a cluster to the machine, counts its cost. */
#include "core/cluster/instance.h"
#include "core/cluster/instance_types.h"

#define X(name, vcpu, memory_mb, ec2, emr) {{name, sizeof(name) - 1}, vcpu, memory_mb, ec2, emr},
static const InstanceType types[] = {INSTANCE_TYPE_TABLE(X)};
#undef X
#define X(code, name) [code] = {name, sizeof(name) - 1},
static const Str roles[] = {INSTANCE_ROLE_TABLE(X)};
#undef X

const InstanceType *instance_find(Str name)
{
    for (int i = 0; i < countof(types); i++)
        if (str_eq(types[i].name, name)) return &types[i];
    return NULL;
}

const InstanceType *instance_at(int64_t index)
{
    return index >= 0 && index < countof(types) ? &types[index] : NULL;
}

bool instance_require(Str name, const InstanceType **out, Error *err)
{
    const InstanceType *type = instance_find(name);
    if (!type)
        return error_set(err, ERR_VALIDATION, "Instance type '%.*s' is not supported.", STR(name));
    *out = type;
    return true;
}

int64_t instance_yarn_mb(const InstanceType *type)
{
    enum { LARGE_MB = 60 * 1024, KEPT_MB = 8 * 1024 };
    return type->memory_mb >= LARGE_MB ? type->memory_mb - KEPT_MB : type->memory_mb / 4 * 3;
}

Str instance_role_name(InstanceRole role)
{
    check((int)role >= 0 && role < ROLE_COUNT);
    return roles[role];
}

bool instance_role_from(Str name, InstanceRole *out)
{
    for (int i = 0; i < ROLE_COUNT; i++) {
        if (!str_eq(roles[i], name)) continue;
        *out = (InstanceRole)i;
        return true;
    }
    return false;
}

static int64_t clamp(int64_t x, int64_t low, int64_t high)
{
    return x > high ? (high < low ? low : high) : x < low ? low : x;
}

static bool has_workers(const InstanceUse *uses, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        if (uses[i].role != ROLE_MASTER && uses[i].count > 0) return true;
    return false;
}

static void add_up(const InstanceUse *uses, int64_t n, InstanceSizing *s)
{
    bool workers = has_workers(uses, n);
    for (int64_t i = 0; i < n; i++) {
        if (workers && uses[i].role == ROLE_MASTER) continue;
        s->cluster_vcpu += uses[i].count * uses[i].type->vcpu;
        s->cluster_mb += uses[i].count * instance_yarn_mb(uses[i].type);
    }
}

static Str list_uses(const InstanceUse *uses, int64_t n, Arena *a)
{
    Buf b = {.a = a};
    for (int64_t i = 0; i < n; i++)
        buf_printf(&b, "%s%" PRId64 " x %.*s %.*s", i ? ", " : "", uses[i].count,
                   STR(uses[i].type->name), STR(roles[uses[i].role]));
    return buf_str(&b);
}

static Str describe(const InstanceUse *uses, int64_t n, const InstanceSizing *s, int machine_cores,
                    int64_t machine_mb, int concurrency, Arena *a)
{
    Buf b = {.a = a};
    bool whole = s->cores >= s->cluster_vcpu && s->driver_mb * concurrency >= s->cluster_mb;
    Str list = list_uses(uses, n, a);
    buf_printf(&b, "%.*s offer Spark %" PRId64 " vCPU and %" PRId64 " MB; ", STR(list),
               s->cluster_vcpu, s->cluster_mb);
    buf_printf(
        &b, "%s this machine (%d cores, %" PRId64 " MB): local[%d] with %" PRId64 " MB of memory",
        whole ? "all of it fits" : "scaled to", machine_cores, machine_mb, s->cores, s->driver_mb);
    if (concurrency > 1) buf_printf(&b, " for each of %d steps side by side", concurrency);
    return buf_str(&b);
}

InstanceSizing instance_size(const InstanceUse *uses, int64_t n, int machine_cores,
                             int64_t machine_mb, int concurrency, Arena *a)
{
    InstanceSizing s = {0};
    check(machine_cores > 0 && machine_mb > 0 && concurrency > 0);
    add_up(uses, n, &s);
    int64_t room = machine_mb * INSTANCE_MACHINE_SHARE_PERCENT / 100;
    s.cores = (int)clamp(s.cluster_vcpu, 1, machine_cores);
    s.driver_mb = clamp(clamp(s.cluster_mb, INSTANCE_HEAP_MIN_MB, room) / concurrency,
                        INSTANCE_HEAP_MIN_MB, room);
    s.executor_mb = s.driver_mb;
    s.text = describe(uses, n, &s, machine_cores, machine_mb, concurrency, a);
    return s;
}

int64_t instance_cost_micro(const InstanceUse *uses, int64_t n, int64_t lifetime_ms)
{
    int64_t hourly = 0, seconds = (lifetime_ms + 999) / 1000;
    for (int64_t i = 0; i < n; i++)
        hourly += uses[i].count * (uses[i].type->ec2_micro + uses[i].type->emr_micro);
    if (seconds < 60) seconds = 60;
    return hourly / 3600 * seconds + (hourly % 3600 * seconds + 1800) / 3600;
}

Str instance_money(Arena *a, int64_t micro)
{
    if (micro < 10000)
        return str_printf(a, "$%" PRId64 ".%04" PRId64, micro / 1000000,
                          (micro % 1000000 + 50) / 100);
    int64_t cents = (micro + 5000) / 10000;
    return str_printf(a, "$%" PRId64 ".%02" PRId64, cents / 100, cents % 100);
}
