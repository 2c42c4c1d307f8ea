# test_cloudformation_sam.py - serverless templates, loops and includes: deployed by boto3, and what they made is used.
import itertools
import json

import pytest
from botocore.exceptions import ClientError

from server import wait_for

names = itertools.count(1)
EXPAND = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]

PIPELINE = """
Transform: AWS::Serverless-2016-10-31
Parameters:
  Greeting: {Type: String, Default: hello, AllowedPattern: '[a-z]+'}
Rules:
  Kind:
    Assertions:
      - Assert: !Not [!Equals [!Ref Greeting, shout]]
        AssertDescription: Nobody shouts here
Globals:
  Function: {Runtime: python3.11, Timeout: 10}
Resources:
  Greet:
    Type: AWS::Serverless::Function
    Properties:
      Handler: index.handler
      Environment: {Variables: {GREETING: !Ref Greeting}}
      InlineCode: |
        import os
        def handler(event, context):
            return os.environ["GREETING"] + " " + event["name"]
      Policies:
        - S3ReadPolicy: {BucketName: data}
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties:
      Definition:
        StartAt: Greet
        States:
          Greet: {Type: Task, Resource: !GetAtt Greet.Arn, End: true}
      Policies:
        - LambdaInvokePolicy: {FunctionName: !Ref Greet}
      Events:
        Nightly:
          Type: ScheduleV2
          Properties:
            ScheduleExpression: cron(0 2 * * ? *)
            ScheduleExpressionTimezone: Europe/Berlin
            Input: '{"name": "night"}'
        Finished:
          Type: EventBridgeRule
          Properties:
            Pattern: {source: [aws.emr]}
Outputs:
  Machine: {Value: !Ref Machine}
"""


@pytest.fixture(scope="module")
def cfn(server):
    return server.client("cloudformation")


@pytest.fixture
def name(cfn):
    name = f"sam-{next(names)}"
    yield name
    cfn.delete_stack(StackName=name)
    wait_for(lambda: name not in {s["StackName"] for s in cfn.describe_stacks()["Stacks"]}, what=f"{name} to go")


def settled(cfn, name, expected):
    def look():
        status = cfn.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
        return status.endswith(("_COMPLETE", "_FAILED")) and status

    found = wait_for(look, what=f"{name} to settle")
    events = cfn.describe_stack_events(StackName=name)["StackEvents"]
    assert found == expected, [(e["LogicalResourceId"], e.get("ResourceStatusReason")) for e in events]
    return cfn.describe_stacks(StackName=name)["Stacks"][0]


def types(cfn, name):
    return {r["LogicalResourceId"]: r["ResourceType"] for r in cfn.describe_stack_resources(StackName=name)["StackResources"]}


def refused(cfn, name, body, message, code="ValidationError", **more):
    with pytest.raises(ClientError) as refusal:
        cfn.create_stack(StackName=name, TemplateBody=body, Capabilities=EXPAND, **more)
    assert refusal.value.response["Error"] == {"Code": code, "Message": message, "Type": "Sender"}


def test_a_serverless_pipeline_is_deployed_and_runs(server, cfn, name):
    cfn.create_stack(StackName=name, TemplateBody=PIPELINE, Capabilities=EXPAND)
    stack = settled(cfn, name, "CREATE_COMPLETE")
    assert types(cfn, name) == {
        "Greet": "AWS::Lambda::Function",
        "GreetRole": "AWS::IAM::Role",
        "Machine": "AWS::StepFunctions::StateMachine",
        "MachineRole": "AWS::IAM::Role",
        "MachineNightly": "AWS::Scheduler::Schedule",
        "MachineNightlyRole": "AWS::IAM::Role",
        "MachineFinished": "AWS::Events::Rule",
        "MachineFinishedRole": "AWS::IAM::Role",
    }
    arn = stack["Outputs"][0]["OutputValue"]
    states = server.client("stepfunctions")
    run = states.start_execution(stateMachineArn=arn, input='{"name": "you"}')["executionArn"]
    done = wait_for(
        lambda: (e := states.describe_execution(executionArn=run))["status"] != "RUNNING" and e, what="the execution"
    )
    assert (done["status"], done.get("output")) == ("SUCCEEDED", '"hello you"')
    schedule = server.client("scheduler").get_schedule(Name="MachineNightly")
    assert (schedule["Target"]["Arn"], schedule["ScheduleExpressionTimezone"]) == (arn, "Europe/Berlin")


