/* awschunk_fuzz.c - what we sign is accepted, a changed byte of it is not, and nothing unsigned ever is. */
#include "wire/awschunk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { PLAN_BYTES = 4 };

static AwsChunkKey key(void)
{
    AwsChunkKey k = {
        .signing_key = "a key nobody guesses", .time = "20130524T000000Z", .scope_n = 36};
    memcpy(k.scope, "20130524/us-east-1/s3/aws4_request", 34);
    k.scope_n = 34;
    memset(k.seed, '7', sizeof k.seed);
    return k;
}

static ChunkedGot decode(const AwsChunkKey *k, bool trailer, Str in, int64_t step, Buf *out)
{
    static AwsChunk c;
    ChunkedGot got = CHUNKED_MORE;
    Error err = {.text = ""};
    awschunk_open(&c, k, trailer);
    for (int64_t at = 0; got == CHUNKED_MORE && at < in.n; at += step) {
        Str part = str_slice(in, at, at + step), data;
        while ((got = awschunk_next(&c, &part, &data, &err)) == CHUNKED_DATA) buf_put(out, data);
    }
    awschunk_close(&c);
    check(got != CHUNKED_BAD || (err.code && err.text[0]));
    return got;
}

/* Signs `content` in chunks of `size` bytes; *spot is a place inside of content or signatures. */
static Str encode(const AwsChunkKey *k, bool trailer, Str content, int64_t size, Arena *a,
                  unsigned pick, int64_t *spot)
{
    Buf b = {.a = a};
    char chain[SIGNATURE_HEX];
    memcpy(chain, k->seed, sizeof chain);
    for (int64_t at = 0, last = -1; last != 0; at += size) {
        Str part = str_slice(content, at, at + size);
        awschunk_sign(k, chain, part);
        buf_printf(&b, "%x;chunk-signature=%.64s\r\n", (int)part.n, chain);
        if (pick % 3 == 0) *spot = b.n - 2 - 1 - pick % 64;
        if (pick % 3 == 1 && part.n) *spot = b.n + pick % part.n;
        buf_put(&b, part);
        if (part.n) buf_put(&b, S("\r\n"));
        last = part.n;
    }
    if (trailer) {
        awschunk_sign_trailer(k, chain, S("x-amz-checksum-crc32:AAAAAA==\n"));
        buf_printf(&b, "x-amz-checksum-crc32: AAAAAA==\r\nx-amz-trailer-signature:%.64s\r\n",
                   chain);
        if (pick % 3 == 2) *spot = b.n - 3 - pick % 64;
    }
    buf_put(&b, S("\r\n"));
    return buf_str(&b);
}

static void round_trip(const AwsChunkKey *k, const uint8_t *plan, Str content, Arena *a)
{
    bool trailer = plan[0] & 1;
    int64_t size = plan[1] % 64 + content.n / 8 + 1, step = plan[2] % 80 + 1, spot = 0;
    Str text = encode(k, trailer, content, size, a, plan[3], &spot);
    Buf out = {.a = a};
    check(decode(k, trailer, text, step, &out) == CHUNKED_DONE && str_eq(buf_str(&out), content));
    out.n = 0;
    check(decode(NULL, trailer, text, text.n, &out) == CHUNKED_DONE &&
          str_eq(buf_str(&out), content));
    ((char *)text.p)[spot] ^= 1;
    out.n = 0;
    if (spot > 0) check(decode(k, trailer, text, step, &out) != CHUNKED_DONE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n < PLAN_BYTES) return 0;
    static Arena a;
    AwsChunkKey k = key();
    Str rest = {(const char *)data + PLAN_BYTES, (int64_t)n - PLAN_BYTES};
    Buf out = {.a = &a};
    if (data[0] & 2) {
        round_trip(&k, data, rest, &a);
    } else {
        check(decode(&k, data[0] & 1, rest, data[2] % 80 + 1, &out) != CHUNKED_DONE);
        out.n = 0;
        (void)decode(NULL, data[0] & 1, rest, data[2] % 80 + 1, &out);
    }
    arena_reset(&a);
    return 0;
}
