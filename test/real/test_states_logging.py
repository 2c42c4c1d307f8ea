# test_states_logging.py - loggingConfiguration of state machines: what is refused, and what is delivered to the log group.
import itertools
import json
import re
import time

import pytest
from botocore.exceptions import ClientError

from test_states import ROLE, ended, history, machine, refused, start

names = itertools.count(1)
HELLO = {"StartAt": "Say", "States": {"Say": {"Type": "Pass", "Result": {"said": "hello"}, "End": True}}}
CAUGHT = {
    "StartAt": "Try",
    "States": {
        "Try": {"Type": "Parallel", "Branches": [{"StartAt": "No", "States": {"No": {"Type": "Fail", "Error": "E"}}}],
                "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Then"}], "End": True},
        "Then": {"Type": "Fail", "Error": "Final", "Cause": "why"},
    },
}  # fmt: skip


@pytest.fixture(scope="session")
def states(server):
    return server.client("stepfunctions")


@pytest.fixture(scope="session")
def logs(server):
    return server.client("logs")


@pytest.fixture
def group(logs):
    name = f"/aws/vendedlogs/states/{next(names)}"
    logs.create_log_group(logGroupName=name)
    return name


def logging(group, level="ALL", data=True):
    arn = f"arn:aws:logs:us-east-1:000000000000:log-group:{group}:*"
    return {"level": level, "includeExecutionData": data, "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": arn}}]}  # fmt: skip


def delivered(logs, group):
    return [json.loads(e["message"]) for e in logs.filter_log_events(logGroupName=group)["events"]]


def test_all_events_of_a_standard_execution_are_delivered_as_the_history_has_them(states, logs, group):
    arn = machine(states, f"logged-{next(names)}", HELLO, loggingConfiguration=logging(group))
    execution = start(states, arn, {"a": 1})
    ended(states, execution)
    events, told = delivered(logs, group), history(states, execution)
    assert [(e["id"], e["type"], e["previous_event_id"]) for e in events] == [(str(h["id"]), h["type"], str(h["previousEventId"])) for h in told]  # fmt: skip
    first = events[0]
    assert set(first) == {"id", "type", "details", "previous_event_id", "event_timestamp", "execution_arn", "redrive_count"}  # fmt: skip
    assert first["details"] == {"input": '{"a": 1}', "inputDetails": {"truncated": False}, "roleArn": ROLE}
    assert first["event_timestamp"] == str(round(told[0]["timestamp"].timestamp() * 1000))
    assert first["execution_arn"] == execution and first["redrive_count"] == "0"
    stream = logs.describe_log_streams(logGroupName=group)["logStreams"]
    name = arn.rsplit(":", 1)[1]
    assert len(stream) == 1 and re.fullmatch(rf"states/{name}/\d{{4}}(-\d\d){{4}}/[0-9a-f]{{8}}", stream[0]["logStreamName"])  # fmt: skip


@pytest.mark.parametrize(
    "level, wanted",
    [
        ("OFF", []),
        ("FATAL", ["ExecutionFailed"]),
        ("ERROR", ["FailStateEntered", "ParallelStateFailed", "FailStateEntered", "ExecutionFailed"]),
    ],
)
def test_levels_choose_events(states, logs, group, level, wanted):
    arn = machine(states, f"levels-{next(names)}", CAUGHT, loggingConfiguration=logging(group, level))
    ended(states, start(states, arn))
    assert [e["type"] for e in delivered(logs, group)] == wanted


def test_an_express_execution_is_logged_too_and_data_only_when_wanted(server, states, logs, group):
    arn = machine(states, f"express-{next(names)}", HELLO, type="EXPRESS", loggingConfiguration=logging(group, data=False))  # fmt: skip
    direct = server.client("stepfunctions", config={"inject_host_prefix": False})
    direct.start_sync_execution(stateMachineArn=arn, input='{"secret": 1}')
    events = delivered(logs, group)
    assert [e["type"] for e in events] == ["ExecutionStarted", "PassStateEntered", "PassStateExited", "ExecutionSucceeded"]  # fmt: skip
    assert [e["details"] for e in events] == [{"roleArn": ROLE}, {"name": "Say"}, {"name": "Say"}, {}]
    assert "secret" not in json.dumps(events)


