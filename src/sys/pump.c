/* pump.c - bodies and long files on pool threads: in slices, never waiting for a slow peer. */
#include <poll.h>

#include "sys/net_inner.h"

enum { PUMP_FAST_BYTES_MIN = 64 * 1024 };

/* A fast peer has the next bytes ready in a moment; going back to the loop and here again would
 * cost more. */
static bool catch_up(const Conn *c, short events, int64_t moved)
{
    if (moved < PUMP_FAST_BYTES_MIN) return false;
    struct pollfd p = {.fd = c->fd, .events = events};
    return poll(&p, 1, NET_CATCH_UP_MS) > 0;
}

/* Keeps what the function did not take, for conn_input. */
static void keep_rest(Conn *c, Str rest)
{
    free(c->in);
    c->in = malloc((size_t)rest.n);
    check(c->in || !rest.n);
    if (rest.n) memcpy(c->in, rest.p, (size_t)rest.n);
    c->from = 0;
    c->to = c->cap = rest.n;
}

static bool feed(Conn *c, Str bytes)
{
    int64_t consumed = bytes.n;
    c->pump_result = c->pump_fn(c->pump_state, bytes, &consumed);
    check(consumed >= 0 && consumed <= bytes.n &&
          (c->pump_result != PUMP_MORE || consumed == bytes.n));
    if (c->pump_result == PUMP_MORE) return true;
    keep_rest(c, (Str){bytes.p + consumed, bytes.n - consumed});
    return false;
}

/* What the connection had read before; a copy, because feed replaces c->in. */
static bool feed_held(Conn *c)
{
    if (c->from == c->to) return true;
    char *held = c->in;
    Str bytes = {held + c->from, c->to - c->from};
    c->in = NULL;
    c->from = c->to = c->cap = 0;
    bool more = feed(c, bytes);
    free(held);
    return more;
}

static void pump_work(PoolTask *task, char *buffer)
{
    Conn *c = (Conn *)((char *)task - offsetof(Conn, pump_task));
    c->pump_io = IO_OK;
    c->pump_result = PUMP_MORE;
    if (!feed_held(c)) return;
    int64_t moved = 0, since = 0;
    while (c->pump_io == IO_OK && moved < NET_SLICE_BYTES_MAX) {
        int64_t got = 0;
        c->pump_io = c->ended ? IO_END : stream_read(c, buffer, POOL_BUFFER_BYTES, &got);
        moved += got;
        since += got;
        if (got && !feed(c, (Str){buffer, got})) return;
        if (c->pump_io != IO_AGAIN || !catch_up(c, POLLIN, since)) continue;
        c->pump_io = IO_OK;
        since = 0;
    }
}

static void pump_ended(Conn *c, bool good)
{
    c->pump = PUMP_NONE;
    SysEvent *event = loop_push(c->loop, SYS_CONN_PUMPED);
    event->conn = c;
    event->ok = good;
}

static void pump_done(Loop *loop, PoolTask *task)
{
    (void)loop;
    Conn *c = (Conn *)((char *)task - offsetof(Conn, pump_task));
    c->pump = PUMP_WAITING;
    if (c->pump_io == IO_END) c->ended = true;
    if (c->pump_io == IO_BROKEN) conn_break(c);
    if (c->pump_result != PUMP_MORE)
        pump_ended(c, c->pump_result == PUMP_DONE);
    else if (c->pump_io == IO_END)
        pump_ended(c, false);
    else if (c->pump_io == IO_OK && c->phase == CONN_OPEN)
        pump_submit(c);
    conn_settle(c);
}

void pump_submit(Conn *c)
{
    check(c->pump == PUMP_WAITING);
    c->pump = PUMP_RUNNING;
    c->pump_task.work = pump_work;
    c->pump_task.done = pump_done;
    pool_submit(&c->loop->pool, &c->pump_task);
}

void pump_stop(Conn *c)
{
    pump_ended(c, false);
}

/* Only the thread's own copies are moved; the piece itself stays the loop's, told by file_moved. */
static void file_work(PoolTask *task, char *buffer)
{
    Conn *c = (Conn *)((char *)task - offsetof(Conn, file_task));
    int64_t since = 0, left = c->out->left;
    c->file_moved = 0;
    do {
        int64_t put = 0, n = left - c->file_moved;
        c->file_io = stream_send_file(c, c->out->fd, c->out->offset + c->file_moved, n, buffer,
                                      POOL_BUFFER_BYTES, &put);
        c->file_moved += put;
        since += put;
        if (c->file_io != IO_AGAIN || !catch_up(c, POLLOUT, since)) continue;
        c->file_io = IO_OK;
        since = 0;
    } while (c->file_io == IO_OK && c->file_moved < left && c->file_moved < NET_SLICE_BYTES_MAX);
}

static void file_done(Loop *loop, PoolTask *task)
{
    (void)loop;
    Conn *c = (Conn *)((char *)task - offsetof(Conn, file_task));
    c->file_running = false;
    c->write_blocked = c->file_io == IO_AGAIN;
    if (c->file_moved) conn_sent(c, c->file_moved);
    if (c->file_io == IO_BROKEN || c->file_io == IO_END) conn_break(c);
    conn_settle(c);
}

void send_file_submit(Conn *c)
{
    check(!c->file_running);
    c->file_running = true;
    c->file_task.work = file_work;
    c->file_task.done = file_done;
    pool_submit(&c->loop->pool, &c->file_task);
}
