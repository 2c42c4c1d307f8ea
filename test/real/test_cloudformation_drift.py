# test_cloudformation_drift.py - drift: whole templates are in sync, what is changed behind a stack's back is told with its place.
import itertools
import json

import pytest
from botocore.exceptions import ClientError

from server import wait_for

names = itertools.count(1)
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


def document(action):
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]}


ROLE_ARN = {"Fn::GetAtt": ["Role", "Arn"]}
RESOURCES = {
    "Bucket": {
        "Type": "AWS::S3::Bucket",
        "Properties": {
            "VersioningConfiguration": {"Status": "Enabled"},
            "PublicAccessBlockConfiguration": {"BlockPublicAcls": True, "BlockPublicPolicy": "true"},
            "BucketEncryption": {
                "ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
            },
            "LifecycleConfiguration": {
                "Rules": [
                    {"Status": "Enabled", "ExpirationInDays": 30, "Prefix": "raw/"},
                    {
                        "Id": "old",
                        "Status": "Enabled",
                        "NoncurrentVersionExpirationInDays": "7",
                        "Transitions": [{"StorageClass": "GLACIER", "TransitionInDays": 90}],
                    },
                ]
            },
            "CorsConfiguration": {
                "CorsRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"], "MaxAge": 60, "Id": "all"}]
            },
            "WebsiteConfiguration": {"IndexDocument": "index.html"},
            "NotificationConfiguration": {
                "EventBridgeConfiguration": {"EventBridgeEnabled": True},
            },
            "Tags": [{"Key": "team", "Value": "data"}],
        },
    },
    "BucketPolicy": {
        "Type": "AWS::S3::BucketPolicy",
        "Properties": {
            "Bucket": {"Ref": "Bucket"},
            "PolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Sid": "Tls",
                        "Effect": "Deny",
                        "Principal": "*",
                        "Action": "s3:*",
                        "Resource": {"Fn::Sub": "${Bucket.Arn}/*"},
                        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                    }
                ],
            },
        },
    },
    "Role": {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": TRUST,
            "Description": "runs it",
            "MaxSessionDuration": 7200,
            "ManagedPolicyArns": [{"Ref": "Managed"}],
            "Policies": [{"PolicyName": "read", "PolicyDocument": document("s3:GetObject")}],
            "Tags": [{"Key": "team", "Value": "data"}],
        },
    },
    "Apart": {
        "Type": "AWS::IAM::Policy",
        "Properties": {"PolicyName": "apart", "PolicyDocument": document(["s3:PutObject"]), "Roles": [{"Ref": "Role"}]},
    },
    "Managed": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": document("sqs:*")}},
    "User": {
        "Type": "AWS::IAM::User",
        "Properties": {"Groups": [{"Ref": "Group"}], "Policies": [{"PolicyName": "p", "PolicyDocument": document("*")}]},
    },
    "Group": {"Type": "AWS::IAM::Group", "Properties": {"Policies": [{"PolicyName": "g", "PolicyDocument": document("sns:*")}]}},
    "Profile": {"Type": "AWS::IAM::InstanceProfile", "Properties": {"Roles": [{"Ref": "Role"}]}},
    "Machine": {
        "Type": "AWS::StepFunctions::StateMachine",
        "Properties": {
            "RoleArn": ROLE_ARN,
            "DefinitionString": '{"StartAt":"A","States":{"A":{"Type":"Pass","Result":"${what}","End":true}}}',
            "DefinitionSubstitutions": {"what": {"Ref": "Queue"}},
            "LoggingConfiguration": {
                "Level": "ERROR",
                "Destinations": [{"CloudWatchLogsLogGroup": {"LogGroupArn": {"Fn::GetAtt": ["Logs", "Arn"]}}}],
            },
            "TracingConfiguration": {"Enabled": False},
            "Tags": [{"Key": "team", "Value": "data"}],
        },
    },
    "Logs": {
        "Type": "AWS::Logs::LogGroup",
        "Properties": {"RetentionInDays": 14, "Tags": [{"Key": "team", "Value": "data"}]},
    },
    "Parameter": {
        "Type": "AWS::SSM::Parameter",
        "Properties": {"Type": "String", "Value": "3", "Description": "how many", "Tags": {"team": "data"}},
    },
    "Queue": {
        "Type": "AWS::SQS::Queue",
        "Properties": {
            "VisibilityTimeout": 60,
            "RedrivePolicy": {"deadLetterTargetArn": {"Fn::GetAtt": ["Dead", "Arn"]}, "maxReceiveCount": 3},
            "Tags": [{"Key": "team", "Value": "data"}],
        },
    },
    "Dead": {"Type": "AWS::SQS::Queue"},
    "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": "Failures", "Tags": [{"Key": "a", "Value": "b"}]}},
    "Subscription": {
        "Type": "AWS::SNS::Subscription",
        "Properties": {
            "TopicArn": {"Ref": "Topic"},
            "Protocol": "sqs",
            "Endpoint": {"Fn::GetAtt": ["Queue", "Arn"]},
            "RawMessageDelivery": True,
            "FilterPolicy": {"kind": ["failed"]},
        },
    },
    "Schedule": {
        "Type": "AWS::Scheduler::Schedule",
        "Properties": {
            "ScheduleExpression": "rate(1 day)",
            "StartDate": "2031-01-01T00:00:00Z",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "State": "DISABLED",
            "Target": {
                "Arn": {"Ref": "Machine"},
                "RoleArn": ROLE_ARN,
                "Input": "{}",
                "RetryPolicy": {"MaximumRetryAttempts": 2},
            },
        },
    },
    "Rule": {
        "Type": "AWS::Events::Rule",
        "Properties": {
            "EventPattern": {"source": ["aws.emr"], "detail": {"state": ["TERMINATED"]}},
            "Targets": [{"Id": "q", "Arn": {"Fn::GetAtt": ["Queue", "Arn"]}}],
        },
    },
    "Function": {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "Runtime": "python3.12",
            "Handler": "index.handler",
            "Role": ROLE_ARN,
            "Timeout": 20,
            "Code": {"ZipFile": "def handler(e, c): return e"},
            "Environment": {"Variables": {"MODE": "1"}},
            "Tags": [{"Key": "team", "Value": "data"}],
        },
    },
    "Alias": {
        "Type": "AWS::Lambda::Alias",
        "Properties": {"FunctionName": {"Ref": "Function"}, "FunctionVersion": "$LATEST", "Name": "live"},
    },
    "Alarm": {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "Namespace": "AWS/States",
            "MetricName": "ExecutionsFailed",
            "Statistic": "Sum",
            "Period": 60,
            "EvaluationPeriods": 1,
            "Threshold": 1,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "Dimensions": [{"Name": "StateMachineArn", "Value": {"Ref": "Machine"}}],
            "AlarmActions": [{"Ref": "Topic"}],
        },
    },
    "Bus": {"Type": "AWS::Events::EventBus", "Properties": {"Name": "bus-drift"}},
    "Secret": {"Type": "AWS::SecretsManager::Secret", "Properties": {"Description": "of it", "SecretString": "x"}},
    "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
    "Open": {
        "Type": "AWS::EC2::SecurityGroup",
        "Properties": {"GroupDescription": "open", "VpcId": {"Ref": "Vpc"}},
    },
    "Wait": {"Type": "AWS::CloudFormation::WaitConditionHandle"},
}


