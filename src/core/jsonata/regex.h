/* regex.h - regular expressions as JavaScript has them, on pcre2, with a limit on what a match may cost. */
#pragma once
#include "core/jsonata/ev.h"

/* Compiled once with the expression, into its arena. Known difference: a look-behind must have a
 * fixed length. */
const Regex *jn_regex_compile(Arena *a, Str pattern, bool ignore_case, bool lines,
                              const char **why);
int jn_regex_groups(const Regex *regex);

/* Byte offsets; a group that took no part has from = -1. */
typedef struct RegexSpan {
    int64_t from, to;
} RegexSpan;

/* Searches `subject` from a byte offset. *found says whether there is a match; then spans[0] is the
 * whole match and spans[1...] the groups, valid until the next search. Fails with U1001 when the
 * search costs too much. */
must_use bool jn_regex_search(Ev *ev, const Regex *regex, Str subject, int64_t from, bool *found,
                              const RegexSpan **spans);
