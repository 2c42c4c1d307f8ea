/* sigv4.h - AWS Signature Version 4: who signed a request, whether the signature is right, and signing itself. */
#pragma once
#include "base/time.h"
#include "wire/awschunk.h"

/* Reading and verifying are apart: without --auth enforce only the credential scope is used (key,
 * region, service).
 *
 *     SigV4 sig;
 *     SigV4Found found = sigv4_read(&request, dialect, a, &sig, err);
 *     SIGV4_ABSENT: no Version 4 signature (see sigv2.h, or an anonymous request: sigv4_missing)
 *     SIGV4_READ:   look sig.access_key up (unknown: sigv4_unknown_key), then
 *     sigv4_verify(&(SigV4Check){&request, &sig, dialect, secret, now, ...}, a, err)
 *
 * The dialect decides how a path is made canonical, how far clocks may differ, and in whose words
 * it refuses. */
typedef enum SigDialect {
    SIG_DIALECT_S3, /* path as it is, encoded once; AccessDenied, SignatureDoesNotMatch, ... in XML
                     */
    SIG_DIALECT_JSON,  /* awsJson and restJson: InvalidSignatureException, ...; 5 minutes */
    SIG_DIALECT_QUERY, /* awsQuery (IAM, STS, CloudFormation): SignatureDoesNotMatch, ...; 15
                          minutes */
} SigDialect;

enum {
    SIG_PRESIGNED_SECONDS_MAX = 7 * 24 * 3600,
    SIG_SKEW_S3_MS = 15 * 60 * 1000,
    SIG_SKEW_JSON_MS = 5 * 60 * 1000,
    SIG_SKEW_QUERY_MS = 15 * 60 * 1000,
};

/* Slices of the request, or of the arena where they had to be decoded. */
typedef struct SigV4 {
    bool presigned; /* in the query string */
    Str access_key, date, region, service;
    Str scope;          /* date/region/service/aws4_request */
    Str signed_headers; /* host;x-amz-date */
    Str signature;      /* as given: 64 hexadecimal digits, or anything else, which never matches */
    Str token;          /* X-Amz-Security-Token; {NULL, 0}: none */
    Str time;           /* 20130524T000000Z */
    Millis at;
    int64_t expires_s; /* presigned only */
} SigV4;

typedef enum SigV4Found {
    SIGV4_MALFORMED = -1, /* *err says what is wrong with it, in the service's words */
    SIGV4_ABSENT,
    SIGV4_READ,
} SigV4Found;

must_use SigV4Found sigv4_read(const HttpRequest *r, SigDialect dialect, Arena *a, SigV4 *out,
                               Error *err);

/* Derived keys change once a day: a caller that verifies many requests keeps some. Zero-initialised
 * is empty. One thread at a time. */
enum { SIGV4_KEYS_MAX = 16, SIGV4_KEY_ID_MAX = 256 };
typedef struct SigV4Keys {
    struct {
        int id_n;
        char id[SIGV4_KEY_ID_MAX]; /* date, region, service and the secret itself */
        unsigned char key[SHA256_BYTES];
    } slots[SIGV4_KEYS_MAX];
    unsigned next;
} SigV4Keys;

typedef struct SigV4Check {
    const HttpRequest *request;
    const SigV4 *sig;
    SigDialect dialect;
    Str secret;
    Millis now;
    Str service;        /* the credential must be scoped to it; {NULL, 0}: any */
    Str region;         /* likewise */
    Str payload_sha256; /* hex, of the body as received; needed where no x-amz-content-sha256 header
                           says it */
    SigV4Keys *keys;    /* may be NULL */
    Str canonical_request,
        string_to_sign; /* out, also on failure: S3 shows them in SignatureDoesNotMatch */
} SigV4Check;

/* Signature, time and scope; in S3 also that all x-amz-* headers are signed. Constant time in the
 * signature. The body itself is compared with x-amz-content-sha256 by body.h. */
must_use bool sigv4_verify(SigV4Check *c, Arena *a, Error *err);

/* After a successful verification of a STREAMING-AWS4-HMAC-SHA256-PAYLOAD request. */
void sigv4_chunk_key(const SigV4Check *c, AwsChunkKey *out);

/* Refusals that need the caller's knowledge. Both return false. */
bool sigv4_missing(SigDialect dialect, Error *err); /* nothing was signed at all */
bool sigv4_unknown_key(SigDialect dialect, Error *err);

/* Signing, for the command line, the emr engine and tests. */
typedef struct SigV4Credentials {
    Str access_key, secret, token; /* token {NULL, 0}: none */
    Str region, service;
} SigV4Credentials;

/* The Authorization value for a request whose headers are complete: Host, X-Amz-Date (of `now`),
 * with a token X-Amz-Security-Token, for S3 x-amz-content-sha256. All headers but Authorization,
 * Connection, Expect, Transfer-Encoding and User-Agent are signed. payload_sha256 as in SigV4Check.
 */
Str sigv4_sign(const HttpRequest *r, SigDialect dialect, const SigV4Credentials *who,
               Str payload_sha256, Millis now, Arena *a);
/* The query string (without '?') that presigns r, whose headers will be sent and signed; r->query
 * comes first. */
Str sigv4_presign(const HttpRequest *r, SigDialect dialect, const SigV4Credentials *who,
                  int64_t expires_s, Millis now, Arena *a);
