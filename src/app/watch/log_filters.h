/* log_filters.h - what comes to a log group and is for somebody else too: metrics out of events, and functions that get them. */
#pragma once
#include "app/server.h"
#include "store/log_filters.h"
#include "store/log_groups.h"

/* In the event that writes the log events. A metric filter adds to its metrics, at the events' own
 * times; a subscription filter's function is invoked with them, in portions: packed and in Base64
 * as Lambda gets them from CloudWatch Logs. */
enum {
    LOG_METRIC_FILTERS_MAX = 100,       /* of a group, AWS's quota */
    LOG_SUBSCRIPTION_FILTERS_MAX = 2,   /* likewise */
    LOG_PORTION_BYTES_MAX = 128 * 1024, /* of messages, for one invocation */
    LOG_PORTION_EVENTS_MAX = 10000,
};

typedef struct LogFed {
    Millis at;
    Str message;
} LogFed;

void log_filters_feed(Server *s, const LogGroupRow *group, Str stream, const LogFed *events,
                      int64_t n);
/* metricTransformations: one, with a number or a member of the document ("$.latency") as its value.
 */
must_use bool log_filters_check_metric(const Json *transformations, Error *err);
