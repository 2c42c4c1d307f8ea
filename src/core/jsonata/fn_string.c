/* fn_string.c - functions of texts that need no pattern. */
#include "base/encode.h"
#include "core/jsonata/functions.h"
#include "core/jsonata/text.h"
#include <math.h>

bool jn_fn_string(Call *c, Value *out)
{
    Text text = {.ev = c->ev};
    Value v = arg(c, 0);
    bool pretty = arg(c, 1).type == V_BOOLEAN && arg(c, 1).truth;
    if (!pretty || (!is_array(v) && !is_object(v))) return jn_to_string(c->ev, v, out);
    return jn_stringify(c->ev, &text, v_context(v), true) && jn_text(&text, out);
}

bool jn_fn_length(Call *c, Value *out)
{
    if (is_undefined(arg(c, 0))) return true;
    jn_charge(c->ev, arg(c, 0).n);
    *out = v_number((double)jn_runes(v_text(arg(c, 0))));
    return true;
}

/* Towards zero, into [0, most]: how JavaScript takes positions. */
static int64_t clamp(double x, int64_t most)
{
    return !(x > 0) ? 0 : x >= (double)most ? most : (int64_t)x;
}

static Str runes_between(Str s, int64_t from, int64_t to)
{
    int64_t start = jn_rune_offset(s, from);
    int64_t n = to > from ? jn_rune_offset(str_slice(s, start, s.n), to - from) : 0;
    return str_slice(s, start, start + n);
}

bool jn_fn_substring(Call *c, Value *out)
{
    if (is_undefined(arg(c, 0))) return true;
    Str s = v_text(arg(c, 0));
    jn_charge(c->ev, 3 * s.n);
    int64_t n = jn_runes(s);
    double start = arg(c, 1).type == V_NUMBER ? arg(c, 1).number : 0;
    if ((double)n + start < 0) start = 0;
    double from = start < 0 ? (double)n + trunc(start) : start, end = (double)n;
    if (!is_undefined(arg(c, 2))) end = (start < 0 ? (double)n + start : start) + arg(c, 2).number;
    bool none = !is_undefined(arg(c, 2)) && !(arg(c, 2).number > 0);
    *out = v_string(none ? S("") : runes_between(s, clamp(from, n), clamp(end, n)));
    return true;
}

/* The place of the text, -1 when it is not there; a missing text is nowhere. */
static int64_t find(Call *c, int64_t from)
{
    Str s = v_text(arg(c, 0));
    if (!is_string(arg(c, 1))) return -1;
    int64_t at = str_find(str_slice(s, from, s.n), v_text(arg(c, 1)));
    jn_charge(c->ev, at < 0 ? s.n : at);
    return at;
}

bool jn_fn_substring_before(Call *c, Value *out)
{
    *out = arg(c, 0);
    if (is_undefined(*out)) return true;
    int64_t at = find(c, 0);
    if (at >= 0) *out = v_string(str_slice(v_text(arg(c, 0)), 0, at));
    return true;
}

bool jn_fn_substring_after(Call *c, Value *out)
{
    *out = arg(c, 0);
    if (is_undefined(*out)) return true;
    int64_t at = find(c, 0);
    if (at >= 0) *out = v_string(str_slice(v_text(arg(c, 0)), at + arg(c, 1).n, arg(c, 0).n));
    return true;
}

typedef int Recase(int32_t rune, int32_t out[CASE_RUNES_MAX]);

static bool has_case(int32_t rune)
{
    int32_t upper[CASE_RUNES_MAX], lower[CASE_RUNES_MAX];
    jn_rune_upper(rune, upper);
    jn_rune_lower(rune, lower);
    return upper[0] != rune || lower[0] != rune;
}

/* Sigma has a form of its own at the end of a word. */
static bool is_final_sigma(int32_t before, int32_t rune, Str after)
{
    enum { CAPITAL_SIGMA = 0x3a3 };
    int bytes;
    return rune == CAPITAL_SIGMA && has_case(before) &&
           !(after.n && has_case(jn_decode_rune(after, &bytes)));
}

static bool recase(Call *c, Recase *change, Value *out)
{
    Text text = {.ev = c->ev};
    Str s = v_text(arg(c, 0));
    if (is_undefined(arg(c, 0))) return true;
    if (!jn_steps(c->ev, s.n / 8) || !jn_room(c->ev, s.n)) return false;
    int32_t before = ' ', rune;
    for (int64_t at = 0; at < s.n; before = rune) {
        int32_t runes[CASE_RUNES_MAX];
        int bytes;
        rune = jn_decode_rune(str_slice(s, at, s.n), &bytes);
        at += bytes;
        int n = change(rune, runes);
        if (change == jn_rune_lower && is_final_sigma(before, rune, str_slice(s, at, s.n)))
            runes[0] = 0x3c2;
        for (int i = 0; i < n; i++) jn_put_rune(&text, runes[i]);
    }
    return jn_text(&text, out);
}

