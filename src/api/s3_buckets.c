/* s3_buckets.c - making, finding, listing and deleting buckets; their place, versioning and access lists. */
#include "api/s3.h"
#include "base/encode.h"

/* ---- making ---- */

static bool region_ok(Str region)
{
    int64_t dashes = 0;
    for (int64_t i = 0; i < region.n; i++) dashes += region.p[i] == '-';
    return str_eq(region, S("EU")) || (region.n >= 8 && region.n <= 32 && dashes >= 2);
}

/* us-east-1 is said by saying nothing; every other region must be said, and be the one that is
 * asked. */
static bool choose_region(Call *c, Str *region, Error *err)
{
    Str wanted = json_text(json_find(&c->in, "CreateBucketConfiguration.LocationConstraint")),
        here = c->who.region;
    if (wanted.n && !region_ok(wanted))
        return error_set(err, ERR_S3_INVALID_LOCATION,
                         "The specified location-constraint is not valid");
    if (!wanted.n && !str_eq(here, S("us-east-1")))
        return error_set(err, ERR_S3_LOCATION_CONSTRAINT,
                         "The unspecified location constraint is incompatible for the region"
                         " specific endpoint this request was sent to.");
    if (wanted.n && str_eq(wanted, S("us-east-1")))
        return error_set(err, ERR_S3_INVALID_LOCATION,
                         "The specified location-constraint is not valid");
    if (wanted.n && !str_eq(here, S("us-east-1")) && !str_eq(wanted, here) &&
        !str_eq(wanted, S("EU")))
        return error_set(err, ERR_S3_LOCATION_CONSTRAINT,
                         "The %.*s location constraint is incompatible for the region specific"
                         " endpoint this request was sent to.",
                         STR(wanted));
    *region = wanted.n ? wanted : S("us-east-1");
    return true;
}

static bool create_bucket(Call *c, Error *err)
{
    Bucket b = {.name = s3_text(c, S("Bucket")), .account = c->who.account, .created = c->now};
    const Json *tags = json_find(&c->in, "CreateBucketConfiguration.Tags");
    Objects *o = c->server->objects;
    if (json_true(json_get(&c->in, S("ObjectLockEnabledForBucket"))))
        return s3_not_implemented(err, "object lock");
    if (!bucket_name_ok(b.name))
        return error_set(err, ERR_S3_INVALID_BUCKET_NAME, "The specified bucket is not valid.");
    if (!choose_region(c, &b.region, err) || !s3_check_tags(tags, S3_BUCKET_TAGS_MAX, err))
        return false;
    if (!bucket_create(o, &b, err)) {
        /* Only us-east-1 forgives a second creation by the owner. */
        return err->code == ERR_S3_BUCKET_OWNED && str_eq(c->who.region, S("us-east-1")) &&
               str_eq(b.region, S("us-east-1"));
    }
    if (!bucket_find(o, b.name, c->arena, &b, err)) return false;
    if (json_count(tags)) bucket_set_config(o, b.id, S("tagging"), S(""), tags);
    return true;
}

CallResult s3_create_bucket(Call *c, Error *err)
{
    if (!create_bucket(c, err)) return s3_end(c, false, err);
    Str name = s3_text(c, S("Bucket"));
    JsonObject o = {.a = c->arena};
    json_put(&o, S("Location"), json_string(str_printf(c->arena, "/%.*s", STR(name))));
    json_put(&o, S("BucketArn"), json_string(str_printf(c->arena, "arn:aws:s3:::%.*s", STR(name))));
    c->out = json_object(&o);
    return CALL_DONE;
}

CallResult s3_delete_bucket(Call *c, Error *err)
{
    Bucket b;
    return s3_end(c, s3_bucket(c, &b, err) && bucket_delete(c->server->objects, b.name, err), err);
}

/* ---- finding ---- */

CallResult s3_head_bucket(Call *c, Error *err)
{
    Bucket b;
    JsonObject o = {.a = c->arena};
    if (!s3_bucket(c, &b, err)) return s3_end(c, false, err);
    json_put(&o, S("BucketArn"),
             json_string(str_printf(c->arena, "arn:aws:s3:::%.*s", STR(b.name))));
    json_put(&o, S("BucketRegion"), json_string(b.region));
    json_put(&o, S("AccessPointAlias"), json_bool(false));
    c->out = json_object(&o);
    return CALL_DONE;
}

CallResult s3_get_bucket_location(Call *c, Error *err)
{
    Bucket b;
    JsonObject o = {.a = c->arena};
    if (!s3_bucket(c, &b, err)) return s3_end(c, false, err);
    if (!str_eq(b.region, S("us-east-1")))
        json_put(&o, S("LocationConstraint"), json_string(b.region));
    c->out = json_object(&o);
    return CALL_DONE;
}

static Json bucket_entry(const Call *c, const Bucket *b)
{
    JsonObject o = {.a = c->arena};
    json_put(&o, S("Name"), json_string(b->name));
    json_put(&o, S("CreationDate"), s3_seconds(c, b->created));
    json_put(&o, S("BucketRegion"), json_string(b->region));
    json_put(&o, S("BucketArn"),
             json_string(str_printf(c->arena, "arn:aws:s3:::%.*s", STR(b->name))));
    return json_object(&o);
}

