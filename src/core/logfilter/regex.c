/* regex.c - the regular expressions of filter patterns: a small part of PCRE2's language, at a bounded cost. */
#include "core/logfilter/inside.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum { REGEX_HEAP_KIB = 512 };

/* Everything lies in the filter's arena, so nothing is to be freed. */
struct LogRegex {
    pcre2_code *code;
    pcre2_match_data *data;
    pcre2_match_context *context;
};

static void *take(size_t n, void *arena)
{
    return arena_alloc(arena, (int64_t)n, 1, alignof(max_align_t));
}

static void leave(void *p, void *arena)
{
    (void)p;
    (void)arena;
}

static bool allowed(Str text, Str *why, Arena *a)
{
    static const char symbols[] = ":_#=@/;,-^$?[]{}|\\*+. ";
    for (int64_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if ((c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') ||
            (c && strchr(symbols, c)))
            continue;
        *why = str_printf(a, "Invalid character(s) in regex '%.*s'", STR(text));
        return false;
    }
    if (!text.n) *why = S("Empty regex");
    return text.n > 0;
}

const LogRegex *logfilter_regex(Str text, Arena *a, Str *why)
{
    int code;
    PCRE2_SIZE at;
    if (!allowed(text, why, a)) return NULL;
    pcre2_general_context *memory = pcre2_general_context_create(take, leave, a);
    pcre2_compile_context *compiling = pcre2_compile_context_create(memory);
    LogRegex *r = new (a, LogRegex);
    r->code = pcre2_compile((PCRE2_SPTR)text.p, (PCRE2_SIZE)text.n, 0, &code, &at, compiling);
    if (!r->code) {
        *why = str_printf(a, "Invalid regex '%.*s'", STR(text));
        return NULL;
    }
    r->data = pcre2_match_data_create(1, memory);
    r->context = pcre2_match_context_create(memory);
    pcre2_set_match_limit(r->context, LOGFILTER_REGEX_STEPS_MAX);
    pcre2_set_heap_limit(r->context, REGEX_HEAP_KIB);
    return r;
}

bool logfilter_regex_finds(const LogRegex *r, Str text)
{
    return pcre2_match(r->code, (PCRE2_SPTR)(text.p ? text.p : ""), (PCRE2_SIZE)text.n, 0, 0,
                       r->data, r->context) >= 0;
}
