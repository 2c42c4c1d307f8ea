/* leases.h - what was created outside the database, for whom, until when: written before creating. */
#pragma once
#include "store/db.h"

/* A lease is committed before the thing exists, so that a crash in between leaves a lease without a
 * thing (harmless), never a thing without a lease. It holds for LEASE_TERM_MS; the sweeper renews
 * it as long as its owner lives. It ends with lease_release, in the event that saw the thing gone.
 * The sweeper ends what has a lease that nobody has renewed, and what has a place but no lease.
 * Ended leases are kept as records, as long as their cluster's rows. */
#define LEASE_TERM_MS ((Millis)10 * 60 * 1000)

typedef struct Lease {
    int64_t n;
    Str owner;  /* cluster id */
    Str engine; /* who destroys it: "local" */
    Str place;  /* the engine's name for it: local: folder below the data folder */
    Millis created, deadline, released; /* released 0: it holds */
} Lease;

void lease_add(Db *db, const Lease *lease);
/* All that hold and whose cluster has not ended. */
void lease_renew(Db *db, Millis deadline);
void lease_remove(Db *db, Str owner); /* the record, with the last of its owner */
void lease_release(Db *db, Str owner, Millis at);
/* Those that hold and were due before `now`: nobody has renewed them. Oldest first. */
int64_t lease_list_overdue(Db *db, Millis now, Arena *a, Lease **out);
bool lease_holds(Db *db, Str place);
