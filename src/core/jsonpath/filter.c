/* filter.c - the tests inside [?(...)]: their grammar and whether they hold for a value. */
#include "core/jsonpath/inside.h"

static bool any_of(PathParser *s, const JsonPathTest **out);

static bool literal_end(char c)
{
    return c == ')' || c == ' ' || c == ',' || c == ']' || c == '&' || c == '|' || c == '=' ||
           c == '<' || c == '>' || c == '!';
}

static bool literal(PathParser *s, Json *out);

static bool literal_list(PathParser *s, Json *out)
{
    JsonArray list = {.a = s->a};
    s->p++;
    if (!path_accept(s, ']')) {
        do {
            Json item = {0};
            if (!literal(s, &item)) return false;
            json_add(&list, item);
        } while (path_accept(s, ','));
        if (!path_accept(s, ']')) return path_fail(s, S("']' was expected"));
    }
    *out = json_array(&list);
    return true;
}

static bool literal(PathParser *s, Json *out)
{
    path_blanks(s);
    if (s->p == s->end) return path_fail(s, S("a value was expected"));
    if (*s->p == '[')
        return ++s->nesting <= JSONPATH_NESTING_MAX ? literal_list(s, out)
                                                    : path_fail(s, S("nested too deep"));
    if (*s->p == '\'' || *s->p == '"') {
        Str text;
        if (!path_quoted(s, &text)) return false;
        *out = json_string(text);
        return true;
    }
    const char *from = s->p;
    while (s->p < s->end && !literal_end(*s->p)) s->p++;
    Error err;
    return json_parse((Str){from, s->p - from}, s->a, out, &err) ||
           path_fail(s, S("a value was expected"));
}

static bool operand(PathParser *s, JsonPathOperand *out)
{
    path_blanks(s);
    *out = (JsonPathOperand){0};
    if (s->p == s->end || (*s->p != '@' && *s->p != '$')) return literal(s, &out->literal);
    out->from_root = *s->p++ == '$';
    JsonPath *path = new (s->a, JsonPath);
    out->path = path;
    return path_steps(s, true, path);
}

static const struct {
    const char *text;
    JsonPathTestKind kind;
} operators[] = {
    {"==", TEST_EQ}, {"!=", TEST_NE}, {"<=", TEST_LE},  {">=", TEST_GE},
    {"<", TEST_LT},  {">", TEST_GT},  {"in ", TEST_IN}, {"nin ", TEST_NIN},
};

static bool compare_operator(PathParser *s, JsonPathTestKind *out)
{
    path_blanks(s);
    for (int i = 0; i < countof(operators); i++)
        if (str_starts((Str){s->p, s->end - s->p}, str_from(operators[i].text))) {
            s->p += strlen(operators[i].text);
            *out = operators[i].kind;
            return true;
        }
    return false;
}

static bool one_test(PathParser *s, const JsonPathTest **out)
{
    if (++s->nesting > JSONPATH_NESTING_MAX) return path_fail(s, S("nested too deep"));
    JsonPathTest *test = new (s->a, JsonPathTest);
    *out = test;
    bool good;
    path_blanks(s);
    if (s->p + 1 < s->end && s->p[0] == '!' && s->p[1] != '=') {
        s->p++;
        test->kind = TEST_NOT;
        good = one_test(s, &test->left);
    } else if (path_accept(s, '(')) {
        good = any_of(s, out) && (path_accept(s, ')') || path_fail(s, S("')' was expected")));
    } else {
        test->kind = TEST_EXISTS;
        good = operand(s, &test->a) && (!compare_operator(s, &test->kind) || operand(s, &test->b));
    }
    s->nesting--;
    return good;
}

static bool accept_twice(PathParser *s, char c)
{
    path_blanks(s);
    if (s->end - s->p < 2 || s->p[0] != c || s->p[1] != c) return false;
    s->p += 2;
    return true;
}

static const JsonPathTest *join(PathParser *s, JsonPathTestKind kind, const JsonPathTest *left,
                                const JsonPathTest *right)
{
    JsonPathTest *test = new (s->a, JsonPathTest);
    *test = (JsonPathTest){.kind = kind, .left = left, .right = right};
    return test;
}

