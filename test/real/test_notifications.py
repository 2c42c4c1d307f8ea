# test_notifications.py - what S3 and Task states send to queues, topics and functions.
import itertools
import json

import pytest
from botocore.exceptions import ClientError

numbers = itertools.count(1)
OWNER = "000000000000"
ROLE = f"arn:aws:iam::{OWNER}:role/service"


@pytest.fixture(scope="module")
def sqs(server):
    return server.client("sqs")


@pytest.fixture(scope="module")
def sns(server):
    return server.client("sns")


@pytest.fixture(scope="module")
def sfn(server):
    return server.client("stepfunctions")


@pytest.fixture
def queue(sqs):
    url = sqs.create_queue(QueueName=f"notified-{next(numbers)}")["QueueUrl"]
    yield url
    sqs.delete_queue(QueueUrl=url)


def arn_of(url):
    return f"arn:aws:sqs:us-east-1:{OWNER}:" + url.rsplit("/", 1)[1]


def take(sqs, url, **more):
    """All there is now, each once."""
    got = []
    while True:
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"], **more).get("Messages", [])
        if not found:
            return got
        got += found
        for m in found:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=m["ReceiptHandle"])
        more = {}


# --- objects ----------------------------------------------------------------------------------------------------------
def test_objects_to_a_queue(s3, sqs, bucket, queue):
    rules = [{"Name": "prefix", "Value": "raw/"}, {"Name": "suffix", "Value": ".csv"}]
    config = {"QueueConfigurations": [{"Id": "new", "QueueArn": arn_of(queue), "Events": ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"],
                                       "Filter": {"Key": {"FilterRules": rules}}}]}  # fmt: skip
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=config)
    [test] = take(sqs, queue)
    assert json.loads(test["Body"])["Event"] == "s3:TestEvent"
    etag = s3.put_object(Bucket=bucket, Key="raw/a b+c.csv", Body=b"1,2\n")["ETag"]
    s3.put_object(Bucket=bucket, Key="other/a.csv", Body=b"")
    s3.delete_object(Bucket=bucket, Key="raw/a b+c.csv")
    records = [json.loads(m["Body"])["Records"][0] for m in take(sqs, queue)]
    assert [r["eventName"] for r in records] == ["ObjectCreated:Put", "ObjectRemoved:Delete"]
    assert records[0]["s3"]["configurationId"] == "new" and records[0]["eventSource"] == "aws:s3"
    there = records[0]["s3"]["object"]
    assert (there["key"], there["size"], f'"{there["eTag"]}"') == ("raw/a+b%2Bc.csv", 4, etag)
    assert records[1]["s3"]["object"]["sequencer"] > there["sequencer"]


def test_objects_to_a_topic(s3, sns, sqs, bucket, queue):
    topic = sns.create_topic(Name="objects")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn_of(queue))
    config = {"TopicConfigurations": [{"TopicArn": topic, "Events": ["s3:ObjectCreated:Put"]}]}
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=config)
    s3.put_object(Bucket=bucket, Key="x", Body=b"x")
    notes = [json.loads(m["Body"]) for m in take(sqs, queue)]
    assert [n["Subject"] for n in notes] == ["Amazon S3 Notification"] * 2
    assert json.loads(notes[1]["Message"])["Records"][0]["s3"]["object"]["key"] == "x"
    sns.delete_topic(TopicArn=topic)


def test_a_queue_that_is_not_there(s3, bucket):
    config = {"QueueConfigurations": [{"QueueArn": f"arn:aws:sqs:us-east-1:{OWNER}:nobody", "Events": ["s3:ObjectCreated:*"]}]}
    with pytest.raises(ClientError) as caught:
        s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=config)
    assert caught.value.response["Error"]["Code"] == "InvalidArgument"
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=config, SkipDestinationValidation=True)
    s3.put_object(Bucket=bucket, Key="x", Body=b"is there all the same")


# --- Task states ------------------------------------------------------------------------------------------------------
def run(sfn, state, wait=True):
    definition = {"StartAt": "Do", "States": {"Do": state | {"Type": "Task", "End": True}}}
    machine = sfn.create_state_machine(name=f"tell-{next(numbers)}", definition=json.dumps(definition), roleArn=ROLE)["stateMachineArn"]
    arn = sfn.start_execution(stateMachineArn=machine, input='{"rows": 3}')["executionArn"]
    return ended(sfn, arn) if wait else arn


