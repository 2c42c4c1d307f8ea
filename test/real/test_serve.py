# test_serve.py - the program itself: start, stop, its complaints, and its own command line.
import contextlib
import json
import os
import signal
import socket
import sqlite3
import subprocess

from emr_help import bash, ended, run_cluster, steps_of
from server import MAYFLY, Server


def mayfly(*words, **more):
    return subprocess.run([MAYFLY, *words], capture_output=True, text=True, timeout=30, **more)


def test_sigterm_and_sigint_stop_it_cleanly(tmp_path):
    for number in (signal.SIGTERM, signal.SIGINT):
        server = Server(tmp_path)
        server.process.send_signal(number)
        assert server.process.wait(30) == 0
        server.process.stdout.close()


def test_what_was_stored_is_there_after_a_stop(tmp_path):
    first = Server(tmp_path)
    first.client("s3").create_bucket(Bucket="kept-bucket")
    first.client("s3").put_object(Bucket="kept-bucket", Key="k", Body=b"kept", Metadata={"a": "1"})
    assert first.stop() == 0
    second = Server(tmp_path)
    answer = second.client("s3").get_object(Bucket="kept-bucket", Key="k")
    assert (answer["Body"].read(), answer["Metadata"]) == (b"kept", {"a": "1"})
    assert second.stop() == 0


def test_tables_of_another_version_are_said_and_left_alone(tmp_path):
    server = Server(tmp_path)
    server.client("s3").create_bucket(Bucket="kept-bucket")
    assert server.stop() == 0
    with contextlib.closing(sqlite3.connect(server.data / "state.db")) as db:
        (ours,) = db.execute("PRAGMA user_version").fetchone()
        db.execute(f"PRAGMA user_version = {ours + 1}")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = (server.data / "state.db").read_bytes()
    refused = mayfly("serve", "--port", "0", "--data", server.data)
    assert refused.returncode == 1 and f"the tables of version {ours + 1}, this program those of version {ours}" in refused.stderr
    assert (server.data / "state.db").read_bytes() == before


def test_the_database_is_private_also_where_it_was_not(tmp_path):
    server = Server(tmp_path)
    server.kill()
    kept = [server.data / name for name in ("state.db", "state.db-wal", "admin-token")]
    for path in kept:
        path.chmod(0o644)
    server.start()
    assert [oct(path.stat().st_mode & 0o777) for path in kept] == ["0o600"] * 3
    assert server.stop() == 0


def test_steps_do_not_inherit_the_path_of_the_server(tmp_path):
    server = Server(tmp_path, environment={"PATH": f"{tmp_path}/strange:{os.environ['PATH']}"})
    emr = server.client("emr")
    cluster = run_cluster(emr, bash("echo $PATH"))
    ended(emr, cluster)
    [step] = steps_of(emr, cluster)
    path = (server.data / "logs" / cluster / "steps" / step["Id"] / "stdout").read_text()
    assert "strange" not in path and path.strip().endswith("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
    assert server.stop() == 0


def test_a_port_in_use_is_said_and_nothing_is_touched(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = mayfly("serve", "--port", str(port), "--data", tmp_path / "data")
    assert refused.returncode != 0 and str(port) in refused.stderr and "ready" not in refused.stdout


def test_two_servers_do_not_share_a_data_folder(own_server):
    refused = mayfly("serve", "--port", "0", "--data", own_server.data)
    assert refused.returncode != 0 and str(own_server.data) in refused.stderr
    own_server.client("s3").list_buckets()


def test_a_data_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("no folder")
    refused = mayfly("serve", "--port", "0", "--data", tmp_path / "file" / "data")
    assert refused.returncode != 0 and str(tmp_path / "file") in refused.stderr


def test_options_that_do_not_exist():
    for words in (
        ["serve", "--no-such-option"],
        ["no-such-command"],
        ["serve", "--port", "many"],
        ["serve", "--port", "70000"],
    ):
        refused = mayfly(*words)
        assert refused.returncode not in (0, -signal.SIGABRT, -signal.SIGSEGV) and refused.stderr.strip(), words


def test_version_and_help():
    assert mayfly("version").stdout.startswith("mayfly ")
    helped = mayfly("--help")
    assert helped.returncode == 0 and "serve" in helped.stdout


def test_env_is_what_a_shell_needs():
    script = f'eval "$({MAYFLY} env --port 4999)"; env'
    clean = {"PATH": os.environ["PATH"]}
    shown = subprocess.run(["sh", "-c", script], capture_output=True, text=True, env=clean, check=True).stdout
    found = dict(line.split("=", 1) for line in shown.splitlines() if line.startswith("AWS_"))
    assert found["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4999"
    assert found["AWS_ACCESS_KEY_ID"] and found["AWS_SECRET_ACCESS_KEY"] and found["AWS_DEFAULT_REGION"]


def test_clusters_steps_and_logs_on_the_command_line(server, emr, s3, bucket):
    cluster = run_cluster(emr, bash("echo hello from the step"), Name="for the command line", LogUri=f"s3://{bucket}/")
    ended(emr, cluster)
    [step] = steps_of(emr, cluster)
    table = server.cli("clusters")
    assert table.returncode == 0 and cluster in table.stdout and "for the command line" in table.stdout
    found = json.loads(server.cli("clusters", "--json").stdout)
    assert cluster in json.dumps(found)
    shown = server.cli("steps", cluster)
    assert shown.returncode == 0 and step["Id"] in shown.stdout and "COMPLETED" in shown.stdout
    logs = server.cli("logs", cluster, step["Id"])
    assert logs.returncode == 0 and "hello from the step" in logs.stdout
    missing = server.cli("steps", "j-AAAAAAAAAAAAA")
    assert missing.returncode != 0 and "j-AAAAAAAAAAAAA" in missing.stderr


def test_following_a_log_ends_with_the_cluster(server, emr, tmp_path):
    cluster = run_cluster(emr, bash(f"echo one; while [ ! -e {tmp_path}/go ]; do sleep 0.02; done; echo two"))
    follower = subprocess.Popen([MAYFLY, "logs", "-f", cluster], env=server.shell(), stdout=subprocess.PIPE, text=True)
    for line in follower.stdout:
        if "one" in line:
            break
    (tmp_path / "go").touch()
    rest = follower.stdout.read()
    assert "two" in rest and follower.wait(30) == 0
    follower.stdout.close()


def test_no_server_is_said(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    refused = mayfly("clusters", env=os.environ | {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"})
    assert refused.returncode != 0 and str(port) in refused.stderr
