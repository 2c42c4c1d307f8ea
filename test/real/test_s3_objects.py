# test_s3_objects.py - single objects: bodies, ranges, conditions, metadata, checksums, tags, copies, deletes, odd keys.
import base64
import concurrent.futures
import hashlib
import zlib
from datetime import timedelta

import pytest
from awscrt import checksums

from s3_help import refused
from server import wait_for

PLAIN = {"request_checksum_calculation": "when_required", "response_checksum_validation": "when_required"}


def text64(value):
    return base64.b64encode(value).decode()


CHECKSUMS = {
    "CRC32": lambda body: text64(zlib.crc32(body).to_bytes(4, "big")),
    "CRC32C": lambda body: text64(checksums.crc32c(body).to_bytes(4, "big")),
    "CRC64NVME": lambda body: text64(checksums.crc64nvme(body).to_bytes(8, "big")),
    "SHA1": lambda body: text64(hashlib.sha1(body).digest()),
    "SHA256": lambda body: text64(hashlib.sha256(body).digest()),
}


@pytest.fixture
def put(s3, bucket):
    def put(key="k", body=b"0123456789", **more):
        return s3.put_object(Bucket=bucket, Key=key, Body=body, **more)

    return put


@pytest.fixture
def get(s3, bucket):
    def get(key="k", **more):
        return s3.get_object(Bucket=bucket, Key=key, **more)

    return get


# --- bodies -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 1, 4095, 65536, 1_000_003, 9_000_000])
def test_what_was_put_is_got(s3, bucket, put, get, size):
    body = hashlib.shake_128(str(size).encode()).digest(size)
    etag = '"' + hashlib.md5(body).hexdigest() + '"'
    assert put(body=body)["ETag"] == etag
    answer = get()
    assert answer["Body"].read() == body
    assert (answer["ETag"], answer["ContentLength"], answer["ContentType"]) == (etag, size, "binary/octet-stream")
    assert answer["AcceptRanges"] == "bytes" and answer["Metadata"] == {}
    head = s3.head_object(Bucket=bucket, Key="k")
    assert (head["ETag"], head["ContentLength"], head["LastModified"]) == (etag, size, answer["LastModified"])


def test_the_last_put_wins_whole(put, get):
    put(body=b"a longer first body", Metadata={"first": "1"}, ContentType="text/plain", Tagging="a=1")
    put(body=b"second")
    answer = get()
    assert (answer["Body"].read(), answer["Metadata"], answer["ContentType"]) == (b"second", {}, "binary/octet-stream")
    assert "TagCount" not in answer


def test_an_object_that_is_not_there(s3, bucket, get):
    with refused(404, "NoSuchKey") as answer:
        get("missing")
    assert answer.error["Key"] == "missing"
    with refused(404, "404"):
        s3.head_object(Bucket=bucket, Key="missing")


def test_metadata_and_headers_come_back(s3, bucket, put, get):
    headers = {
        "ContentType": "text/csv; charset=utf-8",
        "CacheControl": "max-age=60",
        "ContentDisposition": 'attachment; filename="a b.csv"',
        "ContentEncoding": "gzip",
        "ContentLanguage": "de",
    }
    put(Metadata={"Owner": "a person", "run-id": "7"}, **headers)
    for answer in (get(), s3.head_object(Bucket=bucket, Key="k")):
        assert answer["Metadata"] == {"owner": "a person", "run-id": "7"}
        assert {name: answer[name] for name in headers} == headers


def test_a_get_may_ask_for_other_headers(put, get):
    put(ContentType="text/plain")
    answer = get(ResponseContentType="text/csv", ResponseCacheControl="no-cache", ResponseContentDisposition="inline")
    assert (answer["ContentType"], answer["CacheControl"], answer["ContentDisposition"]) == (
        "text/csv",
        "no-cache",
        "inline",
    )


def test_metadata_of_two_kilobytes_and_no_more(put):
    put(Metadata={"k": "v" * 2047})
    with refused(400, "MetadataTooLarge"):
        put(Metadata={"k": "v" * 2048})


