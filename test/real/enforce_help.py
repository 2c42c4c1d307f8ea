# enforce_help.py - what the tests of a server that enforces IAM share: policies, principals, refusals, fixtures.
import itertools
import json

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from server import REGION, Server

ACCOUNT = "000000000000"
names = itertools.count(1)


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(actions, resources="*", **more):
    return {"Effect": "Allow", "Action": actions, "Resource": resources, **more}


def deny(actions, resources="*", **more):
    return {"Effect": "Deny", "Action": actions, "Resource": resources, **more}


def trusts(principal, **more):
    return policy({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more})


def refusal(ask, *args, **kwargs):
    with pytest.raises(ClientError) as caught:
        ask(*args, **kwargs)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def code_of(ask, *args, **kwargs):
    return refusal(ask, *args, **kwargs)[0]


class Who:
    """Clients that sign with somebody's keys."""

    def __init__(self, server, keys):
        self.server, self.keys = server, keys

    def client(self, service, **config):
        return boto3.client(
            service, endpoint_url=self.server.endpoint, region_name=REGION,
            config=Config(retries={"total_max_attempts": 1}, **config),
            aws_access_key_id=self.keys["AccessKeyId"], aws_secret_access_key=self.keys["SecretAccessKey"],
            aws_session_token=self.keys.get("SessionToken"),
        )  # fmt: skip

    def arn(self):
        return self.client("sts").get_caller_identity()["Arn"]


def guard(server):
    """Gives it a key of the account, and two buckets with an object each."""
    made = json.loads(server.cli("keys", "create", "--json", "--data", str(server.data)).stdout)
    server.keys = {"AWS_ACCESS_KEY_ID": made["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": made["SecretAccessKey"]}
    s3 = server.client("s3")
    for bucket in ("lake", "vault"):
        s3.create_bucket(Bucket=bucket)
        s3.put_object(Bucket=bucket, Key="in/a.csv", Body=b"a")
    return server


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    server = guard(Server(tmp_path_factory.mktemp("enforced"), "--auth", "enforce"))
    yield server
    assert server.stop() == 0


@pytest.fixture
def iam(guarded):
    return guarded.client("iam")


@pytest.fixture
def user(guarded, iam):
    """A new user, and a way to give it policies."""

    def make(*statements):
        name = f"user-{next(names)}"
        iam.create_user(UserName=name)
        if statements:
            iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=policy(*statements))
        who = Who(guarded, iam.create_access_key(UserName=name)["AccessKey"])
        who.name = name
        return who

    return make


@pytest.fixture
def role(iam):
    def make(trust, *statements):
        name = f"role-{next(names)}"
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        if statements:
            iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=policy(*statements))
        return arn

    return make
