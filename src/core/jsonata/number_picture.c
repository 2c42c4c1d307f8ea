/* number_picture.c - the picture strings of $formatNumber: XPath and XQuery Functions 3.1, section 4.7. */
#include "core/jsonata/number_picture.h"
#include "core/jsonata/number.h"
#include "core/jsonata/text.h"

Runes jn_runes_of(Ev *ev, Str s)
{
    int64_t n = jn_runes(s), i = 0;
    Runes out = {.p = jn_take(ev, n, sizeof(int32_t)), .n = (int32_t)n};
    for (int64_t at = 0; at < s.n;) {
        int bytes;
        out.p[i++] = jn_decode_rune(str_slice(s, at, s.n), &bytes);
        at += bytes;
    }
    return out;
}

bool jn_symbols_read(Ev *ev, Value options, Symbols *out)
{
    static const struct {
        Str name, otherwise;
    } table[SYMBOLS] = {
        [DECIMAL_SEPARATOR] = {STR_INIT("decimal-separator"), STR_INIT(".")},
        [GROUPING_SEPARATOR] = {STR_INIT("grouping-separator"), STR_INIT(",")},
        [EXPONENT_SEPARATOR] = {STR_INIT("exponent-separator"), STR_INIT("e")},
        [INFINITY_NAME] = {STR_INIT("infinity"), STR_INIT("Infinity")},
        [MINUS_SIGN] = {STR_INIT("minus-sign"), STR_INIT("-")},
        [NAN_NAME] = {STR_INIT("NaN"), STR_INIT("NaN")},
        [PERCENT] = {STR_INIT("percent"), STR_INIT("%")},
        [PER_MILLE] = {STR_INIT("per-mille"), STR_INIT("\xe2\x80\xb0")},
        [ZERO_DIGIT] = {STR_INIT("zero-digit"), STR_INIT("0")},
        [OPTIONAL_DIGIT] = {STR_INIT("digit"), STR_INIT("#")},
        [PATTERN_SEPARATOR] = {STR_INIT("pattern-separator"), STR_INIT(";")},
    };
    for (int i = 0; i < SYMBOLS; i++) {
        Value v = UNDEFINED;
        bool given =
            is_object(options) && jn_v_get(options, table[i].name, &v) && is_string(v) && v.n > 0;
        if (given && v.n > 64) return jn_fail_value(ev, "D3086", v);
        out->of[i] = jn_runes_of(ev, given ? v_text(v) : table[i].otherwise);
    }
    return jn_step(ev);
}

static Runes slice(Runes r, int32_t from, int32_t to)
{
    if (to > r.n) to = r.n;
    if (from > to) from = to;
    return (Runes){r.p + from, to - from};
}

static int32_t find(Runes in, Runes what, int32_t from)
{
    if (what.n == 0) return -1;
    for (; from + what.n <= in.n; from++)
        if (!memcmp(in.p + from, what.p, (size_t)what.n * sizeof *what.p)) return from;
    return -1;
}

static bool contains(Runes in, Runes what)
{
    return find(in, what, 0) >= 0;
}

static bool twice(Runes in, Runes what)
{
    int32_t at = find(in, what, 0);
    return at >= 0 && find(in, what, at + 1) >= 0;
}

static bool is_active(const Symbols *s, int32_t rune)
{
    return in_family(s, rune) || is_symbol(s, DECIMAL_SEPARATOR, rune) ||
           is_symbol(s, EXPONENT_SEPARATOR, rune) || is_symbol(s, GROUPING_SEPARATOR, rune) ||
           is_symbol(s, OPTIONAL_DIGIT, rune) || is_symbol(s, PATTERN_SEPARATOR, rune);
}

/* Where the prefix ends, or the suffix begins: an exponent separator may be a letter of either. */
static bool is_edge(const Symbols *s, int32_t rune)
{
    return is_active(s, rune) && !is_symbol(s, EXPONENT_SEPARATOR, rune);
}

