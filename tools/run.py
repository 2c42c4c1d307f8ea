# run.py - `make run`: the example from raw data to results, as a user would do it with the AWS CLI, told as it happens.
"""
Starts a server on a fresh folder below .mayfly/, uploads the example, creates a transient cluster for one Spark step,
follows both, shows the results, and checks that nothing is left. Ends with 1 when anything of that did not come true.
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
from datetime import datetime
from pathlib import Path

import boto3
from botocore.exceptions import BotoCoreError

ROOT = Path(__file__).resolve().parent.parent
MAYFLY = ROOT / "build" / "mayfly"
AWS = ROOT / ".deps" / "venv" / "bin" / "aws"
LAKE, LOGS = "covid-lake", "covid-logs"
INSTANCE_TYPE, INSTANCES = "m5.xlarge", 3
DOLLARS_PER_HOUR = 0.192 + 0.048  # us-east-1, on demand: the instance and EMR's share
BILLED_SECONDS_MIN = 60
STOP_SECONDS_MAX = 30
LAST_LINES_SECONDS_MAX = 1
LIVE = ("STARTING", "BOOTSTRAPPING", "RUNNING", "WAITING", "TERMINATING")
LOG_LINES_OF_INTEREST = re.compile(
    r" (WARN|ERROR) (?!NativeCodeLoader|Utils|MetricsConfig)|Running Spark version|Job \d+ finished|Traceback|Error:"
)
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


def create_cluster(env):
    arguments = f"s3://{LAKE}/monthly_averages.py,--input,s3://{LAKE}/data/,--output,s3://{LAKE}/processed/"
    created = aws(
        "emr", "create-cluster", "--name", "covid-monthly", "--release-label", "emr-7.2.0",
        "--applications", "Name=Spark", "--instance-type", INSTANCE_TYPE, "--instance-count", str(INSTANCES),
        "--use-default-roles", "--auto-terminate", "--log-uri", f"s3://{LOGS}/",
        "--steps", f"Type=Spark,Name=monthly averages,ActionOnFailure=TERMINATE_CLUSTER,Args=[{arguments}]",
        env=env | {"AWS_DEFAULT_OUTPUT": "json"},
    )  # fmt: skip
    return json.loads(created)["ClusterId"]


# --- following --------------------------------------------------------------------------------------------------------


def show_log(stream):
    for line in stream:
        line = line.rstrip("\n")
        if not re.match(r"\S+ \d\d:\d\d:\d\d [A-Z]+ |\s", line) or LOG_LINES_OF_INTEREST.search(line):
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


def moments(about, step):
    """What has happened so far and when, by the service's own clock."""
    life, work = about["Status"]["Timeline"], step["Status"]["Timeline"]
    yield life.get("CreationDateTime"), "cluster", f"{'STARTING':<12}{about['Id']}"
    yield life.get("ReadyDateTime"), "cluster", "RUNNING"
    yield work.get("StartDateTime"), "step", f"{'RUNNING':<12}{step['Name']}"
    yield work.get("EndDateTime"), "step", f"{step['Status']['State']:<12}{reason(step['Status'])}"
    yield life.get("EndDateTime"), "cluster", f"{about['Status']['State']:<12}{reason(about['Status'])}"


def follow(emr, cluster, env):
    """Tells what happens until the cluster has ended. -> (cluster, step) as the API describes them at the end."""
    told, log = 0, None
    while True:
        about = emr.describe_cluster(ClusterId=cluster)["Cluster"]
        step = emr.list_steps(ClusterId=cluster)["Steps"][0]
        past = [(when.timestamp(), what, text) for when, what, text in moments(about, step) if when]
        if log and len(past) > told and "EndDateTime" in step["Status"]["Timeline"]:
            finish_log(log)
        for when, what, text in past[told:]:
            tell(what, text, when)
        told = max(told, len(past))
        if step["Status"]["State"] != "PENDING" and log is None:
            log = follow_log(cluster, env)
        if about["Status"]["State"] not in LIVE:
            return about, step
        time.sleep(0.05)


