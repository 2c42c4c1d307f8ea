/* sam_policy.c - SAM's policy templates: a name and a few values that stand for the statements of a policy. */
#include "core/stack/sam_inside.h"

/* Developer guide, "AWS SAM policy templates". One row is one statement; rows of one name follow
 * each other. Resources: several are parted by a blank; "*" is all; ${X} is the value given for X;
 * "@" is "${AWS::Region}:${AWS::AccountId}"; all but "*" and a lone ${X} begin with
 * "arn:${AWS::Partition}:". */
typedef struct Row {
    Str name, actions, resources;
} Row;

#define BUCKET "s3:::${BucketName} s3:::${BucketName}/*"
#define TABLE  "dynamodb:@:table/${TableName} dynamodb:@:table/${TableName}/index/*"
#define STREAM "kinesis:@:stream/${StreamName}"
#define ROW(name, actions, resources)                                                              \
    {                                                                                              \
        STR_INIT(name), STR_INIT(actions), STR_INIT(resources)                                     \
    }

static const Row rows[] = {
    ROW("S3ReadPolicy",
        "s3:GetObject s3:ListBucket s3:GetBucketLocation s3:GetObjectVersion "
        "s3:GetLifecycleConfiguration",
        BUCKET),
    ROW("S3WritePolicy", "s3:PutObject s3:PutObjectAcl s3:PutLifecycleConfiguration", BUCKET),
    ROW("S3CrudPolicy",
        "s3:GetObject s3:ListBucket s3:GetBucketLocation s3:GetObjectVersion s3:PutObject "
        "s3:PutObjectAcl s3:GetLifecycleConfiguration s3:PutLifecycleConfiguration "
        "s3:DeleteObject",
        BUCKET),
    ROW("S3FullAccessPolicy",
        "s3:GetObject s3:GetObjectAcl s3:GetObjectVersion s3:PutObject s3:PutObjectAcl "
        "s3:DeleteObject s3:DeleteObjectTagging s3:DeleteObjectVersionTagging s3:GetObjectTagging "
        "s3:GetObjectVersionTagging s3:PutObjectTagging s3:PutObjectVersionTagging",
        "s3:::${BucketName}/*"),
    ROW("S3FullAccessPolicy",
        "s3:ListBucket s3:GetBucketLocation s3:GetLifecycleConfiguration "
        "s3:PutLifecycleConfiguration",
        "s3:::${BucketName}"),
    ROW("DynamoDBCrudPolicy",
        "dynamodb:GetItem dynamodb:DeleteItem dynamodb:PutItem dynamodb:Scan dynamodb:Query "
        "dynamodb:UpdateItem dynamodb:BatchWriteItem dynamodb:BatchGetItem dynamodb:DescribeTable "
        "dynamodb:ConditionCheckItem",
        TABLE),
    ROW("DynamoDBReadPolicy",
        "dynamodb:GetItem dynamodb:Scan dynamodb:Query dynamodb:BatchGetItem "
        "dynamodb:DescribeTable",
        TABLE),
    ROW("DynamoDBWritePolicy", "dynamodb:PutItem dynamodb:UpdateItem dynamodb:BatchWriteItem",
        TABLE),
    ROW("DynamoDBReconfigurePolicy", "dynamodb:UpdateTable", "dynamodb:@:table/${TableName}"),
    ROW("DynamoDBStreamReadPolicy",
        "dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator",
        "dynamodb:@:table/${TableName}/stream/${StreamName}"),
    ROW("DynamoDBStreamReadPolicy", "dynamodb:ListStreams",
        "dynamodb:@:table/${TableName}/stream/*"),
    ROW("LambdaInvokePolicy", "lambda:InvokeFunction", "lambda:@:function:${FunctionName}*"),
    ROW("StepFunctionsExecutionPolicy", "states:StartExecution",
        "states:@:stateMachine:${StateMachineName}"),
    ROW("StepFunctionsCallbackPolicy", "states:SendTaskSuccess states:SendTaskFailure",
        "states:@:stateMachine:${StateMachineName}"),
    ROW("SQSPollerPolicy",
        "sqs:ChangeMessageVisibility sqs:ChangeMessageVisibilityBatch sqs:DeleteMessage "
        "sqs:DeleteMessageBatch sqs:GetQueueAttributes sqs:ReceiveMessage",
        "sqs:@:${QueueName}"),
    ROW("SQSSendMessagePolicy", "sqs:SendMessage*", "sqs:@:${QueueName}"),
    ROW("SNSPublishMessagePolicy", "sns:Publish", "sns:@:${TopicName}"),
    ROW("SNSCrudPolicy",
        "sns:ListSubscriptionsByTopic sns:CreateTopic sns:SetTopicAttributes sns:Subscribe "
        "sns:Publish",
        "sns:@:${TopicName}*"),
    ROW("SSMParameterReadPolicy", "ssm:DescribeParameters", "*"),
    ROW("SSMParameterReadPolicy", "ssm:GetParameters ssm:GetParameter ssm:GetParametersByPath",
        "ssm:@:parameter/${ParameterName}"),
    ROW("SSMParameterWithSlashPrefixReadPolicy", "ssm:DescribeParameters", "*"),
    ROW("SSMParameterWithSlashPrefixReadPolicy",
        "ssm:GetParameters ssm:GetParameter ssm:GetParametersByPath",
        "ssm:@:parameter${ParameterName}"),
    ROW("AWSSecretsManagerGetSecretValuePolicy", "secretsmanager:GetSecretValue", "${SecretArn}"),
    ROW("EventBridgePutEventsPolicy", "events:PutEvents", "events:@:event-bus/${EventBusName}"),
    ROW("CloudWatchPutMetricPolicy", "cloudwatch:PutMetricData", "*"),
    ROW("CloudWatchDashboardPolicy",
        "cloudwatch:GetDashboard cloudwatch:ListDashboards cloudwatch:PutDashboard "
        "cloudwatch:ListMetrics",
        "*"),
    ROW("CloudWatchDescribeAlarmHistoryPolicy", "cloudwatch:DescribeAlarmHistory", "*"),
    ROW("FilterLogEventsPolicy", "logs:FilterLogEvents",
        "logs:@:log-group:${LogGroupName}:log-stream:*"),
    ROW("CloudFormationDescribeStacksPolicy", "cloudformation:DescribeStacks",
        "cloudformation:@:stack/*"),
    ROW("KMSDecryptPolicy", "kms:Decrypt", "kms:@:key/${KeyId}"),
    ROW("KMSEncryptPolicy", "kms:Encrypt", "kms:@:key/${KeyId}"),
    ROW("AthenaQueryPolicy",
        "athena:ListWorkGroups athena:GetExecutionEngine athena:GetExecutionEngines "
        "athena:GetNamespace athena:GetCatalogs athena:GetNamespaces athena:GetTables "
        "athena:GetTable",
        "*"),
    ROW("AthenaQueryPolicy",
        "athena:StartQueryExecution athena:GetQueryResults athena:DeleteNamedQuery "
        "athena:GetNamedQuery athena:ListQueryExecutions athena:StopQueryExecution "
        "athena:GetQueryResultsStream athena:ListNamedQueries athena:CreateNamedQuery "
        "athena:GetQueryExecution athena:BatchGetNamedQuery athena:BatchGetQueryExecution "
        "athena:GetWorkGroup",
        "athena:@:workgroup/${WorkGroupName}"),
    ROW("KinesisStreamReadPolicy", "kinesis:ListStreams kinesis:DescribeLimits",
        "kinesis:@:stream/*"),
    ROW("KinesisStreamReadPolicy",
        "kinesis:DescribeStream kinesis:DescribeStreamSummary kinesis:GetRecords "
        "kinesis:GetShardIterator",
        STREAM),
    ROW("KinesisCrudPolicy",
        "kinesis:AddTagsToStream kinesis:CreateStream kinesis:DecreaseStreamRetentionPeriod "
        "kinesis:DeleteStream kinesis:DescribeStream kinesis:DescribeStreamSummary "
        "kinesis:GetShardIterator kinesis:IncreaseStreamRetentionPeriod kinesis:ListTagsForStream "
        "kinesis:MergeShards kinesis:PutRecord kinesis:PutRecords kinesis:SplitShard "
        "kinesis:RemoveTagsFromStream",
        STREAM),
    ROW("FirehoseWritePolicy", "firehose:PutRecord firehose:PutRecordBatch",
        "firehose:@:deliverystream/${DeliveryStreamName}"),
    ROW("ECSRunTaskPolicy", "ecs:RunTask", "ecs:@:task-definition/${TaskDefinition}"),
    ROW("VPCAccessPolicy",
        "ec2:CreateNetworkInterface ec2:DeleteNetworkInterface ec2:DescribeNetworkInterfaces "
        "ec2:DetachNetworkInterface",
        "*"),
    ROW("EC2DescribePolicy", "ec2:DescribeRegions ec2:DescribeInstances", "*"),
    ROW("SESSendBouncePolicy", "ses:SendBounce", "ses:@:identity/${IdentityName}"),
};

