/* wall.h - the wall clock and sleep, for the command line; the server takes its time from loop.h. */
#pragma once
#include "base/base.h"

Millis wall_now(void);
void wall_sleep(int64_t ms);
bool wall_is_terminal(int fd); /* a person is looking */
