# test_s3_lock.py - object lock, encryption as it is remembered, and the records that notifications are made of.
import json
import sqlite3
from datetime import datetime, timedelta, timezone

import pytest

from s3_help import refused
from test_s3_versions import set_versioning

LATER = datetime.now(timezone.utc).replace(microsecond=0) + timedelta(days=30)
LOCK = {"ObjectLockEnabled": "Enabled"}


@pytest.fixture(scope="module")
def locked(s3):
    """A bucket with the lock; what is locked in it for good stays with the shared server."""
    s3.create_bucket(Bucket="locked-bucket", ObjectLockEnabledForBucket=True)
    return "locked-bucket"


def put(s3, bucket, key="k", **more):
    return s3.put_object(Bucket=bucket, Key=key, Body=b"x", **more)["VersionId"]


def remove(s3, bucket, version, key="k", **more):
    return s3.delete_object(Bucket=bucket, Key=key, VersionId=version, **more)


def test_a_bucket_made_with_the_lock(s3, locked):
    assert s3.get_object_lock_configuration(Bucket=locked)["ObjectLockConfiguration"] == LOCK
    assert s3.get_bucket_versioning(Bucket=locked)["Status"] == "Enabled"
    with refused(409, "InvalidBucketState"):
        set_versioning(s3, locked, "Suspended")


def test_the_lock_comes_later_only_with_versioning(s3, bucket):
    with refused(409, "InvalidBucketState"):
        s3.put_object_lock_configuration(Bucket=bucket, ObjectLockConfiguration=LOCK)
    with refused(400, "InvalidRequest"):
        s3.put_object(Bucket=bucket, Key="k", Body=b"x", ObjectLockLegalHoldStatus="ON")
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    for call in (s3.get_object_retention, s3.get_object_legal_hold):
        with refused(400, "InvalidRequest"):
            call(Bucket=bucket, Key="k")
    set_versioning(s3, bucket, "Enabled")
    s3.put_object_lock_configuration(Bucket=bucket, ObjectLockConfiguration=LOCK)
    assert s3.get_object_lock_configuration(Bucket=bucket)["ObjectLockConfiguration"] == LOCK
    s3.delete_object(Bucket=bucket, Key="k", VersionId="null")


@pytest.mark.parametrize(
    "code, retention",
    [
        ("MalformedXML", {"Mode": "GOVERNANCE"}),
        ("MalformedXML", {"Mode": "GOVERNANCE", "Days": 1, "Years": 1}),
        ("MalformedXML", {"Mode": "governance", "Days": 1}),
        ("InvalidRetentionPeriod", {"Mode": "GOVERNANCE", "Days": 0}),
        ("InvalidRetentionPeriod", {"Mode": "GOVERNANCE", "Years": -1}),
        ("InvalidRetentionPeriod", {"Mode": "GOVERNANCE", "Years": 101}),
    ],
)
def test_defaults_that_are_refused(s3, locked, code, retention):
    with refused(400, code):
        s3.put_object_lock_configuration(Bucket=locked, ObjectLockConfiguration=LOCK | {"Rule": {"DefaultRetention": retention}})


