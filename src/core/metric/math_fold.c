/* math_fold.c - functions of metric math that make one of many: of a series a scalar, of an array a series. */
#include "core/metric/math_inner.h"

#include <math.h>

void math_gather(MathGathered *g, double v)
{
    if (g->n <= 0 || v < g->min) g->min = v;
    if (g->n <= 0 || v > g->max) g->max = v;
    g->n++;
    g->sum += v;
    g->squares += v * v;
}
static double fold_sum(const MathGathered *g)
{
    return g->sum;
}
static double fold_average(const MathGathered *g)
{
    return g->sum / g->n;
}
static double fold_min(const MathGathered *g)
{
    return g->min;
}
static double fold_max(const MathGathered *g)
{
    return g->max;
}
static double fold_deviation(const MathGathered *g)
{
    double mean = g->sum / g->n, variance = g->squares / g->n - mean * mean;
    return variance > 0 ? sqrt(variance) : 0;
}

static const struct {
    const char *name;
    MathFold *fn;
} rows[] = {
    {"AVG", fold_average},      {"MAX", fold_max}, {"MIN", fold_min},
    {"STDDEV", fold_deviation}, {"SUM", fold_sum},
};

MathFold *math_fold_named(Str name)
{
    for (int i = 0; i < countof(rows); i++)
        if (str_eq(name, str_from(rows[i].name))) return rows[i].fn;
    return NULL;
}

/* All times at which any series has a point, in order. */
static MathSeries all_times(MathRun *run, const MathValue *v)
{
    int64_t total = 0, *next = new_array(run->a, int64_t, v->n ? v->n : 1);
    for (int64_t i = 0; i < v->n; i++) total += v->series[i].n, next[i] = 0;
    MathSeries out = math_room(run->a, v->n ? &v->series[0] : &(MathSeries){0}, total);
    for (;;) {
        Millis at = INT64_MAX;
        for (int64_t i = 0; i < v->n; i++)
            if (next[i] < v->series[i].n && v->series[i].p[next[i]].at < at)
                at = v->series[i].p[next[i]].at;
        if (at == INT64_MAX) return out;
        math_put(&out, at, 0);
        for (int64_t i = 0; i < v->n; i++)
            if (next[i] < v->series[i].n && v->series[i].p[next[i]].at == at) next[i]++;
    }
}

static bool fold_array(MathRun *run, const MathNode *node, const MathValue *v, MathFold *fn,
                       MathValue *out)
{
    int64_t *next = new_array(run->a, int64_t, v->n ? v->n : 1), total = 0;
    for (int64_t i = 0; i < v->n; i++) total += v->series[i].n, next[i] = 0;
    if (!math_spend(run, node, total * (v->n ? v->n : 1))) return false;
    MathSeries times = all_times(run, v);
    for (int64_t k = 0; k < times.n; k++) {
        MathGathered g = {0};
        for (int64_t i = 0; i < v->n; i++) {
            double one;
            if (math_at(&v->series[i], &next[i], times.p[k].at, &one)) math_gather(&g, one);
        }
        times.p[k].value = fn(&g);
    }
    times.label = node->text;
    *out = math_series(times, run->a);
    return true;
}

bool math_fold(MathRun *run, const MathNode *node, MathValue *out)
{
    MathFold *fn = math_fold_named(node->text);
    MathValue v = {0};
    MathGathered g = {0};
    if (!math_value(run, node->args[0], &v)) return false;
    if (v.scalar) return *out = v, true;
    if (v.array) return fold_array(run, node, &v, fn, out);
    if (!math_spend(run, node, v.series[0].n)) return false;
    for (int64_t i = 0; i < v.series[0].n; i++) math_gather(&g, v.series[0].p[i].value);
    *out = math_scalar(g.n > 0 ? fn(&g) : 0);
    return true;
}
