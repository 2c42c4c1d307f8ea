/* sigv4_canonical.c - the canonical request of Signature Version 4, by the rules of S3 and of all other services. */
#include "wire/sigv4_canonical.h"

#include "base/encode.h"

/* Services other than S3 take "." and ".." out of a path and join slashes, before it is encoded a
 * second time. */
static Str without_dots(Str path, Arena *a)
{
    StrVec kept = {0};
    Str rest = path, part;
    bool folder = path.n && path.p[path.n - 1] == '/';
    while (str_cut(&rest, '/', &part)) {
        if (part.n == 0 || str_eq(part, S("."))) continue;
        if (!str_eq(part, S("..")))
            *vec_push(a, &kept) = part;
        else if (kept.n)
            kept.n--;
    }
    Str joined = str_join(a, kept.p, kept.n, S("/"));
    return str_printf(a, "/%.*s%s", STR(joined), folder && kept.n ? "/" : "");
}

static Str canonical_path(const HttpRequest *r, SigDialect dialect, Arena *a)
{
    Str plain;
    if (dialect != SIG_DIALECT_S3) return percent_encode(a, without_dots(r->path, a), S("/"));
    return percent_decode(a, r->path, false, &plain) ? percent_encode(a, plain, S("/")) : r->path;
}

/* Clients differ in what they escape; signatures are over "everything but unreserved characters".
 */
static Str encoded_again(Str text, Arena *a)
{
    Str plain;
    return percent_decode(a, text, true, &plain) ? percent_encode(a, plain, S(""))
                                                 : percent_encode(a, text, S(""));
}

static int by_name_then_value(const void *x, const void *y)
{
    const HttpHeader *p = x, *q = y;
    int order = str_cmp(p->name, q->name);
    return order ? order : str_cmp(p->value, q->value);
}

typedef struct Pairs {
    HttpHeader *p;
    int64_t n, cap;
} Pairs;

static Pairs query_pairs(Str query, Arena *a)
{
    Pairs pairs = {0};
    Str pair;
    while (str_cut(&query, '&', &pair)) {
        Str value = pair, name;
        if (pair.n == 0 || !str_cut(&value, '=', &name)) continue;
        name = encoded_again(name, a);
        if (str_eq(name, S("X-Amz-Signature"))) continue;
        *vec_push(a, &pairs) = (HttpHeader){name, encoded_again(value, a)};
    }
    if (pairs.n) qsort(pairs.p, (size_t)pairs.n, sizeof *pairs.p, by_name_then_value);
    return pairs;
}

static void put_query(Buf *out, Str query)
{
    Pairs pairs = query_pairs(query, out->a);
    for (int64_t i = 0; i < pairs.n; i++) {
        if (i) buf_putc(out, '&');
        buf_put(out, pairs.p[i].name);
        buf_putc(out, '=');
        buf_put(out, pairs.p[i].value);
    }
}

/* Runs of blanks become one. */
static void put_value(Buf *out, Str value)
{
    for (int64_t i = 0; i < value.n; i++) {
        bool blank = value.p[i] == ' ' || value.p[i] == '\t';
        bool next = i + 1 < value.n && (value.p[i + 1] == ' ' || value.p[i + 1] == '\t');
        if (!blank)
            buf_putc(out, value.p[i]);
        else if (!next)
            buf_putc(out, ' ');
    }
}

static void put_headers(Buf *out, const HttpRequest *r, Str signed_headers)
{
    Str name;
    while (str_cut(&signed_headers, ';', &name)) {
        bool first = true;
        buf_put(out, str_lower(out->a, name));
        buf_putc(out, ':');
        for (int i = 0; i < r->headers_n; i++) {
            if (!str_eq_nocase(r->headers[i].name, name)) continue;
            if (!first) buf_putc(out, ',');
            put_value(out, r->headers[i].value);
            first = false;
        }
        buf_putc(out, '\n');
    }
}

Str sigv4_canonical_request(const HttpRequest *r, SigDialect dialect, Str signed_headers,
                            Str payload_hash, Arena *a)
{
    Str path = canonical_path(r, dialect, a);
    Buf out = {.a = a};
    buf_put(&out, r->method);
    buf_putc(&out, '\n');
    buf_put(&out, path);
    buf_putc(&out, '\n');
    put_query(&out, r->query);
    buf_putc(&out, '\n');
    put_headers(&out, r, signed_headers);
    buf_putc(&out, '\n');
    buf_put(&out, signed_headers);
    buf_putc(&out, '\n');
    buf_put(&out, payload_hash);
    return buf_str(&out);
}

Str sigv4_string_to_sign(Str time, Str scope, Str canonical_request, Arena *a)
{
    DigestValue hash = digest_of(DIGEST_SHA256, canonical_request);
    Str hex = digest_hex(a, &hash);
    return str_printf(a, "AWS4-HMAC-SHA256\n%.*s\n%.*s\n%.*s", STR(time), STR(scope), STR(hex));
}

/* What a proxy or the connection itself may change is not signed. */
static bool is_signed(Str name)
{
    static const char *const left_out[] = {
        "authorization", "connection",        "expect",  "keep-alive", "te",
        "trailer",       "transfer-encoding", "upgrade", "user-agent", "x-amzn-trace-id"};
    for (int i = 0; i < countof(left_out); i++)
        if (str_eq_nocase(name, str_from(left_out[i]))) return false;
    return true;
}

static int by_text(const void *x, const void *y)
{
    return str_cmp(*(const Str *)x, *(const Str *)y);
}

Str sigv4_signed_headers(const HttpRequest *r, Arena *a)
{
    StrVec names = {0};
    for (int i = 0; i < r->headers_n; i++)
        if (is_signed(r->headers[i].name)) *vec_push(a, &names) = str_lower(a, r->headers[i].name);
    if (names.n == 0) return S("");
    qsort(names.p, (size_t)names.n, sizeof *names.p, by_text);
    int64_t n = 1;
    for (int64_t i = 1; i < names.n; i++)
        if (!str_eq(names.p[i], names.p[n - 1])) names.p[n++] = names.p[i];
    return str_join(a, names.p, n, S(";"));
}

/* "-0000" is what Python's formatdate writes. */
bool sigv4_parse_date(Str text, Millis *out)
{
    char gmt[sizeof "Fri, 24 May 2013 00:00:00 GMT"];
    if (text.n == 31 && (str_ends(text, S(" +0000")) || str_ends(text, S(" -0000")))) {
        snprintf(gmt, sizeof gmt, "%.26sGMT", text.p);
        text = (Str){gmt, sizeof gmt - 1};
    }
    return time_parse_http(text, out) || time_parse_iso8601_basic(text, out);
}
