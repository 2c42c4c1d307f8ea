/* client.c - requests as bytes, in pieces and at awkward moments; answers taken apart. */
#include "client.h"

enum { END_IN = 40, PIECES_MAX = 4, PIECE_MS_MAX = 400, PATIENCE_MS = 200 * 1000 };

static void next_act(void *arg)
{
    Client *c = arg;
    c->acting = false;
    if (!world.broken && !c->first) c->act(c);
}

void client_rest(Client *c, int64_t ms_max)
{
    if (c->acting || c->first) return;
    c->acting = true;
    world_at(world.now + chance_below(ms_max + 1), next_act, c);
}

void client_open(Client *c, const char *name, int64_t number, void (*act)(Client *c))
{
    *c = (Client){.name = name, .number = number, .act = act};
    client_rest(c, 1000);
}

/* ---- what was asked ---- */

static void free_request(Request *r)
{
    world_forget(r);
    world_free((char *)r->bytes.p);
    world_free(r);
}

static void answer_first(Client *c, const Answer *a)
{
    Request *r = c->first;
    c->first = r->next;
    if (!c->first) c->last = NULL;
    world_note("%s%" PRId64 " #%" PRId64 " answered %d", c->name, c->number, r->number, a->status);
    if (!world.broken) r->answered(r, a);
    free_request(r);
    if (!c->first) client_rest(c, 500);
}

static void lose_all(Client *c)
{
    Answer unknown = {0};
    c->in_n = 0;
    while (c->first) answer_first(c, &unknown);
    client_rest(c, 2000);
}

void client_close(Client *c)
{
    while (c->first) {
        Request *r = c->first;
        c->first = r->next;
        free_request(r);
    }
    world_free(c->in);
    *c = (Client){0};
}

/* ---- answers ---- */

Str answer_header(const Answer *a, Str name)
{
    Str rest = a->head, line;
    while (str_cut(&rest, '\n', &line)) {
        int64_t colon = str_find_char(line, ':');
        if (colon > 0 && str_eq_nocase(str_slice(line, 0, colon), name))
            return str_trim(str_slice(line, colon + 1, line.n));
    }
    return (Str){0};
}

/* Bytes of a whole answer at the front, or 0. */
static int64_t read_answer(const Client *c, Answer *a)
{
    Str in = {c->in ? c->in : "", c->in_n};
    int64_t head = str_find(in, S("\r\n\r\n")), length = 0;
    if (head < 0) return 0;
    a->head = str_slice(in, 0, head + 2);
    int64_t status = 0;
    check(str_to_int(str_slice(a->head, 9, 12), &status));
    a->status = (int)status;
    Str text = answer_header(a, S("Content-Length"));
    if (text.n) check(str_to_int(text, &length));
    if (c->first && c->first->is_head) length = 0;
    a->body = str_slice(in, head + 4, head + 4 + length);
    return a->body.n == length ? head + 4 + length : 0;
}

static void got(void *arg, Str bytes)
{
    Client *c = arg;
    if (c->in_n + bytes.n > c->in_cap) {
        c->in_cap = 2 * (c->in_n + bytes.n);
        c->in = world_realloc(c->in, (size_t)c->in_cap);
    }
    memcpy(c->in + c->in_n, bytes.p, (size_t)bytes.n);
    c->in_n += bytes.n;
    for (Answer a = {0}; c->first;) {
        int64_t n = read_answer(c, &a);
        if (!n) return;
        answer_first(c, &a);
        if (c->in_n < n) return;
        memmove(c->in, c->in + n, (size_t)(c->in_n - n));
        c->in_n -= n;
    }
    promise(c->in_n == 0, "%s%" PRId64 " got an answer nobody asked for", c->name, c->number);
}

static void gone(void *arg)
{
    Client *c = arg;
    c->conn = NULL;
    lose_all(c);
}

static const NetClient methods = {got, gone};

