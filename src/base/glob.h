/* glob.h - patterns with * for any text and ? for any character, matched in bounded time. */
#pragma once
#include "base/str.h"

typedef enum GlobStyle {
    GLOB_STAR,          /* only *: every other byte is itself */
    GLOB_STAR_QUESTION, /* IAM's: ? is any one byte */
    GLOB_STAR_ESCAPED,  /* EventBridge's: \* is a star and \\ a backslash */
    GLOB_MARKED, /* GLOB_MARK_STAR, GLOB_MARK_ANY: of literal texts and wildcards put together */
} GlobStyle;

enum { GLOB_MARK_STAR = 1, GLOB_MARK_ANY = 2 };

/* The whole text; time at most pattern times text. */
bool glob_matches(GlobStyle style, Str pattern, Str text);
