/* s3_bucket_policy.c - AWS::S3::BucketPolicy. */
#include "app/resources/recipe.h"
#include "app/resources/types.h"

static const RecipeRead policy_reads[] = {
    {"GetBucketPolicy", "Bucket={id}", .gives = "Bucket={id} PolicyDocument=Policy"},
    {0},
};

static const Recipe policy = {
    .reads = policy_reads,
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
    .read = recipe_read,
    .replace = "Bucket",
    .required = "Bucket PolicyDocument",
    .properties = "Bucket PolicyDocument",
};
