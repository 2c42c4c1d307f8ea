/* object_notices.h - what a bucket's notification configuration sends to queues, topics and functions. */
#pragma once
#include "app/events/object_events.h"

/* Within the event that changes the object: each configured target that wants the event has its
 * message, in the same transaction. A target that refuses it (a queue that is gone) gets nothing,
 * and the log says so. `sequencer` orders the events of one key. */
void object_notify(Server *s, const Json *config, const ObjectEvent *e, Str sequencer);

/* The message by which S3 tries new targets ("s3:TestEvent"): to the queues and topics of a
 * configuration. false: *arn did not take it. Functions are asked for nothing. */
must_use bool object_notify_test(Server *s, const Json *config, Str bucket, Str account, Str region,
                                 Str *arn);
