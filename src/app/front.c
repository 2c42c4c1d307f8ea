/* front.c - connections in, calls out: HTTP framing, body reception, limits and time-outs. */
#include "app/front.h"

#include "app/front_inner.h"
#include "app/states/http_reply.h"
#include "app/turn.h"

enum {
    FRONT_IDLE_MS = 120 * 1000, /* between requests */
    FRONT_HEAD_MS = 30 * 1000,  /* from the first byte of a head to its last */
    FRONT_STALL_MS = 60 * 1000, /* without a byte of the body, or taking none of the answer */
    FRONT_LOOK_MS = 1000,
    FRONT_PIPELINE_MAX = 32, /* requests of one connection taken in one turn */
};

/* ---- refusing ---- */

/* The rest of the connection cannot be understood: the answer is the last thing it gets. */
static void refuse(Server *s, Client *c, Exchange *x, const Fault *fault)
{
    x->close_after = true;
    c->state = CLIENT_GONE;
    c->exchange = NULL;
    exchange_answer(s, x, fault);
}

static void refuse_body(Server *s, Client *c, Exchange *x, const Error *err)
{
    Fault fault = dispatch_fault(&x->call, err);
    refuse(s, c, x, &fault);
}

/* ---- the handler ---- */

static void run_call(Server *s, Client *c, Exchange *x)
{
    Error lost = {0};
    Fault fault = {0};
    x->call.now = s->now;
    x->call.body = buf_str(&x->text);
    AfterCommit **acts = s->actions_tail;
    event_begin(s);
    CallResult result = dispatch_body(&x->call, &fault);
    bool kept = event_end(s, result != CALL_FAILED, &lost);
    /* Also when the handler refused: what it could not read it may have taken for absent. One that
     * works on will answer. */
    if (!kept && lost.code && result != CALL_LATER) {
        log_error(s, "call-lost", "request=%.*s error=\"%s\"", STR(x->call.request_id), lost.text);
        result = CALL_FAILED;
        fault = dispatch_fault(&x->call, &lost);
    }
    if (result == CALL_LATER) {
        c->state = CLIENT_CALL;
        return;
    }
    x->stands = !db_dirty(s->db) && acts == s->actions_tail && !x->call.upload;
    c->exchange = NULL;
    c->state = x->close_after ? CLIENT_GONE : CLIENT_HEAD;
    exchange_answer(s, x, result == CALL_FAILED ? &fault : NULL);
}

/* ---- the body ---- */

static void receive_in_memory(Server *s, Client *c)
{
    Exchange *x = c->exchange;
    Error err = {0};
    BodyGot got;
    Str input = conn_input(c->conn), data, rest = input;
    while ((got = body_next(&x->body, &rest, &data, &err)) == BODY_DATA) buf_put(&x->text, data);
    conn_consume(c->conn, input.n - rest.n);
    if (got == BODY_ERROR) refuse_body(s, c, x, &err);
    if (got == BODY_DONE) run_call(s, c, x);
}

static void uploaded(Server *s, Client *c)
{
    Exchange *x = c->exchange;
    Error err = {0};
    UploadBytes got;
    if (!upload_ended(x->call.upload, &got, &err))
        refuse_body(s, c, x, &err);
    else
        run_call(s, c, x);
}

/* A small body of a streaming operation: fed here, so that no thread has to be woken. */
static void receive_upload(Server *s, Client *c)
{
    int64_t consumed = 0;
    PumpResult result = upload_feed(c->exchange->call.upload, conn_input(c->conn), &consumed);
    conn_consume(c->conn, consumed);
    if (result != PUMP_MORE) uploaded(s, c);
}

/* ---- the head ---- */

static bool is_small(const BodySpec *spec)
{
    return spec->framing == HTTP_BODY_NONE ||
           (spec->framing == HTTP_BODY_LENGTH && spec->length <= OBJECT_INLINE_BYTES_MAX);
}

