/* authorize.c - the decision about a call: its action and resource, the conditions it comes with, and roles it hands on. */
#include "app/access/authorize.h"

#include "app/call.h"
#include "base/time.h"
#include "core/policy/actions.h"
#include "core/policy/document.h"
#include "store/buckets.h"
#include "store/objects.h"

/* ---- what the request says of itself ---- */

typedef struct Keys {
    PolicyKey *p;
    int64_t n, cap;
    Arena *a;
} Keys;

static void put(Keys *k, Str name, Str value)
{
    if (str_absent(value)) return;
    Str *values = new_array(k->a, Str, 1);
    values[0] = value;
    *vec_push(k->a, k) = (PolicyKey){name, values, 1};
}

/* [{"Key": .., "Value": ..}], or with small letters, as one key each; and their names together. */
static void put_tags(Keys *k, const char *prefix, const Json *tags, bool names)
{
    Str *all = new_array(k->a, Str, json_count(tags) + 1);
    int n = 0;
    for (int32_t i = 0; i < json_count(tags) && json_is(tags, JSON_ARRAY); i++) {
        const Json *t = json_at(tags, i);
        Str key = json_text(json_get(t, S("Key"))), value = json_text(json_get(t, S("Value")));
        if (str_absent(key)) key = json_text(json_get(t, S("key")));
        if (str_absent(value)) value = json_text(json_get(t, S("value")));
        if (str_absent(key)) continue;
        all[n++] = key;
        put(k, str_printf(k->a, "%s/%.*s", prefix, STR(key)), value);
    }
    if (names && n) *vec_push(k->a, k) = (PolicyKey){S("aws:TagKeys"), all, n};
}

static void put_principal(Keys *k, const Caller *who)
{
    Json tags;
    Error err = {0};
    const PolicyPrincipal *p = &who->principal;
    put(k, S("aws:PrincipalArn"), str_absent(p->role_arn) ? p->arn : p->role_arn);
    put(k, S("aws:PrincipalAccount"), p->account);
    put(k, S("aws:PrincipalType"), who->type);
    put(k, S("aws:userid"), p->id);
    put(k, S("aws:username"), who->username);
    if (!str_absent(who->tags) && json_parse(who->tags, k->a, &tags, &err))
        put_tags(k, "aws:PrincipalTag", &tags, false);
}

/* Members of S3's requests that are condition keys. */
static void put_s3(Keys *k, const Json *in)
{
    static const char *const members[][2] = {
        {"Prefix", "s3:prefix"},
        {"Delimiter", "s3:delimiter"},
        {"MaxKeys", "s3:max-keys"},
        {"ACL", "s3:x-amz-acl"},
        {"VersionId", "s3:VersionId"},
        {"StorageClass", "s3:x-amz-storage-class"},
        {"ServerSideEncryption", "s3:x-amz-server-side-encryption"},
        {"SSEKMSKeyId", "s3:x-amz-server-side-encryption-aws-kms-key-id"},
        {"CopySource", "s3:x-amz-copy-source"},
    };
    for (int i = 0; i < countof(members); i++)
        put(k, str_from(members[i][1]), json_text(json_get(in, str_from(members[i][0]))));
}

static bool is_s3(const Call *call)
{
    return call->route.service->protocol == PROTOCOL_REST_XML;
}

/* Whose the resource is: the bucket's owner, or the caller's account, in which all else is. */
static Str resource_account(const Call *call)
{
    Bucket bucket;
    Error err = {0};
    Str name = json_text(json_get(&call->in, S("Bucket")));
    if (is_s3(call) && !str_absent(name) &&
        bucket_find(call->server->objects, name, call->arena, &bucket, &err))
        return bucket.account;
    return call->who.account;
}

static Keys keys_of(const Call *call, const Caller *who)
{
    Keys k = {.a = call->arena};
    const Json *tags = json_get(&call->in, S("Tags"));
    put_principal(&k, who);
    put(&k, S("aws:CurrentTime"), time_iso8601(k.a, call->now));
    put(&k, S("aws:EpochTime"), str_printf(k.a, "%" PRId64, call->now / 1000));
    put(&k, S("aws:RequestedRegion"), call->who.region);
    put(&k, S("aws:ResourceAccount"), resource_account(call));
    put(&k, S("aws:UserAgent"), http1_header(call->http, S("User-Agent")));
    put(&k, S("aws:SecureTransport"),
        call->server->config.certificate_path.n ? S("true") : S("false"));
    put(&k, S("aws:ViaAWSService"), call->inside ? S("true") : S("false"));
    put_tags(&k, "aws:RequestTag", tags ? tags : json_get(&call->in, S("tags")), true);
    put(&k, S("sts:ExternalId"), json_text(json_get(&call->in, S("ExternalId"))));
    put(&k, S("sts:RoleSessionName"), json_text(json_get(&call->in, S("RoleSessionName"))));
    if (is_s3(call)) put_s3(&k, &call->in);
    return k;
}

