# test_service_metrics.py - what the services here measure of themselves: one metric for each thing that happened, and no more.
import datetime
import io
import json
import zipfile

import pytest
from server import wait_for

ACCOUNT = "000000000000"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/r"


@pytest.fixture
def measured(server):
    """The sum of a metric, or another statistic of it, over the last minutes; None: there is none."""
    cloudwatch = server.client("cloudwatch")

    def read(space, name, statistic="Sum", **dimensions):
        now = datetime.datetime.now(datetime.timezone.utc)
        found = cloudwatch.get_metric_statistics(
            Namespace=space, MetricName=name, StartTime=now - datetime.timedelta(minutes=50), EndTime=now + datetime.timedelta(minutes=10),
            Period=3600, Statistics=[statistic], Dimensions=[{"Name": k, "Value": v} for k, v in dimensions.items()])  # fmt: skip
        values = [p[statistic] for p in found["Datapoints"]]
        return max(values) if statistic == "Maximum" and values else sum(values) if values else None

    return read


def test_queues(server, measured):
    sqs = server.client("sqs")
    url = sqs.create_queue(QueueName="measured")["QueueUrl"]
    for body in ("four", "seven77"):
        sqs.send_message(QueueUrl=url, MessageBody=body)
    got = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=got[0]["ReceiptHandle"])
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    read = lambda name, *more: measured("AWS/SQS", name, *more, QueueName="measured")  # noqa: E731
    assert [read(n) for n in ("NumberOfMessagesSent", "NumberOfMessagesReceived", "NumberOfMessagesDeleted", "NumberOfEmptyReceives")] == [2, 2, 1, 1]
    assert (read("SentMessageSize"), read("SentMessageSize", "Maximum")) == (11, 7)
    with pytest.raises(sqs.exceptions.ClientError):
        sqs.send_message(QueueUrl=url, MessageBody="bad \x01")
    assert read("NumberOfMessagesSent") == 2


def test_executions_and_what_they_call(server, measured):
    def sent_by_machines():
        """Other tests' machines send messages, too."""
        return [measured("AWS/States", f"ServiceIntegrations{n}", ServiceIntegrationResourceArn="arn:aws:states:::sqs:sendMessage") or 0
                for n in ("Scheduled", "Started", "Succeeded", "Failed")]  # fmt: skip

    sqs, states = server.client("sqs"), server.client("stepfunctions")
    before = sent_by_machines()
    url = sqs.create_queue(QueueName="called")["QueueUrl"]
    call = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "Parameters": {"QueueUrl": url, "MessageBody": "x"}, "End": True}
    fails = {"Type": "Fail", "Error": "E"}
    machines = {
        name: states.create_state_machine(name=f"measured-{name}", roleArn=ROLE, definition=json.dumps({"StartAt": "A", "States": {"A": state}}))["stateMachineArn"]
        for name, state in {"good": call, "bad": fails, "long": {"Type": "Wait", "Seconds": 1000, "End": True}}.items()
    }
    runs = [states.start_execution(stateMachineArn=arn)["executionArn"] for name, arn in machines.items() for _ in range(2)]
    for arn in runs[4:]:
        states.stop_execution(executionArn=arn)
    for arn in runs:
        wait_for(lambda arn=arn: states.describe_execution(executionArn=arn)["status"] != "RUNNING")
    for name, end in (("good", "ExecutionsSucceeded"), ("bad", "ExecutionsFailed"), ("long", "ExecutionsAborted")):
        read = lambda metric, *more: measured("AWS/States", metric, *more, StateMachineArn=machines[name])  # noqa: E731
        assert (read("ExecutionsStarted"), read(end), read("ExecutionTime", "SampleCount")) == (2, 2, 2)
    assert [now - then for now, then in zip(sent_by_machines(), before)] == [2, 2, 2, 0]


def test_functions(server, measured):
    functions = server.client("lambda")
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("main.py", "def handler(event, context):\n    return 1 / event['n']\n")
    functions.create_function(FunctionName="measured", Runtime="python3.11", Role=ROLE, Handler="main.handler", Code={"ZipFile": code.getvalue()})
    for n in (1, 2, 0):
        functions.invoke(FunctionName="measured", Payload=json.dumps({"n": n}))
    read = lambda name, *more: measured("AWS/Lambda", name, *more, FunctionName="measured")  # noqa: E731
    assert (read("Invocations"), read("Errors"), read("Duration", "SampleCount"), read("ConcurrentExecutions", "Maximum")) == (3, 1, 3, 1)
    assert measured("AWS/Lambda", "Invocations", FunctionName="measured", Resource="measured") == 3
    functions.put_function_concurrency(FunctionName="measured", ReservedConcurrentExecutions=0)
    with pytest.raises(functions.exceptions.TooManyRequestsException):
        functions.invoke(FunctionName="measured")
    assert (read("Throttles"), read("Invocations")) == (1, 3)
    functions.delete_function(FunctionName="measured")


