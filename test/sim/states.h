/* states.h - clients that start, stop, redrive and answer executions, and remember what each answer promised. */
#pragma once
#include "base/json.h"
#include "world.h"

void states_open(int64_t requests);
void states_close(void);
bool states_done(void);
/* From now on they bring what still runs to its end, and look at each execution when it has ended;
 * states_done tells when. */
void states_verify(void);
/* After the time for which executions are kept: none may be found any more. */
void states_expire(void);

/* ---- states_machines.c: the machines, and what an execution of each kind must come to ---- */
typedef enum Kind {
    KIND_WAIT,
    KIND_MAP,
    KIND_PARALLEL,
    KIND_CALLBACK,
    KIND_NESTED,
    KIND_BROKEN,
    KIND_TASK,
    KIND_FAIL,
    KIND_HANG,
    KIND_LOOP,
    KIND_COUNT
} Kind;
enum { MIXED_TIMEOUT_MS = 1800 * 1000 };
extern const char *const kind_names[KIND_COUNT];
/* In this order they are made: leaf and slow are what mixed starts. */
enum { MACHINE_LEAF, MACHINE_SLOW, MACHINE_MIXED, MACHINES };
extern const char *const machine_names[MACHINES];
/* With ' for ", since it stands in C. */
extern const char *const machine_definitions[MACHINES];
/* Status in which one ends that nobody disturbs. */
const char *kind_ends(Kind kind);

/* ---- states_history.c: what a history must be ---- */
enum { SEEN_MAX = 1000 };
typedef struct Seen {
    uint64_t events[SEEN_MAX]; /* hashes of those seen so far: they never change */
    int64_t n;
} Seen;
/* How often executions of the machines that a mixed one starts have been begun, as its history has
 * it. */
typedef struct Begun {
    int64_t leaf, slow;
} Begun;
/* The first page of a history. `whole`: there is no other. */
void history_check(const char *name, const Json *events, bool whole, Seen *seen, Begun *begun);
/* The last event must say what the status says. */
void history_check_end(const char *name, const Json *events, Str status);
/* The token of the task that waits for one; absent: none does. */
Str history_token(const Json *events, Arena *a);
