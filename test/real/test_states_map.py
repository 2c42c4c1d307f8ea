# test_states_map.py - distributed Map: real child executions, Map Runs watched, changed, stopped, redriven, and kill -9 in the middle.
import ctypes
import gzip
import json

import pytest
from botocore.exceptions import ClientError

from server import ROOT, wait_for
from test_states import ended, history, machine, refused, run, start, types

PASS = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}
WAIT = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 3600, "End": True}}}
ODD_FAILS = {"StartAt": "Odd?", "States": {
    "Odd?": {"Type": "Choice", "Choices": [{"Variable": "$.bad", "BooleanEquals": True, "Next": "No"}], "Default": "Yes"},
    "Yes": {"Type": "Succeed"}, "No": {"Type": "Fail", "Error": "Odd", "Cause": "by design"}}}  # fmt: skip


@pytest.fixture(scope="session")
def states(server):
    return server.client("stepfunctions")


def distributed(processor, kind="STANDARD", **more):
    config = {"Mode": "DISTRIBUTED", "ExecutionType": kind}
    return {"StartAt": "Each", "States": {"Each": {"Type": "Map", "End": True, "Label": "each",
            "ItemProcessor": {"ProcessorConfig": config, **processor}, **more}}}  # fmt: skip


def map_run_of(states, execution):
    return wait_for(lambda: states.list_map_runs(executionArn=execution)["mapRuns"], 30, "a Map Run")[0]["mapRunArn"]


def children(states, run_arn, **more):
    pages = states.get_paginator("list_executions").paginate(mapRunArn=run_arn, **more)
    return [child for page in pages for child in page["executions"]]


def map_run_when(states, run_arn, question, what):
    def now():
        about = states.describe_map_run(mapRunArn=run_arn)
        return about if question(about) else None

    return wait_for(now, 60, what)


# --- running ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["STANDARD", "EXPRESS"])
def test_each_item_is_a_child_execution(states, kind):
    arn = machine(states, f"map-children-{kind}", distributed(PASS, kind, ItemsPath="$.numbers"))
    execution = start(states, arn, {"numbers": [{"a": 1}, 2, "three"]})
    about = ended(states, execution)
    assert (about["status"], json.loads(about["output"])) == ("SUCCEEDED", [{"a": 1}, 2, "three"])
    assert types(states, execution) == [
        "ExecutionStarted", "MapStateEntered", "MapStateStarted", "MapRunStarted", "MapRunSucceeded", "MapStateSucceeded",
        "MapStateExited", "ExecutionSucceeded",
    ]  # fmt: skip
    run_arn = map_run_of(states, execution)
    assert run_arn.startswith(f"arn:aws:states:us-east-1:000000000000:mapRun:map-children-{kind}/each:")
    about = states.describe_map_run(mapRunArn=run_arn)
    assert (about["status"], about["executionArn"], about["maxConcurrency"]) == ("SUCCEEDED", execution, 0)
    for counts in (about["itemCounts"], about["executionCounts"]):
        assert (counts["total"], counts["succeeded"], counts["pending"], counts["running"]) == (3, 3, 0, 0)
    listed = children(states, run_arn, PaginationConfig={"PageSize": 2})
    assert [(c["status"], c["itemCount"], c["mapRunArn"]) for c in listed] == [("SUCCEEDED", 1, run_arn)] * 3
    child = states.describe_execution(executionArn=listed[-1]["executionArn"])
    assert (json.loads(child["input"]), child["mapRunArn"]) == ({"a": 1}, run_arn)
    sort = "execution" if kind == "STANDARD" else "express"
    assert child["executionArn"].startswith(f"arn:aws:states:us-east-1:000000000000:{sort}:map-children-{kind}/each:")
    assert (child["redriveStatus"], child["redriveStatusReason"]) == ("NOT_REDRIVABLE", "Execution is SUCCEEDED and cannot be redriven")  # fmt: skip
    if kind == "STANDARD":
        assert types(states, child["executionArn"])[0] == "ExecutionStarted"
    else:
        refused("InvalidArn", states.get_execution_history, executionArn=child["executionArn"])
        refused("InvalidArn", states.stop_execution, executionArn=child["executionArn"])
    assert [e["executionArn"] for e in states.list_executions(stateMachineArn=arn)["executions"]] == [execution]


def test_no_items_and_members_of_an_object(states):
    arn = machine(states, "map-shapes", distributed(PASS, ItemsPath="$.given", ItemSelector={
        "index.$": "$$.Map.Item.Index", "key.$": "$$.Map.Item.Key", "value.$": "$$.Map.Item.Value"}))  # fmt: skip
    assert json.loads(run(states, arn, {"given": []})["output"]) == []
    about = run(states, arn, {"given": {"x": 1, "y": [2]}})
    assert json.loads(about["output"]) == [{"index": 0, "key": "x", "value": 1}, {"index": 1, "key": "y", "value": [2]}]


