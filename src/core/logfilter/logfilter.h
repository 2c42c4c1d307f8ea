/* logfilter.h - the filter pattern language of CloudWatch Logs: which messages a pattern matches. */
#pragma once
#include "base/str.h"

/* https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 *
 *     ""                             every message
 *     ERROR "out of memory" -debug   all of the terms, none of those behind a minus
 *     ?ERROR ?WARN                   one of them; beside other terms they do not count
 *     %4[0-9]{2}%                    a regular expression, anywhere in the message
 *     { $.a.b[0] = "x*" && ($.n >= 10 || $.m NOT EXISTS) }   a message that is a JSON object
 *     [ip, ..., status = 4*, bytes > 1000]                   a message in columns
 *
 * Terms and comparisons are of letters as written (upper and lower case differ), and a term matches
 * anywhere, also within a word. A comparison with a member that is not there is false, also `!=`.
 * A column is a run without blanks, or what stands between quotation marks or brackets; without
 * "..." there must be as many as the pattern names. Numbers are compared as decimals of any length.
 *
 *     const LogFilter *f;
 *     Str why;
 *     if (!logfilter_parse(pattern, arena, &f, &why)) ... why says what is wrong
 *     if (logfilter_matches(f, message, scratch)) ...      scratch may be reset after each message
 */
enum {
    LOGFILTER_BYTES_MAX = 1024,
    LOGFILTER_DEPTH_MAX = 32, /* of parentheses */
    LOGFILTER_REGEXES_MAX = 2,
    LOGFILTER_REGEX_STEPS_MAX = 100000, /* of one match; more is no match */
};

typedef struct LogFilter LogFilter;

/* The filter lives in `a`, with a copy of the pattern. */
must_use bool logfilter_parse(Str pattern, Arena *a, const LogFilter **out, Str *why);
bool logfilter_matches(const LogFilter *f, Str message, Arena *scratch);
