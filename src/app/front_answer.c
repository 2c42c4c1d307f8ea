/* front_answer.c - exchanges, from the head of a request to its answer, and the order the answers are sent in. */
#include "app/front_inner.h"
#include "app/states/http_reply.h"
#include "app/turn.h"
#include "app/watch/trail.h"

enum { FRONT_EXCHANGES_KEPT = 64 }; /* emptied ones kept for reuse */

Exchange *exchange_open(Server *s, Client *c)
{
    Front *f = s->front;
    Exchange *x = f->spare;
    Arena arena = {0};
    if (x) {
        f->spare = x->next;
        f->spare_n--;
        arena = x->arena;
    } else {
        check(x = malloc(sizeof *x));
    }
    memset(x, 0, offsetof(Exchange, body));
    memset(&x->text, 0, sizeof *x - offsetof(Exchange, text));
    x->arena = arena;
    x->client = c;
    x->text.a = &x->arena;
    x->call = (Call){.server = s,
                     .arena = &x->arena,
                     .now = s->now,
                     .http = &x->http,
                     .out_file = {.fd = -1},
                     .error_members = {.a = &x->arena}};
    return x;
}

void exchange_close(Server *s, Exchange *x)
{
    Front *f = s->front;
    if (x->body_open) body_close(&x->body);
    if (x->call.upload) upload_close(x->call.upload, x->kept);
    if (x->call.out_file.fd >= 0) file_close(x->call.out_file.fd);
    if (f->spare_n == FRONT_EXCHANGES_KEPT) {
        arena_free(&x->arena);
        free(x);
        return;
    }
    arena_reset(&x->arena);
    x->next = f->spare;
    f->spare = x;
    f->spare_n++;
}

void exchanges_close(Front *f)
{
    for (Exchange *x = f->spare, *next; x; x = next) {
        next = x->next;
        arena_free(&x->arena);
        free(x);
    }
}

void exchange_answer(Server *s, Exchange *x, const Fault *fault)
{
    check(!x->answered);
    trail_note(&x->call, fault);
    x->answered = true;
    x->failed = fault != NULL;
    if (fault) x->fault = *fault;
    x->next = NULL;
    *s->front->answered_tail = x;
    s->front->answered_tail = &x->next;
}

typedef struct LaterAnswer {
    Exchange *exchange;
    bool failed;
    Fault fault;
} LaterAnswer;

static void answer_later(Server *s, void *arg)
{
    LaterAnswer *later = arg;
    exchange_answer(s, later->exchange, later->failed ? &later->fault : NULL);
}

/* As an act after the commit: when the event that brings the answer is undone, so is this, and it
 * will be brought again. */
void call_answer(Call *call, const Error *err)
{
    if (call->answered) {
        call->answered(call, err);
        return;
    }
    LaterAnswer *later = new (&call->server->turn, LaterAnswer);
    *later = (LaterAnswer){.exchange = (Exchange *)call, .failed = err != NULL};
    if (err) later->fault = dispatch_fault(call, err);
    after_commit(call->server, answer_later, later);
}

bool front_has_client(const Call *call)
{
    const Client *c = ((const Exchange *)call)->client;
    return c && !conn_hung_up(c->conn);
}

/* ---- after the commit ---- */

static void send_reply(Server *s, Exchange *x, const HttpReply *reply)
{
    Client *c = x->client;
    bool head_only = str_eq(x->http.method, S("HEAD"));
    ReplyFile file = x->call.out_file;
    int64_t length = file.fd >= 0 ? file.length : reply->body.n;
    conn_send(c->conn, http_reply_head(&x->arena, reply, s->now, x->close_after, length));
    if (file.fd >= 0 && !head_only && length) {
        conn_send_file(c->conn, file.fd, file.offset, file.length);
        x->call.out_file.fd = -1;
    } else if (!head_only) {
        conn_send(c->conn, reply->body);
    }
    c->since = s->now;
}

static void flush_one(Server *s, Exchange *x, bool committed)
{
    HttpReply reply = {0};
    Client *c = x->client;
    if (!committed && !x->failed && !x->stands) {
        Error lost = {0};
        error_set(&lost, ERR_DISK_FULL,
                  "The change could not be written to disk and was not made.");
        x->fault = dispatch_fault(&x->call, &lost);
        x->failed = true;
    }
    x->kept = !x->failed;
    if (c) {
        dispatch_encode(&x->call, x->failed ? &x->fault : NULL, &reply);
        send_reply(s, x, &reply);
        c->taken = 0;
        if (c->exchange == x) { /* not when another call of this client is still at work */
            c->state = x->close_after ? CLIENT_GONE : CLIENT_HEAD;
            c->exchange = NULL;
            if (conn_input(c->conn).n || conn_ended(c->conn)) front_wait_for_turn(s, c);
        }
        if (x->close_after) conn_close(c->conn);
    }
    exchange_close(s, x);
}

void front_flush(Server *s, bool committed)
{
    Front *f = s->front;
    if (!f) return;
    Exchange *x = f->answered;
    f->answered = NULL;
    f->answered_tail = &f->answered;
    for (Exchange *next; x; x = next) {
        next = x->next;
        flush_one(s, x, committed);
    }
}
