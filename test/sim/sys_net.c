/* sys_net.c - sys/net.h between the server and simulated clients: bytes in order, in pieces, late, or cut off. */
#include "sys/net.h"

#include "memory.h"
#include "simnet.h"
#include "sys_inside.h"

enum { NET_SLOW_MS_MAX = 3000, NET_SLICE_MAX = 64 * 1024 };

typedef enum Phase { OPEN, CLOSING, CLOSED } Phase;
typedef enum Pump { PUMP_NONE, PUMP_WAITING } Pump;

typedef struct Stream {
    char *p;
    int64_t from, to, cap;
} Stream;

struct Conn {
    Conn *next;
    Phase phase;
    const NetClient *methods;
    void *client; /* NULL: has hung up */
    Stream in, out;
    bool input_pushed, ended, undrained, blocked, closed_taken;
    Pump pump;
    PumpFn *pump_fn;
    void *pump_state;
    bool pump_due;
    void *owner;
};

static Conn *conns;
static bool listening;

/* ---- streams ---- */

static void stream_put(Stream *s, Str bytes)
{
    if (s->to + bytes.n > s->cap) {
        s->cap = (s->to + bytes.n) * 2;
        s->p = world_realloc(s->p, (size_t)s->cap);
    }
    if (bytes.n) memcpy(s->p + s->to, bytes.p, (size_t)bytes.n);
    s->to += bytes.n;
}

static Str stream_str(const Stream *s)
{
    return (Str){s->p ? s->p + s->from : "", s->to - s->from};
}

static void stream_take(Stream *s, int64_t n)
{
    check(n >= 0 && n <= s->to - s->from);
    s->from += n;
    if (s->from == s->to) s->from = s->to = 0;
}

/* ---- the end of a connection ---- */

static void free_conn(Conn *c)
{
    world_forget(c);
    world_free(c->in.p);
    world_free(c->out.p);
    world_free(c);
}

static void pump_ends(Conn *c, bool good)
{
    c->pump = PUMP_NONE;
    SysEvent *e = loop_push(SYS_CONN_PUMPED);
    e->conn = c;
    e->ok = good;
}

static void close_now(Conn *c)
{
    if (c->phase == CLOSED) return;
    if (c->pump != PUMP_NONE) pump_ends(c, false);
    c->phase = CLOSED;
    loop_push(SYS_CONN_CLOSED)->conn = c;
    void *client = c->client;
    c->client = NULL;
    if (client) c->methods->gone(client);
}

void net_event_taken(const SysEvent *e)
{
    if (e->kind == SYS_CONN_CLOSED) e->conn->closed_taken = true;
    if (e->kind == SYS_CONN_INPUT) e->conn->input_pushed = false;
}

void net_turn_over(void)
{
    for (Conn **at = &conns; *at;) {
        Conn *c = *at;
        if (!c->closed_taken) {
            at = &c->next;
            continue;
        }
        *at = c->next;
        free_conn(c);
    }
}

void net_forget(void)
{
    listening = false;
    for (Conn *c = conns, *next; c; c = next) {
        next = c->next;
        void *client = c->client;
        c->client = NULL;
        if (client) c->methods->gone(client);
        free_conn(c);
    }
    conns = NULL;
}

int64_t net_connections(void)
{
    int64_t n = 0;
    for (const Conn *c = conns; c; c = c->next) n += c->phase != CLOSED;
    return n;
}

/* ---- listening ---- */

bool net_listen(Loop *loop, const NetConfig *config, int *port_out, Error *err)
{
    (void)loop, (void)err;
    listening = true;
    *port_out = config->port ? config->port : 4566;
    return true;
}

/* Nobody of the simulated world comes in by one. */
bool net_open_door(Loop *loop, Door **out, int *port, Error *err)
{
    (void)loop, (void)out, (void)port;
    return error_set(err, ERR_INTERNAL, "there are no doors in the simulated world");
}

void net_close_door(Door *door)
{
    (void)door;
}

int conn_door(const Conn *c)
{
    (void)c;
    return 0;
}

void net_stop_listening(Loop *loop)
{
    (void)loop;
    listening = false;
}

Conn *net_dial(const NetClient *methods, void *client)
{
    if (!listening || !world.alive) return NULL;
    Conn *c = world_alloc(sizeof *c);
    *c = (Conn){.next = conns, .methods = methods, .client = client};
    conns = c;
    loop_push(SYS_CONN_OPENED)->conn = c;
    return c;
}

/* ---- bytes in ---- */

