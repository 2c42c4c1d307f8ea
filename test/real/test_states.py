# test_states.py - state machines: definitions, executions, history, real clusters from a machine, and kill -9 in the middle.
import json

import pytest
from botocore.exceptions import ClientError

from emr_help import ENDED, bash, cluster_of, command, states_of_steps, steps_of
from server import wait_for

ROLE = "arn:aws:iam::000000000000:role/states"
CLUSTER = {
    "Name": "from a state machine", "ReleaseLabel": "emr-7.2.0", "Applications": [{"Name": "Spark"}],
    "JobFlowRole": "EMR_EC2_DefaultRole", "ServiceRole": "EMR_DefaultRole",
    "Instances": {"MasterInstanceType": "m5.xlarge", "InstanceCount": 1, "KeepJobFlowAliveWhenNoSteps": True},
}  # fmt: skip
RESOURCE = "arn:aws:states:::elasticmapreduce:"


@pytest.fixture(scope="session")
def states(server):
    return server.client("stepfunctions")


def machine(states, name, definition, **more):
    return states.create_state_machine(name=name, definition=json.dumps(definition), roleArn=ROLE, **more)["stateMachineArn"]  # fmt: skip


def one_state(**state):
    return {"StartAt": "Only", "States": {"Only": state}}


def start(states, arn, given=None, **more):
    return states.start_execution(stateMachineArn=arn, input=json.dumps(given or {}), **more)["executionArn"]


def ended(states, execution, seconds=90):
    def done():
        about = states.describe_execution(executionArn=execution)
        return about if about["status"] != "RUNNING" else None

    return wait_for(done, seconds, f"{execution} to end")


def run(states, arn, given=None):
    return ended(states, start(states, arn, given))


def history(states, execution):
    return [e for page in states.get_paginator("get_execution_history").paginate(executionArn=execution) for e in page["events"]]  # fmt: skip


def types(states, execution):
    return [event["type"] for event in history(states, execution)]


