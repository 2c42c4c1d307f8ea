/* call_parse.c - the text of an intrinsic function call to an expression: literals, paths and calls in calls. */
#include "core/asl/intrinsic.h"

enum {
    CALLS_DEEP_MAX = 10
}; /* the States Language: a function can hold ten others inside one another */

typedef struct CallParser {
    const char *p, *end;
    Arena *a;
    Str why;
    int depth;
} CallParser;

static bool parse_call(CallParser *s, AslExpr *out);

static bool refuse(CallParser *s, Str why)
{
    if (str_absent(s->why)) s->why = why;
    return false;
}

static void blanks(CallParser *s)
{
    while (s->p < s->end && (*s->p == ' ' || *s->p == '\t' || *s->p == '\n' || *s->p == '\r'))
        s->p++;
}

static bool accept(CallParser *s, char c)
{
    blanks(s);
    if (s->p == s->end || *s->p != c) return false;
    s->p++;
    return true;
}

static bool parse_quoted(CallParser *s, AslExpr *out)
{
    const char *from = ++s->p;
    while (s->p < s->end && *s->p != '\'') s->p += *s->p == '\\' && s->p + 1 < s->end ? 2 : 1;
    if (s->p >= s->end) return refuse(s, S("a quote is not closed"));
    Str raw = {from, s->p++ - from};
    *out = (AslExpr){.kind = EXPR_CONST,
                     .text = raw,
                     .literal = true,
                     .constant = json_string(asl_unescape(s->a, raw))};
    return true;
}

/* A path ends at a comma or bracket of the call; its own brackets and quotes are skipped. */
static Str path_text(CallParser *s)
{
    const char *from = s->p;
    int square = 0;
    char quote = 0;
    for (; s->p < s->end; s->p++) {
        if (quote) {
            if (*s->p == '\\' && s->p + 1 < s->end)
                s->p++;
            else if (*s->p == quote)
                quote = 0;
        } else if (square && (*s->p == '\'' || *s->p == '"')) {
            quote = *s->p;
        } else if (*s->p == '[' || *s->p == ']') {
            square += *s->p == '[' ? 1 : -1;
        } else if (!square && (*s->p == ',' || *s->p == ')')) {
            break;
        }
    }
    return str_trim((Str){from, s->p - from});
}

static bool parse_word(CallParser *s, AslExpr *out)
{
    const char *from = s->p;
    while (s->p < s->end && *s->p != ',' && *s->p != ')') s->p++;
    Str word = str_trim((Str){from, s->p - from});
    Error err;
    *out = (AslExpr){.kind = EXPR_CONST, .text = word};
    bool good = word.n && word.p[0] != '"' && word.p[0] != '[' && word.p[0] != '{' &&
                json_parse(word, s->a, &out->constant, &err);
    return good || refuse(s, S("an argument must be a quoted string, a number, true, false, null, "
                               "a path or a function call"));
}

static bool parse_argument(CallParser *s, AslExpr *out)
{
    blanks(s);
    if (s->p == s->end) return refuse(s, S("an argument was expected"));
    if (*s->p == '\'') return parse_quoted(s, out);
    if (*s->p == '$') {
        Str why = {0};
        return asl_path(path_text(s), s->a, out, &why) || refuse(s, why);
    }
    if (str_starts((Str){s->p, s->end - s->p}, S("States."))) return parse_call(s, out);
    return parse_word(s, out);
}

static bool parse_arguments(CallParser *s, AslExpr *call)
{
    struct {
        AslExpr *p;
        int64_t n, cap;
    } args = {0};
    if (!accept(s, ')')) {
        do {
            AslExpr argument;
            if (!parse_argument(s, &argument)) return false;
            *vec_push(s->a, &args) = argument;
        } while (accept(s, ','));
        if (!accept(s, ')')) return refuse(s, S("')' was expected"));
    }
    call->parts = args.p;
    call->n = (int32_t)args.n;
    return true;
}

static bool parse_call(CallParser *s, AslExpr *out)
{
    const char *from = s->p;
    if (++s->depth > CALLS_DEEP_MAX + 1) return refuse(s, S("function calls are nested too deep"));
    s->p += 7; /* "States." */
    const char *name = s->p;
    while (s->p < s->end && *s->p != '(' && *s->p != ' ') s->p++;
    const AslFunction *function = asl_function((Str){name, s->p - name});
    if (!function) return refuse(s, S("there is no such intrinsic function"));
    if (!accept(s, '(')) return refuse(s, S("'(' was expected"));
    *out = (AslExpr){.kind = EXPR_CALL, .function = function};
    if (!parse_arguments(s, out)) return false;
    if (out->n < function->args_min || out->n > function->args_max)
        return refuse(s, S("the number of arguments is wrong"));
    out->text = (Str){from, s->p - from};
    s->depth--;
    return true;
}

bool asl_call(Str text, Arena *a, AslExpr *out, Str *why)
{
    CallParser s = {.p = text.p, .end = text.p + text.n, .a = a};
    bool good = str_starts(text, S("States."))
                    ? parse_call(&s, out)
                    : refuse(&s, S("an intrinsic function begins with 'States.'"));
    blanks(&s);
    if (good && s.p < s.end) good = refuse(&s, S("there is more behind the function call"));
    if (!good) *why = s.why;
    return good;
}
