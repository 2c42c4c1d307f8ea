/* loop.c - waits for sockets, children, jobs, signals and the clock; hands out what happened as a list. */
#include "sys/loop.h"

#include <errno.h>
#include <signal.h>
#include <sys/random.h>
#include <sys/resource.h>

#include "sys/clock.h"
#include "sys/loop_inner.h"
#include "sys/outgoing.h"

/* The wall clock may be set forward while we wait on the monotonic one: look again this often. */
enum { LOOP_NAP_MS_MAX = 10 * 1000 };

static void read_clock(Loop *loop)
{
    Millis now = clock_now();
    if (now > loop->now) loop->now = now;
}

SysEvent *loop_push(Loop *loop, SysEventKind kind)
{
    if (loop->pushed == loop->cap) {
        loop->cap = loop->cap ? loop->cap * 2 : LOOP_EVENTS_MAX;
        loop->events = realloc(loop->events, (size_t)loop->cap * sizeof *loop->events);
        check(loop->events);
    }
    SysEvent *event = &loop->events[loop->pushed++];
    *event = (SysEvent){.kind = kind};
    return event;
}

static int take_events(Loop *loop, SysEvent events[LOOP_EVENTS_MAX])
{
    int n = 0;
    while (n < LOOP_EVENTS_MAX && loop->taken < loop->pushed) {
        events[n] = loop->events[loop->taken++];
        net_event_taken(loop, &events[n++]);
    }
    if (loop->taken == loop->pushed) loop->taken = loop->pushed = 0;
    return n;
}

static void on_time(uv_timer_t *timer)
{
    (void)timer;
}

static void on_stop(uv_signal_t *signal, int number)
{
    (void)number;
    loop_push(signal->data, SYS_STOP);
}

static bool open_handles(Loop *loop, Error *err)
{
    if (!pool_open(&loop->pool, loop, &loop->uv, LOOP_POOL_THREADS, err)) return false;
    uv_timer_init(&loop->uv, &loop->until);
    uv_signal_init(&loop->uv, &loop->term);
    uv_signal_init(&loop->uv, &loop->interrupt);
    loop->term.data = loop->interrupt.data = loop;
    int r = uv_signal_start(&loop->term, on_stop, SIGTERM);
    if (!r) r = uv_signal_start(&loop->interrupt, on_stop, SIGINT);
    return !r || error_set(err, ERR_INTERNAL, "cannot watch signals: %s", uv_strerror(r));
}

/* Thousands of connections need more descriptors than the usual soft limit of 1024. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur == limit.rlim_max) return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

bool loop_open(Loop **out, Error *err)
{
    Loop *loop = calloc(1, sizeof *loop);
    check(loop);
    int r = uv_loop_init(&loop->uv);
    if (r) {
        free(loop);
        return error_set(err, ERR_INTERNAL, "cannot open the event loop: %s", uv_strerror(r));
    }
    signal(SIGPIPE, SIG_IGN);
    raise_descriptor_limit();
    outgoing_set_stopping(false);
    net_open(loop);
    children_open(loop);
    read_clock(loop);
    if (!open_handles(loop, err)) {
        loop_close(loop);
        return false;
    }
    *out = loop;
    return true;
}

static void close_handle(uv_handle_t *handle, void *arg)
{
    (void)arg;
    if (!uv_is_closing(handle)) uv_close(handle, NULL);
}

void loop_close(Loop *loop)
{
    net_cut(loop);
    outgoing_set_stopping(true);
    pool_close(&loop->pool);
    if (loop->slow_open) pool_close(&loop->slow);
    net_before_wait(loop);
    children_close(loop);
    uv_walk(&loop->uv, close_handle, NULL);
    uv_run(&loop->uv, UV_RUN_DEFAULT);
    check(!uv_loop_close(&loop->uv));
    net_free(loop);
    free(loop->events);
    free(loop);
}

static void poll_once(Loop *loop, int64_t wait_ms)
{
    if (wait_ms <= 0) {
        uv_run(&loop->uv, UV_RUN_NOWAIT);
        return;
    }
    uv_update_time(&loop->uv);
    uv_timer_start(&loop->until, on_time,
                   (uint64_t)(wait_ms < LOOP_NAP_MS_MAX ? wait_ms : LOOP_NAP_MS_MAX), 0);
    uv_run(&loop->uv, UV_RUN_ONCE);
    uv_timer_stop(&loop->until);
}

int loop_wait(Loop *loop, Millis until, SysEvent events[LOOP_EVENTS_MAX])
{
    net_before_wait(loop);
    for (bool polled = false; loop->pushed - loop->taken < LOOP_EVENTS_MAX; polled = true) {
        bool ready = loop->pushed > loop->taken;
        int64_t left_ms = ready ? 0 : until - clock_now();
        if (polled && left_ms <= 0) break;
        poll_once(loop, left_ms);
    }
    read_clock(loop);
    return take_events(loop, events);
}

Millis loop_now(const Loop *loop)
{
    return loop->now;
}

int64_t loop_turn_ms(const Loop *loop)
{
    return clock_now() - loop->now;
}

/* The kernel's chance by the page: ids want a few bytes each, many times a turn. What was given out
 * is wiped. */
static void refill(Loop *loop)
{
    int64_t n = 0;
    while (n < (int64_t)sizeof loop->chance) {
        ssize_t got = getrandom(loop->chance + n, sizeof loop->chance - (size_t)n, 0);
        check(got > 0 || errno == EINTR);
        if (got > 0) n += got;
    }
    loop->chance_left = n;
}

void loop_random(Loop *loop, void *out, int64_t n)
{
    char *to = out;
    while (n > 0) {
        if (loop->chance_left == 0) refill(loop);
        int64_t taken = n < loop->chance_left ? n : loop->chance_left;
        unsigned char *from = loop->chance + sizeof loop->chance - loop->chance_left;
        memcpy(to, from, (size_t)taken);
        explicit_bzero(from, (size_t)taken);
        loop->chance_left -= taken, to += taken, n -= taken;
    }
}

typedef struct Job {
    PoolTask task;
    void (*fn)(void *arg);
    void *arg;
} Job;

static void job_work(PoolTask *task, char *buffer)
{
    (void)buffer;
    Job *job = (Job *)task;
    job->fn(job->arg);
}

static void job_done(Loop *loop, PoolTask *task)
{
    Job *job = (Job *)task;
    loop_push(loop, SYS_JOB_DONE)->job = job->arg;
    free(job);
}

static void run(Pool *pool, void (*fn)(void *arg), void *arg)
{
    Job *job = malloc(sizeof *job);
    check(job);
    *job = (Job){.task = {.work = job_work, .done = job_done}, .fn = fn, .arg = arg};
    pool_submit(pool, &job->task);
}

void loop_run_job(Loop *loop, void (*fn)(void *arg), void *arg)
{
    run(&loop->pool, fn, arg);
}

/* Fewer threads than wanted are enough. */
void loop_run_slow_job(Loop *loop, void (*fn)(void *arg), void *arg)
{
    Error err = {0};
    if (!loop->slow_open) {
        bool all = pool_open(&loop->slow, loop, &loop->uv, LOOP_SLOW_THREADS, &err);
        check(all || loop->slow.threads_n > 0);
        loop->slow_open = true;
    }
    run(&loop->slow, fn, arg);
}

Machine loop_machine(const Loop *loop)
{
    (void)loop;
    uint64_t limit = uv_get_constrained_memory(), total = uv_get_total_memory();
    if (limit && limit < total) total = limit;
    return (Machine){.cores = (int)uv_available_parallelism(), .memory_bytes = (int64_t)total};
}
