/* emr_release.c - EMR's releases: which labels there are, what they bring in which version, and the instance types. */
#include "api/emr.h"

#include "core/cluster/instance.h"

/* After the release guide's tables of application versions. A patch release (emr-6.10.1) has the
 * versions of its line. Where Spark here differs from the release's, docs/engines.md says so.
 * X(line, last patch, Hadoop, Spark, Hive) */
#define RELEASE_TABLE(X)                                                                           \
    X("emr-7.12", 0, "3.4.1", "3.5.6", "3.1.3")                                                    \
    X("emr-7.11", 0, "3.4.1", "3.5.6", "3.1.3")                                                    \
    X("emr-7.10", 0, "3.4.1", "3.5.5", "3.1.3")                                                    \
    X("emr-7.9", 0, "3.4.1", "3.5.5", "3.1.3")                                                     \
    X("emr-7.8", 0, "3.4.1", "3.5.4", "3.1.3")                                                     \
    X("emr-7.7", 0, "3.4.0", "3.5.3", "3.1.3")                                                     \
    X("emr-7.6", 0, "3.4.0", "3.5.3", "3.1.3")                                                     \
    X("emr-7.5", 0, "3.4.0", "3.5.2", "3.1.3")                                                     \
    X("emr-7.4", 0, "3.4.0", "3.5.2", "3.1.3")                                                     \
    X("emr-7.3", 0, "3.3.6", "3.5.1", "3.1.3")                                                     \
    X("emr-7.2", 0, "3.3.6", "3.5.1", "3.1.3")                                                     \
    X("emr-7.1", 0, "3.3.6", "3.5.0", "3.1.3")                                                     \
    X("emr-7.0", 0, "3.3.6", "3.5.0", "3.1.3")                                                     \
    X("emr-6.15", 0, "3.3.6", "3.4.1", "3.1.3")                                                    \
    X("emr-6.14", 0, "3.3.3", "3.4.1", "3.1.3")                                                    \
    X("emr-6.13", 0, "3.3.3", "3.4.1", "3.1.3")                                                    \
    X("emr-6.12", 0, "3.3.3", "3.4.0", "3.1.3")                                                    \
    X("emr-6.11", 1, "3.3.3", "3.3.2", "3.1.3")                                                    \
    X("emr-6.10", 1, "3.3.3", "3.3.1", "3.1.3")                                                    \
    X("emr-6.9", 1, "3.3.3", "3.3.0", "3.1.3")                                                     \
    X("emr-6.8", 1, "3.2.1", "3.3.0", "3.1.3")                                                     \
    X("emr-6.7", 0, "3.2.1", "3.2.1", "3.1.3")                                                     \
    X("emr-6.6", 0, "3.2.1", "3.2.0", "3.1.2")                                                     \
    X("emr-6.5", 0, "3.2.1", "3.1.2", "3.1.2")                                                     \
    X("emr-6.4", 0, "3.2.1", "3.1.2", "3.1.2")                                                     \
    X("emr-6.3", 1, "3.2.1", "3.1.1", "3.1.2")                                                     \
    X("emr-6.2", 1, "3.2.1", "3.0.1", "3.1.2")                                                     \
    X("emr-6.1", 1, "3.2.1", "3.0.0", "3.1.2")                                                     \
    X("emr-6.0", 1, "3.2.1", "2.4.4", "3.1.2")                                                     \
    X("emr-5.36", 2, "2.10.1", "2.4.8", "2.3.9")                                                   \
    X("emr-5.35", 0, "2.10.1", "2.4.8", "2.3.9")                                                   \
    X("emr-5.34", 0, "2.10.1", "2.4.8", "2.3.8")                                                   \
    X("emr-5.33", 1, "2.10.1", "2.4.7", "2.3.7")                                                   \
    X("emr-5.32", 1, "2.10.1", "2.4.7", "2.3.7")                                                   \
    X("emr-5.31", 1, "2.10.0", "2.4.6", "2.3.7")                                                   \
    X("emr-5.30", 2, "2.8.5", "2.4.5", "2.3.6")                                                    \
    X("emr-5.29", 0, "2.8.5", "2.4.4", "2.3.6")                                                    \
    X("emr-5.28", 1, "2.8.5", "2.4.4", "2.3.6")

