/* http1.c - an HTTP/1.1 request head in one pass: request line, header fields, framing of the body (RFC 9112). */
#include "wire/http1.h"

/* What a byte may be part of. */
enum { TOKEN = 1, TARGET = 2, HOST = 4 };

/* A target may carry raw UTF-8, as browsers and curl send it; '#' never reaches a server. */
/* clang-format off */
__extension__ static const unsigned char classes[256] = {
    ['0' ... '9'] = TOKEN | TARGET | HOST, ['A' ... 'Z'] = TOKEN | TARGET | HOST,
    ['a' ... 'z'] = TOKEN | TARGET | HOST,
    ['-'] = TOKEN | TARGET | HOST, ['.'] = TOKEN | TARGET | HOST, ['_'] = TOKEN | TARGET | HOST,
    ['~'] = TOKEN | TARGET | HOST, ['%'] = TOKEN | TARGET | HOST,
    ['!'] = TOKEN | TARGET, ['$'] = TOKEN | TARGET, ['&'] = TOKEN | TARGET, ['\''] = TOKEN | TARGET,
    ['*'] = TOKEN | TARGET, ['+'] = TOKEN | TARGET, ['^'] = TOKEN | TARGET, ['`'] = TOKEN | TARGET,
    ['|'] = TOKEN | TARGET, ['#'] = TOKEN,
    [':'] = TARGET | HOST, ['['] = TARGET | HOST, [']'] = TARGET | HOST,
    ['"'] = TARGET, ['('] = TARGET, [')'] = TARGET, [','] = TARGET, ['/'] = TARGET, [';'] = TARGET,
    ['<'] = TARGET, ['='] = TARGET, ['>'] = TARGET, ['?'] = TARGET, ['@'] = TARGET, ['\\'] = TARGET,
    ['{'] = TARGET, ['}'] = TARGET, [0x80 ... 0xff] = TARGET,
};
/* clang-format on */

typedef struct Cursor {
    const char *p, *end;
} Cursor;

/* Each step gives 1: went past its part; 0: more bytes are needed; < 0: minus the status to refuse
 * with. */
enum { MORE = 0, PAST = 1, BAD = -400 };

static inline bool is(char c, int class)
{
    return classes[(unsigned char)c] & class;
}

static Str take(Cursor *c, int class)
{
    const char *from = c->p;
    while (c->p < c->end && is(*c->p, class)) c->p++;
    return (Str){from, c->p - from};
}

/* CR and LF together and nothing less: a bare one of them is how requests get smuggled. */
static int64_t line_end(Cursor *c)
{
    if (c->p == c->end) return MORE;
    if (*c->p != '\r') return BAD;
    if (c->end - c->p < 2) return MORE;
    if (c->p[1] != '\n') return BAD;
    c->p += 2;
    return PAST;
}

static int64_t method(Cursor *c, HttpRequest *r)
{
    r->method = take(c, TOKEN);
    if (r->method.n > HTTP_METHOD_BYTES_MAX) return -501;
    if (c->p == c->end) return MORE;
    if (r->method.n == 0 || *c->p != ' ') return BAD;
    c->p++;
    return PAST;
}

static int64_t target(Cursor *c, HttpRequest *r)
{
    r->target = take(c, TARGET);
    if (r->target.n > HTTP_TARGET_BYTES_MAX) return -414;
    if (c->p == c->end) return MORE;
    if (r->target.n == 0 || *c->p != ' ') return BAD;
    c->p++;
    return PAST;
}

/* "HTTP/1.1" or "HTTP/1.0"; any other well-formed version is 505, also the preface of HTTP/2. */
static int64_t version(Cursor *c, HttpRequest *r)
{
    static const char form[] = "HTTP/d.d";
    for (int i = 0; i < 8; i++) {
        if (c->p + i == c->end) return MORE;
        char got = c->p[i];
        if (form[i] == 'd' ? got < '0' || got > '9' : got != form[i]) return BAD;
    }
    if (c->p[5] != '1' || c->p[7] > '1') return -505;
    r->minor = c->p[7] - '0';
    c->p += 8;
    return line_end(c);
}

