/* mutants.h - planted bugs: each must be found within the seeds of a run, else checkers are blind. */
#pragma once
#include "world.h"

/* The product has no hooks for them. They lie in the simulated sys/, or in wrappers (--wrap of the
 * linker) around functions that one file of the product calls in another: mutants*.c. X(name, whose
 * clients find it, what is wrong) */
typedef enum Who { PIPELINES, EXECUTIONS, DEPLOYMENTS, FIRINGS, PERMISSIONS, CASTS } Who;

#define MUTANTS(X)                                                                                 \
    X(MUTANT_NONE, PIPELINES, "nothing")                                                           \
    X(MUTANT_FILE_SYNC, PIPELINES, "fsync of a file does nothing")                                 \
    X(MUTANT_FOLDER_SYNC, PIPELINES, "fsync of a folder does nothing")                             \
    X(MUTANT_DB_SYNC, PIPELINES, "fsync of the database does nothing")                             \
    X(MUTANT_DAEMON_LEFT, PIPELINES, "a daemon that a step leaves behind survives its tree")       \
    X(MUTANT_LOST_IS_SUCCESS, PIPELINES, "a process whose end is unknown counts as ended well")    \
    X(MUTANT_FIND_NOTHING, PIPELINES, "after a restart no process is found")                       \
    X(MUTANT_KILL_ASKS, PIPELINES, "a KILL only asks")                                             \
    X(MUTANT_CODE_LOST, PIPELINES, "a program's exit code is always 0")                            \
    X(MUTANT_ACT_FIRST, PIPELINES, "actions are done before the commit")                           \
    X(MUTANT_COMMIT_LATER, PIPELINES, "answers are sent before the commit")                        \
    X(MUTANT_OUTBOX_FORGETS, PIPELINES, "some commands are not in the outbox")                     \
    X(MUTANT_TIMERS_LOST, PIPELINES, "some timers are not set")                                    \
    X(MUTANT_LEDGER_SHORT, PIPELINES, "an entry of the ledger is a millisecond short")             \
    X(MUTANT_LEASE_KEPT, PIPELINES, "a lease is not released")                                     \
    X(MUTANT_WRONG_ORDER, PIPELINES, "the last submitted step starts first")                       \
    X(MUTANT_TWO_AT_ONCE, PIPELINES, "two steps run at level 1")                                   \
    X(MUTANT_LOST_RUNS_AGAIN, PIPELINES, "a step that was lost is started again")                  \
    X(MUTANT_UPLOAD_DROPPED, PIPELINES, "the bytes of a stored object are thrown away")            \
    X(MUTANT_DELETE_FORGOTTEN, PIPELINES, "some deletions are answered and not made")              \
    X(MUTANT_RENAME_LOST, PIPELINES, "some renames are not made")                                  \
    X(MUTANT_FOLDER_LEFT, PIPELINES, "the folder of a cluster is not removed")                     \
    X(MUTANT_TASK_TWICE, EXECUTIONS, "some tasks are begun twice")                                 \
    X(MUTANT_HISTORY_GAP, EXECUTIONS, "some events are not in the history")                        \
    X(MUTANT_FRAME_FORGOTTEN, EXECUTIONS, "some frames are not stored")                            \
    X(MUTANT_WAIT_FORGOTTEN, EXECUTIONS, "some tasks do not wait for their job")                   \
    X(MUTANT_CHANGE_SKIPPED, EXECUTIONS, "some changes are not followed")                          \
    X(MUTANT_STOPPED_AGAIN, EXECUTIONS, "an execution that has ended can be stopped")              \
    X(MUTANT_ORDER_KEPT, EXECUTIONS, "an order that was carried out is kept")                      \
    X(MUTANT_STATES_TIMER_LOST, EXECUTIONS, "some timers of executions are not set")               \
    X(MUTANT_EXPIRES_EARLY, EXECUTIONS, "executions expire after a minute")                        \
    X(MUTANT_RESOURCE_UNRECORDED, DEPLOYMENTS, "some records of resources are not written")        \
    X(MUTANT_RESOURCE_TWICE, DEPLOYMENTS, "some operations on resources are done twice")           \
    X(MUTANT_RESOURCE_TIMER_LOST, DEPLOYMENTS, "some operations on resources are not ordered")     \
    X(MUTANT_OLD_FORGOTTEN, DEPLOYMENTS, "what a resource was before is not kept, at times")       \
    X(MUTANT_OLD_LEFT, DEPLOYMENTS, "what an update that was left so replaced is forgotten")       \
    X(MUTANT_FAILURE_IGNORED, DEPLOYMENTS, "some failures of resources count as success")          \
    X(MUTANT_NOBODY_LOOKS, DEPLOYMENTS, "some resources that waited are not looked at")            \
    X(MUTANT_EXPORT_LEFT, DEPLOYMENTS, "exports of deleted stacks stay")                           \
    X(MUTANT_EVENT_UNTOLD, DEPLOYMENTS, "some events of stacks are not written")                   \
    X(MUTANT_FIRES_TWICE, FIRINGS, "some inputs are delivered twice")                              \
    X(MUTANT_SLOT_KEPT, FIRINGS, "some slots that fired are still to come")                        \
    X(MUTANT_FIRES_EARLY, FIRINGS, "schedules fire before their time")                             \
    X(MUTANT_SKIPS_UNTOLD, FIRINGS, "skipped slots are not recorded")                              \
    X(MUTANT_SLOT_LEFT_OUT, FIRINGS, "some slots are left out")                                    \
    X(MUTANT_NOT_DELETED, FIRINGS, "schedules are not deleted")                                    \
    X(MUTANT_RETRIES_MORE, FIRINGS, "an attempt is not counted")                                   \
    X(MUTANT_DELIVERY_KEPT, FIRINGS, "deliveries that were made are kept")                         \
    X(MUTANT_ALLOWED_ANYWAY, PERMISSIONS, "some calls are not decided")                            \
    X(MUTANT_SESSION_OUTLIVES, PERMISSIONS, "sessions of a deleted role are those of the next")    \
    X(MUTANT_TRUST_IGNORED, PERMISSIONS, "services act under roles that do not trust them")        \
    X(MUTANT_POLICY_LOST, PERMISSIONS, "some policies are answered and not stored")                \
    X(MUTANT_CALL_UNRECORDED, PERMISSIONS, "some calls are not recorded")

#define X(name, who, what) name,
typedef enum Mutant { MUTANTS(X) MUTANT_COUNT } Mutant;
#undef X

static inline bool mutant(Mutant m)
{
    return world.mutant == (int64_t)m;
}
const char *mutant_name(Mutant m);
Who mutant_who(Mutant m);
