/* event_objects.h - events of objects on their way to EventBridge. */
#pragma once
#include "app/events/event_bus.h"
#include "store/changes.h"

/* A record of service "s3-object" (object_events.h), within the event that follows the stream. What
 * the bucket's configuration says then is what holds. Queues, topics and functions of a bucket are
 * told by object_notices.h. */
void event_object_tell(Server *s, const Change *c);
