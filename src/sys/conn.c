/* conn.c - one connection: what came in, what goes out, and its way from the first byte to the close. */
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sys/net_inner.h"

enum { CONN_PIECE_BYTES_MIN = 4096, CONN_INPUT_BYTES_MIN = 16 * 1024, CONN_PARTS_MAX = 64 };

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

/* --- output --- */

void conn_drop_piece(Conn *c)
{
    Piece *piece = c->out;
    c->out = piece->next;
    if (!c->out) c->out_last = NULL;
    c->unsent -= piece->left;
    if (piece->fd >= 0) close(piece->fd);
    free(piece);
}

void conn_sent(Conn *c, int64_t n)
{
    check(n <= c->out->left);
    c->out->left -= n;
    c->out->offset += n;
    c->unsent -= n;
    if (!c->out->left) conn_drop_piece(c);
}

static Io send_bytes(Conn *c)
{
    struct iovec parts[CONN_PARTS_MAX];
    int n = 0;
    Piece *piece = c->out;
    for (; piece && piece->fd < 0 && n < CONN_PARTS_MAX; piece = piece->next)
        parts[n++] = (struct iovec){piece->data + piece->offset, (size_t)piece->left};
    int64_t put = 0;
    Io io = stream_write(c, parts, n, piece != NULL, &put);
    while (put > 0) {
        int64_t part = put < c->out->left ? put : c->out->left;
        put -= part;
        conn_sent(c, part);
    }
    return io;
}

static Io send_short_file(Conn *c)
{
    char buffer[16 * 1024]; /* one TLS record */
    int64_t put = 0;
    Io io =
        stream_send_file(c, c->out->fd, c->out->offset, c->out->left, buffer, sizeof buffer, &put);
    if (put) conn_sent(c, put);
    return io;
}

static bool may_send(const Conn *c)
{
    if (!c->out || c->write_blocked || c->file_running || c->phase >= CONN_LINGERING) return false;
    return !c->ssl || (c->pump != PUMP_RUNNING && c->phase != CONN_HANDSHAKE);
}

static void send_output(Conn *c)
{
    while (may_send(c)) {
        if (c->out->fd >= 0 && c->out->left > NET_FILE_ON_LOOP_BYTES_MAX) {
            send_file_submit(c);
            return;
        }
        Io io = c->out->fd < 0 ? send_bytes(c) : send_short_file(c);
        c->write_blocked = io == IO_AGAIN;
        if (io == IO_BROKEN || io == IO_END) conn_break(c);
    }
    if (!c->undrained || c->out) return;
    c->undrained = false;
    if (c->phase == CONN_OPEN) loop_push(c->loop, SYS_CONN_DRAINED)->conn = c;
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
    send_output(c);
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

static Piece *add_piece(Conn *c, int64_t cap)
{
    Piece *piece = malloc(sizeof *piece + (size_t)cap);
    check(piece);
    *piece = (Piece){.fd = -1, .cap = cap};
    if (c->out_last)
        c->out_last->next = piece;
    else
        c->out = piece;
    c->out_last = piece;
    c->undrained = true;
    return piece;
}

void conn_send(Conn *c, Str bytes)
{
    if (!bytes.n || c->phase != CONN_OPEN) return;
    Piece *last = c->out_last;
    if (!last || last->fd >= 0 || last->offset + last->left + bytes.n > last->cap)
        last = add_piece(c, bytes.n > CONN_PIECE_BYTES_MIN ? bytes.n : CONN_PIECE_BYTES_MIN);
    memcpy(last->data + last->offset + last->left, bytes.p, (size_t)bytes.n);
    last->left += bytes.n;
    c->unsent += bytes.n;
    conn_touch(c);
}

void conn_send_file(Conn *c, int fd, int64_t offset, int64_t length)
{
    check(fd >= 0 && offset >= 0 && length >= 0);
    if (!length || c->phase != CONN_OPEN) {
        close(fd);
        return;
    }
    Piece *piece = add_piece(c, 0);
    piece->fd = fd;
    piece->offset = offset;
    piece->left = length;
    c->unsent += length;
    conn_touch(c);
}

int64_t conn_unsent(const Conn *c)
{
    return c->unsent;
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
