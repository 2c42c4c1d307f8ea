# test_s3_multipart.py - multipart uploads: parts, order, sizes, copies of parts, listings, abort, checksums.
import base64
import hashlib
import io
import zlib

import pytest

from s3_help import refused

MIB = 1 << 20
LEAST = 5 * MIB


def block(seed, size):
    return hashlib.shake_128(seed.encode()).digest(size)


@pytest.fixture
def upload(s3, bucket):
    """A started upload of key `big`, as the arguments that name it."""
    made = s3.create_multipart_upload(Bucket=bucket, Key="big", Metadata={"made": "in parts"}, ContentType="text/plain")
    assert (made["Bucket"], made["Key"]) == (bucket, "big")
    return {"Bucket": bucket, "Key": "big", "UploadId": made["UploadId"]}


def put_part(s3, upload, number, body):
    etag = s3.upload_part(PartNumber=number, Body=body, **upload)["ETag"]
    assert etag == '"' + hashlib.md5(body).hexdigest() + '"'
    return {"PartNumber": number, "ETag": etag}


def complete(s3, upload, parts, **more):
    return s3.complete_multipart_upload(MultipartUpload={"Parts": parts}, **upload, **more)


def etag_of(bodies):
    digests = b"".join(hashlib.md5(body).digest() for body in bodies)
    return f'"{hashlib.md5(digests).hexdigest()}-{len(bodies)}"'


def test_parts_become_one_object(s3, bucket, upload):
    bodies = {2: block("two", LEAST), 5: block("five", LEAST + 1), 9: b"the end"}
    parts = [put_part(s3, upload, number, body) for number, body in sorted(bodies.items(), reverse=True)]
    with refused(404, "NoSuchKey"):
        s3.get_object(Bucket=bucket, Key="big")
    done = complete(s3, upload, sorted(parts, key=lambda part: part["PartNumber"]))
    want = etag_of([bodies[2], bodies[5], bodies[9]])
    assert (done["ETag"], done["Bucket"], done["Key"]) == (want, bucket, "big")
    got = s3.get_object(Bucket=bucket, Key="big")
    assert got["Body"].read() == bodies[2] + bodies[5] + bodies[9]
    assert (got["ETag"], got["Metadata"], got["ContentType"]) == (want, {"made": "in parts"}, "text/plain")
    assert s3.list_multipart_uploads(Bucket=bucket).get("Uploads", []) == []


def test_a_part_put_again_replaces_the_first(s3, bucket, upload):
    put_part(s3, upload, 1, b"first try")
    again = put_part(s3, upload, 1, b"second try")
    complete(s3, upload, [again])
    assert s3.get_object(Bucket=bucket, Key="big")["Body"].read() == b"second try"


def test_parts_left_out_of_the_list_are_not_in_the_object(s3, bucket, upload):
    put_part(s3, upload, 1, b"not wanted")
    complete(s3, upload, [put_part(s3, upload, 2, b"wanted")])
    assert s3.get_object(Bucket=bucket, Key="big")["Body"].read() == b"wanted"


def test_lists_that_cannot_be_completed(s3, upload):
    one, two = put_part(s3, upload, 1, block("one", LEAST)), put_part(s3, upload, 2, b"two")
    with refused(400, "InvalidPartOrder"):
        complete(s3, upload, [two, one])
    with refused(400, "InvalidPart"):
        complete(s3, upload, [one, {"PartNumber": 3, "ETag": two["ETag"]}])
    with refused(400, "InvalidPart"):
        complete(s3, upload, [one, {"PartNumber": 2, "ETag": one["ETag"]}])
    with refused(400, "MalformedXML"):
        complete(s3, upload, [])
    complete(s3, upload, [one, two])


def test_only_the_last_part_may_be_small(s3, upload):
    parts = [put_part(s3, upload, 1, b"small"), put_part(s3, upload, 2, b"last")]
    with refused(400, "EntityTooSmall"):
        complete(s3, upload, parts)


