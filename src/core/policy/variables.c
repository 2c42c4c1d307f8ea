/* variables.c - policy variables: ${aws:username}, ${key, 'default'}, ${*}; their values are never patterns. */
#include "base/glob.h"
#include "core/policy/policy_inside.h"

const PolicyKey *policy_key(const PolicyRequest *r, Str name)
{
    for (int i = 0; i < r->keys_n; i++)
        if (str_eq_nocase(r->keys[i].name, name)) return &r->keys[i];
    return NULL;
}

/* What stands in braces. A key with several values has none of its own. */
static bool value_of(const PolicyContext *c, Str inside, Str *out)
{
    int64_t comma = str_find_char(inside, ',');
    Str name = str_trim(comma < 0 ? inside : str_slice(inside, 0, comma));
    Str otherwise = comma < 0 ? (Str){0} : str_trim(str_slice(inside, comma + 1, inside.n));
    if (name.n == 1 && strchr("*?$", name.p[0])) return *out = name, true;
    const PolicyKey *key = policy_key(c->r, name);
    if (key && key->n == 1) return *out = key->values[0], true;
    if (otherwise.n < 2 || otherwise.p[0] != '\'' || otherwise.p[otherwise.n - 1] != '\'')
        return false;
    return *out = str_slice(otherwise, 1, otherwise.n - 1), true;
}

static void put_char(Buf *b, char c, bool wild)
{
    if (wild && c == '*') c = GLOB_MARK_STAR;
    if (wild && c == '?') c = GLOB_MARK_ANY;
    buf_putc(b, c);
}

/* The end of a ${..} that begins at `at`; -1: none does. */
static int64_t variable_end(const PolicyContext *c, Str text, int64_t at)
{
    if (!c->variables || at + 1 >= text.n || text.p[at] != '$' || text.p[at + 1] != '{') return -1;
    int64_t end = str_find_char(str_slice(text, at, text.n), '}');
    return end < 0 ? -1 : at + end;
}

bool policy_expand(const PolicyContext *c, Str text, bool wild, Str *out)
{
    Buf b = {.a = c->a};
    Str value;
    for (int64_t i = 0; i < text.n; i++) {
        int64_t end = variable_end(c, text, i);
        if (end < 0) {
            put_char(&b, text.p[i], wild);
            continue;
        }
        if (!value_of(c, str_slice(text, i + 2, end), &value)) return false;
        buf_put(&b, value);
        i = end;
    }
    *out = buf_str(&b);
    return true;
}
