/* sys_loop.c - sys/loop.h in the simulated world: to wait is to let the world go on. */
#include "sys/loop.h"

#include "memory.h"
#include "mutants.h"
#include "sys_inside.h"

struct Loop {
    Millis now;
};

/* A job waits for its thread, runs at one moment, and is told of in a later turn. */
typedef struct Task {
    struct Task *next;
    void (*fn)(void *arg);
    void *arg;
} Task;

enum { HAPPENED_MAX = 65536 };
static SysEvent happened[HAPPENED_MAX];
static int64_t pushed, taken;
static Task *waiting, **waiting_tail = &waiting;
static int running;
static Task *in_work[LOOP_POOL_THREADS];

SysEvent *loop_push(SysEventKind kind)
{
    if (taken == pushed) taken = pushed = 0;
    check(pushed < HAPPENED_MAX);
    happened[pushed] = (SysEvent){.kind = kind};
    return &happened[pushed++];
}

static void drop_tasks(void)
{
    for (Task *next; waiting; waiting = next) {
        next = waiting->next;
        world_free(waiting);
    }
    waiting_tail = &waiting;
    for (int i = 0; i < LOOP_POOL_THREADS; i++) {
        world_forget(&in_work[i]);
        world_free(in_work[i]);
        in_work[i] = NULL;
    }
    running = 0;
}

void loop_forget(void)
{
    pushed = taken = 0;
    drop_tasks();
}

bool loop_open(Loop **out, Error *err)
{
    (void)err;
    loop_forget();
    *out = calloc(1, sizeof **out);
    check(*out);
    (*out)->now = world.now;
    return true;
}

/* ---- jobs ---- */

static void start_jobs(void);

static void run_job(void *arg)
{
    Task **slot = arg, *t = *slot;
    bool before = memory_of_server(true);
    t->fn(t->arg);
    memory_of_server(before);
    *slot = NULL;
    running--;
    loop_push(SYS_JOB_DONE)->job = t->arg;
    world_free(t);
    start_jobs();
}

static void start_jobs(void)
{
    for (int i = 0; waiting && i < LOOP_POOL_THREADS; i++) {
        if (in_work[i]) continue;
        in_work[i] = waiting;
        waiting = waiting->next;
        if (!waiting) waiting_tail = &waiting;
        running++;
        world_at(world.now + chance_below(world.weather.job_ms_max + 1), run_job, &in_work[i]);
    }
}

void loop_run_job(Loop *loop, void (*fn)(void *arg), void *arg)
{
    (void)loop;
    Task *t = world_alloc(sizeof *t);
    *t = (Task){.fn = fn, .arg = arg};
    *waiting_tail = t;
    waiting_tail = &t->next;
    start_jobs();
}

void loop_run_slow_job(Loop *loop, void (*fn)(void *arg), void *arg)
{
    loop_run_job(loop, fn, arg);
}

bool loop_idle(void)
{
    return !running && !waiting && taken == pushed;
}

/* Running jobs are waited for; nobody hears of their end. */
void loop_close(Loop *loop)
{
    bool before = memory_of_server(false);
    for (int i = 0; i < LOOP_POOL_THREADS; i++) {
        if (!in_work[i]) continue;
        memory_of_server(true);
        in_work[i]->fn(in_work[i]->arg);
        memory_of_server(false);
    }
    drop_tasks();
    net_forget();
    memory_of_server(before);
    free(loop);
}

/* ---- waiting ---- */

static int take(SysEvent *events)
{
    int n = 0;
    while (n < LOOP_EVENTS_MAX && taken < pushed) {
        events[n] = happened[taken++];
        net_event_taken(&events[n++]);
    }
    return n;
}

int loop_wait(Loop *loop, Millis until, SysEvent events[LOOP_EVENTS_MAX])
{
    memory_of_server(false);
    net_turn_over();
    net_flush();
    while (taken == pushed && world_step(until)) {
    }
    /* What happens at the same time is seen at the same time, mostly. */
    while (!chance_in(8) && world_step(world.now)) {
    }
    loop->now = world.now;
    int n = take(events);
    memory_of_server(true);
    return n;
}

Millis loop_now(const Loop *loop)
{
    return loop->now;
}

int64_t loop_turn_ms(const Loop *loop)
{
    (void)loop;
    return 0; /* computing takes no virtual time */
}

void loop_random(Loop *loop, void *out, int64_t n)
{
    (void)loop;
    for (int64_t i = 0; i < n; i++) ((unsigned char *)out)[i] = (unsigned char)chance_bits();
}

Machine loop_machine(const Loop *loop)
{
    (void)loop;
    return (Machine){.cores = 4, .memory_bytes = (int64_t)16 << 30};
}
