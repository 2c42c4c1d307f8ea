# test_sqs.py - queues by boto3 and the AWS CLI: sending, receiving, waiting, order, dead letters, and kill -9 in between.
import hashlib
import itertools
import json
import threading
import time

import pytest
from botocore.exceptions import ClientError

numbers = itertools.count(1)


@pytest.fixture(scope="module")
def sqs(server):
    return server.client("sqs")


@pytest.fixture
def queue(sqs):
    url = sqs.create_queue(QueueName=f"queue-{next(numbers)}")["QueueUrl"]
    yield url
    sqs.delete_queue(QueueUrl=url)


@pytest.fixture
def fifo(sqs):
    url = sqs.create_queue(
        QueueName=f"queue-{next(numbers)}.fifo",
        Attributes={"FifoQueue": "true", "ContentBasedDeduplication": "true"},
    )["QueueUrl"]
    yield url
    sqs.delete_queue(QueueUrl=url)


def refused(call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return caught.value.response["Error"]


def bodies(answer):
    return [m["Body"] for m in answer.get("Messages", [])]


def counts(sqs, url):
    got = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return tuple(int(got["ApproximateNumberOfMessages" + kind]) for kind in ("", "NotVisible", "Delayed"))


def test_a_message_comes_once_and_goes(sqs, queue):
    sent = sqs.send_message(
        QueueUrl=queue,
        MessageBody="Grüße",
        MessageAttributes={
            "run": {"DataType": "Number", "StringValue": "7"},
            "blob": {"DataType": "Binary.png", "BinaryValue": b"\x00\x01"},
        },
    )
    assert sent["MD5OfMessageBody"] == hashlib.md5("Grüße".encode()).hexdigest()
    answer = sqs.receive_message(QueueUrl=queue, AttributeNames=["All"], MessageAttributeNames=["bl.*"])
    [got] = answer["Messages"]
    assert got["MessageId"] == sent["MessageId"] and got["Body"] == "Grüße"
    assert got["MessageAttributes"] == {"blob": {"DataType": "Binary.png", "BinaryValue": b"\x00\x01"}}
    assert got["Attributes"]["ApproximateReceiveCount"] == "1"
    assert "Messages" not in sqs.receive_message(QueueUrl=queue)
    assert counts(sqs, queue) == (0, 1, 0)
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=got["ReceiptHandle"])
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=got["ReceiptHandle"])
    assert counts(sqs, queue) == (0, 0, 0)


def test_digests_of_attributes(sqs, queue):
    """By the developer guide's rule, worked out here: name, type, kind and value, each behind its length."""
    attributes = {"b": {"DataType": "String", "StringValue": "x"}, "a": {"DataType": "Binary", "BinaryValue": b"\xff"}}

    def field(data):
        return len(data).to_bytes(4, "big") + data

    plain = field(b"a") + field(b"Binary") + b"\x02" + field(b"\xff") + field(b"b") + field(b"String") + b"\x01" + field(b"x")
    sent = sqs.send_message(QueueUrl=queue, MessageBody="m", MessageAttributes=attributes)
    assert sent["MD5OfMessageAttributes"] == hashlib.md5(plain).hexdigest()
    [got] = sqs.receive_message(QueueUrl=queue, MessageAttributeNames=[".*"])["Messages"]
    assert got["MD5OfMessageAttributes"] == sent["MD5OfMessageAttributes"]


def test_visibility(sqs, queue):
    sqs.send_message(QueueUrl=queue, MessageBody="again")
    [first] = sqs.receive_message(QueueUrl=queue, VisibilityTimeout=600)["Messages"]
    sqs.change_message_visibility(QueueUrl=queue, ReceiptHandle=first["ReceiptHandle"], VisibilityTimeout=0)
    [second] = sqs.receive_message(QueueUrl=queue)["Messages"]
    assert second["MessageId"] == first["MessageId"] and second["ReceiptHandle"] != first["ReceiptHandle"]
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=first["ReceiptHandle"])  # not the newest handle: nothing goes
    assert counts(sqs, queue) == (0, 1, 0)
    error = refused(sqs.change_message_visibility, QueueUrl=queue, ReceiptHandle=first["ReceiptHandle"], VisibilityTimeout=1)
    assert error["Code"] == "AWS.SimpleQueueService.MessageNotInflight"
    error = refused(sqs.delete_message, QueueUrl=queue, ReceiptHandle="nothing")
    assert error["Code"] == "ReceiptHandleIsInvalid"


