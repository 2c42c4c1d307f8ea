# test_states_rules.py - rules of the API one by one: names, ARNs, tags, tokens, encryption, revisions, redrive, deletion while executions run.
import base64
import json
import uuid

import pytest

from server import wait_for
from test_states import ROLE, ended, machine, one_state, refused, start, types

PASS, FAIL = one_state(Type="Pass", End=True), one_state(Type="Fail", Error="E", Cause="C")
WAITS = {"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 600, "Next": "B"}, "B": {"Type": "Wait", "Seconds": 600, "End": True}}}  # fmt: skip


@pytest.fixture(scope="module")
def states(server):
    return server.client("stepfunctions", config={"inject_host_prefix": False})


@pytest.fixture
def name():
    return "rules-" + uuid.uuid4().hex[:10]


@pytest.mark.parametrize("bad", ["a b", "a*", "a\u0085b", "a\ufffeb", "a\U0010ffffb", "a/b"])
def test_names(states, bad):
    refused("InvalidName", states.create_state_machine, name=bad, definition=json.dumps(PASS), roleArn=ROLE)
    refused("InvalidName", states.create_activity, name=bad)


def test_arns_of_the_wrong_kind(states, name):
    arn = machine(states, name, PASS)
    activity = arn.replace(":stateMachine:", ":activity:")
    wrong = "Invalid Arn: 'Resource type not valid in this context: "
    assert refused("InvalidArn", states.describe_activity, activityArn=arn) == wrong + "stateMachine'"
    assert refused("InvalidArn", states.delete_activity, activityArn=arn).startswith(wrong)
    assert refused("InvalidArn", states.describe_state_machine, stateMachineArn=activity) == wrong + "activity'"
    assert refused("InvalidArn", states.describe_map_run, mapRunArn=arn).startswith(wrong)
    assert refused("InvalidArn", states.describe_state_machine_alias, stateMachineAliasArn=activity).startswith(wrong)
    refused("InvalidArn", states.describe_execution, executionArn="arn:aws:states")
    for call in (states.describe_state_machine, states.start_execution, states.delete_state_machine):
        refused("ValidationException", call, stateMachineArn=arn + "/Label")
    refused("InvalidArn", states.create_state_machine, name=name + "2", definition=json.dumps(PASS), roleArn="arn:aws:iam::1:user/u")  # fmt: skip
    assert states.list_state_machine_versions(stateMachineArn=arn + "-none")["stateMachineVersions"] == []


def test_tags(states, name):
    many = [{"key": f"k{i}", "value": "v"} for i in range(51)]
    more = {"name": name, "definition": json.dumps(PASS), "roleArn": ROLE}
    refused("TooManyTags", states.create_state_machine, tags=many, **more)
    refused("TooManyTags", states.create_activity, name=name, tags=many)
    twice = [{"key": "a", "value": "b"}, {"key": "a", "value": "c"}]
    refused("ValidationException", states.create_state_machine, tags=twice, **more)
    arn = states.create_state_machine(tags=many[:50], **more)["stateMachineArn"]
    refused("ValidationException", states.tag_resource, resourceArn=arn, tags=twice)
    refused("ValidationException", states.tag_resource, resourceArn=arn, tags=[{"key": "aws:a", "value": "b"}])
    refused("TooManyTags", states.tag_resource, resourceArn=arn, tags=[{"key": "other", "value": "b"}])
    states.tag_resource(resourceArn=arn, tags=[{"key": "k0", "value": "new"}])
    assert len(states.list_tags_for_resource(resourceArn=arn)["tags"]) == 50


def test_tokens_belong_to_an_operation_and_a_day(states, name):
    arn = machine(states, name, PASS)
    execution = start(states, arn)
    ended(states, execution)
    token = states.get_execution_history(executionArn=execution, maxResults=1)["nextToken"]
    assert states.get_execution_history(executionArn=execution, maxResults=1, nextToken=token)["events"][0]["id"] == 2
    assert refused("InvalidToken", states.list_executions, stateMachineArn=arn, nextToken=token) == "Invalid Token: 'Invalid token'"  # fmt: skip
    operation, made, place = base64.b64decode(token).decode().split(" ")
    old = base64.b64encode(f"{operation} {int(made) - 25 * 3600 * 1000} {place}".encode()).decode()
    refused("InvalidToken", states.get_execution_history, executionArn=execution, nextToken=old)


def test_encryption_is_whole_kept_and_told(states, name):
    def make(config):
        return states.create_state_machine(name=name, definition=json.dumps(PASS), roleArn=ROLE, encryptionConfiguration=config)  # fmt: skip

    bad = ({"type": "CUSTOMER_MANAGED_KMS_KEY"}, {"type": "AWS_OWNED_KEY", "kmsKeyId": "alias/a"})
    for config in bad:
        with pytest.raises(states.exceptions.InvalidEncryptionConfiguration):
            make(config)
        with pytest.raises(states.exceptions.InvalidEncryptionConfiguration):
            states.create_activity(name=name, encryptionConfiguration=config)
    config = {"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": "alias/a", "kmsDataKeyReusePeriodSeconds": 300}
    arn = make(config)["stateMachineArn"]
    assert make(config)["stateMachineArn"] == arn
    assert states.describe_state_machine(stateMachineArn=arn)["encryptionConfiguration"] == config
    with pytest.raises(states.exceptions.StateMachineAlreadyExists):
        make({"type": "AWS_OWNED_KEY"})


def test_the_first_revision_is_called_initial(states, name):
    arn = machine(states, name, PASS)
    made = states.publish_state_machine_version(stateMachineArn=arn, revisionId="INITIAL")["stateMachineVersionArn"]
    assert made == arn + ":1"
    states.update_state_machine(stateMachineArn=arn, definition=json.dumps(FAIL))
    refused("ConflictException", states.publish_state_machine_version, stateMachineArn=arn, revisionId="INITIAL")
    refused("ValidationException", states.update_state_machine, stateMachineArn=made, roleArn=ROLE)
    refused("ValidationException", states.delete_state_machine, stateMachineArn=made)
    assert states.describe_state_machine(stateMachineArn=arn)["status"] == "ACTIVE"


def test_output_that_is_no_json_is_explained(states):
    text = refused("InvalidOutput", states.send_task_success, taskToken="x", output="nonsense")
    assert text.startswith("Invalid Output: 'Unrecognized token 'nonsense': was expecting (JSON String")


def test_redrives_are_listed_and_a_token_makes_them_one(states, name):
    arn = machine(states, name, FAIL)
    first, second = start(states, arn), start(states, arn)
    ended(states, first), ended(states, second)
    told = states.redrive_execution(executionArn=first, clientToken="t1")["redriveDate"]
    ended(states, first)
    assert states.redrive_execution(executionArn=first, clientToken="t1")["redriveDate"] == told
    about = states.describe_execution(executionArn=first)
    assert (about["redriveCount"], about["redriveStatus"]) == (1, "REDRIVABLE")
    assert types(states, first).count("ExecutionRedriven") == 1
    states.redrive_execution(executionArn=first, clientToken="t2")
    assert ended(states, first)["redriveCount"] == 2

    def listed(**more):
        return [e["executionArn"] for e in states.list_executions(stateMachineArn=arn, **more)["executions"]]

    assert listed(redriveFilter="REDRIVEN") == [first] and listed(redriveFilter="NOT_REDRIVEN") == [second]
    assert listed(redriveFilter="REDRIVEN", statusFilter="SUCCEEDED") == []
    refused("ValidationException", states.list_executions, stateMachineArn=arn, statusFilter="PENDING_REDRIVE")


def test_a_machine_that_is_deleted_stops_its_executions_at_their_next_transition(server, states, name):
    sqs = server.client("sqs")
    queue = sqs.create_queue(QueueName=name)["QueueUrl"]
    asks = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "Next": "B",
            "Parameters": {"QueueUrl": queue, "MessageBody.$": "$$.Task.Token"}}  # fmt: skip
    arn = machine(states, name, {"StartAt": "A", "States": {"A": asks, "B": {"Type": "Wait", "Seconds": 600, "End": True}}})
    failed = machine(states, name + "-failed", FAIL)
    execution = start(states, arn)
    message = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=20)["Messages"][0]
    states.delete_state_machine(stateMachineArn=arn)
    states.delete_state_machine(stateMachineArn=arn)
    assert states.describe_state_machine(stateMachineArn=arn)["status"] == "DELETING"
    more = {"name": name, "definition": json.dumps(PASS), "roleArn": ROLE}
    refused("StateMachineDeleting", states.create_state_machine, **more)
    refused("StateMachineDeleting", states.start_execution, stateMachineArn=arn)
    refused("StateMachineDeleting", states.update_state_machine, stateMachineArn=arn, roleArn=ROLE)
    refused("StateMachineDeleting", states.publish_state_machine_version, stateMachineArn=arn)
    states.send_task_heartbeat(taskToken=message["Body"])
    assert states.describe_execution(executionArn=execution)["status"] == "RUNNING"
    states.send_task_success(taskToken=message["Body"], output="{}")
    assert ended(states, execution)["status"] == "ABORTED"
    assert "WaitStateEntered" not in types(states, execution)
    refused("StateMachineDoesNotExist", states.describe_state_machine, stateMachineArn=arn)
    assert states.create_state_machine(**more)["stateMachineArn"] == arn
    states.delete_state_machine(stateMachineArn=failed)  # nothing of it runs
    refused("StateMachineDoesNotExist", states.describe_state_machine, stateMachineArn=failed)


