# test_cloudformation.py - CloudFormation from outside: boto3 and the AWS CLI deploy, change, roll back and delete stacks.
import io
import itertools
import json
import urllib.request
import zipfile

import pytest
from botocore.exceptions import ClientError

from server import Server, wait_for

names = itertools.count(1)
DONE = ("_COMPLETE", "_FAILED")


@pytest.fixture(scope="module")
def cfn(server):
    return server.client("cloudformation")


def bucket(**properties):
    return {"Type": "AWS::S3::Bucket", "Properties": properties} if properties else {"Type": "AWS::S3::Bucket"}


def template(resources, **sections):
    return json.dumps({"Resources": resources, **sections})


def status(cfn, name):
    return cfn.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]


def settled(cfn, name, expected):
    found = wait_for(lambda: (s := status(cfn, name)).endswith(DONE) and s, what=f"{name} to settle")
    assert found == expected, reasons(cfn, name)
    return cfn.describe_stacks(StackName=name)["Stacks"][0]


def events(cfn, name):
    pages = cfn.get_paginator("describe_stack_events").paginate(StackName=name)
    return [e for page in pages for e in page["StackEvents"]][::-1]


def reasons(cfn, name):
    return [(e["LogicalResourceId"], e["ResourceStatus"], e.get("ResourceStatusReason")) for e in events(cfn, name)]


def steps(cfn, name):
    return [(e["LogicalResourceId"], e["ResourceStatus"]) for e in events(cfn, name)]


def gone(cfn, name):
    def look():
        try:
            return status(cfn, name) == "DELETE_FAILED"
        except ClientError as e:
            return e.response["Error"]["Message"] == f"Stack with id {name} does not exist"

    cfn.delete_stack(StackName=name)
    wait_for(look, what=f"{name} to be deleted")
    assert not [s for s in cfn.describe_stacks()["Stacks"] if s["StackName"] == name], reasons(cfn, name)


def buckets(s3):
    return {b["Name"] for b in s3.list_buckets()["Buckets"]}


def refused(call, code, message, **arguments):
    with pytest.raises(ClientError) as refusal:
        call(**arguments)
    assert refusal.value.response["Error"]["Code"] == code
    assert refusal.value.response["Error"]["Message"] == message


@pytest.fixture
def name(cfn):
    name = f"stack-{next(names)}"
    yield name
    if any(s["StackName"] == name for s in cfn.describe_stacks()["Stacks"]):
        gone(cfn, name)


def test_resources_are_made_in_the_order_of_their_references(cfn, s3, name):
    body = template(
        {
            "Last": bucket(BucketName={"Fn::Sub": "${Middle}-last"}),
            "Middle": bucket(BucketName={"Fn::Join": ["-", [{"Ref": "First"}, "m"]]}),
            "First": bucket(),
        },
        Outputs={"Arn": {"Value": {"Fn::GetAtt": ["Last", "Arn"]}, "Description": "of the last"}},
    )
    arn = cfn.create_stack(StackName=name, TemplateBody=body, Tags=[{"Key": "team", "Value": "data"}])["StackId"]
    stack = settled(cfn, name, "CREATE_COMPLETE")
    found = {r["LogicalResourceId"]: r for r in cfn.describe_stack_resources(StackName=name)["StackResources"]}
    first = found["First"]["PhysicalResourceId"]
    assert first.startswith(f"{name}-first-") and len(first) == len(f"{name}-first-") + 12
    assert stack["Outputs"] == [
        {"OutputKey": "Arn", "OutputValue": f"arn:aws:s3:::{first}-m-last", "Description": "of the last"}
    ]
    assert s3.get_bucket_tagging(Bucket=first)["TagSet"] == [{"Key": "team", "Value": "data"}]
    complete = [n for n, s in steps(cfn, name) if s == "CREATE_COMPLETE"]
    assert complete == ["First", "Middle", "Last", name]
    assert arn == stack["StackId"]
    gone(cfn, name)
    deleted = [n for n, s in steps(cfn, arn) if s == "DELETE_COMPLETE"]
    assert deleted == ["Last", "Middle", "First", name]
    assert first not in buckets(s3)
    assert cfn.describe_stacks(StackName=arn)["Stacks"][0]["StackStatus"] == "DELETE_COMPLETE"


