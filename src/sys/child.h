/* child.h - process trees that end as one, outlive a crash of the server for a while, and are started exactly once. */
#pragma once
#include "sys/file.h"
#include "sys/loop.h"

/* Each tree is led by a keeper: this same program as `mayfly keep DIR` (or mayfly-keeper beside
 * it). Its one child, the warden, is the init of a PID namespace where the machine allows (without
 * root: of a user namespace that keeps the ids), else a subreaper that ends all descendants. So the
 * tree ends as one, double forks included. What the keeper and the server know of each other lies
 * in DIR, so either may die:
 *
 *     spec.json   written by the server before the keeper starts: argv, environment, paths, limits,
 * first owner started     linked by the keeper, durably, before it starts the program (so: at most
 * once); its pid and start time owner       pid and start time of the server that took over; the
 * keeper ends the tree when the owner has been gone for orphan_grace_ms and no other took over
 *     exit.json   written durably by the keeper when the program has ended and the tree is gone
 *     keeper.log  only when the keeper had trouble
 *
 * The keeper also enforces the deadline and memory_bytes_max (by looking at the tree a few times a
 * second; shared pages count once), answers SIGTERM with SIGTERM to the program's process group,
 * and SIGUSR1 with the end of all. When the keeper itself is killed, the tree ends with it; what a
 * subreaper leaves is found by MAYFLY_CHILD=<absolute DIR>, which every process of the tree has in
 * its environment.
 *
 * The program sees: the given environment and MAYFLY_CHILD, no input, a session of its own, no core
 * files, at most 65,536 descriptors, a raised oom score, its own /proc with only its tree in it.
 * Without root also no_new_privs: what sudo would start could not be ended by us.
 * With namespaces it does not see `hidden`, and lacks the capabilities to change that (hide.h); if
 * hiding fails it runs all the same, and keeper.log says so.
 * MAYFLY_KEEPER_PLAIN=1 in the server's environment does without namespaces. */
typedef struct ChildSpec {
    int64_t id;      /* the caller's name for it: comes back in SYS_CHILD_ENDED */
    Folder *folder;  /* must outlive the child */
    Str dir;         /* below `folder`; one per child, never reused */
    const Str *argv; /* argv[0] is searched in PATH of `env` unless it has a '/' */
    int64_t argv_n;
    const Str *env; /* NAME=value; the whole environment */
    int64_t env_n;
    Str cwd;                      /* absolute */
    Str stdout_path, stderr_path; /* absolute; appended to; standard input is empty */
    int64_t memory_bytes_max;     /* 0: no limit; else killed: signal 9, CHILD_BY_MEMORY */
    int64_t duration_ms_max;      /* 0: no limit; else killed: signal 9, CHILD_BY_DEADLINE */
    int64_t orphan_grace_ms;
    Str hidden; /* absolute; out of the program's sight where it has mounts of its own. "": nothing
                 */
    const Str *kept; /* existing folders below `hidden` that it sees all the same; at most 8 */
    int64_t kept_n;
    Str opt; /* absolute folder that it sees as /opt, read only, where it has mounts of its own and
                its program does not lie below /opt; "": the machine's */
} ChildSpec;

/* Idempotent by `dir`. false: nothing was started and nothing will be. A program that cannot be run
 * is a child that ends with code 127 or 126 and the reason in stderr_path. All strings are UTF-8
 * (else ERR_VALIDATION). */
must_use bool child_start(Loop *loop, const ChildSpec *spec, Error *err);

typedef enum ChildFind {
    CHILD_NEVER_STARTED, /* child_start may be called (again) */
    CHILD_RUNNING,       /* adopted: this process is its owner now; SYS_CHILD_ENDED{id} will come */
    CHILD_ENDED,         /* *exit is filled */
} ChildFind;
/* After a restart: what became of the child of `dir`. Leftovers of a lost one are ended before this
 * returns. */
ChildFind child_find(Loop *loop, Folder *folder, Str dir, int64_t id, ChildExit *exit);

typedef enum ChildSignal {
    CHILD_INTERRUPT, /* SIGTERM to the program */
    CHILD_KILL, /* SIGKILL to the whole tree; given again: to its keeper too, should that hang */
} ChildSignal;
/* Nothing happens when it has ended. SYS_CHILD_ENDED tells of the success. */
void child_signal(Loop *loop, int64_t id, ChildSignal signal);

/* Ends what still runs of the child of `dir`, of whatever server it was, and waits for it; for any
 * thread. false: something of it runs even now. */
must_use bool child_end(Folder *folder, Str dir);

/* The keeper itself: `mayfly keep DIR` ends up here; ends the process with the keeper's exit code.
 * Nothing else should happen before in it: the time to here is part of every child's start. */
int child_keeper_main(const char *dir);
