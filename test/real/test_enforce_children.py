# test_enforce_children.py - a server that enforces IAM: what its processes call under, how it is renewed, and when it ends.
import json
import urllib.error
import urllib.request

import pytest

from emr_help import command, ended, log_of, run_cluster, steps_of
from enforce_help import Who, allow, code_of, guard, names, policy, refusal, trusts
from server import VENV, Server, wait_for

PYTHON = VENV / "bin" / "python"
EC2 = {"Service": "ec2.amazonaws.com"}

LONG = """
import os, sys, time, boto3, botocore
assert "AWS_ACCESS_KEY_ID" not in os.environ
print(os.environ["AWS_CONTAINER_CREDENTIALS_FULL_URI"], os.environ["AWS_CONTAINER_AUTHORIZATION_TOKEN"], flush=True)
session = boto3.Session()
s3, first, seen = session.client("s3"), session.get_credentials().get_frozen_credentials(), set()
deadline = time.monotonic() + 60
while len(seen) < 4 and time.monotonic() < deadline:
    try:
        s3.get_object(Bucket="lake", Key="in/a.csv")
        seen.add(session.get_credentials().get_frozen_credentials().access_key)
    except (botocore.exceptions.EndpointConnectionError, botocore.exceptions.ConnectionClosedError):
        pass  # the server is being started again
    time.sleep(0.1)
old = boto3.client("s3", aws_access_key_id=first.access_key, aws_secret_access_key=first.secret_key, aws_session_token=first.token)
try:
    old.get_object(Bucket="lake", Key="in/a.csv")
except botocore.exceptions.ClientError as e:
    print(len(seen), e.response["Error"]["Code"], session.client("sts").get_caller_identity()["Arn"])
"""


@pytest.fixture
def brief(tmp_path):
    """A server whose sessions of steps end after some seconds."""
    server = guard(Server(tmp_path, "--auth", "enforce", "--role-session-seconds", "2"))
    yield server
    assert server.stop() == 0


def profile_of(server, *statements, trust=EC2):
    iam, name = server.client("iam"), f"machines-{next(names)}"
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trusts(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=policy(*statements))
    iam.create_instance_profile(InstanceProfileName=name)
    iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)
    return name, arn


def ask(line):
    uri, token = line.split()
    return json.load(urllib.request.urlopen(urllib.request.Request(uri, headers={"Authorization": token}), timeout=30))


def test_credentials_of_a_long_step_are_renewed_also_over_a_crash(brief, tmp_path):
    name, _ = profile_of(brief, allow("s3:*"))
    script = tmp_path / "long.py"
    script.write_text(LONG)
    cluster = run_cluster(brief.client("emr"), command([PYTHON, script]), JobFlowRole=name, LogUri="s3://lake/")
    step = steps_of(brief.client("emr"), cluster)[0]["Id"]
    out = brief.data / "logs" / cluster / "steps" / step / "stdout"
    line = wait_for(lambda: out.exists() and out.read_text().splitlines())[0]
    told = ask(line)
    assert set(told) == {"RoleArn", "AccessKeyId", "SecretAccessKey", "Token", "Expiration"}
    who = Who(brief, told | {"SessionToken": told["Token"]})
    assert f"assumed-role/{name}/i-" in who.arn()
    brief.kill()
    brief.start()
    emr = brief.client("emr")
    ended(emr, cluster)
    assert steps_of(emr, cluster)[0]["Status"]["State"] == "COMPLETED"
    count, code, arn = log_of(brief.client("s3"), "lake", cluster, step, "stdout").splitlines()[1].split()
    assert int(count) >= 4 and code == "ExpiredToken" and f"assumed-role/{name}/i-" in arn
    with pytest.raises(urllib.error.HTTPError) as refused:  # the cluster is gone, and its sessions with it
        ask(line)
    assert refused.value.code == 403
    assert code_of(who.client("s3").list_buckets) == "InvalidAccessKeyId"


def test_nobody_gets_credentials_without_a_token(brief):
    for headers in ({}, {"Authorization": "AKIAAAAAAAAAAAAAAAAA.00"}, {"Authorization": "x"}):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(urllib.request.Request(brief.endpoint + "/_mayfly/credentials", headers=headers))
        assert refused.value.code == 403


