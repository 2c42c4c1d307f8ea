/* sns_topic.c - AWS::SNS::Topic, AWS::SNS::Subscription and AWS::SNS::TopicPolicy. */
#include "app/resources/recipe.h"
#include "app/resources/types.h"

static const RecipeRead topic_reads[] = {
    {"GetTopicAttributes", "TopicArn={id}",
     .gives =
         "DisplayName=Attributes.DisplayName KmsMasterKeyId=Attributes.KmsMasterKeyId "
         "FifoTopic=Attributes.FifoTopic "
         "ContentBasedDeduplication=Attributes.ContentBasedDeduplication "
         "FifoThroughputScope=Attributes.FifoThroughputScope "
         "SignatureVersion=Attributes.SignatureVersion TracingConfig=Attributes.TracingConfig"},
    {"ListTagsForResource", "ResourceArn={id}", .gives = "Tags"},
    {0},
};

static const Recipe topic = {
    .reads = topic_reads,
    .service = "sns",
    .name = "TopicName",
    .naming = {.bytes_max = 256},
    .create = {"CreateTopic",
               "Name={name} Attributes.DisplayName=DisplayName "
               "Attributes.KmsMasterKeyId=KmsMasterKeyId Attributes.FifoTopic=FifoTopic "
               "Attributes.ContentBasedDeduplication=ContentBasedDeduplication "
               "Attributes.FifoThroughputScope=FifoThroughputScope "
               "Attributes.SignatureVersion=SignatureVersion "
               "Attributes.TracingConfig=TracingConfig Tags=#list"},
    .remove = {"DeleteTopic", "TopicArn={id}"},
    .settings = {{"SetTopicAttributes",
                  "TopicArn={id} AttributeName='DisplayName AttributeValue=DisplayName",
                  "DisplayName", "SetTopicAttributes",
                  "TopicArn={id} AttributeName='DisplayName AttributeValue='", .later = true},
                 {"SetTopicAttributes",
                  "TopicArn={id} AttributeName='KmsMasterKeyId AttributeValue=KmsMasterKeyId",
                  "KmsMasterKeyId", "SetTopicAttributes",
                  "TopicArn={id} AttributeName='KmsMasterKeyId AttributeValue='", .later = true},
                 {"Subscribe",
                  "TopicArn={id} Protocol=each.Protocol Endpoint=each.Endpoint "
                  "ReturnSubscriptionArn=true",
                  "Subscription", .each = true}},
    .tag = {"TagResource", "ResourceArn={id} Tags=#list"},
    .untag = {"UntagResource", "ResourceArn={id} TagKeys=#gone"},
    .physical = "{.TopicArn}",
    .attributes = "TopicArn={id} TopicName={name}",
};

const ResourceType resource_sns_topic = {
    .type = "AWS::SNS::Topic",
    RECIPE_TYPE,
    .recipe = &topic,
    .import = recipe_import,
    .identifier = "TopicArn",
    .read = recipe_read,
    .replace = "TopicName FifoTopic Subscription",
    .properties = "TopicName DisplayName KmsMasterKeyId FifoTopic ContentBasedDeduplication "
                  "FifoThroughputScope SignatureVersion TracingConfig Subscription Tags "
                  "ArchivePolicy DataProtectionPolicy DeliveryStatusLogging",
};

#define SUBSCRIPTION(name)                                                                         \
    {                                                                                              \
        "SetSubscriptionAttributes",                                                               \
            "SubscriptionArn={id} AttributeName='" name " AttributeValue=" name, name              \
    }

static const RecipeRead subscription_reads[] = {
    {"GetSubscriptionAttributes", "SubscriptionArn={id}",
     .gives =
         "FilterPolicy=Attributes.FilterPolicy FilterPolicyScope=Attributes.FilterPolicyScope "
         "RawMessageDelivery=Attributes.RawMessageDelivery RedrivePolicy=Attributes.RedrivePolicy "
         "DeliveryPolicy=Attributes.DeliveryPolicy TopicArn=Attributes.TopicArn "
         "Protocol=Attributes.Protocol Endpoint=Attributes.Endpoint "
         "SubscriptionRoleArn=Attributes.SubscriptionRoleArn"},
    {0},
};

static const Recipe subscription = {
    .reads = subscription_reads,
    .service = "sns",
    .create = {"Subscribe", "TopicArn Protocol Endpoint ReturnSubscriptionArn=true"},
    .remove = {"Unsubscribe", "SubscriptionArn={id}"},
    .settings = {SUBSCRIPTION("FilterPolicyScope"),
                 {"SetSubscriptionAttributes",
                  "SubscriptionArn={id} AttributeName='FilterPolicy AttributeValue=FilterPolicy",
                  "FilterPolicy", "SetSubscriptionAttributes",
                  "SubscriptionArn={id} AttributeName='FilterPolicy AttributeValue='{}"},
                 SUBSCRIPTION("RawMessageDelivery"),
                 SUBSCRIPTION("RedrivePolicy"),
                 SUBSCRIPTION("DeliveryPolicy")},
    .physical = "{.SubscriptionArn}",
    .attributes = "Arn={id}",
};

const ResourceType resource_sns_subscription = {
    .type = "AWS::SNS::Subscription",
    RECIPE_TYPE,
    .recipe = &subscription,
    .read = recipe_read,
    .replace = "TopicArn Protocol Endpoint",
    .required = "TopicArn Protocol",
    .properties = "TopicArn Protocol Endpoint FilterPolicy FilterPolicyScope RawMessageDelivery "
                  "RedrivePolicy DeliveryPolicy Region SubscriptionRoleArn ReplayPolicy",
};

static const RecipeRead topic_policy_reads[] = {
    {"GetTopicAttributes", "TopicArn=Topics.0", .gives = "PolicyDocument=Attributes.Policy"},
    {0},
};

static const Recipe topic_policy = {
    .reads = topic_policy_reads,
    .service = "sns",
    .settings = {{"SetTopicAttributes",
                  "TopicArn={each} AttributeName='Policy AttributeValue=PolicyDocument", "Topics",
                  "SetTopicAttributes", "TopicArn={each} AttributeName='Policy AttributeValue='",
                  .each = true, .cleared = true}},
    .physical = "{stack}-{logical}-{hex12}",
    .attributes = "Id={id}",
};

const ResourceType resource_sns_topic_policy = {
    .type = "AWS::SNS::TopicPolicy",
    RECIPE_TYPE,
    .recipe = &topic_policy,
    .read = recipe_read,
    .required = "PolicyDocument Topics",
    .properties = "PolicyDocument Topics",
};
