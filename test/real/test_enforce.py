# test_enforce.py - a server that enforces IAM: who may do what, by which policy, and what is said to whom who may not.
import io
import json
import zipfile

import pytest

from emr_help import command, ended, log_of, run_cluster, steps_of
from enforce_help import ACCOUNT, Who, allow, code_of, deny, guarded, iam, names, policy, refusal, role, trusts, user  # noqa: F401
from server import REGION, VENV, wait_for


def test_nobody_may_anything_until_a_policy_says_so(user):
    ann = user()
    assert ann.arn() == f"arn:aws:iam::{ACCOUNT}:user/{ann.name}"
    assert refusal(ann.client("s3").get_object, Bucket="lake", Key="in/a.csv") == (
        "AccessDenied",
        f'User: {ann.arn()} is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::lake/in/a.csv" '
        "because no identity-based policy allows the s3:GetObject action",
    )
    assert refusal(ann.client("emr").list_clusters) == (
        "AccessDeniedException",
        f"User: {ann.arn()} is not authorized to perform: elasticmapreduce:ListClusters on resource: * "
        "because no identity-based policy allows the elasticmapreduce:ListClusters action",
    )
    assert code_of(ann.client("iam").list_users) == "AccessDenied"
    assert code_of(ann.client("stepfunctions").list_state_machines) == "AccessDeniedException"


def test_s3_actions_are_told_apart(user):
    s3 = user(allow("s3:GetObject", "arn:aws:s3:::lake/in/*"),
              allow("s3:ListBucket", "arn:aws:s3:::lake", Condition={"StringLike": {"s3:prefix": "in/*"}}),
              allow("s3:PutObject", "arn:aws:s3:::lake/out/${aws:username}/*")).client("s3")  # fmt: skip
    assert s3.get_object(Bucket="lake", Key="in/a.csv")["Body"].read() == b"a"
    assert s3.head_object(Bucket="lake", Key="in/a.csv")["ContentLength"] == 1
    assert [o["Key"] for o in s3.list_objects_v2(Bucket="lake", Prefix="in/")["Contents"]] == ["in/a.csv"]
    assert code_of(s3.list_objects_v2, Bucket="lake") == "AccessDenied"
    assert code_of(s3.list_objects_v2, Bucket="vault", Prefix="in/") == "AccessDenied"
    assert code_of(s3.put_object, Bucket="lake", Key="in/a.csv", Body=b"b") == "AccessDenied"
    assert code_of(s3.delete_object, Bucket="lake", Key="in/a.csv") == "AccessDenied"
    assert code_of(s3.copy_object, Bucket="lake", Key="in/b", CopySource="vault/in/a.csv") == "AccessDenied"
    assert code_of(s3.list_buckets) == "AccessDenied"


def test_a_user_may_write_where_its_name_is(user):
    who = user(allow("s3:PutObject", "arn:aws:s3:::lake/${aws:username}/*"))
    who.client("s3").put_object(Bucket="lake", Key=f"{who.name}/x", Body=b"x" * 300_000)
    assert code_of(who.client("s3").put_object, Bucket="lake", Key="other/x", Body=b"x" * 300_000) == "AccessDenied"


def test_a_copy_reads_its_source(user):
    s3 = user(allow("s3:PutObject"), allow("s3:GetObject", "arn:aws:s3:::lake/*")).client("s3")
    s3.copy_object(Bucket="lake", Key="copy", CopySource="lake/in/a.csv")
    code, message = refusal(s3.copy_object, Bucket="lake", Key="copy", CopySource="vault/in/a.csv")
    assert code == "AccessDenied" and "s3:GetObject" in message and "vault/in/a.csv" in message


def test_a_deny_wins(user):
    s3 = user(allow("*"), deny("s3:*", "arn:aws:s3:::vault/*")).client("s3")
    s3.get_object(Bucket="lake", Key="in/a.csv")
    code, message = refusal(s3.get_object, Bucket="vault", Key="in/a.csv")
    assert code == "AccessDenied" and message.endswith("with an explicit deny in an identity-based policy")


