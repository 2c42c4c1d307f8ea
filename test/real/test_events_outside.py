# test_events_outside.py - API destinations and their connections, rates and retries; archives and replays; crashes in between.
import base64
import datetime
import http.server
import json
import threading
import time
import uuid

import pytest
from botocore.exceptions import ClientError
from server import wait_for

ROLE = "arn:aws:iam::000000000000:role/events"


class Outside:
    """Somebody else's server: what it was sent, and what it answers next."""

    def __init__(self):
        self.requests, self.answers = [], []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                outer.requests.append((self.command, self.path, dict(self.headers), body, time.monotonic()))
                self.send_response(outer.answers.pop(0) if outer.answers else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_GET = do_PUT = do_POST

            def log_message(self, *words):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def outside():
    o = Outside()
    yield o
    o.server.shutdown()
    o.server.server_close()


@pytest.fixture(scope="module")
def events(server):
    return server.client("events")


def unique(prefix):
    return prefix + "-" + uuid.uuid4().hex[:10]


def refused(code, function, **given):
    with pytest.raises(ClientError) as caught:
        function(**given)
    assert caught.value.response["Error"]["Code"] == code
    return caught.value.response["Error"]["Message"]


def destination(events, url, method="POST", **more):
    connection = events.create_connection(
        Name=unique("c"), AuthorizationType="BASIC",
        AuthParameters={"BasicAuthParameters": {"Username": "u", "Password": "p"},
                        "InvocationHttpParameters": {"HeaderParameters": [{"Key": "X-Own", "Value": "1"}],
                                                     "BodyParameters": [{"Key": "added", "Value": "yes"}]}},
    )["ConnectionArn"]  # fmt: skip
    name = unique("d")
    made = events.create_api_destination(Name=name, ConnectionArn=connection, InvocationEndpoint=url, HttpMethod=method, **more)
    assert made["ApiDestinationState"] == "ACTIVE"
    return name, made["ApiDestinationArn"]


def rule_to(events, arn, **target):
    bus, rule = unique("b"), unique("r")
    bus_arn = events.create_event_bus(Name=bus)["EventBusArn"]
    events.put_rule(Name=rule, EventBusName=bus, EventPattern='{"source": ["own"]}')
    given = {"Id": "1", "Arn": arn, "RoleArn": ROLE, **target}
    assert events.put_targets(Rule=rule, EventBusName=bus, Targets=[given])["FailedEntryCount"] == 0
    return bus, bus_arn


def put(events, bus, *details, source="own", **more):
    entries = [{"Source": source, "DetailType": "t", "Detail": json.dumps(d), "EventBusName": bus, **more} for d in details]
    assert events.put_events(Entries=entries)["FailedEntryCount"] == 0


def test_an_event_reaches_somebody_elses_server(events, outside):
    _, arn = destination(events, outside.url + "/a/*/b")
    bus, _ = rule_to(events, arn, HttpParameters={"PathParameterValues": ["x y"], "QueryStringParameters": {"q": "1 2"}, "HeaderParameters": {"X-Given": "g"}})
    put(events, bus, {"n": 1})
    wait_for(lambda: outside.requests)
    method, path, headers, body, _ = outside.requests[0]
    assert (method, path) == ("POST", "/a/x%20y/b?q=1%202")
    assert headers["Authorization"] == "Basic " + base64.b64encode(b"u:p").decode()
    assert headers["X-Own"] == "1" and headers["X-Given"] == "g" and headers["User-Agent"] == "Amazon/EventBridge/ApiDestinations"
    event = json.loads(body)
    assert event["detail"] == {"n": 1} and event["added"] == "yes" and event["source"] == "own"


def test_what_passes_is_tried_again_and_what_does_not_goes_to_the_dead_letters(server, events, outside):
    sqs = server.client("sqs")
    queue = sqs.create_queue(QueueName=unique("q"))["QueueUrl"]
    dead = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    _, arn = destination(events, outside.url)
    bus, _ = rule_to(events, arn, DeadLetterConfig={"Arn": dead}, InputPath="$.detail")
    outside.answers += [503, 200, 400]
    put(events, bus, {"n": 1})
    wait_for(lambda: len(outside.requests) == 2)
    put(events, bus, {"n": 2})
    got = wait_for(lambda: sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=10, MessageAttributeNames=["All"]).get("Messages"))
    assert json.loads(got[0]["Body"]) == {"n": 2} and got[0]["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "400"
    assert len(outside.requests) == 3 and got[0]["MessageAttributes"]["TARGET_ARN"]["StringValue"] == arn


def test_no_faster_than_the_rate(events, outside):
    _, arn = destination(events, outside.url, InvocationRateLimitPerSecond=5)
    bus, _ = rule_to(events, arn)
    begun = time.monotonic()
    put(events, bus, *({"n": n} for n in range(8)))
    wait_for(lambda: len(outside.requests) == 8)
    assert max(r[4] for r in outside.requests) - begun > 1.0, "eight at five a second"


def test_what_was_not_answered_is_sent_again_after_a_crash(own_server, outside):
    events = own_server.client("events")
    _, arn = destination(events, outside.url, InvocationRateLimitPerSecond=1)
    bus, _ = rule_to(events, arn)
    put(events, bus, {"n": 1}, {"n": 2}, {"n": 3})
    own_server.kill()
    own_server.start()
    wait_for(lambda: {2, 3} <= {json.loads(r[3])["detail"]["n"] for r in outside.requests})


def test_destinations_over_the_api(events, outside):
    name, arn = destination(events, outside.url, Description="d")
    told = events.describe_api_destination(Name=name)
    assert told["ApiDestinationArn"] == arn and told["InvocationRateLimitPerSecond"] == 300 and told["Description"] == "d"
    events.update_api_destination(Name=name, HttpMethod="PUT", InvocationRateLimitPerSecond=7)
    told = events.describe_api_destination(Name=name)
    assert (told["HttpMethod"], told["InvocationRateLimitPerSecond"], told["InvocationEndpoint"]) == ("PUT", 7, outside.url)
    assert [d["Name"] for d in events.list_api_destinations(NamePrefix=name)["ApiDestinations"]] == [name]
    assert [d["Name"] for d in events.list_api_destinations(ConnectionArn=told["ConnectionArn"])["ApiDestinations"]] == [name]
    refused("ResourceAlreadyExistsException", events.create_api_destination, Name=name, ConnectionArn=told["ConnectionArn"],
            InvocationEndpoint=outside.url, HttpMethod="POST")  # fmt: skip
    refused("ResourceNotFoundException", events.create_api_destination, Name=unique("d"), InvocationEndpoint=outside.url, HttpMethod="POST",
            ConnectionArn="arn:aws:events:us-east-1:000000000000:connection/none/00000000-0000-0000-0000-000000000000")  # fmt: skip
    bus = unique("b")
    events.create_event_bus(Name=bus)
    events.put_rule(Name="r", EventBusName=bus, EventPattern='{"source": ["x"]}')
    assert "RoleArn is required" in refused(
        "ValidationException", events.put_targets, Rule="r", EventBusName=bus, Targets=[{"Id": "1", "Arn": arn}]
    )
    events.delete_api_destination(Name=name)
    refused("ResourceNotFoundException", events.describe_api_destination, Name=name)
    refused("ResourceNotFoundException", events.delete_api_destination, Name=name)


# ---- archives and replays ----


def now(seconds=0):
    return datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)


