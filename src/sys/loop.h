/* loop.h - the one thread's window on the world: wait, then a bounded list of what happened. */
#pragma once
#include "base/error.h"
#include "base/str.h"

/* Everything outside the program reaches it as SysEvents returned by loop_wait, and nowhere else:
 * there are no callbacks. test/sim links another implementation of this folder's headers, driven
 * from a seed; so nothing above may call the kernel by another way.
 *
 *     while (!stopping) {
 *         SysEvent events[LOOP_EVENTS_MAX];
 *         int n = loop_wait(loop, next_due, events);
 *         Millis now = loop_now(loop);
 *         ... one turn (app/turn.h) ...
 *     }
 */
typedef struct Loop Loop;
typedef struct Conn Conn; /* net.h */

enum { LOOP_EVENTS_MAX = 256, LOOP_POOL_THREADS = 4, LOOP_SLOW_THREADS = 16 };

typedef enum SysEventKind {
    SYS_CONN_OPENED,  /* conn: accepted (after the TLS handshake where there is one) */
    SYS_CONN_INPUT,   /* conn: conn_input() has new bytes, or conn_ended() */
    SYS_CONN_DRAINED, /* conn: everything sent has left */
    SYS_CONN_PUMPED,  /* conn: the pump function returned PUMP_DONE, or (ok false) PUMP_FAILED, or
                         the peer ended or is gone */
    SYS_CONN_CLOSED,  /* conn: gone; the pointer is valid until the next loop_wait */
    SYS_CHILD_ENDED,  /* child_id, exit (child.h) */
    SYS_JOB_DONE,     /* job: the argument given to loop_run_job */
    SYS_STOP,         /* SIGTERM or SIGINT: end in order */
} SysEventKind;

typedef enum ChildCause {
    CHILD_BY_ITSELF, /* also by a signal from elsewhere */
    CHILD_BY_KILL,   /* CHILD_KILL */
    CHILD_BY_DEADLINE,
    CHILD_BY_MEMORY,
    CHILD_BY_ORPHANING, /* its owner was gone for longer than orphan_grace_ms */
} ChildCause;

typedef struct ChildExit {
    bool lost; /* no result can be had: keeper killed or machine restarted */
    ChildCause cause;
    int code, signal; /* signal > 0: ended by it; else the exit code, 127 and 126 as a shell's */
    Millis started_at, ended_at;
    int64_t cpu_ms, memory_max_bytes;
} ChildExit;

typedef struct SysEvent {
    SysEventKind kind;
    Conn *conn;
    bool ok; /* SYS_CONN_PUMPED */
    int64_t child_id;
    ChildExit exit;
    void *job;
} SysEvent;

/* Opens the loop with LOOP_POOL_THREADS threads for blocking work and takes SIGTERM/SIGINT over. */
must_use bool loop_open(Loop **out, Error *err);
/* Closes connections and waits for running jobs; children are left as they are. */
void loop_close(Loop *loop);

/* Waits until something happened or `until` (wall clock; INT64_MAX: no limit) and fills at most
 * LOOP_EVENTS_MAX events. Connections closed in the turn before are freed here. */
int loop_wait(Loop *loop, Millis until, SysEvent events[LOOP_EVENTS_MAX]);

/* Wall clock, read once per loop_wait: constant within a turn; never runs backwards within a
 * process. */
Millis loop_now(const Loop *loop);
/* How long ago that was: what the turn has taken so far. Not for decisions but for how much to do
 * at once. */
int64_t loop_turn_ms(const Loop *loop);
/* Cryptographic randomness: ids, tokens, secrets. */
void loop_random(Loop *loop, void *out, int64_t n);

/* Runs fn(arg) on a pool thread; SYS_JOB_DONE{arg} follows in a later turn. fn may only touch what
 * arg owns and call file.h. Jobs start in the order given; up to LOOP_POOL_THREADS run at once. */
void loop_run_job(Loop *loop, void (*fn)(void *arg), void *arg);
/* The same for work that waits for others (outgoing.h): it has LOOP_SLOW_THREADS threads of its
 * own, so that a server that does not answer holds up no file. They begin with the first such job.
 */
void loop_run_slow_job(Loop *loop, void (*fn)(void *arg), void *arg);

/* Facts of the machine, for sizing. */
typedef struct Machine {
    int cores;
    int64_t memory_bytes;
} Machine;
Machine loop_machine(const Loop *loop);
