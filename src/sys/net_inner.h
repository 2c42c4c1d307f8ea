/* net_inner.h - inside sys/: a connection, its transport (plain or TLS), and what net.c, conn.c and pump.c share. */
#pragma once
#include <openssl/ssl.h>
#include <sys/uio.h>
#include <uv.h>

#include "sys/loop_inner.h"
#include "sys/net.h"

enum {
    NET_FILE_ON_LOOP_BYTES_MAX = 256 * 1024, /* longer files are sent by the pool */
    NET_SLICE_BYTES_MAX = 32 * 1024 * 1024,  /* then a pool thread takes another task first */
    NET_CATCH_UP_MS = 1,  /* a pool thread waits this long for a fast peer, never for a slow one */
    NET_LINGER_MS = 2000, /* for the peer to read our last bytes and close */
    NET_HANDSHAKE_MS = 10 * 1000,
    NET_CHORE_MS = 250,
};

/* Output: bytes that are copied in here, or a range of a file. */
typedef struct Piece {
    struct Piece *next;
    int fd; /* -1: bytes */
    int64_t offset, left, cap;
    char data[];
} Piece;

typedef enum ConnPhase {
    CONN_HANDSHAKE, /* TLS; the owner does not know of it yet */
    CONN_OPEN,
    CONN_CLOSING,   /* conn_close was called: no more input; closes when all is sent */
    CONN_LINGERING, /* our end is sent: waits for the peer's, so that a reset cannot destroy what it
                       has not read */
    CONN_BROKEN,    /* to be closed as soon as no pool thread has it */
    CONN_CLOSED,    /* SYS_CONN_CLOSED is pushed; nothing may happen to it any more */
} ConnPhase;

typedef enum PumpPhase {
    PUMP_NONE,
    PUMP_WAITING, /* for input */
    PUMP_RUNNING, /* a pool thread owns `in` and the reading side (of TLS: both sides) */
} PumpPhase;

typedef enum Io { IO_OK, IO_AGAIN, IO_END, IO_BROKEN } Io;

struct Conn {
    Loop *loop;
    Conn *previous, *next; /* all connections */
    Conn *next_dirty, *next_dead;
    bool dirty;
    ConnPhase phase;
    int fd;
    SSL *ssl;
    bool read_wants_write;   /* TLS only */
    bool announced;          /* SYS_CONN_OPENED was pushed */
    bool input_pushed;       /* a SYS_CONN_INPUT waits to be taken */
    bool ended;              /* the peer sent its end */
    bool write_blocked;      /* the kernel's buffer is full */
    bool undrained;          /* SYS_CONN_DRAINED is owed */
    bool taken, poll_closed; /* SYS_CONN_CLOSED was taken; libuv let go: memory may be freed when
                                both are true */
    Millis deadline;         /* of handshake and lingering */
    uv_poll_t poll;
    int watched;
    char *in; /* in[from .. to) is unconsumed */
    int64_t from, to, cap;
    Piece *out, *out_last;
    int64_t unsent;
    PumpPhase pump;
    PumpFn *pump_fn;
    void *pump_state;
    Io pump_io; /* of the last slice: OK means more to do at once */
    PumpResult pump_result;
    PoolTask pump_task;
    bool file_running; /* a pool thread owns the first piece and the writing side (of TLS: both
                          sides) */
    Io file_io;
    int64_t file_moved; /* by the last slice */
    PoolTask file_task;
    void *owner;
    int door; /* port; 0: the main one */
};

/* Closed ones stay until libuv has let go. */
struct Door {
    Loop *loop;
    Door *next;
    int fd, port;
    uv_poll_t poll;
};

struct Net {
    Conn *conns, *dirty, *dead; /* all; with something to do before the wait; closed and taken */
    int conns_n;
    SSL_CTX *tls;
    bool listened;  /* net_listen was called: once only */
    int listen_fd;  /* -1: none */
    bool accepting; /* false: too many connections or descriptors */
    uv_poll_t listener;
    uv_timer_t chores; /* deadlines of connections; runs while there are any */
    int deadlines_n;
    Door *doors;
};

/* net.c */
void net_set_deadline(Conn *c, int64_t after_ms); /* conn_expire is called then; 0: never */

/* conn.c */
Conn *conn_new(Loop *loop, int fd, SSL *ssl); /* takes fd and ssl */
void conn_touch(Conn *c);                     /* settle before the wait */
void conn_settle(Conn *c); /* send, move to the next phase, watch what is awaited */
void conn_break(Conn *c);
void conn_expire(Conn *c, Millis now);
void conn_free(Conn *c);

/* conn_output.c */
void conn_send_output(Conn *c);     /* as much as may be sent now */
void conn_drop_piece(Conn *c);      /* the first */
void conn_sent(Conn *c, int64_t n); /* n bytes of the first piece have left */

/* pump.c */
void pump_submit(Conn *c); /* conn is PUMP_WAITING and there may be input */
void pump_stop(Conn *c);   /* PUMP_WAITING and the peer is gone */
void send_file_submit(Conn *c);

/* stream.c: one step of a transfer; never blocks. */
Io stream_handshake(Conn *c);
Io stream_read(Conn *c, char *to, int64_t n, int64_t *got);
Io stream_write(Conn *c, const struct iovec *parts, int parts_n, bool more_follows, int64_t *put);
Io stream_send_file(Conn *c, int fd, int64_t offset, int64_t n, char *buffer, int64_t buffer_n,
                    int64_t *put);
bool stream_has_input(const Conn *c); /* decrypted bytes the kernel does not tell about */
void stream_end(Conn *c);             /* our end: the peer reads it after all that was written */

/* tls.c */
must_use bool tls_open(const NetConfig *config, SSL_CTX **out, Error *err);
SSL *tls_accept(SSL_CTX *tls, int fd);