typedef struct Release {
    Str line;
    int patch_max;
    Str hadoop, spark, hive;
} Release;

#define X(line, patch, hadoop, spark, hive)                                                        \
    {STR_INIT(line), patch, STR_INIT(hadoop), STR_INIT(spark), STR_INIT(hive)},
static const Release releases[] = {RELEASE_TABLE(X)};
#undef X

/* Applications of which only the name matters: what of them runs here is in docs/engines.md. */
static const Str names[] = {
    STR_INIT("AmazonCloudWatchAgent"),
    STR_INIT("Delta"),
    STR_INIT("Flink"),
    STR_INIT("Ganglia"),
    STR_INIT("HBase"),
    STR_INIT("HCatalog"),
    STR_INIT("Hadoop"),
    STR_INIT("Hive"),
    STR_INIT("Hudi"),
    STR_INIT("Hue"),
    STR_INIT("Iceberg"),
    STR_INIT("JupyterEnterpriseGateway"),
    STR_INIT("JupyterHub"),
    STR_INIT("Livy"),
    STR_INIT("MXNet"),
    STR_INIT("Mahout"),
    STR_INIT("Oozie"),
    STR_INIT("Phoenix"),
    STR_INIT("Pig"),
    STR_INIT("Presto"),
    STR_INIT("Spark"),
    STR_INIT("Sqoop"),
    STR_INIT("TensorFlow"),
    STR_INIT("Tez"),
    STR_INIT("Trino"),
    STR_INIT("Zeppelin"),
    STR_INIT("ZooKeeper"),
};

static const Release *find(Str label)
{
    int64_t dot = str_rfind_char(label, '.'), patch;
    if (dot < 0 || !str_to_int(str_slice(label, dot + 1, label.n), &patch)) return NULL;
    for (int i = 0; i < countof(releases); i++)
        if (str_eq(releases[i].line, str_slice(label, 0, dot)))
            return patch >= 0 && patch <= releases[i].patch_max ? &releases[i] : NULL;
    return NULL;
}

/* One that is not in the table, being older or newer than it, has the versions of the nearest that
 * is. */
static const Release *nearest(Str label)
{
    const Release *exact = find(label);
    if (exact) return exact;
    return str_starts(label, S("emr-5")) || str_starts(label, S("emr-4"))
               ? &releases[countof(releases) - 1]
               : &releases[0];
}

bool emr_release_check(Str label, Error *err)
{
    if (find(label)) return true;
    return error_set(err, ERR_VALIDATION, "The supplied release label is invalid: %.*s.",
                     STR(label));
}

Str emr_release_os(Str label)
{
    return str_starts(label, S("emr-7")) ? S("2023.6.20241121.0") : S("2.0.20241113.1");
}

static Str canonical(Str asked)
{
    for (int i = 0; i < countof(names); i++)
        if (str_eq_nocase(names[i], asked)) return names[i];
    return (Str){0};
}

static Str version_of(const Release *r, Str name)
{
    if (str_eq(name, S("Spark"))) return r->spark;
    if (str_eq(name, S("Hadoop"))) return r->hadoop;
    if (str_eq(name, S("Hive")) || str_eq(name, S("HCatalog"))) return r->hive;
    return (Str){0};
}

static Json application(Arena *a, const Release *r, Str name, const Json *asked)
{
    JsonObject o = {.a = a};
    json_put_text(&o, S("Name"), name);
    json_put_text(&o, S("Version"), version_of(r, name));
    json_put_json(&o, S("Args"), json_get(asked, S("Args")));
    json_put_json(&o, S("AdditionalInfo"), json_get(asked, S("AdditionalInfo")));
    return json_object(&o);
}

