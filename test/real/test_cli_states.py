# test_cli_states.py - state machines from the command line: run, executions, history, validate; nothing is left of a run.
import json
import os
import re
import signal
import subprocess

import pytest

from server import MAYFLY, processes_inside, wait_for
from test_cli import cells, completed, mayfly
from test_states import CLUSTER, RESOURCE, ended, machine, one_state, start, states  # noqa: F401

FAIL = one_state(Type="Fail", Error="TooLittle", Cause="not enough\nof it")
LONG_WAIT = one_state(Type="Wait", Seconds=3600, End=True)
STORY = {"StartAt": "Each", "States": {
    "Each": {"Type": "Map", "ItemsPath": "$.numbers", "ResultPath": "$.doubled", "Next": "Ask", "ItemProcessor": {
        "StartAt": "Double", "States": {"Double": {"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% $states.input * 2 %}", "End": True}}}},
    "Ask": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:listObjectsV2", "Parameters": {"Bucket": "none-such"}, "End": True,
            "Retry": [{"ErrorEquals": ["S3.NoSuchBucketException"], "IntervalSeconds": 1, "MaxAttempts": 1}],
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Done", "ResultPath": "$.why"}]},
    "Done": {"Type": "Pass", "OutputPath": "$.doubled", "End": True},
}}  # fmt: skip


@pytest.fixture
def place(tmp_path):
    """A folder for a run's files, and one that shows whether its temporary data has gone."""
    (tmp_path / "tmp").mkdir()
    yield tmp_path
    wait_for(lambda: not processes_inside(tmp_path), what="the run's processes to be gone")


def written(place, value, name="machine.asl.json"):
    (place / name).write_text(value if isinstance(value, str) else json.dumps(value))
    return place / name


def words_of(place, definition, *words, given=None):
    more = ["--input", written(place, given, "input.json")] if given is not None else []
    return [MAYFLY, "run", written(place, definition), *more, *words]


def surroundings(place):
    return os.environ | {"TMPDIR": str(place / "tmp")}


def run(place, definition, *words, given=None):
    done = subprocess.run(words_of(place, definition, *words, given=given), env=surroundings(place), capture_output=True, text=True, timeout=120)
    assert not os.listdir(place / "tmp"), "a run leaves its folder behind"
    return done


def story(text):
    """Without the times: verb, state, and what is said of it."""
    return [tuple(re.split(r"  +", line.split(" s  ", 1)[1].strip())) for line in text.splitlines() if re.match(r" *\d+\.\d\d s  ", line)]


# --- run --------------------------------------------------------------------------------------------------------------


def test_a_run_tells_what_happens_and_prints_the_output_alone(place):
    done = run(place, STORY, given={"numbers": [1, 2]})
    assert (done.returncode, done.stdout) == (0, "[2,4]\n"), done.stderr
    told = [line[:2] for line in story(done.stderr)]
    assert told == [
        ("started",), ("entered", "Each"), ("items", "Each"), ("item", "Each"), ("item", "Each"), ("entered", "Double"), ("exited", "Double"),
        ("entered", "Double"), ("exited", "Double"), ("exited", "Each"), ("entered", "Ask"), ("scheduled", "Ask"), ("failed", "Ask"),
        ("retry 1", "Ask"), ("failed", "Ask"), ("caught", "Ask"), ("entered", "Done"), ("exited", "Done"), ("SUCCEEDED", story(done.stderr)[-1][1]),
    ]  # fmt: skip
    lines = done.stderr.splitlines()
    assert [line.index("Double") - lines[1].index("Each") for line in lines if "entered" in line and "Double" in line] == [2, 2]
    assert sum("S3.NoSuchBucketException: The specified bucket does not exist" in line for line in lines) == 2
    [caught] = [line for line in story(done.stderr) if line[0] == "caught"]
    assert re.fullmatch(r"[1-9]\d*\.\d s", caught[2]), "an interval of a second was waited for"


def test_a_run_exits_with_its_outcome(place):
    failed = run(place, FAIL)
    assert (failed.returncode, failed.stdout) == (1, "") and "TooLittle: not enough of it" in failed.stderr
    assert failed.stderr.endswith("TooLittle: not enough\nof it\n"), "the whole cause comes last"
    assert run(place, one_state(Type="Pass", End=True)).stdout == "{}\n"
    late = run(place, LONG_WAIT | {"TimeoutSeconds": 1})
    assert late.returncode == 1 and story(late.stderr)[-1][0] == "TIMED_OUT"


