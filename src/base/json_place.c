/* json_place.c - where in a JSON text the value lies that a JSON pointer names. */
#include "base/json.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static int64_t skip_blanks(Str s, int64_t at)
{
    while (at < s.n && is_blank(s.p[at])) at++;
    return at;
}

/* From an opening quote to behind the closing one. */
static int64_t skip_string(Str s, int64_t at)
{
    for (at++; at < s.n && s.p[at] != '"'; at++)
        if (s.p[at] == '\\') at++;
    return at + 1;
}

static int64_t skip_value(Str s, int64_t at)
{
    int depth = 0;
    for (; at < s.n; at++) {
        char c = s.p[at];
        if (depth == 0 && (c == ',' || c == ']' || c == '}' || is_blank(c))) return at;
        if (c == '"')
            at = skip_string(s, at) - 1;
        else if (c == '{' || c == '[')
            depth++;
        else if (c == '}' || c == ']')
            depth--;
    }
    return at;
}

static bool is_key(Str text, Arena *a, Str wanted)
{
    Json key;
    Error err;
    return json_parse(text, a, &key, &err) && str_eq(json_text(&key), wanted);
}

/* ~1 is a slash and ~0 a tilde (RFC 6901, section 4). */
static Str unescaped(Arena *a, Str part)
{
    Buf b = {.a = a};
    for (int64_t i = 0; i < part.n; i++) {
        bool escape = part.p[i] == '~' && i + 1 < part.n;
        buf_putc(&b, escape ? (part.p[i + 1] == '1' ? '/' : '~') : part.p[i]);
        i += escape;
    }
    return buf_str(&b);
}

/* In the object or array at *at: *named where what `part` names begins (a member's key, an item),
 * *at where its value does. */
static bool enter(Str s, Str part, Arena *a, int64_t *at, int64_t *named)
{
    bool object = s.p[*at] == '{', found = false;
    int64_t index, i = skip_blanks(s, *at + 1);
    if (!object && (s.p[*at] != '[' || !str_to_int(part, &index))) return false;
    for (int64_t n = 0; !found && i < s.n && s.p[i] != ']' && s.p[i] != '}'; n++) {
        int64_t begin = i;
        if (object) {
            int64_t end = skip_string(s, i);
            found = is_key(str_slice(s, i, end), a, part);
            i = skip_blanks(s, skip_blanks(s, end) + 1);
        } else {
            found = n == index;
        }
        if (found) *named = begin, *at = i;
        i = skip_blanks(s, skip_value(s, i));
        if (i < s.n && s.p[i] == ',') i = skip_blanks(s, i + 1);
    }
    return found;
}

JsonPlace json_place(Str text, Str pointer)
{
    Arena a = {0};
    Str part, rest = str_starts(pointer, S("/")) ? str_slice(pointer, 1, pointer.n) : S("");
    int64_t at = skip_blanks(text, 0), named = at;
    while (at < text.n && str_cut(&rest, '/', &part))
        if (!enter(text, unescaped(&a, part), &a, &at, &named)) break;
    arena_free(&a);
    JsonPlace place = {1, 1};
    for (int64_t i = 0; i < named && i < text.n; i++) {
        place.column = text.p[i] == '\n' ? 1 : place.column + 1;
        place.line += text.p[i] == '\n';
    }
    return place;
}
