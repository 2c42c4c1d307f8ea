# test_sns.py - topics by boto3 and the AWS CLI: queues, functions and servers that subscribe, filters, confirmation, retries.
import base64
import io
import itertools
import json
import queue as thread_queue
import subprocess
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from botocore.exceptions import ClientError

numbers = itertools.count(1)
OWNER = "000000000000"


@pytest.fixture(scope="module")
def sns(server):
    return server.client("sns")


@pytest.fixture(scope="module")
def sqs(server):
    return server.client("sqs")


@pytest.fixture
def topic(sns):
    arn = sns.create_topic(Name=f"topic-{next(numbers)}")["TopicArn"]
    yield arn
    sns.delete_topic(TopicArn=arn)


@pytest.fixture
def queue(sqs):
    url = sqs.create_queue(QueueName=f"subscriber-{next(numbers)}")["QueueUrl"]
    yield url
    sqs.delete_queue(QueueUrl=url)


def arn_of(url):
    return f"arn:aws:sqs:us-east-1:{OWNER}:" + url.rsplit("/", 1)[1]


def messages(sqs, url, **more):
    return sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"], **more).get("Messages", [])


def refused(call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response["Error"]


def test_to_a_queue(sns, sqs, topic, queue):
    subscription = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn_of(queue))["SubscriptionArn"]
    assert subscription.startswith(topic + ":")
    attributes = {"team": {"DataType": "String", "StringValue": "data"}}
    sent = sns.publish(TopicArn=topic, Message="done", Subject="run", MessageAttributes=attributes)
    [got] = messages(sqs, queue)
    note = json.loads(got["Body"])
    assert (note["Type"], note["MessageId"], note["TopicArn"]) == ("Notification", sent["MessageId"], topic)
    assert (note["Subject"], note["Message"]) == ("run", "done")
    assert note["MessageAttributes"] == {"team": {"Type": "String", "Value": "data"}}
    assert "MessageAttributes" not in got
    with urlopen(note["UnsubscribeURL"]) as answer:
        assert answer.status == 200
    assert sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"] == []


def test_raw_and_structured(sns, sqs, topic, queue):
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn_of(queue), Attributes={"RawMessageDelivery": "true"})
    attributes = {"n": {"DataType": "Number", "StringValue": "4"}}
    sns.publish(TopicArn=topic, Message=json.dumps({"default": "d", "sqs": "for queues"}), MessageStructure="json",
                MessageAttributes=attributes)  # fmt: skip
    [got] = messages(sqs, queue)
    assert (got["Body"], got["MessageAttributes"]) == ("for queues", attributes)
    error = refused(sns.publish, TopicArn=topic, Message="{}", MessageStructure="json")
    assert error["Code"] == "InvalidParameter" and "No default entry" in error["Message"]


FILTERED = [
    ({"kind": ["a", "b"]}, "MessageAttributes", {"kind": ("String", "b")}, "x", True),
    ({"kind": ["a", "b"]}, "MessageAttributes", {"kind": ("String", "c")}, "x", False),
    ({"kind": ["a"]}, "MessageAttributes", {}, "x", False),
    ({"n": [{"numeric": [">=", 5]}]}, "MessageAttributes", {"n": ("Number", "5")}, "x", True),
    ({"n": [{"numeric": [">=", 5]}]}, "MessageAttributes", {"n": ("String", "5")}, "x", False),
    ({"tags": ["red"]}, "MessageAttributes", {"tags": ("String.Array", '["blue", "red"]')}, "x", True),
    ({"tags": [{"exists": False}]}, "MessageAttributes", {}, "x", True),
    ({"key": [{"prefix": "raw/"}]}, "MessageAttributes", {"key": ("String", "raw/x.csv")}, "x", True),
    ({"detail": {"state": ["FAILED"]}}, "MessageBody", {}, '{"detail": {"state": "FAILED"}}', True),
    ({"detail": {"state": ["FAILED"]}}, "MessageBody", {}, '{"detail": {"state": "OK"}}', False),
    ({"detail": {"state": ["FAILED"]}}, "MessageBody", {}, "no JSON", False),
]


@pytest.mark.parametrize("policy, scope, attributes, message, wanted", FILTERED)
def test_filters(sns, sqs, topic, queue, policy, scope, attributes, message, wanted):
    """The cases are those of the developer guide's page on filter policies."""
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn_of(queue),
                  Attributes={"FilterPolicy": json.dumps(policy), "FilterPolicyScope": scope})  # fmt: skip
    given = {name: {"DataType": kind, "StringValue": value} for name, (kind, value) in attributes.items()}
    sns.publish(TopicArn=topic, Message=message, MessageAttributes=given)
    assert len(messages(sqs, queue)) == wanted


