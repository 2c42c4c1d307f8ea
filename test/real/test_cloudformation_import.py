# test_cloudformation_import.py - resources that are there already are taken into stacks, and stay whatever happens.
import itertools
import json

import pytest
from botocore.exceptions import ClientError

from server import wait_for

names = itertools.count(1)


@pytest.fixture(scope="module")
def cfn(server):
    return server.client("cloudformation")


@pytest.fixture
def stack(cfn):
    name = f"import-{next(names)}"
    yield name
    cfn.delete_stack(StackName=name)
    cfn.get_waiter("stack_delete_complete").wait(StackName=name, WaiterConfig={"Delay": 1})


def settled(cfn, stack, expected):
    def look():
        found = cfn.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]
        return found.endswith(("COMPLETE", "FAILED")) and found

    found = wait_for(look, what=f"{stack} to settle")
    events = cfn.describe_stack_events(StackName=stack)["StackEvents"]
    assert found == expected, [(e["LogicalResourceId"], e["ResourceStatus"], e.get("ResourceStatusReason")) for e in events]


def steps(cfn, stack, name):
    events = cfn.describe_stack_events(StackName=stack)["StackEvents"][::-1]
    return [e["ResourceStatus"] for e in events if e["LogicalResourceId"] == name]


def kept(type, **properties):
    return {"Type": type, "DeletionPolicy": "Retain", "Properties": properties}


def to_import(type, name, **identifier):
    return {"ResourceType": type, "LogicalResourceId": name, "ResourceIdentifier": identifier}


def change_set(cfn, stack, template, resources, name="c", **more):
    cfn.create_change_set(
        StackName=stack,
        ChangeSetName=name,
        ChangeSetType="IMPORT",
        TemplateBody=json.dumps(template),
        ResourcesToImport=resources,
        **more,
    )
    return {c["ResourceChange"]["LogicalResourceId"]: c["ResourceChange"] for c in cfn.describe_change_set(StackName=stack, ChangeSetName=name)["Changes"]}


def test_resources_are_imported_into_a_new_stack_and_an_old_one(server, cfn, stack):
    s3, sqs, iam, logs = (server.client(s) for s in ("s3", "sqs", "iam", "logs"))
    s3.create_bucket(Bucket="import-me")
    s3.put_object(Bucket="import-me", Key="k", Body=b"x")
    url = sqs.create_queue(QueueName="import-queue", Attributes={"VisibilityTimeout": "45"})["QueueUrl"]
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
    arn = iam.create_role(RoleName="import-role", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    logs.create_log_group(logGroupName="/import/logs")
    template = {
        "Resources": {
            "Bucket": kept("AWS::S3::Bucket", BucketName="import-me"),
            "Role": kept("AWS::IAM::Role", RoleName="import-role", AssumeRolePolicyDocument=trust),
        },
        "Outputs": {"Role": {"Value": {"Fn::GetAtt": ["Role", "Arn"]}}, "Bucket": {"Value": {"Fn::GetAtt": ["Bucket", "Arn"]}}},
    }
    first = [to_import("AWS::S3::Bucket", "Bucket", BucketName="import-me"), to_import("AWS::IAM::Role", "Role", RoleName="import-role")]
    found = change_set(cfn, stack, template, first, Capabilities=["CAPABILITY_NAMED_IAM"])
    assert (found["Bucket"]["Action"], found["Bucket"]["PhysicalResourceId"]) == ("Import", "import-me")
    cfn.execute_change_set(StackName=stack, ChangeSetName="c")
    cfn.get_waiter("stack_import_complete").wait(StackName=stack, WaiterConfig={"Delay": 1})
    assert steps(cfn, stack, stack) == ["REVIEW_IN_PROGRESS", "IMPORT_IN_PROGRESS", "IMPORT_COMPLETE"]
    assert steps(cfn, stack, "Bucket") == ["IMPORT_IN_PROGRESS", "IMPORT_COMPLETE"]
    told = {o["OutputKey"]: o["OutputValue"] for o in cfn.describe_stacks(StackName=stack)["Stacks"][0]["Outputs"]}
    assert told == {"Role": arn, "Bucket": "arn:aws:s3:::import-me"}
    template["Resources"]["Queue"] = kept("AWS::SQS::Queue", QueueName="import-queue", VisibilityTimeout=45)
    template["Resources"]["Logs"] = kept("AWS::Logs::LogGroup", LogGroupName="/import/logs")
    more = [to_import("AWS::SQS::Queue", "Queue", QueueUrl=url), to_import("AWS::Logs::LogGroup", "Logs", LogGroupName="/import/logs")]
    change_set(cfn, stack, template, more, "d", Capabilities=["CAPABILITY_NAMED_IAM"])
    cfn.execute_change_set(StackName=stack, ChangeSetName="d")
    settled(cfn, stack, "IMPORT_COMPLETE")
    # From now on they are the stack's: it knows their drift, changes them, and lets them stay.
    assert cfn.detect_stack_resource_drift(StackName=stack, LogicalResourceId="Queue")["StackResourceDrift"]["StackResourceDriftStatus"] == "IN_SYNC"
    template["Resources"]["Queue"]["Properties"]["VisibilityTimeout"] = 50
    cfn.update_stack(StackName=stack, TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_NAMED_IAM"])
    settled(cfn, stack, "UPDATE_COMPLETE")
    assert sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])["Attributes"]["VisibilityTimeout"] == "50"
    cfn.delete_stack(StackName=stack)
    cfn.get_waiter("stack_delete_complete").wait(StackName=stack, WaiterConfig={"Delay": 1})
    assert s3.list_objects_v2(Bucket="import-me")["KeyCount"] == 1 and iam.get_role(RoleName="import-role")


