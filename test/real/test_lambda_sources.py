# test_lambda_sources.py - event source mappings: functions invoked with what comes into queues, its end, and crashes in between.
import json
import time
import uuid

import pytest
from server import Server, processes_inside, wait_for
from test_lambda import make, refused, zip_of

CODE = zip_of({"app.py": """
import json, os, time

def handler(event, context):
    bodies = [r["body"] for r in event["Records"]]
    with open(os.environ["FILE"], "a") as f:
        f.write(json.dumps(event) + "\\n")
    if "slow" in bodies:
        time.sleep(float(os.environ.get("SECONDS", "1")))
    if "break" in bodies and os.environ.get("BROKEN", "1") == "1":
        raise ValueError("as told")
    if os.environ.get("REPORT"):
        return {"batchItemFailures": [{"itemIdentifier": r["messageId"]} for r in event["Records"] if r["body"] == "bad"]}
"""})


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    s = Server(tmp_path_factory.mktemp("sources"))
    yield s
    s.stop()
    wait_for(lambda: processes_inside(s.data) == [], what="the processes to be gone")


class Source:
    def __init__(self, server, folder, queue=None, environment=None, timeout=3, **given):
        self.sqs, self.client = server.client("sqs"), server.client("lambda")
        self.file = folder / uuid.uuid4().hex
        queue = queue or {}
        name = "q-" + uuid.uuid4().hex[:12] + (".fifo" if "FifoQueue" in queue else "")
        self.url = self.sqs.create_queue(QueueName=name, Attributes=queue)["QueueUrl"]
        self.arn = self.attribute("QueueArn")
        self.function = make(
            self.client, CODE, Timeout=timeout, Environment={"Variables": {"FILE": str(self.file), **(environment or {})}}
        )
        made = self.client.create_event_source_mapping(EventSourceArn=self.arn, FunctionName=self.function, **given)
        self.id = made["UUID"]
        assert made["State"] == "Creating" and made["ResponseMetadata"]["HTTPStatusCode"] == 202
        self.made = made

    def attribute(self, name):
        return self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=[name])["Attributes"][name]

    def send(self, *bodies, **more):
        for body in bodies:
            self.sqs.send_message(QueueUrl=self.url, MessageBody=body, **more)

    def events(self):
        return [json.loads(line) for line in self.file.read_text().splitlines()] if self.file.exists() else []

    def bodies(self):
        return [r["body"] for e in self.events() for r in e["Records"]]

    def left(self):
        return int(self.attribute("ApproximateNumberOfMessages")) + int(self.attribute("ApproximateNumberOfMessagesNotVisible"))

    def state(self):
        return self.client.get_event_source_mapping(UUID=self.id)["State"]


def test_messages_reach_the_function_and_are_deleted(server, tmp_path):
    s = Source(server, tmp_path)
    wait_for(lambda: s.state() == "Enabled")
    s.send("one", MessageAttributes={"color": {"DataType": "String", "StringValue": "red"}})
    wait_for(lambda: s.bodies() == ["one"])
    record = s.events()[0]["Records"][0]
    assert record["eventSource"] == "aws:sqs" and record["eventSourceARN"] == s.arn and record["awsRegion"] == "us-east-1"
    assert record["messageAttributes"]["color"] == {
        "stringValue": "red", "stringListValues": [], "binaryListValues": [], "dataType": "String"
    }  # fmt: skip
    assert record["md5OfBody"] == "f97c5d29941bfb1b2fdab0874906ab82"
    assert set(record["attributes"]) == {
        "ApproximateReceiveCount", "SentTimestamp", "SenderId", "ApproximateFirstReceiveTimestamp"
    }  # fmt: skip
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    wait_for(lambda: s.left() == 0)
    told = s.client.get_event_source_mapping(UUID=s.id)
    assert told["BatchSize"] == 10 and told["MaximumBatchingWindowInSeconds"] == 0 and told["LastProcessingResult"] == "OK"
    assert told["FunctionArn"].endswith(":function:" + s.function)
    assert told["EventSourceMappingArn"].endswith(":event-source-mapping:" + s.id)


def test_what_was_there_before_is_taken_too(server, tmp_path):
    s = Source(server, tmp_path, Enabled=False)
    wait_for(lambda: s.state() == "Disabled")
    s.send(*"abc")
    assert s.client.update_event_source_mapping(UUID=s.id, Enabled=True, BatchSize=2)["State"] == "Enabling"
    wait_for(lambda: sorted(s.bodies()) == ["a", "b", "c"])
    assert max(len(e["Records"]) for e in s.events()) == 2
    assert s.client.update_event_source_mapping(UUID=s.id, Enabled=False)["State"] == "Disabling"
    wait_for(lambda: s.state() == "Disabled")


