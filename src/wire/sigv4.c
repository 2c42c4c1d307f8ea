/* sigv4.c - Signature Version 4: keys, verification in the words of each family of services, and signing. */
#include "wire/sigv4.h"

#include "base/encode.h"
#include "wire/sigv4_canonical.h"

static Str key_bytes(const unsigned char key[SHA256_BYTES])
{
    return (Str){(const char *)key, SHA256_BYTES};
}

static void derive(Str secret, Str date, Str region, Str service, Arena *a,
                   unsigned char key[SHA256_BYTES])
{
    hmac_sha256(str_printf(a, "AWS4%.*s", STR(secret)), date, key);
    hmac_sha256(key_bytes(key), region, key);
    hmac_sha256(key_bytes(key), service, key);
    hmac_sha256(key_bytes(key), S("aws4_request"), key);
}

/* A key serves one day, region and service: the cache spares four of the five HMACs of a
 * verification. */
static void signing_key(SigV4Keys *keys, Str secret, const SigV4 *s, Arena *a,
                        unsigned char key[SHA256_BYTES])
{
    Str id = str_printf(a, "%.*s\n%.*s", STR(s->scope), STR(secret));
    for (int i = 0; keys && i < SIGV4_KEYS_MAX; i++) {
        if (!str_eq((Str){keys->slots[i].id, keys->slots[i].id_n}, id)) continue;
        memcpy(key, keys->slots[i].key, SHA256_BYTES);
        return;
    }
    derive(secret, s->date, s->region, s->service, a, key);
    if (!keys || id.n > SIGV4_KEY_ID_MAX) return;
    unsigned slot = keys->next++ % SIGV4_KEYS_MAX;
    keys->slots[slot].id_n = (int)id.n;
    memcpy(keys->slots[slot].id, id.p, (size_t)id.n);
    memcpy(keys->slots[slot].key, key, SHA256_BYTES);
}

static ErrorCode invalid(SigDialect dialect)
{
    return dialect == SIG_DIALECT_S3     ? ERR_S3_SIGNATURE_DOES_NOT_MATCH
           : dialect == SIG_DIALECT_JSON ? ERR_INVALID_SIGNATURE
                                         : ERR_QUERY_SIGNATURE_DOES_NOT_MATCH;
}

static bool wrong_region(const SigV4Check *c, Error *err)
{
    const SigV4 *s = c->sig;
    if (c->dialect != SIG_DIALECT_S3)
        return error_set(err, invalid(c->dialect),
                         "Credential should be scoped to a valid region, not '%.*s'. ",
                         STR(s->region));
    if (s->presigned)
        return error_set(err, ERR_S3_AUTHORIZATION_QUERY_PARAMETERS,
                         "Error parsing the X-Amz-Credential parameter; "
                         "the region '%.*s' is wrong; expecting '%.*s'",
                         STR(s->region), STR(c->region));
    return error_set(err, ERR_S3_AUTHORIZATION_HEADER_MALFORMED,
                     "The authorization header is malformed; the region "
                     "'%.*s' is wrong; expecting '%.*s'",
                     STR(s->region), STR(c->region));
}

static bool wrong_service(const SigV4Check *c, Error *err)
{
    const SigV4 *s = c->sig;
    if (c->dialect != SIG_DIALECT_S3)
        return error_set(err, invalid(c->dialect),
                         "Credential should be scoped to correct service: '%.*s'. ",
                         STR(c->service));
    if (s->presigned)
        return error_set(err, ERR_S3_AUTHORIZATION_QUERY_PARAMETERS,
                         "Error parsing the X-Amz-Credential parameter; "
                         "incorrect service \"%.*s\". This endpoint belongs to \"%.*s\".",
                         STR(s->service), STR(c->service));
    return error_set(err, ERR_S3_AUTHORIZATION_HEADER_MALFORMED,
                     "The authorization header is malformed; incorrect "
                     "service \"%.*s\". This endpoint belongs to \"%.*s\".",
                     STR(s->service), STR(c->service));
}

static bool scope(const SigV4Check *c, Error *err)
{
    if (!str_absent(c->region) && !str_eq(c->region, c->sig->region)) return wrong_region(c, err);
    if (!str_absent(c->service) && !str_eq(c->service, c->sig->service))
        return wrong_service(c, err);
    return true;
}

/* Times are absolute in S3: a request is too far off, or a presigned one outside of its window. */
static bool time_s3(const SigV4Check *c, Error *err)
{
    const SigV4 *s = c->sig;
    Millis ahead = s->at - c->now;
    if (!s->presigned)
        return (ahead <= SIG_SKEW_S3_MS && -ahead <= SIG_SKEW_S3_MS) ||
               error_set(
                   err, ERR_S3_REQUEST_TIME_TOO_SKEWED,
                   "The difference between the request time and the current time is too large.");
    if (ahead > SIG_SKEW_S3_MS)
        return error_set(err, ERR_S3_ACCESS_DENIED, "Request is not yet valid");
    return c->now <= s->at + s->expires_s * 1000 ||
           error_set(err, ERR_S3_ACCESS_DENIED, "Request has expired");
}

