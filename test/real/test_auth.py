# test_auth.py - a server that enforces signatures: who gets in, who does not, and that secrets stay where they belong.
import contextlib
import datetime
import hashlib
import hmac
import http.client
import json
import subprocess
from urllib.parse import urlsplit

import boto3
import botocore.auth
import pytest
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from emr_help import bash, ended, run_cluster, steps_of
from s3_help import call, code_of, refused
from server import KEYS, MAYFLY, REGION, Server, wait_for

BUCKET = "guarded"
FOREIGN = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": KEYS["AWS_SECRET_ACCESS_KEY"]}


def keys(server, *words):
    return server.cli("keys", *words, "--data", str(server.data))


def create_key(server):
    made = keys(server, "create", "--json")
    assert made.returncode == 0, made.stderr
    key = json.loads(made.stdout)
    return {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("guarded"), "--auth", "enforce")
    server.keys = create_key(server)
    server.client("s3").create_bucket(Bucket=BUCKET)
    yield server
    assert server.stop() == 0


@contextlib.contextmanager
def as_caller(server, who):
    """The server's clients sign with these keys inside the block."""
    before, server.keys = server.keys, who
    try:
        yield server
    finally:
        server.keys = before


def exists(server, key):
    found = server.client("s3").list_objects_v2(Bucket=BUCKET, Prefix=key)
    return key in [item["Key"] for item in found.get("Contents", [])]


def test_a_created_key_opens_every_service(guarded):
    s3 = guarded.client("s3")
    s3.put_object(Bucket=BUCKET, Key="mine", Body=b"signed")
    assert s3.get_object(Bucket=BUCKET, Key="mine")["Body"].read() == b"signed"
    assert "Clusters" in guarded.client("emr").list_clusters()
    assert guarded.client("sts").get_caller_identity()["Account"] == "000000000000"
    shown = guarded.aws("s3", "ls", f"s3://{BUCKET}/")
    assert "mine" in shown.stdout
    assert guarded.cli("clusters").returncode == 0


def test_a_wrong_secret_is_refused(guarded):
    wrong = guarded.keys | {"AWS_SECRET_ACCESS_KEY": "x" * 40}
    with as_caller(guarded, wrong):
        with refused(403, "SignatureDoesNotMatch"):
            guarded.client("s3").list_buckets()
        with pytest.raises(ClientError) as emr:
            guarded.client("emr").list_clusters()
        with refused(403, "SignatureDoesNotMatch"):
            guarded.client("sts").get_caller_identity()
        assert guarded.cli("clusters").returncode == 1
    assert emr.value.response["Error"]["Code"] == "InvalidSignatureException"


def test_an_unknown_key_is_refused(guarded):
    with as_caller(guarded, FOREIGN):
        with refused(403, "InvalidAccessKeyId"):
            guarded.client("s3").list_buckets()
        with pytest.raises(ClientError) as emr:
            guarded.client("emr").list_clusters()
        with refused(403, "InvalidClientTokenId"):
            guarded.client("sts").get_caller_identity()
    assert emr.value.response["Error"]["Code"] == "UnrecognizedClientException"


def test_no_signature_is_refused(guarded):
    status, _, body = call(f"{guarded.endpoint}/{BUCKET}/mine")
    assert (status, code_of(body)) == (403, "AccessDenied")
    headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "ElasticMapReduce.ListClusters"}
    status, _, body = call(f"{guarded.endpoint}/", "POST", b"{}", headers)
    assert status in (400, 403) and json.loads(body)["__type"].endswith("MissingAuthenticationTokenException"), body


@pytest.mark.parametrize("version", ["s3v4", "s3"])
def test_presigned_addresses(guarded, version):
    signer = guarded.client("s3", config={"signature_version": version})
    where = {"Bucket": BUCKET, "Key": f"signed {version}"}
    put = signer.generate_presigned_url("put_object", Params=where)
    get = signer.generate_presigned_url("get_object", Params=where)
    assert call(put, "PUT", b"by hand")[0] == 200
    assert call(get)[::2] == (200, b"by hand")
    other = get.replace("signed%20", "other%20")
    assert other != get
    status, _, body = call(other)
    assert (status, code_of(body)) == (403, "SignatureDoesNotMatch")
    status, _, body = call(get, "PUT", b"not allowed by this one")
    assert (status, code_of(body)) == (403, "SignatureDoesNotMatch")
    assert call(get)[::2] == (200, b"by hand")


