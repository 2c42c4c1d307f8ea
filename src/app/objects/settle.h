/* settle.h - keeps the store's settler going: a batch on the pool, its marks as an event, then the next. */
#pragma once
#include "app/server.h"
#include "store/objects.h"

enum {
    SETTLE_QUIET_MS = 200, /* without a new object: a burst of writes has the disk for itself ... */
    SETTLE_LATEST_MS = 5000, /* ... but no longer than that */
    SETTLE_RETRY_MS = 5000,  /* after something could not be done (disk full) */
};

/* In an event, before the first client: what a crash left is put in order. */
must_use bool settle_recover(Server *s, Error *err);
/* After the commit of each turn: starts a batch when one is due. */
void settle_tick(Server *s);
void settle_close(Server *s);
