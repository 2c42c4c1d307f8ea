/* body_fuzz.c - whole requests: the same outcome in one piece and in many, digests of exactly what was handed out. */
#include "wire/body.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

typedef struct Outcome {
    BodyGot got;
    ErrorCode code;
    int64_t left;
    DigestValue md5, checksum;
    Buf data;
} Outcome;

static void run(const BodySpec *spec, Str all, int64_t step, Outcome *o)
{
    static Body b;
    Error err = {.text = ""};
    body_open(&b, spec);
    for (int64_t at = 0; o->got == BODY_MORE && (at < all.n || at == 0); at += step) {
        Str in = str_slice(all, at, at + step), data;
        while ((o->got = body_next(&b, &in, &data, &err)) == BODY_DATA) {
            check(data.n > 0 && data.p >= all.p && data.p + data.n <= all.p + all.n);
            buf_put(&o->data, data);
        }
        o->left = in.n + (all.n > at + step ? all.n - at - step : 0);
    }
    o->code = err.code;
    o->md5 = b.md5;
    o->checksum = b.checksum;
    if (o->got == BODY_DONE) check(b.bytes == o->data.n);
    body_close(&b);
}

static void right_digests(const BodySpec *spec, const Outcome *o)
{
    Str data = buf_str(&o->data);
    DigestValue md5 = digest_of(DIGEST_MD5, data), sha256 = digest_of(DIGEST_SHA256, data);
    DigestValue checksum = digest_of(spec->checksum ? spec->checksum : DIGEST_CRC64NVME, data);
    if (spec->want_md5) check(digest_eq(&md5, &o->md5));
    if (spec->want_checksum) check(digest_eq(&checksum, &o->checksum));
    if (spec->md5.algorithm) check(digest_eq(&md5, &spec->md5));
    if (spec->check_sha256 && spec->sha256.algorithm) check(digest_eq(&sha256, &spec->sha256));
    if (spec->checksum_value.algorithm) check(digest_eq(&checksum, &spec->checksum_value));
    check(data.n <= spec->bytes_max);
}

static void both_ways(const BodySpec *spec, Str body, int64_t step, Arena *a)
{
    Outcome whole = {.data.a = a}, pieces = {.data.a = a};
    run(spec, body, body.n + 1, &whole);
    run(spec, body, step, &pieces);
    check(whole.got == pieces.got && whole.code == pieces.code);
    check((whole.got == BODY_ERROR) == (whole.code != ERR_NONE));
    if (whole.got == BODY_ERROR) return;
    check(str_eq(buf_str(&whole.data), buf_str(&pieces.data)));
    if (whole.got == BODY_MORE) return;
    check(whole.left == pieces.left && digest_eq(&whole.md5, &pieces.md5));
    right_digests(spec, &whole);
}

/* The first byte: what the caller wants, and the size of the pieces. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static HttpRequest r;
    static Arena a;
    static const AwsChunkKey key = {.time = "20130524T000000Z", .scope = "s", .scope_n = 1};
    if (n < 2) return 0;
    Str in = {(const char *)data + 1, (int64_t)n - 1};
    BodySpec spec = {.bytes_max = 1000,
                     .want_md5 = data[0] & 1,
                     .want_checksum = !(data[0] & 2),
                     .check_sha256 = !(data[0] & 4),
                     .key = data[0] & 8 ? &key : NULL};
    Error err = {.text = ""};
    int64_t head = http1_parse(in, &r);
    if (head <= 0) return 0;
    if (!body_spec(&r, &spec, &err))
        check(err.code && err.text[0]);
    else
        both_ways(&spec, str_slice(in, head, in.n), data[0] / 16 * 3 + 1, &a);
    arena_reset(&a);
    return 0;
}
