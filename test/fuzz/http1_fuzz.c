/* http1_fuzz.c - the head parser against a slow second one, and against itself with the input cut short. */
#include "wire/http1.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* A copy of exactly its size: a read behind it is found. */
static Str exact(Str s)
{
    char *p = malloc(s.n ? (size_t)s.n : 1);
    check(p != NULL);
    if (s.n) memcpy(p, s.p, (size_t)s.n);
    return (Str){p, s.n};
}

static bool same_request(const HttpRequest *x, Str x_base, const HttpRequest *y, Str y_base)
{
    if (x->headers_n != y->headers_n || x->body != y->body || x->length != y->length) return false;
    for (int i = 0; i < x->headers_n; i++) {
        if (x->headers[i].name.p - x_base.p != y->headers[i].name.p - y_base.p) return false;
        if (!str_eq(x->headers[i].value, y->headers[i].value)) return false;
    }
    return str_eq(x->target, y->target) && str_eq(x->method, y->method) &&
           x->keep_alive == y->keep_alive;
}

/* Whatever is said about a prefix must be what is said about the whole. */
static void cut(Str all, int64_t at, int64_t whole, const HttpRequest *r)
{
    static HttpRequest part;
    Str prefix = exact(str_slice(all, 0, at));
    int64_t got = http1_parse(prefix, &part);
    check(got <= prefix.n);
    check(got == 0 || got == whole);
    if (got > 0) check(same_request(r, all, &part, prefix));
    if (whole > 0 && at >= whole) check(got == whole);
    free((char *)prefix.p);
}

/* The second parser: splits at CRLF, then looks at whole lines with sets written out as text. */
static bool only(Str s, const char *set, bool high)
{
    for (int64_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        bool alnum = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!alnum && !(c && c < 0x80 && strchr(set, c)) && !(high && c >= 0x80)) return false;
    }
    return s.n > 0;
}

static bool plain_target(Str method, Str t)
{
    static const char uri[] = "-._~:/?[]@!$&'()*+,;=%\"<>\\^`{|}";
    if (t.n > HTTP_TARGET_BYTES_MAX || !only(t, uri, true)) return false;
    if (t.p[0] == '/') return true;
    if (str_eq(t, S("*"))) return str_eq(method, S("OPTIONS"));
    Str lower = t;
    int64_t slashes = str_find(t, S("://")), scheme = slashes + 3;
    if (slashes != 4 && slashes != 5) return false;
    if (!str_eq_nocase(str_slice(lower, 0, slashes), slashes == 4 ? S("http") : S("https")))
        return false;
    Str rest = str_slice(t, scheme, t.n);
    int64_t end = 0;
    while (end < rest.n && rest.p[end] != '/' && rest.p[end] != '?') end++;
    return only(str_slice(rest, 0, end), "-._~%:[]", false);
}

static bool plain_request_line(Str line)
{
    Str method, target, rest = line;
    if (!str_cut(&rest, ' ', &method) || !str_cut(&rest, ' ', &target)) return false;
    if (!only(method, "!#$%&'*+-.^_`|~", false) || method.n > HTTP_METHOD_BYTES_MAX) return false;
    return (str_eq(rest, S("HTTP/1.0")) || str_eq(rest, S("HTTP/1.1"))) &&
           plain_target(method, target);
}

static bool plain_field(Str line)
{
    int64_t colon = str_find_char(line, ':');
    if (colon <= 0 || !only(str_slice(line, 0, colon), "!#$%&'*+-.^_`|~", false)) return false;
    for (int64_t i = colon; i < line.n; i++)
        if (((unsigned char)line.p[i] < ' ' && line.p[i] != '\t') || line.p[i] == 0x7f)
            return false;
    return true;
}

typedef struct Plain {
    int fields, hosts, lengths, codings;
    bool http10, bad;
    int64_t length;
} Plain;

static void plain_meaning(Plain *p, Str line)
{
    int64_t colon = str_find_char(line, ':');
    Str name = str_slice(line, 0, colon), value = str_trim(str_slice(line, colon + 1, line.n));
    if (str_eq_nocase(name, S("host"))) {
        p->hosts++;
        if (value.n && !only(value, "-._~%:[]", false)) p->bad = true;
    } else if (str_eq_nocase(name, S("content-length"))) {
        p->lengths++;
        if (value.n > 18 || value.p[0] == '-' || !str_to_int(value, &p->length)) p->bad = true;
    } else if (str_eq_nocase(name, S("transfer-encoding"))) {
        p->codings++;
        if (!str_eq_nocase(value, S("chunked"))) p->bad = true;
    } else if (str_eq_nocase(name, S("expect"))) {
        if (!str_eq_nocase(value, S("100-continue"))) p->bad = true;
    }
}

/* The length of the head, 0 when its end is not there, -1 when it is refused. */
static int64_t plain_parse(Str in, Plain *p)
{
    int64_t skip = str_starts(in, S("\r\n")) ? 2 : 0;
    int64_t blank = str_find(str_slice(in, skip, in.n), S("\r\n\r\n"));
    if (blank < 0) return 0;
    int64_t n = skip + blank + 4;
    Str rest = str_slice(in, skip, n - 2);
    if (n > HTTP_HEAD_BYTES_MAX) return -1;
    for (bool first = true; rest.n; first = false) {
        int64_t end = str_find(rest, S("\r\n"));
        Str line = str_slice(rest, 0, end);
        rest = str_slice(rest, end + 2, rest.n);
        if (first ? !plain_request_line(line) : !plain_field(line)) return -1;
        if (first)
            p->http10 = str_ends(line, S("1.0"));
        else
            plain_meaning(p, line), p->fields++;
    }
    bool framed = p->lengths + p->codings <= 1 && !(p->codings && p->http10);
    bool hosted = p->hosts == 1 || (p->http10 && p->hosts == 0);
    return framed && hosted && !p->bad && p->fields <= HTTP_HEADERS_MAX ? n : -1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static HttpRequest r;
    Str in = {(const char *)data, (int64_t)n};
    Plain p = {0};
    int64_t got = http1_parse(in, &r), want = plain_parse(in, &p);
    check(want == 0 ? got <= 0 : want > 0 ? got == want : got < 0);
    if (got > 0) {
        check(r.headers_n == p.fields && r.minor == !p.http10);
        check(r.body == (p.codings  ? HTTP_BODY_CHUNKED
                         : p.length ? HTTP_BODY_LENGTH
                                    : HTTP_BODY_NONE));
        check(r.length == p.length);
        check(r.path.n > 0);
    }
    int64_t step = in.n < 256 ? 1 : in.n / 64;
    for (int64_t at = 0; at <= in.n; at += step) cut(in, at, got, &r);
    return 0;
}
