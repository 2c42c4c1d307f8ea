# schedules.py - what `make bench` measures of EventBridge: many schedules at rest and due at once, events among many rules.
import http.client
import json
import os
import sqlite3
import statistics
import time

import peers
import states
from common import client, each, median, row, signed

SCHEDULES = int(os.environ.get("SCHEDULES", "1000000"))
DUE = 100000
RULES, EVENTS, EVENTS_PEER = 10000, 5000, 20
PATIENCE_SECONDS = 120
ROLE = "arn:aws:iam::000000000000:role/bench"
QUEUE = "arn:aws:sqs:us-east-1:000000000000:bench"
QUEUE_OF = {"moto server": "arn:aws:sqs:us-east-1:123456789012:bench"}
DAY_MS = 24 * 3600 * 1000


def copies(db, count, prefix, slot):
    """More schedules like the one that the API made, straight into the table: making them is not what is measured."""
    columns = [c[1] for c in db.execute("PRAGMA table_info(schedule)")]
    chosen = ", ".join({"n": "NULL", "name": f"'{prefix}' || i"}.get(c, c) for c in columns)
    (last,) = db.execute("SELECT max(n) FROM schedule").fetchone()
    db.execute(f"WITH RECURSIVE k(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM k WHERE i < {count}) INSERT INTO schedule SELECT {chosen} FROM k, schedule WHERE name = 'first'")
    db.execute("INSERT INTO schedule_time SELECT n, ?1, ?1, -1, 0 FROM schedule WHERE n > ?2", (slot, last))


def change(server, work):
    """The server stops, its database is changed, and it comes again."""
    server.process.kill()
    server.process.wait()
    db = sqlite3.connect(os.path.join(server.folder, "data", "state.db"))
    work(db)
    db.execute("DELETE FROM timer WHERE kind = 'schedules'")
    db.execute("INSERT INTO timer SELECT 'schedules', '', min(due) FROM schedule_time WHERE due >= 0")
    db.commit()
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


MACHINE = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
INPUT = '{"at": "<aws.scheduler.scheduled-time>", "of": "<aws.scheduler.schedule-arn>"}'


def first_schedule(server, target):
    client(server, "scheduler").create_schedule(
        Name="first", ScheduleExpression="rate(30 days)", FlexibleTimeWindow={"Mode": "OFF"}, StartDate=time.time() + 86400,
        Target={"Arn": target, "RoleArn": ROLE, "Input": INPUT})


def messages(server):
    sqs = client(server, "sqs")
    url = sqs.create_queue(QueueName="bench")["QueueUrl"]
    attributes = lambda: sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"]
    return QUEUE, lambda: int(attributes()["ApproximateNumberOfMessages"]) >= DUE


def executions(server):
    """Schedules fire in order: all have when the newest execution is that of the last."""
    arn = states.States(server).machine("trivial", MACHINE)

    def done():
        call = states.States(server)
        newest = call("ListExecutions", stateMachineArn=arn, maxResults=1)["executions"]
        return newest and json.loads(call("DescribeExecution", executionArn=newest[0]["executionArn"])["input"])["of"].endswith(f"/d{DUE}")

    return arn, done


def wait_until(moment, poll_s=0.05, done=None):
    while (left := moment - time.time()) > 0:
        time.sleep(left)
    while done and not done():
        time.sleep(poll_s)
    return time.time() - moment


def fire_at_once(server, done, rest):
    due = int(time.time() * 1000) + 15000
    change(server, lambda db: copies(db, DUE, "d", due))
    server.again()
    took = wait_until(due / 1000, done=done)
    row(f"  {DUE:,} due in one second{rest}: from then until all have fired", server.name, took, "s", "goal <= 1")


def mayfly():
    return peers.mayfly(None, "--quotas", "none", "--catch-up", "all")


def bench_schedules():
    with mayfly() as server:
        target, done = messages(server)
        first_schedule(server, target)
        change(server, lambda db: copies(db, SCHEDULES, "s", int(time.time() * 1000) + DAY_MS))
        server.again()
        row(f"{SCHEDULES:,} schedules: start to ready", server.name, server.start_ms, "ms", "goal <= 1000")
        row("  memory of the server", server.name, peers.resident_mb(server.process.pid, whole_tree=False), "MB", "goal <= 100")
        fire_at_once(server, done, " among them, to a queue")
        row("  memory of the server", server.name, peers.resident_mb(server.process.pid, whole_tree=False), "MB", "goal <= 100")
    with mayfly() as server:
        target, done = executions(server)
        first_schedule(server, target)
        fire_at_once(server, done, ", each a StartExecution")


