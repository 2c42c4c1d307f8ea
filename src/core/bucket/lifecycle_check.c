/* lifecycle_check.c - lifecycle configurations as S3 takes or refuses them, in its words. */
#include "base/encode.h"
#include "core/bucket/lifecycle.h"

static bool malformed(Error *err)
{
    return error_set(err, ERR_S3_MALFORMED_XML,
                     "The XML you provided was not well-formed or did not validate against our "
                     "published schema");
}

static bool argument(Error *err, const char *text)
{
    return error_set(err, ERR_S3_INVALID_ARGUMENT, "%s", text);
}

static bool request(Error *err, const char *text)
{
    return error_set(err, ERR_S3_INVALID_REQUEST, "%s", text);
}

static int count_of(const Json *v, const char *const *names, int n)
{
    int count = 0;
    for (int i = 0; i < n; i++) count += json_get(v, str_from(names[i])) != NULL;
    return count;
}

/* ---- filters ---- */

static bool check_tags(const Json *tags, Error *err)
{
    for (int32_t i = 0; i < json_count(tags); i++)
        for (int32_t k = 0; k < i; k++)
            if (str_eq(json_text(json_get(json_at(tags, i), S("Key"))),
                       json_text(json_get(json_at(tags, k), S("Key")))))
                return request(err, "Duplicate Tag Keys are not allowed.");
    return true;
}

static bool check_sizes(const Json *f, Error *err)
{
    int64_t above = json_int_or(json_get(f, S("ObjectSizeGreaterThan")), -1),
            below = json_int_or(json_get(f, S("ObjectSizeLessThan")), INT64_MAX);
    if (json_get(f, S("ObjectSizeGreaterThan")) && above < 0)
        return request(err, "'ObjectSizeGreaterThan' should be a positive number");
    if (below < 1) return request(err, "'ObjectSizeLessThan' should be greater than zero");
    return above + 1 < below || request(err, "'ObjectSizeLessThan' has to be a value greater than "
                                             "'ObjectSizeGreaterThan'");
}

static bool check_filter(const Json *rule, Error *err)
{
    static const char *const kinds[] = {"Prefix", "Tag", "And", "ObjectSizeGreaterThan",
                                        "ObjectSizeLessThan"};
    const Json *filter = json_get(rule, S("Filter")), *all = json_get(filter, S("And"));
    bool old_form = json_get(rule, S("Prefix")) != NULL;
    if (old_form == (filter != NULL)) return malformed(err);
    if (count_of(filter, kinds, countof(kinds)) > 1 || (all && !json_count(all)))
        return malformed(err);
    return check_tags(json_get(all, S("Tags")), err) && check_sizes(filter, err) &&
           check_sizes(all, err);
}

static bool has_tags(const Json *rule)
{
    return json_find(rule, "Filter.Tag") || json_count(json_find(rule, "Filter.And.Tags"));
}

static bool has_sizes(const Json *rule)
{
    static const char *const sizes[] = {"ObjectSizeGreaterThan", "ObjectSizeLessThan"};
    const Json *filter = json_get(rule, S("Filter"));
    return count_of(filter, sizes, 2) + count_of(json_get(filter, S("And")), sizes, 2) > 0;
}

static Str prefix_of(const Json *rule)
{
    const Json *places[] = {json_get(rule, S("Prefix")), json_find(rule, "Filter.Prefix"),
                            json_find(rule, "Filter.And.Prefix")};
    for (int i = 0; i < countof(places); i++)
        if (places[i]) return json_text(places[i]);
    return S("");
}

/* ---- actions ---- */

static bool is_midnight(const Json *date)
{
    return json_int_or(date, 1) % (LIFECYCLE_DAY_MS / 1000) == 0;
}

static bool positive(const Json *days, const char *name, const char *action, Error *err)
{
    return json_int_or(days, 0) > 0 ||
           error_set(err, ERR_S3_INVALID_ARGUMENT, "'%s' for %s action must be a positive integer",
                     name, action);
}

