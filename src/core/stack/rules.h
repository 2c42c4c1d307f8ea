/* rules.h - the Rules section: assertions about parameters that hold before anything is made or changed. */
#pragma once
#include "core/stack/intrinsic.h"

/* User Guide, "Rules section" and "Rule-specific intrinsic functions": a rule's assertions are
 * judged where its RuleCondition is true or absent. They name parameters and pseudo parameters, no
 * resources. Errors are ERR_VALIDATION; of an assertion that fails, its AssertDescription. */

/* What the account has of a kind of parameter ("AWS::EC2::VPC::Id"), and an attribute of one of
 * them ("DefaultSecurityGroup", "Tags.Team"). NULL: nothing can be told, which is an error of the
 * function that asks. */
typedef struct StackFacts {
    bool (*all)(void *state, Str type, StrVec *out, Error *err);
    bool (*attribute)(void *state, Str type, Str value, Str attribute, Str *out, Error *err);
    void *state;
} StackFacts;

enum { RULES_MAX = 200, RULE_ASSERTIONS_MAX = 100 };

/* The section's form; for ValidateTemplate, too. */
must_use bool rules_check(const Template *t, Arena *a, Error *err);
/* Every assertion that applies holds. `s` needs parameters, pseudo and t; facts may be NULL. */
must_use bool rules_hold(const StackScope *s, const StackFacts *facts, Error *err);
