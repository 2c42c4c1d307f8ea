/* event_objects.c - one change of an object as EventBridge's event. */
#include "app/events/event_objects.h"

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
    if (!json_get(&config, S("EventBridgeConfiguration"))) return;
    for (int i = 0; i < countof(types); i++)
        if (str_eq(c->to, str_from(types[i].event))) tell_bus(&t, types[i].type, types[i].reason);
}
