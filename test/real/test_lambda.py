# test_lambda.py - Lambda from outside: functions of three kinds of runtime, warm and cold, killed in every way, and as tasks.
import base64
import hashlib
import io
import json
import os
import shutil
import urllib.request
import uuid
import zipfile

import pytest
from botocore.exceptions import ClientError
from server import Server, processes_inside, wait_for

ROLE = "arn:aws:iam::000000000000:role/functions"
PYTHON = """
import os, sys, time
calls = 0

class Odd(Exception):
    pass

def handler(event, context):
    global calls
    calls += 1
    what = event.get("do")
    print("asked to", what)
    if what == "fail":
        raise Odd("as told")
    if what == "sleep":
        time.sleep(60)
    if what == "exit":
        os._exit(event["code"])
    if what == "eat":
        kept = [bytearray(b"x") * (16 << 20) for _ in range(40)]
        time.sleep(60)
    if what == "large":
        return "x" * (7 << 20)
    if what == "note":
        with open(event["file"], "a") as f:
            f.write(context.aws_request_id + "\\n")
        time.sleep(event.get("seconds", 0))
        if event.get("fail"):
            raise Odd("as told")
    return {"calls": calls, "event": event, "pid": os.getpid(), "version": context.function_version,
            "color": os.environ.get("COLOR"), "arn": context.invoked_function_arn,
            "left": context.get_remaining_time_in_millis()}
"""
NODE = """
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
exports.promised = async (event, context) => { console.log('two\\nlines'); await pause(1); return {event, id: context.awsRequestId}; };
exports.called = (event, context, callback) => { setTimeout(() => callback(null, {called: true}), 1); };
exports.refused = (event, context, callback) => callback(new TypeError('no'));
exports.silent = () => {};
exports.thrown = async () => { throw new RangeError('too far'); };
"""
CUSTOM = """#!/usr/bin/env bash
api=http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation
while :; do
    event=$(curl -sS -D head "$api/next") || exit 1
    id=$(tr -d '\\r' <head | sed -n 's/^lambda-runtime-aws-request-id: //Ip')
    curl -sS -X POST "$api/$id/response" -d "{\\"custom\\": $event}" >answer
done
"""


def zip_of(files):
    b = io.BytesIO()
    with zipfile.ZipFile(b, "w", zipfile.ZIP_DEFLATED) as z:
        for name, text in files.items():
            info = zipfile.ZipInfo(name)
            info.create_system, info.external_attr = 3, 0o100755 << 16
            z.writestr(info, text, zipfile.ZIP_DEFLATED)
    return b.getvalue()


CODE = zip_of({"app.py": PYTHON})


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    s = Server(tmp_path_factory.mktemp("lambda"))
    yield s
    s.stop()
    wait_for(lambda: processes_inside(s.data) == [], what="the processes to be gone")


@pytest.fixture(scope="module")
def client(server):
    return server.client("lambda")


def make(client, code=CODE, runtime="python3.12", handler="app.handler", **more):
    name = "f-" + uuid.uuid4().hex[:12]
    client.create_function(
        FunctionName=name, Runtime=runtime, Role=ROLE, Handler=handler, Code={"ZipFile": code}, **more
    )
    client.get_waiter("function_active_v2").wait(FunctionName=name)
    return name


def call(client, name, event=None, **more):
    answer = client.invoke(FunctionName=name, Payload=json.dumps(event or {}), LogType="Tail", **more)
    answer["Payload"] = json.loads(answer["Payload"].read())
    answer["LogResult"] = base64.b64decode(answer["LogResult"]).decode()
    return answer


def refused(code, function, **given):
    with pytest.raises(ClientError) as caught:
        function(**given)
    assert caught.value.response["Error"]["Code"] == code
    return caught.value.response["Error"]["Message"]


# ---- running ----


def test_a_function_runs_and_stays_warm(client):
    name = make(client, Environment={"Variables": {"COLOR": "blue"}}, Timeout=5)
    first, second = call(client, name, {"n": 1}), call(client, name, {"n": 2})
    assert (first["StatusCode"], first["ExecutedVersion"], "FunctionError" in first) == (200, "$LATEST", False)
    assert first["Payload"]["event"] == {"n": 1} and first["Payload"]["color"] == "blue"
    assert first["Payload"]["arn"] == f"arn:aws:lambda:us-east-1:000000000000:function:{name}"
    assert 0 < first["Payload"]["left"] <= 5000
    assert second["Payload"]["pid"] == first["Payload"]["pid"] and second["Payload"]["calls"] == 2
    lines = first["LogResult"].splitlines()
    request = first["ResponseMetadata"]["RequestId"]
    assert lines[0] == f"START RequestId: {request} Version: $LATEST"
    assert lines[1] == "asked to None" and lines[2] == f"END RequestId: {request}"
    assert lines[3].startswith(f"REPORT RequestId: {request}\tDuration: ") and "Init Duration" in lines[3]
    assert "Memory Size: 128 MB\tMax Memory Used: " in lines[3] and "Init Duration" not in second["LogResult"]