def test_waiting_ends_with_a_message(sqs, queue):
    got = []
    waiter = threading.Thread(target=lambda: got.append(sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=20)))
    waiter.start()
    sqs.send_message(QueueUrl=queue, MessageBody="at last")
    waiter.join(15)
    assert not waiter.is_alive() and bodies(got[0]) == ["at last"]


def test_waiting_ends_when_a_delay_does(sqs, queue):
    sqs.send_message(QueueUrl=queue, MessageBody="later", DelaySeconds=1)
    assert counts(sqs, queue) == (0, 0, 1)
    assert bodies(sqs.receive_message(QueueUrl=queue)) == []
    assert bodies(sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=20)) == ["later"]


def test_waiting_in_vain(sqs, queue):
    assert "Messages" not in sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=1)


def test_a_client_that_went_gets_nothing(server, sqs, queue):
    """It asks, goes, and the message comes, all in one turn of the server."""
    with server.frozen():
        server.asked("AmazonSQS.ReceiveMessage", QueueUrl=queue, WaitTimeSeconds=20).close()
        sender = server.asked("AmazonSQS.SendMessage", QueueUrl=queue, MessageBody="for who stays")
    assert sender.getresponse().status == 200
    sender.close()
    assert bodies(sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=10)) == ["for who stays"]


def test_a_client_that_went_is_given_nothing_that_was_there(server, sqs, queue):
    sqs.send_message(QueueUrl=queue, MessageBody="for who stays")
    with server.frozen():
        server.asked("AmazonSQS.ReceiveMessage", QueueUrl=queue, WaitTimeSeconds=20).close()
        later = server.asked("AmazonSQS.ListQueues")
    assert later.getresponse().status == 200  # so the one before has been decided
    later.close()
    assert bodies(sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=10)) == ["for who stays"]


def test_batches(sqs, queue):
    answer = sqs.send_message_batch(
        QueueUrl=queue,
        Entries=[{"Id": "a", "MessageBody": "1"}, {"Id": "b", "MessageBody": "\x01"}, {"Id": "c", "MessageBody": "3"}],
    )
    assert [s["Id"] for s in answer["Successful"]] == ["a", "c"]
    [failed] = answer["Failed"]
    assert (failed["Id"], failed["Code"], failed["SenderFault"]) == ("b", "InvalidMessageContents", True)
    got = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    assert sorted(m["Body"] for m in got) == ["1", "3"]
    entries = [{"Id": str(i), "ReceiptHandle": m["ReceiptHandle"], "VisibilityTimeout": 0} for i, m in enumerate(got)]
    assert len(sqs.change_message_visibility_batch(QueueUrl=queue, Entries=entries)["Successful"]) == 2
    got = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    entries = [{"Id": str(i), "ReceiptHandle": m["ReceiptHandle"]} for i, m in enumerate(got)]
    assert len(sqs.delete_message_batch(QueueUrl=queue, Entries=entries)["Successful"]) == 2
    assert counts(sqs, queue) == (0, 0, 0)
    for entries, code in [
        ([], "AWS.SimpleQueueService.EmptyBatchRequest"),
        ([{"Id": "x", "MessageBody": "1"}] * 2, "AWS.SimpleQueueService.BatchEntryIdsNotDistinct"),
        ([{"Id": "x y", "MessageBody": "1"}], "AWS.SimpleQueueService.InvalidBatchEntryId"),
        ([{"Id": str(i), "MessageBody": "1"} for i in range(11)], "AWS.SimpleQueueService.TooManyEntriesInBatchRequest"),
        ([{"Id": str(i), "MessageBody": "x" * 600_000} for i in range(2)], "AWS.SimpleQueueService.BatchRequestTooLong"),
    ]:
        assert refused(sqs.send_message_batch, QueueUrl=queue, Entries=entries)["Code"] == code


def test_order_in_groups(sqs, fifo):
    for group, body in [("a", "a1"), ("b", "b1"), ("a", "a2"), ("a", "a3"), ("b", "b2")]:
        sqs.send_message(QueueUrl=fifo, MessageBody=body, MessageGroupId=group)
    [first] = sqs.receive_message(QueueUrl=fifo)["Messages"]
    assert first["Body"] == "a1"
    held = sqs.receive_message(QueueUrl=fifo, MaxNumberOfMessages=10)["Messages"]
    assert [m["Body"] for m in held] == ["b1", "b2"]  # of group a one is in flight
    assert bodies(sqs.receive_message(QueueUrl=fifo)) == []
    sqs.delete_message(QueueUrl=fifo, ReceiptHandle=first["ReceiptHandle"])
    rest = sqs.receive_message(QueueUrl=fifo, MaxNumberOfMessages=10, AttributeNames=["All"])["Messages"]
    assert [m["Body"] for m in rest] == ["a2", "a3"]
    order = [int(m["Attributes"]["SequenceNumber"]) for m in rest]
    assert order == sorted(order) and all(len(m["Attributes"]["SequenceNumber"]) == 20 for m in rest)


