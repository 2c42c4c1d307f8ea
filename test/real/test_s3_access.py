# test_s3_access.py - bucket policies, public access blocks, ownership and access lists: checked, kept, told, and kept apart.
import json

import pytest

from s3_help import call, code_of, refused, signed

EVERYBODY = "http://acs.amazonaws.com/groups/global/AllUsers"
OPEN = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), False)


def statement(bucket, **parts):
    s = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "s3:GetObject",
         "Resource": f"arn:aws:s3:::{bucket}/*"} | parts  # fmt: skip
    return {name: value for name, value in s.items() if value is not None}


def put_policy(s3, bucket, *statements, **more):
    document = {"Version": "2012-10-17", "Statement": list(statements)} | more
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(document))
    return json.dumps(document)


def is_public(s3, bucket):
    return s3.get_bucket_policy_status(Bucket=bucket)["PolicyStatus"]["IsPublic"]


# --- policies ---------------------------------------------------------------------------------------------------------


def test_a_policy_comes_back_as_it_was_put(s3, bucket):
    text = put_policy(s3, bucket, statement(bucket, Sid="one"), statement(bucket, Sid="two", Effect="Deny"), Id="i")
    assert s3.get_bucket_policy(Bucket=bucket)["Policy"] == text
    assert not is_public(s3, bucket)
    s3.delete_bucket_policy(Bucket=bucket)
    with refused(404, "NoSuchBucketPolicy"):
        s3.get_bucket_policy(Bucket=bucket)
    s3.delete_bucket_policy(Bucket=bucket)


@pytest.mark.parametrize(
    "parts, reason",
    [
        ({"Effect": None}, "Missing required field Effect"),
        ({"Effect": "allow"}, "Invalid effect: allow"),
        ({"Principal": None}, "Missing required field Principal"),
        ({"Principal": {"AWS": "nobody"}}, "Invalid principal in policy"),
        ({"Principal": {"Person": "*"}}, "Invalid principal in policy"),
        ({"Action": None}, "Missing required field Action"),
        ({"Action": "ec2:RunInstances"}, "Policy has invalid action"),
        ({"Resource": None}, "Missing required field Resource"),
        ({"Resource": "arn:aws:s3:::another-bucket/*"}, "Policy has invalid resource"),
        ({"Resource": "no-arn"}, "Policy has invalid resource"),
        ({"Action": "s3:ListBucket", "Resource": "arn:aws:s3:::{}/a"}, "Action does not apply to any resource(s) in statement"),
        ({"Resource": "arn:aws:s3:::{}"}, "Action does not apply to any resource(s) in statement"),
        ({"Condition": {"StringIs": {"aws:userid": "x"}}}, "Invalid Condition type : StringIs"),
        ({"Colour": "red"}, "Unknown field Colour"),
    ],
)  # fmt: skip
def test_policies_that_are_malformed(s3, bucket, parts, reason):
    parts = {k: v.replace("{}", bucket) if isinstance(v, str) else v for k, v in parts.items()}
    with refused(400, "MalformedPolicy") as answer:
        put_policy(s3, bucket, statement(bucket, **parts))
    assert answer.error["Message"] == reason


@pytest.mark.parametrize("text", ["", "nothing", "[]", "{", '{"Version": "2012-10-17"}', '{"Version": "2012-10-17", "Statement": []}'])
def test_documents_that_are_none(s3, bucket, text):
    with refused(400, "MissingRequestBodyError" if not text else "MalformedPolicy"):
        s3.put_bucket_policy(Bucket=bucket, Policy=text)


def test_a_wrong_version_and_twins(s3, bucket):
    with refused(400, "MalformedPolicy"):
        put_policy(s3, bucket, statement(bucket), Version="2020-01-01")
    with refused(400, "MalformedPolicy"):
        put_policy(s3, bucket, statement(bucket, Sid="s"), statement(bucket, Sid="s"))


def test_a_public_policy_is_blocked_until_the_block_goes(s3, bucket):
    public = statement(bucket, Principal="*")
    with refused(403, "AccessDenied"):
        put_policy(s3, bucket, public)
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=OPEN)
    assert s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"] == OPEN
    put_policy(s3, bucket, public)
    assert is_public(s3, bucket)
    put_policy(s3, bucket, statement(bucket, Principal={"AWS": "*"}, Condition={"StringEquals": {"aws:SourceAccount": "123456789012"}}))
    assert not is_public(s3, bucket)
    put_policy(s3, bucket, statement(bucket, Principal="*", Effect="Deny"))
    assert not is_public(s3, bucket)
    s3.delete_public_access_block(Bucket=bucket)
    with refused(404, "NoSuchPublicAccessBlockConfiguration"):
        s3.get_public_access_block(Bucket=bucket)


