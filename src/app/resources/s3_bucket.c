/* s3_bucket.c - AWS::S3::Bucket: a bucket and its configurations, one call of S3 for each property. */
#include "app/resources/types.h"

enum { BUCKET_NAME_BYTES_MAX = 63 };

static Json bucket_of(Resource *r, Str member, const Json *value)
{
    JsonObject in = {.a = r->a};
    json_put_text(&in, S("Bucket"), r->physical);
    if (!str_absent(member)) json_put_json(&in, member, value);
    return json_object(&in);
}

/* A property whose shape is the API's own. */
typedef struct BucketProperty {
    const char *property, *put, *member, *remove;
} BucketProperty;

static const BucketProperty settings[] = {
    {"VersioningConfiguration", "PutBucketVersioning", "VersioningConfiguration", NULL},
    {"PublicAccessBlockConfiguration", "PutPublicAccessBlock", "PublicAccessBlockConfiguration",
     "DeletePublicAccessBlock"},
    {"OwnershipControls", "PutBucketOwnershipControls", "OwnershipControls",
     "DeleteBucketOwnershipControls"},
};

static bool set_one(Resource *r, const BucketProperty *p, Error *err)
{
    Str name = str_from(p->property);
    const Json *value = resource_property(r, name);
    if (value)
        return resource_call(r, S("s3"), str_from(p->put), bucket_of(r, str_from(p->member), value),
                             NULL, err);
    return !p->remove || !resource_changed(r, name) ||
           resource_call(r, S("s3"), str_from(p->remove), bucket_of(r, (Str){0}, NULL), NULL, err);
}

static bool set_tags(Resource *r, Error *err)
{
    JsonObject tagging = {.a = r->a};
    json_put(&tagging, S("TagSet"), resource_tags(r));
    Json v = json_object(&tagging);
    return resource_call(r, S("s3"), S("PutBucketTagging"), bucket_of(r, S("Tagging"), &v), NULL,
                         err);
}

static bool set_all(Resource *r, Error *err)
{
    for (int i = 0; i < countof(settings); i++)
        if (!set_one(r, &settings[i], err)) return false;
    return set_tags(r, err);
}

static void set_attributes(Resource *r)
{
    Arena *a = r->a;
    Str name = r->physical, region = r->region;
    resource_attribute(r, S("Arn"), str_printf(a, "arn:aws:s3:::%.*s", STR(name)));
    resource_attribute(r, S("DomainName"), str_printf(a, "%.*s.s3.amazonaws.com", STR(name)));
    resource_attribute(
        r, S("DualStackDomainName"),
        str_printf(a, "%.*s.s3.dualstack.%.*s.amazonaws.com", STR(name), STR(region)));
    resource_attribute(r, S("RegionalDomainName"),
                       str_printf(a, "%.*s.s3.%.*s.amazonaws.com", STR(name), STR(region)));
    resource_attribute(
        r, S("WebsiteURL"),
        str_printf(a, "http://%.*s.s3-website-%.*s.amazonaws.com", STR(name), STR(region)));
}

static ResourceEnd create(Resource *r, Error *err)
{
    r->physical = resource_name(
        r, S("BucketName"), &(ResourceNaming){.bytes_max = BUCKET_NAME_BYTES_MAX, .lower = true});
    JsonObject in = {.a = r->a}, place = {.a = r->a};
    json_put_text(&in, S("Bucket"), r->physical);
    if (resource_bool(r, S("ObjectLockEnabled"), false))
        json_put(&in, S("ObjectLockEnabledForBucket"), json_bool(true));
    json_put_text(&place, S("LocationConstraint"), r->region);
    if (!str_eq(r->region, S("us-east-1")))
        json_put(&in, S("CreateBucketConfiguration"), json_object(&place));
    if (!resource_call(r, S("s3"), S("CreateBucket"), json_object(&in), NULL, err) ||
        !set_all(r, err))
        return RESOURCE_FAILED;
    set_attributes(r);
    return RESOURCE_DONE;
}

static ResourceEnd update(Resource *r, Error *err)
{
    if (!set_all(r, err)) return RESOURCE_FAILED;
    set_attributes(r);
    return RESOURCE_DONE;
}

static ResourceEnd remove_bucket(Resource *r, Error *err)
{
    return resource_removed(r, S("s3"), S("DeleteBucket"), bucket_of(r, (Str){0}, NULL), err);
}

const ResourceType resource_s3_bucket = {
    .type = "AWS::S3::Bucket",
    .create = create,
    .update = update,
    .remove = remove_bucket,
    .replace = "BucketName ObjectLockEnabled",
    .data = true,
};
