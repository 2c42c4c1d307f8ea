# test_bad_input.py - what is wrong, hostile or nonsense: a clear refusal, nothing stored, nothing outside the folder, and the server lives.
import base64
import contextlib
import hashlib
import json
import os
import socket
import subprocess

import pytest

from emr_help import bash, command, ended, invalid, run_cluster, steps_of
from s3_help import call, code_of, signed
from server import MAYFLY, wait_for

EMR = {"Content-Type": "application/x-amz-json-1.1"}
GB = 1 << 30


def mayfly(*words, **more):
    return subprocess.run([MAYFLY, *words], capture_output=True, text=True, timeout=30, **more)


@pytest.fixture(autouse=True)
def lives(server):
    """Whatever was sent, the server answers others afterwards."""
    yield
    assert call(f"{server.endpoint}/_mayfly/health")[0] == 200


@contextlib.contextmanager
def wire(server):
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as line, line.makefile("rb") as answers:
        yield line, answers


def said(server, request):
    """All that the server answers to these bytes, until it closes."""
    with wire(server) as (line, answers):
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            line.sendall(request)
            line.shutdown(socket.SHUT_WR)
        with contextlib.suppress(ConnectionResetError):
            return answers.read()
    return b""


def emr_call(server, operation, body):
    headers = EMR | {"X-Amz-Target": f"ElasticMapReduce.{operation}"}
    headers |= signed("POST", f"{server.endpoint}/", headers, service="elasticmapreduce")
    status, _, answer = call(f"{server.endpoint}/", "POST", body, headers)
    return status, json.loads(answer)


# ---- the command line ----


def test_a_data_folder_that_cannot_be_used(tmp_path, server):
    (tmp_path / "file").write_text("no folder")
    for data in (tmp_path / "file", tmp_path / "file" / "below", server.data):
        refused = mayfly("serve", "--port", "0", "--data", data)
        assert (refused.returncode, refused.stdout) == (1, "") and str(data) in refused.stderr, data


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every folder")
def test_a_data_folder_that_cannot_be_read(tmp_path):
    (tmp_path / "closed").mkdir(mode=0)
    refused = mayfly("serve", "--port", "0", "--data", tmp_path / "closed")
    assert refused.returncode == 1 and "closed" in refused.stderr


def test_a_database_that_is_none(tmp_path):
    (tmp_path / "state.db").write_bytes(b"no database at all" * 1000)
    refused = mayfly("serve", "--port", "0", "--data", tmp_path)
    assert (refused.returncode, refused.stdout) == (1, "") and "state.db" in refused.stderr


def test_a_port_in_use_is_told(server, tmp_path):
    refused = mayfly("serve", "--port", str(server.port), "--data", tmp_path)
    assert refused.returncode == 1 and f"port {server.port} is in use" in refused.stderr


@pytest.mark.parametrize("words", [["--nonsense"], ["--port", "-1"], ["--port", "x"], ["--port"], ["--account", "12"], ["--auth", "maybe"],
                                   ["--engine", "cloud"], ["--quotas", "many"], ["--quiet=1"], ["stray"]])  # fmt: skip
def test_options_of_serve_that_make_no_sense(words, tmp_path):
    refused = mayfly("serve", *words, cwd=tmp_path)
    assert refused.returncode == 2 and "mayfly help serve" in refused.stderr and not list(tmp_path.iterdir())


# ---- HTTP ----

HEAD = b"GET / HTTP/1.1\r\nHost: a\r\n"
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"


@pytest.mark.parametrize("request_bytes", [
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"\0" * 4000, b"GET\r\n\r\n", b"GET / HTTP/9.9\r\nHost: a\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", HEAD + b"a b: c\r\n\r\n", HEAD + b": c\r\n\r\n", HEAD + b"a: b\0c\r\n\r\n", HEAD + b" folded\r\n\r\n",
    b"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", HEAD + b"x: y\r\n" * 10000 + b"\r\n", HEAD + b"x: " + b"y" * 300000 + b"\r\n\r\n",
    b"GET /" + b"a" * 300000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
])  # fmt: skip
def test_garbage(server, request_bytes):
    answer = said(server, request_bytes)
    assert answer == b"" or answer.split()[1] == b"505" or answer.split()[1][:1] == b"4", answer[:200]