@pytest.mark.parametrize("version", ["s3v4", "s3"])
def test_an_expired_address(guarded, version):
    """It is signed to have ended an hour ago: by a clock, not by waiting."""
    signer = guarded.client("s3", config={"signature_version": version})
    where = {"Bucket": BUCKET, "Key": "mine"}
    if version == "s3":
        url = signer.generate_presigned_url("get_object", Params=where, ExpiresIn=-3600)
    else:
        url = presigned_at(guarded, "mine", datetime.timedelta(hours=-2), 3600)
    status, _, body = call(url)
    assert (status, code_of(body)) == (403, "AccessDenied") and b"expired" in body


def presigned_at(server, key, offset, seconds):
    request = AWSRequest(method="GET", url=f"{server.endpoint}/{BUCKET}/{key}")
    with clock_moved(offset):
        S3SigV4QueryAuth(credentials(server), "s3", REGION, expires=seconds).add_auth(request)
    return request.url


def credentials(server):
    return Credentials(server.keys["AWS_ACCESS_KEY_ID"], server.keys["AWS_SECRET_ACCESS_KEY"])


@contextlib.contextmanager
def clock_moved(offset):
    """botocore's idea of now, in requests that a test signs itself."""
    with pytest.MonkeyPatch.context() as patch:
        now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None) + offset
        patch.setattr(botocore.auth, "get_current_datetime", lambda: now)
        yield


@pytest.mark.parametrize("minutes, good", [(-20, False), (-3, True), (3, True), (20, False)])
def test_a_clock_that_is_wrong_is_refused(guarded, minutes, good):
    url = f"{guarded.endpoint}/"
    s3 = AWSRequest(method="GET", url=url, headers={"host": urlsplit(url).netloc})
    about = {"host": urlsplit(url).netloc, "Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "ElasticMapReduce.ListClusters"}
    emr = AWSRequest(method="POST", url=url, data=b"{}", headers=about)
    with clock_moved(datetime.timedelta(minutes=minutes)):
        S3SigV4Auth(credentials(guarded), "s3", REGION).add_auth(s3)
        SigV4Auth(credentials(guarded), "elasticmapreduce", REGION).add_auth(emr)
    status, _, body = call(url, headers=dict(s3.headers.items()))
    assert (status, code_of(body)) == ((200, None) if good else (403, "RequestTimeTooSkewed"))
    status, _, body = call(url, "POST", b"{}", dict(emr.headers.items()))
    assert (status == 200) == good and (good or "InvalidSignatureException" in json.loads(body)["__type"]), body


# ---- chunk signatures ----


def signed_chunks(server, key, data, size=65536):
    """A PUT as STREAMING-AWS4-HMAC-SHA256-PAYLOAD -> (url, headers, body)"""
    pieces = [data[at : at + size] for at in range(0, len(data), size)] + [b""]
    length = sum(len(f"{len(piece):x};chunk-signature={'0' * 64}\r\n\r\n") + len(piece) for piece in pieces)
    url = f"{server.endpoint}/{BUCKET}/{key}"
    headers = {
        "host": urlsplit(url).netloc, "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "content-encoding": "aws-chunked",
        "x-amz-decoded-content-length": str(len(data)), "content-length": str(length),
    }  # fmt: skip
    request = AWSRequest(method="PUT", url=url, headers=headers)
    signer = S3SigV4Auth(credentials(server), "s3", REGION)
    signer.payload = lambda request: "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
    signer.add_auth(request)
    headers = dict(request.headers.items())
    scope = f"{headers['X-Amz-Date'][:8]}/{REGION}/s3/aws4_request"
    derived = ("AWS4" + server.keys["AWS_SECRET_ACCESS_KEY"]).encode()
    for word in scope.split("/"):
        derived = hmac.new(derived, word.encode(), hashlib.sha256).digest()
    signature, body, nothing = headers["Authorization"].rsplit("Signature=", 1)[1], b"", hashlib.sha256(b"").hexdigest()
    for piece in pieces:
        lines = ["AWS4-HMAC-SHA256-PAYLOAD", headers["X-Amz-Date"], scope, signature, nothing, hashlib.sha256(piece).hexdigest()]
        signature = hmac.new(derived, "\n".join(lines).encode(), hashlib.sha256).hexdigest()
        body += f"{len(piece):x};chunk-signature={signature}\r\n".encode() + piece + b"\r\n"
    return url, headers, body


@pytest.mark.parametrize("size", [1000, 3_000_000])
def test_chunk_signatures(guarded, size):
    data = bytes(i * 7 % 251 for i in range(size))
    url, headers, body = signed_chunks(guarded, f"chunks-{size}", data)
    assert call(url, "PUT", body, headers)[0] == 200
    assert guarded.client("s3").get_object(Bucket=BUCKET, Key=f"chunks-{size}")["Body"].read() == data
    url, headers, body = signed_chunks(guarded, f"flipped-{size}", data)
    at = len(body) // 2
    status, _, said = put_tolerantly(url, body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :], headers)
    assert (status, code_of(said)) == (403, "SignatureDoesNotMatch")
    assert not exists(guarded, f"flipped-{size}")


