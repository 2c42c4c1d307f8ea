# test_states_crash.py - many running executions of every kind, kill -9, restart: all go on, none is lost, nothing is done twice.
import itertools
import json
import os
import random
import threading
import time
from collections import Counter

from botocore.exceptions import BotoCoreError

from server import wait_for

EXECUTIONS = int(os.environ.get("STATES_CRASH", 600))  # 10,000 for the whole size
SEED = int(os.environ.get("SEED", time.time_ns() % 10**9))
CLIENTS = 4
MAP_ITEMS = 1000
ROLE = "arn:aws:iam::000000000000:role/states"
TASK = "arn:aws:states:::states:startExecution"
# One map is worth a thousand of the others.
KINDS = ["wait", "task", "callback", "nested"]
MAPS_IN = 60


def machine(states, name, definition):
    return states.create_state_machine(name=name, definition=json.dumps(definition), roleArn=ROLE)["stateMachineArn"]


def child(target, token=False):
    """What a started execution is told: who started it, and the token that it is to be answered by."""
    given = {"of.$": "$$.Execution.Name", "state.$": "$$.State.Name"} | ({"token.$": "$$.Task.Token"} if token else {})
    return {"StateMachineArn": target, "Input": given}


def mixed(leaf, slow):
    """One machine for all kinds: the input says which way an execution goes."""
    item = {"StartAt": "Hundredth?", "States": {
        "Hundredth?": {"Type": "Choice", "Default": "Plain", "Choices": [
            {"Condition": "{% $states.input % 100 = 0 %}", "Next": "Pause"}]},
        "Pause": {"Type": "Wait", "Seconds": 1, "End": True},
        "Plain": {"Type": "Pass", "Output": "{% $states.input + 1 %}", "End": True}}}  # fmt: skip
    for state in item["States"].values():
        state["QueryLanguage"] = "JSONata"
    return {"StartAt": "Which?", "States": {
        "Which?": {"Type": "Choice", "Choices": [
            {"Variable": "$.kind", "StringEquals": kind, "Next": kind} for kind in [*KINDS, "map"]]},
        "wait": {"Type": "Wait", "Seconds": 2, "Next": "Done"},
        "task": {"Type": "Task", "Resource": TASK, "Parameters": child(leaf), "ResultPath": None, "Next": "rest"},
        "rest": {"Type": "Wait", "Seconds": 2, "Next": "again"},
        "again": {"Type": "Task", "Resource": TASK, "Parameters": child(leaf), "ResultPath": None, "Next": "Done"},
        "callback": {"Type": "Task", "Resource": f"{TASK}.waitForTaskToken", "Parameters": child(leaf, True),
                     "ResultPath": "$.answer", "Next": "Done"},
        "nested": {"Type": "Task", "Resource": f"{TASK}.sync:2", "Parameters": child(slow), "ResultPath": None, "Next": "Done"},
        "map": {"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": item, "ResultPath": "$.done", "Next": "Done"},
        "Done": {"Type": "Succeed"}}}  # fmt: skip


class Starter(threading.Thread):
    """Starts its share; a name it was not answered for is asked for again: it is the same execution."""

    def __init__(self, server, arn, names):
        super().__init__()
        self.states, self.arn, self.names, self.answered = server.client("stepfunctions"), arn, list(names), {}
        self.start()

    def run(self):
        while self.names:
            name = self.names[-1]
            given = {"kind": name.split("-")[0]} | ({"items": list(range(MAP_ITEMS))} if name.startswith("map") else {})
            try:
                self.answered[name] = self.states.start_execution(
                    stateMachineArn=self.arn, name=name, input=json.dumps(given))["executionArn"]  # fmt: skip
                self.names.pop()
            except BotoCoreError:
                time.sleep(0.01)  # the server is away
            except self.states.exceptions.ExecutionAlreadyExists:
                self.names.pop()  # it ran to its end, and the answer was lost
                self.answered[name] = f"{self.arn.replace(':stateMachine:', ':execution:')}:{name}"


def listed(states, arn, **only):
    pages = states.get_paginator("list_executions").paginate(stateMachineArn=arn, PaginationConfig={"PageSize": 1000}, **only)
    return [item for page in pages for item in page["executions"]]


def running(states, arn):
    return states.list_executions(stateMachineArn=arn, statusFilter="RUNNING", maxResults=1)["executions"]


