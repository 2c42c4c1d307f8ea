/* actions.c - the tables of actions and resources: S3 precisely, the others by the member that names a resource. */
#include "core/policy/actions.h"

/* ---- names ---- */

typedef struct Rename {
    const char *service, *operation, *action;
} Rename;

/* Those that are not called as the API calls them. */
static const Rename renames[] = {
    {"lambda", "Invoke", "lambda:InvokeFunction"},
    {"lambda", "InvokeAsync", "lambda:InvokeFunction"},
    {"lambda", "InvokeWithResponseStream", "lambda:InvokeFunction"},
    {"s3", "CompleteMultipartUpload", "s3:PutObject"},
    {"s3", "CopyObject", "s3:PutObject"},
    {"s3", "CreateMultipartUpload", "s3:PutObject"},
    {"s3", "DeleteBucketCors", "s3:PutBucketCORS"},
    {"s3", "DeleteBucketEncryption", "s3:PutEncryptionConfiguration"},
    {"s3", "DeleteBucketLifecycle", "s3:PutLifecycleConfiguration"},
    {"s3", "DeleteBucketOwnershipControls", "s3:PutBucketOwnershipControls"},
    {"s3", "DeleteBucketReplication", "s3:PutReplicationConfiguration"},
    {"s3", "DeleteBucketTagging", "s3:PutBucketTagging"},
    {"s3", "DeleteObjects", "s3:DeleteObject"},
    {"s3", "DeletePublicAccessBlock", "s3:PutBucketPublicAccessBlock"},
    {"s3", "GetBucketAccelerateConfiguration", "s3:GetAccelerateConfiguration"},
    {"s3", "GetBucketCors", "s3:GetBucketCORS"},
    {"s3", "GetBucketEncryption", "s3:GetEncryptionConfiguration"},
    {"s3", "GetBucketLifecycle", "s3:GetLifecycleConfiguration"},
    {"s3", "GetBucketLifecycleConfiguration", "s3:GetLifecycleConfiguration"},
    {"s3", "GetBucketNotificationConfiguration", "s3:GetBucketNotification"},
    {"s3", "GetBucketReplication", "s3:GetReplicationConfiguration"},
    {"s3", "GetObjectLockConfiguration", "s3:GetBucketObjectLockConfiguration"},
    {"s3", "GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock"},
    {"s3", "HeadBucket", "s3:ListBucket"},
    {"s3", "HeadObject", "s3:GetObject"},
    {"s3", "ListBuckets", "s3:ListAllMyBuckets"},
    {"s3", "ListMultipartUploads", "s3:ListBucketMultipartUploads"},
    {"s3", "ListObjectVersions", "s3:ListBucketVersions"},
    {"s3", "ListObjects", "s3:ListBucket"},
    {"s3", "ListObjectsV2", "s3:ListBucket"},
    {"s3", "ListParts", "s3:ListMultipartUploadParts"},
    {"s3", "PutBucketAccelerateConfiguration", "s3:PutAccelerateConfiguration"},
    {"s3", "PutBucketCors", "s3:PutBucketCORS"},
    {"s3", "PutBucketEncryption", "s3:PutEncryptionConfiguration"},
    {"s3", "PutBucketLifecycle", "s3:PutLifecycleConfiguration"},
    {"s3", "PutBucketLifecycleConfiguration", "s3:PutLifecycleConfiguration"},
    {"s3", "PutBucketNotificationConfiguration", "s3:PutBucketNotification"},
    {"s3", "PutBucketReplication", "s3:PutReplicationConfiguration"},
    {"s3", "PutObjectLockConfiguration", "s3:PutBucketObjectLockConfiguration"},
    {"s3", "PutPublicAccessBlock", "s3:PutBucketPublicAccessBlock"},
    {"s3", "UploadPart", "s3:PutObject"},
    {"s3", "UploadPartCopy", "s3:PutObject"},
};

/* Of one version of an object they are actions of their own. */
static const char *const versioned[] = {
    "s3:GetObject",    "s3:DeleteObject", "s3:GetObjectTagging",   "s3:PutObjectTagging",
    "s3:GetObjectAcl", "s3:PutObjectAcl", "s3:DeleteObjectTagging"};

static Str of_version(Arena *a, Str action)
{
    Str tail = str_slice(action, S("s3:GetObject").n, action.n);
    if (str_starts(action, S("s3:DeleteObject")))
        tail = str_slice(action, S("s3:DeleteObject").n, action.n);
    return str_printf(a, "%.*sVersion%.*s", (int)(action.n - tail.n), action.p, STR(tail));
}