@pytest.mark.parametrize("framing", [
    b"Content-Length: 4\r\nTransfer-Encoding: chunked", b"Transfer-Encoding: chunked\r\nContent-Length: 4", b"Content-Length: 4\r\nContent-Length: 5",
    b"Content-Length: 4, 5", b"Content-Length: +4", b"Content-Length: 0x4", b"Content-Length: 4 4", b"Transfer-Encoding: chunked, identity",
    b"Transfer-Encoding: xchunked", b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", b"Transfer-Encoding : chunked",
    b"Content-Length: 99999999999999999999",
])  # fmt: skip
def test_a_body_with_two_ends_is_refused_and_nothing_behind_it_is_read(server, framing):
    answer = said(server, b"PUT /a/b HTTP/1.1\r\nHost: a\r\n" + framing + b"\r\n\r\n0\r\n\r\n" + SMUGGLED)
    assert answer.count(b"HTTP/1.1 ") == 1 and answer.split()[1][:1] in (b"4", b"5"), answer


@pytest.mark.parametrize("chunks", [b"zz\r\nhello\r\n0\r\n\r\n", b"-1\r\n\r\n0\r\n\r\n", b"ffffffffffffffffff\r\nx\r\n", b"5\r\nhelloXX0\r\n\r\n",
                                    b"5;" + b"x" * 100000 + b"\r\nhello\r\n0\r\n\r\n", b"5\nhello\n0\n\n", b"\r\n"])  # fmt: skip
def test_chunks_that_are_none(server, s3, bucket, chunks):
    url = f"{server.endpoint}/{bucket}/chunks"
    head = "".join(f"{name}: {value}\r\n" for name, value in signed("PUT", url).items() if name.lower() != "host")
    answer = said(server, f"PUT /{bucket}/chunks HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n{head}Transfer-Encoding: chunked\r\n\r\n".encode() + chunks)
    assert answer == b"" or answer.split()[1][:1] == b"4", answer[:300]
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_idle_and_slow_connections_do_not_keep_others_out(server, s3):
    with contextlib.ExitStack() as stack:
        for i in range(400):
            line = stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=30))
            if i % 2:
                line.sendall(b"GET / HTTP/1.1\r\nHo")
        for _ in range(20):
            s3.list_buckets()


def put_head(server, bucket, key, length):
    url = f"{server.endpoint}/{bucket}/{key}"
    head = "".join(f"{name}: {value}\r\n" for name, value in signed("PUT", url).items() if name.lower() != "host")
    return f"PUT /{bucket}/{key} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n{head}Content-Length: {length}\r\n\r\n".encode()


def test_a_body_that_is_too_big_is_refused_before_it_is_sent(server, bucket):
    with wire(server) as (line, answers):
        line.sendall(put_head(server, bucket, "huge", 6 * GB))
        answer = answers.read()
    assert answer.split()[1] == b"400" and code_of(answer) == "EntityTooLarge"


@pytest.mark.parametrize("announced, sent", [(10, 5), (3_000_000, 2_000_000), (GB, 100_000)])
def test_a_body_that_breaks_off_is_not_stored(server, s3, bucket, announced, sent):
    with wire(server) as (line, _):
        line.sendall(put_head(server, bucket, "cut", announced) + b"x" * sent)
    said(server, put_head(server, bucket, "cut", announced) + b"x" * sent)
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0
    wait_for(lambda: not staged(server), what="what was received in vain to be removed")


def staged(server):
    """Files that hold the bytes of uploads under way."""
    return list((server.data / "staging").iterdir())


# ---- bodies ----


@pytest.mark.parametrize("body", [b"{", b"[]", b"null", b'{"a":}', b"\xff\xfe", b'{"a":"\xff"}', b'{"Name":' + b"[" * 100_000, b'{"Name":"' + b"\\u0000" * 10 + b'"}',
                                  b'{"Name":1e999}', b'{"Marker":{"deep":[1]}}', b"{}trailing", b'"' + b"x" * (1 << 20) + b'"'],
                         ids=range(12))  # fmt: skip
def test_json_nonsense(server, body):
    status, answer = emr_call(server, "RunJobFlow", body)
    assert status == 400 and answer["__type"].endswith(("SerializationException", "ValidationException", "InvalidRequestException")), answer


def test_a_body_of_two_megabytes(server):
    status, answer = emr_call(server, "RunJobFlow", b'{"Name":"' + b"x" * (2 << 20) + b'"}')
    assert status in (400, 413) and answer["__type"]


BOMB = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">' + b"".join(
    b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(9)
) + b"]><Delete>&j;</Delete>"
FILE = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]><Delete><Object><Key>&a;</Key></Object></Delete>'


