/* body_test.c - whole requests in, bodies and digests out: every framing, every checksum, AWS's chunk signatures. */
#include "base/encode.h"
#include "test.h"
#include "wire/body.h"
#include "wire/sigv4.h"

typedef struct Outcome {
    Str data, refused; /* refused: "Code: text", or "" */
    Str md5, checksum;
    int64_t left; /* bytes behind the body; -1: it wants more */
} Outcome;

static BodySpec s3(void)
{
    return (BodySpec){
        .bytes_max = 100000, .want_md5 = true, .want_checksum = true, .check_sha256 = true};
}

static Str told(const Error *err)
{
    return str_printf(test_arena(), "%.*s: %s", STR(error_name(err->code)), err->text);
}

static void feed(Body *b, Str text, int64_t step, Outcome *out)
{
    Buf data = {.a = test_arena()};
    BodyGot got = BODY_MORE;
    Error err;
    for (int64_t at = 0; got == BODY_MORE && (at < text.n || at == 0); at += step) {
        Str in = str_slice(text, at, at + step), slice;
        while ((got = body_next(b, &in, &slice, &err)) == BODY_DATA) buf_put(&data, slice);
        out->left = got == BODY_MORE ? -1 : in.n + (text.n > at + step ? text.n - at - step : 0);
    }
    out->data = buf_str(&data);
    if (got == BODY_ERROR) out->refused = told(&err);
    if (got != BODY_DONE) return;
    out->md5 = digest_hex(test_arena(), &b->md5);
    out->checksum = digest_text(test_arena(), &b->checksum);
}

/* A request with its body; the body arrives in pieces of `step` bytes. */
static Outcome run(Str text, int64_t step, BodySpec spec)
{
    static Body b;
    HttpRequest r;
    Error err;
    Outcome out = {.refused = S("")};
    int64_t head = http1_parse(text, &r);
    ok(head > 0);
    if (head <= 0) return out;
    if (!body_spec(&r, &spec, &err)) return out.refused = told(&err), out;
    body_open(&b, &spec);
    feed(&b, str_slice(text, head, text.n), step, &out);
    body_close(&b);
    return out;
}

/* The same outcome whatever the pieces. */
static Outcome run_all(Str text, BodySpec spec)
{
    Outcome first = run(text, 1, spec);
    for (int64_t step = 2; step < 40; step++) {
        Outcome o = run(text, step, spec);
        ok(str_eq(o.data, first.data) || first.refused.n);
        eq_str(o.refused, first.refused);
        if (!first.refused.n) eq_int(o.left, first.left);
    }
    return first;
}

static Outcome put(const char *headers_and_body)
{
    return run_all(str_printf(test_arena(), "PUT /b/k HTTP/1.1\r\nHost: h\r\n%s", headers_and_body),
                   s3());
}

#define HELLO_MD5    "5d41402abc4b2a76b9719d911017c592"
#define HELLO_SHA256 "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

TEST(body_plain_with_its_digests)
{
    Outcome o = put("Content-Length: 5\r\n\r\nhelloGET /");
    eq_str(o.refused, S(""));
    eq_str(o.data, S("hello"));
    eq_int(o.left, 5);
    eq_str(o.md5, S(HELLO_MD5));
    DigestValue crc = digest_of(DIGEST_CRC64NVME, S("hello"));
    eq_str(o.checksum, digest_text(test_arena(), &crc));
    o = put("\r\n");
    eq_str(o.md5, S("d41d8cd98f00b204e9800998ecf8427e"));
    eq_int(o.left, 0);
    o = put("Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\nX: y\r\n\r\nGET");
    eq_str(o.data, S("hello"));
    eq_int(o.left, 3);
    eq_int(put("Content-Length: 6\r\n\r\nhello").left, -1);
}

