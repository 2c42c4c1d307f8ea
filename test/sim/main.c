/* main.c - `sim [first seed] [count]`: runs seeds, says what they did, and of one that broke a promise what and how. */
#include <signal.h>
#include <sqlite3.h>
#include <time.h>
#include <unistd.h>

#include "disk.h"
#include "emr.h"
#include "firings.h"
#include "life.h"
#include "memory.h"
#include "mutants.h"
#include "replay.h"
#include "roles.h"
#include "s3.h"
#include "stacks.h"
#include "states.h"
#include "sys_inside.h"

enum { AGAIN_EVERY = 50, SHOWN = 40, MUTANT_SEEDS = 400 };
#define EXPIRED_MS ((Millis)91 * 24 * 60 * 60 * 1000)

/* Memory of a life that was crashed is thrown away by us, but not what OpenSSL holds: leaks are
 * counted at clean stops. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "detect_leaks=0:handle_abort=0";
}

static struct {
    int64_t seeds, events, crashes, lives, requests, starts, virtual_ms;
} sum;

/* ---- one seed ---- */

/* Who lives in a seed's world. */
typedef struct Cast {
    const char *name;
    void (*open)(void);
    void (*close)(void);
    bool (*done)(void);
    void (*verify)(void);
    void (*inspect)(void); /* the disk, after each life; NULL: nobody does */
    void (*settled)(void); /* ... and when what was verified is done; NULL: nobody does */
    void (*last)(void);
} Cast;

static void pipelines_open(void)
{
    s3_open(world.weather.clients, world.weather.requests);
    emr_open(world.weather.requests);
}

static void pipelines_close(void)
{
    s3_close();
    emr_close();
}

static bool pipelines_done(void)
{
    return s3_done() && emr_done();
}

static void pipelines_verify(void)
{
    s3_verify();
    emr_verify();
}

/* Before a power cut that would end them all. */
static void check_processes(void)
{
    promise(procs_alive(S("/sim/data/")) == 0, "%d processes were left behind",
            procs_alive(S("/sim/data/")));
}

/* What only the disk tells, when no server runs. */
static void check_rows(const char *sql, const char *wanted, const char *what)
{
    sqlite3 *db;
    sqlite3_stmt *stmt;
    if (world.broken) return;
    check(sqlite3_open_v2("/sim/data/state.db", &db, SQLITE_OPEN_READWRITE, "sim") == SQLITE_OK);
    check(sqlite3_exec(db, "PRAGMA locking_mode = EXCLUSIVE", NULL, NULL, NULL) == SQLITE_OK);
    check(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK);
    promise(sqlite3_step(stmt) == SQLITE_ROW &&
                !strcmp((const char *)sqlite3_column_text(stmt, 0), wanted),
            "%s: %s", what, sqlite3_column_text(stmt, 0));
    sqlite3_finalize(stmt);
    sqlite3_close(db);
}

static void check_disk(void)
{
    promise(disk_count(disk_find(S("/sim/data/work"))) == 0, "files were left in work/");
    static const struct {
        const char *sql, *wanted, *what;
    } questions[] = {
        {"PRAGMA integrity_check", "ok", "the database is damaged"},
        {"SELECT count(*) FROM lease WHERE released = 0", "0", "a lease still holds"},
        {"SELECT count(*) FROM outbox", "0", "commands wait for an answer"},
        {"SELECT count(*) FROM cluster c WHERE c.ended - c.created <> (SELECT sum(ms) FROM ledger "
         "l WHERE l.cluster = c.n)",
         "0", "the ledger does not balance"},
        {"SELECT count(*) FROM ledger l WHERE what NOT LIKE 'idle:%' AND NOT EXISTS (SELECT 1 FROM "
         "step s WHERE s.cluster = l.cluster AND s.id = l.what)",
         "0", "the ledger names what is no step"},
        {"SELECT count(*) FROM cluster c WHERE (SELECT micro FROM cost WHERE cluster = c.n) <> "
         "(3 * 240000 * max(60, (c.ended - c.created + 999) / 1000) + 1800) / 3600",
         "0", "a cost is wrong"},
        {"SELECT count(*) FROM cluster c LEFT JOIN cost o ON o.cluster = c.n WHERE o.micro IS NULL",
         "0", "an ended cluster has no cost"},
        {"SELECT count(*) FROM cluster WHERE ended = 0", "0", "a cluster has no end"},
        {"SELECT count(*) FROM execution WHERE status = 0", "0", "an execution has no end"},
        {"SELECT count(*) FROM execution_order", "0", "orders of executions are left"},
        {"SELECT count(*) FROM execution_wait", "0", "executions that ended wait"},
        {"SELECT count(*) FROM timer WHERE kind IN ('states', 'states-order')", "0",
         "executions that ended have timers"},
        {"SELECT count(*) FROM execution_frame f JOIN execution e ON e.n = f.execution WHERE "
         "e.status "
         "= 1",
         "0", "frames of an execution that succeeded are left"},
        {"SELECT count(*) FROM execution e WHERE last_event <> (SELECT count(*) FROM "
         "execution_history h WHERE h.execution = e.n)",
         "0", "a history is not complete"},
    };
    for (int i = 0; i < countof(questions); i++)
        check_rows(questions[i].sql, questions[i].wanted, questions[i].what);
}

