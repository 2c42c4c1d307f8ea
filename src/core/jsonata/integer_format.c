/* integer_format.c - integers by a picture string: digits with separators, letters, Roman numerals, English words. */
#include "core/jsonata/integer_format.h"
#include "core/jsonata/functions.h"
#include "core/jsonata/number.h"
#include "core/jsonata/text.h"
#include <math.h>

enum { SEPARATORS_MAX = 64 };

/* The zeroes of Unicode's groups of decimal digits in the Basic Multilingual Plane. */
static const int32_t zeroes[] = {0x0030, 0x0660, 0x06f0, 0x07c0, 0x0966, 0x09e6, 0x0a66, 0x0ae6,
                                 0x0b66, 0x0be6, 0x0c66, 0x0ce6, 0x0d66, 0x0de6, 0x0e50, 0x0ed0,
                                 0x0f20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80,
                                 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900,
                                 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10};

/* 0: no digit. */
static int32_t zero_of(int32_t rune)
{
    for (int i = 0; i < countof(zeroes); i++)
        if (rune >= zeroes[i] && rune <= zeroes[i] + 9) return zeroes[i];
    return 0;
}

/* Separators that stand at 3, 6, 9... and are all the same go on to the left for ever. */
static int32_t regular_interval(const IntegerFormat *f)
{
    int32_t places[SEPARATORS_MAX];
    for (int32_t i = 0; i < f->separators_n; i++) {
        if (f->separators[i].rune != f->separators[0].rune) return 0;
        places[i] = f->separators[i].position;
    }
    return jn_regular_interval(places, f->separators_n);
}

/* One character of the picture, from the right; `position` counts the digits so far. */
static bool picture_rune(Ev *ev, IntegerFormat *f, int32_t rune, Separator *separators,
                         int32_t *position)
{
    int32_t zero = zero_of(rune);
    if (zero) {
        if (f->zero && f->zero != zero) return jn_fail(ev, "D3131");
        f->zero = zero;
        f->mandatory++;
    } else if (rune == '#') {
        f->optional++;
    } else {
        separators[f->separators_n++] = (Separator){*position, rune};
        return true;
    }
    ++*position;
    return true;
}

static bool digits_picture(Ev *ev, Str picture, IntegerFormat *f)
{
    int64_t runes = jn_runes(picture);
    int32_t position = 0;
    if (!jn_steps(ev, runes) || !jn_room(ev, runes * (int64_t)sizeof(Separator))) return false;
    Separator *separators = new_array(ev->a, Separator, runes);
    f->separators = separators;
    for (int64_t end = picture.n, from; end > 0; end = from) {
        int bytes;
        for (from = end - 1; from > 0 && (picture.p[from] & 0xc0) == 0x80;) from--;
        if (!picture_rune(ev, f, jn_decode_rune(str_slice(picture, from, end), &bytes), separators,
                          &position))
            return false;
    }
    if (f->mandatory == 0) f->style = STYLE_SEQUENCE;
    if (f->separators_n > SEPARATORS_MAX) return jn_fail_value(ev, "D3130", v_string(picture));
    f->every = regular_interval(f);
    return true;
}

bool jn_integer_format_parse(Ev *ev, Str picture, IntegerFormat *out)
{
    static const struct {
        Str picture;
        IntegerStyle style;
        LetterCase letters;
    } named[] = {
        {STR_INIT("A"), STYLE_LETTERS, CASE_UPPER}, {STR_INIT("a"), STYLE_LETTERS, CASE_LOWER},
        {STR_INIT("I"), STYLE_ROMAN, CASE_UPPER},   {STR_INIT("i"), STYLE_ROMAN, CASE_LOWER},
        {STR_INIT("W"), STYLE_WORDS, CASE_UPPER},   {STR_INIT("w"), STYLE_WORDS, CASE_LOWER},
        {STR_INIT("Ww"), STYLE_WORDS, CASE_TITLE}};
    int64_t semicolon = str_rfind_char(picture, ';');
    Str primary = str_slice(picture, 0, semicolon < 0 ? picture.n : semicolon);
    *out = (IntegerFormat){.token = primary};
    out->ordinal =
        semicolon >= 0 && str_starts(str_slice(picture, semicolon + 1, picture.n), S("o"));
    for (int i = 0; i < countof(named); i++) {
        if (!str_eq(primary, named[i].picture)) continue;
        out->style = named[i].style;
        out->letters = named[i].letters;
        return true;
    }
    return digits_picture(ev, primary, out);
}