def test_fifo(sns, sqs):
    topic = sns.create_topic(Name="ordered.fifo", Attributes={"FifoTopic": "true", "ContentBasedDeduplication": "true"})["TopicArn"]
    queue = sqs.create_queue(QueueName="ordered.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn_of(queue), Attributes={"RawMessageDelivery": "true"})
    first = sns.publish(TopicArn=topic, Message="1", MessageGroupId="g")
    assert sns.publish(TopicArn=topic, Message="1", MessageGroupId="g")["MessageId"] == first["MessageId"]
    second = sns.publish(TopicArn=topic, Message="2", MessageGroupId="g")
    assert int(second["SequenceNumber"]) > int(first["SequenceNumber"])
    assert [m["Body"] for m in messages(sqs, queue)] == ["1", "2"]
    assert refused(sns.publish, TopicArn=topic, Message="3")["Code"] == "InvalidParameter"
    sns.delete_topic(TopicArn=topic)
    sqs.delete_queue(QueueUrl=queue)


class Subscriber:
    """A server that keeps what is posted, and answers with the next of its statuses."""

    def __init__(self, *statuses):
        posts, left = thread_queue.Queue(), list(statuses)

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(left.pop(0) if left else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()
                posts.put((self.headers, body.decode()))

            def log_message(self, *words):
                pass

        self.posts = posts
        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/in"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def test_to_a_server(sns, topic):
    subscriber = Subscriber()
    answer = sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=subscriber.url)
    assert answer["SubscriptionArn"] == "pending confirmation"
    headers, body = subscriber.posts.get(timeout=30)
    ask = json.loads(body)
    assert headers["x-amz-sns-message-type"] == ask["Type"] == "SubscriptionConfirmation"
    sns.publish(TopicArn=topic, Message="too early")
    assert sns.get_topic_attributes(TopicArn=topic)["Attributes"]["SubscriptionsPending"] == "1"
    with urlopen(ask["SubscribeURL"]) as confirmed:
        assert topic in confirmed.read().decode()
    sns.publish(TopicArn=topic, Message="now")
    headers, body = subscriber.posts.get(timeout=30)
    assert json.loads(body)["Message"] == "now"
    assert headers["x-amz-sns-topic-arn"] == topic and headers["x-amz-sns-message-type"] == "Notification"
    subscriber.close()


def test_a_post_survives_a_crash(own_server):
    """What was acknowledged is posted, whether the server was killed before or after it could be."""
    sns, subscriber = own_server.client("sns"), Subscriber()
    topic = sns.create_topic(Name="crash")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=subscriber.url)
    token = json.loads(subscriber.posts.get(timeout=30)[1])["Token"]
    sns.confirm_subscription(TopicArn=topic, Token=token)
    for n in range(20):
        sns.publish(TopicArn=topic, Message=str(n))
    own_server.kill()
    own_server.start()
    got = set()
    while len(got) < 20:
        got.add(json.loads(subscriber.posts.get(timeout=60)[1])["Message"])
    assert got == {str(n) for n in range(20)}
    subscriber.close()


def test_to_a_function(server, sns, sqs, topic, queue):
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr(
            "main.py",
            "import boto3, json, os\n"
            "def handler(event, context):\n"
            f"    boto3.client('sqs').send_message(QueueUrl={queue!r}, MessageBody=json.dumps(event))\n",
        )
    functions = server.client("lambda")
    arn = functions.create_function(FunctionName="notified", Runtime="python3.11", Role=f"arn:aws:iam::{OWNER}:role/r",
                                    Handler="main.handler", Code={"ZipFile": code.getvalue()})["FunctionArn"]  # fmt: skip
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=arn)
    sns.publish(TopicArn=topic, Message="run")
    [got] = messages(sqs, queue, WaitTimeSeconds=20)
    [record] = json.loads(got["Body"])["Records"]
    assert (record["EventSource"], record["Sns"]["Message"], record["Sns"]["Subject"]) == ("aws:sns", "run", None)
    functions.delete_function(FunctionName="notified")


def test_dead_letters(sns, sqs, topic, queue):
    policy = json.dumps({"deadLetterTargetArn": arn_of(queue)})
    gone = f"arn:aws:sqs:us-east-1:{OWNER}:gone"
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=gone, Attributes={"RedrivePolicy": policy})
    sns.publish(TopicArn=topic, Message="lost?")
    [got] = messages(sqs, queue)
    assert json.loads(got["Body"])["Message"] == "lost?"


def test_batches(sns, sqs, topic, queue):
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn_of(queue), Attributes={"RawMessageDelivery": "true"})
    entries = [{"Id": "a", "Message": "1"}, {"Id": "b", "Message": "2", "Subject": "x" * 101}, {"Id": "c", "Message": "3"}]
    answer = sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=entries)
    assert [s["Id"] for s in answer["Successful"]] == ["a", "c"]
    assert [(f["Id"], f["Code"]) for f in answer["Failed"]] == [("b", "InvalidParameter")]
    assert sorted(m["Body"] for m in messages(sqs, queue)) == ["1", "3"]
    assert refused(sns.publish_batch, TopicArn=topic, PublishBatchRequestEntries=entries * 4)["Code"] == "TooManyEntriesInBatchRequest"