def test_a_failed_creation_leaves_nothing(cfn, s3, name):
    before = buckets(s3)
    cfn.create_stack(
        StackName=name,
        TemplateBody=template(
            {"A": bucket(), "Bad": bucket(BucketName="Not_A_Name") | {"DependsOn": "A"}, "C": bucket() | {"DependsOn": "Bad"}}
        ),
    )
    settled(cfn, name, "ROLLBACK_COMPLETE")
    told = dict(((n, s), why) for n, s, why in reasons(cfn, name))
    assert 'Resource handler returned message: "The specified bucket is not valid.' in told["Bad", "CREATE_FAILED"]
    assert told[name, "ROLLBACK_IN_PROGRESS"] == (
        "The following resource(s) failed to create: [Bad]. Rollback requested by user."
    )
    assert ("A", "DELETE_COMPLETE") in told and not any(n == "C" for n, _ in told)
    assert buckets(s3) == before
    refused(
        cfn.update_stack, "ValidationError",
        f"Stack:{cfn.describe_stacks(StackName=name)['Stacks'][0]['StackId']} is in ROLLBACK_COMPLETE state and can not be updated.",
        StackName=name, TemplateBody=template({"A": bucket()}),
    )  # fmt: skip


@pytest.mark.parametrize("how", ["DO_NOTHING", "DELETE"])
def test_on_failure(cfn, s3, name, how):
    arn = cfn.create_stack(
        StackName=name, OnFailure=how,
        TemplateBody=template({"A": bucket(), "Bad": bucket(BucketName="Not_A_Name") | {"DependsOn": "A"}}),
    )["StackId"]  # fmt: skip
    settled(cfn, arn, "CREATE_FAILED" if how == "DO_NOTHING" else "DELETE_COMPLETE")
    kept = any(b.startswith(f"{name}-a-") for b in buckets(s3))
    assert kept == (how == "DO_NOTHING")


