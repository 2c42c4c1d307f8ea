/* event_objects.c - one change of an object as EventBridge's event and as S3's notification. */
#include "app/event_objects.h"

#include "base/encode.h"
#include "base/time.h"
#include "core/bucket/notification.h"
#include "store/buckets.h"

typedef struct Told {
    Server *s;
    const Change *c;
    Json about; /* of the record: object_events.h */
    Str event;  /* "ObjectCreated:Put" */
    Str account, region;
} Told;

static Str about(const Told *t, const char *name)
{
    return json_text(json_get(&t->about, str_from(name)));
}

/* ---- EventBridge: "EventBridge event message structure" in the guide of S3 ---- */

/* What the events' names become; NULL: EventBridge is not told. */
static const struct {
    const char *event, *type, *reason;
} types[] = {
    {"ObjectCreated:Put", "Object Created", "PutObject"},
    {"ObjectCreated:Post", "Object Created", "POST Object"},
    {"ObjectCreated:Copy", "Object Created", "CopyObject"},
    {"ObjectCreated:CompleteMultipartUpload", "Object Created", "CompleteMultipartUpload"},
    {"ObjectRemoved:Delete", "Object Deleted", "DeleteObject"},
    {"ObjectRemoved:DeleteMarkerCreated", "Object Deleted", "DeleteObject"},
    {"LifecycleExpiration:Delete", "Object Deleted", "Lifecycle Expiration"},
    {"LifecycleExpiration:DeleteMarkerCreated", "Object Deleted", "Lifecycle Expiration"},
    {"ObjectTagging:Put", "Object Tags Added", NULL},
    {"ObjectTagging:Delete", "Object Tags Deleted", NULL},
    {"ObjectAcl:Put", "Object ACL Updated", NULL},
};

static Json object_of(const Told *t)
{
    JsonObject o = {.a = &t->s->turn};
    json_put_text(&o, S("key"), t->c->id);
    json_put_json(&o, S("size"), json_get(&t->about, S("size")));
    json_put_text(&o, S("etag"), about(t, "eTag"));
    json_put_text(&o, S("version-id"), about(t, "versionId"));
    json_put_text(&o, S("sequencer"), about(t, "sequencer"));
    return json_object(&o);
}

static void tell_bus(const Told *t, const char *type, const char *reason)
{
    Arena *a = &t->s->turn;
    JsonArray arns = {.a = a};
    JsonObject d = {.a = a}, bucket = {.a = a};
    bool deleted = str_eq(str_from(type), S("Object Deleted"));
    bool marker = str_ends(t->event, S(":DeleteMarkerCreated"));
    json_put_text(&bucket, S("name"), t->c->parent);
    json_put_text(&d, S("version"), S("0"));
    json_put(&d, S("bucket"), json_object(&bucket));
    json_put(&d, S("object"), object_of(t));
    json_put_text(&d, S("request-id"), about(t, "requestId"));
    json_put_text(&d, S("requester"),
                  str_starts(t->event, S("Lifecycle")) ? S("s3.amazonaws.com") : t->account);
    json_put_text(&d, S("source-ip-address"), S("127.0.0.1"));
    json_put_text(&d, S("reason"), str_from(reason));
    if (deleted)
        json_put_text(&d, S("deletion-type"),
                      marker ? S("Delete Marker Created") : S("Permanently Deleted"));
    json_add(&arns, json_string(str_printf(a, "arn:aws:s3:::%.*s", STR(t->c->parent))));
    Json detail = json_object(&d), resources = json_array(&arns);
    event_emit(t->s, &(EventEmit){.source = S("aws.s3"),
                                  .type = str_from(type),
                                  .account = t->account,
                                  .region = t->region,
                                  .detail = &detail,
                                  .resources = &resources,
                                  .at = t->c->at});
}

/* ---- the bucket's own targets: "Event message structure" in the guide of S3 ---- */

static Json user_of(const Told *t)
{
    JsonObject o = {.a = &t->s->turn};
    json_put_text(&o, S("principalId"), t->account);
    return json_object(&o);
}

/* As a form has it: keys of notifications have + for a blank. */
static Str form_encoded(Arena *a, Str key)
{
    Str text = str_copy(a, percent_encode(a, key, S("-_.*/ ")));
    for (char *p = (char *)text.p; (p = memchr(p, ' ', (size_t)(text.p + text.n - p)));) *p = '+';
    return text;
}

