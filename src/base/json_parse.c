/* json_parse.c - a strict RFC 8259 parser into contiguous arrays, with a depth limit and exact error places. */
#include "base/encode.h"
#include "base/json.h"

typedef struct Parser {
    const char *begin, *p, *end;
    Arena *a;
    const char *why;
    Arena scratch;
} Parser;

static bool parse_value(Parser *s, Json *v, int depth);

static bool fail(Parser *s, const char *why)
{
    if (!s->why) s->why = why;
    return false;
}

static void skip_space(Parser *s)
{
    while (s->p < s->end && (*s->p == ' ' || *s->p == '\n' || *s->p == '\r' || *s->p == '\t'))
        s->p++;
}

static bool parse_word(Parser *s, Json *v, Str word, JsonType type)
{
    if (!str_starts((Str){s->p, s->end - s->p}, word)) return fail(s, "unknown literal");
    s->p += word.n;
    v->type = type;
    return true;
}

static bool skip_digits(Parser *s)
{
    const char *from = s->p;
    while (s->p < s->end && *s->p >= '0' && *s->p <= '9') s->p++;
    return s->p > from || fail(s, "digit expected");
}

static bool parse_number(Parser *s, Json *v)
{
    const char *from = s->p;
    if (*s->p == '-') s->p++;
    if (s->p < s->end && *s->p == '0')
        s->p++;
    else if (!skip_digits(s))
        return false;
    if (s->p < s->end && *s->p == '.') {
        s->p++;
        if (!skip_digits(s)) return false;
    }
    if (s->p < s->end && (*s->p | 32) == 'e') {
        s->p++;
        if (s->p < s->end && (*s->p == '+' || *s->p == '-')) s->p++;
        if (!skip_digits(s)) return false;
    }
    *v = (Json){.type = JSON_NUMBER, .n = (int32_t)(s->p - from), .text = from};
    return true;
}

/* Four hex digits at p, or -1. */
static int hex4(const char *p, const char *end)
{
    int value = 0;
    if (end - p < 4) return -1;
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(p[i]);
        if (digit < 0) return -1;
        value = value * 16 + digit;
    }
    return value;
}

/* The \uXXXX escape at *p (just after the 'u'), with its low surrogate if it needs one; -1: broken.
 */
static int32_t unicode_escape(const char **p, const char *end)
{
    int32_t c = hex4(*p, end);
    if (c < 0) return -1;
    *p += 4;
    if (c < 0xd800 || c >= 0xe000) return c;
    if (c >= 0xdc00 || end - *p < 6 || (*p)[0] != '\\' || (*p)[1] != 'u') return -1;
    int32_t low = hex4(*p + 2, end);
    if (low < 0xdc00 || low >= 0xe000) return -1;
    *p += 6;
    return 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
}

static char simple_escape(char c)
{
    switch (c) {
    case '"':
    case '\\':
    case '/': return c;
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    default: return 0;
    }
}

static bool unescape(Parser *s, const char *p, const char *end, Str *out)
{
    char *to = new_array(s->a, char, end - p + 1), *begin = to;
    while (p < end) {
        if (*p != '\\') {
            *to++ = *p++;
            continue;
        }
        char c = p[1];
        p += 2;
        if (c == 'u') {
            int32_t rune = unicode_escape(&p, end);
            if (rune < 0) return fail(s, "bad \\u escape");
            to += utf8_encode(rune, to);
        } else if (!(*to++ = simple_escape(c))) {
            return fail(s, "unknown escape");
        }
    }
    *out = (Str){begin, to - begin};
    return true;
}

static bool parse_string(Parser *s, Str *out)
{
    const char *from = ++s->p;
    bool escaped = false;
    for (;;) {
        if (s->p >= s->end) return fail(s, "unterminated string");
        unsigned char c = (unsigned char)*s->p;
        if (c == '"') break;
        if (c < 0x20) return fail(s, "control character in string");
        if (c == '\\') {
            escaped = true;
            s->p += 2;
        } else if (c < 0x80) {
            s->p++;
        } else {
            int n = utf8_length((Str){s->p, s->end - s->p});
            if (!n) return fail(s, "bad UTF-8");
            s->p += n;
        }
    }
    const char *to = s->p++;
    *out = (Str){from, to - from};
    return escaped ? unescape(s, from, to, out) : true;
}

