/* logs_log_group.c - AWS::Logs::LogGroup, ::LogStream, ::MetricFilter and ::SubscriptionFilter. */
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

/* ---- filters ---- */

/* The API's dimensions are an object, the template's a list of Key and Value. */
static Json dimensions_of(Arena *a, const Json *list)
{
    JsonObject o = {.a = a};
    for (int32_t i = 0; i < json_count(list); i++)
        json_put_json(&o, json_text(json_get(&list->items[i], S("Key"))),
                      json_get(&list->items[i], S("Value")));
    return json_object(&o);
}

/* The API's members begin with small letters. */
static Json transformation_of(Arena *a, const Json *given)
{
    JsonObject o = {.a = a};
    for (int32_t i = 0; i < json_count(given); i++) {
        Str key = given->members[i].key;
        Json value = given->members[i].value;
        if (str_eq(key, S("Dimensions"))) value = dimensions_of(a, &value);
        json_put(&o,
                 str_printf(a, "%.*s%.*s", STR(str_lower(a, str_slice(key, 0, 1))),
                            STR(str_slice(key, 1, key.n))),
                 value);
    }
    return json_object(&o);
}

static bool metric_filter_prepare(Resource *r, Json *properties, Error *err)
{
    JsonObject o = {.a = r->a};
    JsonArray list = {.a = r->a};
    const Json *all = json_get(properties, S("MetricTransformations"));
    (void)err;
    for (int32_t i = 0; i < json_count(all); i++)
        json_add(&list, transformation_of(r->a, &all->items[i]));
    for (int32_t i = 0; i < json_count(properties); i++)
        if (!str_eq(properties->members[i].key, S("MetricTransformations")))
            json_put(&o, properties->members[i].key, properties->members[i].value);
    json_put(&o, S("MetricTransformations"), json_array(&list));
    *properties = json_object(&o);
    return true;
}

static const Recipe metric_filter = {
    .service = "logs",
    .name = "FilterName",
    .naming = {.bytes_max = 512},
    .create = {"PutMetricFilter", "logGroupName=LogGroupName filterName={name} "
                                  "filterPattern=FilterPattern "
                                  "metricTransformations=MetricTransformations"},
    .update = {"PutMetricFilter", "logGroupName=LogGroupName filterName={id} "
                                  "filterPattern=FilterPattern "
                                  "metricTransformations=MetricTransformations"},
    .remove = {"DeleteMetricFilter", "logGroupName=LogGroupName filterName={id}"},
    .physical = "{name}",
    .prepare = metric_filter_prepare,
};

const ResourceType resource_logs_metric_filter = {
    .type = "AWS::Logs::MetricFilter",
    RECIPE_TYPE,
    .recipe = &metric_filter,
    .replace = "LogGroupName FilterName",
    .required = "LogGroupName FilterPattern MetricTransformations",
    .properties = "LogGroupName FilterName FilterPattern MetricTransformations",
};

static const Recipe subscription = {
    .service = "logs",
    .name = "FilterName",
    .naming = {.bytes_max = 512},
    .create = {"PutSubscriptionFilter",
               "logGroupName=LogGroupName filterName={name} filterPattern=FilterPattern "
               "destinationArn=DestinationArn roleArn=RoleArn distribution=Distribution"},
    .update = {"PutSubscriptionFilter",
               "logGroupName=LogGroupName filterName={id} filterPattern=FilterPattern "
               "destinationArn=DestinationArn roleArn=RoleArn distribution=Distribution"},
    .remove = {"DeleteSubscriptionFilter", "logGroupName=LogGroupName filterName={id}"},
    .physical = "{name}",
};

const ResourceType resource_logs_subscription_filter = {
    .type = "AWS::Logs::SubscriptionFilter",
    RECIPE_TYPE,
    .recipe = &subscription,
    .replace = "LogGroupName FilterName",
    .required = "LogGroupName FilterPattern DestinationArn",
    .properties = "LogGroupName FilterName FilterPattern DestinationArn RoleArn Distribution",
};

static const Recipe resource_policy = {
    .service = "logs",
    .name = "PolicyName",
    .naming = {.bytes_max = 255},
    .create = {"PutResourcePolicy", "policyName={name} policyDocument=PolicyDocument"},
    .update = {"PutResourcePolicy", "policyName={id} policyDocument=PolicyDocument"},
    .remove = {"DeleteResourcePolicy", "policyName={id}"},
    .physical = "{name}",
};

const ResourceType resource_logs_resource_policy = {
    .type = "AWS::Logs::ResourcePolicy",
    RECIPE_TYPE,
    .recipe = &resource_policy,
    .replace = "PolicyName",
    .required = "PolicyName PolicyDocument",
    .properties = "PolicyName PolicyDocument",
};