@pytest.mark.parametrize("body", [BOMB, FILE, b"<Delete>", b"no xml", b"", b"<a>" * 100_000, b"<Delete/>", b"<Delete><Object/></Delete>"],
                         ids=["bomb", "file", "open", "none", "empty", "deep", "nothing", "no key"])  # fmt: skip
def test_xml_nonsense(server, bucket, s3, body):
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    for query in ("?delete", f"k?uploadId={upload}"):
        url = f"{server.endpoint}/{bucket}/{query}"
        headers = signed("POST", url, {"content-md5": base64.b64encode(hashlib.md5(body).digest()).decode()})
        status, _, answer = call(url, "POST", body, headers)
        assert status == 400 and code_of(answer) in ("MalformedXML", "InvalidRequest", "MissingRequestBodyError"), answer
        assert b"root:" not in answer


# ---- names ----


@pytest.mark.parametrize("key", ["../../../escape", "..", ".", "a/../../escape", "/etc/passwd", "a//b", "%2e%2e/escape", "..\\escape", "a\nb", "x" * 1024, "ü" * 512,
                                 "./k", "a/", "objects/../k"])  # fmt: skip
def test_a_key_is_a_name_and_no_path(server, bucket, s3, key):
    before = outside(server)
    s3.put_object(Bucket=bucket, Key=key, Body=b"inside")
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == b"inside"
    assert [item["Key"] for item in s3.list_objects_v2(Bucket=bucket)["Contents"]] == [key]
    assert outside(server) == before
    s3.delete_object(Bucket=bucket, Key=key)


def outside(server):
    """What lies beside the data folder and directly in it, and above."""
    return sorted(os.listdir(server.folder)), sorted(n for n in os.listdir(server.data) if not n.startswith("state.db")), sorted(os.listdir(server.folder.parent))


@pytest.mark.parametrize("target", ["/..", "/../x", "/%2e%2e", "/a%2fb", "/A_B", "/x" + "y" * 63, "/%00%00%00", "/_mayfly"])
def test_bucket_names_that_are_none(server, target):
    before = outside(server)
    url = server.endpoint + target
    status, _, body = call(url, "PUT", headers=signed("PUT", url))
    assert 400 <= status < 500 and outside(server) == before, body


# ---- EMR ----


def test_a_cluster_that_cannot_be(emr):
    for release in ("emr-99.0.0", "emr-7.2", "nonsense", ""):
        with invalid():
            run_cluster(emr, bash("true"), ReleaseLabel=release)
    with invalid():
        run_cluster(emr, bash("true"), Instances={"MasterInstanceType": "m5.nonsense"})
    with invalid("InvalidRequestException", "j-NOSUCHCLUSTER"):
        emr.describe_cluster(ClusterId="j-NOSUCHCLUSTER")


def test_scripts_that_are_missing_unreadable_or_elsewhere(server, emr, s3, bucket):
    s3.put_object(Bucket=bucket, Key="dir/../../../../escape.sh", Body=b"#!/bin/sh\necho ran in $PWD\n")
    s3.put_object(Bucket=bucket, Key="not-a-program", Body=b"\x7fELFnonsense")
    before = outside(server)
    runner = "s3://us-east-1.elasticmapreduce/libs/script-runner/script-runner.jar"
    steps = [command([script], name) | {"HadoopJarStep": {"Jar": runner, "Args": [script]}} for name, script in {
        "missing": f"s3://{bucket}/missing.sh", "no bucket": "s3://no-such-bucket-anywhere/x.sh", "no program": f"s3://{bucket}/not-a-program",
        "local": "/no/such/script.sh", "escape": f"s3://{bucket}/dir/../../../../escape.sh",
    }.items()]  # fmt: skip
    cluster = run_cluster(emr, *steps, LogUri="s3://no-such-log-bucket/logs/")
    ended(emr, cluster)
    states = {step["Name"]: step["Status"]["State"] for step in steps_of(emr, cluster)}
    assert {name: states[name] for name in ("missing", "no bucket", "no program", "local")} == dict.fromkeys(("missing", "no bucket", "no program", "local"), "FAILED")
    assert states["escape"] in ("COMPLETED", "FAILED") and outside(server) == before
    for step in steps_of(emr, cluster):
        if step["Status"]["State"] == "FAILED":
            assert step["Status"]["FailureDetails"]["Reason"], step
