# test_cloudformation_more.py - rollbacks asked for, deletions forced, signals, the registry's types, limits.
import itertools
import json

import pytest
from botocore.exceptions import ClientError

from server import wait_for

names = itertools.count(1)


@pytest.fixture(scope="module")
def cfn(server):
    return server.client("cloudformation")


def parameter(value, **more):
    return {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": value}, **more}


# A template must not hold such a secret: it fails after what it needs is there.
def broken(*needs):
    return {"Type": "AWS::SSM::Parameter", "DependsOn": list(needs), "Properties": {"Type": "SecureString", "Value": "x"}}


def body(**resources):
    return json.dumps({"Resources": resources})


def status(cfn, stack):
    return cfn.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]


def settled(cfn, stack):
    return wait_for(lambda: (s := status(cfn, stack)).endswith(("COMPLETE", "FAILED")) and s, what=f"{stack} to settle")


def resources(cfn, stack):
    found = cfn.describe_stack_resources(StackName=stack)["StackResources"]
    return {r["LogicalResourceId"]: r["ResourceStatus"] for r in found}


def value(server, cfn, stack, name):
    id = cfn.describe_stack_resource(StackName=stack, LogicalResourceId=name)["StackResourceDetail"]["PhysicalResourceId"]
    return server.client("ssm").get_parameter(Name=id)["Parameter"]["Value"]


def refused(code, call, **arguments):
    with pytest.raises(ClientError) as refusal:
        call(**arguments)
    assert refusal.value.response["Error"]["Code"] == code
    return refusal.value.response["Error"]["Message"]


@pytest.fixture
def stack(cfn):
    name = f"more-{next(names)}"
    yield name
    cfn.delete_stack(StackName=name)
    cfn.get_waiter("stack_delete_complete").wait(StackName=name, WaiterConfig={"Delay": 1})


def test_a_creation_that_failed_and_stayed_is_rolled_back_when_asked(cfn, stack):
    template = body(A=parameter("1"), B=broken("A"), Kept=parameter("1", DeletionPolicy="RetainExceptOnCreate"))
    cfn.create_stack(StackName=stack, TemplateBody=template, DisableRollback=True)
    assert settled(cfn, stack) == "CREATE_FAILED"
    assert resources(cfn, stack)["A"] == "CREATE_COMPLETE"
    assert cfn.rollback_stack(StackName=stack)["StackId"].startswith("arn:aws:cloudformation:")
    assert settled(cfn, stack) == "ROLLBACK_COMPLETE"
    assert set(resources(cfn, stack).values()) == {"DELETE_COMPLETE"}
    message = refused("ValidationError", cfn.rollback_stack, StackName=stack)
    assert message.endswith("is in ROLLBACK_COMPLETE state and can not be rolled back.")


def test_an_update_that_failed_and_stayed_is_rolled_back_when_asked(server, cfn, stack):
    cfn.create_stack(StackName=stack, TemplateBody=body(A=parameter("1")), Tags=[{"Key": "n", "Value": "1"}])
    assert settled(cfn, stack) == "CREATE_COMPLETE"
    new = body(A=parameter("2"), B=broken("A"), C=parameter("3"))
    cfn.update_stack(StackName=stack, TemplateBody=new, DisableRollback=True, Tags=[{"Key": "n", "Value": "2"}])
    assert settled(cfn, stack) == "UPDATE_FAILED"
    assert value(server, cfn, stack, "A") == "2"
    assert cfn.get_template(StackName=stack)["TemplateBody"] == json.loads(new)
    cfn.rollback_stack(StackName=stack)
    assert settled(cfn, stack) == "UPDATE_ROLLBACK_COMPLETE"
    assert value(server, cfn, stack, "A") == "1"
    assert cfn.get_template(StackName=stack)["TemplateBody"] == json.loads(body(A=parameter("1")))
    assert cfn.describe_stacks(StackName=stack)["Stacks"][0]["Tags"] == [{"Key": "n", "Value": "1"}]
    assert [r for r, s in resources(cfn, stack).items() if not s.startswith("DELETE")] == ["A"]


