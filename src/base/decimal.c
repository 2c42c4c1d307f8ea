/* decimal.c - decimal numbers as texts: digits without zeroes at the ends, and where the point is. */
#include "base/decimal.h"

enum { EXPONENT_MAX = 100000 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool read_exponent(Str text, int64_t *out)
{
    if (str_starts(text, S("+"))) text = str_slice(text, 1, text.n);
    return str_to_int(text, out) && *out > -EXPONENT_MAX && *out < EXPONENT_MAX;
}

/* The digits without the zeroes at both ends. */
static void trim(Decimal *d)
{
    int64_t from = 0, to = d->digits.n;
    while (from < to && d->digits.p[from] == '0') from++;
    while (to > from && d->digits.p[to - 1] == '0') to--;
    d->digits = str_slice(d->digits, from, to);
    d->point = from < to ? d->point - from : 0;
    d->negative &= from < to;
}

bool decimal_parse(Arena *a, Str text, Decimal *out)
{
    Decimal d = {.negative = str_starts(text, S("-"))};
    Buf digits = {.a = a};
    int64_t i = d.negative || str_starts(text, S("+")), exponent = 0, point = -1;
    for (; i < text.n && (is_digit(text.p[i]) || (text.p[i] == '.' && point < 0)); i++)
        if (text.p[i] == '.')
            point = digits.n;
        else
            buf_putc(&digits, text.p[i]);
    if (!digits.n) return false;
    if (i < text.n &&
        ((text.p[i] | 32) != 'e' || !read_exponent(str_slice(text, i + 1, text.n), &exponent)))
        return false;
    d.digits = buf_str(&digits);
    d.point = (point < 0 ? digits.n : point) + exponent;
    trim(&d);
    *out = d;
    return true;
}

static int cmp_size(const Decimal *x, const Decimal *y)
{
    if (!x->digits.n || !y->digits.n) return (x->digits.n > 0) - (y->digits.n > 0);
    if (x->point != y->point) return x->point < y->point ? -1 : 1;
    return str_cmp(x->digits, y->digits);
}

int decimal_cmp(const Decimal *x, const Decimal *y)
{
    if (x->negative != y->negative) return x->negative ? -1 : 1;
    return x->negative ? cmp_size(y, x) : cmp_size(x, y);
}
