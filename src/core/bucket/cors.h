/* cors.h - a bucket's rules for pages of other origins: which S3 takes, and what a page may ask for. */
#pragma once
#include "base/json.h"

/* https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html
 * `config` is {"CORSRules": [..]}; the first rule that allows a request counts. */
enum { CORS_RULES_MAX = 100, CORS_ID_CHARS_MAX = 255 };

must_use bool cors_check(const Json *config, Error *err); /* S3's errors and words */

typedef struct CorsQuestion {
    Str origin, method;
    Str headers; /* Access-Control-Request-Headers; absent outside a preflight */
} CorsQuestion;

/* NULL: none allows it. *any_origin: the rule's origin is "*" and may be told as that. */
const Json *cors_rule(const Json *config, const CorsQuestion *q, bool *any_origin);
