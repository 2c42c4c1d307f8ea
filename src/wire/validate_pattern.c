/* validate_pattern.c - the model's regular expressions, compiled by PCRE2 on first use and kept. */
#include "wire/validate.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum { VALIDATE_MATCH_LIMIT = 1000000, VALIDATE_DEPTH_LIMIT = 10000, VALIDATE_PATTERNS_MAX = 8192 };

/* By the rows of all services' limits, one service after the other; NULL: not needed yet. */
static pcre2_code *compiled[VALIDATE_PATTERNS_MAX];

static pcre2_code **slot_of(const Service *s, const ModelLimit *limit)
{
    int64_t at = limit - s->limits;
    for (int i = 0; model_services[i] != s; i++) at += model_services[i]->limits_n;
    check(at < VALIDATE_PATTERNS_MAX);
    return &compiled[at];
}

/* That every pattern of every table compiles is checked by a unit test. */
static pcre2_code *compile(Str regex)
{
    int code;
    PCRE2_SIZE at;
    pcre2_code *made =
        pcre2_compile((PCRE2_SPTR)regex.p, (PCRE2_SIZE)regex.n,
                      PCRE2_UTF | PCRE2_ANCHORED | PCRE2_ENDANCHORED, &code, &at, NULL);
    check(made);
    return made;
}

static bool matches(const pcre2_code *code, Str text)
{
    pcre2_match_data *data = pcre2_match_data_create(1, NULL);
    pcre2_match_context *context = pcre2_match_context_create(NULL);
    check(data && context);
    pcre2_set_match_limit(context, VALIDATE_MATCH_LIMIT);
    pcre2_set_depth_limit(context, VALIDATE_DEPTH_LIMIT);
    int n = pcre2_match(code, (PCRE2_SPTR)(text.p ? text.p : ""), (PCRE2_SIZE)text.n, 0, 0, data,
                        context);
    pcre2_match_context_free(context);
    pcre2_match_data_free(data);
    return n >= 0;
}

bool validate_pattern(const Service *s, const ModelLimit *limit, Str text)
{
    pcre2_code **slot = slot_of(s, limit);
    if (!*slot) *slot = compile(model_text(s, limit->regex));
    return matches(*slot, text);
}