/* Takes "http://host" off the front of an absolute-form, which a client uses towards a proxy. */
static void take_authority(Str *t, Str *host)
{
    int64_t scheme = str_eq_nocase(str_slice(*t, 0, 7), S("http://"))    ? 7
                     : str_eq_nocase(str_slice(*t, 0, 8), S("https://")) ? 8
                                                                         : 0;
    *host = (Str){0};
    if (!scheme) return;
    Cursor c = {t->p + scheme, t->p + t->n};
    *host = take(&c, HOST);
    *t = (Str){c.p, c.end - c.p};
}

static bool split_target(HttpRequest *r)
{
    Str t = r->target;
    take_authority(&t, &r->host);
    bool absolute = !str_absent(r->host);
    if (absolute && r->host.n == 0) return false;
    int64_t mark = str_find_char(t, '?');
    r->path = mark < 0 ? t : str_slice(t, 0, mark);
    r->query = mark < 0 ? (Str){0} : str_slice(t, mark + 1, t.n);
    if (absolute && r->path.n == 0) r->path = S("/");
    return r->path.n &&
           (r->path.p[0] == '/' || (str_eq(t, S("*")) && str_eq(r->method, S("OPTIONS"))));
}

static int64_t request_line(Cursor *c, HttpRequest *r)
{
    int64_t got = method(c, r);
    if (got > 0) got = target(c, r);
    if (got > 0) got = version(c, r);
    return got > 0 && !split_target(r) ? BAD : got;
}

/* Skips eight bytes at a time while none of them is a control character (a byte under 0x20, or
 * 0x7f). */
static const char *skip_text(const char *p, const char *end)
{
    const uint64_t ones = 0x0101010101010101, high = 0x8080808080808080;
    for (uint64_t w, del; end - p >= 8; p += 8) {
        memcpy(&w, p, 8);
        del = w ^ ones * 0x7f;
        if ((((w - ones * 0x20) & ~w) | ((del - ones) & ~del)) & high) break;
    }
    while (p < end && ((unsigned char)*p >= 0x20 || *p == '\t') && *p != 0x7f) p++;
    return p;
}

static int64_t header_value(Cursor *c, Str *value)
{
    while (c->p < c->end && (*c->p == ' ' || *c->p == '\t')) c->p++;
    const char *from = c->p, *to;
    c->p = to = skip_text(from, c->end);
    while (to > from && (to[-1] == ' ' || to[-1] == '\t')) to--;
    *value = (Str){from, to - from};
    return line_end(c);
}

/* A name that does not begin with a token character is refused: so is a folded line (obs-fold). A
 * name must touch its colon. */
static int64_t header(Cursor *c, HttpRequest *r)
{
    if (r->headers_n == HTTP_HEADERS_MAX) return -431;
    HttpHeader *h = &r->headers[r->headers_n];
    h->name = take(c, TOKEN);
    if (c->p == c->end) return MORE;
    if (h->name.n == 0 || *c->p != ':') return BAD;
    c->p++;
    int64_t got = header_value(c, &h->value);
    r->headers_n += got == PAST;
    return got;
}

static int64_t headers(Cursor *c, HttpRequest *r)
{
    r->headers_n = 0;
    while (c->p < c->end && *c->p != '\r') {
        int64_t got = header(c, r);
        if (got <= 0) return got;
    }
    return line_end(c);
}

/* What the header fields say about framing, before it is decided. */
typedef struct Framing {
    bool length_seen, chunked, host_seen, close, keep_alive;
    HttpRequest *r;
} Framing;

/* A length may be given once: two, equal or not, or a list, are refused (RFC 9112 6.3). */
static int content_length(Framing *f, Str v)
{
    if (f->length_seen || v.n == 0 || v.n > 18) return 400;
    int64_t n = 0;
    for (int64_t i = 0; i < v.n; i++) {
        if (v.p[i] < '0' || v.p[i] > '9') return 400;
        n = n * 10 + (v.p[i] - '0');
    }
    f->length_seen = true;
    f->r->length = n;
    return 0;
}