def test_batches(states):
    batcher = {"MaxItemsPerBatch": 3, "BatchInput": {"shared": "yes"}}
    arn = machine(states, "map-batches", distributed(PASS, ItemBatcher=batcher))
    execution = start(states, arn, list(range(8)))
    outputs = json.loads(ended(states, execution)["output"])
    assert [batch["Items"] for batch in outputs] == [[0, 1, 2], [3, 4, 5], [6, 7]]
    assert {batch["BatchInput"]["shared"] for batch in outputs} == {"yes"}
    about = states.describe_map_run(mapRunArn=map_run_of(states, execution))
    assert (about["itemCounts"]["succeeded"], about["executionCounts"]["succeeded"]) == (8, 3)
    assert sorted(c["itemCount"] for c in children(states, about["mapRunArn"])) == [2, 3, 3]


def test_large_batches_are_cut_where_the_payload_ends(states):
    item = "x" * 1000
    arn = machine(states, "map-large-batches", distributed(
        {"StartAt": "N", "States": {"N": {"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% $count($states.input.Items) %}",
         "End": True}}}, ItemBatcher={"MaxInputBytesPerBatch": 50 * 1024}))  # fmt: skip
    sizes = json.loads(run(states, arn, [item] * 200)["output"])
    assert sum(sizes) == 200 and len(sizes) == 4 and sizes[0] == sizes[1] == sizes[2]


def test_outputs_that_are_too_large_together_fail_the_state(states):
    big = {"StartAt": "P", "States": {"P": {"Type": "Pass", "Result": "x" * 10000, "End": True}}}
    execution = start(states, machine(states, "map-too-large", distributed(big)), list(range(30)))
    about = ended(states, execution)
    assert (about["status"], about["error"]) == ("FAILED", "States.DataLimitExceeded")


# --- failing ----------------------------------------------------------------------------------------------------------


def items(n, bad):
    return [{"i": i, "bad": i in bad} for i in range(n)]


def test_failures_up_to_the_threshold_are_tolerated(states):
    arn = machine(states, "map-tolerant", distributed(ODD_FAILS, ToleratedFailurePercentage=20))
    about = run(states, arn, items(10, {3, 7}))
    outputs = json.loads(about["output"])
    assert about["status"] == "SUCCEEDED" and outputs[0] == {"i": 0, "bad": False}
    assert (outputs[3]["Status"], outputs[3]["Error"], json.loads(outputs[3]["Input"])["i"]) == ("FAILED", "Odd", 3)
    about = run(states, arn, items(10, {1, 2, 3}))
    assert (about["status"], about["error"]) == ("FAILED", "States.ExceedToleratedFailureThreshold")
    assert about["cause"] == "The specified tolerated failure threshold was exceeded"


def test_a_threshold_that_is_exceeded_aborts_what_runs(states):
    processor = {"StartAt": "Odd?", "States": {**ODD_FAILS["States"], "Yes": WAIT["States"]["W"]}}
    arn = machine(states, "map-intolerant", distributed(processor))
    execution = start(states, arn, items(6, {5}))
    about = ended(states, execution)
    assert about["error"] == "States.ExceedToleratedFailureThreshold"
    assert types(states, execution)[-3:] == ["MapRunFailed", "MapStateFailed", "ExecutionFailed"]
    about = states.describe_map_run(mapRunArn=map_run_of(states, execution))
    counts = about["executionCounts"]
    assert (about["status"], counts["failed"], counts["aborted"], counts["running"]) == ("FAILED", 1, 5, 0)


def test_stopping_the_parent_aborts_the_run_and_its_children(states):
    arn = machine(states, "map-stopped", distributed(WAIT, MaxConcurrency=3))
    execution = start(states, arn, list(range(10)))
    run_arn = map_run_of(states, execution)
    map_run_when(states, run_arn, lambda r: r["executionCounts"]["running"] == 3, "three children")
    states.stop_execution(executionArn=execution)
    about = map_run_when(states, run_arn, lambda r: r["status"] != "RUNNING", "the run's end")
    counts = about["executionCounts"]
    assert (about["status"], counts["aborted"], counts["pending"], counts["running"]) == ("ABORTED", 3, 7, 0)
    assert {c["status"] for c in children(states, run_arn)} == {"ABORTED"}


def test_a_map_run_can_be_changed_while_it_runs(states):
    arn = machine(states, "map-changed", distributed(WAIT, MaxConcurrency=2))
    execution = start(states, arn, list(range(10)))
    run_arn = map_run_of(states, execution)
    map_run_when(states, run_arn, lambda r: r["executionCounts"]["running"] == 2, "two children")
    states.update_map_run(mapRunArn=run_arn, maxConcurrency=5, toleratedFailurePercentage=12.5, toleratedFailureCount=10)
    about = map_run_when(states, run_arn, lambda r: r["executionCounts"]["running"] == 5, "five children")
    assert (about["maxConcurrency"], about["toleratedFailurePercentage"], about["toleratedFailureCount"]) == (5, 12.5, 10)
    states.stop_execution(executionArn=execution)
    refused("ResourceNotFound", states.update_map_run, mapRunArn=run_arn + "x", maxConcurrency=1)
    with pytest.raises(ClientError):
        states.update_map_run(mapRunArn=run_arn, toleratedFailurePercentage=101.0)


