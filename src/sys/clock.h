/* clock.h - inside sys/: the wall clock, read where nobody else may. */
#pragma once
#include "base/base.h"

Millis clock_now(void);
