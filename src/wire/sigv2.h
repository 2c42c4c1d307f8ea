/* sigv2.h - AWS Signature Version 2 of S3, which boto3 still uses to presign: query string and "AWS key:signature". */
#pragma once
#include "wire/sigv4.h"

typedef struct SigV2 {
    bool presigned;
    Str access_key, signature, token;
    Str date;    /* header form: the Date header, or absent when x-amz-date replaces it */
    Str expires; /* presigned: seconds since 1970, as written */
    Millis at;   /* when it was signed; presigned: when it ends */
} SigV2;

/* SIGV4_ABSENT, SIGV4_READ or SIGV4_MALFORMED, as sigv4_read; only S3 has it. */
must_use SigV4Found sigv2_read(const HttpRequest *r, Arena *a, SigV2 *out, Error *err);

/* `bucket` where the host names it (virtual-hosted style), else {NULL, 0}. */
must_use bool sigv2_verify(const HttpRequest *r, const SigV2 *sig, Str bucket, Str secret,
                           Millis now, Arena *a, Error *err);

/* What is signed; also what S3 shows in SignatureDoesNotMatch. `path` is the request's, or with a
 * slash behind it: for a bucket alone ("/bucket") some clients sign "/bucket/". */
Str sigv2_string_to_sign(const HttpRequest *r, const SigV2 *sig, Str bucket, Str path, Arena *a);
