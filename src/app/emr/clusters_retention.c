/* clusters_retention.c - ended clusters are kept as long as EMR keeps them, then removed in small portions. */
#include "app/emr/clusters.h"
#include "store/changes.h"
#include "store/leases.h"
#include "store/ledger.h"
#include "store/timers.h"

enum {
    RETENTION_EVERY_MS = 60 * 60 * 1000,
    RETENTION_AGAIN_MS = 10, /* with more to do: others have their turns in between */
    RETENTION_CLUSTERS_MAX = 100,
    RETENTION_ROWS_MAX = 2000, /* of steps, ledger, or changes in one portion */
};
/* "Amazon EMR saves metadata about terminated clusters for two months", Management Guide. */
#define RETENTION_MS ((Millis)61 * 24 * 60 * 60 * 1000)

/* false: it had more than is left of the portion. */
static bool remove_one(Server *s, const ClusterExpired *c, int64_t *rows)
{
    *rows -= step_row_trim(s->db, c->n, *rows);
    if (*rows > 0) *rows -= ledger_trim(s->db, c->n, *rows);
    if (*rows <= 0) return false;
    lease_remove(s->db, c->id);
    cluster_row_remove(s->db, c->n);
    return true;
}

/* true: there may be more. */
static bool remove_some(Server *s)
{
    ClusterExpired *found;
    int64_t rows = RETENTION_ROWS_MAX,
            n = cluster_row_expired(s->db, s->now - RETENTION_MS, RETENTION_CLUSTERS_MAX, &s->turn,
                                    &found);
    for (int64_t i = 0; i < n; i++)
        if (!remove_one(s, &found[i], &rows)) return true;
    if (n) log_recorded(s, "clusters-expired", "clusters=%" PRId64, n);
    return n == RETENTION_CLUSTERS_MAX;
}

void clusters_retention_due(Server *s, Str subject)
{
    bool more = remove_some(s);
    int64_t dropped = change_drop_before(s->db, s->now - CHANGES_KEEP_MS, RETENTION_ROWS_MAX);
    more |= dropped == RETENTION_ROWS_MAX;
    timer_set(s->db, S("cluster-retention"), subject,
              s->now + (more ? RETENTION_AGAIN_MS : RETENTION_EVERY_MS));
}
