/* integer_format.h - integers by a picture string: digits with separators, letters, Roman numerals, English words. */
#pragma once
#include "core/jsonata/ev.h"

/* As in XPath and XQuery Functions 3.1, section 4.6.1 (fn:format-integer). */
typedef enum IntegerStyle {
    STYLE_DIGITS,
    STYLE_LETTERS,
    STYLE_ROMAN,
    STYLE_WORDS,
    STYLE_SEQUENCE
} IntegerStyle;
typedef enum LetterCase { CASE_LOWER, CASE_UPPER, CASE_TITLE } LetterCase;

typedef struct Separator {
    int32_t position, rune; /* digits to the right of it */
} Separator;

typedef struct IntegerFormat {
    IntegerStyle style;
    LetterCase letters;
    bool ordinal;
    int32_t zero;            /* the rune of digit 0 */
    int mandatory, optional; /* digits */
    const Separator *separators;
    int32_t separators_n;
    int32_t every; /* regular: one separator each so many digits; 0: where they stand */
    int width;     /* digits to take when parsing; 0: all there are */
    Str token;     /* of a sequence, which is not supported */
} IntegerFormat;

must_use bool jn_integer_format_parse(Ev *ev, Str picture, IntegerFormat *out);
/* Fails with D3130 for a sequence. */
must_use bool jn_integer_format_put(Ev *ev, const IntegerFormat *f, double value, Text *out);
/* The regular expression that the text of such a number matches. */
must_use bool jn_integer_format_pattern(Ev *ev, const IntegerFormat *f, Text *out);
/* NAN: no number. */
must_use bool jn_integer_format_read(Ev *ev, const IntegerFormat *f, Str text, double *out);

/* words.c */
void jn_words_put(Text *out, double value, bool ordinal);
void jn_words_pattern(Text *out);
double jn_words_read(Str lower_case_text);
