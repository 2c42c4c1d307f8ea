/* sigv4_vectors_test.c - requests signed by botocore (test/golden/sigv4): accepted, refused after any change, signed alike. */
#include "test.h"
#include "wire/sigv2.h"
#include "wire/sigv4.h"

typedef struct Vector {
    Str name, dialect, version, secret, body, bucket, request;
    Millis now;
} Vector;

/* "key value" lines up to the request line, which begins the HTTP message. */
static bool next_vector(Str *rest, Vector *v)
{
    int64_t at = str_find(*rest, S("== ")), end;
    if (at < 0) return false;
    Str text = str_slice(*rest, at + 3, rest->n), line;
    end = str_find(text, S("\n\n"));
    Str one = str_slice(text, 0, end < 0 ? text.n - 1 : end);
    *rest = str_slice(text, one.n, text.n);
    *v = (Vector){0};
    check(str_cut(&one, '\n', &v->name));
    Str *fields[] = {&v->dialect, &v->version, &v->secret, NULL, &v->body, &v->bucket};
    for (int i = 0; i < countof(fields); i++) {
        check(str_cut(&one, '\n', &line));
        Str value = str_slice(line, str_find_char(line, ' ') + 1, line.n);
        if (fields[i])
            *fields[i] = value;
        else
            check(str_to_int(value, &v->now));
    }
    Buf http = {.a = test_arena()};
    while (str_cut(&one, '\n', &line)) buf_put(&http, line), buf_put(&http, S("\r\n"));
    buf_put(&http, S("\r\n"));
    v->request = buf_str(&http);
    return true;
}

static SigDialect dialect(const Vector *v)
{
    return str_eq(v->dialect, S("s3"))     ? SIG_DIALECT_S3
           : str_eq(v->dialect, S("json")) ? SIG_DIALECT_JSON
                                           : SIG_DIALECT_QUERY;
}

static bool accepted(const Vector *v, Str request, Str secret, Error *err)
{
    HttpRequest r;
    SigV4 sig;
    SigV2 sig2;
    Arena *a = test_arena();
    if (http1_parse(request, &r) != request.n) return error_set(err, ERR_VALIDATION, "not HTTP");
    if (str_eq(v->version, S("2")))
        return sigv2_read(&r, a, &sig2, err) == SIGV4_READ &&
               sigv2_verify(&r, &sig2, v->bucket, secret, v->now, a, err);
    if (sigv4_read(&r, dialect(v), a, &sig, err) != SIGV4_READ) return false;
    SigV4Check c = {.request = &r,
                    .sig = &sig,
                    .dialect = dialect(v),
                    .secret = secret,
                    .now = v->now,
                    .payload_sha256 = v->body};
    return sigv4_verify(&c, a, err);
}

static Str changed(Str text, int64_t at)
{
    Str copy = str_copy(test_arena(), text);
    ((char *)copy.p)[at] ^= 1;
    return copy;
}

static void refused_when_changed(const Vector *v)
{
    Error err;
    int64_t line_end = str_find(v->request, S(" HTTP/1.1"));
    ok(!accepted(v, v->request, changed(v->secret, 7), &err));
    for (int64_t i = 0; i < line_end && str_eq(v->version, S("4")); i++)
        if (accepted(v, changed(v->request, i), v->secret, &err))
            test_fail(__FILE__, __LINE__,
                      "%.*s: accepted with byte %" PRId64 " of the target changed", STR(v->name),
                      i);
}

static bool listed(Str list, Str name)
{
    Str one;
    while (str_cut(&list, ';', &one))
        if (str_eq_nocase(one, name)) return true;
    return false;
}

/* The headers that botocore signed, signed by us: the same Authorization. */
static void signed_alike(const Vector *v)
{
    HttpRequest r;
    SigV4 sig;
    Error err;
    if (!str_eq(v->version, S("4")) || http1_parse(v->request, &r) <= 0) return;
    ok(sigv4_read(&r, dialect(v), test_arena(), &sig, &err) == SIGV4_READ);
    Str authorization = http1_header(&r, S("authorization"));
    if (sig.presigned) return;
    HttpRequest bare = r;
    bare.headers_n = 0;
    for (int i = 0; i < r.headers_n; i++)
        if (listed(sig.signed_headers, r.headers[i].name))
            bare.headers[bare.headers_n++] = r.headers[i];
    SigV4Credentials who = {.access_key = sig.access_key,
                            .secret = v->secret,
                            .token = sig.token,
                            .region = sig.region,
                            .service = sig.service};
    eq_str(sigv4_sign(&bare, dialect(v), &who, v->body, v->now, test_arena()), authorization);
}

TEST(sigv4_vectors_of_botocore)
{
    const char *root = getenv("GOLDEN");
    if (!root) {
        test_skip("GOLDEN names test/golden");
        return;
    }
    Str rest = test_file(
        test_arena(), str_z(test_arena(), str_printf(test_arena(), "%s/sigv4/botocore.txt", root)));
    Vector v;
    Error err;
    int n = 0;
    for (; next_vector(&rest, &v); n++) {
        if (!accepted(&v, v.request, v.secret, &err))
            test_fail(__FILE__, __LINE__, "%.*s: %s", STR(v.name), err.text);
        refused_when_changed(&v);
        signed_alike(&v);
    }
    ok(n >= 25);
}