def test_a_deletion_goes_on_after_kill_9(own_server):
    states = own_server.client("stepfunctions")
    arn = machine(states, "gone", WAITS)
    execution = start(states, arn)
    states.delete_state_machine(stateMachineArn=arn)
    own_server.kill()
    own_server.start()
    states = own_server.client("stepfunctions")
    assert states.describe_state_machine(stateMachineArn=arn)["status"] == "DELETING"
    states.stop_execution(executionArn=execution)
    refused("StateMachineDoesNotExist", states.describe_state_machine, stateMachineArn=arn)
    assert wait_for(lambda: states.list_state_machines()["stateMachines"] == [])


def test_a_machine_has_a_thousand_versions_at_most(states, name):
    arn = machine(states, name, PASS)
    for i in range(1000):
        text = json.dumps(PASS | {"Comment": str(i)})
        made = states.update_state_machine(stateMachineArn=arn, definition=text, publish=True)["stateMachineVersionArn"]
    assert made == arn + ":1000"
    again = states.publish_state_machine_version(stateMachineArn=arn)["stateMachineVersionArn"]
    assert again == made  # there is one of this revision
    more = json.dumps(PASS | {"Comment": "more"})
    refused("ServiceQuotaExceededException", states.update_state_machine, stateMachineArn=arn, definition=more, publish=True)  # fmt: skip
    assert "more" not in states.describe_state_machine(stateMachineArn=arn)["definition"]  # nothing of it happened
    states.delete_state_machine_version(stateMachineVersionArn=arn + ":1")
    made = states.update_state_machine(stateMachineArn=arn, definition=more, publish=True)["stateMachineVersionArn"]
    assert made == arn + ":1001"


