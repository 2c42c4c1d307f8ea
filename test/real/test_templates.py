# test_templates.py - whole templates of pipelines: each deploys, is updated and is deleted, and nothing of it remains.
import io
import json
import pathlib
import subprocess
import zipfile

import pytest
from botocore.exceptions import WaiterError

TEMPLATES = pathlib.Path(__file__).parent / "templates"
NAMES = sorted(p.name for p in TEMPLATES.glob("*.*") if p.suffix in (".yaml", ".json"))
CAPABILITIES = ["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
CHILD = """
Parameters: {Revision: {Type: String}, Purpose: {Type: String}}
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    Properties: {Tags: [{Key: purpose, Value: !Ref Purpose}, {Key: revision, Value: !Ref Revision}]}
Outputs: {Bucket: {Value: !Ref Bucket}}
"""
MACHINE = """
StartAt: Say
States:
  Say: {Type: Pass, Result: "revision ${Revision}", End: true}
"""
FUNCTION = "def handler(event, context):\n    return event\n"
FAST = {"WaiterConfig": {"Delay": 1, "MaxAttempts": 120}}


def code():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as z:
        z.writestr("index.py", FUNCTION)
    return packed.getvalue()


@pytest.fixture(scope="module")
def cfn(server):
    return server.client("cloudformation")


@pytest.fixture
def code_bucket(s3, bucket):
    s3.put_object(Bucket=bucket, Key="child.yaml", Body=CHILD.encode())
    s3.put_object(Bucket=bucket, Key="machine.asl.yaml", Body=MACHINE.encode())
    s3.put_object(Bucket=bucket, Key="code.zip", Body=code())
    return bucket


def story(cfn, stack):
    """What went wrong, for the message of a failed test."""
    events = cfn.describe_stack_events(StackName=stack)["StackEvents"]
    return json.dumps([[e["LogicalResourceId"], e["ResourceStatus"], e["ResourceStatusReason"]] for e in events
                       if e.get("ResourceStatusReason")])


def wait(cfn, stack, waiter):
    try:
        cfn.get_waiter(waiter).wait(StackName=stack, **FAST)
    except WaiterError:
        pytest.fail(f"{stack}: {story(cfn, stack)}")


def outputs(cfn, stack):
    found = cfn.describe_stacks(StackName=stack)["Stacks"][0].get("Outputs", [])
    return {o["OutputKey"]: o["OutputValue"] for o in found}


def request(name, stack, revision, bucket):
    body = (TEMPLATES / name).read_text()
    parameters = [{"ParameterKey": "Revision", "ParameterValue": revision}]
    if "CodeBucket:" in body:
        parameters.append({"ParameterKey": "CodeBucket", "ParameterValue": bucket})
    return dict(StackName=stack, TemplateBody=body, Parameters=parameters, Capabilities=CAPABILITIES)


def deploy(cfn, name, stack, revision, bucket):
    cfn.create_stack(**request(name, stack, revision, bucket))
    wait(cfn, stack, "stack_create_complete")


def delete(cfn, stack):
    identity = cfn.describe_stacks(StackName=stack)["Stacks"][0]["StackId"]
    cfn.delete_stack(StackName=stack)
    wait(cfn, identity, "stack_delete_complete")


def needed(name):
    first = (TEMPLATES / name).read_text().splitlines()[0]
    return first.split("needs:")[1].strip() if "needs:" in first else None


def remnants(server, stack):
    """Names of what is there and has the stack's name in its own; but the logs of functions that ran, which stay."""
    found = [b["Name"] for b in server.client("s3").list_buckets()["Buckets"]]
    found += [g["logGroupName"] for g in server.client("logs").describe_log_groups()["logGroups"]]
    found += [m["name"] for m in server.client("stepfunctions").list_state_machines()["stateMachines"]]
    found += [a["name"] for a in server.client("stepfunctions").list_activities()["activities"]]
    found += [f["FunctionName"] for f in server.client("lambda").list_functions()["Functions"]]
    iam = server.client("iam")
    found += [r["RoleName"] for r in iam.list_roles()["Roles"]]
    found += [p["PolicyName"] for p in iam.list_policies(Scope="Local")["Policies"]]
    found += [u["UserName"] for u in iam.list_users()["Users"]]
    found += [p["InstanceProfileName"] for p in iam.list_instance_profiles()["InstanceProfiles"]]
    found += [q.split("/")[-1] for q in server.client("sqs").list_queues().get("QueueUrls", [])]
    found += [t["TopicArn"].split(":")[-1] for t in server.client("sns").list_topics()["Topics"]]
    found += [p["Name"] for p in server.client("ssm").describe_parameters()["Parameters"]]
    found += [s["Name"] for s in server.client("secretsmanager").list_secrets()["SecretList"]]
    events = server.client("events")
    found += [b["Name"] for b in events.list_event_buses()["EventBuses"]]
    found += [r["Name"] for r in events.list_rules()["Rules"]]
    found += [c["Name"] for c in events.list_connections()["Connections"]]
    found += [s["Name"] for s in server.client("scheduler").list_schedules()["Schedules"]]
    found += [s["Name"] for s in server.client("scheduler").list_schedule_groups()["ScheduleGroups"]]
    live = ["STARTING", "BOOTSTRAPPING", "RUNNING", "WAITING", "TERMINATING"]
    found += [c["Name"] for c in server.client("emr").list_clusters(ClusterStates=live)["Clusters"]]
    return [name for name in found if stack in name and not name.startswith("/aws/lambda/")]


@pytest.mark.parametrize("name", NAMES)
def test_template_deploys_changes_and_goes(server, cfn, code_bucket, name):
    stack = "corpus-" + name.split(".")[0].replace("_", "-")
    before = needed(name)
    if before:
        deploy(cfn, before, "corpus-needed", "1", code_bucket)
    deploy(cfn, name, stack, "1", code_bucket)
    assert outputs(cfn, stack)["Revision"] == "1"
    cfn.update_stack(**request(name, stack, "2", code_bucket))
    wait(cfn, stack, "stack_update_complete")
    assert outputs(cfn, stack)["Revision"] == "2"
    delete(cfn, stack)
    if before:
        delete(cfn, "corpus-needed")
    assert remnants(server, stack) == []


def test_the_page_of_types_is_that_of_the_sources():
    subprocess.run([TEMPLATES.parents[2] / "tools/types-table", "--check"], check=True)


# ---- what a property may be, and what a change of it means ----


def bucket_stack(cfn, stack, properties, update=False):
    call = cfn.update_stack if update else cfn.create_stack
    body = {"Resources": {"Lake": {"Type": "AWS::S3::Bucket", "Properties": properties}}}
    call(StackName=stack, TemplateBody=json.dumps(body))


def reasons(cfn, stack, status):
    events = cfn.describe_stack_events(StackName=stack)["StackEvents"]
    return [e["ResourceStatusReason"] for e in events if e["ResourceStatus"] == status and e.get("ResourceStatusReason")]


@pytest.mark.parametrize("properties, message", [
    ({"VersioningConfiguration": {"Sttus": "Enabled"}},
     "#/VersioningConfiguration: extraneous key [Sttus] is not permitted"),
    ({"PublicAccessBlockConfiguration": {"BlockPublicAcls": "perhaps"}},
     "#/PublicAccessBlockConfiguration/BlockPublicAcls: expected type: Boolean, found: String"),
    ({"LifecycleConfiguration": {"Rules": "none"}}, "#/LifecycleConfiguration/Rules: expected type: JSONArray, found: String"),
    ({"BucketNmae": "x"}, "#: extraneous key [BucketNmae] is not permitted"),
])
def test_properties_that_are_none_are_refused_at_their_place(cfn, properties, message):
    stack = "corpus-refused"
    bucket_stack(cfn, stack, properties)
    with pytest.raises(WaiterError):
        cfn.get_waiter("stack_create_complete").wait(StackName=stack, **FAST)
    assert any(r.endswith(message) for r in reasons(cfn, stack, "CREATE_FAILED")), story(cfn, stack)
    delete(cfn, stack)


def test_a_secret_is_not_written_in_a_template(cfn):
    stack, secret = "corpus-secret", {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "SecureString", "Value": "x"}}
    cfn.create_stack(StackName=stack, TemplateBody=json.dumps({"Resources": {"Secret": secret}}))
    with pytest.raises(WaiterError):
        cfn.get_waiter("stack_create_complete").wait(StackName=stack, **FAST)
    assert any("#/Type: SecureString" in r for r in reasons(cfn, stack, "CREATE_FAILED")), story(cfn, stack)
    delete(cfn, stack)


