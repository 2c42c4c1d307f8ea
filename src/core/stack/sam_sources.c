/* sam_sources.c - events of functions that come from buckets, topics, queues, streams and log groups. */
#include "core/stack/sam_inside.h"

#define SAME(name)                                                                                 \
    {                                                                                              \
        STR_INIT(name), STR_INIT(name)                                                             \
    }

/* ---- S3 ---- */

static void add_notice(Sam *s, const SamEvent *e, Str bucket, const Json *event)
{
    const Json *filter = json_get(e->p, S("Filter"));
    *vec_push(s->a, &s->notices) = (SamNotice){
        .bucket = bucket,
        .permission = sam_id(s, e->id, S(""), "Permission"),
        .configuration = SAM(s->a, "{'Event': '@1', 'Function': '@2', 'Filter': '@3'}", event,
                             e->target->arn, filter),
    };
}

bool sam_s3(Sam *s, const SamEvent *e, Error *err)
{
    const Json *all = json_get(e->p, S("Events"));
    Str bucket = json_text(json_get(json_get(e->p, S("Bucket")), S("Ref")));
    const Json *found = json_get(json_get(s->root, S("Resources")), bucket);
    if (!json_get(e->p, S("Bucket"))) return sam_error(err, "Missing required property 'Bucket'.");
    if (!all) return sam_error(err, "Missing required property 'Events'.");
    if (!str_eq(json_text(json_get(found, S("Type"))), S("AWS::S3::Bucket")))
        return sam_error(err, "S3 events must reference an S3 bucket in the same template.");
    sam_permission(s, e, S("s3.amazonaws.com"), NULL, sam_ref(s->a, S("AWS::AccountId")));
    if (!json_is(all, JSON_ARRAY)) add_notice(s, e, bucket, all);
    for (int32_t i = 0; json_is(all, JSON_ARRAY) && i < all->n; i++)
        add_notice(s, e, bucket, &all->items[i]);
    return true;
}

/* ---- SNS ---- */

static void subscribe(Sam *s, const SamEvent *e, const char *protocol, const Json *endpoint)
{
    sam_add(s, e->of, e->id,
            SAM(s->a,
                "{'Type': 'AWS::SNS::Subscription', 'Properties': {'Protocol': '@1', 'TopicArn': "
                "'@2', 'Endpoint': '@3', 'FilterPolicy': '@4', 'FilterPolicyScope': '@5', "
                "'RedrivePolicy': '@6', 'Region': '@7'}}",
                sam_string(s->a, str_from(protocol)), json_get(e->p, S("Topic")), endpoint,
                json_get(e->p, S("FilterPolicy")), json_get(e->p, S("FilterPolicyScope")),
                json_get(e->p, S("RedrivePolicy")), json_get(e->p, S("Region"))));
}

static void add_mapping(Sam *s, const SamEvent *e, Str id, const Json *source, const Json *p)
{
    static const SamProperty kept[] = {
        SAME("BatchSize"),
        SAME("Enabled"),
        SAME("StartingPosition"),
        SAME("StartingPositionTimestamp"),
        SAME("MaximumBatchingWindowInSeconds"),
        SAME("FilterCriteria"),
        SAME("FunctionResponseTypes"),
        SAME("ScalingConfig"),
        SAME("KmsKeyArn"),
        SAME("MaximumRetryAttempts"),
        SAME("MaximumRecordAgeInSeconds"),
        SAME("BisectBatchOnFunctionError"),
        SAME("ParallelizationFactor"),
        SAME("TumblingWindowInSeconds"),
        SAME("DestinationConfig"),
        SAME("MetricsConfig"),
    };
    JsonObject o = {.a = s->a};
    json_put(&o, S("EventSourceArn"), *source);
    json_put(&o, S("FunctionName"), *e->target->function);
    sam_pass(p, kept, countof(kept), &o);
    Json properties = json_object(&o);
    sam_add(
        s, e->of, id,
        SAM(s->a, "{'Type': 'AWS::Lambda::EventSourceMapping', 'Properties': '@1'}", &properties));
}

