/* object_events.c - asks a bucket's notification configuration and writes the record. */
#include "app/events/object_events.h"

#include "app/events/object_notices.h"
#include "core/bucket/notification.h"
#include "store/changes.h"

static Json message_of(Server *s, const ObjectEvent *e, Str sequencer)
{
    Arena *a = &s->turn;
    const Object *x = e->object;
    JsonObject o = {.a = a};
    json_put(&o, S("bucketId"), json_int(a, x->bucket_id));
    if (x->versioning != VERSIONING_NEVER)
        json_put_text(&o, S("versionId"), str_absent(e->version) ? x->version : e->version);
    if (str_starts(str_from(e->name), S("ObjectCreated:"))) {
        json_put(&o, S("size"), json_int(a, x->size));
        json_put_text(&o, S("eTag"), x->etag);
    }
    json_put_text(&o, S("sequencer"), sequencer);
    json_put_text(&o, S("requestId"), e->request_id);
    json_put_text(&o, S("account"), e->account);
    json_put_text(&o, S("region"), e->region);
    return json_object(&o);
}

void object_event(Server *s, const ObjectEvent *e)
{
    Json config;
    const Object *x = e->object;
    if (!bucket_config(s->objects, x->bucket_id, S("notification"), S(""), &s->turn, &config) ||
        !notification_wants(&config, str_from(e->name), x->key))
        return;
    Str sequencer = str_printf(&s->turn, "%016" PRIX64, (uint64_t)object_new_id(s->objects));
    Json message = message_of(s, e, sequencer);
    change_add(s->db, &(Change){.service = S("s3-object"),
                                .id = x->key,
                                .parent = x->bucket,
                                .to = str_from(e->name),
                                .message = json_to_str(&s->turn, &message),
                                .at = s->now});
    object_notify(s, &config, e, sequencer);
}