/* After an item: true with *more telling whether a comma or the closing character came. */
static bool parse_separator(Parser *s, char close, bool *more)
{
    skip_space(s);
    if (s->p >= s->end) return fail(s, "unexpected end");
    if (*s->p != close && *s->p != ',') return fail(s, "',' or closing bracket expected");
    *more = *s->p++ == ',';
    return true;
}

static bool at_close(Parser *s, char close)
{
    s->p++;
    skip_space(s);
    if (s->p >= s->end || *s->p != close) return false;
    s->p++;
    return true;
}

static bool parse_array(Parser *s, Json *v, int depth)
{
    JsonArray items = {.a = &s->scratch};
    bool more = !at_close(s, ']');
    while (more) {
        Json item = {0};
        if (!parse_value(s, &item, depth + 1) || !parse_separator(s, ']', &more)) return false;
        json_add(&items, item);
    }
    Json *kept = new_array(s->a, Json, items.n);
    if (items.n) memcpy(kept, items.p, (size_t)items.n * sizeof *kept);
    *v = (Json){.type = JSON_ARRAY, .n = (int32_t)items.n, .items = kept};
    return true;
}

static bool parse_member(Parser *s, JsonMember *m, int depth)
{
    skip_space(s);
    if (s->p >= s->end || *s->p != '"') return fail(s, "member name expected");
    if (!parse_string(s, &m->key)) return false;
    skip_space(s);
    if (s->p >= s->end || *s->p != ':') return fail(s, "':' expected");
    s->p++;
    return parse_value(s, &m->value, depth + 1);
}

static bool parse_object(Parser *s, Json *v, int depth)
{
    JsonObject members = {.a = &s->scratch};
    bool more = !at_close(s, '}');
    while (more) {
        JsonMember m = {0};
        if (!parse_member(s, &m, depth) || !parse_separator(s, '}', &more)) return false;
        json_put(&members, m.key, m.value);
    }
    JsonMember *kept = new_array(s->a, JsonMember, members.n);
    if (members.n) memcpy(kept, members.p, (size_t)members.n * sizeof *kept);
    *v = (Json){.type = JSON_OBJECT, .n = (int32_t)members.n, .members = kept};
    return true;
}

static bool parse_text(Parser *s, Json *v)
{
    Str text = {0};
    if (!parse_string(s, &text)) return false;
    *v = json_string(text);
    return true;
}

static bool parse_value(Parser *s, Json *v, int depth)
{
    skip_space(s);
    if (s->p >= s->end) return fail(s, "value expected");
    if (depth > JSON_DEPTH_MAX) return fail(s, "nested too deeply");
    switch (*s->p) {
    case '{': return parse_object(s, v, depth);
    case '[': return parse_array(s, v, depth);
    case '"': return parse_text(s, v);
    case 't': return parse_word(s, v, S("true"), JSON_TRUE);
    case 'f': return parse_word(s, v, S("false"), JSON_FALSE);
    case 'n': return parse_word(s, v, S("null"), JSON_NULL);
    default: return parse_number(s, v);
    }
}

static JsonPlace place_of(const Parser *s)
{
    JsonPlace at = {1, 1};
    for (const char *p = s->begin; p < s->p && p < s->end; p++) {
        at.column = *p == '\n' ? 1 : at.column + 1;
        at.line += *p == '\n';
    }
    return at;
}

static bool parse(Parser *s, Json *out)
{
    Json v = {0};
    bool good = parse_value(s, &v, 0);
    skip_space(s);
    if (good && s->p != s->end) good = fail(s, "text after the value");
    arena_free(&s->scratch);
    if (good) *out = v;
    return good;
}

bool json_parse(Str in, Arena *a, Json *out, Error *err)
{
    if (in.n > JSON_BYTES_MAX)
        return error_set(err, ERR_SERIALIZATION, "JSON text of %" PRId64 " bytes is over the limit",
                         in.n);
    if (str_absent(in)) in = S("");
    Parser s = {.begin = in.p, .p = in.p, .end = in.p + in.n, .a = a};
    if (parse(&s, out)) return true;
    JsonPlace at = place_of(&s);
    return error_set(err, ERR_SERIALIZATION,
                     "not valid JSON: %s at line %" PRId64 ", column %" PRId64, s.why, at.line,
                     at.column);
}

bool json_broken(Str in, JsonPlace *at)
{
    Arena a = {0};
    Json ignored;
    Parser s = {.begin = in.p, .p = in.p, .end = in.p + in.n, .a = &a};
    bool broken = !parse(&s, &ignored);
    arena_free(&a);
    if (broken) *at = place_of(&s);
    return broken;
}
