/* text.c - code points, UTF-16 units and letter case of UTF-8 text that may hold lone surrogates. */
#include "core/jsonata/text.h"
#include "base/encode.h"

static bool is_surrogate(Str s)
{
    return s.n >= 3 && (unsigned char)s.p[0] == 0xed && (unsigned char)s.p[1] >= 0xa0 &&
           (s.p[2] & 0xc0) == 0x80;
}

static int rune_length(Str s)
{
    int n = utf8_length(s);
    return n ? n : is_surrogate(s) ? 3 : 1;
}

int32_t jn_decode_rune(Str s, int *bytes)
{
    static const unsigned char masks[] = {0, 0xff, 0x1f, 0x0f, 0x07};
    int n = rune_length(s);
    int32_t rune = (unsigned char)s.p[0] & masks[n];
    for (int i = 1; i < n; i++) rune = rune << 6 | (s.p[i] & 0x3f);
    *bytes = n;
    return rune;
}

int jn_encode_rune(int32_t rune, char out[4])
{
    if (rune < 0xd800 || rune >= 0xe000) return utf8_encode(rune, out);
    out[0] = (char)(0xe0 | rune >> 12);
    out[1] = (char)(0x80 | (rune >> 6 & 0x3f));
    out[2] = (char)(0x80 | (rune & 0x3f));
    return 3;
}

/* Walks to the end of the text, or until `units` of the kind wanted are behind; gives how many
 * there were. */
static int64_t walk(Str s, int64_t units, bool utf16, int64_t *offset)
{
    int64_t at = 0, count = 0;
    while (at < s.n && count < units) {
        int n = (unsigned char)s.p[at] < 0x80 ? 1 : rune_length((Str){s.p + at, s.n - at});
        count += utf16 && n == 4 ? 2 : 1;
        at += n;
    }
    *offset = at;
    return count;
}

int64_t jn_runes(Str s)
{
    int64_t end;
    return walk(s, INT64_MAX, false, &end);
}

int64_t jn_units(Str s)
{
    int64_t end;
    return walk(s, INT64_MAX, true, &end);
}

int64_t jn_rune_offset(Str s, int64_t n)
{
    int64_t at;
    walk(s, n, false, &at);
    return at;
}

int64_t jn_unit_offset(Str s, int64_t n)
{
    int64_t at;
    walk(s, n, true, &at);
    return at;
}

/* Bytes order UTF-8 by code point. By UTF-16 unit, U+E000..U+FFFF come behind everything above
 * U+FFFF. */
static int rank(char c)
{
    int byte = (unsigned char)c;
    return byte >= 0xf0 ? byte - 2 : byte >= 0xee ? byte + 0x20 : byte;
}

int jn_compare(Str x, Str y)
{
    int64_t n = x.n < y.n ? x.n : y.n, i = 0;
    while (i < n && x.p[i] == y.p[i]) i++;
    if (i < n) return rank(x.p[i]) < rank(y.p[i]) ? -1 : 1;
    return x.n < y.n ? -1 : x.n > y.n;
}

bool jn_has_lone_surrogate(Str s)
{
    for (int64_t at = 0; at < s.n;) {
        Str rest = {s.p + at, s.n - at};
        if (is_surrogate(rest)) return true;
        at += rune_length(rest);
    }
    return false;
}