# --- ranges -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "range_, want, content_range",
    [
        ("bytes=0-4", b"01234", "bytes 0-4/10"),
        ("bytes=5-", b"56789", "bytes 5-9/10"),
        ("bytes=-3", b"789", "bytes 7-9/10"),
        ("bytes=-100", b"0123456789", "bytes 0-9/10"),
        ("bytes=8-1000", b"89", "bytes 8-9/10"),
        ("bytes=9-9", b"9", "bytes 9-9/10"),
    ],
)
def test_ranges(put, get, range_, want, content_range):
    put()
    answer = get(Range=range_)
    assert (answer["Body"].read(), answer["ContentRange"]) == (want, content_range)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 206


@pytest.mark.parametrize("range_", ["bytes=a-b", "bytes=5-2", "lines=1-2", "bytes=0-1,3-4"])
def test_what_is_no_single_range_is_ignored(put, get, range_):
    put()
    answer = get(Range=range_)
    assert (answer["ResponseMetadata"]["HTTPStatusCode"], answer["Body"].read()) == (200, b"0123456789")


@pytest.mark.parametrize("range_", ["bytes=10-", "bytes=10-20", "bytes=-0"])
def test_ranges_beyond_the_end(put, get, range_):
    put()
    with refused(416, "InvalidRange"):
        get(Range=range_)


def test_no_range_of_nothing(put, get):
    put(body=b"")
    with refused(416, "InvalidRange"):
        get(Range="bytes=0-0")


# --- conditions -------------------------------------------------------------------------------------------------------


def test_reading_on_conditions(put, get):
    etag = put()["ETag"]
    changed = get()["LastModified"]
    day = timedelta(days=1)
    for fine in (
        {"IfMatch": etag},
        {"IfMatch": "*"},
        {"IfNoneMatch": '"other"'},
        {"IfModifiedSince": changed - day},
        {"IfUnmodifiedSince": changed},
        {"IfMatch": etag, "IfUnmodifiedSince": changed - day},
    ):
        assert get(**fine)["Body"].read() == b"0123456789", fine
    for not_modified in (
        {"IfNoneMatch": etag},
        {"IfModifiedSince": changed},
        {"IfNoneMatch": etag, "IfModifiedSince": changed - day},
    ):
        with refused(304, "304"):
            get(**not_modified)
    for failed in ({"IfMatch": '"other"'}, {"IfUnmodifiedSince": changed - day}):
        with refused(412, "PreconditionFailed"):
            get(**failed)


def test_writing_on_conditions(put, get):
    etag = put(IfNoneMatch="*", body=b"first")["ETag"]
    with refused(412, "PreconditionFailed"):
        put(IfNoneMatch="*", body=b"second")
    with refused(412, "PreconditionFailed"):
        put(IfMatch='"0123456789abcdef0123456789abcdef"', body=b"second")
    assert get()["Body"].read() == b"first"
    put(IfMatch=etag, body=b"second")
    assert get()["Body"].read() == b"second"
    with refused(404, "NoSuchKey"):
        put(key="missing", IfMatch=etag)


def test_of_many_writers_that_want_to_be_first_one_is(put, get):
    def write(i):
        try:
            put(body=str(i).encode(), IfNoneMatch="*")
            return i
        except Exception as refusal:
            assert refusal.response["Error"]["Code"] in ("PreconditionFailed", "ConditionalRequestConflict")

    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        winners = [i for i in pool.map(write, range(40)) if i is not None]
    assert len(winners) == 1
    assert get()["Body"].read() == str(winners[0]).encode()


# --- checksums --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("algorithm", CHECKSUMS)
def test_a_checksum_is_checked_stored_and_returned(s3, bucket, put, get, algorithm):
    body = b"a body with a checksum"
    field, want = f"Checksum{algorithm}", CHECKSUMS[algorithm](body)
    assert put(body=body, ChecksumAlgorithm=algorithm)[field] == want
    assert put(body=body, **{field: want})[field] == want
    assert get(ChecksumMode="ENABLED")[field] == want
    head = s3.head_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert (head[field], head["ChecksumType"]) == (want, "FULL_OBJECT")
    assert field not in s3.head_object(Bucket=bucket, Key="k")


