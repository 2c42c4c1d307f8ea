# test_s3_lifecycle.py - lifecycle rules: which S3 takes, in whose words it refuses others, and that they are carried out.
import re
from datetime import datetime, timedelta, timezone

import pytest

from s3_help import refused
from server import wait_for
from test_s3_versions import forget_versions, listed, set_versioning

PAST = datetime(2021, 5, 1, tzinfo=timezone.utc)


def put_rules(s3, bucket, *rules, **more):
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": list(rules)}, **more)


def rule(**parts):
    return {"ID": "r", "Status": "Enabled", "Filter": {"Prefix": ""}} | parts


# --- what is kept -----------------------------------------------------------------------------------------------------


def test_rules_come_back_as_they_were_put(s3, bucket):
    rules = [
        rule(ID="whole", Filter={}, Expiration={"Days": 400}),
        rule(ID="prefix", Filter={"Prefix": "a/"}, Expiration={"Date": datetime(2100, 1, 1, tzinfo=timezone.utc)}),
        rule(ID="tag", Filter={"Tag": {"Key": "k", "Value": "v"}}, Expiration={"Days": 1}, Status="Disabled"),
        rule(
            ID="and",
            Filter={"And": {"Prefix": "b/", "Tags": [{"Key": "k", "Value": "v"}], "ObjectSizeGreaterThan": 10, "ObjectSizeLessThan": 99}},
            Transitions=[{"Days": 30, "StorageClass": "STANDARD_IA"}, {"Days": 60, "StorageClass": "GLACIER"}],
            Expiration={"Days": 90},
        ),
        rule(
            ID="versions", Filter={"Prefix": "c/"},
            NoncurrentVersionExpiration={"NoncurrentDays": 3, "NewerNoncurrentVersions": 2},
            NoncurrentVersionTransitions=[{"NoncurrentDays": 30, "StorageClass": "GLACIER"}],
        ),
        rule(ID="uploads", Filter={"Prefix": "d/"}, AbortIncompleteMultipartUpload={"DaysAfterInitiation": 7}),
        rule(ID="markers", Filter={"Prefix": "e/"}, Expiration={"ExpiredObjectDeleteMarker": True}),
    ]  # fmt: skip
    put_rules(s3, bucket, *rules)
    answer = s3.get_bucket_lifecycle_configuration(Bucket=bucket)
    assert answer["Rules"] == rules
    assert answer["TransitionDefaultMinimumObjectSize"] == "all_storage_classes_128K"
    s3.delete_bucket_lifecycle(Bucket=bucket)
    with refused(404, "NoSuchLifecycleConfiguration"):
        s3.get_bucket_lifecycle_configuration(Bucket=bucket)
    s3.delete_bucket_lifecycle(Bucket=bucket)


def test_the_old_form_and_a_rule_without_an_id(s3, bucket):
    put_rules(s3, bucket, {"Prefix": "old/", "Status": "Enabled", "Expiration": {"Days": 5}})
    [kept] = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    assert kept.pop("ID") and kept == {"Prefix": "old/", "Status": "Enabled", "Expiration": {"Days": 5}}


