/* statistic.h - the statistics of CloudWatch: their names, and what each says of what was measured. */
#pragma once
#include "core/metric/distribution.h"

/* https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
 *
 * SampleCount, Sum, Average, Minimum, Maximum (IQM is TM(25%:75%)); pNN, tmNN, wmNN, tcNN, tsNN;
 * TM(a:b), WM(a:b), TC(a:b), TS(a:b) between percentiles ("10%:90%") or values ("150:1000"), and
 * PR(a:b) between values; either bound may be left out. Bounds by value: the lower is excluded, the
 * upper included. A percentile is the smallest value that so many percent of the values do not
 * exceed: one that was measured, never between two. */
typedef enum StatisticKind {
    STATISTIC_COUNT,
    STATISTIC_SUM,
    STATISTIC_AVERAGE,
    STATISTIC_MINIMUM,
    STATISTIC_MAXIMUM,
    STATISTIC_PERCENTILE,
    STATISTIC_TRIMMED_MEAN,
    STATISTIC_WINSORIZED_MEAN,
    STATISTIC_TRIMMED_COUNT,
    STATISTIC_TRIMMED_SUM,
    STATISTIC_PERCENTILE_RANK,
} StatisticKind;

typedef struct Statistic {
    StatisticKind kind;
    bool by_value;    /* bounds are values; else percents */
    double low, high; /* percents: 0 and 100 where left out; values: -HUGE_VAL, HUGE_VAL */
} Statistic;

/* What was measured in one span of time. */
typedef struct Measured {
    double count, sum, min, max;
    Distribution values;
} Measured;

must_use bool statistic_parse(Str name, Statistic *out);
/* false: it cannot be known: no value in the bounds, or only statistics were told and they differ.
 */
must_use bool statistic_of(const Statistic *s, const Measured *m, double *out);
void measured_join(Measured *into, Arena *a, const Measured *from);
void measured_add(Measured *m, Arena *a, double value, double count);
