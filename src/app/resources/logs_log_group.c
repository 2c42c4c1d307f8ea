/* logs_log_group.c - AWS::Logs::LogGroup and AWS::Logs::LogStream. */
#include "app/resources/recipe.h"
#include "app/resources/types.h"

static const RecipeRead group_reads[] = {
    {"DescribeLogGroups", "logGroupNamePrefix={id}",
     "LogGroupName=logGroupName RetentionInDays=retentionInDays KmsKeyId=kmsKeyId "
     "LogGroupClass=logGroupClass DeletionProtectionEnabled=deletionProtectionEnabled",
     "logGroups.logGroupName={id}"},
    {"ListTagsForResource", "resourceArn=arn:aws:logs:{region}:{account}:log-group:{id}",
     .gives = "Tags=tags"},
    {0},
};

static const Recipe group = {
    .reads = group_reads,
    .service = "logs",
    .name = "LogGroupName",
    .naming = {.bytes_max = 512},
    .create = {"CreateLogGroup",
               "logGroupName={name} kmsKeyId=KmsKeyId logGroupClass=LogGroupClass tags=#map"},
    .remove = {"DeleteLogGroup", "logGroupName={id}"},
    .settings = {{"PutRetentionPolicy", "logGroupName={id} retentionInDays=RetentionInDays",
                  "RetentionInDays", "DeleteRetentionPolicy", "logGroupName={id}"},
                 {"PutLogGroupDeletionProtection",
                  "logGroupIdentifier={id} deletionProtectionEnabled=DeletionProtectionEnabled",
                  "DeletionProtectionEnabled"}},
    .tag = {"TagResource", "resourceArn=arn:aws:logs:{region}:{account}:log-group:{id} tags=#map"},
    .untag = {"UntagResource",
              "resourceArn=arn:aws:logs:{region}:{account}:log-group:{id} tagKeys=#gone"},
    .physical = "{name}",
    .attributes = "Arn=arn:aws:logs:{region}:{account}:log-group:{id}:*",
};

const ResourceType resource_logs_log_group = {
    .type = "AWS::Logs::LogGroup",
    RECIPE_TYPE,
    .recipe = &group,
    .import = recipe_import,
    .identifier = "LogGroupName",
    .read = recipe_read,
    .replace = "LogGroupName LogGroupClass KmsKeyId",
    .properties = "LogGroupName RetentionInDays KmsKeyId LogGroupClass DataProtectionPolicy "
                  "DeletionProtectionEnabled FieldIndexPolicies ResourcePolicyDocument Tags",
    .data = true,
};

static const RecipeRead stream_reads[] = {
    {"DescribeLogStreams", "logGroupName=LogGroupName logStreamNamePrefix={id}",
     "LogGroupName={LogGroupName} LogStreamName=logStreamName", "logStreams.logStreamName={id}"},
    {0},
};

static const Recipe stream = {
    .reads = stream_reads,
    .service = "logs",
    .name = "LogStreamName",
    .naming = {.bytes_max = 512},
    .create = {"CreateLogStream", "logGroupName=LogGroupName logStreamName={name}"},
    .remove = {"DeleteLogStream", "logGroupName=LogGroupName logStreamName={id}"},
    .physical = "{name}",
};

const ResourceType resource_logs_log_stream = {
    .type = "AWS::Logs::LogStream",
    RECIPE_TYPE,
    .recipe = &stream,
    .read = recipe_read,
    .replace = "LogGroupName LogStreamName",
    .required = "LogGroupName",
    .properties = "LogGroupName LogStreamName",
};
