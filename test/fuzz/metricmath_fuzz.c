/* metricmath_fuzz.c - expressions, searches, statistics, distributions and alarm rules: nothing crashes, points stay in order. */
#include "core/metric/math.h"
#include "core/metric/rule.h"
#include "core/metric/statistic.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool named(void *owner, Str id, Arena *a, MathValue *out, Error *err)
{
    (void)owner, (void)err;
    int64_t n = id.n % 4;
    MathSeries *s = new (a, MathSeries);
    *s = (MathSeries){.label = id, .period_s = 60, .p = new_array(a, MathPoint, 4), .n = n};
    for (int64_t i = 0; i < n; i++) s->p[i] = (MathPoint){i * 60000 * id.n, (double)(i - id.n)};
    *out = (MathValue){.series = s, .n = 1};
    return true;
}

static bool none(void *owner, Str part, Arena *a, MathValue *out, Error *err)
{
    (void)owner, (void)part, (void)err;
    *out = (MathValue){.array = true, .series = new (a, MathSeries)};
    return true;
}

static bool search(void *owner, Str query, Str stat, int64_t period_s, Arena *a, MathValue *out,
                   Error *err)
{
    MathSearch s;
    Statistic statistic;
    (void)period_s;
    if (!math_search_parse(query, a, &s, err)) return false;
    if (!statistic_parse(stat, &statistic)) return error_set(err, ERR_VALIDATION, "no statistic");
    return none(owner, query, a, out, err);
}

static Str state(void *owner, Str alarm)
{
    (void)owner;
    return alarm.n % 2 ? S("OK") : S("ALARM");
}

static void try_math(Str text, Arena *a)
{
    Error err = {0};
    const MathNode *node;
    MathValue v;
    MathWorld world = {
        .to = 600000, .period_s = 60, .named = named, .metrics = none, .search = search};
    if (!math_parse(text, a, &node, &err) || !math_evaluate(node, &world, a, &v, &err)) return;
    for (int64_t i = 0; !v.scalar && i < v.n; i++)
        for (int64_t k = 1; k < v.series[i].n; k++)
            check(v.series[i].p[k - 1].at <= v.series[i].p[k].at);
}

static void try_statistic(Str text, Arena *a)
{
    Statistic s;
    double value;
    Distribution d = distribution_parse(a, text);
    Distribution back = distribution_parse(a, distribution_text(a, &d));
    check(back.unknown == d.unknown && back.n == d.n);
    Measured m = {.count = 3, .sum = 6, .min = 1, .max = 3, .values = d};
    if (statistic_parse(text, &s)) (void)!statistic_of(&s, &m, &value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static Arena a;
    Str text = {(const char *)data, (int64_t)size};
    Error err = {0};
    Rule rule;
    MathSearch search_;
    try_math(text, &a);
    try_statistic(text, &a);
    if (rule_parse(text, &a, &rule, &err)) (void)rule_holds(rule.root, state, NULL);
    (void)!math_search_parse(text, &a, &search_, &err);
    arena_reset(&a);
    return 0;
}
