# test_iam_account.py - what belongs to an IAM account as a whole: its details, passwords, providers, reports; and tokens of others.
import base64
import csv
import io
import itertools
import json

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from enforce_help import guarded  # noqa: F401
from server import REGION

ALLOW_ALL = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})
TRUST = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}})
names = itertools.count(1)


@pytest.fixture
def iam(server):
    return server.client("iam")


def code_of(ask, *args, **kwargs):
    with pytest.raises(ClientError) as caught:
        ask(*args, **kwargs)
    return caught.value.response["Error"]["Code"]


def test_the_whole_account_in_one_listing(iam):
    user, group, role, policy, profile = (f"details-{kind}" for kind in ("user", "group", "role", "policy", "profile"))
    iam.create_user(UserName=user)
    iam.create_group(GroupName=group)
    iam.add_user_to_group(GroupName=group, UserName=user)
    iam.put_user_policy(UserName=user, PolicyName="own", PolicyDocument=ALLOW_ALL)
    iam.create_role(RoleName=role, AssumeRolePolicyDocument=TRUST)
    arn = iam.create_policy(PolicyName=policy, PolicyDocument=ALLOW_ALL)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName=role, PolicyArn=arn)
    iam.create_instance_profile(InstanceProfileName=profile)
    iam.add_role_to_instance_profile(InstanceProfileName=profile, RoleName=role)
    pages = list(iam.get_paginator("get_account_authorization_details").paginate(PaginationConfig={"PageSize": 2}))
    assert len(pages) > 1 and all(sum(len(p.get(k, [])) for k in LISTS) <= 2 for p in pages)
    told = {name: {v[n]: v for p in pages for v in p.get(name, [])} for name, n in LISTS.items()}
    about = told["UserDetailList"][user]
    assert about["GroupList"] == [group] and about["UserPolicyList"] == [{"PolicyName": "own", "PolicyDocument": json.loads(ALLOW_ALL)}]
    about = told["RoleDetailList"][role]
    assert about["AttachedManagedPolicies"] == [{"PolicyName": policy, "PolicyArn": arn}]
    assert [p["InstanceProfileName"] for p in about["InstanceProfileList"]] == [profile] and about["AssumeRolePolicyDocument"] == json.loads(TRUST)
    assert [v["Document"] for v in told["Policies"][policy]["PolicyVersionList"]] == [json.loads(ALLOW_ALL)]
    assert group in told["GroupDetailList"]
    only = iam.get_account_authorization_details(Filter=["Group"])
    assert only["GroupDetailList"] and not only["UserDetailList"] and not only["RoleDetailList"]


LISTS = {"UserDetailList": "UserName", "GroupDetailList": "GroupName", "RoleDetailList": "RoleName", "Policies": "PolicyName"}


def test_the_password_policy(iam):
    assert code_of(iam.get_account_password_policy) == "NoSuchEntity"
    iam.update_account_password_policy(MinimumPasswordLength=12, RequireNumbers=True, MaxPasswordAge=90)
    told = iam.get_account_password_policy()["PasswordPolicy"]
    assert (told["MinimumPasswordLength"], told["RequireNumbers"], told["RequireSymbols"], told["ExpirePasswords"]) == (12, True, False, True)
    iam.update_account_password_policy()
    assert iam.get_account_password_policy()["PasswordPolicy"]["MinimumPasswordLength"] == 6
    iam.delete_account_password_policy()
    assert code_of(iam.delete_account_password_policy) == "NoSuchEntity"


def test_login_profiles(iam):
    iam.create_user(UserName="signs-in")
    assert code_of(iam.get_login_profile, UserName="signs-in") == "NoSuchEntity"
    made = iam.create_login_profile(UserName="signs-in", Password="Correct-Horse-1", PasswordResetRequired=True)["LoginProfile"]
    assert iam.get_login_profile(UserName="signs-in")["LoginProfile"] == made and made["PasswordResetRequired"]
    assert code_of(iam.create_login_profile, UserName="signs-in", Password="x") == "EntityAlreadyExists"
    iam.update_login_profile(UserName="signs-in", PasswordResetRequired=False)
    assert iam.get_login_profile(UserName="signs-in")["LoginProfile"]["PasswordResetRequired"] is False
    assert code_of(iam.delete_user, UserName="signs-in") == "DeleteConflict"
    iam.delete_login_profile(UserName="signs-in")
    iam.delete_user(UserName="signs-in")


def test_providers_of_open_id_connect(iam):
    made = iam.create_open_id_connect_provider(Url="https://idp.example.com/a", ClientIDList=["one"], ThumbprintList=["a" * 40], Tags=[{"Key": "k", "Value": "v"}])
    arn = made["OpenIDConnectProviderArn"]
    assert arn == "arn:aws:iam::000000000000:oidc-provider/idp.example.com/a"
    assert code_of(iam.create_open_id_connect_provider, Url="https://idp.example.com/a") == "EntityAlreadyExists"
    iam.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=arn, ClientID="two")
    iam.remove_client_id_from_open_id_connect_provider(OpenIDConnectProviderArn=arn, ClientID="one")
    iam.update_open_id_connect_provider_thumbprint(OpenIDConnectProviderArn=arn, ThumbprintList=["b" * 40])
    told = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    assert (told["Url"], told["ClientIDList"], told["ThumbprintList"]) == ("idp.example.com/a", ["two"], ["b" * 40])
    iam.tag_open_id_connect_provider(OpenIDConnectProviderArn=arn, Tags=[{"Key": "k", "Value": "w"}])
    assert iam.list_open_id_connect_provider_tags(OpenIDConnectProviderArn=arn)["Tags"] == [{"Key": "k", "Value": "w"}]
    iam.untag_open_id_connect_provider(OpenIDConnectProviderArn=arn, TagKeys=["k"])
    assert {"Arn": arn} in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]
    iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    assert code_of(iam.get_open_id_connect_provider, OpenIDConnectProviderArn=arn) == "NoSuchEntity"