# --- redrive ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["STANDARD", "EXPRESS"])
def test_a_redrive_tries_only_what_did_not_succeed(server, states, kind):
    """Whether a child succeeds depends on a bucket that is made between the tries."""
    s3, bucket = server.client("s3"), f"redriven-{kind.lower()}"
    look = {"StartAt": "Look", "States": {
        "Look": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:headBucket",
                 "Parameters": {"Bucket.$": "$.bucket"}, "ResultPath": None, "End": True}}}  # fmt: skip
    s3.create_bucket(Bucket="redriven-always")
    arn = machine(states, f"map-redriven-{kind}", distributed(look, kind, MaxConcurrency=1))
    given = [{"bucket": name, "i": i} for i, name in enumerate(["redriven-always", bucket, "redriven-always"])]
    execution = start(states, arn, given)
    assert ended(states, execution)["error"] == "States.ExceedToleratedFailureThreshold"
    run_arn = map_run_of(states, execution)
    counts = states.describe_map_run(mapRunArn=run_arn)["executionCounts"]
    assert (counts["succeeded"], counts["failed"], counts["pending"]) == (1, 1, 1)
    s3.create_bucket(Bucket=bucket)
    child = children(states, run_arn, statusFilter="FAILED")[0]["executionArn"]
    assert states.describe_execution(executionArn=child)["redriveStatus"] == "REDRIVABLE_BY_MAP_RUN"
    if kind == "STANDARD":
        refused("ExecutionNotRedrivable", states.redrive_execution, executionArn=child)
    states.redrive_execution(executionArn=execution)
    about = ended(states, execution)
    assert (about["status"], [o["i"] for o in json.loads(about["output"])]) == ("SUCCEEDED", [0, 1, 2])
    about = states.describe_map_run(mapRunArn=run_arn)
    assert (about["status"], about["redriveCount"], about["executionCounts"]["succeeded"]) == ("SUCCEEDED", 1, 3)
    assert len(states.list_map_runs(executionArn=execution)["mapRuns"]) == 1
    assert [e["mapRunRedrivenEventDetails"] for e in history(states, execution) if e["type"] == "MapRunRedriven"] == [
        {"mapRunArn": run_arn, "redriveCount": 1}]  # fmt: skip
    if kind == "STANDARD":
        assert types(states, child)[-1] == "ExecutionSucceeded" and "ExecutionRedriven" in types(states, child)


def test_children_that_wait_for_their_redrive_are_told_apart(server, states):
    """One at a time, each waits for a token that is sent to a queue: the others' turn has not come."""
    sqs = server.client("sqs")
    queue = sqs.create_queue(QueueName="map-pending-redrive")["QueueUrl"]
    ask = {"StartAt": "Ask", "States": {"Ask": {
        "Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "End": True,
        "Parameters": {"QueueUrl": queue, "MessageBody.$": "$$.Task.Token"}}}}  # fmt: skip
    arn = machine(states, "map-pending-redrive", distributed(ask, MaxConcurrency=1, ToleratedFailureCount=1))
    execution = start(states, arn, [1, 2])
    run_arn = map_run_of(states, execution)

    def token():
        return sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=20)["Messages"][0]["Body"]

    for _ in range(2):
        states.send_task_failure(taskToken=token(), error="No")
    assert ended(states, execution)["error"] == "States.ExceedToleratedFailureThreshold"
    assert [c["status"] for c in children(states, run_arn)] == ["FAILED"] * 2
    assert children(states, run_arn, statusFilter="PENDING_REDRIVE") == []
    states.redrive_execution(executionArn=execution)
    about = map_run_when(states, run_arn, lambda r: r["executionCounts"]["running"] == 1, "one child to run")
    assert about["executionCounts"]["pendingRedrive"] == about["itemCounts"]["pendingRedrive"] == 1
    (waits,) = children(states, run_arn, statusFilter="PENDING_REDRIVE")
    assert waits["status"] == "PENDING_REDRIVE" and children(states, run_arn, statusFilter="FAILED") == []
    assert states.describe_execution(executionArn=waits["executionArn"])["status"] == "PENDING_REDRIVE"
    assert [c["executionArn"] for c in children(states, run_arn, redriveFilter="NOT_REDRIVEN")] == [waits["executionArn"]]
    for _ in range(2):
        states.send_task_success(taskToken=token(), output="1")
    assert json.loads(ended(states, execution)["output"]) == [1, 1]
    assert len(children(states, run_arn, redriveFilter="REDRIVEN")) == 2