def test_a_failure_comes_again_after_the_visibility_timeout_and_then_to_the_dead_letters(server, tmp_path):
    sqs = server.client("sqs")
    dead = sqs.create_queue(QueueName="dead-" + uuid.uuid4().hex[:8])["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": "2"})
    s = Source(server, tmp_path, {"VisibilityTimeout": "1", "RedrivePolicy": policy}, timeout=1)
    s.send("break")
    got = wait_for(lambda: sqs.receive_message(QueueUrl=dead, WaitTimeSeconds=10).get("Messages"))
    assert got[0]["Body"] == "break"
    assert [r["attributes"]["ApproximateReceiveCount"] for e in s.events() for r in e["Records"]] == ["1", "2"]
    assert s.client.get_event_source_mapping(UUID=s.id)["LastProcessingResult"].startswith("PROBLEM")


def test_only_the_failed_items_of_a_batch_come_again(server, tmp_path):
    s = Source(server, tmp_path, {"VisibilityTimeout": "1"}, {"REPORT": "1"}, timeout=1, Enabled=False,
               FunctionResponseTypes=["ReportBatchItemFailures"])  # fmt: skip
    s.send("good", "bad", "fine")
    s.client.update_event_source_mapping(UUID=s.id, Enabled=True)
    wait_for(lambda: s.bodies().count("bad") >= 2)
    assert s.bodies().count("good") == 1 and s.bodies().count("fine") == 1
    assert s.left() == 1


def test_filters_drop_what_they_do_not_want(server, tmp_path):
    pattern = json.dumps({"body": {"size": [{"numeric": [">", 10]}]}})
    s = Source(server, tmp_path, FilterCriteria={"Filters": [{"Pattern": pattern}]})
    s.send('{"size": 5}', '{"size": 50}', "words")
    wait_for(lambda: s.left() == 0)
    assert s.bodies() == ['{"size": 50}']


def test_a_window_gathers_a_batch(server, tmp_path):
    s = Source(server, tmp_path, BatchSize=100, MaximumBatchingWindowInSeconds=2)
    for i in range(30):
        s.send(str(i))
    wait_for(lambda: len(s.bodies()) == 30)
    assert len(s.events()) == 1


def test_no_more_batches_run_at_once_than_allowed(server, tmp_path):
    s = Source(server, tmp_path, environment={"SECONDS": "0.6"}, BatchSize=1, ScalingConfig={"MaximumConcurrency": 2})
    s.send("slow", "slow", "slow", "slow", "slow", "slow")
    most = 0
    while s.left():
        most = max(most, int(s.attribute("ApproximateNumberOfMessagesNotVisible")))
    assert most <= 2 and len(s.bodies()) == 6


def test_a_fifo_queue_keeps_its_groups_in_order(server, tmp_path):
    s = Source(server, tmp_path, {"FifoQueue": "true", "ContentBasedDeduplication": "true"}, BatchSize=3)
    for i in range(12):
        s.send(f"{i % 2}-{i}", MessageGroupId=f"g{i % 2}")
    wait_for(lambda: len(s.bodies()) == 12)
    for group in "01":
        numbers = [int(b.split("-")[1]) for b in s.bodies() if b.startswith(group)]
        assert numbers == sorted(numbers)


def test_kill_9_while_a_batch_runs_loses_nothing(own_server, tmp_path):
    s = Source(own_server, tmp_path, {"VisibilityTimeout": "600"}, {"SECONDS": "3"}, timeout=30)
    s.send("slow", "second")
    wait_for(lambda: "slow" in s.bodies())
    own_server.kill()
    started = time.monotonic()
    own_server.start()
    s.sqs, s.client = own_server.client("sqs"), own_server.client("lambda")
    wait_for(lambda: s.left() == 0)
    assert time.monotonic() - started < 60, "not only after the visibility timeout"
    assert s.bodies().count("slow") == 2 and "second" in s.bodies()