@pytest.fixture(scope="module")
def cfn(server):
    return server.client("cloudformation")


def failures(cfn, stack):
    events = cfn.describe_stack_events(StackName=stack)["StackEvents"]
    return [(e["LogicalResourceId"], e.get("ResourceStatusReason")) for e in events if "FAILED" in e["ResourceStatus"] and "cancelled" not in e["ResourceStatusReason"]]


@pytest.fixture
def deployed(cfn):
    stack = f"drift-{next(names)}"

    def deploy(resources, **more):
        cfn.create_stack(
            StackName=stack,
            TemplateBody=json.dumps({"Resources": resources}),
            Capabilities=["CAPABILITY_NAMED_IAM"],
            Tags=[{"Key": "stage", "Value": "test"}],
            **more,
        )
        settled = wait_for(
            lambda: (s := cfn.describe_stacks(StackName=stack)["Stacks"][0])["StackStatus"].endswith(("COMPLETE", "FAILED")) and s,
            what="the stack to settle",
        )
        assert settled["StackStatus"] == "CREATE_COMPLETE", failures(cfn, stack)
        return stack

    yield deploy
    cfn.delete_stack(StackName=stack)
    cfn.get_waiter("stack_delete_complete").wait(StackName=stack, WaiterConfig={"Delay": 1})


