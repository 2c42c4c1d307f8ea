# test_states_teststate_calls.py - TestState with the real call: functions, HTTP with and without secrets, objects, roles, time.
import itertools
import json
import threading

import pytest

from server import wait_for
from enforce_help import allow, guarded, iam, policy, role, trusts, user  # noqa: F401
from test_lambda import ROLE as FUNCTIONS_ROLE
from test_lambda import zip_of
from test_states_http import Told, connection
from test_states_teststate import ROLE, refused, tried

names = itertools.count(1)
HANDLER = """
import time
class Odd(Exception): pass
def handler(event, context):
    if event.get("fail"): raise Odd("as told")
    if event.get("sleep"): time.sleep(event["sleep"])
    return {"got": event}
"""


@pytest.fixture(scope="module")
def states(server):
    return server.client("stepfunctions", config={"inject_host_prefix": False})


@pytest.fixture(scope="session")
def events(server):
    return server.client("events")


@pytest.fixture
def told():
    server = Told()
    yield server
    server.close()


@pytest.fixture(scope="module")
def function(server):
    return make(server)


def make(server, role=FUNCTIONS_ROLE):
    name = f"tested-{next(names)}"
    client = server.client("lambda")
    client.create_function(FunctionName=name, Runtime="python3.12", Role=role, Handler="app.handler",
                           Code={"ZipFile": zip_of({"app.py": HANDLER})})  # fmt: skip
    client.get_waiter("function_active_v2").wait(FunctionName=name)
    return name


def task(resource, parameters=None, **more):
    state = {"Type": "Task", "Resource": resource, "End": True} | more
    return state | ({"Parameters": parameters} if parameters else {})


def test_functions_are_invoked_in_all_three_forms(states, function):
    given = {"FunctionName": function, "Payload": {"n.$": "$.n"}}
    state = task("arn:aws:states:::lambda:invoke", given, ResultSelector={"answer.$": "$.Payload.got"})
    got = tried(states, state, {"n": 7}, roleArn=ROLE, inspectionLevel="DEBUG")
    assert (got["status"], json.loads(got["output"])) == ("SUCCEEDED", {"answer": {"n": 7}})
    data = got["inspectionData"]
    assert json.loads(data["afterParameters"])["Payload"] == {"n": 7}
    assert json.loads(data["result"])["StatusCode"] == 200
    assert json.loads(data["afterResultSelector"]) == {"answer": {"n": 7}}
    assert "inspectionData" not in tried(states, state, {"n": 7}, roleArn=ROLE)
    direct = task(f"arn:aws:lambda:us-east-1:000000000000:function:{function}")
    assert json.loads(tried(states, direct, {"n": 1}, roleArn=ROLE)["output"]) == {"got": {"n": 1}}
    sdk = task("arn:aws:states:::aws-sdk:lambda:invoke", {"FunctionName": function, "Payload": {"a": 1}})
    assert json.loads(json.loads(tried(states, sdk, roleArn=ROLE)["output"])["Payload"]) == {"got": {"a": 1}}
    event = task("arn:aws:states:::lambda:invoke", {"FunctionName": function, "InvocationType": "Event"})
    assert json.loads(tried(states, event, roleArn=ROLE)["output"])["StatusCode"] == 202


def test_a_function_that_fails_is_retried_caught_or_told(states, function):
    given = {"FunctionName": function, "Payload": {"fail": True}}
    got = tried(states, task("arn:aws:states:::lambda:invoke", given), roleArn=ROLE)
    assert (got["status"], got["error"]) == ("FAILED", "Odd")
    assert json.loads(got["cause"])["errorMessage"] == "as told"
    caught = task("arn:aws:states:::lambda:invoke", given, Catch=[{"ErrorEquals": ["Odd"], "Next": "Mend"}])
    got = tried(states, caught, roleArn=ROLE)
    assert (got["status"], got["nextState"], json.loads(got["output"])["Error"]) == ("CAUGHT_ERROR", "Mend", "Odd")
    again = task("arn:aws:states:::lambda:invoke", given, Retry=[{"ErrorEquals": ["States.TaskFailed"]}])
    got = tried(states, again, roleArn=ROLE, inspectionLevel="DEBUG")
    assert (got["status"], got["inspectionData"]["errorDetails"]["retryIndex"]) == ("RETRIABLE", 0)
    missing = tried(states, task("arn:aws:states:::lambda:invoke", {"FunctionName": "none"}), roleArn=ROLE)
    assert (missing["status"], missing["error"]) == ("FAILED", "Lambda.ResourceNotFoundException")


