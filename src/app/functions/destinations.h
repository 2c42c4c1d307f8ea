/* destinations.h - who hears of the end of an asynchronous invocation: its destinations, and the dead-letter queue. */
#pragma once
#include "app/functions/functions.h"

/* "Adding a destination" and "Adding a dead-letter queue" of the developer guide. Queues, topics,
 * functions and event buses get a record of the request and its answer; the dead-letter queue or
 * topic of the version gets the event as it was. All of it in the event that records the end, under
 * the function's role; what a destination does not take is lost, with a line in the log. */
enum { DESTINATION_MESSAGE_BYTES_MAX = 1024 }; /* ErrorMessage of a dead letter */

/* What of an end is told. */
typedef struct DestinationEnd {
    Str condition; /* "Success", "RetriesExhausted", "EventAgeExceeded", ... */
    bool failed;
    Str answer; /* JSON; absent: the function was not run */
} DestinationEnd;
/* Within an event; row->attempts counts those that failed. */
void destinations_tell(Server *s, const InvocationRow *row, const DestinationEnd *end);

/* An ARN as DestinationConfig and DeadLetterConfig (dead: queues and topics alone) may have it;
 * *action is what the function's role must allow. */
bool destination_is(Str arn, bool dead, Str *action);
