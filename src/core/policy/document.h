/* document.h - policy documents as IAM takes them: the grammar of identity policies and of trust policies. */
#pragma once
#include "base/json.h"

/* https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html */
typedef enum PolicyUse {
    POLICY_IDENTITY, /* who it speaks of is whom it is attached to: no Principal */
    POLICY_TRUST,    /* who may assume a role: Principal, no Resource, actions of sts */
} PolicyUse;

/* ERR_IAM_MALFORMED_POLICY in IAM's words. *out: the parsed document. */
must_use bool policy_check(Str text, PolicyUse use, Arena *a, Json *out, Error *err);

/* Elements may be one value or a list of values. */
int32_t policy_count(const Json *v);
const Json *policy_at(const Json *v, int32_t i);
/* Bytes that count against a size quota: all but white space. */
int64_t policy_size(Str text);
/* What a condition operator is without ForAllValues: and IfExists. */
Str policy_operator(Str name);
bool policy_operator_known(Str base);