bool sam_policy_known(Str name)
{
    bool found = false;
    for (int i = 0; i < countof(rows) && !found; i++) found = str_eq(rows[i].name, name);
    return found;
}

/* "@" spelled out. */
static Str spelled(Arena *a, Str resource)
{
    Buf b = {.a = a};
    buf_put(&b, S("arn:${AWS::Partition}:"));
    for (int64_t i = 0; i < resource.n; i++)
        if (resource.p[i] == '@')
            buf_put(&b, S("${AWS::Region}:${AWS::AccountId}"));
        else
            buf_putc(&b, resource.p[i]);
    return buf_str(&b);
}

/* Next ${X} of *rest. */
static bool next_place(Str *rest, Str *name)
{
    int64_t at = str_find(*rest, S("${")), end = str_find_char(*rest, '}');
    if (at < 0) return false;
    *name = str_slice(*rest, at + 2, end);
    *rest = str_slice(*rest, end + 1, rest->n);
    return true;
}

static bool resource_value(Arena *a, const Row *row, Str resource, const Json *arguments, Json *out,
                           Error *err)
{
    JsonObject values = {.a = a};
    Str rest = resource, name;
    const Json *last = NULL;
    while (next_place(&rest, &name)) {
        last = json_get(arguments, name);
        if (!last)
            return sam_error(err, "Must specify valid parameter values for policy template '%.*s'",
                             STR(row->name));
        json_put(&values, name, *last);
    }
    if (str_eq(resource, S("*"))) return *out = json_string(resource), true;
    if (last && str_starts(resource, S("$")) && values.n == 1) return *out = *last, true;
    Json text = json_string(spelled(a, resource)), all = json_object(&values);
    *out = values.n ? SAM(a, "{'Fn::Sub': ['@1', '@2']}", &text, &all)
                    : SAM(a, "{'Fn::Sub': '@1'}", &text);
    return true;
}

static bool statement(Arena *a, const Row *row, const Json *arguments, Json *out, Error *err)
{
    JsonArray actions = {.a = a}, resources = {.a = a};
    Str rest = row->actions, part;
    while (str_cut(&rest, ' ', &part)) json_add(&actions, json_string(part));
    for (rest = row->resources; str_cut(&rest, ' ', &part);) {
        Json one;
        if (!resource_value(a, row, part, arguments, &one, err)) return false;
        json_add(&resources, one);
    }
    Json all = json_array(&actions), where = json_array(&resources);
    *out = SAM(a, "{'Effect': 'Allow', 'Action': '@1', 'Resource': '@2'}", &all,
               resources.n == 1 ? &resources.p[0] : &where);
    return true;
}

bool sam_policy(Arena *a, Str name, const Json *arguments, Json *document, Error *err)
{
    JsonArray statements = {.a = a};
    for (int i = 0; i < countof(rows); i++) {
        Json one;
        if (!str_eq(rows[i].name, name)) continue;
        if (!statement(a, &rows[i], arguments, &one, err)) return false;
        json_add(&statements, one);
    }
    Json all = json_array(&statements);
    *document = SAM(a, "{'Version': '2012-10-17', 'Statement': '@1'}", &all);
    return true;
}
