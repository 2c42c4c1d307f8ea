# test_states_activities.py - activities: tasks wait for workers and workers for tasks, across kill -9 and clients that leave.
import json
import threading

import pytest
from botocore.exceptions import ClientError

from server import wait_for

ROLE = "arn:aws:iam::000000000000:role/states"


@pytest.fixture(scope="session")
def states(server):
    return server.client("stepfunctions")


def machine(states, name, activity, **more):
    state = {"Type": "Task", "Resource": activity, "End": True} | more
    definition = json.dumps({"StartAt": "Work", "States": {"Work": state}})
    return states.create_state_machine(name=name, definition=definition, roleArn=ROLE)["stateMachineArn"]


def begin(states, arn, **given):
    return states.start_execution(stateMachineArn=arn, input=json.dumps(given))["executionArn"]


def ended(states, execution):
    def done():
        about = states.describe_execution(executionArn=execution)
        return about if about["status"] != "RUNNING" else None

    return wait_for(done, 30, f"{execution} to end")


def types(states, execution):
    return [e["type"] for e in states.get_execution_history(executionArn=execution)["events"]]


def test_oldest_task_first_and_what_a_worker_says_is_the_result(states):
    activity = states.create_activity(name="oldest-first")["activityArn"]
    arn = machine(states, "oldest-first", activity)
    first, second = begin(states, arn, n=1), begin(states, arn, n=2)
    wait_for(lambda: "ActivityScheduled" in types(states, second), what="the second task")
    one = states.get_activity_task(activityArn=activity, workerName="somebody")
    two = states.get_activity_task(activityArn=activity)
    assert [json.loads(t["input"])["n"] for t in (one, two)] == [1, 2]
    states.send_task_success(taskToken=one["taskToken"], output='{"done": 1}')
    states.send_task_failure(taskToken=two["taskToken"], error="Broken", cause="as told")
    assert ended(states, first)["output"] == '{"done": 1}'
    assert ended(states, second)["error"] == "Broken"
    assert types(states, first)[2:6] == ["ActivityScheduled", "ActivityStarted", "ActivitySucceeded", "TaskStateExited"]
    started = states.get_execution_history(executionArn=first)["events"][3]
    assert started["activityStartedEventDetails"] == {"workerName": "somebody"}
    with pytest.raises(ClientError) as late:
        states.send_task_success(taskToken=one["taskToken"], output="{}")
    assert late.value.response["Error"]["Code"] == "TaskTimedOut"


def test_a_waiting_worker_gets_the_task_at_once(states):
    activity = states.create_activity(name="waiting")["activityArn"]
    arn = machine(states, "waiting", activity)
    got = []
    worker = threading.Thread(target=lambda: got.append(states.get_activity_task(activityArn=activity)))
    worker.start()
    execution = begin(states, arn)
    worker.join(30)
    states.send_task_success(taskToken=got[0]["taskToken"], output="1")
    assert ended(states, execution)["status"] == "SUCCEEDED"


def test_a_worker_that_has_left_gets_nothing(server, states):
    activity = states.create_activity(name="left")["activityArn"]
    arn = machine(states, "left", activity)
    with server.frozen():
        server.asked("AWSStepFunctions.GetActivityTask", activityArn=activity).close()
        starter = server.asked("AWSStepFunctions.StartExecution", stateMachineArn=arn)
    execution = json.loads(starter.getresponse().read())["executionArn"]
    starter.close()
    task = states.get_activity_task(activityArn=activity)
    states.send_task_success(taskToken=task["taskToken"], output="1")
    assert ended(states, execution)["status"] == "SUCCEEDED"


def test_a_worker_that_has_left_is_given_no_task_that_was_there(server, states):
    activity = states.create_activity(name="left-late")["activityArn"]
    arn = machine(states, "left-late", activity)
    execution = begin(states, arn)
    with server.frozen():
        server.asked("AWSStepFunctions.GetActivityTask", activityArn=activity).close()
        later = server.asked("AWSStepFunctions.ListActivities")
    assert later.getresponse().status == 200  # so the one before has been decided
    later.close()
    task = states.get_activity_task(activityArn=activity)
    states.send_task_success(taskToken=task["taskToken"], output="1")
    assert ended(states, execution)["status"] == "SUCCEEDED"