# --- kill -9 ----------------------------------------------------------------------------------------------------------


def test_kill_9_in_the_middle_loses_nothing_and_repeats_nothing(own_server):
    server = own_server
    states = server.client("stepfunctions")
    pause = {"StartAt": "W", "States": {"W": {"Type": "Wait", "SecondsPath": "$.wait", "End": True}}}
    arn = machine(states, "map-killed", distributed(pause, MaxConcurrency=150))
    count = 600
    execution = start(states, arn, [{"i": i, "wait": i % 2} for i in range(count)])
    run_arn = map_run_of(states, execution)
    for share in (100, 250, 400):
        map_run_when(states, run_arn, lambda r: r["executionCounts"]["succeeded"] >= share, f"{share} children")
        server.kill()
        server.start()
    about = ended(states, execution)
    assert about["status"] == "SUCCEEDED"
    assert [o["i"] for o in json.loads(about["output"])] == list(range(count))
    listed = children(states, run_arn)
    assert len(listed) == count and {c["status"] for c in listed} == {"SUCCEEDED"}
    inputs = [json.loads(states.describe_execution(executionArn=c["executionArn"])["input"])["i"] for c in listed]
    assert sorted(inputs) == list(range(count))
    assert not list((server.data / "map-runs").iterdir())


# --- readers ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def data(server):
    s3 = server.client("s3")
    s3.create_bucket(Bucket="map-data")
    return s3


def reader(config, resource="getObject", **parameters):
    return {"Resource": f"arn:aws:states:::s3:{resource}", "ReaderConfig": config,
            "Parameters": {"Bucket": "map-data", **parameters}}  # fmt: skip


def read(states, data, name, config, body=None, key=None, resource="getObject", processor=PASS, **more):
    """The items as the children got them, or the failed execution."""
    key = key or f"{name}/data"
    if body is not None:
        data.put_object(Bucket="map-data", Key=key, Body=body)
    parameters = {"Key": key} if resource == "getObject" else {"Prefix": key}
    arn = machine(states, f"map-{name}", distributed(processor, ItemReader=reader(config, resource, **parameters), **more))
    about = run(states, arn, {"from": "the input"})
    return json.loads(about["output"]) if about["status"] == "SUCCEEDED" else about


CSV_TEXT = 'id,text\n1,plain\n2,"with, comma and ""quotes"""\n3\n'
CSV_ITEMS = [{"id": "1", "text": "plain"}, {"id": "2", "text": 'with, comma and "quotes"'}, {"id": "3", "text": ""}]


def test_csv(states, data):
    first = {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}
    assert read(states, data, "csv", first, CSV_TEXT) == CSV_ITEMS
    assert read(states, data, "csv-max", {**first, "MaxItems": 1}, CSV_TEXT) == CSV_ITEMS[:1]
    given = {"InputType": "CSV", "CSVHeaderLocation": "GIVEN", "CSVHeaders": ["a", "b"], "CSVDelimiter": "PIPE"}
    assert read(states, data, "csv-given", given, "1|x\n2|y,z\n") == [{"a": "1", "b": "x"}, {"a": "2", "b": "y,z"}]
    assert read(states, data, "csv-gz", first, gzip.compress(CSV_TEXT.encode()), key="csv-gz/data.csv.gz") == CSV_ITEMS


def zstd(data):
    library = ctypes.CDLL("libzstd.so.1")
    library.ZSTD_compress.restype = library.ZSTD_compressBound.restype = ctypes.c_size_t
    library.ZSTD_compressBound.argtypes = [ctypes.c_size_t]
    library.ZSTD_compress.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int]
    room = ctypes.create_string_buffer(library.ZSTD_compressBound(len(data)))
    size = library.ZSTD_compress(room, len(room), data, len(data), 3)
    return room.raw[:size]


def test_zstd(states, data):
    first = {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}
    assert read(states, data, "csv-zst", first, zstd(CSV_TEXT.encode()), key="csv-zst/data.csv.zst") == CSV_ITEMS
    lines = b"".join(json.dumps({"i": i, "pad": "x" * 1000}).encode() + b"\n" for i in range(150))
    packed = zstd(lines[:70_000]) + zstd(lines[70_000:])  # two frames, a record across both
    keep = {"ItemSelector": {"i.$": "$$.Map.Item.Value.i"}}
    got = read(states, data, "jsonl-zst", {"InputType": "JSONL"}, packed, key="jsonl-zst/data.jsonl.zst", **keep)
    assert [item["i"] for item in got] == list(range(150))
    for name, bad in (("cut", packed[:-20]), ("none", b"plain text"), ("gz", gzip.compress(lines))):
        about = read(states, data, "zst-" + name, {"InputType": "JSONL"}, bad, key=f"zst-{name}/data.jsonl.zst")
        assert about["error"] == "States.ItemReaderFailed" and "no whole ZSTD file" in about["cause"]