static Json s3_of(const Told *t, Str configuration)
{
    Arena *a = &t->s->turn;
    JsonObject o = {.a = a}, bucket = {.a = a}, object = {.a = a};
    json_put_text(&bucket, S("name"), t->c->parent);
    json_put(&bucket, S("ownerIdentity"), user_of(t));
    json_put_text(&bucket, S("arn"), str_printf(a, "arn:aws:s3:::%.*s", STR(t->c->parent)));
    json_put_text(&object, S("key"), form_encoded(a, t->c->id));
    json_put_json(&object, S("size"), json_get(&t->about, S("size")));
    json_put_text(&object, S("eTag"), about(t, "eTag"));
    json_put_text(&object, S("versionId"), about(t, "versionId"));
    json_put_text(&object, S("sequencer"), about(t, "sequencer"));
    json_put_text(&o, S("s3SchemaVersion"), S("1.0"));
    json_put_text(&o, S("configurationId"), configuration);
    json_put(&o, S("bucket"), json_object(&bucket));
    json_put(&o, S("object"), json_object(&object));
    return json_object(&o);
}

static Str notification(const Told *t, Str configuration)
{
    Arena *a = &t->s->turn;
    JsonObject r = {.a = a}, all = {.a = a}, ip = {.a = a}, ids = {.a = a};
    JsonArray records = {.a = a};
    json_put_text(&ip, S("sourceIPAddress"), S("127.0.0.1"));
    json_put_text(&ids, S("x-amz-request-id"), about(t, "requestId"));
    json_put_text(&r, S("eventVersion"), S("2.1"));
    json_put_text(&r, S("eventSource"), S("aws:s3"));
    json_put_text(&r, S("awsRegion"), t->region);
    json_put_text(&r, S("eventTime"), time_iso8601(a, t->c->at));
    json_put_text(&r, S("eventName"), t->event);
    json_put(&r, S("userIdentity"), user_of(t));
    json_put(&r, S("requestParameters"), json_object(&ip));
    json_put(&r, S("responseElements"), json_object(&ids));
    json_put(&r, S("s3"), s3_of(t, configuration));
    json_add(&records, json_object(&r));
    json_put(&all, S("Records"), json_array(&records));
    Json v = json_object(&all);
    return json_to_str(a, &v);
}

static void send_one(const Told *t, const Json *configuration, const char *arn_member)
{
    JsonObject o = {.a = &t->s->turn};
    json_put_json(&o, S("Arn"), json_get(configuration, str_from(arn_member)));
    Json target = json_object(&o);
    DeliveryRow row = {.kind = S("s3"),
                       .account = t->account,
                       .region = t->region,
                       .source_arn =
                           str_printf(&t->s->turn, "arn:aws:s3:::%.*s", STR(t->c->parent)),
                       .target = json_to_str(&t->s->turn, &target),
                       .input = notification(t, json_text(json_get(configuration, S("Id")))),
                       .at = t->s->now};
    delivery_send(t->s, &row, &target);
}

static void tell_targets(const Told *t, const Json *config)
{
    static const char *const lists[][2] = {
        {"TopicConfigurations", "TopicArn"},
        {"QueueConfigurations", "QueueArn"},
        {"LambdaFunctionConfigurations", "LambdaFunctionArn"},
    };
    for (int k = 0; k < countof(lists); k++) {
        const Json *list = json_get(config, str_from(lists[k][0]));
        for (int32_t i = 0; i < json_count(list); i++)
            if (notification_target_wants(&list->items[i], t->event, t->c->id))
                send_one(t, &list->items[i], lists[k][1]);
    }
}

/* ---- both ---- */

void event_object_tell(Server *s, const Change *c)
{
    Json config;
    Error err = {0};
    Told t = {.s = s, .c = c, .event = c->to};
    if (!json_parse(c->message, &s->turn, &t.about, &err) ||
        !bucket_config(s->objects, json_int_or(json_get(&t.about, S("bucketId")), 0),
                       S("notification"), S(""), &s->turn, &config))
        return;
    t.account = about(&t, "account").n ? about(&t, "account") : s->config.account;
    t.region = about(&t, "region").n ? about(&t, "region") : S("us-east-1");
    tell_targets(&t, &config);
    if (!json_get(&config, S("EventBridgeConfiguration"))) return;
    for (int i = 0; i < countof(types); i++)
        if (str_eq(c->to, str_from(types[i].event))) tell_bus(&t, types[i].type, types[i].reason);
}
