# test_states_js.py - the AWS SDK for JavaScript (v3) as a client of Step Functions: made, run, watched, stopped, redriven, published.
import json
import subprocess
from pathlib import Path

from server import ROOT

SDK = ROOT / ".deps" / "sdk-js"
SECONDS_MAX = 120


def test_the_life_of_a_machine_by_the_javascript_sdk(server):
    script = Path(__file__).with_name("states_client.mjs")
    done = subprocess.run(["node", script, SDK], env=server.shell(), capture_output=True, text=True, timeout=SECONDS_MAX)
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout)
    arn = "arn:aws:states:us-east-1:000000000000:stateMachine:by-javascript"
    assert told["made"] == arn and told["refused"] == ["StateMachineAlreadyExists", f"State Machine Already Exists: '{arn}'"]
    assert told["waiting"]["status"] == "RUNNING" and told["waiting"]["dates"] == [True, False]
    assert told["stopped"] == {"status": "ABORTED", "error": "Enough", "cause": "seen enough", "redrive": "REDRIVABLE"}
    assert told["history"] == [
        "ExecutionStarted", "PassStateEntered", "PassStateExited", "WaitStateEntered", "ExecutionAborted",
    ]  # fmt: skip
    assert told["again"] == {"status": "SUCCEEDED", "output": {"greeting": "hi Ada"}, "redrives": 1}
    assert told["history_again"] == [
        "ExecutionStarted", "PassStateEntered", "PassStateExited", "WaitStateEntered", "ExecutionAborted",
        "ExecutionRedriven", "WaitStateExited", "SucceedStateEntered", "SucceedStateExited", "ExecutionSucceeded",
    ]  # fmt: skip
    assert told["version"] == arn + ":1" and told["alias"] == arn + ":live"
    assert told["routing"] == [{"stateMachineVersionArn": arn + ":1", "weight": 100}]
    assert told["by_alias"] == {"status": "SUCCEEDED", "alias": arn + ":live", "version": arn + ":1"}
    assert told["gone"] == "StateMachineDoesNotExist"
