/* validate_pattern.c - the model's regular expressions, compiled by PCRE2 on first use and kept. */
#include "wire/validate.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum { VALIDATE_MATCH_LIMIT = 1000000, VALIDATE_DEPTH_LIMIT = 10000 };

/* One row of compiled patterns for each service, made when its first pattern is needed. */
static pcre2_code ***cache;

static pcre2_code **row_of(const Service *s)
{
    int i = 0;
    while (i < model_services_n && model_services[i] != s) i++;
    check(i < model_services_n);
    if (!cache) cache = calloc((size_t)model_services_n, sizeof *cache);
    check(cache);
    if (!cache[i]) cache[i] = calloc(s->limits_n, sizeof *cache[i]);
    check(cache[i]);
    return cache[i];
}

/* That every pattern of every table compiles is checked by a unit test. */
static pcre2_code *compile(Str regex)
{
    int code;
    PCRE2_SIZE at;
    pcre2_code *compiled = pcre2_compile((PCRE2_SPTR)regex.p, (PCRE2_SIZE)regex.n,
                                         PCRE2_UTF | PCRE2_ANCHORED | PCRE2_ENDANCHORED, &code, &at, NULL);
    check(compiled);
    return compiled;
}

static bool matches(const pcre2_code *code, Str text)
{
    pcre2_match_data *data = pcre2_match_data_create(1, NULL);
    pcre2_match_context *context = pcre2_match_context_create(NULL);
    check(data && context);
    pcre2_set_match_limit(context, VALIDATE_MATCH_LIMIT);
    pcre2_set_depth_limit(context, VALIDATE_DEPTH_LIMIT);
    int n = pcre2_match(code, (PCRE2_SPTR)(text.p ? text.p : ""), (PCRE2_SIZE)text.n, 0, 0, data, context);
    pcre2_match_context_free(context);
    pcre2_match_data_free(data);
    return n >= 0;
}

bool validate_pattern(const Service *s, const ModelLimit *limit, Str text)
{
    pcre2_code **slot = &row_of(s)[limit - s->limits];
    if (!*slot) *slot = compile(model_text(s, limit->regex));
    return matches(*slot, text);
}