static bool all_of(PathParser *s, const JsonPathTest **out)
{
    if (!one_test(s, out)) return false;
    for (int n = 0; accept_twice(s, '&'); n++) {
        const JsonPathTest *right = NULL;
        if (n > JSONPATH_NESTING_MAX || !one_test(s, &right))
            return path_fail(s, S("too many conditions"));
        *out = join(s, TEST_AND, *out, right);
    }
    return true;
}

static bool any_of(PathParser *s, const JsonPathTest **out)
{
    if (!all_of(s, out)) return false;
    for (int n = 0; accept_twice(s, '|'); n++) {
        const JsonPathTest *right = NULL;
        if (n > JSONPATH_NESTING_MAX || !all_of(s, &right))
            return path_fail(s, S("too many conditions"));
        *out = join(s, TEST_OR, *out, right);
    }
    return true;
}

bool path_filter(PathParser *s, const JsonPathTest **out)
{
    return any_of(s, out) && (path_accept(s, ')') || path_fail(s, S("')' was expected")));
}

static bool operand_value(PathWalk *w, const JsonPathOperand *o, const Json *at, Json *out)
{
    if (!o->path) return *out = o->literal, true;
    return path_walk(w, o->path, o->from_root ? w->root : at, out) == JSONPATH_FOUND;
}

static double number(Arena *a, const Json *v)
{
    return strtod(str_z(a, json_text(v)), NULL);
}

/* Numbers by value, everything else as written. */
static bool equal(PathWalk *w, const Json *x, const Json *y)
{
    bool numbers = json_is(x, JSON_NUMBER) && json_is(y, JSON_NUMBER);
    return numbers ? number(w->a, x) == number(w->a, y) : json_eq(x, y);
}

/* Below 0, 0, above 0; false: there is no order between the two. */
static bool order(PathWalk *w, const Json *x, const Json *y, int *out)
{
    if (json_is(x, JSON_NUMBER) && json_is(y, JSON_NUMBER)) {
        double a = number(w->a, x), b = number(w->a, y);
        *out = a < b ? -1 : a > b;
        return true;
    }
    if (!json_is(x, JSON_STRING) || !json_is(y, JSON_STRING)) return false;
    *out = str_cmp(json_text(x), json_text(y));
    return true;
}

static bool is_in(PathWalk *w, const Json *x, const Json *list)
{
    for (int32_t i = 0; i < (json_is(list, JSON_ARRAY) ? list->n : 0); i++)
        if (equal(w, x, &list->items[i])) return true;
    return false;
}

static bool compare(PathWalk *w, const JsonPathTest *t, const Json *at)
{
    Json x, y;
    bool has_x = operand_value(w, &t->a, at, &x), has_y = operand_value(w, &t->b, at, &y);
    if (!has_x || !has_y) return t->kind == TEST_NE ? has_x != has_y : t->kind == TEST_NIN && has_y;
    int sign = 0;
    bool ordered = order(w, &x, &y, &sign);
    switch (t->kind) {
    case TEST_EQ: return equal(w, &x, &y);
    case TEST_NE: return !equal(w, &x, &y);
    case TEST_LT: return ordered && sign < 0;
    case TEST_LE: return ordered && sign <= 0;
    case TEST_GT: return ordered && sign > 0;
    case TEST_GE: return ordered && sign >= 0;
    case TEST_IN: return is_in(w, &x, &y);
    case TEST_NIN: return !is_in(w, &x, &y);
    case TEST_OR:
    case TEST_AND:
    case TEST_NOT:
    case TEST_EXISTS: break;
    }
    unreachable();
}

bool path_holds(PathWalk *w, const JsonPathTest *test, const Json *at)
{
    Json v;
    switch (test->kind) {
    case TEST_OR: return path_holds(w, test->left, at) || path_holds(w, test->right, at);
    case TEST_AND: return path_holds(w, test->left, at) && path_holds(w, test->right, at);
    case TEST_NOT: return !path_holds(w, test->left, at);
    case TEST_EXISTS: return operand_value(w, &test->a, at, &v) && (test->a.path || json_true(&v));
    case TEST_EQ:
    case TEST_NE:
    case TEST_LT:
    case TEST_LE:
    case TEST_GT:
    case TEST_GE:
    case TEST_IN:
    case TEST_NIN: return compare(w, test, at);
    }
    unreachable();
}
