/* pool.h - inside sys/: a few threads for work that may block; what they finish comes back to the loop's thread. */
#pragma once
#include <pthread.h>
#include <uv.h>

#include "sys/loop.h"

enum { POOL_BUFFER_BYTES = 256 * 1024 };

/* Intrusive: the owner keeps the task alive from pool_submit until `done` was called. */
typedef struct PoolTask {
    void (*work)(struct PoolTask *task,
                 char buffer[POOL_BUFFER_BYTES]);    /* on a pool thread, with its buffer */
    void (*done)(Loop *loop, struct PoolTask *task); /* then on the loop's thread */
    struct PoolTask *next;
} PoolTask;

typedef struct PoolQueue {
    PoolTask *first, *last;
} PoolQueue;

typedef struct Pool {
    Loop *loop;
    pthread_t threads[LOOP_SLOW_THREADS];
    int threads_n;
    pthread_mutex_t mutex;
    pthread_cond_t more;
    PoolQueue todo, finished; /* under mutex */
    bool closing;             /* under mutex */
    uv_async_t wake;
} Pool;

/* With so many threads, at most LOOP_SLOW_THREADS. */
must_use bool pool_open(Pool *p, Loop *loop, uv_loop_t *uv, int threads, Error *err);
void pool_submit(Pool *p, PoolTask *task);
/* Runs all that was submitted to its end, calls each `done`, joins the threads; also after a failed
 * pool_open. */
void pool_close(Pool *p);