def test_a_synchronous_execution_without_its_data(states, name):
    express = machine(states, name, PASS, type="EXPRESS")
    got = states.start_sync_execution(stateMachineArn=express, input='{"a":1}', includedData="METADATA_ONLY")
    assert got["status"] == "SUCCEEDED" and "input" not in got and "output" not in got
    assert (got["inputDetails"], got["outputDetails"]) == ({"included": False}, {"included": False})
    assert states.start_sync_execution(stateMachineArn=express, input='{"a":1}')["output"] == '{"a":1}'


def test_an_express_execution_is_waited_for_by_a_task(own_server):
    states = own_server.client("stepfunctions", config={"inject_host_prefix": False})
    waits = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 1, "End": True}}}
    at_once, later = machine(states, "quick", PASS, type="EXPRESS"), machine(states, "slow", waits, type="EXPRESS")
    fails = machine(states, "fails", FAIL, type="EXPRESS")

    def ask(arn, **more):
        return {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sfn:startSyncExecution", "End": True,
                "Parameters": {"StateMachineArn": arn, "Input": {"a": 1}}} | more  # fmt: skip

    def run(name, state):
        return start(states, machine(states, name, one_state(**state)))

    for name, arn in (("q", at_once), ("l", later)):
        about = ended(states, run(name, ask(arn)))
        got = json.loads(about["output"])
        assert (got["Status"], json.loads(got["Output"]), got["StateMachineArn"]) == ("SUCCEEDED", {"a": 1}, arn)
        assert "BilledDurationInMilliseconds" in got["BillingDetails"]
    got = json.loads(ended(states, run("f", ask(fails)))["output"])
    assert (got["Status"], got["Error"], got["Cause"]) == ("FAILED", "E", "C")
    about = ended(states, run("n", ask(at_once + "-none")))
    assert about["error"] == "Sfn.StateMachineDoesNotExistException"
    about = ended(states, run("t", ask(later, TimeoutSeconds=1, Parameters={"StateMachineArn": machine(states, "slower", WAITS, type="EXPRESS")})))  # fmt: skip
    assert about["error"] == "States.Timeout"
    tested = states.test_state(definition=json.dumps(ask(later)), roleArn=ROLE)
    assert json.loads(tested["output"])["Status"] == "SUCCEEDED"
    execution = run("k", ask(later))
    own_server.kill()  # in memory is nothing that counts
    own_server.start()
    states = own_server.client("stepfunctions")
    assert json.loads(ended(states, execution)["output"])["Status"] == "SUCCEEDED"
    assert types(states, execution).count("TaskSucceeded") == 1