# --- ownership and lists ----------------------------------------------------------------------------------------------


@pytest.fixture
def owned(s3):
    """A bucket whose ownership allows lists, and which nothing blocks."""
    name = "bucket-with-lists"
    s3.create_bucket(Bucket=name, ObjectOwnership="ObjectWriter")
    s3.delete_public_access_block(Bucket=name)
    yield name
    for item in s3.list_objects_v2(Bucket=name).get("Contents", []):
        s3.delete_object(Bucket=name, Key=item["Key"])
    s3.delete_bucket(Bucket=name)


def told(answer):
    return [(g["Grantee"].get("URI") or g["Grantee"]["ID"], g["Permission"]) for g in answer["Grants"]]


def test_lists_are_off_by_default(s3, bucket):
    for acl in ("private", "bucket-owner-full-control"):
        s3.put_object(Bucket=bucket, Key="k", Body=b"x", ACL=acl)
    with refused(400, "AccessControlListNotSupported"):
        s3.put_object(Bucket=bucket, Key="k", Body=b"x", ACL="public-read")
    with refused(400, "AccessControlListNotSupported"):
        s3.put_bucket_acl(Bucket=bucket, ACL="public-read")
    with refused(400, "InvalidBucketAclWithObjectOwnership"):
        s3.create_bucket(Bucket="never-made", ACL="public-read")


def test_ownership_is_kept(s3, bucket, owned):
    def ownership(name):
        [rule] = s3.get_bucket_ownership_controls(Bucket=name)["OwnershipControls"]["Rules"]
        return rule["ObjectOwnership"]

    assert (ownership(bucket), ownership(owned)) == ("BucketOwnerEnforced", "ObjectWriter")
    s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]})
    assert ownership(bucket) == "BucketOwnerPreferred"
    s3.delete_bucket_ownership_controls(Bucket=bucket)
    with refused(404, "OwnershipControlsNotFoundError"):
        s3.get_bucket_ownership_controls(Bucket=bucket)


@pytest.mark.parametrize(
    "acl, groups",
    [
        ("private", []),
        ("public-read", [(EVERYBODY, "READ")]),
        ("public-read-write", [(EVERYBODY, "READ"), (EVERYBODY, "WRITE")]),
        ("authenticated-read", [("http://acs.amazonaws.com/groups/global/AuthenticatedUsers", "READ")]),
    ],
)
def test_canned_lists(s3, owned, acl, groups):
    owner = s3.get_bucket_acl(Bucket=owned)["Owner"]["ID"]
    s3.put_bucket_acl(Bucket=owned, ACL=acl)
    assert told(s3.get_bucket_acl(Bucket=owned)) == [(owner, "FULL_CONTROL")] + groups
    s3.put_object(Bucket=owned, Key="k", Body=b"x", ACL=acl)
    assert told(s3.get_object_acl(Bucket=owned, Key="k")) == [(owner, "FULL_CONTROL")] + groups
    s3.copy_object(Bucket=owned, Key="copy", CopySource={"Bucket": owned, "Key": "k"})
    assert told(s3.get_object_acl(Bucket=owned, Key="copy")) == [(owner, "FULL_CONTROL")]
    upload = s3.create_multipart_upload(Bucket=owned, Key="m", ACL=acl)["UploadId"]
    part = s3.upload_part(Bucket=owned, Key="m", UploadId=upload, PartNumber=1, Body=b"x")["ETag"]
    s3.complete_multipart_upload(Bucket=owned, Key="m", UploadId=upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part}]})
    assert told(s3.get_object_acl(Bucket=owned, Key="m")) == [(owner, "FULL_CONTROL")] + groups


def test_grants_in_headers_and_bodies(s3, owned):
    s3.put_object(Bucket=owned, Key="k", Body=b"x", GrantRead=f'uri="{EVERYBODY}"', GrantFullControl=f'id="{"a" * 64}"')
    assert told(s3.get_object_acl(Bucket=owned, Key="k")) == [("a" * 64, "FULL_CONTROL"), (EVERYBODY, "READ")]
    policy = s3.get_object_acl(Bucket=owned, Key="k")
    policy = {"Owner": policy["Owner"], "Grants": policy["Grants"][1:]}
    s3.put_object_acl(Bucket=owned, Key="k", AccessControlPolicy=policy)
    answer = s3.get_object_acl(Bucket=owned, Key="k")
    assert answer["Grants"] == policy["Grants"] and answer["Grants"][0]["Grantee"]["Type"] == "Group"
    s3.put_bucket_acl(Bucket=owned, AccessControlPolicy=policy)
    assert told(s3.get_bucket_acl(Bucket=owned)) == [(EVERYBODY, "READ")]


