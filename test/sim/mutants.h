/* mutants.h - planted bugs: each must be found within the seeds of a run, else checkers are blind. */
#pragma once
#include "world.h"

/* Those after MUTANT_EXECUTIONS are found by the clients of executions.
 *
 * The product has no hooks for them. They lie in the simulated sys/, or in wrappers (--wrap of the
 * linker) around functions that one file of the product calls in another: mutants.c. X(name, what
 * is wrong) */
#define MUTANTS(X)                                                                                 \
    X(MUTANT_NONE, "nothing")                                                                      \
    X(MUTANT_FILE_SYNC, "fsync of a file does nothing")                                            \
    X(MUTANT_FOLDER_SYNC, "fsync of a folder does nothing")                                        \
    X(MUTANT_DB_SYNC, "fsync of the database does nothing")                                        \
    X(MUTANT_DAEMON_LEFT, "a daemon that a step leaves behind survives its tree")                  \
    X(MUTANT_LOST_IS_SUCCESS, "a process whose end is unknown counts as ended well")               \
    X(MUTANT_FIND_NOTHING, "after a restart no process is found")                                  \
    X(MUTANT_KILL_ASKS, "a KILL only asks")                                                        \
    X(MUTANT_CODE_LOST, "a program's exit code is always 0")                                       \
    X(MUTANT_ACT_FIRST, "actions are done before the commit")                                      \
    X(MUTANT_COMMIT_LATER, "answers are sent before the commit")                                   \
    X(MUTANT_OUTBOX_FORGETS, "some commands are not in the outbox")                                \
    X(MUTANT_TIMERS_LOST, "some timers are not set")                                               \
    X(MUTANT_LEDGER_SHORT, "an entry of the ledger is a millisecond short")                        \
    X(MUTANT_LEASE_KEPT, "a lease is not released")                                                \
    X(MUTANT_WRONG_ORDER, "the last submitted step starts first")                                  \
    X(MUTANT_TWO_AT_ONCE, "two steps run at level 1")                                              \
    X(MUTANT_LOST_RUNS_AGAIN, "a step that was lost is started again")                             \
    X(MUTANT_UPLOAD_DROPPED, "the bytes of a stored object are thrown away")                       \
    X(MUTANT_DELETE_FORGOTTEN, "some deletions are answered and not made")                         \
    X(MUTANT_RENAME_LOST, "some renames are not made")                                             \
    X(MUTANT_FOLDER_LEFT, "the folder of a cluster is not removed")                                \
    X(MUTANT_EXECUTIONS, "nothing, and from here on nothing of pipelines")                         \
    X(MUTANT_TASK_TWICE, "some tasks are begun twice")                                             \
    X(MUTANT_HISTORY_GAP, "some events are not in the history")                                    \
    X(MUTANT_FRAME_FORGOTTEN, "some frames are not stored")                                        \
    X(MUTANT_WAIT_FORGOTTEN, "some tasks do not wait for their job")                               \
    X(MUTANT_CHANGE_SKIPPED, "some changes are not followed")                                      \
    X(MUTANT_STOPPED_AGAIN, "an execution that has ended can be stopped")                          \
    X(MUTANT_ORDER_KEPT, "an order that was carried out is kept")                                  \
    X(MUTANT_STATES_TIMER_LOST, "some timers of executions are not set")                           \
    X(MUTANT_EXPIRES_EARLY, "executions expire after a minute")

#define X(name, what) name,
typedef enum Mutant { MUTANTS(X) MUTANT_COUNT } Mutant;
#undef X

static inline bool mutant(Mutant m)
{
    return world.mutant == (int64_t)m;
}
const char *mutant_name(Mutant m);
