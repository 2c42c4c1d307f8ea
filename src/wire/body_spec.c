/* body_spec.c - what a head promises about the body: sizes, kind of payload, and the digests it must have. */
#include "wire/body.h"

#include "base/encode.h"

static bool size_field(Str text, int64_t *out)
{
    return text.n > 0 && text.n <= 18 && text.p[0] != '-' && str_to_int(text, out);
}

static bool sha256_value(Str hex, BodySpec *s)
{
    s->payload = BODY_PAYLOAD_SHA256;
    s->sha256 = (DigestValue){.algorithm = DIGEST_SHA256, .n = SHA256_BYTES};
    return hex_decode(hex, s->sha256.bytes, SHA256_BYTES);
}

static bool payload(const HttpRequest *r, BodySpec *s, Error *err)
{
    static const struct {
        const char *text;
        BodyPayload payload;
    } kinds[] = {
        {"UNSIGNED-PAYLOAD", BODY_PAYLOAD_UNSIGNED},
        {"STREAMING-UNSIGNED-PAYLOAD-TRAILER", BODY_PAYLOAD_CHUNKS},
        {"STREAMING-AWS4-HMAC-SHA256-PAYLOAD", BODY_PAYLOAD_CHUNKS_SIGNED},
        {"STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", BODY_PAYLOAD_CHUNKS_SIGNED_TRAILER},
    };
    Str v = http1_header(r, S("x-amz-content-sha256"));
    if (str_absent(v)) v = http1_query(r, S("X-Amz-Content-Sha256"));
    s->payload = BODY_PAYLOAD_UNSIGNED;
    if (str_absent(v)) return true;
    for (int i = 0; i < countof(kinds); i++)
        if (str_eq(v, str_from(kinds[i].text))) return s->payload = kinds[i].payload, true;
    return sha256_value(v, s) ||
           error_set(err, ERR_S3_INVALID_ARGUMENT,
                     "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, "
                     "STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, "
                     "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value.");
}

/* aws-chunked is told by the payload kind; a client that leaves that away tells it by
 * Content-Encoding together with the decoded length. */
static bool decoded_length(const HttpRequest *r, BodySpec *s, Error *err)
{
    Str v = http1_header(r, S("x-amz-decoded-content-length"));
    Str coding = http1_header(r, S("content-encoding")), first = coding;
    s->decoded_length = -1;
    if (s->payload == BODY_PAYLOAD_UNSIGNED && !str_absent(v) && str_cut(&coding, ',', &first) &&
        str_eq_nocase(str_trim(first), S("aws-chunked")))
        s->payload = BODY_PAYLOAD_CHUNKS;
    if (s->payload < BODY_PAYLOAD_CHUNKS) return true;
    if (str_absent(v))
        return error_set(err, ERR_S3_MISSING_CONTENT_LENGTH,
                         "You must provide the x-amz-decoded-content-length HTTP "
                         "header.");
    return size_field(v, &s->decoded_length) ||
           error_set(err, ERR_S3_INVALID_ARGUMENT,
                     "x-amz-decoded-content-length must be a number of bytes, not '%.*s'",
                     STR(str_slice(v, 0, 64)));
}

static bool sizes(const HttpRequest *r, BodySpec *s, Error *err)
{
    s->framing = r->body;
    s->length = r->body == HTTP_BODY_LENGTH ? r->length : 0;
    if (!decoded_length(r, s, err)) return false;
    int64_t told = s->decoded_length >= 0 ? s->decoded_length : s->length;
    return told <= s->bytes_max ||
           error_set(err, ERR_S3_ENTITY_TOO_LARGE,
                     "Your proposed upload exceeds the maximum allowed size (%" PRId64
                     " bytes; at most %" PRId64 " are)",
                     told, s->bytes_max);
}

static bool content_md5(const HttpRequest *r, BodySpec *s, Error *err)
{
    Str v = http1_header(r, S("content-md5"));
    s->md5 = (DigestValue){0};
    return str_absent(v) || digest_parse(DIGEST_MD5, v, &s->md5) ||
           error_set(err, ERR_S3_INVALID_DIGEST, "The Content-MD5 you specified was invalid.");
}

