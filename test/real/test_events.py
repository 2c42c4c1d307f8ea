# test_events.py - EventBridge: buses, rules, targets, events put and emitted, patterns, transformed inputs.
import datetime
import itertools
import json
import time

import pytest
from botocore.exceptions import ClientError

from server import wait_for

names = itertools.count(1)
ROLE = "arn:aws:iam::000000000000:role/events"
PASS = json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}})
ARN = "arn:aws:events:us-east-1:000000000000:"


@pytest.fixture(scope="session")
def events(server):
    return server.client("events")


@pytest.fixture(scope="session")
def states(server):
    return server.client("stepfunctions")


@pytest.fixture
def machine(states):
    return states.create_state_machine(name=f"target-{next(names)}", definition=PASS, roleArn=ROLE)["stateMachineArn"]


@pytest.fixture
def rule(events):
    """Makes rules, and takes them away after the test."""
    made = []

    def make(pattern=None, bus="default", targets=(), **more):
        name = f"rule-{next(names)}"
        given = {"EventPattern": json.dumps(pattern)} if pattern else {}
        events.put_rule(Name=name, EventBusName=bus, **given, **more)
        made.append((name, bus))
        if targets:
            assert events.put_targets(Rule=name, EventBusName=bus, Targets=targets)["FailedEntryCount"] == 0
        return name

    yield make
    for name, bus in made:
        ids = [t["Id"] for t in events.list_targets_by_rule(Rule=name, EventBusName=bus)["Targets"]]
        if ids:
            events.remove_targets(Rule=name, EventBusName=bus, Ids=ids)
        events.delete_rule(Name=name, EventBusName=bus)


def inputs(states, machine):
    found = states.list_executions(stateMachineArn=machine)["executions"]
    return [json.loads(states.describe_execution(executionArn=e["executionArn"])["input"]) for e in reversed(found)]


def put(events, detail, source="shop", kind="Sold", **more):
    entry = {"Source": source, "DetailType": kind, "Detail": json.dumps(detail), **more}
    (answer,) = events.put_events(Entries=[entry])["Entries"]
    return answer


