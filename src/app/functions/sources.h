/* sources.h - event source mappings at work: functions invoked with batches of the messages that come into queues. */
#pragma once
#include "app/functions/functions.h"
#include "app/messages/queues.h"
#include "store/event_sources.h"

/* Nobody polls: a message that comes, or becomes visible again, makes the sources of its queue due
 * (a durable timer), in the same event. A source that is due takes messages as a client would, so
 * that they are hidden for the queue's visibility timeout, and writes down which: a batch, in the
 * same event. The batch is due in an event of its own, in which its function is invoked. Then
 *
 *   success      its messages are deleted, in the event that has the answer
 *   failure      they stay hidden until their visibility timeout is over, as on AWS, and come
 *                again, or go to the dead letters when the redrive policy says so
 *   a restart    the function's process has ended with the server: they are visible at once
 *
 * A message whose visibility timeout ended meanwhile was handed out again: it is another's then,
 * and is not deleted.
 *
 * States: Creating, Enabled, Disabled, Updating, Enabling, Disabling, Deleting. Those that end in
 * -ing end in the next event, Deleting when no batch is under way. */
enum {
    SOURCE_BATCH_DEFAULT = 10,
    SOURCE_BATCH_MAX = 10000,
    SOURCE_BATCH_FIFO_MAX = 10,
    SOURCE_BATCH_PLAIN_MAX = 10, /* more needs a window */
    SOURCE_WINDOW_S_MAX = 300,
    SOURCE_CONCURRENCY_DEFAULT = 5, /* batches at once: what AWS begins with */
    SOURCE_BATCHES_AT_ONCE = 32,    /* taken in one event */
    SOURCE_LOOK_MS = 50,            /* a window that fills is looked at this often */
    SOURCE_AGAIN_MS = 1000,         /* throttled */
    SOURCE_ABSENT_MS = 10 * 1000,   /* its function is not there: it may come again */
    SOURCE_BYTES_MAX = FUNCTIONS_PAYLOAD_BYTES_MAX,
};

Str source_arn(Arena *a, const EventSourceRow *row);
/* The configuration of a row, parsed. */
Json source_config(Arena *a, const EventSourceRow *row);
/* Made or changed: it is due. */
void sources_begin(Server *s, const EventSourceRow *row);
void sources_due(Server *s, Str subject);       /* timer kind "event-source" */
void sources_batch_due(Server *s, Str subject); /* timer kind "event-batch" */
void sources_queue_changed(Server *s, int64_t queue);
void sources_recover(Server *s); /* in an event, at the start */

/* sources_batch.c: takes a batch of at most so many messages; false: none was wanted. */
must_use bool sources_take(Server *s, const EventSourceRow *row, const QueueRow *q, int64_t size);
/* Whether its function is there, and may be invoked now. */
typedef enum SourceReady { SOURCE_READY, SOURCE_BUSY, SOURCE_NO_FUNCTION } SourceReady;
SourceReady sources_ready(Server *s, const EventSourceRow *row, FunctionTarget *out);
