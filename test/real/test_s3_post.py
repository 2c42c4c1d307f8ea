# test_s3_post.py - uploads by a browser's form: fields, policies, signatures, answers, and forms that are none.
import hashlib
import re
from urllib.parse import urlsplit

import pytest

from s3_help import call, code_of
from server import Server
from test_auth import create_key

BOUNDARY = "----WebKitFormBoundaryAbCdEf"


def form(fields, body=b"hello", name="report.csv", file="file"):
    """The body of a form; body None: without a file"""
    parts = [f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'.encode() for k, v in fields.items()]
    if body is not None:
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{file}"; filename="{name}"\r\nContent-Type: text/plain\r\n\r\n'
        parts.append(head.encode() + body + b"\r\n")
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def post(server, bucket, fields, *body, **more):
    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    return call(f"{server.endpoint}/{bucket}", "POST", form(fields, *body, **more), headers)


@pytest.mark.parametrize("size", [0, 5, 30_000, 40_000, 3_000_000])
def test_a_file_arrives_whole(server, s3, bucket, size):
    body = hashlib.shake_128(b"f").digest(size)
    status, headers, answer = post(server, bucket, {"key": "k"}, body)
    assert (status, answer, headers["etag"]) == (204, b"", '"' + hashlib.md5(body).hexdigest() + '"')
    assert urlsplit(headers["location"]).path == f"/{bucket}/k"
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == body


@pytest.mark.parametrize(
    "body", [b"\r\n", b"\r\n--", b"\r\r\n-\r\n", f"\r\n--{BOUNDARY[:-1]}".encode(), f"--{BOUNDARY}".encode(), b"\r" * 70_000]
)
def test_bodies_that_look_like_boundaries(server, s3, bucket, body):
    assert post(server, bucket, {"key": "k"}, body)[0] == 204
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == body


def test_fields_become_headers(server, s3, bucket):
    tagging = "<Tagging><TagSet><Tag><Key>a b</Key><Value>1&amp;2</Value></Tag></TagSet></Tagging>".replace("&amp;", "+")
    fields = {"key": "up/${filename}", "Content-Type": "text/csv", "Cache-Control": "no-store", "x-amz-meta-Colour": "red",
              "x-amz-storage-class": "STANDARD_IA", "tagging": tagging}  # fmt: skip
    assert post(server, bucket, fields, name="C:\\\\files\\\\ü.csv")[0] == 204
    head = s3.head_object(Bucket=bucket, Key="up/ü.csv")
    assert (head["ContentType"], head["CacheControl"], head["StorageClass"]) == ("text/csv", "no-store", "STANDARD_IA")
    assert head["Metadata"] == {"colour": "red"}
    assert s3.get_object_tagging(Bucket=bucket, Key="up/ü.csv")["TagSet"] == [{"Key": "a b", "Value": "1+2"}]


def test_the_answer_is_as_the_form_asks(server, bucket):
    assert post(server, bucket, {"key": "k", "success_action_status": "200"})[::2] == (200, b"")
    status, _, body = post(server, bucket, {"key": "a b", "success_action_status": "201"})
    assert status == 201 and b"<Key>a b</Key>" in body and f"<Bucket>{bucket}</Bucket>".encode() in body
    assert post(server, bucket, {"key": "k", "success_action_status": "404"})[0] == 204
    status, headers, _ = post(server, bucket, {"key": "k", "success_action_redirect": "http://page/done?x=1"})
    assert status == 303
    assert re.fullmatch(rf"http://page/done\?x=1&bucket={bucket}&key=k&etag=%22[0-9a-f]{{32}}%22", headers["location"])


@pytest.mark.parametrize(
    "code, fields, more",
    [
        ("InvalidArgument", {"x": "1"}, {}),
        ("InvalidArgument", {"key": "k"}, {"body": None}),
        ("MaxPostPreDataLengthExceeded", {"key": "k", "x-ignore-a": "y" * 21_000}, {}),
        ("AccessControlListNotSupported", {"key": "k", "acl": "public-read"}, {}),
        ("KeyTooLongError", {"key": "k" * 1025}, {}),
        ("InvalidPolicyDocument", {"key": "k", "policy": "!"}, {}),
    ],
)
def test_forms_that_are_refused(server, s3, bucket, code, fields, more):
    status, _, body = post(server, bucket, fields, **more)
    assert (status, code_of(body)) == (400, code)
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


def test_forms_that_are_none(server, s3, bucket):
    whole = form({"key": "k"})
    kinds = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    for body in (b"", b"nothing", whole[:-60], whole.replace(b"form-data; name", b"form-data; nom")):
        status, _, answer = call(f"{server.endpoint}/{bucket}", "POST", body, kinds)
        assert (status, code_of(answer)) == (400, "MalformedPOSTRequest"), body
    status, _, answer = call(f"{server.endpoint}/{bucket}", "POST", whole, {"Content-Type": "multipart/form-data"})
    assert (status, code_of(answer)) == (400, "MalformedPOSTRequest")
    status, _, answer = call(f"{server.endpoint}/no-such-bucket", "POST", whole, kinds)
    assert (status, code_of(answer)) == (404, "NoSuchBucket")
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


# --- policies ---------------------------------------------------------------------------------------------------------


def presigned(s3, bucket, key="k", fields=None, conditions=(), **more):
    return s3.generate_presigned_post(bucket, key, Fields=fields, Conditions=list(conditions), **more)["fields"]


def test_what_boto3_presigns_is_taken(server, s3, bucket):
    fields = presigned(s3, bucket, "in/${filename}", {"Content-Type": "text/csv"},
                       [["starts-with", "$Content-Type", "text/"], ["content-length-range", 5, 5]])  # fmt: skip
    assert post(server, bucket, fields)[0] == 204
    assert s3.get_object(Bucket=bucket, Key="in/report.csv")["Body"].read() == b"hello"


@pytest.mark.parametrize(
    "status, code, conditions, changes, options",
    [
        (403, "AccessDenied", [], {"key": "other"}, {}),
        (403, "AccessDenied", [], {"x-amz-meta-extra": "1"}, {}),
        (403, "AccessDenied", [{"x-amz-meta-a": "1"}], {"x-amz-meta-a": "2"}, {}),
        (403, "AccessDenied", [["starts-with", "$x-amz-meta-a", "1"]], {"x-amz-meta-a": "21"}, {}),
        (403, "AccessDenied", [], {}, {"ExpiresIn": -10}),
        (400, "EntityTooLarge", [["content-length-range", 0, 4]], {}, {}),
        (400, "EntityTooSmall", [["content-length-range", 6, 9]], {}, {}),
        (400, "InvalidPolicyDocument", [["resembles", "$key", "k"]], {}, {}),
        (400, "InvalidPolicyDocument", [["content-length-range", "x", 9]], {}, {}),
    ],
)
def test_what_a_policy_does_not_allow(server, s3, bucket, status, code, conditions, changes, options):
    fields = presigned(s3, bucket, conditions=conditions, **options)
    got, _, body = post(server, bucket, fields | changes)
    assert (got, code_of(body)) == (status, code)
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


@pytest.mark.parametrize("version", ["s3v4", "s3"])
def test_with_enforced_signatures_the_policys_is_checked(tmp_path, version):
    own = Server(tmp_path, "--auth", "enforce")
    try:
        own.keys = create_key(own)
        s3 = own.client("s3", config={"signature_version": version})
        own.client("s3").create_bucket(Bucket="posted")
        fields = presigned(s3, "posted")
        assert post(own, "posted", fields)[0] == 204
        name = "x-amz-signature" if version == "s3v4" else "signature"
        wrong = fields | {name: fields[name][::-1]}
        status, _, body = post(own, "posted", wrong)
        assert (status, code_of(body)) == (403, "SignatureDoesNotMatch")
        status, _, body = post(own, "posted", {"key": "k"})
        assert (status, code_of(body)) == (403, "AccessDenied")
    finally:
        own.stop()
