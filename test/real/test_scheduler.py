# test_scheduler.py - EventBridge Scheduler: schedules are kept, told, refused, and fire: once, late, again, or not at all.
import datetime
import itertools
import json
import sqlite3
import time

import pytest
from botocore.exceptions import ClientError

from server import Server, wait_for

names = itertools.count(1)
ROLE = "arn:aws:iam::000000000000:role/scheduler"
UTC = datetime.timezone.utc
OFF = {"Mode": "OFF"}
PASS = json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}})


@pytest.fixture(scope="session")
def scheduler(server):
    return server.client("scheduler")


def new_name():
    return f"s-{next(names)}"


def at(seconds=0):
    """at(...) the given number of seconds from now; and that time."""
    when = datetime.datetime.now(UTC).replace(microsecond=0) + datetime.timedelta(seconds=seconds)
    return f"at({when:%Y-%m-%dT%H:%M:%S})", when


def machine(server):
    return server.client("stepfunctions").create_state_machine(
        name=f"scheduled-{next(names)}", definition=PASS, roleArn=ROLE)["stateMachineArn"]  # fmt: skip


def executions(server, arn):
    return server.client("stepfunctions").list_executions(stateMachineArn=arn)["executions"]


def create(scheduler, expression, arn="arn:aws:sqs:us-east-1:000000000000:none", **more):
    target = {"Arn": arn, "RoleArn": ROLE, **more.pop("Target", {})}
    arguments = {"Name": new_name(), "FlexibleTimeWindow": OFF, **more}
    scheduler.create_schedule(ScheduleExpression=expression, Target=target, **arguments)
    return arguments["Name"]