static bool check_expiration(const Json *rule, Error *err)
{
    static const char *const kinds[] = {"Days", "Date", "ExpiredObjectDeleteMarker"};
    const Json *e = json_get(rule, S("Expiration")), *days = json_get(e, S("Days")),
               *date = json_get(e, S("Date"));
    if (!e) return true;
    if (count_of(e, kinds, countof(kinds)) != 1) return malformed(err);
    if (json_get(e, S("ExpiredObjectDeleteMarker")) && (has_tags(rule) || has_sizes(rule)))
        return request(err, "ExpiredObjectDeleteMarker cannot be specified with Tags or sizes.");
    if (days && !positive(days, "Days", "Expiration", err)) return false;
    return !date || is_midnight(date) || argument(err, "'Date' must be at midnight GMT");
}

static bool check_noncurrent(const Json *rule, Error *err)
{
    const Json *e = json_get(rule, S("NoncurrentVersionExpiration")),
               *newer = json_get(e, S("NewerNoncurrentVersions"));
    if (!e) return true;
    if (!json_get(e, S("NoncurrentDays"))) return malformed(err);
    if (!positive(json_get(e, S("NoncurrentDays")), "NoncurrentDays", "NoncurrentVersionExpiration",
                  err))
        return false;
    int64_t n = json_int_or(newer, 1);
    return (n >= 1 && n <= LIFECYCLE_NEWER_MAX) ||
           argument(err, "'NewerNoncurrentVersions' for NoncurrentVersionExpiration action must be "
                         "between 1 and 100");
}

static bool check_abort(const Json *rule, Error *err)
{
    const Json *e = json_get(rule, S("AbortIncompleteMultipartUpload"));
    if (!e) return true;
    if (has_tags(rule))
        return request(err, "AbortIncompleteMultipartUpload cannot be specified with Tags.");
    if (has_sizes(rule))
        return request(err, "AbortIncompleteMultipartUpload cannot be specified with Object Size.");
    return positive(json_get(e, S("DaysAfterInitiation")), "DaysAfterInitiation",
                    "AbortIncompleteMultipartUpload", err);
}

static bool check_infrequent(const Json *days, Str class, const char *name, const char *action,
                             Error *err)
{
    bool infrequent = str_eq(class, S("STANDARD_IA")) || str_eq(class, S("ONEZONE_IA"));
    enum { INFREQUENT_DAYS_MIN = 30 };
    if (json_int_or(days, 0) < 0)
        return error_set(err, ERR_S3_INVALID_ARGUMENT, "'%s' in %s action must be nonnegative",
                         name, action);
    return !days || !infrequent || json_int_or(days, 0) >= INFREQUENT_DAYS_MIN ||
           error_set(err, ERR_S3_INVALID_ARGUMENT,
                     "'%s' in %s action must be greater than or equal to 30 for storageClass "
                     "'%.*s'",
                     name, action, STR(class));
}

static bool other_class(const Json *list, int32_t at, const char *action, Error *err)
{
    for (int32_t k = 0; k < at; k++)
        if (json_eq(json_get(json_at(list, k), S("StorageClass")),
                    json_get(json_at(list, at), S("StorageClass"))))
            return error_set(err, ERR_S3_INVALID_REQUEST,
                             "'StorageClass' must be different for '%s' actions in same 'Rule'",
                             action);
    return true;
}

static bool check_transition(const Json *rule, const Json *t, Error *err)
{
    const Json *days = json_get(t, S("Days")), *date = json_get(t, S("Date")),
               *end = json_find(rule, "Expiration.Days"),
               *end_date = json_find(rule, "Expiration.Date");
    if (!days == !date || !json_get(t, S("StorageClass"))) return malformed(err);
    if (date && !is_midnight(date)) return argument(err, "'Date' must be at midnight GMT");
    if (!check_infrequent(days, json_text(json_get(t, S("StorageClass"))), "Days", "Transition",
                          err))
        return false;
    if ((days && end_date) || (date && end))
        return error_set(err, ERR_S3_INVALID_REQUEST,
                         "Found mixed 'Date' and 'Days' based Expiration and Transition actions in "
                         "lifecycle rule for prefix '%.*s'",
                         STR(prefix_of(rule)));
    const Json *from = days ? days : date, *to = days ? end : end_date;
    return !to || json_int_or(to, 0) > json_int_or(from, 0) ||
           error_set(err, ERR_S3_INVALID_ARGUMENT,
                     "'%s' in the Expiration action for prefix '%.*s' must be greater than '%s' in "
                     "the Transition action",
                     days ? "Days" : "Date", STR(prefix_of(rule)), days ? "Days" : "Date");
}

