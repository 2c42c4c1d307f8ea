/* parse.c - the text of a JSONPath to its steps. */
#include "core/jsonpath/inside.h"

bool path_fail(PathParser *s, Str why)
{
    if (str_absent(s->why)) s->why = why;
    return false;
}

void path_blanks(PathParser *s)
{
    while (s->p < s->end && (*s->p == ' ' || *s->p == '\t' || *s->p == '\n' || *s->p == '\r'))
        s->p++;
}

bool path_accept(PathParser *s, char c)
{
    path_blanks(s);
    if (s->p == s->end || *s->p != c) return false;
    s->p++;
    return true;
}

/* A backslash takes the quote in use, or another backslash, literally; before anything else it is
 * itself (observed). */
bool path_quoted(PathParser *s, Str *out)
{
    path_blanks(s);
    if (s->p == s->end || (*s->p != '\'' && *s->p != '"'))
        return path_fail(s, S("a quoted name was expected"));
    char quote = *s->p++;
    Buf b = {.a = s->a};
    for (; s->p < s->end && *s->p != quote; s->p++) {
        if (*s->p == '\\' && s->p + 1 < s->end && (s->p[1] == quote || s->p[1] == '\\')) s->p++;
        buf_putc(&b, *s->p);
    }
    if (s->p == s->end) return path_fail(s, S("a quote is not closed"));
    s->p++;
    *out = buf_str(&b);
    return true;
}

static bool is_name_byte(char c)
{
    return !strchr(".[]()'\"*, \t\n\r?:@=<>!&|{}", c) || c == '\0';
}

/* In a filter a name ends at an operator too: is_name_byte knows all of them. */
static bool bare_name(PathParser *s, bool in_filter, Str *out)
{
    const char *from = s->p;
    while (s->p < s->end &&
           (is_name_byte(*s->p) || (!in_filter && strchr(" @:?=<>!&|{}\"'", *s->p) && *s->p)))
        s->p++;
    *out = (Str){from, s->p - from};
    return out->n > 0 || path_fail(s, S("a name was expected"));
}

static bool integer(PathParser *s, int64_t *out)
{
    path_blanks(s);
    const char *from = s->p;
    if (s->p < s->end && *s->p == '-') s->p++;
    while (s->p < s->end && *s->p >= '0' && *s->p <= '9') s->p++;
    return str_to_int((Str){from, s->p - from}, out) || path_fail(s, S("an index was expected"));
}

static bool name_list(PathParser *s, JsonPathStep *step)
{
    StrVec names = {0};
    do {
        Str name;
        if (!path_quoted(s, &name)) return false;
        *vec_push(s->a, &names) = name;
    } while (path_accept(s, ','));
    step->kind = names.n > 1 ? JSONPATH_NAMES : JSONPATH_NAME;
    step->name = names.p[0];
    step->names = names.p;
    step->n = (int32_t)names.n;
    return true;
}

static bool slice_end(PathParser *s, JsonPathStep *step)
{
    step->kind = JSONPATH_SLICE;
    step->to = INT64_MIN;
    path_blanks(s);
    return s->p == s->end || *s->p == ']' || integer(s, &step->to);
}

static bool index_list(PathParser *s, JsonPathStep *step)
{
    struct {
        int64_t *p;
        int64_t n, cap;
    } list = {0};
    step->from = INT64_MIN;
    if (path_accept(s, ':')) return slice_end(s, step);
    do {
        int64_t index;
        if (!integer(s, &index)) return false;
        *vec_push(s->a, &list) = index;
        if (list.n == 1 && path_accept(s, ':')) {
            step->from = index;
            return slice_end(s, step);
        }
    } while (path_accept(s, ','));
    step->kind = list.n > 1 ? JSONPATH_INDEXES : JSONPATH_INDEX;
    step->indexes = list.p;
    step->n = (int32_t)list.n;
    return true;
}

static bool bracket(PathParser *s, JsonPathStep *step)
{
    path_blanks(s);
    if (s->p == s->end) return path_fail(s, S("a bracket is not closed"));
    bool good;
    if (*s->p == '\'' || *s->p == '"') {
        good = name_list(s, step);
    } else if (path_accept(s, '*')) {
        step->kind = JSONPATH_WILD;
        good = true;
    } else if (path_accept(s, '?')) {
        step->kind = JSONPATH_FILTER;
        good = path_accept(s, '(') ? path_filter(s, &step->test)
                                   : path_fail(s, S("'(' was expected after '?'"));
    } else {
        good = index_list(s, step);
    }
    return good && (path_accept(s, ']') || path_fail(s, S("']' was expected")));
}

static bool dotted(PathParser *s, bool in_filter, JsonPathStep *step)
{
    s->p++;
    if (s->p < s->end && *s->p == '.') {
        s->p++;
        step->deep = true;
    }
    if (s->p < s->end && *s->p == '[' && step->deep) {
        s->p++;
        return bracket(s, step);
    }
    if (s->p < s->end && *s->p == '*') {
        s->p++;
        step->kind = JSONPATH_WILD;
        return true;
    }
    step->kind = JSONPATH_NAME;
    return bare_name(s, in_filter, &step->name);
}

static bool is_reference(const JsonPathStep *step)
{
    return !step->deep &&
           (step->kind == JSONPATH_NAME || (step->kind == JSONPATH_INDEX && step->indexes[0] >= 0));
}

bool path_steps(PathParser *s, bool in_filter, JsonPath *out)
{
    struct {
        JsonPathStep *p;
        int64_t n, cap;
    } steps = {0};
    *out = (JsonPath){.definite = true, .reference = true};
    while (s->p < s->end && (*s->p == '.' || *s->p == '[')) {
        JsonPathStep step = {0};
        bool brackets = *s->p == '[';
        if (brackets) s->p++;
        if (!(brackets ? bracket(s, &step) : dotted(s, in_filter, &step))) return false;
        out->definite &= !step.deep && (step.kind == JSONPATH_NAME || step.kind == JSONPATH_INDEX);
        out->reference &= is_reference(&step);
        *vec_push(s->a, &steps) = step;
    }
    out->steps = steps.p;
    out->n = (int32_t)steps.n;
    return true;
}

bool jsonpath_parse_steps(Str text, Arena *a, const JsonPath **out, Str *why)
{
    PathParser s = {.p = text.p, .end = text.p + text.n, .a = a};
    JsonPath *path = new (a, JsonPath);
    bool good = text.n <= JSONPATH_BYTES_MAX ? path_steps(&s, false, path)
                                             : path_fail(&s, S("the path is too long"));
    if (good && s.p < s.end) good = path_fail(&s, S("'.' or '[' was expected"));
    if (!good) return *why = s.why, false;
    path->text = text;
    *out = path;
    return true;
}

bool jsonpath_parse(Str text, Arena *a, const JsonPath **out, Str *why)
{
    if (!str_starts(text, S("$"))) return *why = S("a path begins with '$'"), false;
    return jsonpath_parse_steps(str_slice(text, 1, text.n), a, out, why);
}
