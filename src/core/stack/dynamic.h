/* dynamic.h - dynamic references in a template's values: {{resolve:ssm:name}} and the like, found and replaced. */
#pragma once
#include "base/json.h"

/* User Guide, "Use dynamic references to specify template values":
 *     {{resolve:ssm:name}}  {{resolve:ssm:name:version}}  the same of ssm-secure
 *     {{resolve:secretsmanager:id-or-arn:SecretString:json-key:version-stage:version-id}}
 * They stand within texts, also within texts that functions made, so values are resolved
 * (intrinsic_resolve) first. What comes of one is not read again. */

enum { DYNAMIC_REFERENCES_MAX = 60 }; /* in a template */

typedef enum DynamicService { DYNAMIC_SSM, DYNAMIC_SSM_SECURE, DYNAMIC_SECRET } DynamicService;

typedef struct DynamicReference {
    DynamicService service;
    Str whole;           /* with its braces, for errors */
    Str name;            /* of the parameter; name or ARN of the secret */
    Str version;         /* "": the latest; of a secret its version id */
    Str json_key, stage; /* of a secret; "": all of it, AWSCURRENT */
} DynamicReference;

typedef bool DynamicFn(void *state, const DynamicReference *r, Str *out, Error *err);

/* `value` with every reference replaced. ERR_VALIDATION: one is not well formed, or there are more
 * than DYNAMIC_REFERENCES_MAX; `resolve`'s own errors are passed on. *left counts down over the
 * values of one operation; it begins with DYNAMIC_REFERENCES_MAX. */
must_use bool dynamic_resolve(const Json *value, DynamicFn *resolve, void *state, int *left,
                              Arena *a, Json *out, Error *err);
bool dynamic_present(const Json *value);