def test_providers_of_saml(iam):
    document = "<EntityDescriptor>" + "x" * 1000 + "</EntityDescriptor>"
    arn = iam.create_saml_provider(Name="corp", SAMLMetadataDocument=document)["SAMLProviderArn"]
    assert iam.get_saml_provider(SAMLProviderArn=arn)["SAMLMetadataDocument"] == document
    iam.update_saml_provider(SAMLProviderArn=arn, SAMLMetadataDocument=document + " ")
    assert [p["Arn"] for p in iam.list_saml_providers()["SAMLProviderList"]] == [arn]
    iam.delete_saml_provider(SAMLProviderArn=arn)
    assert code_of(iam.get_saml_provider, SAMLProviderArn=arn) == "NoSuchEntity"


def test_the_credential_report(server):
    iam = server.client("iam", region="eu-west-1")
    iam.create_user(UserName="reported")
    iam.create_access_key(UserName="reported")
    assert iam.generate_credential_report()["State"] == "COMPLETE"
    rows = {r["user"]: r for r in csv.DictReader(io.StringIO(iam.get_credential_report()["Content"].decode()))}
    about = rows["reported"]
    assert (about["access_key_1_active"], about["access_key_2_active"], about["mfa_active"], about["password_enabled"]) == ("true", "false", "false", "false")
    assert None not in about and all(v is not None for v in about.values())


def test_what_nobody_has_is_listed_as_nothing(iam):
    iam.create_user(UserName="plain")
    for operation, member in (("list_mfa_devices", "MFADevices"), ("list_ssh_public_keys", "SSHPublicKeys"), ("list_signing_certificates", "Certificates"),
                              ("list_service_specific_credentials", "ServiceSpecificCredentials")):  # fmt: skip
        assert getattr(iam, operation)(UserName="plain")[member] == []
        assert code_of(getattr(iam, operation), UserName="nobody") == "NoSuchEntity"
    assert iam.list_server_certificates()["ServerCertificateMetadataList"] == iam.list_virtual_mfa_devices()["VirtualMFADevices"] == []


def test_condition_keys_that_policies_ask_for(iam):
    document = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {
        "StringEquals": {"aws:username": "x", "s3:prefix": "y"}, "Bool": {"aws:SecureTransport": "true"}}}})  # fmt: skip
    wanted = {"aws:username", "s3:prefix", "aws:SecureTransport"}
    assert set(iam.get_context_keys_for_custom_policy(PolicyInputList=[document])["ContextKeyNames"]) == wanted
    iam.create_user(UserName="asks")
    iam.put_user_policy(UserName="asks", PolicyName="own", PolicyDocument=document)
    told = iam.get_context_keys_for_principal_policy(PolicySourceArn="arn:aws:iam::000000000000:user/asks")
    assert set(told["ContextKeyNames"]) == wanted


def token(issuer):
    part = lambda v: base64.urlsafe_b64encode(json.dumps(v).encode()).decode().rstrip("=")  # fmt: skip
    return f"{part({'alg': 'RS256'})}.{part({'iss': issuer, 'sub': '??>>'})}.c2ln"


def test_tokens_of_others_are_refused_truthfully_and_need_no_key(guarded):
    sts = boto3.client("sts", endpoint_url=guarded.endpoint, region_name=REGION, config=Config(signature_version=UNSIGNED))
    ask = {"RoleArn": "arn:aws:iam::000000000000:role/some", "RoleSessionName": "s1"}

    def refused(text):
        with pytest.raises(ClientError) as caught:
            sts.assume_role_with_web_identity(**ask, WebIdentityToken=text)
        assert caught.value.response["Error"]["Code"] == "InvalidIdentityToken"
        return caught.value.response["Error"]["Message"]

    assert "not a valid JWT" in refused("nonsense")
    assert refused(token("https://idp.example.com")) == "No OpenIDConnect provider found in your account for https://idp.example.com"
    guarded.client("iam").create_open_id_connect_provider(Url="https://idp.example.com")
    assert "Couldn't retrieve verification key" in refused(token("https://idp.example.com"))
    saml = {"RoleArn": ask["RoleArn"], "PrincipalArn": "arn:aws:iam::000000000000:saml-provider/x", "SAMLAssertion": "YWJj"}
    assert code_of(sts.assume_role_with_saml, **saml) == "InvalidIdentityToken"
    assert code_of(sts.get_caller_identity) == "MissingAuthenticationToken"
    for service, operation in (("iam", "list_users"), ("sns", "list_topics"), ("cloudformation", "list_stacks"), ("s3", "list_buckets"), ("emr", "list_clusters")):
        nobody = boto3.client(service, endpoint_url=guarded.endpoint, region_name=REGION, config=Config(signature_version=UNSIGNED))
        assert code_of(getattr(nobody, operation)) in ("MissingAuthenticationToken", "MissingAuthenticationTokenException", "AccessDenied"), service
    assert code_of(guarded.client("sts").decode_authorization_message, EncodedMessage="abc") == "InvalidAuthorizationMessageException"