def test_an_exception_is_the_answer_and_the_process_stays(client):
    name = make(client)
    pid = call(client, name)["Payload"]["pid"]
    failed = call(client, name, {"do": "fail"})
    assert (failed["StatusCode"], failed["FunctionError"]) == (200, "Unhandled")
    document = failed["Payload"]
    assert (document["errorType"], document["errorMessage"]) == ("Odd", "as told")
    assert document["requestId"] == failed["ResponseMetadata"]["RequestId"]
    assert len(document["stackTrace"]) == 1 and 'raise Odd("as told")' in document["stackTrace"][0]
    assert "[ERROR] Odd: as told" in failed["LogResult"]
    assert call(client, name)["Payload"]["pid"] == pid


def test_a_timeout_kills_the_process(server, client):
    name = make(client, Timeout=1)
    failed = call(client, name, {"do": "sleep"})
    request = failed["ResponseMetadata"]["RequestId"]
    assert failed["FunctionError"] == "Unhandled"
    assert failed["Payload"] == {
        "errorType": "Sandbox.Timedout", "errorMessage": f"RequestId: {request} Error: Task timed out after 1.00 seconds"
    }  # fmt: skip
    assert "asked to sleep" in failed["LogResult"] and "Task timed out" in failed["LogResult"]
    assert call(client, name)["Payload"]["calls"] == 1


@pytest.mark.parametrize("code, said", [(3, "with error: exit status 3"), (0, "without providing a reason")])
def test_a_process_that_ends_is_replaced(client, code, said):
    name = make(client)
    failed = call(client, name, {"do": "exit", "code": code})
    assert failed["FunctionError"] == "Unhandled"
    assert failed["Payload"]["errorType"] == "Runtime.ExitError" and said in failed["Payload"]["errorMessage"]
    assert call(client, name)["Payload"]["calls"] == 1


def test_a_function_over_its_memory_is_killed(client):
    name = make(client, MemorySize=128, Timeout=50)
    failed = call(client, name, {"do": "eat"})
    assert failed["Payload"]["errorType"] == "Runtime.OutOfMemory"
    assert failed["Payload"]["errorMessage"].endswith("signal: killed")


@pytest.mark.parametrize(
    "files, handler, kind",
    [
        ({"app.py": "x = 1"}, "app.handler", "Runtime.HandlerNotFound"),
        ({"app.py": "x = 1"}, "other.handler", "Runtime.ImportModuleError"),
        ({"app.py": "def handler(:"}, "app.handler", "Runtime.UserCodeSyntaxError"),
        ({"app.py": "x = 1"}, "handler", "Runtime.MalformedHandlerName"),
        ({"app.py": "raise KeyError('k')"}, "app.handler", "KeyError"),
        ({"app.py": "def handler(e, c): return {1, 2}"}, "app.handler", "Runtime.MarshalError"),
    ],
)
def test_code_that_cannot_be_loaded_says_why(client, files, handler, kind):
    name = make(client, zip_of(files), handler=handler)
    failed = call(client, name)
    assert (failed["FunctionError"], failed["Payload"]["errorType"]) == ("Unhandled", kind)


def test_payloads_have_limits(client):
    name = make(client, Timeout=30)
    assert call(client, name, {"do": "large"})["Payload"]["errorType"] == "Function.ResponseSizeTooLarge"
    text = refused("RequestTooLargeException", client.invoke, FunctionName=name, Payload=json.dumps("x" * (6 << 20)))
    assert "(limit 6291456 bytes)" in text
    text = refused(
        "RequestTooLargeException", client.invoke, FunctionName=name, InvocationType="Event",
        Payload=json.dumps("x" * (256 << 10)),
    )  # fmt: skip
    assert "Event invocation type (limit 262144 bytes)" in text
    refused("InvalidRequestContentException", client.invoke, FunctionName=name, Payload=b"{not json")
    assert client.invoke(FunctionName=name, InvocationType="DryRun")["StatusCode"] == 204


