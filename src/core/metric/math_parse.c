/* math_parse.c - the text of a metric math expression becomes a tree, by precedence. */
#include "core/metric/math.h"

typedef struct Parser {
    Str text;
    int64_t at;
    int depth, nodes;
    Arena *a;
    Error *err;
} Parser;

static MathNode *fail(Parser *p, const char *why)
{
    if (!p->err->code) error_set(p->err, ERR_VALIDATION, "%s at position %" PRId64, why, p->at + 1);
    return NULL;
}

static char look(const Parser *p)
{
    return p->at < p->text.n ? p->text.p[p->at] : 0;
}

static void skip_blanks(Parser *p)
{
    while (look(p) == ' ' || look(p) == '\t' || look(p) == '\n' || look(p) == '\r') p->at++;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static MathNode *make(Parser *p, MathKind kind, int64_t at)
{
    if (++p->nodes > MATH_NODES_MAX) return fail(p, "The expression is too long");
    MathNode *node = new (p->a, MathNode);
    *node = (MathNode){.kind = kind, .at = at};
    return node;
}

static MathNode *binary(Parser *p, Str text, MathNode *left, MathNode *right, int64_t at)
{
    MathNode *node = left && right ? make(p, MATH_OPERATOR, at) : NULL;
    if (!node) return NULL;
    node->text = text;
    node->n = 2;
    node->args = new_array(p->a, MathNode *, 2);
    node->args[0] = left;
    node->args[1] = right;
    return node;
}

static MathNode *expression(Parser *p);

/* ---- the smallest parts ---- */

static MathNode *number(Parser *p)
{
    char text[48];
    int64_t from = p->at, n = 0;
    while (n < (int64_t)sizeof text - 1) {
        char c = look(p), before = n ? text[n - 1] : 0;
        bool sign = (c == '-' || c == '+') && (before == 'e' || before == 'E');
        if (!is_digit(c) && c != '.' && c != 'e' && c != 'E' && !sign) break;
        text[n++] = c;
        p->at++;
    }
    text[n] = 0;
    char *end;
    double value = strtod(text, &end);
    if (end != text + n || n == (int64_t)sizeof text - 1) return fail(p, "Invalid number");
    MathNode *node = make(p, MATH_NUMBER, from);
    if (node) node->number = value;
    return node;
}

static MathNode *quoted(Parser *p)
{
    char quote = look(p);
    int64_t from = ++p->at;
    while (p->at < p->text.n && look(p) != quote) p->at++;
    if (p->at == p->text.n) return fail(p, "A text is not closed");
    MathNode *node = make(p, MATH_TEXT, from);
    if (node) node->text = str_slice(p->text, from, p->at);
    p->at++;
    return node;
}

/* Up to the closing character, which is taken. */
static bool arguments(Parser *p, char close, MathNode *node)
{
    struct {
        MathNode **p;
        int64_t n, cap;
    } v = {0};
    skip_blanks(p);
    bool more = look(p) != close;
    while (more) {
        MathNode *one = expression(p);
        if (!one) return false;
        *vec_push(p->a, &v) = one;
        skip_blanks(p);
        more = look(p) == ',';
        if (more) p->at++;
    }
    if (look(p) != close) return fail(p, "A closing bracket is missing") != NULL;
    p->at++;
    node->args = v.p;
    node->n = v.n;
    return true;
}

static MathNode *word(Parser *p)
{
    int64_t from = p->at;
    while (is_letter(look(p)) || is_digit(look(p))) p->at++;
    Str text = str_slice(p->text, from, p->at);
    skip_blanks(p);
    MathNode *node = make(p, look(p) == '(' ? MATH_CALL : MATH_NAME, from);
    if (!node) return NULL;
    node->text = text;
    if (node->kind == MATH_NAME) return node;
    p->at++;
    return arguments(p, ')', node) ? node : NULL;
}

static MathNode *bracketed(Parser *p)
{
    p->at++;
    MathNode *node = expression(p);
    skip_blanks(p);
    if (node && look(p) != ')') return fail(p, "A closing bracket is missing");
    p->at++;
    return node;
}

static MathNode *primary(Parser *p)
{
    skip_blanks(p);
    char c = look(p);
    if (is_digit(c) || c == '.') return number(p);
    if (c == '\'' || c == '"') return quoted(p);
    if (is_letter(c)) return word(p);
    if (c == '(') return bracketed(p);
    if (c != '[') return fail(p, c ? "Unexpected character" : "Unexpected end of the expression");
    MathNode *node = make(p, MATH_LIST, p->at++);
    return node && arguments(p, ']', node) ? node : NULL;
}

/* ---- operators ---- */

static MathNode *negated(Parser *p);

/* a^b^c is a^(b^c). */
static MathNode *power(Parser *p)
{
    MathNode *left = primary(p);
    skip_blanks(p);
    int64_t at = p->at;
    if (!left || look(p) != '^') return left;
    p->at++;
    return binary(p, S("^"), left, negated(p), at);
}

static MathNode *negated(Parser *p)
{
    skip_blanks(p);
    if (look(p) != '-') return power(p);
    if (p->depth == MATH_DEPTH_MAX) return fail(p, "The expression is nested too deeply");
    int64_t at = p->at++;
    p->depth++;
    MathNode *inner = negated(p), *node = inner ? make(p, MATH_NEGATE, at) : NULL;
    p->depth--;
    if (!node) return NULL;
    node->n = 1;
    node->args = new_array(p->a, MathNode *, 1);
    node->args[0] = inner;
    return node;
}

/* As written, and the operator meant; longer ones first. */
typedef struct Written {
    int level;
    const char *text, *means;
} Written;
static const Written written[] = {
    {0, "||", "||"}, {0, "OR", "||"}, {1, "&&", "&&"}, {1, "AND", "&&"}, {2, "<=", "<="},
    {2, ">=", ">="}, {2, "==", "=="}, {2, "!=", "!="}, {2, "<", "<"},    {2, ">", ">"},
    {3, "+", "+"},   {3, "-", "-"},   {4, "*", "*"},   {4, "/", "/"},
};
enum { LEVELS = 5 };

static const Written *operator_here(Parser *p, int level)
{
    Str rest = str_slice(p->text, p->at, p->text.n);
    for (int i = 0; i < countof(written); i++) {
        Str text = str_from(written[i].text);
        bool whole = !is_letter(text.p[0]) || text.n == rest.n ||
                     (text.n < rest.n && !is_letter(rest.p[text.n]) && !is_digit(rest.p[text.n]));
        if (written[i].level == level && str_starts(rest, text) && whole) return &written[i];
    }
    return NULL;
}

static MathNode *level(Parser *p, int n)
{
    MathNode *left = n + 1 < LEVELS ? level(p, n + 1) : negated(p);
    skip_blanks(p);
    const Written *o;
    while (left && (o = operator_here(p, n))) {
        int64_t at = p->at;
        p->at += (int64_t)strlen(o->text);
        MathNode *right = n + 1 < LEVELS ? level(p, n + 1) : negated(p);
        left = binary(p, str_from(o->means), left, right, at);
        skip_blanks(p);
    }
    return left;
}

static MathNode *expression(Parser *p)
{
    if (p->depth == MATH_DEPTH_MAX) return fail(p, "The expression is nested too deeply");
    p->depth++;
    MathNode *node = level(p, 0);
    p->depth--;
    return node;
}

bool math_parse(Str text, Arena *a, const MathNode **out, Error *err)
{
    Error why = {0};
    Parser p = {.text = text, .a = a, .err = &why};
    if (text.n > MATH_BYTES_MAX)
        return error_set(err, ERR_VALIDATION, "The expression is longer than %d characters.",
                         MATH_BYTES_MAX);
    const MathNode *node = expression(&p);
    skip_blanks(&p);
    if (node && p.at < text.n) node = fail(&p, "Unexpected character");
    if (!node) return *err = why, false;
    *out = node;
    return true;
}

void math_names(const MathNode *node, Arena *a, StrVec *out)
{
    if (node->kind == MATH_NAME) *vec_push(a, out) = node->text;
    for (int64_t i = 0; i < node->n; i++) math_names(node->args[i], a, out);
}
