# test_s3_cors.py - what a browser asks and is told: preflights, headers of answers to pages, names that are not ours.
import http.client
from urllib.parse import urlsplit

import pytest

from s3_help import call, code_of, refused, signed

RULES = [
    {"ID": "one", "AllowedOrigins": ["https://*.example.com", "https://exact.org"], "AllowedMethods": ["GET", "PUT"],
     "AllowedHeaders": ["x-amz-*", "Content-Type"], "ExposeHeaders": ["ETag", "x-amz-request-id"], "MaxAgeSeconds": 300},
    {"AllowedOrigins": ["*"], "AllowedMethods": ["GET", "HEAD"]},
]  # fmt: skip


@pytest.fixture
def url(server, s3, bucket):
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": RULES})
    s3.put_object(Bucket=bucket, Key="k", Body=b"0123")
    return f"{server.endpoint}/{bucket}/k"


def ask(url, origin="https://a.example.com", method="PUT", headers=None):
    sent = {"Origin": origin, "Access-Control-Request-Method": method}
    if headers:
        sent["Access-Control-Request-Headers"] = headers
    return call(url, "OPTIONS", headers={name: value for name, value in sent.items() if value})


def test_rules_come_back_and_go(s3, bucket, url):
    assert s3.get_bucket_cors(Bucket=bucket)["CORSRules"] == RULES
    s3.delete_bucket_cors(Bucket=bucket)
    with refused(404, "NoSuchCORSConfiguration"):
        s3.get_bucket_cors(Bucket=bucket)
    status, _, body = ask(url)
    assert (status, code_of(body)) == (403, "AccessForbidden")


def test_a_preflight_of_an_allowed_request(url):
    status, headers, body = ask(url, headers="X-Amz-Date, content-type")
    assert (status, body) == (200, b"")
    assert headers["access-control-allow-origin"] == "https://a.example.com"
    assert headers["access-control-allow-methods"] == "GET, PUT"
    assert headers["access-control-allow-headers"] == "x-amz-date, content-type"
    assert headers["access-control-expose-headers"] == "ETag, x-amz-request-id"
    assert headers["access-control-max-age"] == "300"
    assert headers["access-control-allow-credentials"] == "true"
    assert "Origin" in headers["vary"]


def test_a_rule_for_every_origin_says_star(url):
    status, headers, _ = ask(url, origin="http://elsewhere", method="GET")
    assert (status, headers["access-control-allow-origin"]) == (200, "*")
    assert "access-control-allow-credentials" not in headers


@pytest.mark.parametrize(
    "question",
    [
        {"origin": "https://example.com"},
        {"origin": "https://a.example.com.evil.org"},
        {"method": "DELETE"},
        {"headers": "x-other"},
    ],
)
def test_preflights_that_are_refused(url, question):
    status, headers, body = ask(url, **question)
    assert (status, code_of(body)) == (403, "AccessForbidden")
    assert "access-control-allow-origin" not in headers


def test_a_preflight_that_says_too_little(url):
    assert code_of(ask(url, origin=None)[2]) == "BadRequest"
    assert code_of(ask(url, method=None)[2]) == "BadRequest"


def test_answers_to_pages_carry_the_headers_also_errors(url):
    for path, status in ((url, 200), (url + "-missing", 404)):
        got, headers, _ = call(path, headers=signed("GET", path) | {"Origin": "https://exact.org"})
        assert (got, headers["access-control-allow-origin"]) == (status, "https://exact.org")
        assert headers["access-control-expose-headers"] == "ETag, x-amz-request-id"
    _, headers, _ = call(url, headers=signed("GET", url))
    assert "access-control-allow-origin" not in headers
    _, headers, _ = call(url, "DELETE", headers=signed("DELETE", url) | {"Origin": "https://exact.org"})
    assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize(
    "code, rule",
    [
        ("InvalidRequest", {"AllowedOrigins": ["*"], "AllowedMethods": ["PATCH"]}),
        ("InvalidRequest", {"AllowedOrigins": ["*"], "AllowedMethods": ["get"]}),
        ("InvalidRequest", {"AllowedOrigins": ["http://*.*"], "AllowedMethods": ["GET"]}),
        ("InvalidRequest", {"AllowedOrigins": ["*"], "AllowedMethods": ["GET"], "ExposeHeaders": ["x-*"]}),
        ("InvalidRequest", {"AllowedOrigins": ["*"], "AllowedMethods": ["GET"], "AllowedHeaders": ["**"]}),
        ("MalformedXML", {"AllowedOrigins": [], "AllowedMethods": ["GET"]}),
    ],
)
def test_rules_that_are_refused(s3, bucket, code, rule):
    with refused(400, code):
        s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [rule]})


# --- names of the server ----------------------------------------------------------------------------------------------


def get_as(server, host, path="/"):
    parts = urlsplit(server.endpoint)
    connection = http.client.HTTPConnection(parts.netloc, timeout=60)
    try:
        connection.putrequest("GET", path, skip_host=True)
        connection.putheader("Host", host)
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:4566", "localhost.evil.example", "x.s3.evil.example", "notlocalhost", "1.2.3.4.nip.io"]
)  # fmt: skip
def test_a_name_that_another_may_own_is_refused(server, host):
    status, body = get_as(server, host)
    assert (status, code_of(body)) == (403, "AccessDenied")
    assert get_as(server, host, "/_mayfly/health")[0] == 403


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost:4566", "[::1]:4566", "s3.localhost", "s3.eu-west-1.amazonaws.com", "S3.AMAZONAWS.COM"]
)  # fmt: skip
def test_names_that_are_ours(server, host):
    status, body = get_as(server, host)
    assert status == 200 and b"ListAllMyBucketsResult" in body


@pytest.mark.parametrize(
    "pattern", ["{}.s3.localhost", "{}.localhost:4566", "{}.s3.us-east-1.amazonaws.com", "{}.s3-eu-west-1.amazonaws.com", "{}.s3.amazonaws.com"]
)  # fmt: skip
def test_a_bucket_in_the_name(server, s3, pattern):
    name = "dotted.bucket.name"
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="a b/c", Body=b"found")
    assert get_as(server, pattern.format(name), "/a%20b/c") == (200, b"found")
    assert b"<Key>a b/c</Key>" in get_as(server, pattern.format(name), "/?list-type=2")[1]
    s3.delete_object(Bucket=name, Key="a b/c")
    s3.delete_bucket(Bucket=name)
