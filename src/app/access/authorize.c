/* authorize.c - the decision about a call: its action and resource, by the policies of who asks and of what is asked for. */
#include "app/access/authorize.h"

#include "app/access/authorize_inside.h"
#include "core/policy/document.h"
#include "store/secrets.h"

Str authorize_reason(Arena *a, PolicyReason reason, Str action)
{
    static const char *const denied[] = {
        [POLICY_DENIED_IDENTITY] = "an identity-based policy",
        [POLICY_DENIED_BOUNDARY] = "a permissions boundary",
        [POLICY_DENIED_SESSION] = "a session policy",
        [POLICY_DENIED_RESOURCE] = "a resource-based policy",
        [POLICY_MISSING_IDENTITY] = "identity-based policy",
        [POLICY_MISSING_BOUNDARY] = "permissions boundary",
        [POLICY_MISSING_SESSION] = "session policy",
        [POLICY_MISSING_RESOURCE] = "resource-based policy",
    };
    check(reason != POLICY_ALLOWED);
    if (reason <= POLICY_DENIED_RESOURCE)
        return str_printf(a, "with an explicit deny in %s", denied[reason]);
    return str_printf(a, "because no %s allows the %.*s action", denied[reason], STR(action));
}

static bool refused(Call *call, const Caller *who, Str action, Str resource, PolicyReason reason,
                    Error *err)
{
    const char *quote = authorize_is_s3(call) ? "\"" : "";
    return error_set(err, authorize_is_s3(call) ? ERR_S3_ACCESS_DENIED : ERR_ACCESS_DENIED,
                     "User: %.*s is not authorized to perform: %.*s on resource: %s%.*s%s %.*s",
                     STR(authorize_name(who)), STR(action), quote, STR(resource), quote,
                     STR(authorize_reason(call->arena, reason, action)));
}

bool authorize_one(Call *call, const Caller *who, Str action, Str resource, const Keys *keys,
                   Error *err)
{
    PolicyRequest r = {.action = action,
                       .resource = resource,
                       .principal = who->principal,
                       .keys = keys->p,
                       .keys_n = (int)keys->n};
    PolicyDecision d = policy_decide(&who->sets, &r, call->arena);
    call->decided_by = d.by ? d.by->name : (Str){0};
    call->decided_sid = json_text(json_get(d.statement, S("Sid")));
    return d.allowed || refused(call, who, action, resource, d.reason, err);
}

/* Each object of a list is a resource of its own. */
static bool decide_objects(Call *call, const Caller *who, const Keys *keys, Error *err)
{
    Str bucket = json_text(json_get(&call->in, S("Bucket")));
    const Json *list = json_find(&call->in, "Delete.Objects");
    for (int32_t i = 0; i < json_count(list); i++) {
        const Json *o = json_at(list, i);
        bool version = json_text(json_get(o, S("VersionId"))).n > 0;
        if (!authorize_one(call, who, version ? S("s3:DeleteObjectVersion") : S("s3:DeleteObject"),
                           str_printf(call->arena, "arn:aws:s3:::%.*s/%.*s", STR(bucket),
                                      STR(json_text(json_get(o, S("Key"))))),
                           keys, err))
            return false;
    }
    return true;
}

/* ---- a call ---- */

static bool needs_nothing(const ActionRequest *r)
{
    static const char *const open[] = {"GetCallerIdentity", "GetSessionToken", "AssumeRole",
                                       "AssumeRoleWithWebIdentity", "AssumeRoleWithSAML"};
    for (int i = 0; i < countof(open) && str_eq(r->service, S("sts")); i++)
        if (str_eq(r->operation, str_from(open[i]))) return true;
    return false; /* AssumeRole decides itself: the role's trust counts, too */
}

static bool decide_call(Call *call, const Caller *who, const ActionRequest *r, Str resource,
                        const Keys *keys, Error *err)
{
    Arena *a = call->arena;
    Str action = action_name(a, r), second, on;
    if (who->root || needs_nothing(r)) return true;
    if (str_eq(r->operation, S("DeleteObjects"))) return decide_objects(call, who, keys, err);
    if (!authorize_one(call, who, action, resource, keys, err)) return false;
    if (!action_second(a, r, &second, &on)) return true;
    Caller of_second = *who;
    of_second.sets.resource_n = authorize_resource_policy(call->server, a, on, r->account,
                                                          r->region, &of_second.sets.resource);
    return authorize_one(call, &of_second, second, on, keys, err);
}