@pytest.mark.skipif(not shutil.which("node"), reason="node is not on this machine")
@pytest.mark.parametrize("handler", ["promised", "called", "refused", "silent", "thrown", "missing"])
def test_javascript(client, handler):
    name = make(client, zip_of({"index.js": NODE}), "nodejs20.x", f"index.{handler}", Timeout=20)
    answer = call(client, name, {"a": 1})
    payload = answer["Payload"]
    if handler == "promised":
        assert payload == {"event": {"a": 1}, "id": answer["ResponseMetadata"]["RequestId"]}
        assert "\tINFO\ttwo\nlines\n" in answer["LogResult"]
    elif handler in ("called", "silent"):
        assert payload == ({"called": True} if handler == "called" else None)
    else:
        kinds = {"refused": "TypeError", "thrown": "RangeError", "missing": "Runtime.HandlerNotFound"}
        assert (answer["FunctionError"], payload["errorType"]) == ("Unhandled", kinds[handler])


@pytest.mark.skipif(not shutil.which("node"), reason="node is not on this machine")
def test_javascript_modules(client):
    name = make(client, zip_of({"lib/a.mjs": "export const handler = async (e) => e.n + 1;"}), "nodejs22.x", "lib/a.handler")
    assert call(client, name, {"n": 1})["Payload"] == 2


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not on this machine")
def test_a_custom_runtime(client):
    name = make(client, zip_of({"bootstrap": CUSTOM}), "provided.al2023", "any")
    assert [call(client, name, {"n": n})["Payload"] for n in (1, 2)] == [{"custom": {"n": 1}}, {"custom": {"n": 2}}]
    none = make(client, zip_of({"other": CUSTOM}), "provided.al2023", "any")
    assert call(client, none)["Payload"]["errorType"] == "Runtime.InvalidEntrypoint"


def test_a_function_reaches_this_server_with_keys_of_its_own(server, client):
    server.client("s3").create_bucket(Bucket="from-function")
    name = make(
        client,
        zip_of({"app.py": "import boto3\ndef handler(e, c):\n    return [b['Name'] for b in boto3.client('s3').list_buckets()['Buckets']]"}),
        Timeout=60, MemorySize=512,
    )  # fmt: skip
    assert "from-function" in call(client, name)["Payload"]


# ---- code ----


def test_hostile_archives_are_refused(server, client):
    def archive(name, mode=0o100644, body="x"):
        b = io.BytesIO()
        with zipfile.ZipFile(b, "w", zipfile.ZIP_DEFLATED) as z:
            info = zipfile.ZipInfo(name)
            info.create_system, info.external_attr = 3, mode << 16
            z.writestr(info, body, zipfile.ZIP_DEFLATED)
        return b.getvalue()

    given = {"Runtime": "python3.12", "Role": ROLE, "Handler": "a.b", "FunctionName": "hostile"}
    for code, said in [
        (archive("../evil"), "outside its folder"),
        (archive("/evil"), "outside its folder"),
        (archive("link", 0o120777, "/etc/passwd"), "links are not taken"),
        (archive("zeros", body=bytes(270 << 20)), "Unzipped size must be smaller than 262144000 bytes"),
        (b"PK no", "Could not unzip uploaded file"),
    ]:
        text = refused("InvalidParameterValueException", client.create_function, Code={"ZipFile": code}, **given)
        assert said in text
    refused("ResourceNotFoundException", client.get_function, FunctionName="hostile")


def test_code_from_a_bucket_and_back(server, client):
    s3 = server.client("s3")
    s3.create_bucket(Bucket="code")
    s3.put_object(Bucket="code", Key="a.zip", Body=CODE)
    name = "from-s3"
    made = client.create_function(
        FunctionName=name, Runtime="python3.12", Role=ROLE, Handler="app.handler",
        Code={"S3Bucket": "code", "S3Key": "a.zip"},
    )  # fmt: skip
    assert made["CodeSha256"] == base64.b64encode(hashlib.sha256(CODE).digest()).decode()
    assert made["CodeSize"] == len(CODE)
    s3.delete_object(Bucket="code", Key="a.zip")
    assert call(client, name)["Payload"]["calls"] == 1
    where = client.get_function(FunctionName=name)["Code"]["Location"]
    with urllib.request.urlopen(where) as answer:
        assert answer.read() == CODE
    text = refused("InvalidParameterValueException", client.update_function_code, FunctionName=name, S3Bucket="code", S3Key="a.zip")
    assert "S3 Error Code: NoSuchKey" in text


