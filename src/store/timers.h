/* timers.h - durable timers: what is due survives a crash and fires at once after it. */
#pragma once
#include "store/db.h"

/* A timer is named by kind and subject ("cluster-idle", "j-ABC"); setting it again moves it. */
void timer_set(Db *db, Str kind, Str subject, Millis due);
/* ... unless it is due earlier already. */
void timer_set_by(Db *db, Str kind, Str subject, Millis due);
void timer_clear(Db *db, Str kind, Str subject);

/* All of this kind are due at `now` at the latest. */
void timer_bring_forward(Db *db, Str kind, Millis now);

typedef struct Timer {
    Str kind, subject;
    Millis due;
} Timer;

/* The earliest due time; INT64_MAX: there is no timer. One index look-up. */
Millis timer_next(Db *db);
/* At most `max` timers due at `now`, earliest first; they stay until cleared. */
int64_t timer_due(Db *db, Millis now, Arena *a, Timer *out, int64_t max);
