/* fn_number.c - functions of numbers, and randomness from the evaluation's seed. */
#include "core/jsonata/functions.h"
#include "core/jsonata/number.h"
#include <math.h>

static bool is_digit(char c, int base)
{
    int value = c >= '0' && c <= '9'                 ? c - '0'
                : (c | 32) >= 'a' && (c | 32) <= 'z' ? (c | 32) - 'a' + 10
                                                     : 99;
    return value < base;
}

static bool all_digits(Str s, int base)
{
    for (int64_t i = 0; i < s.n; i++)
        if (!is_digit(s.p[i], base)) return false;
    return s.n > 0;
}

/* 0x, 0o and 0b. */
static bool parse_prefixed(Str s, double *out)
{
    int base = s.n < 3 || s.p[0] != '0' ? 0
               : (s.p[1] | 32) == 'x'   ? 16
               : (s.p[1] | 32) == 'o'   ? 8
               : (s.p[1] | 32) == 'b'   ? 2
                                        : 0;
    Str digits = str_slice(s, 2, s.n);
    if (!base || !all_digits(digits, base)) return false;
    *out = 0;
    for (int64_t i = 0; i < digits.n; i++)
        *out =
            *out * base + (digits.p[i] <= '9' ? digits.p[i] - '0' : (digits.p[i] | 32) - 'a' + 10);
    return true;
}

/* The form of a JSON number, but for leading zeroes, which are allowed. */
static bool looks_decimal(Str s)
{
    Str mantissa, fraction;
    if (s.n && s.p[0] == '-') s = str_slice(s, 1, s.n);
    int64_t e = str_find_char(s, 'e') >= 0 ? str_find_char(s, 'e') : str_find_char(s, 'E');
    if (e >= 0) {
        Str exponent = str_slice(s, e + 1, s.n);
        if (exponent.n && (exponent.p[0] == '-' || exponent.p[0] == '+'))
            exponent = str_slice(exponent, 1, exponent.n);
        if (!all_digits(exponent, 10)) return false;
        s = str_slice(s, 0, e);
    }
    int64_t dot = str_find_char(s, '.');
    mantissa = str_slice(s, 0, dot < 0 ? s.n : dot);
    fraction = dot < 0 ? S("0") : str_slice(s, dot + 1, s.n);
    return all_digits(mantissa, 10) && all_digits(fraction, 10);
}

bool jn_fn_number(Call *c, Value *out)
{
    double x = 0;
    Value v = arg(c, 0);
    *out = v;
    if (is_undefined(v) || v.type == V_NUMBER) return true;
    if (v.type == V_BOOLEAN)
        x = v.truth;
    else if (!parse_prefixed(v_text(v), &x))
        x = looks_decimal(v_text(v)) ? jn_v_double(v_text(v)) : NOT_A_NUMBER;
    *out = v_number(x);
    if (isfinite(x)) return true;
    return jn_fail_with(c->ev, (Failure){.code = "D3030", .value = v, .index = 1, .position = -1});
}

static bool apply(Call *c, double (*f)(double), Value *out)
{
    if (!is_undefined(arg(c, 0))) *out = v_number(f(arg(c, 0).number));
    return true;
}

bool jn_fn_abs(Call *c, Value *out)
{
    return apply(c, fabs, out);
}

bool jn_fn_floor(Call *c, Value *out)
{
    return apply(c, floor, out);
}

bool jn_fn_ceil(Call *c, Value *out)
{
    return apply(c, ceil, out);
}

bool jn_fn_sqrt(Call *c, Value *out)
{
    Value v = arg(c, 0);
    if (v.type == V_NUMBER && v.number < 0) return jn_fail_value(c->ev, "D3060", v);
    return apply(c, sqrt, out);
}

bool jn_fn_power(Call *c, Value *out)
{
    if (is_undefined(arg(c, 0))) return true;
    bool given = !is_undefined(arg(c, 1));
    *out = v_number(given ? pow(arg(c, 0).number, arg(c, 1).number) : NOT_A_NUMBER);
    if (isfinite(out->number)) return true;
    return jn_fail_with(
        c->ev, (Failure){.code = "D3061", .value = arg(c, 0), .value2 = arg(c, 1), .position = -1});
}

bool jn_fn_round(Call *c, Value *out)
{
    double precision = arg(c, 1).type == V_NUMBER ? trunc(arg(c, 1).number) : 0;
    if (is_undefined(arg(c, 0))) return true;
    precision = precision < -400 ? -400 : precision > 400 ? 400 : precision;
    *out = v_number(jn_round(arg(c, 0).number, (int)precision));
    return true;
}

/* Digits of the integral part of x, backwards from the end of the buffer; its base is 2 to 36. */
static char *put_digits(double x, int base, char *end)
{
    do {
        *--end = "0123456789abcdefghijklmnopqrstuvwxyz"[(int)fmod(x, base)];
        x = floor(x / base);
    } while (x > 0);
    return end;
}

bool jn_fn_format_base(Call *c, Value *out)
{
    enum { DIGITS_MAX = 1100 }; /* the largest double in base 2 has 1,024 */
    char digits[DIGITS_MAX];
    double radix = arg(c, 1).type == V_NUMBER ? jn_round(arg(c, 1).number, 0) : 10;
    if (is_undefined(arg(c, 0))) return true;
    if (!(radix >= 2 && radix <= 36)) return jn_fail_value(c->ev, "D3100", v_number(radix));
    double x = jn_round(arg(c, 0).number, 0);
    if (!isfinite(x)) return jn_fail_value(c->ev, "D1001", v_number(x));
    char *from = put_digits(fabs(x), (int)radix, digits + DIGITS_MAX);
    if (x < 0) *--from = '-';
    return jn_string(c->ev, (Str){from, digits + DIGITS_MAX - from}, out);
}

/* Steele, Lea, Flood: Fast splittable pseudorandom number generators (2014). */
uint64_t jn_chance(Ev *ev)
{
    uint64_t z = ev->chance += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

double jn_chance_double(Ev *ev)
{
    return (double)(jn_chance(ev) >> 11) * 0x1p-53;
}

bool jn_fn_random(Call *c, Value *out)
{
    *out = v_number(jn_chance_double(c->ev));
    return true;
}
