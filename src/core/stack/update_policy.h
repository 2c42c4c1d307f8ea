/* update_policy.h - stack policies: which resources of a stack an update may modify, replace or delete. */
#pragma once
#include "base/json.h"

/* "Prevent updates to stack resources" in the CloudFormation User Guide:
 *
 *     {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "Update:*", "Resource": "*"},
 *                    {"Effect": "Deny", "Principal": "*", "Action": "Update:Replace",
 *                     "Resource": "LogicalResourceId/Database",
 *                     "Condition": {"StringEquals": {"ResourceType": ["AWS::S3::Bucket"]}}}]}
 *
 * NotAction, NotResource, StringLike; * in resources and types. What a policy does not allow is
 * denied, and a Deny goes before every Allow. */

enum { UPDATE_POLICY_BYTES_MAX = 16384, UPDATE_POLICY_DURING_BYTES_MAX = 1350 };

typedef enum UpdateAction { UPDATE_MODIFY, UPDATE_REPLACE, UPDATE_DELETE } UpdateAction;

/* ERR_VALIDATION: "Error validating stack policy: Invalid stack policy". */
must_use bool update_policy_check(Str text, Arena *a, Json *out, Error *err);
/* In the words of the resource's event; absent: it is allowed. */
Str update_policy_denies(const Json *policy, UpdateAction action, Str logical, Str type, Arena *a);
