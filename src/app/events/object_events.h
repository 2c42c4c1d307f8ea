/* object_events.h - what happens to objects, told to those who asked: the seam between S3 and notifications. */
#pragma once
#include "app/server.h"
#include "store/buckets.h"

/* Within the event that changes the object. Where the bucket's notification configuration (its
 * EventBridge switch included) wants the event, one record joins the stream of store/changes.h in
 * the same transaction: service "s3-object", parent the bucket, id the key, to_state the event's
 * name ("ObjectCreated:Put"), and as message the JSON
 *
 *     {"bucketId": 1, "versionId": "..", "size": 3, "eTag": "..", "sequencer": "..",
 *      "requestId": "..", "account": "..", "region": ".."}
 *
 * (versionId only in buckets with versioning; size and eTag only of created objects). Nobody asked:
 * nothing is written. Whoever delivers reads the stream and asks notification_target_wants. */
typedef struct ObjectEvent {
    const char *name; /* without "s3:" */
    const Object *object;
    Str version;                     /* absent: the object's */
    Str request_id, account, region; /* absent: the program itself */
} ObjectEvent;

void object_event(Server *s, const ObjectEvent *e);