static bool check_transitions(const Json *rule, Error *err)
{
    const Json *list = json_get(rule, S("Transitions")),
               *old = json_get(rule, S("NoncurrentVersionTransitions"));
    for (int32_t i = 0; i < json_count(list); i++)
        if (!check_transition(rule, json_at(list, i), err) ||
            !other_class(list, i, "Transition", err))
            return false;
    for (int32_t i = 0; i < json_count(old); i++) {
        const Json *t = json_at(old, i), *days = json_get(t, S("NoncurrentDays"));
        if (!days || !json_get(t, S("StorageClass"))) return malformed(err);
        if (!check_infrequent(days, json_text(json_get(t, S("StorageClass"))), "NoncurrentDays",
                              "NoncurrentVersionTransition", err) ||
            !other_class(old, i, "NoncurrentVersionTransition", err))
            return false;
    }
    return true;
}

static bool check_actions(const Json *rule, Error *err)
{
    static const char *const actions[] = {
        "Expiration", "Transitions", "NoncurrentVersionExpiration", "NoncurrentVersionTransitions",
        "AbortIncompleteMultipartUpload"};
    if (!count_of(rule, actions, countof(actions)))
        return request(err, "At least one action needs to be specified in a rule");
    return check_expiration(rule, err) && check_noncurrent(rule, err) && check_abort(rule, err) &&
           check_transitions(rule, err);
}

/* ---- rules among each other ---- */

static bool same_filter(const Json *x, const Json *y)
{
    const Json *fx = json_get(x, S("Filter")), *fy = json_get(y, S("Filter"));
    bool plain = !has_tags(x) && !has_tags(y) && !has_sizes(x) && !has_sizes(y);
    return plain ? str_eq(prefix_of(x), prefix_of(y)) : fx && fy && json_eq(fx, fy);
}

/* Overlapping filters are allowed: what is due first counts. Two rules for the very same objects
 * are a mistake. */
static bool check_pair(const Json *x, const Json *y, Error *err)
{
    static const char *const actions[] = {"Expiration", "NoncurrentVersionExpiration",
                                          "AbortIncompleteMultipartUpload"};
    const Json *id = json_get(x, S("ID"));
    if (id && json_text(id).n && json_get(y, S("ID")) && json_eq(id, json_get(y, S("ID"))))
        return argument(err, "Rule ID must be unique. Found same ID for more than one rule");
    for (int i = 0; i < countof(actions); i++)
        if (json_get(x, str_from(actions[i])) && json_get(y, str_from(actions[i])) &&
            same_filter(x, y))
            return error_set(err, ERR_S3_INVALID_REQUEST,
                             "Found two rules with same prefix '%.*s' for same action type '%s'",
                             STR(prefix_of(x)), actions[i]);
    return true;
}

static bool check_rule(const Json *rules, int32_t at, Error *err)
{
    const Json *rule = json_at(rules, at);
    if (utf8_count(json_text(json_get(rule, S("ID")))) > LIFECYCLE_ID_CHARS_MAX)
        return argument(err, "ID length should not exceed allowed limit of 255");
    if (!check_filter(rule, err) || !check_actions(rule, err)) return false;
    for (int32_t k = 0; k < at; k++)
        if (!check_pair(json_at(rules, k), rule, err)) return false;
    return true;
}

static Json with_id(const Json *rule, Str id, Arena *a)
{
    JsonObject o = {.a = a};
    if (json_text(json_get(rule, S("ID"))).n) return *rule;
    json_put(&o, S("ID"), json_string(id));
    for (int32_t i = 0; i < rule->n; i++)
        if (!str_eq(rule->members[i].key, S("ID")))
            json_put(&o, rule->members[i].key, rule->members[i].value);
    return json_object(&o);
}

bool lifecycle_check(const Json *config, const Str *ids, Arena *a, Json *out, Error *err)
{
    const Json *rules = json_get(config, S("Rules"));
    JsonArray kept = {.a = a};
    JsonObject o = {.a = a};
    if (!json_count(rules) || json_count(rules) > LIFECYCLE_RULES_MAX) return malformed(err);
    for (int32_t i = 0; i < json_count(rules); i++) {
        if (!check_rule(rules, i, err)) return false;
        json_add(&kept, with_id(json_at(rules, i), ids[i], a));
    }
    json_put(&o, S("Rules"), json_array(&kept));
    *out = json_object(&o);
    return true;
}
