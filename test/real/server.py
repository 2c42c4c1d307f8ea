# server.py - starts the built program for a test on a free port and a folder of its own, and looks at its processes.
import contextlib
import glob
import http.client
import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path

import boto3
from botocore.config import Config

ROOT = Path(__file__).resolve().parent.parent.parent
MAYFLY = Path(os.environ.get("MAYFLY", ROOT / "build" / "mayfly"))
VENV = ROOT / ".deps" / "venv"
KEYS = {
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
}
REGION = "us-east-1"
START_SECONDS_MAX = 30
STOP_SECONDS_MAX = 30


def wait_for(question, seconds=30, what="it"):
    """The first true answer, or a failed test after so many seconds. For what has no event to wait for."""
    deadline = time.monotonic() + seconds
    while True:
        answer = question()
        if answer:
            return answer
        assert time.monotonic() < deadline, f"waited {seconds} s for {what} in vain"
        time.sleep(0.02)


def processes_inside(folder):
    """Ids of the processes whose working folder or command line lies in the folder: they belong to its server."""
    folder, found = str(folder), []
    for entry in glob.glob("/proc/[0-9]*"):
        pid = int(entry.split("/")[2])
        try:
            state = Path(entry, "stat").read_text().rsplit(")", 1)[1].split()[0]
            near = os.readlink(entry + "/cwd") + "\0" + Path(entry, "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if state != "Z" and folder in near and pid != os.getpid():
            found.append(pid)
    return found


class Server:
    """One `mayfly serve` over a data folder; it can be killed and started again over the same one."""

    def __init__(self, folder, *options, environment=None):
        self.folder = Path(folder)
        self.data = self.folder / "data"
        self.options = options
        self.environment = environment or {}
        self.keys = KEYS
        self.verify = None  # the certificate to trust, of a server that serves TLS
        self.port = 0
        self.process = None
        self.start()

    def start(self):
        command = [MAYFLY, "serve", "--port", str(self.port), "--data", self.data, *self.options]
        with open(self.folder / "server.log", "ab") as log:
            self.process = subprocess.Popen(
                command,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                cwd=self.folder,
                env=os.environ | self.environment,
            )
        line = self.process.stdout.readline()
        found = re.fullmatch(r"ready (https?://127\.0\.0\.1:(\d+))\n", line)
        assert found, f"the server said {line!r}, not that it is ready; its log: {self.log()[-2000:]}"
        self.endpoint, self.port = found[1], int(found[2])

    def log(self):
        return (self.folder / "server.log").read_text(errors="replace")

    def kill(self):
        """kill -9, of the server alone: its clusters' processes are not asked."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(STOP_SECONDS_MAX)
        self.process.stdout.close()
        return self.process.returncode

    @contextlib.contextmanager
    def frozen(self):
        """What comes meanwhile, the server finds all at once."""
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    def asked(self, target, **given):
        """A client of its own that has sent its request, of a service that speaks JSON."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        connection.request("POST", "/", json.dumps(given), {"X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.0"})
        return connection

    def client(self, service, **options):
        config = Config(retries={"total_max_attempts": 1}, read_timeout=300, **options.pop("config", {}))
        return boto3.client(
            service, endpoint_url=self.endpoint, region_name=options.pop("region", REGION), config=config,
            aws_access_key_id=self.keys["AWS_ACCESS_KEY_ID"], aws_secret_access_key=self.keys["AWS_SECRET_ACCESS_KEY"],
            verify=options.pop("verify", self.verify), **options,
        )  # fmt: skip

    def shell(self):
        """The environment in which the AWS CLI speaks to this server."""
        own = {"AWS_ENDPOINT_URL": self.endpoint, "AWS_DEFAULT_REGION": REGION, "AWS_CONFIG_FILE": "/dev/null",
               "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "AWS_EC2_METADATA_DISABLED": "true", "AWS_PAGER": ""}  # fmt: skip
        return os.environ | self.keys | own

    def aws(self, *words, ok=True):
        done = subprocess.run([VENV / "bin" / "aws", *words], env=self.shell(), capture_output=True, text=True)
        if ok:
            assert done.returncode == 0, f"aws {' '.join(map(str, words))}: {done.stderr}"
        return done

    def cli(self, *words):
        """Mayfly's own command line, speaking to this server."""
        return subprocess.run([MAYFLY, *words], env=self.shell(), capture_output=True, text=True)
