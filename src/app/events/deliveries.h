/* deliveries.h - inputs on their way to targets: the first attempt at once, further ones later, and the dead-letter queue. */
#pragma once
#include "app/events/targets.h"
#include "store/deliveries.h"

/* What schedules and rules share. An attempt that fails in a way that passes is made again, in
 * growing pauses, until the target's RetryPolicy is used up: MaximumRetryAttempts (default 185) and
 * MaximumEventAgeInSeconds (default 86400, counted from row->at). Then, and when the target refuses
 * for good, the input goes to the target's DeadLetterConfig, with the attributes that AWS
 * documents, or is lost with a line in the log. */
enum {
    DELIVERY_ATTEMPTS_DEFAULT = 185,
    DELIVERY_AGE_S_DEFAULT = 86400,
    DELIVERY_PAUSE_MS_MIN = 1000,
    DELIVERY_PAUSE_MS_MAX = 5 * 60 * 1000,
};

/* To count something of the rule or the schedule (watch/meter.h). */
struct Meter delivery_meter(Server *s, Str kind, Str source_arn);

/* Within an event. The row is added only when it is needed later. */
void delivery_send(Server *s, DeliveryRow *row, const Json *target);
/* What came of an attempt, which row->attempts counts already. */
void delivery_settle(Server *s, DeliveryRow *row, const Json *target, const TargetResult *r);
/* The first attempt is an event of its own. */
void delivery_send_later(Server *s, DeliveryRow *row);
void deliveries_due(Server *s, Str subject); /* kinds "delivery", "delivery-sent" */
/* Sent to somebody else's server, and not heard of: DELIVERY_SENT is due then, and at each start.
 */
#define DELIVERY_SENT S("delivery-sent")
void deliveries_recover(Server *s);
/* How long after the given number of attempts the next one is made. */
Millis delivery_pause_ms(int64_t attempts);
int64_t delivery_age_ms_max(const Json *target);
