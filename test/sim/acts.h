/* acts.h - the law of the turn, checked from outside: what is done has been recorded, durably, before. */
#pragma once
#include "base/str.h"

/* The simulated sys/ asks at each act of the server: no event is open, no transaction is, and what
 * the database says without one orders just this. `child` as in SYS_CHILD_ENDED (app/engine.h). */
void acts_start(int64_t child);
void acts_signal(int64_t child);
void acts_remove(Str path); /* below the data folder */
