/* s3_bucket_shape.h - properties of AWS::S3::Bucket in the shapes of S3's own requests; pure. */
#pragma once
#include "base/json.h"

/* Templates name some members otherwise (CorsRules, ServerSideEncryptionByDefault) and fold what
 * the API has in structures (ExpirationInDays). `property` is the name of the template's. Members
 * that are the same in both stay as they are, known or not: the API's model is asked later. */
Json s3_bucket_shape(Str property, const Json *given, Arena *a);
/* What S3 tells of a configuration, as templates have it. */
Json s3_bucket_unshape(Str property, const Json *actual, Arena *a);
/* A member's name in S3's requests; back: in templates. */
Str s3_bucket_name(Str property, Str name, bool back);
