# test_states_teststate.py - TestState: states alone, mocked or really called, what is inspected, and what is refused.
import json

import pytest
from botocore.exceptions import ClientError

ROLE = "arn:aws:iam::000000000000:role/states"


@pytest.fixture(scope="session")
def states(server):
    return server.client("stepfunctions", config={"inject_host_prefix": False})


def tried(states, state, given=None, **more):
    return states.test_state(definition=json.dumps(state), input=json.dumps(given or {}), **more)


def refused(code, states, state, **more):
    with pytest.raises(ClientError) as caught:
        tried(states, state, **more)
    assert caught.value.response["Error"]["Code"] == code
    return caught.value.response["Error"]["Message"]


def call(action, **more):
    return {"Type": "Task", "Resource": f"arn:aws:states:::aws-sdk:{action}", "End": True} | more


def test_a_real_call_is_made_and_its_answer_is_the_result(states):
    state = call("sfn:listStateMachines", ResultPath="$.found")
    got = tried(states, state, {"kept": 1}, roleArn=ROLE, inspectionLevel="DEBUG")
    assert got["status"] == "SUCCEEDED"
    assert json.loads(got["output"])["kept"] == 1
    assert "StateMachines" in json.loads(got["inspectionData"]["result"])


def test_a_refused_call_leaves_nothing_and_goes_through_catch(states, s3):
    state = call("s3:createBucket", Parameters={"Bucket": "Not_a_name"}, Next="After", Catch=[{"ErrorEquals": ["States.ALL"], "Next": "Mend"}])  # fmt: skip
    del state["End"]
    got = tried(states, state, roleArn=ROLE, inspectionLevel="TRACE")
    assert (got["status"], got["nextState"]) == ("CAUGHT_ERROR", "Mend")
    assert got["error"].startswith("S3.") and got["inspectionData"]["errorDetails"] == {"catchIndex": 0}
    assert "Not_a_name" not in [b["Name"] for b in s3.list_buckets()["Buckets"]]


def test_retries_are_told_until_they_are_used_up(states):
    state = call("s3:listBuckets", Retry=[{"ErrorEquals": ["Busy"], "IntervalSeconds": 3, "BackoffRate": 2, "MaxAttempts": 2}])  # fmt: skip
    mock = {"errorOutput": {"error": "Busy", "cause": "full"}}
    for used, seconds in ((0, 3), (1, 6)):
        got = tried(states, state, mock=mock, inspectionLevel="DEBUG", stateConfiguration={"retrierRetryCount": used})
        assert got["status"] == "RETRIABLE"
        assert got["inspectionData"]["errorDetails"] == {"retryIndex": 0, "retryBackoffIntervalSeconds": seconds}
    got = tried(states, state, mock=mock, stateConfiguration={"retrierRetryCount": 2})
    assert (got["status"], got["error"], got["cause"]) == ("FAILED", "Busy", "full")


def test_variables_go_in_and_come_out(states):
    state = {"Type": "Pass", "QueryLanguage": "JSONata", "Assign": {"total": "{% $count + 1 %}"}, "Output": "{% $count %}", "Next": "After"}  # fmt: skip
    got = tried(states, state, variables='{"count": 41}', inspectionLevel="DEBUG")
    assert (got["output"], got["nextState"]) == ("41", "After")
    assert json.loads(got["inspectionData"]["variables"])["total"] == 42
    assert "object" in refused("ValidationException", states, state, variables="[1]")


def test_more_failed_iterations_than_are_tolerated(states):
    state = {"Type": "Map", "ItemsPath": "$.v", "ToleratedFailureCount": 1, "End": True, "ItemProcessor": {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "One",
        "States": {"One": {"Type": "Pass", "End": True}}}}  # fmt: skip
    some = {"given": {"v": [1, 2, 3]}, "mock": {"result": "[1, 2, 3]"}}
    assert tried(states, state, stateConfiguration={"mapIterationFailureCount": 1}, **some)["status"] == "SUCCEEDED"
    got = tried(states, state, stateConfiguration={"mapIterationFailureCount": 2}, **some)
    assert (got["status"], got["error"]) == ("FAILED", "States.ExceedToleratedFailureThreshold")


def test_mocks_are_held_against_the_model(states):
    state = call("sqs:receiveMessage")

    def result(value, **more):
        return {"mock": {"result": json.dumps(value)} | more}

    assert "'Messages' must be an array" in refused("ValidationException", states, state, **result({"Messages": {}}))
    assert tried(states, state, **result({"Messages": {}}, fieldValidationMode="NONE"))["status"] == "SUCCEEDED"
    started = call("sfn:startExecution")
    assert "'ExecutionArn'" in refused("ValidationException", states, started, **result({"startDate": 1})).replace("executionArn", "ExecutionArn")  # fmt: skip
    assert tried(states, started, **result({"StartDate": 1}, fieldValidationMode="PRESENT"))["status"] == "SUCCEEDED"


def test_what_cannot_be_tested_is_refused(states):
    assert "mock" in refused("ValidationException", states, call("sfn:startExecution.waitForTaskToken", Parameters={"x.$": "$$.Task.Token"}), roleArn=ROLE)  # fmt: skip
    assert "mock" in refused("ValidationException", states, {"Type": "Parallel", "End": True, "Branches": [
        {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}]})  # fmt: skip
    lambdas = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "none"}, "End": True}  # fmt: skip
    assert tried(states, lambdas, mock={"result": "{}"})["status"] == "SUCCEEDED"
    webs = {"Type": "Task", "Resource": "arn:aws:states:::http:invoke", "Parameters": {
        "ApiEndpoint": "https://127.0.0.1/", "Method": "GET", "Authentication": {"ConnectionArn": "none"}}, "End": True}  # fmt: skip
    for state in (lambdas, webs):  # refused, or failed as they would fail: never taken for done
        try:
            assert tried(states, state, roleArn=ROLE)["status"] == "FAILED"
        except ClientError as error:
            assert "mock" in error.response["Error"]["Message"]
    assert "roleArn" in refused("ValidationException", states, call("s3:listBuckets"))
    refused("InvalidDefinition", states, {"Type": "Nope", "End": True})
    with pytest.raises(ClientError) as caught:
        states.test_state(definition='{"Type": "Pass", "End": true}', input="{")
    assert caught.value.response["Error"]["Code"] == "InvalidExecutionInput"
    assert "JSON object" in refused("ValidationException", states, {"Type": "Pass", "End": True}, context="[]")
