/* body.c - the body of a request as a pipe of small stages: transfer framing, content framing, digests, comparison. */
#include "wire/body.h"

static void open_if(Digest *d, bool wanted, DigestAlgorithm algorithm)
{
    digest_open(d, wanted ? algorithm : DIGEST_NONE);
}

static bool aws_chunked(const BodySpec *s)
{
    return s->payload >= BODY_PAYLOAD_CHUNKS;
}

void body_open(Body *b, const BodySpec *spec)
{
    b->spec = *spec;
    b->ended = BODY_MORE;
    b->framed_left = spec->framing == HTTP_BODY_LENGTH ? spec->length : 0;
    b->bytes = 0;
    b->md5 = b->checksum = b->sha256 = (DigestValue){0};
    b->inner = (Str){0};
    b->framed_done = b->content_done = false;
    open_if(&b->md5_digest, spec->want_md5 || spec->md5.algorithm, DIGEST_MD5);
    open_if(&b->checksum_digest, spec->want_checksum,
            spec->checksum ? spec->checksum : DIGEST_CRC64NVME);
    open_if(&b->sha256_digest, spec->check_sha256 && spec->sha256.algorithm, DIGEST_SHA256);
    chunked_open(&b->transfer);
    bool is_signed = spec->payload >= BODY_PAYLOAD_CHUNKS_SIGNED;
    awschunk_open(&b->content, is_signed ? spec->key : NULL,
                  spec->payload == BODY_PAYLOAD_CHUNKS_SIGNED_TRAILER);
}

void body_close(Body *b)
{
    digest_close(&b->md5_digest);
    digest_close(&b->checksum_digest);
    digest_close(&b->sha256_digest);
    awschunk_close(&b->content);
}

static BodyGot fail(Error *err, ErrorCode code, const char *text)
{
    error_set(err, code, "%s", text);
    return BODY_ERROR;
}

/* Moves framed bytes from *in to b->inner. BODY_DATA: there are some, or the end was reached. */
static BodyGot transfer_step(Body *b, Str *in, Error *err)
{
    if (b->spec.framing != HTTP_BODY_CHUNKED) {
        int64_t n = b->framed_left < in->n ? b->framed_left : in->n;
        b->inner = str_slice(*in, 0, n);
        *in = str_slice(*in, n, in->n);
        b->framed_left -= n;
        b->framed_done = b->framed_left == 0;
        return n || b->framed_done ? BODY_DATA : BODY_MORE;
    }
    ChunkedGot got;
    do got = chunked_next(&b->transfer, in, &b->inner);
    while (got == CHUNKED_SIZE);
    if (got == CHUNKED_BAD)
        return fail(err, ERR_S3_INVALID_REQUEST,
                    "The chunked transfer coding of the request body is not well-formed");
    b->framed_done = got == CHUNKED_DONE;
    return got == CHUNKED_MORE ? BODY_MORE : BODY_DATA;
}

/* Moves bytes from b->inner to *data. */
static BodyGot content_step(Body *b, Str *data, Error *err)
{
    if (b->inner.n == 0) return BODY_MORE;
    if (!aws_chunked(&b->spec)) {
        *data = b->inner;
        b->inner.n = 0;
        return BODY_DATA;
    }
    ChunkedGot got =
        b->content_done ? CHUNKED_DONE : awschunk_next(&b->content, &b->inner, data, err);
    if (got == CHUNKED_BAD) return BODY_ERROR;
    b->content_done = got == CHUNKED_DONE;
    if (b->content_done && b->inner.n)
        return fail(err, ERR_S3_INVALID_REQUEST,
                    "The aws-chunked body goes on after its last chunk");
    return got == CHUNKED_DATA ? BODY_DATA : BODY_MORE;
}

