/* notification.c - event names, key filters, targets and their overlaps. */
#include "core/bucket/notification.h"

static const struct {
    const char *list, *arn, *service;
} kinds[] = {
    {"TopicConfigurations", "TopicArn", "sns"},
    {"QueueConfigurations", "QueueArn", "sqs"},
    {"LambdaFunctionConfigurations", "LambdaFunctionArn", "lambda"},
};

static const char *const events[] = {
    "ObjectCreated:*",
    "ObjectCreated:Put",
    "ObjectCreated:Post",
    "ObjectCreated:Copy",
    "ObjectCreated:CompleteMultipartUpload",
    "ObjectRemoved:*",
    "ObjectRemoved:Delete",
    "ObjectRemoved:DeleteMarkerCreated",
    "ObjectRestore:*",
    "ObjectRestore:Post",
    "ObjectRestore:Completed",
    "ObjectRestore:Delete",
    "ReducedRedundancyLostObject",
    "Replication:*",
    "Replication:OperationFailedReplication",
    "Replication:OperationNotTracked",
    "Replication:OperationMissedThreshold",
    "Replication:OperationReplicatedAfterThreshold",
    "LifecycleTransition",
    "IntelligentTiering",
    "ObjectAcl:Put",
    "LifecycleExpiration:*",
    "LifecycleExpiration:Delete",
    "LifecycleExpiration:DeleteMarkerCreated",
    "ObjectTagging:*",
    "ObjectTagging:Put",
    "ObjectTagging:Delete",
};

/* ---- asking ---- */

static bool covers(Str wanted, Str event)
{
    if (str_starts(wanted, S("s3:"))) wanted = str_slice(wanted, 3, wanted.n);
    if (str_ends(wanted, S(":*"))) return str_starts(event, str_slice(wanted, 0, wanted.n - 1));
    return str_eq(wanted, event);
}

static bool filter_lets(const Json *target, Str key)
{
    const Json *rules = json_find(target, "Filter.Key.FilterRules");
    for (int32_t i = 0; i < json_count(rules); i++) {
        Str name = json_text(json_get(json_at(rules, i), S("Name"))),
            value = json_text(json_get(json_at(rules, i), S("Value")));
        bool prefix = str_eq_nocase(name, S("prefix"));
        if (prefix ? !str_starts(key, value) : !str_ends(key, value)) return false;
    }
    return true;
}

bool notification_target_wants(const Json *target, Str event, Str key)
{
    const Json *list = json_get(target, S("Events"));
    for (int32_t i = 0; i < json_count(list); i++)
        if (covers(json_text(json_at(list, i)), event)) return filter_lets(target, key);
    return false;
}

bool notification_wants(const Json *config, Str event, Str key)
{
    if (json_get(config, S("EventBridgeConfiguration"))) return true;
    for (int k = 0; k < countof(kinds); k++) {
        const Json *list = json_get(config, str_from(kinds[k].list));
        for (int32_t i = 0; i < json_count(list); i++)
            if (notification_target_wants(json_at(list, i), event, key)) return true;
    }
    return false;
}

/* ---- checking ---- */

static bool argument(Error *err, const char *text)
{
    return error_set(err, ERR_S3_INVALID_ARGUMENT, "%s", text);
}

static bool check_events(const Json *list, Error *err)
{
    if (!json_count(list))
        return error_set(err, ERR_S3_MALFORMED_XML,
                         "The XML you provided was not well-formed or did not validate against our "
                         "published schema");
    for (int32_t i = 0; i < json_count(list); i++) {
        Str event = json_text(json_at(list, i));
        bool known = false;
        for (int k = 0; k < countof(events); k++)
            known |= str_starts(event, S("s3:")) &&
                     str_eq(str_slice(event, 3, event.n), str_from(events[k]));
        if (!known) return argument(err, "The event is not supported for notifications");
    }
    return true;
}

static bool check_filter(const Json *rules, Error *err)
{
    bool seen[2] = {false, false};
    for (int32_t i = 0; i < json_count(rules); i++) {
        Str name = json_text(json_get(json_at(rules, i), S("Name")));
        bool prefix = str_eq_nocase(name, S("prefix")), suffix = str_eq_nocase(name, S("suffix"));
        if (!prefix && !suffix)
            return argument(err, "filter rule name must be either prefix or suffix");
        if (seen[suffix])
            return argument(err, prefix ? "Cannot specify more than one prefix rule in a filter."
                                        : "Cannot specify more than one suffix rule in a filter.");
        seen[suffix] = true;
    }
    return true;
}

