/* body.h - the body of a request: framing taken off, signatures and checksums checked, bytes handed out as slices. */
#pragma once
#include "wire/awschunk.h"
#include "wire/digest.h"

/* One decoder for all of it: transfer framing (length or chunked) -> content framing (plain or
 * aws-chunked)
 * -> digests -> bytes. No global state: it may run on any thread, one thread at a time.
 *
 *     BodySpec spec = {.bytes_max = BODY_PART_BYTES_MAX, .want_md5 = true, .want_checksum = true,
 * .check_sha256 = true}; if (!body_spec(&request, &spec, err)) ...           what the head says
 * about the body Body b; body_open(&b, &spec); while ((got = body_next(&b, &in, &data, err)) ==
 * BODY_DATA) write(data); BODY_MORE: all of `in` was taken; get more bytes into it, come again.
 * Until then its memory must stay. BODY_ERROR: answer with err, close the connection. BODY_DONE:
 * everything was compared; b.md5 and b.checksum are the digests; `in` begins with what follows.
 *     body_close(&b);
 */
#define BODY_PART_BYTES_MAX ((int64_t)5 << 30) /* one PUT of S3 */

typedef enum BodyPayload {
    BODY_PAYLOAD_UNSIGNED, /* UNSIGNED-PAYLOAD, or nothing said */
    BODY_PAYLOAD_SHA256,   /* x-amz-content-sha256 is the digest of the body */
    BODY_PAYLOAD_CHUNKS,   /* STREAMING-UNSIGNED-PAYLOAD-TRAILER, or aws-chunked by Content-Encoding
                            */
    BODY_PAYLOAD_CHUNKS_SIGNED,         /* STREAMING-AWS4-HMAC-SHA256-PAYLOAD */
    BODY_PAYLOAD_CHUNKS_SIGNED_TRAILER, /* STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER */
} BodyPayload;

typedef struct BodySpec {
    /* The caller's wishes. */
    int64_t bytes_max;            /* decoded */
    bool want_md5, want_checksum; /* S3: both; the JSON services: neither */
    bool check_sha256;            /* compare with x-amz-content-sha256 */
    const AwsChunkKey *key;       /* chunk signatures are verified; NULL: they are read over */

    /* What the head says; body_spec fills it. */
    HttpBody framing;
    int64_t length;         /* of the framed body, HTTP_BODY_LENGTH only */
    int64_t decoded_length; /* x-amz-decoded-content-length; -1: not given */
    BodyPayload payload;
    DigestValue sha256;         /* expected; DIGEST_NONE: none */
    DigestValue md5;            /* Content-MD5 */
    DigestAlgorithm checksum;   /* which to compute; DIGEST_NONE: CRC64NVME, S3's own choice */
    DigestValue checksum_value; /* expected, of x-amz-checksum-* */
    bool checksum_in_trailer;   /* x-amz-trailer names it: it must come */
} BodySpec;

/* ERR_S3_INVALID_DIGEST, ERR_S3_INVALID_REQUEST, ERR_S3_ENTITY_TOO_LARGE (told before a byte is
 * read), ... */
must_use bool body_spec(const HttpRequest *r, BodySpec *spec, Error *err);

typedef enum BodyGot {
    BODY_ERROR = -1,
    BODY_MORE = 0,
    BODY_DATA,
    BODY_DONE,
} BodyGot;

typedef struct Body {
    BodySpec spec;
    BodyGot ended;       /* BODY_DONE or BODY_ERROR: body_next must not be called again */
    int64_t framed_left; /* HTTP_BODY_LENGTH: bytes still to come */
    int64_t bytes;       /* decoded so far */
    DigestValue md5, checksum, sha256; /* after BODY_DONE; DIGEST_NONE: not computed */
    Digest md5_digest, checksum_digest, sha256_digest;
    Str inner; /* of the framed bytes at hand, what the content decoder has not taken yet */
    bool framed_done, content_done;
    Chunked transfer;
    AwsChunk content;
} Body;

/* *spec is copied; spec->key is borrowed. A Body is not copied or moved once open. */
void body_open(Body *b, const BodySpec *spec);
/* Takes bytes off the front of *in, which may be empty. *data is a slice of it. */
must_use BodyGot body_next(Body *b, Str *in, Str *data, Error *err);
void body_close(Body *b);