Str action_name(Arena *a, const ActionRequest *r)
{
    Str action = str_printf(a, "%.*s:%.*s", STR(r->signing), STR(r->operation));
    for (int i = 0; i < countof(renames); i++)
        if (str_eq(r->service, str_from(renames[i].service)) &&
            str_eq(r->operation, str_from(renames[i].operation)))
            action = str_from(renames[i].action);
    if (str_eq(r->service, S("s3")) && json_text(json_get(r->in, S("VersionId"))).n)
        for (int i = 0; i < countof(versioned); i++)
            if (str_eq(action, str_from(versioned[i]))) return of_version(a, action);
    return action;
}

/* ---- resources ---- */

/* The first row whose member is in the input. In the form: {} is the member, {r} region, {a}
 * account, {Name} another member or nothing, {Name|x} another member or x. A member that is an ARN
 * is the resource itself. */
typedef struct Naming {
    const char *service, *member, *form;
    const char *operations; /* of a name that several kinds share: what the operation contains */
} Naming;

static const Naming namings[] = {
    {"s3", "Key", "arn:aws:s3:::{Bucket}/{}", NULL},
    {"s3", "Bucket", "arn:aws:s3:::{}", NULL},
    {"emr", "ClusterId", "arn:aws:elasticmapreduce:{r}:{a}:cluster/{}", NULL},
    {"emr", "JobFlowId", "arn:aws:elasticmapreduce:{r}:{a}:cluster/{}", NULL},
    {"emr", "JobFlowIds", "arn:aws:elasticmapreduce:{r}:{a}:cluster/{}", NULL},
    {"emr", "ResourceId", "arn:aws:elasticmapreduce:{r}:{a}:cluster/{}", NULL},
    {"stepfunctions", "stateMachineArn", "{}", NULL},
    {"stepfunctions", "executionArn", "{}", NULL},
    {"stepfunctions", "activityArn", "{}", NULL},
    {"stepfunctions", "mapRunArn", "{}", NULL},
    {"stepfunctions", "resourceArn", "{}", NULL},
    {"stepfunctions", "stateMachineAliasArn", "{}", NULL},
    {"stepfunctions", "stateMachineVersionArn", "{}", NULL},
    {"stepfunctions", "name", "arn:aws:states:{r}:{a}:activity:{}", "CreateActivity"},
    {"stepfunctions", "name", "arn:aws:states:{r}:{a}:stateMachine:{}", "CreateStateMachine"},
    {"lambda", "UUID", "arn:aws:lambda:{r}:{a}:event-source-mapping:{}", NULL},
    {"lambda", "LayerName", "arn:aws:lambda:{r}:{a}:layer:{}:{VersionNumber}", "GetLayerVersion"},
    {"lambda", "LayerName", "arn:aws:lambda:{r}:{a}:layer:{}:{VersionNumber}", "DeleteLayer"},
    {"lambda", "LayerName", "arn:aws:lambda:{r}:{a}:layer:{}:{VersionNumber}", "VersionPermission"},
    {"lambda", "LayerName", "arn:aws:lambda:{r}:{a}:layer:{}", NULL},
    {"lambda", "FunctionName", "arn:aws:lambda:{r}:{a}:function:{}", NULL},
    {"logs", "logGroupName", "arn:aws:logs:{r}:{a}:log-group:{}:log-stream:{logStreamName}", NULL},
    {"logs", "logGroupNamePrefix", "arn:aws:logs:{r}:{a}:log-group:{}:log-stream:", NULL},
    {"logs", "logGroupIdentifier", "arn:aws:logs:{r}:{a}:log-group:{}:log-stream:", NULL},
    {"logs", "resourceArn", "{}", NULL},
    {"events", "Rule", "arn:aws:events:{r}:{a}:rule/{}", NULL},
    {"events", "Name", "arn:aws:events:{r}:{a}:rule/{}", "Rule"},
    {"events", "Name", "arn:aws:events:{r}:{a}:event-bus/{}", "EventBus"},
    {"events", "Name", "arn:aws:events:{r}:{a}:connection/{}", "Connection"},
    {"events", "Name", "arn:aws:events:{r}:{a}:api-destination/{}", "ApiDestination"},
    {"events", "ArchiveName", "arn:aws:events:{r}:{a}:archive/{}", NULL},
    {"events", "ReplayName", "arn:aws:events:{r}:{a}:replay/{}", NULL},
    {"events", "ResourceARN", "{}", NULL},
    {"events", "Entries", "arn:aws:events:{r}:{a}:event-bus/default", "PutEvents"},
    {"scheduler", "Name", "arn:aws:scheduler:{r}:{a}:schedule-group/{}", "ScheduleGroup"},
    {"scheduler", "Name", "arn:aws:scheduler:{r}:{a}:schedule/{GroupName|default}/{}", NULL},
    {"sqs", "QueueUrl", "arn:aws:sqs:{r}:{a}:{}", NULL},
    {"sqs", "QueueName", "arn:aws:sqs:{r}:{a}:{}", NULL},
    {"sqs", "SourceArn", "{}", NULL},
    {"cloudwatch", "AlarmName", "arn:aws:cloudwatch:{r}:{a}:alarm:{}", NULL},
    {"cloudwatch", "DashboardName", "arn:aws:cloudwatch::{a}:dashboard/{}", NULL},
    {"cloudwatch", "ResourceARN", "{}", NULL},
    {"sns", "TopicArn", "{}", NULL},
    {"sns", "TargetArn", "{}", NULL},
    {"sns", "SubscriptionArn", "{}", NULL},
    {"sns", "ResourceArn", "{}", NULL},
    {"sns", "Name", "arn:aws:sns:{r}:{a}:{}", NULL},
    {"ssm", "Name", "arn:aws:ssm:{r}:{a}:parameter/{}", NULL},
    {"ssm", "Names", "arn:aws:ssm:{r}:{a}:parameter/{}", NULL},
    {"ssm", "Path", "arn:aws:ssm:{r}:{a}:parameter/{}", NULL},
    {"ssm", "ResourceId", "arn:aws:ssm:{r}:{a}:parameter/{}", NULL},
    {"secretsmanager", "SecretId", "arn:aws:secretsmanager:{r}:{a}:secret:{}-000000", NULL},
    {"secretsmanager", "Name", "arn:aws:secretsmanager:{r}:{a}:secret:{}-000000", NULL},
    {"cloudformation", "StackName", "arn:aws:cloudformation:{r}:{a}:stack/{}/*", NULL},
    {"iam", "PolicyArn", "{}", "Policy"},
    {"iam", "OpenIDConnectProviderArn", "{}", NULL},
    {"iam", "SAMLProviderArn", "{}", NULL},
    {"iam", "PolicySourceArn", "{}", NULL},
    {"iam", "UserName", "arn:aws:iam::{a}:user{Path|/}{}", NULL},
    {"iam", "GroupName", "arn:aws:iam::{a}:group{Path|/}{}", NULL},
    {"iam", "InstanceProfileName", "arn:aws:iam::{a}:instance-profile{Path|/}{}", NULL},
    {"iam", "RoleName", "arn:aws:iam::{a}:role{Path|/}{}", NULL},
    {"iam", "PolicyName", "arn:aws:iam::{a}:policy{Path|/}{}", NULL},
    {"sts", "RoleArn", "{}", NULL},
};