/* The values: openssl dgst and zlib.crc32 of "hello". */
TEST(body_checks_what_the_head_promises)
{
    static const char *const good[] = {
        "Content-Length: 5\r\nContent-MD5: XUFAKrxLKna5cZ2REBfFkg==\r\n\r\nhello",
        "Content-Length: 5\r\nx-amz-content-sha256: " HELLO_SHA256 "\r\n\r\nhello",
        "Content-Length: 5\r\nx-amz-content-sha256: UNSIGNED-PAYLOAD\r\n\r\nhello",
        "Content-Length: 5\r\nx-amz-checksum-crc32: NhCmhg==\r\nx-amz-sdk-checksum-algorithm: "
        "CRC32\r\n\r\nhello",
        "Content-Length: 5\r\nx-amz-checksum-sha256: "
        "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=\r\n"
        "x-amz-checksum-algorithm: SHA256\r\nx-amz-checksum-type: FULL_OBJECT\r\n\r\nhello",
        "Content-Length: 5\r\nx-amz-checksum-sha1: qvTGHdzF6KLavt4PO0gs2a6pQ00=\r\n\r\nhello",
    };
    for (int i = 0; i < countof(good); i++) eq_str(put(good[i]).refused, S(""));
    static const struct {
        const char *text, *want;
    } bad[] = {
        {"Content-Length: 5\r\nContent-MD5: XUFAKrxLKna5cZ2REBfFkg==\r\n\r\nhallo",
         "BadDigest: The Content-MD5 you specified did not match what we received."},
        {"Content-Length: 5\r\nContent-MD5: XUFAKrxLKna5cZ2REBfFkg\r\n\r\nhello",
         "InvalidDigest: The Content-MD5 you specified was invalid."},
        {"Content-Length: 5\r\nx-amz-content-sha256: " HELLO_SHA256 "\r\n\r\nhallo",
         "XAmzContentSHA256Mismatch: The provided 'x-amz-content-sha256' header does not match "
         "what was computed."},
        {"Content-Length: 5\r\nx-amz-content-sha256: STREAMING\r\n\r\nhello",
         "InvalidArgument: x-amz-content-sha256 must be UNSIGNED-PAYLOAD, "
         "STREAMING-UNSIGNED-PAYLOAD-TRAILER, "
         "STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a "
         "valid sha256 value."},
        {"Content-Length: 5\r\nx-amz-checksum-crc32: NhCmhg==\r\n\r\nhallo",
         "BadDigest: The CRC32 you specified did not match the calculated checksum."},
        {"Content-Length: 5\r\nx-amz-checksum-crc32: NhCmhg\r\n\r\nhello",
         "InvalidRequest: Value for x-amz-checksum-crc32 header is invalid."},
        {"Content-Length: 5\r\nx-amz-checksum-crc32: NhCmhg==\r\nx-amz-checksum-sha1: "
         "qvTGHdzF6KLavt4PO0gs2a6pQ00=\r\n"
         "\r\nhello",
         "InvalidRequest: Expecting a single x-amz-checksum- header. Multiple checksum Types are "
         "not allowed."},
        {"Content-Length: 5\r\nx-amz-checksum-xxhash64: NhCmhg==\r\n\r\nhello",
         "InvalidRequest: The algorithm type you specified in x-amz-checksum- header is invalid."},
        {"Content-Length: 5\r\nx-amz-checksum-crc32: NhCmhg==\r\nx-amz-sdk-checksum-algorithm: "
         "SHA1\r\n\r\nhello",
         "InvalidRequest: Value for x-amz-sdk-checksum-algorithm header is invalid."},
        {"Content-Length: 5\r\nx-amz-sdk-checksum-algorithm: SHA1\r\n\r\nhello",
         "InvalidRequest: x-amz-sdk-checksum-algorithm specified, but no corresponding "
         "x-amz-checksum-* or "
         "x-amz-trailer headers were found."},
        {"Content-Length: 5\r\nx-amz-trailer: x-amz-checksum-crc32\r\n\r\nhello",
         "InvalidRequest: The value specified in the x-amz-trailer header is not supported"},
        {"Content-Length: 100001\r\n\r\n",
         "EntityTooLarge: Your proposed upload exceeds the maximum allowed size "
         "(100001 bytes; at most 100000 are)"},
        {"Transfer-Encoding: chunked\r\n\r\nxyz\r\n",
         "InvalidRequest: The chunked transfer coding of the request body is not well-formed"},
    };
    for (int i = 0; i < countof(bad); i++) eq_str(put(bad[i].text).refused, str_from(bad[i].want));
}