def test_json_and_json_lines(states, data):
    assert read(states, data, "json", {"InputType": "JSON"}, '[1, {"a": [2]}]') == [1, {"a": [2]}]
    deep = '{"meta": {"n": 1}, "list": {"of": [[], ["x", "y"]]}}'
    assert read(states, data, "json-pointer", {"InputType": "JSON", "ItemsPointer": "/list/of/1"}, deep) == ["x", "y"]
    selector = {"k.$": "$$.Map.Item.Key", "v.$": "$$.Map.Item.Value", "i.$": "$$.Map.Item.Index", "f.$": "$.from"}
    assert read(states, data, "json-object", {"InputType": "JSON"}, '{"x": 1, "y": 2}', ItemSelector=selector) == [
        {"k": "x", "v": 1, "i": 0, "f": "the input"}, {"k": "y", "v": 2, "i": 1, "f": "the input"}]  # fmt: skip
    assert read(states, data, "jsonl", {"InputType": "JSONL"}, '{"a": 1}\n\n[2]') == [{"a": 1}, [2]]
    assert read(states, data, "jsonl-none", {"InputType": "JSONL"}, "") == []


def test_objects_listed_and_flattened(states, data):
    for name in ("b.jsonl", "a.jsonl", "sub/c.jsonl"):
        data.put_object(Bucket="map-data", Key=f"listed/{name}", Body=json.dumps({"from": name}))
    items = read(states, data, "listed", {}, key="listed/", resource="listObjectsV2")
    assert [i["Key"] for i in items] == ["listed/a.jsonl", "listed/b.jsonl", "listed/sub/c.jsonl"]
    head = data.head_object(Bucket="map-data", Key="listed/a.jsonl")
    assert items[0] == {"Etag": head["ETag"], "Key": "listed/a.jsonl", "LastModified": int(head["LastModified"].timestamp()),
                        "Size": head["ContentLength"], "StorageClass": "STANDARD"}  # fmt: skip
    assert len(read(states, data, "listed-max", {"MaxItems": 2}, key="listed/", resource="listObjectsV2")) == 2
    flat = {"InputType": "JSONL", "Transformation": "LOAD_AND_FLATTEN"}
    selector = {"source.$": "$$.Map.Item.Source", "value.$": "$$.Map.Item.Value.from"}
    items = read(states, data, "flattened", flat, key="listed/", resource="listObjectsV2", ItemSelector=selector)
    assert items == [{"source": f"s3://map-data/listed/{n}", "value": n} for n in ("a.jsonl", "b.jsonl", "sub/c.jsonl")]


def test_manifests(states, data):
    rows = '"b","a%20key","0","2022-11-16T00:27:19.000Z"\n"b","other","7","2022-11-16T00:29:32.000Z"\n'
    data.put_object(Bucket="map-data", Key="inventory/data/1.csv.gz", Body=gzip.compress(rows.encode()))
    manifest = {"sourceBucket": "b", "destinationBucket": "arn:aws:s3:::map-data", "fileFormat": "CSV",
                "fileSchema": "Bucket, Key, Size, LastModifiedDate", "files": [{"key": "inventory/data/1.csv.gz"}]}  # fmt: skip
    items = read(states, data, "inventory", {"InputType": "MANIFEST"}, json.dumps(manifest))
    assert [(i["Bucket"], i["Key"], i["Size"]) for i in items] == [("b", "a%20key", "0"), ("b", "other", "7")]
    for i in range(2):
        data.put_object(Bucket="map-data", Key=f"unload/{i}.jsonl", Body=f'{{"part": {i}}}\n')
    addresses = "".join(f"s3://map-data/unload/{i}.jsonl\n" for i in range(2))
    config = {"ManifestType": "ATHENA_DATA", "InputType": "JSONL"}
    assert read(states, data, "athena", config, addresses) == [{"part": 0}, {"part": 1}]


def test_what_cannot_be_read_fails_the_state_and_can_be_redriven(server, states, data):
    about = read(states, data, "no-list", {"InputType": "JSON"}, '"text"')
    assert (about["error"], about["cause"]) == ("States.ItemReaderFailed", "Attempting to map over non-iterable node. (line 1)")
    about = read(states, data, "damaged", {"InputType": "JSONL"}, "{}\n{\n")
    assert about["error"] == "States.ItemReaderFailed" and "line" in about["cause"]
    about = read(states, data, "missing", {"InputType": "JSONL"}, key="missing/data")
    assert "The specified key does not exist" in about["cause"] and "Error Code: NoSuchKey" in about["cause"]
    execution = about["executionArn"]
    assert types(states, execution)[2:6] == ["MapStateStarted", "MapRunStarted", "MapRunFailed", "MapStateFailed"]
    data.put_object(Bucket="map-data", Key="missing/data", Body="1\n2\n")
    states.redrive_execution(executionArn=execution)
    assert json.loads(ended(states, execution)["output"]) == [1, 2]
    about = read(states, data, "other-bucket", {"InputType": "JSON"}, key="x")
    assert about["error"] == "States.ItemReaderFailed"


