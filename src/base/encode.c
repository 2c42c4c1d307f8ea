/* encode.c - hexadecimal, Base64, percent-encoding and UTF-8. */
#include "base/encode.h"

Str hex_encode(Arena *a, const void *bytes, int64_t n)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *in = bytes;
    char *out = new_array(a, char, 2 * n + 1);
    for (int64_t i = 0; i < n; i++) {
        out[2 * i] = digits[in[i] >> 4];
        out[2 * i + 1] = digits[in[i] & 15];
    }
    return (Str){out, 2 * n};
}

bool hex_decode(Str text, void *out, int64_t n)
{
    unsigned char *to = out;
    if (text.n != 2 * n) return false;
    for (int64_t i = 0; i < n; i++) {
        int high = hex_digit(text.p[2 * i]), low = hex_digit(text.p[2 * i + 1]);
        if (high < 0 || low < 0) return false;
        to[i] = (unsigned char)(high << 4 | low);
    }
    return true;
}

static const char base64_alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

Str base64_encode(Arena *a, Str s)
{
    char *out = new_array(a, char, (s.n + 2) / 3 * 4 + 1);
    int64_t n = 0;
    for (int64_t i = 0; i < s.n; i += 3) {
        int64_t left = s.n - i;
        uint32_t b0 = (unsigned char)s.p[i], b1 = left > 1 ? (unsigned char)s.p[i + 1] : 0,
                 b2 = left > 2 ? (unsigned char)s.p[i + 2] : 0, word = b0 << 16 | b1 << 8 | b2;
        out[n++] = base64_alphabet[word >> 18];
        out[n++] = base64_alphabet[word >> 12 & 63];
        out[n++] = left > 1 ? base64_alphabet[word >> 6 & 63] : '=';
        out[n++] = left > 2 ? base64_alphabet[word & 63] : '=';
    }
    return (Str){out, n};
}

static int base64_digit(char c)
{
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool base64_decode(Arena *a, Str s, Str *out)
{
    if (s.n % 4) return false;
    int64_t padding = s.n && s.p[s.n - 1] == '=' ? 1 + (s.p[s.n - 2] == '=') : 0,
            digits = s.n - padding, n = 0;
    char *to = new_array(a, char, s.n / 4 * 3 + 1);
    uint32_t word = 0;
    for (int64_t i = 0; i < s.n; i++) {
        int digit = i < digits ? base64_digit(s.p[i]) : 0;
        if (digit < 0) return false;
        word = word << 6 | (uint32_t)digit;
        if (i % 4 != 3) continue;
        to[n++] = (char)(word >> 16);
        to[n++] = (char)(word >> 8);
        to[n++] = (char)word;
        word = 0;
    }
    *out = (Str){to, n - padding};
    return true;
}

static bool unreserved(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

Str percent_encode(Arena *a, Str s, Str keep)
{
    static const char digits[] = "0123456789ABCDEF";
    char *out = new_array(a, char, 3 * s.n + 1);
    int64_t n = 0;
    for (int64_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (unreserved((char)c) || str_find_char(keep, (char)c) >= 0) {
            out[n++] = (char)c;
        } else {
            out[n++] = '%';
            out[n++] = digits[c >> 4];
            out[n++] = digits[c & 15];
        }
    }
    return (Str){out, n};
}

bool percent_decode(Arena *a, Str s, bool plus_is_blank, Str *out)
{
    char *to = new_array(a, char, s.n + 1);
    int64_t n = 0;
    for (int64_t i = 0; i < s.n; i++) {
        if (s.p[i] == '%') {
            if (i + 2 >= s.n || !hex_decode(str_slice(s, i + 1, i + 3), &to[n], 1)) return false;
            n++, i += 2;
        } else {
            to[n++] = plus_is_blank && s.p[i] == '+' ? ' ' : s.p[i];
        }
    }
    *out = (Str){to, n};
    return true;
}

static int sequence_length(unsigned char lead)
{
    return lead < 0x80   ? 1
           : lead < 0xc2 ? 0
           : lead < 0xe0 ? 2
           : lead < 0xf0 ? 3
           : lead < 0xf5 ? 4
                         : 0;
}

/* Overlong forms, surrogates and values over U+10FFFF are seen in the second byte (RFC 3629). */
int utf8_length(Str s)
{
    const unsigned char *p = (const unsigned char *)s.p;
    int n = s.n ? sequence_length(p[0]) : 0;
    if (!n || s.n < n) return 0;
    for (int i = 1; i < n; i++)
        if ((p[i] & 0xc0) != 0x80) return 0;
    if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
        (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
        return 0;
    return n;
}

int utf8_encode(int32_t c, char out[4])
{
    check(c >= 0 && c <= 0x10ffff);
    if (c < 0x80) return out[0] = (char)c, 1;
    int n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (int i = n - 1; i > 0; i--, c >>= 6) out[i] = (char)(0x80 | (c & 63));
    out[0] = (char)((n == 2 ? 0xc0 : n == 3 ? 0xe0 : 0xf0) | c);
    return n;
}

bool utf8_valid(Str s)
{
    for (int64_t i = 0; i < s.n;) {
        int n = utf8_length(str_slice(s, i, s.n));
        if (!n) return false;
        i += n;
    }
    return true;
}

int64_t utf8_count(Str s)
{
    int64_t count = 0;
    for (int64_t i = 0; i < s.n; count++) {
        int n = utf8_length(str_slice(s, i, s.n));
        i += n ? n : 1;
    }
    return count;
}
