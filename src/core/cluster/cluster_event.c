/* cluster_event.c - names of commands and timers, for rows, the log and traces. */
#include "core/cluster/cluster_event.h"

#define X(code, name) [code] = {name, sizeof(name) - 1},
static const Str commands[] = {CLUSTER_COMMAND_TABLE(X)};
static const Str timers[] = {CLUSTER_TIMER_TABLE(X)};
#undef X

Str cluster_command_name(ClusterCommandKind kind)
{
    check((int)kind >= 0 && (int)kind < countof(commands));
    return commands[kind];
}

Str cluster_timer_name(ClusterTimer timer)
{
    check((int)timer >= 0 && (int)timer < countof(timers));
    return timers[timer];
}

bool cluster_command_from(Str name, ClusterCommandKind *out)
{
    int i = states_find(commands, countof(commands), name);
    if (i < 0) return false;
    *out = (ClusterCommandKind)i;
    return true;
}

bool cluster_timer_from(Str name, ClusterTimer *out)
{
    int i = states_find(timers, countof(timers), name);
    if (i < 0) return false;
    *out = (ClusterTimer)i;
    return true;
}
