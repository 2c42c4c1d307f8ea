# test_iam.py - IAM over the API and the command line: entities, policies, attachments, keys, quotas, and what is refused.
import itertools
import json
import subprocess

import pytest
from botocore.exceptions import ClientError

from server import VENV

names = itertools.count(1)
ALLOW_ALL = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})


def trust(service="lambda.amazonaws.com"):
    return json.dumps(
        {"Version": "2012-10-17",
         "Statement": [{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}]}
    )  # fmt: skip


def refusal(ask, *args, **kwargs):
    with pytest.raises(ClientError) as caught:
        ask(*args, **kwargs)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def code_of(ask, *args, **kwargs):
    return refusal(ask, *args, **kwargs)[0]


@pytest.fixture(scope="session")
def iam(server):
    return server.client("iam")


@pytest.fixture
def name():
    return f"thing-{next(names)}"


@pytest.fixture
def role(iam, name):
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust())
    return name


def test_a_role_is_told_as_it_was_made(iam, name):
    made = iam.create_role(RoleName=name, Path="/team/", AssumeRolePolicyDocument=trust(), Description="runs",
                           MaxSessionDuration=7200, Tags=[{"Key": "team", "Value": "data"}])["Role"]  # fmt: skip
    assert made["Arn"] == f"arn:aws:iam::000000000000:role/team/{name}"
    assert made["RoleId"].startswith("AROA") and len(made["RoleId"]) == 21
    told = iam.get_role(RoleName=name)["Role"]
    assert told["AssumeRolePolicyDocument"] == json.loads(trust())
    assert (told["Description"], told["MaxSessionDuration"], told["Tags"]) == (
        "runs", 7200, [{"Key": "team", "Value": "data"}],
    )  # fmt: skip
    assert name in [r["RoleName"] for r in iam.list_roles(PathPrefix="/team/")["Roles"]]
    iam.update_role(RoleName=name, Description="walks")
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=trust("states.amazonaws.com"))
    told = iam.get_role(RoleName=name)["Role"]
    assert (told["Description"], told["MaxSessionDuration"]) == ("walks", 7200)
    assert told["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {"Service": "states.amazonaws.com"}
    iam.delete_role(RoleName=name)
    assert refusal(iam.get_role, RoleName=name) == ("NoSuchEntity", f"The role with name {name} cannot be found.")


def test_names_are_taken_without_regard_to_case(iam, role):
    assert refusal(iam.create_role, RoleName=role.upper(), AssumeRolePolicyDocument=trust()) == (
        "EntityAlreadyExists", f"Role with name {role.upper()} already exists.",
    )  # fmt: skip


TRUSTS = [
    ("not json", "This policy contains invalid Json"),
    ({"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole"}]}, "Missing required field Principal"),
    ({"Statement": [{"Effect": "Allow", "Principal": {}, "Action": "sts:AssumeRole"}]}, "Principal cannot be empty"),
    ({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole", "Resource": "*"}]},
     "Has prohibited field Resource"),
    ({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}]},
     "AssumeRole policy may only specify STS AssumeRole actions."),
    ({"Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda"}, "Action": "sts:AssumeRole"}]},
     'Invalid principal in policy: "SERVICE":"lambda"'),
    ({"Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::000000000000:role/nobody"},
                     "Action": "sts:AssumeRole"}]},
     'Invalid principal in policy: "AWS":"arn:aws:iam::000000000000:role/nobody"'),
    ({"Statement": []}, "Syntax errors in policy."),
]  # fmt: skip


@pytest.mark.parametrize("document, words", TRUSTS)
def test_a_trust_policy_that_trusts_nobody_is_refused(iam, name, document, words):
    text = document if isinstance(document, str) else json.dumps(document)
    code, message = refusal(iam.create_role, RoleName=name, AssumeRolePolicyDocument=text)
    assert code == "MalformedPolicyDocument" and words in message