def bench_due():
    """One schedule after the other, each for a second of its own: when its execution begins, and when a worker has what its first state asks for."""
    with mayfly() as server:
        call, scheduler = states.States(server), client(server, "scheduler")
        activity = call("CreateActivity", name="worker")["activityArn"]
        arn = call.machine("ask", {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": activity, "End": True}}})
        began, seen = [], []
        for i in range(9):
            due = int(time.time()) + 2
            when = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(due))
            scheduler.create_schedule(Name=f"once-{i}", ScheduleExpression=f"at({when})", FlexibleTimeWindow={"Mode": "OFF"},
                                      Target={"Arn": arn, "RoleArn": ROLE, "Input": "{}"})
            token = call("GetActivityTask", activityArn=activity)["taskToken"]
            seen.append(time.time() - due)
            call("SendTaskSuccess", taskToken=token, output="{}")
            newest = call("ListExecutions", stateMachineArn=arn, maxResults=1)["executions"][0]["executionArn"]
            began.append(call("GetExecutionHistory", executionArn=newest, maxResults=1)["events"][0]["timestamp"] - due)
        row("due time to the execution's first event", server.name, statistics.median(began) * 1000, "ms", "goal <= 2")
        row("  to the worker that has its first task", server.name, statistics.median(seen) * 1000, "ms")


def calls(server, operation, bodies):
    """One after the other, by a client without the cost of an SDK; how many a second."""
    headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Date": "20260101T000000Z", "Authorization": signed("events"),
               "X-Amz-Target": "AWSEvents." + operation}
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=600)
    began = time.monotonic()
    for body in bodies:
        connection.request("POST", "/", body, headers)
        answer = connection.getresponse()
        text = answer.read()
        if answer.status != 200 or b"ErrorCode" in text:
            raise RuntimeError(f"{operation}: {text[:300]}")
    return len(bodies) / (time.monotonic() - began)


def rule(i):
    """One of ten thousand shops; a hundred of them have the same source."""
    pattern = {"source": [f"app.{i % 100}"], "detail-type": ["Order"], "detail": {"shop": [f"shop-{i}"], "price": [{"numeric": [">", 10]}]}}
    return json.dumps({"Name": f"r{i}", "EventPattern": json.dumps(pattern)})


def received(sqs, url):
    return int(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"]["ApproximateNumberOfMessages"])


def matched(server, sqs, url, events):
    """Each matches one rule, whose target is a queue: until the last has come."""
    entry = {"Source": "app.7", "DetailType": "Order", "Detail": json.dumps({"shop": "shop-707", "price": 50, "name": "x" * 200})}
    before, began = received(sqs, url), time.monotonic()
    calls(server, "PutEvents", [json.dumps({"Entries": [entry] * 10})] * (events // 10))
    while (come := received(sqs, url) - before) < events:
        if time.monotonic() - began > PATIENCE_SECONDS:
            raise RuntimeError(f"{come} of {events} events came")
        time.sleep(0.001)
    return events / (time.monotonic() - began)


def measure_events(server):
    ours = server.name == "mayfly"
    sqs = client(server, "sqs")
    url = sqs.create_queue(QueueName="bench")["QueueUrl"]
    row(f"rules put, one after the other, {RULES:,} in all", server.name, calls(server, "PutRule", [rule(i) for i in range(RULES)]), "/s")
    calls(server, "PutTargets", [json.dumps({"Rule": "r707", "Targets": [{"Id": "queue", "Arn": QUEUE_OF.get(server.name, QUEUE)}]})])
    events = EVENTS if ours else EVENTS_PEER
    matched(server, sqs, url, 10)
    row("  events matched among them, and in their queue", server.name, median(lambda: matched(server, sqs, url, events)), "/s", "one client")


def many_rules(core=None):
    return peers.mayfly(core, "--quotas", "none")


def bench_events():
    for server in each(many_rules, peers.moto, peers.ministack):
        try:
            measure_events(server)
        except (RuntimeError, OSError) as why:
            print(f"  left out: {server.name}: {why}")
