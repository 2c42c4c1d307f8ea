/* actions_test.c - requests as policies call them, after the Service Authorization Reference. */
#include "core/policy/actions.h"

#include "../../../test.h"

typedef struct Case {
    const char *service, *signing, *operation, *in, *action, *resource;
} Case;

static ActionRequest request_of(const Case *c, Json *in)
{
    Error err = {0};
    ok(json_parse(str_from(c->in), test_arena(), in, &err));
    return (ActionRequest){.service = str_from(c->service),
                           .signing = str_from(c->signing),
                           .operation = str_from(c->operation),
                           .in = in,
                           .account = S("111122223333"),
                           .region = S("eu-west-1")};
}

TEST(requests_have_actions_and_resources)
{
    static const Case cases[] = {
        {"sqs", "sqs", "SendMessage", "{\"QueueUrl\": \"http://h/111122223333/q\"}",
         "sqs:SendMessage", "arn:aws:sqs:eu-west-1:111122223333:q"},
        {"sqs", "sqs", "StartMessageMoveTask",
         "{\"SourceArn\": \"arn:aws:sqs:eu-west-1:111122223333:dead\"}", "sqs:StartMessageMoveTask",
         "arn:aws:sqs:eu-west-1:111122223333:dead"},
        {"sqs", "sqs", "ListQueues", "{}", "sqs:ListQueues", "*"},
        {"sns", "sns", "Publish", "{\"TopicArn\": \"arn:aws:sns:eu-west-1:1:t\"}", "sns:Publish",
         "arn:aws:sns:eu-west-1:1:t"},
        {"s3", "s3", "HeadObject", "{\"Bucket\": \"b\", \"Key\": \"k/x\"}", "s3:GetObject",
         "arn:aws:s3:::b/k/x"},
        {"s3", "s3", "GetObject", "{\"Bucket\": \"b\", \"Key\": \"k\", \"VersionId\": \"v\"}",
         "s3:GetObjectVersion", "arn:aws:s3:::b/k"},
        {"s3", "s3", "DeleteObject", "{\"Bucket\": \"b\", \"Key\": \"k\", \"VersionId\": \"v\"}",
         "s3:DeleteObjectVersion", "arn:aws:s3:::b/k"},
        {"s3", "s3", "GetObjectTagging",
         "{\"Bucket\": \"b\", \"Key\": \"k\", \"VersionId\": \"v\"}", "s3:GetObjectVersionTagging",
         "arn:aws:s3:::b/k"},
        {"s3", "s3", "ListObjectsV2", "{\"Bucket\": \"b\"}", "s3:ListBucket", "arn:aws:s3:::b"},
        {"s3", "s3", "ListBuckets", "{}", "s3:ListAllMyBuckets", "*"},
        {"lambda", "lambda", "Invoke", "{\"FunctionName\": \"f\"}", "lambda:InvokeFunction",
         "arn:aws:lambda:eu-west-1:111122223333:function:f"},
        {"lambda", "lambda", "GetLayerVersion", "{\"LayerName\": \"l\", \"VersionNumber\": 2}",
         "lambda:GetLayerVersion", "arn:aws:lambda:eu-west-1:111122223333:layer:l:2"},
        {"lambda", "lambda", "PublishLayerVersion", "{\"LayerName\": \"l\"}",
         "lambda:PublishLayerVersion", "arn:aws:lambda:eu-west-1:111122223333:layer:l"},
        {"lambda", "lambda", "UpdateEventSourceMapping",
         "{\"FunctionName\": \"f\", \"UUID\": \"u\"}", "lambda:UpdateEventSourceMapping",
         "arn:aws:lambda:eu-west-1:111122223333:event-source-mapping:u"},
        {"events", "events", "DeleteArchive", "{\"ArchiveName\": \"a\"}", "events:DeleteArchive",
         "arn:aws:events:eu-west-1:111122223333:archive/a"},
        {"events", "events", "UpdateApiDestination", "{\"Name\": \"d\"}",
         "events:UpdateApiDestination", "arn:aws:events:eu-west-1:111122223333:api-destination/d"},
        {"emr", "elasticmapreduce", "TerminateJobFlows", "{\"JobFlowIds\": [\"j-1\"]}",
         "elasticmapreduce:TerminateJobFlows",
         "arn:aws:elasticmapreduce:eu-west-1:111122223333:cluster/j-1"},
        {"stepfunctions", "states", "StartExecution", "{\"stateMachineArn\": \"arn:m\"}",
         "states:StartExecution", "arn:m"},
        {"cloudwatch", "cloudwatch", "PutCompositeAlarm", "{\"AlarmName\": \"a\"}",
         "cloudwatch:PutCompositeAlarm", "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:a"},
        {"cloudwatch", "cloudwatch", "GetDashboard", "{\"DashboardName\": \"d\"}",
         "cloudwatch:GetDashboard", "arn:aws:cloudwatch::111122223333:dashboard/d"},
        {"cloudwatch", "cloudwatch", "PutMetricData", "{\"Namespace\": \"n\"}",
         "cloudwatch:PutMetricData", "*"},
        {"logs", "logs", "PutLogEvents", "{\"logGroupName\": \"g\", \"logStreamName\": \"s\"}",
         "logs:PutLogEvents", "arn:aws:logs:eu-west-1:111122223333:log-group:g:log-stream:s"},
        {"scheduler", "scheduler", "GetSchedule", "{\"Name\": \"n\"}", "scheduler:GetSchedule",
         "arn:aws:scheduler:eu-west-1:111122223333:schedule/default/n"},
        {"ssm", "ssm", "GetParameter", "{\"Name\": \"/a/b\"}", "ssm:GetParameter",
         "arn:aws:ssm:eu-west-1:111122223333:parameter/a/b"},
    };
    for (int i = 0; i < countof(cases); i++) {
        Json in;
        ActionRequest r = request_of(&cases[i], &in);
        eq_str(action_name(test_arena(), &r), str_from(cases[i].action));
        eq_str(action_resource(test_arena(), &r), str_from(cases[i].resource));
    }
}