def test_large_code_is_kept_by_the_pool(client):
    name = make(client)
    b = io.BytesIO()
    with zipfile.ZipFile(b, "w") as z:
        z.writestr("app.py", PYTHON)
        z.writestr("data.bin", os.urandom(20 << 20))
    made = client.update_function_code(FunctionName=name, ZipFile=b.getvalue(), Publish=True)
    assert (made["Version"], made["CodeSize"]) == ("1", len(b.getvalue()))
    assert made["CodeSha256"] == base64.b64encode(hashlib.sha256(b.getvalue()).digest()).decode()
    assert call(client, name, Qualifier="1")["Payload"]["version"] == "1"
    given = {"Runtime": "python3.12", "Role": ROLE, "Handler": "a.b", "Code": {"ZipFile": b.getvalue()[:-1]}}
    text = refused("InvalidParameterValueException", client.create_function, FunctionName="cut", **given)
    assert "Could not unzip uploaded file" in text


def test_an_update_takes_the_place_of_what_is_warm(client):
    name = make(client, zip_of({"app.py": "def handler(e, c): return 'old'"}))
    assert call(client, name)["Payload"] == "old"
    revision = client.get_function(FunctionName=name)["Configuration"]["RevisionId"]
    new = client.update_function_code(FunctionName=name, ZipFile=zip_of({"app.py": "def handler(e, c): return 'new'"}))
    assert new["LastUpdateStatus"] == "Successful" and new["RevisionId"] != revision
    client.get_waiter("function_updated_v2").wait(FunctionName=name)
    assert call(client, name)["Payload"] == "new"
    text = refused(
        "PreconditionFailedException", client.update_function_configuration, FunctionName=name, Timeout=7,
        RevisionId=revision,
    )  # fmt: skip
    assert text.startswith("The Revision Id provided does not match the latest Revision Id.")
    assert client.update_function_configuration(FunctionName=name, Timeout=7)["Timeout"] == 7


# ---- versions, aliases, permissions, settings ----


def test_versions_and_aliases(client):
    name = make(client, zip_of({"app.py": "def handler(e, c): return [1, c.function_version]"}))
    assert client.publish_version(FunctionName=name)["Version"] == "1"
    assert client.publish_version(FunctionName=name)["Version"] == "1"  # nothing has changed
    client.update_function_code(
        FunctionName=name, ZipFile=zip_of({"app.py": "def handler(e, c): return [2, c.function_version]"}), Publish=True
    )
    listed = client.list_versions_by_function(FunctionName=name)["Versions"]
    assert [v["Version"] for v in listed] == ["$LATEST", "1", "2"]
    alias = client.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    assert alias["AliasArn"].endswith(f":function:{name}:live")
    answer = call(client, name, Qualifier="live")
    assert (answer["Payload"], answer["ExecutedVersion"]) == ([1, "1"], "1")
    assert call(client, alias["AliasArn"])["Payload"] == [1, "1"]
    assert call(client, f"{name}:2")["Payload"] == [2, "2"]
    client.update_alias(FunctionName=name, Name="live", RoutingConfig={"AdditionalVersionWeights": {"2": 1.0}})
    assert call(client, name, Qualifier="live")["ExecutedVersion"] == "2"
    client.update_alias(FunctionName=name, Name="live", RoutingConfig={"AdditionalVersionWeights": {"2": 0.5}})
    assert {call(client, name, Qualifier="live")["ExecutedVersion"] for _ in range(40)} == {"1", "2"}
    refused("ResourceConflictException", client.create_alias, FunctionName=name, Name="live", FunctionVersion="1")
    refused("ResourceConflictException", client.delete_function, FunctionName=name, Qualifier="1")
    assert [a["Name"] for a in client.list_aliases(FunctionName=name)["Aliases"]] == ["live"]
    client.delete_alias(FunctionName=name, Name="live")
    client.delete_function(FunctionName=name, Qualifier="1")
    text = refused("ResourceNotFoundException", client.invoke, FunctionName=name, Qualifier="1")
    assert text == f"Function not found: arn:aws:lambda:us-east-1:000000000000:function:{name}:1"


def test_permissions(client):
    name = make(client)
    refused("ResourceNotFoundException", client.get_policy, FunctionName=name)
    given = {"FunctionName": name, "StatementId": "s3", "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com"}
    statement = json.loads(client.add_permission(**given, SourceArn="arn:aws:s3:::b", SourceAccount="000000000000")["Statement"])
    arn = f"arn:aws:lambda:us-east-1:000000000000:function:{name}"
    assert statement == {
        "Sid": "s3", "Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "lambda:InvokeFunction",
        "Resource": arn,
        "Condition": {"StringEquals": {"AWS:SourceAccount": "000000000000"}, "ArnLike": {"AWS:SourceArn": "arn:aws:s3:::b"}},
    }  # fmt: skip
    refused("ResourceConflictException", client.add_permission, **given)
    client.add_permission(FunctionName=name, StatementId="other", Action="lambda:*", Principal="123456789012")
    policy = json.loads(client.get_policy(FunctionName=name)["Policy"])
    assert [s["Sid"] for s in policy["Statement"]] == ["s3", "other"]
    assert policy["Statement"][1]["Principal"] == {"AWS": "arn:aws:iam::123456789012:root"}
    for sid in ("s3", "other"):
        client.remove_permission(FunctionName=name, StatementId=sid)
    refused("ResourceNotFoundException", client.get_policy, FunctionName=name)