def refused(code, call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    assert caught.value.response["Error"]["Code"] == code
    return caught.value.response["Error"]["Message"]


# --- machines ---------------------------------------------------------------------------------------------------------


def test_a_machine_is_made_changed_and_deleted(states):
    arn = machine(states, "made", one_state(Type="Pass", End=True), tags=[{"key": "team", "value": "data"}])
    assert arn == "arn:aws:states:us-east-1:000000000000:stateMachine:made"
    assert machine(states, "made", one_state(Type="Pass", End=True)) == arn
    other = json.dumps(one_state(Type="Succeed"))
    text = refused("StateMachineAlreadyExists", states.create_state_machine, name="made", definition=other, roleArn=ROLE)
    assert text == f"State Machine Already Exists: '{arn}'"
    about = states.describe_state_machine(stateMachineArn=arn)
    assert (about["status"], about["type"], "revisionId" in about) == ("ACTIVE", "STANDARD", False)
    revision = states.update_state_machine(stateMachineArn=arn, definition=other)["revisionId"]
    about = states.describe_state_machine(stateMachineArn=arn)
    assert (about["definition"], about["revisionId"], about["roleArn"]) == (other, revision, ROLE)
    assert arn in [item["stateMachineArn"] for item in states.list_state_machines()["stateMachines"]]
    states.tag_resource(resourceArn=arn, tags=[{"key": "cost", "value": "1"}])
    states.untag_resource(resourceArn=arn, tagKeys=["team"])
    assert states.list_tags_for_resource(resourceArn=arn)["tags"] == [{"key": "cost", "value": "1"}]
    states.delete_state_machine(stateMachineArn=arn)
    text = refused("StateMachineDoesNotExist", states.describe_state_machine, stateMachineArn=arn)
    assert text == f"State Machine Does Not Exist: '{arn}'"


def test_a_wrong_definition_is_refused_with_its_place(states):
    wrong = json.dumps(one_state(Type="Pass", Next="Nowhere"))
    text = refused("InvalidDefinition", states.create_state_machine, name="wrong", definition=wrong, roleArn=ROLE)
    assert text.startswith("Invalid State Machine Definition: '") and "/States/Only/Next" in text
    found = states.validate_state_machine_definition(definition=wrong)
    assert found["result"] == "FAIL" and found["diagnostics"][0]["location"] == "/States/Only/Next"
    good = json.dumps(one_state(Type="Pass", End=True))
    assert states.validate_state_machine_definition(definition=good)["result"] == "OK"
    refused("InvalidName", states.create_state_machine, name="a b", definition=good, roleArn=ROLE)
    refused("InvalidArn", states.describe_state_machine, stateMachineArn="made")


# --- executions -------------------------------------------------------------------------------------------------------


def test_an_execution_and_its_history(states):
    arn = machine(states, "passes", one_state(Type="Pass", Result={"a": 1}, End=True))
    execution = start(states, arn, {"x": [1.50]}, name="first")
    about = ended(states, execution)
    assert (about["status"], json.loads(about["output"]), about["input"]) == ("SUCCEEDED", {"a": 1}, '{"x": [1.5]}')
    assert [(e["id"], e["previousEventId"], e["type"]) for e in history(states, execution)] == [
        (1, 0, "ExecutionStarted"), (2, 0, "PassStateEntered"), (3, 2, "PassStateExited"), (4, 3, "ExecutionSucceeded"),
    ]  # fmt: skip
    back = states.get_execution_history(executionArn=execution, reverseOrder=True, maxResults=3)
    assert [e["id"] for e in back["events"]] == [4, 3, 2]
    rest = states.get_execution_history(executionArn=execution, reverseOrder=True, nextToken=back["nextToken"])
    assert [e["id"] for e in rest["events"]] == [1] and "nextToken" not in rest
    bare = states.get_execution_history(executionArn=execution, includeExecutionData=False)["events"][1]
    assert bare["stateEnteredEventDetails"] == {"name": "Only"}
    text = refused("ExecutionAlreadyExists", states.start_execution, stateMachineArn=arn, name="first")
    assert text == f"Execution Already Exists: '{execution}'"
    refused("InvalidExecutionInput", states.start_execution, stateMachineArn=arn, input="{'a': 1}")
    listed = states.list_executions(stateMachineArn=arn, statusFilter="SUCCEEDED")["executions"]
    assert [item["name"] for item in listed] == ["first"]


def test_a_start_is_idempotent_by_name_while_it_runs_and_can_be_stopped(states):
    arn = machine(states, "waits-long", one_state(Type="Wait", Seconds=3600, End=True))
    execution = start(states, arn, name="one")
    assert start(states, arn, name="one") == execution
    refused("ExecutionAlreadyExists", states.start_execution, stateMachineArn=arn, name="one", input='{"other": 1}')
    states.stop_execution(executionArn=execution, error="Enough", cause="tired")
    about = ended(states, execution)
    assert (about["status"], about["error"], about["cause"]) == ("ABORTED", "Enough", "tired")
    assert about["redriveStatus"] == "REDRIVABLE" and types(states, execution)[-1] == "ExecutionAborted"


def test_states_of_all_kinds_in_both_languages(states):
    double = {"StartAt": "Double", "States": {"Double": {"Type": "Pass", "QueryLanguage": "JSONata", "End": True,
              "Output": "{% $states.input * 2 %}"}}}  # fmt: skip
    arn = machine(states, "all-kinds", {"StartAt": "Each", "States": {
        "Each": {"Type": "Map", "ItemsPath": "$.numbers", "ItemProcessor": double, "ResultPath": "$.doubled", "Next": "Both"},
        "Both": {"Type": "Parallel", "ResultPath": "$.both", "Next": "Pause", "Branches": [
            {"StartAt": "Add", "States": {"Add": {"Type": "Pass", "Parameters": {"sum.$": "States.MathAdd($.numbers[0], 1)"}, "End": True}}},
            {"StartAt": "Linger", "States": {"Linger": {"Type": "Wait", "Seconds": 1, "OutputPath": "$.doubled", "End": True}}}]},
        "Pause": {"Type": "Wait", "Seconds": 1, "Next": "Enough?"},
        "Enough?": {"Type": "Choice", "Choices": [{"Variable": "$.doubled[1]", "NumericGreaterThan": 3, "Next": "Yes"}], "Default": "No"},
        "Yes": {"Type": "Succeed"}, "No": {"Type": "Fail", "Error": "TooLittle"},
    }})  # fmt: skip
    about = run(states, arn, {"numbers": [1, 2]})
    assert about["status"] == "SUCCEEDED"
    assert json.loads(about["output"]) == {"numbers": [1, 2], "doubled": [2, 4], "both": [{"sum": 2}, [2, 4]]}
    about = run(states, arn, {"numbers": [1, 1]})
    assert (about["status"], about["error"]) == ("FAILED", "TooLittle")


def test_an_express_machine_answers_when_it_has_ended(server):
    states = server.client("stepfunctions", config={"inject_host_prefix": False})
    arn = machine(states, "express", one_state(Type="Wait", Seconds=1, End=True), type="EXPRESS")
    answer = states.start_sync_execution(stateMachineArn=arn, input='{"a": 1}')
    assert (answer["status"], answer["output"]) == ("SUCCEEDED", '{"a": 1}')
    assert answer["stopDate"] > answer["startDate"] and ":express:express:" in answer["executionArn"]


def test_published_versions_keep_their_definition(states):
    arn = machine(states, "versions", one_state(Type="Pass", Result=1, End=True), publish=True)
    states.update_state_machine(stateMachineArn=arn, definition=json.dumps(one_state(Type="Pass", Result=2, End=True)))
    second = states.publish_state_machine_version(stateMachineArn=arn)["stateMachineVersionArn"]
    assert second == f"{arn}:2"
    listed = states.list_state_machine_versions(stateMachineArn=arn)["stateMachineVersions"]
    assert [item["stateMachineVersionArn"] for item in listed] == [f"{arn}:2", f"{arn}:1"]
    assert [run(states, which)["output"] for which in (f"{arn}:1", f"{arn}:2", arn)] == ["1", "2", "2"]


# --- tasks ------------------------------------------------------------------------------------------------------------


def test_a_task_token_brings_the_answer_from_outside(states):
    child = machine(states, "token-child", one_state(Type="Pass", End=True))
    arn = machine(states, "token", one_state(
        Type="Task", Resource="arn:aws:states:::states:startExecution.waitForTaskToken", End=True,
        Parameters={"StateMachineArn": child, "Input": {"token.$": "$$.Task.Token"}},
    ))  # fmt: skip
    execution = start(states, arn)
    wait_for(lambda: "TaskSubmitted" in types(states, execution), what="the task to be submitted")
    submitted = next(e for e in history(states, execution) if e["type"] == "TaskSubmitted")
    started = json.loads(submitted["taskSubmittedEventDetails"]["output"])["ExecutionArn"]
    token = json.loads(states.describe_execution(executionArn=started)["input"])["token"]
    states.send_task_heartbeat(taskToken=token)
    states.send_task_success(taskToken=token, output='{"answer": 42}')
    assert json.loads(ended(states, execution)["output"]) == {"answer": 42}
    refused("TaskTimedOut", states.send_task_success, taskToken=token, output="{}")
    refused("InvalidToken", states.send_task_failure, taskToken="nonsense")


def test_a_child_execution_is_waited_for_and_its_failure_is_caught(states):
    child = machine(states, "child", {"StartAt": "Wait", "States": {
        "Wait": {"Type": "Wait", "Seconds": 1, "Next": "Good?"},
        "Good?": {"Type": "Choice", "Choices": [{"Variable": "$.good", "BooleanEquals": True, "Next": "Done"}], "Default": "Bad"},
        "Done": {"Type": "Pass", "Result": {"it": "worked"}, "End": True}, "Bad": {"Type": "Fail", "Error": "Bad", "Cause": "not good"},
    }})  # fmt: skip
    arn = machine(states, "parent", {"StartAt": "Child", "States": {
        "Child": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2", "End": True,
                  "Parameters": {"StateMachineArn": child, "Input.$": "$"}, "OutputPath": "$.Output",
                  "Catch": [{"ErrorEquals": ["States.TaskFailed"], "Next": "Caught"}]},
        "Caught": {"Type": "Pass", "Parameters": {"cause.$": "States.StringToJson($.Cause)"}, "End": True},
    }})  # fmt: skip
    assert json.loads(run(states, arn, {"good": True})["output"]) == {"it": "worked"}
    caught = json.loads(run(states, arn, {"good": False})["output"])["cause"]
    assert (caught["Status"], caught["Error"], caught["Cause"]) == ("FAILED", "Bad", "not good")