static bool sequence(Ev *ev, const IntegerFormat *f)
{
    return jn_fail_value(ev, "D3130", v_string(f->token));
}

static int32_t separator_at(const IntegerFormat *f, int32_t position)
{
    if (f->every) return position % f->every == 0 ? f->separators[0].rune : 0;
    for (int32_t i = 0; i < f->separators_n; i++)
        if (f->separators[i].position == position) return f->separators[i].rune;
    return 0;
}

static Str ordinal_suffix(Str digits)
{
    char last = digits.p[digits.n - 1], before = digits.n > 1 ? digits.p[digits.n - 2] : '0';
    if (before == '1') return S("th");
    return last == '1' ? S("st") : last == '2' ? S("nd") : last == '3' ? S("rd") : S("th");
}

static bool put_digits(Ev *ev, const IntegerFormat *f, double value, Text *out)
{
    char digits[400];
    int n = snprintf(digits, sizeof digits, "%.0f", value);
    int length = n < f->mandatory ? f->mandatory : n;
    if (!jn_steps(ev, length)) return false;
    for (int i = 0; i < length; i++) {
        int left = length - 1 - i;
        jn_put_rune(out, f->zero + (left < n ? digits[n - 1 - left] - '0' : 0));
        int32_t separator = left ? separator_at(f, left) : 0;
        if (separator) jn_put_rune(out, separator);
    }
    if (f->ordinal) jn_put(out, ordinal_suffix((Str){digits, n}));
    return true;
}

/* 1 is a, 26 is z, 27 is aa. */
static void put_letters(const IntegerFormat *f, double value, Text *out)
{
    char letters[300];
    int n = 0;
    for (; value >= 1 && n < countof(letters); value = floor((value - 1) / 26))
        letters[n++] = (char)((f->letters == CASE_UPPER ? 'A' : 'a') + (int)fmod(value - 1, 26));
    while (n > 0) jn_putc(out, letters[--n]);
}

static const struct {
    int value;
    const char *upper, *lower;
} numerals[] = {{1000, "M", "m"}, {900, "CM", "cm"}, {500, "D", "d"}, {400, "CD", "cd"},
                {100, "C", "c"},  {90, "XC", "xc"},  {50, "L", "l"},  {40, "XL", "xl"},
                {10, "X", "x"},   {9, "IX", "ix"},   {5, "V", "v"},   {4, "IV", "iv"},
                {1, "I", "i"}};

static bool put_roman(Ev *ev, const IntegerFormat *f, double value, Text *out)
{
    for (int i = 0; i < countof(numerals); i++)
        while (value >= numerals[i].value) {
            if (!jn_step(ev)) return false;
            value -= numerals[i].value;
            jn_put(out, str_from(f->letters == CASE_UPPER ? numerals[i].upper : numerals[i].lower));
        }
    return true;
}

static bool put_words(Ev *ev, const IntegerFormat *f, double value, Text *out)
{
    Text words = {.ev = ev};
    jn_words_put(&words, value, f->ordinal);
    if (words.ev->spent) return jn_step(ev);
    for (int64_t i = 0; i < words.n; i++) {
        char c = words.p[i];
        if (f->letters == CASE_UPPER && c >= 'a' && c <= 'z') c = (char)(c - 32);
        if (f->letters == CASE_LOWER && c >= 'A' && c <= 'Z') c = (char)(c + 32);
        jn_putc(out, c);
    }
    return true;
}

bool jn_integer_format_put(Ev *ev, const IntegerFormat *f, double value, Text *out)
{
    if (!isfinite(value)) return jn_fail_value(ev, "D1001", v_number(value));
    if (f->style == STYLE_SEQUENCE) return sequence(ev, f);
    if (value < 0) jn_putc(out, '-');
    value = fabs(value);
    if (f->style == STYLE_DIGITS) return put_digits(ev, f, value, out);
    if (f->style == STYLE_ROMAN) return put_roman(ev, f, value, out);
    if (f->style == STYLE_WORDS) return put_words(ev, f, value, out);
    put_letters(f, value, out);
    return true;
}