@pytest.mark.parametrize(
    "code, more",
    [
        ("InvalidRequest", {"ACL": "private", "GrantRead": f'uri="{EVERYBODY}"'}),
        ("InvalidArgument", {"GrantRead": 'uri="http://elsewhere"'}),
        ("InvalidArgument", {"GrantRead": 'id="short"'}),
        ("InvalidArgument", {"GrantRead": "nonsense"}),
        ("InvalidArgument", {"ACL": "open-house"}),
        ("UnresolvableGrantByEmailAddress", {"GrantRead": 'emailAddress="a@b.c"'}),
        ("MalformedACLError", {"AccessControlPolicy": {"Grants": []}}),
    ],
)
def test_lists_that_are_refused(s3, owned, code, more):
    with refused(400, code):
        s3.put_bucket_acl(Bucket=owned, **more)


def test_a_list_must_be_given(server, owned):
    url = f"{server.endpoint}/{owned}?acl"
    status, _, body = call(url, "PUT", b"", signed("PUT", url))
    assert (status, code_of(body)) == (400, "MissingSecurityHeader")


def test_public_lists_are_blocked(s3, owned):
    s3.put_public_access_block(Bucket=owned, PublicAccessBlockConfiguration=OPEN | {"BlockPublicAcls": True})
    with refused(403, "AccessDenied"):
        s3.put_bucket_acl(Bucket=owned, ACL="public-read")
    with refused(403, "AccessDenied"):
        s3.put_object(Bucket=owned, Key="k", Body=b"x", ACL="public-read")
    s3.put_object(Bucket=owned, Key="k", Body=b"x", ACL="private")


def test_lists_cannot_be_switched_off_while_one_grants_something(s3, owned):
    enforced = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    s3.put_bucket_acl(Bucket=owned, ACL="public-read")
    with refused(400, "InvalidBucketAclWithObjectOwnership"):
        s3.put_bucket_ownership_controls(Bucket=owned, OwnershipControls=enforced)
    s3.put_bucket_acl(Bucket=owned, ACL="private")
    s3.put_bucket_ownership_controls(Bucket=owned, OwnershipControls=enforced)
    with refused(400, "AccessControlListNotSupported"):
        s3.put_bucket_acl(Bucket=owned, ACL="public-read")


# --- notifications ----------------------------------------------------------------------------------------------------

QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"


def queue(name="n", events=("s3:ObjectCreated:*",), arn=QUEUE, **rules):
    filters = [{"Name": name, "Value": value} for name, value in rules.items()]
    return {"Id": name, "QueueArn": arn, "Events": list(events)} | (
        {"Filter": {"Key": {"FilterRules": filters}}} if filters else {}
    )


def test_notifications_come_back(s3, bucket):
    config = {
        "QueueConfigurations": [queue("a", prefix="in/", suffix=".csv"), queue("b", prefix="out/")],
        "TopicConfigurations": [{"Id": "t", "TopicArn": QUEUE.replace("sqs", "sns"), "Events": ["s3:ObjectRemoved:Delete"]}],
        "EventBridgeConfiguration": {},
    }
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=config, SkipDestinationValidation=True)
    answer = s3.get_bucket_notification_configuration(Bucket=bucket)
    assert {name: answer[name] for name in config} == config
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={})
    assert set(s3.get_bucket_notification_configuration(Bucket=bucket)) == {"ResponseMetadata"}


@pytest.mark.parametrize(
    "queues",
    [
        [queue(events=["s3:ObjectEaten"])],
        [queue(arn="q")],
        [queue(arn=QUEUE.replace("sqs", "sns"))],
        [queue("a"), queue("b")],
        [queue("a", prefix="x"), queue("b", prefix="xy", events=["s3:ObjectCreated:Put"])],
        [queue("a", prefix="x"), queue("a", prefix="y")],
    ],
)
def test_notifications_that_are_refused(s3, bucket, queues):
    with refused(400, "InvalidArgument"):
        s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={"QueueConfigurations": queues})
