/* number.h - doubles as JavaScript writes and rounds them. */
#pragma once
#include "base/str.h"
#include <math.h>

#define NOT_A_NUMBER ((double)NAN)
#define INFINITE     ((double)INFINITY)

enum { NUMBER_TEXT_MAX = 32 };

/* The shortest text that reads back as x; x is finite. */
Str jn_number_text(double x, char out[NUMBER_TEXT_MAX]);
/* x to 15 significant digits, which hides the noise of binary fractions: what $string shows. */
double jn_fifteen_digits(double x);
/* Half to even, at 10^-precision. */
double jn_round(double x, int precision);
bool jn_is_integer(double x);
/* The interval of separators that stand at all its multiples; 0: they do not. */
int32_t jn_regular_interval(const int32_t *places, int32_t n);