def test_part_numbers_go_from_1_to_10000(s3, upload):
    for number in (0, 10001):
        with refused(400, "InvalidArgument"):
            s3.upload_part(PartNumber=number, Body=b"x", **upload)
    complete(s3, upload, [put_part(s3, upload, 10000, b"x")])


def test_abort(s3, bucket, upload):
    put_part(s3, upload, 1, b"gone")
    s3.abort_multipart_upload(**upload)
    with refused(404, "NoSuchUpload"):
        s3.list_parts(**upload)
    with refused(404, "NoSuchUpload"):
        s3.abort_multipart_upload(**upload | {"UploadId": "there-was-never-such-an-upload"})
    with refused(404, "NoSuchUpload"):
        s3.upload_part(PartNumber=1, Body=b"x", **upload)
    with refused(404, "NoSuchUpload"):
        complete(s3, upload, [{"PartNumber": 1, "ETag": '"00000000000000000000000000000000"'}])
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


def test_parts_are_listed_in_pages(s3, upload):
    parts = [put_part(s3, upload, number, bytes(number)) for number in (7, 3, 5, 1)]
    first = s3.list_parts(MaxParts=3, **upload)
    assert [(part["PartNumber"], part["Size"]) for part in first["Parts"]] == [(1, 1), (3, 3), (5, 5)]
    assert (first["IsTruncated"], first["NextPartNumberMarker"]) == (True, 5)
    second = s3.list_parts(PartNumberMarker=5, **upload)
    assert [part["PartNumber"] for part in second["Parts"]] == [7] and not second["IsTruncated"]
    assert {part["ETag"] for part in first["Parts"] + second["Parts"]} == {part["ETag"] for part in parts}