def test_groups_attached_policies_and_boundaries(user, iam):
    who = user()
    iam.create_group(GroupName="readers")
    iam.attach_group_policy(GroupName="readers", PolicyArn="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess")
    iam.add_user_to_group(GroupName="readers", UserName=who.name)
    who.client("s3").get_object(Bucket="lake", Key="in/a.csv")
    bound = iam.create_policy(PolicyName="sqs-only", PolicyDocument=policy(allow("sqs:*")))["Policy"]["Arn"]
    iam.put_user_permissions_boundary(UserName=who.name, PermissionsBoundary=bound)
    code, message = refusal(who.client("s3").get_object, Bucket="lake", Key="in/a.csv")
    assert code == "AccessDenied" and message.endswith("no permissions boundary allows the s3:GetObject action")


def test_bucket_policies(guarded, user):
    friend, foe, admin = user(), user(allow("s3:*")), guarded.client("s3")
    admin.create_bucket(Bucket="shared")
    admin.put_object(Bucket="shared", Key="a", Body=b"a")
    document = policy({"Effect": "Allow", "Principal": {"AWS": friend.arn()}, "Action": "s3:GetObject",
                       "Resource": "arn:aws:s3:::shared/*"},
                      {"Effect": "Deny", "Principal": {"AWS": foe.arn()}, "Action": "s3:*",
                       "Resource": ["arn:aws:s3:::shared", "arn:aws:s3:::shared/*"]})  # fmt: skip
    admin.put_bucket_policy(Bucket="shared", Policy=document)
    friend.client("s3").get_object(Bucket="shared", Key="a")
    assert code_of(friend.client("s3").list_objects_v2, Bucket="shared") == "AccessDenied"
    code, message = refusal(foe.client("s3").get_object, Bucket="shared", Key="a")
    assert code == "AccessDenied" and message.endswith("with an explicit deny in a resource-based policy")