static bool time_others(const SigV4Check *c, Arena *a, Error *err)
{
    const SigV4 *s = c->sig;
    Millis skew = c->dialect == SIG_DIALECT_JSON ? SIG_SKEW_JSON_MS : SIG_SKEW_QUERY_MS;
    Millis past = s->presigned ? s->expires_s * 1000 : skew;
    Str now = time_iso8601_basic(a, c->now), then = time_iso8601_basic(a, s->at);
    if (s->at < c->now - past)
        return error_set(err, invalid(c->dialect),
                         "Signature expired: %.*s is now earlier than %.*s (%.*s - %d min.)",
                         STR(then), STR(time_iso8601_basic(a, c->now - past)), STR(now),
                         (int)(past / 60000));
    if (s->at > c->now + skew)
        return error_set(
            err, invalid(c->dialect),
            "Signature not yet current: %.*s is still later than %.*s (%.*s + %d min.)", STR(then),
            STR(time_iso8601_basic(a, c->now + skew)), STR(now), (int)(skew / 60000));
    return true;
}

static bool listed(Str list, Str name)
{
    Str one;
    while (str_cut(&list, ';', &one))
        if (str_eq_nocase(one, name)) return true;
    return false;
}

/* Whoever may add a header to a signed request must not thereby change what it does. S3 takes
 * x-amz-content-sha256 unsigned: it is part of what is hashed anyway. */
static bool must_be_signed(SigDialect dialect, Str name)
{
    if (str_eq_nocase(name, S("host")) || str_eq_nocase(name, S("x-amz-target"))) return true;
    return dialect == SIG_DIALECT_S3 && str_eq_nocase(str_slice(name, 0, 6), S("x-amz-")) &&
           !str_eq_nocase(name, S("x-amz-content-sha256"));
}

static bool headers_signed(const SigV4Check *c, Error *err)
{
    for (int i = 0; i < c->request->headers_n; i++) {
        Str name = c->request->headers[i].name;
        if (!must_be_signed(c->dialect, name) || listed(c->sig->signed_headers, name)) continue;
        if (c->dialect == SIG_DIALECT_S3)
            return error_set(err, ERR_S3_ACCESS_DENIED,
                             "There were headers present in the request which were not "
                             "signed: %.*s",
                             STR(str_slice(name, 0, 128)));
        return error_set(err, invalid(c->dialect),
                         "'%.*s' must be a 'SignedHeader' in the AWS "
                         "Authorization.",
                         STR(name));
    }
    return true;
}

