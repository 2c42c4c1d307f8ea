# test_secrets.py - secrets: values by version and stage, deletion with its window, tags, policies, passwords, and nothing in clear on the disk.
import re
import string
import uuid

import pytest
from botocore.exceptions import ClientError


@pytest.fixture(scope="session")
def secrets(server):
    return server.client("secretsmanager")


def refused(code, call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    assert caught.value.response["Error"]["Code"] == code, caught.value
    return caught.value.response["Error"]["Message"]


def test_versions_and_stages(secrets):
    made = secrets.create_secret(Name="app/db", SecretString="one", Description="a password", Tags=[{"Key": "team", "Value": "data"}])
    assert re.fullmatch(r"arn:aws:secretsmanager:us-east-1:000000000000:secret:app/db-[A-Za-z0-9]{6}", made["ARN"])
    assert "already exists" in refused("ResourceExistsException", secrets.create_secret, Name="app/db", SecretString="x")
    first = secrets.get_secret_value(SecretId="app/db")
    assert (first["SecretString"], first["VersionId"], first["VersionStages"]) == ("one", made["VersionId"], ["AWSCURRENT"])
    second = secrets.put_secret_value(SecretId=made["ARN"], SecretString="two")
    assert second["VersionStages"] == ["AWSCURRENT"]
    for reference in ("app/db", made["ARN"], made["ARN"][:-7]):
        assert secrets.get_secret_value(SecretId=reference)["SecretString"] == "two"
    assert secrets.get_secret_value(SecretId="app/db", VersionStage="AWSPREVIOUS")["SecretString"] == "one"
    assert secrets.get_secret_value(SecretId="app/db", VersionId=made["VersionId"])["SecretString"] == "one"
    pending = secrets.put_secret_value(SecretId="app/db", SecretBinary=b"\x00\xff", VersionStages=["PENDING"])
    assert secrets.get_secret_value(SecretId="app/db", VersionStage="PENDING")["SecretBinary"] == b"\x00\xff"
    assert secrets.get_secret_value(SecretId="app/db")["SecretString"] == "two"
    secrets.update_secret_version_stage(SecretId="app/db", VersionStage="AWSCURRENT", MoveToVersionId=pending["VersionId"],
                                        RemoveFromVersionId=second["VersionId"])  # fmt: skip
    about = secrets.describe_secret(SecretId="app/db")
    assert about["VersionIdsToStages"] == {second["VersionId"]: ["AWSPREVIOUS"], pending["VersionId"]: ["AWSCURRENT", "PENDING"]}
    assert (about["Description"], about["Tags"]) == ("a password", [{"Key": "team", "Value": "data"}])
    secrets.update_secret(SecretId="app/db", SecretString="three", Description="changed")
    assert secrets.get_secret_value(SecretId="app/db")["SecretString"] == "three"
    listed = secrets.list_secret_version_ids(SecretId="app/db", IncludeDeprecated=True)["Versions"]
    assert len(listed) == 4 and [v["VersionId"] for v in listed][:2] == [made["VersionId"], second["VersionId"]]
    text = refused("ResourceNotFoundException", secrets.get_secret_value, SecretId="app/db", VersionStage="NONE")
    assert text == "Secrets Manager can't find the specified secret value for staging label: NONE"


def test_the_same_request_again_is_the_same_version(secrets):
    token = str(uuid.uuid4())
    secrets.create_secret(Name="again", SecretString="a")
    for _ in range(2):
        assert secrets.put_secret_value(SecretId="again", SecretString="b", ClientRequestToken=token)["VersionId"] == token
    text = refused("ResourceExistsException", secrets.put_secret_value, SecretId="again", SecretString="c", ClientRequestToken=token)
    assert text == "You can't modify an existing version, you can only create a new version."


def test_deletion_waits_for_its_window(secrets):
    secrets.create_secret(Name="short-lived", SecretString="x")
    refused("InvalidParameterException", secrets.delete_secret, SecretId="short-lived", RecoveryWindowInDays=3)
    refused("InvalidParameterException", secrets.delete_secret, SecretId="short-lived", RecoveryWindowInDays=7, ForceDeleteWithoutRecovery=True)
    made = secrets.describe_secret(SecretId="short-lived")["CreatedDate"]
    gone = secrets.delete_secret(SecretId="short-lived", RecoveryWindowInDays=7)["DeletionDate"]
    assert 7 <= (gone - made).total_seconds() / 86400 < 7.1
    assert "marked for deletion" in refused("InvalidRequestException", secrets.get_secret_value, SecretId="short-lived")
    assert "scheduled for deletion" in refused("InvalidRequestException", secrets.create_secret, Name="short-lived", SecretString="y")
    assert "short-lived" not in [s["Name"] for s in secrets.list_secrets()["SecretList"]]
    assert "DeletedDate" in secrets.describe_secret(SecretId="short-lived")
    secrets.restore_secret(SecretId="short-lived")
    assert secrets.get_secret_value(SecretId="short-lived")["SecretString"] == "x"
    secrets.delete_secret(SecretId="short-lived", ForceDeleteWithoutRecovery=True)
    assert refused("ResourceNotFoundException", secrets.get_secret_value, SecretId="short-lived") == "Secrets Manager can't find the specified secret."
    secrets.delete_secret(SecretId="short-lived", ForceDeleteWithoutRecovery=True)


def test_listing_tags_and_policies(secrets):
    for n in range(3):
        secrets.create_secret(Name=f"listed/{n}", SecretString="x", Tags=[{"Key": "n", "Value": str(n)}])

    def names(*filters):
        pages = secrets.get_paginator("list_secrets").paginate(Filters=list(filters), PaginationConfig={"PageSize": 2})
        return [s["Name"] for page in pages for s in page["SecretList"]]

    assert names({"Key": "name", "Values": ["listed/"]}) == ["listed/0", "listed/1", "listed/2"]
    assert names({"Key": "name", "Values": ["listed/"]}, {"Key": "tag-value", "Values": ["1"]}) == ["listed/1"]
    secrets.tag_resource(SecretId="listed/0", Tags=[{"Key": "a", "Value": "b"}])
    secrets.untag_resource(SecretId="listed/0", TagKeys=["n"])
    assert secrets.describe_secret(SecretId="listed/0")["Tags"] == [{"Key": "a", "Value": "b"}]
    policy = '{"Version": "2012-10-17", "Statement": []}'
    secrets.put_resource_policy(SecretId="listed/0", ResourcePolicy=policy)
    assert secrets.get_resource_policy(SecretId="listed/0")["ResourcePolicy"] == policy
    secrets.delete_resource_policy(SecretId="listed/0")
    assert "ResourcePolicy" not in secrets.get_resource_policy(SecretId="listed/0")
    refused("MalformedPolicyDocumentException", secrets.put_resource_policy, SecretId="listed/0", ResourcePolicy="{")
    found = secrets.batch_get_secret_value(SecretIdList=["listed/1", "listed/9"])
    assert [v["SecretString"] for v in found["SecretValues"]] == ["x"] and found["Errors"][0]["ErrorCode"] == "ResourceNotFoundException"


def test_random_passwords(secrets):
    def password(**more):
        return secrets.get_random_password(**more)["RandomPassword"]

    assert len(password()) == 32 and password() != password()
    some = password(PasswordLength=8)
    for kind in (string.ascii_lowercase, string.ascii_uppercase, string.digits, string.punctuation):
        assert set(some) & set(kind)
    assert set(password(PasswordLength=200, ExcludePunctuation=True, ExcludeNumbers=True, ExcludeUppercase=True, ExcludeCharacters="a")) <= set(string.ascii_lowercase[1:])
    refused("InvalidParameterException", secrets.get_random_password, PasswordLength=3)


def test_what_is_refused(secrets):
    refused("ValidationException", secrets.create_secret, Name="a b", SecretString="x")
    refused("InvalidParameterException", secrets.create_secret, Name="both", SecretString="x", SecretBinary=b"x")
    secrets.create_secret(Name="empty")
    refused("ResourceNotFoundException", secrets.get_secret_value, SecretId="empty")
    refused("InvalidRequestException", secrets.put_secret_value, SecretId="empty")
    assert "not offered" in refused("InvalidRequestException", secrets.rotate_secret, SecretId="empty")


def test_nothing_is_on_the_disk_in_clear_and_all_survives(own_server):
    secrets = own_server.client("secretsmanager")
    secrets.create_secret(Name="deep", SecretString="correct horse battery")
    own_server.kill()
    for file in own_server.data.glob("state.db*"):
        assert b"horse" not in file.read_bytes()
    own_server.start()
    assert own_server.client("secretsmanager").get_secret_value(SecretId="deep")["SecretString"] == "correct horse battery"
