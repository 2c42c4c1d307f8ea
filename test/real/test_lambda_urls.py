# test_lambda_urls.py - function URLs: events, replies, other origins and signatures; and what of functions is managed elsewhere.
import base64
import json
import time
import urllib.error
import urllib.request

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from server import KEYS, Server, processes_inside, wait_for
from test_lambda import make, refused, zip_of

CODE = zip_of({"app.py": """
import base64, json

def handler(event, context):
    how = (event.get("queryStringParameters") or {}).get("how")
    if how == "shaped":
        return {"statusCode": 201, "headers": {"X-Own": "1", "Content-Type": "text/html"}, "cookies": ["a=b", "c=d"], "body": "<p>"}
    if how == "binary":
        return {"statusCode": 200, "body": base64.b64encode(bytes(range(256))).decode(), "isBase64Encoded": True}
    if how == "text":
        return "words"
    if how == "fail":
        raise ValueError("no")
    if how == "split":
        return {"statusCode": 200, "headers": {"X-Bad": "a\\r\\nX-Injected: 1"}, "body": "x"}
    return event
"""})


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    s = Server(tmp_path_factory.mktemp("urls"))
    yield s
    s.stop()
    wait_for(lambda: processes_inside(s.data) == [], what="the processes to be gone")


@pytest.fixture(scope="module")
def client(server):
    return server.client("lambda")


def ask(url, data=None, method=None, headers=None):
    request = urllib.request.Request(url, data, headers or {}, method=method)
    try:
        answer = urllib.request.urlopen(request, timeout=60)
    except urllib.error.HTTPError as error:
        answer = error
    return answer.status, answer.headers, answer.read()


@pytest.fixture(scope="module")
def url(client):
    return client.create_function_url_config(FunctionName=make(client, CODE), AuthType="NONE")["FunctionUrl"]


def test_a_request_is_an_event(url):
    status, headers, body = ask(
        url + "a/b%20c?x=1&x=2&y=%C3%A9", b'{"n": 1}', headers={"Content-Type": "application/json", "Cookie": "k=v; l=w", "X-One": "1"}
    )
    event = json.loads(body)
    assert status == 200 and headers["Content-Type"] == "application/json"
    assert event["version"] == "2.0" and event["routeKey"] == "$default" and event["rawPath"] == "/a/b%20c"
    assert event["rawQueryString"] == "x=1&x=2&y=%C3%A9" and event["queryStringParameters"] == {"x": "1,2", "y": "é"}
    assert event["cookies"] == ["k=v", "l=w"] and event["headers"]["x-one"] == "1" and "cookie" not in event["headers"]
    assert event["body"] == '{"n": 1}' and event["isBase64Encoded"] is False
    http = event["requestContext"]["http"]
    assert http["method"] == "POST" and http["path"] == "/a/b%20c" and http["sourceIp"] == "127.0.0.1"
    assert event["requestContext"]["accountId"] == "anonymous" and event["requestContext"]["stage"] == "$default"
    assert time.strptime(event["requestContext"]["time"], "%d/%b/%Y:%H:%M:%S %z")
    bytes_ = json.loads(ask(url, bytes(range(256)), headers={"Content-Type": "image/png"})[2])
    assert bytes_["isBase64Encoded"] and base64.b64decode(bytes_["body"]) == bytes(range(256))
    assert json.loads(ask(url)[2])["rawPath"] == "/" and "body" not in json.loads(ask(url)[2])


def test_an_answer_is_a_reply(url):
    status, headers, body = ask(url + "?how=shaped")
    assert (status, body, headers["X-Own"], headers["Content-Type"]) == (201, b"<p>", "1", "text/html")
    assert headers.get_all("Set-Cookie") == ["a=b", "c=d"]
    assert ask(url + "?how=binary")[2] == bytes(range(256))
    assert ask(url + "?how=text")[2] == b"words"
    assert ask(url + "?how=fail")[0] == 502
    assert "X-Injected" not in ask(url + "?how=split")[1]


def test_the_url_has_a_name_of_its_own_too(server, url):
    name = url.rstrip("/").rsplit("/", 1)[1]
    for host in (f"{name}.lambda-url.us-east-1.localhost:{server.port}", f"{name}.lambda-url.us-east-1.on.aws"):
        assert json.loads(ask(server.endpoint + "/deep", headers={"Host": host})[2])["rawPath"] == "/deep"
    assert ask(server.endpoint, headers={"Host": "x" * 32 + ".lambda-url.us-east-1.on.aws"})[0] == 404


def test_iam_wants_a_signature(client):
    made = client.create_function_url_config(FunctionName=make(client, CODE), AuthType="AWS_IAM")
    assert ask(made["FunctionUrl"]) [0] == 403 and ask(made["FunctionUrl"])[2] == b'{"Message":"Forbidden"}'
    request = AWSRequest("GET", made["FunctionUrl"])
    SigV4Auth(Credentials(*KEYS.values()), "lambda", "us-east-1").add_auth(request)
    status, _, body = ask(made["FunctionUrl"], headers=dict(request.headers))
    assert status == 200
    assert json.loads(body)["requestContext"]["authorizer"]["iam"]["accessKey"] == KEYS["AWS_ACCESS_KEY_ID"]