/* ---- the decision ---- */

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
    const char *quote = is_s3(call) ? "\"" : "";
    return error_set(err, is_s3(call) ? ERR_S3_ACCESS_DENIED : ERR_ACCESS_DENIED,
                     "User: %.*s is not authorized to perform: %.*s on resource: %s%.*s%s %.*s",
                     STR(who->principal.arn), STR(action), quote, STR(resource), quote,
                     STR(authorize_reason(call->arena, reason, action)));
}

/* A bucket's own policy speaks, too. */
static void take_bucket_policy(Call *call, Caller *who)
{
    Bucket bucket;
    Json text;
    Error err = {0};
    Server *s = call->server;
    PolicyDocument *d = new (call->arena, PolicyDocument);
    Json *json = new (call->arena, Json);
    Str name = json_text(json_get(&call->in, S("Bucket")));
    if (!is_s3(call) || str_absent(name) ||
        !bucket_find(s->objects, name, call->arena, &bucket, &err) ||
        !bucket_config(s->objects, bucket.id, S("policy"), S(""), call->arena, &text) ||
        !json_parse(json_text(&text), call->arena, json, &err))
        return;
    *d = (PolicyDocument){S("bucket policy"), json};
    who->sets.resource = d;
    who->sets.resource_n = 1;
}

static bool decide(Call *call, const Caller *who, Str action, Str resource, const Keys *keys,
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
        if (!decide(call, who, version ? S("s3:DeleteObjectVersion") : S("s3:DeleteObject"),
                    str_printf(call->arena, "arn:aws:s3:::%.*s/%.*s", STR(bucket),
                               STR(json_text(json_get(o, S("Key"))))),
                    keys, err))
            return false;
    }
    return true;
}

/* ---- roles handed on ---- */

PolicyDecision authorize_trust(Server *s, Arena *a, const IamEntity *role, const Caller *who,
                               Str action, const PolicyKey *keys, int keys_n)
{
    Json json;
    Error err = {0};
    (void)s;
    PolicyDocument trust = {S("trust policy"), &json};
    PolicySets sets = who->sets;
    PolicyRequest r = {.action = action,
                       .resource = iam_arn(a, role),
                       .principal = who->principal,
                       .keys = keys,
                       .keys_n = keys_n};
    check(json_parse(role->trust, a, &json, &err));
    sets.trust = true;
    sets.resource = &trust;
    sets.resource_n = 1;
    PolicyDecision d = policy_decide(&sets, &r, a);
    d.by = NULL; /* it was of this frame */
    d.statement = NULL;
    return d;
}

static bool find_passed(Call *call, const ActionPass *pass, Str given, IamEntity *role)
{
    Server *s = call->server;
    Str account = call->who.account;
    identities_default_roles(s, call->arena, account,
                             str_slice(given, str_rfind_char(given, '/') + 1, given.n));
    return identities_role(s, call->arena, account, given, pass->profile, role);
}

static bool no_such_role(const ActionPass *pass, Str given, Error *err)
{
    if (pass->profile)
        return error_set(err, ERR_VALIDATION, "Invalid InstanceProfile: %.*s.", STR(given));
    return error_set(err, ERR_VALIDATION, "The role %.*s does not exist.", STR(given));
}

static bool distrusted(const ActionPass *pass, const IamEntity *role, Arena *a, Error *err)
{
    if (!strcmp(pass->service, "stepfunctions"))
        return error_set(err, ERR_ACCESS_DENIED,
                         "Neither the global service principal states.amazonaws.com, nor the "
                         "regional one is authorized to assume the provided role.");
    if (!strcmp(pass->service, "lambda"))
        return error_set(err, ERR_LAMBDA_PARAMETER,
                         "The role defined for the function cannot be assumed by Lambda.");
    if (!strcmp(pass->service, "scheduler"))
        return error_set(err, ERR_VALIDATION,
                         "The execution role you provide must allow AWS EventBridge Scheduler to "
                         "assume the role.");
    return error_set(err, ERR_VALIDATION, "Role %.*s does not trust %s to assume it.",
                     STR(iam_arn(a, role)), pass->passed);
}

