# test_states_aliases.py - aliases of state machines: routing by weight, what they guard, and executions that tell of them.
import collections
import json

import pytest
from botocore.exceptions import ClientError

from server import wait_for

ROLE = "arn:aws:iam::000000000000:role/states"


@pytest.fixture(scope="session")
def states(server):
    return server.client("stepfunctions")


def definition(result):
    return json.dumps({"StartAt": "Only", "States": {"Only": {"Type": "Pass", "Result": result, "End": True}}})


def two_versions(states, name):
    made = states.create_state_machine(name=name, definition=definition("old"), roleArn=ROLE, publish=True)
    new = states.update_state_machine(stateMachineArn=made["stateMachineArn"], definition=definition("new"), publish=True)  # fmt: skip
    return made["stateMachineArn"], made["stateMachineVersionArn"], new["stateMachineVersionArn"]


def routing(*pairs):
    return [{"stateMachineVersionArn": arn, "weight": weight} for arn, weight in pairs]


def refused(code, call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    assert caught.value.response["Error"]["Code"] == code
    return caught.value.response["Error"]["Message"]


def outcome(states, execution):
    def done():
        about = states.describe_execution(executionArn=execution)
        return about if about["status"] != "RUNNING" else None

    return wait_for(done, 30, f"{execution} to end")


def test_executions_are_shared_by_weight(states):
    arn, old, new = two_versions(states, "shared-by-weight")
    alias = states.create_state_machine_alias(name="PROD", routingConfiguration=routing((old, 50), (new, 50)))["stateMachineAliasArn"]  # fmt: skip
    begun = [states.start_execution(stateMachineArn=alias)["executionArn"] for _ in range(60)]
    ended = [outcome(states, e) for e in begun]
    assert {e["stateMachineAliasArn"] for e in ended} == {alias}
    by_version = collections.defaultdict(set)
    for e in ended:
        by_version[e["stateMachineVersionArn"]].add(e["output"])
    assert by_version == {old: {'"old"'}, new: {'"new"'}}  # one in 2^59 that chance leaves one out
    states.start_execution(stateMachineArn=arn)
    pages = states.get_paginator("list_executions").paginate(stateMachineArn=alias, PaginationConfig={"PageSize": 25})
    listed = [e for page in pages for e in page["executions"]]
    assert [e["executionArn"] for e in listed] == begun[::-1]
    assert {e["stateMachineAliasArn"] for e in listed} == {alias}


def test_an_update_moves_what_is_started_after_it(states):
    arn, old, new = two_versions(states, "moved")
    alias = states.create_state_machine_alias(name="live", routingConfiguration=routing((old, 100)))["stateMachineAliasArn"]  # fmt: skip
    assert outcome(states, states.start_execution(stateMachineArn=alias)["executionArn"])["output"] == '"old"'
    states.update_state_machine_alias(stateMachineAliasArn=alias, routingConfiguration=routing((new, 100)))
    assert outcome(states, states.start_execution(stateMachineArn=alias)["executionArn"])["output"] == '"new"'
    states.update_state_machine_alias(stateMachineAliasArn=alias, description="told")
    about = states.describe_state_machine_alias(stateMachineAliasArn=alias)
    assert (about["name"], about["description"]) == ("live", "told")
    assert about["routingConfiguration"] == routing((new, 100))
    states.delete_state_machine_alias(stateMachineAliasArn=alias)
    refused("StateMachineDoesNotExist", states.start_execution, stateMachineArn=alias)
    refused("ResourceNotFound", states.describe_state_machine_alias, stateMachineAliasArn=alias)
    assert states.list_state_machine_aliases(stateMachineArn=arn)["stateMachineAliases"] == []


def test_bad_routing_is_refused(states):
    _, old, new = two_versions(states, "bad-routing")
    _, foreign, _ = two_versions(states, "bad-routing-other")
    create = states.create_state_machine_alias
    assert "100" in refused("ValidationException", create, name="a", routingConfiguration=routing((old, 60), (new, 30)))
    assert "different" in refused("ValidationException", create, name="a", routingConfiguration=routing((old, 50), (old, 50)))  # fmt: skip
    assert "own" in refused("ValidationException", create, name="a", routingConfiguration=routing((old, 50), (foreign, 50)))  # fmt: skip
    refused("ResourceNotFound", create, name="a", routingConfiguration=routing((old[:-1] + "9", 100)))
    refused("InvalidArn", create, name="a", routingConfiguration=routing((old[:-2], 100)))
    assert "pattern" in refused("ValidationException", create, name="123", routingConfiguration=routing((old, 100)))
    three = routing((old, 50), (new, 25), (foreign, 25))
    refused("ValidationException", create, name="a", routingConfiguration=three)


def test_a_machine_takes_its_aliases_with_it(states):
    arn, old, _ = two_versions(states, "taken-along")
    alias = states.create_state_machine_alias(name="gone", routingConfiguration=routing((old, 100)))["stateMachineAliasArn"]  # fmt: skip
    states.delete_state_machine(stateMachineArn=arn)
    refused("ResourceNotFound", states.describe_state_machine_alias, stateMachineAliasArn=alias)


def test_aliases_are_listed_by_version_and_page(states):
    arn, old, new = two_versions(states, "listed-aliases")
    for i in range(3):
        states.create_state_machine_alias(name=f"a{i}", routingConfiguration=routing((old, 100)))
    states.create_state_machine_alias(name="b", routingConfiguration=routing((old, 40), (new, 60)))

    def names(which):
        found, token = [], {}
        while True:
            page = states.list_state_machine_aliases(stateMachineArn=which, maxResults=2, **token)
            found += [a["stateMachineAliasArn"].rsplit(":", 1)[1] for a in page["stateMachineAliases"]]
            if "nextToken" not in page:
                return found
            token = {"nextToken": page["nextToken"]}

    assert (names(arn), names(new)) == (["a0", "a1", "a2", "b"], ["b"])
