/* match.c - whether a message is what a parsed filter pattern asks for. */
#include "core/logfilter/inside.h"

enum { COLUMNS_MAX = 1024 }; /* of a message; further ones are not told apart */

/* ---- texts ---- */

/* * is any text. The last star is where a mismatch goes back to, so the cost is at most n * m. */
static bool fits(Str pattern, Str text)
{
    int64_t p = 0, t = 0, star = -1, from = 0;
    while (t < text.n) {
        if (p < pattern.n && pattern.p[p] == '*') {
            star = p++;
            from = t;
        } else if (p < pattern.n && pattern.p[p] == text.p[t]) {
            p++, t++;
        } else if (star >= 0) {
            p = star + 1;
            t = ++from;
        } else {
            return false;
        }
    }
    while (p < pattern.n && pattern.p[p] == '*') p++;
    return p == pattern.n;
}

static bool contains(const LogValue *v, Str message)
{
    return v->regex ? logfilter_regex_finds(v->regex, message) : str_find(message, v->text) >= 0;
}

static bool match_terms(const LogFilter *f, Str message)
{
    bool plain = false, optional = false, found = false;
    for (int64_t i = 0; i < f->terms.n; i++) {
        const LogTerm *t = &f->terms.p[i];
        bool here = contains(&t->value, message);
        if (t->sign == '?')
            optional = true, found |= here;
        else if (plain = true, here == (t->sign == '-'))
            return false;
    }
    return plain || !optional || found;
}

/* ---- comparisons ---- */

/* What a value is compared as; false: it is not a scalar. */
static bool scalar_text(const Json *v, Str *out)
{
    if (v->type == JSON_TRUE || v->type == JSON_FALSE)
        *out = v->type == JSON_TRUE ? S("true") : S("false");
    else
        *out = json_text(v);
    return !str_absent(*out) || v->type == JSON_STRING;
}

static bool equal(const LogValue *want, const Json *v, bool column, Str text, Arena *a)
{
    Decimal number;
    if (want->regex) return logfilter_regex_finds(want->regex, text);
    if (want->is_number && (column || v->type == JSON_NUMBER) && decimal_parse(a, text, &number))
        return decimal_cmp(&number, &want->number) == 0;
    return fits(want->text, text);
}

static bool ordered(LogOp op, int cmp)
{
    return (op == LOG_LT && cmp < 0) || (op == LOG_GT && cmp > 0) || (op == LOG_LE && cmp <= 0) ||
           (op == LOG_GE && cmp >= 0);
}

static bool compare(const LogNode *n, const Json *v, bool column, Arena *a)
{
    Str text;
    Decimal number;
    if (n->op == LOG_IS_NULL) return v->type == JSON_NULL;
    if (n->op == LOG_IS_TRUE) return v->type == JSON_TRUE;
    if (n->op == LOG_IS_FALSE) return v->type == JSON_FALSE;
    if (!scalar_text(v, &text)) return false;
    if (n->op == LOG_EQ || n->op == LOG_NE)
        return equal(&n->value, v, column, text, a) == (n->op == LOG_EQ);
    return (column || v->type == JSON_NUMBER) && decimal_parse(a, text, &number) &&
           ordered(n->op, decimal_cmp(&number, &n->value.number));
}

/* Something at the path from step `from` on passes; NOT EXISTS asks whether there is anything. */
static bool reach(const LogNode *n, int64_t from, const Json *v, Arena *a)
{
    if (!v) return false;
    if (from == n->path.n) return n->op == LOG_NOT_EXISTS || compare(n, v, false, a);
    const LogStep *step = &n->path.p[from];
    if (!step->any)
        return reach(n, from + 1,
                     str_absent(step->key) ? json_at(v, step->index) : json_get(v, step->key), a);
    for (int32_t i = 0; i < json_count(v); i++)
        if (reach(n, from + 1, v->type == JSON_ARRAY ? &v->items[i] : &v->members[i].value, a))
            return true;
    return false;
}

static bool holds(const LogNode *n, const Json *v, bool column, Arena *a)
{
    if (n->kind == LOG_NODE_AND)
        return holds(n->left, v, column, a) && holds(n->right, v, column, a);
    if (n->kind == LOG_NODE_OR)
        return holds(n->left, v, column, a) || holds(n->right, v, column, a);
    if (column) return compare(n, v, true, a);
    return reach(n, 0, v, a) != (n->op == LOG_NOT_EXISTS);
}

/* ---- columns ---- */

static Str next_column(Str *rest)
{
    char close = rest->p[0] == '"' ? '"' : rest->p[0] == '[' ? ']' : 0;
    int64_t end = close ? str_find_char(str_slice(*rest, 1, rest->n), close) : -1, n = 0;
    Str found;
    if (end >= 0) {
        found = str_slice(*rest, 1, end + 1);
        n = end + 2;
    } else {
        while (n < rest->n && rest->p[n] && !strchr(" \t\r\n", rest->p[n])) n++;
        if (!n) n = 1; /* a NUL */
        found = str_slice(*rest, 0, n);
    }
    *rest = str_slice(*rest, n, rest->n);
    return found;
}

static int64_t split(Str message, Arena *a, Str **out)
{
    StrVec v = {0};
    Str rest = str_trim(message);
    while (rest.n && v.n < COLUMNS_MAX) {
        *vec_push(a, &v) = next_column(&rest);
        rest = str_trim(rest);
    }
    *out = v.p;
    return v.n;
}

static bool column_fits(const LogColumn *c, Str text, Arena *a)
{
    Json v = json_string(text);
    return !c->test || holds(c->test, &v, true, a);
}

static bool match_columns(const LogFilter *f, Str message, Arena *a)
{
    Str *found;
    int64_t n = split(message, a, &found), wanted = f->columns.n, skipped = 0;
    bool rest = false;
    for (int64_t i = 0; i < wanted; i++) rest |= f->columns.p[i].rest;
    if (rest ? n < wanted - 1 : n != wanted) return false;
    for (int64_t i = 0; i < wanted; i++)
        if (f->columns.p[i].rest)
            skipped = n - wanted;
        else if (!column_fits(&f->columns.p[i], found[i + skipped], a))
            return false;
    return true;
}

bool logfilter_matches(const LogFilter *f, Str message, Arena *scratch)
{
    Json doc;
    Error err;
    if (f->kind == LOG_FILTER_TERMS) return match_terms(f, message);
    if (f->kind == LOG_FILTER_COLUMNS) return match_columns(f, message, scratch);
    return message.n && json_parse(message, scratch, &doc, &err) && json_is(&doc, JSON_OBJECT) &&
           holds(f->test, &doc, false, scratch);
}
