/* managed.c - the table of AWS's managed policies. */
#include "core/policy/managed.h"

#define DOCUMENT(statements) "{\"Version\":\"2012-10-17\",\"Statement\":[" statements "]}"
#define ALLOW(actions)       "{\"Effect\":\"Allow\",\"Action\":[" actions "],\"Resource\":\"*\"}"
#define PASS(service)                                                                              \
    "{\"Effect\":\"Allow\",\"Action\":\"iam:PassRole\",\"Resource\":\"*\",\"Condition\":{"         \
    "\"StringEquals\":{\"iam:PassedToService\":\"" service "\"}}}"
#define LOGS_WRITE ALLOW("\"logs:CreateLogGroup\",\"logs:CreateLogStream\",\"logs:PutLogEvents\"")
#define EMR_MACHINES                                                                               \
    "\"ec2:AuthorizeSecurityGroupEgress\",\"ec2:AuthorizeSecurityGroupIngress\","                  \
    "\"ec2:CancelSpotInstanceRequests\",\"ec2:CreateFleet\",\"ec2:CreateLaunchTemplate\","         \
    "\"ec2:CreateNetworkInterface\",\"ec2:CreateSecurityGroup\",\"ec2:CreateTags\","               \
    "\"ec2:DeleteLaunchTemplate\",\"ec2:DeleteNetworkInterface\",\"ec2:DeleteSecurityGroup\","     \
    "\"ec2:DeleteTags\",\"ec2:Describe*\",\"ec2:DetachNetworkInterface\","                         \
    "\"ec2:ModifyImageAttribute\",\"ec2:ModifyInstanceAttribute\","                                \
    "\"ec2:RequestSpotInstances\",\"ec2:RevokeSecurityGroupEgress\",\"ec2:RunInstances\","         \
    "\"ec2:TerminateInstances\",\"ec2:DeleteVolume\",\"ec2:DetachVolume\""

