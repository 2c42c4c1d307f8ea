/* jobflow.c - RunJobFlow as a whole: release, applications, bootstrap actions, tags, lifetime. */
#include "core/cluster/jobflow.h"
#include "core/cluster/classification.h"

/* The releases EMR has; the newest line is open upwards. */
static const struct {
    int64_t major, minor_max;
} releases[] = {{4, 10}, {5, 37}, {6, 15}, {7, INT64_MAX}};

static const char *const applications[] = {
    "AmazonCloudWatchAgent",
    "Delta",
    "Flink",
    "Ganglia",
    "HBase",
    "HCatalog",
    "Hadoop",
    "Hive",
    "Hudi",
    "Hue",
    "Iceberg",
    "JupyterEnterpriseGateway",
    "JupyterHub",
    "Livy",
    "MXNet",
    "Mahout",
    "Oozie",
    "Phoenix",
    "Pig",
    "Presto",
    "PrestoSQL",
    "Spark",
    "Sqoop",
    "TensorFlow",
    "Tez",
    "Trino",
    "Zeppelin",
    "ZooKeeper",
};

static bool part(Str *rest, int64_t *out)
{
    Str text;
    return str_cut(rest, '.', &text) && text.n > 0 && text.n <= 4 && text.p[0] != '-' &&
           str_to_int(text, out);
}

static bool parse_release(Str label, int64_t *major, int64_t *minor)
{
    int64_t patch;
    if (!str_starts(label, S("emr-"))) return false;
    Str rest = str_slice(label, 4, label.n);
    return part(&rest, major) && part(&rest, minor) && part(&rest, &patch) && rest.n == 0;
}

static bool read_release(const Json *request, JobFlow *out, Error *err)
{
    Str label = json_text(json_get(request, S("ReleaseLabel"))),
        ami = json_text(json_get(request, S("AmiVersion")));
    int64_t major = 0, minor = 0;
    if (label.n && ami.n)
        return error_set(err, ERR_VALIDATION,
                         "Only one AMI version and release label may be specified. "
                         "Provided AMI: %.*s, release label: %.*s.",
                         STR(ami), STR(label));
    if (!label.n)
        return error_set(err, ERR_VALIDATION,
                         "Must specify ReleaseLabel: AMI versions are not supported.");
    bool known = false;
    if (parse_release(label, &major, &minor))
        for (int i = 0; i < countof(releases); i++)
            known |= releases[i].major == major && minor <= releases[i].minor_max;
    if (!known)
        return error_set(err, ERR_VALIDATION, "The supplied release label is invalid: %.*s.",
                         STR(label));
    out->release = label;
    return true;
}

bool jobflow_concurrency(int64_t level, Str release, Error *err)
{
    int64_t major = 0, minor = 0;
    if (level < 1 || level > CLUSTER_CONCURRENCY_MAX)
        return error_set(err, ERR_VALIDATION,
                         "Step concurrency level should be in between 1 and %d.",
                         CLUSTER_CONCURRENCY_MAX);
    bool old = parse_release(release, &major, &minor) && (major < 5 || (major == 5 && minor < 28));
    if (level > 1 && old)
        return error_set(
            err, ERR_VALIDATION,
            "Step concurrency is supported in release emr-5.28.0 and later, not in %.*s.",
            STR(release));
    return true;
}

bool jobflow_idle_timeout(const Json *policy, int64_t *out_ms, Error *err)
{
    if (!policy || policy->type == JSON_NULL) {
        *out_ms = 0;
        return true;
    }
    int64_t seconds = json_int_or(json_get(policy, S("IdleTimeout")), JOBFLOW_IDLE_DEFAULT_S);
    if (seconds < JOBFLOW_IDLE_MIN_S || seconds > JOBFLOW_IDLE_MAX_S)
        return error_set(err, ERR_VALIDATION,
                         "IdleTimeout must be between %d and %d seconds, not %" PRId64 ".",
                         JOBFLOW_IDLE_MIN_S, JOBFLOW_IDLE_MAX_S, seconds);
    *out_ms = seconds * 1000;
    return true;
}

static bool check_tag(const Json *tags, int32_t i, Error *err)
{
    Str key = json_text(json_get(json_at(tags, i), S("Key"))),
        value = json_text(json_get(json_at(tags, i), S("Value")));
    if (key.n == 0 || key.n > 128 * 4 || value.n > 256 * 4)
        return error_set(err, ERR_VALIDATION,
                         "Tags[%d]: a key has 1 to 128 characters, a value up to 256.", (int)i);
    if (key.n >= 4 && str_eq_nocase(str_slice(key, 0, 4), S("aws:")))
        return error_set(err, ERR_VALIDATION,
                         "Tags[%d]: tag keys starting with 'aws:' are reserved for system use.",
                         (int)i);
    for (int32_t k = 0; k < i; k++)
        if (str_eq(key, json_text(json_get(json_at(tags, k), S("Key")))))
            return error_set(err, ERR_VALIDATION, "Tags[%d]: duplicate tag key '%.*s'.", (int)i,
                             STR(key));
    return true;
}

bool jobflow_tags(const Json *tags, int64_t tags_max, Error *err)
{
    if (json_count(tags) > tags_max)
        return error_set(err, ERR_VALIDATION, "A maximum of %" PRId64 " tags may be specified.",
                         tags_max);
    for (int32_t i = 0; i < json_count(tags); i++)
        if (!check_tag(tags, i, err)) return false;
    return true;
}

