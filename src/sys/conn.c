/* conn.c - one connection: what came in, and its way from the first byte to the close. */
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sys/net_inner.h"

enum { CONN_INPUT_BYTES_MIN = 16 * 1024 };

static void watch(Conn *c);

static void on_poll_closed(uv_handle_t *handle)
{
    ((Conn *)handle->data)->poll_closed = true;
}

void conn_touch(Conn *c)
{
    if (c->dirty || c->phase == CONN_CLOSED) return;
    c->dirty = true;
    c->next_dirty = c->loop->net->dirty;
    c->loop->net->dirty = c;
}

static void announce(Conn *c)
{
    c->phase = CONN_OPEN;
    c->announced = true;
    net_set_deadline(c, 0);
    loop_push(c->loop, SYS_CONN_OPENED)->conn = c;
}

Conn *conn_new(Loop *loop, int fd, SSL *ssl)
{
    Conn *c = calloc(1, sizeof *c);
    check(c);
    Net *net = loop->net;
    *c = (Conn){.loop = loop, .fd = fd, .ssl = ssl, .next = net->conns};
    if (net->conns) net->conns->previous = c;
    net->conns = c;
    net->conns_n++;
    check(!uv_poll_init_socket(&loop->uv, &c->poll, fd));
    c->poll.data = c;
    if (ssl)
        net_set_deadline(c, NET_HANDSHAKE_MS);
    else
        announce(c);
    watch(c);
    return c;
}

void conn_free(Conn *c)
{
    Net *net = c->loop->net;
    if (c->previous)
        c->previous->next = c->next;
    else
        net->conns = c->next;
    if (c->next) c->next->previous = c->previous;
    while (c->out) conn_drop_piece(c);
    free(c->in);
    free(c);
}

/* The descriptor goes at once, the memory when the owner and libuv have seen it. */
static void finish(Conn *c)
{
    Net *net = c->loop->net;
    net_set_deadline(c, 0);
    c->phase = CONN_CLOSED;
    net->conns_n--;
    uv_close((uv_handle_t *)&c->poll, on_poll_closed);
    SSL_free(c->ssl);
    c->ssl = NULL;
    close(c->fd);
    if (c->announced) {
        loop_push(c->loop, SYS_CONN_CLOSED)->conn = c;
        return;
    }
    c->next_dead = net->dead;
    net->dead = c;
}

void conn_break(Conn *c)
{
    if (c->phase >= CONN_BROKEN) return;
    c->phase = CONN_BROKEN;
    shutdown(c->fd, SHUT_RDWR); /* a pool thread that has it comes back soon */
    conn_touch(c);
}

void conn_expire(Conn *c, Millis now)
{
    if (c->phase >= CONN_BROKEN || now < c->deadline) return;
    conn_break(c);
    conn_settle(c);
}

/* --- input --- */

static int64_t input_room(const Conn *c)
{
    return NET_INPUT_BYTES_MAX - (c->to - c->from);
}

static void make_room(Conn *c)
{
    if (c->from) {
        memmove(c->in, c->in + c->from, (size_t)(c->to - c->from));
        c->to -= c->from;
        c->from = 0;
    }
    if (c->to < c->cap) return;
    c->cap = c->cap ? c->cap * 2 : CONN_INPUT_BYTES_MIN;
    if (c->cap > NET_INPUT_BYTES_MAX) c->cap = NET_INPUT_BYTES_MAX;
    c->in = realloc(c->in, (size_t)c->cap);
    check(c->in);
}

static void tell_input(Conn *c)
{
    if (c->input_pushed || c->phase != CONN_OPEN) return;
    c->input_pushed = true;
    loop_push(c->loop, SYS_CONN_INPUT)->conn = c;
}

/* One read is enough on TCP: the poll tells of more. TLS holds decrypted bytes back, so it is read
 * until it blocks. */
static void read_input(Conn *c)
{
    while (input_room(c) > 0) {
        if (c->to == c->cap) make_room(c);
        int64_t room = c->cap - c->to, got = 0;
        Io io = stream_read(c, c->in + c->to, room, &got);
        if (io == IO_AGAIN) return;
        if (io == IO_BROKEN) {
            conn_break(c);
            return;
        }
        c->to += got;
        c->ended = io == IO_END;
        tell_input(c);
        if (c->ended || (!c->ssl && got < room)) return;
    }
}

/* The bytes are of no interest any more; but unread ones would make the kernel send a reset, which
 * overtakes our answer. */
static void read_away(Conn *c)
{
    char ignored[16 * 1024];
    int64_t got = 0;
    for (int i = 0; i < 16; i++) {
        ssize_t r = recv(c->fd, ignored, sizeof ignored, 0);
        got = r;
        if (r <= 0) break;
    }
    c->ended = got == 0;
}

/* Has the loop's thread the reading side? OpenSSL has only one side. */
static bool may_read(const Conn *c)
{
    return c->pump != PUMP_RUNNING && !(c->ssl && c->file_running);
}

