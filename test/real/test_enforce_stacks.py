# test_enforce_stacks.py - a server that enforces IAM: a stack may what its role may, or whoever asked for it; never more.
import json
import urllib.request

import pytest
from botocore.exceptions import ClientError

from enforce_help import ACCOUNT, Who, allow, code_of, guarded, iam, names, policy, refusal, role, trusts, user  # noqa: F401
from server import REGION, Server, wait_for

CFN = {"Service": "cloudformation.amazonaws.com"}
QUEUE = {"Resources": {"Q": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Ref": "AWS::StackName"}}}}}
BOTH = {"Resources": QUEUE["Resources"] | {"T": {"Type": "AWS::SNS::Topic", "DependsOn": "Q", "Properties": {"TopicName": {"Ref": "AWS::StackName"}}}}}
ADMIN = {"Resources": {"R": {"Type": "AWS::IAM::User", "Properties": {"ManagedPolicyArns": ["arn:aws:iam::aws:policy/AdministratorAccess"]}}}}


def stack_name():
    return f"stack-{next(names)}"


def settled(cfn, name):
    def look():
        told = cfn.describe_stacks(StackName=name)["Stacks"][0]
        return told if not told["StackStatus"].endswith("IN_PROGRESS") else None

    return wait_for(look, what=f"{name} to settle")


def create(cfn, template, **more):
    name = stack_name()
    arn = cfn.create_stack(StackName=name, TemplateBody=json.dumps(template), **more)["StackId"]
    return name, arn, settled(cfn, arn)["StackStatus"]


def reasons(cfn, arn):
    events = cfn.describe_stack_events(StackName=arn)["StackEvents"]
    return {e["LogicalResourceId"]: e.get("ResourceStatusReason", "") for e in events if e["ResourceStatus"].endswith("_FAILED")}


@pytest.fixture
def root_cfn(guarded):
    return guarded.client("cloudformation")


def test_who_may_only_create_stacks_gets_no_more_by_them(guarded, user, root_cfn):
    ann = user(allow("cloudformation:*"))
    for template, action, named in ((QUEUE, "sqs:CreateQueue", "Q"), (ADMIN, "iam:CreateUser", "R")):
        _, arn, status = create(ann.client("cloudformation"), template, Capabilities=["CAPABILITY_NAMED_IAM"])
        assert status == "ROLLBACK_COMPLETE"
        reason = reasons(root_cfn, arn)[named]
        assert f"User: {ann.arn()} is not authorized to perform: {action} on resource: arn:aws:" in reason
        assert "because no identity-based policy allows" in reason and "HandlerErrorCode: AccessDenied" in reason
    assert guarded.client("sqs").list_queues(QueueNamePrefix="stack-").get("QueueUrls", []) == []


def test_who_may_make_the_resources_may_by_a_stack(user):
    ann = user(allow("cloudformation:*"), allow("sqs:*", f"arn:aws:sqs:{REGION}:{ACCOUNT}:stack-*"))
    cfn = ann.client("cloudformation")
    name, arn, status = create(cfn, QUEUE)
    assert status == "CREATE_COMPLETE"
    cfn.delete_stack(StackName=name)
    assert settled(cfn, arn)["StackStatus"] == "DELETE_COMPLETE"


def test_a_refused_resource_rolls_back_what_was_made_before_it(guarded, user, root_cfn):
    ann = user(allow("cloudformation:*"), allow("sqs:*"))
    name, arn, status = create(ann.client("cloudformation"), BOTH)
    assert status == "ROLLBACK_COMPLETE"
    assert list(reasons(root_cfn, arn)) == ["T"]
    assert guarded.client("sqs").list_queues(QueueNamePrefix=name).get("QueueUrls", []) == []


def test_a_role_decides_and_not_who_asked(user, role, root_cfn):
    makes_queues = role(trusts(CFN), allow("sqs:*"))
    ann = user(allow("cloudformation:*"), allow("iam:PassRole", makes_queues))
    cfn = ann.client("cloudformation")
    name, arn, status = create(cfn, QUEUE, RoleARN=makes_queues)
    assert status == "CREATE_COMPLETE"
    assert cfn.describe_stacks(StackName=name)["Stacks"][0]["RoleARN"] == makes_queues
    _, arn, status = create(cfn, BOTH, RoleARN=makes_queues)
    assert status == "ROLLBACK_COMPLETE"
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/{makes_queues.split('/')[-1]}/AWSCloudFormation"
    assert f"User: {session} is not authorized to perform: sns:CreateTopic" in reasons(root_cfn, arn)["T"]
    everything = user(allow("*"))
    _, arn, status = create(everything.client("cloudformation"), BOTH, RoleARN=makes_queues)
    assert status == "ROLLBACK_COMPLETE"


def test_a_role_has_to_be_passed_and_to_trust(user, role):
    good, distrustful = role(trusts(CFN), allow("*")), role(trusts({"Service": "ec2.amazonaws.com"}), allow("*"))
    ask = {"StackName": stack_name(), "TemplateBody": json.dumps(QUEUE)}
    ann = user(allow("cloudformation:*"))
    code, message = refusal(ann.client("cloudformation").create_stack, **ask, RoleARN=good)
    assert code == "AccessDenied" and f"iam:PassRole on resource: {good}" in message
    able = user(allow("cloudformation:*"), allow("iam:PassRole")).client("cloudformation")
    code, message = refusal(able.create_stack, **ask, RoleARN=distrustful)
    assert code == "ValidationError" and distrustful in message
    code, message = refusal(able.create_stack, **ask, RoleARN=f"arn:aws:iam::{ACCOUNT}:role/nobody")
    assert code == "ValidationError"


def test_the_stack_remembers_its_role(guarded, user, role, iam, root_cfn):
    """Who may operate on the stack uses its role, without being allowed to pass it; and no other's rights."""
    arn_of_role = role(trusts(CFN), allow("sqs:*"))
    name, arn, status = create(root_cfn, QUEUE, RoleARN=arn_of_role)
    assert status == "CREATE_COMPLETE"
    operator = user(allow("cloudformation:*")).client("cloudformation")
    operator.update_stack(StackName=name, TemplateBody=json.dumps(BOTH))
    assert settled(operator, name)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert "AWSCloudFormation is not authorized to perform: sns:CreateTopic" in reasons(root_cfn, arn)["T"]
    root_cfn.update_stack(StackName=name, TemplateBody=json.dumps(BOTH))  # the account itself: the role all the same
    assert settled(root_cfn, name)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    iam.update_assume_role_policy(RoleName=arn_of_role.split("/")[-1], PolicyDocument=trusts({"Service": "ec2.amazonaws.com"}))
    assert refusal(operator.delete_stack, StackName=name) == ("ValidationError", f"Role {arn_of_role} is invalid or cannot be assumed")
    other = role(trusts(CFN), allow(["sqs:*", "sns:*"]))
    root_cfn.delete_stack(StackName=name, RoleARN=other)
    assert settled(root_cfn, arn)["StackStatus"] == "DELETE_COMPLETE"


def test_a_change_set_has_its_role(user, role):
    arn_of_role = role(trusts(CFN), allow("sqs:*"))
    maker = user(allow("cloudformation:*"), allow("iam:PassRole", arn_of_role)).client("cloudformation")
    executor = user(allow("cloudformation:*")).client("cloudformation")
    for template, ends in ((QUEUE, "CREATE_COMPLETE"), (BOTH, "ROLLBACK_COMPLETE")):
        name = stack_name()
        ask = {"StackName": name, "ChangeSetName": "c", "ChangeSetType": "CREATE", "TemplateBody": json.dumps(template)}
        assert code_of(executor.create_change_set, **ask, RoleARN=arn_of_role) == "AccessDenied"
        maker.create_change_set(**ask, RoleARN=arn_of_role)
        executor.execute_change_set(StackName=name, ChangeSetName="c")
        assert settled(executor, name)["StackStatus"] == ends


def test_whoever_executes_a_change_set_without_a_role_acts(user):
    maker = user(allow("cloudformation:*"), allow("sqs:*")).client("cloudformation")
    poor = user(allow("cloudformation:*")).client("cloudformation")
    for executor, ends in ((maker, "CREATE_COMPLETE"), (poor, "ROLLBACK_COMPLETE")):
        name = stack_name()
        maker.create_change_set(StackName=name, ChangeSetName="c", ChangeSetType="CREATE", TemplateBody=json.dumps(QUEUE))
        executor.execute_change_set(StackName=name, ChangeSetName="c")
        assert settled(executor, name)["StackStatus"] == ends


def test_session_policies_and_boundaries_narrow_stacks(guarded, user, role, iam):
    ann = user(allow("*"))
    arn = role(trusts({"AWS": ann.arn()}), allow("*"))
    narrow = policy(allow(["cloudformation:*", "sqs:*"]))
    made = ann.client("sts").assume_role(RoleArn=arn, RoleSessionName="s1", Policy=narrow)
    cfn = Who(guarded, made["Credentials"]).client("cloudformation")
    assert create(cfn, QUEUE)[2] == "CREATE_COMPLETE"
    _, stack, status = create(cfn, BOTH)
    assert status == "ROLLBACK_COMPLETE"
    assert "because no session policy allows the sns:CreateTopic action" in reasons(cfn, stack)["T"]
    bound = iam.create_policy(PolicyName=f"bound-{next(names)}", PolicyDocument=narrow)["Policy"]["Arn"]
    iam.put_user_permissions_boundary(UserName=ann.name, PermissionsBoundary=bound)
    _, stack, status = create(ann.client("cloudformation"), BOTH)
    assert status == "ROLLBACK_COMPLETE"
    assert "because no permissions boundary allows the sns:CreateTopic action" in reasons(ann.client("cloudformation"), stack)["T"]


def test_roles_that_templates_hand_on_are_passed_by_the_stack(user, role, root_cfn):
    given = role(trusts({"Service": "states.amazonaws.com"}))
    machine = {"Resources": {"M": {"Type": "AWS::StepFunctions::StateMachine", "Properties": {
        "RoleArn": given, "Definition": {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}}}}}  # fmt: skip
    poor, able = user(allow(["cloudformation:*", "states:*"])), user(allow(["cloudformation:*", "states:*"]), allow("iam:PassRole", given))
    _, arn, status = create(poor.client("cloudformation"), machine)
    assert status == "ROLLBACK_COMPLETE" and f"iam:PassRole on resource: {given}" in reasons(root_cfn, arn)["M"]
    assert create(able.client("cloudformation"), machine)[2] == "CREATE_COMPLETE"


def test_parameters_and_dynamic_references_are_read_by_who_asks(guarded, user, root_cfn):
    guarded.client("ssm").put_parameter(Name="/stacks/name", Value="from-ssm", Type="String")
    guarded.client("secretsmanager").create_secret(Name="stacks-secret", SecretString="hush")
    may = allow(["cloudformation:*", "sqs:*"])
    of_parameter = {"Parameters": {"P": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/stacks/name"}}} | QUEUE
    poor = user(may).client("cloudformation")
    code, message = refusal(poor.create_stack, StackName=stack_name(), TemplateBody=json.dumps(of_parameter))
    assert code == "ValidationError" and "not authorized to perform: ssm:GetParameters" in message
    able = user(may, allow("ssm:GetParameters")).client("cloudformation")
    assert create(able, of_parameter)[2] == "CREATE_COMPLETE"
    for reference, action in (("{{resolve:ssm:/stacks/name}}", "ssm:GetParameters"),
                              ("{{resolve:secretsmanager:stacks-secret}}", "secretsmanager:GetSecretValue")):  # fmt: skip
        tagged = {"Resources": {"Q": {"Type": "AWS::SQS::Queue", "Properties": {"Tags": [{"Key": "k", "Value": reference}]}}}}
        _, arn, status = create(poor, tagged)
        assert status == "ROLLBACK_COMPLETE" and f"not authorized to perform: {action}" in reasons(root_cfn, arn)["Q"]
        assert create(user(may, allow(action)).client("cloudformation"), tagged)[2] == "CREATE_COMPLETE"


def test_templates_code_and_definitions_are_read_by_who_asks(guarded, user, root_cfn, role):
    s3 = guarded.client("s3")
    s3.put_object(Bucket="vault", Key="template.json", Body=json.dumps(QUEUE))
    url = f"https://s3.{REGION}.amazonaws.com/vault/template.json"
    poor = user(allow(["cloudformation:*", "sqs:*"])).client("cloudformation")
    code, message = refusal(poor.create_stack, StackName=stack_name(), TemplateURL=url)
    assert code == "ValidationError" and "s3:GetObject" in message
    able = user(allow(["cloudformation:*", "sqs:*"]), allow("s3:GetObject", "arn:aws:s3:::vault/*")).client("cloudformation")
    able.create_stack(StackName=stack_name(), TemplateURL=url)
    s3.put_object(Bucket="vault", Key="machine.json", Body=json.dumps({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}))
    runs = role(trusts({"Service": "states.amazonaws.com"}))
    machine = {"Resources": {"M": {"Type": "AWS::StepFunctions::StateMachine", "Properties": {
        "RoleArn": runs, "DefinitionS3Location": {"Bucket": "vault", "Key": "machine.json"}}}}}  # fmt: skip
    _, arn, status = create(user(allow(["cloudformation:*", "states:*", "iam:PassRole"])).client("cloudformation"), machine)
    assert status == "ROLLBACK_COMPLETE" and "s3:GetObject" in reasons(root_cfn, arn)["M"]


def test_nested_stacks_act_under_the_same_name(guarded, user, role, root_cfn):
    guarded.client("s3").put_object(Bucket="lake", Key="nested.json", Body=json.dumps(QUEUE))
    outer = {"Resources": {"N": {"Type": "AWS::CloudFormation::Stack", "Properties": {
        "TemplateURL": f"https://s3.{REGION}.amazonaws.com/lake/nested.json"}}}}  # fmt: skip
    may = [allow("cloudformation:*"), allow("s3:GetObject", "arn:aws:s3:::lake/*")]
    poor, rich = role(trusts(CFN), *may), role(trusts(CFN), *may, allow("sqs:*"))
    assert create(root_cfn, outer, RoleARN=poor)[2] == "ROLLBACK_COMPLETE"
    name, _, status = create(root_cfn, outer, RoleARN=rich)
    assert status == "CREATE_COMPLETE"
    (nested,) = root_cfn.describe_stack_resources(StackName=name)["StackResources"]
    assert root_cfn.describe_stacks(StackName=nested["PhysicalResourceId"])["Stacks"][0]["RoleARN"] == rich
    ann = user(*may)
    assert create(ann.client("cloudformation"), outer)[2] == "ROLLBACK_COMPLETE"


def test_declared_resources_are_decided_too(user, root_cfn):
    network = {"Resources": {"V": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}}}
    _, arn, status = create(user(allow("cloudformation:*")).client("cloudformation"), network)
    assert status == "ROLLBACK_COMPLETE" and "ec2:CreateVpc" in reasons(root_cfn, arn)["V"]
    assert create(user(allow(["cloudformation:*", "ec2:*"])).client("cloudformation"), network)[2] == "CREATE_COMPLETE"


def test_a_custom_resource_asks_as_the_stack(guarded, user, root_cfn):
    topic = guarded.client("sns").create_topic(Name="asked")["TopicArn"]
    asks = {"Resources": {"C": {"Type": "Custom::Thing", "Properties": {"ServiceToken": topic, "ServiceTimeout": 1}}}}
    _, arn, status = create(user(allow("cloudformation:*")).client("cloudformation"), asks)
    assert status == "ROLLBACK_COMPLETE" and "sns:Publish" in reasons(root_cfn, arn)["C"]
    _, arn, status = create(user(allow(["cloudformation:*", "sns:Publish"])).client("cloudformation"), asks)
    assert "did not receive a response" in reasons(root_cfn, arn)["C"]


def test_who_asked_is_remembered_over_a_crash(tmp_path, request):
    server = Server(tmp_path, "--auth", "enforce")
    request.addfinalizer(server.stop)
    made = json.loads(server.cli("keys", "create", "--json", "--data", str(server.data)).stdout)
    server.keys = {"AWS_ACCESS_KEY_ID": made["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": made["SecretAccessKey"]}
    admin = server.client("iam")
    admin.create_user(UserName="ann")
    admin.put_user_policy(UserName="ann", PolicyName="own", PolicyDocument=policy(allow("*")))
    session = Who(server, Who(server, admin.create_access_key(UserName="ann")["AccessKey"]).client("sts").get_federation_token(
        Name="guest", Policy=policy(allow(["cloudformation:*", "sqs:*"])))["Credentials"])  # fmt: skip
    waits = {"Resources": {
        "H": {"Type": "AWS::CloudFormation::WaitConditionHandle"},
        "W": {"Type": "AWS::CloudFormation::WaitCondition", "Properties": {"Handle": {"Ref": "H"}, "Timeout": "60", "Count": 1}},
        "Q": {"Type": "AWS::SQS::Queue", "DependsOn": "W"},
        "T": {"Type": "AWS::SNS::Topic", "DependsOn": "Q"}}}  # fmt: skip
    cfn = session.client("cloudformation")
    arn = cfn.create_stack(StackName="slow", TemplateBody=json.dumps(waits))["StackId"]
    resources = lambda: {r["LogicalResourceId"]: r for r in cfn.describe_stack_resources(StackName=arn)["StackResources"]}  # fmt: skip
    handle = wait_for(lambda: resources().get("H", {}).get("PhysicalResourceId"))
    wait_for(lambda: "W" in resources())
    server.kill()
    server.start()
    cfn = session.client("cloudformation")
    body = json.dumps({"Status": "SUCCESS", "UniqueId": "1", "Data": "", "Reason": ""}).encode()
    urllib.request.urlopen(urllib.request.Request(handle, data=body, method="PUT", headers={"Content-Type": ""})).close()
    assert settled(cfn, arn)["StackStatus"] == "ROLLBACK_COMPLETE"
    reason = reasons(cfn, arn)["T"]
    assert f"User: arn:aws:sts::{ACCOUNT}:federated-user/guest is not authorized to perform: sns:CreateTopic" in reason
    assert server.stop() == 0


def test_drift_is_looked_for_by_who_asks(user, role, root_cfn):
    name, _, status = create(root_cfn, QUEUE)
    assert status == "CREATE_COMPLETE"
    poor, able = user(allow("cloudformation:*")), user(allow("cloudformation:*"), allow(["sqs:Get*", "sqs:List*"]))

    def detect(cfn):
        detection = cfn.detect_stack_drift(StackName=name)["StackDriftDetectionId"]
        ask = lambda: cfn.describe_stack_drift_detection_status(StackDriftDetectionId=detection)  # fmt: skip
        return wait_for(lambda: (d := ask())["DetectionStatus"] != "DETECTION_IN_PROGRESS" and d)["DetectionStatus"]

    assert detect(poor.client("cloudformation")) == "DETECTION_FAILED"
    assert detect(able.client("cloudformation")) == "DETECTION_COMPLETE"


def test_providers_and_policies_of_logs_from_a_template(guarded, root_cfn):
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "logs:PutLogEvents", "Resource": "*"}]}
    template = {"Resources": {
        "O": {"Type": "AWS::IAM::OIDCProvider", "Properties": {"Url": "https://stacks.example.com", "ClientIdList": ["c"], "ThumbprintList": ["a" * 40]}},
        "S": {"Type": "AWS::IAM::SAMLProvider", "Properties": {"Name": "stacks", "SamlMetadataDocument": "x" * 1000}},
        "L": {"Type": "AWS::Logs::ResourcePolicy", "Properties": {"PolicyName": "stacks", "PolicyDocument": json.dumps(document)}}},
        "Outputs": {"O": {"Value": {"Fn::GetAtt": ["O", "Arn"]}}, "S": {"Value": {"Ref": "S"}}}}  # fmt: skip
    name, arn, status = create(root_cfn, template, Capabilities=["CAPABILITY_IAM"])
    assert status == "CREATE_COMPLETE", reasons(root_cfn, arn)
    told = {o["OutputKey"]: o["OutputValue"] for o in root_cfn.describe_stacks(StackName=name)["Stacks"][0]["Outputs"]}
    assert told == {"O": f"arn:aws:iam::{ACCOUNT}:oidc-provider/stacks.example.com", "S": f"arn:aws:iam::{ACCOUNT}:saml-provider/stacks"}
    assert [p["policyName"] for p in guarded.client("logs").describe_resource_policies()["resourcePolicies"]] == ["stacks"]
    root_cfn.delete_stack(StackName=name)
    assert settled(root_cfn, arn)["StackStatus"] == "DELETE_COMPLETE"
    assert guarded.client("iam").list_saml_providers()["SAMLProviderList"] == []
