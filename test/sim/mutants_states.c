/* mutants_states.c - planted bugs of executions, as wrappers around functions of the product. */
#include "mutants.h"

#include "app/states/integrations.h"
#include "core/asl/asl.h"

/* As in mutants.c. */
#define WRAPPED(result, name, ...)                                                                 \
    result __real_##name(__VA_ARGS__);                                                             \
    result __wrap_##name(__VA_ARGS__);                                                             \
    result __wrap_##name(__VA_ARGS__)

WRAPPED(void, integrations_begin, Server *s, const ExecutionRow *x, const ExecutionOrder *order,
        TaskOutcome *out)
{
    if (mutant(MUTANT_TASK_TWICE) && chance_in(4)) __real_integrations_begin(s, x, order, out);
    __real_integrations_begin(s, x, order, out);
}

WRAPPED(void, execution_history_add, Db *db, int64_t execution, const AslHistory *h, Arena *a)
{
    if (!mutant(MUTANT_HISTORY_GAP) || !chance_in(40))
        __real_execution_history_add(db, execution, h, a);
}

WRAPPED(void, execution_frame_set, Db *db, int64_t execution, const AslFrame *f, Arena *a)
{
    if (!mutant(MUTANT_FRAME_FORGOTTEN) || !chance_in(20))
        __real_execution_frame_set(db, execution, f, a);
}

WRAPPED(void, execution_wait_add, Db *db, const ExecutionWait *w)
{
    if (!mutant(MUTANT_WAIT_FORGOTTEN) || !chance_in(4)) __real_execution_wait_add(db, w);
}

WRAPPED(void, execution_set_seen, Db *db, int64_t change)
{
    __real_execution_set_seen(db, change + mutant(MUTANT_CHANGE_SKIPPED));
}

WRAPPED(void, execution_order_remove, Db *db, int64_t execution, OrderKind kind, AslToken token)
{
    if (!mutant(MUTANT_ORDER_KEPT)) __real_execution_order_remove(db, execution, kind, token);
}

WRAPPED(int64_t, execution_row_expired, Db *db, const ExecutionExpiry *e, int64_t *out, int64_t max)
{
    ExecutionExpiry early = *e;
    if (mutant(MUTANT_EXPIRES_EARLY)) early.before = world.now - 60 * 1000;
    return __real_execution_row_expired(db, &early, out, max);
}

WRAPPED(void, asl_step, const AslDefinition *def, const AslExecution *exec, const AslFrames *frames,
        const AslEvent *event, Arena *a, AslUpdate *update)
{
    AslExecution bad = *exec;
    if (mutant(MUTANT_STOPPED_AGAIN) && event->kind == ASL_STOP) bad.status = ASL_RUNNING;
    __real_asl_step(def, &bad, frames, event, a, update);
}