Json emr_applications(Arena *a, Str label, const StrVec *asked_names, const Json *asked)
{
    JsonArray list = {.a = a};
    const Release *release = nearest(label);
    for (int64_t i = 0; i < asked_names->n; i++)
        json_add(&list, application(a, release, asked_names->p[i], json_at(asked, i)));
    if (asked_names->n == 0) json_add(&list, application(a, release, S("Hadoop"), NULL));
    return json_array(&list);
}

/* ---- operations ---- */

CallResult emr_describe_release(Call *call, Error *err)
{
    Arena *a = call->arena;
    Str label = json_text(json_get(&call->in, S("ReleaseLabel")));
    JsonArray apps = {.a = a}, systems = {.a = a};
    JsonObject out = {.a = a}, os = {.a = a};
    if (!label.n) label = str_printf(a, "%.*s.0", STR(releases[0].line));
    if (!emr_release_check(label, err)) {
        err->code = ERR_INVALID_REQUEST;
        return CALL_FAILED;
    }
    for (int i = 0; i < countof(names); i++)
        json_add(&apps, application(a, find(label), names[i], NULL));
    json_put_text(&os, S("Label"), emr_release_os(label));
    json_add(&systems, json_object(&os));
    json_put_text(&out, S("ReleaseLabel"), label);
    json_put(&out, S("Applications"), json_array(&apps));
    json_put(&out, S("AvailableOSReleases"), json_array(&systems));
    call->out = json_object(&out);
    return CALL_DONE;
}

static bool has_spark(const Json *filter, const Release *r)
{
    Str wanted = json_text(json_get(filter, S("Application")));
    if (!wanted.n) return true;
    int64_t at = str_find_char(wanted, '@');
    Str name = canonical(str_slice(wanted, 0, at < 0 ? wanted.n : at));
    return !str_absent(name) &&
           (at < 0 || str_eq(version_of(r, name), str_slice(wanted, at + 1, wanted.n)));
}

CallResult emr_list_releases(Call *call, Error *err)
{
    Arena *a = call->arena;
    const Json *filters = json_get(&call->in, S("Filters"));
    Str prefix = json_text(json_get(filters, S("Prefix")));
    JsonArray list = {.a = a};
    (void)err;
    for (int i = 0; i < countof(releases); i++)
        for (int patch = releases[i].patch_max; patch >= 0; patch--) {
            Str label = str_printf(a, "%.*s.%d", STR(releases[i].line), patch);
            if (str_starts(label, prefix) && has_spark(filters, &releases[i]))
                json_add(&list, json_string(label));
        }
    return emr_answer(call, S("ReleaseLabels"), json_array(&list));
}

static Json instance_type(Arena *a, const InstanceType *t)
{
    JsonObject o = {.a = a};
    int64_t dot = str_find_char(t->name, '.');
    json_put_text(&o, S("Type"), t->name);
    json_put(&o, S("MemoryGB"),
             json_number(str_printf(a, "%" PRId64 ".%" PRId64, t->memory_mb / 1024,
                                    t->memory_mb % 1024 * 10 / 1024)));
    json_put(&o, S("VCPU"), json_int(a, t->vcpu));
    json_put_text(&o, S("InstanceFamilyId"), str_slice(t->name, 0, dot));
    json_put(&o, S("Is64BitsOnly"), json_bool(true));
    return json_object(&o);
}

CallResult emr_list_instance_types(Call *call, Error *err)
{
    int64_t after;
    JsonArray list = {.a = call->arena};
    JsonObject out = {.a = call->arena};
    if (!emr_release_check(json_text(json_get(&call->in, S("ReleaseLabel"))), err) ||
        !emr_marker(call, &after, err)) {
        err->code = ERR_INVALID_REQUEST;
        return CALL_FAILED;
    }
    const InstanceType *t;
    for (; (t = instance_at(after)) && list.n < EMR_PAGE; after++)
        json_add(&list, instance_type(call->arena, t));
    json_put(&out, S("SupportedInstanceTypes"), json_array(&list));
    if (t) json_put(&out, S("Marker"), emr_new_marker(call->arena, after));
    call->out = json_object(&out);
    return CALL_DONE;
}