def test_an_update_in_place_by_replacement_and_by_removal(cfn, s3, name):
    cfn.create_stack(StackName=name, TemplateBody=template({"Keep": bucket(), "Other": bucket(), "Gone": bucket()}))
    settled(cfn, name, "CREATE_COMPLETE")
    old = {r["LogicalResourceId"]: r["PhysicalResourceId"] for r in cfn.describe_stack_resources(StackName=name)["StackResources"]}
    refused(cfn.update_stack, "ValidationError", "No updates are to be performed.", StackName=name,
            TemplateBody=template({"Keep": bucket(), "Other": bucket(), "Gone": bucket()}))  # fmt: skip
    cfn.update_stack(
        StackName=name,
        TemplateBody=template({"Keep": bucket(VersioningConfiguration={"Status": "Enabled"}), "Other": bucket(BucketName=f"{name}-renamed")}),
    )
    settled(cfn, name, "UPDATE_COMPLETE")
    assert s3.get_bucket_versioning(Bucket=old["Keep"])["Status"] == "Enabled"
    assert {f"{name}-renamed", old["Keep"]} <= buckets(s3) and not {old["Other"], old["Gone"]} & buckets(s3)
    after = steps(cfn, name)
    assert after.index((name, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")) < after.index(("Other", "DELETE_IN_PROGRESS"))
    assert [r["LogicalResourceId"] for r in cfn.list_stack_resources(StackName=name)["StackResourceSummaries"]] == ["Keep", "Other"]


def test_a_failed_update_is_taken_back(cfn, s3, name):
    cfn.create_stack(StackName=name, TemplateBody=template({"A": bucket(), "B": bucket()}))
    settled(cfn, name, "CREATE_COMPLETE")
    before = buckets(s3)
    a = cfn.describe_stack_resource(StackName=name, LogicalResourceId="A")["StackResourceDetail"]["PhysicalResourceId"]
    cfn.update_stack(
        StackName=name,
        TemplateBody=template(
            {
                "A": bucket(VersioningConfiguration={"Status": "Enabled"}),
                "B": bucket(BucketName=f"{name}-b2"),
                "Bad": bucket(BucketName="Not_A_Name") | {"DependsOn": ["A", "B"]},
            }
        ),
    )
    settled(cfn, name, "UPDATE_ROLLBACK_COMPLETE")
    assert buckets(s3) == before
    assert s3.get_bucket_versioning(Bucket=a).get("Status") == "Suspended"
    assert [r["LogicalResourceId"] for r in cfn.list_stack_resources(StackName=name)["StackResourceSummaries"]] == ["A", "B"]


def test_a_bucket_that_is_not_empty_keeps_its_stack(cfn, s3, name):
    cfn.create_stack(StackName=name, TemplateBody=template({"A": bucket(BucketName=f"{name}-full")}))
    settled(cfn, name, "CREATE_COMPLETE")
    s3.put_object(Bucket=f"{name}-full", Key="x", Body=b"x")
    cfn.delete_stack(StackName=name)
    stack = settled(cfn, name, "DELETE_FAILED")
    assert stack["StackStatusReason"] == "The following resource(s) failed to delete: [A]. "
    cfn.delete_stack(StackName=name, RetainResources=["A"])
    settled(cfn, stack["StackId"], "DELETE_COMPLETE")
    assert (("A", "DELETE_SKIPPED")) in steps(cfn, stack["StackId"])
    s3.delete_object(Bucket=f"{name}-full", Key="x")
    s3.delete_bucket(Bucket=f"{name}-full")


def test_what_is_retained_stays(cfn, s3, name):
    arn = cfn.create_stack(
        StackName=name, TemplateBody=template({"A": bucket(BucketName=f"{name}-kept") | {"DeletionPolicy": "Retain"}})
    )["StackId"]
    settled(cfn, name, "CREATE_COMPLETE")
    gone(cfn, name)
    assert ("A", "DELETE_SKIPPED") in steps(cfn, arn)
    s3.delete_bucket(Bucket=f"{name}-kept")


def test_change_sets(cfn, name):
    cfn.create_change_set(StackName=name, ChangeSetName="first", ChangeSetType="CREATE", TemplateBody=template({"A": bucket()}))
    assert status(cfn, name) == "REVIEW_IN_PROGRESS"
    told = cfn.describe_change_set(StackName=name, ChangeSetName="first")
    assert (told["Status"], told["ExecutionStatus"]) == ("CREATE_COMPLETE", "AVAILABLE")
    assert [c["ResourceChange"]["Action"] for c in told["Changes"]] == ["Add"]
    cfn.execute_change_set(StackName=name, ChangeSetName="first")
    settled(cfn, name, "CREATE_COMPLETE")
    cfn.create_change_set(StackName=name, ChangeSetName="same", TemplateBody=template({"A": bucket()}))
    same = cfn.describe_change_set(StackName=name, ChangeSetName="same")
    assert (same["Status"], same["StatusReason"]) == (
        "FAILED",
        "The submitted information didn't contain changes. Submit different information to create a change set.",
    )
    cfn.create_change_set(
        StackName=name, ChangeSetName="rename", TemplateBody=template({"A": bucket(BucketName=f"{name}-a"), "B": bucket()})
    )
    changes = {c["ResourceChange"]["LogicalResourceId"]: c["ResourceChange"] for c in cfn.describe_change_set(StackName=name, ChangeSetName="rename")["Changes"]}
    assert changes["A"]["Replacement"] == "True" and changes["A"]["Details"][0]["Target"]["Name"] == "BucketName"
    assert changes["B"]["Action"] == "Add"
    assert [s["ChangeSetName"] for s in cfn.list_change_sets(StackName=name)["Summaries"]] == ["first", "same", "rename"]
    cfn.delete_change_set(StackName=name, ChangeSetName="rename")
    refused(cfn.describe_change_set, "ChangeSetNotFound", "ChangeSet [rename] does not exist", StackName=name, ChangeSetName="rename")


def test_exports_in_use_are_kept(cfn, name):
    other = f"{name}-user"
    cfn.create_stack(
        StackName=name,
        TemplateBody=template({"A": bucket()}, Outputs={"N": {"Value": {"Ref": "A"}, "Export": {"Name": f"{name}-bucket"}}}),
    )
    settled(cfn, name, "CREATE_COMPLETE")
    cfn.create_stack(
        StackName=other,
        TemplateBody=template({"B": bucket(BucketName={"Fn::Sub": ["${X}-b", {"X": {"Fn::ImportValue": f"{name}-bucket"}}]})}),
    )
    settled(cfn, other, "CREATE_COMPLETE")
    assert cfn.list_imports(ExportName=f"{name}-bucket")["Imports"] == [other]
    cfn.delete_stack(StackName=name)
    assert settled(cfn, name, "DELETE_FAILED")["StackStatusReason"] == (
        f"Cannot delete export {name}-bucket as it is in use by {other}"
    )
    gone(cfn, other)
    gone(cfn, name)
    assert not [e for e in cfn.list_exports()["Exports"] if e["Name"] == f"{name}-bucket"]


def test_refusals(cfn, name):
    refused(cfn.describe_stacks, "ValidationError", "Stack with id nothing does not exist", StackName="nothing")
    refused(cfn.create_stack, "ValidationError", "Circular dependency between resources: [A, B]", StackName=name,
            TemplateBody=template({"A": bucket() | {"DependsOn": "B"}, "B": bucket() | {"DependsOn": "A"}, "C": bucket() | {"DependsOn": "A"}}))  # fmt: skip
    refused(cfn.create_stack, "ValidationError", "Template format error: Unrecognized resource types: [AWS::No::Thing]",
            StackName=name, TemplateBody=template({"A": {"Type": "AWS::No::Thing"}}))  # fmt: skip
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {}}}
    refused(cfn.create_stack, "InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_IAM]", StackName=name,
            TemplateBody=template({"A": role}))  # fmt: skip
    refused(cfn.create_stack, "ValidationError", "Parameters: [Size] must have values", StackName=name,
            TemplateBody=template({"A": bucket()}, Parameters={"Size": {"Type": "String"}}))  # fmt: skip
    assert not [s for s in cfn.describe_stacks()["Stacks"] if s["StackName"] == name]


