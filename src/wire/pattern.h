/* pattern.h - a regular expression that a client gives, against a whole text, at a bounded cost. */
#pragma once
#include "base/str.h"

enum { PATTERN_BYTES_MAX = 4096, PATTERN_MATCH_MAX = 1000000 };

typedef enum PatternResult {
    PATTERN_MATCHES,
    PATTERN_DIFFERS, /* also when finding out costs more than PATTERN_MATCH_MAX steps */
    PATTERN_INVALID, /* not a regular expression, or longer than PATTERN_BYTES_MAX */
} PatternResult;

/* As Java's String.matches, which the services' allowed patterns follow: the whole text. */
PatternResult pattern_match(Str regex, Str text);
