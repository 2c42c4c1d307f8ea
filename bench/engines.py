# engines.py - durable engines that are no AWS servers: each is started, does the same work, and tells its figures.
"""Each function gives {trivial_ms, starts_per_s, loop_per_s, crowd_per_s}, or raises RuntimeError with why it cannot be had."""

import http.client
import json
import os
import shutil
import signal
import statistics
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from peers import ROOT, answers, free_port

MODULES = ROOT / ".deps" / "peers" / "node_modules"
POSTGRES = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"))), None)
LOOP_STEPS, CROWD, CROWD_STEPS = 500, 64, 50
READY_SECONDS_MAX = 60


class Processes:
    """What an engine consists of, on a folder of its own; ended together."""

    def __init__(self):
        self.folder, self.started = Path(tempfile.mkdtemp(prefix="bench-")), []

    def start(self, words, port=None, **environment):
        process = subprocess.Popen(list(map(str, words)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=self.folder,
                                   env=os.environ | environment, start_new_session=True)  # fmt: skip
        self.started.append(process)
        deadline = time.monotonic() + READY_SECONDS_MAX
        while port and not answers(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{words[0]} did not start")
            time.sleep(0.05)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in reversed(self.started):
            try:
                os.killpg(process.pid, signal.SIGTERM)
                process.wait(10)
            except ProcessLookupError:
                pass
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def needs(*things):
    for thing, why in things:
        if not thing:
            raise RuntimeError(why)


# --- Restate ----------------------------------------------------------------------------------------------------------


def post(port, path, body):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
    answer = connection.getresponse()
    text = answer.read()
    if answer.status >= 300:
        raise RuntimeError(f"{path}: {answer.status} {text[:200]}")
    return text


def seconds(work):
    began = time.monotonic()
    work()
    return time.monotonic() - began


def together(n, work):
    threads = [threading.Thread(target=work) for _ in range(n)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def restate():
    needs((MODULES.exists(), "tools/setup bench brings Restate"))
    ingress, admin, node, service = free_port(), free_port(), free_port(), free_port()
    with Processes() as all_of_it:
        link = MODULES / "@restatedev" / "restate-server-linux-x64" / "bin" / "restate-server"
        all_of_it.start([link, "--base-dir", all_of_it.folder / "data"], admin, RESTATE_INGRESS__BIND_ADDRESS=f"127.0.0.1:{ingress}",
                        RESTATE_ADMIN__BIND_ADDRESS=f"127.0.0.1:{admin}", RESTATE_BIND_ADDRESS=f"127.0.0.1:{node}")  # fmt: skip
        shutil.copy(ROOT / "bench" / "engines" / "restate.mjs", all_of_it.folder)
        (all_of_it.folder / "node_modules").symlink_to(MODULES)
        all_of_it.start(["node", "restate.mjs", service], service)
        post(admin, "/deployments", {"uri": f"http://127.0.0.1:{service}"})
        post(ingress, "/work/trivial", {})
        trivial = [seconds(lambda: post(ingress, "/work/trivial", {})) for _ in range(51)]
        each = 20
        starts = seconds(lambda: together(CROWD, lambda: [post(ingress, "/work/trivial", {}) for _ in range(each)]))
        return {"trivial_ms": statistics.median(trivial) * 1000, "starts_per_s": CROWD * each / starts,
                "loop_per_s": LOOP_STEPS / seconds(lambda: post(ingress, "/work/loop", LOOP_STEPS)),
                "crowd_per_s": CROWD * CROWD_STEPS / seconds(lambda: together(CROWD, lambda: post(ingress, "/work/loop", CROWD_STEPS)))}  # fmt: skip


# --- DBOS with PostgreSQL ---------------------------------------------------------------------------------------------


def as_postgres(words):
    return ["runuser", "-u", "postgres", "--", *words] if os.geteuid() == 0 else words


def dbos():
    needs((MODULES.exists(), "tools/setup bench brings DBOS"), (POSTGRES, "there is no PostgreSQL on this machine"))
    port = free_port()
    with Processes() as all_of_it:
        data = all_of_it.folder / "data"
        data.mkdir()
        for folder in (all_of_it.folder, data):
            folder.chmod(0o777)
        made = subprocess.run(as_postgres([str(POSTGRES / "initdb"), "-D", str(data / "db"), "-A", "trust", "-U", "bench"]), capture_output=True)
        needs((made.returncode == 0, "PostgreSQL's initdb failed"))
        all_of_it.start(as_postgres([POSTGRES / "postgres", "-D", data / "db", "-p", port, "-k", data, "-c", "listen_addresses=127.0.0.1"]), port)
        shutil.copy(ROOT / "bench" / "engines" / "dbos.mjs", all_of_it.folder)
        (all_of_it.folder / "node_modules").symlink_to(MODULES)
        done = subprocess.run(["node", "dbos.mjs", f"postgresql://bench@127.0.0.1:{port}/bench"], cwd=all_of_it.folder, capture_output=True, text=True,
                              timeout=300)  # fmt: skip
        needs((done.returncode == 0, f"DBOS failed: {done.stderr[-300:]}"))
        return json.loads(done.stdout.splitlines()[-1])
