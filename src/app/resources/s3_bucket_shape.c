/* s3_bucket_shape.c - properties of AWS::S3::Bucket in the shapes of S3's own requests; pure. */
#include "app/resources/s3_bucket_shape.h"

typedef struct Rename {
    const char *property, *from, *to;
} Rename;

/* At any depth of the property. */
static const Rename renames[] = {
    {"BucketEncryption", "ServerSideEncryptionConfiguration", "Rules"},
    {"BucketEncryption", "ServerSideEncryptionByDefault", "ApplyServerSideEncryptionByDefault"},
    {"CorsConfiguration", "CorsRules", "CORSRules"},
    {"CorsConfiguration", "Id", "ID"},
    {"CorsConfiguration", "MaxAge", "MaxAgeSeconds"},
    {"CorsConfiguration", "ExposedHeaders", "ExposeHeaders"},
    {"WebsiteConfiguration", "RedirectRule", "Redirect"},
    {"WebsiteConfiguration", "RoutingRuleCondition", "Condition"},
    {"NotificationConfiguration", "LambdaConfigurations", "LambdaFunctionConfigurations"},
    {"NotificationConfiguration", "Function", "LambdaFunctionArn"},
    {"NotificationConfiguration", "Queue", "QueueArn"},
    {"NotificationConfiguration", "Topic", "TopicArn"},
    {"NotificationConfiguration", "S3Key", "Key"},
    {"NotificationConfiguration", "Rules", "FilterRules"},
    {"LoggingConfiguration", "DestinationBucketName", "TargetBucket"},
    {"LoggingConfiguration", "LogFilePrefix", "TargetPrefix"},
    {"AccelerateConfiguration", "AccelerationStatus", "Status"},
};

Str s3_bucket_name(Str property, Str name, bool back)
{
    for (int i = 0; i < countof(renames); i++) {
        Str from = str_from(back ? renames[i].to : renames[i].from);
        if (str_eq(property, str_from(renames[i].property)) && str_eq(name, from))
            return str_from(back ? renames[i].from : renames[i].to);
    }
    return name;
}

static Json rename_all(Str property, const Json *v, Arena *a)
{
    JsonObject o = {.a = a};
    JsonArray list = {.a = a};
    if (!json_is(v, JSON_OBJECT) && !json_is(v, JSON_ARRAY)) return *v;
    for (int32_t i = 0; json_is(v, JSON_ARRAY) && i < v->n; i++)
        json_add(&list, rename_all(property, &v->items[i], a));
    for (int32_t i = 0; json_is(v, JSON_OBJECT) && i < v->n; i++)
        json_put(&o, s3_bucket_name(property, v->members[i].key, false),
                 rename_all(property, &v->members[i].value, a));
    return json_is(v, JSON_ARRAY) ? json_array(&list) : json_object(&o);
}

static Json one_of(Arena *a, Json v)
{
    JsonArray list = {.a = a};
    json_add(&list, v);
    return json_array(&list);
}

static Json wrapped(Arena *a, Str name, Json v)
{
    JsonObject o = {.a = a};
    json_put(&o, name, v);
    return json_object(&o);
}

/* ---- notifications: one event each, where the API has a list; filters in a Key ---- */

static Json notification(const Json *given, Arena *a)
{
    JsonObject o = {.a = a};
    Json v = rename_all(S("NotificationConfiguration"), given, a);
    for (int32_t i = 0; i < json_count(&v); i++) {
        JsonArray list = {.a = a};
        const Json *of = &v.members[i].value;
        if (str_eq(v.members[i].key, S("EventBridgeConfiguration"))) {
            if (!str_eq(json_text(json_get(of, S("EventBridgeEnabled"))), S("false")) &&
                !json_is(json_get(of, S("EventBridgeEnabled")), JSON_FALSE))
                json_put(&o, v.members[i].key, (Json){.type = JSON_OBJECT});
            continue;
        }
        for (int32_t k = 0; json_is(of, JSON_ARRAY) && k < of->n; k++) {
            JsonObject one = {.a = a};
            for (int32_t m = 0; m < json_count(&of->items[k]); m++) {
                const JsonMember *given_member = &of->items[k].members[m];
                bool event = str_eq(given_member->key, S("Event"));
                json_put(&one, event ? S("Events") : given_member->key,
                         event ? one_of(a, given_member->value) : given_member->value);
            }
            json_add(&list, json_object(&one));
        }
        json_put(&o, v.members[i].key, json_is(of, JSON_ARRAY) ? json_array(&list) : *of);
    }
    return json_object(&o);
}

/* ---- lifecycle ---- */

typedef struct Folded {
    const char *property, *structure, *member;
} Folded;

static const Folded folded[] = {
    {"ExpirationInDays", "Expiration", "Days"},
    {"ExpirationDate", "Expiration", "Date"},
    {"ExpiredObjectDeleteMarker", "Expiration", "ExpiredObjectDeleteMarker"},
    {"NoncurrentVersionExpirationInDays", "NoncurrentVersionExpiration", "NoncurrentDays"},
};

