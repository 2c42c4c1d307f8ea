/* actions.h - what a request is called in policies: its action, the ARN of its resource, its condition keys. */
#pragma once
#include "base/json.h"

/* After the Service Authorization Reference
 * (https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html). */
typedef struct ActionRequest {
    Str service;   /* the model's name: "emr", "stepfunctions" */
    Str signing;   /* "elasticmapreduce", "states" */
    Str operation; /* "RunJobFlow" */
    const Json *in;
    Str account, region;
} ActionRequest;

/* "elasticmapreduce:RunJobFlow", "s3:GetObject" for HeadObject. */
Str action_name(Arena *a, const ActionRequest *r);
/* "*" when the action is not on a resource, or on one that is not named. */
Str action_resource(Arena *a, const ActionRequest *r);
/* A request that is two in policies (CopyObject reads its source): the second; false: it is one. */
must_use bool action_second(Arena *a, const ActionRequest *r, Str *action, Str *resource);

/* A role that the request hands to a service: for which the caller needs iam:PassRole, and which
 * has to trust the service. */
typedef struct ActionPass {
    const char *service, *operation;
    const char *path;   /* of the role in the input; "*" goes through a list */
    const char *passed; /* "states.amazonaws.com" */
    bool profile;       /* it is the name of an instance profile */
} ActionPass;
enum { ACTION_PASSES_MAX = 4 };
/* How many of a request's roles there may be; at most ACTION_PASSES_MAX. */
int action_passes(const ActionRequest *r, const ActionPass *out[ACTION_PASSES_MAX]);