/* Ninety days later. */
static void expire(void)
{
    check_disk();
    world.now += EXPIRED_MS;
    states_expire();
    life_until(states_done);
    check_rows(
        "SELECT (SELECT count(*) FROM execution) + (SELECT count(*) FROM execution_history) + "
        "(SELECT count(*) FROM execution_frame)",
        "0", "rows of expired executions are left");
}

/* ---- who there is ---- */

static struct ServerConfig *config;

static void roles_open_clients(void)
{
    roles_open(config);
}

static void firings_open_clients(void)
{
    firings_open(config);
}

static void nothing(void) {}

static void executions_open_client(void)
{
    states_open(4 * world.weather.requests);
}

static void stacks_open_clients(void)
{
    stacks_open(3 * world.weather.requests);
}

static void remove_stacks(void)
{
    stacks_end();
    life_until(stacks_done);
    stacks_check_gone();
}

static const Cast casts[CASTS] = {
    [PIPELINES] = {"pipelines", pipelines_open, pipelines_close, pipelines_done, pipelines_verify,
                   .last = check_disk},
    [EXECUTIONS] = {"states", executions_open_client, states_close, states_done, states_verify,
                    .last = expire},
    [DEPLOYMENTS] = {"stacks", stacks_open_clients, stacks_close, stacks_done, stacks_verify,
                     stacks_inspect, stacks_check, remove_stacks},
    [FIRINGS] = {"firings", firings_open_clients, firings_close, firings_done, firings_verify,
                 .settled = firings_check, .last = nothing},
    [PERMISSIONS] = {"roles", roles_open_clients, roles_close, roles_done, roles_verify,
                     .settled = roles_check, .last = nothing},
};
static const Cast *cast = &casts[PIPELINES];

static void settle(void)
{
    cast->verify();
    if (!world.broken) life_until(cast->done);
    if (!world.broken && cast->settled) cast->settled();
}

static void run_seed(uint64_t seed)
{
    world_open(seed);
    disk_open();
    disk_folder(S("/sim"));
    procs_open();
    sqlite3_randomness(0, NULL);
    config = life_open(cast->inspect);
    cast->open();
    life_weather();
    life_until(cast->done);
    life_calm();
    settle();
    check_processes();
    if (!world.broken) life_power_cut();
    settle();
    if (!world.broken) cast->last();
    cast->close();
    procs_close();
    disk_close();
    world_close();
}

/* ---- reports ---- */

static void tell_broken(void)
{
    printf("seed %" PRIu64 " breaks a promise: %s\nlast of what happened (virtual ms):\n",
           world.seed, world.what);
    int64_t from = world.trace_n > SHOWN ? world.trace_n - SHOWN : 0;
    for (int64_t i = from; i < world.trace_n; i++)
        printf("    %s\n", world.trace[i % WORLD_TRACE_MAX]);
}

static void on_fatal(int number)
{
    char text[128];
    int n = snprintf(text, sizeof text, "seed %" PRIu64 ": signal %d\n", world.seed, number);
    if (write(STDERR_FILENO, text, (size_t)n) < 0) _exit(3);
    tell_broken();
    fflush(stdout);
    signal(number, SIG_DFL);
    raise(number);
}

static void count(void)
{
    sum.seeds++;
    sum.events += world.events;
    sum.crashes += world.crashes;
    sum.lives += world.lives;
    sum.requests += world.requests;
    sum.starts += world.starts;
    sum.virtual_ms += world.now - world.started_at;
}

