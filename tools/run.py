# run.py - `make run`: the example from its template to results, as a user would do it with the AWS CLI, told as it happens.
"""
Starts a server on a fresh folder below .mayfly/, deploys the example's template, uploads its data, lets the schedule start the
pipeline, follows state machine, cluster and step, shows the results, deletes the stack, and checks that nothing is left. Ends
with 1 when anything of that did not come true.
"""

import csv
import glob
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import threading
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

import boto3
from botocore.exceptions import BotoCoreError

ROOT = Path(__file__).resolve().parent.parent
MAYFLY = ROOT / "build" / "mayfly"
AWS = ROOT / ".deps" / "venv" / "bin" / "aws"
STACK, TEMPLATE = "covid", "examples/covid/template.yaml"
SCHEDULED_IN_SECONDS = 6  # time for the AWS CLI to say so
START_SECONDS_MAX = 120
INSTANCE_TYPE, INSTANCES = "m5.xlarge", 3
DOLLARS_PER_HOUR = 0.192 + 0.048  # us-east-1, on demand: the instance and EMR's share
BILLED_SECONDS_MIN = 60
STOP_SECONDS_MAX = 30
LAST_LINES_SECONDS_MAX = 1
LIVE = ("STARTING", "BOOTSTRAPPING", "RUNNING", "WAITING", "TERMINATING")
LOG_LINES_OF_INTEREST = re.compile(
    r" (WARN|ERROR) (?!NativeCodeLoader|Utils|MetricsConfig)|Running Spark version|Traceback|Error:"
)
OTHER_LINES = re.compile(r"\S+ \d\d:\d\d:\d\d [A-Z]+ |\s|\[rdd_|\+- ")  # of Spark's own, and parts of its plans
SPARK_PREFIX = re.compile(r"^\S+ \d\d:\d\d:\d\d INFO \w+: ")

began = time.time()
colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ


class Failed(Exception):
    """Something of the story did not come true; the text says what."""


def paint(code, text):
    return f"\033[{code}m{text}\033[0m" if colour else text


def tell(what, text="", when=None):
    print(paint(2, f"{(when or time.time()) - began:6.2f} s") + f"  {what:<9}{text}", flush=True)


def headline(text):
    print("\n" + paint(1, text), flush=True)


# --- the server -------------------------------------------------------------------------------------------------------


def start_server(folder):
    """-> (process, endpoint), when it has said that it is ready."""
    log = open(folder / "server.log", "wb")
    command = [MAYFLY, "serve", "--port", "0", "--data", folder / "data"]
    server = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=log, text=True, cwd=folder, start_new_session=True
    )
    line = server.stdout.readline().split()
    if line[:1] != ["ready"]:
        raise Failed(f"the server did not start: {(folder / 'server.log').read_text().strip()[-500:]}")
    return server, line[1]


def stop_server(server):
    if server.poll() is None:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            server.kill()
            raise Failed(f"the server did not stop within {STOP_SECONDS_MAX} s")


def environment(endpoint):
    """What `eval "$(mayfly env)"` would set, for the commands below."""
    said = subprocess.run(
        [MAYFLY, "env", "--port", endpoint.rsplit(":", 1)[1]], stdout=subprocess.PIPE, text=True, check=True
    )
    return os.environ | dict(re.findall(r"export (\w+)=['\"]?([^'\"\n]*)", said.stdout))


def descendants(pid):
    children = {}
    for status in glob.glob("/proc/[0-9]*/stat"):
        try:
            text = Path(status).read_text()
        except OSError:
            continue
        child, rest = text.split(" ", 1)[0], text.rsplit(")", 1)[1].split()
        children.setdefault(int(rest[1]), []).append(int(child))
    found = list(children.get(pid, []))
    for child in found:
        found += children.get(child, [])
    return found


def strays(folder):
    """Processes that work inside the folder, whoever their parent is by now."""
    found = []
    for link in glob.glob("/proc/[0-9]*/cwd"):
        try:
            inside = Path(os.readlink(link)).is_relative_to(folder / "data")
        except OSError:
            continue
        if inside:
            found.append(int(link.split("/")[2]))
    return found


# --- the AWS CLI ------------------------------------------------------------------------------------------------------


