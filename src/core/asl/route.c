/* route.c - the weighted choice between the versions behind an alias. */
#include "core/asl/route.h"

int32_t asl_route(const int32_t *weights, int32_t n, uint64_t chance)
{
    int32_t point = (int32_t)(chance % 100), i = 0;
    check(n > 0);
    while (i < n - 1 && point >= weights[i]) point -= weights[i++];
    return i;
}
