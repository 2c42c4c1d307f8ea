/* items.h - the file of a Map Run's items: one a line, as JSON, with where it comes from if that is to be known. */
#pragma once
#include "base/json.h"

/*     {"a":1}                                       an item: compact JSON, which has no line feeds
 *     #{"Source":"s3://b/k"}<TAB>{"a":1}            with its file, or with its key in an object
 */
typedef struct ItemLine {
    Str text, key, source;
    int64_t bytes; /* of the line with its end */
} ItemLine;

void item_put(Buf *out, Str json, Str key, Str source);
/* Whole lines of `text`, at most max. */
int64_t item_lines(Str text, int64_t max, Arena *a, ItemLine **out);