def test_rules_topics_and_logs(server, measured):
    events, sns, logs = server.client("events"), server.client("sns"), server.client("logs")
    logs.create_log_group(logGroupName="/measured")
    topic = sns.create_topic(Name="measured")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:us-east-1:{ACCOUNT}:none-measured")
    events.put_rule(Name="measured", EventPattern=json.dumps({"source": ["measured"]}))
    events.put_targets(Rule="measured", Targets=[
        {"Id": "a", "Arn": f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/measured"}, {"Id": "b", "Arn": topic},
        {"Id": "c", "Arn": f"arn:aws:sqs:us-east-1:{ACCOUNT}:none-measured"}])  # fmt: skip
    events.put_events(Entries=[{"Source": "measured", "DetailType": "x", "Detail": "{}"}, {"Source": "other", "DetailType": "x", "Detail": "{}"}])
    rule = lambda name: measured("AWS/Events", name, RuleName="measured")  # noqa: E731
    assert [rule(n) for n in ("MatchedEvents", "TriggeredRules", "Invocations", "FailedInvocations")] == [1, 1, 3, 1]
    assert measured("AWS/Logs", "IncomingLogEvents", LogGroupName="/measured") == 1
    of = lambda name: measured("AWS/SNS", name, TopicName="measured")  # noqa: E731
    assert [of(n) for n in ("NumberOfMessagesPublished", "NumberOfNotificationsDelivered", "NumberOfNotificationsFailed")] == [1, None, 1]


def test_a_schedule(server, measured):
    scheduler, sqs = server.client("scheduler"), server.client("sqs")
    sqs.create_queue(QueueName="scheduled")
    scheduler.create_schedule_group(Name="measured")
    scheduler.create_schedule(Name="s", GroupName="measured", ScheduleExpression="rate(1 minute)", FlexibleTimeWindow={"Mode": "OFF"},
                              Target={"Arn": f"arn:aws:sqs:us-east-1:{ACCOUNT}:none-measured", "RoleArn": ROLE})  # fmt: skip
    read = lambda name: measured("AWS/Scheduler", name, ScheduleGroup="measured")  # noqa: E731
    wait_for(lambda: read("InvocationDroppedCount") == 1)
    assert (read("InvocationAttemptCount"), read("TargetErrorCount")) == (1, 1)
    scheduler.delete_schedule_group(Name="measured")


def test_buckets_are_measured_for_the_day_and_metrics_survive_a_stop(own_server):
    s3, sqs = own_server.client("s3"), own_server.client("sqs")
    s3.create_bucket(Bucket="measured")
    s3.put_object(Bucket="measured", Key="a", Body=b"x" * 1000)
    s3.put_object(Bucket="measured", Key="b", Body=b"y" * 24)
    s3.put_object(Bucket="measured", Key="c", Body=b"z" * 5, StorageClass="STANDARD_IA")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="x")
    own_server.stop()
    own_server.start()
    cloudwatch = own_server.client("cloudwatch")
    day = datetime.datetime.now(datetime.timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)

    def read(space, name, start, **dimensions):
        return [
            (p["Timestamp"], p["Sum"]) for p in cloudwatch.get_metric_statistics(
                Namespace=space, MetricName=name, StartTime=start, EndTime=start + datetime.timedelta(days=1), Period=86400, Statistics=["Sum"],
                Dimensions=[{"Name": k, "Value": v} for k, v in dimensions.items()])["Datapoints"]]  # fmt: skip

    wait_for(lambda: read("AWS/S3", "NumberOfObjects", day, BucketName="measured", StorageType="AllStorageTypes") == [(day, 3)])
    assert read("AWS/S3", "BucketSizeBytes", day, BucketName="measured", StorageType="StandardStorage") == [(day, 1024)]
    assert read("AWS/S3", "BucketSizeBytes", day, BucketName="measured", StorageType="StandardIAStorage") == [(day, 5)]
    assert [v for _, v in read("AWS/SQS", "NumberOfMessagesSent", day, QueueName="q")] == [1]
