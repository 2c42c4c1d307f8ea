/* life.c - one life of the server after the other: the whole program runs in here, and ends in here. */
#include "life.h"

#include "api/api.h"
#include "app/server.h"
#include "app/turn.h"
#include "disk.h"
#include "memory.h"
#include "sys_inside.h"

enum { LIVES_MAX = 400, TURNS_MAX = 400 * 1000 };

static Server server;
static ServerConfig config;
static void (*inspect)(void);

struct Db *life_db(void)
{
    return server.db;
}

bool life_deciding(void)
{
    return server.event_actions || db_dirty(server.db);
}

static const ServerConfig usual = {
    .data_path = {"/sim/data", 9},
    .host = {"127.0.0.1", 9},
    .port = 4566,
    .account = {"000000000000", 12},
    .quiet = true,
    .home = {"/sim/home", 9},
    .db_vfs = "sim",
};

ServerConfig *life_open(void (*inspect_disk)(void))
{
    config = usual;
    inspect = inspect_disk;
    return &config;
}

/* ---- instead of ending the process ---- */

_Noreturn void __wrap_server_die(const Server *s, const char *during, const Error *err);
_Noreturn void __wrap_bug_(const char *file, int line, const char *what);
_Noreturn void __real_bug_(const char *file, int line, const char *what);

_Noreturn void __wrap_server_die(const Server *s, const char *during, const Error *err)
{
    (void)s;
    world_note("server dies during %s: %s", during, err->text);
    promise(!world.calm, "the server died during %s although nothing failed: %s", during,
            err->text);
    world_crash(CRASH_DIED);
}

/* A check of the product that fails is a bug found; one of the simulator's own ends the run. */
_Noreturn void __wrap_bug_(const char *file, int line, const char *what)
{
    if (!world.alive || strstr(file, "test/sim/")) __real_bug_(file, line, what);
    world_broken("%s:%d: check failed: %s", file, line, what);
    world_crash(CRASH_DIED);
}

/* ---- weather ---- */

static void crash_sometime(void *arg)
{
    int64_t every = world.weather.crash_every_ms;
    world_at(world.now + chance_between(1, 2 * every), crash_sometime, arg);
    if (!world.alive || world.calm) return;
    if (chance_in(world.weather.stop_share))
        loop_push(SYS_STOP);
    else
        world_may_crash(1);
}

static void fill_disk(void *arg);

static void empty_disk(void *arg)
{
    world.full = false;
    world_at(world.now + chance_between(1, 2 * world.weather.full_every_ms), fill_disk, arg);
}

static void fill_disk(void *arg)
{
    world.full = true;
    world_note("disk full");
    world_at(world.now + chance_between(1, world.weather.full_for_ms), empty_disk, arg);
}

void life_weather(void)
{
    if (world.weather.crash_every_ms) world_at(world.now, crash_sometime, &server);
    if (world.weather.full_every_ms) empty_disk(&server);
}

void life_calm(void)
{
    world_note("calm");
    world.calm = true;
    world.full = false;
}

/* ---- one life ---- */

static void end_process(void)
{
    world.alive = false;
    memory_of_server(false);
    files_forget();
    loop_forget();
    net_forget();
}

void life_power_cut(void)
{
    world_note("power cut");
    disk_power_cut();
    procs_power_cut();
}

static void crashed(void)
{
    static const char *const kinds[] = {"kill -9", "power cut", "died"};
    world_note("crash: %s", kinds[world.crash]);
    world.crashes++;
    end_process();
    if (world.crash == CRASH_POWER)
        life_power_cut();
    else
        procs_server_ended();
    memory_forget();
    if (inspect) inspect();
}

/* What a job has at a stop goes with the process; with none under way everything must have been
 * given back. */
static void stopped(bool was_idle)
{
    world_note("stopped");
    world.stops++;
    end_process();
    procs_server_ended();
    promise(!was_idle || memory_left() == 0,
            "%" PRId64 " blocks of memory were not freed at a clean stop", memory_left());
    memory_forget();
    if (inspect) inspect();
}

static bool turn_by_turn(bool (*over)(void))
{
    static int64_t turns;
    turns = 0;
    while (!server.stopping && !world.broken) {
        turn_run(&server);
        memory_of_server(false);
        if (over()) return true;
        promise(++turns < TURNS_MAX, "the server is busy for ever");
        memory_of_server(true);
    }
    return false;
}

/* true: over. */
static bool live(bool (*over)(void))
{
    Error err = {0};
    world.alive = true;
    world.lives++;
    if (setjmp(world.end_of_life)) { /* tidy: a process is cut anywhere */
        crashed();
        return false;
    }
    world_note("start");
    memory_of_server(true);
    if (!server_open(&server, &config, api_tables, &err)) {
        world_note("cannot open: %s", err.text);
        promise(!world.calm, "the server cannot start although nothing fails: %s", err.text);
        stopped(false);
        return false;
    }
    bool is_over = turn_by_turn(over);
    bool idle = world.calm && loop_idle();
    memory_of_server(true);
    server_close(&server);
    stopped(idle);
    return is_over;
}

void life_until(bool (*over)(void))
{
    static int64_t lives;
    for (lives = 0; !world.broken && !live(over); lives++) {
        if (lives == LIVES_MAX) life_calm();
        Millis until =
            world.now + chance_between(1, chance_in(4) ? world.weather.down_ms_max : 200);
        while (world_step(until)) {
        }
    }
}
