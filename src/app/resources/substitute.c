/* substitute.c - ${Name} in a text, replaced by what an object says of Name. */
#include "app/resources/substitute.h"

Str substitute(Str text, const Json *names, Arena *a)
{
    Buf b = {.a = a};
    if (!json_count(names)) return text;
    while (text.n) {
        int64_t at = str_find(text, S("${"));
        if (at < 0) break;
        Str rest = str_slice(text, at + 2, text.n);
        int64_t end = str_find_char(rest, '}');
        if (end < 0) break;
        const Json *value = json_get(names, str_slice(rest, 0, end));
        buf_put(&b, str_slice(text, 0, at));
        if (!value)
            buf_put(&b, str_slice(text, at, at + 2));
        else
            buf_put(&b, json_is(value, JSON_STRING) ? json_text(value) : json_to_str(a, value));
        text = value ? str_slice(rest, end + 1, rest.n) : rest;
    }
    buf_put(&b, text);
    return buf_str(&b);
}