def test_uploads_are_listed_by_key_and_prefix(s3, bucket):
    keys = ["a/1", "a/2", "b", "c/d/e"]
    ids = {key: s3.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"] for key in keys}
    listed = s3.list_multipart_uploads(Bucket=bucket)["Uploads"]
    assert [(item["Key"], item["UploadId"]) for item in listed] == [(key, ids[key]) for key in keys]
    assert [item["Key"] for item in s3.list_multipart_uploads(Bucket=bucket, Prefix="a/")["Uploads"]] == ["a/1", "a/2"]
    page = s3.list_multipart_uploads(Bucket=bucket, Delimiter="/")
    assert [item["Key"] for item in page["Uploads"]] == ["b"]
    assert [item["Prefix"] for item in page["CommonPrefixes"]] == ["a/", "c/"]
    pages = s3.get_paginator("list_multipart_uploads").paginate(Bucket=bucket, PaginationConfig={"PageSize": 1})
    assert [item["Key"] for page in pages for item in page.get("Uploads", [])] == keys


def test_parts_copied_from_an_object(s3, bucket, upload):
    body = block("source", LEAST + 1000)
    s3.put_object(Bucket=bucket, Key="a source", Body=body)
    source = {"Bucket": bucket, "Key": "a source"}
    parts = []
    for number, given in ((1, {}), (2, {"CopySourceRange": "bytes=10-19"})):
        copied = s3.upload_part_copy(PartNumber=number, CopySource=source, **given, **upload)["CopyPartResult"]
        parts.append({"PartNumber": number, "ETag": copied["ETag"]})
    complete(s3, upload, parts)
    assert s3.get_object(Bucket=bucket, Key="big")["Body"].read() == body + body[10:20]


def test_parts_copied_wrongly(s3, bucket, upload):
    s3.put_object(Bucket=bucket, Key="source", Body=b"0123456789")
    source = {"Bucket": bucket, "Key": "source"}
    for range_ in ("bytes=5-10", "bytes=4-3", "bytes=-3"):
        with refused(400, "InvalidArgument"):
            s3.upload_part_copy(PartNumber=1, CopySource=source, CopySourceRange=range_, **upload)
    with refused(404, "NoSuchKey"):
        s3.upload_part_copy(PartNumber=1, CopySource={"Bucket": bucket, "Key": "missing"}, **upload)
    with refused(412, "PreconditionFailed"):
        s3.upload_part_copy(PartNumber=1, CopySource=source, CopySourceIfMatch='"other"', **upload)


def test_completed_only_where_nothing_is(s3, bucket, upload):
    part = put_part(s3, upload, 1, b"late")
    s3.put_object(Bucket=bucket, Key="big", Body=b"early")
    with refused(412, "PreconditionFailed"):
        complete(s3, upload, [part], IfNoneMatch="*")
    assert s3.get_object(Bucket=bucket, Key="big")["Body"].read() == b"early"


def test_a_part_is_got_by_its_number(s3, bucket, upload):
    bodies = [block("one", LEAST), b"second"]
    complete(s3, upload, [put_part(s3, upload, i, body) for i, body in enumerate(bodies, 1)])
    got = s3.get_object(Bucket=bucket, Key="big", PartNumber=2)
    assert got["Body"].read() == b"second"
    assert (got["PartsCount"], got["ContentRange"]) == (2, f"bytes {LEAST}-{LEAST + 5}/{LEAST + 6}")


def test_composite_checksum(s3, bucket):
    made = s3.create_multipart_upload(Bucket=bucket, Key="sums", ChecksumAlgorithm="SHA256")
    upload = {"Bucket": bucket, "Key": "sums", "UploadId": made["UploadId"]}
    bodies, parts = [block("one", LEAST), b"second"], []
    for number, body in enumerate(bodies, 1):
        answer = s3.upload_part(PartNumber=number, Body=body, ChecksumAlgorithm="SHA256", **upload)
        assert answer["ChecksumSHA256"] == base64.b64encode(hashlib.sha256(body).digest()).decode()
        parts.append({"PartNumber": number, "ETag": answer["ETag"], "ChecksumSHA256": answer["ChecksumSHA256"]})
    whole = hashlib.sha256(b"".join(hashlib.sha256(body).digest() for body in bodies)).digest()
    want = base64.b64encode(whole).decode() + "-2"
    assert complete(s3, upload, parts)["ChecksumSHA256"] == want
    head = s3.head_object(Bucket=bucket, Key="sums", ChecksumMode="ENABLED")
    assert (head["ChecksumSHA256"], head["ChecksumType"]) == (want, "COMPOSITE")


def test_checksum_of_the_full_object(s3, bucket):
    made = s3.create_multipart_upload(Bucket=bucket, Key="sums", ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT")
    upload = {"Bucket": bucket, "Key": "sums", "UploadId": made["UploadId"]}
    bodies, parts = [block("one", LEAST), b"second"], []
    for number, body in enumerate(bodies, 1):
        answer = s3.upload_part(PartNumber=number, Body=body, ChecksumAlgorithm="CRC32", **upload)
        parts.append({"PartNumber": number, "ETag": answer["ETag"], "ChecksumCRC32": answer["ChecksumCRC32"]})
    want = base64.b64encode(zlib.crc32(b"".join(bodies)).to_bytes(4, "big")).decode()
    with refused(400, "BadDigest"):
        complete(s3, upload, parts, ChecksumCRC32="AAAAAA==", ChecksumType="FULL_OBJECT")
    assert complete(s3, upload, parts, ChecksumCRC32=want, ChecksumType="FULL_OBJECT")["ChecksumCRC32"] == want
    head = s3.head_object(Bucket=bucket, Key="sums", ChecksumMode="ENABLED")
    assert (head["ChecksumCRC32"], head["ChecksumType"]) == (want, "FULL_OBJECT")


def test_the_sdks_own_transfer(s3, bucket):
    body = block("transfer", 20 * MIB + 17)
    s3.upload_fileobj(io.BytesIO(body), bucket, "transferred")
    back = io.BytesIO()
    s3.download_fileobj(bucket, "transferred", back)
    assert back.getvalue() == body
    assert s3.head_object(Bucket=bucket, Key="transferred")["ETag"].endswith('-3"')
    s3.copy({"Bucket": bucket, "Key": "transferred"}, bucket, "copied")
    assert s3.get_object(Bucket=bucket, Key="copied")["Body"].read() == body