def test_the_same_is_not_taken_twice(sqs, fifo):
    first = sqs.send_message(QueueUrl=fifo, MessageBody="once", MessageGroupId="g")
    again = sqs.send_message(QueueUrl=fifo, MessageBody="once", MessageGroupId="g")
    other = sqs.send_message(QueueUrl=fifo, MessageBody="once", MessageGroupId="g", MessageDeduplicationId="other")
    assert (first["MessageId"], first["SequenceNumber"]) == (again["MessageId"], again["SequenceNumber"])
    assert other["MessageId"] != first["MessageId"]
    assert len(sqs.receive_message(QueueUrl=fifo, MaxNumberOfMessages=10)["Messages"]) == 2
    assert refused(sqs.send_message, QueueUrl=fifo, MessageBody="x")["Code"] == "MissingParameter"


@pytest.mark.parametrize("suffix, attributes", [("", {}), (".fifo", {"FifoQueue": "true", "ContentBasedDeduplication": "true"})])
def test_dead_letters(sqs, suffix, attributes):
    name = f"queue-{next(numbers)}"
    dead = sqs.create_queue(QueueName=f"{name}-dead{suffix}", Attributes=attributes)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    assert arn == f"arn:aws:sqs:us-east-1:000000000000:{name}-dead{suffix}"
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 2})
    url = sqs.create_queue(
        QueueName=name + suffix, Attributes=attributes | {"RedrivePolicy": policy, "VisibilityTimeout": "0"}
    )["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="bad", **({"MessageGroupId": "g"} if suffix else {}))
    assert [bodies(sqs.receive_message(QueueUrl=url)) for _ in range(3)] == [["bad"], ["bad"], []]
    [got] = sqs.receive_message(QueueUrl=dead, AttributeNames=["All"])["Messages"]
    assert got["Body"] == "bad"
    assert got["Attributes"]["DeadLetterQueueSourceArn"] == f"arn:aws:sqs:us-east-1:000000000000:{name}{suffix}"
    assert sqs.list_dead_letter_source_queues(QueueUrl=dead)["queueUrls"] == [url]
    sqs.delete_queue(QueueUrl=url)
    sqs.delete_queue(QueueUrl=dead)


def test_what_is_refused(sqs, queue):
    missing = queue.rsplit("/", 1)[0] + "/nobody"
    error = refused(sqs.send_message, QueueUrl=missing, MessageBody="x")
    assert error["Code"] == "AWS.SimpleQueueService.NonExistentQueue"
    assert error["Message"] == "The specified queue does not exist."
    with pytest.raises(sqs.exceptions.QueueDoesNotExist):
        sqs.get_queue_url(QueueName="nobody")
    assert refused(sqs.create_queue, QueueName="a b")["Code"] == "InvalidParameterValue"
    assert refused(sqs.create_queue, QueueName="x", Attributes={"DelaySeconds": "901"})["Code"] == "InvalidAttributeValue"
    name = queue.rsplit("/", 1)[1]
    assert sqs.create_queue(QueueName=name)["QueueUrl"] == queue
    assert refused(sqs.create_queue, QueueName=name, Attributes={"DelaySeconds": "5"})["Code"] == "QueueAlreadyExists"
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"MaximumMessageSize": "1024"})
    assert "1024" in refused(sqs.send_message, QueueUrl=queue, MessageBody="x" * 1025)["Message"]
    sqs.purge_queue(QueueUrl=queue)
    assert refused(sqs.purge_queue, QueueUrl=queue)["Code"] == "AWS.SimpleQueueService.PurgeQueueInProgress"


