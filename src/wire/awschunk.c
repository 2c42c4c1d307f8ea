/* awschunk.c - the aws-chunked content coding: the chunked grammar, plus a chain of signatures over its chunks. */
#include "wire/awschunk.h"

#include "base/encode.h"

void awschunk_open(AwsChunk *c, const AwsChunkKey *key, bool trailer_signed)
{
    chunked_open(&c->chunks);
    c->key = key;
    c->trailer_signed = trailer_signed;
    c->chunk_open = false;
    c->data = (Digest){0};
    if (key) memcpy(c->previous, key->seed, SIGNATURE_HEX);
}

void awschunk_close(AwsChunk *c)
{
    digest_close(&c->data);
}

static void put(Str part, char *text, int *n)
{
    memcpy(text + *n, part.p, (size_t)part.n);
    *n += (int)part.n;
    text[(*n)++] = '\n';
}

static void put_hex(const DigestValue *v, char out[SIGNATURE_HEX])
{
    static const char digits[] = "0123456789abcdef";
    for (int i = 0; i < v->n; i++)
        out[2 * i] = digits[v->bytes[i] >> 4], out[2 * i + 1] = digits[v->bytes[i] & 15];
}

/* "What a chunk signs": algorithm, time, scope, the signature before it, [the hash of nothing,] the
 * hash of its data. */
static void sign(const AwsChunkKey *key, char previous[SIGNATURE_HEX], Str algorithm,
                 bool with_empty, const DigestValue *hash)
{
    char text[32 + 17 + AWS_CHUNK_SCOPE_MAX + 1 + 3 * (SIGNATURE_HEX + 1)], hex[SIGNATURE_HEX];
    int n = 0;
    put(algorithm, text, &n);
    put((Str){key->time, sizeof key->time}, text, &n);
    put((Str){key->scope, key->scope_n}, text, &n);
    put((Str){previous, SIGNATURE_HEX}, text, &n);
    if (with_empty)
        put(S("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"), text, &n);
    put_hex(hash, hex);
    put((Str){hex, SIGNATURE_HEX}, text, &n);
    DigestValue mac = {.algorithm = DIGEST_SHA256, .n = SHA256_BYTES};
    hmac_sha256((Str){(const char *)key->signing_key, SHA256_BYTES}, (Str){text, n - 1}, mac.bytes);
    put_hex(&mac, previous);
}

static void sign_chunk(const AwsChunkKey *key, char previous[SIGNATURE_HEX],
                       const DigestValue *hash)
{
    sign(key, previous, S("AWS4-HMAC-SHA256-PAYLOAD"), true, hash);
}

void awschunk_sign(const AwsChunkKey *key, char previous[SIGNATURE_HEX], Str data)
{
    DigestValue hash = digest_of(DIGEST_SHA256, data);
    sign_chunk(key, previous, &hash);
}

void awschunk_sign_trailer(const AwsChunkKey *key, char previous[SIGNATURE_HEX], Str lines)
{
    DigestValue hash = digest_of(DIGEST_SHA256, lines);
    sign(key, previous, S("AWS4-HMAC-SHA256-TRAILER"), false, &hash);
}

static bool mismatch(Error *err, const char *what)
{
    return error_set(err, ERR_S3_SIGNATURE_DOES_NOT_MATCH,
                     "The request signature we calculated does not match the signature you "
                     "provided. Check your key "
                     "and signing method. (aws-chunked: %s)",
                     what);
}

/* Compares the chunk that was read with what it declared, and makes it the link for the next. */
static bool end_chunk(AwsChunk *c, Error *err)
{
    if (!c->chunk_open) return true;
    DigestValue hash = digest_value(&c->data);
    digest_close(&c->data);
    c->chunk_open = false;
    sign_chunk(c->key, c->previous, &hash);
    return bytes_eq_constant_time((Str){c->previous, SIGNATURE_HEX},
                                  (Str){c->declared, SIGNATURE_HEX}) ||
           mismatch(err, "signature of a chunk");
}

/* The extension must be "chunk-signature=<64 hex digits>". */
static bool begin_chunk(AwsChunk *c, Error *err)
{
    static const Str name = {"chunk-signature=", 16};
    Str e = c->chunks.extension;
    if (!c->key) return true;
    if (!str_starts(e, name) || e.n != name.n + SIGNATURE_HEX)
        return mismatch(err, "a chunk without a signature");
    memcpy(c->declared, e.p + name.n, SIGNATURE_HEX);
    digest_open(&c->data, DIGEST_SHA256);
    c->chunk_open = true;
    return true;
}

static const Str trailer_signature = {"x-amz-trailer-signature", 23};

static bool end_trailer(AwsChunk *c, Error *err)
{
    if (!c->key || !c->trailer_signed) return true;
    Arena a = {0};
    Buf lines = {.a = &a};
    for (int i = 0; i < c->chunks.trailers_n; i++) {
        const HttpHeader *h = &c->chunks.trailers[i];
        if (str_eq_nocase(h->name, trailer_signature)) continue;
        buf_put(&lines, str_lower(&a, h->name));
        buf_putc(&lines, ':');
        buf_put(&lines, h->value);
        buf_putc(&lines, '\n');
    }
    awschunk_sign_trailer(c->key, c->previous, buf_str(&lines));
    arena_free(&a);
    Str declared = chunked_trailer(&c->chunks, trailer_signature);
    return bytes_eq_constant_time((Str){c->previous, SIGNATURE_HEX}, declared) ||
           mismatch(err, str_absent(declared) ? "the trailer has no signature"
                                              : "signature of the trailer");
}

static ChunkedGot malformed(const AwsChunk *c, Error *err)
{
    bool trailer = c->chunks.state == CHUNKED_AT_TRAILER;
    if (trailer)
        error_set(err, ERR_S3_MALFORMED_TRAILER,
                  "The request contained trailing data that was not well-formed or "
                  "did not conform to our published schema. (aws-chunked: %s)",
                  c->chunks.why);
    else
        error_set(err, ERR_S3_INVALID_REQUEST, "The aws-chunked body is not well-formed: %s",
                  c->chunks.why);
    return CHUNKED_BAD;
}

ChunkedGot awschunk_next(AwsChunk *c, Str *in, Str *data, Error *err)
{
    for (;;) {
        ChunkedGot got = chunked_next(&c->chunks, in, data);
        if (got == CHUNKED_BAD) return malformed(c, err);
        if (got == CHUNKED_MORE) return CHUNKED_MORE;
        if (got == CHUNKED_DATA) return digest_add(&c->data, *data), CHUNKED_DATA;
        if (!end_chunk(c, err)) return CHUNKED_BAD;
        if (got == CHUNKED_DONE) return end_trailer(c, err) ? CHUNKED_DONE : CHUNKED_BAD;
        if (!begin_chunk(c, err)) return CHUNKED_BAD;
    }
}