SHOW = """
import sys, boto3
print(boto3.client("sts").get_caller_identity()["Arn"])
print(boto3.client("s3").get_object(Bucket=sys.argv[1], Key="in/a.csv")["Body"].read())
"""


def test_a_step_with_a_runtime_role_may_what_that_may(brief, tmp_path):
    emr, iam = brief.client("emr"), brief.client("iam")
    script = tmp_path / "show.py"
    script.write_text(SHOW)
    profile, machines = profile_of(brief, allow("s3:*", ["arn:aws:s3:::lake", "arn:aws:s3:::lake/*"]))
    _, runtime = profile_of(brief, allow("s3:GetObject", "arn:aws:s3:::vault/*"), trust={"AWS": machines})
    _, stranger = profile_of(brief, allow("s3:*"))
    cluster = run_cluster(emr, JobFlowRole=profile, LogUri="s3://lake/", keep=True)
    steps = [command([PYTHON, script, bucket], name=bucket) for bucket in ("lake", "vault")]
    code, message = refusal(emr.add_job_flow_steps, JobFlowId=cluster, Steps=steps, ExecutionRoleArn=stranger)
    assert code == "ValidationException" and stranger in message
    own = emr.add_job_flow_steps(JobFlowId=cluster, Steps=steps, ExecutionRoleArn=runtime)["StepIds"]
    shared = emr.add_job_flow_steps(JobFlowId=cluster, Steps=steps)["StepIds"]
    state = lambda step: emr.describe_step(ClusterId=cluster, StepId=step)["Step"]["Status"]["State"]  # fmt: skip
    wait_for(lambda: all(state(step) in ("COMPLETED", "FAILED") for step in own + shared), seconds=60)
    assert [state(step) for step in own + shared] == ["FAILED", "COMPLETED", "COMPLETED", "FAILED"]
    emr.terminate_job_flows(JobFlowIds=[cluster])
    ended(emr, cluster)
    s3 = brief.client("s3")
    assert f"assumed-role/{runtime.split('/')[-1]}/{own[1]}" in log_of(s3, "lake", cluster, own[1], "stdout")
    assert f"assumed-role/{profile}/i-" in log_of(s3, "lake", cluster, shared[0], "stdout")
    iam.create_user(UserName="ann")
    may = allow("elasticmapreduce:AddJobFlowSteps", Condition={"StringEquals": {"elasticmapreduce:ExecutionRoleArn": runtime}})
    iam.put_user_policy(UserName="ann", PolicyName="own", PolicyDocument=policy(may))
    ann = Who(brief, iam.create_access_key(UserName="ann")["AccessKey"]).client("emr")
    assert code_of(ann.add_job_flow_steps, JobFlowId=cluster, Steps=steps) == "AccessDeniedException"
    assert code_of(ann.add_job_flow_steps, JobFlowId=cluster, Steps=steps, ExecutionRoleArn=runtime) == "ValidationException"


SPARK = """
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
print("rows", spark.read.text("s3://lake/in/a.csv").count())
spark.range(10).write.csv("s3://lake/out")
"""


def test_spark_reads_and_writes_by_the_address(brief, tmp_path):
    profile, _ = profile_of(brief, allow("s3:*", ["arn:aws:s3:::lake", "arn:aws:s3:::lake/*"]))
    s3 = brief.client("s3")
    s3.put_object(Bucket="lake", Key="job.py", Body=SPARK.encode())
    emr = brief.client("emr")
    cluster = run_cluster(emr, command(["spark-submit", "s3://lake/job.py"]), JobFlowRole=profile, LogUri="s3://lake/")
    ended(emr, cluster)
    (step,) = steps_of(emr, cluster)
    assert step["Status"]["State"] == "COMPLETED", log_of(s3, "lake", cluster, step["Id"], "stderr")[-3000:]
    keys = [o["Key"] for o in s3.list_objects_v2(Bucket="lake", Prefix="out/")["Contents"]]
    assert "out/_SUCCESS" in keys
