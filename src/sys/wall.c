/* wall.c - the wall clock, chance and sleep, for the command line. */
#include "sys/wall.h"

#include <sys/random.h>
#include <time.h>
#include <unistd.h>

Millis wall_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (Millis)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void wall_sleep(int64_t ms)
{
    struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    nanosleep(&t, NULL);
}

uint64_t wall_chance(void)
{
    uint64_t bits;
    check(getrandom(&bits, sizeof bits, 0) == (ssize_t)sizeof bits);
    return bits;
}

bool wall_is_terminal(int fd)
{
    return isatty(fd);
}