def answer_tokens(states, leaf, answered):
    """Each callback by its token, which the execution that it started was told."""
    for item in listed(states, leaf):
        if item["executionArn"] in answered:
            continue
        given = json.loads(states.describe_execution(executionArn=item["executionArn"])["input"])
        answered[item["executionArn"]] = given
        if "token" in given:
            states.send_task_success(taskToken=given["token"], output=json.dumps({"to": given["of"]}))


def check_history(events):
    assert [event["id"] for event in events] == list(range(1, len(events) + 1))
    assert all(event["previousEventId"] < event["id"] for event in events)
    assert events[-1]["type"] == "ExecutionSucceeded"
    assert [e["timestamp"] for e in events] == sorted(e["timestamp"] for e in events)
    ends = Counter(event["previousEventId"] for event in events if event["type"].endswith("StateExited"))
    assert max(ends.values()) == 1, "a state ended twice"


def test_nothing_is_lost_and_nothing_is_done_twice(own_server, capsys):
    chance = random.Random(SEED)
    states = own_server.client("stepfunctions")
    leaf = machine(states, "leaf", {"StartAt": "Only", "States": {"Only": {"Type": "Pass", "End": True}}})
    slow = machine(states, "slow", {"StartAt": "Only", "States": {"Only": {"Type": "Wait", "Seconds": 2, "End": True}}})
    arn = machine(states, "mixed", mixed(leaf, slow))
    kinds = itertools.cycle(KINDS)
    names = [f"{'map' if i % MAPS_IN == 0 else next(kinds)}-{i}" for i in range(EXECUTIONS)]

    starters = [Starter(own_server, arn, names[i::CLIENTS]) for i in range(CLIENTS)]
    for share in sorted(chance.random() for _ in range(3)):  # in the middle of the starts
        wait_for(lambda: sum(len(s.answered) for s in starters) >= share * EXECUTIONS, 600, "executions to be started")
        own_server.kill()
        own_server.start()
    for starter in starters:
        starter.join()
    own_server.kill()
    time.sleep(2.5)  # while nobody is there, every wait falls due
    began = time.monotonic()
    own_server.start()
    ready = time.monotonic() - began
    states = own_server.client("stepfunctions")
    wait_for(lambda: not [x for x in listed(states, arn, statusFilter="RUNNING") if x["name"].startswith("wait-")], 60, "waits to end")
    waited = time.monotonic() - began

    answered = {}
    answer_tokens(states, leaf, answered)
    own_server.kill()  # some answers are hardly used yet
    own_server.start()
    states = own_server.client("stepfunctions")

    def over():
        answer_tokens(states, leaf, answered)
        return not running(states, arn)

    wait_for(over, 600, "all to end")
    found = listed(states, arn)
    assert Counter(item["status"] for item in found) == {"SUCCEEDED": EXECUTIONS}
    assert sorted(item["name"] for item in found) == sorted(names)
    assert {item["executionArn"] for item in found} == {a for s in starters for a in s.answered.values()}

    answer_tokens(states, leaf, answered)
    started = Counter((given["of"], given["state"]) for given in answered.values())
    wanted = {(n, state) for n in names for state in {"task": ["task", "again"], "callback": ["callback"]}.get(n.split("-")[0], [])}
    assert started == Counter(wanted), "a task began twice, or never"
    inner = [json.loads(states.describe_execution(executionArn=x["executionArn"])["input"])["of"] for x in listed(states, slow)]
    assert Counter(inner) == Counter(n for n in names if n.startswith("nested"))
    for name in chance.sample(names, min(200, EXECUTIONS)) + [n for n in names if n.startswith("map")][:3]:
        execution = f"{arn.replace(':stateMachine:', ':execution:')}:{name}"
        pages = states.get_paginator("get_execution_history").paginate(executionArn=execution, PaginationConfig={"PageSize": 1000})
        check_history([event for page in pages for event in page["events"]])
        about = states.describe_execution(executionArn=execution)
        if name.startswith("callback"):
            assert json.loads(about["output"])["answer"] == {"to": name}
        if name.startswith("map"):
            assert json.loads(about["output"])["done"] == [i if i % 100 == 0 else i + 1 for i in range(MAP_ITEMS)]
    with capsys.disabled():
        print(f"\n{EXECUTIONS} executions, 5 times kill -9 (seed {SEED}): ready {ready:.3f} s, all due waits ended {waited:.2f} s after the start")
