/* lexer.c - an expression's text into tokens. */
#include "base/encode.h"
#include "core/jsonata/ast.h"
#include "core/jsonata/regex.h"
#include "core/jsonata/text.h"
#include <math.h>

static Str rest(const Lexer *x)
{
    return str_slice(x->compiler->source, x->at, x->compiler->source.n);
}

static char peek(const Lexer *x, int64_t ahead)
{
    int64_t at = x->at + ahead;
    return at < x->compiler->source.n ? x->compiler->source.p[at] : 0;
}

static bool at_end(const Lexer *x)
{
    return x->at >= x->compiler->source.n;
}

/* The UTF-16 offset of where the lexer stands; it only goes forward. */
static int32_t position(Lexer *x)
{
    x->units += (int32_t)jn_units(str_slice(x->compiler->source, x->counted, x->at));
    x->counted = x->at;
    return x->units;
}

static bool refuse(Lexer *x, const char *code, Str token)
{
    return jn_refuse(x->compiler, (Failure){.code = code, .position = position(x), .token = token});
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v';
}

static bool is_operator(char c)
{
    return c && strchr(".[]{}(),@#;:?+-*/%|=<>^&!~", c);
}

static bool skip_comment(Lexer *x)
{
    int64_t end =
        str_find(str_slice(x->compiler->source, x->at + 2, x->compiler->source.n), S("*/"));
    if (end < 0) {
        x->at = x->compiler->source.n;
        return refuse(x, "S0106", (Str){0});
    }
    x->at += 2 + end + 2;
    return true;
}

static bool skip_blank(Lexer *x)
{
    for (;;) {
        while (is_blank(peek(x, 0))) x->at++;
        if (peek(x, 0) != '/' || peek(x, 1) != '*') return true;
        if (!skip_comment(x)) return false;
    }
}

/* Four hex digits of \uXXXX; -1: they are not. */
static int32_t hex4(Str s)
{
    int32_t value = 0;
    if (s.n < 4) return -1;
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(s.p[i]);
        if (digit < 0) return -1;
        value = value * 16 + digit;
    }
    return value;
}

/* \uXXXX, with the low surrogate that may follow it; the lexer stands on the u. */
static bool unicode_escape(Lexer *x, int32_t *rune)
{
    *rune = hex4(str_slice(rest(x), 1, 5));
    if (*rune < 0) return refuse(x, "S0104", (Str){0});
    x->at += 5;
    if (*rune < 0xd800 || *rune >= 0xdc00 || peek(x, 0) != '\\' || peek(x, 1) != 'u') return true;
    int32_t low = hex4(str_slice(rest(x), 2, 6));
    if (low < 0xdc00 || low >= 0xe000) return true;
    *rune = 0x10000 + ((*rune - 0xd800) << 10) + (low - 0xdc00);
    x->at += 6;
    return true;
}

static bool escape(Lexer *x, Buf *out)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    char bytes[4];
    int32_t rune;
    x->at++;
    const char *found = peek(x, 0) ? strchr(from, peek(x, 0)) : NULL;
    if (found) {
        buf_putc(out, to[found - from]);
        x->at++;
        return true;
    }
    if (peek(x, 0) != 'u') return refuse(x, "S0103", str_slice(rest(x), 0, 1));
    if (!unicode_escape(x, &rune)) return false;
    buf_put(out, (Str){bytes, jn_encode_rune(rune, bytes)});
    return true;
}

static bool lex_string(Lexer *x, Token *out)
{
    char quote = peek(x, 0);
    Buf text = {.a = x->compiler->a};
    x->at++;
    while (!at_end(x)) {
        char c = peek(x, 0);
        if (c == '\\') {
            if (!escape(x, &text)) return false;
            continue;
        }
        x->at++;
        if (c == quote) {
            *out = (Token){.type = TOKEN_STRING, .text = buf_str(&text), .position = position(x)};
            return true;
        }
        buf_putc(&text, c);
    }
    return refuse(x, "S0101", (Str){0});
}

static int64_t digits(Str s, int64_t at)
{
    while (at < s.n && s.p[at] >= '0' && s.p[at] <= '9') at++;
    return at;
}

/* The length of the number at the front: as in JSON, without a sign. */
static int64_t number_length(Str s)
{
    int64_t n = s.n && s.p[0] == '0' ? 1 : digits(s, 0);
    if (n + 1 < s.n && s.p[n] == '.' && digits(s, n + 1) > n + 1) n = digits(s, n + 1);
    if (n >= s.n || (s.p[n] | 32) != 'e') return n;
    int64_t e = n + 1;
    if (e < s.n && (s.p[e] == '+' || s.p[e] == '-')) e++;
    return digits(s, e) > e ? digits(s, e) : n;
}

static bool lex_number(Lexer *x, Token *out)
{
    Str text = str_slice(rest(x), 0, number_length(rest(x)));
    double number = jn_v_double(text);
    if (!isfinite(number)) return refuse(x, "S0102", text);
    x->at += text.n;
    *out = (Token){.type = TOKEN_NUMBER, .text = text, .number = number, .position = position(x)};
    return true;
}