def test_settings(client):
    name = make(client, Tags={"team": "lake"})
    arn = client.get_function(FunctionName=name)["Configuration"]["FunctionArn"]
    client.tag_resource(Resource=arn, Tags={"stage": "test"})
    client.untag_resource(Resource=arn, TagKeys=["team"])
    assert client.list_tags(Resource=arn)["Tags"] == {"stage": "test"}
    client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    assert refused("TooManyRequestsException", client.invoke, FunctionName=name) == "Rate Exceeded."
    assert client.get_function_concurrency(FunctionName=name)["ReservedConcurrentExecutions"] == 0
    client.delete_function_concurrency(FunctionName=name)
    assert call(client, name)["Payload"]["calls"] == 1
    text = refused("InvalidParameterValueException", client.put_function_concurrency, FunctionName=name, ReservedConcurrentExecutions=901)
    assert "below its minimum value of [100]" in text
    settings = client.get_account_settings()
    assert settings["AccountLimit"]["ConcurrentExecutions"] == 1000 and settings["AccountUsage"]["FunctionCount"] >= 1
    client.put_function_event_invoke_config(FunctionName=name, MaximumRetryAttempts=1)
    assert client.get_function_event_invoke_config(FunctionName=name)["MaximumRetryAttempts"] == 1


def test_what_is_refused(client):
    name = make(client)
    given = {"FunctionName": "x", "Runtime": "python3.12", "Role": ROLE, "Handler": "a.b", "Code": {"ZipFile": CODE}}
    assert refused("ResourceConflictException", client.create_function, **given | {"FunctionName": name}) == f"Function already exist: {name}"
    refused("InvalidParameterValueException", client.create_function, **given | {"Runtime": "java21"})
    refused("InvalidParameterValueException", client.create_function, **given | {"Code": {}})
    refused("ValidationException", client.create_function, **given | {"Handler": "two words"})
    text = refused(
        "InvalidParameterValueException", client.create_function, **given, Environment={"Variables": {"AWS_REGION": "x"}}
    )
    assert text.endswith("Reserved keys used in this request: AWS_REGION")
    refused("InvalidParameterValueException", client.create_function, **given, Environment={"Variables": {"LONG": "x" * 4096}})
    refused("ResourceNotFoundException", client.invoke, FunctionName="nobody")


def test_many_functions_are_listed_by_pages(client):
    mine = sorted(make(client) for _ in range(3))
    pages = client.get_paginator("list_functions").paginate(PaginationConfig={"PageSize": 2})
    listed = [f["FunctionName"] for page in pages for f in page["Functions"]]
    assert listed == sorted(listed) and set(mine) <= set(listed)
    client.delete_function(FunctionName=mine[0])
    refused("ResourceNotFoundException", client.get_function, FunctionName=mine[0])


def test_the_command_line(server, tmp_path):
    (tmp_path / "code.zip").write_bytes(CODE)
    server.aws(
        "lambda", "create-function", "--function-name", "cli", "--runtime", "python3.12", "--role", ROLE,
        "--handler", "app.handler", "--zip-file", f"fileb://{tmp_path}/code.zip",
    )  # fmt: skip
    server.aws("lambda", "wait", "function-active", "--function-name", "cli")
    server.aws("lambda", "wait", "function-exists", "--function-name", "cli")
    done = server.aws(
        "lambda", "invoke", "--function-name", "cli", "--cli-binary-format", "raw-in-base64-out", "--payload",
        '{"n": 1}', str(tmp_path / "out.json"), ok=False,
    )  # fmt: skip
    if done.returncode:  # version 1 knows no such option
        server.aws("lambda", "invoke", "--function-name", "cli", "--payload", '{"n": 1}', str(tmp_path / "out.json"))
    assert json.loads((tmp_path / "out.json").read_text())["event"] == {"n": 1}


# ---- logs ----


