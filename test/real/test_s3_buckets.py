# test_s3_buckets.py - buckets: making, naming, deleting, and what Terraform, CDK and the SDKs read about them.
import pytest
from botocore.exceptions import ClientError

from s3_help import refused


def test_a_bucket_is_listed_headed_and_deleted(s3):
    answer = s3.create_bucket(Bucket="lifetime-of-a-bucket")
    assert answer["Location"] == "/lifetime-of-a-bucket"
    s3.head_bucket(Bucket="lifetime-of-a-bucket")
    listing = s3.list_buckets()
    names = [bucket["Name"] for bucket in listing["Buckets"]]
    assert "lifetime-of-a-bucket" in names and names == sorted(names)
    assert listing["Owner"]["ID"]
    s3.get_waiter("bucket_exists").wait(Bucket="lifetime-of-a-bucket")
    s3.delete_bucket(Bucket="lifetime-of-a-bucket")
    assert "lifetime-of-a-bucket" not in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    with refused(404, "404"):
        s3.head_bucket(Bucket="lifetime-of-a-bucket")


def test_list_buckets_in_pages_and_by_prefix(s3):
    names = [f"paged-{letter}{letter}{letter}" for letter in "abcde"]
    for name in names:
        s3.create_bucket(Bucket=name)
    pages = list(s3.get_paginator("list_buckets").paginate(Prefix="paged-", PaginationConfig={"PageSize": 2}))
    assert [[bucket["Name"] for bucket in page["Buckets"]] for page in pages] == [names[:2], names[2:4], names[4:]]
    for name in names:
        s3.delete_bucket(Bucket=name)


def test_region_of_a_bucket(server, s3):
    west = server.client("s3", region="eu-west-1")
    west.create_bucket(Bucket="bucket-in-ireland", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    assert s3.get_bucket_location(Bucket="bucket-in-ireland")["LocationConstraint"] == "eu-west-1"
    assert west.head_bucket(Bucket="bucket-in-ireland")["BucketRegion"] == "eu-west-1"
    with refused(409, "BucketAlreadyOwnedByYou"):
        west.create_bucket(Bucket="bucket-in-ireland", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    west.delete_bucket(Bucket="bucket-in-ireland")


def test_us_east_1_has_no_location_constraint_and_forgives_a_second_create(s3, bucket):
    assert s3.get_bucket_location(Bucket=bucket)["LocationConstraint"] is None
    s3.put_object(Bucket=bucket, Key="kept", Body=b"x")
    s3.create_bucket(Bucket=bucket)
    assert s3.get_object(Bucket=bucket, Key="kept")["Body"].read() == b"x"


@pytest.mark.parametrize(
    "name",
    [
        "ab",
        "UPPERCASE",
        "under_score",
        "-dash-first",
        "dash-last-",
        "two..dots",
        "192.168.5.4",
        "xn--prefix",
        "b" * 64,
        "name-s3alias",
    ],
)
def test_names_that_are_no_bucket_names(s3, name):
    with refused(400, "InvalidBucketName"):
        s3.create_bucket(Bucket=name)


@pytest.mark.parametrize("name", ["abc", "b" * 63, "with.dots.in.it", "0starts-with-a-digit"])
def test_names_at_the_edge_of_the_rules(s3, name):
    s3.create_bucket(Bucket=name)
    s3.delete_bucket(Bucket=name)


def test_a_bucket_that_is_not_there(s3):
    for call in (s3.list_objects_v2, s3.list_objects, s3.get_bucket_location, s3.delete_bucket, s3.get_bucket_tagging):
        with refused(404, "NoSuchBucket") as answer:
            call(Bucket="no-such-bucket-here")
        assert answer.error["BucketName"] == "no-such-bucket-here"
    with refused(404, "NoSuchBucket"):
        s3.put_object(Bucket="no-such-bucket-here", Key="k", Body=b"x")
    with refused(404, "NoSuchBucket"):
        s3.get_object(Bucket="no-such-bucket-here", Key="k")


def test_a_bucket_with_something_in_it_stays(s3, bucket):
    s3.put_object(Bucket=bucket, Key="a", Body=b"")
    with refused(409, "BucketNotEmpty"):
        s3.delete_bucket(Bucket=bucket)
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 1


def test_tags(s3, bucket):
    with refused(404, "NoSuchTagSet"):
        s3.get_bucket_tagging(Bucket=bucket)
    tags = [{"Key": "team", "Value": "data + more: a@b"}, {"Key": "empty", "Value": ""}]
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tags})
    assert sorted(s3.get_bucket_tagging(Bucket=bucket)["TagSet"], key=str) == sorted(tags, key=str)
    s3.delete_bucket_tagging(Bucket=bucket)
    with refused(404, "NoSuchTagSet"):
        s3.get_bucket_tagging(Bucket=bucket)


