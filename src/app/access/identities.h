/* identities.h - what IAM knows, put together: the policy of an ARN, the documents of a user or role. */
#pragma once
#include "app/server.h"
#include "store/iam.h"

/* A customer's policy or one that AWS manages (core/policy/managed.h); of the latter account is
 * "aws". */
must_use bool identities_policy(Server *s, Arena *a, Str arn, IamEntity *out);
/* RunJobFlow without a JobFlowRole means this one (its API reference). */
#define IDENTITIES_EMR_PROFILE S("EMR_EC2_DefaultRole")

/* The roles that EMR's console and `aws emr create-default-roles` make, when a request names one
 * that is not there: role, instance profile and AWS's policies. Another name: nothing. */
void identities_default_roles(Server *s, Arena *a, Str account, Str name);
/* Of a role's ARN or name, or the role in an instance profile; false: there is none. */
must_use bool identities_role(Server *s, Arena *a, Str account, Str given, bool profile,
                              IamEntity *out);
/* Version 0: the default one. Absent: no such version. */
Str identities_document(Server *s, Arena *a, const IamEntity *policy, int64_t version);
