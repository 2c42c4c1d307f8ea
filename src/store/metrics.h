/* metrics.h - rows of CloudWatch metrics: what is measured, and what was measured, by the second or the minute. */
#pragma once
#include "core/metric/statistic.h"
#include "store/db.h"

typedef struct MetricRow {
    int64_t n;
    Str account, region, name_space, name;
    Str dimensions; /* a JSON object, keys in order: equal texts are equal dimensions */
    Millis last;    /* of the newest point put */
} MetricRow;

/* What is known of one bucket of time: all values of one unit that fell into it. Numbers are texts
 * that mean the double they were. */
typedef struct MetricPoint {
    Millis at; /* its beginning */
    Str unit;  /* "None" when none was given */
    Measured m;
} MetricPoint;

/* Found, or made; fills n. */
void metric_row_need(Db *db, MetricRow *row);
must_use bool metric_row_find(Db *db, const MetricRow *key, Arena *a, MetricRow *out);
/* After row n `after`, with something put since `since`; namespace and name absent: any. */
int64_t metric_row_list(Db *db, Str account, Str region, Str name_space, Str name, Millis since,
                        int64_t after, int64_t max, Arena *a, MetricRow **out);
/* Joined with what the bucket holds already. */
void metric_point_add(Db *db, int64_t metric, const MetricPoint *point, Arena *a);
/* From `from`, before `to`, oldest first; unit absent: any. */
int64_t metric_point_list(Db *db, int64_t metric, Str unit, Millis from, Millis to, int64_t max,
                          Arena *a, MetricPoint **out);
void metric_point_drop(Db *db, int64_t metric, Millis before);
