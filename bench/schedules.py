# schedules.py - what `make bench` measures of EventBridge: many schedules at rest and due at once, events among many rules.
import http.client
import json
import os
import sqlite3
import time

import peers
from common import client, row, signed

SCHEDULES = int(os.environ.get("SCHEDULES", "1000000"))
DUE = 100000
RULES, EVENTS = 10000, 2000
ROLE = "arn:aws:iam::000000000000:role/bench"
QUEUE = "arn:aws:sqs:us-east-1:000000000000:bench"
DAY_MS = 24 * 3600 * 1000


def copies(db, count, prefix, slot):
    """More schedules like the one that the API made, straight into the table: making them is not what is measured."""
    columns = [c[1] for c in db.execute("PRAGMA table_info(schedule)")]
    given = {"n": "NULL", "name": f"'{prefix}' || i", "slot": str(slot), "due": str(slot)}
    chosen = ", ".join(given.get(c, c) for c in columns)
    db.execute(f"WITH RECURSIVE k(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM k WHERE i < {count}) INSERT INTO schedule SELECT {chosen} FROM k, schedule WHERE name = 'first'")


def change(server, work):
    """The server stops, its database is changed, and it comes again."""
    server.process.kill()
    server.process.wait()
    db = sqlite3.connect(os.path.join(server.folder, "data", "state.db"))
    work(db)
    db.execute("DELETE FROM timer WHERE kind = 'schedules'")
    db.execute("INSERT INTO timer SELECT 'schedules', '', min(due) FROM schedule WHERE due >= 0")
    db.commit()
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


def bench_schedules():
    with peers.mayfly(None, "--quotas", "none", "--catch-up", "all") as server:
        sqs, scheduler = client(server, "sqs"), client(server, "scheduler")
        url = sqs.create_queue(QueueName="bench")["QueueUrl"]
        scheduler.create_schedule(Name="first", ScheduleExpression="rate(30 days)", FlexibleTimeWindow={"Mode": "OFF"},
                                  StartDate=time.time() + 86400, Target={"Arn": QUEUE, "RoleArn": ROLE, "Input": '{"at": "<aws.scheduler.scheduled-time>"}'})
        change(server, lambda db: copies(db, SCHEDULES, "s", int(time.time() * 1000) + DAY_MS))
        server.again()
        row(f"{SCHEDULES:,} schedules: start to ready", server.name, server.start_ms, "ms", "goal <= 1000")
        row("  memory of the server", server.name, peers.resident_mb(server.process.pid, whole_tree=False), "MB", "goal <= 100")
        due = int(time.time() * 1000) + 20000
        change(server, lambda db: copies(db, DUE, "d", due))
        server.again()
        while (left := due / 1000 - time.time()) > 0:
            time.sleep(left)
        began = time.monotonic()
        while True:
            n = int(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"]["ApproximateNumberOfMessages"])
            if n >= DUE:
                break
            time.sleep(0.2)
        row(f"  {DUE:,} due in one second: all delivered in", server.name, time.monotonic() - began, "s", "goal <= 1")
        row("  memory of the server", server.name, peers.resident_mb(server.process.pid, whole_tree=False), "MB", "goal <= 100")


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


def bench_events():
    with peers.mayfly(None, "--quotas", "none") as server:
        rules = []
        for i in range(RULES):
            pattern = {"source": [f"app.{i % 100}"], "detail-type": ["Order"], "detail": {"shop": [f"shop-{i}"], "price": [{"numeric": [">", 10]}]}}
            rules.append(json.dumps({"Name": f"r{i}", "EventPattern": json.dumps(pattern)}))
        row(f"rules put, one after the other, {RULES:,} in all", server.name, calls(server, "PutRule", rules), "/s")
        entry = {"Source": "app.7", "DetailType": "Order", "Detail": json.dumps({"shop": "shop-707", "price": 50, "name": "x" * 200})}
        body = json.dumps({"Entries": [entry] * 10})
        calls(server, "PutEvents", [body])
        row("  events matched among them, by one client", server.name, 10 * calls(server, "PutEvents", [body] * (EVENTS // 10)), "/s")