def test_retries_and_what_is_not_offered(states):
    retry = [{"ErrorEquals": ["S3.NoSuchBucketException"], "IntervalSeconds": 1, "MaxAttempts": 2, "BackoffRate": 1}]
    arn = machine(states, "retries", one_state(
        Type="Task", Resource="arn:aws:states:::aws-sdk:s3:listObjectsV2", Parameters={"Bucket": "no-such-bucket-here"}, Retry=retry, End=True,
    ))  # fmt: skip
    execution = start(states, arn)
    about = ended(states, execution)
    assert (about["status"], about["error"]) == ("FAILED", "S3.NoSuchBucketException")
    assert "Service: S3, Status Code: 404" in about["cause"]
    assert types(states, execution).count("TaskFailed") == 3
    arn = machine(states, "unknown", one_state(Type="Task", Resource="arn:aws:states:::ecs:runTask", Parameters={}, End=True))
    about = run(states, arn)
    assert about["status"] == "FAILED" and "not offered" in about["cause"]


def test_an_sdk_task_speaks_to_this_server(states, s3, bucket):
    s3.put_object(Bucket=bucket, Key="a/one", Body=b"12345")
    arn = machine(states, "lists", one_state(
        Type="Task", Resource="arn:aws:states:::aws-sdk:s3:listObjectsV2", Parameters={"Bucket": bucket, "Prefix": "a/"}, End=True,
    ))  # fmt: skip
    output = json.loads(run(states, arn)["output"])
    assert [(item["Key"], item["Size"]) for item in output["Contents"]] == [("a/one", 5)]
    assert output["Contents"][0]["LastModified"].endswith("Z")