static Json transition(const Json *given, Arena *a, Str days)
{
    JsonObject o = {.a = a};
    for (int32_t i = 0; i < json_count(given); i++) {
        Str key = given->members[i].key;
        if (str_eq(key, S("TransitionInDays"))) key = days;
        if (str_eq(key, S("TransitionDate"))) key = S("Date");
        json_put(&o, key, given->members[i].value);
    }
    return json_object(&o);
}

static Json transitions(const Json *given, Arena *a, Str days)
{
    JsonArray list = {.a = a};
    if (!json_is(given, JSON_ARRAY)) return one_of(a, transition(given, a, days));
    for (int32_t i = 0; i < given->n; i++) json_add(&list, transition(&given->items[i], a, days));
    return json_array(&list);
}

/* Prefix, TagFilters and sizes of a rule are the API's Filter: And where there are several. */
static Json filter_of(const Json *rule, Arena *a)
{
    static const char *const plain[] = {"Prefix", "ObjectSizeGreaterThan", "ObjectSizeLessThan"};
    JsonObject o = {.a = a};
    const Json *tags = json_get(rule, S("TagFilters"));
    int64_t n = json_count(tags);
    for (int i = 0; i < countof(plain); i++) {
        json_put_json(&o, str_from(plain[i]), json_get(rule, str_from(plain[i])));
        n += json_get(rule, str_from(plain[i])) != NULL;
    }
    if (n > 1) {
        json_put_json(&o, S("Tags"), tags);
        return wrapped(a, S("And"), json_object(&o));
    }
    if (json_count(tags)) json_put_json(&o, S("Tag"), json_at(tags, 0));
    if (!n) json_put(&o, S("Prefix"), json_string(S("")));
    return json_object(&o);
}

static bool in_filter(Str key)
{
    return str_eq(key, S("Prefix")) || str_eq(key, S("TagFilters")) ||
           str_starts(key, S("ObjectSize"));
}

static void put_folded(JsonObject *o, const Folded *f, const Json *value)
{
    JsonObject inner = {.a = o->a};
    Json now = json_object(o);
    const Json *old = json_get(&now, str_from(f->structure));
    for (int32_t i = 0; i < json_count(old); i++)
        json_put(&inner, old->members[i].key, old->members[i].value);
    json_put(&inner, str_from(f->member), *value);
    json_put(o, str_from(f->structure), json_object(&inner));
}

static const Folded *folded_of(Str key)
{
    for (int i = 0; i < countof(folded); i++)
        if (str_eq(key, str_from(folded[i].property))) return &folded[i];
    return NULL;
}

static Json lifecycle_rule(const Json *rule, Arena *a)
{
    JsonObject o = {.a = a};
    for (int32_t i = 0; i < json_count(rule); i++) {
        Str key = rule->members[i].key;
        const Json *value = &rule->members[i].value;
        const Folded *f = folded_of(key);
        if (in_filter(key)) continue;
        if (f)
            put_folded(&o, f, value);
        else if (str_eq(key, S("Id")))
            json_put(&o, S("ID"), *value);
        else if (str_eq(key, S("Transition")) || str_eq(key, S("Transitions")))
            json_put(&o, S("Transitions"), transitions(value, a, S("Days")));
        else if (str_starts(key, S("NoncurrentVersionTransition")))
            json_put(&o, S("NoncurrentVersionTransitions"),
                     transitions(value, a, S("NoncurrentDays")));
        else
            json_put(&o, key, *value);
    }
    json_put(&o, S("Filter"), filter_of(rule, a));
    return json_object(&o);
}

static Json lifecycle(const Json *given, Arena *a)
{
    JsonObject o = {.a = a};
    for (int32_t i = 0; i < json_count(given); i++) {
        JsonArray list = {.a = a};
        const Json *v = &given->members[i].value;
        bool rules = str_eq(given->members[i].key, S("Rules")) && json_is(v, JSON_ARRAY);
        for (int32_t k = 0; rules && k < v->n; k++)
            json_add(&list, lifecycle_rule(&v->items[k], a));
        if (!str_eq(given->members[i].key, S("TransitionDefaultMinimumObjectSize")))
            json_put(&o, given->members[i].key, rules ? json_array(&list) : *v);
    }
    return json_object(&o);
}

Json s3_bucket_shape(Str property, const Json *given, Arena *a)
{
    if (!json_is(given, JSON_OBJECT)) return *given;
    if (str_eq(property, S("LifecycleConfiguration"))) return lifecycle(given, a);
    if (str_eq(property, S("NotificationConfiguration"))) return notification(given, a);
    Json v = rename_all(property, given, a);
    if (str_eq(property, S("WebsiteConfiguration"))) {
        JsonObject o = {.a = a};
        for (int32_t i = 0; i < json_count(&v); i++) {
            Str key = v.members[i].key;
            bool index = str_eq(key, S("IndexDocument")), error = str_eq(key, S("ErrorDocument"));
            json_put(&o, key,
                     index || error ? wrapped(a, index ? S("Suffix") : S("Key"), v.members[i].value)
                                    : v.members[i].value);
        }
        return json_object(&o);
    }
    return str_eq(property, S("LoggingConfiguration")) ? wrapped(a, S("LoggingEnabled"), v) : v;
}