class Archived:
    """A bus whose events reach a queue, and an archive of it."""

    def __init__(self, server, **archive):
        self.server, self.events, self.sqs = server, server.client("events"), server.client("sqs")
        self.queue = self.sqs.create_queue(QueueName=unique("q"))["QueueUrl"]
        arn = self.sqs.get_queue_attributes(QueueUrl=self.queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        self.bus, self.bus_arn = rule_to(self.events, arn)
        self.name = unique("a")
        self.arn = self.events.create_archive(ArchiveName=self.name, EventSourceArn=self.bus_arn, **archive)["ArchiveArn"]

    def received(self, n):
        found = []
        while len(found) < n:
            for m in self.sqs.receive_message(QueueUrl=self.queue, WaitTimeSeconds=10, MaxNumberOfMessages=10).get("Messages", []):
                found.append(json.loads(m["Body"]))
                self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=m["ReceiptHandle"])
        return found

    def replay(self, **more):
        name = unique("replay")
        given = dict(ReplayName=name, EventSourceArn=self.arn, EventStartTime=now(-3600), EventEndTime=now(3600),
                     Destination={"Arn": self.bus_arn})  # fmt: skip
        assert self.events.start_replay(**(given | more))["State"] == "STARTING"
        return name

    def ended(self, name):
        wait_for(lambda: "ReplayEndTime" in self.events.describe_replay(ReplayName=name))
        return self.events.describe_replay(ReplayName=name)