def test_a_silent_worker_is_given_up(states):
    activity = states.create_activity(name="silent")["activityArn"]
    arn = machine(states, "silent", activity, HeartbeatSeconds=1, TimeoutSeconds=60)
    execution = begin(states, arn)
    task = states.get_activity_task(activityArn=activity)
    about = ended(states, execution)
    assert (about["status"], about["error"]) == ("FAILED", "States.HeartbeatTimeout")
    assert "ActivityTimedOut" in types(states, execution)
    with pytest.raises(ClientError) as late:
        states.send_task_heartbeat(taskToken=task["taskToken"])
    assert late.value.response["Error"]["Code"] == "TaskTimedOut"


def test_tasks_and_tokens_outlive_kill(own_server):
    states = own_server.client("stepfunctions")
    activity = states.create_activity(name="lasting")["activityArn"]
    arn = machine(states, "lasting", activity)
    taken, waiting = begin(states, arn, n=1), begin(states, arn, n=2)
    token = states.get_activity_task(activityArn=activity)["taskToken"]
    wait_for(lambda: "ActivityScheduled" in types(states, waiting), what="the second task")
    own_server.kill()
    own_server.start()
    states = own_server.client("stepfunctions")
    second = states.get_activity_task(activityArn=activity)
    assert json.loads(second["input"]) == {"n": 2}
    states.send_task_success(taskToken=token, output='"kept"')
    states.send_task_success(taskToken=second["taskToken"], output='"too"')
    assert [ended(states, e)["output"] for e in (taken, waiting)] == ['"kept"', '"too"']


def test_made_listed_tagged_deleted(states):
    made = states.create_activity(name="listed-1", tags=[{"key": "k", "value": "v"}])
    again = states.create_activity(name="listed-1")
    assert (again["activityArn"], again["creationDate"]) == (made["activityArn"], made["creationDate"])
    states.create_activity(name="listed-2")
    pages = states.get_paginator("list_activities").paginate(PaginationConfig={"PageSize": 1})
    names = [a["name"] for page in pages for a in page["activities"]]
    assert [n for n in names if n.startswith("listed")] == ["listed-1", "listed-2"]
    arn = made["activityArn"]
    states.tag_resource(resourceArn=arn, tags=[{"key": "more", "value": ""}])
    assert {t["key"] for t in states.list_tags_for_resource(resourceArn=arn)["tags"]} == {"k", "more"}
    states.untag_resource(resourceArn=arn, tagKeys=["k"])
    assert [t["key"] for t in states.list_tags_for_resource(resourceArn=arn)["tags"]] == ["more"]
    assert states.describe_activity(activityArn=arn)["name"] == "listed-1"
    states.delete_activity(activityArn=arn)
    with pytest.raises(states.exceptions.ActivityDoesNotExist):
        states.describe_activity(activityArn=arn)


def test_a_task_without_its_activity_fails(states):
    arn = machine(states, "no-activity", "arn:aws:states:us-east-1:000000000000:activity:not-made")
    execution = begin(states, arn)
    assert ended(states, execution)["error"] == "ActivityDoesNotExist"
    assert "ActivityScheduleFailed" in types(states, execution)


def test_a_machine_is_a_worker_that_waits(own_server):
    """A Task state that asks for a task waits for one, also across kill -9."""
    states = own_server.client("stepfunctions")
    activity = states.create_activity(name="by-machine")["activityArn"]
    definition = {"StartAt": "Ask", "States": {
        "Ask": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sfn:getActivityTask", "Next": "Tell",
                "Parameters": {"ActivityArn": activity, "WorkerName": "machine"}},
        "Tell": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sfn:sendTaskSuccess", "End": True,
                 "Parameters": {"TaskToken.$": "$.TaskToken", "Output.$": "$.Input"}}}}  # fmt: skip
    made = states.create_state_machine(name="worker", definition=json.dumps(definition), roleArn=ROLE)
    worker = begin(states, made["stateMachineArn"])
    wait_for(lambda: "TaskStarted" in types(states, worker), what="the worker to ask")
    own_server.kill()
    own_server.start()
    states = own_server.client("stepfunctions")
    execution = begin(states, machine(states, "by-machine", activity), n=7)
    assert ended(states, execution)["output"] == '{"n": 7}'
    assert ended(states, worker)["status"] == "SUCCEEDED"
    idle = begin(states, made["stateMachineArn"])
    wait_for(lambda: "TaskStarted" in types(states, idle), what="the worker to ask")
    states.stop_execution(executionArn=idle)
    again = begin(states, machine(states, "by-machine-2", activity), n=8)
    task = states.get_activity_task(activityArn=activity)
    states.send_task_success(taskToken=task["taskToken"], output="8")
    assert ended(states, again)["output"] == "8"
