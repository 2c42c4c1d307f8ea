/* math_shape.c - FILL, IF and TIME_SERIES: where a series has points. */
#include "core/metric/math_inner.h"

typedef struct Filling {
    bool repeat, linear;
    double number;
} Filling;

static bool read_filling(MathRun *run, const MathNode *node, Filling *out)
{
    MathValue v = {0};
    *out = (Filling){.repeat = node->kind == MATH_NAME && str_eq(node->text, S("REPEAT")),
                     .linear = node->kind == MATH_NAME && str_eq(node->text, S("LINEAR"))};
    if (out->repeat || out->linear) return true;
    if (!math_value(run, node, &v)) return false;
    if (!v.scalar) return math_refuse(run, node, "FILL takes a number, REPEAT or LINEAR");
    out->number = v.number;
    return true;
}

static void put_missing(MathSeries *out, const MathSeries *s, int64_t i, Millis at,
                        const Filling *f)
{
    bool before = i > 0, after = i < s->n;
    if (!f->repeat && !f->linear) math_put(out, at, f->number);
    if (f->repeat && before) math_put(out, at, s->p[i - 1].value);
    if (!f->linear || !before || !after) return;
    double share = (double)(at - s->p[i - 1].at) / (double)(s->p[i].at - s->p[i - 1].at);
    math_put(out, at, s->p[i - 1].value + share * (s->p[i].value - s->p[i - 1].value));
}

static int64_t slots(const MathRun *run, int64_t period_s, Millis *first)
{
    Millis step = (period_s > 0 ? period_s : 60) * 1000;
    *first = run->world->from - run->world->from % step;
    return run->world->to > *first ? (run->world->to - *first + step - 1) / step : 0;
}

static bool fill_one(MathRun *run, const MathNode *node, const MathSeries *s, const Filling *f,
                     MathSeries *out)
{
    Millis first, step = (s->period_s > 0 ? s->period_s : 60) * 1000;
    int64_t n = slots(run, s->period_s, &first), i = 0;
    if (!math_spend(run, node, n)) return false;
    *out = math_room(run->a, s, n);
    for (int64_t k = 0; k < n; k++) {
        double value;
        if (math_at(s, &i, first + k * step, &value))
            math_put(out, first + k * step, value);
        else
            put_missing(out, s, i, first + k * step, f);
    }
    return true;
}

bool math_fill(MathRun *run, const MathNode *node, MathValue *out)
{
    Filling f;
    MathValue v = {0};
    if (!math_series_of(run, node->args[0], &v) || !read_filling(run, node->args[1], &f))
        return false;
    MathSeries *all = new_array(run->a, MathSeries, v.n ? v.n : 1);
    for (int64_t i = 0; i < v.n; i++)
        if (!fill_one(run, node, &v.series[i], &f, &all[i])) return false;
    *out = (MathValue){.array = v.array, .series = all, .n = v.n};
    return true;
}

bool math_time_series(MathRun *run, const MathNode *node, MathValue *out)
{
    MathValue v = {0};
    Millis first, step = run->world->period_s * 1000;
    if (!math_value(run, node->args[0], &v)) return false;
    if (!v.scalar) return math_refuse(run, node, "A number is expected");
    int64_t n = slots(run, run->world->period_s, &first);
    if (!math_spend(run, node, n)) return false;
    MathSeries s =
        math_room(run->a, &(MathSeries){.label = node->text, .period_s = run->world->period_s}, n);
    for (int64_t k = 0; k < n; k++) math_put(&s, first + k * step, v.number);
    *out = math_series(s, run->a);
    return true;
}

/* false: nothing is there at that time. */
static bool side_at(const MathValue *v, int64_t *i, Millis at, double *out)
{
    *out = v->number;
    return v->scalar || math_at(&v->series[0], i, at, out);
}

/* "IF expressions": without a third part there is nothing where the condition does not hold. */
bool math_if(MathRun *run, const MathNode *node, MathValue *out)
{
    MathValue condition = {0}, side[2] = {{0}, {0}};
    int64_t i[2] = {0, 0};
    if (!math_value(run, node->args[0], &condition)) return false;
    for (int64_t k = 1; k < node->n; k++)
        if (!math_value(run, node->args[k], &side[k - 1])) return false;
    if (condition.array || side[0].array || side[1].array)
        return math_refuse(run, node, "IF takes no arrays of time series");
    if (condition.scalar) {
        bool holds = condition.number < 0 || condition.number > 0;
        if (!holds && node->n < 3) return math_refuse(run, node, "IF has no result");
        *out = side[holds ? 0 : 1];
        return true;
    }
    const MathSeries *c = condition.series;
    if (!math_spend(run, node, c->n)) return false;
    MathSeries s = math_room(run->a, c, c->n);
    for (int64_t k = 0; k < c->n; k++) {
        double value;
        int which = c->p[k].value < 0 || c->p[k].value > 0 ? 0 : 1;
        if (which + 1 < node->n && side_at(&side[which], &i[which], c->p[k].at, &value))
            math_put(&s, c->p[k].at, value);
    }
    *out = math_series(s, run->a);
    return true;
}