static bool check_arn(Str arn, const char *service, Error *err)
{
    Str part, rest = arn;
    int parts = 0;
    bool good = str_starts(arn, S("arn:aws"));
    while (str_cut(&rest, ':', &part)) {
        if (parts == 2) good &= str_eq(part, str_from(service));
        parts++;
    }
    return (good && parts >= 6) || argument(err, "The ARN could not be parsed");
}

/* Both want some event in common. */
static bool share_event(const Json *x, const Json *y)
{
    const Json *ex = json_get(x, S("Events")), *ey = json_get(y, S("Events"));
    for (int32_t i = 0; i < json_count(ex); i++)
        for (int32_t k = 0; k < json_count(ey); k++) {
            Str a = json_text(json_at(ex, i)), b = json_text(json_at(ey, k));
            if (covers(a, str_slice(b, 3, b.n)) || covers(b, str_slice(a, 3, a.n))) return true;
        }
    return false;
}

static Str filter_value(const Json *target, Str name)
{
    const Json *rules = json_find(target, "Filter.Key.FilterRules");
    for (int32_t i = 0; i < json_count(rules); i++)
        if (str_eq_nocase(json_text(json_get(json_at(rules, i), S("Name"))), name))
            return json_text(json_get(json_at(rules, i), S("Value")));
    return S("");
}

/* Some key could pass both filters. */
static bool share_key(const Json *x, const Json *y)
{
    Str px = filter_value(x, S("prefix")), py = filter_value(y, S("prefix")),
        sx = filter_value(x, S("suffix")), sy = filter_value(y, S("suffix"));
    return (str_starts(px, py) || str_starts(py, px)) && (str_ends(sx, sy) || str_ends(sy, sx));
}

typedef struct Kept {
    const Json *targets[NOTIFICATIONS_MAX];
    int n;
} Kept;

static bool check_overlap(const Kept *kept, const Json *target, Error *err)
{
    for (int i = 0; i < kept->n; i++) {
        const Json *id = json_get(target, S("Id")), *other = json_get(kept->targets[i], S("Id"));
        if (id && other && json_eq(id, other))
            return argument(err, "Configuration IDs must be unique");
        if (share_event(kept->targets[i], target) && share_key(kept->targets[i], target))
            return argument(err, "Configurations overlap. Configurations on the same bucket cannot "
                                 "share a common event type.");
    }
    return true;
}

static Json with_id(const Json *target, Str id, Arena *a)
{
    JsonObject o = {.a = a};
    if (json_text(json_get(target, S("Id"))).n) return *target;
    json_put(&o, S("Id"), json_string(id));
    for (int32_t i = 0; i < target->n; i++)
        json_put(&o, target->members[i].key, target->members[i].value);
    return json_object(&o);
}

static bool check_kind(const Json *list, int kind, Kept *kept, const Str *ids, JsonArray *out,
                       Error *err)
{
    for (int32_t i = 0; i < json_count(list); i++) {
        const Json *t = json_at(list, i);
        if (kept->n == NOTIFICATIONS_MAX)
            return argument(err, "The number of notification configurations exceeds the limit");
        if (!check_arn(json_text(json_get(t, str_from(kinds[kind].arn))), kinds[kind].service,
                       err) ||
            !check_events(json_get(t, S("Events")), err) ||
            !check_filter(json_find(t, "Filter.Key.FilterRules"), err) ||
            !check_overlap(kept, t, err))
            return false;
        json_add(out, with_id(t, ids[kept->n], out->a));
        kept->targets[kept->n++] = t;
    }
    return true;
}

bool notification_check(const Json *config, const Str *ids, Arena *a, Json *out, Error *err)
{
    Kept kept = {.n = 0};
    JsonObject o = {.a = a};
    for (int k = 0; k < countof(kinds); k++) {
        JsonArray list = {.a = a};
        if (!check_kind(json_get(config, str_from(kinds[k].list)), k, &kept, ids, &list, err))
            return false;
        if (list.n) json_put(&o, str_from(kinds[k].list), json_array(&list));
    }
    json_put_json(&o, S("EventBridgeConfiguration"),
                  json_get(config, S("EventBridgeConfiguration")));
    *out = json_object(&o);
    return true;
}
