/* decimal.h - decimal numbers as texts, of any length, compared without rounding. */
#pragma once
#include "base/str.h"

typedef struct Decimal {
    bool negative;
    Str digits;    /* no zeroes at the ends, no point; "": zero */
    int64_t point; /* how many digits stand before the point; may be negative */
} Decimal;

/* Optional sign, digits with at most one point, an exponent. false: the text is none, or its
 * exponent is beyond a hundred thousand. */
must_use bool decimal_parse(Arena *a, Str text, Decimal *out);
int decimal_cmp(const Decimal *x, const Decimal *y); /* < 0, 0, > 0 */