static void begin_upload(Server *s, Client *c, Exchange *x)
{
    x->call.upload = x->plan.form ? upload_open_form(s->objects, &x->plan.spec,
                                                     http1_header(&x->http, S("Content-Type")))
                                  : upload_open(s->objects, &x->plan.spec);
    check(x->call.upload); /* dispatch has seen the boundary */
    if (is_small(&x->plan.spec)) {
        c->state = CLIENT_UPLOAD;
        receive_upload(s, c);
    } else {
        c->state = CLIENT_PUMP;
        conn_pump(c->conn, upload_feed, x->call.upload);
    }
}

static void begin_body(Server *s, Client *c, Exchange *x)
{
    if (x->http.expect_continue && x->http.body != HTTP_BODY_NONE)
        conn_send(c->conn, S("HTTP/1.1 100 Continue\r\n\r\n"));
    if (x->plan.stream) {
        begin_upload(s, c, x);
        return;
    }
    body_open(&x->body, &x->plan.spec);
    x->body_open = true;
    c->state = CLIENT_BODY;
    receive_in_memory(s, c);
}

/* An event, as what it could not read it may have taken for absent: a key, a bucket. */
static bool take_head(Server *s, Exchange *x, Fault *fault)
{
    Error lost = {0};
    event_begin(s);
    bool good = dispatch_head(&x->call, &x->plan, fault);
    if (event_end(s, true, &lost)) return good;
    log_error(s, "call-lost", "error=\"%s\"", lost.text);
    *fault = dispatch_fault(&x->call, &lost);
    return false;
}

static void begin_request(Server *s, Client *c, int64_t head_n)
{
    Exchange *x = exchange_open(s, c);
    Fault fault = {0};
    /* The head must outlive the input buffer; its slices are made again on the copy. */
    Str head = str_copy(&x->arena, str_slice(conn_input(c->conn), 0, head_n));
    check(http1_parse(head, &x->http) == head_n);
    conn_consume(c->conn, head_n);
    x->call.door = conn_door(c->conn);
    c->exchange = x;
    c->taken++;
    c->since = s->now;
    x->close_after = !x->http.keep_alive;
    if (take_head(s, x, &fault))
        begin_body(s, c, x);
    else
        refuse(s, c, x, &fault);
}

static void refuse_head(Client *c, int status)
{
    Arena a = {0};
    conn_send(c->conn, http_reply_bare(&a, status));
    arena_free(&a);
    c->state = CLIENT_GONE;
    conn_close(c->conn);
}

static void read_head(Server *s, Client *c)
{
    HttpRequest http;
    int64_t n = http1_parse(conn_input(c->conn), &http);
    if (n > 0)
        begin_request(s, c, n);
    else if (n < 0)
        refuse_head(c, (int)-n);
}

void front_wait_for_turn(Server *s, Client *c)
{
    if (c->resume) return;
    c->resume = true;
    s->front->resume_n++;
}

/* One step: a head with what of its body is there, or more of a body. */
static void read_some(Server *s, Client *c)
{
    switch (c->state) {
    case CLIENT_HEAD:
        if (c->taken == FRONT_PIPELINE_MAX)
            front_wait_for_turn(s, c);
        else
            read_head(s, c);
        break;
    case CLIENT_BODY: receive_in_memory(s, c); break;
    case CLIENT_UPLOAD: receive_upload(s, c); break;
    case CLIENT_PUMP:
    case CLIENT_CALL:
    case CLIENT_GONE: break;
    default: unreachable();
    }
}

/* Takes what can be taken of the input, one request after the other. */
static void read_requests(Server *s, Client *c)
{
    for (int64_t before = -1, left; (left = conn_input(c->conn).n) > 0 && left != before;
         before = left)
        read_some(s, c);
}

/* The peer will send no more. It is let go when all it asked for is answered, which takes until the
 * turn's end. */
static void let_go(Server *s, Client *c)
{
    if (!conn_ended(c->conn) || c->state == CLIENT_PUMP || c->state == CLIENT_CALL ||
        c->state == CLIENT_GONE)
        return;
    for (Exchange *a = s->front->answered; a; a = a->next) {
        if (a->client != c) continue;
        front_wait_for_turn(s, c);
        return;
    }
    if (!c->resume) conn_close(c->conn);
}