def test_a_default_retention_is_given_to_new_versions(s3):
    s3.create_bucket(Bucket="locked-by-default", ObjectLockEnabledForBucket=True)
    config = LOCK | {"Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 3}}}
    s3.put_object_lock_configuration(Bucket="locked-by-default", ObjectLockConfiguration=config)
    assert s3.get_object_lock_configuration(Bucket="locked-by-default")["ObjectLockConfiguration"] == config
    version = put(s3, "locked-by-default")
    head = s3.head_object(Bucket="locked-by-default", Key="k")
    left = head["ObjectLockRetainUntilDate"] - head["LastModified"]
    assert head["ObjectLockMode"] == "GOVERNANCE" and timedelta(days=2, hours=23) < left <= timedelta(days=3)
    remove(s3, "locked-by-default", version, BypassGovernanceRetention=True)
    s3.delete_bucket(Bucket="locked-by-default")


def test_governance_yields_only_to_the_bypass(s3, locked):
    version = put(s3, locked, ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=LATER)
    answer = s3.get_object_retention(Bucket=locked, Key="k", VersionId=version)["Retention"]
    assert answer == {"Mode": "GOVERNANCE", "RetainUntilDate": LATER}
    with refused(403, "AccessDenied"):
        remove(s3, locked, version)
    answer = s3.delete_objects(Bucket=locked, Delete={"Objects": [{"Key": "k", "VersionId": version}]})
    assert [error["Code"] for error in answer["Errors"]] == ["AccessDenied"]
    marker = s3.delete_object(Bucket=locked, Key="k")["VersionId"]  # hides it; nothing is lost
    remove(s3, locked, marker)

    def retain(until, mode="GOVERNANCE", **more):
        retention = {"Mode": mode, "RetainUntilDate": until}
        s3.put_object_retention(Bucket=locked, Key="k", VersionId=version, Retention=retention, **more)

    retain(LATER + timedelta(days=1))
    with refused(403, "AccessDenied"):
        retain(LATER)
    with refused(403, "AccessDenied"):
        s3.put_object_retention(Bucket=locked, Key="k", VersionId=version, Retention={})
    retain(LATER, BypassGovernanceRetention=True)
    remove(s3, locked, version, BypassGovernanceRetention=True)


def test_compliance_yields_to_nobody(s3, locked):
    version = put(s3, locked, "compliant", ObjectLockMode="COMPLIANCE", ObjectLockRetainUntilDate=LATER)
    with refused(403, "AccessDenied"):
        remove(s3, locked, version, "compliant", BypassGovernanceRetention=True)
    for retention in ({"Mode": "GOVERNANCE", "RetainUntilDate": LATER + timedelta(days=2)}, {"Mode": "COMPLIANCE", "RetainUntilDate": LATER - timedelta(days=2)}, {}):
        with refused(403, "AccessDenied"):
            s3.put_object_retention(Bucket=locked, Key="compliant", Retention=retention, BypassGovernanceRetention=True)


def test_a_legal_hold_is_put_and_lifted(s3, locked):
    version = put(s3, locked, ObjectLockLegalHoldStatus="ON")
    assert s3.head_object(Bucket=locked, Key="k")["ObjectLockLegalHoldStatus"] == "ON"
    with refused(403, "AccessDenied"):
        remove(s3, locked, version, BypassGovernanceRetention=True)
    s3.put_object_legal_hold(Bucket=locked, Key="k", VersionId=version, LegalHold={"Status": "OFF"})
    assert s3.get_object_legal_hold(Bucket=locked, Key="k", VersionId=version)["LegalHold"] == {"Status": "OFF"}
    remove(s3, locked, version)


def test_locks_that_are_refused_or_absent(s3, locked):
    version = put(s3, locked)
    for call in (s3.get_object_retention, s3.get_object_legal_hold):
        with refused(404, "NoSuchObjectLockConfiguration"):
            call(Bucket=locked, Key="k")
    with refused(400, "InvalidArgument"):
        put(s3, locked, ObjectLockMode="GOVERNANCE")
    with refused(400, "InvalidArgument"):
        put(s3, locked, ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=LATER - timedelta(days=60))
    with refused(400, "InvalidArgument"):
        s3.put_object_retention(Bucket=locked, Key="k", Retention={"Mode": "GOVERNANCE", "RetainUntilDate": LATER - timedelta(days=60)})
    with refused(400, "MalformedXML"):
        s3.put_object_legal_hold(Bucket=locked, Key="k", LegalHold={"Status": "on"})
    remove(s3, locked, version)


def test_a_copy_has_its_own_lock(s3, locked):
    version = put(s3, locked, ObjectLockLegalHoldStatus="ON")
    copy = s3.copy_object(Bucket=locked, Key="copy", CopySource={"Bucket": locked, "Key": "k"})["VersionId"]
    assert "ObjectLockLegalHoldStatus" not in s3.head_object(Bucket=locked, Key="copy")
    remove(s3, locked, copy, "copy")
    s3.put_object_legal_hold(Bucket=locked, Key="k", LegalHold={"Status": "OFF"})
    remove(s3, locked, version)


# --- encryption -------------------------------------------------------------------------------------------------------


def test_encryption_is_told_as_it_was_asked_for_or_as_the_bucket_says(s3, bucket):
    assert s3.put_object(Bucket=bucket, Key="k", Body=b"x", ServerSideEncryption="AES256")["ServerSideEncryption"] == "AES256"
    key = "arn:aws:kms:us-east-1:000000000000:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", ServerSideEncryption="aws:kms", SSEKMSKeyId=key)
    head = s3.head_object(Bucket=bucket, Key="k")
    assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", key)
    copy = s3.copy_object(Bucket=bucket, Key="c", CopySource={"Bucket": bucket, "Key": "k"}, ServerSideEncryption="AES256")
    assert (copy["ServerSideEncryption"], copy.get("SSEKMSKeyId")) == ("AES256", None)
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}, "BucketKeyEnabled": True}
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})
    assert s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"] == [rule]
    answer = s3.put_object(Bucket=bucket, Key="d", Body=b"x")
    assert (answer["ServerSideEncryption"], answer["SSEKMSKeyId"]) == ("aws:kms", key)
    with refused(400, "InvalidArgument"):
        s3.put_object(Bucket=bucket, Key="k", Body=b"x", ServerSideEncryption="AES256", SSEKMSKeyId=key)
    with refused(400, "InvalidArgument"):
        s3.put_object(Bucket=bucket, Key="k", Body=b"x", ServerSideEncryption="ROT13")
    with refused(501, "NotImplemented"):
        s3.put_object(Bucket=bucket, Key="k", Body=b"x", SSECustomerAlgorithm="AES256", SSECustomerKey="0" * 32)


