# test_s3_signed.py - presigned addresses of both signature versions, for a browser or curl that has no keys.
import urllib.parse
from datetime import datetime, timedelta, timezone

import pytest

from s3_help import call, code_of

VERSIONS = ["s3v4", "s3"]  # SigV4 and SigV2; boto3 takes the second by default in us-east-1
KEY = "reports/ü & more/a+b.csv"


@pytest.fixture(params=VERSIONS)
def signer(server, request):
    return server.client("s3", config={"signature_version": request.param})


def test_put_and_get_by_presigned_addresses(signer, bucket):
    where = {"Bucket": bucket, "Key": KEY}
    status, headers, _ = call(signer.generate_presigned_url("put_object", Params=where), "PUT", b"signed, sealed")
    assert status == 200 and headers["etag"]
    status, headers, body = call(signer.generate_presigned_url("get_object", Params=where))
    assert (status, body, headers["content-length"]) == (200, b"signed, sealed", "14")
    status, _, body = call(signer.generate_presigned_url("head_object", Params=where), "HEAD")
    assert (status, body) == (200, b"")
    status, _, _ = call(signer.generate_presigned_url("delete_object", Params=where), "DELETE")
    assert status == 204
    status, _, body = call(signer.generate_presigned_url("get_object", Params=where))
    assert (status, code_of(body)) == (404, "NoSuchKey")


def test_a_range_of_a_presigned_object(signer, s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"0123456789")
    url = signer.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k"})
    assert call(url, headers={"Range": "bytes=2-4"})[::2] == (206, b"234")


def test_a_presigned_address_may_name_the_answers_headers(signer, s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    wanted = {"ResponseContentType": "text/csv", "ResponseContentDisposition": 'attachment; filename="r.csv"'}
    url = signer.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k"} | wanted)
    _, headers, _ = call(url)
    assert (headers["content-type"], headers["content-disposition"]) == tuple(wanted.values())


def test_what_was_signed_into_a_put_must_be_sent(server, s3, bucket):
    signer = server.client("s3", config={"signature_version": "s3v4"})
    params = {"Bucket": bucket, "Key": "k", "ContentType": "text/csv", "Metadata": {"a": "1"}}
    url = signer.generate_presigned_url("put_object", Params=params)
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(url).query)
    assert "content-type" in query["X-Amz-SignedHeaders"][0]
    status, _, _ = call(url, "PUT", b"x", {"Content-Type": "text/csv", "x-amz-meta-a": "1"})
    assert status == 200
    head = s3.head_object(Bucket=bucket, Key="k")
    assert (head["ContentType"], head["Metadata"]) == ("text/csv", {"a": "1"})


def test_an_address_whose_time_is_over(signer, s3, bucket, monkeypatch):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    then = datetime.now(timezone.utc) - timedelta(hours=2)
    monkeypatch.setattr("botocore.crt.auth.get_current_datetime", lambda remove_tzinfo=True: then)
    monkeypatch.setattr("botocore.auth.time.time", then.timestamp)
    url = signer.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k"}, ExpiresIn=3600)
    status, _, body = call(url)
    assert (status, code_of(body)) == (403, "AccessDenied") and b"Request has expired" in body
