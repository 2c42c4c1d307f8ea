# bench.py - `make bench`: what the README claims about speed, measured: medians, beside peers, in one run.
"""
    bench/run [NAME ...]      only these benchmarks: start describe launch objects streams listing crowd map states sleepers invoke policy schedules events stacks
The server under test has one core, the load generator (wrk) the other.
"""

import http.client
import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import access
import peers
import schedules
import stacks
import states
from common import LOAD_SECONDS, OPEN_S3, RUNS, SERVER_CORE, client, each, lua_headers, median, row, rows, signed, wrk

SMALL_BYTES = 4096
STREAM_BYTES = 1 << 30
LIST_KEYS = int(os.environ.get("LIST_KEYS", "1000000"))
CROWD_CLUSTERS, CROWD_STEPS = 100, 1000
MAP_ITEMS = 100_000
INVOKES = 300


# --- start and size ----------------------------------------------------------------------------------------------------


def bench_start():
    for start in (peers.mayfly, peers.moto, peers.ministack):
        times, sizes = [], []
        for _ in range(RUNS):
            for server in each(start):
                times.append(server.start_ms)
                sizes.append(server.idle_mb())
                name = server.name
        if times:
            goal = start is peers.mayfly
            row("start to ready", name, statistics.median(times), "ms", "goal <= 30" if goal else "")
            row("idle memory", name, statistics.median(sizes), "MB", "goal <= 15" if goal else "")


# --- control plane -----------------------------------------------------------------------------------------------------


def run_job_flow(server, steps=(), keep=True, **more):
    return client(server, "emr").run_job_flow(
        Name="bench", ReleaseLabel="emr-7.2.0", Instances={
            "MasterInstanceType": "m5.xlarge", "SlaveInstanceType": "m5.xlarge", "InstanceCount": 3, "KeepJobFlowAliveWhenNoSteps": keep},
        JobFlowRole="EMR_EC2_DefaultRole", ServiceRole="EMR_DefaultRole", Steps=list(steps), **more)["JobFlowId"]


def bench_describe():
    for server in each(peers.mayfly, peers.moto, peers.ministack):
        body = json.dumps({"ClusterId": run_job_flow(server)})
        script = f'wrk.method="POST" wrk.body={json.dumps(body)}\n' + lua_headers({
            "X-Amz-Target": "ElasticMapReduce.DescribeCluster", "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Date": "20260101T000000Z", "Authorization": signed("elasticmapreduce")})
        row("DescribeCluster, one core", server.name, median(lambda: wrk(server, script)), "/s",
            "goal >= 20,000" if server.name == "mayfly" else "")


def launch_ms(server, folder):
    """From the call of RunJobFlow to the first instruction of the step's program (a shell that looks at the clock)."""
    mark = Path(tempfile.mktemp(dir=folder))
    body = json.dumps({
        "Name": "launch", "ReleaseLabel": "emr-7.2.0", "Instances": {"MasterInstanceType": "m5.xlarge", "InstanceCount": 1},
        "Steps": [{"Name": "now", "HadoopJarStep": {"Jar": "command-runner.jar", "Args": ["bash", "-c", f"echo $EPOCHREALTIME > {mark}.x; mv {mark}.x {mark}"]}}]})
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    connection.connect()
    began = time.time()
    connection.request("POST", "/", body, {
        "X-Amz-Target": "ElasticMapReduce.RunJobFlow", "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Date": "20260101T000000Z", "Authorization": signed("elasticmapreduce")})
    assert connection.getresponse().status == 200
    while not mark.exists():
        time.sleep(0.002)
    return (float(mark.read_text()) - began) * 1000


def bench_launch():
    with tempfile.TemporaryDirectory() as folder, peers.mayfly() as server:
        row("RunJobFlow to the step's first instruction", server.name, median(lambda: launch_ms(server, folder), 21), "ms", "goal <= 10")
    bare = []
    for _ in range(21):
        began = time.time()
        said = subprocess.run(["bash", "-c", "echo $EPOCHREALTIME"], capture_output=True, text=True).stdout
        bare.append((float(said) - began) * 1000)
    row("  limit: a shell started directly", "(bash)", statistics.median(bare), "ms")


# --- objects -----------------------------------------------------------------------------------------------------------