def put_tolerantly(url, body, headers):
    """A server may answer and close before it has read all."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=30)
    connection.putrequest("PUT", parts.path, skip_host=True, skip_accept_encoding=True)
    for name, value in headers.items():
        connection.putheader(name, value)
    try:
        connection.endheaders(body)
    except (BrokenPipeError, ConnectionResetError):
        pass
    answer = connection.getresponse()
    said = answer.status, dict(answer.getheaders()), answer.read()
    connection.close()
    return said


def test_a_body_other_than_the_signed_one_is_refused(guarded):
    url = f"{guarded.endpoint}/{BUCKET}/body"
    request = AWSRequest(method="PUT", url=url, data=b"signed", headers={"host": urlsplit(url).netloc})
    S3SigV4Auth(credentials(guarded), "s3", REGION).add_auth(request)
    headers = dict(request.headers.items())
    if "X-Amz-Content-SHA256" in headers and headers["X-Amz-Content-SHA256"] == "UNSIGNED-PAYLOAD":
        pytest.fail("botocore did not sign the body")
    status, _, body = call(url, "PUT", b"SIGNED", headers)
    assert (status, code_of(body)) == (400, "XAmzContentSHA256Mismatch")
    assert not exists(guarded, "body")
    call_headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "ElasticMapReduce.ListClusters"}
    request = AWSRequest(method="POST", url=f"{guarded.endpoint}/", data=b"{}", headers=call_headers | {"host": urlsplit(url).netloc})
    SigV4Auth(credentials(guarded), "elasticmapreduce", REGION).add_auth(request)
    assert call(request.url, "POST", b"{}", dict(request.headers.items()))[0] == 200
    status, _, body = call(request.url, "POST", b"{ }", dict(request.headers.items()))
    assert status in (400, 403) and "InvalidSignature" in json.loads(body)["__type"]


# ---- keys ----


def test_a_deleted_key_is_refused(guarded):
    other = create_key(guarded)
    with as_caller(guarded, other):
        client = guarded.client("s3")
        client.list_buckets()
    assert other["AWS_ACCESS_KEY_ID"] in keys(guarded, "list").stdout
    assert keys(guarded, "delete", other["AWS_ACCESS_KEY_ID"]).returncode == 0
    with refused(403, "InvalidAccessKeyId"):
        client.list_buckets()
    assert keys(guarded, "delete", other["AWS_ACCESS_KEY_ID"]).returncode == 1
    assert other["AWS_ACCESS_KEY_ID"] not in keys(guarded, "list").stdout


def test_a_list_of_keys_tells_no_secret(guarded):
    for words in (["list"], ["list", "--json"]):
        assert guarded.keys["AWS_SECRET_ACCESS_KEY"] not in keys(guarded, *words).stdout


def test_the_keys_page_needs_the_token(guarded):
    token = (guarded.data / "admin-token").read_text()
    assert (guarded.data / "admin-token").stat().st_mode & 0o077 == 0
    for wrong in ({}, {"x-mayfly-token": ""}, {"x-mayfly-token": token[:-1] + "!"}, {"x-mayfly-token": token + "x"}):
        for method, page in (("GET", "keys"), ("POST", "keys"), ("DELETE", "keys?id=AKIA"), ("GET", "log?cluster=a&step=b&stream=c&from=0")):
            status, _, body = call(f"{guarded.endpoint}/_mayfly/{page}", method, headers=wrong)
            assert (status, token.encode() in body) == (403, False), page
    assert call(f"{guarded.endpoint}/_mayfly/health")[0] == 200
    assert call(f"{guarded.endpoint}/_mayfly/keys", headers={"x-mayfly-token": token})[0] == 200


def test_steps_have_a_key_of_their_own_for_as_long_as_the_cluster_lives(guarded, tmp_path):
    emr = guarded.client("emr")
    script = (
        f"echo $AWS_CONTAINER_CREDENTIALS_FULL_URI $AWS_CONTAINER_AUTHORIZATION_TOKEN > {tmp_path}/key.tmp;"
        f"mv {tmp_path}/key.tmp {tmp_path}/key;"
        f"while [ ! -e {tmp_path}/go ]; do sleep 0.02; done"
    )
    cluster = run_cluster(emr, bash(script), LogUri=f"s3://{BUCKET}/logs/")
    wait_for((tmp_path / "key").exists, what="the step to tell its key")
    uri, token = (tmp_path / "key").read_text().split()
    status, _, body = call(uri, headers={"Authorization": token})
    assert status == 200
    its = json.loads(body)
    assert its["AccessKeyId"] != guarded.keys["AWS_ACCESS_KEY_ID"]
    client = boto3.client("s3", endpoint_url=guarded.endpoint, region_name=REGION, aws_access_key_id=its["AccessKeyId"],
                          aws_secret_access_key=its["SecretAccessKey"], aws_session_token=its["Token"])  # fmt: skip
    client.put_object(Bucket=BUCKET, Key="of-the-step", Body=b"1")
    (tmp_path / "go").touch()
    ended(emr, cluster)
    assert [step["Status"]["State"] for step in steps_of(emr, cluster)] == ["COMPLETED"]
    with refused(403, "InvalidAccessKeyId"):
        client.list_buckets()
    assert exists(guarded, "of-the-step")
    written = wait_for(lambda: guarded.client("s3").list_objects_v2(Bucket=BUCKET, Prefix="logs/").get("Contents"), what="logs")
    assert written


def test_secrets_stay_in_the_database(guarded):
    """Neither the log nor any other file of the data folder holds a secret or the token."""
    secret, token = guarded.keys["AWS_SECRET_ACCESS_KEY"], (guarded.data / "admin-token").read_text()
    assert secret not in guarded.log() and token not in guarded.log()
    for path in guarded.data.rglob("*"):
        if path.is_file() and not path.name.startswith("state.db"):
            content = path.read_bytes()
            assert secret.encode() not in content, path
            assert path.name == "admin-token" or token.encode() not in content, path
    for path in guarded.data.glob("state.db*"):
        assert path.stat().st_mode & 0o077 == 0 or guarded.data.stat().st_mode & 0o077 == 0, path


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])
def test_listening_to_the_world_needs_signatures(tmp_path, host):
    refused = subprocess.run([MAYFLY, "serve", "--host", host, "--port", "0", "--data", tmp_path / "d"], capture_output=True, text=True, timeout=10)
    assert refused.returncode == 2 and "enforce" in refused.stderr and not (tmp_path / "d").exists()
