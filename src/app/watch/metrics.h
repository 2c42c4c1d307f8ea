/* metrics.h - CloudWatch metrics at work: values put by clients and by the services here, and statistics over periods. */
#pragma once
#include "app/server.h"
#include "store/metrics.h"

/* Values are kept by the minute, or by the second where a client asks for StorageResolution 1, for
 * METRICS_KEEP_MS. A bucket knows how many values it holds, their sum, the least and the greatest,
 * and how often each came (distribution.h). */
#define METRICS_KEEP_MS ((Millis)15 * 24 * 3600 * 1000)
enum {
    METRICS_MINUTE_MS = 60 * 1000,
    METRICS_SECOND_MS = 1000,
    METRICS_POINTS_MAX = 100800, /* read for one statistic: 70 days of minutes */
};

/* Dimensions as the API has them, [{"Name", "Value"}], in the one text that equal ones share. */
Str metrics_dimensions(Arena *a, const Json *list);

/* What one statistic is asked of. */
typedef struct MetricQuery {
    MetricRow key; /* account, region, name_space, name, dimensions */
    Str unit;      /* absent: the values of all units */
    Millis from, to;
    Millis period_ms;
} MetricQuery;

/* One per period that has values, oldest first; `at` is the period's beginning, the unit is that of
 * its values ("None" where they differ). */
int64_t metrics_read(Server *s, const MetricQuery *q, Arena *a, MetricPoint **out);
/* Within an event: one value, or several told by their statistics. */
void metrics_put(Server *s, MetricRow *key, const MetricPoint *point, Millis resolution_ms);
/* The shortest text that means the number. */
Str metrics_text(Arena *a, double value);
