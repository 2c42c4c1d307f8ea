# test_logs.py - CloudWatch Logs: groups, streams, events in and out, filters, retention, tags, and kill -9 in between.
import datetime
import io
import itertools
import json
import time
import zipfile

import pytest
from botocore.exceptions import ClientError

from server import wait_for

names = itertools.count(1)
HOUR, DAY = 3600 * 1000, 24 * 3600 * 1000


def now():
    return int(time.time() * 1000)


@pytest.fixture(scope="session")
def logs(server):
    return server.client("logs")


@pytest.fixture
def group(logs):
    name = f"/test/group-{next(names)}"
    logs.create_log_group(logGroupName=name)
    yield name
    logs.delete_log_group(logGroupName=name)


@pytest.fixture
def stream(logs, group):
    logs.create_log_stream(logGroupName=group, logStreamName="s")
    return {"logGroupName": group, "logStreamName": "s"}


def put(logs, place, *messages, at=None):
    at = at or now()
    return logs.put_log_events(**place, logEvents=[{"timestamp": at + i, "message": m} for i, m in enumerate(messages)])


def messages(answer):
    return [e["message"] for e in answer["events"]]


def refused(code, call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    assert caught.value.response["Error"]["Code"] == code
    return caught.value.response["Error"]["Message"]


# --- groups -----------------------------------------------------------------------------------------------------------


def test_a_group_is_described_with_both_forms_of_its_arn(logs, group):
    found = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"][0]
    arn = f"arn:aws:logs:us-east-1:000000000000:log-group:{group}"
    assert found["arn"] == arn + ":*" and found["logGroupArn"] == arn
    assert found["storedBytes"] == 0 and found["logGroupClass"] == "STANDARD" and found["metricFilterCount"] == 0
    assert "retentionInDays" not in found
    assert logs.describe_log_streams(logGroupIdentifier=arn)["logStreams"] == []


def test_groups_are_listed_by_name_in_pages_with_prefix_or_part(logs):
    wanted = [f"/pages/{i:03}-x" for i in range(7)]
    for name in wanted:
        logs.create_log_group(logGroupName=name)
    pages = list(logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix="/pages/", PaginationConfig={"PageSize": 3}))  # fmt: skip
    assert [len(p["logGroups"]) for p in pages] == [3, 3, 1]
    assert [g["logGroupName"] for p in pages for g in p["logGroups"]] == wanted
    part = logs.describe_log_groups(logGroupNamePattern="ges/003")["logGroups"]
    assert [g["logGroupName"] for g in part] == ["/pages/003-x"]
    assert "mutually exclusive" in refused("InvalidParameterException", logs.describe_log_groups, logGroupNamePattern="a", logGroupNamePrefix="b")  # fmt: skip
    for name in wanted:
        logs.delete_log_group(logGroupName=name)
    assert logs.describe_log_groups(logGroupNamePrefix="/pages/")["logGroups"] == []


def test_bad_groups_are_refused_in_the_services_words(logs, group):
    assert refused("ResourceAlreadyExistsException", logs.create_log_group, logGroupName=group) == "The specified log group already exists"  # fmt: skip
    assert refused("ResourceNotFoundException", logs.delete_log_group, logGroupName="/none") == "The specified log group does not exist."  # fmt: skip
    assert "logGroupName" in refused("InvalidParameterException", logs.create_log_group, logGroupName="no blanks")
    assert "enum value set" in refused("InvalidParameterException", logs.put_retention_policy, logGroupName=group, retentionInDays=2)  # fmt: skip
    for call, arguments in (
        (logs.start_query, {"logGroupName": group, "startTime": 0, "endTime": 1, "queryString": "fields @message"}),
        (logs.create_export_task, {"logGroupName": group, "fromTime": 0, "to": 1, "destination": "bucket"}),
    ):  # fmt: skip
        assert "not offered" in refused("UnknownOperationException", call, **arguments)  # fmt: skip
    assert logs.describe_metric_filters(logGroupName=group)["metricFilters"] == []
    assert logs.describe_subscription_filters(logGroupName=group)["subscriptionFilters"] == []


def test_a_protected_group_stays(logs, group):
    logs.put_log_group_deletion_protection(logGroupIdentifier=group, deletionProtectionEnabled=True)
    refused("InvalidParameterException", logs.delete_log_group, logGroupName=group)
    logs.put_log_group_deletion_protection(logGroupIdentifier=group, deletionProtectionEnabled=False)