/* ---- events ---- */

static void opened(Server *s, Conn *conn)
{
    Client *c = calloc(1, sizeof *c);
    check(c);
    *c = (Client){.conn = conn, .since = s->now, .next = s->front->clients};
    if (c->next) c->next->prev = c;
    s->front->clients = c;
    conn_set_owner(conn, c);
}

static void closed(Server *s, Client *c)
{
    Exchange *x = c->exchange;
    if (c->prev)
        c->prev->next = c->next;
    else
        s->front->clients = c->next;
    if (c->next) c->next->prev = c->prev;
    if (c->resume) s->front->resume_n--;
    if (x && c->state == CLIENT_CALL)
        x->client = NULL;
    else if (x)
        exchange_close(s, x);
    for (Exchange *a = s->front->answered; a; a = a->next)
        if (a->client == c) a->client = NULL;
    free(c);
}

void front_event(Server *s, const SysEvent *e)
{
    Client *c = e->kind == SYS_CONN_OPENED ? NULL : conn_owner(e->conn);
    switch (e->kind) {
    case SYS_CONN_OPENED: opened(s, e->conn); break;
    case SYS_CONN_INPUT:
        c->since = s->now;
        read_requests(s, c);
        let_go(s, c);
        break;
    case SYS_CONN_DRAINED: c->since = s->now; break;
    case SYS_CONN_PUMPED:
        c->since = s->now;
        uploaded(s, c);
        read_requests(s, c);
        let_go(s, c);
        break;
    case SYS_CONN_CLOSED: closed(s, c); break;
    case SYS_CHILD_ENDED:
    case SYS_JOB_DONE:
    case SYS_STOP:
    default: unreachable();
    }
}

void front_resume(Server *s)
{
    for (Client *c = s->front->clients; c && s->front->resume_n; c = c->next) {
        if (!c->resume) continue;
        c->resume = false;
        c->taken = 0;
        s->front->resume_n--;
        read_requests(s, c);
        let_go(s, c);
    }
}

bool front_wants_turn(const Server *s)
{
    return s->front->resume_n > 0;
}

/* ---- time-outs ---- */

static int64_t patience_ms(const Client *c)
{
    switch (c->state) {
    case CLIENT_HEAD:
        return conn_input(c->conn).n  ? FRONT_HEAD_MS
               : conn_unsent(c->conn) ? FRONT_STALL_MS
                                      : FRONT_IDLE_MS;
    case CLIENT_BODY:
    case CLIENT_UPLOAD:
    case CLIENT_GONE: return FRONT_STALL_MS;
    case CLIENT_PUMP:
    case CLIENT_CALL: return INT64_MAX;
    default: unreachable();
    }
}

void front_housekeeping(Server *s)
{
    Front *f = s->front;
    if (s->now - f->looked_at < FRONT_LOOK_MS) return;
    f->looked_at = s->now;
    for (Client *c = f->clients; c; c = c->next)
        if (s->now - c->since > patience_ms(c)) conn_abort(c->conn);
}

/* ---- opening ---- */

bool front_open(Server *s, Error *err)
{
    Front *f = calloc(1, sizeof *f);
    check(f);
    f->answered_tail = &f->answered;
    s->front = f;
    NetConfig config = {.host = s->config.host,
                        .port = s->config.port,
                        .certificate_path = s->config.certificate_path,
                        .key_path = s->config.key_path};
    return net_listen(s->loop, &config, &s->port, err);
}

void front_close(Server *s)
{
    Front *f = s->front;
    if (!f) return;
    for (Client *c = f->clients, *next; c; c = next) {
        next = c->next;
        if (c->exchange && c->state == CLIENT_CALL)
            exchange_close(s, c->exchange), c->exchange = NULL;
        conn_set_owner(c->conn, NULL);
        closed(s, c);
    }
    exchanges_close(f);
    free(f);
    s->front = NULL;
}
