# test_s3_versions.py - versioning: ids, delete markers, the null version, listings with markers, copies and uploads of versions.
import pytest

from conftest import empty
from s3_help import call, code_of, refused, signed

MIB = 1 << 20


def forget_versions(s3, name):
    """Every version and marker of a bucket is removed for good."""
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=name):
        for item in page.get("Versions", []) + page.get("DeleteMarkers", []):
            s3.delete_object(Bucket=name, Key=item["Key"], VersionId=item["VersionId"])


def set_versioning(s3, name, status):
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": status})


@pytest.fixture
def versioned(s3, bucket):
    set_versioning(s3, bucket, "Enabled")
    yield bucket
    empty(s3, bucket)
    forget_versions(s3, bucket)


@pytest.fixture
def put(s3, versioned):
    def put(key="k", body=b"x", **more):
        return s3.put_object(Bucket=versioned, Key=key, Body=body, **more)["VersionId"]

    return put


def body_of(s3, bucket, key="k", **more):
    return s3.get_object(Bucket=bucket, Key=key, **more)["Body"].read()


def listed(s3, bucket, **more):
    """(key, version, is latest, is marker) of all pages, in the order of each page's two lists merged by key"""
    found = []
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket, **more):
        found += [(v["Key"], v["VersionId"], v["IsLatest"], False) for v in page.get("Versions", [])]
        found += [(v["Key"], v["VersionId"], v["IsLatest"], True) for v in page.get("DeleteMarkers", [])]
    return found


# --- ids --------------------------------------------------------------------------------------------------------------


def test_each_put_is_a_version_of_its_own(s3, versioned, put):
    ids = [put(body=b"%d" % i) for i in range(4)]
    assert len(set(ids)) == 4 and "null" not in ids
    for i, version in enumerate(ids):
        assert body_of(s3, versioned, VersionId=version) == b"%d" % i
        head = s3.head_object(Bucket=versioned, Key="k", VersionId=version)
        assert (head["VersionId"], head["ContentLength"]) == (version, 1)
    answer = s3.get_object(Bucket=versioned, Key="k")
    assert (answer["VersionId"], answer["Body"].read()) == (ids[3], b"3")
    assert listed(s3, versioned) == [("k", ids[i], i == 3, False) for i in (3, 2, 1, 0)]
    assert [item["Key"] for item in s3.list_objects_v2(Bucket=versioned)["Contents"]] == ["k"]


def test_versions_keep_their_own_tags_and_metadata(s3, versioned, put):
    first = put(Metadata={"n": "1"}, Tagging="n=1")
    second = put(Metadata={"n": "2"})
    assert s3.head_object(Bucket=versioned, Key="k", VersionId=first)["Metadata"] == {"n": "1"}
    tags = s3.get_object_tagging(Bucket=versioned, Key="k", VersionId=first)
    assert (tags["TagSet"], tags["VersionId"]) == ([{"Key": "n", "Value": "1"}], first)
    answer = s3.put_object_tagging(
        Bucket=versioned, Key="k", VersionId=first, Tagging={"TagSet": [{"Key": "n", "Value": "9"}]}
    )
    assert answer["VersionId"] == first
    assert s3.get_object_tagging(Bucket=versioned, Key="k")["TagSet"] == []
    assert s3.get_object_tagging(Bucket=versioned, Key="k")["VersionId"] == second
    assert s3.delete_object_tagging(Bucket=versioned, Key="k", VersionId=first)["VersionId"] == first
    assert s3.get_object_tagging(Bucket=versioned, Key="k", VersionId=first)["TagSet"] == []


@pytest.mark.parametrize("call_name", ["get_object", "head_object", "get_object_tagging", "get_object_acl"])
def test_a_version_that_is_none(s3, versioned, put, call_name):
    put()
    code = "400" if call_name == "head_object" else "InvalidArgument"
    with refused(400, code):
        getattr(s3, call_name)(Bucket=versioned, Key="k", VersionId="not-a-version-id")
    other = put("other")
    code = "404" if call_name == "head_object" else "NoSuchVersion"
    with refused(404, code) as answer:
        getattr(s3, call_name)(Bucket=versioned, Key="k", VersionId=other)
    if call_name != "head_object":
        assert (answer.error["Key"], answer.error["VersionId"]) == ("k", other)