def test_termination_protection(cfn, name):
    cfn.create_stack(StackName=name, TemplateBody=template({"A": bucket()}), EnableTerminationProtection=True)
    settled(cfn, name, "CREATE_COMPLETE")
    refused(cfn.delete_stack, "ValidationError",
            f"Stack [{name}] cannot be deleted while TerminationProtection is enabled", StackName=name)  # fmt: skip
    cfn.update_termination_protection(StackName=name, EnableTerminationProtection=False)
    refused(cfn.create_stack, "AlreadyExistsException", f"Stack [{name}] already exists", StackName=name,
            TemplateBody=template({"A": bucket()}))  # fmt: skip


def test_the_name_of_a_change_set_is_free_again_once_it_can_no_longer_be_executed(cfn, name):
    """The CLI names its change sets by the second, and two deploys take less."""
    def change(**more):
        return cfn.create_change_set(StackName=name, ChangeSetName="c", TemplateBody=template({"A": bucket(**more)}))["Id"]  # fmt: skip

    cfn.create_stack(StackName=name, TemplateBody=template({"A": bucket()}))
    settled(cfn, name, "CREATE_COMPLETE")
    without_changes = change()
    first = change(BucketName=name)
    refused(cfn.create_change_set, "AlreadyExistsException", f"ChangeSet [{first}] already exists", StackName=name, ChangeSetName="c",
            TemplateBody=template({"A": bucket()}))  # fmt: skip
    cfn.execute_change_set(StackName=name, ChangeSetName="c")
    settled(cfn, name, "UPDATE_COMPLETE")
    assert cfn.describe_change_set(ChangeSetName=first)["ExecutionStatus"] == "EXECUTE_COMPLETE"
    second = change(BucketName=f"{name}-2")
    assert len({without_changes, first, second}) == 3
    assert [s["ChangeSetId"] for s in cfn.list_change_sets(StackName=name)["Summaries"]] == [second]


def test_the_command_line_deploys_and_deletes(server, cfn, s3, tmp_path, name):
    text = "Parameters:\n  Env: {Type: String, Default: dev}\nResources:\n  Data:\n    Type: AWS::S3::Bucket\n    Properties:\n      BucketName: !Sub '%s-${Env}'\n" % name
    (tmp_path / "t.yaml").write_text(text)
    server.aws("cloudformation", "deploy", "--stack-name", name, "--template-file", str(tmp_path / "t.yaml"))
    assert f"{name}-dev" in buckets(s3)
    again = server.aws("cloudformation", "deploy", "--stack-name", name, "--template-file", str(tmp_path / "t.yaml"), "--no-fail-on-empty-changeset")
    assert "No changes to deploy" in again.stdout + again.stderr
    server.aws("cloudformation", "deploy", "--stack-name", name, "--template-file", str(tmp_path / "t.yaml"), "--parameter-overrides", "Env=prod")
    assert f"{name}-prod" in buckets(s3) and f"{name}-dev" not in buckets(s3)
    server.aws("cloudformation", "delete-stack", "--stack-name", name)
    wait_for(lambda: f"{name}-prod" not in buckets(s3), what="the bucket to go")
    server.aws("cloudformation", "wait", "stack-delete-complete", "--stack-name", name)
    assert f"{name}-prod" not in buckets(s3)


