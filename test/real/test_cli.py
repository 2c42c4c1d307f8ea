# test_cli.py - the program's own command line: what it prints, its exit codes, completion, manual page, and README's block as written.
import json
import os
import re
import socket
import subprocess

import pytest

from emr_help import bash, ended, run_cluster, steps_of
from server import MAYFLY, ROOT, VENV, Server

CLUSTER_COLUMNS = ["ID", "NAME", "STATE", "CREATED (UTC)", "LIFE", "EMR COST", "REASON"]
STEP_COLUMNS = ["ID", "NAME", "STATE", "STARTED (UTC)", "TOOK", "REASON"]


def mayfly(*words, **more):
    return subprocess.run([MAYFLY, *words], capture_output=True, text=True, timeout=30, **more)


def commands():
    """Of `mayfly help`, in its order."""
    return re.findall(r"^  ([a-z]+) ", mayfly("help").stdout, re.MULTILINE)


def cells(table):
    return [re.split(r"  +", line) for line in table.splitlines()]


@pytest.fixture(scope="module")
def run(server):
    """A cluster that has ended, with a step that did and one that did not."""
    emr = server.client("emr")
    cluster = run_cluster(emr, bash("echo to out; echo to err >&2", "good"), bash("echo why >&2; exit 3", "bad"), Name="shown ü")
    ended(emr, cluster)
    return cluster, {step["Name"]: step["Id"] for step in steps_of(emr, cluster)}


def test_help_for_every_command():
    assert set(commands()) >= {"serve", "env", "keys", "clusters", "steps", "logs", "jsonata", "completion", "version", "help"}
    for name in commands():
        helped = mayfly("help", name)
        assert helped.returncode == 0 and helped.stdout.startswith(f"mayfly {name} ") and not helped.stderr, name
        if name not in ("help", "version", "completion"):
            assert "--" in helped.stdout, name
            assert mayfly(name, "--help").returncode == 0, name
    assert mayfly("--help").stdout == mayfly("-h").stdout == mayfly("help").stdout


def test_exit_codes():
    nobody = os.environ | {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}
    for words in (["clusters"], ["steps", "j-A"], ["logs", "j-A"], ["keys", "list"]):
        failed = mayfly(*words, env=nobody)
        assert (failed.returncode, failed.stdout) == (1, "") and failed.stderr.startswith(f"mayfly {words[0]}: "), words
    wrong = [[], ["nonsense"], ["help", "nonsense"], ["clusters", "stray"], ["clusters", "--nonsense"], ["steps"], ["steps", "a", "b"],
             ["logs"], ["logs", "a", "b", "c"], ["keys"], ["keys", "nonsense"], ["keys", "delete"], ["keys", "create", "x"], ["env", "--port", "x"],
             ["env", "--port"], ["completion"], ["completion", "tcsh"], ["jsonata"], ["clusters", "--json=yes"]]  # fmt: skip
    for words in wrong:
        refused = mayfly(*words, stdin=subprocess.DEVNULL)
        assert refused.returncode == 2 and (refused.stderr or not words), words
    assert mayfly("steps", "j-A", env=os.environ | {"AWS_ENDPOINT_URL": "ftp://x"}).returncode == 1


def test_clusters(server, run):
    cluster, _ = run
    table = cells(server.cli("clusters").stdout)
    assert table[0] == CLUSTER_COLUMNS
    [row] = [row for row in table if row[0] == cluster]
    assert row[1:3] == ["shown ü", "TERMINATED"] and re.fullmatch(r"\d+\.\d s", row[4])
    assert row[5] == "$0.0040"  # a minute, the least that is billed, of one m5.xlarge: $0.192 for EC2 and $0.048 for EMR an hour
    found = json.loads(server.cli("clusters", "--json").stdout)
    assert cluster in [item["Id"] for item in found]
    assert cluster not in server.cli("clusters", "--live").stdout
    assert isinstance(json.loads(server.cli("clusters", "--live", "--json").stdout), list)


def test_steps(server, run):
    cluster, ids = run
    table = cells(server.cli("steps", cluster).stdout)
    assert table[0] == STEP_COLUMNS and [row[:3] for row in table[1:]] == [[ids["good"], "good", "COMPLETED"], [ids["bad"], "bad", "FAILED"]]
    found = json.loads(server.cli("steps", cluster, "--json").stdout)
    assert {step["Name"]: step["Status"]["State"] for step in found} == {"good": "COMPLETED", "bad": "FAILED"}
    missing = server.cli("steps", "j-AAAAAAAAAAAAA")
    assert missing.returncode == 1 and "j-AAAAAAAAAAAAA" in missing.stderr


def test_logs(server, run):
    cluster, ids = run
    one = server.cli("logs", cluster, ids["good"])
    assert one.returncode == 0 and one.stdout == "to out\nto err\n"
    assert server.cli("logs", "--stream", "stderr", cluster, ids["good"]).stdout == "to err\n"
    both = server.cli("logs", cluster).stdout.splitlines()
    assert {f"{ids['good']}  to out", f"{ids['bad']}  why"} <= set(both)


