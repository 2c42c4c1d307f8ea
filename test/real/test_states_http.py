# test_states_http.py - HTTP tasks against a real server of the test: requests, connections, tokens, errors, limits, kill -9.
import base64
import http.server
import itertools
import json
import queue
import ssl
import subprocess
import threading
from urllib.parse import parse_qsl, urlsplit

import pytest

from server import wait_for
from test_states import ended, machine, one_state, refused, start, types

names = itertools.count(1)


class Told:
    """A server that keeps what it was asked and answers as it is told by path."""

    def __init__(self, context=None):
        self.asked, self.answers, self.gates = queue.Queue(), {}, {}
        told = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                path = urlsplit(self.path).path
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                told.asked.put({"method": self.command, "path": path, "query": urlsplit(self.path).query,
                                "headers": {k.lower(): v for k, v in self.headers.items()}, "body": body})  # fmt: skip
                if path in told.gates:
                    told.gates[path].wait(60)
                answer = told.answers.get(path, (200, {"Content-Type": "application/json"}, b'{"fine":true}'))
                status, headers, content = answer(self) if callable(answer) else answer
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if headers.get("Transfer-Encoding") == "chunked":
                    content = b"".join(b"%x\r\n%s\r\n" % (len(c), c) for c in content) + b"0\r\n\r\n"
                else:
                    self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content)

            do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = answer

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.scheme = "http"
        if context:
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
            self.scheme = "https"
        self.url = f"{self.scheme}://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def last(self, path):
        while True:
            request = self.asked.get(timeout=20)
            if request["path"] == path:
                return request

    def close(self):
        for gate in self.gates.values():
            gate.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def told():
    server = Told()
    yield server
    server.close()


@pytest.fixture(scope="session")
def states(server):
    return server.client("stepfunctions")


@pytest.fixture(scope="session")
def events(server):
    return server.client("events")


def connection(events, kind="API_KEY", parameters=None, **more):
    parameters = parameters or {"ApiKeyAuthParameters": {"ApiKeyName": "x-api-key", "ApiKeyValue": "secret-1"}}
    made = events.create_connection(Name=f"c-{next(names)}", AuthorizationType=kind, AuthParameters=parameters | more)
    return made["ConnectionArn"]


def task(url, arn, method="GET", **more):
    return one_state(Type="Task", Resource="arn:aws:states:::http:invoke", End=True,
                     Parameters={"ApiEndpoint": url, "Method": method, "Authentication": {"ConnectionArn": arn}} | more)  # fmt: skip


def run(states, definition, given=None):
    arn = machine(states, f"http-{next(names)}", definition)
    execution = start(states, arn, given)
    return ended(states, execution), execution


def output(about):
    assert about["status"] == "SUCCEEDED", about
    return json.loads(about["output"])


# --- requests ---------------------------------------------------------------------------------------------------------


def test_a_request_with_everything_and_its_answer(states, events, told):
    told.answers["/v1/orders"] = (201, {"Content-Type": "application/json; charset=utf-8", "X-Many": "a"}, b'{"id": 7, "big": 12345678901234567890}')  # fmt: skip
    definition = task(told.url + "/v1/orders?fixed=1", connection(events), "POST", Headers={"X-Trace": "t 1", "Accept": ["a/b", "c/d"]},
                      QueryParameters={"q": "a b&c", "n": 3, "many": ["x", "y"]}, **{"RequestBody.$": "$"})  # fmt: skip
    about, execution = run(states, definition, {"name": "Ä", "n": 1})
    got = output(about)
    assert got["StatusCode"] == 201 and got["StatusText"] == "Created"
    assert got["ResponseBody"] == {"id": 7, "big": 12345678901234567890}
    assert got["Headers"]["x-many"] == ["a"]
    asked = told.last("/v1/orders")
    assert asked["method"] == "POST" and json.loads(asked["body"]) == {"name": "Ä", "n": 1}
    assert parse_qsl(asked["query"]) == [("fixed", "1"), ("q", "a b&c"), ("n", "3"), ("many", "x"), ("many", "y")]
    head = asked["headers"]
    assert head["x-api-key"] == "secret-1" and head["x-trace"] == "t 1" and head["accept"] == "a/b,c/d"
    assert head["user-agent"] == "Amazon|StepFunctions|HttpInvoke|us-east-1" and head["range"] == "bytes=0-262144"
    assert head["content-type"] == "application/json; charset=UTF-8"
    assert types(states, execution) == ["ExecutionStarted", "TaskStateEntered", "TaskScheduled", "TaskStarted", "TaskSucceeded", "TaskStateExited", "ExecutionSucceeded"]  # fmt: skip


