/* math_points.c - functions of metric math that go point by point: arithmetic, differences, parts of the time. */
#include "core/metric/math_inner.h"

#include <math.h>

#include "base/time.h"

typedef double Each(const MathSeries *s, int64_t i);

static double previous(const MathSeries *s, int64_t i)
{
    return i ? s->p[i].value - s->p[i - 1].value : (double)NAN;
}
static double seconds(const MathSeries *s, int64_t i)
{
    return i ? (double)(s->p[i].at - s->p[i - 1].at) / 1000 : (double)NAN;
}
static double rate(const MathSeries *s, int64_t i)
{
    return i ? previous(s, i) / seconds(s, i) : (double)NAN;
}
static double absolute(const MathSeries *s, int64_t i)
{
    return fabs(s->p[i].value);
}
static double ceiling(const MathSeries *s, int64_t i)
{
    return ceil(s->p[i].value);
}
static double flooring(const MathSeries *s, int64_t i)
{
    return floor(s->p[i].value);
}
static double natural(const MathSeries *s, int64_t i)
{
    return log(s->p[i].value);
}
static double decimal(const MathSeries *s, int64_t i)
{
    return log10(s->p[i].value);
}
static double epoch(const MathSeries *s, int64_t i)
{
    Millis whole = s->p[i].at / 1000;
    return (double)whole;
}
static double minute(const MathSeries *s, int64_t i)
{
    return civil_from_millis(s->p[i].at).minute;
}
static double hour(const MathSeries *s, int64_t i)
{
    return civil_from_millis(s->p[i].at).hour;
}
static double date(const MathSeries *s, int64_t i)
{
    return civil_from_millis(s->p[i].at).day;
}
static double month(const MathSeries *s, int64_t i)
{
    return civil_from_millis(s->p[i].at).month;
}
static double year(const MathSeries *s, int64_t i)
{
    return (double)civil_from_millis(s->p[i].at).year;
}
/* Monday is 1, Sunday 7. */
static double weekday(const MathSeries *s, int64_t i)
{
    int day = civil_from_millis(s->p[i].at).weekday;
    return day ? day : 7;
}

static const struct {
    const char *name;
    Each *fn;
} rows[] = {
    {"ABS", absolute},  {"CEIL", ceiling},      {"DATE", date},     {"DAY", weekday},
    {"DIFF", previous}, {"DIFF_TIME", seconds}, {"EPOCH", epoch},   {"FLOOR", flooring},
    {"HOUR", hour},     {"LOG", natural},       {"LOG10", decimal}, {"MINUTE", minute},
    {"MONTH", month},   {"RATE", rate},         {"YEAR", year},
};

bool math_each(MathRun *run, const MathNode *node, MathValue *out)
{
    Each *fn = NULL;
    for (int i = 0; i < countof(rows); i++)
        if (str_eq(node->text, str_from(rows[i].name))) fn = rows[i].fn;
    check(fn);
    MathValue v = {0};
    MathPoint one = {0};
    if (!math_value(run, node->args[0], &v)) return false;
    if (v.scalar) {
        one.value = v.number;
        *out = math_scalar(fn(&(MathSeries){.p = &one, .n = 1}, 0));
        return isfinite(out->number) || math_refuse(run, node, "A time series is expected");
    }
    MathSeries *all = new_array(run->a, MathSeries, v.n ? v.n : 1);
    for (int64_t i = 0; i < v.n; i++) {
        if (!math_spend(run, node, v.series[i].n)) return false;
        all[i] = math_room(run->a, &v.series[i], v.series[i].n);
        for (int64_t k = 0; k < v.series[i].n; k++)
            math_put(&all[i], v.series[i].p[k].at, fn(&v.series[i], k));
    }
    *out = (MathValue){.array = v.array, .series = all, .n = v.n};
    return true;
}

bool math_running_sum(MathRun *run, const MathNode *node, MathValue *out)
{
    MathValue v = {0};
    if (!math_value(run, node->args[0], &v)) return false;
    if (v.scalar) return math_refuse(run, node, "A time series is expected");
    MathSeries *all = new_array(run->a, MathSeries, v.n ? v.n : 1);
    for (int64_t i = 0; i < v.n; i++) {
        double sum = 0;
        if (!math_spend(run, node, v.series[i].n)) return false;
        all[i] = math_room(run->a, &v.series[i], v.series[i].n);
        for (int64_t k = 0; k < v.series[i].n; k++)
            math_put(&all[i], v.series[i].p[k].at, sum += v.series[i].p[k].value);
    }
    *out = (MathValue){.array = v.array, .series = all, .n = v.n};
    return true;
}
