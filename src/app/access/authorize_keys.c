/* authorize_keys.c - the condition keys of a request: who asks, by which way, and what the request says of itself. */
#include "app/access/authorize_inside.h"
#include "base/time.h"
#include "store/buckets.h"
#include "store/objects.h"

void authorize_put(Keys *k, Str name, Str value)
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
        authorize_put(k, str_printf(k->a, "%s/%.*s", prefix, STR(key)), value);
    }
    if (names && n) *vec_push(k->a, k) = (PolicyKey){S("aws:TagKeys"), all, n};
}

static void put_principal(Keys *k, const Caller *who)
{
    Json tags;
    Error err = {0};
    const PolicyPrincipal *p = &who->principal;
    authorize_put(k, S("aws:PrincipalArn"), str_absent(p->role_arn) ? p->arn : p->role_arn);
    authorize_put(k, S("aws:PrincipalAccount"), p->account);
    authorize_put(k, S("aws:PrincipalType"), who->type);
    authorize_put(k, S("aws:userid"), p->id);
    authorize_put(k, S("aws:username"), who->username);
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
        authorize_put(k, str_from(members[i][1]), json_text(json_get(in, str_from(members[i][0]))));
}

bool authorize_is_s3(const Call *call)
{
    return call->route.service->protocol == PROTOCOL_REST_XML;
}

/* Whose the resource is: the bucket's owner, or the caller's account, in which all else is. */
static Str resource_account(const Call *call)
{
    Bucket bucket;
    Error err = {0};
    Str name = json_text(json_get(&call->in, S("Bucket")));
    if (authorize_is_s3(call) && !str_absent(name) &&
        bucket_find(call->server->objects, name, call->arena, &bucket, &err))
        return bucket.account;
    return call->who.account;
}

/* A service that acts for somebody tells for what; who uses one to ask another is told of, too
 * ("Forward access sessions" in the IAM User Guide). */
void authorize_put_caller(Keys *k, const Server *s, const Identity *who, const Caller *caller)
{
    bool service = !str_absent(caller->principal.service);
    put_principal(k, caller);
    authorize_put(k, S("aws:CurrentTime"), time_iso8601(k->a, s->now));
    authorize_put(k, S("aws:EpochTime"), str_printf(k->a, "%" PRId64, s->now / 1000));
    authorize_put(k, S("aws:SecureTransport"),
                  s->config.certificate_path.n ? S("true") : S("false"));
    authorize_put(k, S("aws:PrincipalIsAWSService"), service ? S("true") : S("false"));
    authorize_put(k, S("aws:PrincipalServiceName"), caller->principal.service);
    authorize_put(k, S("aws:ViaAWSService"), str_absent(who->via) ? S("false") : S("true"));
    authorize_put(k, S("aws:CalledVia"), who->via);
    authorize_put(k, S("aws:CalledViaFirst"), who->via);
    authorize_put(k, S("aws:CalledViaLast"), who->via);
    authorize_put(k, S("aws:RequestedRegion"), who->region);
    if (!service) return;
    authorize_put(k, S("aws:SourceArn"), who->source_arn);
    authorize_put(k, S("aws:SourceAccount"), who->account);
    /* The default policy of topics goes by this older key. */
    if (str_eq(who->service, S("cloudwatch.amazonaws.com")))
        authorize_put(k, S("aws:SourceOwner"), who->account);
}

Keys authorize_keys(const Call *call, const Caller *caller)
{
    Keys k = {.a = call->arena};
    const Json *tags = json_get(&call->in, S("Tags"));
    authorize_put_caller(&k, call->server, &call->who, caller);
    authorize_put(&k, S("aws:ResourceAccount"), resource_account(call));
    authorize_put(&k, S("aws:UserAgent"), http1_header(call->http, S("User-Agent")));
    put_tags(&k, "aws:RequestTag", tags ? tags : json_get(&call->in, S("tags")), true);
    authorize_put(&k, S("sts:ExternalId"), json_text(json_get(&call->in, S("ExternalId"))));
    authorize_put(&k, S("sts:RoleSessionName"),
                  json_text(json_get(&call->in, S("RoleSessionName"))));
    authorize_put(&k, S("elasticmapreduce:ExecutionRoleArn"),
                  json_text(json_get(&call->in, S("ExecutionRoleArn"))));
    if (authorize_is_s3(call)) put_s3(&k, &call->in);
    return k;
}
