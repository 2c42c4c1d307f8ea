# conftest.py - what the tests from outside share: one server for the cheap ones, servers of their own for the others.
import itertools
import os

import pytest

from server import Server, processes_inside, wait_for

FULL = bool(os.environ.get("FULL"))
names = itertools.count(1)


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: the whole size only with FULL=1, a bounded share otherwise")


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """The server that tests share which leave nothing behind that another could see."""
    folder = tmp_path_factory.mktemp("shared")
    shared = Server(folder)
    yield shared
    assert shared.process.poll() is None, f"the shared server died: {shared.log()[-3000:]}"
    assert shared.stop() == 0
    wait_for(lambda: not processes_inside(folder), what="the server's processes to be gone")


@pytest.fixture
def own_server(tmp_path):
    """A server for one test, which may kill it."""
    own = Server(tmp_path)
    yield own
    own.stop()
    wait_for(lambda: not processes_inside(tmp_path), what="the server's processes to be gone")


@pytest.fixture(scope="session")
def s3(server):
    return server.client("s3")


@pytest.fixture(scope="session")
def emr(server):
    return server.client("emr")


@pytest.fixture
def bucket(s3):
    """A new bucket, emptied and deleted after the test."""
    name = f"test-bucket-{next(names)}"
    s3.create_bucket(Bucket=name)
    yield name
    empty(s3, name)
    s3.delete_bucket(Bucket=name)


def empty(s3, name):
    for upload in s3.list_multipart_uploads(Bucket=name).get("Uploads", []):
        s3.abort_multipart_upload(Bucket=name, Key=upload["Key"], UploadId=upload["UploadId"])
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=name):
        for item in page.get("Contents", []):
            s3.delete_object(Bucket=name, Key=item["Key"])


@pytest.fixture(scope="session")
def full():
    return FULL
