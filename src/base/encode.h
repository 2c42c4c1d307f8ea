/* encode.h - hexadecimal, Base64, percent-encoding and UTF-8: bytes to text and back. */
#pragma once
#include "base/str.h"

static inline int hex_digit(char c)
{
    return c >= '0' && c <= '9'                 ? c - '0'
           : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10
                                                : -1;
}
Str hex_encode(Arena *a, const void *bytes, int64_t n);   /* lower case */
must_use bool hex_decode(Str text, void *out, int64_t n); /* exactly 2n digits, either case */

Str base64_encode(Arena *a, Str bytes);                    /* RFC 4648 with padding */
must_use bool base64_decode(Arena *a, Str text, Str *out); /* strict: padding required, no blanks */

/* RFC 3986: everything but A-Z a-z 0-9 - . _ ~ becomes %XX; `keep` lists further bytes left as they
 * are. */
Str percent_encode(Arena *a, Str s, Str keep);
/* false: a % that two hex digits do not follow. plus_is_blank: as in HTML forms. */
must_use bool percent_decode(Arena *a, Str s, bool plus_is_blank, Str *out);

int utf8_length(Str s);                     /* bytes of the well-formed character at s.p; 0: none */
int utf8_encode(int32_t rune, char out[4]); /* bytes written; rune must be a scalar value */
bool utf8_valid(Str s);
int64_t utf8_count(Str s); /* characters; ill-formed bytes count one each */