@pytest.mark.parametrize(
    "form, wanted",
    [
        (None, [("a[0]", "1"), ("a[1]", "x y"), ("b[c]", "true")]),
        ("BRACKETS", [("a[]", "1"), ("a[]", "x y"), ("b[c]", "true")]),
        ("REPEAT", [("a", "1"), ("a", "x y"), ("b[c]", "true")]),
        ("COMMAS", [("a", "1,x y"), ("b[c]", "true")]),
    ],
)
def test_a_body_that_is_url_encoded(states, events, told, form, wanted):
    transform = {"RequestBodyEncoding": "URL_ENCODED"} | ({"RequestEncodingOptions": {"ArrayFormat": form}} if form else {})
    body = {"a": [1, "x y"], "b": {"c": True}}
    output(run(states, task(told.url + "/form", connection(events), "POST", RequestBody=body, Transform=transform))[0])
    asked = told.last("/form")
    assert parse_qsl(asked["body"].decode()) == wanted
    assert asked["headers"]["content-type"] == "application/x-www-form-urlencoded"


def test_answers_that_are_text_chunked_or_empty(states, events, told):
    told.answers["/text"] = (200, {"Content-Type": "text/plain"}, "grüße".encode())
    told.answers["/chunks"] = (200, {"Content-Type": "application/json", "Transfer-Encoding": "chunked"}, [b'{"a"', b":", b"1}"])  # fmt: skip
    told.answers["/none"] = (204, {}, b"")
    arn = connection(events)
    assert output(run(states, task(told.url + "/text", arn))[0])["ResponseBody"] == "grüße"
    assert output(run(states, task(told.url + "/chunks", arn))[0])["ResponseBody"] == {"a": 1}
    assert output(run(states, task(told.url + "/none", arn, "DELETE"))[0])["ResponseBody"] == ""
    assert output(run(states, task(told.url + "/text", arn, "HEAD"))[0])["ResponseBody"] == ""


# --- connections ------------------------------------------------------------------------------------------------------


def test_secrets_are_never_told(server, events):
    pair = {"Key": "k", "Value": "hidden-1", "IsValueSecret": True}, {"Key": "o", "Value": "open", "IsValueSecret": False}
    arn = connection(events, "BASIC", {"BasicAuthParameters": {"Username": "u", "Password": "hidden-2"}},
                     InvocationHttpParameters={"HeaderParameters": list(pair)})  # fmt: skip
    name = arn.split("/")[1]
    about = events.describe_connection(Name=name)
    assert about["ConnectionArn"] == arn and about["ConnectionState"] == "AUTHORIZED"
    assert about["AuthParameters"] == {
        "BasicAuthParameters": {"Username": "u"},
        "InvocationHttpParameters": {"HeaderParameters": [{"Key": "k", "IsValueSecret": True}, {"Key": "o", "Value": "open", "IsValueSecret": False}]},
    }  # fmt: skip
    assert "hidden" not in json.dumps(about, default=str) and "hidden" not in server.log()
    state = server.data / "state.db"
    assert state.stat().st_mode & 0o077 == 0


def test_connections_are_made_changed_listed_and_deleted(events):
    made = [connection(events).split("/")[1] for _ in range(3)]
    refused("ResourceAlreadyExistsException", events.create_connection, Name=made[0], AuthorizationType="API_KEY",
            AuthParameters={"ApiKeyAuthParameters": {"ApiKeyName": "a", "ApiKeyValue": "b"}})  # fmt: skip
    refused("ValidationException", events.create_connection, Name="x", AuthorizationType="BASIC",
            AuthParameters={"ApiKeyAuthParameters": {"ApiKeyName": "a", "ApiKeyValue": "b"}})  # fmt: skip
    pages, token = [], {}
    while True:
        page = events.list_connections(NamePrefix="c-", Limit=2, **token)
        pages += [c["Name"] for c in page["Connections"]]
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert set(made) <= set(pages) and pages == sorted(pages)
    events.delete_connection(Name=made[0])
    refused("ResourceNotFoundException", events.describe_connection, Name=made[0])


