/* sys_worker.c - there are no workers in the simulated world: what needs one fails. */
#include "sys/worker.h"

bool worker_run(const char *const *arguments, int in, int out, Error *err)
{
    (void)arguments;
    (void)in;
    (void)out;
    return error_set(err, ERR_VALIDATION, "there are no workers here");
}
