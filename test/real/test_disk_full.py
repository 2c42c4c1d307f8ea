# test_disk_full.py - a data folder on a small disk that fills up: clear refusals, nothing acknowledged lost, work goes on.
import os
import subprocess

import pytest
from botocore.exceptions import ClientError

from emr_help import bash, ended, run_cluster, steps_of
from server import Server, wait_for

DISK = 96 << 20
BUCKET = "small-disk"


@pytest.fixture
def small(tmp_path):
    """A server whose folder lies on a small disk of its own."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", disk], capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {mounted.stderr.strip()}")
    try:
        server = Server(disk)
        try:
            server.client("s3").create_bucket(Bucket=BUCKET)
            yield server
        finally:
            assert server.stop() == 0, server.log()[-3000:]
    finally:
        subprocess.run(["umount", "-l", disk], check=True)


def fill(server):
    """Takes all of the disk's space."""
    path = server.folder / "filler"
    with open(path, "ab", buffering=0) as filler:
        piece = b"x" * (1 << 20)
        while piece:
            try:
                filler.write(piece)
            except OSError:
                piece = piece[: len(piece) // 2]
    return path


def full(act):
    """The refusal of what needs space."""
    with pytest.raises(ClientError) as caught:
        act()
    answer = caught.value.response
    return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"]


def until_full(s3, stored):
    """Small objects until one is refused; -> how it was."""
    for number in range(20000):
        key, body = f"small/{number}", os.urandom(3000)
        try:
            s3.put_object(Bucket=BUCKET, Key=key, Body=body)
        except ClientError as refused:
            return refused.response["ResponseMetadata"]["HTTPStatusCode"]
        stored[key] = body
    pytest.fail("the disk never became full")


def assert_all_there(s3, stored):
    for key, body in stored.items():
        assert s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() == body, key
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
    assert {item["Key"] for page in pages for item in page.get("Contents", [])} == set(stored)


def test_nothing_acknowledged_is_lost_on_a_full_disk(small):
    s3, emr = small.client("s3"), small.client("emr")
    stored = {f"before/{i}": os.urandom(size) for i, size in enumerate((0, 10, 20_000, 300_000, 3_000_000))}
    for key, body in stored.items():
        s3.put_object(Bucket=BUCKET, Key=key, Body=body)
    upload = s3.create_multipart_upload(Bucket=BUCKET, Key="parts")["UploadId"]
    part = s3.upload_part(Bucket=BUCKET, Key="parts", UploadId=upload, PartNumber=1, Body=b"p" * 5_500_000)["ETag"]
    filler = fill(small)
    assert until_full(s3, stored) in (500, 503, 507)
    large = os.urandom(2_000_000)
    refusals = {
        "large": full(lambda: s3.put_object(Bucket=BUCKET, Key="large", Body=large)),
        "over": full(lambda: s3.put_object(Bucket=BUCKET, Key="before/4", Body=large)),
        "part": full(lambda: s3.upload_part(Bucket=BUCKET, Key="parts", UploadId=upload, PartNumber=2, Body=large)),
    }
    assert all(status in (500, 503, 507) and code in ("InsufficientStorage", "ServiceUnavailable", "InternalError") for status, code in refusals.values()), refusals
    for _ in range(3000):  # until the database cannot grow either
        try:
            run_cluster(emr, Name="x" * 256, keep=True, Tags=[{"Key": "k", "Value": "v" * 256}])
        except ClientError as refused:
            status = refused.response["ResponseMetadata"]["HTTPStatusCode"]
            assert (status // 100, refused.response["Error"]["Code"]) == (5, "InternalServerException") or status in (500, 503, 507), refused.response
            break
    else:
        pytest.fail("clusters never stopped being made")
    assert small.process.poll() is None
    assert_all_there(s3, stored)
    filler.unlink()
    stored["large"] = large
    wait_for(lambda: s3.put_object(Bucket=BUCKET, Key="large", Body=large), what="room")
    s3.upload_part(Bucket=BUCKET, Key="parts", UploadId=upload, PartNumber=2, Body=b"q")
    parts = s3.list_parts(Bucket=BUCKET, Key="parts", UploadId=upload)["Parts"]
    assert [item["PartNumber"] for item in parts] == [1, 2] and parts[0]["ETag"] == part
    both = {"Parts": [{"PartNumber": item["PartNumber"], "ETag": item["ETag"]} for item in parts]}
    s3.complete_multipart_upload(Bucket=BUCKET, Key="parts", UploadId=upload, MultipartUpload=both)
    stored["parts"] = b"p" * 5_500_000 + b"q"
    assert_all_there(s3, stored)
    small.kill()
    small.start()
    assert_all_there(small.client("s3"), stored)


def test_a_step_that_ends_on_a_full_disk_is_recorded_when_there_is_room(small, tmp_path):
    emr = small.client("emr")
    cluster = run_cluster(emr, bash(f"while [ ! -e {tmp_path}/go ]; do sleep 0.02; done; echo done > {tmp_path}/done"), keep=True)
    wait_for(lambda: [step["Status"]["State"] for step in steps_of(emr, cluster)] == ["RUNNING"], what="the step to run")
    filler = fill(small)
    s3, stored = small.client("s3"), {}
    until_full(s3, stored)
    (tmp_path / "go").touch()
    wait_for((tmp_path / "done").exists, what="the step to end")
    assert small.process.poll() is None
    s3.list_buckets()
    filler.unlink()
    wait_for(lambda: [step["Status"]["State"] for step in steps_of(emr, cluster)] == ["COMPLETED"], what="the end to be recorded")
    emr.terminate_job_flows(JobFlowIds=[cluster])
    assert ended(emr, cluster)["Status"]["State"] == "TERMINATED"
    assert_all_there(s3, stored)
