/* leases.h - what was created outside the database, for whom, until when: written before creating. */
#pragma once
#include "store/db.h"

/* A lease is committed before the thing exists, so that a crash in between leaves a lease without a
 * thing (harmless), never a thing without a lease. It ends with lease_release, in the event that
 * saw the thing gone. Ended leases are kept as records. The sweeper ends what has a lease but no
 * living owner, and what has a place but no lease. */
typedef struct Lease {
    int64_t n;
    Str owner;  /* cluster id */
    Str engine; /* who destroys it: "local" */
    Str place;  /* the engine's name for it: local: folder below the data folder */
    Millis created, deadline, released; /* deadline 0: as long as the owner; released 0: it holds */
} Lease;

void lease_add(Db *db, const Lease *lease);
void lease_renew(Db *db, Str owner, Millis deadline);
void lease_release(Db *db, Str owner, Millis at);
/* Those that hold, oldest first. */
int64_t lease_list(Db *db, Arena *a, Lease **out);
bool lease_holds(Db *db, Str place);