# --- clusters ---------------------------------------------------------------------------------------------------------


def pipeline(steps_path="$.steps", concurrency=1):
    """createCluster.sync, a Map of addStep.sync, terminateCluster.sync; also when a step fails."""
    step = {"StartAt": "Step", "States": {"Step": {
        "Type": "Task", "Resource": RESOURCE + "addStep.sync", "End": True, "ResultPath": "$.done",
        "Parameters": {"ClusterId.$": "$.cluster", "Step.$": "$.step"}}}}  # fmt: skip
    selector = {"cluster.$": "$.cluster.ClusterId", "step.$": "$$.Map.Item.Value"}
    stop = {"Type": "Task", "Resource": RESOURCE + "terminateCluster.sync", "Parameters": {"ClusterId.$": "$.cluster.ClusterId"}}
    return {"StartAt": "Create", "States": {
        "Create": {"Type": "Task", "Resource": RESOURCE + "createCluster.sync", "Parameters": CLUSTER, "ResultPath": "$.cluster", "Next": "Steps"},
        "Steps": {"Type": "Map", "ItemsPath": steps_path, "MaxConcurrency": concurrency, "ItemSelector": selector, "ItemProcessor": step,
                  "ResultPath": "$.results", "Next": "Stop", "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.failure", "Next": "Stop after failure"}]},
        "Stop": stop | {"ResultPath": "$.stopped", "End": True},
        "Stop after failure": stop | {"ResultPath": "$.stopped", "Next": "Tell"},
        "Tell": {"Type": "Fail", "ErrorPath": "$.failure.Error", "CausePath": "$.failure.Cause"},
    }}  # fmt: skip


