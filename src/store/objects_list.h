/* objects_list.h - listings in key order, common prefixes rolled up: the cost is that of what is returned. */
#pragma once
#include "store/objects.h"

enum { LIST_ENTRIES_MAX = 1000 };

typedef struct ListQuery {
    int64_t bucket_id;
    Str prefix, delimiter; /* may be absent */
    Str after; /* begin after this key; or, if it is inside a common prefix, after all of that */
    int64_t after_seq; /* listing versions: 0, or of `after` only those older than this are left */
    int64_t max;       /* <= LIST_ENTRIES_MAX; 0: nothing */
} ListQuery;

typedef struct ListEntry {
    bool is_prefix; /* only object.key: the common prefix */
    bool is_latest; /* versions */
    Object object;  /* key, size, modified, etag, checksum, storage_class, seq, version,
                       delete_marker */
} ListEntry;

typedef struct Listing {
    ListEntry *p;
    int64_t n, cap;
    bool truncated;
} Listing;

Listing object_list(Objects *o, const ListQuery *q, Arena *a);
Listing version_list(Objects *o, const ListQuery *q, Arena *a); /* by key, newest first */
/* The place of a version among those of its key, for after_seq, also of one that has been deleted;
 * 0: it never was one. */
int64_t version_seq(Objects *o, int64_t bucket_id, Str key, Str version);

/* What the listings have in common, also that of uploads: a cursor over one table's keys that jumps
 * over what is rolled up. open gives rows from key `from` (inclusive) to `to` (exclusive) in order;
 * column 0 is the key. */
typedef struct ListWalk {
    Rows (*rows_from)(Objects *o, const ListQuery *q, Str from, Str to);
    Objects *o;
    const ListQuery *q;
    Arena *a;
    Rows rows;
    Str to, prefix; /* prefix: of the entry just found, if it is one */
} ListWalk;
void list_begin(ListWalk *w);
/* The next entry: *is_prefix tells; else walk->rows is at the row, and its key is *key. */
bool list_next(ListWalk *w, Str *key, bool *is_prefix);
void list_end(ListWalk *w);
