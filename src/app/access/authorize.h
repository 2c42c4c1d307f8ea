/* authorize.h - may a call be made: the policies of whoever makes it, gathered and decided, with --auth enforce. */
#pragma once
#include "app/access/identities.h"
#include "core/policy/policy.h"
#include "store/credentials.h"

typedef struct Call Call;
typedef struct Identity Identity; /* call.h */

/* Who asks, as policies see them, with what decides about them. */
typedef struct Caller {
    PolicyPrincipal principal;
    Str type;        /* aws:PrincipalType */
    Str username;    /* of users: aws:username */
    Str tags;        /* JSON, of the user or role: aws:PrincipalTag/.. */
    bool root;       /* the account itself: never refused */
    bool gone;       /* its user or role is there no more */
    bool distrusted; /* the role does not trust the service that would act under it */
    PolicySets sets;
} Caller;

/* Of an access key's credential; NULL: the account itself. */
void caller_of(Server *s, Arena *a, Str account, const Credential *c, Caller *out);
/* Of a call: a service under a role, a service by itself, or who has the key. */
void caller_of_identity(Server *s, Arena *a, const Identity *who, Caller *out);
Str authorize_name(const Caller *who); /* its ARN, or the service's name */

/* The decoded call, before its handler. call->in and call->route are set. Of calls from inside
 * those are decided that are made under a name (Identity in call.h). Reads only. false:
 * AccessDenied in the service's words. */
must_use bool authorize(Call *call, Error *err);

/* An act that is not a call: a task that invokes a function, a service that writes a log. */
must_use bool authorize_act(Server *s, Arena *a, const Identity *who, Str action, Str resource,
                            Error *err);
/* ... with condition keys of its own. */
must_use bool authorize_act_with(Server *s, Arena *a, const Identity *who, Str action, Str resource,
                                 const PolicyKey *more, int more_n, Error *err);

/* The policy on a bucket (or the bucket of an object), queue, topic, function, event bus or secret:
 * 0 documents or 1; of a log group those of its account. account and region: of the call, for
 * resources that an ARN does not tell. */
int authorize_resource_policy(Server *s, Arena *a, Str arn, Str account, Str region,
                              const PolicyDocument **out);

/* Whether a role trusts a principal with an action of sts; needs, of a user or role, what its own
 * policies say, too. */
PolicyDecision authorize_trust(Server *s, Arena *a, const IamEntity *role, const Caller *who,
                               Str action, const PolicyKey *keys, int keys_n);
/* "because no identity-based policy allows the s3:GetObject action" */
Str authorize_reason(Arena *a, PolicyReason reason, Str action);
/* The documents of a user (with those of its groups), of a group or of a role. */
int authorize_documents(Server *s, Arena *a, const IamEntity *e, const PolicyDocument **out);
