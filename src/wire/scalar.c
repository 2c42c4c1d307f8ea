/* scalar.c - strings, numbers, booleans, blobs and timestamps as text and as typed Json. */
#include "wire/scalar.h"

#include "base/encode.h"
#include "base/time.h"

/* The digits of a decimal number and where its point lies: value = digits * 10^exponent. */
typedef struct Decimal {
    bool minus;
    int digits_n;
    int64_t exponent;
    char digits[40];
} Decimal;

static int64_t take_digits(Str s, int64_t i, bool fraction, Decimal *d)
{
    for (; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++) {
        if (d->digits_n < countof(d->digits)) {
            d->digits[d->digits_n++] = s.p[i];
            d->exponent -= fraction;
        } else {
            d->exponent += !fraction;
        }
    }
    return i;
}

static bool parse_decimal(Str s, Decimal *d)
{
    int64_t power = 0;
    *d = (Decimal){.minus = str_starts(s, S("-"))};
    int64_t i = take_digits(s, d->minus || str_starts(s, S("+")), false, d);
    if (i < s.n && s.p[i] == '.') i = take_digits(s, i + 1, true, d);
    if (d->digits_n == 0) return false;
    if (i < s.n && (s.p[i] | 32) == 'e') {
        Str written = str_slice(s, i + 1, s.n);
        if (str_starts(written, S("+"))) written = str_slice(written, 1, written.n);
        if (!str_to_int(written, &power) || power > 400 || power < -400) return false;
        i = s.n;
    }
    d->exponent += power;
    return i == s.n;
}

bool scalar_seconds_to_millis(Str text, Millis *out)
{
    Decimal d;
    Millis value = 0;
    if (!parse_decimal(text, &d)) return false;
    int64_t shift = d.exponent + 3;
    int kept =
        shift < 0 && shift < -(int64_t)d.digits_n ? 0 : d.digits_n + (int)(shift < 0 ? shift : 0);
    for (int i = 0; i < kept; i++)
        if (__builtin_mul_overflow(value, (Millis)10, &value) ||
            __builtin_add_overflow(value, (Millis)(d.digits[i] - '0'), &value))
            return false;
    for (; shift > 0 && value; shift--)
        if (__builtin_mul_overflow(value, (Millis)10, &value)) return false;
    *out = d.minus ? -value : value;
    return true;
}

/* The years 1970 to 9999; before and beyond, no client means what it says. */
static bool parse_time(Str text, Arena *a, Json *out)
{
    Millis t;
    if (!time_parse_iso8601(text, &t) && !time_parse_http(text, &t) &&
        !scalar_seconds_to_millis(text, &t))
        return false;
    if (t < 0 || t >= (Millis)253402300800000) return false;
    *out = json_millis_as_seconds(a, t);
    return true;
}

static bool parse_integer(Str text, bool wide, Arena *a, Json *out)
{
    int64_t value;
    if (str_starts(text, S("+"))) text = str_slice(text, 1, text.n);
    if (!str_to_int(text, &value) || (!wide && (value > INT32_MAX || value < INT32_MIN)))
        return false;
    *out = json_int(a, value);
    return true;
}

static bool is_special_number(Str text)
{
    return str_eq(text, S("NaN")) || str_eq(text, S("Infinity")) || str_eq(text, S("-Infinity"));
}

/* JSON has a narrower idea of how a number is written; what it accepts is kept as it was. */
static bool parse_float(Str text, Arena *a, Json *out)
{
    Error ignored;
    if (is_special_number(text)) return *out = json_string(text), true;
    return json_parse(text, a, out, &ignored) && out->type == JSON_NUMBER;
}

static bool parse_boolean(Str text, Json *out)
{
    bool yes = str_eq_nocase(text, S("true"));
    if (!yes && !str_eq_nocase(text, S("false"))) return false;
    *out = json_bool(yes);
    return true;
}

static bool parse_blob(Str text, Arena *a, Json *out)
{
    Str ignored;
    *out = json_string(text);
    return base64_decode(a, text, &ignored);
}

static bool parse_text(Str text, Json *out)
{
    *out = json_string(text);
    return utf8_valid(text);
}

/* What a text must be; said in errors. */
static const char *rule_of(ShapeType type)
{
    switch (type) {
    case SHAPE_INTEGER:
    case SHAPE_LONG: return "an integer";
    case SHAPE_FLOAT:
    case SHAPE_DOUBLE: return "a number";
    case SHAPE_BOOLEAN: return "true or false";
    case SHAPE_TIMESTAMP: return "a timestamp";
    case SHAPE_BLOB: return "Base64";
    case SHAPE_STRING: return "UTF-8";
    case SHAPE_STRUCTURE:
    case SHAPE_LIST:
    case SHAPE_MAP:
    case SHAPE_DOCUMENT: return "a value of one part";
    default: unreachable();
    }
}

static bool parse_typed(ShapeType type, Str text, Arena *a, Json *out)
{
    switch (type) {
    case SHAPE_STRING: return parse_text(text, out);
    case SHAPE_INTEGER: return parse_integer(str_trim(text), false, a, out);
    case SHAPE_LONG: return parse_integer(str_trim(text), true, a, out);
    case SHAPE_FLOAT:
    case SHAPE_DOUBLE: return parse_float(str_trim(text), a, out);
    case SHAPE_BOOLEAN: return parse_boolean(str_trim(text), out);
    case SHAPE_TIMESTAMP: return parse_time(str_trim(text), a, out);
    case SHAPE_BLOB: return parse_blob(str_trim(text), a, out);
    case SHAPE_STRUCTURE:
    case SHAPE_LIST:
    case SHAPE_MAP:
    case SHAPE_DOCUMENT: return false;
    default: unreachable();
    }
}

bool scalar_parse(const Service *s, const Member *m, Str text, Arena *a, Json *out,
                  const char **rule)
{
    ShapeType type = (ShapeType)model_shape(s, m)->type;
    if (!text.p) text = S("");
    if (parse_typed(type, text, a, out)) return true;
    *rule = rule_of(type);
    return false;
}

static Str iso_without_empty_fraction(Millis t, Arena *a)
{
    Str text = time_iso8601(a, t);
    return t % 1000 ? text : str_printf(a, "%.*sZ", STR(str_slice(text, 0, text.n - 5)));
}

static Str time_text(TimeFormat format, Str seconds, Arena *a)
{
    Millis t;
    if (format == TIME_EPOCH || !scalar_seconds_to_millis(seconds, &t)) return seconds;
    switch (format) {
    case TIME_ISO: return iso_without_empty_fraction(t, a);
    case TIME_ISO_MILLIS: return time_iso8601(a, t);
    case TIME_HTTP: return time_http(a, t);
    case TIME_NONE:
    case TIME_EPOCH: return seconds;
    default: unreachable();
    }
}

Str scalar_text(const Member *m, const Json *v, Arena *a)
{
    switch (v->type) {
    case JSON_TRUE: return S("true");
    case JSON_FALSE: return S("false");
    case JSON_NUMBER:
        return m->time == TIME_NONE ? json_text(v)
                                    : time_text((TimeFormat)m->time, json_text(v), a);
    case JSON_STRING: return json_text(v);
    case JSON_NULL:
    case JSON_ARRAY:
    case JSON_OBJECT: return S("");
    default: unreachable();
    }
}