def test_a_task_has_the_time_that_its_state_gives_it(states, function):
    given = {"FunctionName": function, "Payload": {"sleep": 30}}
    state = task("arn:aws:states:::lambda:invoke", given, TimeoutSeconds=1)
    got = tried(states, state, roleArn=ROLE)
    assert (got["status"], got["error"]) == ("FAILED", "States.Timeout")


def secret_connection(events):
    return connection(events, InvocationHttpParameters={
        "HeaderParameters": [{"Key": "x-extra", "Value": "secret-2", "IsValueSecret": True}],
        "QueryStringParameters": [{"Key": "extra", "Value": "secret-3"}],
        "BodyParameters": [{"Key": "more", "Value": "secret-4"}]})  # fmt: skip


def test_http_requests_are_sent_and_told_with_their_secrets_only_when_asked(states, events, told):
    state = task("arn:aws:states:::http:invoke", {
        "ApiEndpoint": told.url + "/v1", "Method": "POST", "Authentication": {"ConnectionArn": secret_connection(events)},
        "Headers": {"x-own": "h"}, "QueryParameters": {"q": "1"}, "RequestBody": {"said": "hello"}})  # fmt: skip
    got = tried(states, state, roleArn=ROLE, inspectionLevel="TRACE")
    sent = told.last("/v1")
    assert (sent["headers"]["x-api-key"], sent["headers"]["x-extra"]) == ("secret-1", "secret-2")
    assert json.loads(sent["body"]) == {"said": "hello", "more": "secret-4"}
    assert (got["status"], json.loads(got["output"])["ResponseBody"]) == ("SUCCEEDED", {"fine": True})
    request, response = got["inspectionData"]["request"], got["inspectionData"]["response"]
    assert (request["protocol"], request["method"], request["url"]) == ("http", "POST", told.url + "/v1?q=1")
    assert "x-own: h" in request["headers"] and request["headers"].startswith("[")
    assert "secret" not in json.dumps(request) and json.loads(request["body"]) == {"said": "hello"}
    assert (response["statusCode"], response["statusMessage"], response["body"]) == ("200", "OK", '{"fine":true}')
    assert "Content-Type: application/json" in response["headers"]
    request = tried(states, state, roleArn=ROLE, inspectionLevel="TRACE", revealSecrets=True)["inspectionData"]["request"]
    assert "x-api-key: secret-1" in request["headers"] and "x-extra: secret-2" in request["headers"]
    assert request["url"].endswith("?q=1&extra=secret-3") and json.loads(request["body"])["more"] == "secret-4"
    debug = tried(states, state, roleArn=ROLE, inspectionLevel="DEBUG", revealSecrets=True)["inspectionData"]
    assert "request" not in debug and "response" not in debug


def test_http_answers_that_fail_are_told_too(states, events, told):
    told.answers["/busy"] = (503, {"Content-Type": "text/plain"}, b"later")
    given = {"ApiEndpoint": told.url + "/busy", "Method": "GET", "Authentication": {"ConnectionArn": connection(events)}}
    state = task("arn:aws:states:::http:invoke", given, Catch=[{"ErrorEquals": ["States.Http.StatusCode.503"], "Next": "Wait"}])  # fmt: skip
    got = tried(states, state, roleArn=ROLE, inspectionLevel="TRACE")
    assert (got["status"], got["nextState"], got["error"], got["cause"]) == ("CAUGHT_ERROR", "Wait", "States.Http.StatusCode.503", "later")  # fmt: skip
    assert got["inspectionData"]["response"]["statusCode"] == "503"
    nobody = task("arn:aws:states:::http:invoke", given | {"ApiEndpoint": "http://127.0.0.1:1/"})
    got = tried(states, nobody, roleArn=ROLE, inspectionLevel="TRACE")
    assert (got["status"], got["error"]) == ("FAILED", "States.Http.Socket")
    assert got["inspectionData"]["request"]["method"] == "GET" and "response" not in got["inspectionData"]
    got = tried(states, task("arn:aws:states:::http:invoke", given | {"Authentication": {"ConnectionArn": "none"}}), roleArn=ROLE)  # fmt: skip
    assert got["error"].startswith("Events.ConnectionResource.")


