/* child.c - the server's side of process trees: starts keepers, adopts them, hears of their end. */
#include "sys/child.h"

#include "sys/loop_inner.h"

void children_open(Loop *loop)
{
    loop->children = NULL;
}

void children_close(Loop *loop)
{
    free(loop->children);
}