@pytest.mark.parametrize("algorithm", CHECKSUMS)
def test_a_wrong_checksum_stores_nothing(s3, bucket, put, algorithm):
    with refused(400, "BadDigest"):
        put(**{f"Checksum{algorithm}": CHECKSUMS[algorithm](b"another body")})
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_a_checksum_that_is_none(put):
    with refused(400, "InvalidRequest"):
        put(ChecksumCRC32="not base64 of four bytes")


def test_without_a_checksum_s3_makes_one(server, bucket):
    plain = server.client("s3", config=PLAIN)
    plain.put_object(Bucket=bucket, Key="k", Body=b"no checksum sent")
    head = plain.head_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert head["ChecksumCRC64NVME"] == CHECKSUMS["CRC64NVME"](b"no checksum sent")


def test_content_md5(s3, bucket, put):
    put(body=b"x", ContentMD5=text64(hashlib.md5(b"x").digest()))
    with refused(400, "BadDigest"):
        put(key="bad", ContentMD5=text64(hashlib.md5(b"other").digest()))
    with refused(400, "InvalidDigest"):
        put(key="bad", ContentMD5="short")
    assert [item["Key"] for item in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["k"]


# --- tags -------------------------------------------------------------------------------------------------------------


def test_tags(s3, bucket, put, get):
    put(Tagging="layer=raw&owner=a%20b%2Fc")
    tags = [{"Key": "layer", "Value": "raw"}, {"Key": "owner", "Value": "a b/c"}]
    assert s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"] == tags
    assert get()["TagCount"] == 2
    s3.put_object_tagging(Bucket=bucket, Key="k", Tagging={"TagSet": tags[:1]})
    assert s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"] == tags[:1]
    s3.delete_object_tagging(Bucket=bucket, Key="k")
    assert s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"] == []
    with refused(404, "NoSuchKey"):
        s3.get_object_tagging(Bucket=bucket, Key="missing")


def test_ten_tags_and_no_more_and_none_twice(s3, bucket, put):
    put()
    tags = [{"Key": f"k{i}", "Value": "v"} for i in range(11)]
    s3.put_object_tagging(Bucket=bucket, Key="k", Tagging={"TagSet": tags[:10]})
    with refused(400, "BadRequest"):
        s3.put_object_tagging(Bucket=bucket, Key="k", Tagging={"TagSet": tags})
    with refused(400, "InvalidTag"):
        s3.put_object_tagging(Bucket=bucket, Key="k", Tagging={"TagSet": [tags[0], tags[0]]})
    with refused(400, "InvalidTag"):
        s3.put_object_tagging(Bucket=bucket, Key="k", Tagging={"TagSet": [{"Key": "k", "Value": "a&b"}]})


# --- copies -----------------------------------------------------------------------------------------------------------


def test_a_copy_has_the_body_and_the_metadata(s3, bucket, put, get):
    etag = put(Metadata={"a": "1"}, ContentType="text/plain", Tagging="t=1")["ETag"]
    copied = s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "k"})["CopyObjectResult"]
    assert copied["ETag"] == etag and copied["LastModified"]
    answer = get("copy")
    assert (answer["Body"].read(), answer["Metadata"], answer["ContentType"]) == (
        b"0123456789",
        {"a": "1"},
        "text/plain",
    )
    assert s3.get_object_tagging(Bucket=bucket, Key="copy")["TagSet"] == [{"Key": "t", "Value": "1"}]