def test_an_import_that_fails_leaves_everything_as_it_was(server, cfn, stack):
    server.client("ssm").put_parameter(Name="/import/there", Type="String", Value="1")
    template = {
        "Resources": {
            "There": kept("AWS::SSM::Parameter", Name="/import/there", Type="String", Value="1"),
            "Not": kept("AWS::SSM::Parameter", Name="/import/not", Type="String", Value="1") | {"DependsOn": "There"},
        }
    }
    both = [to_import("AWS::SSM::Parameter", n, Name=f"/import/{n.lower()}") for n in ("There", "Not")]
    change_set(cfn, stack, template, both)
    cfn.execute_change_set(StackName=stack, ChangeSetName="c")
    settled(cfn, stack, "IMPORT_ROLLBACK_COMPLETE")
    assert steps(cfn, stack, "Not")[:2] == ["IMPORT_IN_PROGRESS", "IMPORT_FAILED"]
    assert steps(cfn, stack, "There")[-1] == "IMPORT_ROLLBACK_COMPLETE"
    assert server.client("ssm").get_parameter(Name="/import/there")["Parameter"]["Value"] == "1"
    assert cfn.describe_stack_resources(StackName=stack)["StackResources"] == []


def test_those_that_exist_are_imported_while_others_are_made(server, cfn, stack):
    s3 = server.client("s3")
    s3.create_bucket(Bucket="import-existing")
    template = {
        "Resources": {
            "Old": kept("AWS::S3::Bucket", BucketName="import-existing"),
            "New": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "import-new"}},
        }
    }
    cfn.create_change_set(
        StackName=stack, ChangeSetName="c", ChangeSetType="CREATE", ImportExistingResources=True, TemplateBody=json.dumps(template)
    )
    told = cfn.describe_change_set(StackName=stack, ChangeSetName="c")
    assert told["ImportExistingResources"] is True
    assert {c["ResourceChange"]["LogicalResourceId"]: c["ResourceChange"]["Action"] for c in told["Changes"]} == {"Old": "Import", "New": "Add"}
    cfn.execute_change_set(StackName=stack, ChangeSetName="c")
    settled(cfn, stack, "CREATE_COMPLETE")
    assert steps(cfn, stack, "Old") == ["IMPORT_IN_PROGRESS", "IMPORT_COMPLETE"]
    cfn.delete_stack(StackName=stack)
    cfn.get_waiter("stack_delete_complete").wait(StackName=stack, WaiterConfig={"Delay": 1})
    left = {b["Name"] for b in s3.list_buckets()["Buckets"]}
    assert "import-existing" in left and "import-new" not in left


def test_what_cannot_be_imported_is_refused(server, cfn, stack):
    def refused(template, *resources):
        with pytest.raises(ClientError) as refusal:
            change_set(cfn, stack, {"Resources": template}, list(resources))
        assert refusal.value.response["Error"]["Code"] == "ValidationError"
        return refusal.value.response["Error"]["Message"]

    one = kept("AWS::SSM::Parameter", Name="/x", Type="String", Value="1")
    wanted = to_import("AWS::SSM::Parameter", "One", Name="/x")
    assert "not in the template" in refused({"Two": one}, wanted)
    assert refused({"One": one, "Two": one}, wanted) == "Resources [Two] is missing from ResourceToImport list"
    assert "must have DeletionPolicy" in refused({"One": {k: v for k, v in one.items() if k != "DeletionPolicy"}}, wanted)
    assert "must have the key [Name]" in refused({"One": one}, to_import("AWS::SSM::Parameter", "One", Nam="/x"))
    handle = {"Type": "AWS::CloudFormation::WaitConditionHandle", "DeletionPolicy": "Retain"}
    assert refused({"H": handle}, to_import("AWS::CloudFormation::WaitConditionHandle", "H", Id="x")) == (
        "ResourceTypes [AWS::CloudFormation::WaitConditionHandle] are not supported for Import"
    )
    summary = cfn.get_template_summary(TemplateBody=json.dumps({"Resources": {"One": one}}))
    assert summary["ResourceIdentifierSummaries"] == [
        {"ResourceType": "AWS::SSM::Parameter", "LogicalResourceIds": ["One"], "ResourceIdentifiers": ["Name"]}
    ]