/* What stands for a member: a name; of a list the first; of a queue's address its last part. */
static Str identifier(const Json *in, Str member)
{
    const Json *v = json_get(in, member);
    Str text = json_text(json_is(v, JSON_ARRAY) ? json_at(v, 0) : v);
    if (str_eq(member, S("QueueUrl")))
        return str_slice(text, str_rfind_char(text, '/') + 1, text.n);
    bool path =
        str_eq(member, S("Names")) || str_eq(member, S("Name")) || str_eq(member, S("Path"));
    return path && str_starts(text, S("/")) ? str_slice(text, 1, text.n) : text;
}

static Str placeholder(const ActionRequest *r, Str inside, Str own)
{
    Str name, rest = inside;
    if (!inside.n) return own;
    if (str_eq(inside, S("r"))) return r->region;
    if (str_eq(inside, S("a"))) return r->account;
    if (!str_cut(&rest, '|', &name)) return S("");
    Str value = json_text(json_get(r->in, name));
    return value.n ? value : rest;
}

static Str filled(Arena *a, const ActionRequest *r, Str form, Str own)
{
    Buf b = {.a = a};
    for (int64_t i = 0; i < form.n; i++) {
        if (form.p[i] != '{') {
            buf_putc(&b, form.p[i]);
            continue;
        }
        Str rest = str_slice(form, i + 1, form.n);
        Str inside = str_slice(rest, 0, str_find_char(rest, '}'));
        buf_put(&b, placeholder(r, inside, own));
        i += inside.n + 1;
    }
    return buf_str(&b);
}