TEST(copies_are_two_requests)
{
    static const struct {
        const char *source, *action, *resource;
    } cases[] = {
        {"b/k", "s3:GetObject", "arn:aws:s3:::b/k"},
        {"/b/k/l", "s3:GetObject", "arn:aws:s3:::b/k/l"},
        {"b/k?versionId=1", "s3:GetObjectVersion", "arn:aws:s3:::b/k"},
        {"/b/k?versionId=1", "s3:GetObjectVersion", "arn:aws:s3:::b/k"},
    };
    for (int i = 0; i < countof(cases); i++) {
        Json in;
        Str action, resource;
        Case c = {"s3",
                  "s3",
                  "CopyObject",
                  str_z(test_arena(),
                        str_printf(test_arena(), "{\"CopySource\": \"%s\"}", cases[i].source)),
                  NULL,
                  NULL};
        ActionRequest r = request_of(&c, &in);
        ok(action_second(test_arena(), &r, &action, &resource));
        eq_str(action, str_from(cases[i].action));
        eq_str(resource, str_from(cases[i].resource));
    }
}

TEST(roles_that_are_passed)
{
    Json in;
    const ActionPass *out[ACTION_PASSES_MAX];
    Case job = {"emr", "elasticmapreduce", "RunJobFlow", "{}", NULL, NULL},
         filter = {"logs", "logs", "PutSubscriptionFilter", "{}", NULL, NULL},
         none = {"sqs", "sqs", "SendMessage", "{}", NULL, NULL};
    ActionRequest r = request_of(&job, &in);
    eq_int(action_passes(&r, out), 3);
    ok(out[1]->profile && !strcmp(out[1]->passed, "ec2.amazonaws.com"));
    r = request_of(&filter, &in);
    eq_int(action_passes(&r, out), 1);
    r = request_of(&none, &in);
    eq_int(action_passes(&r, out), 0);
}
