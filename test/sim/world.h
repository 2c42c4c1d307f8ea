/* world.h - one seed decides the clock, every chance, every fault; what is broken is reported. */
#pragma once
#include <setjmp.h>

#include "base/str.h"

/* One thread, one stack. A life of the server runs inside world_live; loop_wait, called by the
 * server at its bottom, is where everybody else (clients, children, jobs) gets their turn: things
 * are put into the agenda with world_at and done in order of their time. A crash is a longjmp out
 * of whatever the server was doing: its memory is thrown away (memory.h), its disk, children and
 * clients stay and find out.
 *
 * Every choice comes from the seed, through the functions below and nothing else; what was chosen
 * and done goes into a hash, so that a seed run twice must give the same hash. */
uint64_t chance_bits(void);
int64_t chance_below(int64_t n); /* 0 .. n-1 */
int64_t chance_between(int64_t low, int64_t high);
bool chance_in(int64_t one_in); /* 0: never */

/* How bad this seed's world is; 0 as a "one in": never. Each seed has its own ("swarm"): some are
 * calm in one respect. */
typedef struct Weather {
    int64_t crash_in_disk;  /* the server or the machine dies at a change of the disk */
    int64_t crash_in_start; /* ... while it starts a child */
    int64_t crash_every_ms; /* ... at any moment, on average */
    int64_t power_share;    /* of the crashes, one in so many is a power cut; the others kill -9 */
    int64_t stop_share;     /* of those between turns, one in so many is a clean stop */
    int64_t sync_fails_in, write_fails_in, read_fails_in;
    int64_t full_every_ms, full_for_ms;
    int64_t
        lies_loose; /* after a power cut any subset of unsynced names may be there; else a prefix */
    int64_t keeper_dies_in, hangs_in, deaf_in, daemon_in, fails_in;
    int64_t cut_in, slow_in, pipeline_in;
    int64_t job_ms_max;
    int64_t down_ms_max; /* between two lives */
    int64_t clients, requests;
} Weather;

enum { WORLD_TRACE_MAX = 64, WORLD_TEXT_MAX = 200 };

typedef enum CrashKind { CRASH_KILL, CRASH_POWER, CRASH_DIED } CrashKind;

typedef struct World {
    uint64_t seed, random, hash;
    Weather weather;
    Millis now, started_at;
    bool alive; /* a server runs */
    bool calm;  /* faults are over: everything must settle now */
    bool full;  /* the disk */
    jmp_buf end_of_life;
    CrashKind crash;
    int64_t events, crashes, lives, stops, requests, starts;
    int64_t writes, crash_at_write; /* changes of the disk; power is cut at that one (0: at none) */
    int64_t mutant;                 /* the planted bug; 0: none */
    bool broken, verbose;
    char what[1024]; /* is broken */
    char trace[WORLD_TRACE_MAX][WORLD_TEXT_MAX];
    int64_t trace_n;
} World;
extern World world;

void world_open(uint64_t seed);
void world_close(void);

/* Something happened: a line for people, a part of the hash. */
void world_note(const char *fmt, ...) printf_like(1, 2);
/* A promise was broken: the seed has failed; the run goes on to its next safe point. */
void world_broken(const char *fmt, ...) printf_like(1, 2);
#define promise(x, ...) ((x) ? (void)0 : world_broken(__VA_ARGS__))

/* Things to be done. `fn(arg)` at `at`, and not at all when world_forget(arg) came first. */
typedef void WorldFn(void *arg);
void world_at(Millis at, WorldFn *fn, void *arg);
void world_forget(const void *arg);
/* Does the next thing if it is due at `until` or before; else moves the clock there. false: nothing
 * was due. */
bool world_step(Millis until);

/* The server ends here, now. Only while it is alive. */
_Noreturn void world_crash(CrashKind kind);
/* At places where dying is interesting: may not return. */
void world_may_crash(int64_t one_in);
/* The disk is about to change: may not return, either. */
void world_disk_changes(void);
/* Memory of the world's own, never of the server's. */
void *world_alloc(size_t n);
void *world_realloc(void *p, size_t n);
void world_free(void *p);
