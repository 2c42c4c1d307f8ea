/* executions_retention.c - ended executions are kept as long as AWS keeps them, then removed in small portions. */
#include "app/states/executions.h"
#include "store/aliases.h"
#include "store/map_runs.h"
#include "store/timers.h"

enum {
    RETENTION_EVERY_MS = 60 * 60 * 1000,
    RETENTION_AGAIN_MS = 10, /* with more to do: others have their turns in between */
    RETENTION_EXECUTIONS_MAX = 100,
    RETENTION_EVENTS_MAX = 5000, /* of history, in one portion */
};
/* "Execution history retention time", AWS's quotas page. */
#define RETENTION_MS ((Millis)90 * 24 * 60 * 60 * 1000)
/* Nobody can ask for an Express execution that has ended. */
#define RETENTION_EXPRESS_MS ((Millis)24 * 60 * 60 * 1000)

/* false: its history was more than is left of the portion. */
static bool remove_one(Server *s, int64_t execution, int64_t *events)
{
    *events -= execution_history_trim(s->db, execution, *events);
    if (*events <= 0) return false;
    map_run_forget(s->db, execution);
    execution_alias_forget(s->db, execution);
    execution_row_remove(s->db, execution);
    return true;
}

/* true: there may be more. */
static bool remove_some(Server *s, bool express, bool map_child, Millis keep)
{
    int64_t found[RETENTION_EXECUTIONS_MAX], events = RETENTION_EVENTS_MAX;
    ExecutionExpiry e = {.express = express, .map_child = map_child, .before = s->now - keep};
    int64_t n = execution_row_expired(s->db, &e, found, countof(found));
    for (int64_t i = 0; i < n; i++)
        if (!remove_one(s, found[i], &events)) return true;
    if (n) log_info(s, "executions-expired", "express=%d executions=%" PRId64, express, n);
    return n == countof(found);
}

/* A Map Run needs its children's results to its end. */
void executions_retention_due(Server *s, Str subject)
{
    bool more = remove_some(s, false, false, RETENTION_MS);
    more |= remove_some(s, false, true, RETENTION_MS);
    more |= remove_some(s, true, false, RETENTION_EXPRESS_MS);
    more |= remove_some(s, true, true, RETENTION_MS);
    timer_set(s->db, S("states-retention"), subject,
              s->now + (more ? RETENTION_AGAIN_MS : RETENTION_EVERY_MS));
}

void executions_retention_start(Server *s)
{
    timer_set(s->db, S("states-retention"), S("all"), s->now);
}
