/* conn_output.c - what a connection has to send: pieces of bytes and of files, in order. */
#include <unistd.h>

#include "sys/net_inner.h"

enum { CONN_PIECE_BYTES_MIN = 4096, CONN_PARTS_MAX = 64 };

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

void conn_send_output(Conn *c)
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