def distributed(**more):
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    processor = {"ProcessorConfig": config, "StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}
    return {"Type": "Map", "End": True, "ItemProcessor": processor} | more


READER = {"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "b", "Key": "k"}}
LANGUAGE = "The QueryLanguage is set to '{}', but field '{}' is only supported for the '{}' QueryLanguage"
ONE_OF = "There should only be one of the following fields: "


@pytest.mark.parametrize(
    "state, language, code, message, location",
    [
        ({"Type": "Pass", "Retry": [], "End": True}, None, "SCHEMA_VALIDATION_FAILED", "Field 'Retry' is not supported", ""),
        (distributed(TimeoutSeconds=3), None, "SCHEMA_VALIDATION_FAILED", "Field 'TimeoutSeconds' is not supported", ""),
        ({"Type": "Pass", "Output": "x", "End": True}, None, "SCHEMA_VALIDATION_FAILED", LANGUAGE.format("JSONPath", "Output", "JSONata"), ""),
        ({"Type": "Pass", "Parameters": {}, "End": True}, "JSONata", "SCHEMA_VALIDATION_FAILED", LANGUAGE.format("JSONata", "Parameters", "JSONPath"), ""),
        (distributed(ItemProcessor=distributed()["ItemProcessor"] | {"QueryLanguage": "JSONata"}), None, "SCHEMA_VALIDATION_FAILED", "Field 'QueryLanguage' is not supported", "/ItemProcessor"),
        ({"Type": "Pass", "Output": {"v": "{% 1 + %}"}, "End": True}, "JSONata", "INVALID_JSONATA_EXPRESSION", "Unexpected end of expression", "/Output/v"),
        ({"Type": "Pass", "Output": "{% phone.number %}", "End": True}, "JSONata", "UNSUPPORTED_JSONATA_EXPRESSION", "Reference to 'phone' at the top level is not supported.", "/Output"),
        ({"Type": "Pass", "Assign": {"a": "{% $states.input.x & ($y := z) %}"}, "End": True}, "JSONata", "UNSUPPORTED_JSONATA_EXPRESSION", "Reference to 'z' at the top level is not supported.", "/Assign/a"),
        (distributed(MaxConcurrency=1, MaxConcurrencyPath="$.a"), None, "SCHEMA_VALIDATION_FAILED", ONE_OF + "[MaxConcurrency, MaxConcurrencyPath]", ""),
        (distributed(ItemBatcher={"MaxItemsPerBatch": 1, "MaxItemsPerBatchPath": "$.a"}), None, "SCHEMA_VALIDATION_FAILED", ONE_OF + "[MaxItemsPerBatch, MaxItemsPerBatchPath]", "/ItemBatcher"),
        (distributed(ItemBatcher={"MaxItemsPerBatchPath": "$.a"}), "JSONata", "SCHEMA_VALIDATION_FAILED", LANGUAGE.format("JSONata", "MaxItemsPerBatchPath", "JSONPath"), "/ItemBatcher"),
        (distributed(ToleratedFailureCount=-1), None, "SCHEMA_VALIDATION_FAILED", "Minimum value is 0", "/ToleratedFailureCount"),
        (distributed(ToleratedFailurePercentage=-1), None, "SCHEMA_VALIDATION_FAILED", "Minimum value is 0.0", "/ToleratedFailurePercentage"),
        (distributed(ToleratedFailurePercentage=101), None, "SCHEMA_VALIDATION_FAILED", "Maximum value is 100.0", "/ToleratedFailurePercentage"),
        (distributed(ItemReader=READER | {"ReaderConfig": {"InputType": "JSON", "MaxItems": 100000001}}), None, "SCHEMA_VALIDATION_FAILED", "Maximum value is 100000000", "/ItemReader/ReaderConfig/MaxItems"),
    ],
)  # fmt: skip
def test_diagnostics_have_the_services_words_and_places(states, state, language, code, message, location):
    definition = {"StartAt": "A", "States": {"A": state}} | ({"QueryLanguage": language} if language else {})
    found = states.validate_state_machine_definition(definition=json.dumps(definition))["diagnostics"]
    assert found == [{"severity": "ERROR", "code": code, "message": message, "location": "/States/A" + location}]


def test_a_place_that_is_nowhere_is_called_null(states, name):
    loop = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "A"}}}
    text = refused("InvalidDefinition", states.create_state_machine, name=name, definition=json.dumps(loop), roleArn=ROLE)
    assert text == "Invalid State Machine Definition: 'MISSING_END_STATE: Workflow has no terminal state at null'"


def test_names_behind_a_first_step_are_no_references_to_the_top_level(states):
    for text in ("$states.input.a.b", "$states.input[a = 1].b", "$x.{'k': v}", "[1, 2].a", "$map($x, function($v) { $v.a })", "$states.input{k: v}"):  # fmt: skip
        state = {"Type": "Pass", "Output": "{% " + text + " %}", "End": True}
        definition = json.dumps({"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": state}})
        assert states.validate_state_machine_definition(definition=definition)["result"] == "OK", text