static int transfer_encoding(Framing *f, Str v)
{
    if (f->chunked || f->r->minor == 0) return 400;
    f->chunked = str_eq_nocase(v, S("chunked"));
    return f->chunked ? 0 : 501;
}

static int host(Framing *f, Str v)
{
    if (f->host_seen) return 400;
    for (int64_t i = 0; i < v.n; i++)
        if (!is(v.p[i], HOST)) return 400;
    f->host_seen = true;
    if (str_absent(f->r->host)) f->r->host = v;
    return 0;
}

static int connection(Framing *f, Str v)
{
    Str option;
    while (str_cut(&v, ',', &option)) {
        option = str_trim(option);
        if (str_eq_nocase(option, S("close"))) f->close = true;
        if (str_eq_nocase(option, S("keep-alive"))) f->keep_alive = true;
    }
    return 0;
}

static int expect(Framing *f, Str v)
{
    if (!str_eq_nocase(v, S("100-continue"))) return 417;
    f->r->expect_continue = f->r->minor == 1;
    return 0;
}

static int framing_field(Framing *f, const HttpHeader *h)
{
    switch (h->name.n) {
    case 4: return str_eq_nocase(h->name, S("host")) ? host(f, h->value) : 0;
    case 6: return str_eq_nocase(h->name, S("expect")) ? expect(f, h->value) : 0;
    case 10: return str_eq_nocase(h->name, S("connection")) ? connection(f, h->value) : 0;
    case 14: return str_eq_nocase(h->name, S("content-length")) ? content_length(f, h->value) : 0;
    case 17:
        return str_eq_nocase(h->name, S("transfer-encoding")) ? transfer_encoding(f, h->value) : 0;
    default: return 0;
    }
}

/* The one decision about where the body ends. Length and chunked together is not a mistake, it is
 * an attack. Returns 0, or the status to refuse with. */
static int framing(HttpRequest *r)
{
    Framing f = {.r = r};
    r->length = 0;
    r->expect_continue = false;
    for (int i = 0; i < r->headers_n; i++) {
        int refused = framing_field(&f, &r->headers[i]);
        if (refused) return refused;
    }
    if ((f.length_seen && f.chunked) || (r->minor == 1 && !f.host_seen)) return 400;
    r->keep_alive = !f.close && (r->minor == 1 || f.keep_alive);
    r->body = f.chunked ? HTTP_BODY_CHUNKED : r->length ? HTTP_BODY_LENGTH : HTTP_BODY_NONE;
    return 0;
}

int64_t http1_parse(Str in, HttpRequest *r)
{
    bool cut = in.n > HTTP_HEAD_BYTES_MAX;
    Cursor c = {in.p, in.p + (cut ? HTTP_HEAD_BYTES_MAX : in.n)};
    if (c.p == c.end) return MORE;
    int64_t got = *c.p == '\r' ? line_end(&c) : PAST;
    if (got > 0) got = request_line(&c, r);
    if (got > 0) got = headers(&c, r);
    if (got == MORE) return in.n >= HTTP_HEAD_BYTES_MAX ? -431 : 0;
    if (got < 0) return got;
    int refused = framing(r);
    return refused ? -refused : c.p - in.p;
}

Str http1_header(const HttpRequest *r, Str name)
{
    for (int i = 0; i < r->headers_n; i++)
        if (str_eq_nocase(r->headers[i].name, name)) return r->headers[i].value;
    return (Str){0};
}

Str http1_query(const HttpRequest *r, Str name)
{
    Str rest = r->query, pair;
    while (str_cut(&rest, '&', &pair)) {
        Str key;
        Str value = pair;
        if (!str_cut(&value, '=', &key)) continue;
        if (str_eq(key, name)) return value.p ? value : S("");
    }
    return (Str){0};
}