CallResult s3_list_buckets(Call *c, Error *err)
{
    Str token = s3_text(c, S("ContinuationToken")), after = {0}, prefix = s3_text(c, S("Prefix"));
    JsonObject out = {.a = c->arena};
    JsonArray entries = {.a = c->arena};
    if (token.n && !base64_decode(c->arena, token, &after))
        return error_set(err, ERR_S3_INVALID_ARGUMENT,
                         "The continuation token provided is incorrect"),
               CALL_FAILED;
    BucketList list =
        bucket_list(c->server->objects, c->who.account, prefix, s3_text(c, S("BucketRegion")),
                    after, s3_int(c, S("MaxBuckets"), BUCKETS_MAX), c->arena);
    for (int64_t i = 0; i < list.n; i++) json_add(&entries, bucket_entry(c, &list.p[i]));
    json_put(&out, S("Owner"), s3_owner(c));
    json_put(&out, S("Buckets"), json_array(&entries));
    if (list.truncated && list.n)
        json_put(&out, S("ContinuationToken"),
                 json_string(base64_encode(c->arena, list.p[list.n - 1].name)));
    json_put_text(&out, S("Prefix"), prefix);
    c->out = json_object(&out);
    return CALL_DONE;
}

/* ---- versioning ---- */

CallResult s3_get_bucket_versioning(Call *c, Error *err)
{
    Bucket b;
    JsonObject o = {.a = c->arena};
    if (!s3_bucket(c, &b, err)) return s3_end(c, false, err);
    if (b.versioning != VERSIONING_NEVER)
        json_put(&o, S("Status"),
                 json_string(b.versioning == VERSIONING_ENABLED ? S("Enabled") : S("Suspended")));
    c->out = json_object(&o);
    return CALL_DONE;
}

CallResult s3_put_bucket_versioning(Call *c, Error *err)
{
    Bucket b;
    Str status = json_text(json_find(&c->in, "VersioningConfiguration.Status"));
    if (!s3_bucket(c, &b, err)) return s3_end(c, false, err);
    if (str_eq(json_text(json_find(&c->in, "VersioningConfiguration.MFADelete")), S("Enabled")))
        return s3_not_implemented(err, "MFA delete"), CALL_FAILED;
    bool enabled = str_eq(status, S("Enabled"));
    if (!enabled && !str_eq(status, S("Suspended")))
        return error_set(err, ERR_S3_MALFORMED_XML, "The Versioning element must be specified"),
               CALL_FAILED;
    bucket_set_versioning(c->server->objects, b.id,
                          enabled ? VERSIONING_ENABLED : VERSIONING_SUSPENDED);
    return CALL_DONE;
}

/* ---- access lists: the owner has all, as S3 has it where lists are off (the default since 2023)
 * ---- */

static Json owner_has_all(const Call *c)
{
    JsonObject grantee = {.a = c->arena}, grant = {.a = c->arena}, out = {.a = c->arena};
    JsonArray grants = {.a = c->arena};
    Json owner = s3_owner(c);
    json_put(&grantee, S("ID"), *json_get(&owner, S("ID")));
    json_put(&grantee, S("Type"), json_string(S("CanonicalUser")));
    json_put(&grant, S("Grantee"), json_object(&grantee));
    json_put(&grant, S("Permission"), json_string(S("FULL_CONTROL")));
    json_add(&grants, json_object(&grant));
    json_put(&out, S("Owner"), owner);
    json_put(&out, S("Grants"), json_array(&grants));
    return json_object(&out);
}

/* The lists that say no more than that are taken. */
static bool list_says_nothing(const Call *c)
{
    static const char *const grants[] = {"GrantFullControl", "GrantRead", "GrantReadACP",
                                         "GrantWrite", "GrantWriteACP"};
    Str acl = s3_text(c, S("ACL"));
    const Json *list = json_find(&c->in, "AccessControlPolicy.Grants");
    for (int i = 0; i < countof(grants); i++)
        if (json_get(&c->in, str_from(grants[i]))) return false;
    if (acl.n && !str_eq(acl, S("private")) && !str_eq(acl, S("bucket-owner-full-control")))
        return false;
    for (int32_t i = 0; i < json_count(list); i++)
        if (!str_eq(json_text(json_find(json_at(list, i), "Grantee.Type")), S("CanonicalUser")))
            return false;
    return true;
}

static bool check_list(const Call *c, Error *err)
{
    return list_says_nothing(c) ||
           error_set(err, ERR_S3_ACL_NOT_SUPPORTED, "The bucket does not allow ACLs");
}

CallResult s3_get_bucket_acl(Call *c, Error *err)
{
    Bucket b;
    if (!s3_bucket(c, &b, err)) return s3_end(c, false, err);
    c->out = owner_has_all(c);
    return CALL_DONE;
}

CallResult s3_put_bucket_acl(Call *c, Error *err)
{
    Bucket b;
    return s3_end(c, s3_bucket(c, &b, err) && check_list(c, err), err);
}

static bool find_object(Call *c, Error *err)
{
    Object object;
    return s3_object(c, &object, err);
}

CallResult s3_get_object_acl(Call *c, Error *err)
{
    if (!find_object(c, err)) return s3_end(c, false, err);
    c->out = owner_has_all(c);
    return CALL_DONE;
}

CallResult s3_put_object_acl(Call *c, Error *err)
{
    return s3_end(c, find_object(c, err) && check_list(c, err), err);
}

CallResult s3_get_bucket_policy_status(Call *c, Error *err)
{
    Bucket b;
    Json policy;
    JsonObject status = {.a = c->arena}, out = {.a = c->arena};
    if (!s3_bucket(c, &b, err)) return s3_end(c, false, err);
    if (!bucket_config(c->server->objects, b.id, S("policy"), S(""), c->arena, &policy)) {
        error_set(err, ERR_S3_NO_SUCH_POLICY, "The bucket policy does not exist");
        return s3_end(c, false, err);
    }
    json_put(&status, S("IsPublic"), json_bool(false));
    json_put(&out, S("PolicyStatus"), json_object(&status));
    c->out = json_object(&out);
    return CALL_DONE;
}
