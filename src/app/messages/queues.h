/* queues.h - messages on their way through queues: sending, receiving, waiting for one, dead letters, and the end of old ones. */
#pragma once
#include "app/call.h"
#include "store/messages.h"

/* A message that was acknowledged is a row. Receiving hides it for its visibility timeout in the
 * transaction whose commit precedes the answer: no crash hands it out twice within that time, or
 * loses it. A client that waits (long polling) is a Call kept in memory: served by the event that
 * brings a message, or by a timer when one becomes visible or the time is up. */
enum {
    QUEUE_BYTES_MAX = 1024 * 1024, /* of a message, and of a batch; with its attributes */
    QUEUE_DEDUP_MS = 5 * 60 * 1000,
    QUEUE_WAITING_MAX = 20000, /* clients; further ones are answered at once */
    QUEUE_RECEIVES_MAX = 1000, /* of a redrive policy */
    QUEUE_BATCH_MAX = 10,
    QUEUE_RECORD_BYTES = 512, /* what a message is counted for beside its body and attributes */
};

struct Queues;
must_use bool queues_open(Server *s, Error *err);
void queues_close(Server *s);

/* What the attributes of a queue say, with the defaults of those that were not set. */
typedef struct QueueSettings {
    bool fifo, dedup_by_content, dedup_by_group;
    Millis delay_ms, visibility_ms, retention_ms, wait_ms;
    int64_t bytes_max;
    Str dead_arn; /* absent: no redrive policy */
    int64_t receives_max;
} QueueSettings;
QueueSettings queues_settings(const QueueRow *q, Arena *a);
/* The attributes that are numbers, with their limits ("SetQueueAttributes" in the API reference).
 */
typedef struct QueueNumber {
    const char *name;
    int64_t min, max, otherwise;
    bool hidden; /* not told unless it was set */
} QueueNumber;
extern const QueueNumber queue_numbers[];
extern const int queue_numbers_n;

Str queues_arn(Arena *a, const QueueRow *q);
/* To count something of the queue, which is in use by that (watch/meter.h). */
struct Meter queues_meter(Server *s, const QueueRow *q);
/* Also of a name in another account or region. false: it is no ARN of a queue, or there is none. */
must_use bool queues_by_arn(Server *s, Str arn, Arena *a, QueueRow *out);

/* ---- sending: within an event ---- */
typedef struct QueueMessage {
    Str body, sender;
    const Json *attributes; /* {name: {DataType, StringValue or BinaryValue}}; NULL: none */
    Str trace, group, dedup;
    int64_t delay_s; /* -1: the queue's */
} QueueMessage;
typedef struct QueueSent {
    Str id;
    int64_t sequence; /* of FIFO queues */
} QueueSent;
/* Checks what a client can do wrong, in SQS's words. */
must_use bool queues_send(Server *s, const QueueRow *q, const QueueMessage *m, Arena *a,
                          QueueSent *out, Error *err);
Str queues_sequence(Arena *a, int64_t n); /* 20 digits */

/* ---- receiving ---- */
typedef struct QueueAsk {
    int64_t messages_max;
    Millis visibility_ms, wait_ms;     /* -1: the queue's */
    const Json *names, *system, *more; /* MessageAttributeNames, and both lists of system ones */
} QueueAsk;
/* CALL_LATER: a client waits for what comes, when there is nothing and it wants to. */
CallResult queues_receive(Call *call, const QueueRow *q, const QueueAsk *ask);
/* The same for who takes messages within the program (event sources): hidden in this event, oldest
 * first; together no larger than bytes_max (0: any), but one at least. */
typedef struct QueueLease {
    int64_t messages_max, bytes_max;
    Millis visibility_ms; /* -1: the queue's */
} QueueLease;
int64_t queues_lease(Server *s, const QueueRow *q, const QueueLease *ask, Arena *a,
                     MessageRow **out);
/* How many could be leased now, at most `max`; when the next one becomes visible. */
int64_t queues_ready(Server *s, const QueueRow *q, int64_t max, Millis *next);
void queues_delete(Server *s, const QueueRow *q, const MessageRow *m);
Json queues_system_attributes(const MessageRow *m, Arena *a); /* all that receiving can tell */
/* Messages may have become free to be received: those who wait are looked at. */
void queues_changed(Server *s, int64_t queue);
void queues_wait_due(Server *s, Str subject);  /* timer kind "queue-wait" */
void queues_sweep_due(Server *s, Str subject); /* timer kind "queue-sweep" */
void queues_sweep_soon(Server *s);

/* receipt.h: of this reception. */
Str queues_receipt(Arena *a, const MessageRow *m);

/* ---- digests and sizes, as clients check them ---- */
Str queues_md5(Arena *a, Str body);
Str queues_md5_attributes(Arena *a, const Json *attributes); /* absent: there are none */
int64_t queues_bytes(Arena *a, Str body, const Json *attributes);
must_use bool queues_check_attributes(Arena *a, const Json *attributes, Error *err);