/* false: broken, or not the same twice. */
static bool try_seed(uint64_t seed, bool twice)
{
    run_seed(seed);
    count();
    if (world.broken || !twice) return !world.broken;
    uint64_t hash = world.hash;
    run_seed(seed);
    promise(world.hash == hash, "the same seed gave something else the second time");
    return !world.broken;
}

static bool run_range(uint64_t first, uint64_t n)
{
    for (uint64_t seed = first; seed < first + n; seed++)
        if (!try_seed(seed, seed % AGAIN_EVERY == 0)) return tell_broken(), false;
    return true;
}

static void tell_sum(double seconds)
{
    printf("%" PRId64 " seeds, %" PRId64 " events, %" PRId64 " requests, %" PRId64
           " programs, %" PRId64 " crashes, %" PRId64
           " lives, %.1f virtual hours in %.1f s (%.0f seeds/s)\n",
           sum.seeds, sum.events, sum.requests, sum.starts, sum.crashes, sum.lives,
           (double)sum.virtual_ms / 3.6e6, seconds, (double)sum.seeds / seconds);
}

/* ---- planted bugs ---- */

/* The first seed that finds the planted bug; 0: none. */
static uint64_t find_mutant(void)
{
    for (uint64_t seed = 1; seed <= MUTANT_SEEDS; seed++) {
        run_seed(seed);
        if (world.broken) return seed;
    }
    return 0;
}

static bool find_mutants(void)
{
    bool all = true;
    for (int64_t m = 1; m < MUTANT_COUNT; m++) {
        world.mutant = m;
        cast = &casts[mutant_who((Mutant)m)];
        uint64_t seed = find_mutant();
        all = all && seed;
        if (seed)
            printf("found: %s (seed %" PRIu64 ": %s)\n", mutant_name((Mutant)m), seed, world.what);
        else
            printf("NOT FOUND: %s\n", mutant_name((Mutant)m));
        fflush(stdout);
    }
    return all;
}

/* "SEED" or "WHO SEED" */
static bool try_kept(const char *line)
{
    cast = &casts[PIPELINES];
    const char *blank = strchr(line, ' ');
    for (int i = 0; blank && i < CASTS; i++)
        if (!strncmp(line, casts[i].name, (size_t)(blank - line))) cast = &casts[i];
    if (try_seed(strtoull(blank ? blank : line, NULL, 10), false)) return true;
    return tell_broken(), false;
}

static bool run_kept(const char *path)
{
    char line[256];
    FILE *f = fopen(path, "r");
    bool good = f;
    while (good && fgets(line, sizeof line, f)) good = line[0] == '#' || try_kept(line);
    if (f)
        fclose(f);
    else
        printf("cannot read %s\n", path);
    return good;
}

/* ---- arguments ---- */

static int64_t number(const char *text)
{
    return strtoll(text, NULL, 10);
}

static const char usage[] =
    "usage: sim [-v] [-m MUTANT] [WHO] [first seed [count]] | sim mutants | sim kept FILE | "
    "sim replay FILE [every]\n"
    "WHO: pipelines states stacks firings roles\n";

static bool run(int argc, char **argv)
{
    if (argc > 1 && !strcmp(argv[1], "mutants")) return find_mutants();
    for (int i = 0; argc > 1 && i < CASTS; i++)
        if (!strcmp(argv[1], casts[i].name)) {
            cast = &casts[i];
            return run(argc - 1, argv + 1);
        }
    if (argc > 2 && !strcmp(argv[1], "kept")) return run_kept(argv[2]);
    if (argc > 2 && !strcmp(argv[1], "replay")) {
        if (replay_run(argv[2], argc > 3 ? number(argv[3]) : 1)) return true;
        return tell_broken(), false;
    }
    return run_range(argc > 1 ? (uint64_t)number(argv[1]) : 1,
                     argc > 2 ? (uint64_t)number(argv[2]) : 1000);
}

int main(int argc, char **argv)
{
    clock_t begun = clock();
    memory_give_sqlite();
    vfs_register();
    signal(SIGSEGV, on_fatal);
    signal(SIGABRT, on_fatal);
    for (int c; (c = getopt(argc, argv, "+vm:")) != -1;) {
        if (c == '?') return fputs(usage, stderr), 2;
        if (c == 'v') world.verbose = true;
        if (c == 'm') world.mutant = number(optarg);
    }
    bool good = run(argc - optind + 1, argv + optind - 1);
    tell_sum((double)(clock() - begun) / CLOCKS_PER_SEC);
    return good ? 0 : 1;
}