def test_what_is_kept_and_refused(sns, topic, queue):
    name = topic.rsplit(":", 1)[1]
    assert sns.create_topic(Name=name)["TopicArn"] == topic
    sns.set_topic_attributes(TopicArn=topic, AttributeName="DisplayName", AttributeValue="Runs")
    got = sns.get_topic_attributes(TopicArn=topic)["Attributes"]
    assert (got["DisplayName"], got["Owner"]) == ("Runs", OWNER)
    sns.tag_resource(ResourceArn=topic, Tags=[{"Key": "team", "Value": "data"}, {"Key": "x", "Value": "1"}])
    sns.untag_resource(ResourceArn=topic, TagKeys=["x"])
    assert sns.list_tags_for_resource(ResourceArn=topic)["Tags"] == [{"Key": "team", "Value": "data"}]
    missing = topic + "-not"
    assert refused(sns.publish, TopicArn=missing, Message="x") | {"Type": ""} == {
        "Type": "", "Code": "NotFound", "Message": "Topic does not exist"}  # fmt: skip
    sns.delete_topic(TopicArn=missing)
    assert refused(sns.publish, TopicArn=topic, Message="")["Code"] == "InvalidParameter"
    assert refused(sns.subscribe, TopicArn=topic, Protocol="http", Endpoint="ftp://x")["Code"] == "InvalidParameter"
    error = refused(sns.subscribe, TopicArn=topic, Protocol="sqs", Endpoint=arn_of(queue), Attributes={"FilterPolicy": '{"a": "b"}'})
    assert error["Code"] == "InvalidParameter" and "FilterPolicy" in error["Message"]
    email = sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="a@b.org", ReturnSubscriptionArn=True)["SubscriptionArn"]
    assert sns.get_subscription_attributes(SubscriptionArn=email)["Attributes"]["PendingConfirmation"] == "true"
    assert topic in [t["TopicArn"] for p in sns.get_paginator("list_topics").paginate() for t in p["Topics"]]


def test_by_the_command_line(server, sqs, queue):
    topic = json.loads(server.aws("sns", "create-topic", "--name", "by-cli").stdout)["TopicArn"]
    server.aws("sns", "subscribe", "--topic-arn", topic, "--protocol", "sqs", "--notification-endpoint", arn_of(queue))
    server.aws("sns", "publish", "--topic-arn", topic, "--message", "hello")
    [got] = messages(sqs, queue)
    assert json.loads(got["Body"])["Message"] == "hello"
    server.aws("sns", "delete-topic", "--topic-arn", topic)


def verified(note, folder):
    """As the developer guide has it: the text of the members by name, checked by openssl with the certificate that the note names."""
    names = ["Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
    text = "".join(f"{name}\n{note[name]}\n" for name in names if note.get(name) is not None)
    (folder / "text").write_text(text)
    (folder / "signature").write_bytes(base64.b64decode(note["Signature"]))
    with urlopen(note["SigningCertURL"]) as answer:
        (folder / "certificate.pem").write_bytes(answer.read())
    key = subprocess.run(["openssl", "x509", "-in", "certificate.pem", "-pubkey", "-noout"], cwd=folder, capture_output=True, check=True, timeout=30)
    (folder / "key.pem").write_bytes(key.stdout)
    digest = {"1": "-sha1", "2": "-sha256"}[note["SignatureVersion"]]
    checked = subprocess.run(["openssl", "dgst", digest, "-verify", "key.pem", "-signature", "signature", "text"], cwd=folder, capture_output=True, timeout=30)
    return checked.stdout == b"Verified OK\n"


@pytest.mark.parametrize("version", ["1", "2"])
def test_notifications_are_signed(sns, sqs, topic, queue, version, tmp_path):
    sns.set_topic_attributes(TopicArn=topic, AttributeName="SignatureVersion", AttributeValue=version)
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn_of(queue))
    for given in ({"Subject": "a subject"}, {}):
        sns.publish(TopicArn=topic, Message="Grüße\nand more", **given)
        note = json.loads(messages(sqs, queue)[0]["Body"])
        assert note["SignatureVersion"] == version and verified(note, tmp_path)
        assert not verified(note | {"Message": "other"}, tmp_path)
    with pytest.raises(HTTPError):
        urlopen(note["SigningCertURL"].replace(".pem", "0.pem"))


def test_confirmations_are_signed_and_the_key_stays(own_server, tmp_path):
    subscriber = Subscriber()
    sns = own_server.client("sns")
    topic = sns.create_topic(Name="signed")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=subscriber.url)
    ask = json.loads(subscriber.posts.get(timeout=30)[1])
    assert verified(ask, tmp_path)
    own_server.kill()
    own_server.start()
    assert verified(ask, tmp_path)  # by the same certificate at the same address
    subscriber.close()


def test_nothing_is_sent_to_phones(sns, topic):
    assert sns.list_platform_applications()["PlatformApplications"] == []
    assert sns.get_sms_attributes()["attributes"] == {}
    assert sns.get_data_protection_policy(ResourceArn=topic)["DataProtectionPolicy"] == ""
    with pytest.raises(ClientError) as caught:
        sns.create_platform_application(Name="x", Platform="GCM", Attributes={})
    assert "not offered" in str(caught.value)