static bool wants_input(const Conn *c)
{
    if (c->ended || !may_read(c)) return false;
    if (c->phase == CONN_LINGERING) return true;
    if (c->phase != CONN_OPEN) return false;
    if (c->pump == PUMP_WAITING) return true;
    return input_room(c) > 0 && c->unsent <= NET_OUTPUT_BYTES_MAX;
}

/* Input the kernel will not tell about: held here, in OpenSSL, or the end. */
static bool has_input_already(const Conn *c)
{
    if (c->phase != CONN_OPEN || !may_read(c)) return false;
    if (c->pump == PUMP_WAITING && (c->from < c->to || c->ended)) return true;
    return stream_has_input(c) && wants_input(c);
}

static void take_input(Conn *c)
{
    if (c->phase == CONN_LINGERING)
        read_away(c);
    else if (c->pump == PUMP_WAITING)
        pump_submit(c);
    else
        read_input(c);
}

/* --- phases --- */

static void on_poll(uv_poll_t *poll, int status, int events)
{
    Conn *c = poll->data;
    if (c->phase >= CONN_BROKEN) return;
    if (status < 0) {
        c->watched = 0; /* libuv has stopped it: the socket is in error */
        conn_break(c);
        conn_settle(c);
        return;
    }
    if (events & UV_WRITABLE) c->write_blocked = false;
    if (c->phase == CONN_HANDSHAKE) {
        Io io = stream_handshake(c);
        if (io == IO_OK)
            announce(c);
        else if (io != IO_AGAIN)
            conn_break(c);
    }
    if (wants_input(c) && (events & UV_READABLE || c->read_wants_write)) take_input(c);
    conn_settle(c);
}

static bool wants_output(const Conn *c)
{
    if (c->phase >= CONN_LINGERING || c->file_running || (c->ssl && c->pump == PUMP_RUNNING))
        return false;
    return (c->out && c->write_blocked) || c->read_wants_write;
}

static void watch(Conn *c)
{
    int want = (c->phase == CONN_HANDSHAKE || wants_input(c) ? UV_READABLE : 0) |
               (wants_output(c) ? UV_WRITABLE : 0);
    if (want == c->watched) return;
    c->watched = want;
    if (want)
        uv_poll_start(&c->poll, want, on_poll);
    else
        uv_poll_stop(&c->poll);
}

/* Everything of ours has left. A peer that has ended too needs no waiting for. */
static void end_output(Conn *c)
{
    stream_end(c);
    c->phase = CONN_LINGERING;
    net_set_deadline(c, NET_LINGER_MS);
    if (!c->ended) read_away(c);
}

void conn_settle(Conn *c)
{
    if (c->phase == CONN_CLOSED) return;
    conn_send_output(c);
    if (has_input_already(c)) take_input(c);
    bool busy = c->pump == PUMP_RUNNING || c->file_running;
    if (c->phase == CONN_CLOSING && !c->out && !busy) end_output(c);
    if (c->phase == CONN_LINGERING && c->ended) conn_break(c);
    if (c->phase == CONN_BROKEN && c->pump == PUMP_WAITING) pump_stop(c);
    if (c->phase == CONN_BROKEN && !busy)
        finish(c);
    else if (c->phase != CONN_BROKEN)
        watch(c);
}

/* --- what the owner calls --- */

Str conn_input(const Conn *c)
{
    if (c->phase != CONN_OPEN) return (Str){"", 0};
    return c->in ? (Str){c->in + c->from, c->to - c->from} : (Str){"", 0};
}

bool conn_ended(const Conn *c)
{
    return c->ended;
}

bool conn_hung_up(const Conn *c)
{
    struct pollfd p = {.fd = c->fd, .events = POLLRDHUP};
    return c->ended || c->phase != CONN_OPEN || poll(&p, 1, 0) != 0;
}

void conn_consume(Conn *c, int64_t n)
{
    check(n >= 0 && n <= c->to - c->from && c->pump != PUMP_RUNNING);
    c->from += n;
    if (c->from == c->to) {
        free(c->in);
        c->in = NULL;
        c->from = c->to = c->cap = 0;
    }
    if (!(c->watched & UV_READABLE) || c->ssl) conn_touch(c);
}

void conn_close(Conn *c)
{
    check(c->pump == PUMP_NONE);
    if (c->phase != CONN_OPEN) return;
    c->phase = CONN_CLOSING;
    conn_touch(c);
}

void conn_abort(Conn *c)
{
    conn_break(c);
}

void conn_pump(Conn *c, PumpFn *fn, void *state)
{
    check(c->pump == PUMP_NONE);
    c->pump = PUMP_WAITING;
    c->pump_fn = fn;
    c->pump_state = state;
    conn_touch(c);
}

void conn_set_owner(Conn *c, void *owner)
{
    c->owner = owner;
}

void *conn_owner(const Conn *c)
{
    return c->owner;
}

int conn_door(const Conn *c)
{
    return c->door;
}
