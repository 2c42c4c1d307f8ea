/* acts.c - looks into the server's database at the moment of an act. */
#include "acts.h"

#include "app/emr/engine.h"
#include "life.h"
#include "mutants.h"
#include "store/outbox.h"

/* The checker's own reads do not fail. */
static int64_t stop_faults(void)
{
    int64_t before = world.weather.read_fails_in;
    world.weather.read_fails_in = 0;
    return before;
}

static void go_on(int64_t faults)
{
    world.weather.read_fails_in = faults;
}

/* Reading by the server's own connection: outside of a transaction it sees what is committed. */
static Db *committed(const char *act)
{
    bool blind = mutant(MUTANT_COMMIT_LATER); /* for those who watch the answers */
    Db *db = world.alive && !blind ? life_db() : NULL;
    promise(!db || !life_deciding(), "%s before the commit", act);
    return db && !life_deciding() && !db_failed(db) ? db : NULL;
}

void acts_start(int64_t child)
{
    ClusterCommand order = {0};
    int64_t cluster = engine_child_cluster(child), attempt = engine_child_attempt(child);
    Db *db = committed("a process is started");
    if (!db) return;
    int64_t faults = stop_faults();
    promise(outbox_find(db, cluster, attempt, &order) &&
                (order.token.kind == CLUSTER_COMMAND_START_STEP ||
                 order.token.kind == CLUSTER_COMMAND_RUN_BOOTSTRAP),
            "process %" PRId64 " of cluster %" PRId64 " is started, and nothing orders it", attempt,
            cluster);
    go_on(faults);
}

static bool is_ending(Db *db, int64_t cluster)
{
    Arena a = {0};
    ClusterRow row;
    bool ending = cluster_row_get(db, cluster, &a, &row) && row.state.destroying;
    arena_free(&a);
    return ending;
}

void acts_signal(int64_t child)
{
    int64_t cluster = engine_child_cluster(child), attempt = engine_child_attempt(child);
    Db *db = committed("a process is signalled");
    if (!db) return;
    int64_t faults = stop_faults();
    promise(outbox_signalled(db, cluster, attempt) || is_ending(db, cluster),
            "process %" PRId64 " of cluster %" PRId64 " is signalled, and nothing orders it",
            attempt, cluster);
    go_on(faults);
}

void acts_remove(Str path)
{
    Arena a = {0};
    ClusterRow row;
    Db *db = str_starts(path, S("work/")) ? committed("a folder is removed") : NULL;
    Str id = str_slice(path, S("work/").n, path.n);
    int64_t faults = stop_faults();
    if (db && cluster_row_find(db, id, (Str){0}, &a, &row))
        promise(row.state.destroying || row.state.ended, "%.*s is removed, and its cluster is %.*s",
                STR(path), STR(states_cluster_name(row.state.life)));
    go_on(faults);
    arena_free(&a);
}