def test_basic_authorization_and_what_the_connection_adds(states, events, told):
    extra = {
        "HeaderParameters": [{"Key": "X-From", "Value": "connection"}],
        "QueryStringParameters": [{"Key": "q", "Value": "connection"}],
        "BodyParameters": [{"Key": "b", "Value": "connection"}],
    }
    arn = connection(events, "BASIC", {"BasicAuthParameters": {"Username": "me", "Password": "pä ss"}}, InvocationHttpParameters=extra)  # fmt: skip
    definition = task(told.url + "/basic", arn, "PUT", Headers={"x-from": "task"}, QueryParameters={"q": "task"}, RequestBody={"a": 1, "b": "task"})  # fmt: skip
    output(run(states, definition)[0])
    asked = told.last("/basic")
    assert base64.b64decode(asked["headers"]["authorization"].removeprefix("Basic ")).decode() == "me:pä ss"
    assert asked["headers"]["x-from"] == "connection" and asked["query"] == "q=connection"
    assert json.loads(asked["body"]) == {"a": 1, "b": "connection"}
    name = arn.split("/")[1]
    events.update_connection(Name=name, AuthParameters={"BasicAuthParameters": {"Password": "new"}})
    output(run(states, definition)[0])
    assert base64.b64decode(told.last("/basic")["headers"]["authorization"].removeprefix("Basic ")) == b"me:new"


def oauth(told, path="/token"):
    return {"OAuthParameters": {"ClientParameters": {"ClientID": "id", "ClientSecret": "s3"}, "AuthorizationEndpoint": told.url + path,
                                "HttpMethod": "POST", "OAuthHttpParameters": {"BodyParameters": [{"Key": "scope", "Value": "all", "IsValueSecret": False}]}}}  # fmt: skip


def state_of(events, arn, *wanted):
    def settled():
        about = events.describe_connection(Name=arn.split("/")[1])
        return about if about["ConnectionState"] in wanted else None

    return wait_for(settled, what=f"the connection to be {wanted}")


def test_oauth_gets_a_token_keeps_it_and_asks_again_when_it_is_refused(states, events, told):
    tokens = itertools.count(1)
    told.answers["/token"] = lambda _: (200, {"Content-Type": "application/json"}, json.dumps({"access_token": f"t{next(tokens)}", "expires_in": 3600}).encode())  # fmt: skip
    good = {"token": "t1"}
    told.answers["/api"] = lambda r: (200 if r.headers["Authorization"] == "Bearer " + good["token"] else 401, {}, b"")
    arn = connection(events, "OAUTH_CLIENT_CREDENTIALS", oauth(told))
    assert "LastAuthorizedTime" in state_of(events, arn, "AUTHORIZED")
    asked = told.last("/token")
    assert dict(parse_qsl(asked["body"].decode())) == {"grant_type": "client_credentials", "scope": "all"}
    assert base64.b64decode(asked["headers"]["authorization"].removeprefix("Basic ")) == b"id:s3"
    for _ in range(2):
        output(run(states, task(told.url + "/api", arn))[0])
        assert told.asked.get(timeout=10)["path"] == "/api", "the token is kept"
    good["token"] = "t2"
    output(run(states, task(told.url + "/api", arn))[0])
    assert [told.asked.get(timeout=10)["path"] for _ in range(3)] == ["/api", "/token", "/api"]


def test_an_endpoint_that_refuses_leaves_the_connection_deauthorized(states, events, told):
    told.answers["/token"] = (403, {}, b"")
    arn = connection(events, "OAUTH_CLIENT_CREDENTIALS", oauth(told))
    assert "status 403" in state_of(events, arn, "DEAUTHORIZED")["StateReason"]
    about, _ = run(states, task(told.url + "/api", arn))
    assert about["error"] == "Events.ConnectionResource.InvalidConnectionState"


# --- what goes wrong --------------------------------------------------------------------------------------------------


def test_a_refusal_can_be_caught_by_its_status(states, events, told):
    told.answers["/gone"] = (404, {"Content-Type": "text/plain"}, b"no such order")
    told.answers["/moved"] = (302, {"Location": told.url + "/else"}, b"")
    arn = connection(events)
    about, _ = run(states, task(told.url + "/gone", arn))
    assert (about["status"], about["error"], about["cause"]) == ("FAILED", "States.Http.StatusCode.404", "no such order")
    about, _ = run(states, task(told.url + "/moved", arn))
    assert (about["error"], about["cause"]) == ("States.Http.StatusCode.302", "Found")


def test_a_retry_asks_again(states, events, told):
    status = itertools.chain([503, 503], itertools.repeat(200))
    told.answers["/flaky"] = lambda _: (next(status), {}, b"")
    definition = task(told.url + "/flaky", connection(events))
    definition["States"]["Only"]["Retry"] = [{"ErrorEquals": ["States.Http.StatusCode.503"], "IntervalSeconds": 1, "BackoffRate": 1.0}]  # fmt: skip
    assert output(run(states, definition)[0])["StatusCode"] == 200


