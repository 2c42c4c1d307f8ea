/* authorize.h - may a call be made: the policies of whoever makes it, gathered and decided, with --auth enforce. */
#pragma once
#include "app/access/identities.h"
#include "core/policy/policy.h"
#include "store/credentials.h"

typedef struct Call Call;

/* Who asks, as policies see them, with what decides about them. */
typedef struct Caller {
    PolicyPrincipal principal;
    Str type;     /* aws:PrincipalType */
    Str username; /* of users: aws:username */
    Str tags;     /* JSON, of the user or role: aws:PrincipalTag/.. */
    bool root;    /* the account itself: never refused */
    bool gone;    /* its user or role is there no more */
    PolicySets sets;
} Caller;

/* Of an access key's credential; NULL: the account itself. */
void caller_of(Server *s, Arena *a, Str account, const Credential *c, Caller *out);
/* A service that acts under a role. gone: there is no such role. */
void caller_of_role(Server *s, Arena *a, Str role_arn, Str session, Caller *out);

/* The decoded call, before its handler. call->in and call->route are set. Calls from inside are
 * decided when they are made under a role (call->who.role). Reads only. false: AccessDenied in the
 * service's words. */
must_use bool authorize(Call *call, Error *err);

/* An act of a service under a role that is not a call: a task that invokes a function. */
must_use bool authorize_act(Server *s, Arena *a, Str role, Str action, Str resource, Error *err);

/* Whether a role trusts a principal with an action of sts; needs, of a user or role, what its own
 * policies say, too. */
PolicyDecision authorize_trust(Server *s, Arena *a, const IamEntity *role, const Caller *who,
                               Str action, const PolicyKey *keys, int keys_n);
/* "because no identity-based policy allows the s3:GetObject action" */
Str authorize_reason(Arena *a, PolicyReason reason, Str action);
/* The documents of a user (with those of its groups), of a group or of a role. */
int authorize_documents(Server *s, Arena *a, const IamEntity *e, const PolicyDocument **out);
