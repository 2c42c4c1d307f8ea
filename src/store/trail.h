/* trail.h - the record of API calls as rows: who asked what, when, and what came of it. */
#pragma once
#include "store/db.h"

enum { TRAIL_EVENTS_MAX = 100 * 1000 }; /* kept; older ones go */

typedef struct TrailRow {
    int64_t n;
    Millis at;
    Str id, account, region, name, source, username, access_key, resource; /* absent: none */
    bool read_only;
    Str event; /* the record, JSON */
} TrailRow;

void trail_add(Db *db, const TrailRow *row);
/* What is beyond TRAIL_EVENTS_MAX, or from before `keep_from`; a bounded number of them. */
void trail_trim(Db *db, Millis keep_from);

typedef struct TrailFilter {
    Str account, region;
    Str id, name, source, username, access_key, resource; /* absent: any */
    int read_only;                                        /* -1: any */
    Millis from, to;                                      /* both included */
    int64_t before;                                       /* row; 0: from the newest */
    int64_t max;
} TrailFilter;
/* Newest first. */
int64_t trail_list(Db *db, const TrailFilter *f, Arena *a, TrailRow **out);
