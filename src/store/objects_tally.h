/* objects_tally.h - how many objects of each storage class a bucket has and how many bytes, counted a portion at a time. */
#pragma once
#include "store/objects.h"

enum { TALLY_OBJECTS_MAX = 10000 }; /* current ones, in one portion */

typedef struct Tally {
    Str storage_class; /* "STANDARD" */
    int64_t objects, bytes;
} Tally;
typedef struct Tallies {
    Tally *p;
    int64_t n, cap;
} Tallies;

/* The bucket after this id. false: there is none. */
must_use bool tally_next_bucket(Objects *o, int64_t after, int64_t *id);
/* Adds the current objects after key `after`. *after: where the next portion goes on. false: these
 * were the last. */
bool tally_objects(Objects *o, int64_t bucket, Str *after, Arena *a, Tallies *sums);
/* Adds what is not current. */
void tally_versions(Objects *o, int64_t bucket, Arena *a, Tallies *sums);
