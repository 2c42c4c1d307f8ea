# test_tls.py - the server behind a certificate of its own: SDKs, command lines, big objects, and certificates that are none.
import hashlib
import json
import os
import socket
import subprocess

import pytest
from botocore.exceptions import SSLError

from emr_help import bash, ended, run_cluster, steps_of
from server import MAYFLY, Server, wait_for

BUCKET = "sealed"
BIG = 24 << 20


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for 127.0.0.1 that signs itself, and its key."""
    folder = tmp_path_factory.mktemp("certificate")
    words = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
             "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-out", "ca.pem", "-keyout", "key.pem"]  # fmt: skip
    subprocess.run(words, cwd=folder, check=True, capture_output=True)
    return folder / "ca.pem", folder / "key.pem"


@pytest.fixture(scope="module")
def sealed(tmp_path_factory, certificate):
    server = Server(tmp_path_factory.mktemp("sealed"), "--certificate", certificate[0], "--key", certificate[1])
    server.verify = str(certificate[0])
    assert server.endpoint.startswith("https://")
    server.client("s3").create_bucket(Bucket=BUCKET)
    yield server
    assert server.stop() == 0


def test_put_and_get_with_a_checksum_in_the_trailer(sealed):
    """Over TLS boto3 leaves the body unsigned and sends its checksum after it."""
    s3 = sealed.client("s3")
    seen = []
    s3.meta.events.register("before-send.s3.PutObject", lambda request, **_: seen.append(dict(request.headers)))
    s3.put_object(Bucket=BUCKET, Key="k", Body=b"sealed")
    [headers] = [{name.lower(): value for name, value in one.items()} for one in seen]
    assert headers["x-amz-content-sha256"] in ("STREAMING-UNSIGNED-PAYLOAD-TRAILER", b"STREAMING-UNSIGNED-PAYLOAD-TRAILER")
    got = s3.get_object(Bucket=BUCKET, Key="k", ChecksumMode="ENABLED")
    assert got["Body"].read() == b"sealed" and got["ChecksumCRC32"]


def test_a_big_object(sealed, tmp_path):
    content = os.urandom(1 << 20) * (BIG >> 20)
    s3 = sealed.client("s3")
    s3.put_object(Bucket=BUCKET, Key="big", Body=content)
    got = hashlib.sha256()
    for piece in s3.get_object(Bucket=BUCKET, Key="big")["Body"].iter_chunks(1 << 20):
        got.update(piece)
    assert got.digest() == hashlib.sha256(content).digest()


def test_the_aws_command_line(sealed, tmp_path):
    (tmp_path / "file").write_bytes(os.urandom(9 << 20))
    trust = ["--ca-bundle", sealed.verify]
    sealed.aws("s3", "cp", tmp_path / "file", f"s3://{BUCKET}/file", *trust)
    sealed.aws("s3", "cp", f"s3://{BUCKET}/file", tmp_path / "back", *trust)
    assert (tmp_path / "back").read_bytes() == (tmp_path / "file").read_bytes()
    assert "Clusters" in sealed.aws("emr", "list-clusters", *trust).stdout


def mayfly(server, *words, trust):
    environment = server.shell() | ({"SSL_CERT_FILE": server.verify} if trust else {})
    return subprocess.run([MAYFLY, *words], env=environment, capture_output=True, text=True, timeout=30)


def test_mayflys_own_command_line(sealed):
    trusting = mayfly(sealed, "clusters", "--json", trust=True)
    assert trusting.returncode == 0 and trusting.stdout.startswith("["), trusting.stderr
    doubting = mayfly(sealed, "clusters", trust=False)
    assert doubting.returncode == 1 and "TLS" in doubting.stderr and "certificate" in doubting.stderr


def test_keys_and_enforcement_over_tls(tmp_path, certificate, request):
    """From the first key to a stack of a user's, with the certificate trusted as AWS's clients are told to."""
    server = Server(tmp_path, "--auth", "enforce", "--certificate", certificate[0], "--key", certificate[1])
    request.addfinalizer(server.stop)
    server.verify = str(certificate[0])
    keys = ["keys", "create", "--json", "--data", server.data]
    run = lambda *words, **more: subprocess.run([MAYFLY, *words], env=server.shell() | more, capture_output=True, text=True, timeout=30)  # fmt: skip
    doubting = run(*keys)
    assert doubting.returncode == 1 and "AWS_CA_BUNDLE" in doubting.stderr
    made = json.loads(run(*keys, AWS_CA_BUNDLE=server.verify).stdout)
    beside = run(*keys, "--port", str(server.port))  # on the server's own machine
    assert beside.returncode == 0 and json.loads(beside.stdout)["AccessKeyId"] != made["AccessKeyId"]
    server.keys = {"AWS_ACCESS_KEY_ID": made["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": made["SecretAccessKey"]}
    iam = server.client("iam")
    iam.create_user(UserName="ann")
    only_tls = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}}]}
    iam.put_user_policy(UserName="ann", PolicyName="own", PolicyDocument=json.dumps(only_tls))
    ann = iam.create_access_key(UserName="ann")["AccessKey"]
    server.keys = {"AWS_ACCESS_KEY_ID": ann["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": ann["SecretAccessKey"]}
    server.aws("s3", "mb", "s3://anns", "--ca-bundle", server.verify)
    refused = server.aws("sns", "list-topics", "--ca-bundle", server.verify, ok=False)
    assert refused.returncode != 0 and "ListTopics" in refused.stderr
    assert server.stop() == 0


def test_a_client_that_does_not_trust_the_certificate(sealed):
    with pytest.raises(SSLError):
        sealed.client("s3", verify=True).list_buckets()
    sealed.client("s3").list_buckets()


def says(server, peer):
    """What a plain HTTP request from that address of this machine gets."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=30, source_address=(peer, 0)) as plain:
        plain.sendall(b"GET /_mayfly/health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        try:
            return plain.makefile("rb").read()
        except ConnectionResetError:
            return b""


def test_plain_http_at_the_sealed_door(sealed):
    """It is taken from the very address it was sent to, which is this machine, and from nowhere else."""
    assert says(sealed, "127.0.0.1").startswith(b"HTTP/1.1 200 ")
    assert b"HTTP/1.1" not in says(sealed, "127.0.0.2")
    sealed.client("s3").list_buckets()


def test_certificates_that_cannot_be_used(tmp_path, certificate):
    cert, key = certificate
    (tmp_path / "nonsense.pem").write_text("no certificate")
    other = tmp_path / "other.pem"
    subprocess.run(["openssl", "ecparam", "-genkey", "-name", "prime256v1", "-noout", "-out", other], check=True, capture_output=True)
    cases = [
        (["--certificate", tmp_path / "missing.pem", "--key", key], 1, "missing.pem"),
        (["--certificate", tmp_path / "nonsense.pem", "--key", key], 1, "nonsense.pem"),
        (["--certificate", cert, "--key", tmp_path / "nonsense.pem"], 1, "nonsense.pem"),
        (["--certificate", cert, "--key", other], 1, "other.pem"),
        (["--certificate", cert], 2, "--key"),
        (["--key", key], 2, "--certificate"),
    ]
    for words, code, said in cases:
        done = subprocess.run([MAYFLY, "serve", "--port", "0", "--data", tmp_path / "d", *words], capture_output=True, text=True, timeout=10)
        assert (done.returncode, done.stdout) == (code, "") and said in done.stderr, (words, done)


def test_steps_of_a_sealed_server_reach_it(sealed, tmp_path):
    """What a step needs to reach the server, the server gives it, whether or not its tools trust the certificate."""
    emr = sealed.client("emr")
    script = f"aws s3 cp s3://{BUCKET}/input - | tr a-z A-Z | aws s3 cp - s3://{BUCKET}/output"
    sealed.client("s3").put_object(Bucket=BUCKET, Key="input", Body=b"from a step")
    cluster = run_cluster(emr, bash(script), LogUri=f"s3://{BUCKET}/logs/")
    ended(emr, cluster)
    [step] = steps_of(emr, cluster)
    assert step["Status"]["State"] == "COMPLETED", mayfly(sealed, "logs", cluster, trust=True).stdout
    assert sealed.client("s3").get_object(Bucket=BUCKET, Key="output")["Body"].read() == b"FROM A STEP"