def test_following_shows_lines_when_they_are_written_and_ends_with_the_cluster(server, emr, tmp_path):
    script = f"echo one; while [ ! -e {tmp_path}/go ]; do sleep 0.02; done; echo two; exit 0"
    cluster = run_cluster(emr, bash(script))
    with subprocess.Popen([MAYFLY, "logs", "-f", cluster], env=server.shell(), stdout=subprocess.PIPE, text=True) as follower:
        assert follower.stdout.readline() == "one\n"
        assert follower.poll() is None and steps_of(emr, cluster)[0]["Status"]["State"] == "RUNNING"
        (tmp_path / "go").touch()
        assert follower.stdout.read() == "two\n"
    assert follower.returncode == 0
    ended(emr, cluster)


def test_a_server_on_ipv6(tmp_path):
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6")
    words = [MAYFLY, "serve", "--host", "::1", "--port", "0", "--data", tmp_path / "data"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        address = server.stdout.readline().split()[1]
        shown = mayfly("clusters", env=os.environ | {"AWS_ENDPOINT_URL": address})
        server.terminate()
    assert address.startswith("http://[::1]:") and (shown.returncode, shown.stdout) == (0, "no clusters\n"), shown.stderr


def test_env_points_the_aws_command_line_here(server, bucket):
    script = f'eval "$({MAYFLY} env --port {server.port} --region eu-west-1)" && aws s3 ls && echo $AWS_REGION'
    clean = {"PATH": f"{VENV}/bin:{os.environ['PATH']}", "AWS_CONFIG_FILE": "/dev/null"}
    shown = subprocess.run(["bash", "-c", script], capture_output=True, text=True, env=clean, timeout=60)
    assert shown.returncode == 0 and bucket in shown.stdout and shown.stdout.endswith("eu-west-1\n"), shown.stderr


def test_env_gives_any_address_and_nothing_that_a_shell_would_run():
    shown = mayfly("env", "https://[::1]:4567", "--ca", "/a b/$(id).pem")
    script = shown.stdout + 'echo "$AWS_ENDPOINT_URL|$AWS_CA_BUNDLE|$SSL_CERT_FILE"'
    said = subprocess.run(["bash", "-c", script], capture_output=True, text=True).stdout
    assert said == "https://[::1]:4567|/a b/$(id).pem|/a b/$(id).pem\n"
    for words in (["ftp://x"], ["http://x:y"], ["http://a", "http://b"], ["--region", "'; id; '"]):
        assert mayfly("env", *words).returncode == 2, words


def test_logs_of_more_steps_than_a_page(server, emr):
    many = [bash(f"echo said {n}", f"step {n}") for n in range(60)]
    cluster = run_cluster(emr, *many, StepConcurrencyLevel=10)
    ended(emr, cluster)
    lines = server.cli("logs", cluster).stdout.splitlines()
    assert {line.split("  ")[1] for line in lines} >= {f"said {n}" for n in range(60)}


def completed(server, *words):
    """What bash offers after these words, the last of which is incomplete."""
    script = 'source <(mayfly completion bash); COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _mayfly; printf "%s\\n" "${COMPREPLY[@]}"'
    path = {"PATH": f"{MAYFLY.parent}:{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-c", script, "bash", "mayfly", *words], env=server.shell() | path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and not done.stderr, done.stderr
    return done.stdout.split()


def test_completion(server, run):
    cluster, _ = run
    script = mayfly("completion", "bash").stdout
    assert subprocess.run(["bash", "-n"], input=script, text=True).returncode == 0
    assert completed(server, "cl") == ["clusters"]
    assert sorted(completed(server, "")) == sorted(commands())
    assert set(completed(server, "serve", "--a")) == {"--account", "--attached", "--auth"}
    assert cluster in completed(server, "steps", "j-") and cluster in completed(server, "logs", cluster[:6])


def test_the_manual_page_lists_the_same_commands():
    page = (ROOT / "share" / "man" / "mayfly.1").read_text()
    section = re.search(r"^\.SH COMMANDS\n(.*?)^\.SH ", page, re.MULTILINE | re.DOTALL)[1]
    assert re.findall(r"^\.TP\n\.B ([a-z]+)$", section, re.MULTILINE) == commands()


def test_the_readme_by_hand(tmp_path):
    """The block is run as it is written, but for the build that is there already, the port, and the id that a reader would paste."""
    block = re.search(r"## Try it by hand\n+```sh\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)[1]
    server = Server(tmp_path)
    server.stop()  # the port was free a moment ago
    lines = block.replace("make build\n", "").replace("build/mayfly", str(MAYFLY))
    lines = re.sub(r"(mayfly serve) .*", rf"\1 --port {server.port} > ready &\nserver=$!\nuntil grep -q ready ready; do sleep 0.02; done", lines, count=1)
    lines = lines.replace("mayfly env)", f"mayfly env --port {server.port})")
    lines = re.sub(r"logs -f j-\.\.\..*", 'logs -f "$(grep -o -m 1 \'j-[A-Z0-9]*\' created)"', lines)
    lines = re.sub(r"(aws emr create-cluster(?:.*\\\n)*.*)", r"\1 > created", lines)
    script = f"set -e\ntrap 'kill $server; wait $server' EXIT\n{lines}"
    clean = {"PATH": f"{VENV}/bin:{os.environ['PATH']}", "HOME": str(tmp_path), "AWS_PAGER": ""}
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, env=clean, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "make_bucket: lake" in done.stdout and re.search(r"j-[A-Z0-9]+ +hello ", done.stdout)
    assert re.search(r"^hello from s-[A-Z0-9]+$", done.stdout, re.MULTILINE), (script, done.stdout)
