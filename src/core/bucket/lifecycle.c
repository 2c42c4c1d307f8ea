/* lifecycle.c - which rule of a lifecycle configuration applies to what, and when it is due. */
#include "core/bucket/lifecycle.h"

Millis lifecycle_midnight_after(Millis t)
{
    return (t + LIFECYCLE_DAY_MS - 1) / LIFECYCLE_DAY_MS * LIFECYCLE_DAY_MS;
}

static bool has_tag(const Json *tags, const Json *wanted)
{
    for (int32_t i = 0; i < json_count(tags); i++)
        if (json_eq(json_at(tags, i), wanted)) return true;
    return false;
}

/* One place where predicates stand: the filter itself, its And, or (old form) the rule. */
static bool predicates_hold(const Json *f, const LifecycleSubject *x)
{
    const Json *tags = json_get(f, S("Tags")), *tag = json_get(f, S("Tag"));
    if (!str_starts(x->key, json_text(json_get(f, S("Prefix"))))) return false;
    if (x->size <= json_int_or(json_get(f, S("ObjectSizeGreaterThan")), -1)) return false;
    if (x->size >= json_int_or(json_get(f, S("ObjectSizeLessThan")), INT64_MAX)) return false;
    if (tag && !has_tag(x->tags, tag)) return false;
    for (int32_t i = 0; i < json_count(tags); i++)
        if (!has_tag(x->tags, json_at(tags, i))) return false;
    return true;
}

static bool applies(const Json *rule, const LifecycleSubject *x)
{
    const Json *filter = json_get(rule, S("Filter"));
    return str_eq(json_text(json_get(rule, S("Status"))), S("Enabled")) &&
           predicates_hold(rule, x) && predicates_hold(filter, x) &&
           predicates_hold(json_get(filter, S("And")), x);
}

static Millis days_after(Millis t, const Json *days)
{
    return days ? lifecycle_midnight_after(t + json_int_or(days, 0) * LIFECYCLE_DAY_MS) : INT64_MAX;
}

static Millis date_of(const Json *date)
{
    return date ? json_int_or(date, 0) * 1000 : INT64_MAX;
}

typedef Millis RuleDue(const Json *rule, const LifecycleSubject *x, int64_t newer);

static LifecycleDue first_due(const Json *config, const LifecycleSubject *x, int64_t newer,
                              RuleDue *due)
{
    const Json *rules = json_get(config, S("Rules"));
    LifecycleDue first = {.at = INT64_MAX};
    for (int32_t i = 0; i < json_count(rules); i++) {
        const Json *rule = json_at(rules, i);
        Millis at = applies(rule, x) ? due(rule, x, newer) : INT64_MAX;
        if (at < first.at) first = (LifecycleDue){at, json_text(json_get(rule, S("ID")))};
    }
    return first;
}

static Millis expiration(const Json *rule, const LifecycleSubject *x, int64_t newer)
{
    const Json *e = json_get(rule, S("Expiration"));
    (void)newer;
    Millis by_days = days_after(x->since, json_get(e, S("Days"))),
           by_date = date_of(json_get(e, S("Date")));
    return by_days < by_date ? by_days : by_date;
}

/* A rule with Days also removes markers under which nothing is left, when they are that old. */
static Millis marker_expiration(const Json *rule, const LifecycleSubject *x, int64_t newer)
{
    if (json_true(json_find(rule, "Expiration.ExpiredObjectDeleteMarker"))) return x->since;
    return expiration(rule, x, newer);
}

static Millis noncurrent_expiration(const Json *rule, const LifecycleSubject *x, int64_t newer)
{
    const Json *e = json_get(rule, S("NoncurrentVersionExpiration"));
    if (newer < json_int_or(json_get(e, S("NewerNoncurrentVersions")), 0)) return INT64_MAX;
    return days_after(x->since, json_get(e, S("NoncurrentDays")));
}

static Millis abortion(const Json *rule, const LifecycleSubject *x, int64_t newer)
{
    (void)newer;
    return days_after(x->since,
                      json_find(rule, "AbortIncompleteMultipartUpload.DaysAfterInitiation"));
}

LifecycleDue lifecycle_expires(const Json *config, const LifecycleSubject *object)
{
    return first_due(config, object, 0, expiration);
}

LifecycleDue lifecycle_noncurrent_expires(const Json *config, const LifecycleSubject *version,
                                          int64_t newer)
{
    return first_due(config, version, newer, noncurrent_expiration);
}

LifecycleDue lifecycle_marker_expires(const Json *config, const LifecycleSubject *marker)
{
    return first_due(config, marker, 0, marker_expiration);
}

LifecycleDue lifecycle_aborts(const Json *config, const LifecycleSubject *upload)
{
    return first_due(config, upload, 0, abortion);
}