def test_logs_go_to_the_group_of_the_function(server, client):
    name, logs = make(client), server.client("logs")
    request = call(client, name, {"do": "fail"})["ResponseMetadata"]["RequestId"]
    group = f"/aws/lambda/{name}"

    def messages():
        try:
            found = [e["message"] for e in logs.filter_log_events(logGroupName=group)["events"]]
        except logs.exceptions.ResourceNotFoundException:
            return None
        return found if any(m.startswith("REPORT") for m in found) else None

    found = wait_for(messages, what="the report in the log")
    assert f"START RequestId: {request} Version: $LATEST\n" in found and "asked to fail\n" in found
    assert any(m.startswith("[ERROR] Odd: as told\nTraceback") for m in found)
    stream = logs.describe_log_streams(logGroupName=group)["logStreams"][0]["logStreamName"]
    assert "/[$LATEST]" in stream


# ---- asynchronous ----


def lines_of(file):
    return file.read_text().split() if file.exists() else []


def test_an_event_runs_later(client, tmp_path):
    name, file = make(client), tmp_path / "notes"
    answer = client.invoke(FunctionName=name, InvocationType="Event", Payload=json.dumps({"do": "note", "file": str(file)}))
    assert answer["StatusCode"] == 202 and answer["Payload"].read() == b""
    assert wait_for(lambda: lines_of(file), what="the event") == [answer["ResponseMetadata"]["RequestId"]]


def test_an_event_that_fails_is_given_up_with_a_reason(server, client, tmp_path):
    name, file = make(client), tmp_path / "notes"
    client.put_function_event_invoke_config(FunctionName=name, MaximumRetryAttempts=0)
    event = {"do": "note", "file": str(file), "fail": True}
    request = client.invoke(FunctionName=name, InvocationType="Event", Payload=json.dumps(event))["ResponseMetadata"]["RequestId"]
    wait_for(lambda: f"function-event-given-up request={request} attempts=1 reason=RetriesExhausted" in server.log())
    assert lines_of(file) == [request]


def test_a_killed_server_leaves_no_process_and_events_run_again(tmp_path):
    s = Server(tmp_path)
    client, file = s.client("lambda"), tmp_path / "notes"
    name = make(client, Timeout=60)
    event = {"do": "note", "file": str(file), "seconds": 3}
    request = client.invoke(FunctionName=name, InvocationType="Event", Payload=json.dumps(event))["ResponseMetadata"]["RequestId"]
    wait_for(lambda: lines_of(file), what="the first attempt")
    s.kill()
    wait_for(lambda: processes_inside(s.data) == [], what="the processes to be gone")
    s.start()
    assert wait_for(lambda: len(lines_of(file)) == 2 and lines_of(file), what="the second attempt") == [request] * 2
    assert call(s.client("lambda"), name)["Payload"]["event"] == {}
    assert s.stop() == 0
    wait_for(lambda: processes_inside(s.data) == [], what="the processes to be gone")


# ---- tasks of state machines ----


def run(server, states, given, name=None):
    f = server.client("stepfunctions")
    definition = json.dumps({"StartAt": "Call", "States": states})
    machine = f.create_state_machine(name="m-" + uuid.uuid4().hex[:12], definition=definition, roleArn=ROLE)["stateMachineArn"]
    execution = f.start_execution(stateMachineArn=machine, input=json.dumps(given))["executionArn"]

    def ended():
        described = f.describe_execution(executionArn=execution)
        return described["status"] != "RUNNING" and described

    described = wait_for(ended, what="the execution")
    history = f.get_execution_history(executionArn=execution)["events"]
    return described, [e["type"] for e in history]


def task(resource="arn:aws:states:::lambda:invoke", **more):
    return {"Type": "Task", "Resource": resource, "End": True} | more


def test_a_function_is_the_resource(server, client):
    name = make(client)
    arn = f"arn:aws:lambda:us-east-1:000000000000:function:{name}"
    described, types = run(server, {"Call": task(arn)}, {"n": 1})
    assert json.loads(described["output"])["event"] == {"n": 1}
    assert types[2:5] == ["LambdaFunctionScheduled", "LambdaFunctionStarted", "LambdaFunctionSucceeded"]
    described, types = run(server, {"Call": task(arn)}, {"do": "fail"})
    assert (described["status"], described["error"]) == ("FAILED", "Odd")
    assert json.loads(described["cause"])["errorMessage"] == "as told"
    assert "LambdaFunctionFailed" in types


def test_lambda_invoke(server, client):
    name = make(client)
    state = task(Parameters={"FunctionName": name, "Payload.$": "$"})
    described, types = run(server, {"Call": state}, {"n": 1})
    output = json.loads(described["output"])
    assert output["Payload"]["event"] == {"n": 1} and output["StatusCode"] == 200
    assert output["ExecutedVersion"] == "$LATEST" and output["SdkHttpMetadata"]["HttpStatusCode"] == 200
    assert types[2:5] == ["TaskScheduled", "TaskStarted", "TaskSucceeded"]
    sdk = task("arn:aws:states:::aws-sdk:lambda:invoke", Parameters={"FunctionName": name, "Payload": {"n": 2}})
    output = json.loads(run(server, {"Call": sdk}, {})[0]["output"])
    assert json.loads(output["Payload"])["event"] == {"n": 2}
    described, _ = run(server, {"Call": task(Parameters={"FunctionName": "nobody"})}, {})
    assert described["error"] == "Lambda.ResourceNotFoundException"


