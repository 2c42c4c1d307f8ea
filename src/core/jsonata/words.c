/* words.c - integers as English words, cardinal and ordinal, and back. */
#include "core/jsonata/integer_format.h"
#include "core/jsonata/number.h"
#include <math.h>

static const char *const few[][2] = {
    {"Zero", "Zeroth"},         {"One", "First"},           {"Two", "Second"},
    {"Three", "Third"},         {"Four", "Fourth"},         {"Five", "Fifth"},
    {"Six", "Sixth"},           {"Seven", "Seventh"},       {"Eight", "Eighth"},
    {"Nine", "Ninth"},          {"Ten", "Tenth"},           {"Eleven", "Eleventh"},
    {"Twelve", "Twelfth"},      {"Thirteen", "Thirteenth"}, {"Fourteen", "Fourteenth"},
    {"Fifteen", "Fifteenth"},   {"Sixteen", "Sixteenth"},   {"Seventeen", "Seventeenth"},
    {"Eighteen", "Eighteenth"}, {"Nineteen", "Nineteenth"},
};
static const char *const tens[][2] = {
    {"Twenty", "Twentieth"}, {"Thirty", "Thirtieth"}, {"Forty", "Fortieth"},
    {"Fifty", "Fiftieth"},   {"Sixty", "Sixtieth"},   {"Seventy", "Seventieth"},
    {"Eighty", "Eightieth"}, {"Ninety", "Ninetieth"},
};
static const struct {
    const char *words[2];
    double value;
} scales[] = {{{"Hundred", "Hundredth"}, 1e2},
              {{"Thousand", "Thousandth"}, 1e3},
              {{"Million", "Millionth"}, 1e6},
              {{"Billion", "Billionth"}, 1e9},
              {{"Trillion", "Trillionth"}, 1e12}};

static void put(Text *out, const char *s)
{
    jn_put(out, str_from(s));
}

static void put_part(Text *out, double value, bool follows, bool ordinal);

static void put_below_hundred(Text *out, int value, bool follows, bool ordinal)
{
    if (follows) put(out, " and ");
    if (value < 20) {
        put(out, few[value][ordinal]);
        return;
    }
    int rest = value % 10;
    put(out, tens[value / 10 - 2][ordinal && !rest]);
    if (!rest) return;
    put(out, "-");
    put(out, few[rest][ordinal]);
}

/* The largest scale that fits; beyond trillions, trillions of trillions. */
static int scale_of(double value)
{
    int i = countof(scales) - 1;
    while (scales[i].value > value) i--;
    return i;
}

static void put_part(Text *out, double value, bool follows, bool ordinal)
{
    if (value < 100) {
        put_below_hundred(out, (int)value, follows, ordinal);
        return;
    }
    int scale = scale_of(value);
    double count = floor(value / scales[scale].value), rest = value - count * scales[scale].value;
    if (follows) put(out, ", ");
    put_part(out, count, false, false);
    put(out, " ");
    put(out, scales[scale].words[ordinal && !(rest > 0)]);
    if (rest > 0) put_part(out, rest, true, ordinal);
}

void jn_words_put(Text *out, double value, bool ordinal)
{
    put_part(out, value, false, ordinal);
}

void jn_words_pattern(Text *out)
{
    put(out, "(?:");
    for (int k = 0; k < 2; k++) {
        for (int i = 0; i < countof(few); i++) put(out, few[i][k]), put(out, "|");
        for (int i = 0; i < countof(tens); i++) put(out, tens[i][k]), put(out, "|");
        for (int i = 0; i < countof(scales); i++) put(out, scales[i].words[k]), put(out, "|");
    }
    put(out, "and|[\\-, ])+");
}

static bool is_word(Str word, const char *const words[2])
{
    return str_eq_nocase(word, str_from(words[0])) || str_eq_nocase(word, str_from(words[1]));
}

static double value_of(Str word)
{
    for (int i = 0; i < countof(few); i++)
        if (is_word(word, few[i])) return i;
    for (int i = 0; i < countof(tens); i++)
        if (is_word(word, tens[i])) return 20 + 10 * i;
    for (int i = 0; i < countof(scales); i++)
        if (is_word(word, scales[i].words)) return scales[i].value;
    return NOT_A_NUMBER;
}

/* Sums of parts: a part below a thousand grows by addition, and a scale multiplies it. */
typedef struct Sum {
    double done, part;
} Sum;

static void add_word(Sum *s, double value)
{
    if (value >= 100) {
        s->part *= value;
    } else if (s->part >= 1000) {
        s->done += s->part;
        s->part = value;
    } else {
        s->part += value;
    }
}

static bool is_letter(char c)
{
    return (c | 32) >= 'a' && (c | 32) <= 'z';
}

double jn_words_read(Str s)
{
    Sum sum = {0};
    for (int64_t at = 0, end; at < s.n; at = end) {
        end = at;
        while (end < s.n && is_letter(s.p[end])) end++;
        Str word = str_slice(s, at, end);
        if (end == at) end++;
        if (word.n == 0 || str_eq(word, S("and"))) continue;
        double value = value_of(word);
        if (isnan(value)) return NOT_A_NUMBER;
        add_word(&sum, value);
    }
    return sum.done + sum.part;
}