def test_an_empty_version_id_is_refused(server, versioned, put):
    put()
    url = f"{server.endpoint}/{versioned}/k?versionId="
    status, _, body = call(url, headers=signed("GET", url))
    assert (status, code_of(body)) == (400, "InvalidArgument")


def test_null_names_the_version_of_a_bucket_without_versioning(s3, bucket):
    answer = s3.put_object(Bucket=bucket, Key="k", Body=b"plain")
    assert "VersionId" not in answer
    assert body_of(s3, bucket, VersionId="null") == b"plain"
    assert listed(s3, bucket) == [("k", "null", True, False)]
    assert "DeleteMarker" not in s3.delete_object(Bucket=bucket, Key="k")
    assert listed(s3, bucket) == []


# --- delete markers ---------------------------------------------------------------------------------------------------


def test_a_delete_hides_and_its_undoing_shows(s3, versioned, put):
    version = put(body=b"kept")
    gone = s3.delete_object(Bucket=versioned, Key="k")
    assert gone["DeleteMarker"] is True and gone["VersionId"] not in (version, "null")
    with refused(404, "NoSuchKey") as answer:
        s3.get_object(Bucket=versioned, Key="k")
    assert answer.headers["x-amz-delete-marker"] == "true"
    assert answer.headers["x-amz-version-id"] == gone["VersionId"]
    with refused(404, "404") as answer:
        s3.head_object(Bucket=versioned, Key="k")
    assert answer.headers["x-amz-delete-marker"] == "true"
    assert "Contents" not in s3.list_objects_v2(Bucket=versioned)
    assert body_of(s3, versioned, VersionId=version) == b"kept"
    assert listed(s3, versioned) == [("k", version, False, False), ("k", gone["VersionId"], True, True)]

    undone = s3.delete_object(Bucket=versioned, Key="k", VersionId=gone["VersionId"])
    assert (undone["DeleteMarker"], undone["VersionId"]) == (True, gone["VersionId"])
    assert body_of(s3, versioned) == b"kept"
    assert listed(s3, versioned) == [("k", version, True, False)]


@pytest.mark.parametrize("call_name", ["get_object", "head_object", "get_object_tagging"])
def test_a_marker_cannot_be_read(s3, versioned, call_name):
    marker = s3.delete_object(Bucket=versioned, Key="k")["VersionId"]
    code = "405" if call_name == "head_object" else "MethodNotAllowed"
    with refused(405, code) as answer:
        getattr(s3, call_name)(Bucket=versioned, Key="k", VersionId=marker)
    assert answer.headers["x-amz-delete-marker"] == "true"
    if call_name != "get_object_tagging":
        assert answer.headers["allow"] == "DELETE"
        assert "last-modified" in answer.headers


def test_a_marker_comes_also_for_a_key_that_never_was(s3, versioned):
    first = s3.delete_object(Bucket=versioned, Key="never")
    second = s3.delete_object(Bucket=versioned, Key="never")
    assert first["DeleteMarker"] and second["DeleteMarker"] and first["VersionId"] != second["VersionId"]
    assert listed(s3, versioned) == [("never", second["VersionId"], True, True), ("never", first["VersionId"], False, True)]


def test_a_version_deleted_by_its_id_is_gone_for_good(s3, versioned, put):
    ids = [put(body=b"%d" % i) for i in range(3)]
    answer = s3.delete_object(Bucket=versioned, Key="k", VersionId=ids[2])
    assert answer["VersionId"] == ids[2] and "DeleteMarker" not in answer
    assert body_of(s3, versioned) == b"1"
    s3.delete_object(Bucket=versioned, Key="k", VersionId=ids[0])
    assert listed(s3, versioned) == [("k", ids[1], True, False)]
    again = s3.delete_object(Bucket=versioned, Key="k", VersionId=ids[0])
    assert again["ResponseMetadata"]["HTTPStatusCode"] == 204


def test_below_a_marker_a_removed_version_stays_hidden(s3, versioned, put):
    first, second = put(body=b"1"), put(body=b"2")
    marker = s3.delete_object(Bucket=versioned, Key="k")["VersionId"]
    s3.delete_object(Bucket=versioned, Key="k", VersionId=second)
    with refused(404, "NoSuchKey"):
        s3.get_object(Bucket=versioned, Key="k")
    assert listed(s3, versioned) == [("k", first, False, False), ("k", marker, True, True)]