/* false: nothing in it stands for a digit or a separator. */
static bool cut(const Symbols *s, Runes all, SubPicture *out)
{
    int32_t from = 0, to = all.n;
    while (from < all.n && !is_edge(s, all.p[from])) from++;
    while (to > from && !is_edge(s, all.p[to - 1])) to--;
    *out = (SubPicture){.all = all,
                        .prefix = slice(all, 0, from),
                        .suffix = slice(all, to, all.n),
                        .active = slice(all, from, to)};
    int32_t e = find(out->active, s->of[EXPONENT_SEPARATOR], 0);
    out->has_exponent = e >= 0;
    out->mantissa = slice(out->active, 0, e < 0 ? out->active.n : e);
    if (e >= 0) out->exponent = slice(out->active, e + s->of[EXPONENT_SEPARATOR].n, out->active.n);
    int32_t point = find(out->mantissa, s->of[DECIMAL_SEPARATOR], 0);
    out->has_decimal = point >= 0;
    out->integer = slice(out->mantissa, 0, point < 0 ? out->mantissa.n : point);
    if (point >= 0) out->fraction = slice(out->mantissa, point + 1, out->mantissa.n);
    return from < to;
}

static int32_t count(const Symbols *s, Runes part, bool optional)
{
    int32_t n = 0;
    for (int32_t i = 0; i < part.n; i++)
        n += in_family(s, part.p[i]) || (optional && is_symbol(s, OPTIONAL_DIGIT, part.p[i]));
    return n;
}

static bool has_passive(const Symbols *s, Runes active)
{
    for (int32_t i = 0; i < active.n; i++)
        if (!is_active(s, active.p[i])) return true;
    return false;
}

static bool beside_decimal(const Symbols *s, const SubPicture *p)
{
    bool left = p->integer.n && is_symbol(s, GROUPING_SEPARATOR, p->integer.p[p->integer.n - 1]);
    bool right = p->fraction.n && is_symbol(s, GROUPING_SEPARATOR, p->fraction.p[0]);
    return p->has_decimal && (left || right);
}

static bool doubled(const Symbols *s, Runes all)
{
    for (int32_t i = 0; i + 1 < all.n; i++)
        if (is_symbol(s, GROUPING_SEPARATOR, all.p[i]) &&
            is_symbol(s, GROUPING_SEPARATOR, all.p[i + 1]))
            return true;
    return false;
}

/* A mandatory digit, then an optional one: not before the point. */
static bool optional_follows(const Symbols *s, Runes integer)
{
    int32_t first = find(integer, s->of[OPTIONAL_DIGIT], 0);
    return first >= 0 && count(s, slice(integer, 0, first), false) > 0;
}

/* An optional digit, then a mandatory one: not behind the point. */
static bool optional_precedes(const Symbols *s, Runes fraction)
{
    int32_t first = find(fraction, s->of[OPTIONAL_DIGIT], 0);
    return first >= 0 && count(s, slice(fraction, first, fraction.n), false) > 0;
}

static bool bad_exponent(const Symbols *s, const SubPicture *p)
{
    return p->has_exponent && (p->exponent.n == 0 || count(s, p->exponent, false) < p->exponent.n);
}

/* The rules of section 4.7.4, each with its code. When several are broken the last one is reported.
 */