def test_texts_stand_for_numbers_and_booleans(server, cfn):
    stack = "corpus-lenient"
    bucket_stack(cfn, stack, {
        "BucketName": stack, "PublicAccessBlockConfiguration": {"BlockPublicAcls": "true", "IgnorePublicAcls": "FALSE"},
        "LifecycleConfiguration": {"Rules": [{"Status": "Enabled", "ExpirationInDays": "3"}]}})
    wait(cfn, stack, "stack_create_complete")
    s3 = server.client("s3")
    block = s3.get_public_access_block(Bucket=stack)["PublicAccessBlockConfiguration"]
    assert (block["BlockPublicAcls"], block["IgnorePublicAcls"]) == (True, False)
    rule = s3.get_bucket_lifecycle_configuration(Bucket=stack)["Rules"][0]
    assert rule["Expiration"] == {"Days": 3} and rule["Filter"] == {"Prefix": ""}
    delete(cfn, stack)


def test_a_property_that_is_taken_away_is_undone(server, cfn):
    stack, s3 = "corpus-undone", server.client("s3")
    cors = {"CorsRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]}
    bucket_stack(cfn, stack, {"BucketName": stack, "CorsConfiguration": cors, "Tags": [{"Key": "a", "Value": "b"}],
                              "VersioningConfiguration": {"Status": "Enabled"}})
    wait(cfn, stack, "stack_create_complete")
    assert s3.get_bucket_cors(Bucket=stack)["CORSRules"]
    assert s3.get_bucket_tagging(Bucket=stack)["TagSet"] == [{"Key": "a", "Value": "b"}]
    bucket_stack(cfn, stack, {"BucketName": stack}, update=True)
    wait(cfn, stack, "stack_update_complete")
    with pytest.raises(s3.exceptions.ClientError, match="NoSuchCORSConfiguration"):
        s3.get_bucket_cors(Bucket=stack)
    assert s3.get_bucket_versioning(Bucket=stack)["Status"] == "Suspended"
    with pytest.raises(s3.exceptions.ClientError, match="NoSuchTagSet"):
        s3.get_bucket_tagging(Bucket=stack)
    delete(cfn, stack)


def test_a_new_name_is_a_new_bucket(server, cfn):
    stack = "corpus-replaced"
    bucket_stack(cfn, stack, {"BucketName": stack + "-1"})
    wait(cfn, stack, "stack_create_complete")
    bucket_stack(cfn, stack, {"BucketName": stack + "-2"}, update=True)
    wait(cfn, stack, "stack_update_complete")
    assert remnants(server, stack) == [stack + "-2"]
    delete(cfn, stack)
    assert remnants(server, stack) == []


def test_inline_code_runs(server, cfn, code_bucket):
    stack = "corpus-inline-runs"
    deploy(cfn, "lambda_inline.yaml", stack, "7", code_bucket)
    arn = outputs(cfn, stack)["FunctionArn"]
    answer = json.load(server.client("lambda").invoke(FunctionName=arn)["Payload"])
    assert answer == {"revision": "7", "name": arn.split(":")[-1]}
    assert answer["name"].startswith(stack + "-Notify-")
    delete(cfn, stack)


def test_a_machine_of_a_template_runs(server, cfn, code_bucket):
    stack, sfn = "corpus-machine-runs", server.client("stepfunctions")
    deploy(cfn, "machine_definition.yaml", stack, "5", code_bucket)
    run = sfn.start_execution(stateMachineArn=outputs(cfn, stack)["MachineArn"])["executionArn"]
    assert sfn.describe_state_machine(stateMachineArn=outputs(cfn, stack)["MachineArn"])["loggingConfiguration"]["level"] == "ERROR"
    history = sfn.get_execution_history(executionArn=run)["events"]
    said = next(e for e in history if e["type"] == "PassStateExited")
    assert json.loads(said["stateExitedEventDetails"]["output"]) == {"revision": "5", "log": f"/aws/vendedlogs/states/{stack}"}
    sfn.stop_execution(executionArn=run)
    delete(cfn, stack)


def test_a_step_that_fails_fails_the_stack_and_the_cluster_goes(server, cfn):
    stack, body = "corpus-step-fails", (TEMPLATES / "emr_step.yaml").read_text()
    cfn.create_stack(StackName=stack, TemplateBody=body.replace("echo revision", "exit 3 #"))
    with pytest.raises(WaiterError):
        cfn.get_waiter("stack_create_complete").wait(StackName=stack, **FAST)
    assert any("NotStabilized" in r for r in reasons(cfn, stack, "CREATE_FAILED")), story(cfn, stack)
    live = ["STARTING", "BOOTSTRAPPING", "RUNNING", "WAITING", "TERMINATING"]
    assert "with-a-step" not in [c["Name"] for c in server.client("emr").list_clusters(ClusterStates=live)["Clusters"]]
    delete(cfn, stack)


def test_groups_and_fleets_of_a_cluster_grow(server, cfn, code_bucket):
    stack, emr = "corpus-grows", server.client("emr")
    deploy(cfn, "emr_fleet.yaml", stack, "1", code_bucket)
    parts = cfn.describe_stack_resources(StackName=stack)["StackResources"]
    cluster = next(p["PhysicalResourceId"] for p in parts if p["LogicalResourceId"] == "Cluster")
    more = next(p["PhysicalResourceId"] for p in parts if p["LogicalResourceId"] == "More")
    fleets = {f["InstanceFleetType"]: f for f in emr.list_instance_fleets(ClusterId=cluster)["InstanceFleets"]}
    assert fleets["TASK"]["Id"] == more and fleets["TASK"]["TargetSpotCapacity"] == 1
    cfn.update_stack(**request("emr_fleet.yaml", stack, "2", code_bucket))
    wait(cfn, stack, "stack_update_complete")
    fleets = {f["InstanceFleetType"]: f for f in emr.list_instance_fleets(ClusterId=cluster)["InstanceFleets"]}
    assert fleets["TASK"]["TargetSpotCapacity"] == 2
    again = {"InstanceFleetType": "TASK", "TargetSpotCapacity": 1, "InstanceTypeConfigs": [{"InstanceType": "m5.xlarge"}]}
    with pytest.raises(emr.exceptions.ClientError, match="Only one TASK instance fleet"):
        emr.add_instance_fleet(ClusterId=cluster, InstanceFleet=again)
    with pytest.raises(emr.exceptions.ClientError, match="mutually exclusive"):
        emr.add_instance_groups(JobFlowId=cluster, InstanceGroups=[
            {"InstanceRole": "TASK", "InstanceType": "m5.xlarge", "InstanceCount": 1}])
    delete(cfn, stack)