def test_purge_tags_permissions_lists(sqs):
    names = [f"listed-{next(numbers)}" for _ in range(3)]
    urls = [sqs.create_queue(QueueName=n, tags={"team": "data"})["QueueUrl"] for n in names]
    sqs.send_message(QueueUrl=urls[0], MessageBody="old")
    sqs.purge_queue(QueueUrl=urls[0])
    sqs.send_message(QueueUrl=urls[0], MessageBody="new")
    assert bodies(sqs.receive_message(QueueUrl=urls[0], MaxNumberOfMessages=10)) == ["new"]
    sqs.tag_queue(QueueUrl=urls[0], Tags={"a": "1"})
    sqs.untag_queue(QueueUrl=urls[0], TagKeys=["team"])
    assert sqs.list_queue_tags(QueueUrl=urls[0])["Tags"] == {"a": "1"}
    page = sqs.list_queues(QueueNamePrefix="listed-", MaxResults=2)
    rest = sqs.list_queues(QueueNamePrefix="listed-", MaxResults=2, NextToken=page["NextToken"])
    assert page["QueueUrls"] + rest["QueueUrls"] == sorted(urls)
    sqs.add_permission(QueueUrl=urls[0], Label="other", AWSAccountIds=["111122223333"], Actions=["SendMessage"])
    policy = sqs.get_queue_attributes(QueueUrl=urls[0], AttributeNames=["Policy"])["Attributes"]["Policy"]
    [statement] = json.loads(policy)["Statement"]
    assert (statement["Sid"], statement["Action"]) == ("other", "SQS:SendMessage")
    sqs.remove_permission(QueueUrl=urls[0], Label="other")
    assert refused(sqs.remove_permission, QueueUrl=urls[0], Label="other")["Code"] == "InvalidParameterValue"
    for url in urls:
        sqs.delete_queue(QueueUrl=url)
    assert "QueueUrls" not in sqs.list_queues(QueueNamePrefix="listed-")


def test_by_the_command_line(server):
    """Version 1 of the CLI overrides AWS_ENDPOINT_URL for this service, so it is told the address itself."""
    at = ["--endpoint-url", server.endpoint]
    url = json.loads(server.aws(*at, "sqs", "create-queue", "--queue-name", "by-cli").stdout)["QueueUrl"]
    server.aws(*at, "sqs", "send-message", "--queue-url", url, "--message-body", "hello")
    got = json.loads(server.aws(*at, "sqs", "receive-message", "--queue-url", url, "--wait-time-seconds", "5").stdout)
    assert bodies(got) == ["hello"]
    server.aws(*at, "sqs", "delete-queue", "--queue-url", url)


def test_nothing_is_lost_or_doubled_by_a_crash(own_server, full):
    """Senders and receivers at work while the server is killed: what was acknowledged comes, and what was deleted never again;
    nobody gets a message that another has, as the visibility timeout is longer than the test."""
    url = own_server.client("sqs").create_queue(QueueName="crash", Attributes={"VisibilityTimeout": "3000"})["QueueUrl"]
    sent, received, ended = set(), [], threading.Event()

    def send(n):
        sqs = own_server.client("sqs")
        for i in itertools.count():
            if ended.is_set():
                return
            try:
                sqs.send_message(QueueUrl=url, MessageBody=f"{n}-{i}")
                sent.add(f"{n}-{i}")
            except Exception:
                time.sleep(0.01)

    def receive():
        sqs = own_server.client("sqs")
        while not ended.is_set():
            try:
                got = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
                received.extend(bodies(got))
            except Exception:
                time.sleep(0.01)

    threads = [threading.Thread(target=send, args=(n,)) for n in range(2)] + [threading.Thread(target=receive)]
    for t in threads:
        t.start()
    for _ in range(6 if full else 3):
        before = len(sent)
        deadline = time.monotonic() + 30
        while len(sent) < before + 20 and time.monotonic() < deadline:
            time.sleep(0.01)
        own_server.kill()
        own_server.start()
    ended.set()
    for t in threads:
        t.join(60)
    sqs = own_server.client("sqs")
    for body in iter(lambda: bodies(sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)), []):
        received.extend(body)
    assert len(received) == len(set(received)), "a message was received twice within its visibility"
    # An answer that was on its way when the server was killed hides at most ten messages each time, until its timeout.
    assert len(sent - set(received)) <= 10 * 6
    hidden = counts(sqs, url)[1]
    assert hidden >= len(set(received)) and hidden >= len(sent)


def arn_of(sqs, url):
    return sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def fill_dead_letters(sqs, source, count):
    """Each is received twice: once by its reader, once to be found worn out."""
    for n in range(count):
        sqs.send_message(QueueUrl=source, MessageBody=f"{n}", MessageAttributes={"n": {"DataType": "Number", "StringValue": str(n)}})
    while sqs.receive_message(QueueUrl=source, MaxNumberOfMessages=10, VisibilityTimeout=0).get("Messages"):
        pass


