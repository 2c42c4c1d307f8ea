/* zip_make.h - zip archives of a few texts: members stored as they are, readable by all, without dates. */
#pragma once
#include "base/str.h"

typedef struct ZipText {
    Str name, text;
} ZipText;

/* The same texts give the same bytes. Names are relative, in UTF-8; fewer than 64 Ki members,
 * altogether below 2 GiB. */
Str zip_make(const ZipText *members, int n, Arena *a);