static const ManagedPolicy table[] = {
    {"/service-role/", "AWSGlueServiceRole", 4,
     "Policy for AWS Glue service role which allows access to related services",
     DOCUMENT(ALLOW(
         "\"glue:*\",\"s3:GetBucketLocation\",\"s3:ListBucket\",\"s3:ListAllMyBuckets\","
         "\"s3:GetBucketAcl\",\"ec2:Describe*\",\"iam:ListRolePolicies\","
         "\"iam:GetRole\",\"iam:GetRolePolicy\",\"cloudwatch:PutMetricData\"") ","
                                                                               "{\"Effect\":"
                                                                               "\"Allow\","
                                                                               "\"Action\":[\"s3:"
                                                                               "CreateBucket\"],"
                                                                               "\"Resource\":["
                                                                               "\"arn:aws:s3:::aws-"
                                                                               "glue-*\"]},"
                                                                               "{\"Effect\":"
                                                                               "\"Allow\","
                                                                               "\"Action\":[\"s3:"
                                                                               "GetObject\",\"s3:"
                                                                               "PutObject\","
                                                                               "\"s3:"
                                                                               "DeleteObject\"],"
                                                                               "\"Resource\":["
                                                                               "\"arn:aws:s3:::aws-"
                                                                               "glue-*/*\","
                                                                               "\"arn:aws:s3:::*/"
                                                                               "*aws-glue-*/*\"]},"
                                                                               "{\"Effect\":"
                                                                               "\"Allow\","
                                                                               "\"Action\":[\"s3:"
                                                                               "GetObject\"],"
                                                                               "\"Resource\":["
                                                                               "\"arn:aws:s3:::"
                                                                               "crawler-public*\","
                                                                               "\"arn:aws:s3:::aws-"
                                                                               "glue-*\"]},"
                                                                               "{\"Effect\":"
                                                                               "\"Allow\","
                                                                               "\"Action\":[\"logs:"
                                                                               "CreateLogGroup\","
                                                                               "\"logs:"
                                                                               "CreateLogStream\","
                                                                               "\"logs:"
                                                                               "PutLogEvents\"],"
                                                                               "\"Resource\":["
                                                                               "\"arn:aws:logs:*:*:"
                                                                               "*:/aws-glue/"
                                                                               "*\"]}")},
    {"/service-role/", "AWSLambdaBasicExecutionRole", 1,
     "Provides write permissions to CloudWatch Logs.", DOCUMENT(LOGS_WRITE)},
    {"/service-role/", "AWSLambdaRole", 1, "Default policy for AWS Lambda service role.",
     DOCUMENT(ALLOW("\"lambda:InvokeFunction\""))},
    {"/service-role/", "AWSLambdaSQSQueueExecutionRole", 1,
     "Provides receive message, delete message, and read attribute access to SQS queues, and write "
     "permissions to CloudWatch logs.",
     DOCUMENT(ALLOW("\"sqs:ReceiveMessage\",\"sqs:DeleteMessage\",\"sqs:GetQueueAttributes\","
                    "\"logs:CreateLogGroup\",\"logs:CreateLogStream\",\"logs:PutLogEvents\""))},
    {"/service-role/", "AWSLambdaVPCAccessExecutionRole", 1,
     "Provides minimum permissions for a Lambda function to execute while accessing a resource "
     "within a VPC",
     DOCUMENT(ALLOW("\"logs:CreateLogGroup\",\"logs:CreateLogStream\",\"logs:PutLogEvents\","
                    "\"ec2:CreateNetworkInterface\",\"ec2:DescribeNetworkInterfaces\","
                    "\"ec2:DescribeSubnets\",\"ec2:DeleteNetworkInterface\","
                    "\"ec2:AssignPrivateIpAddresses\",\"ec2:UnassignPrivateIpAddresses\""))},
    {"/", "AWSLambda_FullAccess", 1,
     "Grants full access to AWS Lambda service, AWS Lambda console features, and other related AWS "
     "services.",
     DOCUMENT(
         ALLOW("\"lambda:*\",\"cloudformation:Describe*\",\"cloudformation:List*\","
               "\"cloudformation:GetTemplate\",\"cloudwatch:ListMetrics\","
               "\"cloudwatch:GetMetricData\",\"iam:GetPolicy\",\"iam:GetPolicyVersion\","
               "\"iam:GetRole\",\"iam:GetRolePolicy\",\"iam:ListAttachedRolePolicies\","
               "\"iam:ListRolePolicies\",\"iam:ListRoles\",\"logs:Describe*\","
               "\"logs:FilterLogEvents\",\"logs:StartLiveTail\",\"logs:StopLiveTail\","
               "\"states:DescribeStateMachine\",\"states:ListStateMachines\"") "," PASS("lambda."
                                                                                        "amazonaws."
                                                                                        "com"))},
    {"/", "AWSStepFunctionsConsoleFullAccess", 1,
     "An access policy for providing a user/role/etc access to the AWS StepFunctions console.",
     DOCUMENT(ALLOW("\"states:*\",\"iam:ListRoles\",\"lambda:ListFunctions\"") "," PASS(
         "states.amazonaws.com"))},
    {"/", "AWSStepFunctionsFullAccess", 1,
     "An access policy for providing a user/role/etc access to the AWS StepFunctions API. For full "
     "access, in addition to this policy, a user MUST have iam:PassRole permission on at least one "
     "IAM role that can be assumed by the service.",
     DOCUMENT(ALLOW("\"states:*\""))},
    {"/", "AWSStepFunctionsReadOnlyAccess", 1,
     "An access policy for providing a user/role/etc read only access to the AWS StepFunctions "
     "service.",
     DOCUMENT(ALLOW("\"states:List*\",\"states:Describe*\",\"states:GetExecutionHistory\""))},
    {"/", "AWSXRayDaemonWriteAccess", 2,
     "Allow the AWS X-Ray Daemon to relay raw trace segments data to the service's API and "
     "retrieve "
     "sampling data.",
     DOCUMENT(ALLOW("\"xray:PutTraceSegments\",\"xray:PutTelemetryRecords\","
                    "\"xray:GetSamplingRules\",\"xray:GetSamplingTargets\","
                    "\"xray:GetSamplingStatisticSummaries\""))},
    {"/", "AdministratorAccess", 1, "Provides full access to AWS services and resources.",
     DOCUMENT(ALLOW("\"*\""))},
    {"/", "AmazonAthenaFullAccess", 11,
     "Provide full access to Amazon Athena and scoped access to the dependencies needed to enable "
     "querying, writing results, and data management.",
     DOCUMENT(ALLOW(
         "\"athena:*\",\"glue:CreateDatabase\",\"glue:DeleteDatabase\","
         "\"glue:GetCatalog\",\"glue:GetCatalogs\",\"glue:GetDatabase\","
         "\"glue:GetDatabases\",\"glue:UpdateDatabase\",\"glue:CreateTable\","
         "\"glue:DeleteTable\",\"glue:BatchDeleteTable\",\"glue:UpdateTable\","
         "\"glue:GetTable\",\"glue:GetTables\",\"glue:BatchCreatePartition\","
         "\"glue:CreatePartition\",\"glue:DeletePartition\","
         "\"glue:BatchDeletePartition\",\"glue:UpdatePartition\","
         "\"glue:GetPartition\",\"glue:GetPartitions\",\"glue:BatchGetPartition\","
         "\"s3:ListAllMyBuckets\",\"sns:ListTopics\",\"cloudwatch:PutMetricAlarm\","
         "\"cloudwatch:DescribeAlarms\"") ","
                                          "{\"Effect\":\"Allow\",\"Action\":[\"s3:"
                                          "GetBucketLocation\",\"s3:GetObject\","
                                          "\"s3:ListBucket\",\"s3:ListBucketMultipartUploads\","
                                          "\"s3:ListMultipartUploadParts\",\"s3:"
                                          "AbortMultipartUpload\","
                                          "\"s3:CreateBucket\",\"s3:PutObject\"],\"Resource\":["
                                          "\"arn:aws:s3:::aws-athena-query-results-*\"]}")},
    {"/", "AmazonEC2ReadOnlyAccess", 2,
     "Provides read only access to Amazon EC2 via the AWS Management Console.",
     DOCUMENT(ALLOW("\"ec2:Describe*\",\"ec2:Get*\""))},
    {"/", "AmazonEMRFullAccessPolicy_v2", 4, "Provides full access to Amazon EMR",
     DOCUMENT(ALLOW(
         "\"elasticmapreduce:*\",\"cloudwatch:GetMetricStatistics\","
         "\"ec2:Describe*\",\"s3:ListAllMyBuckets\",\"iam:ListRoles\"") ","
                                                                        "{\"Effect\":\"Allow\","
                                                                        "\"Action\":\"iam:"
                                                                        "PassRole\",\"Resource\":["
                                                                        "\"arn:aws:iam::*:role/"
                                                                        "EMR_DefaultRole\",\"arn:"
                                                                        "aws:iam::*:role/"
                                                                        "EMR_DefaultRole_V2\","
                                                                        "\"arn:aws:iam::*:role/"
                                                                        "EMR_EC2_DefaultRole\","
                                                                        "\"arn:aws:iam::*:role/"
                                                                        "EMR_AutoScaling_"
                                                                        "DefaultRole\"]}")},
    {"/", "AmazonEMRReadOnlyAccessPolicy_v2", 3,
     "Provides read only access to Amazon EMR and the associated CloudWatch Metrics.",
     DOCUMENT(
         ALLOW("\"elasticmapreduce:Describe*\",\"elasticmapreduce:Get*\","
               "\"elasticmapreduce:List*\",\"elasticmapreduce:ViewEventsFromAllClustersInConsole\","
               "\"cloudwatch:GetMetricStatistics\""))},
    {"/service-role/", "AmazonEMRServicePolicy_v2", 1, "Restricted Amazon EMR service role policy",
     DOCUMENT(ALLOW(
         EMR_MACHINES) ","
                       "{\"Effect\":\"Allow\",\"Action\":\"iam:PassRole\",\"Resource\":"
                       "\"arn:aws:iam::*:role/EMR_EC2_DefaultRole\",\"Condition\":{\"StringLike\":{"
                       "\"iam:PassedToService\":\"ec2.amazonaws.com*\"}}}")},
    {"/service-role/", "AmazonElasticMapReduceRole", 10,
     "Default policy for the Amazon Elastic MapReduce service role.",
     DOCUMENT(ALLOW(EMR_MACHINES
                    ",\"iam:GetRole\",\"iam:GetRolePolicy\",\"iam:ListInstanceProfiles\","
                    "\"iam:ListRolePolicies\",\"iam:PassRole\",\"s3:CreateBucket\",\"s3:Get*\","
                    "\"s3:List*\",\"sdb:BatchPutAttributes\",\"sdb:Select\","
                    "\"sqs:CreateQueue\",\"sqs:Delete*\",\"sqs:GetQueue*\","
                    "\"sqs:PurgeQueue\",\"sqs:ReceiveMessage\",\"cloudwatch:PutMetricAlarm\","
                    "\"cloudwatch:DescribeAlarms\",\"cloudwatch:DeleteAlarms\","
                    "\"application-autoscaling:*\""))},
    {"/service-role/", "AmazonElasticMapReduceforAutoScalingRole", 1,
     "Amazon Elastic MapReduce for Auto Scaling. Role to allow Auto Scaling to add and remove "
     "instances from your EMR cluster.",
     DOCUMENT(ALLOW("\"cloudwatch:DescribeAlarms\",\"elasticmapreduce:ListInstanceGroups\","
                    "\"elasticmapreduce:ModifyInstanceGroups\""))},
    {"/service-role/", "AmazonElasticMapReduceforEC2Role", 3,
     "Default policy for the Amazon Elastic MapReduce for EC2 service role.",
     DOCUMENT(ALLOW("\"cloudwatch:*\",\"dynamodb:*\",\"ec2:Describe*\","
                    "\"elasticmapreduce:Describe*\",\"elasticmapreduce:ListBootstrapActions\","
                    "\"elasticmapreduce:ListClusters\",\"elasticmapreduce:ListInstanceGroups\","
                    "\"elasticmapreduce:ListInstances\",\"elasticmapreduce:ListSteps\","
                    "\"kinesis:*\",\"rds:Describe*\",\"s3:*\",\"sdb:*\",\"sns:*\",\"sqs:*\","
                    "\"glue:*Database*\",\"glue:*Table*\",\"glue:*Partition*\","
                    "\"glue:*UserDefinedFunction*\""))},
    {"/", "AmazonEventBridgeFullAccess", 3, "Provides full access to Amazon EventBridge.",
     DOCUMENT(ALLOW("\"events:*\",\"schemas:*\",\"scheduler:*\",\"pipes:*\"") "," PASS(
         "events.amazonaws.com") "," PASS("scheduler.amazonaws.com"))},
    {"/", "AmazonS3FullAccess", 2,
     "Provides full access to all buckets via the AWS Management Console.",
     DOCUMENT(ALLOW("\"s3:*\",\"s3-object-lambda:*\""))},
    {"/", "AmazonS3ReadOnlyAccess", 3,
     "Provides read only access to all buckets via the AWS Management Console.",
     DOCUMENT(ALLOW("\"s3:Get*\",\"s3:List*\",\"s3:Describe*\",\"s3-object-lambda:Get*\","
                    "\"s3-object-lambda:List*\""))},
    {"/", "AmazonSNSFullAccess", 2,
     "Provides full access to Amazon SNS via the AWS Management Console.",
     DOCUMENT(ALLOW("\"sns:*\""))},
    {"/", "AmazonSQSFullAccess", 1,
     "Provides full access to Amazon SQS via the AWS Management Console.",
     DOCUMENT(ALLOW("\"sqs:*\""))},
    {"/", "AmazonSSMFullAccess", 5, "Provides full access to Amazon SSM.",
     DOCUMENT(ALLOW("\"ssm:*\",\"cloudwatch:PutMetricData\",\"ec2:DescribeInstanceStatus\","
                    "\"logs:*\",\"ec2messages:*\""))},
    {"/", "AmazonSSMManagedInstanceCore", 2,
     "The policy for Amazon EC2 Role to enable AWS Systems Manager service core functionality.",
     DOCUMENT(ALLOW("\"ssm:DescribeAssociation\",\"ssm:GetDocument\",\"ssm:DescribeDocument\","
                    "\"ssm:GetParameter\",\"ssm:GetParameters\",\"ssm:ListAssociations\","
                    "\"ssm:PutInventory\",\"ssm:UpdateInstanceInformation\","
                    "\"ssmmessages:CreateControlChannel\",\"ssmmessages:CreateDataChannel\","
                    "\"ssmmessages:OpenControlChannel\",\"ssmmessages:OpenDataChannel\","
                    "\"ec2messages:*\""))},
    {"/", "AmazonSSMReadOnlyAccess", 1, "Provides read only access to Amazon SSM.",
     DOCUMENT(ALLOW("\"ssm:Describe*\",\"ssm:Get*\",\"ssm:List*\""))},
    {"/", "CloudWatchFullAccess", 4, "Provides full access to CloudWatch.",
     DOCUMENT(
         ALLOW("\"cloudwatch:*\",\"logs:*\",\"sns:*\",\"autoscaling:Describe*\","
               "\"iam:GetPolicy\",\"iam:GetPolicyVersion\",\"iam:GetRole\",\"oam:ListSinks\""))},
    {"/", "CloudWatchLogsFullAccess", 2, "Provides full access to CloudWatch Logs",
     DOCUMENT(ALLOW("\"logs:*\",\"cloudwatch:GenerateQuery\""))},
    {"/", "CloudWatchLogsReadOnlyAccess", 7, "Provides read only access to CloudWatch Logs",
     DOCUMENT(ALLOW("\"logs:Describe*\",\"logs:Get*\",\"logs:List*\",\"logs:StartQuery\","
                    "\"logs:StopQuery\",\"logs:TestMetricFilter\",\"logs:FilterLogEvents\","
                    "\"logs:StartLiveTail\",\"logs:StopLiveTail\""))},
    {"/", "IAMFullAccess", 2, "Provides full access to IAM via the AWS Management Console.",
     DOCUMENT(ALLOW("\"iam:*\",\"organizations:DescribeAccount\","
                    "\"organizations:DescribeOrganization\",\"organizations:ListPolicies\""))},
    {"/", "IAMReadOnlyAccess", 4, "Provides read only access to IAM.",
     DOCUMENT(ALLOW("\"iam:Get*\",\"iam:List*\",\"iam:GenerateCredentialReport\","
                    "\"iam:GenerateServiceLastAccessedDetails\",\"iam:SimulateCustomPolicy\","
                    "\"iam:SimulatePrincipalPolicy\""))},
    {"/", "PowerUserAccess", 5,
     "Provides full access to AWS services and resources, but does not allow management of Users "
     "and groups.",
     DOCUMENT("{\"Effect\":\"Allow\",\"NotAction\":[\"iam:*\",\"organizations:*\",\"account:*\"],"
              "\"Resource\":\"*\"}," ALLOW(
                  "\"iam:CreateServiceLinkedRole\",\"iam:DeleteServiceLinkedRole\","
                  "\"iam:ListRoles\",\"organizations:DescribeOrganization\","
                  "\"account:ListRegions\",\"account:GetAccountInformation\""))},
    {"/", "ReadOnlyAccess", 1, "Provides read-only access to AWS services and resources.",
     DOCUMENT(
         ALLOW("\"athena:Get*\",\"athena:List*\",\"athena:BatchGet*\","
               "\"cloudformation:Describe*\",\"cloudformation:Get*\","
               "\"cloudformation:List*\",\"cloudtrail:LookupEvents\",\"cloudwatch:Describe*\","
               "\"cloudwatch:Get*\",\"cloudwatch:List*\",\"ec2:Describe*\","
               "\"ec2:Get*\",\"elasticmapreduce:Describe*\",\"elasticmapreduce:Get*\","
               "\"elasticmapreduce:List*\",\"events:Describe*\",\"events:List*\","
               "\"events:Test*\",\"glue:BatchGet*\",\"glue:Get*\",\"glue:List*\","
               "\"iam:Get*\",\"iam:List*\",\"iam:Simulate*\",\"lambda:Get*\","
               "\"lambda:List*\",\"logs:Describe*\",\"logs:FilterLogEvents\",\"logs:Get*\","
               "\"logs:List*\",\"s3:Get*\",\"s3:List*\",\"scheduler:Get*\","
               "\"scheduler:List*\",\"secretsmanager:Describe*\","
               "\"secretsmanager:GetResourcePolicy\",\"secretsmanager:List*\","
               "\"sns:Check*\",\"sns:Get*\",\"sns:List*\",\"sqs:Get*\",\"sqs:List*\","
               "\"sqs:Receive*\",\"ssm:Describe*\",\"ssm:Get*\",\"ssm:List*\","
               "\"states:Describe*\",\"states:Get*\",\"states:List*\",\"sts:GetAccessKeyInfo\","
               "\"sts:GetCallerIdentity\",\"sts:GetSessionToken\""))},
};

static bool has_arn(const ManagedPolicy *p, Str rest)
{
    Str path = str_from(p->path), name = str_from(p->name);
    return rest.n == path.n + name.n && str_starts(rest, path) && str_ends(rest, name);
}

const ManagedPolicy *managed_policy(Str arn)
{
    Str head = S("arn:aws:iam::aws:policy");
    if (!str_starts(arn, head)) return NULL;
    for (int i = 0; i < countof(table); i++)
        if (has_arn(&table[i], str_slice(arn, head.n, arn.n))) return &table[i];
    return NULL;
}

const ManagedPolicy *managed_policy_at(int i)
{
    return i < countof(table) ? &table[i] : NULL;
}