def test_many_are_deleted_at_once(s3, versioned, put):
    version = put("a", b"1")
    put("b", b"2")
    answer = s3.delete_objects(
        Bucket=versioned, Delete={"Objects": [{"Key": "a", "VersionId": version}, {"Key": "b"}, {"Key": "never"}]}
    )
    done = {item["Key"]: item for item in answer["Deleted"]}
    assert (done["a"]["VersionId"], done["a"].get("DeleteMarker")) == (version, None)
    assert done["b"]["DeleteMarker"] is True and done["b"]["DeleteMarkerVersionId"]
    marker = done["b"]["DeleteMarkerVersionId"]
    assert "VersionId" not in done["b"] and done["never"]["DeleteMarker"] is True
    answer = s3.delete_objects(Bucket=versioned, Delete={"Objects": [{"Key": "b", "VersionId": marker}]})
    [item] = answer["Deleted"]
    assert (item["VersionId"], item["DeleteMarkerVersionId"], item["DeleteMarker"]) == (marker, marker, True)
    assert body_of(s3, versioned, "b") == b"2"


def test_a_bucket_with_only_markers_is_not_empty(s3, versioned):
    s3.delete_object(Bucket=versioned, Key="k")
    with refused(409, "BucketNotEmpty"):
        s3.delete_bucket(Bucket=versioned)


def test_a_write_if_none_match_sees_a_deleted_key_as_absent(s3, versioned, put):
    put()
    with refused(412, "PreconditionFailed"):
        put(IfNoneMatch="*")
    s3.delete_object(Bucket=versioned, Key="k")
    put(IfNoneMatch="*", body=b"again")
    assert body_of(s3, versioned) == b"again"


# --- suspended --------------------------------------------------------------------------------------------------------


def test_suspended_writes_replace_the_null_version(s3, versioned, put):
    kept = put(body=b"kept")
    set_versioning(s3, versioned, "Suspended")
    assert s3.put_object(Bucket=versioned, Key="k", Body=b"null 1").get("VersionId") in (None, "null")
    s3.put_object(Bucket=versioned, Key="k", Body=b"null 2")
    answer = s3.get_object(Bucket=versioned, Key="k")
    assert (answer["VersionId"], answer["Body"].read()) == ("null", b"null 2")
    assert listed(s3, versioned) == [("k", "null", True, False), ("k", kept, False, False)]
    set_versioning(s3, versioned, "Enabled")
    newest = put(body=b"3")
    assert listed(s3, versioned) == [("k", newest, True, False), ("k", "null", False, False), ("k", kept, False, False)]
    assert body_of(s3, versioned, VersionId="null") == b"null 2"


def test_suspended_deletes_put_a_null_marker_in_the_place_of_the_null_version(s3, versioned, put):
    kept = put(body=b"kept")
    set_versioning(s3, versioned, "Suspended")
    s3.put_object(Bucket=versioned, Key="k", Body=b"null")
    gone = s3.delete_object(Bucket=versioned, Key="k")
    assert (gone["DeleteMarker"], gone["VersionId"]) == (True, "null")
    assert sorted(listed(s3, versioned)) == sorted([("k", "null", True, True), ("k", kept, False, False)])
    with refused(405, "MethodNotAllowed"):
        s3.get_object(Bucket=versioned, Key="k", VersionId="null")
    s3.delete_object(Bucket=versioned, Key="k", VersionId="null")
    assert body_of(s3, versioned) == b"kept"


def test_a_suspended_bucket_says_null(s3, versioned):
    set_versioning(s3, versioned, "Suspended")
    s3.put_object(Bucket=versioned, Key="k", Body=b"x")
    assert s3.head_object(Bucket=versioned, Key="k")["VersionId"] == "null"