static bool names(const Naming *n, const ActionRequest *r)
{
    return str_eq(r->service, str_from(n->service)) && json_get(r->in, str_from(n->member)) &&
           (!n->operations || str_find(r->operation, str_from(n->operations)) >= 0);
}

Str action_resource(Arena *a, const ActionRequest *r)
{
    for (int i = 0; i < countof(namings); i++) {
        if (!names(&namings[i], r)) continue;
        Str own = identifier(r->in, str_from(namings[i].member));
        bool arn = str_starts(own, S("arn:")) && !str_eq(r->service, S("s3"));
        return arn ? own : filled(a, r, str_from(namings[i].form), own);
    }
    return S("*");
}

static bool reveals_secrets(const ActionRequest *r)
{
    return str_eq(r->operation, S("TestState")) && json_true(json_get(r->in, S("revealSecrets")));
}

/* "bucket/key?versionId=.." or "/bucket/key" */
bool action_second(Arena *a, const ActionRequest *r, Str *action, Str *resource)
{
    Str source = json_text(json_get(r->in, S("CopySource")));
    if (reveals_secrets(r)) return *action = S("states:RevealSecrets"), *resource = S("*"), true;
    if (!str_eq(r->service, S("s3")) || !source.n) return false;
    int64_t query = str_find(source, S("?versionId="));
    if (source.p[0] == '/') {
        source = str_slice(source, 1, source.n);
        query--;
    }
    *action = query > 0 ? S("s3:GetObjectVersion") : S("s3:GetObject");
    if (query > 0) source = str_slice(source, 0, query);
    *resource = str_printf(a, "arn:aws:s3:::%.*s", STR(source));
    return true;
}

/* ---- roles handed on ---- */

static const ActionPass passes[] = {
    {"cloudformation", "ContinueUpdateRollback", "RoleARN", "cloudformation.amazonaws.com", false},
    {"cloudformation", "CreateChangeSet", "RoleARN", "cloudformation.amazonaws.com", false},
    {"cloudformation", "CreateStack", "RoleARN", "cloudformation.amazonaws.com", false},
    {"cloudformation", "DeleteStack", "RoleARN", "cloudformation.amazonaws.com", false},
    {"cloudformation", "UpdateStack", "RoleARN", "cloudformation.amazonaws.com", false},
    {"emr", "RunJobFlow", "ServiceRole", "elasticmapreduce.amazonaws.com", false},
    {"emr", "RunJobFlow", "JobFlowRole", "ec2.amazonaws.com", true},
    {"emr", "RunJobFlow", "AutoScalingRole", "application-autoscaling.amazonaws.com", false},
    {"events", "PutRule", "RoleArn", "events.amazonaws.com", false},
    {"events", "PutTargets", "Targets.*.RoleArn", "events.amazonaws.com", false},
    {"iam", "AddRoleToInstanceProfile", "RoleName", "ec2.amazonaws.com", false},
    {"lambda", "CreateFunction", "Role", "lambda.amazonaws.com", false},
    {"lambda", "UpdateFunctionConfiguration", "Role", "lambda.amazonaws.com", false},
    {"logs", "PutSubscriptionFilter", "roleArn", "logs.amazonaws.com", false},
    {"scheduler", "CreateSchedule", "Target.RoleArn", "scheduler.amazonaws.com", false},
    {"scheduler", "UpdateSchedule", "Target.RoleArn", "scheduler.amazonaws.com", false},
    {"stepfunctions", "CreateStateMachine", "roleArn", "states.amazonaws.com", false},
    {"stepfunctions", "TestState", "roleArn", "states.amazonaws.com", false},
    {"stepfunctions", "UpdateStateMachine", "roleArn", "states.amazonaws.com", false},
};

int action_passes(const ActionRequest *r, const ActionPass *out[ACTION_PASSES_MAX])
{
    int n = 0;
    for (int i = 0; i < countof(passes); i++)
        if (str_eq(r->service, str_from(passes[i].service)) &&
            str_eq(r->operation, str_from(passes[i].operation)) && n < ACTION_PASSES_MAX)
            out[n++] = &passes[i];
    return n;
}