def refused(code, call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    assert caught.value.response["Error"]["Code"] == code
    return caught.value.response["Error"]["Message"]


# --- events to targets ------------------------------------------------------------------------------------------------


def test_an_event_that_matches_starts_the_target_with_the_event_as_input(events, states, machine, rule):
    rule({"source": ["shop"], "detail": {"price": [{"numeric": [">", 10]}]}}, targets=[{"Id": "m", "Arn": machine, "RoleArn": ROLE}])  # fmt: skip
    put(events, {"price": 5})
    put(events, {"price": 50}, source="other")
    answer = put(events, {"price": 50}, Resources=["arn:x"])
    wait_for(lambda: inputs(states, machine), what="the execution")
    (event,) = inputs(states, machine)
    assert datetime.datetime.strptime(event.pop("time"), "%Y-%m-%dT%H:%M:%SZ")
    assert event == {"version": "0", "id": answer["EventId"], "detail-type": "Sold", "source": "shop",
                     "account": "000000000000", "region": "us-east-1", "resources": ["arn:x"], "detail": {"price": 50}}  # fmt: skip


def test_a_target_gets_a_part_a_constant_or_a_template(events, states, machine, rule):
    template = '{"who": <name>, "text": "sold to <name> for <price>", "rule": "<aws.events.rule-name>", "all": <d>, "no": <missing>}'
    paths = {"name": "$.detail.name", "price": "$.detail.price", "d": "$.detail", "missing": "$.detail.nothing"}
    targets = [{"Id": "part", "InputPath": "$.detail"}, {"Id": "constant", "Input": '{"fixed": true}'},
               {"Id": "template", "InputTransformer": {"InputPathsMap": paths, "InputTemplate": template}}]  # fmt: skip
    name = rule({"source": ["parts"]}, targets=[{"Arn": machine, "RoleArn": ROLE, **t} for t in targets])
    detail = {"name": 'A "B"', "price": 7}
    put(events, detail, source="parts")
    wait_for(lambda: len(inputs(states, machine)) == 3, what="three executions")
    got = {json.dumps(i, sort_keys=True) for i in inputs(states, machine)}
    filled = {"who": 'A "B"', "text": 'sold to A "B" for 7', "rule": name, "all": detail, "no": ""}
    assert got == {json.dumps(i, sort_keys=True) for i in (detail, {"fixed": True}, filled)}


def test_a_disabled_rule_is_silent_until_it_is_enabled(events, states, machine, rule):
    name = rule({"source": ["switch"]}, State="DISABLED", targets=[{"Id": "m", "Arn": machine, "RoleArn": ROLE}])
    put(events, {"n": 1}, source="switch")
    events.enable_rule(Name=name)
    put(events, {"n": 2}, source="switch")
    wait_for(lambda: inputs(states, machine), what="the execution")
    assert [i["detail"] for i in inputs(states, machine)] == [{"n": 2}]
    events.disable_rule(Name=name)
    assert events.describe_rule(Name=name)["State"] == "DISABLED"


def test_an_event_goes_on_to_another_bus_and_its_log_group(server, events, rule):
    bus, group = f"bus-{next(names)}", f"/events/{next(names)}"
    arn = events.create_event_bus(Name=bus, Description="other")["EventBusArn"]
    assert arn == ARN + "event-bus/" + bus and events.describe_event_bus(Name=bus)["Description"] == "other"
    logs = server.client("logs")
    logs.create_log_group(logGroupName=group)
    rule({"source": ["relay"]}, targets=[{"Id": "b", "Arn": arn, "RoleArn": ROLE}])
    rule({"detail": {"x": ["y"]}}, bus=bus, targets=[{"Id": "l", "Arn": f"arn:aws:logs:us-east-1:000000000000:log-group:{group}"}])  # fmt: skip
    put(events, {"x": "y"}, source="relay")
    wait_for(lambda: logs.filter_log_events(logGroupName=group)["events"], what="the log event")
    (line,) = logs.filter_log_events(logGroupName=group)["events"]
    told = json.loads(line["message"])
    assert (told["source"], told["detail-type"], told["detail"]) == ("relay", "Sold", {"x": "y"})
    assert "has rules" in refused("ValidationException", events.delete_event_bus, Name=bus)


def test_entries_that_are_wrong_fail_alone(events):
    good = {"Source": "a", "DetailType": "b", "Detail": "{}"}
    answer = events.put_events(Entries=[good, {**good, "Detail": "[1]"}, {"Source": "a", "Detail": "{}"}, {**good, "Source": "aws.s3"}])  # fmt: skip
    assert answer["FailedEntryCount"] == 3
    assert [e.get("ErrorCode") for e in answer["Entries"]] == [None, "MalformedDetail", "InvalidArgument", "NotAuthorizedForSource"]  # fmt: skip
    assert answer["Entries"][2]["ErrorMessage"] == "Parameter DetailType is not valid. Reason: DetailType is a required argument."  # fmt: skip
    big = {**good, "Detail": json.dumps({"x": "y" * 600_000})}
    assert "Total size" in refused("ValidationException", events.put_events, Entries=[big, big])


def test_what_the_services_here_do_becomes_events(events, states, machine, rule):
    watched = states.create_state_machine(name=f"watched-{next(names)}", definition=PASS, roleArn=ROLE)["stateMachineArn"]
    rule({"source": ["aws.states"], "detail-type": ["Step Functions Execution Status Change"], "detail": {"stateMachineArn": [watched], "status": ["SUCCEEDED"]}}, targets=[{"Id": "m", "Arn": machine, "RoleArn": ROLE}])  # fmt: skip
    ran = states.start_execution(stateMachineArn=watched, input='{"a": 1}', name="one")
    wait_for(lambda: inputs(states, machine), what="the execution that follows")
    (event,) = inputs(states, machine)
    assert event["resources"] == [ran["executionArn"]] and event["source"] == "aws.states"
    detail = event["detail"]
    assert (detail["executionArn"], detail["name"], detail["status"]) == (ran["executionArn"], "one", "SUCCEEDED")
    assert json.loads(detail["input"]) == {"a": 1} and detail["inputDetails"] == {"included": True}
    assert detail["startDate"] == int(ran["startDate"].timestamp() * 1000) and detail["stopDate"] >= detail["startDate"]
    assert detail["error"] is None


def test_changes_of_parameters_become_events(server, events, states, machine, rule):
    name, ssm = f"/told/{next(names)}", server.client("ssm")
    rule({"source": ["aws.ssm"], "detail-type": ["Parameter Store Change"], "detail": {"name": [name]}}, targets=[{"Id": "m", "Arn": machine, "RoleArn": ROLE}])  # fmt: skip
    ssm.put_parameter(Name=name, Value="one", Type="SecureString", Description="what it is")
    ssm.put_parameter(Name=name, Value="two", Overwrite=True)
    ssm.label_parameter_version(Name=name, ParameterVersion=1, Labels=["old"])
    ssm.delete_parameters(Names=[name])
    wait_for(lambda: len(inputs(states, machine)) == 4, what="an execution for each change")
    told = {event["detail"]["operation"]: event for event in inputs(states, machine)}
    assert set(told) == {"Create", "Update", "LabelParameterVersion", "Delete"} and "two" not in json.dumps(told)
    assert told["Create"]["detail"] == {"operation": "Create", "name": name, "type": "SecureString", "description": "what it is"}
    assert told["Create"]["resources"] == [f"arn:aws:ssm:us-east-1:000000000000:parameter{name}"]


# --- kept and told ----------------------------------------------------------------------------------------------------


def test_rules_and_targets_are_told_in_pages(events, machine, rule):
    made = [rule({"source": [f"s{i}"]}, Description="d") for i in range(3)]
    pages = list(events.get_paginator("list_rules").paginate(NamePrefix="rule-", PaginationConfig={"PageSize": 2}))
    assert {r["Name"] for p in pages for r in p["Rules"]} >= set(made)
    told = events.describe_rule(Name=made[0])
    assert told["Arn"] == ARN + "rule/" + made[0] and json.loads(told["EventPattern"]) == {"source": ["s0"]}
    assert (told["State"], told["EventBusName"], told["Description"]) == ("ENABLED", "default", "d")
    target = {"Id": "1", "Arn": machine, "RoleArn": ROLE, "RetryPolicy": {"MaximumRetryAttempts": 3}}
    events.put_targets(Rule=made[1], Targets=[target])
    assert events.list_targets_by_rule(Rule=made[1])["Targets"] == [target]
    assert events.list_rule_names_by_target(TargetArn=machine)["RuleNames"] == [made[1]]
    refused("ValidationException", events.delete_rule, Name=made[1])
    events.tag_resource(ResourceARN=told["Arn"], Tags=[{"Key": "k", "Value": "v"}])
    assert events.list_tags_for_resource(ResourceARN=told["Arn"])["Tags"] == [{"Key": "k", "Value": "v"}]
    events.untag_resource(ResourceARN=told["Arn"], TagKeys=["k"])
    assert events.list_tags_for_resource(ResourceARN=told["Arn"])["Tags"] == []


def test_buses_have_permissions(events):
    bus = f"bus-{next(names)}"
    events.create_event_bus(Name=bus)
    refused("ResourceAlreadyExistsException", events.create_event_bus, Name=bus)
    events.put_permission(EventBusName=bus, StatementId="s", Action="events:PutEvents", Principal="111122223333")
    (statement,) = json.loads(events.describe_event_bus(Name=bus)["Policy"])["Statement"]
    assert statement["Principal"] == {"AWS": "arn:aws:iam::111122223333:root"} and statement["Sid"] == "s"
    events.remove_permission(EventBusName=bus, StatementId="s")
    assert "Policy" not in events.describe_event_bus(Name=bus)
    assert {b["Name"] for b in events.list_event_buses()["EventBuses"]} >= {"default", bus}
    events.delete_event_bus(Name=bus)
    refused("ResourceNotFoundException", events.describe_event_bus, Name=bus)


def test_what_makes_no_sense_is_refused(events, machine, rule):
    assert refused("ValidationException", events.put_rule, Name="r") == "Parameter(s) EventPattern or ScheduleExpression must be specified."  # fmt: skip
    for expression in ("rate(1 minutes)", "rate(5 minute)", "cron(* * * * * *)", "at(2030-01-01T00:00:00)"):
        assert refused("ValidationException", events.put_rule, Name="r", ScheduleExpression=expression) == "Parameter ScheduleExpression is not valid."  # fmt: skip
    refused("InvalidEventPatternException", events.put_rule, Name="r", EventPattern='{"source": "aws.s3"}')
    refused("InvalidEventPatternException", events.put_rule, Name="r", EventPattern='{"source": ')
    refused("ResourceNotFoundException", events.put_rule, Name="r", EventPattern='{"source": ["a"]}', EventBusName="none")
    assert refused("ResourceNotFoundException", events.describe_rule, Name="none") == "Rule none does not exist on EventBus default."  # fmt: skip
    name = rule({"source": ["x"]})
    refused("ValidationException", events.put_targets, Rule=name, Targets=[{"Id": "1", "Arn": machine}])
    refused("ValidationException", events.put_targets, Rule=name, Targets=[{"Id": "1", "Arn": machine, "RoleArn": ROLE, "Input": "{}", "InputPath": "$.a"}])  # fmt: skip
    refused("LimitExceededException", events.put_targets, Rule=name, Targets=[{"Id": str(i), "Arn": machine, "RoleArn": ROLE} for i in range(6)])  # fmt: skip
    assert events.list_targets_by_rule(Rule=name)["Targets"] == []


def test_patterns_can_be_tried(events):
    event = {"id": "1", "account": "0", "source": "a", "time": "2030-01-01T00:00:00Z", "region": "r", "resources": [], "detail-type": "t", "detail": {"k": "v1"}}  # fmt: skip
    tried = lambda pattern: events.test_event_pattern(EventPattern=json.dumps(pattern), Event=json.dumps(event))["Result"]
    assert tried({"detail": {"k": [{"prefix": "v"}]}}) and not tried({"detail": {"k": [{"prefix": "w"}]}})
    refused("InvalidEventPatternException", events.test_event_pattern, EventPattern='{"a": [{"nearly": 1}]}', Event=json.dumps(event))  # fmt: skip


# --- objects ----------------------------------------------------------------------------------------------------------


def messages(server, url, n):
    sqs, found = server.client("sqs"), []

    def look():
        for m in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]).get("Messages", []):
            found.append(m)
        return len(found) >= n

    wait_for(look, what=f"{n} messages")
    return found