def bench_objects():
    put = f'wrk.method="PUT" wrk.body=string.rep("x",{SMALL_BYTES}) local i=0\n'
    put += 'request=function() i=i+1 return wrk.format(nil,"/bench/k"..i) end\n'
    for server in each(peers.mayfly, peers.moto, peers.ministack, peers.versitygw):
        s3 = client(server, "s3")
        s3.create_bucket(Bucket="bench")
        s3.put_object(Bucket="bench", Key="small", Body=b"x" * SMALL_BYTES)
        if server.name == "versitygw":
            # It checks signatures, which wrk cannot make: presigned addresses, and one key overwritten.
            get_url = s3.generate_presigned_url("get_object", Params={"Bucket": "bench", "Key": "small"}, ExpiresIn=3600)
            put_url = s3.generate_presigned_url("put_object", Params={"Bucket": "bench", "Key": "small"}, ExpiresIn=3600)
            get = f"wrk.path={json.dumps(get_url.removeprefix(server.url))}\n"
            put_script = f'wrk.method="PUT" wrk.body=string.rep("x",{SMALL_BYTES}) wrk.path={json.dumps(put_url.removeprefix(server.url))}\n'
        else:
            scope = lua_headers(OPEN_S3)
            get, put_script = 'wrk.path="/bench/small"\n' + scope, put + scope
        ours = server.name == "mayfly"
        row(f"GET of {SMALL_BYTES} bytes, one core", server.name, median(lambda: wrk(server, get)), "/s", "goal >= 30,000" if ours else "")
        note = "on disk before the answer" if ours else "not synced before the answer"
        row(f"PUT of {SMALL_BYTES} bytes, 64 clients, one core", server.name, median(lambda: wrk(server, put_script, 64)), "/s", note)


def stream(server, method, path, body=None):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, blocksize=1 << 20)
    began = time.monotonic()
    headers = dict(OPEN_S3)
    if body:
        headers["Content-Length"] = str(STREAM_BYTES)
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    buffer = bytearray(1 << 20)
    while answer.readinto(buffer):
        pass
    assert answer.status == 200, answer.status
    return STREAM_BYTES / (time.monotonic() - began) / 1e6


def disk_mb_per_s(folder):
    block, began = b"\xa5" * (1 << 20), time.monotonic()
    with open(Path(folder) / "limit", "wb") as f:
        for _ in range(STREAM_BYTES >> 20):
            f.write(block)
        os.fdatasync(f.fileno())
    speed = STREAM_BYTES / (time.monotonic() - began) / 1e6
    os.unlink(Path(folder) / "limit")
    return speed


def bench_streams():
    with tempfile.TemporaryDirectory() as folder, peers.mayfly() as server:
        client(server, "s3").create_bucket(Bucket="bench")
        source = Path(folder) / "gigabyte"
        with open(source, "wb") as f:
            for _ in range(STREAM_BYTES >> 20):
                f.write(os.urandom(1 << 10) * (1 << 10))

        def put():
            with open(source, "rb") as body:
                return stream(server, "PUT", "/bench/gigabyte", body)

        # In turns: what a write costs depends on how much memory the kernel has at hand for it.
        puts, limits = zip(*((put(), disk_mb_per_s(folder)) for _ in range(2 * RUNS)))
        row("PUT of 1 GiB, on disk before the answer", server.name, statistics.median(puts), "MB/s")
        row("  limit: the same bytes written and synced", "(disk)", statistics.median(limits), "MB/s")
        row("GET of 1 GiB", server.name, median(lambda: stream(server, "GET", "/bench/gigabyte")), "MB/s")


def fill(server, count):
    """Empty objects, a thousand folders; as many as asked for, or a few more."""
    made = 0
    while made < count:
        script = f'wrk.method="PUT" wrk.body="" local n={made}\n'
        script += lua_headers(OPEN_S3)
        script += 'request=function() n=n+1 return wrk.format(nil,string.format("/bench/folder%03d/key%07d",n%1000,n)) end\n'
        made += int(wrk(server, script, 64) * LOAD_SECONDS)


def bench_listing():
    with peers.mayfly() as server:
        s3 = client(server, "s3")
        s3.create_bucket(Bucket="bench")
        fill(server, LIST_KEYS)

        def page():
            began = time.monotonic()
            connection = http.client.HTTPConnection("127.0.0.1", server.port)
            connection.request("GET", "/bench?list-type=2&max-keys=1000&start-after=folder500/", headers=OPEN_S3)
            assert connection.getresponse().read().count(b"<Key>") == 1000
            return (time.monotonic() - began) * 1000

        row(f"list 1,000 of {LIST_KEYS:,} keys", server.name, median(page, 11), "ms", "goal <= 20")


# --- many clusters -----------------------------------------------------------------------------------------------------


def bench_crowd():
    step = {"Name": "wait", "ActionOnFailure": "CONTINUE", "HadoopJarStep": {"Jar": "command-runner.jar", "Args": ["sleep", "3600"]}}
    with peers.mayfly(None, "--quotas", "none") as server:
        emr, ids = client(server, "emr"), []
        began = time.monotonic()
        for _ in range(CROWD_CLUSTERS):
            ids.append(run_job_flow(server, [step]))
            for _ in range(CROWD_STEPS // 200):
                emr.add_job_flow_steps(JobFlowId=ids[-1], Steps=[step] * 200)
        row(f"{CROWD_CLUSTERS} clusters with {CROWD_STEPS} steps queued each: made in", server.name, time.monotonic() - began, "s")
        row("  memory of the server", server.name, peers.resident_mb(server.process.pid, whole_tree=False), "MB")
        body = json.dumps({"ClusterId": ids[50]})
        script = f'wrk.method="POST" wrk.body={json.dumps(body)}\n' + lua_headers({
            "X-Amz-Target": "ElasticMapReduce.DescribeCluster", "Content-Type": "application/x-amz-json-1.1", "Authorization": signed("elasticmapreduce"),
            "X-Amz-Date": "20260101T000000Z"})
        row("  DescribeCluster among them", server.name, wrk(server, script), "/s")
        for at in range(0, CROWD_CLUSTERS, 10):
            emr.terminate_job_flows(JobFlowIds=ids[at:at + 10])
        while any(c["Status"]["State"] != "TERMINATED" for c in emr.list_clusters()["Clusters"]):
            time.sleep(0.1)


# --- a distributed map -------------------------------------------------------------------------------------------------


def map_machine(kind):
    """Each line of an object is a child execution, and its result is written to a bucket."""
    child = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": kind}, "StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}
    reader = {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "JSONL"}, "Parameters": {"Bucket": "bench", "Key": "items"}}
    writer = {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "bench", "Prefix": "out"}}
    return {"StartAt": "Each", "States": {"Each": {"Type": "Map", "End": True, "ItemProcessor": child, "ItemReader": reader, "ResultWriter": writer}}}


