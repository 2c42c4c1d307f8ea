/* awschunk.h - the aws-chunked content coding: chunks whose extensions carry signatures, and signed trailers. */
#pragma once
#include "wire/chunked.h"
#include "wire/digest.h"

/* What verifies the chunks of a STREAMING-AWS4-HMAC-SHA256-PAYLOAD request: taken from the verified
 * request (sigv4_chunk_key), so that its signature is the first link of the chain. Owns nothing
 * outside itself. */
enum { SIGNATURE_HEX = 64, AWS_CHUNK_SCOPE_MAX = 160 };

typedef struct AwsChunkKey {
    unsigned char signing_key[SHA256_BYTES];
    char seed[SIGNATURE_HEX];
    char time[16];                   /* 20130524T000000Z */
    char scope[AWS_CHUNK_SCOPE_MAX]; /* 20130524/us-east-1/s3/aws4_request */
    int scope_n;
} AwsChunkKey;

typedef struct AwsChunk {
    Chunked chunks;
    const AwsChunkKey *key; /* NULL: signatures are read over */
    bool trailer_signed;
    bool chunk_open; /* a chunk was begun whose signature is not compared yet */
    char previous[SIGNATURE_HEX], declared[SIGNATURE_HEX];
    Digest data; /* SHA-256 of the open chunk; only with a key */
} AwsChunk;

/* trailer_signed: the payload is ...-PAYLOAD-TRAILER, and x-amz-trailer-signature must close it. */
void awschunk_open(AwsChunk *c, const AwsChunkKey *key, bool trailer_signed);
/* As chunked_next, but never CHUNKED_SIZE. CHUNKED_BAD sets *err: ERR_S3_SIGNATURE_DOES_NOT_MATCH,
 * ERR_S3_MALFORMED_TRAILER or ERR_S3_INVALID_REQUEST. The data of a chunk is handed out before its
 * signature can be compared: nothing may be kept before CHUNKED_DONE. */
must_use ChunkedGot awschunk_next(AwsChunk *c, Str *in, Str *data, Error *err);
void awschunk_close(AwsChunk *c);

/* The writing side, for clients and tests: the signature of one chunk (the last one is empty), and
 * of the trailer lines "name:value\n". `previous` is replaced by the result. */
void awschunk_sign(const AwsChunkKey *key, char previous[SIGNATURE_HEX], Str data);
void awschunk_sign_trailer(const AwsChunkKey *key, char previous[SIGNATURE_HEX], Str lines);
