# peers.py - the servers that are measured: how each is started, found ready, looked at and ended.
"""A peer that cannot be had on this machine is left out, and the table says so."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PEER_PYTHON = ROOT / ".deps" / "bench" / "bin"
GO_BIN = ROOT / ".deps" / "go"
VERSITYGW = "github.com/versity/versitygw/cmd/versitygw@v1.8.0"
KEYS = {"AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "benchbench", "AWS_DEFAULT_REGION": "us-east-1"}
READY_SECONDS_MAX = 60


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def answers(port):
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


def tree(pid):
    """The process and its descendants."""
    children = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            rest = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        children.setdefault(int(rest[1]), []).append(int(stat.parent.name))
    found = [pid]
    for p in found:
        found += children.get(p, [])
    return found


def resident_mb(pid, whole_tree=True):
    total = 0
    for p in tree(pid) if whole_tree else [pid]:
        try:
            total += next(int(line.split()[1]) for line in Path(f"/proc/{p}/status").read_text().splitlines() if line.startswith("VmRSS"))
        except (OSError, StopIteration):
            pass
    return total / 1024


class Server:
    """One running peer on a fresh folder; core: the one it may use."""

    def __init__(self, name, command, core=None, environment=None):
        self.name, self.folder, self.port = name, tempfile.mkdtemp(prefix="bench-"), free_port()
        words = [str(w).format(port=self.port, folder=self.folder) for w in command]
        if core is not None:
            words = ["taskset", "-c", str(core), *words]
        self.words, self.environment = words, os.environ | KEYS | {k: v.format(port=self.port) for k, v in (environment or {}).items()}
        self.again()

    def again(self):
        """Starts it, also once more after its end, over the same folder."""
        began = time.monotonic()
        self.process = subprocess.Popen(
            self.words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=self.folder, env=self.environment)
        while not answers(self.port):
            if self.process.poll() is not None or time.monotonic() - began > READY_SECONDS_MAX:
                raise RuntimeError(f"{self.name} did not start")
            time.sleep(0.001)
        self.start_ms = (time.monotonic() - began) * 1000

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def idle_mb(self):
        time.sleep(1)
        return resident_mb(self.process.pid)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def mayfly(core=None, *options):
    return Server("mayfly", [ROOT / "build" / "mayfly", "serve", "--quiet", "--port", "{port}", "--data", "{folder}/data", *options], core)


def moto(core=None, environment=None):
    return Server("moto server", [PEER_PYTHON / "moto_server", "-H", "127.0.0.1", "-p", "{port}"], core, environment)


def ministack(core=None):
    return Server("MiniStack", [PEER_PYTHON / "ministack"], core, {"GATEWAY_PORT": "{port}"})


def build_versitygw():
    """Builds it from the Go proxy once; None where there is no recent enough Go."""
    binary = GO_BIN / "versitygw"
    if binary.exists():
        return binary
    if not shutil.which("go"):
        return None
    print("  building versitygw from the Go proxy ...", flush=True)
    done = subprocess.run(["go", "install", VERSITYGW], env=os.environ | {"GOBIN": str(GO_BIN)}, capture_output=True)
    return binary if done.returncode == 0 else None


def versitygw(core=None):
    binary = build_versitygw()
    if not binary:
        raise RuntimeError("versitygw cannot be built here (it needs a recent Go)")
    return Server("versitygw", ["sh", "-c", f"mkdir -p store && exec {binary} --access bench --secret benchbench --port 127.0.0.1:{{port}} posix store"], core)