def test_nobody_there_and_a_connection_cut_short(states, events, told):
    def cut(request):
        request.connection.close()
        raise ConnectionError

    told.server.handle_error = lambda *_: None
    told.answers["/cut"] = cut
    arn = connection(events)
    about, _ = run(states, task("http://127.0.0.1:1/x", arn))
    assert about["error"] == "States.Http.Socket" and "refused" in about["cause"]
    about, _ = run(states, task(told.url + "/cut", arn))
    assert about["error"] == "States.Http.Socket"


def test_an_answer_that_is_too_large(states, events, told):
    told.answers["/large"] = (200, {"Content-Type": "text/plain"}, b"x" * (256 * 1024 + 1))
    told.answers["/fits"] = (200, {"Content-Type": "text/plain"}, b"x" * 200_000)
    arn = connection(events)
    assert run(states, task(told.url + "/large", arn))[0]["error"] == "States.DataLimitExceeded"
    assert len(output(run(states, task(told.url + "/fits", arn))[0])["ResponseBody"]) == 200_000


@pytest.mark.parametrize(
    "change, cause",
    [
        ({"Method": "TRACE"}, "Method is not one of"),
        ({"ApiEndpoint": "ftp://x"}, "not an HTTPS URL"),
        ({"Authentication": {}}, "ConnectionArn is required"),
        ({"Headers": {"Host": "x"}}, "'Host' cannot be set"),
        ({"Headers": {"X-Amz-Date": "x"}}, "cannot be set"),
        ({"Transform": {"RequestBodyEncoding": "GZIP"}, "RequestBody": {}}, "RequestBodyEncoding"),
    ],
)
def test_parameters_that_make_no_request(states, events, told, change, cause):
    definition = task(told.url + "/never", connection(events))
    definition["States"]["Only"]["Parameters"] |= change
    about, _ = run(states, definition)
    assert about["error"] == "States.Runtime" and cause in about["cause"]
    assert told.asked.empty()


def test_header_values_cannot_begin_a_line(states, events, told):
    about, _ = run(states, task(told.url + "/never", connection(events), Headers={"X-A": "a\r\nX-B: b"}))
    assert about["status"] == "FAILED" and told.asked.empty()


def test_a_connection_that_is_not_there(states, told):
    about, _ = run(states, task(told.url, "arn:aws:events:us-east-1:000000000000:connection/none/" + "0" * 36))
    assert about["error"] == "Events.ConnectionResource.NotFound"


def test_a_slow_server_holds_up_nobody_and_a_timeout_ends_the_task(states, events, told):
    told.gates["/slow"] = threading.Event()
    slow = task(told.url + "/slow", connection(events))
    slow["States"]["Only"]["TimeoutSeconds"] = 2
    executions = [start(states, machine(states, f"slow-{next(names)}", slow)) for _ in range(6)]
    for _ in executions:
        told.last("/slow")
    assert output(run(states, task(told.url + "/quick", connection(events)))[0])["StatusCode"] == 200
    for execution in executions:
        assert ended(states, execution)["error"] == "States.Timeout"


def test_a_certificate_that_is_not_trusted_is_refused_and_one_that_is_works(tmp_path, own_server):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "key.pem", "-out", "cert.pem"],
                   cwd=tmp_path, check=True, capture_output=True)  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    told = Told(context)
    events, states = own_server.client("events"), own_server.client("stepfunctions")
    definition = task(told.url + "/tls", connection(events))
    about, _ = run(states, definition)
    assert about["error"] == "States.Http.Socket" and "certificate" in about["cause"]
    own_server.stop()
    own_server.environment = {"SSL_CERT_FILE": str(tmp_path / "cert.pem")}
    own_server.start()
    assert output(run(own_server.client("stepfunctions"), definition)[0])["StatusCode"] == 200
    told.close()


def test_a_request_under_way_is_sent_again_after_kill_9(own_server, told):
    events, states = own_server.client("events"), own_server.client("stepfunctions")
    told.gates["/once"] = threading.Event()
    execution = start(states, machine(states, "again", task(told.url + "/once", connection(events))))
    told.last("/once")
    own_server.kill()
    told.gates.pop("/once").set()
    own_server.start()
    states = own_server.client("stepfunctions")
    assert output(ended(states, execution))["StatusCode"] == 200
    told.last("/once")
    assert types(states, execution).count("TaskStarted") == 1


def test_a_server_with_a_request_under_way_ends_at_once(own_server, told):
    events, states = own_server.client("events"), own_server.client("stepfunctions")
    told.gates["/slow"] = threading.Event()
    start(states, machine(states, "ends", task(told.url + "/slow", connection(events))))
    told.last("/slow")
    assert own_server.stop() == 0