def detect(cfn, stack, **more):
    id = cfn.detect_stack_drift(StackName=stack, **more)["StackDriftDetectionId"]

    def over():
        found = cfn.describe_stack_drift_detection_status(StackDriftDetectionId=id)
        return found["DetectionStatus"] != "DETECTION_IN_PROGRESS" and found

    return wait_for(over, what="the detection")


def drifts(cfn, stack, **more):
    found = cfn.describe_stack_resource_drifts(StackName=stack, **more)["StackResourceDrifts"]
    return {d["LogicalResourceId"]: d for d in found}


def told(drift):
    return sorted(
        (p["DifferenceType"], p["PropertyPath"], p["ExpectedValue"], p["ActualValue"])
        for p in drift["PropertyDifferences"]
    )


def physical(cfn, stack, name):
    return cfn.describe_stack_resource(StackName=stack, LogicalResourceId=name)["StackResourceDetail"]["PhysicalResourceId"]


def test_what_nobody_touched_is_in_sync(cfn, deployed):
    stack = deployed(RESOURCES)
    assert cfn.describe_stacks(StackName=stack)["Stacks"][0]["DriftInformation"] == {"StackDriftStatus": "NOT_CHECKED"}
    found = detect(cfn, stack)
    all = drifts(cfn, stack)
    assert {n: (d["StackResourceDriftStatus"], told(d)) for n, d in all.items() if d["StackResourceDriftStatus"] != "IN_SYNC"} == {}
    assert (found["DetectionStatus"], found["StackDriftStatus"], found["DriftedStackResourceCount"]) == (
        "DETECTION_COMPLETE",
        "IN_SYNC",
        0,
    )
    assert set(all) == set(RESOURCES) - {"Wait"}
    # Each property that was looked at is told; those nobody can tell of are not.
    assert json.loads(all["Queue"]["ExpectedProperties"]) == json.loads(all["Queue"]["ActualProperties"])
    assert set(json.loads(all["Function"]["ActualProperties"])) == set(RESOURCES["Function"]["Properties"]) - {"Code"}
    for name in ("Bucket", "Role", "Schedule", "Rule", "Machine", "Logs", "Parameter", "Topic", "Subscription", "Alarm"):
        left_out = {"Machine": {"DefinitionSubstitutions"}}.get(name, set())
        assert set(json.loads(all[name]["ActualProperties"])) == set(RESOURCES[name]["Properties"]) - left_out, name
    summaries = {r["LogicalResourceId"]: r["DriftInformation"] for r in cfn.list_stack_resources(StackName=stack)["StackResourceSummaries"]}
    assert summaries["Wait"] == {"StackResourceDriftStatus": "NOT_CHECKED"}
    assert summaries["Queue"]["StackResourceDriftStatus"] == "IN_SYNC" and "LastCheckTimestamp" in summaries["Queue"]
    one = cfn.describe_stacks(StackName=stack)["Stacks"][0]["DriftInformation"]
    assert one["StackDriftStatus"] == "IN_SYNC" and "LastCheckTimestamp" in one
    with pytest.raises(ClientError) as refused:
        cfn.detect_stack_resource_drift(StackName=stack, LogicalResourceId="Wait")
    assert "not supported" in refused.value.response["Error"]["Message"]


