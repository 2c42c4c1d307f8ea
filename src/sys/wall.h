/* wall.h - chance and sleep, for the command line; the server takes its time from loop.h. */
#pragma once
#include "base/base.h"

void wall_sleep(int64_t ms);
uint64_t wall_chance(void);    /* 64 random bits */
