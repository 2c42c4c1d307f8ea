/* number.c - doubles as JavaScript writes and rounds them. */
#include "core/jsonata/number.h"
#include <float.h>
#include <math.h>

enum { DIGITS_MAX = 17 };

/* x = 0.d1d2d3... * 10^point */
typedef struct Decimal {
    char digits[DIGITS_MAX + 1];
    int n, point;
} Decimal;

static Decimal to_decimal(double x, int precision)
{
    char text[40];
    Decimal d = {0};
    snprintf(text, sizeof text, "%.*e", precision - 1, x);
    for (const char *p = text; *p && *p != 'e'; p++)
        if (*p != '.') d.digits[d.n++] = *p;
    d.point = (int)strtol(strchr(text, 'e') + 1, NULL, 10) + 1;
    return d;
}

static double to_double(const Decimal *d)
{
    char text[40];
    snprintf(text, sizeof text, "0.%se%d", d->digits, d->point);
    return strtod(text, NULL);
}

static void next_up(Decimal *d)
{
    int i = d->n - 1;
    while (i >= 0 && d->digits[i] == '9') d->digits[i--] = '0';
    if (i >= 0) d->digits[i]++;
}

/* Below a power of two doubles lie closer than above: the nearest text of this length may read back
 * as the neighbour while the one above it does not. */
static bool reads_back(double x, int precision, Decimal *d)
{
    int exponent;
    *d = to_decimal(x, precision);
    if (to_double(d) == x) return true;
    if (frexp(x, &exponent) != 0.5) return false;
    next_up(d);
    return to_double(d) == x;
}

static Decimal shortest(double x)
{
    Decimal d;
    int precision = x < DBL_MIN ? 1 : 15;
    while (!reads_back(x, precision, &d) && precision < DIGITS_MAX) precision++;
    while (d.n > 1 && d.digits[d.n - 1] == '0') d.digits[--d.n] = 0;
    return d;
}

/* ECMA-262, Number::toString: plain up to 21 digits and down to 0.000001, else with an exponent. */
static int write_decimal(const Decimal *d, char *out, size_t cap)
{
    int e = d->point - 1;
    if (d->n <= d->point && d->point <= 21)
        return snprintf(out, cap, "%s%.*s", d->digits, d->point - d->n, "000000000000000000000");
    if (0 < d->point && d->point <= 21)
        return snprintf(out, cap, "%.*s.%s", d->point, d->digits, d->digits + d->point);
    if (-6 < d->point && d->point <= 0)
        return snprintf(out, cap, "0.%.*s%s", -d->point, "000000", d->digits);
    if (d->n == 1) return snprintf(out, cap, "%se%+d", d->digits, e);
    return snprintf(out, cap, "%c.%se%+d", d->digits[0], d->digits + 1, e);
}

Str jn_number_text(double x, char out[NUMBER_TEXT_MAX])
{
    check(isfinite(x));
    if (x == 0) return S("0");
    if (fabs(x) < 1e15 && x == trunc(x))
        return (Str){out, snprintf(out, NUMBER_TEXT_MAX, "%" PRId64, (int64_t)x)};
    Decimal d = shortest(fabs(x));
    int sign = x < 0;
    out[0] = '-';
    return (Str){out, sign + write_decimal(&d, out + sign, (size_t)(NUMBER_TEXT_MAX - sign))};
}

/* As toPrecision(15): of two equally near, the larger; so the 16th digit decides. */
double jn_fifteen_digits(double x)
{
    char text[64];
    if (!isfinite(x) || x == 0 || (fabs(x) < 1e15 && x == trunc(x))) return x;
    snprintf(text, sizeof text, "%.40e", fabs(x));
    bool up = text[16] >= '5';
    Decimal d = {.n = 15, .point = (int)strtol(strchr(text, 'e') + 1, NULL, 10) + 1};
    d.digits[0] = text[0];
    memcpy(d.digits + 1, text + 2, 14);
    if (up) next_up(&d);
    if (up && strspn(d.digits, "0") == 15) d.digits[0] = '1', d.point++;
    return copysign(to_double(&d), x);
}

/* x * 10^by, by way of its decimal text, so that no binary noise comes in. */
static double shift(double x, int by)
{
    char out[NUMBER_TEXT_MAX + 16], text[NUMBER_TEXT_MAX];
    if (x == 0 || !isfinite(x)) return x;
    Str s = jn_number_text(x, text);
    int64_t e = str_find_char(s, 'e');
    int64_t exponent = e < 0 ? 0 : strtol(s.p + e + 1, NULL, 10);
    snprintf(out, sizeof out, "%.*se%" PRId64, (int)(e < 0 ? s.n : e), s.p, exponent + by);
    return strtod(out, NULL);
}

double jn_round(double x, int precision)
{
    double shifted = precision ? shift(x, precision) : x, rounded = nearbyint(shifted);
    double back = precision ? shift(rounded, -precision) : rounded;
    return back == 0 ? 0 : back;
}

bool jn_is_integer(double x)
{
    return isfinite(x) && x == trunc(x);
}

static int32_t common_divisor(int32_t x, int32_t y)
{
    while (y) {
        int32_t rest = x % y;
        x = y;
        y = rest;
    }
    return x;
}

static bool holds(const int32_t *list, int32_t n, int32_t value)
{
    for (int32_t i = 0; i < n; i++)
        if (list[i] == value) return true;
    return false;
}

int32_t jn_regular_interval(const int32_t *places, int32_t n)
{
    int32_t interval = 0;
    for (int32_t i = 0; i < n; i++) interval = common_divisor(places[i], interval);
    for (int32_t i = 1; interval && i <= n; i++)
        if (!holds(places, n, i * interval)) return 0;
    return interval;
}
