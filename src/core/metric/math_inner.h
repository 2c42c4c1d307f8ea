/* math_inner.h - what evaluation and the table of functions share. */
#pragma once
#include "core/metric/math.h"

typedef struct MathRun {
    const MathWorld *world;
    Arena *a;
    Error *err;
    int64_t steps;
} MathRun;

must_use bool math_value(MathRun *run, const MathNode *node, MathValue *out);
bool math_refuse(MathRun *run, const MathNode *node, const char *why);
/* Counts points; false: MATH_STEPS_MAX. */
must_use bool math_spend(MathRun *run, const MathNode *node, int64_t points);
MathValue math_scalar(double number);
MathValue math_series(MathSeries one, Arena *a);
/* A series with room for n points, otherwise like `like`. */
MathSeries math_room(Arena *a, const MathSeries *like, int64_t n);
void math_put(MathSeries *s, Millis at, double value); /* finite ones alone */
/* The point at a time, from index *i on; false: none. */
bool math_at(const MathSeries *s, int64_t *i, Millis at, double *out);
must_use bool math_call(MathRun *run, const MathNode *node, MathValue *out);
/* A series or an array of them; a whole number. */
must_use bool math_series_of(MathRun *run, const MathNode *node, MathValue *out);
must_use bool math_number_of(MathRun *run, const MathNode *node, int64_t *out);

/* Many values on their way to one. */
typedef struct MathGathered {
    double n, sum, squares, min, max;
} MathGathered;
typedef double MathFold(const MathGathered *g);
void math_gather(MathGathered *g, double v);
MathFold *math_fold_named(Str name); /* NULL: there is none */

typedef bool MathFunction(MathRun *run, const MathNode *node, MathValue *out);
MathFunction math_each, math_running_sum, math_fold, math_fill, math_if, math_time_series,
    math_pick, math_slice, math_remove_empty, math_sort;