def refused(code, call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    assert caught.value.response["Error"]["Code"] == code
    return caught.value.response["Error"]["Message"]


# --- kept and told ----------------------------------------------------------------------------------------------------


def test_a_schedule_is_told_as_it_was_given_with_defaults(scheduler):
    start = datetime.datetime.now(UTC).replace(microsecond=0) + datetime.timedelta(days=1)
    name = create(scheduler, "cron(0 9 ? * MON-FRI *)", StartDate=start, Description="work",
                  ScheduleExpressionTimezone="Europe/Berlin", Target={"Input": '{"a": 1}'})  # fmt: skip
    told = scheduler.get_schedule(Name=name)
    assert told["Arn"] == f"arn:aws:scheduler:us-east-1:000000000000:schedule/default/{name}"
    assert (told["State"], told["GroupName"], told["ActionAfterCompletion"]) == ("ENABLED", "default", "NONE")
    assert told["StartDate"] == start and "EndDate" not in told and told["FlexibleTimeWindow"] == OFF
    assert told["ScheduleExpressionTimezone"] == "Europe/Berlin" and told["Description"] == "work"
    assert told["Target"]["Input"] == '{"a": 1}'
    assert told["Target"]["RetryPolicy"] == {"MaximumEventAgeInSeconds": 86400, "MaximumRetryAttempts": 185}
    scheduler.update_schedule(Name=name, ScheduleExpression="rate(2 hours)", FlexibleTimeWindow={"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 5}, State="DISABLED", Target=told["Target"])  # fmt: skip
    told = scheduler.get_schedule(Name=name)
    assert told["State"] == "DISABLED" and "Description" not in told and "StartDate" not in told
    assert told["FlexibleTimeWindow"] == {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 5}
    scheduler.delete_schedule(Name=name)
    assert refused("ResourceNotFoundException", scheduler.get_schedule, Name=name) == f"Schedule {name} does not exist."


def test_the_same_request_with_its_token_again_has_the_same_answer(scheduler):
    request = {"Name": new_name(), "ScheduleExpression": "rate(1 day)", "FlexibleTimeWindow": OFF, "State": "DISABLED",
               "Target": {"Arn": "arn:aws:sqs:us-east-1:000000000000:q", "RoleArn": ROLE}}  # fmt: skip
    first = scheduler.create_schedule(ClientToken="t1", **request)
    assert scheduler.create_schedule(ClientToken="t1", **request)["ScheduleArn"] == first["ScheduleArn"]
    refused("ConflictException", scheduler.create_schedule, ClientToken="t2", **request)
    refused("ConflictException", scheduler.create_schedule, ClientToken="t1", **{**request, "State": "ENABLED"})


def test_groups_hold_schedules_and_take_them_along(scheduler):
    group = f"g-{next(names)}"
    arn = scheduler.create_schedule_group(Name=group, Tags=[{"Key": "team", "Value": "a"}])["ScheduleGroupArn"]
    assert scheduler.get_schedule_group(Name=group)["State"] == "ACTIVE"
    for i in range(5):
        create(scheduler, "rate(1 day)", Name=f"in-{i}", GroupName=group, State="DISABLED" if i % 2 else "ENABLED", StartDate=datetime.datetime.now(UTC) + datetime.timedelta(days=1))  # fmt: skip
    pages = list(scheduler.get_paginator("list_schedules").paginate(GroupName=group, PaginationConfig={"PageSize": 2}))
    assert [len(p["Schedules"]) for p in pages] == [2, 2, 1]
    assert [s["Name"] for p in pages for s in p["Schedules"]] == [f"in-{i}" for i in range(5)]
    assert len(scheduler.list_schedules(GroupName=group, State="DISABLED")["Schedules"]) == 2
    assert {g["Name"] for g in scheduler.list_schedule_groups()["ScheduleGroups"]} >= {"default", group}
    scheduler.tag_resource(ResourceArn=arn, Tags=[{"Key": "x", "Value": "1"}, {"Key": "team", "Value": "b"}])
    scheduler.untag_resource(ResourceArn=arn, TagKeys=["x"])
    assert scheduler.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "team", "Value": "b"}]
    scheduler.delete_schedule_group(Name=group)
    refused("ResourceNotFoundException", scheduler.get_schedule, Name="in-1", GroupName=group)
    refused("ValidationException", scheduler.delete_schedule_group, Name="default")


@pytest.mark.parametrize("expression", ["cron(0 9 * * *)", "cron(0 9 * * MON *)", "rate(0 minutes)", "rate(5 weeks)",
                                        "at(2030-02-30T00:00:00)", "every day", "at(2030-01-01)"])  # fmt: skip
def test_an_impossible_expression_is_refused(scheduler, expression):
    with pytest.raises(ClientError) as caught:
        create(scheduler, expression)
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    assert caught.value.response["Error"]["Message"] == f"Invalid Schedule Expression {expression}."


@pytest.mark.parametrize("more", [
    {"ScheduleExpressionTimezone": "Mars/Phobos"},
    {"ScheduleExpressionTimezone": "../../etc/passwd"},
    {"StartDate": datetime.datetime(2020, 1, 1, tzinfo=UTC)},
    {"EndDate": datetime.datetime(2020, 1, 1, tzinfo=UTC)},
    {"FlexibleTimeWindow": {"Mode": "FLEXIBLE"}},
    {"FlexibleTimeWindow": {"Mode": "OFF", "MaximumWindowInMinutes": 3}},
    {"Target": {"Arn": "arn:aws:scheduler:::aws-sdk:emr:describeCluster"}},
    {"Target": {"Arn": "arn:aws:scheduler:::aws-sdk:emr:runJobFlows"}},
    {"Target": {"Arn": "arn:aws:states:us-east-1:000000000000:stateMachine:m", "Input": "{"}},
    {"Target": {"Arn": "arn:aws:events:us-east-1:000000000000:event-bus/default"}},
    {"Target": {"DeadLetterConfig": {"Arn": "arn:aws:sqs:us-east-1:000000000000:q.fifo"}}},
])  # fmt: skip
def test_what_makes_no_sense_is_refused(scheduler, more):
    with pytest.raises(ClientError) as caught:
        create(scheduler, "rate(1 day)", **more)
    assert caught.value.response["Error"]["Code"] == "ValidationException"


# --- firing -----------------------------------------------------------------------------------------------------------


def test_an_execution_is_started_at_its_time_with_the_context_in_its_input(server, scheduler):
    arn, (expression, when) = machine(server), at(2)
    given = '{"t": "<aws.scheduler.scheduled-time>", "a": "<aws.scheduler.schedule-arn>", "n": "<aws.scheduler.attempt-number>", "x": "<other>"}'  # fmt: skip
    name = create(scheduler, expression, arn, Target={"Input": given})
    wait_for(lambda: executions(server, arn), what="the execution")
    (found,) = executions(server, arn)
    assert found["startDate"] >= when
    told = json.loads(server.client("stepfunctions").describe_execution(executionArn=found["executionArn"])["input"])
    assert told == {"t": f"{when:%Y-%m-%dT%H:%M:%SZ}", "n": "1", "x": "<other>",
                    "a": f"arn:aws:scheduler:us-east-1:000000000000:schedule/default/{name}"}  # fmt: skip
    assert scheduler.get_schedule(Name=name)["State"] == "ENABLED"


def test_a_rate_begins_at_once_and_a_universal_target_is_the_call_it_names(server, scheduler):
    arn = machine(server)
    request = json.dumps({"StateMachineArn": arn, "Input": '{"from": "universal"}'})
    name = create(scheduler, "rate(1 hour)", "arn:aws:scheduler:::aws-sdk:sfn:startExecution", Target={"Input": request})
    wait_for(lambda: executions(server, arn), what="the execution")
    (found,) = executions(server, arn)
    told = server.client("stepfunctions").describe_execution(executionArn=found["executionArn"])["input"]
    assert json.loads(told) == {"from": "universal"}
    scheduler.delete_schedule(Name=name)


def test_a_schedule_that_deletes_itself_is_gone_after_its_only_time(server, scheduler):
    arn = machine(server)
    name = create(scheduler, at(1)[0], arn, ActionAfterCompletion="DELETE")
    wait_for(lambda: executions(server, arn), what="the execution")
    refused("ResourceNotFoundException", scheduler.get_schedule, Name=name)


def test_a_disabled_schedule_and_one_in_the_past_do_not_fire(server, scheduler):
    arn, other = machine(server), machine(server)
    create(scheduler, at(1)[0], arn, State="DISABLED")
    create(scheduler, at(-60)[0], arn)
    create(scheduler, at(2)[0], other)
    wait_for(lambda: executions(server, other), what="the one that fires")
    assert executions(server, arn) == []


def test_a_target_that_does_not_exist_is_told_to_the_log(server, scheduler):
    name = create(scheduler, at(1)[0], "arn:aws:states:us-east-1:000000000000:stateMachine:never-made")
    wait_for(lambda: f"schedule/default/{name} " in server.log(), what="the line")
    (line,) = [l for l in server.log().splitlines() if f"schedule/default/{name} " in l]
    assert "delivery-given-up" in line and "error=StateMachineDoesNotExist" in line


# --- after an outage --------------------------------------------------------------------------------------------------


def test_what_fell_into_a_short_outage_fires_once(own_server):
    scheduler, arn = own_server.client("scheduler"), machine(own_server)
    expression, when = at(2)
    create(scheduler, expression, arn)
    own_server.kill()
    time.sleep(max(0, (when - datetime.datetime.now(UTC)).total_seconds() + 0.2))
    own_server.start()
    wait_for(lambda: executions(own_server, arn), what="the execution")
    own_server.kill()
    own_server.start()
    assert len(executions(own_server, arn)) == 1


def test_a_dead_letter_says_which_schedule_and_why(server, scheduler):
    sqs, name = server.client("sqs"), f"letters-{next(names)}"
    url, (expression, when) = sqs.create_queue(QueueName=name)["QueueUrl"], at(1)
    gone = "arn:aws:states:us-east-1:000000000000:stateMachine:gone"
    made = create(scheduler, expression, gone, Target={"Input": '"<aws.scheduler.attempt-number>"', "DeadLetterConfig": {"Arn": f"arn:aws:sqs:us-east-1:000000000000:{name}"}})  # fmt: skip
    found = []
    wait_for(lambda: found.extend(sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"]).get("Messages", [])) or found, what="the letter")  # fmt: skip
    told = {k: v["StringValue"] for k, v in found[0]["MessageAttributes"].items()}
    assert told.pop("ERROR_MESSAGE") and told.pop("EXECUTION_ID")
    assert told == {"ERROR_CODE": "StateMachineDoesNotExist", "RETRY_ATTEMPTS": "0", "TARGET_ARN": gone, "SCHEDULED_TIME": f"{when:%Y-%m-%dT%H:%M:%SZ}",
                    "SCHEDULE_ARN": f"arn:aws:scheduler:us-east-1:000000000000:schedule/default/{made}", "IS_PAYLOAD_TRUNCATED": "false"}  # fmt: skip


def missed(tmp_path, mode, age=86400):
    """The inputs that a schedule's target has got of three hourly slots that no server was there for, and its skipped slots."""
    server = Server(tmp_path, "--catch-up", mode)
    sqs, scheduler = server.client("sqs"), server.client("scheduler")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    create(scheduler, "rate(1 hour)", "arn:aws:sqs:us-east-1:000000000000:q", Name="hourly", StartDate=datetime.datetime.now(UTC) + datetime.timedelta(hours=1),
           Target={"Input": "<aws.scheduler.scheduled-time>", "RetryPolicy": {"MaximumEventAgeInSeconds": age}})  # fmt: skip
    create(scheduler, at(2)[0], "arn:aws:sqs:us-east-1:000000000000:q", Target={"Input": "now"})
    server.kill()
    with sqlite3.connect(server.data / "state.db") as db:
        (slot,) = db.execute("SELECT slot FROM schedule JOIN schedule_time USING (n) WHERE name = 'hourly'").fetchone()
        back = 3 * 3600 * 1000 + 600 * 1000  # the first slot lies 2 h 10 min in the past, the third 10 min
        db.execute("UPDATE schedule SET anchor = anchor - ?1, start = start - ?1 WHERE name = 'hourly'", [back])
        db.execute("UPDATE schedule_time SET slot = slot - ?1, due = due - ?1 WHERE n = (SELECT n FROM schedule WHERE name = 'hourly')", [back])
        db.execute("UPDATE timer SET due = 0 WHERE kind = 'schedules'")
    db.close()
    server.start()
    found = []

    def look():
        found.extend(m["Body"] for m in server.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []))  # fmt: skip
        return "now" in found

    wait_for(look, what="the schedule that is not late")
    server.kill()
    with sqlite3.connect(server.data / "state.db") as db:
        (skipped,) = db.execute("SELECT skipped FROM schedule JOIN schedule_time USING (n) WHERE name = 'hourly'").fetchone()
    db.close()
    first = datetime.datetime.fromtimestamp((slot - back) // 1000, UTC)
    slots = [f"{first + datetime.timedelta(hours=i):%Y-%m-%dT%H:%M:%SZ}" for i in range(3)]
    return sorted(slots.index(f) for f in found if f != "now"), skipped


@pytest.mark.parametrize("mode, age, fired, skipped", [
    ("last", 86400, [2], 2), ("all", 86400, [0, 1, 2], 0), ("none", 86400, [], 3), ("last", 300, [], 3), ("all", 5400, [1, 2], 1)])  # fmt: skip
def test_each_missed_slot_fires_or_is_recorded_as_skipped(tmp_path, mode, age, fired, skipped):
    assert missed(tmp_path, mode, age) == (fired, skipped)


def test_killed_again_and_again_while_schedules_fire_each_slot_comes_once(own_server):
    """Each message is one slot of one schedule; the server is killed in the midst of sending them."""
    count, kills = 2000, 3
    sqs, scheduler = own_server.client("sqs"), own_server.client("scheduler")
    sqs.create_queue(QueueName="q")
    expression, when = at(3600)
    create(scheduler, expression, "arn:aws:sqs:us-east-1:000000000000:q", Name="first", Target={"Input": "<aws.scheduler.schedule-arn>"})
    own_server.kill()
    with sqlite3.connect(own_server.data / "state.db") as db:
        columns = [c[1] for c in db.execute("PRAGMA table_info(schedule)")]
        soon = int(time.time() * 1000) + 1000
        other = {"n": "NULL", "name": "'s' || i"}
        chosen = ", ".join(other.get(c, c) for c in columns)
        db.execute(f"WITH RECURSIVE k(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM k WHERE i < {count}) INSERT INTO schedule SELECT {chosen} FROM k, schedule WHERE name = 'first'")
        db.execute("INSERT INTO schedule_time SELECT n, ?1 + substr(name, 2) / 4, ?1 + substr(name, 2) / 4, -1, 0 FROM schedule WHERE name <> 'first'", [soon])
        db.execute("UPDATE timer SET due = ? WHERE kind = 'schedules'", [soon])
    db.close()
    for i in range(kills):
        own_server.start()
        time.sleep(max(0, soon / 1000 + 0.1 * (i + 1) - time.time()))  # in the midst of the half second in which they are due
        own_server.kill()
    own_server.start()

    url = own_server.client("sqs").get_queue_url(QueueName="q")["QueueUrl"]
    number = lambda: int(own_server.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"]["ApproximateNumberOfMessages"])  # fmt: skip
    wait_for(lambda: number() >= count, what="all messages")
    sqs, got = own_server.client("sqs"), []
    while found := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=600).get("Messages", []):
        got += [m["Body"].rsplit("/", 1)[1] for m in found]
    assert sorted(got) == sorted(f"s{i}" for i in range(1, count + 1))
