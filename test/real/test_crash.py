# test_crash.py - kill -9 of the server at random moments: nothing acknowledged is lost, nothing runs twice, nothing is left.
import hashlib
import os
import random
import threading
import time
from collections import Counter

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from emr_help import ENDED, add, bash, cluster_of, ended, run_cluster, state_of, steps_of, until
from server import processes_inside, wait_for

KILLS = int(os.environ.get("KILLS", 12))
SEED = int(os.environ.get("SEED", time.time_ns() % 10**9))
BUCKET = "crash-bucket"


def body_of(key):
    """What is put under a key, known from the key alone; large ones now and then."""
    size = 3_000_000 if key.endswith("7") else len(key) * 100
    return hashlib.shake_128(key.encode()).digest(size)


class User:
    """Does one thing after another until told to stop, and writes down what was acknowledged."""

    def __init__(self, server, folder, name):
        self.s3, self.emr = server.client("s3"), server.client("emr")
        self.folder, self.name, self.done = folder, name, threading.Event()
        self.count, self.tried, self.put, self.deleted, self.steps, self.clusters = 0, set(), set(), set(), {}, []
        self.trouble = None
        self.thread = threading.Thread(target=self.work)
        self.thread.start()

    def work(self):
        while not self.done.is_set():
            self.count += 1
            try:
                (self.put_object, self.put_object, self.delete_object, self.pipeline)[self.count % 4]()
            except BotoCoreError:
                time.sleep(0.01)  # the server is away; a client would try again
            except Exception as trouble:  # an answer, and none that a crash explains
                self.trouble = trouble
                return

    def put_object(self):
        key = f"{self.name}/{self.count}"
        self.tried.add(key)
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=body_of(key))
        self.put.add(key)

    def delete_object(self):
        if self.put:
            key = min(self.put)
            self.put.discard(key)
            self.s3.delete_object(Bucket=BUCKET, Key=key)
            self.deleted.add(key)

    def step(self, word):
        name = f"{self.name}-{self.count}-{word}"
        line = f"{self.folder}/ran"
        return bash(f"echo begin {name} >> {line}; sleep 0.0{self.count % 10}; echo end {name} >> {line}", name)

    def pipeline(self):
        cluster = run_cluster(self.emr, self.step("a"), self.step("b"), Name=f"{self.name}-{self.count}")
        self.clusters.append(cluster)
        try:
            self.steps[cluster] = add(self.emr, cluster, self.step("c"))
        except ClientError as too_late:
            assert too_late.response["Error"]["Code"] == "ValidationException", too_late

    def finish(self):
        self.done.set()
        self.thread.join()
        assert self.trouble is None, self.trouble


def start_again(server):
    server.kill()
    server.start()


@pytest.mark.slow
def test_kill_9_at_random_moments(own_server, tmp_path):
    print(f"SEED={SEED} KILLS={KILLS}")
    chance = random.Random(SEED)
    s3, emr = own_server.client("s3"), own_server.client("emr")
    s3.create_bucket(Bucket=BUCKET)
    users = [User(own_server, tmp_path, f"user{i}") for i in range(3)]
    try:
        for _ in range(KILLS):
            time.sleep(chance.uniform(0.0, 0.6))
            start_again(own_server)
    finally:
        for user in users:
            user.finish()
    check_objects(s3, users)
    check_clusters(emr, users, tmp_path)
    assert sum(len(user.clusters) for user in users) >= KILLS / 4, "hardly anything was done"


def check_objects(s3, users):
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
    listed = {item["Key"] for page in pages for item in page.get("Contents", [])}
    for user in users:
        assert user.put <= listed, f"lost: {sorted(user.put - listed)}"
        assert not user.deleted & listed, f"back from the dead: {sorted(user.deleted & listed)}"
    assert listed <= set().union(*(user.tried for user in users))
    for key in listed:  # also those whose answer was lost: whole or not there
        assert s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() == body_of(key), f"{key} is not whole"


def check_clusters(emr, users, folder):
    clusters = [about["Id"] for about in emr.get_paginator("list_clusters").paginate().search("Clusters[]")]
    lines = Counter()
    for user in users:
        assert set(user.clusters) <= set(clusters), "an acknowledged cluster is lost"
    for cluster in clusters:
        ended(emr, cluster, 120)
    lines.update((folder / "ran").read_text().splitlines())
    for user in users:
        for cluster in user.clusters:
            known = {step["Id"] for step in steps_of(emr, cluster)}
            assert len(known) >= 2 and set(user.steps.get(cluster, [])) <= known, f"{cluster} lost a step"
    for cluster in clusters:
        for step in steps_of(emr, cluster):
            check_step(step, lines)


