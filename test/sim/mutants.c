/* mutants.c - the planted bugs that are wrappers around functions of the product. */
#include "mutants.h"

#include "app/server.h"
#include "core/cluster/cluster.h"
#include "store/leases.h"
#include "store/ledger.h"
#include "store/objects.h"
#include "store/outbox.h"
#include "store/timers.h"

const char *mutant_name(Mutant m)
{
    static const char *const mutant_names[] = {
#define X(name, who, what) what,
        MUTANTS(X)
#undef X
    };
    check(m < MUTANT_COUNT);
    return mutant_names[m];
}

Who mutant_who(Mutant m)
{
    static const Who finders[] = {
#define X(name, who, what) who,
        MUTANTS(X)
#undef X
    };
    check(m < MUTANT_COUNT);
    return finders[m];
}

/* The linker sends every call of NAME to the wrapper; __real_NAME is the product's. */
#define WRAPPED(result, name, ...)                                                                 \
    result __real_##name(__VA_ARGS__);                                                             \
    result __wrap_##name(__VA_ARGS__);                                                             \
    result __wrap_##name(__VA_ARGS__)

/* ---- the turn ---- */

WRAPPED(void, after_commit, Server *s, void (*fn)(Server *s, void *arg), void *arg)
{
    if (mutant(MUTANT_ACT_FIRST))
        fn(s, arg);
    else
        __real_after_commit(s, fn, arg);
}

WRAPPED(bool, db_commit, Db *db, Error *err)
{
    return (mutant(MUTANT_COMMIT_LATER) && !world.calm && chance_in(2)) ||
           __real_db_commit(db, err);
}

/* ---- records ---- */

WRAPPED(void, outbox_add, Db *db, int64_t cluster, const ClusterCommand *command)
{
    if (!mutant(MUTANT_OUTBOX_FORGETS) || chance_in(2)) __real_outbox_add(db, cluster, command);
}

WRAPPED(void, timer_set, Db *db, Str kind, Str subject, Millis due)
{
    bool of_states = str_starts(kind, S("states"));
    bool lost =
        (mutant(MUTANT_TIMERS_LOST) && chance_in(2)) ||
        (mutant(MUTANT_STATES_TIMER_LOST) && of_states && chance_in(8)) ||
        (mutant(MUTANT_RESOURCE_TIMER_LOST) && str_eq(kind, S("stack-resource")) && chance_in(20));
    if (!lost) __real_timer_set(db, kind, subject, due);
}

WRAPPED(void, ledger_attribute, Db *db, int64_t cluster, Millis from, Millis to, const Str *steps,
        int64_t steps_n, Str idle)
{
    __real_ledger_attribute(db, cluster, from + mutant(MUTANT_LEDGER_SHORT), to, steps, steps_n,
                            idle);
}

WRAPPED(void, lease_release, Db *db, Str owner, Millis at)
{
    if (!mutant(MUTANT_LEASE_KEPT)) __real_lease_release(db, owner, at);
}

/* ---- decisions ---- */

static const ClusterStep *reversed(const ClusterState *state, Arena *a)
{
    ClusterStep *steps = new_array(a, ClusterStep, state->window_n + 1);
    for (int i = 0; i < state->window_n; i++) steps[i] = state->window[state->window_n - 1 - i];
    return steps;
}

static const ClusterFound *never_started(const ClusterEvent *event, Arena *a)
{
    ClusterFound *found = new_array(a, ClusterFound, event->found_n + 1);
    for (int64_t i = 0; i < event->found_n; i++) {
        found[i] = event->found[i];
        if (found[i].finding == CLUSTER_FOUND_LOST && found[i].kind == CLUSTER_COMMAND_START_STEP)
            found[i].finding = CLUSTER_FOUND_NEVER_STARTED;
    }
    return found;
}

WRAPPED(int, cluster_window, const ClusterSpec *spec, const ClusterEvent *event)
{
    return __real_cluster_window(spec, event) +
           (mutant(MUTANT_WRONG_ORDER) || mutant(MUTANT_TWO_AT_ONCE));
}

WRAPPED(void, cluster_step, const ClusterSpec *spec, const ClusterState *state,
        const ClusterEvent *event, Arena *a, ClusterUpdate *out)
{
    ClusterSpec bad_spec = *spec;
    ClusterState bad_state = *state;
    ClusterEvent bad_event = *event;
    if (mutant(MUTANT_TWO_AT_ONCE)) bad_spec.concurrency = 2;
    if (mutant(MUTANT_WRONG_ORDER)) bad_state.window = reversed(state, a);
    if (mutant(MUTANT_LOST_RUNS_AGAIN) && event->found_n) bad_event.found = never_started(event, a);
    __real_cluster_step(&bad_spec, &bad_state, &bad_event, a, out);
}

/* ---- objects ---- */

WRAPPED(void, upload_close, Upload *u, bool kept)
{
    __real_upload_close(u, kept && !mutant(MUTANT_UPLOAD_DROPPED));
}

WRAPPED(bool, object_delete, Objects *o, Str bucket, Str key, Str version, Str if_match, Millis now,
        Arena *a, ObjectGone *out, Error *err)
{
    if (mutant(MUTANT_DELETE_FORGOTTEN) && chance_in(4))
        return *out = (ObjectGone){.existed = true}, true;
    return __real_object_delete(o, bucket, key, version, if_match, now, a, out, err);
}