def test_retry_and_catch(server, client):
    name = make(client)
    state = task(
        Parameters={"FunctionName": name, "Payload": {"do": "fail"}},
        Retry=[{"ErrorEquals": ["Odd"], "IntervalSeconds": 1, "MaxAttempts": 1}],
        Catch=[{"ErrorEquals": ["Odd"], "ResultPath": "$.caught", "Next": "Caught"}],
    )
    described, types = run(server, {"Call": state, "Caught": {"Type": "Pass", "End": True}}, {"n": 1})
    assert described["status"] == "SUCCEEDED" and types.count("TaskFailed") == 2
    assert json.loads(described["output"])["caught"]["Error"] == "Odd"


def test_a_token_given_by_the_function(server, client):
    code = "import boto3, json\ndef handler(e, c):\n    boto3.client('stepfunctions').send_task_success(taskToken=e['token'], output=json.dumps({'by': 'function'}))"
    name = make(client, zip_of({"app.py": code}), Timeout=60, MemorySize=512)
    state = task(
        "arn:aws:states:::lambda:invoke.waitForTaskToken",
        Parameters={"FunctionName": name, "Payload": {"token.$": "$$.Task.Token"}}, TimeoutSeconds=60,
    )  # fmt: skip
    described, types = run(server, {"Call": state}, {})
    assert (described["status"], json.loads(described["output"])) == ("SUCCEEDED", {"by": "function"})


def test_a_task_survives_the_server(tmp_path):
    s = Server(tmp_path)
    name, file = make(s.client("lambda"), Timeout=60), tmp_path / "notes"
    f = s.client("stepfunctions")
    state = task(Parameters={"FunctionName": name, "Payload": {"do": "note", "file": str(file), "seconds": 2}})
    machine = f.create_state_machine(
        name="m", definition=json.dumps({"StartAt": "Call", "States": {"Call": state}}), roleArn=ROLE
    )["stateMachineArn"]
    execution = f.start_execution(stateMachineArn=machine)["executionArn"]
    wait_for(lambda: lines_of(file), what="the first attempt")
    s.kill()
    s.start()
    f = s.client("stepfunctions")
    wait_for(lambda: f.describe_execution(executionArn=execution)["status"] == "SUCCEEDED", what="the execution")
    assert len(set(lines_of(file))) == 1 and len(lines_of(file)) == 2
    assert s.stop() == 0


# ---- what is refused, in the service's words ----


@pytest.mark.parametrize(
    "code, words, given",
    [
        ("ValidationException", "less than or equal to 900", {"Timeout": 901}),
        ("ValidationException", "less than or equal to 10240", {"MemorySize": 10241}),
        ("ValidationException", "less than or equal to 10240", {"EphemeralStorage": {"Size": 10241}}),
        ("ValidationException", "less than or equal to 64", {"FunctionName": "f" * 65}),
        ("InvalidParameterValueException", "must not exceed 50", {"Tags": {str(i): "" for i in range(51)}}),
        ("InvalidParameterValueException", "aws:", {"Tags": {"aws:x": ""}}),
    ],
)
def test_quotas_of_functions(client, code, words, given):
    name = "f-" + uuid.uuid4().hex[:12]
    wanted = {"FunctionName": name, "Runtime": "python3.12", "Role": ROLE, "Handler": "app.handler", "Code": {"ZipFile": CODE}}
    assert words in refused(code, client.create_function, **(wanted | given))
    refused("ResourceNotFoundException", client.get_function, FunctionName=name)


def test_weights_and_principals_are_checked(client):
    name = make(client)
    client.publish_version(FunctionName=name)

    def weights(given):
        return dict(FunctionName=name, Name="live", FunctionVersion="1", RoutingConfig={"AdditionalVersionWeights": given})

    assert "already included" in refused("InvalidParameterValueException", client.create_alias, **weights({"1": 0.5}))
    client.update_function_configuration(FunctionName=name, Timeout=4)
    client.publish_version(FunctionName=name)
    assert "less than or equal to 1" in refused("ValidationException", client.create_alias, **weights({"2": 1.5}))
    client.create_alias(**weights({"2": 0.5}))
    assert "principal was invalid" in refused(
        "InvalidParameterValueException", client.add_permission, FunctionName=name, StatementId="s",
        Action="lambda:InvokeFunction", Principal="nonsense",
    )  # fmt: skip
    assert "at least one" in refused("InvalidParameterValueException", client.put_function_event_invoke_config, FunctionName=name)


