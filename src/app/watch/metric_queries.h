/* metric_queries.h - the queries of one GetMetricData or of one alarm: each is read or computed once, when it is wanted. */
#pragma once
#include "app/watch/metrics.h"
#include "core/metric/math.h"

/* MetricDataQuery: {Id, MetricStat | Expression, Label, Period, ReturnData}. Expressions may name
 * each other, but not in a circle. */
enum {
    METRIC_QUERIES_MAX = 500,
    METRIC_SEARCH_MAX = 100, /* metrics found by one SEARCH, as CloudWatch has it */
    METRIC_PERIOD_S = 300,   /* of expressions where no query has one */
};

struct MetricQueryState;
typedef struct MetricQueries {
    Server *s;
    Str account, region;
    const Json *list;
    Millis from, to;
    int64_t period_s; /* the shortest of its metrics */
    struct MetricQueryState *states;
    Arena *a;
} MetricQueries;

/* Checks the shape of each: ids, one of MetricStat and Expression, statistics, periods, syntax. */
must_use bool metric_queries_open(Server *s, Arena *a, Str account, Str region, const Json *list,
                                  MetricQueries *out, Error *err);
/* from and to must be set. The value of query i. */
must_use bool metric_queries_value(MetricQueries *q, int32_t i, MathValue *out, Error *err);
/* Periods that a metric may be asked for: 1, 5, 10, 20, 30 and multiples of 60. */
bool metric_period_ok(int64_t seconds);
/* One metric over its periods, as a series. */
MathSeries metric_series(Server *s, const MetricQuery *q, const Statistic *statistic, Arena *a);