POLICIES = [
    ({"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": "*"}, "should not specify a principal"),
    ({"Effect": "Allow", "Resource": "*"}, "must contain actions"),
    ({"Effect": "Allow", "Action": "s3:*"}, "must contain resources"),
    ({"Effect": "Allow", "Action": "GetObject", "Resource": "*"}, "must be prefaced by a vendor"),
    ({"Effect": "Allow", "Action": "s3:*", "Resource": "bucket"}, 'must be in ARN format or "*"'),
    ({"Effect": "Permit", "Action": "s3:*", "Resource": "*"}, "Syntax errors"),
    ({"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"StringIs": {"a:b": "c"}}}, "StringIs"),
]


@pytest.mark.parametrize("statement, words", POLICIES)
def test_a_policy_with_a_mistake_is_refused(iam, name, statement, words):
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    code, message = refusal(iam.create_policy, PolicyName=name, PolicyDocument=document)
    assert code == "MalformedPolicyDocument" and words in message


def test_inline_policies(iam, role):
    iam.put_role_policy(RoleName=role, PolicyName="all", PolicyDocument=ALLOW_ALL)
    assert iam.list_role_policies(RoleName=role)["PolicyNames"] == ["all"]
    assert iam.get_role_policy(RoleName=role, PolicyName="all")["PolicyDocument"] == json.loads(ALLOW_ALL)
    assert refusal(iam.delete_role, RoleName=role) == (
        "DeleteConflict", "Cannot delete entity, must delete policies first.",
    )  # fmt: skip
    iam.delete_role_policy(RoleName=role, PolicyName="all")
    assert code_of(iam.get_role_policy, RoleName=role, PolicyName="all") == "NoSuchEntity"
    long = json.dumps({"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::" + "x" * 10240}]})
    assert code_of(iam.put_role_policy, RoleName=role, PolicyName="long", PolicyDocument=long) == "LimitExceeded"


def test_managed_policies_and_their_versions(iam, role, name):
    arn = iam.create_policy(PolicyName=name, PolicyDocument=ALLOW_ALL, Description="all")["Policy"]["Arn"]
    assert arn == f"arn:aws:iam::000000000000:policy/{name}"
    iam.attach_role_policy(RoleName=role, PolicyArn=arn)
    assert iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"] == [
        {"PolicyName": name, "PolicyArn": arn}
    ]
    assert iam.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"] == 1
    assert [r["RoleName"] for r in iam.list_entities_for_policy(PolicyArn=arn)["PolicyRoles"]] == [role]
    assert code_of(iam.delete_policy, PolicyArn=arn) == "DeleteConflict"
    for n in range(2, 6):
        made = iam.create_policy_version(PolicyArn=arn, PolicyDocument=ALLOW_ALL, SetAsDefault=n == 5)["PolicyVersion"]
        assert made["VersionId"] == f"v{n}"
    assert code_of(iam.create_policy_version, PolicyArn=arn, PolicyDocument=ALLOW_ALL) == "LimitExceeded"
    assert iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"] == "v5"
    assert [v["VersionId"] for v in iam.list_policy_versions(PolicyArn=arn)["Versions"]] == [
        "v5", "v4", "v3", "v2", "v1",
    ]  # fmt: skip
    assert code_of(iam.delete_policy_version, PolicyArn=arn, VersionId="v5") == "DeleteConflict"
    iam.detach_role_policy(RoleName=role, PolicyArn=arn)
    assert refusal(iam.detach_role_policy, RoleName=role, PolicyArn=arn) == (
        "NoSuchEntity", f"Policy {arn} was not found.",
    )  # fmt: skip
    for n in range(1, 5):
        iam.delete_policy_version(PolicyArn=arn, VersionId=f"v{n}")
    iam.delete_policy(PolicyArn=arn)
    assert refusal(iam.get_policy, PolicyArn=arn) == ("NoSuchEntity", f"Policy {arn} was not found.")


def test_policies_that_aws_manages(iam, role):
    listed = [p for page in iam.get_paginator("list_policies").paginate(Scope="AWS", MaxItems=7) for p in page["Policies"]]
    assert len(listed) == len({p["Arn"] for p in listed}) > 20
    for policy in listed:
        version = iam.get_policy_version(PolicyArn=policy["Arn"], VersionId=policy["DefaultVersionId"])
        assert version["PolicyVersion"]["Document"]["Statement"]
    arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    iam.attach_role_policy(RoleName=role, PolicyArn=arn)
    assert code_of(iam.attach_role_policy, RoleName=role, PolicyArn="arn:aws:iam::aws:policy/Nope") == "NoSuchEntity"
    assert refusal(iam.delete_role, RoleName=role) == (
        "DeleteConflict", "Cannot delete entity, must detach all policies first.",
    )  # fmt: skip