def test_an_item_larger_than_a_payload_can_be_cut_down(states, data):
    big = [{"id": i, "text": "x" * 300_000} for i in range(5)]
    body = "\n".join(map(json.dumps, big))
    selector = {"id.$": "$$.Map.Item.Value.id"}
    config = {"InputType": "JSONL"}
    assert read(states, data, "cut", config, body, ItemSelector=selector) == [{"id": i} for i in range(5)]
    batches = read(states, data, "cut-batches", config, ItemSelector=selector, key="cut/data", ItemBatcher={"MaxItemsPerBatch": 4})
    assert [[i["id"] for i in b["Items"]] for b in batches] == [[0, 1, 2, 3], [4]]
    assert read(states, data, "not-cut", config, key="cut/data")["error"] == "States.DataLimitExceeded"


# --- results in a bucket ----------------------------------------------------------------------------------------------


def writer(prefix, **config):
    put = {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "map-data", "Prefix": prefix}}
    return {**put, "WriterConfig": config} if config else put


def written(data, key):
    """The manifest, and what lies in each of its files."""
    manifest = json.loads(data.get_object(Bucket="map-data", Key=key)["Body"].read())
    contents = {}
    for kind, files in manifest["ResultFiles"].items():
        for file in files:
            body = data.get_object(Bucket="map-data", Key=file["Key"])["Body"].read().decode()
            assert len(body) == file["Size"]
            contents[kind, file["Key"].rsplit("/", 1)[1]] = body
    return manifest, contents


def test_results_are_put_by_status(states, data):
    arn = machine(states, "map-written", distributed(ODD_FAILS, ToleratedFailureCount=2, ResultWriter=writer("results")))
    execution = start(states, arn, items(5, {1, 3}))
    output = json.loads(ended(states, execution)["output"])
    run_arn = map_run_of(states, execution)
    key = f"results/{run_arn.rsplit(':', 1)[1]}/manifest.json"
    assert output == {"MapRunArn": run_arn, "ResultWriterDetails": {"Bucket": "map-data", "Key": key}}
    manifest, contents = written(data, key)
    assert (manifest["DestinationBucket"], manifest["MapRunArn"]) == ("map-data", run_arn)
    assert set(contents) == {("SUCCEEDED", "SUCCEEDED_0.json"), ("FAILED", "FAILED_0.json")}
    good = json.loads(contents["SUCCEEDED", "SUCCEEDED_0.json"])
    assert [json.loads(r["Input"])["i"] for r in good] == [0, 2, 4]
    child = states.describe_execution(executionArn=good[0]["ExecutionArn"])
    assert good[0] == {
        "ExecutionArn": child["executionArn"], "Input": child["input"], "InputDetails": {"Included": True},
        "Name": child["name"], "Output": child["output"], "OutputDetails": {"Included": True}, "RedriveCount": 0,
        "RedriveStatus": "NOT_REDRIVABLE", "RedriveStatusReason": "Execution is SUCCEEDED and cannot be redriven",
        "StartDate": good[0]["StartDate"], "StateMachineArn": arn + "/each", "Status": "SUCCEEDED", "StopDate": good[0]["StopDate"],
    }  # fmt: skip
    bad = json.loads(contents["FAILED", "FAILED_0.json"])
    assert [(r["Status"], r["Error"], r["Cause"], "Output" in r) for r in bad] == [("FAILED", "Odd", "by design", False)] * 2
    counts = states.describe_map_run(mapRunArn=run_arn)
    assert (counts["itemCounts"]["resultsWritten"], counts["executionCounts"]["resultsWritten"]) == (5, 5)


def test_results_transformed(states, data):
    lists = {"StartAt": "P", "States": {"P": {"Type": "Pass", "Parameters": {"two.$": "States.Array($, $)"}, "OutputPath": "$.two", "End": True}}}
    expected = {"COMPACT": [[1, 1], [2, 2]], "FLATTEN": [1, 1, 2, 2]}
    for transformation, value in expected.items():
        config = {"Transformation": transformation, "OutputType": "JSON"}
        arn = machine(states, f"map-{transformation}", distributed(lists, ResultWriter={"WriterConfig": config}))
        assert json.loads(run(states, arn, [1, 2])["output"]) == value
        config["OutputType"] = "JSONL"
        arn = machine(states, f"map-{transformation}-put", distributed(lists, ResultWriter=writer("lines/", **config)))
        key = json.loads(run(states, arn, [1, 2])["output"])["ResultWriterDetails"]["Key"]
        contents = written(data, key)[1]
        lines = contents["SUCCEEDED", "SUCCEEDED_0.jsonl"].split("\n")
        assert [json.loads(line) for line in lines] == value
    arn = machine(states, "map-NONE", distributed(lists, ResultWriter={"WriterConfig": {"Transformation": "NONE"}}))
    assert [r["Status"] for r in json.loads(run(states, arn, [1, 2])["output"])] == ["SUCCEEDED"] * 2