def test_the_reason_of_a_failed_step_is_told_without_what_surrounds_it(place):
    step = {"Name": "s", "ActionOnFailure": "CONTINUE", "HadoopJarStep": {"Jar": "command-runner.jar", "Args": ["spark-submit", "s3://none-such/x.py"]}}
    add = {"Type": "Task", "Resource": RESOURCE + "addStep.sync", "Parameters": {"ClusterId.$": "$.ClusterId", "Step": step}, "End": True}
    done = run(place, {"StartAt": "Create", "States": {
        "Create": {"Type": "Task", "Resource": RESOURCE + "createCluster.sync", "Parameters": CLUSTER, "Next": "Add"}, "Add": add}})  # fmt: skip
    reason = "States.TaskFailed: Cannot fetch s3://none-such/x.py: The specified bucket does not exist"
    assert [line for line in story(done.stderr) if "FAILED" in line or "failed" in line] == [("failed", "Add", reason), ("FAILED", reason)]
    submitted = [line for line in story(done.stderr) if line[0] == "submitted"]
    assert re.fullmatch(r"j-\w+", submitted[0][3]) and re.fullmatch(r"s-\w+", submitted[1][3])
    [whole] = [line for line in done.stderr.splitlines() if line.startswith("States.TaskFailed: ")]
    assert json.loads(whole.split(": ", 1)[1])["Step"]["Name"] == "s", "at the end the whole cause is there"


def test_a_run_for_programs(place):
    done = run(place, FAIL, "--json")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["type"] for line in lines[:-1]] == ["ExecutionStarted", "FailStateEntered", "ExecutionFailed"]
    assert (lines[-1]["status"], lines[-1]["error"], done.returncode, done.stderr) == ("FAILED", "TooLittle", 1, "")


def test_bad_files_are_refused_before_anything_is_started(place):
    wrong = run(place, one_state(Type="Pass", Next="Nowhere"))
    assert (wrong.returncode, wrong.stdout) == (1, "") and re.match(r".*machine\.asl\.json:1:\d+: error: MISSING_TRANSITION_TARGET: ", wrong.stderr)
    bad_input = run(place, FAIL, given='{"a": }')
    assert bad_input.returncode == 1 and "input.json: not valid JSON" in bad_input.stderr and "line 1, column 7" in bad_input.stderr
    assert mayfly("run", place / "none").returncode == 1
    for words in (["run"], ["run", "a", "b"], ["run", "a", "--quotas", "x"], ["run", "a", "--nonsense"]):
        assert mayfly(*words, stdin=subprocess.DEVNULL).returncode == 2, words
    assert not os.listdir(place / "tmp")


def test_a_run_on_a_real_cluster_ends_the_cluster_that_the_machine_leaves(place):
    instances = CLUSTER["Instances"] | {"TerminationProtected": True}
    definition = {"StartAt": "Create", "States": {
        "Create": {"Type": "Task", "Resource": RESOURCE + "createCluster.sync", "Parameters": CLUSTER | {"Instances": instances}, "Next": "Step"},
        "Step": {"Type": "Task", "Resource": RESOURCE + "addStep.sync", "OutputPath": "$.Step.Status.State", "End": True, "Parameters": {
            "ClusterId.$": "$.ClusterId", "Step": {"Name": "touch", "HadoopJarStep": {
                "Jar": "command-runner.jar", "Args": ["bash", "-c", f"touch {place}/touched"]}}}},
    }}  # fmt: skip
    done = run(place, definition)
    assert (done.returncode, done.stdout) == (0, '"COMPLETED"\n') and (place / "touched").exists(), done.stderr
    assert re.search(r"^ended   cluster j-\w+ \(from a state machine\)", done.stderr, re.MULTILINE)
    assert ("submitted", "Step", "elasticmapreduce:addStep.sync") in [line[:3] for line in story(done.stderr)]