def test_the_template_is_told_before_and_after(cfn, name):
    cfn.create_stack(StackName=name, TemplateBody=PIPELINE, Capabilities=EXPAND)
    settled(cfn, name, "CREATE_COMPLETE")
    assert cfn.get_template(StackName=name)["TemplateBody"] == PIPELINE
    made = cfn.get_template(StackName=name, TemplateStage="Processed")["TemplateBody"]
    made = made if isinstance(made, dict) else json.loads(made)
    assert "Transform" not in made and "Globals" not in made
    assert made["Resources"]["Greet"]["Properties"]["Timeout"] == 10


def test_an_update_changes_what_was_generated(server, cfn, name):
    cfn.create_stack(StackName=name, TemplateBody=PIPELINE, Capabilities=EXPAND)
    settled(cfn, name, "CREATE_COMPLETE")
    cfn.update_stack(
        StackName=name,
        UsePreviousTemplate=True,
        Capabilities=EXPAND,
        Parameters=[{"ParameterKey": "Greeting", "ParameterValue": "welcome"}],
    )
    settled(cfn, name, "UPDATE_COMPLETE")
    function = cfn.describe_stack_resource(StackName=name, LogicalResourceId="Greet")["StackResourceDetail"]
    answer = server.client("lambda").invoke(FunctionName=function["PhysicalResourceId"], Payload='{"name": "back"}')
    assert json.load(answer["Payload"]) == "welcome back"


LOOP = {
    "Transform": "AWS::LanguageExtensions",
    "Parameters": {
        "Kinds": {"Type": "CommaDelimitedList", "Default": "raw,final"},
        "Policy": {"Type": "String", "Default": "Delete"},
    },
    "Resources": {
        "Fn::ForEach::Queues": [
            "Kind",
            {"Ref": "Kinds"},
            {
                "Queue${Kind}": {
                    "Type": "AWS::SQS::Queue",
                    "DeletionPolicy": {"Ref": "Policy"},
                    "Properties": {"QueueName": {"Fn::Sub": "${AWS::StackName}-${Kind}"}},
                }
            },
        ]
    },
    "Outputs": {
        "Fn::ForEach::Names": ["Kind", {"Ref": "Kinds"}, {"Name${Kind}": {"Value": {"Fn::GetAtt": ["Queue${Kind}", "QueueName"]}}}],
        "Count": {"Value": {"Fn::Length": {"Ref": "Kinds"}}},
    },
}


def test_a_loop_makes_a_resource_for_each_item(cfn, name):
    body = json.dumps(LOOP)
    assert cfn.validate_template(TemplateBody=body)["DeclaredTransforms"] == ["AWS::LanguageExtensions"]
    assert cfn.get_template_summary(TemplateBody=body)["ResourceTypes"] == []
    cfn.create_stack(StackName=name, TemplateBody=body, Capabilities=EXPAND)
    outputs = settled(cfn, name, "CREATE_COMPLETE")["Outputs"]
    assert {o["OutputKey"]: o["OutputValue"] for o in outputs} == {
        "Nameraw": f"{name}-raw",
        "Namefinal": f"{name}-final",
        "Count": "2",
    }


def test_what_is_included_comes_from_the_store(server, cfn, name):
    s3 = server.client("s3")
    s3.create_bucket(Bucket="snippets")
    s3.put_object(Bucket="snippets", Key="queue.yaml", Body=b"QueueName: !Sub '${AWS::StackName}-included'\n")
    place = {"Name": "AWS::Include", "Parameters": {"Location": "s3://snippets/queue.yaml"}}
    resources = {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"Fn::Transform": place}}}
    cfn.create_stack(StackName=name, TemplateBody=json.dumps({"Resources": resources}), Capabilities=EXPAND)
    settled(cfn, name, "CREATE_COMPLETE")
    queues = server.client("sqs").list_queues(QueueNamePrefix=name).get("QueueUrls", [])
    assert [q.rsplit("/", 1)[1] for q in queues] == [f"{name}-included"]


