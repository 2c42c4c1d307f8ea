/* pool.c - threads for blocking work: jobs of the app, pumps of request bodies, long files. */
#include "sys/pool.h"

#include <signal.h>
#include <string.h>

static void push(PoolQueue *q, PoolTask *task)
{
    task->next = NULL;
    if (q->last)
        q->last->next = task;
    else
        q->first = task;
    q->last = task;
}

static PoolTask *pop(PoolQueue *q)
{
    PoolTask *task = q->first;
    if (!task) return NULL;
    q->first = task->next;
    if (!q->first) q->last = NULL;
    return task;
}

/* NULL: the pool closes and nothing is left to do. Called with the mutex held. */
static PoolTask *next_task(Pool *p)
{
    PoolTask *task;
    while (!(task = pop(&p->todo)) && !p->closing) pthread_cond_wait(&p->more, &p->mutex);
    return task;
}

static void *run_thread(void *arg)
{
    Pool *p = arg;
    PoolTask *task;
    char *buffer = malloc(POOL_BUFFER_BYTES);
    check(buffer);
    pthread_mutex_lock(&p->mutex);
    while ((task = next_task(p))) {
        pthread_mutex_unlock(&p->mutex);
        task->work(task, buffer);
        pthread_mutex_lock(&p->mutex);
        push(&p->finished, task);
        uv_async_send(&p->wake);
    }
    pthread_mutex_unlock(&p->mutex);
    free(buffer);
    return NULL;
}

static void collect(Pool *p)
{
    pthread_mutex_lock(&p->mutex);
    PoolQueue finished = p->finished;
    p->finished = (PoolQueue){0};
    pthread_mutex_unlock(&p->mutex);
    for (PoolTask *task; (task = pop(&finished));) task->done(p->loop, task);
}

static void on_wake(uv_async_t *wake)
{
    collect(wake->data);
}

/* The threads take no signals: those belong to the loop. */
static bool start_threads(Pool *p, int threads, Error *err)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int r = 0;
    while (p->threads_n < threads && !r) {
        r = pthread_create(&p->threads[p->threads_n], NULL, run_thread, p);
        if (!r) p->threads_n++;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return !r || error_set(err, ERR_INTERNAL, "cannot start a thread: %s", strerror(r));
}

bool pool_open(Pool *p, Loop *loop, uv_loop_t *uv, int threads, Error *err)
{
    check(threads <= LOOP_SLOW_THREADS);
    p->loop = loop;
    check(!pthread_mutex_init(&p->mutex, NULL) && !pthread_cond_init(&p->more, NULL));
    int r = uv_async_init(uv, &p->wake, on_wake);
    if (r) return error_set(err, ERR_INTERNAL, "cannot open the pool: %s", uv_strerror(r));
    p->wake.data = p;
    return start_threads(p, threads, err);
}

void pool_submit(Pool *p, PoolTask *task)
{
    pthread_mutex_lock(&p->mutex);
    check(!p->closing);
    push(&p->todo, task);
    pthread_cond_signal(&p->more);
    pthread_mutex_unlock(&p->mutex);
}

void pool_close(Pool *p)
{
    pthread_mutex_lock(&p->mutex);
    p->closing = true;
    pthread_cond_broadcast(&p->more);
    pthread_mutex_unlock(&p->mutex);
    for (int i = 0; i < p->threads_n; i++) pthread_join(p->threads[i], NULL);
    collect(p);
    pthread_mutex_destroy(&p->mutex);
    pthread_cond_destroy(&p->more);
}
