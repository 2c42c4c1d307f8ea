/* authorize_inside.h - what the files of the decision share: condition keys under way, one question, its refusal. */
#pragma once
#include "app/access/authorize.h"
#include "app/call.h"
#include "core/policy/actions.h"

typedef struct Keys {
    PolicyKey *p;
    int64_t n, cap;
    Arena *a;
} Keys;

void authorize_put(Keys *k, Str name, Str value); /* absent: nothing is put */
/* What is known of who asks, without the request. */
void authorize_put_caller(Keys *k, const Server *s, const Identity *who, const Caller *caller);
/* ... and with it. */
Keys authorize_keys(const Call *call, const Caller *caller);

bool authorize_is_s3(const Call *call);
must_use bool authorize_one(Call *call, const Caller *who, Str action, Str resource,
                            const Keys *keys, Error *err);
/* authorize_pass.c: the roles that the request hands to services. */
must_use bool authorize_passes(Call *call, const Caller *who, const ActionRequest *r,
                               const Keys *keys, Error *err);