def test_an_instance_profile_holds_one_role(iam, role, name):
    other = f"{name}-other"
    iam.create_role(RoleName=other, AssumeRolePolicyDocument=trust())
    iam.create_instance_profile(InstanceProfileName=name)
    iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=role)
    assert code_of(iam.add_role_to_instance_profile, InstanceProfileName=name, RoleName=other) == "LimitExceeded"
    told = iam.get_instance_profile(InstanceProfileName=name)["InstanceProfile"]
    assert [r["RoleName"] for r in told["Roles"]] == [role] and told["InstanceProfileId"].startswith("AIPA")
    profiles = iam.list_instance_profiles_for_role(RoleName=role)["InstanceProfiles"]
    assert [p["InstanceProfileName"] for p in profiles] == [name]
    assert code_of(iam.delete_role, RoleName=role) == "DeleteConflict"
    assert code_of(iam.delete_instance_profile, InstanceProfileName=name) == "DeleteConflict"
    iam.remove_role_from_instance_profile(InstanceProfileName=name, RoleName=role)
    iam.delete_instance_profile(InstanceProfileName=name)
    iam.delete_role(RoleName=role)


def test_users_groups_and_keys(iam, name):
    group = f"{name}-group"
    user = iam.create_user(UserName=name, Path="/people/")["User"]
    assert user["UserId"].startswith("AIDA") and user["Arn"].endswith(f":user/people/{name}")
    iam.create_group(GroupName=group)
    iam.add_user_to_group(GroupName=group, UserName=name)
    assert [u["UserName"] for u in iam.get_group(GroupName=group)["Users"]] == [name]
    assert [g["GroupName"] for g in iam.list_groups_for_user(UserName=name)["Groups"]] == [group]
    keys = [iam.create_access_key(UserName=name)["AccessKey"] for _ in range(2)]
    assert all(k["AccessKeyId"].startswith("AKIA") and len(k["SecretAccessKey"]) == 40 for k in keys)
    assert code_of(iam.create_access_key, UserName=name) == "LimitExceeded"
    iam.update_access_key(UserName=name, AccessKeyId=keys[0]["AccessKeyId"], Status="Inactive")
    listed = {k["AccessKeyId"]: k["Status"] for k in iam.list_access_keys(UserName=name)["AccessKeyMetadata"]}
    assert listed == {keys[0]["AccessKeyId"]: "Inactive", keys[1]["AccessKeyId"]: "Active"}
    assert code_of(iam.delete_user, UserName=name) == "DeleteConflict"
    iam.update_user(UserName=name, NewUserName=f"{name}-new")
    assert [u["UserName"] for u in iam.get_group(GroupName=group)["Users"]] == [f"{name}-new"]
    for key in keys:
        iam.delete_access_key(UserName=f"{name}-new", AccessKeyId=key["AccessKeyId"])
    assert code_of(iam.delete_group, GroupName=group) == "DeleteConflict"
    iam.remove_user_from_group(GroupName=group, UserName=f"{name}-new")
    iam.delete_group(GroupName=group)
    iam.delete_user(UserName=f"{name}-new")


def test_pages(iam, name):
    for n in range(7):
        iam.create_role(RoleName=f"{name}-{n}", Path=f"/{name}/", AssumeRolePolicyDocument=trust())
    pages = list(iam.get_paginator("list_roles").paginate(PathPrefix=f"/{name}/", PaginationConfig={"PageSize": 3}))
    assert [len(p["Roles"]) for p in pages] == [3, 3, 1]
    assert [r["RoleName"] for p in pages for r in p["Roles"]] == [f"{name}-{n}" for n in range(7)]