static const char *broken_rule(const Symbols *s, const SubPicture *p)
{
    bool percent = contains(p->all, s->of[PERCENT]), per_mille = contains(p->all, s->of[PER_MILLE]);
    bool ends_grouped =
        p->integer.n && is_symbol(s, GROUPING_SEPARATOR, p->integer.p[p->integer.n - 1]);
    const struct {
        bool broken;
        const char *code;
    } rules[] = {
        {twice(p->all, s->of[DECIMAL_SEPARATOR]), "D3081"},
        {twice(p->all, s->of[PERCENT]), "D3082"},
        {twice(p->all, s->of[PER_MILLE]), "D3083"},
        {percent && per_mille, "D3084"},
        {count(s, p->mantissa, true) == 0, "D3085"},
        {has_passive(s, p->active), "D3086"},
        {beside_decimal(s, p), "D3087"},
        {!p->has_decimal && ends_grouped, "D3088"},
        {doubled(s, p->all), "D3089"},
        {optional_follows(s, p->integer), "D3090"},
        {optional_precedes(s, p->fraction), "D3091"},
        {p->has_exponent && p->exponent.n && (percent || per_mille), "D3092"},
        {bad_exponent(s, p), "D3093"},
    };
    const char *code = NULL;
    for (int i = 0; i < countof(rules); i++)
        if (rules[i].broken) code = rules[i].code;
    return code;
}

/* How many digits stand right of each grouping separator (left of it in a fraction). */
static const int32_t *groups(Ev *ev, const Symbols *s, Runes part, bool fraction, int32_t *n)
{
    int32_t *out = jn_take(ev, part.n, sizeof *out);
    *n = 0;
    for (int32_t i = 0; i < part.n; i++)
        if (is_symbol(s, GROUPING_SEPARATOR, part.p[i]))
            out[(*n)++] = count(s, fraction ? slice(part, 0, i) : slice(part, i, part.n), true);
    return out;
}

static void adjust_sizes(const Symbols *s, const SubPicture *p, NumberFormat *f)
{
    if (f->integer_min == 0 && f->fraction_max == 0) {
        if (p->has_exponent)
            f->fraction_min = f->fraction_max = 1;
        else
            f->integer_min = 1;
    }
    if (p->has_exponent && f->integer_min == 0 && contains(p->integer, s->of[OPTIONAL_DIGIT]))
        f->integer_min = 1;
    if (f->integer_min == 0 && f->fraction_min == 0) f->fraction_min = 1;
}

static void analyse(Ev *ev, const Symbols *s, const SubPicture *p, NumberFormat *f)
{
    *f = (NumberFormat){.prefix = p->prefix, .suffix = p->suffix};
    f->percent = contains(p->all, s->of[PERCENT]);
    f->per_mille = contains(p->all, s->of[PER_MILLE]);
    f->integer_groups = groups(ev, s, p->integer, false, &f->integer_groups_n);
    f->fraction_groups = groups(ev, s, p->fraction, true, &f->fraction_groups_n);
    f->every = jn_regular_interval(f->integer_groups, f->integer_groups_n);
    f->integer_min = f->scaling = count(s, p->integer, false);
    f->fraction_min = count(s, p->fraction, false);
    f->fraction_max = count(s, p->fraction, true);
    f->exponent_min = count(s, p->exponent, false);
    adjust_sizes(s, p, f);
}

static bool parse_one(Ev *ev, Runes all, const Symbols *s, NumberFormat *out)
{
    SubPicture p;
    if (!cut(s, all, &p)) return jn_fail(ev, all.n ? "D3086" : "D3085");
    const char *code = broken_rule(s, &p);
    if (code) return jn_fail(ev, code);
    analyse(ev, s, &p, out);
    return true;
}

bool jn_number_picture_parse(Ev *ev, Str picture, const Symbols *s, NumberFormat out[2])
{
    enum { PICTURE_MAX = 1000 };
    if (picture.n > PICTURE_MAX) return jn_fail_value(ev, "D3086", v_string(picture));
    Runes all = jn_runes_of(ev, picture), separator = s->of[PATTERN_SEPARATOR];
    int32_t at = find(all, separator, 0);
    if (at >= 0 && find(all, separator, at + 1) >= 0) return jn_fail(ev, "D3080");
    if (!jn_steps(ev, all.n) || !parse_one(ev, slice(all, 0, at < 0 ? all.n : at), s, &out[0]))
        return false;
    if (at >= 0) return parse_one(ev, slice(all, at + separator.n, all.n), s, &out[1]);
    out[1] = out[0];
    out[1].minus = true;
    return true;
}