/* What stands in the canonical request for the body. */
static bool payload_hash(const SigV4Check *c, Str *out, Error *err)
{
    *out = c->payload_sha256;
    if (!str_absent(*out) && c->dialect != SIG_DIALECT_S3) return true;
    *out = http1_header(c->request, S("x-amz-content-sha256"));
    if (str_absent(*out) && c->sig->presigned)
        *out = http1_query(c->request, S("X-Amz-Content-Sha256"));
    if (!str_absent(*out)) return true;
    if (c->dialect == SIG_DIALECT_S3 && !c->sig->presigned)
        return error_set(err, ERR_S3_INVALID_REQUEST,
                         "Missing required header for this request: x-amz-content-sha256");
    *out = c->dialect == SIG_DIALECT_S3
               ? S("UNSIGNED-PAYLOAD")
               : S("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    return true;
}

static bool mismatch(const SigV4Check *c, Error *err)
{
    if (c->dialect == SIG_DIALECT_S3)
        return error_set(err, ERR_S3_SIGNATURE_DOES_NOT_MATCH,
                         "The request signature we calculated does not match the "
                         "signature you provided. Check your key and signing method.");
    return error_set(
        err, invalid(c->dialect),
        "The request signature we calculated does not match the signature you "
        "provided. Check your AWS Secret Access Key and signing method. Consult the service "
        "documentation for details.\n\nThe Canonical String for this request should have "
        "been\n'%.*s'\n\n"
        "The String-to-Sign should have been\n'%.*s'\n",
        STR(c->canonical_request), STR(c->string_to_sign));
}

static Str sign(const unsigned char key[SHA256_BYTES], Str text, Arena *a)
{
    unsigned char mac[SHA256_BYTES];
    hmac_sha256(key_bytes(key), text, mac);
    return hex_encode(a, mac, SHA256_BYTES);
}

static bool signature(SigV4Check *c, Str hash, Arena *a, Error *err)
{
    const SigV4 *s = c->sig;
    unsigned char key[SHA256_BYTES];
    c->canonical_request =
        sigv4_canonical_request(c->request, c->dialect, s->signed_headers, hash, a);
    c->string_to_sign = sigv4_string_to_sign(s->time, s->scope, c->canonical_request, a);
    signing_key(c->keys, c->secret, s, a, key);
    return bytes_eq_constant_time(sign(key, c->string_to_sign, a), s->signature) ||
           mismatch(c, err);
}

bool sigv4_verify(SigV4Check *c, Arena *a, Error *err)
{
    Str hash;
    c->canonical_request = c->string_to_sign = (Str){0};
    bool in_time = c->dialect == SIG_DIALECT_S3 ? time_s3(c, err) : time_others(c, a, err);
    return in_time && scope(c, err) && headers_signed(c, err) && payload_hash(c, &hash, err) &&
           signature(c, hash, a, err);
}

void sigv4_chunk_key(const SigV4Check *c, AwsChunkKey *out)
{
    const SigV4 *s = c->sig;
    Arena a = {0};
    check(s->signature.n == SIGNATURE_HEX && s->time.n == sizeof out->time &&
          s->scope.n <= AWS_CHUNK_SCOPE_MAX);
    signing_key(c->keys, c->secret, s, &a, out->signing_key);
    memcpy(out->seed, s->signature.p, SIGNATURE_HEX);
    memcpy(out->time, s->time.p, sizeof out->time);
    memcpy(out->scope, s->scope.p, (size_t)s->scope.n);
    out->scope_n = (int)s->scope.n;
    arena_free(&a);
}

bool sigv4_missing(SigDialect dialect, Error *err)
{
    if (dialect == SIG_DIALECT_S3) return error_set(err, ERR_S3_ACCESS_DENIED, "Access Denied");
    return error_set(err, dialect == SIG_DIALECT_JSON ? ERR_MISSING_TOKEN : ERR_QUERY_MISSING_TOKEN,
                     "Request is missing Authentication Token");
}

bool sigv4_unknown_key(SigDialect dialect, Error *err)
{
    if (dialect == SIG_DIALECT_S3)
        return error_set(err, ERR_S3_INVALID_ACCESS_KEY_ID,
                         "The AWS Access Key Id you provided does not exist in our records.");
    return error_set(err,
                     dialect == SIG_DIALECT_JSON ? ERR_UNRECOGNIZED_CLIENT
                                                 : ERR_QUERY_INVALID_CLIENT_TOKEN_ID,
                     "The security token included in the request is invalid.");
}

static SigV4 own(const SigV4Credentials *who, Millis now, Arena *a)
{
    SigV4 s = {
        .at = now, .access_key = who->access_key, .region = who->region, .service = who->service};
    s.time = time_iso8601_basic(a, now);
    s.date = str_slice(s.time, 0, 8);
    s.scope =
        str_printf(a, "%.*s/%.*s/%.*s/aws4_request", STR(s.date), STR(s.region), STR(s.service));
    return s;
}

static Str sign_own(const HttpRequest *r, SigDialect dialect, const SigV4Credentials *who,
                    const SigV4 *s, Str hash, Arena *a)
{
    unsigned char key[SHA256_BYTES];
    Str canonical = sigv4_canonical_request(r, dialect, s->signed_headers, hash, a);
    derive(who->secret, s->date, s->region, s->service, a, key);
    return sign(key, sigv4_string_to_sign(s->time, s->scope, canonical, a), a);
}

Str sigv4_sign(const HttpRequest *r, SigDialect dialect, const SigV4Credentials *who,
               Str payload_sha256, Millis now, Arena *a)
{
    SigV4 s = own(who, now, a);
    Str told = http1_header(r, S("x-amz-content-sha256"));
    s.signed_headers = sigv4_signed_headers(r, a);
    s.signature = sign_own(r, dialect, who, &s, str_absent(told) ? payload_sha256 : told, a);
    return str_printf(a,
                      "AWS4-HMAC-SHA256 Credential=%.*s/%.*s, SignedHeaders=%.*s, Signature=%.*s",
                      STR(who->access_key), STR(s.scope), STR(s.signed_headers), STR(s.signature));
}

static void put_parameter(Buf *q, const char *name, Str value)
{
    buf_printf(q, "%s%s=", q->n ? "&" : "", name);
    buf_put(q, percent_encode(q->a, value, S("")));
}

Str sigv4_presign(const HttpRequest *r, SigDialect dialect, const SigV4Credentials *who,
                  int64_t expires_s, Millis now, Arena *a)
{
    SigV4 s = own(who, now, a);
    s.signed_headers = sigv4_signed_headers(r, a);
    Buf q = {.a = a};
    buf_put(&q, r->query);
    put_parameter(&q, "X-Amz-Algorithm", S("AWS4-HMAC-SHA256"));
    put_parameter(&q, "X-Amz-Credential",
                  str_printf(a, "%.*s/%.*s", STR(s.access_key), STR(s.scope)));
    put_parameter(&q, "X-Amz-Date", s.time);
    put_parameter(&q, "X-Amz-Expires", str_printf(a, "%" PRId64, expires_s));
    put_parameter(&q, "X-Amz-SignedHeaders", s.signed_headers);
    if (!str_absent(who->token)) put_parameter(&q, "X-Amz-Security-Token", who->token);
    HttpRequest with_query = *r;
    with_query.query = buf_str(&q);
    Str hash = dialect == SIG_DIALECT_S3
                   ? S("UNSIGNED-PAYLOAD")
                   : S("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    put_parameter(&q, "X-Amz-Signature", sign_own(&with_query, dialect, who, &s, hash, a));
    return buf_str(&q);
}