def test_a_deletion_that_failed_is_forced(server, cfn, stack):
    template = body(
        Bucket={"Type": "AWS::S3::Bucket"},
        First=parameter("1"),
        Last=parameter("1", DependsOn="Bucket"),
    )
    cfn.create_stack(StackName=stack, TemplateBody=template)
    assert settled(cfn, stack) == "CREATE_COMPLETE"
    detail = cfn.describe_stack_resource(StackName=stack, LogicalResourceId="Bucket")["StackResourceDetail"]
    bucket, s3 = detail["PhysicalResourceId"], server.client("s3")
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    message = refused("ValidationError", cfn.delete_stack, StackName=stack, DeletionMode="FORCE_DELETE_STACK")
    assert "DELETE_FAILED" in message
    arn = detail["StackId"]
    cfn.delete_stack(StackName=stack)
    wait_for(lambda: status(cfn, arn) == "DELETE_FAILED", what="the deletion to fail")
    cfn.delete_stack(StackName=stack, DeletionMode="FORCE_DELETE_STACK")
    wait_for(lambda: status(cfn, arn) == "DELETE_COMPLETE", what="the deletion")
    assert resources(cfn, arn) == {"Bucket": "DELETE_FAILED", "First": "DELETE_COMPLETE", "Last": "DELETE_COMPLETE"}
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 1
    s3.delete_object(Bucket=bucket, Key="k")
    s3.delete_bucket(Bucket=bucket)


def waiting(**policy):
    return {"Type": "AWS::CloudFormation::WaitCondition", "CreationPolicy": {"ResourceSignal": policy}}


def signals(cfn, stack, *ids, status="SUCCESS"):
    wait_for(lambda: resources(cfn, stack).get("Wait") == "CREATE_IN_PROGRESS", what="the resource to wait")
    for id in ids:
        cfn.signal_resource(StackName=stack, LogicalResourceId="Wait", UniqueId=id, Status=status)


def test_a_resource_waits_for_signals(cfn, stack):
    cfn.create_stack(StackName=stack, TemplateBody=body(Wait=waiting(Count=2, Timeout="PT1M")))
    signals(cfn, stack, "one")
    message = refused(
        "ValidationError", cfn.signal_resource, StackName=stack, LogicalResourceId="Wait", UniqueId="one", Status="SUCCESS"
    )
    assert message.startswith("Signal with ID one for resource Wait already exists.")
    signals(cfn, stack, "two")
    assert settled(cfn, stack) == "CREATE_COMPLETE"
    told = [e.get("ResourceStatusReason") for e in cfn.describe_stack_events(StackName=stack)["StackEvents"]]
    assert "Received SUCCESS signal with UniqueId one" in told
    message = refused(
        "ValidationError", cfn.signal_resource, StackName=stack, LogicalResourceId="Wait", UniqueId="3", Status="SUCCESS"
    )
    assert message == "Resource Wait is in CREATE_COMPLETE state and cannot be signaled"


def test_a_failure_signalled_fails_the_stack(cfn, stack):
    cfn.create_stack(StackName=stack, TemplateBody=body(Wait=waiting(Timeout="PT1H")))
    signals(cfn, stack, "one", status="FAILURE")
    assert settled(cfn, stack) == "ROLLBACK_COMPLETE"


def test_signals_that_do_not_come_fail_it_too(cfn, stack):
    cfn.create_stack(StackName=stack, TemplateBody=body(Wait=waiting(Count=3, Timeout="PT1S")))
    assert settled(cfn, stack) == "ROLLBACK_COMPLETE"
    told = [e.get("ResourceStatusReason") for e in cfn.describe_stack_events(StackName=stack)["StackEvents"]]
    assert "Failed to receive 3 resource signal(s) within the specified duration" in told


def test_types_are_told_as_by_a_registry(cfn):
    pages = cfn.get_paginator("list_types").paginate(Visibility="PUBLIC", Filters={"TypeNamePrefix": "AWS::S3::"})
    found = {t["TypeName"]: t["TypeArn"] for p in pages for t in p["TypeSummaries"]}
    assert set(found) == {"AWS::S3::Bucket", "AWS::S3::BucketPolicy"}
    assert found["AWS::S3::Bucket"] == "arn:aws:cloudformation:us-east-1::type/resource/AWS-S3-Bucket"
    assert cfn.list_types()["TypeSummaries"] == []
    one = cfn.describe_type(Arn=found["AWS::S3::Bucket"])
    assert one == {**cfn.describe_type(Type="RESOURCE", TypeName="AWS::S3::Bucket"), "ResponseMetadata": one["ResponseMetadata"]}
    assert "/properties/BucketName" in json.loads(one["Schema"])["createOnlyProperties"]
    assert refused("TypeNotFoundException", cfn.describe_type, Type="RESOURCE", TypeName="AWS::No::Thing")
    assert {l["Name"]: l["Value"] for l in cfn.describe_account_limits()["AccountLimits"]}["StackLimit"] == 2000
    assert cfn.list_stack_sets()["Summaries"] == []


