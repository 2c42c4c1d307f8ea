/* warden.h - inside sys/: the first process of a tree; starts the program, reaps what it leaves, takes all with it. */
#pragma once
#include <stdatomic.h>

#include "sys/child.h"

/* In memory shared with the keeper, which reads it when the warden has ended. */
typedef struct WardenReport {
    atomic_bool scene_is_set; /* blind and hidden are known */
    atomic_bool
        blind; /* it cannot see the tree's processes: the keeper must measure their memory */
    atomic_bool hidden;        /* the program does not see what it should not */
    atomic_bool program_ended; /* by itself: `status` is its wait status */
    atomic_bool memory_exceeded;
    atomic_int status;
    atomic_llong started_at, memory_max_bytes;
} WardenReport;

/* One byte each, from the keeper. The end of the stream means that the keeper is gone. */
enum { WARDEN_GO = 'g', WARDEN_INTERRUPT = 't', WARDEN_KILL = 'k' };

typedef struct Warden {
    const ChildSpec *spec;
    Str mark;
    int orders; /* read end */
    WardenReport *report;
    bool own_pids; /* it is the init of a PID namespace: the kernel ends the tree with it */
} Warden;

_Noreturn void warden_run(const Warden *w);
