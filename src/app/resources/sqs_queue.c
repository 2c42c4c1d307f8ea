/* sqs_queue.c - AWS::SQS::Queue and AWS::SQS::QueuePolicy. */
#include "app/resources/recipe.h"
#include "app/resources/types.h"

#define ATTRIBUTES                                                                                 \
    "Attributes.DelaySeconds=DelaySeconds Attributes.MaximumMessageSize=MaximumMessageSize "       \
    "Attributes.MessageRetentionPeriod=MessageRetentionPeriod "                                    \
    "Attributes.ReceiveMessageWaitTimeSeconds=ReceiveMessageWaitTimeSeconds "                      \
    "Attributes.VisibilityTimeout=VisibilityTimeout Attributes.RedrivePolicy=RedrivePolicy "       \
    "Attributes.RedriveAllowPolicy=RedriveAllowPolicy "                                            \
    "Attributes.KmsMasterKeyId=KmsMasterKeyId "                                                    \
    "Attributes.KmsDataKeyReusePeriodSeconds=KmsDataKeyReusePeriodSeconds "                        \
    "Attributes.SqsManagedSseEnabled=SqsManagedSseEnabled "                                        \
    "Attributes.ContentBasedDeduplication=ContentBasedDeduplication "                              \
    "Attributes.DeduplicationScope=DeduplicationScope "                                            \
    "Attributes.FifoThroughputLimit=FifoThroughputLimit "

enum { QUEUE_NAME_BYTES_MAX = 80 };

/* A made-up name of a FIFO queue ends as such a queue's must. */
static bool prepare_queue(Resource *r, Json *properties, Error *err)
{
    (void)err;
    if (!resource_bool(r, S("FifoQueue"), false) || resource_property(r, S("QueueName")))
        return true;
    JsonObject o = {.a = r->a};
    Str kept = json_text(json_get(&r->kept, S("name")));
    Str name = resource_name(
        r, S("QueueName"), &(ResourceNaming){.bytes_max = QUEUE_NAME_BYTES_MAX, .suffix = ".fifo"});
    for (int32_t i = 0; i < json_count(properties); i++)
        json_put(&o, properties->members[i].key, properties->members[i].value);
    json_put(&o, S("QueueName"), json_string(str_absent(kept) ? name : kept));
    *properties = json_object(&o);
    return true;
}

static const RecipeRead queue_reads[] = {
    {"GetQueueAttributes", "QueueUrl={id} AttributeNames=['All",
     .gives =
         "DelaySeconds=Attributes.DelaySeconds MaximumMessageSize=Attributes.MaximumMessageSize "
         "MessageRetentionPeriod=Attributes.MessageRetentionPeriod "
         "ReceiveMessageWaitTimeSeconds=Attributes.ReceiveMessageWaitTimeSeconds "
         "VisibilityTimeout=Attributes.VisibilityTimeout RedrivePolicy=Attributes.RedrivePolicy "
         "RedriveAllowPolicy=Attributes.RedriveAllowPolicy "
         "KmsMasterKeyId=Attributes.KmsMasterKeyId "
         "KmsDataKeyReusePeriodSeconds=Attributes.KmsDataKeyReusePeriodSeconds "
         "SqsManagedSseEnabled=Attributes.SqsManagedSseEnabled "
         "ContentBasedDeduplication=Attributes.ContentBasedDeduplication "
         "DeduplicationScope=Attributes.DeduplicationScope "
         "FifoThroughputLimit=Attributes.FifoThroughputLimit FifoQueue=Attributes.FifoQueue"},
    {"ListQueueTags", "QueueUrl={id}", .gives = "Tags"},
    {0},
};

static const Recipe queue = {
    .reads = queue_reads,
    .service = "sqs",
    .name = "QueueName",
    .naming = {.bytes_max = QUEUE_NAME_BYTES_MAX},
    .prepare = prepare_queue,
    .create = {"CreateQueue",
               "QueueName={name} " ATTRIBUTES "Attributes.FifoQueue=FifoQueue tags=#map"},
    .update = {"SetQueueAttributes", "QueueUrl={id} " ATTRIBUTES},
    .remove = {"DeleteQueue", "QueueUrl={id}"},
    .tag = {"TagQueue", "QueueUrl={id} Tags=#map"},
    .untag = {"UntagQueue", "QueueUrl={id} TagKeys=#gone"},
    .physical = "{.QueueUrl}",
    .attributes = "Arn=arn:aws:sqs:{region}:{account}:{name} QueueName={name} QueueUrl={id}",
};

const ResourceType resource_sqs_queue = {
    .type = "AWS::SQS::Queue",
    RECIPE_TYPE,
    .recipe = &queue,
    .import = recipe_import,
    .identifier = "QueueUrl",
    .read = recipe_read,
    .replace = "QueueName FifoQueue",
    .properties =
        "QueueName FifoQueue DelaySeconds MaximumMessageSize MessageRetentionPeriod "
        "ReceiveMessageWaitTimeSeconds VisibilityTimeout RedrivePolicy RedriveAllowPolicy "
        "KmsMasterKeyId KmsDataKeyReusePeriodSeconds SqsManagedSseEnabled "
        "ContentBasedDeduplication DeduplicationScope FifoThroughputLimit Tags",
};

static const RecipeRead queue_policy_reads[] = {
    {"GetQueueAttributes", "QueueUrl=Queues.0 AttributeNames=['Policy",
     .gives = "PolicyDocument=Attributes.Policy"},
    {0},
};

static const Recipe queue_policy = {
    .reads = queue_policy_reads,
    .service = "sqs",
    .settings = {{"SetQueueAttributes", "QueueUrl={each} Attributes.Policy=PolicyDocument",
                  "Queues", "SetQueueAttributes", "QueueUrl={each} Attributes.Policy='",
                  .each = true, .cleared = true}},
    .physical = "{stack}-{logical}-{hex12}",
    .attributes = "Id={id}",
};

const ResourceType resource_sqs_queue_policy = {
    .type = "AWS::SQS::QueuePolicy",
    RECIPE_TYPE,
    .recipe = &queue_policy,
    .read = recipe_read,
    .required = "PolicyDocument Queues",
    .properties = "PolicyDocument Queues",
};
