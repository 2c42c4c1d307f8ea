/* math_functions.c - the table of metric math's functions, and those that ask about the request. */
#include "core/metric/math_inner.h"

#include <math.h>

bool math_series_of(MathRun *run, const MathNode *node, MathValue *out)
{
    return math_value(run, node, out) &&
           (!out->scalar || math_refuse(run, node, "A time series is expected"));
}

bool math_number_of(MathRun *run, const MathNode *node, int64_t *out)
{
    MathValue v = {0};
    if (!math_value(run, node, &v)) return false;
    if (!v.scalar || fabs(v.number) > 1e9) return math_refuse(run, node, "A number is expected");
    *out = (int64_t)v.number;
    return true;
}

/* ---- what the request is ---- */

static bool fn_metrics(MathRun *run, const MathNode *node, MathValue *out)
{
    if (node->n && node->args[0]->kind != MATH_TEXT)
        return math_refuse(run, node, "METRICS takes a text");
    return run->world->metrics(run->world->owner, node->n ? node->args[0]->text : (Str){0}, run->a,
                               out, run->err);
}

static bool fn_search(MathRun *run, const MathNode *node, MathValue *out)
{
    int64_t period = run->world->period_s;
    if (node->args[0]->kind != MATH_TEXT || node->args[1]->kind != MATH_TEXT)
        return math_refuse(run, node, "SEARCH takes a text, a statistic and a period");
    if (node->n == 3 && !math_number_of(run, node->args[2], &period)) return false;
    return run->world->search(run->world->owner, node->args[0]->text, node->args[1]->text, period,
                              run->a, out, run->err);
}

static bool fn_period(MathRun *run, const MathNode *node, MathValue *out)
{
    MathValue v = {0};
    if (!math_series_of(run, node->args[0], &v)) return false;
    if (v.array) return math_refuse(run, node, "PERIOD takes one time series");
    *out = math_scalar((double)v.series[0].period_s);
    return true;
}

static bool fn_count(MathRun *run, const MathNode *node, MathValue *out)
{
    MathValue v = {0};
    if (!math_series_of(run, node->args[0], &v)) return false;
    if (str_eq(node->text, S("DATAPOINT_COUNT")) && !v.array)
        *out = math_scalar((double)v.series[0].n);
    else
        *out = math_scalar((double)v.n);
    return true;
}

/* ---- the table ---- */

static const struct {
    const char *name;
    int min, max; /* arguments */
    MathFunction *fn;
} functions[] = {
    {"ABS", 1, 1, math_each},
    {"AVG", 1, 1, math_fold},
    {"CEIL", 1, 1, math_each},
    {"DATAPOINT_COUNT", 1, 1, fn_count},
    {"DATE", 1, 1, math_each},
    {"DAY", 1, 1, math_each},
    {"DIFF", 1, 1, math_each},
    {"DIFF_TIME", 1, 1, math_each},
    {"EPOCH", 1, 1, math_each},
    {"FILL", 2, 2, math_fill},
    {"FIRST", 1, 1, math_pick},
    {"FLOOR", 1, 1, math_each},
    {"HOUR", 1, 1, math_each},
    {"IF", 2, 3, math_if},
    {"LAST", 1, 1, math_pick},
    {"LOG", 1, 1, math_each},
    {"LOG10", 1, 1, math_each},
    {"MAX", 1, 1, math_fold},
    {"METRICS", 0, 1, fn_metrics},
    {"METRIC_COUNT", 1, 1, fn_count},
    {"MIN", 1, 1, math_fold},
    {"MINUTE", 1, 1, math_each},
    {"MONTH", 1, 1, math_each},
    {"PERIOD", 1, 1, fn_period},
    {"RATE", 1, 1, math_each},
    {"REMOVE_EMPTY", 1, 1, math_remove_empty},
    {"RUNNING_SUM", 1, 1, math_running_sum},
    {"SEARCH", 2, 3, fn_search},
    {"SLICE", 2, 3, math_slice},
    {"SORT", 3, 4, math_sort},
    {"STDDEV", 1, 1, math_fold},
    {"SUM", 1, 1, math_fold},
    {"TIME_SERIES", 1, 1, math_time_series},
    {"YEAR", 1, 1, math_each},
};

bool math_call(MathRun *run, const MathNode *node, MathValue *out)
{
    for (int i = 0; i < countof(functions); i++) {
        if (!str_eq(node->text, str_from(functions[i].name))) continue;
        if (node->n < functions[i].min || node->n > functions[i].max)
            return math_refuse(run, node, "Wrong number of arguments");
        return functions[i].fn(run, node, out);
    }
    return error_set(run->err, ERR_VALIDATION,
                     "The function %.*s at position %" PRId64 " is not offered",
                     STR(str_slice(node->text, 0, 60)), node->at + 1);
}