def test_tags_in_both_forms(logs, group):
    arn = f"arn:aws:logs:us-east-1:000000000000:log-group:{group}"
    logs.tag_resource(resourceArn=arn, tags={"a": "1", "b": "2"})
    logs.tag_log_group(logGroupName=group, tags={"b": "3", "c": "4"})
    logs.untag_resource(resourceArn=arn, tagKeys=["a"])
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == {"b": "3", "c": "4"}
    assert logs.list_tags_log_group(logGroupName=group)["tags"] == {"b": "3", "c": "4"}
    refused("TooManyTagsException", logs.tag_resource, resourceArn=arn, tags={f"t{i}": "" for i in range(49)})


# --- streams ----------------------------------------------------------------------------------------------------------


def test_streams_by_name_and_by_their_last_event(logs, group):
    at = now()
    for i, name in enumerate(["b", "c", "a"]):
        logs.create_log_stream(logGroupName=group, logStreamName=name)
        put(logs, {"logGroupName": group, "logStreamName": name}, "x", at=at + i * 1000)

    def listed(**arguments):
        pages = logs.get_paginator("describe_log_streams").paginate(logGroupName=group, PaginationConfig={"PageSize": 2}, **arguments)  # fmt: skip
        return "".join(s["logStreamName"] for p in pages for s in p["logStreams"])

    assert listed() == "abc" and listed(descending=True) == "cba"
    assert listed(orderBy="LastEventTime") == "bca" and listed(orderBy="LastEventTime", descending=True) == "acb"
    assert listed(logStreamNamePrefix="b") == "b"
    refused("InvalidParameterException", logs.describe_log_streams, logGroupName=group, orderBy="LastEventTime", logStreamNamePrefix="b")  # fmt: skip
    stream = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix="b")["logStreams"][0]
    assert stream["firstEventTimestamp"] == stream["lastEventTimestamp"] == at
    assert stream["arn"].endswith(f":log-group:{group}:log-stream:b")
    refused("ResourceAlreadyExistsException", logs.create_log_stream, logGroupName=group, logStreamName="b")
    logs.delete_log_stream(logGroupName=group, logStreamName="b")
    assert listed() == "ac"
    refused("ResourceNotFoundException", logs.get_log_events, logGroupName=group, logStreamName="b")
    assert messages(logs.filter_log_events(logGroupName=group)) == ["x", "x"]


# --- events -----------------------------------------------------------------------------------------------------------


def test_events_come_back_in_both_directions_and_nothing_twice(logs, stream):
    put(logs, stream, *[f"m{i}" for i in range(10)])
    newest = logs.get_log_events(**stream, limit=4)
    assert messages(newest) == ["m6", "m7", "m8", "m9"]
    older = logs.get_log_events(**stream, limit=4, nextToken=newest["nextBackwardToken"])
    assert messages(older) == ["m2", "m3", "m4", "m5"]
    oldest = logs.get_log_events(**stream, limit=4, nextToken=older["nextBackwardToken"])
    assert messages(oldest) == ["m0", "m1"]
    nothing = logs.get_log_events(**stream, nextToken=oldest["nextBackwardToken"])
    assert nothing["events"] == [] and nothing["nextBackwardToken"] == oldest["nextBackwardToken"]
    assert messages(logs.get_log_events(**stream, nextToken=newest["nextForwardToken"])) == []
    head = logs.get_log_events(**stream, limit=9, startFromHead=True)
    assert messages(head) == [f"m{i}" for i in range(9)]
    end = logs.get_log_events(**stream, nextToken=head["nextForwardToken"], startFromHead=True)
    assert messages(end) == ["m9"]
    again = logs.get_log_events(**stream, nextToken=end["nextForwardToken"], startFromHead=True)
    assert again["events"] == [] and again["nextForwardToken"] == end["nextForwardToken"]
    put(logs, stream, "m10", at=now() + 1000)
    assert messages(logs.get_log_events(**stream, nextToken=again["nextForwardToken"])) == ["m10"]
    refused("InvalidParameterException", logs.get_log_events, **stream, nextToken="x/1")


def test_an_empty_stream_can_be_followed_from_its_token(logs, stream):
    empty = logs.get_log_events(**stream, startFromHead=True)
    assert empty["events"] == []
    put(logs, stream, "first")
    assert messages(logs.get_log_events(**stream, nextToken=empty["nextForwardToken"])) == ["first"]