/* Of a secret named by its name: with the six letters that its ARN ends in. */
static Str whole_arn(Call *call, Str arn)
{
    SecretRow row;
    Str unknown = S("-000000");
    int64_t name = str_find(arn, S(":secret:"));
    if (!str_starts(arn, S("arn:aws:secretsmanager:")) || name < 0 || !str_ends(arn, unknown) ||
        !secret_row_find(call->server->db, call->who.account, call->who.region,
                         str_slice(arn, name + S(":secret:").n, arn.n - unknown.n), call->arena,
                         &row))
        return arn;
    return str_printf(call->arena, "%.*s-%.*s", STR(str_slice(arn, 0, arn.n - unknown.n)),
                      STR(row.suffix));
}

static bool decide_all(Call *call, Caller *who, Error *err)
{
    const Service *service = call->route.service;
    Arena *a = call->arena;
    Keys keys = authorize_keys(call, who);
    ActionRequest r = {.service = model_text(service, service->name),
                       .signing = model_text(service, service->signing_name),
                       .operation = model_operation_name(call->route.operation),
                       .in = &call->in,
                       .account = call->who.account,
                       .region = call->who.region};
    Str resource = whole_arn(call, action_resource(a, &r));
    who->sets.resource_n = authorize_resource_policy(call->server, a, resource, call->who.account,
                                                     call->who.region, &who->sets.resource);
    return decide_call(call, who, &r, resource, &keys, err) &&
           authorize_passes(call, who, &r, &keys, err);
}

static bool nobody(const Call *call, const Caller *who, Error *err)
{
    ErrorCode code = authorize_is_s3(call) ? ERR_S3_ACCESS_DENIED : ERR_ACCESS_DENIED;
    if (who->distrusted)
        return error_set(err, code, "%.*s is not authorized to assume the role %.*s.",
                         STR(call->who.service), STR(call->who.role));
    return error_set(err, code, "The user or role %.*s does not exist.", STR(authorize_name(who)));
}

static bool needs_no_key(const Call *call)
{
    Str operation = model_operation_name(call->route.operation);
    return str_eq(model_text(call->route.service, call->route.service->name), S("sts")) &&
           (str_eq(operation, S("AssumeRoleWithWebIdentity")) ||
            str_eq(operation, S("AssumeRoleWithSAML")));
}

bool authorize(Call *call, Error *err)
{
    Caller who;
    Server *s = call->server;
    const Identity *id = &call->who;
    if (!s->config.enforce_auth) return true;
    if (id->anonymous) return needs_no_key(call) || sigv4_missing(call->auth.dialect, err);
    if (call->inside && !id->credential && str_absent(id->role) && str_absent(id->service))
        return true;
    caller_of_identity(s, call->arena, id, &who);
    return who.gone || who.distrusted ? nobody(call, &who, err) : decide_all(call, &who, err);
}

bool authorize_act(Server *s, Arena *a, const Identity *id, Str action, Str resource, Error *err)
{
    return authorize_act_with(s, a, id, action, resource, NULL, 0, err);
}

bool authorize_act_with(Server *s, Arena *a, const Identity *id, Str action, Str resource,
                        const PolicyKey *more, int more_n, Error *err)
{
    Caller who;
    Keys keys = {.a = a};
    if (!s->config.enforce_auth) return true;
    if (!id->credential && str_absent(id->role) && str_absent(id->service)) return true;
    caller_of_identity(s, a, id, &who);
    if (who.root) return true;
    authorize_put_caller(&keys, s, id, &who);
    for (int i = 0; i < more_n; i++) *vec_push(a, &keys) = more[i];
    who.sets.resource_n =
        authorize_resource_policy(s, a, resource, id->account, id->region, &who.sets.resource);
    PolicyRequest r = {.action = action,
                       .resource = resource,
                       .principal = who.principal,
                       .keys = keys.p,
                       .keys_n = (int)keys.n};
    PolicyReason reason = who.gone || who.distrusted ? POLICY_MISSING_IDENTITY
                                                     : policy_decide(&who.sets, &r, a).reason;
    if (reason == POLICY_ALLOWED) return true;
    return error_set(err, ERR_ACCESS_DENIED,
                     "User: %.*s is not authorized to perform: %.*s on resource: %.*s %.*s",
                     STR(authorize_name(&who)), STR(action), STR(resource),
                     STR(authorize_reason(a, reason, action)));
}