def test_tags(iam, role):
    iam.tag_role(RoleName=role, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    iam.tag_role(RoleName=role, Tags=[{"Key": "A", "Value": "3"}])
    assert iam.list_role_tags(RoleName=role)["Tags"] == [{"Key": "b", "Value": "2"}, {"Key": "A", "Value": "3"}]
    iam.untag_role(RoleName=role, TagKeys=["b"])
    assert iam.list_role_tags(RoleName=role)["Tags"] == [{"Key": "A", "Value": "3"}]
    twice = [{"Key": "k", "Value": ""}, {"Key": "K", "Value": ""}]
    assert code_of(iam.tag_role, RoleName=role, Tags=twice) == "InvalidInput"


def test_boundaries(iam, role, name):
    boundary = iam.create_policy(PolicyName=f"{name}-boundary", PolicyDocument=ALLOW_ALL)["Policy"]["Arn"]
    iam.put_role_permissions_boundary(RoleName=role, PermissionsBoundary=boundary)
    told = iam.get_role(RoleName=role)["Role"]["PermissionsBoundary"]
    assert told == {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": boundary}
    assert code_of(iam.delete_policy, PolicyArn=boundary) == "DeleteConflict"
    iam.delete_role_permissions_boundary(RoleName=role)
    assert "PermissionsBoundary" not in iam.get_role(RoleName=role)["Role"]
    iam.delete_policy(PolicyArn=boundary)


def test_roles_linked_to_services(iam):
    made = iam.create_service_linked_role(AWSServiceName="elasticmapreduce.amazonaws.com")["Role"]
    assert made["RoleName"] == "AWSServiceRoleForEMRCleanup"
    assert made["Path"] == "/aws-service-role/elasticmapreduce.amazonaws.com/"
    assert code_of(iam.create_service_linked_role, AWSServiceName="elasticmapreduce.amazonaws.com") == "InvalidInput"
    assert code_of(iam.delete_role, RoleName=made["RoleName"]) == "UnmodifiableEntity"
    task = iam.delete_service_linked_role(RoleName=made["RoleName"])["DeletionTaskId"]
    assert iam.get_service_linked_role_deletion_status(DeletionTaskId=task)["Status"] == "SUCCEEDED"


def test_everything_lasts(own_server):
    iam = own_server.client("iam")
    iam.create_role(RoleName="kept", AssumeRolePolicyDocument=trust())
    iam.put_role_policy(RoleName="kept", PolicyName="all", PolicyDocument=ALLOW_ALL)
    own_server.kill()
    own_server.start()
    iam = own_server.client("iam")
    assert iam.get_role_policy(RoleName="kept", PolicyName="all")["PolicyDocument"] == json.loads(ALLOW_ALL)


def create_default_roles(server):
    """The command reads the service's principal out of EMR's own address, so only IAM's may lead here."""
    shell = server.shell() | {"AWS_ENDPOINT_URL_IAM": server.endpoint}
    del shell["AWS_ENDPOINT_URL"]
    command = [VENV / "bin" / "aws", "emr", "create-default-roles", "--output", "json"]
    done = subprocess.run(command, env=shell, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout or "[]")


def test_the_default_roles_of_emr_can_be_made(own_server):
    made = create_default_roles(own_server)
    assert {r["Role"]["RoleName"] for r in made} >= {"EMR_DefaultRole", "EMR_EC2_DefaultRole"}
    profile = own_server.client("iam").get_instance_profile(InstanceProfileName="EMR_EC2_DefaultRole")["InstanceProfile"]
    assert [r["RoleName"] for r in profile["Roles"]] == ["EMR_EC2_DefaultRole"]
    assert create_default_roles(own_server) == []


def decisions(answer):
    return {(r["EvalActionName"], r["EvalResourceName"]): r["EvalDecision"] for r in answer["EvaluationResults"]}


def test_what_a_principal_might_do_is_told(iam, role):
    document = json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::lake/*",
         "Condition": {"StringEquals": {"aws:PrincipalTag/team": "data"}}},
        {"Effect": "Deny", "Action": "s3:DeleteObject", "Resource": "*"}]})  # fmt: skip
    iam.put_role_policy(RoleName=role, PolicyName="own", PolicyDocument=document)
    ask = {"PolicySourceArn": f"arn:aws:iam::000000000000:role/{role}", "ActionNames": ["s3:GetObject", "s3:DeleteObject"],
           "ResourceArns": ["arn:aws:s3:::lake/a", "arn:aws:s3:::vault/a"]}  # fmt: skip
    without = iam.simulate_principal_policy(**ask)
    assert without["EvaluationResults"][0]["MissingContextValues"] == ["aws:PrincipalTag/team"]
    tag = {"ContextKeyName": "aws:PrincipalTag/team", "ContextKeyValues": ["data"], "ContextKeyType": "string"}
    told = iam.simulate_principal_policy(**ask, ContextEntries=[tag])
    assert decisions(told) == {
        ("s3:GetObject", "arn:aws:s3:::lake/a"): "allowed",
        ("s3:GetObject", "arn:aws:s3:::vault/a"): "implicitDeny",
        ("s3:DeleteObject", "arn:aws:s3:::lake/a"): "explicitDeny",
        ("s3:DeleteObject", "arn:aws:s3:::vault/a"): "explicitDeny",
    }
    assert told["EvaluationResults"][0]["MatchedStatements"][0]["SourcePolicyId"] == "own"


def test_a_policy_is_tried_before_it_is_made(iam):
    told = iam.simulate_custom_policy(PolicyInputList=[ALLOW_ALL], ActionNames=["sqs:SendMessage"])
    assert decisions(told) == {("sqs:SendMessage", "*"): "allowed"}
    assert code_of(iam.simulate_custom_policy, PolicyInputList=["{}"], ActionNames=["a:b"]) == "InvalidInput"
    nobody = "arn:aws:iam::000000000000:role/nobody"
    assert code_of(iam.simulate_principal_policy, PolicySourceArn=nobody, ActionNames=["a:b"]) == "NoSuchEntity"


def test_simulations_tell_statements_by_their_places(iam):
    lines = '{\n  "Version": "2012-10-17",\n  "Statement": [\n    {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},\n' \
            '    {"Effect": "Deny", "Action": "s3:PutObject", "Resource": "*"}\n  ]\n}'  # fmt: skip
    allowed, denied = iam.simulate_custom_policy(PolicyInputList=[lines], ActionNames=["s3:GetObject", "s3:PutObject"])["EvaluationResults"]
    place = lambda line, column: {"Line": line, "Column": column}  # fmt: skip
    assert (allowed["EvalDecision"], denied["EvalDecision"]) == ("allowed", "explicitDeny")
    assert [(m["SourcePolicyId"], m["StartPosition"], m["EndPosition"]) for m in allowed["MatchedStatements"]] == [
        ("PolicyInputList.1", place(4, 5), place(4, 5 + len('{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}')))]  # fmt: skip
    assert [m["StartPosition"]["Line"] for m in denied["MatchedStatements"]] == [5]  # "the deny statement is the only entry"


def test_simulations_of_principals_boundaries_and_resources(iam):
    iam.create_user(UserName="simulated")
    iam.create_group(GroupName="simulated-group")
    iam.add_user_to_group(GroupName="simulated-group", UserName="simulated")
    allow = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}})
    iam.put_group_policy(GroupName="simulated-group", PolicyName="by-group", PolicyDocument=allow)
    iam.put_user_policy(UserName="simulated", PolicyName="by-user", PolicyDocument=allow)
    iam.attach_user_policy(UserName="simulated", PolicyArn="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess")
    ask = {"PolicySourceArn": "arn:aws:iam::000000000000:user/simulated", "ActionNames": ["s3:GetObject"]}
    (told,) = iam.simulate_principal_policy(**ask)["EvaluationResults"]
    assert {m["SourcePolicyType"] for m in told["MatchedStatements"]} == {"user", "group", "aws-managed"}
    only = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}})
    (told,) = iam.simulate_principal_policy(**ask, PermissionsBoundaryPolicyInputList=[only])["EvaluationResults"]
    assert told["EvalDecision"] == "implicitDeny" and told["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": False}
    deny = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Principal": {"AWS": ask["PolicySourceArn"]}, "Action": "s3:*", "Resource": "*"}})
    (told,) = iam.simulate_principal_policy(**ask, ResourcePolicy=deny, ResourceArns=["arn:aws:s3:::b/k"])["EvaluationResults"]
    assert told["EvalDecision"] == "explicitDeny" and [m["SourcePolicyType"] for m in told["MatchedStatements"]] == ["resource"]
    assert code_of(iam.simulate_custom_policy, PolicyInputList=[allow], ActionNames=["s3:GetObject"], ResourcePolicy=deny) == "InvalidInput"
    role = "arn:aws:iam::000000000000:role/x"
    assert code_of(iam.simulate_custom_policy, PolicyInputList=[allow], ActionNames=["s3:GetObject"], CallerArn=role) == "InvalidInput"


def test_simulations_come_in_pages(iam):
    allow = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})
    ask = {"PolicyInputList": [allow], "ActionNames": ["s3:GetObject", "s3:PutObject"], "ResourceArns": [f"arn:aws:s3:::b/{i}" for i in range(3)]}
    pages = list(iam.get_paginator("simulate_custom_policy").paginate(**ask, PaginationConfig={"PageSize": 4}))
    assert [len(p["EvaluationResults"]) for p in pages] == [4, 2]
    pairs = [(r["EvalActionName"], r["EvalResourceName"]) for p in pages for r in p["EvaluationResults"]]
    assert pairs == [(a, r) for a in ask["ActionNames"] for r in ask["ResourceArns"]]
