/* sigv2.c - Signature Version 2 of S3: HMAC-SHA1 over method, a few headers, and the resource with its sub-resources. */
#include "wire/sigv2.h"

#include "base/encode.h"
#include "wire/sigv4_canonical.h"

/* The query parameters that are part of what is addressed, sorted: those botocore signs, the one
 * client that still signs so by default (it presigns with Version 2 in us-east-1). */
static const char *const sub_resources[] = {
    "accelerate",
    "acl",
    "analytics",
    "cors",
    "defaultObjectAcl",
    "delete",
    "inventory",
    "lifecycle",
    "location",
    "logging",
    "metrics",
    "notification",
    "object-lock",
    "partNumber",
    "policy",
    "replication",
    "requestPayment",
    "response-cache-control",
    "response-content-disposition",
    "response-content-encoding",
    "response-content-language",
    "response-content-type",
    "response-expires",
    "restore",
    "select",
    "select-type",
    "storageClass",
    "tagging",
    "torrent",
    "uploadId",
    "uploads",
    "versionId",
    "versioning",
    "versions",
    "website",
};

static Str parameter(const HttpRequest *r, Str name, Arena *a)
{
    Str value = http1_query(r, name), plain;
    return str_absent(value) || !percent_decode(a, value, false, &plain) ? (Str){0} : plain;
}

/* An Expires far in the future is legal: until the year 9999 here. */
static bool read_expires(SigV2 *sig, Error *err)
{
    int64_t seconds;
    if (!str_to_int(sig->expires, &seconds) || seconds < 0 || seconds > 253402300799)
        return error_set(err, ERR_S3_ACCESS_DENIED,
                         "Invalid date (should be seconds since epoch): %.*s",
                         STR(str_slice(sig->expires, 0, 64)));
    sig->at = seconds * 1000;
    return true;
}

static SigV4Found read_query(const HttpRequest *r, Arena *a, SigV2 *sig, Error *err)
{
    sig->presigned = true;
    sig->access_key = parameter(r, S("AWSAccessKeyId"), a);
    sig->signature = parameter(r, S("Signature"), a);
    sig->expires = parameter(r, S("Expires"), a);
    sig->token = parameter(r, S("x-amz-security-token"), a);
    if (sig->access_key.n && sig->signature.n && sig->expires.n)
        return read_expires(sig, err) ? SIGV4_READ : SIGV4_MALFORMED;
    error_set(err, ERR_S3_ACCESS_DENIED,
              "Query-string authentication requires the Signature, Expires and "
              "AWSAccessKeyId parameters");
    return SIGV4_MALFORMED;
}

static bool read_time(const HttpRequest *r, SigV2 *sig, Error *err)
{
    Str amz = http1_header(r, S("x-amz-date")), date = http1_header(r, S("date"));
    Str used = str_absent(amz) ? date : amz;
    sig->date = str_absent(amz) ? date : (Str){0};
    return sigv4_parse_date(used, &sig->at) ||
           error_set(err, ERR_S3_ACCESS_DENIED,
                     "AWS authentication requires a valid Date or x-amz-date header");
}

static SigV4Found read_header(const HttpRequest *r, Str header, SigV2 *sig, Error *err)
{
    Str rest = str_slice(header, 4, header.n);
    int64_t colon = str_rfind_char(rest, ':');
    sig->access_key = str_trim(str_slice(rest, 0, colon < 0 ? 0 : colon));
    sig->signature = str_trim(str_slice(rest, colon + 1, rest.n));
    sig->token = http1_header(r, S("x-amz-security-token"));
    if (colon > 0 && sig->access_key.n && sig->signature.n)
        return read_time(r, sig, err) ? SIGV4_READ : SIGV4_MALFORMED;
    error_set(err, ERR_S3_INVALID_ARGUMENT,
              "AWS authorization header is invalid.  Expected AwsAccessKeyId:signature");
    return SIGV4_MALFORMED;
}

SigV4Found sigv2_read(const HttpRequest *r, Arena *a, SigV2 *out, Error *err)
{
    SigV2 sig = {0};
    Str header = http1_header(r, S("authorization"));
    SigV4Found found = SIGV4_ABSENT;
    if (str_starts(header, S("AWS ")))
        found = read_header(r, header, &sig, err);
    else if (str_absent(header) && !str_absent(http1_query(r, S("AWSAccessKeyId"))))
        found = read_query(r, a, &sig, err);
    if (found == SIGV4_READ) *out = sig;
    return found;
}

static int by_name(const void *x, const void *y)
{
    return str_cmp(((const HttpHeader *)x)->name, ((const HttpHeader *)y)->name);
}

typedef struct AmzHeaders {
    HttpHeader *p;
    int64_t n, cap;
} AmzHeaders;

static HttpHeader *find(const AmzHeaders *all, Str name)
{
    for (int64_t i = 0; i < all->n; i++)
        if (str_eq(all->p[i].name, name)) return &all->p[i];
    return NULL;
}

