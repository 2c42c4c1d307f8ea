/* s3_bucket_unshape.c - what S3 tells of a bucket's configurations in the shapes of AWS::S3::Bucket; pure. */
#include "app/resources/s3_bucket_shape.h"

static Json rename_back(Str property, const Json *v, Arena *a)
{
    JsonObject o = {.a = a};
    JsonArray list = {.a = a};
    if (!json_is(v, JSON_OBJECT) && !json_is(v, JSON_ARRAY)) return *v;
    for (int32_t i = 0; json_is(v, JSON_ARRAY) && i < v->n; i++)
        json_add(&list, rename_back(property, &v->items[i], a));
    for (int32_t i = 0; json_is(v, JSON_OBJECT) && i < v->n; i++)
        json_put(&o, s3_bucket_name(property, v->members[i].key, true),
                 rename_back(property, &v->members[i].value, a));
    return json_is(v, JSON_ARRAY) ? json_array(&list) : json_object(&o);
}

/* ---- websites: a document's structure of one member is that member ---- */

static Json website(const Json *v, Arena *a)
{
    JsonObject o = {.a = a};
    for (int32_t i = 0; i < json_count(v); i++) {
        const JsonMember *m = &v->members[i];
        const Json *inner = str_eq(m->key, S("IndexDocument"))   ? json_get(&m->value, S("Suffix"))
                            : str_eq(m->key, S("ErrorDocument")) ? json_get(&m->value, S("Key"))
                                                                 : NULL;
        json_put(&o, m->key, inner ? *inner : m->value);
    }
    return json_object(&o);
}

/* ---- notifications: one for each event, and without the ids that S3 made up ---- */

static void add_notifications(const Json *one, JsonArray *list)
{
    const Json *events = json_get(one, S("Events"));
    for (int32_t i = 0; i < json_count(events); i++) {
        JsonObject o = {.a = list->a};
        json_put(&o, S("Event"), events->items[i]);
        for (int32_t m = 0; m < one->n; m++)
            if (!str_eq(one->members[m].key, S("Events")) && !str_eq(one->members[m].key, S("Id")))
                json_put(&o, one->members[m].key, one->members[m].value);
        json_add(list, json_object(&o));
    }
}

static Json notifications(const Json *v, Arena *a)
{
    JsonObject o = {.a = a};
    for (int32_t i = 0; i < json_count(v); i++) {
        JsonArray list = {.a = a};
        JsonObject on = {.a = a};
        const JsonMember *m = &v->members[i];
        bool bridge = str_eq(m->key, S("EventBridgeConfiguration"));
        json_put(&on, S("EventBridgeEnabled"), json_bool(true));
        for (int32_t k = 0; json_is(&m->value, JSON_ARRAY) && k < m->value.n; k++)
            add_notifications(&m->value.items[k], &list);
        if (bridge)
            json_put(&o, m->key, json_object(&on));
        else if (list.n)
            json_put(&o, m->key, json_array(&list));
    }
    return json_object(&o);
}

/* ---- lifecycle rules ---- */

static Json transitions(const Json *given, Arena *a)
{
    static const char *const names[][2] = {{"Days", "TransitionInDays"},
                                           {"NoncurrentDays", "TransitionInDays"},
                                           {"Date", "TransitionDate"}};
    JsonArray list = {.a = a};
    for (int32_t i = 0; i < json_count(given); i++) {
        JsonObject o = {.a = a};
        for (int32_t k = 0; k < json_count(&given->items[i]); k++) {
            const JsonMember *m = &given->items[i].members[k];
            Str key = m->key;
            for (int n = 0; n < countof(names); n++)
                if (str_eq(m->key, str_from(names[n][0]))) key = str_from(names[n][1]);
            json_put(&o, key, m->value);
        }
        json_add(&list, json_object(&o));
    }
    return json_array(&list);
}

/* The list, and alone: templates may say either. */
static void put_transitions(JsonObject *o, const char *one, const char *all, const Json *given)
{
    if (!json_count(given)) return;
    Json list = transitions(given, o->a);
    json_put(o, str_from(all), list);
    json_put(o, str_from(one), list.items[0]);
}

static void put_filter(JsonObject *o, const Json *rule)
{
    static const char *const names[] = {"Prefix", "ObjectSizeGreaterThan", "ObjectSizeLessThan"};
    JsonArray one = {.a = o->a};
    const Json *filter = json_get(rule, S("Filter")), *several = json_get(filter, S("And"));
    const Json *from = several ? several : filter ? filter : rule;
    for (int i = 0; i < countof(names); i++)
        json_put_json(o, str_from(names[i]), json_get(from, str_from(names[i])));
    json_put_json(o, S("TagFilters"), json_get(several, S("Tags")));
    if (!json_get(filter, S("Tag"))) return;
    json_add(&one, *json_get(filter, S("Tag")));
    json_put(o, S("TagFilters"), json_array(&one));
}

static Json rule(const Json *given, Arena *a)
{
    JsonObject o = {.a = a};
    const Json *expiration = json_get(given, S("Expiration")),
               *noncurrent = json_get(given, S("NoncurrentVersionExpiration"));
    json_put_json(&o, S("Id"), json_get(given, S("ID")));
    json_put_json(&o, S("Status"), json_get(given, S("Status")));
    put_filter(&o, given);
    json_put_json(&o, S("ExpirationInDays"), json_get(expiration, S("Days")));
    json_put_json(&o, S("ExpirationDate"), json_get(expiration, S("Date")));
    json_put_json(&o, S("ExpiredObjectDeleteMarker"),
                  json_get(expiration, S("ExpiredObjectDeleteMarker")));
    json_put_json(&o, S("NoncurrentVersionExpiration"), noncurrent);
    json_put_json(&o, S("NoncurrentVersionExpirationInDays"),
                  json_get(noncurrent, S("NoncurrentDays")));
    json_put_json(&o, S("AbortIncompleteMultipartUpload"),
                  json_get(given, S("AbortIncompleteMultipartUpload")));
    put_transitions(&o, "Transition", "Transitions", json_get(given, S("Transitions")));
    put_transitions(&o, "NoncurrentVersionTransition", "NoncurrentVersionTransitions",
                    json_get(given, S("NoncurrentVersionTransitions")));
    return json_object(&o);
}

static Json lifecycle(const Json *v, Arena *a)
{
    JsonObject o = {.a = a};
    JsonArray list = {.a = a};
    const Json *rules = json_get(v, S("Rules"));
    for (int32_t i = 0; i < json_count(rules); i++) json_add(&list, rule(&rules->items[i], a));
    json_put(&o, S("Rules"), json_array(&list));
    json_put_json(&o, S("TransitionDefaultMinimumObjectSize"),
                  json_get(v, S("TransitionDefaultMinimumObjectSize")));
    return json_object(&o);
}

Json s3_bucket_unshape(Str property, const Json *actual, Arena *a)
{
    if (!json_is(actual, JSON_OBJECT)) return *actual;
    if (str_eq(property, S("LifecycleConfiguration"))) return lifecycle(actual, a);
    Json v = rename_back(property, actual, a);
    if (str_eq(property, S("NotificationConfiguration"))) return notifications(&v, a);
    return str_eq(property, S("WebsiteConfiguration")) ? website(&v, a) : v;
}