static bool read_applications(const Json *list, Arena *a, JobFlow *out, Error *err)
{
    for (int32_t i = 0; i < json_count(list); i++) {
        Str name = json_text(json_get(json_at(list, i), S("Name"))), known = {0};
        for (int k = 0; k < countof(applications); k++)
            if (str_eq_nocase(name, str_from(applications[k]))) known = str_from(applications[k]);
        if (!known.n)
            return error_set(err, ERR_VALIDATION, "Unknown application: '%.*s'.", STR(name));
        for (int64_t k = 0; k < out->applications.n; k++)
            if (str_eq(out->applications.p[k], known))
                return error_set(err, ERR_VALIDATION,
                                 "Application '%.*s' is specified more than once.", STR(known));
        *vec_push(a, &out->applications) = known;
    }
    return true;
}

static StrVec texts(const Json *list, Arena *a)
{
    StrVec v = {0};
    for (int32_t i = 0; i < json_count(list); i++) *vec_push(a, &v) = json_text(json_at(list, i));
    return v;
}

static bool read_bootstrap(const Json *list, const JobFlowLimits *limits, Arena *a, JobFlow *out,
                           Error *err)
{
    if (json_count(list) > limits->bootstrap_max)
        return error_set(err, ERR_VALIDATION, "Maximum number of bootstrap actions is %" PRId64 ".",
                         limits->bootstrap_max);
    for (int32_t i = 0; i < json_count(list); i++) {
        const Json *item = json_at(list, i), *script = json_get(item, S("ScriptBootstrapAction"));
        JobFlowBootstrap *action = vec_push(a, &out->bootstrap);
        *action = (JobFlowBootstrap){json_text(json_get(item, S("Name"))),
                                     json_text(json_get(script, S("Path"))),
                                     texts(json_get(script, S("Args")), a)};
        if (!action->path.n)
            return error_set(err, ERR_VALIDATION,
                             "BootstrapActions[%d]: ScriptBootstrapAction.Path must not be empty.",
                             (int)i);
    }
    out->spec.bootstrap_n = (int)out->bootstrap.n;
    return true;
}

static bool is_log_uri(Str uri)
{
    bool s3 =
        str_starts(uri, S("s3://")) || str_starts(uri, S("s3n://")) || str_starts(uri, S("s3a://"));
    if (!s3 || uri.n > JOBFLOW_LOG_URI_BYTES_MAX) return false;
    Str rest = str_slice(uri, str_find(uri, S("://")) + 3, uri.n), bucket;
    return str_cut(&rest, '/', &bucket) && bucket.n > 0 && bucket.n <= JOBFLOW_BUCKET_BYTES_MAX;
}

/* Keys of logs are made of it: one too long for them is refused here, where somebody is told. */
static bool read_log_uri(const Json *request, JobFlow *out, Error *err)
{
    Str uri = json_text(json_get(request, S("LogUri")));
    if (uri.n && !is_log_uri(uri))
        return error_set(err, ERR_VALIDATION, "LogUri '%.*s' is not a valid S3 location.",
                         STR(uri));
    out->spec.log_uri = uri;
    return true;
}

/* With three masters EMR sets keep-alive and termination protection itself. */
static bool read_lifetime(const Json *request, const JobFlowLimits *limits, JobFlow *out,
                          Error *err)
{
    const Json *instances = json_get(request, S("Instances"));
    ClusterSpec *spec = &out->spec;
    int64_t level = json_int_or(json_get(request, S("StepConcurrencyLevel")), 1);
    spec->keep_alive = json_true(json_get(instances, S("KeepJobFlowAliveWhenNoSteps")));
    spec->is_protected = json_true(json_get(instances, S("TerminationProtected")));
    if (out->groups.p[0].count > 1) spec->keep_alive = spec->is_protected = true;
    spec->steps_active_max = limits->steps_active_max;
    if (!jobflow_concurrency(level, out->release, err)) return false;
    spec->concurrency = (int)level;
    return jobflow_idle_timeout(json_get(request, S("AutoTerminationPolicy")),
                                &spec->idle_timeout_ms, err);
}

static bool read_steps(const Json *request, const JobFlowLimits *limits, Arena *a, JobFlow *out,
                       Error *err)
{
    const Json *steps = json_get(request, S("Steps"));
    if (limits->steps_active_max && json_count(steps) > limits->steps_active_max)
        return error_set(err, ERR_VALIDATION,
                         "Maximum number of steps for job flow exceeded. The limit is %" PRId64 ".",
                         limits->steps_active_max);
    return jobflow_steps(steps, 1, limits, a, &out->steps, err);
}

bool jobflow_read(const Json *request, const JobFlowLimits *limits, Arena *a, JobFlow *out,
                  Error *err)
{
    JobFlow flow = {.name = json_text(json_get(request, S("Name")))};
    bool good = read_release(request, &flow, err) && read_log_uri(request, &flow, err) &&
                jobflow_instances(json_get(request, S("Instances")), limits, a, &flow, err) &&
                read_lifetime(request, limits, &flow, err) &&
                read_applications(json_get(request, S("Applications")), a, &flow, err) &&
                read_bootstrap(json_get(request, S("BootstrapActions")), limits, a, &flow, err) &&
                classification_check(json_get(request, S("Configurations")), a, err) &&
                jobflow_tags(json_get(request, S("Tags")), limits->tags_max, err) &&
                read_steps(request, limits, a, &flow, err);
    if (good) *out = flow;
    return good;
}