static BodyGot count(Body *b, Str data, Error *err)
{
    b->bytes += data.n;
    if (b->bytes > b->spec.bytes_max)
        return fail(err, ERR_S3_ENTITY_TOO_LARGE,
                    "Your proposed upload exceeds the maximum allowed size");
    if (b->spec.decoded_length >= 0 && b->bytes > b->spec.decoded_length)
        return fail(err, ERR_S3_INCOMPLETE_BODY,
                    "The request body is longer than the x-amz-decoded-content-length header says");
    digest_add(&b->md5_digest, data);
    digest_add(&b->checksum_digest, data);
    digest_add(&b->sha256_digest, data);
    return BODY_DATA;
}

static bool whole(const Body *b, Error *err)
{
    if (aws_chunked(&b->spec) && !b->content_done)
        return error_set(err, ERR_S3_INCOMPLETE_BODY,
                         "The request body ends before its last aws-chunked chunk");
    if (aws_chunked(&b->spec) && b->bytes != b->spec.decoded_length)
        return error_set(err, ERR_S3_INCOMPLETE_BODY,
                         "You did not provide the number of bytes specified by the "
                         "x-amz-decoded-content-length HTTP header");
    return true;
}

static bool malformed_trailer(Error *err)
{
    return error_set(err, ERR_S3_MALFORMED_TRAILER,
                     "The request contained trailing data that was not well-formed or "
                     "did not conform to our published schema.");
}

/* The one checksum that x-amz-trailer announced comes, and no other does. */
static bool read_trailer(Body *b, Error *err)
{
    for (int i = 0; i < b->content.chunks.trailers_n; i++) {
        const HttpHeader *h = &b->content.chunks.trailers[i];
        if (!b->spec.want_checksum ||
            !str_eq_nocase(str_slice(h->name, 0, 15), S("x-amz-checksum-")))
            continue;
        if (!b->spec.checksum_in_trailer || b->spec.checksum_value.algorithm)
            return malformed_trailer(err);
        if (!str_eq_nocase(h->name, digest_header(b->spec.checksum))) return malformed_trailer(err);
        if (!digest_parse(b->spec.checksum, h->value, &b->spec.checksum_value))
            return error_set(err, ERR_S3_INVALID_REQUEST,
                             "Value for %.*s trailing header is invalid.", STR(h->name));
    }
    return !b->spec.checksum_in_trailer || b->spec.checksum_value.algorithm ||
           malformed_trailer(err);
}

static bool compare(const Body *b, Error *err)
{
    const BodySpec *s = &b->spec;
    if (s->sha256.algorithm && s->check_sha256 && !digest_eq(&s->sha256, &b->sha256))
        return error_set(
            err, ERR_S3_CONTENT_SHA256_MISMATCH,
            "The provided 'x-amz-content-sha256' header does not match what was computed.");
    if (s->md5.algorithm && !digest_eq(&s->md5, &b->md5))
        return error_set(err, ERR_S3_BAD_DIGEST,
                         "The Content-MD5 you specified did not match what we received.");
    if (s->checksum_value.algorithm && !digest_eq(&s->checksum_value, &b->checksum))
        return error_set(err, ERR_S3_BAD_DIGEST,
                         "The %.*s you specified did not match the calculated checksum.",
                         STR(digest_name(s->checksum)));
    return true;
}

static BodyGot finish(Body *b, Error *err)
{
    if (!whole(b, err) || !read_trailer(b, err)) return BODY_ERROR;
    b->md5 = digest_value(&b->md5_digest);
    b->checksum = digest_value(&b->checksum_digest);
    b->sha256 = digest_value(&b->sha256_digest);
    return compare(b, err) ? BODY_DONE : BODY_ERROR;
}

static BodyGot step(Body *b, Str *in, Str *data, Error *err)
{
    for (;;) {
        BodyGot got = content_step(b, data, err);
        if (got == BODY_DATA) return count(b, *data, err);
        if (got == BODY_ERROR) return got;
        if (b->framed_done) return finish(b, err);
        got = transfer_step(b, in, err);
        if (got != BODY_DATA) return got;
    }
}

BodyGot body_next(Body *b, Str *in, Str *data, Error *err)
{
    check(b->ended == BODY_MORE);
    BodyGot got = step(b, in, data, err);
    if (got == BODY_DONE || got == BODY_ERROR) b->ended = got;
    return got;
}