def test_the_end_of_a_range_is_left_out_of_get_and_within_filter(logs, stream):
    at = now()
    put(logs, stream, "a", "b", "c", at=at)
    assert messages(logs.get_log_events(**stream, startTime=at, endTime=at + 2, startFromHead=True)) == ["a", "b"]
    assert messages(logs.filter_log_events(logGroupName=stream["logGroupName"], startTime=at + 1, endTime=at + 2)) == ["b", "c"]  # fmt: skip


def test_batches_are_checked_and_what_is_too_old_or_too_new_is_told(logs, stream):
    at = now()
    unordered = [{"timestamp": at + 1, "message": "a"}, {"timestamp": at, "message": "b"}]
    assert "chronological" in refused("InvalidParameterException", logs.put_log_events, **stream, logEvents=unordered)
    wide = [{"timestamp": at - DAY - 2, "message": "a"}, {"timestamp": at, "message": "b"}]
    assert "24 hours" in refused("InvalidParameterException", logs.put_log_events, **stream, logEvents=wide)
    big = [{"timestamp": at, "message": "x" * 1024 * 1024}]
    assert "Upload too large" in refused("InvalidParameterException", logs.put_log_events, **stream, logEvents=big)
    many = [{"timestamp": at, "message": "x"}] * 10001
    assert "10000" in refused("InvalidParameterException", logs.put_log_events, **stream, logEvents=many)
    new = [{"timestamp": at, "message": "good"}, {"timestamp": at + 3 * HOUR, "message": "new"}]
    assert logs.put_log_events(**stream, logEvents=new)["rejectedLogEventsInfo"] == {"tooNewLogEventStartIndex": 1}
    edge = at - 14 * DAY
    old = [{"timestamp": edge - 60000, "message": "old"}, {"timestamp": edge + 60000, "message": "kept"}]
    assert logs.put_log_events(**stream, logEvents=old)["rejectedLogEventsInfo"] == {"tooOldLogEventEndIndex": 1}
    assert messages(logs.get_log_events(**stream)) == ["kept", "good"]
    most = [{"timestamp": at, "message": f"{i}"} for i in range(10000)]
    logs.put_log_events(**stream, logEvents=most, sequenceToken="ignored")
    assert len(logs.get_log_events(**stream)["events"]) == 10000
    refused("ResourceNotFoundException", logs.put_log_events, logGroupName=stream["logGroupName"], logStreamName="none", logEvents=new)  # fmt: skip


def test_a_page_holds_at_most_a_mebibyte(logs, stream):
    for i in range(5):
        put(logs, stream, chr(97 + i) * 300_000)
    pages = list(logs.get_paginator("filter_log_events").paginate(logGroupName=stream["logGroupName"]))
    assert [len(p["events"]) for p in pages] == [3, 2]
    assert [m[0] for p in pages for m in messages(p)] == list("abcde")


# --- filters ----------------------------------------------------------------------------------------------------------


def test_filters_over_streams_of_a_group(logs, group):
    at = now()
    for i, name in enumerate(["one", "two", "other"]):
        logs.create_log_stream(logGroupName=group, logStreamName=name)
        place = {"logGroupName": group, "logStreamName": name}
        put(logs, place, f"ERROR {name}", json.dumps({"level": "error", "n": i}), f"GET /{name} 40{i}", at=at + 10 * i)

    def found(pattern, **arguments):
        return messages(logs.filter_log_events(logGroupName=group, filterPattern=pattern, **arguments))

    assert found("ERROR") == ["ERROR one", "ERROR two", "ERROR other"]
    assert found("ERROR -two", logStreamNames=["one", "two"]) == ["ERROR one"]
    assert found("ERROR", logStreamNamePrefix="o") == ["ERROR one", "ERROR other"]
    assert found('{ $.level = "err*" && $.n >= 1 }') == ['{"level": "error", "n": 1}', '{"level": "error", "n": 2}']
    assert found("[verb=GET, path, status=40* && status != 401]") == ["GET /one 400", "GET /other 402"]
    assert found("?two ?other", limit=1) == ["ERROR two"]
    pages = list(logs.get_paginator("filter_log_events").paginate(logGroupName=group, filterPattern="ERROR", PaginationConfig={"PageSize": 1}))  # fmt: skip
    events = [e for p in pages for e in p["events"]]
    assert [e["logStreamName"] for e in events] == ["one", "two", "other"]
    assert len({e["eventId"] for e in events}) == 3
    newest = logs.filter_log_events(logGroupName=group, filterPattern="ERROR", startTime=at, startFromHead=False)
    assert messages(newest) == ["ERROR other", "ERROR two", "ERROR one"]
    assert "Invalid character" in refused("InvalidParameterException", logs.filter_log_events, logGroupName=group, filterPattern="a:b")  # fmt: skip
    refused("ResourceNotFoundException", logs.filter_log_events, logGroupName=group, logStreamNames=["none"])
    refused("InvalidParameterException", logs.filter_log_events, logGroupName=group, logStreamNames=["one"], logStreamNamePrefix="o")  # fmt: skip