def test_a_copy_may_replace_metadata_and_tags(s3, bucket, put, get):
    put(Metadata={"a": "1"}, ContentType="text/plain", Tagging="t=1")
    source = {"Bucket": bucket, "Key": "k"}
    s3.copy_object(
        Bucket=bucket,
        Key="k",
        CopySource=source,
        MetadataDirective="REPLACE",
        Metadata={"b": "2"},
        ContentType="text/csv",
    )
    answer = get()
    assert (answer["Metadata"], answer["ContentType"], answer["Body"].read()) == ({"b": "2"}, "text/csv", b"0123456789")
    s3.copy_object(Bucket=bucket, Key="other", CopySource=source, TaggingDirective="REPLACE", Tagging="u=2")
    assert s3.get_object_tagging(Bucket=bucket, Key="other")["TagSet"] == [{"Key": "u", "Value": "2"}]


def test_a_copy_onto_itself_must_change_something(s3, bucket, put):
    put()
    with refused(400, "InvalidRequest"):
        s3.copy_object(Bucket=bucket, Key="k", CopySource={"Bucket": bucket, "Key": "k"})


def test_a_copy_from_a_key_that_needs_encoding(s3, bucket, put, get):
    put("a b+c%20d/ü.txt", b"odd")
    s3.copy_object(Bucket=bucket, Key="plain", CopySource={"Bucket": bucket, "Key": "a b+c%20d/ü.txt"})
    assert get("plain")["Body"].read() == b"odd"


def test_a_copy_on_conditions(s3, bucket, put):
    etag = put()["ETag"]
    source = {"Bucket": bucket, "Key": "k"}
    s3.copy_object(Bucket=bucket, Key="copy", CopySource=source, CopySourceIfMatch=etag)
    for failing in ({"CopySourceIfMatch": '"other"'}, {"CopySourceIfNoneMatch": etag}):
        with refused(412, "PreconditionFailed"):
            s3.copy_object(Bucket=bucket, Key="copy2", CopySource=source, **failing)


def test_a_copy_of_nothing(s3, bucket):
    with refused(404, "NoSuchKey"):
        s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "missing"})
    with refused(404, "NoSuchBucket"):
        s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": "no-such-bucket-here", "Key": "k"})


# --- deletes ----------------------------------------------------------------------------------------------------------


def test_delete_is_the_same_for_what_is_not_there(s3, bucket, put):
    put()
    for _ in range(2):
        assert s3.delete_object(Bucket=bucket, Key="k")["ResponseMetadata"]["HTTPStatusCode"] == 204
    with refused(404, "NoSuchKey"):
        s3.get_object(Bucket=bucket, Key="k")


def test_delete_many(s3, bucket, put):
    keys = [f"d/{i}" for i in range(20)] + ["d/<&>\"'", "d/ü ö"]
    for key in keys:
        put(key, b"")
    put("stays", b"")
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key} for key in [*keys, "never was"]]})
    assert {item["Key"] for item in answer["Deleted"]} == {*keys, "never was"} and "Errors" not in answer
    assert [item["Key"] for item in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["stays"]
    quiet = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "stays"}], "Quiet": True})
    assert "Deleted" not in quiet and s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_delete_a_thousand_and_no_more(s3, bucket):
    objects = [{"Key": f"k{i}"} for i in range(1001)]
    assert len(s3.delete_objects(Bucket=bucket, Delete={"Objects": objects[:1000]})["Deleted"]) == 1000
    with refused(400, "MalformedXML"):
        s3.delete_objects(Bucket=bucket, Delete={"Objects": objects})


# --- keys -------------------------------------------------------------------------------------------------------------

ODD_KEYS = [
    "foo", "foo/bar", "foo/", "foo/bar/baz", "/leading", "//", "a//b", "./x", "a/./b", "a/../b", "trailing/..", "...", ".hidden",
    "with space", " leading and trailing ", "plus+plus", "percent%", "percent%25", "a%2Fb", "a%00b", "question?mark", "hash#tag", "semi;colon",
    "amp&amp;", "<xml>", "quote\"'", "back\\slash", "colon:comma,", "star*", "tilde~", "brace{}|^`[]", "@$=!()", "ümlaut", "日本語/キー", "emoji😀",
    "e\u0301 is not \u00e9", "tab\there", "line\nbreak", "state=NY/date=2021-01-01/part-0.parquet", "k" * 1024, "/".join(["k"] * 512) + "/",
    "x" * 300 + "/" + "y" * 300, "日" * 341 + "k", "objects", "meta", "CON", "key.json", "tmp/#1",
]  # fmt: skip


