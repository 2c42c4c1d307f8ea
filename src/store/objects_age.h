/* objects_age.h - all versions of a bucket's objects in order, a portion at a time, with what their age is told by. */
#pragma once
#include "store/objects.h"

enum { AGES_MAX = 100 }; /* a portion */

typedef struct Aged {
    Object object;
    bool current;  /* the newest of its key: an object, or a delete marker that hides it */
    bool alone;    /* the only one of its key */
    Millis since;  /* current: made; else: when a newer one took its place */
    int64_t newer; /* noncurrent: how many noncurrent ones are newer */
} Aged;
typedef struct Ages {
    Aged *p;
    int64_t n, cap;
} Ages;

/* By key, newest first, after the version `seq` of `key` (absent, 0: from the start). Fewer than
 * AGES_MAX: these were the last. */
Ages object_ages(Objects *o, int64_t bucket_id, Str bucket, Str key, int64_t seq, Arena *a);
