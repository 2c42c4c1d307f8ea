/* s3_buckets.c - making, finding, listing and deleting buckets; their place and versioning. */
#include "api/s3.h"
#include "base/encode.h"
#include "core/bucket/policy.h"

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

/* What a new bucket gets besides its row. */
static void set_up(Call *c, int64_t id, const Json *tags, const Json *grants)
{
    Objects *o = c->server->objects;
    Str ownership = s3_text(c, S("ObjectOwnership"));
    JsonObject tagging = {.a = c->arena}, rule = {.a = c->arena}, controls = {.a = c->arena};
    JsonArray rules = {.a = c->arena};
    if (json_count(tags)) {
        json_put(&tagging, S("TagSet"), *tags);
        Json config = json_object(&tagging);
        bucket_set_config(o, id, S("tagging"), S(""), &config);
    }
    if (json_count(grants)) bucket_set_config(o, id, S("acl"), S(""), grants);
    if (json_true(json_get(&c->in, S("ObjectLockEnabledForBucket")))) s3_lock_new_bucket(c, id);
    if (!ownership.n) return;
    json_put(&rule, S("ObjectOwnership"), json_string(ownership));
    json_add(&rules, json_object(&rule));
    json_put(&controls, S("Rules"), json_array(&rules));
    Json config = json_object(&controls);
    bucket_set_config(o, id, S("ownership"), S(""), &config);
}

static bool create_bucket(Call *c, Error *err)
{
    Bucket b = {.name = s3_text(c, S("Bucket")), .account = c->who.account, .created = c->now};
    const Json *tags = json_find(&c->in, "CreateBucketConfiguration.Tags");
    Objects *o = c->server->objects;
    Json grants;
    if (!bucket_name_ok(b.name))
        return error_set(err, ERR_S3_INVALID_BUCKET_NAME, "The specified bucket is not valid.");
    if (!choose_region(c, &b.region, err) || !s3_check_tags(tags, S3_BUCKET_TAGS_MAX, err) ||
        !s3_acl_of_new_bucket(c, &grants, err))
        return false;
    if (!bucket_create(o, &b, err)) {
        /* Only us-east-1 forgives a second creation by the owner. */
        return err->code == ERR_S3_BUCKET_OWNED && str_eq(c->who.region, S("us-east-1")) &&
               str_eq(b.region, S("us-east-1"));
    }
    if (!bucket_find(o, b.name, c->arena, &b, err)) return false;
    set_up(c, b.id, tags, &grants);
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
    if (!enabled && s3_bucket_locks(c, b.id))
        return error_set(err, ERR_S3_INVALID_BUCKET_STATE,
                         "An Object Lock configuration is present on this bucket, so the "
                         "versioning state cannot be changed."),
               CALL_FAILED;
    bucket_set_versioning(c->server->objects, b.id,
                          enabled ? VERSIONING_ENABLED : VERSIONING_SUSPENDED);
    return CALL_DONE;
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
    Error none;
    Json document = {0};
    bool public = bucket_policy_check(json_text(&policy), b.name, c->arena, &document, &none) &&
                  bucket_policy_is_public(&document);
    json_put(&status, S("IsPublic"), json_bool(public));
    json_put(&out, S("PolicyStatus"), json_object(&status));
    c->out = json_object(&out);
    return CALL_DONE;
}
