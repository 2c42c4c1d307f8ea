/* test.c - conditions of filter patterns: selectors, comparisons, and what joins them. */
#include "core/logfilter/inside.h"

typedef struct OpName {
    const char *text;
    LogOp op;
} OpName;

static const OpName ops[] = {{"!=", LOG_NE}, {"<=", LOG_LE}, {">=", LOG_GE},
                             {"=", LOG_EQ},  {"<", LOG_LT},  {">", LOG_GT}};
static const struct {
    const char *first, *second;
    LogOp op;
} words[] = {{"IS", "NULL", LOG_IS_NULL},
             {"IS", "TRUE", LOG_IS_TRUE},
             {"IS", "FALSE", LOG_IS_FALSE},
             {"NOT", "EXISTS", LOG_NOT_EXISTS}};

/* ---- selectors ---- */

static Str name_at(Str s)
{
    int64_t n = 0;
    while (n < s.n && !strchr(" \t\r\n.[]=!<>&|(){},\"%", s.p[n])) n++;
    return str_slice(s, 0, n);
}

/* Behind "[": a number, *, or a name in quotation marks. */
static bool bracket(LogParse *p, LogStep *step)
{
    int64_t end = str_find_char(p->rest, ']');
    Str inner = str_trim(str_slice(p->rest, 0, end < 0 ? 0 : end));
    char quote = inner.n > 1 ? inner.p[0] : 0;
    if (end < 0) return logfilter_wrong(p, "Missing ] in selector");
    p->rest = str_slice(p->rest, end + 1, p->rest.n);
    step->any = str_eq(inner, S("*"));
    if (step->any || (str_to_int(inner, &step->index) && step->index >= 0)) return true;
    if ((quote != '\'' && quote != '"') || inner.p[inner.n - 1] != quote)
        return logfilter_wrong(p, "Invalid selector [%.*s]", STR(inner));
    step->key = str_slice(inner, 1, inner.n - 1);
    return true;
}

static bool next_step(LogParse *p, LogStep *step)
{
    bool dot = str_starts(p->rest, S("."));
    if (dot) p->rest = str_slice(p->rest, 1, p->rest.n);
    if (str_starts(p->rest, S("["))) {
        p->rest = str_slice(p->rest, 1, p->rest.n);
        return bracket(p, step);
    }
    step->key = dot ? name_at(p->rest) : (Str){0};
    p->rest = str_slice(p->rest, step->key.n, p->rest.n);
    if (!step->key.n) return logfilter_wrong(p, "Invalid selector");
    step->any = str_eq(step->key, S("*"));
    if (step->any) step->key = (Str){0};
    return true;
}

static bool selector(LogParse *p, LogPath *out)
{
    if (!logfilter_take(p, S("$"))) return logfilter_wrong(p, "A selector begins with $");
    while (p->rest.n && (p->rest.p[0] == '.' || p->rest.p[0] == '[')) {
        LogStep step = {0};
        if (!next_step(p, &step)) return false;
        *vec_push(p->a, out) = step;
    }
    return true;
}

static bool column_name(LogParse *p)
{
    logfilter_blanks(p);
    Str name = name_at(p->rest);
    p->rest = str_slice(p->rest, name.n, p->rest.n);
    return name.n > 0 || logfilter_wrong(p, "A column needs a name");
}

/* ---- comparisons ---- */

static bool take_op(LogParse *p, LogOp *out)
{
    for (int i = 0; i < countof(ops); i++) {
        *out = ops[i].op;
        if (logfilter_take(p, str_from(ops[i].text))) return true;
    }
    for (int i = 0; i < countof(words); i++) {
        Str before = p->rest;
        *out = words[i].op;
        if (logfilter_take(p, str_from(words[i].first)) &&
            logfilter_take(p, str_from(words[i].second)))
            return true;
        p->rest = before;
    }
    return false;
}

static bool comparison(LogParse *p, bool columns, LogNode *node)
{
    if (!(columns ? column_name(p) : selector(p, &node->path))) return false;
    if (!take_op(p, &node->op) || (columns && node->op >= LOG_IS_NULL))
        return logfilter_wrong(p, "Invalid operator");
    if (node->op >= LOG_IS_NULL) return true;
    if (!logfilter_value(p, &node->value)) return false;
    if (node->op <= LOG_NE || node->value.is_number) return true;
    return logfilter_wrong(p, "A numeric value is required to compare with");
}

/* ---- joining ---- */

static bool primary(LogParse *p, bool columns, const LogNode **out)
{
    LogNode *node = new (p->a, LogNode);
    if (!logfilter_take(p, S("("))) return *out = node, comparison(p, columns, node);
    if (++p->depth > LOGFILTER_DEPTH_MAX)
        return logfilter_wrong(p, "Parentheses are nested more than %d deep", LOGFILTER_DEPTH_MAX);
    if (!logfilter_condition(p, columns, out)) return false;
    p->depth--;
    return logfilter_take(p, S(")")) || logfilter_wrong(p, "Missing )");
}

static const LogNode *join(LogParse *p, int kind, const LogNode *left, const LogNode *right)
{
    LogNode *node = new (p->a, LogNode);
    *node = (LogNode){.kind = kind, .left = left, .right = right};
    return node;
}

static bool conjunction(LogParse *p, bool columns, const LogNode **out)
{
    const LogNode *next = NULL;
    if (!primary(p, columns, out)) return false;
    while (logfilter_take(p, S("&&"))) {
        if (!primary(p, columns, &next)) return false;
        *out = join(p, LOG_NODE_AND, *out, next);
    }
    return true;
}

bool logfilter_condition(LogParse *p, bool columns, const LogNode **out)
{
    const LogNode *next = NULL;
    if (!conjunction(p, columns, out)) return false;
    while (logfilter_take(p, S("||"))) {
        if (!conjunction(p, columns, &next)) return false;
        *out = join(p, LOG_NODE_OR, *out, next);
    }
    return true;
}
