# test_cdk.py - the AWS CDK's own command line, unmodified: an account bootstrapped, an app deployed, run, changed and destroyed.
import json
import subprocess
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from server import REGION, ROOT, Server, wait_for

CDK = ROOT / ".deps" / "cdk"
APP = Path(__file__).with_name("cdk") / "app.mjs"
SECONDS_MAX = 120
STAGING = f"cdk-hnb659fds-assets-000000000000-{REGION}"


def cdk(server, *words, greeting="hello"):
    """One command of the CDK; its home is the server's folder, so that it keeps nothing outside."""
    own = {"HOME": server.folder, "AWS_REGION": REGION, "CI": "1", "CDK_MODULES": CDK, "GREETING": greeting}
    own |= {"AWS_CA_BUNDLE": server.verify, "NODE_EXTRA_CA_CERTS": server.verify} if server.verify else {}
    quiet = ["--no-version-reporting", "--no-notices", "--no-version-check", "--no-color"]
    command = [CDK / "node_modules" / ".bin" / "cdk", *quiet, "--app", f"node {APP}", "-o", server.folder / "out"]
    done = subprocess.run(
        [*command, *words], env=server.shell() | {k: str(v) for k, v in own.items()}, cwd=APP.parent,
        capture_output=True, text=True, timeout=SECONDS_MAX,
    )  # fmt: skip
    told = done.stdout + done.stderr
    assert done.returncode == 0, f"cdk {' '.join(map(str, words))}: {told[-3000:]}"
    assert "could not be used to assume" not in told, told[-3000:]
    return told


def deploy(server, *words, greeting="hello"):
    outputs = server.folder / "outputs.json"
    told = cdk(server, "deploy", "--require-approval", "never", "--outputs-file", outputs, *words, greeting=greeting)
    return told, json.loads(outputs.read_text())["Pipeline"]


def greeted(server, machine):
    """What an execution of the deployed machine, which calls the deployed function, puts out."""
    states = server.client("stepfunctions")
    execution = states.start_execution(stateMachineArn=machine, input='{"name": "Ada"}')["executionArn"]

    def ended():
        told = states.describe_execution(executionArn=execution)
        return told if told["status"] != "RUNNING" else None

    told = wait_for(ended, what="the execution")
    assert told["status"] == "SUCCEEDED", told
    return json.loads(told["output"])


def look_at_what_was_made(server, outputs):
    s3, stack = server.client("s3"), server.client("cloudformation").describe_stacks(StackName="Pipeline")["Stacks"][0]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    assert stack["RoleARN"] == f"arn:aws:iam::000000000000:role/cdk-hnb659fds-cfn-exec-role-000000000000-{REGION}"
    asset = outputs["RulesUrl"].removeprefix(f"s3://{STAGING}/")
    there = s3.get_object(Bucket=STAGING, Key=asset)["Body"].read()
    assert there == APP.with_name("files").joinpath("rules.json").read_bytes()
    s3.head_bucket(Bucket=outputs["LakeName"])
    schedules = server.client("scheduler")
    nightly = schedules.get_schedule(Name=schedules.list_schedules()["Schedules"][0]["Name"])
    assert nightly["ScheduleExpressionTimezone"] == "Europe/Warsaw" and nightly["Target"]["Arn"] == outputs["MachineArn"]
    assert server.client("logs").describe_log_groups(logGroupNamePrefix="Pipeline-Log")["logGroups"][0]["retentionInDays"] == 7


def certificate(folder):
    """One for 127.0.0.1 that signs itself, and its key."""
    words = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
             "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-out", "ca.pem", "-keyout", "key.pem"]  # fmt: skip
    subprocess.run(words, cwd=folder, check=True, capture_output=True)
    return "--certificate", folder / "ca.pem", "--key", folder / "key.pem"


@pytest.fixture(params=["open", "enforce"])
def server(request, tmp_path):
    """Where it enforces, the bootstrap's roles must be assumed and permit what is done, and its bucket's policy wants TLS."""
    server = Server(tmp_path)
    if request.param == "enforce":
        made = json.loads(server.cli("keys", "create", "--json", "--data", str(server.data)).stdout)
        server.keys = {"AWS_ACCESS_KEY_ID": made["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": made["SecretAccessKey"]}
        server.stop()
        server.options, server.verify = ("--auth", "enforce", *certificate(tmp_path)), str(tmp_path / "ca.pem")
        server.start()
    yield server
    assert server.stop() == 0


def test_an_app_is_deployed_changed_and_destroyed_by_the_cdk(server):
    assert "bootstrapped" in cdk(server, "bootstrap", f"aws://000000000000/{REGION}")
    version = server.client("ssm").get_parameter(Name="/cdk-bootstrap/hnb659fds/version")["Parameter"]["Value"]
    assert int(version) >= 6  # what the library's synthesizer demands

    told, outputs = deploy(server)
    assert "Published Rules" in told
    look_at_what_was_made(server, outputs)
    assert greeted(server, outputs["MachineArn"]) == {"hello": "Ada"}

    told, again = deploy(server)
    assert "(no changes)" in told and again == outputs
    assert "Publishing Rules" not in told  # the staging bucket has it

    told, again = deploy(server, greeting="bye")
    assert again == outputs and greeted(server, outputs["MachineArn"]) == {"bye": "Ada"}

    assert "destroyed" in cdk(server, "destroy", "--force")
    with pytest.raises(ClientError, match="does not exist"):
        server.client("cloudformation").describe_stacks(StackName="Pipeline")
    buckets = [bucket["Name"] for bucket in server.client("s3").list_buckets()["Buckets"]]
    assert buckets == [STAGING]
    assert server.client("stepfunctions").list_state_machines()["stateMachines"] == []
