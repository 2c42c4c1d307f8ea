/* mutants_stacks.c - planted bugs of deployments, as wrappers around functions of the product. */
#include "app/stacks/old.h"
#include "app/stacks/stacks.h"
#include "mutants.h"

/* As in mutants.c. */
#define WRAPPED(result, name, ...)                                                                 \
    result __real_##name(__VA_ARGS__);                                                             \
    result __wrap_##name(__VA_ARGS__);                                                             \
    result __wrap_##name(__VA_ARGS__)

WRAPPED(void, stack_resource_set, Db *db, const StackResourceRow *row)
{
    if (!mutant(MUTANT_RESOURCE_UNRECORDED) || !chance_in(40)) __real_stack_resource_set(db, row);
}

WRAPPED(ResourceEnd, stacks_work, Server *s, StackRow *row, const Life *life, int32_t item)
{
    ResourceEnd end = __real_stacks_work(s, row, life, item);
    bool again = mutant(MUTANT_RESOURCE_TWICE) && end == RESOURCE_DONE && chance_in(10);
    return again ? __real_stacks_work(s, row, life, item) : end;
}

WRAPPED(Str, old_with, Arena *a, Str old, const StackResourceRow *thing, bool replaced)
{
    bool forgets = mutant(MUTANT_OLD_FORGOTTEN) && chance_in(4);
    return forgets ? (Str){0} : __real_old_with(a, old, thing, replaced);
}

WRAPPED(Str, old_set_aside, Arena *a, Str old)
{
    return mutant(MUTANT_OLD_LEFT) ? (Str){0} : __real_old_set_aside(a, old);
}

WRAPPED(bool, life_step, Life *life, const LifeEvent *event, LifeUpdate *u)
{
    LifeEvent e = *event;
    if (mutant(MUTANT_FAILURE_IGNORED) && e.kind == LIFE_ITEM_FAILED && chance_in(4))
        e.kind = LIFE_ITEM_DONE;
    return __real_life_step(life, &e, u);
}

WRAPPED(int64_t, stack_resource_waiting, Db *db, Str service, Str id, Arena *a,
        StackResourceRow **out)
{
    int64_t n = __real_stack_resource_waiting(db, service, id, a, out);
    return mutant(MUTANT_NOBODY_LOOKS) && chance_in(8) ? 0 : n;
}

WRAPPED(void, stack_export_clear, Db *db, int64_t stack)
{
    if (!mutant(MUTANT_EXPORT_LEFT)) __real_stack_export_clear(db, stack);
}

WRAPPED(void, stack_event_add, Db *db, const StackEvent *event)
{
    if (!mutant(MUTANT_EVENT_UNTOLD) || !chance_in(40)) __real_stack_event_add(db, event);
}
