/* wall.c - chance and sleep, for the command line. */
#include "sys/wall.h"

#include <sys/random.h>
#include <time.h>

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