def test_versioning_status(s3, bucket):
    assert "Status" not in s3.get_bucket_versioning(Bucket=bucket)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Suspended"


@pytest.mark.parametrize(
    "call, code",
    [
        ("get_bucket_policy", "NoSuchBucketPolicy"),
        ("get_bucket_policy_status", "NoSuchBucketPolicy"),
        ("get_bucket_cors", "NoSuchCORSConfiguration"),
        ("get_bucket_website", "NoSuchWebsiteConfiguration"),
        ("get_bucket_lifecycle_configuration", "NoSuchLifecycleConfiguration"),
        ("get_bucket_replication", "ReplicationConfigurationNotFoundError"),
        ("get_object_lock_configuration", "ObjectLockConfigurationNotFoundError"),
    ],
)
def test_what_a_new_bucket_does_not_have(s3, bucket, call, code):
    with refused(404, code):
        getattr(s3, call)(Bucket=bucket)


def test_what_a_new_bucket_has(s3, bucket):
    [rule] = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    [rule] = s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"]
    assert rule["ObjectOwnership"] == "BucketOwnerEnforced"
    blocked = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert blocked == dict.fromkeys(
        ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
    )
    acl = s3.get_bucket_acl(Bucket=bucket)
    assert [grant["Permission"] for grant in acl["Grants"]] == ["FULL_CONTROL"]
    assert acl["Grants"][0]["Grantee"]["ID"] == acl["Owner"]["ID"]
    assert s3.get_bucket_request_payment(Bucket=bucket)["Payer"] == "BucketOwner"
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=bucket)
    assert "Status" not in s3.get_bucket_accelerate_configuration(Bucket=bucket)
    notifications = s3.get_bucket_notification_configuration(Bucket=bucket)
    assert not [key for key in notifications if key.endswith("Configurations")]


def test_an_operation_that_does_not_exist_is_refused_in_s3s_words(s3, bucket):
    with pytest.raises(ClientError) as refusal:
        s3.get_bucket_inventory_configuration(Bucket=bucket, Id="none")
    assert refusal.value.response["Error"]["Code"] in ("NoSuchConfiguration", "NotImplemented")


def test_a_website_is_kept_though_not_served(s3, bucket):
    site = {
        "IndexDocument": {"Suffix": "index.html"},
        "ErrorDocument": {"Key": "error.html"},
        "RoutingRules": [{"Condition": {"KeyPrefixEquals": "a/"}, "Redirect": {"ReplaceKeyPrefixWith": "b/"}}],
    }
    s3.put_bucket_website(Bucket=bucket, WebsiteConfiguration=site)
    answer = s3.get_bucket_website(Bucket=bucket)
    assert {name: answer[name] for name in site} == site
    redirect = {"RedirectAllRequestsTo": {"HostName": "example.com", "Protocol": "https"}}
    s3.put_bucket_website(Bucket=bucket, WebsiteConfiguration=redirect)
    assert s3.get_bucket_website(Bucket=bucket)["RedirectAllRequestsTo"] == redirect["RedirectAllRequestsTo"]
    for refusal, config in (
        ("InvalidRequest", redirect | site),
        ("InvalidArgument", {"ErrorDocument": {"Key": "e"}}),
        ("InvalidArgument", {"IndexDocument": {"Suffix": "a/index.html"}}),
    ):
        with refused(400, refusal):
            s3.put_bucket_website(Bucket=bucket, WebsiteConfiguration=config)
    s3.delete_bucket_website(Bucket=bucket)
    with refused(404, "NoSuchWebsiteConfiguration"):
        s3.get_bucket_website(Bucket=bucket)