def test_what_was_there_before_versioning_is_the_null_version(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"before")
    set_versioning(s3, bucket, "Enabled")
    assert s3.head_object(Bucket=bucket, Key="k")["VersionId"] == "null"
    new = s3.put_object(Bucket=bucket, Key="k", Body=b"after")["VersionId"]
    assert listed(s3, bucket) == [("k", new, True, False), ("k", "null", False, False)]
    assert body_of(s3, bucket, VersionId="null") == b"before"
    s3.delete_object(Bucket=bucket, Key="k", VersionId="null")
    assert listed(s3, bucket) == [("k", new, True, False)]
    forget_versions(s3, bucket)


# --- listing ----------------------------------------------------------------------------------------------------------


def test_listing_in_pages_of_every_size_is_the_same(s3, versioned, put):
    for i in range(3):
        for key in ("a", "b/1", "b/2", "c"):
            put(key, b"%d" % i)
    s3.delete_object(Bucket=versioned, Key="b/2")
    s3.delete_object(Bucket=versioned, Key="c")
    whole = s3.list_object_versions(Bucket=versioned)
    assert not whole["IsTruncated"] and len(whole["Versions"]) == 12 and len(whole["DeleteMarkers"]) == 2
    entries = sorted((v["Key"], v["VersionId"], v["IsLatest"]) for v in whole["Versions"] + whole["DeleteMarkers"])
    for size in (1, 2, 3, 5, 13):
        pages = []
        for page in s3.get_paginator("list_object_versions").paginate(
            Bucket=versioned, PaginationConfig={"PageSize": size}
        ):
            rows = page.get("Versions", []) + page.get("DeleteMarkers", [])
            assert len(rows) <= size
            pages += [(v["Key"], v["VersionId"], v["IsLatest"]) for v in rows]
        assert sorted(pages) == entries
    for key in ("a", "b/1", "b/2", "c"):
        times = [v["LastModified"] for v in whole["Versions"] if v["Key"] == key]
        assert times == sorted(times, reverse=True)


def test_listing_with_a_delimiter_rolls_up(s3, versioned, put):
    for key in ("a", "b/1", "b/2", "c/1", "d"):
        put(key)
        put(key)
    page = s3.list_object_versions(Bucket=versioned, Delimiter="/")
    assert [p["Prefix"] for p in page["CommonPrefixes"]] == ["b/", "c/"]
    assert [v["Key"] for v in page["Versions"]] == ["a", "a", "d", "d"]
    found, marker = [], {}
    while True:
        page = s3.list_object_versions(Bucket=versioned, Delimiter="/", MaxKeys=1, **marker)
        found += [v["Key"] for v in page.get("Versions", [])] + [p["Prefix"] for p in page.get("CommonPrefixes", [])]
        if not page["IsTruncated"]:
            break
        marker = {"KeyMarker": page["NextKeyMarker"]}
        if "NextVersionIdMarker" in page:
            marker["VersionIdMarker"] = page["NextVersionIdMarker"]
    assert found == ["a", "a", "b/", "c/", "d", "d"]


def test_a_key_marker_alone_skips_the_key(s3, versioned, put):
    put("a"), put("a"), put("b")
    assert [v["Key"] for v in s3.list_object_versions(Bucket=versioned, KeyMarker="a")["Versions"]] == ["b"]
    with refused(400, "InvalidArgument"):
        s3.list_object_versions(Bucket=versioned, VersionIdMarker="x")


def test_a_version_marker_that_has_been_deleted_still_marks_its_place(s3, versioned, put):
    ids = [put("a") for _ in range(4)]
    page = s3.list_object_versions(Bucket=versioned, MaxKeys=2)
    assert [v["VersionId"] for v in page["Versions"]] == [ids[3], ids[2]]
    s3.delete_object(Bucket=versioned, Key="a", VersionId=page["NextVersionIdMarker"])
    rest = s3.list_object_versions(
        Bucket=versioned, KeyMarker=page["NextKeyMarker"], VersionIdMarker=page["NextVersionIdMarker"]
    )
    assert [v["VersionId"] for v in rest["Versions"]] == [ids[1], ids[0]]


# --- copies and uploads -----------------------------------------------------------------------------------------------