def test_objects_are_written_and_read(states, s3, bucket):
    put = task("arn:aws:states:::aws-sdk:s3:putObject", {"Bucket": bucket, "Key": "small", "Body": {"a": 1}})
    assert "ETag" in json.loads(tried(states, put, roleArn=ROLE)["output"])
    assert json.loads(s3.get_object(Bucket=bucket, Key="small")["Body"].read()) == {"a": 1}
    s3.put_object(Bucket=bucket, Key="large", Body=b"x" * 200_000)  # a file: it is read by the pool
    get = task("arn:aws:states:::aws-sdk:s3:getObject", {"Bucket": bucket, "Key": "large"}, OutputPath="$.Body")
    assert tried(states, get, roleArn=ROLE)["output"] == json.dumps("x" * 200_000)
    copy = task("arn:aws:states:::aws-sdk:s3:copyObject", {"Bucket": bucket, "Key": "copy", "CopySource": f"{bucket}/large"})
    assert tried(states, copy, roleArn=ROLE)["status"] == "SUCCEEDED"
    gone = task("arn:aws:states:::aws-sdk:s3:getObject", {"Bucket": bucket, "Key": "none"})
    assert tried(states, gone, roleArn=ROLE)["error"] == "S3.NoSuchKeyException"


def test_a_context_needs_a_mock_and_a_test_tests_no_test(states):
    assert "mock" in refused("ValidationException", states, {"Type": "Pass", "End": True}, context="{}")
    inner = task("arn:aws:states:::aws-sdk:sfn:testState", {"Definition": '{"Type": "Pass", "End": true}'})
    assert tried(states, inner, roleArn=ROLE)["status"] == "FAILED"


def test_the_role_and_the_caller_are_asked(guarded, iam, user, role):  # noqa: F811
    state = task("arn:aws:states:::lambda:invoke", {"FunctionName": make(guarded, role(trusts({"Service": "lambda.amazonaws.com"})))})
    tests = role(trusts({"Service": "states.amazonaws.com"}))
    who = user(allow("states:TestState"))
    mine = who.client("stepfunctions", inject_host_prefix=False)

    def may(*actions):
        iam.put_user_policy(UserName=who.name, PolicyName="own", PolicyDocument=policy(*[allow(a, "*") for a in actions]))

    assert "iam:PassRole" in refused("AccessDeniedException", mine, state, roleArn=tests)
    may("states:TestState", "iam:PassRole")
    assert "states:RevealSecrets" in refused("AccessDeniedException", mine, state, roleArn=tests, revealSecrets=True)
    got = tried(mine, state, roleArn=tests)
    assert got["status"] == "FAILED" and "lambda:InvokeFunction" in got["cause"]
    iam.put_role_policy(RoleName=tests.split("/")[-1], PolicyName="own", PolicyDocument=policy(allow("lambda:InvokeFunction", "*")))  # fmt: skip
    assert tried(mine, state, roleArn=tests)["status"] == "SUCCEEDED"
    may("states:*", "iam:PassRole")
    assert tried(mine, state, roleArn=tests, revealSecrets=True)["status"] == "SUCCEEDED"


def test_a_server_that_ends_with_a_test_under_way_ends_at_once(own_server, told):
    client = own_server.client("stepfunctions", config={"inject_host_prefix": False})
    arn = connection(own_server.client("events"))
    told.gates["/slow"] = threading.Event()
    state = task("arn:aws:states:::http:invoke", {"ApiEndpoint": told.url + "/slow", "Method": "GET", "Authentication": {"ConnectionArn": arn}})  # fmt: skip

    def ask():
        try:
            tried(client, state, roleArn=ROLE)
        except Exception:
            pass  # its connection ends with the server

    waiting = threading.Thread(target=ask)
    waiting.start()
    told.last("/slow")
    assert own_server.stop() == 0
    waiting.join(20)
    own_server.start()
    assert wait_for(lambda: own_server.client("stepfunctions").list_state_machines()["stateMachines"] == [])
