/* world.c - the seed's randomness, the virtual clock with its agenda, the trace, and what is broken. */
#include "world.h"

#include "memory.h"

World world;

/* ---- chance: splitmix64 ---- */

uint64_t chance_bits(void)
{
    uint64_t z = (world.random += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

int64_t chance_below(int64_t n)
{
    check(n > 0);
    return (int64_t)(chance_bits() % (uint64_t)n);
}

int64_t chance_between(int64_t low, int64_t high)
{
    return low + chance_below(high - low + 1);
}

bool chance_in(int64_t one_in)
{
    return one_in > 0 && chance_below(one_in) == 0;
}

/* ---- agenda: a heap by time, and by order of entry for the same time ---- */

typedef struct Entry {
    Millis at;
    int64_t order;
    WorldFn *fn; /* NULL: forgotten */
    void *arg;
} Entry;

static struct {
    Entry *p;
    int64_t n, cap, order;
} agenda;

static bool sooner(const Entry *x, const Entry *y)
{
    return x->at != y->at ? x->at < y->at : x->order < y->order;
}

static void swap(int64_t i, int64_t j)
{
    Entry e = agenda.p[i];
    agenda.p[i] = agenda.p[j];
    agenda.p[j] = e;
}

void world_at(Millis at, WorldFn *fn, void *arg)
{
    if (agenda.n == agenda.cap) {
        agenda.cap = agenda.cap ? 2 * agenda.cap : 256;
        agenda.p = world_realloc(agenda.p, (size_t)agenda.cap * sizeof *agenda.p);
    }
    int64_t i = agenda.n++;
    agenda.p[i] = (Entry){at > world.now ? at : world.now, agenda.order++, fn, arg};
    for (; i && sooner(&agenda.p[i], &agenda.p[(i - 1) / 2]); i = (i - 1) / 2) swap(i, (i - 1) / 2);
}

void world_forget(const void *arg)
{
    for (int64_t i = 0; i < agenda.n; i++)
        if (agenda.p[i].arg == arg) agenda.p[i].fn = NULL;
}

static Entry take_first(void)
{
    Entry first = agenda.p[0];
    agenda.p[0] = agenda.p[--agenda.n];
    for (int64_t i = 0;;) {
        int64_t least = i, left = 2 * i + 1;
        for (int64_t k = left; k < left + 2 && k < agenda.n; k++)
            if (sooner(&agenda.p[k], &agenda.p[least])) least = k;
        if (least == i) return first;
        swap(i, least);
        i = least;
    }
}

bool world_step(Millis until)
{
    while (agenda.n && !agenda.p[0].fn) take_first();
    if (!agenda.n || agenda.p[0].at > until) {
        if (until > world.now) world.now = until;
        return false;
    }
    Entry e = take_first();
    if (e.at > world.now) world.now = e.at;
    world.events++;
    e.fn(e.arg);
    return true;
}

/* ---- weather ---- */

static int64_t sometimes(int64_t share, int64_t low, int64_t high)
{
    return chance_in(share) ? chance_between(low, high) : 0;
}

static Weather draw_weather(void)
{
    return (Weather){
        .crash_in_disk = sometimes(2, 60, 1500),
        .crash_in_start = sometimes(3, 4, 20),
        .crash_every_ms = chance_in(4) ? 0 : chance_between(2000, 60000),
        .power_share = sometimes(2, 1, 4),
        .stop_share = sometimes(2, 2, 6),
        .sync_fails_in = sometimes(8, 50, 2000),
        .write_fails_in = sometimes(8, 300, 5000),
        .read_fails_in = 0,
        .full_every_ms = sometimes(6, 3000, 30000),
        .full_for_ms = chance_between(10, 4000),
        .lies_loose = chance_below(2),
        .keeper_dies_in = sometimes(3, 3, 20),
        .hangs_in = sometimes(2, 2, 12),
        .deaf_in = sometimes(2, 1, 6),
        .daemon_in = sometimes(2, 2, 8),
        .fails_in = sometimes(2, 2, 8),
        .cut_in = sometimes(2, 10, 80),
        .slow_in = sometimes(2, 3, 20),
        .pipeline_in = sometimes(2, 4, 12),
        .down_ms_max = 30 * 1000,
        .job_ms_max = chance_in(3) ? 500 : chance_between(1, 60),
        .clients = chance_between(1, 4),
        .requests = chance_between(8, 40),
    };
}

void world_open(uint64_t seed)
{
    int64_t mutant = world.mutant;
    bool verbose = world.verbose;
    world = (World){.seed = seed,
                    .random = seed * 0x2545f4914f6cdd1du + 1,
                    .hash = 0xcbf29ce484222325u,
                    .now = 1700000000000,
                    .mutant = mutant,
                    .verbose = verbose};
    world.started_at = world.now;
    agenda.n = agenda.order = 0;
    world.weather = draw_weather();
    if (seed % 8 == 3) world.weather.read_fails_in = 60 + (int64_t)(seed % 400);
}

void world_close(void)
{
    agenda.n = 0;
}

/* ---- what happened ---- */

static void note(const char *text)
{
    snprintf(world.trace[world.trace_n++ % WORLD_TRACE_MAX], WORLD_TEXT_MAX, "%" PRId64 " %.180s",
             world.now - world.started_at, text);
    for (const char *p = text; *p; p++)
        world.hash = (world.hash ^ (unsigned char)*p) * 0x100000001b3u;
    world.hash = (world.hash ^ (uint64_t)world.now) * 0x100000001b3u;
    if (world.verbose) printf("%10" PRId64 " %s\n", world.now - world.started_at, text);
}

void world_note(const char *fmt, ...)
{
    char text[WORLD_TEXT_MAX];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    note(text);
}

void world_broken(const char *fmt, ...)
{
    if (world.broken) return;
    world.broken = true;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(world.what, sizeof world.what, fmt, ap);
    va_end(ap);
    note(world.what);
}

/* ---- the end of a life ---- */

void world_crash(CrashKind kind)
{
    world.crash = kind;
    memory_of_server(false);
    longjmp(world.end_of_life, 1); /* tidy: a process is cut anywhere */
}

void world_may_crash(int64_t one_in)
{
    if (!world.alive || world.calm || !chance_in(one_in)) return;
    world_crash(chance_in(world.weather.power_share) ? CRASH_POWER : CRASH_KILL);
}

void world_disk_changes(void)
{
    world.writes += world.alive;
    if (world.alive && world.crash_at_write && world.writes == world.crash_at_write)
        world_crash(CRASH_POWER);
    world_may_crash(world.weather.crash_in_disk);
}