static void feed(void *arg)
{
    Conn *c = arg;
    c->pump_due = false;
    if (c->pump != PUMP_WAITING || c->phase == CLOSED) return;
    int64_t held = c->in.to - c->in.from;
    if (!held && c->ended) {
        pump_ends(c, false);
        return;
    }
    int64_t n = held > NET_SLICE_MAX ? NET_SLICE_MAX : held, consumed = n;
    if (n > 1 && chance_in(4)) n = consumed = chance_between(1, n);
    if (!n) return;
    bool before = memory_of_server(true);
    PumpResult result = c->pump_fn(c->pump_state, str_slice(stream_str(&c->in), 0, n), &consumed);
    memory_of_server(before);
    check(consumed >= 0 && consumed <= n && (result != PUMP_MORE || consumed == n));
    stream_take(&c->in, consumed);
    if (result != PUMP_MORE) {
        pump_ends(c, result == PUMP_DONE);
        return;
    }
    c->pump_due = c->in.to > c->in.from || c->ended;
    if (c->pump_due) world_at(world.now + chance_below(4), feed, c);
}

static void input_came(Conn *c)
{
    if (c->phase != OPEN) return;
    if (c->pump == PUMP_WAITING) {
        if (!c->pump_due) world_at(world.now + chance_below(4), feed, c);
        c->pump_due = true;
        return;
    }
    if (c->input_pushed) return;
    c->input_pushed = true;
    loop_push(SYS_CONN_INPUT)->conn = c;
}

void net_write(Conn *c, Str bytes)
{
    stream_put(&c->in, bytes);
    input_came(c);
}

void net_end(Conn *c)
{
    c->ended = true;
    input_came(c);
}

void net_hang_up(Conn *c)
{
    c->client = NULL;
    close_now(c);
}

void conn_pump(Conn *c, PumpFn *fn, void *state)
{
    check(c->pump == PUMP_NONE);
    c->pump = PUMP_WAITING;
    c->pump_fn = fn;
    c->pump_state = state;
    if (c->phase == CLOSED) {
        pump_ends(c, false);
        return;
    }
    c->pump_due = true;
    world_at(world.now + chance_below(4), feed, c);
}

Str conn_input(const Conn *c)
{
    Str in = stream_str(&c->in);
    if (c->phase != OPEN) return (Str){"", 0};
    return str_slice(in, 0, NET_INPUT_BYTES_MAX);
}

bool conn_ended(const Conn *c)
{
    return c->ended;
}

bool conn_hung_up(const Conn *c)
{
    return c->ended || c->phase != OPEN;
}

void conn_consume(Conn *c, int64_t n)
{
    bool more = c->in.to - c->in.from > NET_INPUT_BYTES_MAX;
    stream_take(&c->in, n);
    if (more && n) input_came(c);
}

/* ---- bytes out ---- */

void conn_send(Conn *c, Str bytes)
{
    if (!bytes.n || c->phase != OPEN) return;
    stream_put(&c->out, bytes);
    c->undrained = true;
}

void conn_send_file(Conn *c, int fd, int64_t offset, int64_t length)
{
    Error err = {0};
    int64_t got = 0;
    char *p = world_alloc((size_t)length);
    bool good = file_read(fd, offset, p, length, &got, &err);
    file_close(fd);
    conn_send(c, (Str){p, got});
    world_free(p);
    if (!good || got < length) {
        world_note("net file shorter than its answer says");
        conn_abort(c);
    }
}

int64_t conn_unsent(const Conn *c)
{
    return c->out.to - c->out.from;
}

void conn_close(Conn *c)
{
    check(c->pump == PUMP_NONE);
    if (c->phase == OPEN) c->phase = CLOSING;
}

void conn_abort(Conn *c)
{
    bool before = memory_of_server(false);
    close_now(c);
    memory_of_server(before);
}

static void deliver(Conn *c, int64_t n)
{
    Str bytes = str_slice(stream_str(&c->out), 0, n);
    if (c->client && bytes.n) c->methods->got(c->client, bytes);
    if (c->phase != CLOSED) stream_take(&c->out, bytes.n);
}

static void flush(Conn *c)
{
    if (c->phase == CLOSED || c->blocked) return;
    if (c->out.to > c->out.from) deliver(c, INT64_MAX);
    if (c->phase == OPEN && c->undrained) {
        c->undrained = false;
        loop_push(SYS_CONN_DRAINED)->conn = c;
    }
    if (c->phase == CLOSING) close_now(c);
}

static void unblock(void *arg)
{
    Conn *c = arg;
    c->blocked = false;
    flush(c);
}

/* A slow reader takes a part, and the rest later. */
void net_flush(void)
{
    for (Conn *c = conns, *next; c; c = next) {
        next = c->next;
        int64_t n = conn_unsent(c);
        if (c->phase != CLOSED && !c->blocked && n > 1 && chance_in(world.weather.slow_in)) {
            c->blocked = true;
            deliver(c, chance_below(n));
            world_at(world.now + chance_below(NET_SLOW_MS_MAX), unblock, c);
        }
        flush(c);
    }
}

/* ---- facts ---- */

void conn_set_owner(Conn *c, void *owner)
{
    c->owner = owner;
}

void *conn_owner(const Conn *c)
{
    return c->owner;
}
