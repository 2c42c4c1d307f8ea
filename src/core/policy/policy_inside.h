/* policy_inside.h - shared by the files of the evaluator: variables, conditions, statements. */
#pragma once
#include "core/policy/document.h"
#include "core/policy/policy.h"

typedef struct PolicyContext {
    const PolicyRequest *r;
    Arena *a;
    bool variables; /* Version 2012-10-17: ${..} are read */
} PolicyContext;

/* NULL: the request has no such value. */
const PolicyKey *policy_key(const PolicyRequest *r, Str name);

/* A pattern with its variables filled in: for glob_matches with GLOB_MARKED when wild, else plain.
 * false: a variable has no value, and no default. */
must_use bool policy_expand(const PolicyContext *c, Str text, bool wild, Str *out);

bool policy_conditions_hold(const PolicyContext *c, const Json *statement);

/* How near a statement comes to the principal: that decides what else it needs. */
typedef enum PolicyNearness {
    POLICY_NOBODY,
    POLICY_BY_ACCOUNT, /* the account as a whole: its identity policies decide */
    POLICY_BY_ROLE,    /* the role of a session: boundary and session policies count */
    POLICY_BY_NAME,    /* just this user, session or service, or everybody */
} PolicyNearness;
PolicyNearness policy_principal(const PolicyContext *c, const Json *statement);
/* Action, resource and conditions; resources count only where the statement has them. */
bool policy_statement_applies(const PolicyContext *c, const Json *statement);
