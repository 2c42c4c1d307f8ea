# test_terraform.py - Terraform and its AWS provider, unmodified: applied, nothing to change, changed, run, destroyed.
"""
The one version of the provider that the Go proxy gives is of 2019: it speaks to AWS's own addresses, and has no setting for
another one of Step Functions. So it is given a proxy, as behind a firewall, that leads each of AWS's addresses to the server.
`tools/setup terraform` builds both programs.
"""

import contextlib
import json
import re
import socket
import socketserver
import subprocess
import threading
from pathlib import Path

import pytest
from server import REGION, ROOT, Server, wait_for

PROGRAMS = ROOT / ".deps" / "terraform"
MODULE = Path(__file__).with_name("terraform") / "main.tf"
NAMES = ["*.amazonaws.com", "*.s3.amazonaws.com", f"*.{REGION}.amazonaws.com"]
SECONDS_MAX = 300

pytestmark = pytest.mark.skipif(not (PROGRAMS / "terraform").exists(), reason="no Terraform here; tools/setup terraform builds it")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("certificate")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=aws",
         "-addext", "subjectAltName=IP:127.0.0.1," + ",".join(f"DNS:{n}" for n in NAMES), "-out", "ca.pem", "-keyout", "key.pem"],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip
    return folder / "ca.pem", folder / "key.pem"


@pytest.fixture(scope="module")
def sealed(tmp_path_factory, certificate):
    server = Server(tmp_path_factory.mktemp("sealed"), "--certificate", certificate[0], "--key", certificate[1])
    server.verify = str(certificate[0])
    yield server
    assert server.stop() == 0


def pump(source, sink):
    with contextlib.suppress(OSError):
        while some := source.recv(1 << 16):
            sink.sendall(some)
        sink.shutdown(socket.SHUT_WR)


class Connect(socketserver.StreamRequestHandler):
    """CONNECT to an address of AWS is a connection to the server; any other is refused."""

    def handle(self):
        line = self.rfile.readline().decode()
        while self.rfile.readline().strip():
            pass
        self.server.asked.append(line.split()[1])
        if not re.fullmatch(r"CONNECT [a-z0-9.-]+\.amazonaws\.com:443 HTTP/1\.1\r\n", line):
            self.wfile.write(b"HTTP/1.1 403 Forbidden\r\n\r\n")
            return
        with socket.create_connection(("127.0.0.1", self.server.to)) as there:
            self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
            back = threading.Thread(target=pump, args=(there, self.connection))
            back.start()
            pump(self.connection, there)
            back.join()


class Proxy(socketserver.ThreadingTCPServer):
    daemon_threads = True


@pytest.fixture(scope="module")
def proxy(sealed):
    with Proxy(("127.0.0.1", 0), Connect) as door:
        door.to, door.asked = sealed.port, []
        serving = threading.Thread(target=door.serve_forever)
        serving.start()
        yield door
        door.shutdown()
        serving.join()


@pytest.fixture(scope="module")
def terraform(tmp_path_factory, sealed, proxy):
    """One command of Terraform in the module's folder; what it says, and how it ends."""
    folder = tmp_path_factory.mktemp("module")
    (folder / "main.tf").write_text(MODULE.read_text())
    (folder / "rc").write_text(f'provider_installation {{\n  dev_overrides {{\n    "hashicorp/aws" = "{PROGRAMS}"\n  }}\n}}\n')
    own = {"HTTPS_PROXY": f"http://127.0.0.1:{proxy.server_address[1]}", "AWS_CA_BUNDLE": sealed.verify, "TF_CLI_CONFIG_FILE": folder / "rc",
           "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1", "HOME": folder}  # fmt: skip
    environment = {k: str(v) for k, v in (sealed.shell() | own).items() if k != "AWS_ENDPOINT_URL"}

    def run(*words, code=0):
        done = subprocess.run(
            [PROGRAMS / "terraform", *words], cwd=folder, env=environment, capture_output=True, text=True, timeout=SECONDS_MAX, stdin=subprocess.DEVNULL
        )
        told = done.stdout + done.stderr
        assert done.returncode == code, f"terraform {' '.join(words)}: {told[-4000:]}"
        return told

    return run


def made(terraform):
    return {name: value["value"] for name, value in json.loads(terraform("output", "-json")).items()}


def look_at_what_was_made(server, outputs):
    s3, events, iam = (server.client(name) for name in ("s3", "events", "iam"))
    assert s3.get_bucket_versioning(Bucket=outputs["bucket"])["Status"] == "Enabled"
    [rule] = s3.get_bucket_lifecycle_configuration(Bucket=outputs["bucket"])["Rules"]
    assert rule["Expiration"]["Days"] == 30 and rule["Filter"]["Prefix"] == "raw/"
    assert json.loads(server.client("stepfunctions").describe_state_machine(stateMachineArn=outputs["machine"])["definition"])["StartAt"] == "Hello"
    assert events.describe_rule(Name="terraform-nightly")["ScheduleExpression"] == "cron(0 3 * * ? *)"
    [target] = events.list_targets_by_rule(Rule="terraform-nightly")["Targets"]
    assert target["Arn"] == outputs["machine"]
    assert iam.list_role_policies(RoleName="terraform-machine")["PolicyNames"] == ["buckets"]


def runs(server, machine):
    states = server.client("stepfunctions")
    execution = states.start_execution(stateMachineArn=machine)["executionArn"]
    told = wait_for(lambda: (t := states.describe_execution(executionArn=execution))["status"] != "RUNNING" and t, what="the execution")
    return told["status"], json.loads(told["output"])


def test_apply_plan_change_destroy(terraform, sealed, proxy):
    assert "Apply complete! Resources: 7 added" in terraform("apply", "-auto-approve", "-no-color")
    outputs = made(terraform)
    look_at_what_was_made(sealed, outputs)
    assert runs(sealed, outputs["machine"]) == ("SUCCEEDED", "hello")
    assert "No changes." in terraform("plan", "-detailed-exitcode", "-no-color")
    assert "0 to add, 2 to change, 0 to destroy" in terraform("plan", "-no-color", "-detailed-exitcode", "-var", "greeting=bye", "-var", "rate=rate(2 hours)", code=2)
    assert "0 added, 2 changed, 0 destroyed" in terraform("apply", "-auto-approve", "-no-color", "-var", "greeting=bye", "-var", "rate=rate(2 hours)")
    assert runs(sealed, outputs["machine"]) == ("SUCCEEDED", "bye")
    assert sealed.client("events").describe_rule(Name="terraform-nightly")["ScheduleExpression"] == "rate(2 hours)"
    assert "Destroy complete! Resources: 7 destroyed" in terraform("destroy", "-auto-approve", "-no-color")
    assert all(address.endswith(".amazonaws.com:443") for address in proxy.asked), "nothing but AWS was asked"
    assert sealed.client("s3").list_buckets()["Buckets"] == []
    assert sealed.client("stepfunctions").list_state_machines()["stateMachines"] == []
    assert sealed.client("events").list_rules()["Rules"] == []
    assert not [r for r in sealed.client("iam").list_roles()["Roles"] if r["RoleName"].startswith("terraform")]
