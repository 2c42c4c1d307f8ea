/* managed.h - the policies that AWS manages, those that data pipelines name: a table. */
#pragma once
#include "base/str.h"

/* Written from what AWS documents each to be for
 * (https://docs.aws.amazon.com/aws-managed-policy/latest/reference/). */
typedef struct ManagedPolicy {
    const char *path, *name; /* "/service-role/", "AWSLambdaBasicExecutionRole" */
    int version;             /* "v2": 2 */
    const char *description, *document;
} ManagedPolicy;

/* arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole; NULL: none such. */
const ManagedPolicy *managed_policy(Str arn);
const ManagedPolicy *managed_policy_at(int i); /* by name; NULL: no more */