def test_long_data_is_cut_and_says_so(states, logs, group):
    arn = machine(states, f"long-{next(names)}", HELLO, loggingConfiguration=logging(group))
    ended(states, start(states, arn, {"x": "y" * 255_000}))
    first = delivered(logs, group)[0]["details"]
    assert first["inputDetails"] == {"truncated": True} and len(first["input"]) == 248 * 1024


def test_an_update_turns_logging_on_and_a_deleted_group_disturbs_nobody(states, logs, group):
    arn = machine(states, f"update-{next(names)}", HELLO)
    ended(states, start(states, arn))
    states.update_state_machine(stateMachineArn=arn, loggingConfiguration=logging(group, "ALL"))
    assert states.describe_state_machine(stateMachineArn=arn)["loggingConfiguration"] == logging(group, "ALL")
    ended(states, start(states, arn))
    assert len(delivered(logs, group)) == 4
    logs.delete_log_group(logGroupName=group)
    assert ended(states, start(states, arn))["status"] == "SUCCEEDED"
    assert logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"] == []


def test_configurations_that_cannot_be_carried_out_are_refused(states, group):
    def says(configuration):
        return refused("InvalidLoggingConfiguration", states.create_state_machine, name="never", roleArn=ROLE,
                       definition=json.dumps(HELLO), loggingConfiguration=configuration)  # fmt: skip

    good = logging(group)
    assert "exactly one Log Destination" in says({"level": "ALL"})
    assert "exactly one Log Destination" in says(good | {"destinations": good["destinations"] * 2})
    assert "'*' qualifier" in says({"level": "ALL", "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": "arn:aws:logs:us-east-1:000000000000:log-group:x"}}]})  # fmt: skip
    assert "does not exist" in says(logging("/none"))
    assert "account and region" in says({"level": "ALL", "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": "arn:aws:logs:eu-west-1:000000000000:log-group:x:*"}}]})  # fmt: skip
    with pytest.raises(ClientError):
        states.describe_state_machine(stateMachineArn="arn:aws:states:us-east-1:000000000000:stateMachine:never")


def test_tasks_write_and_read_logs_through_the_sdk_integration(states, logs, group):
    sdk = "arn:aws:states:::aws-sdk:cloudwatchlogs:"
    place = {"LogGroupName": group, "LogStreamName": "from-a-task"}
    event = {"Timestamp.$": "$.at", "Message.$": "States.Format('run {}', $$.Execution.Name)"}
    arn = machine(states, f"writes-{next(names)}", {
        "StartAt": "Stream",
        "States": {
            "Stream": {"Type": "Task", "Resource": sdk + "createLogStream", "Parameters": place, "ResultPath": None, "Next": "Put"},
            "Put": {"Type": "Task", "Resource": sdk + "putLogEvents", "Parameters": place | {"LogEvents": [event]}, "ResultPath": None, "Next": "Get"},
            "Get": {"Type": "Task", "Resource": sdk + "getLogEvents", "Parameters": place, "ResultPath": "$.got", "Next": "Twice"},
            "Twice": {"Type": "Task", "Resource": sdk + "createLogStream", "Parameters": place, "ResultPath": "$.got2", "End": True,
                      "Catch": [{"ErrorEquals": ["CloudWatchLogs.ResourceAlreadyExistsException"], "ResultPath": "$.refused", "Next": "Done"}]},
            "Done": {"Type": "Succeed"},
        },
    })  # fmt: skip
    about = ended(states, start(states, arn, {"at": int(time.time() * 1000)}, name="r1"))
    assert about["status"] == "SUCCEEDED", about
    output = json.loads(about["output"])
    assert [e["Message"] for e in output["got"]["Events"]] == ["run r1"]
    assert output["refused"]["Cause"].startswith("The specified log stream already exists (Service: CloudWatchLogs, Status Code: 400, Request ID: ")  # fmt: skip
