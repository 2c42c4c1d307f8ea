/* distribution.h - the values of a metric in a span of time, each with how often it came: what percentiles are read from. */
#pragma once
#include "base/str.h"

/* Values are kept as they came until there are DISTRIBUTION_EXACT_MAX different ones; then to two
 * significant digits, which moves none by more than a twentieth of itself. What was told by its
 * statistics alone (a StatisticSet) has no values: the distribution is unknown from then on, and so
 * are its percentiles, as with CloudWatch. */
enum { DISTRIBUTION_EXACT_MAX = 500, DISTRIBUTION_VALUES_MAX = 2000 };

typedef struct DistributionItem {
    double value, count;
} DistributionItem;

typedef struct Distribution {
    DistributionItem *p; /* by value; no value twice */
    int64_t n, cap;
    bool unknown, rounded;
} Distribution;

void distribution_add(Distribution *d, Arena *a, double value, double count);
void distribution_join(Distribution *into, Arena *a, const Distribution *from);
double distribution_count(const Distribution *d);
/* "1:57 2.5:3", a leading "~" when values were rounded; absent: unknown. */
Str distribution_text(Arena *a, const Distribution *d);
/* What is no such text is unknown. */
Distribution distribution_parse(Arena *a, Str text);