static void digits_pattern(const IntegerFormat *f, Text *out)
{
    char width[32];
    jn_put(out, S("[0-9]"));
    if (f->width)
        jn_put(out, (Str){width,
                          snprintf(width, sizeof width, "{%d}", f->width > 999 ? 999 : f->width)});
    else
        jn_put(out, S("+"));
    if (f->ordinal) jn_put(out, S("(?:th|st|nd|rd)"));
}

bool jn_integer_format_pattern(Ev *ev, const IntegerFormat *f, Text *out)
{
    if (f->style == STYLE_SEQUENCE) return sequence(ev, f);
    if (f->style == STYLE_LETTERS) jn_put(out, S("[a-z]+"));
    if (f->style == STYLE_ROMAN) jn_put(out, S("[mdclxvi]+"));
    if (f->style == STYLE_WORDS) jn_words_pattern(out);
    if (f->style == STYLE_DIGITS) digits_pattern(f, out);
    return true;
}

static bool is_separator(const IntegerFormat *f, int32_t rune)
{
    for (int32_t i = 0; i < f->separators_n; i++)
        if (f->separators[i].rune == rune) return true;
    return false;
}

static double read_digits(const IntegerFormat *f, Str s)
{
    double value = 0;
    bool any = false, negative = s.n > 0 && s.p[0] == '-';
    for (int64_t at = negative; at < s.n;) {
        int bytes;
        int32_t rune = jn_decode_rune(str_slice(s, at, s.n), &bytes);
        at += bytes;
        if (rune >= f->zero && rune <= f->zero + 9) {
            value = value * 10 + (rune - f->zero);
            any = true;
        } else if (!is_separator(f, rune)) {
            break;
        }
    }
    return any ? negative ? -value : value : NOT_A_NUMBER;
}

static double read_letters(Str s)
{
    double value = 0;
    for (int64_t i = 0; i < s.n; i++) {
        int letter = (s.p[i] | 32) - 'a';
        if (letter < 0 || letter > 25) return NOT_A_NUMBER;
        value = value * 26 + letter + 1;
    }
    return value;
}

static double read_roman(Str s)
{
    double value = 0;
    while (s.n > 0) {
        int i = 0;
        Str upper = {NULL, 0}, lower = {NULL, 0};
        for (; i < countof(numerals); i++) {
            upper = str_from(numerals[i].upper);
            lower = str_from(numerals[i].lower);
            if (str_starts(s, upper) || str_starts(s, lower)) break;
        }
        if (i == countof(numerals)) return NOT_A_NUMBER;
        value += numerals[i].value;
        s = str_slice(s, upper.n, s.n);
    }
    return value;
}

bool jn_integer_format_read(Ev *ev, const IntegerFormat *f, Str text, double *out)
{
    if (!jn_steps(ev, 1 + text.n / 4) || !jn_room(ev, text.n)) return false;
    if (f->style == STYLE_SEQUENCE) return sequence(ev, f);
    if (f->style == STYLE_LETTERS) *out = read_letters(text);
    if (f->style == STYLE_ROMAN) *out = read_roman(text);
    if (f->style == STYLE_WORDS) *out = jn_words_read(str_lower(ev->a, text));
    if (f->style == STYLE_DIGITS) *out = read_digits(f, text);
    return true;
}

bool jn_fn_format_integer(Call *c, Value *out)
{
    IntegerFormat f;
    Text text = {.ev = c->ev};
    Str picture = is_string(arg(c, 1)) ? v_text(arg(c, 1)) : S("0");
    if (is_undefined(arg(c, 0))) return true;
    if (!jn_integer_format_parse(c->ev, picture, &f)) return false;
    return jn_integer_format_put(c->ev, &f, floor(arg(c, 0).number), &text) && jn_text(&text, out);
}

bool jn_fn_parse_integer(Call *c, Value *out)
{
    IntegerFormat f;
    double value = NOT_A_NUMBER;
    Str picture = is_string(arg(c, 1)) ? v_text(arg(c, 1)) : S("0");
    if (is_undefined(arg(c, 0))) return true;
    if (!jn_integer_format_parse(c->ev, picture, &f) ||
        !jn_integer_format_read(c->ev, &f, v_text(arg(c, 0)), &value))
        return false;
    if (!isnan(value)) *out = v_number(value);
    return true;
}
