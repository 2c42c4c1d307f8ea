# states.py - what `make bench` measures of Step Functions: starts, states a second, what sleeps, beside AWS servers and durable engines.
import http.client
import json
import os
import random
import statistics
import threading
import time
import uuid

import engines
import peers
from common import LOAD_SECONDS, SERVER_CORE, each, lua_headers, median, row, signed, wrk

ROLE = "arn:aws:iam::000000000000:role/bench"
HEADERS = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Date": "20260101T000000Z", "Authorization": signed("states")}
STARTED = int(os.environ.get("STARTED", "300000"))
LOOP, LOOP_PEER, CROWD = 20000, 200, 64
SLEEPERS = int(os.environ.get("SLEEPERS", "100000"))  # 1,000,000 for the whole size
TRIVIAL = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}
SLEEP = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 86400, "End": True}}}


def loop(n):
    """Two states a round: one that adds, one that looks."""
    return {"StartAt": "Add", "States": {
        "Add": {"Type": "Pass", "Parameters": {"i.$": "States.MathAdd($.i, 1)"}, "Next": "More"},
        "More": {"Type": "Choice", "Choices": [{"Variable": "$.i", "NumericLessThan": n, "Next": "Add"}], "Default": "Done"},
        "Done": {"Type": "Succeed"}}}  # fmt: skip


class States:
    """A client without the cost of an SDK."""

    def __init__(self, server):
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=600)

    def __call__(self, operation, **given):
        self.connection.request("POST", "/", json.dumps(given), HEADERS | {"X-Amz-Target": "AWSStepFunctions." + operation})
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{operation}: {text[:300]}")
        return json.loads(text)

    def machine(self, name, definition, kind="STANDARD"):
        return self("CreateStateMachine", name=name, definition=json.dumps(definition), roleArn=ROLE, type=kind)["stateMachineArn"]

    def run(self, arn, given):
        execution = self("StartExecution", stateMachineArn=arn, input=json.dumps(given), name=uuid.uuid4().hex)["executionArn"]
        while (about := self("DescribeExecution", executionArn=execution))["status"] == "RUNNING":
            time.sleep(0.001)
        if about["status"] != "SUCCEEDED":
            raise RuntimeError(f"an execution ended {about['status']}")


def seconds(work):
    began = time.monotonic()
    work()
    return time.monotonic() - began


def start_script(arn, given):
    """Each with a random name of its own, as clients make them: one of the peers needs one, and names in order are easy on an index."""
    before, after = json.dumps({"stateMachineArn": arn, "input": json.dumps(given), "name": f"@{uuid.uuid4().hex[:12]}"}).split("@")
    return (f'wrk.method="POST" math.randomseed({random.getrandbits(31)})\nrequest=function() return wrk.format(nil,nil,nil,{json.dumps(before)}..'
            f'string.format("%08x%08x", math.random(0, 4294967295), math.random(0, 4294967295))..{json.dumps(after)}) end\n') + lua_headers(HEADERS | {"X-Amz-Target": "AWSStepFunctions.StartExecution"})  # fmt: skip


def bench_many_starts():
    """The rate must hold as executions accumulate: the median of the last three bursts, with at least STARTED of them there."""
    with mayfly(SERVER_CORE) as server:
        arn, rates, made = States(server).machine("trivial", TRIVIAL), [], 0
        while made < STARTED or len(rates) < 6:
            rates.append(wrk(server, start_script(arn, {}), CROWD))
            made += int(rates[-1] * LOAD_SECONDS)
        row("StartExecution, the first 3 s", server.name, rates[0], "/s", "goal >= 5,000")
        row(f"  with {made:,} executions there", server.name, statistics.median(rates[-3:]), "/s", "goal >= 5,000")
        row("  written to the disk for each", server.name, written_bytes(server) / made / 1000, "kB")


def written_bytes(server):
    with open(f"/proc/{server.process.pid}/io") as io:
        return next(int(line.split()[1]) for line in io if line.startswith("write_bytes"))