def output(**members):
    return {"Outputs": {"O": {"Value": {"Fn::GetStackOutput": members}}}, "Resources": {"A": parameter("1")}}


def test_outputs_of_other_stacks(server, cfn, stack):
    source = f"{stack}-source"
    template = {"Resources": {"A": parameter("1")}, "Outputs": {"Name": {"Value": "of-" + source}}}
    west = server.client("cloudformation", region="us-west-2")
    try:
        for client in (cfn, west):
            client.create_stack(StackName=source, TemplateBody=json.dumps(template))
            settled(client, source)
        cfn.create_stack(StackName=stack, TemplateBody=json.dumps(output(StackName=source, OutputName="Name")))
        assert settled(cfn, stack) == "CREATE_COMPLETE"
        told = cfn.describe_stacks(StackName=stack)["Stacks"][0]["Outputs"]
        assert told == [{"OutputKey": "O", "OutputValue": "of-" + source}]
        # A weak reference: the other may go, also in another region.
        cfn.delete_stack(StackName=source)
        cfn.get_waiter("stack_delete_complete").wait(StackName=source, WaiterConfig={"Delay": 1})
        text = "Outputs: {O: {Value: !GetStackOutput {StackName: %s, OutputName: Name, Region: us-west-2}}}" % source
        text += "\nResources: {A: {Type: 'AWS::SSM::Parameter', Properties: {Type: String, Value: '2'}}}"
        cfn.update_stack(StackName=stack, TemplateBody=text)
        assert settled(cfn, stack) == "UPDATE_COMPLETE"
        cfn.update_stack(StackName=stack, TemplateBody=json.dumps(output(StackName=source, OutputName="Name")))
        assert settled(cfn, stack) == "UPDATE_ROLLBACK_COMPLETE"
    finally:
        for client in (cfn, west):
            client.delete_stack(StackName=source)
            client.get_waiter("stack_delete_complete").wait(StackName=source, WaiterConfig={"Delay": 1})


@pytest.mark.parametrize("members", [{"StackName": "x"}, {"StackName": "x", "OutputName": "y", "More": "z"}])
def test_outputs_asked_for_badly(cfn, stack, members):
    cfn.create_stack(StackName=stack, TemplateBody=json.dumps(output(**members)))
    assert settled(cfn, stack) == "ROLLBACK_COMPLETE"
    told = [e.get("ResourceStatusReason", "") for e in cfn.describe_stack_events(StackName=stack)["StackEvents"]]
    assert any("Fn::GetStackOutput requires" in t for t in told)


def test_events_are_published_to_the_topics_of_a_stack(server, cfn, stack):
    sns, sqs = server.client("sns"), server.client("sqs")
    topic = sns.create_topic(Name=f"{stack}-events")["TopicArn"]
    url = sqs.create_queue(QueueName=f"{stack}-events")["QueueUrl"]
    queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue, Attributes={"RawMessageDelivery": "true"})
    allowed = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": queue}]}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(allowed)})
    gone = topic + "-that-is-not-there"
    cfn.create_stack(StackName=stack, TemplateBody=body(A=parameter("it's 1")), NotificationARNs=[gone, topic])
    assert settled(cfn, stack) == "CREATE_COMPLETE"
    heard = []

    def all_heard():
        got = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages", [])
        heard.extend(dict(line.split("=", 1) for line in m["Body"].strip().split("\n")) for m in got)
        for m in got:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=m["ReceiptHandle"])
        return len(heard) >= 5

    wait_for(all_heard, what="five events")
    told = sorted((h["LogicalResourceId"], h["ResourceStatus"]) for h in heard)
    assert told == sorted(
        (f"'{e['LogicalResourceId']}'", f"'{e['ResourceStatus']}'") for e in cfn.describe_stack_events(StackName=stack)["StackEvents"]
    )
    assert {h["StackName"] for h in heard} == {f"'{stack}'"}