/* x-amz-checksum-crc32 and its like; not -algorithm, -mode and -type, which say something about
 * checksums. */
static bool names_a_value(Str name)
{
    static const Str prefix = {"x-amz-checksum-", 15};
    Str rest = str_slice(name, prefix.n, name.n);
    return str_eq_nocase(str_slice(name, 0, prefix.n), prefix) &&
           !str_eq_nocase(rest, S("algorithm")) && !str_eq_nocase(rest, S("mode")) &&
           !str_eq_nocase(rest, S("type"));
}

static bool one_value(BodySpec *s, const HttpHeader *h, Error *err)
{
    if (s->checksum_value.algorithm)
        return error_set(err, ERR_S3_INVALID_REQUEST,
                         "Expecting a single x-amz-checksum- header. Multiple checksum "
                         "Types are not allowed.");
    s->checksum = digest_algorithm(str_slice(h->name, 15, h->name.n));
    if (s->checksum == DIGEST_NONE)
        return error_set(err, ERR_S3_INVALID_REQUEST,
                         "The algorithm type you specified in x-amz-checksum- header is "
                         "invalid.");
    return digest_parse(s->checksum, h->value, &s->checksum_value) ||
           error_set(err, ERR_S3_INVALID_REQUEST, "Value for %.*s header is invalid.",
                     STR(h->name));
}

static bool values(const HttpRequest *r, BodySpec *s, Error *err)
{
    for (int i = 0; i < r->headers_n; i++)
        if (names_a_value(r->headers[i].name) && !one_value(s, &r->headers[i], err)) return false;
    return true;
}

/* x-amz-trailer: x-amz-checksum-crc32. Only an aws-chunked body can have trailers. */
static bool trailer(const HttpRequest *r, BodySpec *s, Error *err)
{
    Str rest = http1_header(r, S("x-amz-trailer")), name;
    while (str_cut(&rest, ',', &name)) {
        name = str_trim(name);
        if (!names_a_value(name)) continue;
        DigestAlgorithm algorithm = digest_algorithm(str_slice(name, 15, name.n));
        if (algorithm == DIGEST_NONE || s->payload < BODY_PAYLOAD_CHUNKS)
            return error_set(err, ERR_S3_INVALID_REQUEST,
                             "The value specified in the x-amz-trailer header is not "
                             "supported");
        if (s->checksum)
            return error_set(err, ERR_S3_INVALID_REQUEST,
                             "Expecting a single x-amz-checksum- header");
        s->checksum = algorithm;
        s->checksum_in_trailer = true;
    }
    return true;
}

static bool sdk_algorithm(const HttpRequest *r, const BodySpec *s, Error *err)
{
    Str v = http1_header(r, S("x-amz-sdk-checksum-algorithm"));
    if (str_absent(v)) return true;
    if (!s->checksum)
        return error_set(err, ERR_S3_INVALID_REQUEST,
                         "x-amz-sdk-checksum-algorithm specified, but no corresponding "
                         "x-amz-checksum-* or x-amz-trailer headers were found.");
    return digest_algorithm(v) == s->checksum ||
           error_set(err, ERR_S3_INVALID_REQUEST,
                     "Value for x-amz-sdk-checksum-algorithm header is invalid.");
}

static bool checksum(const HttpRequest *r, BodySpec *s, Error *err)
{
    s->checksum = DIGEST_NONE;
    s->checksum_value = (DigestValue){0};
    s->checksum_in_trailer = false;
    return !s->want_checksum ||
           (values(r, s, err) && trailer(r, s, err) && sdk_algorithm(r, s, err));
}

bool body_spec(const HttpRequest *r, BodySpec *s, Error *err)
{
    s->sha256 = (DigestValue){0};
    return payload(r, s, err) && sizes(r, s, err) && content_md5(r, s, err) && checksum(r, s, err);
}