def test_what_was_archived_is_replayed_in_order(server):
    a = Archived(server, RetentionDays=3, EventPattern='{"detail": {"keep": [true]}}')
    for n in range(100):
        put(a.events, a.bus, {"n": n, "keep": n % 2 == 0}, Time=now(n - 1000))
    told = a.events.describe_archive(ArchiveName=a.name)
    assert told["EventCount"] == 50 and told["SizeBytes"] > 0 and told["State"] == "ENABLED" and told["RetentionDays"] == 3
    a.received(100)
    name = a.replay()
    again = a.received(50)
    assert sorted(e["detail"]["n"] for e in again) == list(range(0, 100, 2))
    assert all(e["replay-name"] == name for e in again)
    done = a.ended(name)
    assert done["State"] == "COMPLETED" and done["ReplayArn"].endswith(":replay/" + name) and "EventLastReplayedTime" in done
    assert a.events.describe_archive(ArchiveName=a.name)["EventCount"] == 50, "what is replayed is not archived again"
    name = a.replay(EventStartTime=now(-1000), EventEndTime=now(-990))
    a.ended(name)
    assert {e["detail"]["n"] for e in a.received(4)} <= set(range(0, 40)), "of ten seconds, not of all"


def test_a_replay_goes_to_the_rules_it_names(server):
    a = Archived(server)
    put(a.events, a.bus, {"n": 1})
    a.received(1)
    other = f"arn:aws:events:us-east-1:000000000000:rule/{a.bus}/other"
    a.ended(a.replay(Destination={"Arn": a.bus_arn, "FilterArns": [other]}))
    put(a.events, a.bus, {"n": 2})
    assert [e["detail"]["n"] for e in a.received(1)] == [2]


def test_a_replay_survives_kill_9_and_doubles_nothing(own_server):
    a = Archived(own_server)
    for _ in range(40):
        put(a.events, a.bus, *({"n": n} for n in range(10)))
    a.received(400)
    name = a.replay()
    own_server.kill()
    own_server.start()
    a.events, a.sqs = own_server.client("events"), own_server.client("sqs")
    assert len(a.received(400)) == 400 and a.ended(name)["State"] == "COMPLETED"
    assert a.sqs.get_queue_attributes(QueueUrl=a.queue, AttributeNames=["All"])["Attributes"]["ApproximateNumberOfMessages"] == "0"


def test_archives_over_the_api(server):
    a = Archived(server, Description="d")
    e = a.events
    refused("ResourceAlreadyExistsException", e.create_archive, ArchiveName=a.name, EventSourceArn=a.bus_arn)
    refused("InvalidEventPatternException", e.create_archive, ArchiveName=unique("a"), EventSourceArn=a.bus_arn, EventPattern="{")
    refused("ResourceNotFoundException", e.create_archive, ArchiveName=unique("a"), EventSourceArn=a.bus_arn + "x")
    e.update_archive(ArchiveName=a.name, RetentionDays=9, EventPattern='{"source": ["none"]}')
    put(e, a.bus, {"n": 1})
    told = e.describe_archive(ArchiveName=a.name)
    assert (told["RetentionDays"], told["EventCount"], told["Description"]) == (9, 0, "d")
    assert [x["ArchiveName"] for x in e.list_archives(EventSourceArn=a.bus_arn)["Archives"]] == [a.name]
    assert [x["ArchiveName"] for x in e.list_archives(NamePrefix=a.name)["Archives"]] == [a.name]
    refused("ValidationException", e.list_archives, NamePrefix="a", State="ENABLED")
    times = dict(ReplayName=unique("r"), EventStartTime=now(-9), EventEndTime=now())
    there = {"Arn": a.bus_arn}
    refused("ValidationException", e.start_replay, EventSourceArn=a.bus_arn, Destination=there, **times)
    refused("ValidationException", e.start_replay, EventSourceArn=a.arn + "x", Destination=there, **times)
    assert "Cross event bus" in refused(
        "ValidationException", e.start_replay, EventSourceArn=a.arn, **times,
        Destination={"Arn": "arn:aws:events:us-east-1:000000000000:event-bus/default"},
    )  # fmt: skip
    assert "before EventEndTime" in refused(
        "ValidationException", e.start_replay, EventSourceArn=a.arn, Destination=there, **(times | {"EventEndTime": now(-10)})
    )
    name = a.replay()
    a.ended(name)
    refused("IllegalStatusException", e.cancel_replay, ReplayName=name)
    refused("ResourceNotFoundException", e.cancel_replay, ReplayName="none")
    assert name in [r["ReplayName"] for r in e.list_replays(EventSourceArn=a.arn)["Replays"]]
    e.delete_archive(ArchiveName=a.name)
    refused("ResourceNotFoundException", e.describe_archive, ArchiveName=a.name)


def test_what_there_is_none_of(events):
    assert events.list_endpoints()["Endpoints"] == [] and events.list_event_sources()["EventSources"] == []
    refused("ResourceNotFoundException", events.describe_endpoint, Name="e")
    refused("ResourceNotFoundException", events.describe_event_source, Name="aws.partner/x/y")
    refused("UnknownOperationException", events.create_partner_event_source, Name="aws.partner/x/y", Account="000000000000")