/* The topic's queue: made here, with leave for the topic to send to it, and read by the function.
 */
static void subscribe_queue(Sam *s, const SamEvent *e, const Json *by_queue)
{
    static const Json none = {.type = JSON_OBJECT};
    Str queue = sam_id(s, e->id, S(""), "Queue");
    const Json *own = json_get(by_queue, S("QueueArn")), *url = json_get(by_queue, S("QueueUrl"));
    const Json *arn = own ? own : sam_att(s->a, queue, "Arn");
    if (!own)
        sam_add(s, e->of, queue, SAM(s->a, "{'Type': 'AWS::SQS::Queue', 'Properties': {}}", NULL));
    sam_add(s, e->of, sam_id(s, e->id, S(""), "QueuePolicy"),
            SAM(s->a,
                "{'Type': 'AWS::SQS::QueuePolicy', 'Properties': {'Queues': ['@1'], "
                "'PolicyDocument': {'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', "
                "'Action': 'sqs:SendMessage', 'Principal': '*', 'Resource': '@2', 'Condition': "
                "{'ArnEquals': {'aws:SourceArn': '@3'}}}]}}}",
                own && url ? url : sam_ref(s->a, queue), arn, json_get(e->p, S("Topic"))));
    subscribe(s, e, "sqs", arn);
    add_mapping(s, e, sam_id(s, e->id, S(""), "EventSourceMapping"), arn,
                json_is(by_queue, JSON_OBJECT) ? by_queue : &none);
}

bool sam_sns(Sam *s, const SamEvent *e, Error *err)
{
    const Json *by_queue = json_get(e->p, S("SqsSubscription")),
               *topic = json_get(e->p, S("Topic"));
    if (!topic) return sam_error(err, "Missing required property 'Topic'.");
    if (by_queue && !json_is(by_queue, JSON_FALSE)) {
        if (json_get(by_queue, S("QueueArn")) && !json_get(by_queue, S("QueueUrl")))
            return sam_error(err, "No QueueUrl provided.");
        subscribe_queue(s, e, by_queue);
        return true;
    }
    subscribe(s, e, "lambda", e->target->arn);
    sam_permission(s, e, S("sns.amazonaws.com"), topic, NULL);
    return true;
}

/* ---- SQS and streams ---- */

bool sam_mapping(Sam *s, const SamEvent *e, Error *err)
{
    const Json *queue = json_get(e->p, S("Queue")), *stream = json_get(e->p, S("Stream"));
    if (!queue && !stream)
        return sam_error(err, "No Queue (for SQS) or Stream (for Kinesis, DynamoDB) provided.");
    if (stream && !json_get(e->p, S("StartingPosition")))
        return sam_error(err, "StartingPosition is required for Kinesis and DynamoDB.");
    add_mapping(s, e, e->id, queue ? queue : stream, e->p);
    return true;
}

/* ---- log groups ---- */

bool sam_log_group(Sam *s, const SamEvent *e, Error *err)
{
    const Json *group = json_get(e->p, S("LogGroupName")), *pattern;
    pattern = json_get(e->p, S("FilterPattern"));
    if (!group) return sam_error(err, "Missing required property 'LogGroupName'.");
    if (!pattern) return sam_error(err, "Missing required property 'FilterPattern'.");
    Json source = SAM(s->a,
                      "{'Fn::Sub': ['arn:${AWS::Partition}:logs:${AWS::Region}:"
                      "${AWS::AccountId}:log-group:${__LogGroupName__}:*', {'__LogGroupName__': "
                      "'@1'}]}",
                      group);
    sam_permission(s, e, S("logs.amazonaws.com"), sam_keep(s->a, source), NULL);
    sam_add(s, e->of, e->id,
            SAM(s->a,
                "{'Type': 'AWS::Logs::SubscriptionFilter', 'DependsOn': ['@1'], 'Properties': "
                "{'LogGroupName': '@2', 'FilterPattern': '@3', 'DestinationArn': '@4'}}",
                sam_string(s->a, sam_id(s, e->id, S(""), "Permission")), group, pattern,
                e->target->arn));
    return true;
}
