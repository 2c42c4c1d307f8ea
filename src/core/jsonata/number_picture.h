/* number_picture.h - the picture strings of $formatNumber: XPath and XQuery Functions 3.1, section 4.7. */
#pragma once
#include "core/jsonata/ev.h"

/* Characters of a picture, as code points. */
typedef struct Runes {
    int32_t *p;
    int32_t n;
} Runes;

enum Symbol {
    DECIMAL_SEPARATOR,
    GROUPING_SEPARATOR,
    EXPONENT_SEPARATOR,
    INFINITY_NAME,
    MINUS_SIGN,
    NAN_NAME,
    PERCENT,
    PER_MILLE,
    ZERO_DIGIT,
    OPTIONAL_DIGIT,
    PATTERN_SEPARATOR,
    SYMBOLS
};

/* What each symbol is; most are one character. */
typedef struct Symbols {
    Runes of[SYMBOLS];
} Symbols;

/* A sub-picture, cut into its parts. */
typedef struct SubPicture {
    Runes all, prefix, suffix, active, mantissa, exponent, integer, fraction;
    bool has_exponent, has_decimal;
} SubPicture;

/* What it says. */
typedef struct NumberFormat {
    Runes prefix, suffix;
    bool minus; /* before the prefix: the picture has no part of its own for negative numbers */
    bool percent, per_mille;
    const int32_t *integer_groups, *fraction_groups; /* places of separators */
    int32_t integer_groups_n, fraction_groups_n, every;
    int32_t integer_min, fraction_min, fraction_max, exponent_min, scaling;
} NumberFormat;

must_use bool jn_symbols_read(Ev *ev, Value options, Symbols *out);
must_use bool jn_number_picture_parse(Ev *ev, Str picture, const Symbols *symbols,
                                      NumberFormat out[2]);

Runes jn_runes_of(Ev *ev, Str s);
static inline bool is_symbol(const Symbols *s, enum Symbol which, int32_t rune)
{
    return s->of[which].n == 1 && s->of[which].p[0] == rune;
}
static inline bool in_family(const Symbols *s, int32_t rune)
{
    return s->of[ZERO_DIGIT].n > 0 && rune >= s->of[ZERO_DIGIT].p[0] &&
           rune <= s->of[ZERO_DIGIT].p[0] + 9;
}
