# test_states_s3.py - Task states that read, write, copy and complete objects through the SDK integration of S3.
import itertools
import json

import pytest

from test_states import ended, machine, one_state, start, types

names = itertools.count(1)


@pytest.fixture(scope="session")
def states(server):
    return server.client("stepfunctions")


def task(action, **parameters):
    return one_state(Type="Task", Resource=f"arn:aws:states:::aws-sdk:s3:{action}", Parameters=parameters, End=True)


def run(states, definition, given=None):
    execution = start(states, machine(states, f"s3-{next(names)}", definition), given)
    return ended(states, execution), execution


def output(about):
    assert about["status"] == "SUCCEEDED", about
    return json.loads(about["output"])


@pytest.mark.parametrize("size", [0, 11, 32 * 1024, 32 * 1024 + 1, 200_000])
def test_an_object_is_read_as_text(states, s3, bucket, size):
    s3.put_object(Bucket=bucket, Key="in.txt", Body=b"x" * size, ContentType="text/plain", Metadata={"a": "b"})
    about, execution = run(states, task("getObject", Bucket=bucket, Key="in.txt"))
    got = output(about)
    assert got["Body"] == "x" * size and got["ContentLength"] == size
    assert got["ContentType"] == "text/plain" and got["Metadata"] == {"a": "b"} and got["ETag"].startswith('"')
    assert types(states, execution)[2:5] == ["TaskScheduled", "TaskStarted", "TaskSucceeded"]


def test_a_range_and_bytes_that_are_no_text(states, s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"ab\xffcd" + b"z" * 300_000)
    assert output(run(states, task("getObject", Bucket=bucket, Key="k", Range="bytes=1-3"))[0])["Body"] == "b\ufffdc"


def test_an_object_that_does_not_fit_into_a_state(states, s3, bucket):
    s3.put_object(Bucket=bucket, Key="big", Body=b"x" * (256 * 1024 + 1))
    about, _ = run(states, task("getObject", Bucket=bucket, Key="big"))
    assert about["error"] == "States.DataLimitExceeded"


def test_what_is_not_there_is_refused_as_the_sdk_does(states, bucket):
    about, _ = run(states, task("getObject", Bucket=bucket, Key="none"))
    assert about["error"] == "S3.NoSuchKeyException" and "(Service: S3, Status Code: 404, Request ID: " in about["cause"]  # fmt: skip
    about, _ = run(states, task("putObject", Bucket="no-such-bucket-here", Key="k", Body="x"))
    assert about["error"] == "S3.NoSuchBucketException"
    about, _ = run(states, task("copyObject", Bucket=bucket, Key="k", CopySource=f"{bucket}/none"))
    assert about["error"] == "S3.NoSuchKeyException"


@pytest.mark.parametrize("size", [5, 34_000, 80_000])
def test_texts_and_values_are_written(states, s3, bucket, size):
    given = {"text": "ü" * (size // 2), "value": {"n": 1, "list": ["a", size]}}
    definition = {
        "StartAt": "Text",
        "States": {
            "Text": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:putObject", "ResultPath": "$.put", "Next": "Value",
                     "Parameters": {"Bucket": bucket, "Key": "text", "Body.$": "$.text", "ContentType": "text/plain"}},
            "Value": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:putObject", "ResultPath": "$.put", "End": True,
                      "Parameters": {"Bucket": bucket, "Key": "value.json", "Body.$": "$.value"}},
        },
    }  # fmt: skip
    got = output(run(states, definition, given)[0])
    assert s3.get_object(Bucket=bucket, Key="text")["Body"].read().decode() == given["text"]
    assert s3.head_object(Bucket=bucket, Key="text")["ContentType"] == "text/plain"
    value = s3.get_object(Bucket=bucket, Key="value.json")
    assert json.loads(value["Body"].read()) == given["value"] and got["put"]["ETag"] == value["ETag"]


def test_objects_small_and_large_are_copied(states, s3, bucket):
    for key, body in (("small", b"s"), ("large", b"l" * 6_000_000)):
        s3.put_object(Bucket=bucket, Key=key, Body=body)
        got = output(run(states, task("copyObject", Bucket=bucket, Key=key + "-copy", CopySource=f"{bucket}/{key}"))[0])
        assert got["CopyObjectResult"]["ETag"]
        assert s3.get_object(Bucket=bucket, Key=key + "-copy")["Body"].read() == body


def test_a_multipart_upload_made_by_a_machine(states, s3, bucket):
    s3.put_object(Bucket=bucket, Key="source", Body=b"p" * 5_242_880)
    sdk, place = "arn:aws:states:::aws-sdk:s3:", {"Bucket": bucket, "Key": "whole", "UploadId.$": "$.up.UploadId"}
    parts = {"Parts": [{"PartNumber": 1, "ETag.$": "$.p1.CopyPartResult.ETag"}, {"PartNumber": 2, "ETag.$": "$.p2.ETag"}]}
    definition = {
        "StartAt": "Create",
        "States": {
            "Create": {"Type": "Task", "Resource": sdk + "createMultipartUpload", "Parameters": {"Bucket": bucket, "Key": "whole"}, "ResultPath": "$.up", "Next": "One"},
            "One": {"Type": "Task", "Resource": sdk + "uploadPartCopy", "Parameters": place | {"PartNumber": 1, "CopySource": f"{bucket}/source"}, "ResultPath": "$.p1", "Next": "Two"},
            "Two": {"Type": "Task", "Resource": sdk + "uploadPart", "Parameters": place | {"PartNumber": 2, "Body": "the end"}, "ResultPath": "$.p2", "Next": "Complete"},
            "Complete": {"Type": "Task", "Resource": sdk + "completeMultipartUpload", "Parameters": place | {"MultipartUpload": parts}, "End": True},
        },
    }  # fmt: skip
    got = output(run(states, definition, {})[0])
    assert got["ETag"].endswith('-2"')
    assert s3.get_object(Bucket=bucket, Key="whole")["Body"].read() == b"p" * 5_242_880 + b"the end"


def test_copies_under_way_are_done_once_after_kill_9(own_server):
    s3, states = own_server.client("s3"), own_server.client("stepfunctions")
    s3.create_bucket(Bucket="copies")
    s3.put_object(Bucket="copies", Key="from", Body=b"l" * 20_000_000)
    definition = task("copyObject", **{"Bucket": "copies", "Key.$": "$.key", "CopySource": "copies/from", "MetadataDirective": "REPLACE"})
    arn = machine(states, "copies", definition)
    executions = [start(states, arn, {"key": f"to-{i}"}) for i in range(10)]
    own_server.kill()
    own_server.start()
    s3, states = own_server.client("s3"), own_server.client("stepfunctions")
    for i, execution in enumerate(executions):
        assert ended(states, execution)["status"] == "SUCCEEDED"
        assert s3.head_object(Bucket="copies", Key=f"to-{i}")["ContentLength"] == 20_000_000
        assert types(states, execution).count("TaskSucceeded") == 1