def test_refusals_have_their_words(cfn):
    head = "Transform AWS::Serverless-2016-10-31 failed with: Invalid Serverless Application Specification document. "
    api = {"Transform": "AWS::Serverless-2016-10-31", "Resources": {"Web": {"Type": "AWS::Serverless::Api"}}}
    refused(
        cfn,
        "refused",
        json.dumps(api),
        head + "Number of errors found: 1. Resource with id [Web] is invalid. The type AWS::Serverless::Api is not offered.",
    )
    refused(cfn, "refused", json.dumps({"Transform": "Mine", "Resources": {}}), "No transform named Mine found.")
    greeting = {"ParameterKey": "Greeting", "ParameterValue": "shout"}
    refused(cfn, "refused", PIPELINE, "Nobody shouts here", Parameters=[greeting])
    loud = {"ParameterKey": "Greeting", "ParameterValue": "LOUD"}
    refused(cfn, "refused", PIPELINE, "Parameter 'Greeting' must match pattern [a-z]+", Parameters=[loud])
    with pytest.raises(ClientError) as refusal:
        cfn.create_stack(StackName="refused", TemplateBody=PIPELINE, Capabilities=["CAPABILITY_IAM"])
    assert refusal.value.response["Error"]["Message"] == "Requires capabilities : [CAPABILITY_AUTO_EXPAND]"


PACKAGED = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Input: {Type: AWS::S3::Bucket}
  Work:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: work.handler
      Runtime: python3.11
      AutoPublishAlias: live
      Events:
        Hourly: {Type: Schedule, Properties: {Schedule: rate(1 hour), Enabled: false}}
  Watch:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: work.handler
      Runtime: python3.11
      Events:
        Arrived: {Type: S3, Properties: {Bucket: !Ref Input, Events: 's3:ObjectCreated:*'}}
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionUri: machine.asl.json
      DefinitionSubstitutions: {Work: !Ref Work.Alias}
      Policies: [{LambdaInvokePolicy: {FunctionName: !Ref Work}}]
Outputs:
  Machine: {Value: !Ref Machine}
  Input: {Value: !Ref Input}
  Watch: {Value: !GetAtt Watch.Arn}
"""


def test_the_command_line_packages_and_deploys(server, cfn, name, tmp_path):
    s3, states = server.client("s3"), server.client("stepfunctions")
    s3.create_bucket(Bucket="artifacts")
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "work.py").write_text("def handler(event, context):\n    return {'twice': event['n'] * 2}\n")
    (tmp_path / "machine.asl.json").write_text(
        json.dumps({"StartAt": "Work", "States": {"Work": {"Type": "Task", "Resource": "${Work}", "End": True}}})
    )
    (tmp_path / "template.yaml").write_text(PACKAGED)
    made = tmp_path / "made.yaml"
    server.aws(
        *("cloudformation", "package", "--template-file", tmp_path / "template.yaml", "--s3-bucket", "artifacts"),
        *("--output-template-file", made),
    )
    server.aws("cloudformation", "deploy", "--stack-name", name, "--template-file", made, "--capabilities", *EXPAND)
    out = {o["OutputKey"]: o["OutputValue"] for o in cfn.describe_stacks(StackName=name)["Stacks"][0]["Outputs"]}
    run = states.start_execution(stateMachineArn=out["Machine"], input='{"n": 21}')["executionArn"]
    done = wait_for(
        lambda: (e := states.describe_execution(executionArn=run))["status"] != "RUNNING" and e, what="the execution"
    )
    assert (done["status"], json.loads(done.get("output", "null"))) == ("SUCCEEDED", {"twice": 42})
    told = s3.get_bucket_notification_configuration(Bucket=out["Input"])["LambdaFunctionConfigurations"]
    assert [(t["LambdaFunctionArn"], t["Events"]) for t in told] == [(out["Watch"], ["s3:ObjectCreated:*"])]
    published = [i for i, t in types(cfn, name).items() if t in ("AWS::Lambda::Version", "AWS::Lambda::Alias")]
    assert "WorkAliaslive" in published and len(published) == 2
