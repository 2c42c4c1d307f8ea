/* ledger.h - where a cluster's time went: each millisecond of its life belongs to a step or to a named idle time. */
#pragma once
#include "store/db.h"

/* The balance: sum of a cluster's entries = end - creation, to the millisecond, at every moment up
 * to `billed_until`. Steps that run side by side share the time evenly; the first by number takes
 * what the division leaves over. */
typedef struct LedgerEntry {
    Str what; /* a step's id, or "idle:starting", "idle:bootstrapping", "idle:waiting",
                 "idle:terminating" */
    int64_t ms;
} LedgerEntry;

/* The interval from..to of cluster n went to these steps; with none of them to `idle`. */
void ledger_attribute(Db *db, int64_t cluster, Millis from, Millis to, const Str *steps,
                      int64_t steps_n, Str idle);
/* What a cluster would have cost, in millionths of a dollar: recorded when it ends. */
void ledger_set_cost(Db *db, int64_t cluster, int64_t micro);
must_use bool ledger_cost(Db *db, int64_t cluster, int64_t *micro); /* false: it has not ended */
/* Removes at most `max` entries, and the cost with the last; returns how many entries. */
int64_t ledger_trim(Db *db, int64_t cluster, int64_t max);
int64_t ledger_list(Db *db, int64_t cluster, Arena *a, LedgerEntry **out);

typedef struct LedgerSum {
    int64_t steps_ms, idle_ms;
} LedgerSum;
LedgerSum ledger_sum(Db *db, int64_t cluster);
