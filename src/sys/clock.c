/* clock.c - the wall clock. */
#include "sys/clock.h"

#include <time.h>

Millis clock_now(void)
{
    struct timespec t;
    check(!clock_gettime(CLOCK_REALTIME, &t));
    return (Millis)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}
