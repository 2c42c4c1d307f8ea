# test_cloudformation_changes.py - change sets in detail: why, from what to what, and those of nested stacks.
import itertools
import json

import pytest
from botocore.exceptions import ClientError

from server import wait_for

names = itertools.count(1)


@pytest.fixture(scope="module")
def cfn(server):
    return server.client("cloudformation")


@pytest.fixture(scope="module")
def s3(server):
    s3 = server.client("s3")
    s3.create_bucket(Bucket="nested-templates")
    return s3


@pytest.fixture
def stack(cfn):
    name = f"changes-{next(names)}"
    yield name
    cfn.delete_stack(StackName=name)
    cfn.get_waiter("stack_delete_complete").wait(StackName=name, WaiterConfig={"Delay": 1})


def settled(cfn, stack, expected):
    def look():
        found = cfn.describe_stacks(StackName=stack)["Stacks"][0]
        return found["StackStatus"].endswith(("COMPLETE", "FAILED")) and found

    found = wait_for(look, what=f"{stack} to settle")
    assert found["StackStatus"] == expected, cfn.describe_stack_events(StackName=stack)["StackEvents"]
    return found


def parameter(value, **more):
    return {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": value, **more}}


def changes(cfn, stack, template, change_set="c", *, values=False, **more):
    cfn.create_change_set(StackName=stack, ChangeSetName=change_set, TemplateBody=json.dumps(template), **more)
    told = cfn.describe_change_set(StackName=stack, ChangeSetName=change_set, IncludePropertyValues=values)
    return {c["ResourceChange"]["LogicalResourceId"]: c["ResourceChange"] for c in told["Changes"]}


def reasons(change):
    return sorted(
        (d["Target"].get("Name", d["Target"]["Attribute"]), d["ChangeSource"], d.get("CausingEntity"), d["Evaluation"], d["Target"]["RequiresRecreation"])
        for d in change["Details"]
    )


def test_a_change_tells_what_caused_it(cfn, stack):
    template = {
        "Parameters": {
            "Much": {"Type": "String", "Default": "1"},
            "Secret": {"Type": "String", "Default": "hidden-one", "NoEcho": True},
        },
        "Resources": {
            "A": parameter({"Ref": "Much"}),
            "B": parameter({"Fn::Sub": "${A.Value} and ${A}"}),
            "C": parameter("x", Description="d", AllowedPattern=".*"),
            "S": parameter({"Ref": "Secret"}),
            "Gone": {**parameter("x"), "DeletionPolicy": "Retain"},
        },
    }
    cfn.create_stack(StackName=stack, TemplateBody=json.dumps(template))
    settled(cfn, stack, "CREATE_COMPLETE")
    template["Resources"]["C"] = parameter("y", Name="/c", AllowedPattern=".*")
    del template["Resources"]["Gone"]
    given = [
        {"ParameterKey": "Much", "ParameterValue": "2"},
        {"ParameterKey": "Secret", "ParameterValue": "hidden-two"},
    ]
    found = changes(cfn, stack, template, Parameters=given, values=True)
    assert reasons(found["A"]) == [("Value", "ParameterReference", "Much", "Static", "Never")]
    assert reasons(found["C"]) == [
        ("Description", "DirectModification", None, "Static", "Never"),
        ("Name", "DirectModification", None, "Static", "Always"),
        ("Value", "DirectModification", None, "Static", "Never"),
    ]
    assert (found["C"]["Replacement"], found["C"]["PolicyAction"]) == ("True", "ReplaceAndDelete")
    assert (found["Gone"]["Action"], found["Gone"]["PolicyAction"]) == ("Remove", "Retain")
    target = {d["Target"]["Name"]: d["Target"] for d in found["C"]["Details"]}
    assert {k: target["Value"][k] for k in ("Path", "BeforeValue", "AfterValue", "AttributeChangeType")} == {
        "Path": "/Properties/Value",
        "BeforeValue": "x",
        "AfterValue": "y",
        "AttributeChangeType": "Modify",
    }
    assert (target["Description"]["AttributeChangeType"], target["Name"]["AttributeChangeType"]) == ("Remove", "Add")
    assert json.loads(found["A"]["AfterContext"]) == {"Properties": {"Type": "String", "Value": "2"}}
    assert json.loads(found["A"]["BeforeContext"]) == {"Properties": {"Type": "String", "Value": "1"}}
    assert "hidden" not in json.dumps(found, default=str) and "****" in json.dumps(found["S"])
    # Without being asked for, no values are told.
    told = cfn.describe_change_set(StackName=stack, ChangeSetName="c")
    assert "AfterContext" not in json.dumps(told, default=str) and "BeforeValue" not in json.dumps(told, default=str)
    # What a replacement makes is known only after.
    template["Resources"]["A"]["Properties"]["Name"] = "/changes/a"
    found = changes(cfn, stack, template, "d", Parameters=given, values=True)
    assert reasons(found["B"]) == [
        ("Value", "ResourceAttribute", "A.Value", "Dynamic", "Never"),
        ("Value", "ResourceReference", "A", "Dynamic", "Never"),
    ]
    assert found["B"]["Details"][0]["Target"]["AfterValue"] == "{{changeSet:KNOWN_AFTER_APPLY}}"


def put(s3, key, template):
    s3.put_object(Bucket="nested-templates", Key=key, Body=json.dumps(template).encode())
    return f"https://nested-templates.s3.us-east-1.amazonaws.com/{key}"


def nested(url, **parameters):
    return {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": url, "Parameters": parameters}}


def test_nested_stacks_have_change_sets_of_their_own(cfn, s3, stack):
    inner = {
        "Parameters": {"Value": {"Type": "String"}},
        "Resources": {"P": parameter({"Ref": "Value"})},
        "Outputs": {"Value": {"Value": {"Fn::GetAtt": ["P", "Value"]}}},
    }
    middle = {
        "Parameters": {"Value": {"Type": "String"}},
        "Resources": {"Deep": nested(put(s3, "inner.json", inner), Value={"Ref": "Value"})},
    }
    url = put(s3, "middle.json", middle)
    outer = {"Resources": {"Child": nested(url, Value="one"), "Plain": parameter("p")}}
    found = changes(cfn, stack, outer, ChangeSetType="CREATE", IncludeNestedStacks=True)
    root = cfn.describe_change_set(StackName=stack, ChangeSetName="c")
    assert root["IncludeNestedStacks"] is True and "RootChangeSetId" not in root
    child = cfn.describe_change_set(ChangeSetName=found["Child"]["ChangeSetId"])
    assert (child["ParentChangeSetId"], child["RootChangeSetId"]) == (root["ChangeSetId"],) * 2
    [deep] = [c["ResourceChange"] for c in child["Changes"]]
    below = cfn.describe_change_set(ChangeSetName=deep["ChangeSetId"])
    assert (below["ParentChangeSetId"], below["RootChangeSetId"]) == (child["ChangeSetId"], root["ChangeSetId"])
    assert [c["ResourceChange"]["LogicalResourceId"] for c in below["Changes"]] == ["P"]
    assert cfn.describe_stacks(StackName=child["StackId"])["Stacks"][0]["StackStatus"] == "REVIEW_IN_PROGRESS"
    cfn.execute_change_set(StackName=stack, ChangeSetName="c")
    settled(cfn, stack, "CREATE_COMPLETE")
    made = cfn.describe_stack_resource(StackName=stack, LogicalResourceId="Child")["StackResourceDetail"]["PhysicalResourceId"]
    assert made == child["StackId"]
    one = settled(cfn, below["StackId"], "CREATE_COMPLETE")
    assert (one["ParentId"], one["RootId"]) == (child["StackId"], root["StackId"])
    # Another value of the parent's goes down; nothing is done before it is executed.
    outer["Resources"]["Child"]["Properties"]["Parameters"]["Value"] = "two"
    found = changes(cfn, stack, outer, "second", IncludeNestedStacks=True)
    child = cfn.describe_change_set(ChangeSetName=found["Child"]["ChangeSetId"])
    [deep] = [c["ResourceChange"] for c in child["Changes"]]
    assert reasons(deep) == [("Parameters", "ParameterReference", "Value", "Static", "Never")]
    assert one["Outputs"][0]["OutputValue"] == "one"
    cfn.execute_change_set(StackName=stack, ChangeSetName="second")
    settled(cfn, stack, "UPDATE_COMPLETE")
    assert cfn.describe_stacks(StackName=below["StackId"])["Stacks"][0]["Outputs"][0]["OutputValue"] == "two"
    # Another template at the same address is a change that nobody made in the parent.
    inner["Resources"]["Q"] = parameter("q")
    put(s3, "inner.json", inner)
    middle["Description"] = "another"
    put(s3, "middle.json", middle)
    found = changes(cfn, stack, outer, "third", IncludeNestedStacks=True)
    assert reasons(found["Child"]) == [("Properties", "Automatic", None, "Dynamic", "Never")]
    cfn.execute_change_set(StackName=stack, ChangeSetName="third")
    settled(cfn, stack, "UPDATE_COMPLETE")
    names = {r["LogicalResourceId"] for r in cfn.describe_stack_resources(StackName=below["StackId"])["StackResources"]}
    assert names == {"P", "Q"}


def test_a_change_set_that_is_dropped_takes_its_nested_ones_along(cfn, s3, stack):
    url = put(s3, "one.json", {"Resources": {"P": parameter("1")}})
    outer = {"Resources": {"Child": nested(url)}}
    found = changes(cfn, stack, outer, ChangeSetType="CREATE", IncludeNestedStacks=True)
    child = cfn.describe_change_set(ChangeSetName=found["Child"]["ChangeSetId"])
    cfn.delete_change_set(StackName=stack, ChangeSetName="c")
    with pytest.raises(ClientError) as refused:
        cfn.describe_change_set(ChangeSetName=child["ChangeSetId"])
    assert refused.value.response["Error"]["Code"] == "ChangeSetNotFound"
    assert cfn.describe_stacks(StackName=child["StackId"])["Stacks"][0]["StackStatus"] == "DELETE_COMPLETE"
    # A parent that is deleted while it is reviewed leaves no child either.
    found = changes(cfn, stack, outer, "d", ChangeSetType="CREATE", IncludeNestedStacks=True)
    child = cfn.describe_change_set(ChangeSetName=found["Child"]["ChangeSetId"])
    cfn.delete_stack(StackName=stack)
    wait_for(
        lambda: cfn.describe_stacks(StackName=child["StackId"])["Stacks"][0]["StackStatus"] == "DELETE_COMPLETE",
        what="the child to go",
    )


def test_a_nested_stack_goes_back_to_the_template_that_is_not_there_any_more(server, cfn, s3, stack):
    url = put(s3, "back.json", {"Resources": {"P": parameter("old")}})
    outer = {"Resources": {"Child": nested(url)}}
    cfn.create_stack(StackName=stack, TemplateBody=json.dumps(outer))
    settled(cfn, stack, "CREATE_COMPLETE")
    child = cfn.describe_stack_resource(StackName=stack, LogicalResourceId="Child")["StackResourceDetail"]["PhysicalResourceId"]
    put(s3, "back.json", {"Resources": {"P": parameter("new")}})
    refused = {"Type": "AWS::SSM::Parameter", "DependsOn": "Child", "Properties": {"Type": "SecureString", "Value": "x"}}
    outer["Resources"]["Refused"] = refused
    cfn.update_stack(StackName=stack, TemplateBody=json.dumps(outer))
    settled(cfn, stack, "UPDATE_ROLLBACK_COMPLETE")
    id = cfn.describe_stack_resource(StackName=child, LogicalResourceId="P")["StackResourceDetail"]["PhysicalResourceId"]
    assert server.client("ssm").get_parameter(Name=id)["Parameter"]["Value"] == "old"
    assert [s["ResourceStatus"] for s in cfn.describe_stack_events(StackName=child)["StackEvents"] if s["PhysicalResourceId"] == child].count("UPDATE_COMPLETE") == 2
