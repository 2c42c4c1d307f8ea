/* s3_bucket.c - AWS::S3::Bucket: a bucket and its configurations, one call of S3 for each property. */
#include "app/resources/recipe.h"
#include "app/resources/s3_bucket_shape.h"
#include "app/resources/types.h"

enum { BUCKET_NAME_BYTES_MAX = 63 };

/* "BucketOwnerRead" is "bucket-owner-read" to the API. */
static Json canned_acl(Arena *a, Str name)
{
    Buf b = {.a = a};
    for (int64_t i = 0; i < name.n; i++) {
        bool upper = name.p[i] >= 'A' && name.p[i] <= 'Z';
        if (upper && i) buf_putc(&b, '-');
        buf_putc(&b, (char)(upper ? name.p[i] - 'A' + 'a' : name.p[i]));
    }
    return json_string(buf_str(&b));
}

/* The region is said where it is not us-east-1. */
static bool prepare(Resource *r, Json *properties, Error *err)
{
    JsonObject o = {.a = r->a};
    (void)err;
    for (int32_t i = 0; i < json_count(properties); i++) {
        const JsonMember *m = &properties->members[i];
        bool canned = str_eq(m->key, S("AccessControl"));
        json_put(&o, m->key,
                 canned ? canned_acl(r->a, json_text(&m->value))
                        : s3_bucket_shape(m->key, &m->value, r->a));
    }
    json_put(&o, S("nothing"), (Json){.type = JSON_OBJECT});
    if (!str_eq(r->region, S("us-east-1"))) json_put(&o, S("region"), json_string(r->region));
    *properties = json_object(&o);
    return true;
}

#define KEPT(Kind, member, property)                                                               \
    {                                                                                              \
        "PutBucket" Kind, "Bucket={id} " member "=" property, property, "DeleteBucket" Kind,       \
            "Bucket={id}"                                                                          \
    }

static const RecipeRead bucket_reads[] = {
    {"GetBucketLocation", "Bucket={id}", .gives = "BucketName={id}"},
    {"GetBucketVersioning", "Bucket={id}", .gives = "VersioningConfiguration=."},
    {"GetBucketOwnershipControls", "Bucket={id}", .gives = "OwnershipControls"},
    {"GetPublicAccessBlock", "Bucket={id}", .gives = "PublicAccessBlockConfiguration"},
    {"GetBucketEncryption", "Bucket={id}",
     .gives = "BucketEncryption=ServerSideEncryptionConfiguration"},
    {"GetBucketLifecycleConfiguration", "Bucket={id}", .gives = "LifecycleConfiguration=."},
    {"GetBucketCors", "Bucket={id}", .gives = "CorsConfiguration=."},
    {"GetBucketWebsite", "Bucket={id}", .gives = "WebsiteConfiguration=."},
    {"GetBucketNotificationConfiguration", "Bucket={id}", .gives = "NotificationConfiguration=."},
    {"GetObjectLockConfiguration", "Bucket={id}", .gives = "ObjectLockConfiguration"},
    {"GetBucketLogging", "Bucket={id}", .gives = "LoggingConfiguration=LoggingEnabled"},
    {"GetBucketAccelerateConfiguration", "Bucket={id}", .gives = "AccelerateConfiguration=."},
    {"GetBucketTagging", "Bucket={id}", .gives = "Tags=TagSet"},
    {0},
};

static const Recipe bucket = {
    .reads = bucket_reads,
    .reshape = s3_bucket_unshape,
    .service = "s3",
    .name = "BucketName",
    .naming = {.bytes_max = BUCKET_NAME_BYTES_MAX, .lower = true},
    .prepare = prepare,
    .create = {"CreateBucket", "Bucket={name} ObjectLockEnabledForBucket=ObjectLockEnabled "
                               "CreateBucketConfiguration.LocationConstraint=region"},
    .remove = {"DeleteBucket", "Bucket={id}"},
    .settings = {{"PutBucketVersioning", "Bucket={id} VersioningConfiguration",
                  "VersioningConfiguration", "PutBucketVersioning",
                  "Bucket={id} VersioningConfiguration.Status='Suspended"},
                 {"PutBucketOwnershipControls", "Bucket={id} OwnershipControls",
                  "OwnershipControls", "DeleteBucketOwnershipControls", "Bucket={id}"},
                 {"PutPublicAccessBlock", "Bucket={id} PublicAccessBlockConfiguration",
                  "PublicAccessBlockConfiguration", "DeletePublicAccessBlock", "Bucket={id}"},
                 {"PutBucketAcl", "Bucket={id} ACL=AccessControl", "AccessControl"},
                 KEPT("Encryption", "ServerSideEncryptionConfiguration", "BucketEncryption"),
                 {"PutBucketLifecycleConfiguration", "Bucket={id} LifecycleConfiguration",
                  "LifecycleConfiguration", "DeleteBucketLifecycle", "Bucket={id}"},
                 KEPT("Cors", "CORSConfiguration", "CorsConfiguration"),
                 KEPT("Website", "WebsiteConfiguration", "WebsiteConfiguration"),
                 {"PutBucketNotificationConfiguration", "Bucket={id} NotificationConfiguration",
                  "NotificationConfiguration", "PutBucketNotificationConfiguration",
                  "Bucket={id} NotificationConfiguration=nothing"},
                 {"PutObjectLockConfiguration", "Bucket={id} ObjectLockConfiguration",
                  "ObjectLockConfiguration"},
                 {"PutBucketLogging", "Bucket={id} BucketLoggingStatus=LoggingConfiguration",
                  "LoggingConfiguration"},
                 {"PutBucketAccelerateConfiguration", "Bucket={id} AccelerateConfiguration",
                  "AccelerateConfiguration"},
                 {"PutBucketReplication", "Bucket={id} ReplicationConfiguration",
                  "ReplicationConfiguration"}},
    .tag = {"PutBucketTagging", "Bucket={id} Tagging.TagSet=#list"},
    .untag = {"DeleteBucketTagging", "Bucket={id}"},
    .tags_later = true,
    .physical = "{name}",
    .attributes = "Arn=arn:aws:s3:::{id} DomainName={id}.s3.amazonaws.com "
                  "DualStackDomainName={id}.s3.dualstack.{region}.amazonaws.com "
                  "RegionalDomainName={id}.s3.{region}.amazonaws.com "
                  "WebsiteURL=http://{id}.s3-website-{region}.amazonaws.com",
};

const ResourceType resource_s3_bucket = {
    .type = "AWS::S3::Bucket",
    RECIPE_TYPE,
    .recipe = &bucket,
    .import = recipe_import,
    .identifier = "BucketName",
    .read = recipe_read,
    .replace = "BucketName ObjectLockEnabled",
    .properties = "BucketName ObjectLockEnabled VersioningConfiguration OwnershipControls "
                  "PublicAccessBlockConfiguration AccessControl BucketEncryption "
                  "LifecycleConfiguration CorsConfiguration WebsiteConfiguration "
                  "NotificationConfiguration ObjectLockConfiguration LoggingConfiguration "
                  "AccelerateConfiguration ReplicationConfiguration Tags",
    .data = true,
};
