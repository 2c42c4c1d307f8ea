/* math_arrays.c - functions of metric math over arrays of time series: one picked, some, all in another order. */
#include "core/metric/math_inner.h"

#include <math.h>

bool math_pick(MathRun *run, const MathNode *node, MathValue *out)
{
    MathValue v = {0};
    if (!math_series_of(run, node->args[0], &v)) return false;
    if (!v.n) return math_refuse(run, node, "The array is empty");
    *out = math_series(v.series[str_eq(node->text, S("FIRST")) ? 0 : v.n - 1], run->a);
    return true;
}

/* SLICE(array, from) is one series; SLICE(array, from, to) an array without the one at `to`. */
bool math_slice(MathRun *run, const MathNode *node, MathValue *out)
{
    MathValue v = {0};
    int64_t from, to = 0;
    if (!math_series_of(run, node->args[0], &v) || !math_number_of(run, node->args[1], &from))
        return false;
    if (node->n == 3 && !math_number_of(run, node->args[2], &to)) return false;
    if (node->n < 3) to = from + 1;
    if (from < 0 || from >= v.n || to <= from)
        return math_refuse(run, node, "SLICE is out of the array's range");
    if (to > v.n) to = v.n;
    *out = (MathValue){.array = node->n == 3, .series = v.series + from, .n = to - from};
    return true;
}

bool math_remove_empty(MathRun *run, const MathNode *node, MathValue *out)
{
    MathValue v = {0};
    if (!math_series_of(run, node->args[0], &v)) return false;
    MathSeries *all = new_array(run->a, MathSeries, v.n ? v.n : 1);
    int64_t n = 0;
    for (int64_t i = 0; i < v.n; i++)
        if (v.series[i].n) all[n++] = v.series[i];
    *out = (MathValue){.array = true, .series = all, .n = n};
    return true;
}

typedef struct Ranked {
    double key;
    int64_t place;
} Ranked;

static int by_key(const void *x, const void *y)
{
    const Ranked *a = x, *b = y;
    if (a->key < b->key) return -1;
    if (a->key > b->key) return 1;
    return a->place < b->place ? -1 : 1;
}

/* STDDEV is no key. */
static MathFold *sort_key(const MathNode *node)
{
    bool named = node->kind == MATH_NAME && !str_eq(node->text, S("STDDEV"));
    return named ? math_fold_named(node->text) : NULL;
}

/* SORT(array, AVG|MIN|MAX|SUM, ASC|DESC[, limit]) */
bool math_sort(MathRun *run, const MathNode *node, MathValue *out)
{
    MathValue v = {0};
    int64_t limit = MATH_SERIES_MAX;
    MathFold *fn = sort_key(node->args[1]);
    bool down = node->args[2]->kind == MATH_NAME && str_eq(node->args[2]->text, S("DESC"));
    if (!fn || (!down && !str_eq(node->args[2]->text, S("ASC"))))
        return math_refuse(run, node, "SORT takes AVG, MIN, MAX or SUM, and ASC or DESC");
    if (!math_series_of(run, node->args[0], &v)) return false;
    if (node->n == 4 && !math_number_of(run, node->args[3], &limit)) return false;
    Ranked *ranks = new_array(run->a, Ranked, v.n ? v.n : 1);
    MathSeries *all = new_array(run->a, MathSeries, v.n ? v.n : 1);
    for (int64_t i = 0; i < v.n; i++) {
        MathGathered g = {0};
        if (!math_spend(run, node, v.series[i].n)) return false;
        for (int64_t k = 0; k < v.series[i].n; k++) math_gather(&g, v.series[i].p[k].value);
        double key = g.n > 0 ? fn(&g) : HUGE_VAL;
        ranks[i] = (Ranked){down && g.n > 0 ? -key : key, i};
    }
    if (v.n) qsort(ranks, (size_t)v.n, sizeof *ranks, by_key);
    int64_t n = limit < 0 ? 0 : limit < v.n ? limit : v.n;
    for (int64_t i = 0; i < n; i++) all[i] = v.series[ranks[i].place];
    *out = (MathValue){.array = true, .series = all, .n = n};
    return true;
}