@pytest.mark.parametrize("address", ["https://s3.us-east-1.amazonaws.com/{b}/{k}", "https://{b}.s3.us-east-1.amazonaws.com/{k}",
                                     "https://{b}.s3.amazonaws.com/{k}", "{own}/{b}/{k}"])  # fmt: skip
def test_templates_by_address(server, cfn, s3, bucket_of_templates, name, address):
    url = address.format(b=bucket_of_templates, k="a%20b.json", own=server.endpoint)
    s3.put_object(Bucket=bucket_of_templates, Key="a b.json", Body=template({"A": bucket()}).encode())
    assert cfn.validate_template(TemplateURL=url)["Parameters"] == []
    cfn.create_stack(StackName=name, TemplateURL=url)
    settled(cfn, name, "CREATE_COMPLETE")
    assert cfn.get_template(StackName=name)["TemplateBody"] == json.loads(template({"A": bucket()}))


@pytest.fixture
def bucket_of_templates(s3):
    name = f"templates-{next(names)}"
    s3.create_bucket(Bucket=name)
    yield name
    for item in s3.list_objects_v2(Bucket=name).get("Contents", []):
        s3.delete_object(Bucket=name, Key=item["Key"])
    s3.delete_bucket(Bucket=name)


def test_nested_stacks(cfn, s3, bucket_of_templates, name):
    child = template({"In": bucket(BucketName={"Ref": "Name"})}, Parameters={"Name": {"Type": "String"}},
                     Outputs={"Arn": {"Value": {"Fn::GetAtt": ["In", "Arn"]}}})  # fmt: skip
    s3.put_object(Bucket=bucket_of_templates, Key="child.json", Body=child.encode())

    def parent(inner):
        nested = {"Type": "AWS::CloudFormation::Stack", "Properties": {
            "TemplateURL": f"https://s3.amazonaws.com/{bucket_of_templates}/child.json", "Parameters": {"Name": inner}}}  # fmt: skip
        return template({"Child": nested}, Outputs={"Inner": {"Value": {"Fn::GetAtt": ["Child", "Outputs.Arn"]}}})

    cfn.create_stack(StackName=name, TemplateBody=parent(f"{name}-in"))
    stack = settled(cfn, name, "CREATE_COMPLETE")
    assert stack["Outputs"][0]["OutputValue"] == f"arn:aws:s3:::{name}-in"
    arn = cfn.describe_stack_resource(StackName=name, LogicalResourceId="Child")["StackResourceDetail"]["PhysicalResourceId"]
    assert cfn.describe_stacks(StackName=arn)["Stacks"][0]["ParentId"] == stack["StackId"]
    cfn.update_stack(StackName=name, TemplateBody=parent(f"{name}-in2"))
    assert settled(cfn, name, "UPDATE_COMPLETE")["Outputs"][0]["OutputValue"] == f"arn:aws:s3:::{name}-in2"
    cfn.update_stack(StackName=name, TemplateBody=parent("Not_A_Name"))
    settled(cfn, name, "UPDATE_ROLLBACK_COMPLETE")
    assert f"{name}-in2" in buckets(s3)
    gone(cfn, name)
    assert f"{name}-in2" not in buckets(s3) and status(cfn, arn) == "DELETE_COMPLETE"


HANDLER = """
import json, urllib.request
def handler(event, context):
    p = event["ResourceProperties"]
    good = p.get("Fail") != event["RequestType"]
    answer = {"Status": "SUCCESS" if good else "FAILED", "Reason": "told to", "StackId": event["StackId"],
              "RequestId": event["RequestId"], "LogicalResourceId": event["LogicalResourceId"],
              "PhysicalResourceId": "thing-" + p["Size"], "NoEcho": p.get("Quiet") == "true", "Data": {"Twice": str(2 * int(p["Size"]))}}
    put = urllib.request.Request(event["ResponseURL"], json.dumps(answer).encode(), {"Content-Type": ""}, method="PUT")
    urllib.request.urlopen(put)
"""