def check_step(step, lines):
    begun, finished = lines[f"begin {step['Name']}"], lines[f"end {step['Name']}"]
    state = step["Status"]["State"]
    assert begun <= 1, f"{step['Name']} ran {begun} times and says {state}"
    assert state in ("COMPLETED", "FAILED", "CANCELLED", "INTERRUPTED"), step
    if state == "COMPLETED":
        assert (begun, finished) == (1, 1), f"{step['Name']} is COMPLETED, and ran {begun} times to {finished} ends"
    if state == "FAILED":
        assert step["Status"]["FailureDetails"]["Reason"], f"{step['Name']} does not say what happened to it"


def test_pending_steps_go_on_after_a_crash(own_server, tmp_path):
    emr = own_server.client("emr")
    gate = tmp_path / "gate"
    steps = [
        bash(f"echo {i} >> {tmp_path}/order; while [ ! -e {gate} ]; do sleep 0.02; done", f"step {i}") for i in range(4)
    ]
    cluster = run_cluster(emr, *steps, keep=True)
    wait_for((tmp_path / "order").exists, what="the first step to run")
    start_again(own_server)
    gate.touch()
    last = steps_of(emr, cluster)[-1]["Id"]
    until(emr, cluster, "COMPLETED", step=last)
    first = steps_of(emr, cluster)[0]["Status"]
    assert first["State"] in ("COMPLETED", "FAILED", "INTERRUPTED")
    assert first["State"] == "COMPLETED" or first["FailureDetails"]["Reason"]
    assert (tmp_path / "order").read_text().split() == ["0", "1", "2", "3"], "each ran once, in order"
    emr.terminate_job_flows(JobFlowIds=[cluster])
    assert ended(emr, cluster)["Status"]["State"] == "TERMINATED"


def test_a_waiting_cluster_is_still_there_after_a_crash(own_server):
    emr = own_server.client("emr")
    cluster = run_cluster(emr, keep=True)
    until(emr, cluster, "WAITING")
    start_again(own_server)
    [step] = add(emr, cluster, bash("true"))
    until(emr, cluster, "COMPLETED", step=step)
    emr.terminate_job_flows(JobFlowIds=[cluster])
    assert ended(emr, cluster)["Status"]["State"] == "TERMINATED"


def test_a_crash_while_a_cluster_is_ending_leaves_nothing(own_server, tmp_path):
    emr = own_server.client("emr")
    stubborn = f"cd {tmp_path}; trap '' TERM; touch runs; while :; do sleep 0.05; done"
    cluster = run_cluster(emr, bash(stubborn))
    wait_for((tmp_path / "runs").exists, what="the step to run")
    emr.terminate_job_flows(JobFlowIds=[cluster])
    start_again(own_server)
    assert ended(emr, cluster)["Status"]["State"] in ENDED
    others = lambda: [pid for pid in processes_inside(tmp_path) if pid != own_server.process.pid]  # noqa: E731
    wait_for(lambda: not others(), what="the step's processes to be gone")


def test_an_ended_cluster_stays_ended(own_server):
    emr = own_server.client("emr")
    cluster = run_cluster(emr, bash("true"))
    before = ended(emr, cluster)
    start_again(own_server)
    after = cluster_of(emr, cluster)
    assert after["Status"] == before["Status"]
    assert state_of(emr, cluster, steps_of(emr, cluster)[0]["Id"]) == "COMPLETED"


def test_an_upload_goes_on_after_a_crash(own_server):
    s3 = own_server.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    upload = {
        "Bucket": BUCKET,
        "Key": "big",
        "UploadId": s3.create_multipart_upload(Bucket=BUCKET, Key="big")["UploadId"],
    }
    bodies = [body_of("part one") * 8000, b"the end"]
    assert len(bodies[0]) >= 5 << 20
    parts = []
    for number, body in enumerate(bodies, 1):
        parts.append({"PartNumber": number, "ETag": s3.upload_part(PartNumber=number, Body=body, **upload)["ETag"]})
        start_again(own_server)
    s3.complete_multipart_upload(MultipartUpload={"Parts": parts}, **upload)
    start_again(own_server)
    assert s3.get_object(Bucket=BUCKET, Key="big")["Body"].read() == b"".join(bodies)
