/* http_client.c - one HTTP/1.1 request over a connection of its own, and the answer with its body. */
#include "app/http_client.h"

#include "sys/outgoing.h"
#include "wire/chunked.h"
#include "wire/http1_answer.h"

enum { READ_BYTES = 16 * 1024 };

void http_client_header(HttpExchange *x, Str name, Str value)
{
    *vec_push(x->arena, &x->fields) = (HttpField){name, value};
}

Str http_client_answer_header(const HttpExchange *x, Str name)
{
    for (int64_t i = 0; i < x->headers.n; i++)
        if (str_eq_nocase(x->headers.p[i].name, name)) return x->headers.p[i].value;
    return (Str){0};
}

static void fail(HttpExchange *x, HttpFailure failure, const char *why)
{
    x->failure = failure;
    x->why = str_from(why);
}

/* ---- the address ---- */

static int64_t end_of_authority(Str s)
{
    int64_t n = 0;
    while (n < s.n && s.p[n] != '/' && s.p[n] != '?' && s.p[n] != '#') n++;
    return n;
}

static bool split_port(HttpUrl *u)
{
    int64_t bracket = str_rfind_char(u->authority, ']'), colon = str_rfind_char(u->authority, ':'),
            port = u->tls ? 443 : 80;
    if (colon < bracket) colon = -1; /* of an IPv6 address */
    u->host = colon < 0 ? u->authority : str_slice(u->authority, 0, colon);
    if (colon >= 0 && !str_to_int(str_slice(u->authority, colon + 1, u->authority.n), &port))
        return false;
    if (str_starts(u->host, S("[")) && str_ends(u->host, S("]")))
        u->host = str_slice(u->host, 1, u->host.n - 1);
    u->port = (int)port;
    return u->host.n > 0 && port > 0 && port < 65536;
}

/* No blanks, no control characters: nothing that could begin a line of its own. */
static bool is_clean(Str s, bool blanks)
{
    for (int64_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c < ' ' || c == 0x7f || (c == ' ' && !blanks)) return false;
    }
    return true;
}

bool http_client_url(Arena *a, Str url, HttpUrl *out)
{
    *out = (HttpUrl){.tls = str_starts(url, S("https://"))};
    if (!out->tls && !str_starts(url, S("http://"))) return false;
    if (url.n > HTTP_CLIENT_URL_BYTES_MAX || !is_clean(url, false)) return false;
    Str rest = str_slice(url, out->tls ? 8 : 7, url.n);
    int64_t end = end_of_authority(rest), mark = str_find_char(rest, '#');
    out->authority = str_slice(rest, 0, end);
    Str target = str_slice(rest, end, mark < 0 ? rest.n : mark);
    out->target = str_starts(target, S("/")) ? target : str_printf(a, "/%.*s", STR(target));
    return str_find_char(out->authority, '@') < 0 && split_port(out);
}

/* ---- the request ---- */

static bool is_name(Str s)
{
    for (int64_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!((c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') ||
              (c && strchr("!#$%&'*+-.^_`|~", c))))
            return false;
    }
    return s.n > 0;
}

static bool fields_are_good(const HttpExchange *x)
{
    if (x->fields.n > HTTP_CLIENT_HEADERS_MAX || !is_name(x->method)) return false;
    for (int64_t i = 0; i < x->fields.n; i++)
        if (!is_name(x->fields.p[i].name) || !is_clean(x->fields.p[i].value, true)) return false;
    return true;
}

static Str request_of(const HttpExchange *x, const HttpUrl *u)
{
    Buf b = {.a = x->arena};
    buf_printf(&b, "%.*s %.*s HTTP/1.1\r\nHost: %.*s\r\nConnection: close\r\n", STR(x->method),
               STR(u->target), STR(u->authority));
    buf_put(&b, S("Accept-Encoding: identity\r\n"));
    if (!str_absent(x->body)) buf_printf(&b, "Content-Length: %" PRId64 "\r\n", x->body.n);
    for (int64_t i = 0; i < x->fields.n; i++)
        buf_printf(&b, "%.*s: %.*s\r\n", STR(x->fields.p[i].name), STR(x->fields.p[i].value));
    buf_put(&b, S("\r\n"));
    buf_put(&b, x->body);
    return buf_str(&b);
}

/* ---- the answer ---- */

static void fail_outgoing(HttpExchange *x, OutgoingFailure f, Str why)
{
    static const HttpFailure failures[] = {
        [OUTGOING_NO_NAME] = HTTP_CLIENT_NO_SERVER,  [OUTGOING_NO_SERVER] = HTTP_CLIENT_NO_SERVER,
        [OUTGOING_NO_TRUST] = HTTP_CLIENT_NO_SERVER, [OUTGOING_TOO_LATE] = HTTP_CLIENT_TOO_LATE,
        [OUTGOING_BROKEN] = HTTP_CLIENT_BROKEN,
    };
    x->failure = failures[f];
    x->why = f == OUTGOING_TOO_LATE ? S("The request timed out.")
             : str_absent(why)      ? S("The connection broke.")
                                    : why;
}