/* Several of one name are joined in the order they came. */
static void amz_headers(AmzHeaders *all, const HttpRequest *r, Arena *a)
{
    for (int i = 0; i < r->headers_n; i++) {
        Str name = str_lower(a, r->headers[i].name), value = r->headers[i].value;
        if (!str_starts(name, S("x-amz-"))) continue;
        HttpHeader *known = find(all, name);
        if (known)
            known->value = str_printf(a, "%.*s,%.*s", STR(known->value), STR(value));
        else
            *vec_push(a, all) = (HttpHeader){name, value};
    }
}

/* A presigning client moves headers into the query string, and signs them as headers. */
static void amz_parameters(AmzHeaders *all, const HttpRequest *r, Arena *a)
{
    Str rest = r->query, pair;
    while (str_cut(&rest, '&', &pair) && all->n < 2 * HTTP_HEADERS_MAX) {
        Str value = pair, name, plain;
        if (!str_starts(pair, S("x-amz-")) || !str_cut(&value, '=', &name)) continue;
        if (find(all, name) || !percent_decode(a, value, false, &plain)) continue;
        *vec_push(a, all) = (HttpHeader){name, plain};
    }
}

static void put_amz_headers(Buf *out, const HttpRequest *r, bool presigned)
{
    AmzHeaders all = {0};
    amz_headers(&all, r, out->a);
    if (presigned) amz_parameters(&all, r, out->a);
    if (all.n) qsort(all.p, (size_t)all.n, sizeof *all.p, by_name);
    for (int64_t i = 0; i < all.n; i++)
        buf_printf(out, "%.*s:%.*s\n", STR(all.p[i].name), STR(all.p[i].value));
}

static void put_resource(Buf *out, const HttpRequest *r, Str bucket, Str path)
{
    char separator = '?';
    if (bucket.n) buf_printf(out, "/%.*s", STR(bucket));
    buf_put(out, path);
    for (int i = 0; i < countof(sub_resources); i++) {
        Str name = str_from(sub_resources[i]), value = parameter(r, name, out->a);
        if (str_absent(value)) continue;
        buf_printf(out, "%c%.*s", separator, STR(name));
        if (value.n) buf_printf(out, "=%.*s", STR(value));
        separator = '&';
    }
}

static Str header_or_parameter(const HttpRequest *r, Str name, bool presigned, Arena *a)
{
    Str value = http1_header(r, name);
    return str_absent(value) && presigned ? parameter(r, name, a) : value;
}

Str sigv2_string_to_sign(const HttpRequest *r, const SigV2 *sig, Str bucket, Str path, Arena *a)
{
    Buf out = {.a = a};
    Str md5 = header_or_parameter(r, S("content-md5"), sig->presigned, a);
    Str type = header_or_parameter(r, S("content-type"), sig->presigned, a);
    Str date = sig->presigned ? sig->expires : sig->date;
    buf_printf(&out, "%.*s\n%.*s\n%.*s\n%.*s\n", STR(r->method), STR(md5), STR(type), STR(date));
    put_amz_headers(&out, r, sig->presigned);
    put_resource(&out, r, bucket, path);
    return buf_str(&out);
}

static bool in_time(const SigV2 *sig, Millis now, Error *err)
{
    if (sig->presigned)
        return now <= sig->at || error_set(err, ERR_S3_ACCESS_DENIED, "Request has expired");
    return (sig->at - now <= SIG_SKEW_S3_MS && now - sig->at <= SIG_SKEW_S3_MS) ||
           error_set(err, ERR_S3_REQUEST_TIME_TOO_SKEWED,
                     "The difference between the request time and the current time is too large.");
}

static bool matches(const HttpRequest *r, const SigV2 *sig, Str bucket, Str path, Str secret,
                    Arena *a)
{
    unsigned char mac[SHA1_BYTES];
    hmac_sha1(secret, sigv2_string_to_sign(r, sig, bucket, path, a), mac);
    Str right = base64_encode(a, (Str){(const char *)mac, SHA1_BYTES});
    return bytes_eq_constant_time(right, sig->signature);
}

static bool bucket_alone(Str path)
{
    return path.n > 1 && str_rfind_char(path, '/') == 0;
}

bool sigv2_verify(const HttpRequest *r, const SigV2 *sig, Str bucket, Str secret, Millis now,
                  Arena *a, Error *err)
{
    if (!in_time(sig, now, err)) return false;
    if (matches(r, sig, bucket, r->path, secret, a)) return true;
    if (!bucket.n && bucket_alone(r->path) &&
        matches(r, sig, bucket, str_printf(a, "%.*s/", STR(r->path)), secret, a))
        return true;
    return error_set(err, ERR_S3_SIGNATURE_DOES_NOT_MATCH,
                     "The request signature we calculated does not match the signature you "
                     "provided. Check your key and signing method.");
}
