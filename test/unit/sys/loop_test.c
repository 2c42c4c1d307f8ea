/* loop_test.c - jobs on the pool, time, signals, chance. */
#include <signal.h>
#include <unistd.h>

#include "world.h"

static void double_it(void *arg)
{
    *(int *)arg *= 2;
}

TEST(loop_runs_jobs_and_keeps_time)
{
    Loop *loop;
    Error err;
    int numbers[100], done = 0;
    SysEvent events[LOOP_EVENTS_MAX];
    ok(loop_open(&loop, &err));
    Millis start = loop_now(loop);
    ok(start > 1600000000000);
    for (int i = 0; i < 100; i++) numbers[i] = i, loop_run_job(loop, double_it, &numbers[i]);
    while (done < 100) {
        int n = loop_wait(loop, INT64_MAX, events);
        for (int i = 0; i < n; i++)
            done += events[i].kind == SYS_JOB_DONE && events[i].job >= (void *)numbers;
    }
    for (int i = 0; i < 100; i++) eq_int(numbers[i], 2 * i);
    Millis until = loop_now(loop) + 30;
    eq_int(loop_wait(loop, until, events), 0);
    ok(loop_now(loop) >= until);
    ok(loop_wait(loop, start, events) == 0);
    loop_close(loop);
}

TEST(loop_turns_signals_into_a_stop)
{
    Loop *loop;
    Error err;
    SysEvent events[LOOP_EVENTS_MAX];
    ok(loop_open(&loop, &err));
    kill(getpid(), SIGTERM);
    eq_int(loop_wait(loop, INT64_MAX, events), 1);
    eq_int(events[0].kind, SYS_STOP);
    loop_close(loop);
}

TEST(loop_knows_the_machine_and_chance)
{
    Loop *loop;
    Error err;
    ok(loop_open(&loop, &err));
    Machine m = loop_machine(loop);
    ok(m.cores >= 1 && m.memory_bytes > 1 << 26);
    char one[300] = {0}, two[300] = {0};
    loop_random(loop, one, sizeof one);
    loop_random(loop, two, sizeof two);
    ok(memcmp(one, two, sizeof one));
    loop_close(loop);
}