# --- records of events ------------------------------------------------------------------------------------------------


def test_what_happens_to_objects_is_recorded_for_those_who_asked(own_server):
    s3 = own_server.client("s3")
    s3.create_bucket(Bucket="watched")
    s3.put_object(Bucket="watched", Key="in/before", Body=b"x")
    queue = {"QueueArn": "arn:aws:sqs:us-east-1:000000000000:q", "Events": ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"],
             "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "in/"}]}}}  # fmt: skip
    s3.put_bucket_notification_configuration(Bucket="watched", NotificationConfiguration={"QueueConfigurations": [queue]},
                                               SkipDestinationValidation=True)  # fmt: skip
    etag = s3.put_object(Bucket="watched", Key="in/a", Body=b"123")["ETag"].strip('"')
    s3.put_object(Bucket="watched", Key="out/a", Body=b"x")
    s3.copy_object(Bucket="watched", Key="in/c", CopySource={"Bucket": "watched", "Key": "out/a"})
    s3.put_object_tagging(Bucket="watched", Key="in/a", Tagging={"TagSet": []})
    set_versioning(s3, "watched", "Enabled")
    marker = s3.delete_object(Bucket="watched", Key="in/a")["VersionId"]
    s3.delete_objects(Bucket="watched", Delete={"Objects": [{"Key": "in/a", "VersionId": marker}]})
    own_server.stop()
    with sqlite3.connect(own_server.data / "state.db") as db:
        rows = db.execute("SELECT parent, id, to_state, message FROM changed WHERE service = 's3-object' ORDER BY n").fetchall()
    assert [(parent, key, event) for parent, key, event, _ in rows] == [
        ("watched", "in/a", "ObjectCreated:Put"),
        ("watched", "in/c", "ObjectCreated:Copy"),
        ("watched", "in/a", "ObjectRemoved:DeleteMarkerCreated"),
        ("watched", "in/a", "ObjectRemoved:Delete"),
    ]
    messages = [json.loads(message) for *_, message in rows]
    assert (messages[0]["size"], messages[0]["eTag"]) == (3, etag) and "versionId" not in messages[0]
    assert messages[2]["versionId"] == messages[3]["versionId"] == marker
    sequencers = [message["sequencer"] for message in messages]
    assert sequencers == sorted(set(sequencers))