def test_what_was_changed_is_told_with_its_place(server, cfn, deployed):
    stack = deployed(RESOURCES)
    bucket, role, queue, function = (physical(cfn, stack, n) for n in ("Bucket", "Role", "Queue", "Function"))
    s3, iam, sqs = server.client("s3"), server.client("iam"), server.client("sqs")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    s3.put_bucket_tagging(
        Bucket=bucket, Tagging={"TagSet": [{"Key": "team", "Value": "web"}, {"Key": "more", "Value": "1"}]}
    )
    rules = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    next(r for r in rules if r["ID"] != "old")["Expiration"]["Days"] = 31
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": rules})
    s3.delete_bucket_policy(Bucket=bucket)
    iam.update_role(RoleName=role, Description="does it", MaxSessionDuration=7200)
    iam.put_role_policy(RoleName=role, PolicyName="read", PolicyDocument=json.dumps(document("s3:*")))
    iam.put_role_policy(RoleName=role, PolicyName="extra", PolicyDocument=json.dumps(document("ec2:*")))
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": "30"})
    server.client("lambda").update_function_configuration(FunctionName=function, Environment={"Variables": {"MODE": "2", "MORE": "x"}})
    server.client("logs").delete_retention_policy(logGroupName=physical(cfn, stack, "Logs"))
    server.client("ssm").put_parameter(Name=physical(cfn, stack, "Parameter"), Value="4", Type="String", Overwrite=True)
    rule = physical(cfn, stack, "Rule")
    server.client("events").put_rule(Name=rule, EventPattern=json.dumps({"source": ["aws.emr", "mine"]}))
    topic = physical(cfn, stack, "Topic")
    server.client("sns").delete_topic(TopicArn=topic)
    found = detect(cfn, stack)
    iam.delete_role_policy(RoleName=role, PolicyName="extra")  # it would keep the role
    all = drifts(cfn, stack, StackResourceDriftStatusFilters=["MODIFIED", "DELETED"])
    assert (found["StackDriftStatus"], found["DriftedStackResourceCount"]) == ("DRIFTED", len(all))
    assert {n: d["StackResourceDriftStatus"] for n, d in all.items()} == {
        **dict.fromkeys(("Bucket", "Role", "Queue", "Function", "Logs", "Parameter", "Rule"), "MODIFIED"),
        **dict.fromkeys(("BucketPolicy", "Topic", "Subscription"), "DELETED"),
    }
    assert told(all["Bucket"]) == [
        ("ADD", "/Tags/1", "null", '{"Key":"more","Value":"1"}'),
        ("NOT_EQUAL", "/LifecycleConfiguration/Rules/0/ExpirationInDays", "30", "31"),
        ("NOT_EQUAL", "/Tags/0/Value", "data", "web"),
        ("NOT_EQUAL", "/VersioningConfiguration/Status", "Enabled", "Suspended"),
    ]
    extra = json.dumps({"PolicyName": "extra", "PolicyDocument": document("ec2:*")}, separators=(",", ":"))
    assert told(all["Role"])[1:] == [
        ("NOT_EQUAL", "/Description", "runs it", "does it"),
        ("NOT_EQUAL", "/Policies/0/PolicyDocument/Statement/0/Action", "s3:GetObject", "s3:*"),
    ]
    kind, path, expected, actual = told(all["Role"])[0]
    assert (kind, path, expected) == ("ADD", path, "null") and path.startswith("/Policies/")
    assert json.loads(actual)["PolicyName"] == json.loads(extra)["PolicyName"]
    assert told(all["Queue"]) == [("NOT_EQUAL", "/VisibilityTimeout", "60", "30")]
    assert told(all["Function"]) == [
        ("ADD", "/Environment/Variables/MORE", "null", "x"),
        ("NOT_EQUAL", "/Environment/Variables/MODE", "1", "2"),
    ]
    assert told(all["Logs"]) == [("REMOVE", "/RetentionInDays", "14", "null")]
    assert ("NOT_EQUAL", "/Value", "3", "4") in told(all["Parameter"])
    assert told(all["Rule"]) == [
        ("ADD", "/EventPattern/source/1", "null", "mine"),
        ("REMOVE", "/EventPattern/detail", '{"state":["TERMINATED"]}', "null"),
    ]
    assert "ActualProperties" not in all["BucketPolicy"] and "PropertyDifferences" not in all["BucketPolicy"]
    # One resource at once; what the stack changes is not drifted any more.
    one = cfn.detect_stack_resource_drift(StackName=stack, LogicalResourceId="Queue")["StackResourceDrift"]
    assert one["StackResourceDriftStatus"] == "MODIFIED" and json.loads(one["ActualProperties"])["VisibilityTimeout"] == "30"
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": "60"})
    one = cfn.detect_stack_resource_drift(StackName=stack, LogicalResourceId="Queue")["StackResourceDrift"]
    assert one["StackResourceDriftStatus"] == "IN_SYNC" and one["PropertyDifferences"] == []


