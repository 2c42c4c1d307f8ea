/* topics.h - rows of topics, of their subscriptions, and of what is still to be posted to subscribers over HTTP. */
#pragma once
#include "store/db.h"

typedef struct TopicRow {
    int64_t n;
    Str account, region, name;
    Str attributes, tags; /* JSON objects of texts */
    int64_t sequence;     /* of the last message published, in a FIFO topic */
} TopicRow;

void topic_row_add(Db *db, TopicRow *row); /* sets row->n */
must_use bool topic_row_find(Db *db, Str account, Str region, Str name, Arena *a, TopicRow *out);
must_use bool topic_row_get(Db *db, int64_t n, Arena *a, TopicRow *out);
void topic_row_set(Db *db, const TopicRow *row); /* attributes, tags, sequence */
void topic_row_remove(Db *db, int64_t n);        /* and its subscriptions, and their posts */
int64_t topic_row_list(Db *db, Str account, Str region, Str after, int64_t max, Arena *a,
                       TopicRow **out);

typedef struct SubscriptionRow {
    int64_t n, topic;
    Str id, protocol, endpoint, owner;
    Str attributes; /* JSON object of texts */
    Str token;      /* by which it is confirmed */
    bool confirmed;
} SubscriptionRow;

void subscription_add(Db *db, SubscriptionRow *row); /* sets row->n */
must_use bool subscription_find(Db *db, int64_t topic, Str id, Arena *a, SubscriptionRow *out);
must_use bool subscription_get(Db *db, int64_t n, Arena *a, SubscriptionRow *out);
must_use bool subscription_like(Db *db, int64_t topic, Str protocol, Str endpoint, Arena *a,
                                SubscriptionRow *out);
must_use bool subscription_by_token(Db *db, int64_t topic, Str token, Arena *a,
                                    SubscriptionRow *out);
void subscription_set(Db *db, const SubscriptionRow *row); /* attributes, confirmed */
void subscription_remove(Db *db, int64_t n);
/* In the order they were made, after number `after`; topic 0: those of a region's topics. */
int64_t subscription_list(Db *db, int64_t topic, Str account, Str region, int64_t after,
                          int64_t max, Arena *a, SubscriptionRow **out);
typedef struct SubscriptionCounts {
    int64_t confirmed, pending;
} SubscriptionCounts;
SubscriptionCounts subscription_count(Db *db, int64_t topic);

/* A request to a subscriber's server, from the commit of its message to the answer that counts. */
typedef struct PostRow {
    int64_t n, subscription;
    Str kind, message_id, body; /* kind: "Notification", "SubscriptionConfirmation" */
    bool raw;
    int64_t attempts; /* that failed */
} PostRow;
void post_add(Db *db, PostRow *row); /* sets row->n */
must_use bool post_get(Db *db, int64_t n, Arena *a, PostRow *out);
void post_set_attempts(Db *db, int64_t n, int64_t attempts);
void post_remove(Db *db, int64_t n);
