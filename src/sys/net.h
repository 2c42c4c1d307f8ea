/* net.h - byte streams of clients: listen, read what came, send bytes and files in order, hand a body to the pool. */
#pragma once
#include "sys/loop.h"

enum {
    NET_INPUT_BYTES_MAX =
        128 * 1024, /* unread input held per connection; more stays in the kernel */
    NET_OUTPUT_BYTES_MAX = 8 * 1024 * 1024, /* unsent output above which no more input is read */
    NET_CONNS_MAX = 8192,
};

typedef struct NetConfig {
    Str host; /* address to listen on: "127.0.0.1" */
    int port; /* 0: any free one */
    /* PEM; absent: plain TCP. From this machine itself plain TCP is taken beside TLS. */
    Str certificate_path, key_path;
} NetConfig;

/* ERR_USAGE with the reason (port in use, bad address, unreadable certificate) when it cannot. */
must_use bool net_listen(Loop *loop, const NetConfig *config, int *port_out, Error *err);
void net_stop_listening(Loop *loop);

/* A further address of our own, on 127.0.0.1 and a free port, for one process of ours: whoever
 * comes in there is told apart by the port. */
typedef struct Door Door;
must_use bool net_open_door(Loop *loop, Door **out, int *port, Error *err);
/* Takes no more; connections that came in stay. */
void net_close_door(Door *door);
/* The port of the door it came in by; 0: of net_listen. */
int conn_door(const Conn *c);

/* Bytes received and not yet consumed; valid until the next loop_wait, conn_consume or conn_pump.
 */
Str conn_input(const Conn *c);
void conn_consume(Conn *c, int64_t n);
/* The peer has sent its last byte: no more input follows what conn_input() has. Told by a
 * SYS_CONN_INPUT (perhaps without new bytes). The owner answers what it still owes and calls
 * conn_close; nobody else closes a connection that is only ended. */
bool conn_ended(const Conn *c);
/* The same, asked of the kernel now: the end may lie there unread, behind other input too. For who
 * is about to give away what can be given only once. */
bool conn_hung_up(const Conn *c);

/* Output is sent in the order of these calls, by the next loop_wait: the small answers of a turn
 * are one system call per connection. conn_send copies. SYS_CONN_DRAINED follows when all is sent,
 * always in a later turn. */
void conn_send(Conn *c, Str bytes);
/* Takes `fd` (closed when sent or when the connection ends). sendfile where the transport allows;
 * long ones by the pool. A file that turns out shorter than `length` breaks the connection. */
void conn_send_file(Conn *c, int fd, int64_t offset, int64_t length);
int64_t conn_unsent(const Conn *c);
/* Closes after what was sent so far has left and the peer had up to NET_LINGER_MS to read it and
 * close. SYS_CONN_CLOSED follows; no input comes any more. Idempotent. */
void conn_close(Conn *c);
/* Closes at once, dropping what is unsent (a broken or abusive peer). */
void conn_abort(Conn *c);

typedef enum PumpResult { PUMP_MORE, PUMP_DONE, PUMP_FAILED } PumpResult;
/* Called on a pool thread with the next input bytes, unconsumed input first. Sets *consumed (<=
 * bytes.n; all of it when PUMP_MORE). Must not touch anything but `state` and file.h. */
typedef PumpResult PumpFn(void *state, Str bytes, int64_t *consumed);
/* Hands the input of `c` to fn until it is done; then SYS_CONN_PUMPED with ok = PUMP_DONE, or ok
 * false when fn failed or the peer ended or vanished in between (a SYS_CONN_CLOSED follows when it
 * vanished). What fn did not consume is in conn_input() then, without a SYS_CONN_INPUT. The event
 * comes exactly once for each conn_pump, also after conn_abort: until it has come, `state` must
 * live and only conn_send and conn_abort may be used on `c`. */
void conn_pump(Conn *c, PumpFn *fn, void *state);

/* One pointer of the owner's. */
void conn_set_owner(Conn *c, void *owner);
void *conn_owner(const Conn *c);