# --- retention --------------------------------------------------------------------------------------------------------


def test_retention_hides_expired_events_at_once_and_then_deletes_them(logs, stream):
    group = stream["logGroupName"]
    put(logs, stream, "x" * 74, at=now() - 3 * DAY)
    put(logs, stream, "y" * 74)

    def stored():
        return logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"][0]["storedBytes"]

    assert stored() == 200
    logs.put_retention_policy(logGroupName=group, retentionInDays=1)
    assert messages(logs.get_log_events(**stream)) == ["y" * 74]
    assert messages(logs.filter_log_events(logGroupName=group)) == ["y" * 74]
    wait_for(lambda: stored() == 100, what="the expired event to be deleted")
    rejected = put(logs, stream, "z", at=now() - 2 * DAY)["rejectedLogEventsInfo"]
    assert rejected == {"expiredLogEventEndIndex": 1}
    logs.delete_retention_policy(logGroupName=group)
    assert "retentionInDays" not in logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"][0]


# --- clients and crashes ----------------------------------------------------------------------------------------------


def test_the_command_line_client(server, group):
    server.aws("logs", "create-log-stream", "--log-group-name", group, "--log-stream-name", "cli")
    event = json.dumps([{"timestamp": now(), "message": "from the shell"}])
    server.aws("logs", "put-log-events", "--log-group-name", group, "--log-stream-name", "cli", "--log-events", event)
    tail = server.aws("logs", "filter-log-events", "--log-group-name", group, "--filter-pattern", '"the shell"', "--output", "json")  # fmt: skip
    assert messages(json.loads(tail.stdout)) == ["from the shell"]


def test_what_was_acknowledged_is_there_after_kill_9(own_server):
    logs = own_server.client("logs")
    logs.create_log_group(logGroupName="g")
    logs.create_log_stream(logGroupName="g", logStreamName="s")
    put(logs, {"logGroupName": "g", "logStreamName": "s"}, *[f"m{i}" for i in range(100)])
    logs.create_log_group(logGroupName="gone")
    logs.delete_log_group(logGroupName="gone")
    own_server.kill()
    own_server.start()
    logs = own_server.client("logs")
    assert messages(logs.get_log_events(logGroupName="g", logStreamName="s")) == [f"m{i}" for i in range(100)]
    assert [g["logGroupName"] for g in logs.describe_log_groups()["logGroups"]] == ["g"]


def metric(server, space, name, **dimensions):
    """Sums by the minute, of the last ones, in order."""
    now = datetime.datetime.now(datetime.timezone.utc)
    found = server.client("cloudwatch").get_metric_statistics(
        Namespace=space, MetricName=name, StartTime=now - datetime.timedelta(minutes=30), EndTime=now + datetime.timedelta(minutes=5), Period=60,
        Statistics=["Sum", "SampleCount"], Dimensions=[{"Name": k, "Value": v} for k, v in dimensions.items()])["Datapoints"]  # fmt: skip
    return [(p["Sum"], p["SampleCount"]) for p in sorted(found, key=lambda p: p["Timestamp"])]