def test_an_answer_comes_as_a_stream(client):
    name = make(client)
    answer = client.invoke_with_response_stream(FunctionName=name, Payload=b'{"x": 1}', LogType="Tail")
    assert answer["ExecutedVersion"] == "$LATEST" and answer["ResponseStreamContentType"] == "application/vnd.amazon.eventstream"
    events = list(answer["EventStream"])
    body = b"".join(e["PayloadChunk"]["Payload"] for e in events if "PayloadChunk" in e)
    assert json.loads(body)["event"] == {"x": 1}
    assert b"START RequestId" in base64.b64decode(events[-1]["InvokeComplete"]["LogResult"])
    failed = list(client.invoke_with_response_stream(FunctionName=name, Payload=b'{"do": "fail"}')["EventStream"])
    assert len(failed) == 1 and failed[0]["InvokeComplete"]["ErrorCode"] == "Unhandled"
    assert json.loads(failed[0]["InvokeComplete"]["ErrorDetails"])["errorType"] == "Odd"
    refused("ResourceNotFoundException", client.invoke_with_response_stream, FunctionName="missing")


def test_destinations_and_dead_letters_hear_of_the_end(server, client):
    sqs, events = server.client("sqs"), server.client("events")

    def queue():
        url = sqs.create_queue(QueueName="d-" + uuid.uuid4().hex[:10])["QueueUrl"]
        return url, sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]

    def got(url):
        ask = dict(QueueUrl=url, WaitTimeSeconds=10, MessageAttributeNames=["All"])
        return wait_for(lambda: sqs.receive_message(**ask).get("Messages"))[0]

    (good, good_arn), (bad, bad_arn), (dead, dead_arn), (heard, heard_arn) = queue(), queue(), queue(), queue()
    name = make(client, DeadLetterConfig={"TargetArn": dead_arn})
    bus = "b-" + uuid.uuid4().hex[:10]
    bus_arn = events.create_event_bus(Name=bus)["EventBusArn"]
    events.put_rule(Name="r", EventBusName=bus, EventPattern='{"source": ["lambda"]}')
    events.put_targets(Rule="r", EventBusName=bus, Targets=[{"Id": "1", "Arn": heard_arn}])
    where = {"OnSuccess": {"Destination": good_arn}, "OnFailure": {"Destination": bad_arn}}
    client.put_function_event_invoke_config(FunctionName=name, Qualifier="$LATEST", MaximumRetryAttempts=0, DestinationConfig=where)
    client.invoke(FunctionName=name, InvocationType="Event", Payload=b'{"x": 1}')
    record = json.loads(got(good)["Body"])
    assert record["requestContext"]["condition"] == "Success" and record["requestContext"]["approximateInvokeCount"] == 1
    assert record["requestPayload"] == {"x": 1} and record["responsePayload"]["event"] == {"x": 1}
    assert record["responseContext"] == {"statusCode": 200, "executedVersion": "$LATEST"}
    client.invoke(FunctionName=name, InvocationType="Event", Payload=b'{"do": "fail"}')
    record = json.loads(got(bad)["Body"])
    assert record["requestContext"]["condition"] == "RetriesExhausted" and record["responseContext"]["functionError"] == "Unhandled"
    assert record["responsePayload"]["errorType"] == "Odd"
    letter = got(dead)
    assert json.loads(letter["Body"]) == {"do": "fail"} and letter["MessageAttributes"]["ErrorMessage"]["StringValue"] == "as told"
    assert letter["MessageAttributes"]["RequestID"]["StringValue"] == record["requestContext"]["requestId"]
    client.update_function_event_invoke_config(FunctionName=name, DestinationConfig={"OnFailure": {"Destination": bus_arn}})
    client.invoke(FunctionName=name, InvocationType="Event", Payload=b'{"do": "fail"}')
    event = json.loads(got(heard)["Body"])
    assert event["detail-type"] == "Lambda Function Invocation Result - Failure" and event["detail"]["requestPayload"] == {"do": "fail"}
    refused("InvalidParameterValueException", client.put_function_event_invoke_config, FunctionName=name,
            DestinationConfig={"OnFailure": {"Destination": "arn:aws:s3:::bucket"}})  # fmt: skip
    refused("InvalidParameterValueException", client.update_function_configuration, FunctionName=name,
            DeadLetterConfig={"TargetArn": "arn:aws:lambda:us-east-1:000000000000:function:f"})  # fmt: skip