def test_what_never_began_is_written_as_pending(states, data):
    fails = {"StartAt": "No", "States": {"No": ODD_FAILS["States"]["No"]}}
    arn = machine(states, "map-pending", distributed(fails, MaxConcurrency=1, ResultWriter=writer("pending")))
    execution = start(states, arn, items(3, {}))
    assert ended(states, execution)["error"] == "States.ExceedToleratedFailureThreshold"
    run_arn = map_run_of(states, execution)
    contents = written(data, f"pending/{run_arn.rsplit(':', 1)[1]}/manifest.json")[1]
    assert len(json.loads(contents["FAILED", "FAILED_0.json"])) == 1
    pending = json.loads(contents["PENDING", "PENDING_0.json"])
    assert [(json.loads(r["Input"])["i"], r["Status"]) for r in pending] == [(1, "PENDING"), (2, "PENDING")]


def test_a_bucket_that_is_not_there_fails_the_run_before_it_begins(states):
    put = {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "no-such-bucket-here", "Prefix": ""}}
    execution = start(states, machine(states, "map-no-bucket", distributed(PASS, ResultWriter=put)), [1])
    about = ended(states, execution)
    assert (about["error"], about["cause"]) == ("States.ResultWriterFailed", "The specified bucket does not exist")
    assert states.describe_map_run(mapRunArn=map_run_of(states, execution))["executionCounts"]["total"] == 0


def test_kill_9_while_reading_and_writing(own_server):
    """20,000 items from a bucket and their results into one, with the server killed again and again."""
    states, s3 = own_server.client("stepfunctions"), own_server.client("s3")
    s3.create_bucket(Bucket="map-data")
    count = 20_000
    s3.put_object(Bucket="map-data", Key="many", Body="\n".join(f'{{"i": {i}}}' for i in range(count)))
    machine_of = distributed(PASS, "EXPRESS", ItemReader=reader({"InputType": "JSONL"}, Key="many"), ResultWriter=writer("out"))
    execution = start(states, machine(states, "map-many", machine_of))
    run_arn = map_run_of(states, execution)
    for share in (0, count // 4, count // 2, count):
        map_run_when(states, run_arn, lambda r: r["executionCounts"]["succeeded"] >= share, f"{share} children")
        own_server.kill()
        own_server.start()
    output = json.loads(ended(states, execution)["output"])
    contents = written(s3, output["ResultWriterDetails"]["Key"])[1]
    results = json.loads(contents["SUCCEEDED", "SUCCEEDED_0.json"])
    assert [json.loads(r["Output"])["i"] for r in results] == list(range(count))
    assert len({r["ExecutionArn"] for r in results}) == count


# --- Parquet ----------------------------------------------------------------------------------------------------------

DUCKDB = ROOT / ".deps" / "duckdb" / "libduckdb.so"
with_duckdb = pytest.mark.skipif(not DUCKDB.exists(), reason="tools/setup analytics brings DuckDB's library")


def parquet(select, path):
    """A Parquet file as another program makes it."""
    library, db, connection = ctypes.CDLL(str(DUCKDB)), ctypes.c_void_p(), ctypes.c_void_p()
    assert library.duckdb_open(None, ctypes.byref(db)) == 0 and library.duckdb_connect(db, ctypes.byref(connection)) == 0
    copy = f"COPY ({select}) TO '{path}' (FORMAT parquet, COMPRESSION zstd)".encode()
    assert library.duckdb_query(connection, copy, ctypes.create_string_buffer(64)) == 0
    library.duckdb_disconnect(ctypes.byref(connection))
    library.duckdb_close(ctypes.byref(db))
    return path.read_bytes()


@with_duckdb
def test_parquet(states, data, tmp_path):
    config = {"InputType": "PARQUET"}
    body = parquet("SELECT i AS id, 'row ' || i AS text, [i, 2 * i] AS list, {'a': i / 2} AS inner, NULL AS none FROM range(5) t(i)", tmp_path / "a")
    expected = [{"id": i, "text": f"row {i}", "list": [i, 2 * i], "inner": {"a": i / 2}, "none": None} for i in range(5)]
    assert read(states, data, "parquet", config, body) == expected
    assert read(states, data, "parquet-max", {**config, "MaxItems": 2}, key="parquet/data") == expected[:2]
    large = parquet("SELECT i, md5(i::VARCHAR) AS text FROM range(5000) t(i)", tmp_path / "b")
    count = {"StartAt": "N", "States": {"N": {"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% $count($states.input.Items) %}", "End": True}}}
    assert sum(read(states, data, "parquet-large", config, large, processor=count, ItemBatcher={"MaxItemsPerBatch": 1000})) == 5000
    about = read(states, data, "parquet-none", config, "no Parquet, but long enough to be")
    assert (about["error"], about["cause"]) == ("States.ItemReaderFailed", "The object parquet-none/data is no Parquet file")
    about = read(states, data, "parquet-damaged", config, body[:40] + b"\0" * (len(body) - 80) + body[-40:])
    assert about["error"] == "States.ItemReaderFailed"


# --- beside other parts of the language -------------------------------------------------------------------------------


def test_jsonata_reads_selects_and_batches(states, data):
    data.put_object(Bucket="map-data", Key="jsonata/data", Body='{"n": 1}\n{"n": 2}\n{"n": 3}\n')
    definition = distributed(
        {"StartAt": "P", "States": {"P": {"Type": "Pass", "Output": "{% $sum($states.input.Items.n) %}", "End": True}}},
        ItemReader={"Resource": "arn:aws:states:::s3:getObject", "Arguments": {"Bucket": "map-data", "Key": "{% $states.input.key %}"},
                    "ReaderConfig": {"InputType": "JSONL", "MaxItems": "{% $states.input.most %}"}},
        ItemSelector={"n": "{% $states.context.Map.Item.Value.n * 10 %}"}, ItemBatcher={"MaxItemsPerBatch": 2})  # fmt: skip
    arn = machine(states, "map-jsonata", {"QueryLanguage": "JSONata", **definition})
    assert json.loads(run(states, arn, {"key": "jsonata/data", "most": 3})["output"]) == [30, 30]
    assert json.loads(run(states, arn, {"key": "jsonata/data", "most": 1})["output"]) == [10]


def test_paths_in_reader_and_batcher(states, data):
    data.put_object(Bucket="map-data", Key="paths/data", Body="1\n2\n3\n4\n5\n")
    given = {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "JSONL", "MaxItemsPath": "$.most"},
             "Parameters": {"Bucket": "map-data", "Key.$": "$.key"}}  # fmt: skip
    arn = machine(states, "map-paths", distributed(PASS, ItemReader=given, ItemBatcher={"MaxItemsPerBatchPath": "$.each"}))
    batches = json.loads(run(states, arn, {"key": "paths/data", "most": 4, "each": 3})["output"])
    assert batches == [{"Items": [1, 2, 3]}, {"Items": [4]}]