@pytest.fixture
def asked(server):
    """A function behind a custom resource."""
    lam, code, name = server.client("lambda"), io.BytesIO(), f"custom-{next(names)}"
    with zipfile.ZipFile(code, "w") as z:
        z.writestr("h.py", HANDLER)
    arn = lam.create_function(FunctionName=name, Runtime="python3.11", Handler="h.handler", Role="arn:aws:iam::000000000000:role/x",
                              Code={"ZipFile": code.getvalue()})["FunctionArn"]  # fmt: skip
    yield arn
    lam.delete_function(FunctionName=name)


def test_custom_resources(cfn, name, asked):
    def body(size, **more):
        custom = {"Type": "Custom::Thing", "Properties": {"ServiceToken": asked, "Size": size, **more}}
        return template({"T": custom}, Outputs={"Twice": {"Value": {"Fn::GetAtt": ["T", "Twice"]}}, "Id": {"Value": {"Ref": "T"}}})

    def outputs():
        return {o["OutputKey"]: o["OutputValue"] for o in cfn.describe_stacks(StackName=name)["Stacks"][0]["Outputs"]}

    cfn.create_stack(StackName=name, TemplateBody=body(21))
    settled(cfn, name, "CREATE_COMPLETE")
    assert outputs() == {"Twice": "42", "Id": "thing-21"}
    cfn.update_stack(StackName=name, TemplateBody=body(30))
    settled(cfn, name, "UPDATE_COMPLETE")
    assert outputs() == {"Twice": "60", "Id": "thing-30"}
    assert ("T", "DELETE_COMPLETE") in steps(cfn, name), "the thing that was replaced is deleted"
    cfn.update_stack(StackName=name, TemplateBody=body(30, Fail="Update"))
    settled(cfn, name, "UPDATE_ROLLBACK_COMPLETE")
    assert any("Received response status [FAILED] from custom resource. Message returned: told to" in (why or "") for _, _, why in reasons(cfn, name))
    gone(cfn, name)


def test_a_custom_resource_that_fails_to_be_made_is_deleted_by_the_name_it_gave(cfn, name, asked):
    custom = {"Type": "Custom::Thing", "Properties": {"ServiceToken": asked, "Size": "9", "Fail": "Create"}}
    cfn.create_stack(StackName=name, TemplateBody=template({"T": custom}))
    settled(cfn, name, "ROLLBACK_COMPLETE")
    deleted = [e["PhysicalResourceId"] for e in events(cfn, name) if e["ResourceStatus"] == "DELETE_COMPLETE" and e["LogicalResourceId"] == "T"]
    assert deleted == ["thing-9"]