def aws(*words, env):
    """Shows the command as one would type it, runs it, and returns its standard output."""
    lines, line = [], "$ aws"
    for word in (shlex.quote(str(word)) for word in words):
        if len(line) + len(word) > 96 and word.startswith("-"):
            lines, line = [*lines, line + " \\"], "     "
        line += " " + word
    for text in [*lines, line]:
        print(" " * 10 + text, flush=True)
    done = subprocess.run([AWS, *words], env=env, capture_output=True, text=True)
    if done.returncode != 0:
        raise Failed(f"aws {words[0]} {words[1]}: {done.stderr.strip()}")
    return done.stdout


def deploy(schedule, env):
    aws(
        "cloudformation", "deploy", "--stack-name", STACK, "--template-file", TEMPLATE, "--capabilities", "CAPABILITY_IAM",
        "--parameter-overrides", f"InstanceType={INSTANCE_TYPE}", f"InstanceCount={INSTANCES}", "ScheduleTimezone=UTC",
        *([f"ScheduleExpression={schedule}"] if schedule else []),
        env=env,
    )  # fmt: skip


def outputs(cloudformation):
    stack = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]
    return stack["StackStatus"], {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


# --- following --------------------------------------------------------------------------------------------------------


def show_log(stream):
    for line in stream:
        line = line.rstrip("\n")
        if not OTHER_LINES.match(line) or LOG_LINES_OF_INTEREST.search(line):
            tell("", paint(2, "| " + SPARK_PREFIX.sub("", line)[:100]))


def follow_log(cluster, env):
    command = [MAYFLY, "logs", "-f", cluster]
    follower = subprocess.Popen(
        command, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, errors="replace"
    )
    reader = threading.Thread(target=show_log, args=(follower.stdout,), daemon=True)
    reader.start()
    return follower, reader


def reason(status):
    why = status.get("StateChangeReason", {})
    return "  ".join(why[part] for part in ("Code", "Message") if why.get(part))


def first_execution(states, machine):
    """Waits for what the schedule starts."""
    deadline = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < deadline:
        executions = states.list_executions(stateMachineArn=machine)["executions"]
        if executions:
            return executions[0]["executionArn"]
        time.sleep(0.02)
    raise Failed(f"the schedule has started nothing within {START_SECONDS_MAX} s")


def state_moments(states, execution):
    for event in states.get_execution_history(executionArn=execution)["events"]:
        kind, when = event["type"], event["timestamp"]
        if kind == "ExecutionStarted":
            yield when, "machine", "started by the schedule"
        elif kind == "TaskStateEntered":
            yield when, "state", event["stateEnteredEventDetails"]["name"]
        elif kind.startswith("Execution"):
            details = event.get(f"e{kind[1:]}EventDetails", {})
            yield when, "machine", f"{kind[9:].upper():<12}{details.get('error', '')} {details.get('cause', '')}".rstrip()


def cluster_moments(about, step):
    """What has happened so far and when, by the service's own clock."""
    life, work = about["Status"]["Timeline"], step["Status"]["Timeline"] if step else {}
    yield life.get("CreationDateTime"), "cluster", f"{'STARTING':<12}{about['Id']}"
    yield life.get("ReadyDateTime"), "cluster", "WAITING"
    yield work.get("StartDateTime"), "step", f"{'RUNNING':<12}{step['Name'] if step else ''}"
    yield work.get("EndDateTime"), "step", f"{step['Status']['State']:<12}{reason(step['Status'])}" if step else ""
    yield life.get("EndDateTime"), "cluster", f"{about['Status']['State']:<12}{reason(about['Status'])}"


def look(clients, execution):
    """-> (cluster, step, moments in order); the first two None while there are none."""
    states, emr = clients
    clusters = emr.list_clusters()["Clusters"]
    about = emr.describe_cluster(ClusterId=clusters[0]["Id"])["Cluster"] if clusters else None
    steps = emr.list_steps(ClusterId=about["Id"])["Steps"] if about else []
    step = steps[0] if steps else None
    past = list(state_moments(states, execution)) + (list(cluster_moments(about, step)) if about else [])
    return about, step, sorted((when.timestamp(), what, text) for when, what, text in past if when)


def follow(clients, execution, env):
    """Tells what happens until the execution has ended. -> (its description, cluster, step)"""
    told, log = set(), None
    while True:
        about_execution = clients[0].describe_execution(executionArn=execution)
        about, step, past = look(clients, execution)
        news = [moment for moment in past if moment not in told]
        if log and step and "EndDateTime" in step["Status"]["Timeline"]:
            log = finish_log(log)
        for when, what, text in news:
            tell(what, text, when)
        told.update(news)
        if step and step["Status"]["State"] == "RUNNING" and log is None:
            log = follow_log(about["Id"], env)
        if about_execution["status"] != "RUNNING":
            return about_execution, about, step
        time.sleep(0.05)


def finish_log(log):
    """What is still on its way comes before the news that the step has ended; then nobody follows any more."""
    follower, reader = log
    reader.join(LAST_LINES_SECONDS_MAX)
    follower.terminate()
    follower.wait()
    return None


# --- the end of the story ---------------------------------------------------------------------------------------------


def rows_of(folder, table):
    paths = list(folder.glob(f"results/*/{table}/*.csv"))
    if len(paths) != 1:
        raise Failed(f"{len(paths)} result files of {table}, not one")
    with open(paths[0], newline="") as file:
        return list(csv.reader(file))


def show_table(rows, count):
    widths = [max(len(row[i]) for row in rows[: count + 1]) for i in range(len(rows[0]))]
    for row in rows[: count + 1]:
        print("  " + "   ".join(f"{cell:>{width}}" for cell, width in zip(row, widths)))
    if len(rows) - 1 > count:
        print(paint(2, f"  ... {len(rows) - 1 - count:,} more"))


def show_times(ready, deployed, execution, about, step):
    def seconds(later, earlier):
        return (later - earlier).total_seconds()

    whole, part = about["Status"]["Timeline"], step["Status"]["Timeline"]
    headline("Time")
    for what, took in (
        ("server start to ready", ready),
        ("template deployed, data uploaded, schedule set", deployed),
        ("execution started to step started", seconds(part["StartDateTime"], execution["startDate"])),
        ("the step: Spark", seconds(part["EndDateTime"], part["StartDateTime"])),
        ("step ended to cluster gone, execution succeeded", seconds(execution["stopDate"], part["EndDateTime"])),
        ("everything, with the downloads", time.time() - began),
    ):
        print(f"  {what:<52}{took:8.2f} s")
    billed = max(BILLED_SECONDS_MIN, seconds(whole["EndDateTime"], whole["CreationDateTime"]))
    headline("Price")
    print(
        f"  here nothing; on EMR {INSTANCES} {INSTANCE_TYPE} for {billed:.0f} s (billed by the second, one minute at least)"
    )
    print(
        f"  at ${DOLLARS_PER_HOUR:.3f} an hour each: ${INSTANCES * DOLLARS_PER_HOUR * billed / 3600:.4f}, and the minutes of its start"
    )


def check_nothing_left(server, folder, about, cloudformation):
    left = sorted(set(descendants(server.pid)) | set(strays(folder)) - {server.pid})
    work = [path.name for path in (folder / "data" / "work").glob("*")]
    stacks = [stack["StackName"] for stack in cloudformation.describe_stacks()["Stacks"]]
    headline("Left behind")
    print(
        f"  cluster {about['Id']} is {about['Status']['State']}; {len(left)} processes, {len(work)} work folders, "
        f"{len(stacks)} stacks"
    )
    if left or work or stacks:
        raise Failed(f"something is left behind: processes {left}, folders {work}, stacks {stacks}")


def show_history(states, execution, env):
    events = states.get_execution_history(executionArn=execution)["events"]
    group = f"/aws/vendedlogs/states/{STACK}"
    lines = boto3.client("logs").filter_log_events(logGroupName=group)["events"]
    headline("History")
    print(f"  {len(events)} events of the execution; {len(lines)} lines in the log group {group}; as a person reads them:")
    said = subprocess.run([MAYFLY, "history", execution], env=env, capture_output=True, text=True, check=True)
    print("".join(f"  {line}\n" for line in said.stdout.splitlines()[:40]), end="")


def explain_failure(execution, about, step):
    details = step["Status"].get("FailureDetails", {}) if step else {}
    cluster = f"cluster {about['Id']} is {about['Status']['State']}" if about else "there was no cluster"
    raise Failed(
        f"the execution is {execution['status']}: {execution.get('error', '')} {execution.get('cause', '')}; {cluster} "
        f"{details.get('Message', '')} {details.get('LogFile', '')}"
    )


def delete_stack(names, folder, env):
    """As with the real service, a bucket has to be empty first."""
    for bucket in ("RawBucketName", "ProcessedBucketName", "LogBucketName"):
        aws("s3", "rm", "--recursive", "--only-show-errors", f"s3://{names[bucket]}/", env=env)
    aws("cloudformation", "delete-stack", "--stack-name", STACK, env=env)
    aws("cloudformation", "wait", "stack-delete-complete", "--stack-name", STACK, env=env)


def tell_story(server, endpoint, folder):
    ready = time.time() - began
    tell("server", f"{endpoint}  data in {folder.relative_to(ROOT)}/data")
    env = environment(endpoint)
    os.environ.update(env)
    cloudformation, states = boto3.client("cloudformation"), boto3.client("stepfunctions")
    deploying = time.monotonic()
    deploy(None, env)
    status, names = outputs(cloudformation)
    tell("stack", f"{status}  {len(cloudformation.describe_stack_resources(StackName=STACK)['StackResources'])} resources")
    aws("s3", "sync", "--only-show-errors", "examples/covid/", f"s3://{names['RawBucketName']}/", env=env)
    due = datetime.now(timezone.utc).replace(microsecond=0) + timedelta(seconds=SCHEDULED_IN_SECONDS)
    deploy(f"at({due:%Y-%m-%dT%H:%M:%S})", env)
    tell("schedule", f"due at {due:%H:%M:%S} UTC")
    deployed = time.monotonic() - deploying

    clients = states, boto3.client("emr")
    execution, about, step = follow(clients, first_execution(states, names["PipelineArn"]), env)
    if execution["status"] != "SUCCEEDED" or about["Status"]["State"] != "TERMINATED":
        explain_failure(execution, about, step)

    short = folder.relative_to(ROOT)
    for what, bucket, prefix in (("results", "ProcessedBucketName", "processed/"), ("logs", "LogBucketName", "")):
        aws("s3", "sync", "--only-show-errors", f"s3://{names[bucket]}/{prefix}", f"{short}/{what}/", env=env)
    headline("Monthly averages by state")
    show_table(rows_of(folder, "monthly_averages"), 8)
    headline("Records removed")
    show_table(rows_of(folder, "removed_records"), 8)
    show_history(states, execution["executionArn"], env)
    headline("Where")
    print(f"  results   {short}/results/   from s3://{names['ProcessedBucketName']}/processed/")
    print(f"  logs      {short}/logs/      from s3://{names['LogBucketName']}/")
    show_times(ready, deployed, execution, about, step)
    headline("The stack goes")
    delete_stack(names, folder, env)
    check_nothing_left(server, folder, about, cloudformation)


def take_down(server, endpoint):
    """Whatever happened: no cluster, no server."""
    try:
        emr = boto3.client(
            "emr", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
        )
        live = [cluster["Id"] for cluster in emr.list_clusters(ClusterStates=list(LIVE))["Clusters"]]
        if live:
            emr.terminate_job_flows(JobFlowIds=live)
            tell("", "ending " + ", ".join(live))
            deadline = time.monotonic() + STOP_SECONDS_MAX
            while emr.list_clusters(ClusterStates=list(LIVE))["Clusters"] and time.monotonic() < deadline:
                time.sleep(0.1)
    except BotoCoreError:
        pass  # a server that does not answer has nothing running that its end would not end
    finally:
        stop_server(server)


def main():
    os.chdir(ROOT)
    os.umask(0o022)
    folder = ROOT / ".mayfly" / datetime.now().strftime("run-%Y%m%d-%H%M%S")
    folder.mkdir(parents=True)
    print(paint(1, "Mayfly") + ": from one template to results, on a Spark cluster that lives only as long as its work\n")
    try:
        server, endpoint = start_server(folder)
        try:
            tell_story(server, endpoint, folder)
        finally:
            take_down(server, endpoint)
        print("  server stopped")
    except Failed as failure:
        sys.exit(f"\nmake run failed: {failure}\nThe server's log: {folder.relative_to(ROOT)}/server.log")
    except KeyboardInterrupt:
        sys.exit("\nstopped; cluster and server are gone")


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    main()
