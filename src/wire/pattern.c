/* pattern.c - clients' regular expressions on PCRE2. */
#include "wire/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

static bool matches(const pcre2_code *code, Str text)
{
    pcre2_match_data *data = pcre2_match_data_create(1, NULL);
    pcre2_match_context *context = pcre2_match_context_create(NULL);
    check(data && context);
    pcre2_set_match_limit(context, PATTERN_MATCH_MAX);
    pcre2_set_depth_limit(context, PATTERN_MATCH_MAX / 100);
    int n = pcre2_match(code, (PCRE2_SPTR)(text.p ? text.p : ""), (PCRE2_SIZE)text.n, 0, 0, data,
                        context);
    pcre2_match_context_free(context);
    pcre2_match_data_free(data);
    return n >= 0;
}

PatternResult pattern_match(Str regex, Str text)
{
    int error;
    PCRE2_SIZE at;
    if (regex.n > PATTERN_BYTES_MAX) return PATTERN_INVALID;
    pcre2_code *code =
        pcre2_compile((PCRE2_SPTR)(regex.p ? regex.p : ""), (PCRE2_SIZE)regex.n,
                      PCRE2_UTF | PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_NEVER_BACKSLASH_C,
                      &error, &at, NULL);
    if (!code) return PATTERN_INVALID;
    bool found = matches(code, text);
    pcre2_code_free(code);
    return found ? PATTERN_MATCHES : PATTERN_DIFFERS;
}