def test_a_failed_run_is_caught_and_a_retry_is_a_new_run(states):
    definition = distributed(ODD_FAILS, Retry=[{"ErrorEquals": ["States.ExceedToleratedFailureThreshold"], "IntervalSeconds": 1, "MaxAttempts": 1}],
                             Catch=[{"ErrorEquals": ["States.ALL"], "ResultPath": "$[0].error", "Next": "Caught"}])  # fmt: skip
    definition["States"]["Caught"] = {"Type": "Pass", "OutputPath": "$[0].error", "End": True}
    execution = start(states, machine(states, "map-caught", definition), items(2, {1}))
    about = ended(states, execution)
    assert (about["status"], json.loads(about["output"])["Error"]) == ("SUCCEEDED", "States.ExceedToleratedFailureThreshold")
    runs = [states.describe_map_run(mapRunArn=r["mapRunArn"]) for r in states.list_map_runs(executionArn=execution)["mapRuns"]]
    assert [r["status"] for r in runs] == ["FAILED", "FAILED"] and runs[0]["startDate"] >= runs[1]["startDate"]


def test_a_run_within_a_run(states):
    inner = distributed(PASS)["States"]["Each"]
    arn = machine(states, "map-nested", distributed({"StartAt": "Inner", "States": {"Inner": {**inner, "Label": "inner"}}}))
    execution = start(states, arn, [[1, 2], [3]])
    assert json.loads(ended(states, execution)["output"]) == [[1, 2], [3]]
    outer = children(states, map_run_of(states, execution))
    assert [len(children(states, map_run_of(states, c["executionArn"]))) for c in outer] == [1, 2]
    about = states.describe_state_machine_for_execution(executionArn=outer[0]["executionArn"])
    assert about["mapRunArn"] == map_run_of(states, execution) and about["label"] == "each"


def test_a_child_that_is_stopped_by_hand_counts_as_aborted(states):
    execution = start(states, machine(states, "map-child-stopped", distributed(WAIT)), [1, 2])
    run_arn = map_run_of(states, execution)
    map_run_when(states, run_arn, lambda r: r["executionCounts"]["running"] == 2, "two children")
    for child in children(states, run_arn):
        states.stop_execution(executionArn=child["executionArn"])
    assert ended(states, execution)["error"] == "States.ExceedToleratedFailureThreshold"
    counts = states.describe_map_run(mapRunArn=run_arn)["executionCounts"]
    assert (counts["aborted"], counts["running"]) == (2, 0)
