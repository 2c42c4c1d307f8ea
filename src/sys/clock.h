/* clock.h - the wall clock: for sys/ itself and the command line; the server takes its time from loop.h. */
#pragma once
#include "base/base.h"

Millis clock_now(void);