TEST(body_of_unknown_length_has_a_limit_too)
{
    BodySpec spec = s3();
    spec.bytes_max = 4;
    Outcome o = run(
        S("PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
        100, spec);
    eq_str(o.refused, S("EntityTooLarge: Your proposed upload exceeds the maximum allowed size"));
    spec.bytes_max = 5;
    o = run(
        S("PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
        100, spec);
    eq_str(o.refused, S(""));
}

/* What no digest is asked for is not computed. */
TEST(body_of_a_json_service)
{
    BodySpec spec = {.bytes_max = 100};
    Outcome o = run(S("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nx-amz-checksum-crc32: "
                      "AAAAAA==\r\n\r\n{}"),
                    1, spec);
    eq_str(o.refused, S(""));
    eq_str(o.data, S("{}"));
    eq_str(o.md5, S(""));
    eq_str(o.checksum, S(""));
}

#define UNSIGNED                                                                                   \
    "x-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER\r\nx-amz-decoded-content-length: "   \
    "5\r\n"
#define CRC_TRAILER                                                                                \
    UNSIGNED "x-amz-trailer: x-amz-checksum-crc32\r\nContent-Encoding: aws-chunked\r\n"

TEST(body_aws_chunked_unsigned_with_trailer)
{
    Outcome o = put(
        CRC_TRAILER
        "Content-Length: 46\r\n\r\n5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\nGET");
    eq_str(o.refused, S(""));
    eq_str(o.data, S("hello"));
    eq_str(o.checksum, S("NhCmhg=="));
    eq_int(o.left, 3);
    /* the same inside of a chunked transfer, as clients do over TLS */
    o = put(CRC_TRAILER
            "Transfer-Encoding: "
            "chunked\r\n\r\n9\r\n5\r\nhello\r\r\n25\r\n\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r"
            "\n\r\n0\r\n\r\n");
    eq_str(o.refused, S(""));
    eq_str(o.data, S("hello"));
    eq_str(o.checksum, S("NhCmhg=="));
}

TEST(body_aws_chunked_refusals)
{
#define TRAILER_BAD                                                                                \
    "MalformedTrailerError: The request contained trailing data that was not well-formed or did "  \
    "not conform "                                                                                 \
    "to our published schema."
    static const struct {
        const char *text, *want;
    } bad[] = {
        {CRC_TRAILER
         "Content-Length: 46\r\n\r\n5\r\nhallo\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n",
         "BadDigest: The CRC32 you specified did not match the calculated checksum."},
        {CRC_TRAILER
         "Content-Length: 46\r\n\r\n5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmh===\r\n\r\n",
         "InvalidRequest: Value for x-amz-checksum-crc32 trailing header is invalid."},
        {CRC_TRAILER "Content-Length: 15\r\n\r\n5\r\nhello\r\n0\r\n\r\n", TRAILER_BAD},
        {CRC_TRAILER
         "Content-Length: 46\r\n\r\n5\r\nhello\r\n0\r\nx-amz-checksum-sha25:NhCmhg==\r\n\r\n",
         TRAILER_BAD},
        {UNSIGNED
         "Content-Length: 46\r\n\r\n5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n",
         TRAILER_BAD},
        {CRC_TRAILER "Content-Length: 35\r\n\r\n5\r\nhello\r\n0\r\nx-amz-checksum-crc\r\n\r\n",
         TRAILER_BAD " (aws-chunked: trailer field)"},
        {UNSIGNED "Content-Length: 10\r\n\r\n5\r\nhello\r\n",
         "IncompleteBody: The request body ends before its last aws-chunked chunk"},
        {UNSIGNED "Content-Length: 14\r\n\r\n4\r\nhell\r\n0\r\n\r\n",
         "IncompleteBody: You did not provide the number of bytes specified by the "
         "x-amz-decoded-content-length HTTP "
         "header"},
        {UNSIGNED "Content-Length: 16\r\n\r\n6\r\nhello!\r\n0\r\n\r\n",
         "IncompleteBody: The request body is longer than the x-amz-decoded-content-length header "
         "says"},
        {UNSIGNED "Content-Length: 16\r\n\r\n5\r\nhello\r\n0\r\n\r\nx",
         "InvalidRequest: The aws-chunked body goes on after its last chunk"},
        {UNSIGNED "Content-Length: 5\r\n\r\nhello",
         "IncompleteBody: The request body ends before its last aws-chunked chunk"},
        {UNSIGNED "Content-Length: 7\r\n\r\nhello\r\n",
         "InvalidRequest: The aws-chunked body is not well-formed: chunk size line"},
        {"x-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER\r\n\r\n",
         "MissingContentLength: You must provide the x-amz-decoded-content-length HTTP header."},
        {"x-amz-content-sha256: "
         "STREAMING-UNSIGNED-PAYLOAD-TRAILER\r\nx-amz-decoded-content-length: -5\r\n\r\n",
         "InvalidArgument: x-amz-decoded-content-length must be a number of bytes, not '-5'"},
        {UNSIGNED "x-amz-trailer: x-amz-checksum-crc65\r\n\r\n",
         "InvalidRequest: The value specified in the x-amz-trailer header is not supported"},
        {CRC_TRAILER "x-amz-checksum-crc32: NhCmhg==\r\n\r\n",
         "InvalidRequest: Expecting a single x-amz-checksum- header"},
    };
    for (int i = 0; i < countof(bad); i++) eq_str(put(bad[i].text).refused, str_from(bad[i].want));
}

/* "Signature calculations for the Authorization header: transferring payload in multiple chunks",
 * S3 API reference, without and with a trailer: 65 KiB of 'a' in chunks of 64 KiB and 1 KiB. */
#define EXAMPLE_HEAD(more, signed_headers, payload, length, signature)                             \
    "PUT /examplebucket/chunkObject.txt HTTP/1.1\r\nHost: s3.amazonaws.com\r\nx-amz-date: "        \
    "20130524T000000Z\r\n"                                                                         \
    "x-amz-storage-class: REDUCED_REDUNDANCY\r\nAuthorization: AWS4-HMAC-SHA256 "                  \
    "Credential=AKIAIOSFODNN7EXAMPLE/"                                                             \
    "20130524/us-east-1/s3/aws4_request,SignedHeaders=" signed_headers ",Signature=" signature     \
    "\r\n"                                                                                         \
    "x-amz-content-sha256: " payload                                                               \
    "\r\nContent-Encoding: aws-chunked\r\nx-amz-decoded-content-length: 66560\r\n"                 \
    "Content-Length: " length "\r\n" more "\r\n"

static const char *const plain_head =
    EXAMPLE_HEAD("",
                 "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-"
                 "decoded-content-length;x-amz-storage-class",
                 "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "66824",
                 "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9");
static const char *const trailer_head =
    EXAMPLE_HEAD("x-amz-trailer: x-amz-checksum-crc32c\r\n",
                 "content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-"
                 "length;x-amz-storage-class;x-amz-trailer",
                 "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", "66946",
                 "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e");

static void put_chunk(Buf *b, int n, const char *signature)
{
    buf_printf(b, "%x;chunk-signature=%s\r\n", n, signature);
    for (int i = 0; i < n; i++) buf_putc(b, 'a');
    if (n) buf_put(b, S("\r\n"));
}

static Str plain_example(void)
{
    Buf b = {.a = test_arena()};
    buf_put(&b, str_from(plain_head));
    put_chunk(&b, 65536, "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648");
    put_chunk(&b, 1024, "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497");
    put_chunk(&b, 0, "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9");
    buf_put(&b, S("\r\n"));
    return buf_str(&b);
}

static Str trailer_example(void)
{
    Buf b = {.a = test_arena()};
    buf_put(&b, str_from(trailer_head));
    put_chunk(&b, 65536, "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2");
    put_chunk(&b, 1024, "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7");
    put_chunk(&b, 0, "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992");
    buf_put(&b, S("x-amz-checksum-crc32c:sOO8/Q==\r\nx-amz-trailer-signature:"
                  "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n"));
    return buf_str(&b);
}

/* Verifies the head as a server with --auth enforce does, and gives the key for its chunks. */
static AwsChunkKey chunk_key(Str text)
{
    HttpRequest r;
    SigV4 sig;
    Error err;
    AwsChunkKey key = {0};
    ok(http1_parse(text, &r) > 0 &&
       sigv4_read(&r, SIG_DIALECT_S3, test_arena(), &sig, &err) == SIGV4_READ);
    SigV4Check c = {.request = &r,
                    .sig = &sig,
                    .dialect = SIG_DIALECT_S3,
                    .now = 1369353600000,
                    .secret = S("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")};
    if (!sigv4_verify(&c, test_arena(), &err))
        test_fail(__FILE__, __LINE__, "head: %s", err.text);
    else
        sigv4_chunk_key(&c, &key);
    return key;
}

static void signed_example(Str text)
{
    AwsChunkKey key = chunk_key(text);
    BodySpec spec = s3();
    spec.key = &key;
    for (int64_t step = 1000; step < 100000; step = step * 3 + 1) {
        Outcome o = run(text, step, spec);
        eq_str(o.refused, S(""));
        eq_int(o.data.n, 66560);
        eq_int(o.left, 0);
    }
}

/* One changed byte is noticed with the key; without one only checksums speak. */
static void changed_example(Str text, Str spot, const char *without_key)
{
    AwsChunkKey key = chunk_key(text);
    BodySpec spec = s3();
    spec.key = &key;
    Str changed = str_copy(test_arena(), text);
    int64_t at = str_find(changed, spot);
    ok(at > 0);
    if (at > 0) ((char *)changed.p)[at] ^= 1;
    ok(str_starts(run(changed, 5000, spec).refused, S("SignatureDoesNotMatch")));
    eq_str(run(changed, 5000, s3()).refused, str_from(without_key));
}

TEST(body_published_examples_of_signed_chunks)
{
    signed_example(plain_example());
    signed_example(trailer_example());
    changed_example(plain_example(), S("aaa\r\n400"), "");
    changed_example(plain_example(), S("ef5497\r\n"), "");
    changed_example(plain_example(), S("aa\r\n0;"), "");
    changed_example(plain_example(), S("79d449df9"), "");
    changed_example(trailer_example(), S("aa\r\n0;"),
                    "BadDigest: The CRC32C you specified did not match the calculated checksum.");
    changed_example(trailer_example(), S("e2e435"), "");
}

TEST(body_signed_trailer_must_be_signed)
{
    Str text = trailer_example();
    AwsChunkKey key = chunk_key(text);
    BodySpec spec = s3();
    spec.key = &key;
    Str renamed = str_copy(test_arena(), text);
    ((char *)renamed.p)[str_find(renamed, S("trailer-signature")) + 8] = 'S';
    eq_str(run(renamed, 5000, spec).refused, S("")); /* names have no case */
    ((char *)renamed.p)[str_find(renamed, S("trailer-Signature")) + 8] = 'x';
    ok(str_find(run(renamed, 5000, spec).refused, S("the trailer has no signature")) > 0);
}

TEST(body_chunks_without_signatures_are_refused_with_a_key)
{
    Str text = plain_example();
    AwsChunkKey key = chunk_key(text);
    BodySpec spec = s3();
    spec.key = &key;
    Str bare = str_printf(test_arena(), "%s5\r\nhello\r\n0\r\n\r\n", plain_head);
    Outcome o = run(bare, 1000, spec);
    ok(str_find(o.refused, S("a chunk without a signature")) > 0);
}

/* What we sign as a client, we accept as a server. */
TEST(body_chunk_signatures_of_our_own)
{
    AwsChunkKey key = chunk_key(plain_example());
    char chain[SIGNATURE_HEX];
    memcpy(chain, key.seed, sizeof chain);
    Buf b = {.a = test_arena()};
    buf_put(&b, S("PUT / HTTP/1.1\r\nHost: h\r\nx-amz-content-sha256: "
                  "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER\r\n"
                  "x-amz-trailer: x-amz-checksum-crc32\r\nx-amz-decoded-content-length: 5\r\n"
                  "Transfer-Encoding: chunked\r\n\r\n"));
    Buf body = {.a = test_arena()};
    Str parts[] = {S("hel"), S("lo"), S("")};
    for (int i = 0; i < countof(parts); i++) {
        awschunk_sign(&key, chain, parts[i]);
        buf_printf(&body, "%x;chunk-signature=%.64s\r\n%.*s%s", (int)parts[i].n, chain,
                   STR(parts[i]), parts[i].n ? "\r\n" : "");
    }
    awschunk_sign_trailer(&key, chain, S("x-amz-checksum-crc32:NhCmhg==\n"));
    buf_printf(&body, "X-Amz-Checksum-Crc32: NhCmhg==\r\nx-amz-trailer-signature:%.64s\r\n\r\n",
               chain);
    buf_printf(&b, "%x\r\n%.*s\r\n0\r\n\r\n", (int)body.n, STR(buf_str(&body)));
    BodySpec spec = s3();
    spec.key = &key;
    Outcome o = run_all(buf_str(&b), spec);
    eq_str(o.refused, S(""));
    eq_str(o.data, S("hello"));
}
