/* place.c - goes through the text of a policy, value by value, to the one that is asked for. */
#include "core/policy/place.h"

static int64_t skip_blanks(Str s, int64_t at)
{
    while (at < s.n && strchr(" \t\r\n,:", s.p[at])) at++;
    return at;
}

/* Behind the string that begins here. */
static int64_t skip_string(Str s, int64_t at)
{
    for (at++; at < s.n && s.p[at] != '"'; at++)
        if (s.p[at] == '\\') at++;
    return at < s.n ? at + 1 : s.n;
}

static int64_t skip_value(Str s, int64_t at)
{
    int64_t depth = 0;
    while (at < s.n) {
        char c = s.p[at];
        if (c == '"') {
            at = skip_string(s, at);
        } else {
            if (c == '{' || c == '[') depth++;
            if (c == '}' || c == ']') depth--;
            at++;
        }
        bool over = at >= s.n || strchr(",]} \t\r\n", s.p[at]);
        if (depth <= 0 && (c == '"' || c == '}' || c == ']' || over)) return at;
    }
    return s.n;
}

/* The value of the member of this name; s.n: there is none. */
static int64_t member(Str s, Str name)
{
    int64_t at = skip_blanks(s, 0);
    if (at >= s.n || s.p[at] != '{') return s.n;
    for (at = skip_blanks(s, at + 1); at < s.n && s.p[at] == '"';) {
        int64_t end = skip_string(s, at);
        bool this = str_eq(str_slice(s, at + 1, end - 1), name);
        at = skip_blanks(s, end);
        if (this) return at;
        at = skip_blanks(s, skip_value(s, at));
    }
    return s.n;
}

static PolicyPlace place_of(Str s, int64_t at)
{
    PolicyPlace p = {1, 1};
    for (int64_t i = 0; i < at; i++)
        p = s.p[i] == '\n' ? (PolicyPlace){p.line + 1, 1} : (PolicyPlace){p.line, p.column + 1};
    return p;
}

bool policy_place(Str text, int32_t statement, PolicyPlace *begin, PolicyPlace *end)
{
    int64_t at = member(text, S("Statement"));
    if (at >= text.n) return false;
    bool list = text.p[at] == '[';
    if (list) at = skip_blanks(text, at + 1);
    for (int32_t i = 0; i < statement && list && at < text.n && text.p[at] != ']'; i++)
        at = skip_blanks(text, skip_value(text, at));
    if (at >= text.n || text.p[at] == ']' || (!list && statement)) return false;
    *begin = place_of(text, at);
    *end = place_of(text, skip_value(text, at));
    return true;
}
