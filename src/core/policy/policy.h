/* policy.h - IAM's decision: may this principal do this action on this resource, by these policies; pure. */
#pragma once
#include "base/json.h"

/* https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 *
 *     PolicyRequest r = {.action = S("s3:GetObject"), .resource = S("arn:aws:s3:::lake/a.csv"),
 *                        .principal = {.arn = .., .account = ..}, .keys = keys, .keys_n = n};
 *     PolicySets sets = {.identity = &documents, .identity_n = 1};
 *     if (policy_decide(&sets, &r, arena).allowed) ...
 *
 * A deny anywhere decides. Otherwise an identity policy must allow, and the boundary, where there
 * is one, and the session policies, where there are any; or the resource's own policy names the
 * principal. Order of documents and statements never matters. Time: statements times their
 * patterns times the texts they are matched with. */

/* A value of the request's context. Names are compared without regard to case. */
typedef struct PolicyKey {
    Str name; /* "aws:SourceIp" */
    const Str *values;
    int n;
} PolicyKey;

typedef struct PolicyPrincipal {
    Str arn;      /* arn:aws:sts::1:assumed-role/R/session; of a user; of the root */
    Str role_arn; /* of a session: arn:aws:iam::1:role/path/R; else absent */
    Str account;
    Str service; /* "states.amazonaws.com" asks itself: nothing else is set */
    Str id;      /* "AIDA..", "AROA..:session" */
} PolicyPrincipal;

typedef struct PolicyRequest {
    Str action, resource;
    PolicyPrincipal principal;
    const PolicyKey *keys;
    int keys_n;
} PolicyRequest;

typedef struct PolicyDocument {
    Str name; /* for whoever is told which decided */
    const Json *json;
} PolicyDocument;

typedef struct PolicySets {
    const PolicyDocument *identity, *boundary, *session, *resource;
    int identity_n, boundary_n, session_n, resource_n;
    bool bounded;  /* there is a boundary: it has to allow */
    bool narrowed; /* there are session policies: they have to allow */
    bool trust;    /* assuming a role: its resource policy has to allow */
} PolicySets;

typedef enum PolicyReason {
    POLICY_ALLOWED,
    POLICY_DENIED_IDENTITY, /* an explicit deny, by kind */
    POLICY_DENIED_BOUNDARY,
    POLICY_DENIED_SESSION,
    POLICY_DENIED_RESOURCE,
    POLICY_MISSING_IDENTITY, /* nobody allows it: what was missing */
    POLICY_MISSING_BOUNDARY,
    POLICY_MISSING_SESSION,
    POLICY_MISSING_RESOURCE,
} PolicyReason;

typedef struct PolicyDecision {
    bool allowed;
    PolicyReason reason;
    const PolicyDocument *by; /* the document that decided; NULL: none */
    const Json *statement;    /* its statement */
} PolicyDecision;

PolicyDecision policy_decide(const PolicySets *sets, const PolicyRequest *r, Arena *a);

/* The statements that apply to the request and have this effect, in the order of the documents. */
typedef struct PolicyMatch {
    int document;
    int32_t statement; /* from 0 */
} PolicyMatch;
int64_t policy_matches(const PolicyDocument *d, int n, const PolicyRequest *r, bool resource,
                       bool deny, Arena *a, PolicyMatch **out);

/* Whether an action fits a pattern ("s3:Get*"), without regard to case. */
bool policy_action_matches(Arena *a, Str pattern, Str action);
