/* post_policy.h - the policy that a form for a browser's POST upload carries: which fields it may have, until when. */
#pragma once
#include "base/json.h"

/* https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html */
typedef struct PostField {
    Str name, value; /* also "bucket", which is no field of the form */
} PostField;

/* text: the document, no longer in Base64. ERR_S3_INVALID_POLICY_DOCUMENT, ERR_S3_ACCESS_DENIED
 * (a condition does not hold, a field without a condition, expired), ERR_S3_ENTITY_TOO_LARGE,
 * ERR_S3_ENTITY_TOO_SMALL. */
must_use bool post_policy_check(Str text, const PostField *fields, int n, int64_t size, Millis now,
                                Arena *a, Error *err);