def until(process, text):
    seen = ""
    while text not in seen:
        line = process.stderr.readline()
        assert line, f"it ended before it said {text!r}: {seen}"
        seen += line
    return seen


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_stops_the_execution_and_leaves_nothing(place, number):
    words = words_of(place, LONG_WAIT)
    with subprocess.Popen(words, env=surroundings(place), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        until(process, "entered")
        process.send_signal(number)
        said = process.stderr.read()
        assert process.stdout.read() == ""
    assert process.returncode == 1 and "ABORTED" in said and "Interrupted" in said
    assert not os.listdir(place / "tmp")


def test_the_server_of_a_killed_run_ends_too(place):
    with subprocess.Popen(words_of(place, LONG_WAIT), env=surroundings(place), stderr=subprocess.PIPE, text=True) as process:
        until(process, "entered")
        assert processes_inside(place / "tmp")
        process.kill()
    wait_for(lambda: not processes_inside(place / "tmp"), what="the server to end")


def test_a_run_keeps_its_data_when_told_and_uses_a_server_when_told(place, server):
    assert run(place, one_state(Type="Pass", End=True), "--data", place / "kept").returncode == 0
    assert (place / "kept" / "state.db").exists()
    definition = one_state(Type="Task", Resource="arn:aws:states:::aws-sdk:s3:createBucket", Parameters={"Bucket": "made-by-a-run"}, End=True)
    done = run(place, definition, "--port", str(server.port))
    assert done.returncode == 0, done.stderr
    server.client("s3").delete_bucket(Bucket="made-by-a-run")
    names = [item["name"] for item in server.client("stepfunctions").list_state_machines()["stateMachines"]]
    assert not [name for name in names if name.startswith("machine-")], "the machine was for this run"


# --- executions, history ----------------------------------------------------------------------------------------------


def test_executions(server, states):  # noqa: F811
    arn = machine(states, "listed", one_state(Type="Pass", End=True))
    other = machine(states, "listed-too", FAIL)
    first, second = start(states, arn, name="one"), start(states, other, name="two")
    ended(states, first), ended(states, second)
    table = cells(server.cli("executions").stdout)
    assert table[0] == ["EXECUTION", "STATUS", "STARTED (UTC)", "TOOK"]
    rows = {row[0]: row for row in table[1:]}
    assert rows["listed/one"][1] == "SUCCEEDED" and rows["listed-too/two"][1] == "FAILED"
    names = [row[0] for row in table]
    assert names.index("listed-too/two") < names.index("listed/one"), "newest first"
    assert [row[0] for row in cells(server.cli("executions", "--machine", "listed").stdout)[1:]] == ["listed/one"]
    failed = json.loads(server.cli("executions", "--status", "failed", "--machine", other, "--json").stdout)
    assert [item["executionArn"] for item in failed] == [second]
    assert server.cli("executions", "--machine", "listed", "--status", "FAILED").stdout == "no executions\n"
    missing = server.cli("executions", "--machine", "nobody")
    assert missing.returncode == 1 and "nobody" in missing.stderr
    odd = server.cli("executions", "--status", "ODD")
    assert odd.returncode == 1 and "ODD" in odd.stderr
    assert {"listed/one", "listed-too/two"} <= set(completed(server, "history", "listed"))


def test_history(server, states):  # noqa: F811
    arn = machine(states, "told", FAIL)
    execution = start(states, arn, name="once")
    ended(states, execution)
    shown = server.cli("history", "told/once")
    assert shown.returncode == 0 and shown.stdout == server.cli("history", execution).stdout
    assert story(shown.stdout) == [("started",), ("entered", "Only", "Fail"), ("FAILED", "TooLittle: not enough of it")]
    events = [json.loads(line) for line in server.cli("history", "--json", "told/once").stdout.splitlines()]
    assert [event["id"] for event in events] == [1, 2, 3] and events[0]["executionStartedEventDetails"]["input"] == "{}"
    for words, code in ((["told/never"], 1), (["nobody/once"], 1), (["told"], 1), ([], 2), (["a", "b"], 2)):
        assert server.cli("history", *words).returncode == code, words


def test_following_an_execution_to_its_end(server, states):  # noqa: F811
    arn = machine(states, "followed", LONG_WAIT)
    execution = start(states, arn, name="once")
    with subprocess.Popen([MAYFLY, "history", "-f", "followed/once"], env=server.shell(), stdout=subprocess.PIPE, text=True) as follower:
        assert "started" in follower.stdout.readline() and "entered" in follower.stdout.readline()
        assert follower.poll() is None
        states.stop_execution(executionArn=execution, error="Enough")
        assert story(follower.stdout.read())[-1] == ("ABORTED", "Enough")
    assert follower.returncode == 0


def test_a_history_of_several_pages(server, states):  # noqa: F811
    each = {"StartAt": "Same", "States": {"Same": {"Type": "Pass", "End": True}}}
    arn = machine(states, "paged", one_state(Type="Map", ItemProcessor=each, End=True))
    execution = start(states, arn, list(range(600)), name="once")
    ended(states, execution)
    events = [json.loads(line)["id"] for line in server.cli("history", "--json", "-f", "paged/once").stdout.splitlines()]
    assert events == list(range(1, len(events) + 1)) and len(events) > 2400


# --- validate, jsonata ------------------------------------------------------------------------------------------------

WRONG = """{"StartAt": "A",
 "States": {
   "A": {"Type": "Pass", "Next": "Nowhere"},
   "B": {"Type": "Task", "Resource": "x", "End": true,
         "Retry": [{"ErrorEquals": [], "Oops": 1}]}
 }}
"""


def test_validate(place):
    file = written(place, WRONG)
    checked = mayfly("validate", file)
    lines = checked.stdout.splitlines()
    assert checked.returncode == 1 and not checked.stderr
    assert f"{file}:3:26: error: MISSING_TRANSITION_TARGET: Missing 'Next' target: Nowhere (/States/A/Next)" in lines
    assert any(line.startswith(f"{file}:5:21: error: SCHEMA_VALIDATION_FAILED: ") and "ErrorEquals" in line for line in lines)
    assert re.fullmatch(rf"{file}: errors: {len(lines) - 1}, warnings: 0", lines[-1])
    found = json.loads(mayfly("validate", "--json", file).stdout)
    assert found["result"] == "FAIL" and len(found["diagnostics"]) == len(lines) - 1
    [first] = [item for item in found["diagnostics"] if item["location"] == "/States/A/Next"]
    assert (first["severity"], first["line"], first["column"]) == ("ERROR", 3, 26)


def test_validate_agrees_with_the_api(server, place):
    found = json.loads(mayfly("validate", "--json", written(place, WRONG)).stdout)["diagnostics"]
    asked = server.client("stepfunctions").validate_state_machine_definition(definition=WRONG)["diagnostics"]
    assert [(item["code"], item["message"], item["location"]) for item in found] == [(item["code"], item["message"], item["location"]) for item in asked]


def test_validate_what_is_good_and_what_is_no_json(place):
    good = mayfly("validate", "-", input=json.dumps(STORY))
    assert (good.returncode, good.stdout) == (0, "-: OK\n")
    assert json.loads(mayfly("validate", "--json", "-", input=json.dumps(STORY)).stdout) == {"result": "OK", "diagnostics": [], "truncated": False}
    broken = mayfly("validate", "-", input='{"a":\n }')
    assert broken.returncode == 1 and broken.stdout.startswith("-:2:2: error: INVALID_JSON_DESCRIPTION: ")
    callback = one_state(Type="Task", Resource="arn:aws:states:::states:startExecution.waitForTaskToken", Parameters={}, End=True)
    assert mayfly("validate", "--type", "EXPRESS", "-", input=json.dumps(callback)).returncode == 1
    assert mayfly("validate", "--type", "STANDARD", "-", input=json.dumps(callback)).returncode == 0
    assert mayfly("validate", place / "none").returncode == 1
    for words in ([], ["a", "b"], ["--type", "odd", "a"]):
        assert mayfly("validate", *words).returncode == 2, words


@pytest.mark.parametrize(
    "expression, given, code, output, error",
    [
        ("a + 1", '{"a": 1}', 0, "2\n", ""),
        ("$exists($)", " \n", 0, "false\n", ""),
        ("a", "", 0, "", ""),
        ("b", '{"a": 1}', 0, "", ""),
        ("null", "", 0, "null\n", ""),
        ("'x'", "", 0, '"x"\n', ""),
        ("1 +", "1", 1, "", "S0207: "),
        ("'a' + 1", "1", 1, "", "T2001: "),
        ("$error('no')", "1", 1, "", "D3137: no"),
    ],
)
def test_jsonata(expression, given, code, output, error):
    done = mayfly("jsonata", expression, input=given)
    assert (done.returncode, done.stdout) == (code, output) and done.stderr.startswith(error) and bool(done.stderr) == bool(error)
