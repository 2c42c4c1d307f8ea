/* fn_url.c - encoding and decoding of URLs and their components, as ECMAScript defines them. */
#include "base/encode.h"
#include "core/jsonata/functions.h"
#include "core/jsonata/text.h"

/* What stays besides the unreserved characters of RFC 3986. */
#define COMPONENT_KEEPS "!*'()"
#define URL_RESERVED    ";/?:@&=+$,#"

static bool malformed(Call *c, const char *function)
{
    return jn_fail_with(
        c->ev,
        (Failure){.code = "D3140", .value = arg(c, 0), .text = str_from(function), .position = -1});
}

static bool encode(Call *c, Str keep, const char *function, Value *out)
{
    Str s = v_text(arg(c, 0));
    if (is_undefined(arg(c, 0))) return true;
    if (!jn_room(c->ev, 3 * s.n + 1) || !jn_steps(c->ev, s.n / 4)) return false;
    if (jn_has_lone_surrogate(s)) return malformed(c, function);
    *out = v_string(percent_encode(c->ev->a, s, keep));
    return true;
}

bool jn_fn_encode_url_component(Call *c, Value *out)
{
    return encode(c, S(COMPONENT_KEEPS), "encodeUrlComponent", out);
}

bool jn_fn_encode_url(Call *c, Value *out)
{
    return encode(c, S(COMPONENT_KEEPS URL_RESERVED), "encodeUrl", out);
}

/* The bytes of one character that is written as %XX, in to[]; 0: it is malformed. */
static int escaped_character(Str s, char to[4])
{
    static const int lengths[] = {1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 2, 2, 3, 4};
    if (s.n < 3 || !hex_decode(str_slice(s, 1, 3), to, 1)) return 0;
    int n = lengths[(unsigned char)to[0] >> 4];
    for (int i = 1; i < n; i++)
        if (s.n < 3 * i + 3 || s.p[3 * i] != '%' ||
            !hex_decode(str_slice(s, 3 * i + 1, 3 * i + 3), &to[i], 1))
            return 0;
    return n && utf8_length((Str){to, n}) == n ? n : 0;
}

/* Characters of `keep` stay escaped. */
static bool decode(Call *c, Str keep, const char *function, Value *out)
{
    Text text = {.ev = c->ev};
    Str s = v_text(arg(c, 0));
    if (is_undefined(arg(c, 0))) return true;
    if (!jn_steps(c->ev, s.n / 4)) return false;
    for (int64_t at = 0; at < s.n;) {
        char bytes[4];
        if (s.p[at] != '%') {
            jn_putc(&text, s.p[at++]);
            continue;
        }
        int n = escaped_character(str_slice(s, at, s.n), bytes);
        if (!n) return malformed(c, function);
        bool stays = n == 1 && str_find_char(keep, bytes[0]) >= 0;
        jn_put(&text, stays ? str_slice(s, at, at + 3) : (Str){bytes, n});
        at += 3 * n;
    }
    return jn_text(&text, out);
}

bool jn_fn_decode_url_component(Call *c, Value *out)
{
    return decode(c, S(""), "decodeUrlComponent", out);
}

bool jn_fn_decode_url(Call *c, Value *out)
{
    return decode(c, S(URL_RESERVED), "decodeUrl", out);
}
