/* parse.c - a filter pattern becomes terms, a condition on a document, or columns. */
#include "core/logfilter/inside.h"

bool logfilter_wrong(LogParse *p, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    if (!p->why.n) p->why = str_vprintf(p->a, fmt, ap);
    va_end(ap);
    return false;
}

void logfilter_blanks(LogParse *p)
{
    int64_t n = 0;
    while (n < p->rest.n && p->rest.p[n] && strchr(" \t\r\n", p->rest.p[n])) n++;
    p->rest = str_slice(p->rest, n, p->rest.n);
}

bool logfilter_take(LogParse *p, Str token)
{
    logfilter_blanks(p);
    if (!str_starts(p->rest, token)) return false;
    p->rest = str_slice(p->rest, token.n, p->rest.n);
    return true;
}

/* ---- values ---- */

static bool quoted(LogParse *p, LogValue *out)
{
    Buf b = {.a = p->a};
    int64_t i = 1;
    for (; i < p->rest.n && p->rest.p[i] != '"'; i++) {
        if (p->rest.p[i] == '\\' && i + 1 < p->rest.n) i++;
        buf_putc(&b, p->rest.p[i]);
    }
    if (i >= p->rest.n) return logfilter_wrong(p, "Missing closing quotation mark");
    p->rest = str_slice(p->rest, i + 1, p->rest.n);
    out->text = buf_str(&b);
    return true;
}

static bool regular(LogParse *p, LogValue *out)
{
    Str inner = str_slice(p->rest, 1, p->rest.n);
    int64_t end = str_find_char(inner, '%');
    if (end < 0) return logfilter_wrong(p, "Missing closing %% of a regex");
    if (++p->regexes > LOGFILTER_REGEXES_MAX)
        return logfilter_wrong(p, "A pattern can have at most %d regexes", LOGFILTER_REGEXES_MAX);
    p->rest = str_slice(inner, end + 1, inner.n);
    out->regex = logfilter_regex(str_slice(inner, 0, end), p->a, &p->why);
    return out->regex != NULL;
}

static bool word(LogParse *p, LogValue *out)
{
    int64_t n = 0;
    while (n < p->rest.n && p->rest.p[n] && !strchr(p->ends, p->rest.p[n])) n++;
    out->text = str_slice(p->rest, 0, n);
    p->rest = str_slice(p->rest, n, p->rest.n);
    out->is_number = decimal_parse(p->a, out->text, &out->number);
    return n > 0 || logfilter_wrong(p, "A value is missing");
}

bool logfilter_value(LogParse *p, LogValue *out)
{
    *out = (LogValue){0};
    logfilter_blanks(p);
    if (str_starts(p->rest, S("\""))) return quoted(p, out);
    if (str_starts(p->rest, S("%"))) return regular(p, out);
    return word(p, out);
}

/* ---- terms ---- */

/* What is not a letter or a digit stands in quotation marks. */
static bool check_word(LogParse *p, Str text)
{
    for (int64_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (!((c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '_' ||
              (unsigned char)c >= 0x80))
            return logfilter_wrong(p, "Invalid character(s) in term '%.*s'", STR(text));
    }
    return true;
}

static bool term(LogParse *p, LogTerm *out)
{
    *out = (LogTerm){0};
    char first = p->rest.p[0];
    if (first == '?' || first == '-') {
        out->sign = first;
        p->rest = str_slice(p->rest, 1, p->rest.n);
        first = p->rest.n ? p->rest.p[0] : 0;
    }
    return logfilter_value(p, &out->value) &&
           (first == '"' || first == '%' || check_word(p, out->value.text));
}

static bool terms(LogParse *p, LogFilter *f)
{
    p->ends = " \t\r\n";
    f->kind = LOG_FILTER_TERMS;
    for (logfilter_blanks(p); p->rest.n; logfilter_blanks(p)) {
        LogTerm t;
        if (!term(p, &t)) return false;
        *vec_push(p->a, &f->terms) = t;
    }
    return true;
}

/* ---- documents and columns ---- */

static bool at_end(LogParse *p)
{
    logfilter_blanks(p);
    return !p->rest.n || logfilter_wrong(p, "Unexpected text behind the pattern");
}

static bool document(LogParse *p, LogFilter *f)
{
    p->ends = " \t\r\n)}&|";
    f->kind = LOG_FILTER_DOCUMENT;
    return logfilter_condition(p, false, &f->test) &&
           (logfilter_take(p, S("}")) || logfilter_wrong(p, "Missing }")) && at_end(p);
}

/* A name, or a condition that begins with one. */
static bool column(LogParse *p, LogColumn *out)
{
    *out = (LogColumn){.rest = logfilter_take(p, S("..."))};
    if (out->rest) return true;
    logfilter_blanks(p);
    int64_t n = 0;
    while (n < p->rest.n && p->rest.p[n] && !strchr("=!<>(,]", p->rest.p[n])) n++;
    if (n >= p->rest.n) return logfilter_wrong(p, "Missing ]");
    if (p->rest.p[n] != ',' && p->rest.p[n] != ']') return logfilter_condition(p, true, &out->test);
    p->rest = str_slice(p->rest, n, p->rest.n);
    return true;
}

static bool columns(LogParse *p, LogFilter *f)
{
    int rests = 0;
    p->ends = " \t\r\n),]&|";
    f->kind = LOG_FILTER_COLUMNS;
    do {
        LogColumn c;
        if (!column(p, &c)) return false;
        if (c.rest && ++rests > 1) return logfilter_wrong(p, "Only one ellipsis is allowed");
        *vec_push(p->a, &f->columns) = c;
    } while (logfilter_take(p, S(",")));
    return (logfilter_take(p, S("]")) || logfilter_wrong(p, "Missing ]")) && at_end(p);
}

bool logfilter_parse(Str pattern, Arena *a, const LogFilter **out, Str *why)
{
    LogParse p = {.a = a, .rest = str_copy(a, pattern)};
    LogFilter *f = new (a, LogFilter);
    bool good = pattern.n <= LOGFILTER_BYTES_MAX ||
                logfilter_wrong(&p, "A pattern has at most %d bytes", LOGFILTER_BYTES_MAX);
    if (good)
        good = logfilter_take(&p, S("{"))   ? document(&p, f)
               : logfilter_take(&p, S("[")) ? columns(&p, f)
                                            : terms(&p, f);
    if (good)
        *out = f;
    else
        *why = p.why;
    return good;
}