def crowd(server, arn):
    clients = [threading.Thread(target=lambda: States(server).run(arn, {"i": 0})) for _ in range(CROWD)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()


def mayfly(core=None):
    return peers.mayfly(core, "--quotas", "none")


def moto(core=None):
    """It runs machines only when told to."""
    server = peers.moto(core)
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    connection.request("POST", "/moto-api/config", json.dumps({"stepfunctions": {"execute_state_machine": True}}), {"Content-Type": "application/json"})
    connection.getresponse().read()
    return server


def measure_aws(server):
    states, ours = States(server), server.name == "mayfly"
    rounds = LOOP if ours else LOOP_PEER
    trivial = states.machine("trivial", TRIVIAL)
    row("trivial run, start to success", server.name, statistics.median(seconds(lambda: states.run(trivial, {})) for _ in range(51)) * 1000, "ms",
        "goal <= 2" if ours else "")  # fmt: skip
    one = states.machine("one", loop(rounds))
    row("one loop, durable" if ours else "one loop, in memory", server.name, median(lambda: 2 * rounds / seconds(lambda: states.run(one, {"i": 0}))), "/s",
        "goal >= 3,000 states" if ours else "states")  # fmt: skip
    many = states.machine("many", loop(rounds // 10))
    row(f"{CROWD} loops at once", server.name, CROWD * 2 * (rounds // 10) / seconds(lambda: crowd(server, many)), "/s",
        "goal >= 50,000 states" if ours else "states")  # fmt: skip
    row(f"StartExecution, {CROWD} clients, one core", server.name, median(lambda: wrk(server, start_script(trivial, {}), CROWD)), "/s",
        "goal >= 5,000" if ours else "")  # fmt: skip


def bench_express():
    with mayfly(SERVER_CORE) as server:
        states = States(server)
        arn = states.machine("express", loop(LOOP), "EXPRESS")
        row("one loop, Express", server.name, median(lambda: 2 * LOOP / seconds(lambda: states("StartSyncExecution", stateMachineArn=arn, input='{"i":0}'))), "/s",
            "goal >= 20,000 states")  # fmt: skip


def measure_engine(name, engine):
    try:
        got = engine()
    except RuntimeError as why:
        print(f"  left out: {name}: {why}")
        return
    row("trivial run, start to success", name, got["trivial_ms"], "ms")
    row("one loop of durable steps", name, got["loop_per_s"], "/s", "steps")
    row(f"{CROWD} loops at once", name, got["crowd_per_s"], "/s", "steps")
    row("trivial runs, many at once", name, got["starts_per_s"], "/s")


def bench_states():
    for server in each(mayfly, moto, peers.ministack):
        try:
            measure_aws(server)
        except (RuntimeError, OSError) as why:
            print(f"  left out: {server.name}: {why}")
    bench_express()
    measure_engine("Restate", engines.restate)
    measure_engine("DBOS", engines.dbos)


def disk_bytes(server):
    folder = os.path.join(server.folder, "data")
    return sum(os.path.getsize(os.path.join(folder, name)) for name in os.listdir(folder) if name.startswith("state.db"))


def bench_sleepers():
    """Executions in a Wait state for a day: what each takes, and a restart with them after kill -9."""
    with mayfly() as server:
        states = States(server)
        arn = states.machine("sleep", SLEEP)
        before, began, made = disk_bytes(server), time.monotonic(), 0
        while made < SLEEPERS:
            made += int(wrk(server, start_script(arn, {"a": 1}), CROWD) * 3)
        row(f"{made:,} sleeping executions: made", server.name, made / (time.monotonic() - began), "/s")
        row("  of the server's memory", server.name, peers.resident_mb(server.process.pid), "MB")
        row("  each, all of it on disk", server.name, (disk_bytes(server) - before) / made, "bytes", "goal <= 4,096")
        server.process.kill()
        server.process.wait()
        took = seconds(server.again)
        row("  kill -9 and start again, until it answers", server.name, took * 1000, "ms", "goal <= 1,000")
        trivial = States(server)
        row("  and a new run among them", server.name, seconds(lambda: trivial.run(trivial.machine("trivial", TRIVIAL), {})) * 1000, "ms")