static bool lex_quoted_name(Lexer *x, Token *out)
{
    x->at++;
    int64_t n = str_find_char(rest(x), '`');
    if (n < 0) {
        x->at = x->compiler->source.n;
        return refuse(x, "S0105", (Str){0});
    }
    Str name = str_slice(rest(x), 0, n);
    x->at += n + 1;
    *out = (Token){.type = TOKEN_NAME, .text = name, .position = position(x)};
    return true;
}

static void classify_name(Str word, Token *out)
{
    static const struct {
        Str word;
        TokenType type;
        ValueType value;
        bool truth;
    } words[] = {
        {STR_INIT("or"), TOKEN_OPERATOR, V_UNDEFINED, false},
        {STR_INIT("in"), TOKEN_OPERATOR, V_UNDEFINED, false},
        {STR_INIT("and"), TOKEN_OPERATOR, V_UNDEFINED, false},
        {STR_INIT("true"), TOKEN_VALUE, V_BOOLEAN, true},
        {STR_INIT("false"), TOKEN_VALUE, V_BOOLEAN, false},
        {STR_INIT("null"), TOKEN_VALUE, V_NULL, false},
    };
    *out = (Token){.type = TOKEN_NAME, .text = word};
    for (int i = 0; i < countof(words); i++)
        if (str_eq(word, words[i].word))
            *out = (Token){.type = words[i].type,
                           .text = word,
                           .value = {.type = (uint8_t)words[i].value, .truth = words[i].truth}};
}

static bool lex_name(Lexer *x, Token *out)
{
    int64_t n = 0;
    while (x->at + n < x->compiler->source.n && !is_blank(peek(x, n)) && !is_operator(peek(x, n)))
        n++;
    Str word = str_slice(rest(x), 0, n);
    x->at += n;
    if (word.p[0] == '$')
        *out = (Token){.type = TOKEN_VARIABLE, .text = str_slice(word, 1, n)};
    else
        classify_name(word, out);
    out->position = position(x);
    return true;
}

/* Whether the slash at `at` ends the expression: not escaped, and outside all brackets. */
static bool closing_slash(Str s, int64_t at, int depth)
{
    int64_t back = 0;
    if (s.p[at] != '/' || depth != 0) return false;
    while (back < at && s.p[at - 1 - back] == '\\') back++;
    return back % 2 == 0;
}

static bool find_regex_end(Lexer *x, int64_t *end)
{
    Str s = rest(x);
    int depth = 0;
    for (int64_t i = 0; i < s.n; i++) {
        if (closing_slash(s, i, depth)) {
            *end = i;
            return i > 0 || refuse(x, "S0301", (Str){0});
        }
        bool escaped = i > 0 && s.p[i - 1] == '\\';
        if (!escaped && strchr("([{", s.p[i]) && s.p[i]) depth++;
        if (!escaped && strchr(")]}", s.p[i]) && s.p[i]) depth--;
    }
    x->at = x->compiler->source.n;
    return refuse(x, "S0302", (Str){0});
}

static bool lex_regex(Lexer *x, Token *out)
{
    int64_t end = 0;
    const char *why;
    bool ignore_case = false, lines = false;
    x->at++;
    if (!find_regex_end(x, &end)) return false;
    Str pattern = str_slice(rest(x), 0, end);
    for (x->at += end + 1; peek(x, 0) == 'i' || peek(x, 0) == 'm'; x->at++)
        *(peek(x, 0) == 'i' ? &ignore_case : &lines) = true;
    *out = (Token){.type = TOKEN_REGEX, .text = pattern, .position = position(x)};
    out->regex = jn_regex_compile(x->compiler->a, pattern, ignore_case, lines, &why);
    if (out->regex) return true;
    return jn_refuse(x->compiler, (Failure){.code = "S0303",
                                            .position = position(x),
                                            .token = pattern,
                                            .text = str_copy(x->compiler->a, str_from(why))});
}

static bool lex_operator(Lexer *x, Token *out)
{
    static const Str two[] = {STR_INIT(".."), STR_INIT(":="), STR_INIT("!="),
                              STR_INIT(">="), STR_INIT("<="), STR_INIT("**"),
                              STR_INIT("~>"), STR_INIT("?:"), STR_INIT("??")};
    int64_t n = 1;
    for (int i = 0; i < countof(two); i++)
        if (str_starts(rest(x), two[i])) n = 2;
    *out = (Token){.type = TOKEN_OPERATOR, .text = str_slice(rest(x), 0, n)};
    x->at += n;
    out->position = position(x);
    return true;
}

bool jn_next_token(Lexer *x, bool infix, Token *out)
{
    if (!skip_blank(x)) return false;
    char c = peek(x, 0);
    if (at_end(x)) {
        *out = (Token){.type = TOKEN_END, .text = S("(end)"), .position = position(x)};
        return true;
    }
    if (c == '/' && !infix) return lex_regex(x, out);
    if (is_operator(c)) return lex_operator(x, out);
    if (c == '"' || c == '\'') return lex_string(x, out);
    if (c >= '0' && c <= '9') return lex_number(x, out);
    if (c == '`') return lex_quoted_name(x, out);
    return lex_name(x, out);
}
