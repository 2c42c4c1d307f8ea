/* sys_outgoing.c - the simulated world has no other servers: every connection to one is refused. */
#include "sys/outgoing.h"

OutgoingFailure outgoing_open(const OutgoingAddress *to, Millis deadline, Arena *a, Outgoing **out,
                              Str *why)
{
    (void)deadline;
    (void)out;
    *why = str_printf(a, "no connection to %.*s port %d", STR(to->host), to->port);
    return OUTGOING_NO_SERVER;
}

OutgoingFailure outgoing_write(Outgoing *o, Str bytes)
{
    (void)o;
    (void)bytes;
    unreachable();
}

OutgoingFailure outgoing_read(Outgoing *o, char *to, int64_t max, int64_t *n)
{
    (void)o;
    (void)to;
    (void)max;
    (void)n;
    unreachable();
}

void outgoing_close(Outgoing *o)
{
    (void)o;
}