def test_metric_filters_make_metrics(server):
    logs, group = server.client("logs"), "/filtered"
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="s")

    def put_filter(name, pattern, space="filters", **how):
        logs.put_metric_filter(logGroupName=group, filterName=name, filterPattern=pattern,
                               metricTransformations=[{"metricNamespace": space, "metricName": name} | how])  # fmt: skip

    put_filter("errors", "ERROR", metricValue="1", defaultValue=0)
    put_filter("latency", "{ $.ms > 0 }", metricValue="$.ms", unit="Milliseconds")
    put_filter("by-user", "{ $.ms > 0 }", metricValue="$.ms", dimensions={"User": "$.user.name"})
    now = int(time.time() * 1000) // 60000 * 60000

    def put(at, *messages):
        logs.put_log_events(logGroupName=group, logStreamName="s", logEvents=[{"timestamp": at, "message": m} for m in messages])

    put(now - 120000, "ERROR one", "fine", "ERROR two", '{"ms": 5, "user": {"name": "ann"}}')
    put(now - 60000, '{"ms": 7, "user": {"name": "bob"}}', '{"ms": 2, "user": {"name": "ann"}}', '{"ms": "x"}', '{"ms": 4}')
    assert metric(server, "filters", "errors") == [(2, 2), (0, 1)]
    assert metric(server, "filters", "latency") == [(5, 1), (13, 3)]
    assert metric(server, "filters", "by-user", User="ann") == [(5, 1), (2, 1)] and metric(server, "filters", "by-user", User="bob") == [(7, 1)]
    [found] = logs.describe_metric_filters(logGroupName=group, filterNamePrefix="lat")["metricFilters"]
    assert (found["filterPattern"], found["metricTransformations"][0]["unit"]) == ("{ $.ms > 0 }", "Milliseconds")
    assert [f["filterName"] for f in logs.describe_metric_filters(metricName="errors", metricNamespace="filters")["metricFilters"]] == ["errors"]
    for bad in ({"pattern": "{ $.ms >", "metricValue": "1"}, {"pattern": "x", "metricValue": "one"}, {"pattern": "x", "metricValue": "1", "space": "AWS/X"}):
        with pytest.raises(ClientError) as caught:
            put_filter("bad", **bad)
        assert caught.value.response["Error"]["Code"] == "InvalidParameterException"
    logs.delete_metric_filter(logGroupName=group, filterName="errors")
    put(now, "ERROR three")
    assert metric(server, "filters", "errors") == [(2, 2), (0, 1)]
    with pytest.raises(ClientError):
        logs.delete_metric_filter(logGroupName=group, filterName="errors")
    logs.delete_log_group(logGroupName=group)


def test_subscriptions_invoke_functions(server):
    logs, functions, sqs, group = server.client("logs"), server.client("lambda"), server.client("sqs"), "/subscribed"
    queue = sqs.create_queue(QueueName="subscribed")["QueueUrl"]
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("main.py", "import base64, boto3, gzip\n"
                         "def handler(event, context):\n"
                         "    text = gzip.decompress(base64.b64decode(event['awslogs']['data'])).decode()\n"
                         f"    boto3.client('sqs').send_message(QueueUrl={queue!r}, MessageBody=text)\n")  # fmt: skip
    arn = functions.create_function(FunctionName="subscribed", Runtime="python3.11", Role="arn:aws:iam::000000000000:role/r", Handler="main.handler",
                                    Code={"ZipFile": code.getvalue()})["FunctionArn"]  # fmt: skip
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="s")
    logs.put_subscription_filter(logGroupName=group, filterName="errors", filterPattern="?ERROR ?WARN", destinationArn=arn)
    now = int(time.time() * 1000)
    logs.put_log_events(logGroupName=group, logStreamName="s", logEvents=[{"timestamp": now, "message": m} for m in ("ERROR ä", "fine", "WARN b")])
    [got] = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=20)["Messages"]
    told = json.loads(got["Body"])
    assert (told["messageType"], told["logGroup"], told["logStream"], told["subscriptionFilters"]) == ("DATA_MESSAGE", group, "s", ["errors"])
    assert [(e["timestamp"], e["message"]) for e in told["logEvents"]] == [(now, "ERROR ä"), (now, "WARN b")]
    [found] = logs.describe_subscription_filters(logGroupName=group)["subscriptionFilters"]
    assert (found["destinationArn"], found["distribution"]) == (arn, "ByLogStream")
    for destination in (arn + "-none", "arn:aws:kinesis:us-east-1:000000000000:stream/x"):
        with pytest.raises(ClientError) as caught:
            logs.put_subscription_filter(logGroupName=group, filterName="x", filterPattern="", destinationArn=destination)
        assert caught.value.response["Error"]["Code"] == "InvalidParameterException"
    logs.delete_subscription_filter(logGroupName=group, filterName="errors")
    assert logs.describe_subscription_filters(logGroupName=group)["subscriptionFilters"] == []
    functions.delete_function(FunctionName="subscribed")