def ended(sfn, arn):
    from server import wait_for

    wait_for(lambda: sfn.describe_execution(executionArn=arn)["status"] != "RUNNING", what=arn)
    return sfn.describe_execution(executionArn=arn)


def test_send_message(sfn, sqs, queue):
    got = run(sfn, {
        "Resource": "arn:aws:states:::sqs:sendMessage",
        "Parameters": {
            "QueueUrl": queue,
            "MessageBody": {"rows.$": "$.rows"},
            "MessageAttributes": {"kind": {"DataType": "String", "StringValue": "done"}},
        },
    })  # fmt: skip
    assert got["status"] == "SUCCEEDED", got
    [message] = take(sqs, queue)
    assert json.loads(message["Body"]) == {"rows": 3} and message["MessageAttributes"]["kind"]["StringValue"] == "done"
    output = json.loads(got["output"])
    assert output["MessageId"] == message["MessageId"] and output["MD5OfMessageBody"] == message["MD5OfBody"]
    assert output["SdkHttpMetadata"]["HttpStatusCode"] == 200


def test_a_token_in_a_message(sfn, sqs, queue):
    arn = run(sfn, {
        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Parameters": {"QueueUrl": queue, "MessageBody": {"token.$": "$$.Task.Token"}},
    }, wait=False)  # fmt: skip
    [message] = take(sqs, queue, WaitTimeSeconds=20)
    sfn.send_task_success(taskToken=json.loads(message["Body"])["token"], output='"approved"')
    assert ended(sfn, arn)["output"] == '"approved"'


def test_publish(sfn, sns, sqs, queue):
    topic = sns.create_topic(Name="tasks")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn_of(queue), Attributes={"RawMessageDelivery": "true"})
    got = run(sfn, {"Resource": "arn:aws:states:::sns:publish", "Parameters": {"TopicArn": topic, "Message": {"a": 1}}})
    assert json.loads(got["output"])["MessageId"]
    got = run(sfn, {"Resource": "arn:aws:states:::aws-sdk:sns:publish", "Parameters": {"TopicArn": topic, "Message": "sdk"}})
    assert list(json.loads(got["output"])) == ["MessageId"]
    assert sorted(m["Body"] for m in take(sqs, queue)) == ["sdk", '{"a":1}']
    sns.delete_topic(TopicArn=topic)


def test_errors_have_their_names(sfn, queue):
    missing = queue.rsplit("/", 1)[0] + "/nobody"
    for resource, error in [("sqs:sendMessage", "SQS.QueueDoesNotExistException"), ("aws-sdk:sqs:sendMessage", "Sqs.QueueDoesNotExistException")]:
        got = run(sfn, {"Resource": f"arn:aws:states:::{resource}", "Parameters": {"QueueUrl": missing, "MessageBody": "x"}})
        assert (got["status"], got["error"]) == ("FAILED", error)
    topic = f"arn:aws:sns:us-east-1:{OWNER}:nobody"
    got = run(sfn, {"Resource": "arn:aws:states:::sns:publish", "Parameters": {"TopicArn": topic, "Message": "x"}})
    assert got["error"] == "SNS.NotFoundException"


def test_put_events(sfn, server, sqs, queue):
    events = server.client("events")
    events.put_rule(Name="from-tasks", EventPattern=json.dumps({"source": ["mine"]}))
    events.put_targets(Rule="from-tasks", Targets=[{"Id": "q", "Arn": arn_of(queue)}])
    entry = {"Source": "mine", "DetailType": "Done", "Detail": {"rows.$": "$.rows"}}
    got = run(sfn, {"Resource": "arn:aws:states:::events:putEvents", "Parameters": {"Entries": [entry]}})
    assert json.loads(got["output"])["FailedEntryCount"] == 0
    [message] = take(sqs, queue, WaitTimeSeconds=20)
    event = json.loads(message["Body"])
    assert event["detail"] == {"rows": 3} and got["executionArn"] in event["resources"]
    got = run(sfn, {"Resource": "arn:aws:states:::events:putEvents", "Parameters": {"Entries": [{"Source": "mine"}]}})
    assert got["error"] == "EventBridge.FailedEntry"
    events.remove_targets(Rule="from-tasks", Ids=["q"])
    events.delete_rule(Name="from-tasks")
