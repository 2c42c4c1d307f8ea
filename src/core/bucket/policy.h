/* policy.h - bucket policies as S3 takes them: what a document must say, and whether it opens a bucket to the public. */
#pragma once
#include "base/json.h"

/* The document is checked when it is put; whether a request is allowed is decided elsewhere.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html */
enum { BUCKET_POLICY_BYTES_MAX = 20 * 1024 };

/* ERR_S3_MALFORMED_POLICY in S3's words. *out: the parsed document. */
must_use bool bucket_policy_check(Str text, Str bucket, Arena *a, Json *out, Error *err);
/* Some statement allows everybody something, and no condition names whom.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html */
bool bucket_policy_is_public(const Json *policy);