def test_only_some_are_looked_at_and_the_unknown_is_refused(cfn, deployed):
    stack = deployed({"A": {"Type": "AWS::SQS::Queue"}, "B": {"Type": "AWS::SQS::Queue"}})
    assert detect(cfn, stack, LogicalResourceIds=["B"])["StackDriftStatus"] == "IN_SYNC"
    assert set(drifts(cfn, stack)) == {"B"}
    for call, arguments, message in (
        (cfn.detect_stack_drift, {"StackName": "nowhere"}, "Stack [nowhere] does not exist"),
        (cfn.detect_stack_drift, {"StackName": stack, "LogicalResourceIds": ["C"]}, "Resource C does not exist"),
        (cfn.describe_stack_drift_detection_status, {"StackDriftDetectionId": "x"}, "does not exist"),
    ):
        with pytest.raises(ClientError) as refused:
            call(**arguments)
        assert refused.value.response["Error"]["Code"] == "ValidationError"
        assert message in refused.value.response["Error"]["Message"]


def test_by_the_command_line(server, cfn, deployed, tmp_path):
    def aws(*words):
        return json.loads(server.aws("cloudformation", *words, "--output", "json").stdout or "null")

    stack = deployed({"Q": {"Type": "AWS::SQS::Queue", "Properties": {"DelaySeconds": 5}}})
    queue = physical(cfn, stack, "Q")
    server.client("sqs").set_queue_attributes(QueueUrl=queue, Attributes={"DelaySeconds": "6"})
    id = aws("detect-stack-drift", "--stack-name", stack)["StackDriftDetectionId"]
    wait_for(
        lambda: aws("describe-stack-drift-detection-status", "--stack-drift-detection-id", id)["DetectionStatus"] == "DETECTION_COMPLETE",
        what="the detection",
    )
    [found] = aws("describe-stack-resource-drifts", "--stack-name", stack, "--stack-resource-drift-status-filters", "MODIFIED")["StackResourceDrifts"]
    assert [d["PropertyPath"] for d in found["PropertyDifferences"]] == ["/DelaySeconds"]
    policy = tmp_path / "policy.json"
    policy.write_text('{"Statement":[{"Effect":"Deny","Principal":"*","Action":"Update:*","Resource":"*"}]}')
    aws("set-stack-policy", "--stack-name", stack, "--stack-policy-body", f"file://{policy}")
    template = tmp_path / "template.json"
    template.write_text(json.dumps({"Resources": {"Q": {"Type": "AWS::SQS::Queue", "Properties": {"DelaySeconds": 7}}}}))
    aws("update-stack", "--stack-name", stack, "--template-body", f"file://{template}")
    aws("wait", "stack-rollback-complete", "--stack-name", stack)
    open = '{"Statement":[{"Effect":"Allow","Principal":"*","Action":"Update:*","Resource":"*"}]}'
    aws("update-stack", "--stack-name", stack, "--template-body", f"file://{template}", "--stack-policy-during-update-body", open)
    aws("wait", "stack-update-complete", "--stack-name", stack)
    assert server.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["DelaySeconds"])["Attributes"] == {"DelaySeconds": "7"}