@pytest.mark.parametrize(
    "code, rules",
    [
        ("MalformedXML", []),
        ("MalformedXML", [rule(Status="enabled", Expiration={"Days": 1})]),
        ("MalformedXML", [{"ID": "r", "Status": "Enabled", "Expiration": {"Days": 1}}]),
        ("MalformedXML", [rule(Prefix="a", Expiration={"Days": 1})]),
        ("MalformedXML", [rule(Filter={"Prefix": "a", "Tag": {"Key": "k", "Value": "v"}}, Expiration={"Days": 1})]),
        ("MalformedXML", [rule(Expiration={"Days": 1, "Date": PAST})]),
        ("MalformedXML", [rule(Expiration={"Days": 1, "ExpiredObjectDeleteMarker": True})]),
        ("MalformedXML", [rule(Transitions=[{"StorageClass": "GLACIER"}])]),
        ("MalformedXML", [rule(Transitions=[{"Days": 1, "StorageClass": "CELLAR"}])]),
        ("InvalidArgument", [rule(Expiration={"Days": 0})]),
        ("InvalidArgument", [rule(Expiration={"Days": -1})]),
        ("InvalidArgument", [rule(Expiration={"Date": PAST + timedelta(hours=1)})]),
        ("InvalidArgument", [rule(ID="i" * 256, Expiration={"Days": 1})]),
        ("InvalidArgument", [rule(Expiration={"Days": 1}), rule(Filter={"Prefix": "b"}, Expiration={"Days": 1})]),
        ("InvalidArgument", [rule(NoncurrentVersionExpiration={"NoncurrentDays": 0})]),
        ("InvalidArgument", [rule(NoncurrentVersionExpiration={"NoncurrentDays": 1, "NewerNoncurrentVersions": 101})]),
        ("InvalidArgument", [rule(AbortIncompleteMultipartUpload={"DaysAfterInitiation": 0})]),
        ("InvalidArgument", [rule(Transitions=[{"Days": 29, "StorageClass": "STANDARD_IA"}])]),
        ("InvalidArgument", [rule(Transitions=[{"Days": 40, "StorageClass": "GLACIER"}], Expiration={"Days": 40})]),
        ("InvalidRequest", [rule()]),
        ("InvalidRequest", [rule(Expiration={"Days": 1}), rule(ID="s", Expiration={"Days": 2})]),
        ("InvalidRequest", [rule(Transitions=[{"Date": PAST, "StorageClass": "GLACIER"}], Expiration={"Days": 40})]),
        ("InvalidRequest", [rule(Filter={"Tag": {"Key": "k", "Value": "v"}}, AbortIncompleteMultipartUpload={"DaysAfterInitiation": 1})]),
        ("InvalidRequest", [rule(Filter={"And": {"ObjectSizeGreaterThan": 9, "ObjectSizeLessThan": 9}}, Expiration={"Days": 1})]),
    ],
)  # fmt: skip
def test_rules_that_are_refused(s3, bucket, code, rules):
    with refused(400, code):
        put_rules(s3, bucket, *rules)
    with refused(404, "NoSuchLifecycleConfiguration"):
        s3.get_bucket_lifecycle_configuration(Bucket=bucket)


# --- the header -------------------------------------------------------------------------------------------------------


