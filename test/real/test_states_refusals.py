# test_states_refusals.py - calls of Step Functions that are refused, each with AWS's code and what it must name.
import json

import pytest
from botocore.exceptions import ClientError

ROLE = "arn:aws:iam::000000000000:role/states"
PLAIN = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}})
ARN = "arn:aws:states:us-east-1:000000000000:"


@pytest.fixture(scope="module")
def states(server):
    made = server.client("stepfunctions")
    made.create_state_machine(name="refusals", definition=PLAIN, roleArn=ROLE)
    return made


REFUSED = [
    ("create_state_machine", {"name": "a b", "definition": PLAIN, "roleArn": ROLE}, "InvalidName", "'a b'"),
    ("create_state_machine", {"name": "x", "definition": PLAIN, "roleArn": "role"}, "InvalidArn", "'role'"),
    ("create_state_machine", {"name": "x" * 81, "definition": PLAIN, "roleArn": ROLE}, "ValidationException", "80"),
    ("create_state_machine", {"name": "x", "definition": "{", "roleArn": ROLE}, "InvalidDefinition", "line 1"),
    ("create_state_machine", {"name": "refusals", "definition": PLAIN.replace('"A"', '"B"'), "roleArn": ROLE}, "StateMachineAlreadyExists", "refusals"),
    ("update_state_machine", {"stateMachineArn": ARN + "stateMachine:refusals"}, "MissingRequiredParameter", "definition"),
    ("describe_state_machine", {"stateMachineArn": ARN + "execution:refusals"}, "InvalidArn", "not valid in this context: execution"),
    ("describe_state_machine", {"stateMachineArn": ARN + "stateMachine:refusals:9"}, "StateMachineDoesNotExist", "refusals:9"),
    ("describe_execution", {"executionArn": ARN + "express:m:n:o"}, "InvalidArn", "not valid in this context: express"),
    ("describe_execution", {"executionArn": ARN + "execution:refusals:none"}, "ExecutionDoesNotExist", "none"),
    ("start_execution", {"stateMachineArn": ARN + "stateMachine:refusals", "input": "{"}, "InvalidExecutionInput", "line 1"),
    ("start_execution", {"stateMachineArn": ARN + "stateMachine:refusals", "name": "a:b"}, "InvalidName", "a:b"),
    ("list_executions", {"stateMachineArn": ARN + "stateMachine:refusals", "nextToken": "abc"}, "InvalidToken", "token"),
    ("send_task_success", {"taskToken": "abc", "output": "{}"}, "InvalidToken", "token"),
    ("send_task_success", {"taskToken": "abc", "output": "{"}, "InvalidOutput", "line 1"),
    ("describe_activity", {"activityArn": ARN + "activity:none"}, "ActivityDoesNotExist", "none"),
    ("get_activity_task", {"activityArn": ARN + "activity:none"}, "ActivityDoesNotExist", "none"),
    ("create_activity", {"name": "a\x00b"}, "InvalidName", "a\x00b"),
    ("list_tags_for_resource", {"resourceArn": ARN + "activity:none"}, "ResourceNotFound", "none"),
    ("publish_state_machine_version", {"stateMachineArn": ARN + "stateMachine:refusals", "revisionId": "no"}, "ConflictException", "INITIAL"),
]  # fmt: skip


@pytest.mark.parametrize("call, given, code, named", REFUSED, ids=[f"{r[0]}-{r[2]}-{i}" for i, r in enumerate(REFUSED)])
def test_refused(states, call, given, code, named):
    with pytest.raises(ClientError) as caught:
        getattr(states, call)(**given)
    error = caught.value.response["Error"]
    assert error["Code"] == code and named in error["Message"]


def test_all_that_is_wrong_is_told_up_to_the_number_asked_for(states):
    wrong = {f"S{i:03}": {"Type": "Pass", "Next": "Nowhere"} for i in range(120)}
    definition = json.dumps({"StartAt": "S000", "States": wrong})
    whole = states.validate_state_machine_definition(definition=definition)
    assert (whole["result"], whole["truncated"], len(whole["diagnostics"])) == ("FAIL", True, 100)
    first = whole["diagnostics"][0]
    assert (first["severity"], first["code"], first["location"]) == ("ERROR", "MISSING_TRANSITION_TARGET", "/States/S000/Next")  # fmt: skip
    few = states.validate_state_machine_definition(definition=definition, maxResults=3)
    assert few["diagnostics"] == whole["diagnostics"][:3] and few["truncated"]
    good = states.validate_state_machine_definition(definition=PLAIN, severity="WARNING")
    assert (good["result"], good["diagnostics"], good["truncated"]) == ("OK", [], False)