def finish_log(log):
    """What is still on its way comes before the news that the step has ended; then nobody follows any more."""
    follower, reader = log
    reader.join(LAST_LINES_SECONDS_MAX)
    follower.terminate()
    follower.wait()


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


def show_times(ready, uploaded, about, step):
    def seconds(later, earlier):
        return (later - earlier).total_seconds()

    whole, part = about["Status"]["Timeline"], step["Status"]["Timeline"]
    headline("Time")
    for what, took in (
        ("server start to ready", ready),
        ("buckets and upload (four runs of the AWS CLI)", uploaded),
        ("cluster requested to step started", seconds(part["StartDateTime"], whole["CreationDateTime"])),
        ("the step: Spark", seconds(part["EndDateTime"], part["StartDateTime"])),
        ("step ended to cluster gone, logs uploaded", seconds(whole["EndDateTime"], part["EndDateTime"])),
        ("everything, with the downloads", time.time() - began),
    ):
        print(f"  {what:<48}{took:8.2f} s")
    billed = max(BILLED_SECONDS_MIN, seconds(whole["EndDateTime"], whole["CreationDateTime"]))
    headline("Price")
    print(
        f"  here nothing; on EMR {INSTANCES} {INSTANCE_TYPE} for {billed:.0f} s (billed by the second, one minute at least)"
    )
    print(
        f"  at ${DOLLARS_PER_HOUR:.3f} an hour each: ${INSTANCES * DOLLARS_PER_HOUR * billed / 3600:.4f}, and the minutes of its start"
    )


def check_nothing_left(server, folder, about):
    left = sorted(set(descendants(server.pid)) | set(strays(folder)) - {server.pid})
    work = [path.name for path in (folder / "data" / "work").glob("*")]
    headline("Left behind")
    print(f"  cluster {about['Id']} is {about['Status']['State']}; {len(left)} processes, {len(work)} work folders")
    if left or work:
        raise Failed(f"something is left behind: processes {left}, folders {work}")


def show_places(folder, cluster):
    short = folder.relative_to(ROOT)
    headline("Where")
    print(f"  results   s3://{LAKE}/processed/   copied to {short}/results/")
    print(f"  logs      s3://{LOGS}/{cluster}/   as files below {short}/data/objects/")
    print("  to look again:")
    print(f"      build/mayfly serve --data {short}/data &")
    print('      eval "$(build/mayfly env)"; export PATH="$PWD/.deps/venv/bin:$PATH"')
    print(f"      aws s3 ls --recursive s3://{LOGS}/; build/mayfly steps {cluster}; build/mayfly logs {cluster}")


def explain_failure(about, step):
    details = step["Status"].get("FailureDetails", {})
    raise Failed(
        f"step {step['Id']} is {step['Status']['State']}, cluster {about['Id']} is {about['Status']['State']}: "
        f"{reason(about['Status'])} {details.get('Message', '')} {details.get('LogFile', '')}"
    )


def tell_story(server, endpoint, folder):
    ready = time.time() - began
    tell("server", f"{endpoint}  data in {folder.relative_to(ROOT)}/data")
    env = environment(endpoint)
    uploading = time.monotonic()
    for bucket in (LAKE, LOGS):
        aws("s3", "mb", f"s3://{bucket}", env=env)
    aws("s3", "sync", "--only-show-errors", "examples/covid/", f"s3://{LAKE}/", env=env)
    cluster = create_cluster(env)
    uploaded = time.monotonic() - uploading

    os.environ.update(env)
    about, step = follow(boto3.client("emr"), cluster, env)
    if (about["Status"]["State"], step["Status"]["State"]) != ("TERMINATED", "COMPLETED"):
        explain_failure(about, step)

    aws("s3", "sync", "--only-show-errors", f"s3://{LAKE}/processed/", f"{folder.relative_to(ROOT)}/results/", env=env)
    headline("Monthly averages by state")
    show_table(rows_of(folder, "monthly_averages"), 8)
    headline("Records removed")
    show_table(rows_of(folder, "removed_records"), 8)
    show_places(folder, about["Id"])
    show_times(ready, uploaded, about, step)
    check_nothing_left(server, folder, about)


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
    print(paint(1, "Mayfly") + ": a Spark cluster that lives only as long as its work\n")
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
