/* queues.h - rows of queues: what each is called and how it was set. */
#pragma once
#include "store/db.h"

typedef struct QueueRow {
    int64_t n; /* never given twice */
    Str account, region, name;
    Millis created, modified, purged; /* purged: when last, or 0 */
    int64_t purged_until;             /* messages up to this one are gone */
    Str attributes, tags;             /* JSON objects of texts; attributes: as they were set */
} QueueRow;

void queue_row_add(Db *db, QueueRow *row); /* sets row->n */
must_use bool queue_row_find(Db *db, Str account, Str region, Str name, Arena *a, QueueRow *out);
must_use bool queue_row_get(Db *db, int64_t n, Arena *a, QueueRow *out);
void queue_row_set(Db *db, const QueueRow *row); /* all but what names it */
/* Its messages are gone with it; the sweep takes their rows. */
void queue_row_remove(Db *db, int64_t n);

/* By name, of those that begin with `prefix` and come after `after`; either may be absent. */
int64_t queue_row_list(Db *db, Str account, Str region, Str prefix, Str after, int64_t max,
                       Arena *a, QueueRow **out);
/* After number `after`, of all accounts. */
int64_t queue_row_walk(Db *db, int64_t after, int64_t max, Arena *a, QueueRow **out);

/* Queues that were deleted and whose messages still lie about. false: there is none. */
must_use bool queue_dead_first(Db *db, int64_t *n);
void queue_dead_forget(Db *db, int64_t n);