def test_any_key_lives_beside_any_other(s3, bucket, put, get):
    bodies = {key: str(i).encode() for i, key in enumerate(ODD_KEYS)}
    for key, body in bodies.items():
        put(key, body)
    for key, body in bodies.items():
        assert get(key)["Body"].read() == body, key
    listed = [item["Key"] for item in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    assert listed == sorted(bodies, key=str.encode)
    for key in ODD_KEYS[::2]:
        s3.delete_object(Bucket=bucket, Key=key)
    listed = [item["Key"] for item in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    assert listed == sorted(ODD_KEYS[1::2], key=str.encode)
    for key in ODD_KEYS[1::2]:
        assert get(key)["Body"].read() == bodies[key], key


@pytest.mark.parametrize("key", ["..", "../x", "../../etc/passwd", "a/../../../x"])
def test_a_key_never_leaves_its_bucket(s3, bucket, put, get, key):
    """S3 answers 400 where the path would lead above the bucket; whoever stores it must give back just that."""
    s3.create_bucket(Bucket="the-bucket-beside")
    try:
        put(key, b"inside")
        assert get(key)["Body"].read() == b"inside"
    except s3.exceptions.ClientError as refusal:
        assert refusal.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert s3.list_objects_v2(Bucket="the-bucket-beside")["KeyCount"] == 0
    s3.delete_bucket(Bucket="the-bucket-beside")


@pytest.mark.parametrize("key", ["k" * 1025, "日" * 342])
def test_a_key_of_more_than_1024_bytes(put, key):
    with refused(400, "KeyTooLongError"):
        put(key)


# --- whose bucket it is ------------------------------------------------------------------------------------------------


def test_another_owner_was_expected(s3, bucket, put):
    put()
    upload = s3.create_multipart_upload(Bucket=bucket, Key="m")["UploadId"]
    here, other = {"Bucket": bucket, "Key": "k"}, "111111111111"
    source = {"CopySource": here, "Bucket": bucket, "Key": "c"}
    for call, more in (
        (s3.get_object, here),
        (s3.delete_object, here),
        (s3.put_object, here | {"Body": b"x"}),
        (s3.get_object_tagging, here),
        (s3.list_objects_v2, {"Bucket": bucket}),
        (s3.copy_object, source),
        (s3.list_parts, {"Bucket": bucket, "Key": "m", "UploadId": upload}),
        (s3.abort_multipart_upload, {"Bucket": bucket, "Key": "m", "UploadId": upload}),
    ):
        with refused(403, "AccessDenied"):
            call(ExpectedBucketOwner=other, **more)
    with refused(403, "AccessDenied"):
        s3.copy_object(ExpectedSourceBucketOwner=other, **source)
    s3.copy_object(ExpectedSourceBucketOwner="000000000000", ExpectedBucketOwner="000000000000", **source)


# --- a damaged store --------------------------------------------------------------------------------------------------


def test_an_object_whose_file_is_gone_is_an_internal_error_not_an_absent_object(own_server):
    s3 = own_server.client("s3")
    s3.create_bucket(Bucket="damaged")
    s3.put_object(Bucket="damaged", Key="k", Body=b"x" * 40_000)
    file = own_server.data / "objects" / "damaged" / "k"
    wait_for(file.exists, what="the object to lie at its place")
    file.unlink()
    with refused(500, "InternalError"):
        s3.get_object(Bucket="damaged", Key="k")
    assert s3.head_object(Bucket="damaged", Key="k")["ContentLength"] == 40_000
    with refused(500, "InternalError"):
        s3.copy_object(Bucket="damaged", Key="c", CopySource={"Bucket": "damaged", "Key": "k"})
