/* sys_unzstd.c - sys/unzstd.h in the simulated world: a system without libzstd. */
#include "sys/unzstd.h"

bool unzstd_open(Unzstd **out, Error *err)
{
    (void)out;
    return error_set(err, ERR_VALIDATION, "there is no libzstd in the simulated world");
}

bool unzstd_next(Unzstd *z, Str *in, char *to, int64_t room, int64_t *got)
{
    (void)z, (void)in, (void)to, (void)room, (void)got;
    unreachable();
}

bool unzstd_whole(const Unzstd *z)
{
    (void)z;
    unreachable();
}

void unzstd_close(Unzstd *z)
{
    check(!z);
}
