# test_s3_cli.py - the AWS command line against S3: what people type, small and large.
import filecmp
import hashlib

import pytest

MIB = 1 << 20


def make_file(path, size):
    """A file of that size whose content compresses to nothing useful, without holding it in memory."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "wb") as file:
        for start in range(0, size, 8 * MIB):
            file.write(hashlib.shake_128(f"{path.name} {start}".encode()).digest(min(8 * MIB, size - start)))


def same_trees(left, right):
    """Whether both folders hold the same files with the same bytes."""
    names = sorted(path.relative_to(left) for path in left.rglob("*") if path.is_file())
    assert names == sorted(path.relative_to(right) for path in right.rglob("*") if path.is_file())
    _, mismatch, errors = filecmp.cmpfiles(left, right, names, shallow=False)
    return not mismatch and not errors


@pytest.mark.slow
def test_sync_of_many_small_files_up_and_down(server, bucket, tmp_path, full):
    up, down = tmp_path / "up", tmp_path / "down"
    for i in range(10_000 if full else 500):
        make_file(up / f"state={i % 54}" / f"part-{i:05}.csv", i % 3000)
    make_file(up / "with space+plus%percent" / "ü.txt", 10)
    server.aws("s3", "sync", "--only-show-errors", up, f"s3://{bucket}/tree")
    server.aws("s3", "sync", "--only-show-errors", f"s3://{bucket}/tree", down)
    assert same_trees(up, down)
    assert server.aws("s3", "sync", up, f"s3://{bucket}/tree").stdout == "", "a second sync has nothing to do"
    (up / "state=1" / "part-00001.csv").write_bytes(b"changed to something longer")
    (up / "state=2" / "part-00002.csv").unlink()
    server.aws("s3", "sync", "--only-show-errors", "--delete", up, f"s3://{bucket}/tree")
    server.aws("s3", "sync", "--only-show-errors", "--delete", f"s3://{bucket}/tree", down)
    assert same_trees(up, down)


@pytest.mark.slow
def test_one_large_file_up_and_down(server, bucket, tmp_path, full):
    make_file(tmp_path / "large", 2048 * MIB if full else 64 * MIB)
    server.aws("s3", "cp", "--only-show-errors", tmp_path / "large", f"s3://{bucket}/large")
    server.aws("s3", "cp", "--only-show-errors", f"s3://{bucket}/large", tmp_path / "back")
    assert filecmp.cmp(tmp_path / "large", tmp_path / "back", shallow=False)


def test_a_day_with_the_command_line(server, tmp_path):
    (tmp_path / "a.txt").write_text("alpha")
    server.aws("s3", "mb", "s3://cli-bucket")
    server.aws("s3", "cp", tmp_path / "a.txt", "s3://cli-bucket/in/a.txt", "--metadata", "owner=me")
    assert server.aws("s3", "cp", "s3://cli-bucket/in/a.txt", "-").stdout == "alpha"
    server.aws("s3", "mv", "s3://cli-bucket/in/a.txt", "s3://cli-bucket/out/b.txt")
    listed = server.aws("s3", "ls", "--recursive", "s3://cli-bucket").stdout.split()
    assert listed[2:] == ["5", "out/b.txt"]
    assert server.aws("s3", "ls", "s3://cli-bucket").stdout.split() == ["PRE", "out/"]
    failed = server.aws("s3", "rb", "s3://cli-bucket", ok=False)
    assert failed.returncode != 0 and "BucketNotEmpty" in failed.stderr
    server.aws("s3", "rb", "--force", "s3://cli-bucket")
    failed = server.aws("s3", "ls", "s3://cli-bucket", ok=False)
    assert failed.returncode != 0 and "NoSuchBucket" in failed.stderr
