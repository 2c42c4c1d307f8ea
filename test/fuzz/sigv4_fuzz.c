/* sigv4_fuzz.c - any request: no signature is right by chance, and what we sign ourselves is right. */
#include "wire/sigv2.h"
#include "wire/sigv4.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const Str secret = {"not the secret of any seed", 26};
static const Millis now = 1369353600000; /* 2013-05-24T00:00:00Z */
static const SigDialect dialects[] = {SIG_DIALECT_S3, SIG_DIALECT_JSON, SIG_DIALECT_QUERY};

static bool verify(const HttpRequest *r, SigDialect dialect, const SigV4 *sig, Arena *a, Error *err)
{
    static SigV4Keys keys;
    SigV4Check c = {
        .request = r, .sig = sig, .dialect = dialect, .secret = secret, .now = now, .keys = &keys};
    c.payload_sha256 = S("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    return sigv4_verify(&c, a, err);
}

static void nothing_by_chance(const HttpRequest *r, SigDialect dialect, Arena *a)
{
    SigV4 sig;
    SigV2 sig2;
    Error err = {.text = ""};
    SigV4Found found = sigv4_read(r, dialect, a, &sig, &err);
    if (found == SIGV4_READ) {
        check(sig.access_key.n && sig.region.n && sig.service.n && sig.date.n == 8 &&
              sig.time.n == 16);
        check(!verify(r, dialect, &sig, a, &err));
    }
    check(found == SIGV4_ABSENT || (err.code && err.text[0]));
    if (sigv2_read(r, a, &sig2, &err) == SIGV4_READ)
        check(!sigv2_verify(r, &sig2, S("bucket"), secret, now, a, &err));
}

/* Headers and parameters that say who signed, in either version. */
static bool about_signing(Str name)
{
    static const char *const names[] = {"authorization", "date", "x-amz-date",
                                        "x-amz-content-sha256", "host"};
    for (int i = 0; i < countof(names); i++)
        if (str_eq_nocase(name, str_from(names[i]))) return true;
    return false;
}

static void put(HttpRequest *r, Str name, Str value)
{
    if (r->headers_n < HTTP_HEADERS_MAX) r->headers[r->headers_n++] = (HttpHeader){name, value};
}

/* The same request, not signed yet. */
static HttpRequest unsigned_copy(const HttpRequest *r)
{
    HttpRequest copy = *r;
    copy.headers_n = 0;
    put(&copy, S("Host"), S("h"));
    for (int i = 0; i < r->headers_n && i < HTTP_HEADERS_MAX - 5; i++)
        if (!about_signing(r->headers[i].name)) put(&copy, r->headers[i].name, r->headers[i].value);
    return copy;
}

static void our_own(const HttpRequest *r, SigDialect dialect, Arena *a)
{
    SigV4Credentials who = {
        .access_key = S("AK"), .secret = secret, .region = S("r"), .service = S("s")};
    SigV4 sig;
    Error err;
    HttpRequest copy = unsigned_copy(r);
    if (!str_absent(http1_query(r, S("X-Amz-Algorithm")))) return;
    put(&copy, S("X-Amz-Date"), S("20130524T000000Z"));
    put(&copy, S("x-amz-content-sha256"),
        S("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
    put(&copy, S("Authorization"), sigv4_sign(&copy, dialect, &who, (Str){0}, now, a));
    check(sigv4_read(&copy, dialect, a, &sig, &err) == SIGV4_READ &&
          verify(&copy, dialect, &sig, a, &err));
    check(str_eq(sig.region, S("r")) && str_eq(sig.access_key, S("AK")));
}

static void our_own_presigned(const HttpRequest *r, SigDialect dialect, Arena *a)
{
    SigV4Credentials who = {.access_key = S("A/K"),
                            .secret = secret,
                            .region = S("r"),
                            .service = S("s"),
                            .token = S("t+")};
    static const char *const names[] = {
        "X-Amz-Algorithm",     "X-Amz-Credential",     "X-Amz-Date",           "X-Amz-Expires",
        "X-Amz-SignedHeaders", "X-Amz-Security-Token", "X-Amz-Content-Sha256", "X-Amz-Signature"};
    SigV4 sig;
    Error err;
    HttpRequest copy = unsigned_copy(r);
    for (int i = 0; i < countof(names); i++)
        if (!str_absent(http1_query(r, str_from(names[i])))) return;
    copy.query = sigv4_presign(&copy, dialect, &who, 60, now, a);
    check(sigv4_read(&copy, dialect, a, &sig, &err) == SIGV4_READ &&
          verify(&copy, dialect, &sig, a, &err));
    check(sig.presigned && str_eq(sig.token, S("t+")) && str_eq(sig.access_key, S("A/K")));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static HttpRequest r;
    static Arena a;
    if (http1_parse((Str){(const char *)data, (int64_t)n}, &r) <= 0) return 0;
    for (int i = 0; i < countof(dialects); i++) {
        nothing_by_chance(&r, dialects[i], &a);
        our_own(&r, dialects[i], &a);
        our_own_presigned(&r, dialects[i], &a);
        arena_reset(&a);
    }
    return 0;
}