def test_an_old_version_is_copied_over_the_current_one(s3, versioned, put):
    first = put(body=b"first", Metadata={"n": "1"})
    put(body=b"second")
    answer = s3.copy_object(
        Bucket=versioned, Key="k", CopySource={"Bucket": versioned, "Key": "k", "VersionId": first}
    )
    assert answer["CopySourceVersionId"] == first and answer["VersionId"] != first
    assert body_of(s3, versioned) == b"first"
    assert s3.head_object(Bucket=versioned, Key="k")["Metadata"] == {"n": "1"}
    assert len(listed(s3, versioned)) == 3


def test_copies_of_markers_and_of_nothing(s3, versioned, put):
    put()
    marker = s3.delete_object(Bucket=versioned, Key="k")["VersionId"]
    with refused(404, "NoSuchKey"):
        s3.copy_object(Bucket=versioned, Key="t", CopySource={"Bucket": versioned, "Key": "k"})
    with refused(400, "InvalidRequest"):
        s3.copy_object(Bucket=versioned, Key="t", CopySource={"Bucket": versioned, "Key": "k", "VersionId": marker})
    other = put("other")
    with refused(404, "NoSuchVersion"):
        s3.copy_object(Bucket=versioned, Key="t", CopySource={"Bucket": versioned, "Key": "k", "VersionId": other})


def test_a_part_is_copied_from_a_version(s3, versioned, put):
    first = put(body=b"first")
    put(body=b"second")
    upload = s3.create_multipart_upload(Bucket=versioned, Key="m")["UploadId"]
    part = s3.upload_part_copy(
        Bucket=versioned, Key="m", UploadId=upload, PartNumber=1,
        CopySource={"Bucket": versioned, "Key": "k", "VersionId": first},
    )  # fmt: skip
    assert part["CopySourceVersionId"] == first
    parts = [{"PartNumber": 1, "ETag": part["CopyPartResult"]["ETag"]}]
    s3.complete_multipart_upload(Bucket=versioned, Key="m", UploadId=upload, MultipartUpload={"Parts": parts})
    assert body_of(s3, versioned, "m") == b"first"


def test_a_completed_upload_is_a_version(s3, versioned, put):
    before = put("m", b"before")
    upload = s3.create_multipart_upload(Bucket=versioned, Key="m")["UploadId"]
    parts = []
    for number, body in ((1, b"p" * 5 * MIB), (2, b"end")):
        etag = s3.upload_part(Bucket=versioned, Key="m", UploadId=upload, PartNumber=number, Body=body)["ETag"]
        parts.append({"PartNumber": number, "ETag": etag})
    done = s3.complete_multipart_upload(Bucket=versioned, Key="m", UploadId=upload, MultipartUpload={"Parts": parts})
    assert done["VersionId"] not in (before, "null")
    assert listed(s3, versioned) == [("m", done["VersionId"], True, False), ("m", before, False, False)]
    again = s3.complete_multipart_upload(Bucket=versioned, Key="m", UploadId=upload, MultipartUpload={"Parts": parts})
    assert (again["VersionId"], again["ETag"]) == (done["VersionId"], done["ETag"])
    newer = put("m", b"newer")
    attributes = s3.get_object_attributes(
        Bucket=versioned, Key="m", VersionId=done["VersionId"], ObjectAttributes=["ObjectParts", "ObjectSize"]
    )
    assert attributes["VersionId"] == done["VersionId"] and attributes["ObjectParts"]["TotalPartsCount"] == 2
    assert body_of(s3, versioned, "m", VersionId=done["VersionId"]) == b"p" * 5 * MIB + b"end"
    assert body_of(s3, versioned, "m", VersionId=newer) == b"newer"


# --- the bucket's status ----------------------------------------------------------------------------------------------


def test_mfa_delete_is_refused(s3, bucket):
    with refused(501, "NotImplemented"):
        s3.put_bucket_versioning(
            Bucket=bucket, VersioningConfiguration={"Status": "Enabled", "MFADelete": "Enabled"}, MFA="serial 123456"
        )


@pytest.mark.parametrize("status", ["enabled", "Off", ""])
def test_a_status_that_is_none(server, bucket, status):
    url = f"{server.endpoint}/{bucket}?versioning"
    body = f"<VersioningConfiguration><Status>{status}</Status></VersioningConfiguration>".encode()
    got, _, answer = call(url, "PUT", body, signed("PUT", url))
    assert (got, code_of(answer)) == (400, "MalformedXML")