def test_objects_tell_when_they_will_expire(s3, bucket):
    put_rules(
        s3, bucket,
        rule(ID="ten days", Filter={"Prefix": "a/"}, Expiration={"Days": 10}),
        rule(ID="five", Filter={"And": {"Prefix": "a/", "Tags": [{"Key": "short", "Value": "yes"}]}}, Expiration={"Days": 5}),
        rule(ID="off", Filter={"Prefix": "c"}, Expiration={"Days": 5}, Status="Disabled"),
    )  # fmt: skip

    def days_of(answer, name):
        found = re.fullmatch(r'expiry-date="([^"]*)", rule-id="([^"]*)"', answer["Expiration"])
        date = datetime.strptime(found[1], "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=timezone.utc)
        assert (date.hour, date.minute, date.second, found[2]) == (0, 0, 0, name)
        left = date - s3.head_object(Bucket=bucket, Key="a/k")["LastModified"]
        return left.total_seconds() / 86400

    put = s3.put_object(Bucket=bucket, Key="a/k", Body=b"x")
    assert 10 <= days_of(put, "ten%20days") <= 11
    assert s3.head_object(Bucket=bucket, Key="a/k")["Expiration"] == put["Expiration"]
    assert s3.get_object(Bucket=bucket, Key="a/k")["Expiration"] == put["Expiration"]
    assert 5 <= days_of(s3.put_object(Bucket=bucket, Key="a/k", Body=b"x", Tagging="short=yes"), "five") <= 6
    copy = s3.copy_object(Bucket=bucket, Key="a/c", CopySource={"Bucket": bucket, "Key": "a/k"})
    assert 5 <= days_of(copy, "five") <= 6
    upload = s3.create_multipart_upload(Bucket=bucket, Key="a/m")["UploadId"]
    part = s3.upload_part(Bucket=bucket, Key="a/m", UploadId=upload, PartNumber=1, Body=b"x")
    done = s3.complete_multipart_upload(
        Bucket=bucket, Key="a/m", UploadId=upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    )
    assert 10 <= days_of(done, "ten%20days") <= 11
    assert "Expiration" not in s3.put_object(Bucket=bucket, Key="b", Body=b"x")
    assert "Expiration" not in s3.put_object(Bucket=bucket, Key="c", Body=b"x")


# --- carried out ------------------------------------------------------------------------------------------------------


def keys(s3, bucket):
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return [item["Key"] for page in pages for item in page.get("Contents", [])]


def test_what_is_due_expires_and_the_rest_stays(s3, bucket):
    for i in range(130):
        s3.put_object(Bucket=bucket, Key=f"old/{i:03}", Body=b"x")
        s3.put_object(Bucket=bucket, Key=f"zz/{i:03}", Body=b"x")
    s3.put_object(Bucket=bucket, Key="new/small", Body=b"x")
    s3.put_object(Bucket=bucket, Key="new/large", Body=b"x" * 100)
    s3.put_object(Bucket=bucket, Key="new/tagged", Body=b"x", Tagging="keep=no")
    s3.put_object(Bucket=bucket, Key="off/k", Body=b"x")
    put_rules(
        s3, bucket,
        rule(ID="1", Filter={"Prefix": "old/"}, Expiration={"Date": PAST}),
        rule(ID="2", Filter={"Prefix": "zz/"}, Expiration={"Date": PAST}),
        rule(ID="3", Filter={"And": {"Prefix": "new/", "ObjectSizeGreaterThan": 99}}, Expiration={"Date": PAST}),
        rule(ID="4", Filter={"Tag": {"Key": "keep", "Value": "no"}}, Expiration={"Date": PAST}),
        rule(ID="5", Filter={"Prefix": "off/"}, Expiration={"Date": PAST}, Status="Disabled"),
        rule(ID="6", Filter={"Prefix": "new/s"}, Expiration={"Days": 1}),
    )  # fmt: skip
    wait_for(lambda: keys(s3, bucket) == ["new/small", "off/k"], what="the rules to be carried out")


def test_in_a_versioned_bucket_an_expired_object_gets_a_marker(s3, bucket):
    set_versioning(s3, bucket, "Enabled")
    version = s3.put_object(Bucket=bucket, Key="k", Body=b"x")["VersionId"]
    put_rules(s3, bucket, rule(Expiration={"Date": PAST}))
    wait_for(lambda: not keys(s3, bucket), what="the object to be hidden")
    [marker] = s3.list_object_versions(Bucket=bucket)["DeleteMarkers"]
    assert listed(s3, bucket) == [("k", version, False, False), ("k", marker["VersionId"], True, True)]
    s3.delete_bucket_lifecycle(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="later", Body=b"x")
    assert keys(s3, bucket) == ["later"]
    forget_versions(s3, bucket)


def test_markers_with_nothing_below_them_go(s3, bucket):
    set_versioning(s3, bucket, "Enabled")
    s3.delete_object(Bucket=bucket, Key="alone")
    s3.put_object(Bucket=bucket, Key="kept", Body=b"x")
    s3.delete_object(Bucket=bucket, Key="kept")
    put_rules(s3, bucket, rule(Expiration={"ExpiredObjectDeleteMarker": True}))
    wait_for(lambda: {key for key, *_ in listed(s3, bucket)} == {"kept"}, what="the lone marker to go")
    assert len(listed(s3, bucket)) == 2
    forget_versions(s3, bucket)


def test_rules_are_carried_out_after_a_crash(own_server):
    s3 = own_server.client("s3")
    s3.create_bucket(Bucket="crashing")
    for i in range(300):
        s3.put_object(Bucket="crashing", Key=f"{i:03}", Body=b"x")
    put_rules(s3, "crashing", rule(Expiration={"Date": PAST}))
    own_server.kill()
    own_server.start()
    s3 = own_server.client("s3")
    wait_for(lambda: not keys(s3, "crashing"), what="the rules to be carried out")
    s3.delete_bucket(Bucket="crashing")