def test_secrets_are_used_and_not_told(server, cfn, name, asked):
    resources = {
        "T": {"Type": "Custom::Thing", "Properties": {"ServiceToken": asked, "Size": "2100", "Quiet": True}},
        "P": {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": {"Fn::Sub": "${T.Twice}-${Secret}"}}},
    }
    body = template(resources, Parameters={"Secret": {"Type": "String", "NoEcho": True}})
    cfn.create_stack(StackName=name, TemplateBody=body, Parameters=[{"ParameterKey": "Secret", "ParameterValue": "hunter22"}])
    settled(cfn, name, "CREATE_COMPLETE")
    id = cfn.describe_stack_resource(StackName=name, LogicalResourceId="P")["StackResourceDetail"]["PhysicalResourceId"]
    ssm = server.client("ssm")
    assert ssm.get_parameter(Name=id)["Parameter"]["Value"] == "4200-hunter22"
    told = [e["ResourceProperties"] for e in events(cfn, name) if e["LogicalResourceId"] == "P" and e.get("ResourceProperties")]
    assert told and all(json.loads(t)["Value"] == "****-****" for t in told)
    ssm.put_parameter(Name=id, Type="String", Value="4200-hunter33", Overwrite=True)
    drift = cfn.detect_stack_resource_drift(StackName=name, LogicalResourceId="P")["StackResourceDrift"]
    assert drift["StackResourceDriftStatus"] == "MODIFIED" and drift["PropertyDifferences"][0]["PropertyPath"] == "/Value"
    assert "hunter" not in json.dumps(drift, default=str)
    gone(cfn, name)


def test_wait_conditions(cfn, name):
    cfn.create_stack(
        StackName=name,
        TemplateBody=template(
            {"H": {"Type": "AWS::CloudFormation::WaitConditionHandle"},
             "W": {"Type": "AWS::CloudFormation::WaitCondition", "Properties": {"Handle": {"Ref": "H"}, "Timeout": "300", "Count": 2}}},
            Outputs={"D": {"Value": {"Fn::GetAtt": ["W", "Data"]}}},
        ),
    )  # fmt: skip
    url = wait_for(lambda: [e["PhysicalResourceId"] for e in events(cfn, name) if e["LogicalResourceId"] == "H" and e["ResourceStatus"] == "CREATE_COMPLETE"])[0]
    for n in ["a", "a", "b"]:
        assert status(cfn, name) == "CREATE_IN_PROGRESS"
        signal = {"Status": "SUCCESS", "UniqueId": n, "Data": n.upper(), "Reason": ""}
        urllib.request.urlopen(urllib.request.Request(url, json.dumps(signal).encode(), method="PUT"))
    assert json.loads(settled(cfn, name, "CREATE_COMPLETE")["Outputs"][0]["OutputValue"]) == {"a": "A", "b": "B"}


def test_a_killed_server_goes_on(tmp_path):
    own = Server(tmp_path)
    cfn, s3 = own.client("cloudformation"), own.client("s3")
    chain = {f"B{i}": bucket() | ({"DependsOn": f"B{i - 1}"} if i else {}) for i in range(60)}
    cfn.create_stack(StackName="chain", TemplateBody=template(chain))
    own.kill()
    own.start()
    cfn, s3 = own.client("cloudformation"), own.client("s3")
    settled(cfn, "chain", "CREATE_COMPLETE")
    assert len(buckets(s3)) == 60
    cfn.delete_stack(StackName="chain")
    own.kill()
    own.start()
    cfn, s3 = own.client("cloudformation"), own.client("s3")
    wait_for(lambda: not cfn.describe_stacks()["Stacks"], what="the stack to be deleted")
    assert not buckets(s3)
    assert own.stop() == 0


def test_unknown_types_can_be_recorded(tmp_path):
    own = Server(tmp_path, "--unknown-resources", "record")
    cfn = own.client("cloudformation")
    cfn.create_stack(
        StackName="s",
        TemplateBody=template({"E": {"Type": "AWS::MWAA::Environment", "Properties": {"Name": "air"}}},
                              Outputs={"A": {"Value": {"Fn::GetAtt": ["E", "Arn"]}}}),
    )  # fmt: skip
    stack = settled(cfn, "s", "CREATE_COMPLETE")
    assert stack["Outputs"][0]["OutputValue"] == "arn:aws:mwaa:us-east-1:000000000000:environment/air"
    gone(cfn, "s")
    assert own.stop() == 0


def test_what_stacks_do_is_an_event(server, cfn, name):
    sqs, bus = server.client("sqs"), server.client("events")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    bus.put_rule(Name=name, EventPattern=json.dumps({"source": ["aws.cloudformation"], "detail": {"status-details": {"status": ["CREATE_COMPLETE"]}}}))
    bus.put_targets(Rule=name, Targets=[{"Id": "q", "Arn": arn}])
    stack = cfn.create_stack(StackName=name, TemplateBody=template({"A": bucket()}))["StackId"]
    told = {}

    def both():
        for m in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages", []):
            event = json.loads(m["Body"])
            told[event["detail-type"]] = event
        return len(told) == 2

    wait_for(both, what="the events of the stack and of its bucket")
    assert told["CloudFormation Stack Status Change"]["resources"] == [stack]
    detail = told["CloudFormation Resource Status Change"]["detail"]
    assert (detail["stack-id"], detail["logical-resource-id"], detail["resource-type"]) == (stack, "A", "AWS::S3::Bucket")
    bus.remove_targets(Rule=name, Ids=["q"])
    bus.delete_rule(Name=name)
    sqs.delete_queue(QueueUrl=url)