def queue(server):
    name = f"events-{next(names)}"
    return server.client("sqs").create_queue(QueueName=name)["QueueUrl"], f"arn:aws:sqs:us-east-1:000000000000:{name}"


def test_objects_are_told_to_the_bucket_s_queue_and_to_eventbridge(server, events, rule, s3, bucket):
    (own, own_arn), (bus, bus_arn) = queue(server), queue(server)
    rule({"source": ["aws.s3"], "detail": {"bucket": {"name": [bucket]}}}, targets=[{"Id": "q", "Arn": bus_arn}])
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={
        "QueueConfigurations": [{"Id": "all", "QueueArn": own_arn, "Events": ["s3:ObjectCreated:*"],
                                 "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "in/"}]}}}],
        "EventBridgeConfiguration": {}})  # fmt: skip
    tag = s3.put_object(Bucket=bucket, Key="in/a b.csv", Body=b"123")["ETag"].strip('"')
    s3.put_object(Bucket=bucket, Key="out/x", Body=b"")
    s3.delete_object(Bucket=bucket, Key="out/x")
    told = [json.loads(m["Body"]) for m in messages(server, bus, 3)]
    kinds = sorted((e["detail-type"], e["detail"]["object"]["key"], e["detail"]["reason"]) for e in told)
    assert kinds == [("Object Created", "in/a b.csv", "PutObject"), ("Object Created", "out/x", "PutObject"), ("Object Deleted", "out/x", "DeleteObject")]  # fmt: skip
    created = next(e for e in told if e["detail"]["object"]["key"] == "in/a b.csv")
    assert created["resources"] == [f"arn:aws:s3:::{bucket}"] and created["detail"]["object"]["etag"] == tag
    assert created["detail"]["object"]["size"] == 3 and created["detail"]["bucket"] == {"name": bucket}
    first, second = (json.loads(m["Body"]) for m in messages(server, own, 2))
    assert first["Event"] == "s3:TestEvent"
    (record,) = second["Records"]
    assert record["eventName"] == "ObjectCreated:Put" and record["eventSource"] == "aws:s3"
    assert record["s3"]["object"]["key"] == "in/a+b.csv" and record["s3"]["configurationId"] == "all"


def test_what_a_target_refuses_goes_to_its_dead_letter_queue(server, events, rule):
    url, arn = queue(server)
    gone = "arn:aws:states:us-east-1:000000000000:stateMachine:gone"
    name = rule({"source": ["dead"]}, targets=[{"Id": "m", "Arn": gone, "RoleArn": ROLE, "DeadLetterConfig": {"Arn": arn}, "Input": '{"x": 1}'}])  # fmt: skip
    put(events, {}, source="dead")
    (letter,) = messages(server, url, 1)
    assert json.loads(letter["Body"]) == {"x": 1}
    told = {k: v["StringValue"] for k, v in letter["MessageAttributes"].items()}
    assert told.pop("ERROR_MESSAGE")
    assert told == {"ERROR_CODE": "StateMachineDoesNotExist", "RETRY_ATTEMPTS": "0", "TARGET_ARN": gone, "RULE_ARN": ARN + "rule/" + name}  # fmt: skip