def test_pages_of_other_origins(client):
    cors = {"AllowOrigins": ["https://a.example"], "AllowMethods": ["GET"], "AllowHeaders": ["x-one"], "MaxAge": 60, "AllowCredentials": True}
    name = make(client, CODE)
    url = client.create_function_url_config(FunctionName=name, AuthType="NONE", Cors=cors)["FunctionUrl"]
    _, headers, body = ask(url, method="OPTIONS", headers={"Origin": "https://a.example", "Access-Control-Request-Method": "GET"})
    assert headers["Access-Control-Allow-Origin"] == "https://a.example" and headers["Access-Control-Allow-Methods"] == "GET"
    assert headers["Access-Control-Max-Age"] == "60" and body == b""
    assert ask(url, headers={"Origin": "https://a.example"})[1]["Access-Control-Allow-Credentials"] == "true"
    assert "Access-Control-Allow-Origin" not in ask(url, headers={"Origin": "https://b.example"})[1]


def test_configurations(client):
    name = make(client, CODE)
    client.publish_version(FunctionName=name)
    client.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    refused("ResourceNotFoundException", client.get_function_url_config, FunctionName=name)
    one = client.create_function_url_config(FunctionName=name, AuthType="NONE")
    two = client.create_function_url_config(FunctionName=name, Qualifier="live", AuthType="NONE")
    assert one["FunctionUrl"] != two["FunctionUrl"] and two["FunctionArn"].endswith(":live")
    assert json.loads(ask(two["FunctionUrl"])[2])["rawPath"] == "/"
    assert "exists for this Lambda function" in refused(
        "ResourceConflictException", client.create_function_url_config, FunctionName=name, AuthType="NONE"
    )
    assert client.update_function_url_config(FunctionName=name, AuthType="AWS_IAM")["FunctionUrl"] == one["FunctionUrl"]
    assert client.get_function_url_config(FunctionName=name)["AuthType"] == "AWS_IAM"
    page = client.list_function_url_configs(FunctionName=name, MaxItems=1)
    rest = client.list_function_url_configs(FunctionName=name, Marker=page["NextMarker"])
    assert len(page["FunctionUrlConfigs"] + rest["FunctionUrlConfigs"]) == 2 and "NextMarker" not in rest
    client.delete_function_url_config(FunctionName=name)
    assert ask(one["FunctionUrl"])[0] == 404
    refused("InvalidParameterValueException", client.create_function_url_config, FunctionName=name, AuthType="NONE", InvokeMode="RESPONSE_STREAM")


def test_a_url_survives_a_crash(own_server):
    client = own_server.client("lambda")
    url = client.create_function_url_config(FunctionName=make(client, CODE), AuthType="NONE")["FunctionUrl"]
    own_server.kill()
    own_server.start()
    assert ask(url + "?how=text")[2] == b"words"


def test_what_is_managed_elsewhere(client):
    name = make(client, CODE)
    assert client.get_runtime_management_config(FunctionName=name)["UpdateRuntimeOn"] == "Auto"
    client.put_runtime_management_config(FunctionName=name, UpdateRuntimeOn="FunctionUpdate")
    assert client.get_runtime_management_config(FunctionName=name)["UpdateRuntimeOn"] == "FunctionUpdate"
    refused("InvalidParameterValueException", client.put_runtime_management_config, FunctionName=name, UpdateRuntimeOn="Manual",
            RuntimeVersionArn="arn:aws:lambda:us-east-1::runtime:1")  # fmt: skip
    assert client.get_function_recursion_config(FunctionName=name)["RecursiveLoop"] == "Allow"
    refused("InvalidParameterValueException", client.put_function_recursion_config, FunctionName=name, RecursiveLoop="Terminate")
    client.publish_version(FunctionName=name)
    refused("ProvisionedConcurrencyConfigNotFoundException", client.get_provisioned_concurrency_config, FunctionName=name, Qualifier="1")
    refused("InvalidParameterValueException", client.put_provisioned_concurrency_config, FunctionName=name, Qualifier="1",
            ProvisionedConcurrentExecutions=1)  # fmt: skip
    assert client.list_provisioned_concurrency_configs(FunctionName=name)["ProvisionedConcurrencyConfigs"] == []
    assert client.list_code_signing_configs()["CodeSigningConfigs"] == []
    assert "CodeSigningConfigArn" not in client.get_function_code_signing_config(FunctionName=name)
    assert client.invoke_async(FunctionName=name, InvokeArgs=b"{}")["Status"] == 202
    refused("InvalidRequestContentException", client.invoke_async, FunctionName=name, InvokeArgs=b"{")
