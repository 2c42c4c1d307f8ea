/* s3_bucket_policy.c - AWS::S3::BucketPolicy. */
#include "app/resources/recipe.h"
#include "app/resources/types.h"

static const Recipe policy = {
    .service = "s3",
    .create = {"PutBucketPolicy", "Bucket Policy=PolicyDocument"},
    .update = {"PutBucketPolicy", "Bucket Policy=PolicyDocument"},
    .remove = {"DeleteBucketPolicy", "Bucket"},
    .physical = "{Bucket}",
};

const ResourceType resource_s3_bucket_policy = {
    .type = "AWS::S3::BucketPolicy",
    RECIPE_TYPE,
    .recipe = &policy,
    .replace = "Bucket",
    .required = "Bucket PolicyDocument",
    .properties = "Bucket PolicyDocument",
};