def test_dead_letters_move_back(sqs):
    dead, source, other = (sqs.create_queue(QueueName=f"move-{name}")["QueueUrl"] for name in ("dead", "source", "other"))
    dead_arn = arn_of(sqs, dead)
    assert refused(sqs.start_message_move_task, SourceArn=dead_arn)["Code"] == "AWS.SimpleQueueService.UnsupportedOperation"
    sqs.set_queue_attributes(QueueUrl=source, Attributes={"RedrivePolicy": json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": 1})})
    fill_dead_letters(sqs, source, 25)
    assert counts(sqs, dead) == (25, 0, 0)
    handle = sqs.start_message_move_task(SourceArn=dead_arn)["TaskHandle"]

    def task():
        return sqs.list_message_move_tasks(SourceArn=dead_arn, MaxResults=10)["Results"][0]

    while task()["Status"] == "RUNNING":
        time.sleep(0.05)
    assert {k: task().get(k) for k in ("Status", "ApproximateNumberOfMessagesMoved", "ApproximateNumberOfMessagesToMove", "TaskHandle")} == {
        "Status": "COMPLETED", "ApproximateNumberOfMessagesMoved": 25, "ApproximateNumberOfMessagesToMove": 25, "TaskHandle": None}  # fmt: skip
    assert (counts(sqs, source), counts(sqs, dead)) == ((25, 0, 0), (0, 0, 0))
    got = sqs.receive_message(QueueUrl=source, AttributeNames=["All"], MessageAttributeNames=["All"], VisibilityTimeout=0)["Messages"][0]
    assert (got["Attributes"]["ApproximateReceiveCount"], got["MessageAttributes"]["n"]["StringValue"]) == ("1", got["Body"])
    assert refused(sqs.cancel_message_move_task, TaskHandle=handle)["Code"] == "AWS.SimpleQueueService.UnsupportedOperation"
    assert refused(sqs.cancel_message_move_task, TaskHandle="x")["Code"] == "ResourceNotFoundException"
    fill_dead_letters(sqs, source, 0)
    slow = sqs.start_message_move_task(SourceArn=dead_arn, DestinationArn=arn_of(sqs, other), MaxNumberOfMessagesPerSecond=1)["TaskHandle"]
    assert refused(sqs.start_message_move_task, SourceArn=dead_arn)["Code"] == "AWS.SimpleQueueService.UnsupportedOperation"
    assert sqs.cancel_message_move_task(TaskHandle=slow)["ApproximateNumberOfMessagesMoved"] < 25
    while task()["Status"] != "CANCELLED":
        time.sleep(0.05)
    assert counts(sqs, other)[0] + counts(sqs, dead)[0] == 25
    for url in (dead, source, other):
        sqs.delete_queue(QueueUrl=url)


def test_moving_goes_on_after_a_crash(own_server):
    sqs = own_server.client("sqs")
    dead, source = (sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("dead", "source"))
    dead_arn = arn_of(sqs, dead)
    sqs.set_queue_attributes(QueueUrl=source, Attributes={"RedrivePolicy": json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": 1})})
    fill_dead_letters(sqs, source, 40)
    sqs.start_message_move_task(SourceArn=dead_arn, MaxNumberOfMessagesPerSecond=50)
    own_server.kill()
    own_server.start()
    sqs = own_server.client("sqs")
    while sqs.list_message_move_tasks(SourceArn=dead_arn)["Results"][0]["Status"] != "COMPLETED":
        time.sleep(0.05)
    assert (counts(sqs, source), counts(sqs, dead)) == ((40, 0, 0), (0, 0, 0))


def test_policies_of_redrive_and_throughput(sqs):
    dead = sqs.create_queue(QueueName="closed", Attributes={"RedriveAllowPolicy": json.dumps({"redrivePermission": "denyAll"})})["QueueUrl"]
    policy = {"RedrivePolicy": json.dumps({"deadLetterTargetArn": arn_of(sqs, dead), "maxReceiveCount": 1})}
    assert refused(sqs.create_queue, QueueName="wants", Attributes=policy)["Code"] == "InvalidParameterValue"
    allowed = arn_of(sqs, dead).replace("closed", "wants")
    sqs.set_queue_attributes(QueueUrl=dead, Attributes={"RedriveAllowPolicy": json.dumps({"redrivePermission": "byQueue", "sourceQueueArns": [allowed]})})
    assert refused(sqs.create_queue, QueueName="other", Attributes=policy)["Code"] == "InvalidParameterValue"
    wants = sqs.create_queue(QueueName="wants", Attributes=policy)["QueueUrl"]
    fast = {"FifoQueue": "true", "FifoThroughputLimit": "perMessageGroupId"}
    assert refused(sqs.create_queue, QueueName="fast.fifo", Attributes=fast)["Code"] == "InvalidAttributeValue"
    url = sqs.create_queue(QueueName="fast.fifo", Attributes=fast | {"DeduplicationScope": "messageGroup"})["QueueUrl"]
    for queue in (dead, wants, url):
        sqs.delete_queue(QueueUrl=queue)
