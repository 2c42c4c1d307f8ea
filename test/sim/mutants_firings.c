/* mutants_firings.c - planted bugs of schedules and rules, and a target that throttles. */
#include "app/events/schedules.h"
#include "firings.h"
#include "mutants.h"
#include "store/changes.h"

/* As in mutants.c. */
#define WRAPPED(result, name, ...)                                                                 \
    result __real_##name(__VA_ARGS__);                                                             \
    result __wrap_##name(__VA_ARGS__);                                                             \
    result __wrap_##name(__VA_ARGS__)

/* Not a bug: the world of the simulated clients has a queue that throttles now and then. */
WRAPPED(TargetResult, targets_deliver, Server *s, const Target *t)
{
    if (str_ends(t->arn, S(":flaky")) && flaky_throttles(s->now))
        return (TargetResult){TARGET_RETRY, S("ThrottlingException"), S("Rate exceeded")};
    TargetResult r = __real_targets_deliver(s, t);
    if (mutant(MUTANT_FIRES_TWICE) && r.end == TARGET_DELIVERED && chance_in(20))
        return __real_targets_deliver(s, t);
    return r;
}

WRAPPED(void, schedule_set_slot, Db *db, const ScheduleRow *row)
{
    if (!mutant(MUTANT_SLOT_KEPT) || !chance_in(30)) __real_schedule_set_slot(db, row);
}

WRAPPED(int64_t, schedule_due, Db *db, Millis now, int64_t max, Arena *a, ScheduleRow **out)
{
    return __real_schedule_due(db, now + (mutant(MUTANT_FIRES_EARLY) ? 90 * 1000 : 0), max, a, out);
}

WRAPPED(void, change_add, Db *db, const Change *c)
{
    bool skip = str_eq(c->to, S("SKIPPED"));
    if (!mutant(MUTANT_SKIPS_UNTOLD) || !skip) __real_change_add(db, c);
}

WRAPPED(bool, when_next, const When *w, const Zone *z, Millis anchor, Millis after, Millis *out)
{
    bool any = __real_when_next(w, z, anchor, after, out);
    if (mutant(MUTANT_SLOT_LEFT_OUT) && any && chance_in(40))
        return __real_when_next(w, z, anchor, *out, out);
    return any;
}

WRAPPED(void, schedule_remove, Db *db, int64_t n)
{
    if (!mutant(MUTANT_NOT_DELETED)) __real_schedule_remove(db, n);
}

WRAPPED(void, delivery_set_attempts, Db *db, int64_t n, int64_t attempts)
{
    __real_delivery_set_attempts(db, n, attempts - (mutant(MUTANT_RETRIES_MORE) && attempts == 2));
}

WRAPPED(void, delivery_remove, Db *db, int64_t n)
{
    if (!mutant(MUTANT_DELIVERY_KEPT)) __real_delivery_remove(db, n);
}