/* false: the exchange has failed. *ended: the other side has ended the stream. */
static bool read_more(HttpExchange *x, Outgoing *o, Buf *got, bool *ended)
{
    int64_t n;
    OutgoingFailure f = outgoing_read(o, buf_room(got, READ_BYTES), READ_BYTES, &n);
    if (f) return fail_outgoing(x, f, (Str){0}), false;
    got->n += n;
    *ended = n == 0;
    return true;
}

static bool read_head(HttpExchange *x, Outgoing *o, Buf *got, HttpAnswer *head, int64_t *from)
{
    bool ended = false;
    *from = 0;
    for (;;) {
        Str left = str_slice(buf_str(got), *from, got->n);
        int64_t n = http1_answer_parse(left, str_eq(x->method, S("HEAD")), head);
        if (n > 0) *from += n;
        if (n > 0 && head->status >= 200) return true;
        if (n > 0) continue; /* 100 Continue */
        if (n < 0 || got->n > 2 * HTTP_ANSWER_HEAD_BYTES_MAX || ended)
            return fail(x, ended && !got->n ? HTTP_CLIENT_BROKEN : HTTP_CLIENT_BAD_ANSWER,
                        ended && !got->n ? "The connection ended without an answer."
                                         : "The answer is not HTTP/1.1."),
                   false;
        if (!read_more(x, o, got, &ended)) return false;
    }
}

static bool too_large(HttpExchange *x, int64_t n)
{
    if (n <= x->body_bytes_max) return false;
    fail(x, HTTP_CLIENT_TOO_LARGE, "The answer is too large.");
    return true;
}

static void keep_head(HttpExchange *x, const HttpAnswer *head)
{
    x->status = head->status;
    x->reason = str_copy(x->arena, head->reason);
    for (int i = 0; i < head->headers_n; i++)
        *vec_push(x->arena, &x->headers) = (HttpField){str_copy(x->arena, head->headers[i].name),
                                                       str_copy(x->arena, head->headers[i].value)};
}

static bool plain_body(HttpExchange *x, Outgoing *o, Buf *body, const HttpAnswer *head)
{
    bool ended = false, counted = head->body == HTTP_ANSWER_LENGTH;
    while (!(counted && body->n >= head->length) && !ended) {
        if (too_large(x, body->n) || !read_more(x, o, body, &ended)) return false;
    }
    if (counted && body->n < head->length)
        return fail(x, HTTP_CLIENT_BROKEN, "The answer broke off."), false;
    x->answer = counted ? str_slice(buf_str(body), 0, head->length) : buf_str(body);
    return !too_large(x, x->answer.n);
}

/* What of `in` is body goes to *body. true: it is not over. */
static bool unchunk(HttpExchange *x, Chunked *c, Str in, Buf *body)
{
    ChunkedGot got;
    for (Str data; (got = chunked_next(c, &in, &data)) > CHUNKED_MORE;) {
        if (got == CHUNKED_DATA) buf_put(body, data);
        if (got == CHUNKED_DONE) return x->answer = buf_str(body), false;
        if (too_large(x, body->n)) return false;
    }
    if (got == CHUNKED_BAD) fail(x, HTTP_CLIENT_BAD_ANSWER, "The answer's chunks are malformed.");
    return got == CHUNKED_MORE;
}

static void chunked_body(HttpExchange *x, Outgoing *o, Str in)
{
    Chunked c;
    Buf body = {.a = x->arena}, more = {.a = x->arena};
    bool ended = false;
    chunked_open(&c);
    while (unchunk(x, &c, in, &body)) {
        more.n = 0;
        if (!read_more(x, o, &more, &ended)) return;
        if (ended) {
            fail(x, HTTP_CLIENT_BROKEN, "The answer broke off.");
            return;
        }
        in = buf_str(&more);
    }
}

static void read_answer(HttpExchange *x, Outgoing *o)
{
    Buf got = {.a = x->arena}, body = {.a = x->arena};
    HttpAnswer head;
    int64_t from;
    if (!read_head(x, o, &got, &head, &from)) return;
    keep_head(x, &head);
    x->answer = S("");
    Str rest = str_slice(buf_str(&got), from, got.n);
    if (head.body == HTTP_ANSWER_NONE) return;
    if (head.body == HTTP_ANSWER_LENGTH && too_large(x, head.length)) return;
    if (head.body == HTTP_ANSWER_CHUNKED) {
        chunked_body(x, o, rest);
        return;
    }
    buf_put(&body, rest);
    (void)plain_body(x, o, &body, &head);
}

void http_client_run(HttpExchange *x)
{
    HttpUrl u;
    Outgoing *o;
    Str why = {0};
    if (!http_client_url(x->arena, x->url, &u) || !fields_are_good(x)) {
        fail(x, HTTP_CLIENT_BAD_URL, "The address or a header cannot be sent.");
        return;
    }
    OutgoingAddress to = {.host = u.host, .port = u.port, .tls = u.tls};
    OutgoingFailure f = outgoing_open(&to, x->deadline, x->arena, &o, &why);
    if (f) {
        fail_outgoing(x, f, why);
        return;
    }
    f = outgoing_write(o, request_of(x, &u));
    if (f == OUTGOING_TOO_LATE)
        fail_outgoing(x, f, why);
    else
        read_answer(x, o); /* also when sending broke: a server that refuses a body answers first */
    outgoing_close(o);
}