def test_a_cluster_lives_for_a_machine(states, emr, tmp_path):
    arn = machine(states, "pipeline", pipeline())
    steps = [bash(f"echo {word} >> {tmp_path}/proof", name=word) for word in ("one", "two", "three")]
    execution = start(states, arn, {"steps": steps})
    about = ended(states, execution)
    assert about["status"] == "SUCCEEDED", about
    output = json.loads(about["output"])
    cluster = output["cluster"]["ClusterId"]
    assert output["cluster"]["Cluster"]["Status"]["State"] == "WAITING"
    assert [item["done"]["Step"]["Status"]["State"] for item in output["results"]] == ["COMPLETED"] * 3
    assert output["stopped"]["Cluster"]["Status"]["State"] == "TERMINATED"
    assert (tmp_path / "proof").read_text() == "one\ntwo\nthree\n"
    assert cluster_of(emr, cluster)["Status"]["State"] == "TERMINATED"
    seen = types(states, execution)
    assert [seen.count(kind) for kind in ("TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded")] == [5] * 4


def test_a_failing_step_is_caught_and_the_cluster_ends(states, emr):
    arn = machine(states, "pipeline-that-fails", pipeline())
    execution = start(states, arn, {"steps": [bash("exit 3", name="bad")]})
    about = ended(states, execution)
    assert (about["status"], about["error"]) == ("FAILED", "States.TaskFailed")
    assert json.loads(about["cause"])["Step"]["Status"]["State"] == "FAILED"
    created = next(e for e in history(states, execution) if e["type"] == "TaskSubmitted")
    cluster = json.loads(created["taskSubmittedEventDetails"]["output"])["ClusterId"]
    assert cluster_of(emr, cluster)["Status"]["State"] in ENDED


def test_stopping_an_execution_cancels_its_step(states, emr):
    arn = machine(states, "pipeline-stopped", pipeline())
    execution = start(states, arn, {"steps": [command(["sleep", "600"])]})
    wait_for(lambda: types(states, execution).count("TaskSubmitted") == 2, 60, "the step to be submitted")
    created = next(e for e in history(states, execution) if e["type"] == "TaskSubmitted")
    cluster = json.loads(created["taskSubmittedEventDetails"]["output"])["ClusterId"]
    states.stop_execution(executionArn=execution)
    wait_for(lambda: states_of_steps(emr, cluster)[0] in ("CANCELLED", "CANCEL_PENDING"), 60, "the step to be cancelled")
    emr.terminate_job_flows(JobFlowIds=[cluster])
    wait_for(lambda: cluster_of(emr, cluster)["Status"]["State"] in ENDED, 60, "the cluster to end")


def test_after_kill_9_everything_goes_on_and_nothing_twice(own_server, tmp_path):
    states, emr = own_server.client("stepfunctions"), own_server.client("emr")
    arn = machine(states, "pipeline", pipeline())
    sleeper = machine(states, "sleeper", one_state(Type="Wait", Seconds=4, End=True))
    gate = tmp_path / "gate"
    steps = [bash(f"echo {word} >> {tmp_path}/proof; while [ ! -e {gate} ]; do sleep 0.05; done", name=word) for word in ("one", "two")]  # fmt: skip
    execution, asleep = start(states, arn, {"steps": steps}), start(states, sleeper)
    kills = 0
    for moment in ("TaskScheduled", "MapStateStarted"):
        wait_for(lambda: moment in types(states, execution), 60, moment)
        own_server.kill()
        own_server.start()
        kills += 1
    wait_for(lambda: (tmp_path / "proof").exists(), 60, "the first step to run")
    own_server.kill()
    gate.touch()
    own_server.start()
    about = ended(states, execution)
    assert about["status"] == "SUCCEEDED", about
    assert ended(states, asleep)["status"] == "SUCCEEDED"
    assert len(emr.list_clusters()["Clusters"]) == 1
    cluster = json.loads(about["output"])["cluster"]["ClusterId"]
    assert [step["Name"] for step in steps_of(emr, cluster)] == ["one", "two"]
    assert (tmp_path / "proof").read_text() == "one\ntwo\n"
    ids = [event["id"] for event in history(states, execution)]
    assert ids == list(range(1, len(ids) + 1)) and kills == 2
