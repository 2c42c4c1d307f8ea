/* messages.h - rows of the messages in queues, in the order they came; and the deduplication ids of the last minutes. */
#pragma once
#include "store/queues.h"

/* A message can be received when visible_at has come: after its delay, and again when a visibility
 * timeout has passed. One that was received (receives > 0) and is not visible is in flight. */
typedef struct MessageRow {
    int64_t n, queue; /* n: never given twice, larger for later ones */
    Str id, body, sender;
    Str attributes;   /* JSON as SendMessage has it, or absent */
    Str trace;        /* AWSTraceHeader, or absent */
    Str group, dedup; /* MessageGroupId, MessageDeduplicationId, or absent */
    Str source;       /* ARN of the queue a dead letter comes from, or absent */
    bool ordered;     /* in a FIFO queue */
    Millis sent, visible_at, first_received;
    int64_t receives;
} MessageRow;

/* What of a queue is there now: its messages that were purged or have been kept long enough are
 * not. */
typedef struct MessageView {
    const QueueRow *queue;
    bool fifo;
    Millis now, retention_ms;
} MessageView;

enum { MESSAGES_LOOKED_AT_MAX = 20000 }; /* of a FIFO queue, for one of a group that is free */

void message_add(Db *db, MessageRow *row); /* sets row->n */
must_use bool message_get(Db *db, int64_t queue, int64_t n, Arena *a, MessageRow *out);
/* Those to be received now, oldest first. In a FIFO queue none of a group of which one is in
 * flight, or waits before it. */
int64_t message_ready(Db *db, const MessageView *v, int64_t max, Arena *a, MessageRow **out);
/* The next time at which one becomes visible; INT64_MAX: none will. */
Millis message_next_visible(Db *db, const MessageView *v);
void message_received(Db *db, const MessageRow *row); /* visible_at, first_received, receives */
void message_show_at(Db *db, int64_t n, Millis visible_at);
void message_remove(Db *db, int64_t n);
/* To the end of another queue: with a new number. */
void message_move(Db *db, MessageRow *row, int64_t queue);

typedef struct MessageCounts {
    int64_t visible, in_flight, delayed;
} MessageCounts;
/* Without what is past its retention, but for what came here from another queue when it was. */
MessageCounts message_count(Db *db, const MessageView *v);
int64_t message_last(Db *db); /* the highest number so far */

/* At most `max` that are not there any more: purged, or sent before `sent_until`. queue gone: all.
 * Returns how many. */
int64_t message_sweep(Db *db, int64_t queue, int64_t purged_until, Millis sent_until, int64_t max);

/* What was sent with the same id before `until`: the message it became. */
void message_dedup_add(Db *db, int64_t queue, Str scope, const MessageRow *row, Millis until);
must_use bool message_dedup_find(Db *db, int64_t queue, Str scope, Str dedup, Millis now, Arena *a,
                                 Str *id, int64_t *n);
int64_t message_dedup_sweep(Db *db, Millis now, int64_t max);

/* What a queue's gauges say: counted in an index, whatever is past its retention and not swept yet
 * included. oldest: when the oldest was sent; 0: there is none. */
typedef struct MessageGauge {
    MessageCounts counts;
    Millis oldest;
} MessageGauge;
MessageGauge message_gauge(Db *db, const MessageView *v);