/* The caller may hand it on, and the service may take it. */
static bool pass_one(Call *call, const Caller *who, const ActionPass *pass, Str given,
                     const Keys *keys, Error *err)
{
    IamEntity role;
    Arena *a = call->arena;
    Keys more = {.a = a};
    Caller service = {.principal.service = str_from(pass->passed)};
    if (!find_passed(call, pass, given, &role)) return no_such_role(pass, given, err);
    for (int64_t i = 0; i < keys->n; i++) *vec_push(a, &more) = keys->p[i];
    put(&more, S("iam:PassedToService"), str_from(pass->passed));
    if (!who->root && !decide(call, who, S("iam:PassRole"), iam_arn(a, &role), &more, err))
        return false;
    return authorize_trust(call->server, a, &role, &service, S("sts:AssumeRole"), NULL, 0)
               .allowed ||
           distrusted(pass, &role, a, err);
}

static bool pass_all(Call *call, const Caller *who, const ActionPass *pass, const Keys *keys,
                     Error *err)
{
    const char *star = strstr(pass->path, ".*.");
    if (!star) {
        Str given = json_text(json_find(&call->in, pass->path));
        if (!given.n && pass->profile) given = IDENTITIES_EMR_PROFILE;
        return !given.n || pass_one(call, who, pass, given, keys, err);
    }
    const Json *list = json_get(&call->in, (Str){pass->path, star - pass->path});
    for (int32_t i = 0; i < json_count(list); i++) {
        Str given = json_text(json_get(json_at(list, i), str_from(star + 3)));
        if (given.n && !pass_one(call, who, pass, given, keys, err)) return false;
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

static bool decide_call(Call *call, const Caller *who, const ActionRequest *r, const Keys *keys,
                        Error *err)
{
    Arena *a = call->arena;
    Str action = action_name(a, r), resource = action_resource(a, r), second, on;
    if (who->root || needs_nothing(r)) return true;
    if (str_eq(r->operation, S("DeleteObjects"))) return decide_objects(call, who, keys, err);
    if (!decide(call, who, action, resource, keys, err)) return false;
    return !action_second(a, r, &second, &on) || decide(call, who, second, on, keys, err);
}

static bool decide_all(Call *call, const Caller *who, Error *err)
{
    const Service *service = call->route.service;
    const ActionPass *passes[ACTION_PASSES_MAX];
    Keys keys = keys_of(call, who);
    ActionRequest r = {.service = model_text(service, service->name),
                       .signing = model_text(service, service->signing_name),
                       .operation = model_operation_name(call->route.operation),
                       .in = &call->in,
                       .account = call->who.account,
                       .region = call->who.region};
    if (!decide_call(call, who, &r, &keys, err)) return false;
    int n = action_passes(&r, passes);
    for (int i = 0; i < n; i++)
        if (!pass_all(call, who, passes[i], &keys, err)) return false;
    return true;
}

bool authorize(Call *call, Error *err)
{
    Caller who;
    Server *s = call->server;
    if (!s->config.enforce_auth) return true;
    if (!str_absent(call->who.role))
        caller_of_role(s, call->arena, call->who.role, S("mayfly"), &who);
    else if (call->inside && !call->who.credential)
        return true;
    else
        caller_of(s, call->arena, call->who.account, call->who.credential, &who);
    if (who.gone)
        return error_set(err, is_s3(call) ? ERR_S3_ACCESS_DENIED : ERR_ACCESS_DENIED,
                         "The user or role %.*s does not exist.", STR(who.principal.arn));
    take_bucket_policy(call, &who);
    return decide_all(call, &who, err);
}

bool authorize_act(Server *s, Arena *a, Str role, Str action, Str resource, Error *err)
{
    Caller who;
    if (!s->config.enforce_auth || str_absent(role)) return true;
    caller_of_role(s, a, role, S("mayfly"), &who);
    PolicyRequest r = {.action = action, .resource = resource, .principal = who.principal};
    PolicyReason reason =
        who.gone ? POLICY_MISSING_IDENTITY : policy_decide(&who.sets, &r, a).reason;
    if (reason == POLICY_ALLOWED) return true;
    return error_set(err, ERR_ACCESS_DENIED,
                     "User: %.*s is not authorized to perform: %.*s on resource: %.*s %.*s",
                     STR(who.principal.arn), STR(action), STR(resource),
                     STR(authorize_reason(a, reason, action)));
}