static void hang_up(Client *c)
{
    Conn *conn = c->conn;
    c->conn = NULL;
    if (conn) net_hang_up(conn);
    lose_all(c);
}

/* ---- requests ---- */

/* A piece of a request that is sent later. */
typedef struct Piece {
    Client *client;
    Conn *conn;
    Request *request;
    int64_t request_number, from, to;
    bool then_cut, then_end;
} Piece;

static void send_piece(void *arg)
{
    Piece p = *(Piece *)arg;
    world_free(arg);
    Request *r = p.client->first;
    while (r && r->number != p.request_number) r = r->next;
    if (!r || p.client->conn != p.conn) return;
    net_write(p.conn, str_slice(r->bytes, p.from, p.to));
    if (p.then_cut)
        hang_up(p.client);
    else if (p.then_end)
        net_end(p.conn);
}

static void give_up(void *arg)
{
    Request *r = arg;
    promise(!world.calm, "%s%" PRId64 " #%" PRId64 " was not answered in %d s", r->client->name,
            r->client->number, r->number, PATIENCE_MS / 1000);
    world_note("%s%" PRId64 " gives up", r->client->name, r->client->number);
    hang_up(r->client);
}

static void send_request(Client *c, Request *r)
{
    bool cut = !world.calm && chance_in(world.weather.cut_in);
    bool slow = chance_in(world.weather.slow_in);
    c->ended = !cut && chance_in(END_IN);
    int64_t n = cut ? chance_below(r->bytes.n + 1) : r->bytes.n,
            pieces = slow ? chance_between(2, PIECES_MAX) : 1;
    Millis at = c->sent_until > world.now ? c->sent_until : world.now;
    for (int64_t i = 0, from = 0; i < pieces; i++) {
        int64_t to = i == pieces - 1 ? n : chance_between(from, n);
        Piece *p = world_alloc(sizeof *p);
        *p = (Piece){c,
                     c->conn,
                     r,
                     r->number,
                     from,
                     to,
                     cut && i == pieces - 1,
                     c->ended && i == pieces - 1};
        if (slow || cut) at += chance_below(PIECE_MS_MAX);
        world_at(at, send_piece, p);
        from = to;
    }
    c->sent_until = at;
}

bool client_can_ask(Client *c)
{
    if (c->conn && !c->first && (c->ended || chance_in(10))) hang_up(c);
    c->ended = false;
    if (!c->conn) c->conn = net_dial(&methods, c);
    if (!c->conn) client_rest(c, 1000);
    return c->conn;
}

Request *client_ask(Client *c, Str method, Str path, Str headers, Str body, Answered *answered,
                    void *about)
{
    Arena a = {0};
    Buf b = {.a = &a};
    buf_printf(&b, "%.*s %.*s HTTP/1.1\r\nHost: localhost:4566\r\n%.*s", STR(method), STR(path),
               STR(headers));
    if (body.n || !str_eq(method, S("GET")))
        buf_printf(&b, "Content-Length: %" PRId64 "\r\n", body.n);
    buf_put(&b, S("\r\n"));
    buf_put(&b, body);
    Request *r = world_alloc(sizeof *r);
    *r = (Request){.client = c,
                   .answered = answered,
                   .about = about,
                   .number = ++c->asked_n,
                   .asked_at = world.now,
                   .is_head = str_eq(method, S("HEAD"))};
    char *bytes = world_alloc((size_t)b.n);
    memcpy(bytes, b.p, (size_t)b.n);
    r->bytes = (Str){bytes, b.n};
    arena_free(&a);
    if (c->last)
        c->last->next = r;
    else
        c->first = r;
    c->last = r;
    world.requests++;
    world_note("%s%" PRId64 " #%" PRId64 " %.*s %.*s", c->name, c->number, r->number, STR(method),
               STR(str_slice(path, 0, 100)));
    world_at(world.now + PATIENCE_MS, give_up, r);
    send_request(c, r);
    return r;
}
