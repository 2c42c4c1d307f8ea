/* topics.h - notifications on their way from topics to subscribers: filtered, worded for each protocol, delivered or posted. */
#pragma once
#include "app/call.h"
#include "store/topics.h"

/* A message that was acknowledged is, in the same transaction, in the queues and due at the
 * functions that are subscribed; for servers (http, https) it is a row of the outbox, posted after
 * the commit and again until the subscriber has answered with a 2xx status, TOPIC_RETRIES_MAX times
 * more at the most. What cannot be delivered goes to the subscription's dead-letter queue. */
enum {
    TOPIC_BYTES_MAX = 256 * 1024, /* of a message, and of a batch */
    TOPIC_RETRIES_MAX = 3,        /* the default delivery policy: three, 20 seconds apart */
    TOPIC_RETRY_MS = 20 * 1000,
    TOPIC_POST_MS_MAX = 15 * 1000,
    TOPIC_SUBSCRIBERS_AT_ONCE = 1000, /* read from the database at a time */
};

Str topics_arn(Arena *a, const TopicRow *t);
/* For CloudWatch (watch/meter.h). */
struct Meter topics_meter(const TopicRow *t);
void topics_count(Server *s, const TopicRow *t, const char *name);
Str topics_subscription_arn(Arena *a, const TopicRow *t, const SubscriptionRow *s);
bool topics_is(Arena *a, Str attributes, Str name, Str value);
Str topics_attribute(Arena *a, Str attributes, Str name); /* absent: not set */

typedef struct TopicMessage {
    Str id, body, subject;  /* subject absent: none */
    const Json *structured; /* MessageStructure json: a text for each protocol; NULL: one for all */
    const Json *attributes; /* {name: {DataType, StringValue or BinaryValue}}; NULL: none */
    Str group, dedup;       /* of FIFO topics */
    int64_t sequence;
    Str host; /* of the addresses in it, as the publisher reached the server */
} TopicMessage;

/* Within an event: to all confirmed subscriptions that want it. */
void topics_deliver(Server *s, const TopicRow *t, const TopicMessage *m);
/* To be posted: the question whether the subscriber agrees. */
void topics_ask_to_confirm(Server *s, const TopicRow *t, const SubscriptionRow *sub, Str host);
void topics_post_due(Server *s, Str subject); /* timer kind "topic-post" */
/* At start-up: what was under way is posted again at once. */
void topics_recover(Server *s);
Str topics_base(Server *s, Arena *a, Str host); /* http://127.0.0.1:4566 */

/* topics_filter.c: SNS's subset of event patterns. ERR_SNS_PARAMETER. */
must_use bool topics_check_filter(Str policy, bool body, Arena *a, Error *err);
bool topics_wants(const SubscriptionRow *sub, const TopicMessage *m, Str text, Arena *a);

/* topics_note.c: a message as each kind of subscriber sees it. */
Str topics_note(Server *s, const TopicRow *t, const SubscriptionRow *sub, const TopicMessage *m,
                Str text, Arena *a);
Str topics_function_event(Server *s, const TopicRow *t, const SubscriptionRow *sub,
                          const TopicMessage *m, Str text, Arena *a);
Str topics_confirmation(Server *s, const TopicRow *t, const SubscriptionRow *sub, Str id, Str host,
                        Arena *a);