def bench_map():
    with peers.mayfly(SERVER_CORE) as server:
        states, s3 = client(server, "stepfunctions"), client(server, "s3")
        s3.create_bucket(Bucket="bench")
        s3.put_object(Bucket="bench", Key="items", Body="".join(f'{{"i":{i}}}\n' for i in range(MAP_ITEMS)))
        for kind in ("STANDARD", "EXPRESS"):
            arn = states.create_state_machine(name=f"map-{kind}", definition=json.dumps(map_machine(kind)), roleArn="arn:aws:iam::000000000000:role/b")["stateMachineArn"]
            began = time.monotonic()
            execution = states.start_execution(stateMachineArn=arn)["executionArn"]
            slowest = 0
            while (about := states.describe_execution(executionArn=execution))["status"] == "RUNNING":
                asked = time.monotonic()
                states.list_map_runs(executionArn=execution)
                slowest = max(slowest, time.monotonic() - asked)
                time.sleep(0.05)
            assert about["status"] == "SUCCEEDED", about
            row(f"distributed map of {MAP_ITEMS:,} items, {kind}, S3 to S3", server.name, time.monotonic() - began, "s")
            row("  slowest answer to another request meanwhile", server.name, slowest * 1000, "ms")
        row("  memory of the server after both", server.name, peers.resident_mb(server.process.pid, whole_tree=False), "MB")


# --- functions ---------------------------------------------------------------------------------------------------------


def invoke_ms(functions, event):
    """One invocation, checked: the answer says what was asked and that the process is the same."""
    began = time.monotonic()
    payload = json.loads(functions.invoke(FunctionName="bench", Payload=json.dumps({"n": event}))["Payload"].read())
    took = (time.monotonic() - began) * 1000
    if not isinstance(payload, dict) or payload.get("n") != event:
        raise RuntimeError(f"the function was not run: {str(payload)[:200]}")
    return took, payload["calls"]


def bench_invoke():
    """boto3 to the function's process and back; a peer that cannot run functions here is left out."""
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as z:
        z.writestr("app.py", "calls = 0\ndef handler(event, context):\n    global calls\n    calls += 1\n    return {'n': event['n'], 'calls': calls}\n")
    for server in each(peers.mayfly, peers.ministack, peers.moto):
        functions = client(server, "lambda")
        try:
            functions.create_function(FunctionName="bench", Runtime="python3.12", Role="arn:aws:iam::000000000000:role/bench", Handler="app.handler", Code={"ZipFile": code.getvalue()})
            functions.get_waiter("function_active_v2").wait(FunctionName="bench")
            cold, _ = invoke_ms(functions, -1)
            warm = [invoke_ms(functions, n) for n in range(INVOKES)]
        except Exception as why:
            print(f"  left out: {server.name}: {why}")
            continue
        row("Invoke, first: a process is started", server.name, cold, "ms")
        row(f"Invoke, warm: median of {INVOKES}", server.name, statistics.median(ms for ms, _ in warm), "ms")
        row("  of them in the same process", server.name, sum(calls > 1 for _, calls in warm), "")


BENCHES = {"start": bench_start, "describe": bench_describe, "launch": bench_launch, "objects": bench_objects,
           "streams": bench_streams, "listing": bench_listing, "crowd": bench_crowd, "map": bench_map,
           "states": states.bench_states, "starts": states.bench_many_starts, "sleepers": states.bench_sleepers, "invoke": bench_invoke, "policy": access.bench_access,
           "schedules": schedules.bench_schedules, "due": schedules.bench_due, "events": schedules.bench_events, "stacks": stacks.bench_stacks}


def main():
    names = sys.argv[1:] or list(BENCHES)
    if unknown := [name for name in names if name not in BENCHES]:
        sys.exit(f"no bench {' '.join(unknown)}; there are: {' '.join(BENCHES)}")
    for name in names:
        print(f"\n{name}", flush=True)
        BENCHES[name]()
    print("\n| what | who | median | |\n|---|---|---:|---|")
    for what, who, value, unit, goal in rows:
        print(f"| {what.strip()} | {who} | {value:,.1f} {unit} | {goal} |")


if __name__ == "__main__":
    main()
