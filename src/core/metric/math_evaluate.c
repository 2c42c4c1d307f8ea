/* math_evaluate.c - a tree of metric math becomes a value: names looked up, operators applied point by point. */
#include "core/metric/math_inner.h"

#include <math.h>

bool math_refuse(MathRun *run, const MathNode *node, const char *why)
{
    if (run->err->code) return false;
    return error_set(run->err, ERR_VALIDATION, "%s at position %" PRId64, why, node->at + 1);
}

bool math_spend(MathRun *run, const MathNode *node, int64_t points)
{
    run->steps += points;
    return run->steps <= MATH_STEPS_MAX ||
           math_refuse(run, node, "The expression has too much to do");
}

MathValue math_scalar(double number)
{
    return (MathValue){.scalar = true, .number = number};
}

MathValue math_series(MathSeries one, Arena *a)
{
    MathSeries *s = new (a, MathSeries);
    *s = one;
    return (MathValue){.series = s, .n = 1};
}

MathSeries math_room(Arena *a, const MathSeries *like, int64_t n)
{
    return (MathSeries){
        .label = like->label, .period_s = like->period_s, .p = new_array(a, MathPoint, n ? n : 1)};
}

void math_put(MathSeries *s, Millis at, double value)
{
    if (isfinite(value)) s->p[s->n++] = (MathPoint){at, value};
}

bool math_at(const MathSeries *s, int64_t *i, Millis at, double *out)
{
    while (*i < s->n && s->p[*i].at < at) (*i)++;
    if (*i == s->n || s->p[*i].at != at) return false;
    *out = s->p[*i].value;
    return true;
}

/* ---- operators ---- */

static double apply(Str o, double x, double y)
{
    if (str_eq(o, S("+"))) return x + y;
    if (str_eq(o, S("-"))) return x - y;
    if (str_eq(o, S("*"))) return x * y;
    if (str_eq(o, S("/"))) return y < 0 || y > 0 ? x / y : (double)NAN;
    if (str_eq(o, S("^"))) return pow(x, y);
    if (str_eq(o, S("<"))) return x < y;
    if (str_eq(o, S("<="))) return x <= y;
    if (str_eq(o, S(">"))) return x > y;
    if (str_eq(o, S(">="))) return x >= y;
    bool same = x <= y && x >= y, tx = x < 0 || x > 0, ty = y < 0 || y > 0;
    if (str_eq(o, S("=="))) return same;
    if (str_eq(o, S("!="))) return !same;
    return str_eq(o, S("&&")) ? tx && ty : tx || ty;
}

/* `one` NULL: the number stands on that side. */
static MathSeries combine(MathRun *run, Str o, const MathSeries *left, double x,
                          const MathSeries *right, double y)
{
    const MathSeries *walked = left ? left : right;
    MathSeries out = math_room(run->a, walked, walked->n);
    int64_t k = 0;
    for (int64_t i = 0; i < walked->n; i++) {
        double v = walked->p[i].value, w = 0;
        if (left && right && !math_at(right, &k, walked->p[i].at, &w)) continue;
        double a = left ? v : x, b = !right ? y : left ? w : v;
        math_put(&out, walked->p[i].at, apply(o, a, b));
    }
    return out;
}

static bool operate(MathRun *run, const MathNode *node, MathValue *out)
{
    MathValue x = {0}, y = {0};
    if (!math_value(run, node->args[0], &x) || !math_value(run, node->args[1], &y)) return false;
    if (x.scalar && y.scalar) {
        *out = math_scalar(apply(node->text, x.number, y.number));
        return isfinite(out->number) || math_refuse(run, node, "The result is not a number");
    }
    if (x.array && y.array)
        return math_refuse(run, node, "Two arrays of time series cannot be combined");
    const MathValue *many = x.array || y.scalar ? &x : &y;
    MathSeries *all = new_array(run->a, MathSeries, many->n ? many->n : 1);
    for (int64_t i = 0; i < many->n; i++) {
        const MathSeries *left = x.scalar ? NULL : &x.series[x.array ? i : 0],
                         *right = y.scalar ? NULL : &y.series[y.array ? i : 0];
        if (!math_spend(run, node, many->series[i].n)) return false;
        all[i] = combine(run, node->text, left, x.number, right, y.number);
        all[i].label = many->series[i].label;
    }
    *out = (MathValue){.array = many->array, .series = all, .n = many->n};
    return true;
}

static bool negate(MathRun *run, const MathNode *node, MathValue *out)
{
    MathValue v = {0};
    if (!math_value(run, node->args[0], &v)) return false;
    *out = v;
    out->number = -v.number;
    if (v.scalar) return true;
    out->series = new_array(run->a, MathSeries, v.n ? v.n : 1);
    for (int64_t i = 0; i < v.n; i++) {
        if (!math_spend(run, node, v.series[i].n)) return false;
        out->series[i] = combine(run, S("-"), NULL, 0, &v.series[i], 0);
    }
    return true;
}

static bool list(MathRun *run, const MathNode *node, MathValue *out)
{
    struct {
        MathSeries *p;
        int64_t n, cap;
    } all = {0};
    for (int64_t i = 0; i < node->n; i++) {
        MathValue v = {0};
        if (!math_value(run, node->args[i], &v)) return false;
        if (v.scalar) return math_refuse(run, node->args[i], "A time series is expected");
        for (int64_t k = 0; k < v.n; k++) *vec_push(run->a, &all) = v.series[k];
        if (all.n > MATH_SERIES_MAX) return math_refuse(run, node, "Too many time series");
    }
    *out = (MathValue){.array = true, .series = all.p, .n = all.n};
    return true;
}

bool math_value(MathRun *run, const MathNode *node, MathValue *out)
{
    switch (node->kind) {
    case MATH_NUMBER: *out = math_scalar(node->number); return true;
    case MATH_TEXT: return math_refuse(run, node, "A text is not expected");
    case MATH_NAME: return run->world->named(run->world->owner, node->text, run->a, out, run->err);
    case MATH_CALL: return math_call(run, node, out);
    case MATH_OPERATOR: return operate(run, node, out);
    case MATH_NEGATE: return negate(run, node, out);
    case MATH_LIST: return list(run, node, out);
    }
    unreachable();
}

bool math_evaluate(const MathNode *node, const MathWorld *world, Arena *a, MathValue *out,
                   Error *err)
{
    Error why = {0};
    MathRun run = {.world = world, .a = a, .err = &why};
    if (math_value(&run, node, out)) return true;
    *err = why;
    return false;
}