def test_assuming_a_role(guarded, user, role):
    ann, bob = user(), user()
    arn = role(trusts({"AWS": ann.arn()}, Condition={"StringEquals": {"sts:ExternalId": "42"}}), allow("s3:GetObject"))
    ask = {"RoleArn": arn, "RoleSessionName": "s1", "ExternalId": "42"}
    made = ann.client("sts").assume_role(**ask)
    session = Who(guarded, made["Credentials"])
    assert session.arn() == made["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/{arn.split('/')[-1]}/s1"
    session.client("s3").get_object(Bucket="lake", Key="in/a.csv")
    assert code_of(session.client("s3").list_buckets) == "AccessDenied"
    assert refusal(bob.client("sts").assume_role, **ask) == (
        "AccessDenied", f"User: {bob.arn()} is not authorized to perform: sts:AssumeRole on resource: {arn}",
    )  # fmt: skip
    assert code_of(ann.client("sts").assume_role, **ask | {"ExternalId": "43"}) == "AccessDenied"
    assert code_of(ann.client("sts").assume_role, **ask, DurationSeconds=7200) == "ValidationError"


def test_a_role_that_trusts_the_account_needs_a_policy_too(user, role):
    arn = role(trusts({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}))
    nobody, able = user(), user(allow("sts:AssumeRole", arn))
    assert code_of(nobody.client("sts").assume_role, RoleArn=arn, RoleSessionName="s1") == "AccessDenied"
    able.client("sts").assume_role(RoleArn=arn, RoleSessionName="s1")


def test_session_policies_narrow(guarded, user, role):
    ann = user()
    arn = role(trusts({"AWS": ann.arn()}), allow("s3:*"))
    narrow = policy(allow("s3:GetObject", "arn:aws:s3:::lake/*"))
    made = ann.client("sts").assume_role(RoleArn=arn, RoleSessionName="s1", Policy=narrow)
    s3 = Who(guarded, made["Credentials"]).client("s3")
    s3.get_object(Bucket="lake", Key="in/a.csv")
    code, message = refusal(s3.get_object, Bucket="vault", Key="in/a.csv")
    assert code == "AccessDenied" and message.endswith("no session policy allows the s3:GetObject action")


def test_sessions_of_users(guarded, user):
    ann = user(allow("s3:*"))
    session = Who(guarded, ann.client("sts").get_session_token()["Credentials"])
    assert session.arn() == ann.arn()
    session.client("s3").get_object(Bucket="lake", Key="in/a.csv")
    narrow = policy(allow("s3:GetObject", "arn:aws:s3:::lake/*"))
    fed = user(allow("*")).client("sts").get_federation_token(Name="guest", Policy=narrow)
    guest = Who(guarded, fed["Credentials"])
    assert guest.arn() == fed["FederatedUser"]["Arn"]
    guest.client("s3").get_object(Bucket="lake", Key="in/a.csv")
    assert code_of(guest.client("s3").get_object, Bucket="vault", Key="in/a.csv") == "AccessDenied"


def test_a_session_is_nothing_without_its_token(guarded, user):
    made = user(allow("*")).client("sts").get_session_token()["Credentials"]
    bare = {key: made[key] for key in ("AccessKeyId", "SecretAccessKey")}
    assert code_of(Who(guarded, bare).client("s3").list_buckets) == "InvalidToken"
    assert code_of(Who(guarded, bare).client("emr").list_clusters) == "UnrecognizedClientException"
    other = bare | {"SessionToken": made["SessionToken"][:-4] + "AAAA"}
    assert code_of(Who(guarded, other).client("iam").list_users) == "InvalidClientTokenId"


def test_an_inactive_key_is_nobodys(iam, user):
    who = user(allow("*"))
    who.client("s3").list_buckets()
    iam.update_access_key(UserName=who.name, AccessKeyId=who.keys["AccessKeyId"], Status="Inactive")
    assert code_of(who.client("s3").list_buckets) == "InvalidAccessKeyId"


def test_keys_of_users_from_the_command_line(guarded, iam):
    iam.create_user(UserName="made-by-hand")
    made = guarded.cli("keys", "create", "--user", "made-by-hand", "--json", "--data", str(guarded.data))
    who = Who(guarded, json.loads(made.stdout))
    assert who.arn().endswith("user/made-by-hand")
    assert code_of(who.client("s3").list_buckets) == "AccessDenied"
    assert guarded.cli("keys", "create", "--user", "nobody", "--data", str(guarded.data)).returncode != 0


MACHINE = json.dumps({"StartAt": "Read", "States": {"Read": {
    "Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:getObject", "End": True,
    "Parameters": {"Bucket": "vault", "Key": "in/a.csv"}}}})  # fmt: skip


def test_pass_role(user, role):
    arn = role(trusts({"Service": "states.amazonaws.com"}))
    wrong = role(trusts({"Service": "lambda.amazonaws.com"}))
    ask = {"name": f"machine-{next(names)}", "definition": MACHINE}
    may_create = user(allow("states:*")).client("stepfunctions")
    code, message = refusal(may_create.create_state_machine, **ask, roleArn=arn)
    assert code == "AccessDeniedException" and f"iam:PassRole on resource: {arn}" in message
    only_states = {"StringEquals": {"iam:PassedToService": "states.amazonaws.com"}}
    able = user(allow("states:*"), allow("iam:PassRole", [arn, wrong], Condition=only_states)).client("stepfunctions")
    able.create_state_machine(**ask, roleArn=arn)
    code, message = refusal(able.create_state_machine, **ask | {"name": "other"}, roleArn=wrong)
    assert code == "AccessDeniedException" and "authorized to assume the provided role" in message


def handing_over(arn, name):
    """Each request that hands a role to a service: who takes it, the client's service, the operation, the request."""
    profile, flow = arn.split("/")[-1], {"Name": name, "ReleaseLabel": "emr-7.2.0", "Instances": {"InstanceCount": 1, "MasterInstanceType": "m5.xlarge"}}
    definition = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}})
    schedule = {"Name": name, "ScheduleExpression": "rate(1 day)", "FlexibleTimeWindow": {"Mode": "OFF"},
                "Target": {"Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:q", "RoleArn": arn}}  # fmt: skip
    code = {"ZipFile": zipped_handler()}
    return [
        ("elasticmapreduce", "emr", "run_job_flow", flow | {"ServiceRole": arn}),
        ("ec2", "emr", "run_job_flow", flow | {"JobFlowRole": profile, "ServiceRole": ""}),
        ("application-autoscaling", "emr", "run_job_flow", flow | {"AutoScalingRole": arn, "ServiceRole": ""}),
        ("states", "stepfunctions", "create_state_machine", {"name": name, "definition": definition, "roleArn": arn}),
        ("states", "stepfunctions", "update_state_machine", {"stateMachineArn": f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:x", "roleArn": arn}),
        ("states", "stepfunctions", "test_state", {"definition": json.dumps({"Type": "Pass", "End": True}), "roleArn": arn}),
        ("lambda", "lambda", "create_function", {"FunctionName": name, "Runtime": "python3.12", "Role": arn, "Handler": "m.h", "Code": code}),
        ("lambda", "lambda", "update_function_configuration", {"FunctionName": "f", "Role": arn}),
        ("scheduler", "scheduler", "create_schedule", schedule),
        ("scheduler", "scheduler", "update_schedule", schedule),
        ("events", "events", "put_rule", {"Name": name, "ScheduleExpression": "rate(1 day)", "RoleArn": arn}),
        ("events", "events", "put_targets", {"Rule": name, "Targets": [{"Id": "1", "Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:q", "RoleArn": arn}]}),
        ("cloudformation", "cloudformation", "create_stack", {"StackName": name, "TemplateBody": "{}", "RoleARN": arn}),
        ("cloudformation", "cloudformation", "update_stack", {"StackName": name, "TemplateBody": "{}", "RoleARN": arn}),
        ("cloudformation", "cloudformation", "create_change_set", {"StackName": name, "ChangeSetName": "c", "TemplateBody": "{}", "RoleARN": arn}),
        ("cloudformation", "cloudformation", "delete_stack", {"StackName": name, "RoleARN": arn}),
        ("cloudformation", "cloudformation", "continue_update_rollback", {"StackName": name, "RoleARN": arn}),
        ("ec2", "iam", "add_role_to_instance_profile", {"InstanceProfileName": "nobodys", "RoleName": profile}),
    ]  # fmt: skip


def zipped_handler():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as z:
        z.writestr("m.py", "def h(event, context): pass\n")
    return content.getvalue()


@pytest.mark.parametrize("n", range(18))
def test_a_role_is_handed_over_by_whom_may_pass_it(user, role, iam, n):
    arn = role(trusts({"Service": [f"{s}.amazonaws.com" for s in (
        "elasticmapreduce", "ec2", "application-autoscaling", "states", "lambda", "scheduler", "events", "cloudformation")]}))  # fmt: skip
    name = arn.split("/")[-1]
    iam.create_instance_profile(InstanceProfileName=name)
    iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)
    taker, service, operation, ask = handing_over(arn, name)[n]
    ask = {k: v for k, v in ask.items() if v}
    everything = [allow("*"), deny("iam:PassRole", arn, Condition={"StringEquals": {"iam:PassedToService": f"{taker}.amazonaws.com"}})]
    code, message = refusal(getattr(user(*everything).client(service, inject_host_prefix=False), operation), **ask)
    assert code.startswith("AccessDenied") and f"not authorized to perform: iam:PassRole on resource: {arn} with an explicit deny" in message
    rest = [allow("*"), deny("iam:PassRole", Condition={"StringNotEquals": {"iam:PassedToService": [f"{taker}.amazonaws.com", "elasticmapreduce.amazonaws.com", "ec2.amazonaws.com"]}})]  # fmt: skip
    try:
        getattr(user(*rest).client(service, inject_host_prefix=False), operation)(**ask)
    except Exception as e:  # what it is about may not be there; but it was passed
        assert "PassRole" not in str(e), e


@pytest.mark.parametrize("bucket, ends", [("lake", "FAILED"), ("vault", "SUCCEEDED")])
def test_an_execution_may_what_its_role_may(guarded, role, bucket, ends):
    arn = role(trusts({"Service": "states.amazonaws.com"}), allow("s3:GetObject", f"arn:aws:s3:::{bucket}/*"))
    sfn = guarded.client("stepfunctions")
    machine = sfn.create_state_machine(name=f"machine-{next(names)}", definition=MACHINE, roleArn=arn)["stateMachineArn"]
    execution = sfn.start_execution(stateMachineArn=machine)["executionArn"]
    told = wait_for(lambda: (e := sfn.describe_execution(executionArn=execution))["status"] != "RUNNING" and e)
    assert told["status"] == ends
    if ends == "FAILED":
        assert "AccessDenied" in told["error"] or "AccessDenied" in told["cause"]
        assert "s3:GetObject" in told["cause"]


READ = """
import sys, boto3
print(boto3.client("sts").get_caller_identity()["Arn"])
print(boto3.client("s3").get_object(Bucket=sys.argv[1], Key="in/a.csv")["Body"].read())
"""
PYTHON = VENV / "bin" / "python"


def test_a_step_may_what_the_role_of_its_machines_may(guarded, role, iam, tmp_path):
    profile = f"profile-{next(names)}"
    arn = role(trusts({"Service": "ec2.amazonaws.com"}), allow("s3:*", ["arn:aws:s3:::lake", "arn:aws:s3:::lake/*"]))
    iam.create_instance_profile(InstanceProfileName=profile)
    iam.add_role_to_instance_profile(InstanceProfileName=profile, RoleName=arn.split("/")[-1])
    script = tmp_path / "read.py"
    script.write_text(READ)
    emr = guarded.client("emr")
    steps = [command([PYTHON, script, bucket], name=bucket) for bucket in ("lake", "vault")]
    cluster = run_cluster(emr, *steps, JobFlowRole=profile, LogUri="s3://lake/")
    ended(emr, cluster)
    told = {step["Name"]: step for step in steps_of(emr, cluster)}
    assert {name: step["Status"]["State"] for name, step in told.items()} == {"lake": "COMPLETED", "vault": "FAILED"}
    s3 = guarded.client("s3")
    assert f"assumed-role/{arn.split('/')[-1]}/i-" in log_of(s3, "lake", cluster, told["lake"]["Id"], "stdout")
    assert "AccessDenied" in log_of(s3, "lake", cluster, told["vault"]["Id"], "stderr")


def test_a_cluster_has_to_name_roles_that_are_there(guarded, user):
    emr = guarded.client("emr")
    code, message = refusal(run_cluster, emr, JobFlowRole="nobody")
    assert (code, message) == ("ValidationException", "Invalid InstanceProfile: nobody.")
    starter = user(allow("elasticmapreduce:*")).client("emr")
    code, message = refusal(run_cluster, starter)
    assert code == "AccessDeniedException" and "iam:PassRole" in message


def test_a_function_may_what_its_role_may(guarded, role):
    source = "import boto3\ndef handler(event, context):\n    arn = boto3.client('sts').get_caller_identity()['Arn']\n"
    source += "    boto3.client('s3').get_object(Bucket=event['bucket'], Key='in/a.csv')\n    return arn\n"
    arn = role(trusts({"Service": "lambda.amazonaws.com"}), allow("s3:GetObject", "arn:aws:s3:::lake/*"))
    client, name, zipped = guarded.client("lambda"), f"function-{next(names)}", io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as z:
        z.writestr("m.py", source)
    client.create_function(FunctionName=name, Runtime="python3.12", Role=arn, Handler="m.handler", Timeout=60,
                           Code={"ZipFile": zipped.getvalue()})  # fmt: skip
    ok = client.invoke(FunctionName=name, Payload=json.dumps({"bucket": "lake"}))
    assert json.loads(ok["Payload"].read()).endswith(f"assumed-role/{arn.split('/')[-1]}/{name}")
    refused = json.loads(client.invoke(FunctionName=name, Payload=json.dumps({"bucket": "vault"}))["Payload"].read())
    assert "AccessDenied" in refused["errorMessage"]


# --- schedules --------------------------------------------------------------------------------------------------------


def test_a_schedule_acts_under_its_role_and_what_that_may_not_is_a_dead_letter(guarded, iam):
    sqs, scheduler = guarded.client("sqs"), guarded.client("scheduler")
    urls = {q: sqs.create_queue(QueueName=f"scheduled-{q}")["QueueUrl"] for q in ("may", "not", "letters")}
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:scheduled-"
    role = iam.create_role(RoleName="sends", AssumeRolePolicyDocument=trusts({"Service": "scheduler.amazonaws.com"}))["Role"]["Arn"]  # fmt: skip
    iam.put_role_policy(RoleName="sends", PolicyName="own", PolicyDocument=policy(allow("sqs:SendMessage", [arn + "may", arn + "letters"])))  # fmt: skip
    for queue in ("may", "not"):
        scheduler.create_schedule(Name=f"to-{queue}", ScheduleExpression="rate(1 day)", FlexibleTimeWindow={"Mode": "OFF"}, Target={
            "Arn": arn + queue, "RoleArn": role, "Input": queue, "DeadLetterConfig": {"Arn": arn + "letters"}})  # fmt: skip
    taken = lambda queue: sqs.receive_message(QueueUrl=urls[queue], WaitTimeSeconds=5, MessageAttributeNames=["All"]).get("Messages", [])  # fmt: skip
    (letter,), (message,) = taken("letters"), taken("may")
    assert (letter["Body"], message["Body"]) == ("not", "may")
    assert letter["MessageAttributes"]["ERROR_CODE"]["StringValue"] in ("AccessDenied", "AccessDeniedException")
    assert sqs.receive_message(QueueUrl=urls["not"]).get("Messages", []) == []


def looked_up(server, **attributes):
    wanted = [{"AttributeKey": key, "AttributeValue": value} for key, value in attributes.items()]
    pages = server.client("cloudtrail").get_paginator("lookup_events").paginate(LookupAttributes=wanted)
    return [event for page in pages for event in page["Events"]]


def test_every_call_is_on_record(guarded, user, role):
    ann = user(allow("s3:GetObject", "arn:aws:s3:::lake/*", Sid="Read"))
    ann.client("s3").get_object(Bucket="lake", Key="in/a.csv")
    code_of(ann.client("s3").put_object, Bucket="lake", Key="in/a.csv", Body=b"")
    code_of(ann.client("emr").terminate_job_flows, JobFlowIds=["j-1"])
    records = [json.loads(event["CloudTrailEvent"]) for event in looked_up(guarded, Username=ann.name)]
    assert [(r["eventName"], r.get("errorCode")) for r in records] == [
        ("TerminateJobFlows", "AccessDeniedException"), ("PutObject", "AccessDenied"), ("GetObject", None),
    ]  # fmt: skip
    read = records[-1]
    assert read["additionalEventData"] == {"policy": "own", "statement": "Read"}
    assert (read["userIdentity"]["type"], read["userIdentity"]["arn"]) == ("IAMUser", ann.arn())
    assert (read["eventSource"], read["readOnly"]) == ("s3.amazonaws.com", True)
    assert read["requestParameters"]["Key"] == "in/a.csv"
    assert len({r["eventID"] for r in records}) == 3
    found = looked_up(guarded, ResourceName="arn:aws:s3:::lake/in/a.csv")
    assert {"GetObject", "PutObject"} <= {event["EventName"] for event in found}


def test_secrets_are_not_on_record(guarded):
    ssm = guarded.client("ssm")
    ssm.put_parameter(Name="/on/record", Value="hush-hush", Type="SecureString")
    (event,) = looked_up(guarded, EventName="PutParameter")
    assert "/on/record" in event["CloudTrailEvent"] and "hush-hush" not in event["CloudTrailEvent"]


def test_what_an_execution_did_is_on_record(guarded, role):
    arn = role(trusts({"Service": "states.amazonaws.com"}), allow("s3:GetObject"))
    sfn = guarded.client("stepfunctions")
    machine = sfn.create_state_machine(name=f"machine-{next(names)}", definition=MACHINE, roleArn=arn)["stateMachineArn"]
    execution = sfn.start_execution(stateMachineArn=machine)["executionArn"]
    wait_for(lambda: sfn.describe_execution(executionArn=execution)["status"] == "SUCCEEDED")
    made = [json.loads(event["CloudTrailEvent"])["userIdentity"] for event in looked_up(guarded, EventName="GetObject")]
    assert arn in [who.get("sessionContext", {}).get("sessionIssuer", {}).get("arn") for who in made]


def test_a_secret_named_by_its_name_is_its_arn(guarded, user):
    secrets = guarded.client("secretsmanager")
    arn = secrets.create_secret(Name="by/name", SecretString="x")["ARN"]
    other = secrets.create_secret(Name="by/name2", SecretString="y")["ARN"]
    for resource in (arn, arn[:-6] + "??????"):
        able = user(allow("secretsmanager:GetSecretValue", resource)).client("secretsmanager")
        assert able.get_secret_value(SecretId="by/name")["SecretString"] == able.get_secret_value(SecretId=arn)["SecretString"] == "x"
        assert code_of(able.get_secret_value, SecretId=other) == code_of(able.get_secret_value, SecretId="by/name2") == "AccessDeniedException"
