# test_protocol.py - every output of every operation, encoded by us and read by botocore, is what it was.
import base64
import json
import pathlib
import random
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
pytest.importorskip("botocore")
import botocore.parsers  # noqa: E402
from botocore.awsrequest import HeadersDict  # noqa: E402
import models  # noqa: E402
from vectors_protocol import Unmatched, Values, operations, streams  # noqa: E402

SEEDS = 3


class Echo:
    """build/test/protocol_echo: an output or a fault in, the reply out."""

    def __init__(self):
        self.process = subprocess.Popen([ROOT / "build/test/protocol_echo"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, op, **what):
        line = {"service": op.service_model.service_name, "operation": op.name, **what}
        self.process.stdin.write(json.dumps(line).encode() + b"\n")
        self.process.stdin.flush()
        reply = json.loads(self.process.stdout.readline())
        assert "wrong" not in reply, reply["wrong"]
        return {"status_code": reply["status"], "headers": HeadersDict(reply["headers"]),
                "body": base64.b64decode(reply["body"]), "context": {"operation_name": op.name}}

    def parse(self, op, reply):
        parser = botocore.parsers.create_parser(op.service_model.protocol)
        return parser.parse(reply, op.output_shape)


@pytest.fixture(scope="module")
def echo():
    e = Echo()
    yield e
    e.process.stdin.close()
    assert e.process.wait(10) == 0


def has_body_stream(op):
    payload = op.output_shape.serialization.get("payload") if op.output_shape else None
    return payload and streams(op.output_shape.members[payload])


def output_of(op, rng):
    """What botocore is to find, and what a handler gives. Members that the service answers in its own way are left out."""
    expected, given = Values(rng, op.service_model.protocol).value(op.output_shape)
    if has_body_stream(op):
        expected.pop(op.output_shape.serialization["payload"], None)
        given.pop(op.output_shape.serialization["payload"], None)
    for name, m in op.output_shape.members.items():
        if m.serialization.get("location") == "statusCode":  # another one would tell an error
            expected[name] = given[name] = 202
    if op.service_model.service_name == "s3" and "Expires" in given:
        given["Expires"] = expected["Expires"].strftime("%a, %d %b %Y %H:%M:%S GMT")
    return expected, given


def drop_empty(op, parsed, expected):
    """botocore says "no body" and "no such headers" with empty values."""
    for name, m in op.output_shape.members.items():
        outside = name == op.output_shape.serialization.get("payload") or m.serialization.get("location") == "headers"
        if outside and name not in expected and parsed.get(name) in ({}, ""):
            del parsed[name]


CASES = [(name, op) for name in sorted(models.SERVICES) for op in operations(name)]


@pytest.mark.parametrize("name", sorted(models.SERVICES))
def test_botocore_reads_our_outputs(echo, name):
    read = 0
    for seed in range(SEEDS):
        for op in operations(name):
            if op.has_event_stream_output or op.name == "GetBucketLocation":  # the latter has a test of its own
                continue
            if op.output_shape is None:
                empty = echo.ask(op, out={})["body"]
                assert empty == {"smithy-rpc-v2-cbor": b"\xa0"}.get(op.service_model.protocol, b"") or op.service_model.protocol == "query"
                continue
            rng = random.Random(f"{name}.{op.name}.{seed}")
            try:
                expected, given = output_of(op, rng)
            except Unmatched:
                continue
            reply = echo.ask(op, out=given)
            if has_body_stream(op):
                reply["body"] = b""
            parsed = echo.parse(op, reply)
            metadata = parsed.pop("ResponseMetadata")
            assert metadata.get("RequestId") == "id-1" or "id-1" in metadata["HTTPHeaders"].values()
            if has_body_stream(op):
                parsed.pop(op.output_shape.serialization["payload"], None)
            drop_empty(op, parsed, expected)
            assert parsed == expected, f"{name} {op.name}: {reply}"
            read += 1
    assert read > 0


def test_get_bucket_location_has_no_wrapper(echo):
    op = next(op for name, op in CASES if op.name == "GetBucketLocation")
    assert b'<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/">eu-west-1</LocationConstraint>' in \
        echo.ask(op, out={"LocationConstraint": "eu-west-1"})["body"]
    assert echo.ask(op, out={})["body"].endswith(b'2006-03-01/"></LocationConstraint>')


@pytest.mark.parametrize("service, operation, code, status", [
    ("emr", "DescribeCluster", "InvalidRequestException", 400), ("stepfunctions", "StartExecution", "InvalidArn", 400),
    ("logs", "GetLogEvents", "ResourceNotFoundException", 400), ("sts", "AssumeRole", "MalformedPolicyDocument", 400),
    ("iam", "GetRole", "NoSuchEntity", 404), ("scheduler", "GetSchedule", "ResourceNotFoundException", 404),
    ("s3", "GetObject", "NoSuchKey", 404), ("s3", "PutObject", "SlowDown", 503)])
def test_botocore_reads_our_errors(echo, service, operation, code, status):
    op = next(op for name, op in CASES if (name, op.name) == (service, operation))
    members = {"Key": "a<b"} if service == "s3" else {}
    reply = echo.ask(op, fault={"code": code, "status": status, "message": "wörds & <more>", "members": members})
    assert reply["status_code"] == status
    parsed = echo.parse(op, reply)
    assert parsed["Error"]["Code"] == code
    assert parsed["Error"]["Message"] == "wörds & <more>"
    assert {k: parsed["Error"].get(k) for k in members} == members
    assert parsed["ResponseMetadata"]["RequestId"] == "id-1"


def test_head_has_headers_but_no_document(echo):
    op = next(op for name, op in CASES if op.name == "HeadObject")
    fault = {"code": "404", "status": 404, "message": "Not Found", "members": {"x-amz-delete-marker": "true"}}
    reply = echo.ask(op, fault=fault)
    assert reply["body"] == b"" and reply["headers"]["x-amz-delete-marker"] == "true"
