/* object_notices.c - S3's event message, and its way to the targets of a bucket's configuration. */
#include "app/events/object_notices.h"

#include "app/events/targets.h"
#include "base/encode.h"
#include "base/time.h"
#include "core/bucket/notification.h"

static const char *const kinds[][2] = {
    {"QueueConfigurations", "QueueArn"},
    {"TopicConfigurations", "TopicArn"},
    {"LambdaFunctionConfigurations", "LambdaFunctionArn"},
};

/* Keys are encoded as in forms: a blank becomes "+". */
static Str encoded_key(Arena *a, Str key)
{
    Str text = percent_encode(a, key, S("/ "));
    char *p = new_array(a, char, text.n + 1);
    for (int64_t i = 0; i < text.n; i++) p[i] = text.p[i] == ' ' ? '+' : text.p[i];
    return (Str){p, text.n};
}

static Json one_text(Arena *a, Str name, Str value)
{
    JsonObject o = {.a = a};
    json_put_text(&o, name, value);
    return json_object(&o);
}

static Json bucket_json(Arena *a, Str bucket, Str owner)
{
    JsonObject o = {.a = a};
    json_put_text(&o, S("name"), bucket);
    json_put(&o, S("ownerIdentity"), one_text(a, S("principalId"), owner));
    json_put_text(&o, S("arn"), str_printf(a, "arn:aws:s3:::%.*s", STR(bucket)));
    return json_object(&o);
}

static Json object_json(Arena *a, const ObjectEvent *e, Str sequencer)
{
    const Object *x = e->object;
    JsonObject o = {.a = a};
    json_put_text(&o, S("key"), encoded_key(a, x->key));
    if (str_starts(str_from(e->name), S("ObjectCreated:"))) {
        json_put(&o, S("size"), json_int(a, x->size));
        json_put_text(&o, S("eTag"), x->etag);
    }
    if (x->versioning != VERSIONING_NEVER)
        json_put_text(&o, S("versionId"), str_absent(e->version) ? x->version : e->version);
    json_put_text(&o, S("sequencer"), sequencer);
    return json_object(&o);
}

/* "Event message structure" in the user guide: 2.1, and 2.3 for the kinds that came later. */
static const char *version_of(Str name)
{
    return str_starts(name, S("ObjectCreated:")) || str_starts(name, S("ObjectRemoved:")) ? "2.1"
                                                                                          : "2.3";
}

static Str message(Server *s, const ObjectEvent *e, Str id, Str account, Str region, Str sequencer)
{
    Arena *a = &s->turn;
    Str name = str_from(e->name),
        request = str_absent(e->request_id) ? server_new_id(s, a, S(""), 16) : e->request_id;
    JsonObject record = {.a = a}, answer = {.a = a}, s3 = {.a = a}, all = {.a = a};
    JsonArray records = {.a = a};
    json_put_text(&answer, S("x-amz-request-id"), request);
    json_put_text(&answer, S("x-amz-id-2"), request);
    json_put_text(&s3, S("s3SchemaVersion"), S("1.0"));
    json_put_text(&s3, S("configurationId"), id);
    json_put(&s3, S("bucket"), bucket_json(a, e->object->bucket, account));
    json_put(&s3, S("object"), object_json(a, e, sequencer));
    json_put_text(&record, S("eventVersion"), str_from(version_of(name)));
    json_put_text(&record, S("eventSource"), S("aws:s3"));
    json_put_text(&record, S("awsRegion"), region);
    json_put_text(&record, S("eventTime"), time_iso8601(a, s->now));
    json_put_text(&record, S("eventName"), name);
    json_put(&record, S("userIdentity"),
             one_text(a, S("principalId"), str_printf(a, "AWS:%.*s", STR(account))));
    json_put(&record, S("requestParameters"), one_text(a, S("sourceIPAddress"), S("127.0.0.1")));
    json_put(&record, S("responseElements"), json_object(&answer));
    json_put(&record, S("s3"), json_object(&s3));
    json_add(&records, json_object(&record));
    json_put(&all, S("Records"), json_array(&records));
    Json whole = json_object(&all);
    return json_to_str(a, &whole);
}

static bool tell(Server *s, Str arn, Str bucket, Str account, Str region, Str text)
{
    Target t = {.arn = arn,
                .service = S("s3.amazonaws.com"),
                .account = account,
                .region = region,
                .source_arn = str_printf(&s->turn, "arn:aws:s3:::%.*s", STR(bucket)),
                .input = text,
                .subject = S("Amazon S3 Notification")};
    TargetResult r = targets_deliver(s, &t);
    if (r.end != TARGET_DELIVERED)
        log_recorded(s, "notification-lost", "bucket=%.*s target=%.*s error=\"%.*s\"", STR(bucket),
                     STR(arn), STR(r.message));
    return r.end == TARGET_DELIVERED;
}

void object_notify(Server *s, const Json *config, const ObjectEvent *e, Str sequencer)
{
    const Object *x = e->object;
    Str account = str_absent(e->account) ? s->config.account : e->account,
        region = str_absent(e->region) ? S("us-east-1") : e->region;
    for (int k = 0; k < countof(kinds); k++) {
        const Json *list = json_get(config, str_from(kinds[k][0]));
        for (int32_t i = 0; i < json_count(list); i++) {
            const Json *one = json_at(list, i);
            if (!notification_target_wants(one, str_from(e->name), x->key)) continue;
            Str text = message(s, e, json_text(json_get(one, S("Id"))), account, region, sequencer);
            (void)tell(s, json_text(json_get(one, str_from(kinds[k][1]))), x->bucket, account,
                       region, text);
        }
    }
}

/* ---- new targets ---- */

static Str test_message(Server *s, Str bucket)
{
    Arena *a = &s->turn;
    JsonObject o = {.a = a};
    Str request = server_new_id(s, a, S(""), 16);
    json_put_text(&o, S("Service"), S("Amazon S3"));
    json_put_text(&o, S("Event"), S("s3:TestEvent"));
    json_put_text(&o, S("Time"), time_iso8601(a, s->now));
    json_put_text(&o, S("Bucket"), bucket);
    json_put_text(&o, S("RequestId"), request);
    json_put_text(&o, S("HostId"), request);
    Json all = json_object(&o);
    return json_to_str(a, &all);
}

bool object_notify_test(Server *s, const Json *config, Str bucket, Str account, Str region,
                        Str *arn)
{
    for (int k = 0; k < 2; k++) {
        const Json *list = json_get(config, str_from(kinds[k][0]));
        for (int32_t i = 0; i < json_count(list); i++) {
            *arn = json_text(json_get(json_at(list, i), str_from(kinds[k][1])));
            if (!tell(s, *arn, bucket, account, region, test_message(s, bucket))) return false;
        }
    }
    return true;
}