bool jn_fn_uppercase(Call *c, Value *out)
{
    return recase(c, jn_rune_upper, out);
}

bool jn_fn_lowercase(Call *c, Value *out)
{
    return recase(c, jn_rune_lower, out);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool jn_fn_trim(Call *c, Value *out)
{
    Text text = {.ev = c->ev};
    Str s = v_text(arg(c, 0)), word;
    if (is_undefined(arg(c, 0))) return true;
    jn_charge(c->ev, s.n);
    while (s.n > 0) {
        int64_t from = 0, to;
        while (from < s.n && is_blank(s.p[from])) from++;
        for (to = from; to < s.n && !is_blank(s.p[to]);) to++;
        word = str_slice(s, from, to);
        if (text.n && word.n) jn_putc(&text, ' ');
        jn_put(&text, word);
        s = str_slice(s, to, s.n);
    }
    return jn_text(&text, out);
}

static bool put_padding(Call *c, Text *text, int64_t runes, Str with)
{
    int64_t each = jn_runes(with);
    if (!jn_room(c->ev, runes / each * with.n) || !jn_steps(c->ev, runes / 8)) return false;
    for (; runes >= each; runes -= each) jn_put(text, with);
    jn_put(text, str_slice(with, 0, jn_rune_offset(with, runes)));
    return true;
}

bool jn_fn_pad(Call *c, Value *out)
{
    Text text = {.ev = c->ev};
    Str s = v_text(arg(c, 0)), with = arg(c, 2).n > 0 ? v_text(arg(c, 2)) : S(" ");
    double width = arg(c, 1).type == V_NUMBER ? arg(c, 1).number : 0;
    *out = arg(c, 0);
    if (is_undefined(*out)) return true;
    jn_charge(c->ev, s.n);
    int64_t missing = clamp(fabs(width), (int64_t)1 << 40) - jn_runes(s);
    if (missing <= 0) return true;
    if (width < 0 && !put_padding(c, &text, missing, with)) return false;
    jn_put(&text, s);
    if (width > 0 && !put_padding(c, &text, missing, with)) return false;
    return jn_text(&text, out);
}

bool jn_fn_join(Call *c, Value *out)
{
    Text text = {.ev = c->ev};
    Value list = arg(c, 0);
    Str separator = is_string(arg(c, 1)) ? v_text(arg(c, 1)) : S("");
    if (is_undefined(list)) return true;
    for (int32_t i = 0; i < list.n; i++) {
        if (!jn_step(c->ev)) return false;
        if (i) jn_put(&text, separator);
        jn_put(&text, v_text(jn_v_at(list, i)));
    }
    return jn_text(&text, out);
}

/* Base64 of the UTF-8. */
bool jn_fn_base64encode(Call *c, Value *out)
{
    Str s = v_text(arg(c, 0));
    if (is_undefined(arg(c, 0))) return true;
    if (!jn_room(c->ev, s.n / 3 * 4 + 8) || !jn_steps(c->ev, s.n / 16)) return false;
    *out = v_string(base64_encode(c->ev->a, s));
    return true;
}

static int base64_digit(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(digits, c == '-' ? '+' : c == '_' ? '/' : c) : NULL;
    return at ? (int)(at - digits) : -1;
}

/* Lenient, as everywhere in JavaScript: what is no digit is skipped, padding may be missing. */
static Str decode_base64(Ev *ev, Str s)
{
    Text bytes = {.ev = ev};
    uint32_t word = 0;
    int bits = 0;
    for (int64_t i = 0; i < s.n && s.p[i] != '='; i++) {
        int digit = base64_digit(s.p[i]);
        if (digit < 0) continue;
        word = word << 6 | (uint32_t)digit;
        bits += 6;
        if (bits < 8) continue;
        bits -= 8;
        jn_putc(&bytes, (char)(word >> bits & 0xff));
    }
    return jn_str(&bytes);
}

/* Bytes that are no UTF-8 become U+FFFD. */
static bool put_utf8(Ev *ev, Str bytes, Value *out)
{
    Text text = {.ev = ev};
    for (int64_t at = 0; at < bytes.n;) {
        Str rest = str_slice(bytes, at, bytes.n);
        int n = utf8_length(rest);
        if (n)
            jn_put(&text, str_slice(rest, 0, n));
        else
            jn_put_rune(&text, 0xfffd);
        at += n ? n : 1;
    }
    return jn_text(&text, out);
}

bool jn_fn_base64decode(Call *c, Value *out)
{
    Str s = v_text(arg(c, 0));
    if (is_undefined(arg(c, 0))) return true;
    if (!jn_steps(c->ev, s.n / 8)) return false;
    return put_utf8(c->ev, decode_base64(c->ev, s), out);
}
