/* child.h - process trees that end as one, outlive a crash of the server for a while, and are started exactly once. */
#pragma once
#include "sys/file.h"
#include "sys/loop.h"

/* Each tree is led by a keeper: this same program as `mayfly keep DIR`, the init of a PID namespace of its own where the
 * machine allows (else process group + subreaper sweep), so that the kernel ends the whole tree with it, double forks
 * included. What the keeper and the server know of each other lies in DIR, so either may die:
 *
 *     spec.json   written by the server before the keeper starts: argv, environment, paths, limits, owner
 *     started     made by the keeper with O_EXCL before it starts the program (so: at most once); its pid and start time
 *     owner       pid and start time of the serving process; the keeper ends the tree when the owner has been gone for
 *                 orphan_grace_ms and no other took over
 *     exit.json   written durably by the keeper when the program has ended and the tree is gone
 *
 * The keeper also enforces deadline_ms, answers a TERM with SIGTERM to the program, and a KILL with the end of all. */
typedef struct ChildSpec {
    int64_t id;                   /* the caller's name for it: comes back in SYS_CHILD_ENDED */
    Folder *folder;
    Str dir;                      /* below `folder`; one per child, never reused */
    const Str *argv;              /* argv[0] is searched in PATH of `env` unless it has a '/' */
    int64_t argv_n;
    const Str *env;               /* NAME=value; the whole environment */
    int64_t env_n;
    Str cwd;                      /* absolute */
    Str stdout_path, stderr_path; /* absolute; appended to; standard input is empty */
    int64_t memory_bytes_max;     /* 0: no limit */
    int64_t duration_ms_max;      /* 0: no limit; else killed and reported as signal 9 */
    int64_t orphan_grace_ms;
} ChildSpec;

/* Idempotent by `dir`. false: nothing was started and nothing will be. */
must_use bool child_start(Loop *loop, const ChildSpec *spec, Error *err);

typedef enum ChildFind {
    CHILD_NEVER_STARTED, /* child_start may be called (again) */
    CHILD_RUNNING,       /* adopted: this process is its owner now; SYS_CHILD_ENDED{id} will come */
    CHILD_ENDED,         /* *exit is filled */
} ChildFind;
/* After a restart: what became of the child of `dir`. */
ChildFind child_find(Loop *loop, Folder *folder, Str dir, int64_t id, ChildExit *exit);

typedef enum ChildSignal {
    CHILD_INTERRUPT, /* SIGTERM to the program */
    CHILD_KILL,      /* SIGKILL to the whole tree */
} ChildSignal;
/* Nothing happens when it has ended. */
void child_signal(Loop *loop, int64_t id, ChildSignal signal);

/* The keeper itself: `mayfly keep DIR` ends up here; returns the exit code of the keeper process. */
int child_keeper_main(const char *dir);
