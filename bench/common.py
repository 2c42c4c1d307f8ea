# common.py - what the benchmarks share: rows of the table, load from wrk, clients.
import json
import statistics
import subprocess
import tempfile

import boto3
from botocore.config import Config

SERVER_CORE, LOAD_CORE = 0, 1
RUNS = 3
LOAD_SECONDS = 3

rows = []


def row(what, who, value, unit, goal=""):
    rows.append((what, who, value, unit, goal))
    print(f"  {what:<52} {who:<12} {value:>12,.2f} {unit:<6} {goal}", flush=True)


def median(measure, runs=RUNS):
    return statistics.median(measure() for _ in range(runs))


def client(server, service):
    return boto3.client(
        service, endpoint_url=server.url, region_name="us-east-1", aws_access_key_id="bench", aws_secret_access_key="benchbench",
        config=Config(signature_version="s3v4" if service == "s3" else None, retries={"max_attempts": 1}, s3={"addressing_style": "path"}, read_timeout=600))


def each(*starters):
    """Those peers that can be started here, one after the other."""
    for start in starters:
        try:
            with start(SERVER_CORE) as server:
                yield server
        except RuntimeError as why:
            print(f"  left out: {why}")


def wrk(server, script, connections=16):
    """Requests a second that were answered with 2xx; the script is wrk's Lua."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as lua:
        lua.write(script)
        lua.flush()
        said = subprocess.run(
            ["taskset", "-c", str(LOAD_CORE), "wrk", "-t1", f"-c{connections}", f"-d{LOAD_SECONDS}", "-s", lua.name, server.url],
            capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in said:
        raise RuntimeError(f"{server.name}: {said}")
    return float(next(line for line in said.splitlines() if "Requests/sec" in line).split()[1])


def lua_headers(headers):
    return "".join(f"wrk.headers[{json.dumps(k)}]={json.dumps(v)}\n" for k, v in headers.items())


def signed(service):
    """A scope that tells the service; nobody here checks the signature."""
    return f"AWS4-HMAC-SHA256 Credential=bench/20260101/us-east-1/{service}/aws4_request, SignedHeaders=host;x-amz-date, Signature={'0' * 64}"


OPEN_S3 = {"Authorization": signed("s3"), "X-Amz-Date": "20260101T000000Z", "x-amz-content-sha256": "UNSIGNED-PAYLOAD"}