def test_listed_tagged_and_deleted(server, tmp_path):
    s = Source(server, tmp_path, Tags={"team": "blue"})
    c = s.client
    assert [m["UUID"] for m in c.list_event_source_mappings(FunctionName=s.function)["EventSourceMappings"]] == [s.id]
    assert [m["UUID"] for m in c.list_event_source_mappings(EventSourceArn=s.arn)["EventSourceMappings"]] == [s.id]
    arn = s.made["EventSourceMappingArn"]
    c.tag_resource(Resource=arn, Tags={"a": "b"})
    c.untag_resource(Resource=arn, TagKeys=["team"])
    assert c.list_tags(Resource=arn)["Tags"] == {"a": "b"}
    assert "already exists" in refused(
        "ResourceConflictException", c.create_event_source_mapping, EventSourceArn=s.arn, FunctionName=s.function
    )
    assert c.delete_event_source_mapping(UUID=s.id)["State"] == "Deleting"
    wait_for(lambda: c.list_event_source_mappings(EventSourceArn=s.arn)["EventSourceMappings"] == [])
    refused("ResourceNotFoundException", c.get_event_source_mapping, UUID=s.id)


@pytest.mark.parametrize(
    "given, words",
    [
        ({"EventSourceArn": "arn:aws:kinesis:us-east-1:000000000000:stream/s"}, "not offered"),
        ({"EventSourceArn": "arn:aws:dynamodb:us-east-1:000000000000:table/t/stream/1"}, "not offered"),
        ({"EventSourceArn": "arn:aws:sqs:us-east-1:000000000000:none"}, "NonExistentQueue"),
        ({"BatchSize": 11}, "batch window"),
        ({"StartingPosition": "LATEST"}, "not valid for SQS"),
        ({"FilterCriteria": {"Filters": [{"Pattern": "{"}]}}, "Invalid filter pattern definition."),
    ],
)
def test_what_cannot_be_is_refused(server, given, words):
    client, sqs = server.client("lambda"), server.client("sqs")
    url = sqs.create_queue(QueueName="refused")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    function = make(client, CODE)
    message = refused(
        "InvalidParameterValueException", client.create_event_source_mapping, **{"EventSourceArn": arn, "FunctionName": function, **given}
    )
    assert words in message


def test_the_queue_must_hide_for_as_long_as_the_function_may_take(server, tmp_path):
    with pytest.raises(Exception, match="Queue visibility timeout: 30 seconds is less than Function timeout: 31 seconds"):
        Source(server, tmp_path, timeout=31)


DRIFTING = """
Resources:
  Q: {Type: AWS::SQS::Queue}
  F:
    Type: AWS::Lambda::Function
    Properties: {Runtime: python3.12, Handler: index.handler, Role: 'arn:aws:iam::000000000000:role/r', Code: {ZipFile: "def handler(e, c): pass"}}
  M:
    Type: AWS::Lambda::EventSourceMapping
    Properties: {FunctionName: !Ref F, EventSourceArn: !GetAtt Q.Arn, BatchSize: 5, FilterCriteria: {Filters: [{Pattern: '{"body":["a"]}'}]}}
  U:
    Type: AWS::Lambda::Url
    Properties: {TargetFunctionArn: !GetAtt F.Arn, AuthType: NONE}
"""


def test_stacks_tell_what_was_changed_behind_their_back(server):
    cfn, client = server.client("cloudformation"), server.client("lambda")
    cfn.create_stack(StackName="drifting", TemplateBody=DRIFTING)
    cfn.get_waiter("stack_create_complete").wait(StackName="drifting", WaiterConfig={"Delay": 1, "MaxAttempts": 60})

    def physical(logical):
        return cfn.describe_stack_resource(StackName="drifting", LogicalResourceId=logical)["StackResourceDetail"]["PhysicalResourceId"]

    def drift():
        asked = cfn.detect_stack_drift(StackName="drifting")["StackDriftDetectionId"]
        status = lambda: cfn.describe_stack_drift_detection_status(StackDriftDetectionId=asked)["DetectionStatus"]  # noqa: E731
        wait_for(lambda: status() != "DETECTION_IN_PROGRESS")
        told = cfn.describe_stack_resource_drifts(StackName="drifting")["StackResourceDrifts"]
        return {r["LogicalResourceId"]: [d["PropertyPath"] for d in r.get("PropertyDifferences", [])] for r in told}

    assert drift() == {"F": [], "M": [], "Q": [], "U": []}
    client.update_event_source_mapping(UUID=physical("M"), BatchSize=7)
    client.update_function_url_config(FunctionName=physical("F"), AuthType="AWS_IAM")
    assert drift() == {"F": [], "M": ["/BatchSize"], "Q": [], "U": ["/AuthType"]}
    cfn.delete_stack(StackName="drifting")
    cfn.get_waiter("stack_delete_complete").wait(StackName="drifting", WaiterConfig={"Delay": 1, "MaxAttempts": 60})
