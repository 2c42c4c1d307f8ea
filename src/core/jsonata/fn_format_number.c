/* fn_format_number.c - $formatNumber: a number in the form that a picture string gives it. */
#include "core/jsonata/functions.h"
#include "core/jsonata/number.h"
#include "core/jsonata/number_picture.h"
#include <math.h>

/* The number as its picture wants it, before symbols are put in: decimal digits around a point. */
typedef struct Digits {
    char *p;
    int32_t before, after; /* digits before and behind the point */
} Digits;

/* mantissa * 10^exponent, the mantissa having as many integral digits as the picture. */
static int scale(const NumberFormat *f, double *mantissa)
{
    int exponent = 0;
    double most = pow(10, f->scaling), least = pow(10, f->scaling - 1);
    if (f->exponent_min == 0 || *mantissa == 0) return 0;
    while (fabs(*mantissa) < least) *mantissa *= 10, exponent--;
    while (fabs(*mantissa) > most) *mantissa /= 10, exponent++;
    return exponent;
}

/* Leading and trailing zeroes away, then as many as the picture demands. */
static bool digits_of(Ev *ev, const NumberFormat *f, double value, Digits *out)
{
    enum { NUMBER_MAX = 1500 };
    char text[NUMBER_MAX];
    int n = snprintf(text, sizeof text, "%.*f", f->fraction_max, fabs(value));
    check(n < NUMBER_MAX);
    Str s = {text, n};
    int64_t point = str_find_char(s, '.');
    Str whole = str_slice(s, 0, point < 0 ? n : point),
        part = point < 0 ? S("") : str_slice(s, point + 1, n);
    while (whole.n && whole.p[0] == '0') whole = str_slice(whole, 1, whole.n);
    while (part.n && part.p[part.n - 1] == '0') part.n--;
    out->before = whole.n > f->integer_min ? (int32_t)whole.n : f->integer_min;
    out->after = part.n > f->fraction_min ? (int32_t)part.n : f->fraction_min;
    int32_t length = out->before + out->after;
    if (!jn_room(ev, length)) return false;
    out->p = new_array(ev->a, char, length);
    memset(out->p, '0', (size_t)length);
    memcpy(out->p + out->before - whole.n, whole.p, (size_t)whole.n);
    memcpy(out->p + out->before, part.p, (size_t)part.n);
    return true;
}

static void put_runes(Text *out, Runes r)
{
    for (int32_t i = 0; i < r.n; i++) jn_put_rune(out, r.p[i]);
}

static bool among(const int32_t *places, int32_t n, int32_t place)
{
    for (int32_t i = 0; i < n; i++)
        if (places[i] == place) return true;
    return false;
}

static bool separator_before(const NumberFormat *f, int32_t left)
{
    return f->every ? left % f->every == 0 : among(f->integer_groups, f->integer_groups_n, left);
}

static void put_digit(Text *out, const Symbols *s, char digit)
{
    jn_put_rune(out, s->of[ZERO_DIGIT].p[0] + (digit - '0'));
}

static void put_mantissa(Text *out, const NumberFormat *f, const Symbols *s, const Digits *d)
{
    for (int32_t i = 0; i < d->before; i++) {
        int32_t left = d->before - i;
        if (i && separator_before(f, left)) put_runes(out, s->of[GROUPING_SEPARATOR]);
        put_digit(out, s, d->p[i]);
    }
    if (d->after) put_runes(out, s->of[DECIMAL_SEPARATOR]);
    for (int32_t i = 0; i < d->after; i++) {
        if (i && among(f->fraction_groups, f->fraction_groups_n, i))
            put_runes(out, s->of[GROUPING_SEPARATOR]);
        put_digit(out, s, d->p[d->before + i]);
    }
}

static void put_exponent(Text *out, const NumberFormat *f, const Symbols *s, int exponent)
{
    char text[16];
    int n = snprintf(text, sizeof text, "%d", exponent < 0 ? -exponent : exponent);
    put_runes(out, s->of[EXPONENT_SEPARATOR]);
    if (exponent < 0) put_runes(out, s->of[MINUS_SIGN]);
    for (int i = n; i < f->exponent_min; i++) put_digit(out, s, '0');
    for (int i = 0; i < n; i++) put_digit(out, s, text[i]);
}

static bool put_number(Ev *ev, const NumberFormat *f, const Symbols *s, double value, Text *out)
{
    Digits d;
    double mantissa = value * (f->percent ? 100 : f->per_mille ? 1000 : 1);
    int exponent = isfinite(mantissa) ? scale(f, &mantissa) : 0;
    if (!isfinite(mantissa)) return jn_fail_value(ev, "D1001", v_number(value));
    if (!digits_of(ev, f, jn_round(mantissa, f->fraction_max), &d)) return false;
    if (f->minus) put_runes(out, s->of[MINUS_SIGN]);
    put_runes(out, f->prefix);
    put_mantissa(out, f, s, &d);
    if (f->exponent_min) put_exponent(out, f, s, exponent);
    put_runes(out, f->suffix);
    return true;
}

bool jn_fn_format_number(Call *c, Value *out)
{
    Symbols symbols;
    NumberFormat formats[2];
    Text text = {.ev = c->ev};
    Value value = arg(c, 0);
    Str picture = is_string(arg(c, 1)) ? v_text(arg(c, 1)) : S("#");
    if (is_undefined(value)) return true;
    if (!jn_symbols_read(c->ev, arg(c, 2), &symbols)) return false;
    if (!jn_number_picture_parse(c->ev, picture, &symbols, formats)) return false;
    const NumberFormat *format = &formats[value.number >= 0 ? 0 : 1];
    return put_number(c->ev, format, &symbols, value.number, &text) && jn_text(&text, out);
}
