# test_s3_wire.py - requests that no well-behaved SDK makes: slow, cut, pipelined, chunked, too big.
import base64
import concurrent.futures
import hashlib
import socket
import zlib
from urllib.parse import urlsplit

import pytest

from s3_help import call, code_of, signed


def connect(server):
    parts = urlsplit(server.endpoint)
    return socket.create_connection((parts.hostname, parts.port), timeout=30)


def head(method, url, headers):
    parts = urlsplit(url)
    target = parts.path + ("?" + parts.query if parts.query else "")
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def answer(file):
    """One answer from a connection's file -> (status, headers, body)"""
    status = int(file.readline().split()[1])
    headers = {}
    while (line := file.readline()) not in (b"\r\n", b""):
        name, _, value = line.decode().partition(":")
        headers[name.lower()] = value.strip()
    return status, headers, file.read(int(headers.get("content-length", 0)))


@pytest.fixture
def put_request(server, bucket):
    def request(key, headers):
        url = f"{server.endpoint}/{bucket}/{key}"
        return head("PUT", url, signed("PUT", url, headers))

    return request


def test_the_body_is_asked_for_with_100_continue(server, s3, bucket, put_request):
    with connect(server) as line, line.makefile("rb") as file:
        line.sendall(put_request("k", {"Content-Length": "5", "Expect": "100-continue"}))
        assert file.readline().split()[1] == b"100" and file.readline() == b"\r\n"
        line.sendall(b"12345")
        assert answer(file)[0] == 200
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"12345"


def test_a_body_that_will_be_refused_is_not_asked_for(server):
    url = f"{server.endpoint}/no-such-bucket-here/k"
    with connect(server) as line, line.makefile("rb") as file:
        line.sendall(head("PUT", url, signed("PUT", url, {"Content-Length": "5", "Expect": "100-continue"})))
        status, _, body = answer(file)
        assert (status, code_of(body)) == (404, "NoSuchBucket")


def test_a_part_of_six_gigabytes_is_refused_before_it_is_sent(server, put_request):
    with connect(server) as line, line.makefile("rb") as file:
        line.sendall(put_request("huge", {"Content-Length": str(6 << 30), "Expect": "100-continue"}))
        status, _, body = answer(file)
        assert (status, code_of(body)) == (400, "EntityTooLarge")


def test_a_put_without_length_is_refused(server, put_request):
    with connect(server) as line, line.makefile("rb") as file:
        line.sendall(put_request("k", {}))
        status, _, body = answer(file)
        assert (status, code_of(body)) == (411, "MissingContentLength")


def test_a_cut_connection_leaves_no_object(server, s3, bucket, put_request):
    with connect(server) as line:
        line.sendall(put_request("cut", {"Content-Length": "1000000"}) + bytes(500_000))
    with connect(server) as line, line.makefile("rb") as file:  # a request later, the cut one has been seen
        line.sendall(put_request("whole", {"Content-Length": "1"}) + b"x")
        assert answer(file)[0] == 200
    assert [item["Key"] for item in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["whole"]


def test_a_client_that_sends_byte_by_byte(server, s3, bucket, put_request):
    with connect(server) as line, line.makefile("rb") as file:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in put_request("slow", {"Content-Length": "3"}) + b"abc":
            line.sendall(bytes([byte]))
        assert answer(file)[0] == 200
    assert s3.get_object(Bucket=bucket, Key="slow")["Body"].read() == b"abc"


def test_many_requests_in_one_packet_are_answered_in_order(server, bucket, put_request):
    requests = [put_request(f"p{i}", {"Content-Length": "1"}) + b"%d" % i for i in range(8)]
    for i in range(8):
        url = f"{server.endpoint}/{bucket}/p{i}"
        requests.append(head("GET", url, signed("GET", url)))
    with connect(server) as line, line.makefile("rb") as file:
        line.sendall(b"".join(requests))
        answers = [answer(file) for _ in requests]
    assert [(status, body) for status, _, body in answers] == [(200, b"")] * 8 + [(200, b"%d" % i) for i in range(8)]


def test_a_slow_client_does_not_hold_up_the_others(server, s3, bucket, put_request):
    with connect(server) as slow, slow.makefile("rb") as file:
        slow.sendall(put_request("slow", {"Content-Length": "10"}) + b"12345")
        s3.put_object(Bucket=bucket, Key="fast", Body=b"x")
        assert "fast" in [item["Key"] for item in s3.list_objects_v2(Bucket=bucket)["Contents"]]
        slow.sendall(b"67890")
        assert answer(file)[0] == 200


def test_http_chunks_are_a_body_like_any_other(server, s3, bucket):
    """Java's and Go's clients may send a body whose length they do not know; S3 wants x-amz-decoded-content-length then."""
    crc = base64.b64encode(zlib.crc32(b"hello world").to_bytes(4, "big")).decode()
    body = b"6\r\nhello \r\n5\r\nworld\r\n0\r\nx-amz-checksum-crc32:" + crc.encode() + b"\r\n\r\n"
    headers = {
        "content-encoding": "aws-chunked", "x-amz-decoded-content-length": "11",
        "x-amz-trailer": "x-amz-checksum-crc32", "content-length": str(len(body)),
    }  # fmt: skip
    url = f"{server.endpoint}/{bucket}/chunked"
    sent = signed("PUT", url, headers, payload="STREAMING-UNSIGNED-PAYLOAD-TRAILER")
    status, got, _ = call(url, "PUT", body, sent)
    assert (status, got["x-amz-checksum-crc32"]) == (200, crc)
    stored = s3.get_object(Bucket=bucket, Key="chunked", ChecksumMode="ENABLED")
    assert (stored["Body"].read(), stored["ChecksumCRC32"]) == (b"hello world", crc)
    assert "aws-chunked" not in stored.get("ContentEncoding", "")

    status, _, answer_body = call(url, "PUT", body.replace(b"world", b"worlD"), sent)
    assert (status, code_of(answer_body)) == (400, "BadDigest")
    status, _, answer_body = call(url, "PUT", body, sent | {"x-amz-decoded-content-length": "12"})
    assert (status, code_of(answer_body)) == (400, "IncompleteBody")
    assert s3.get_object(Bucket=bucket, Key="chunked")["Body"].read() == b"hello world"


@pytest.mark.parametrize(
    "line",
    [b"GARBAGE\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", b"GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
     b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", b"GET / HTTP/1.1\r\n broken: fold\r\n\r\n", b"PUT /a/b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n"],
)  # fmt: skip
def test_what_is_no_http_is_refused_and_the_server_lives(server, s3, line):
    with connect(server) as cut, cut.makefile("rb") as file:
        cut.sendall(line)
        status = int(file.readline().split()[1])
        assert 400 <= status < 600
    s3.list_buckets()


def test_headers_have_a_limit(server, s3):
    with connect(server) as line, line.makefile("rb") as file:
        try:
            line.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n" + b"x-filler: " + b"y" * (2 << 20) + b"\r\n\r\n")
        except (BrokenPipeError, ConnectionResetError):
            pass
        try:
            assert file.readline().split()[1] in (b"400", b"431")
        except ConnectionResetError:
            pass
    s3.list_buckets()


def test_many_writers_at_once(server, s3, bucket):
    bodies = {f"w/{i}": hashlib.sha256(str(i).encode()).digest() * (i % 7) for i in range(300)}
    client = server.client("s3", config={"max_pool_connections": 20})
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        list(pool.map(lambda key: client.put_object(Bucket=bucket, Key=key, Body=bodies[key]), bodies))
        read = dict(zip(bodies, pool.map(lambda key: client.get_object(Bucket=bucket, Key=key)["Body"].read(), bodies)))
    assert read == bodies
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="w/")
    assert {item["Key"]: item["Size"] for page in pages for item in page["Contents"]} == {
        k: len(v) for k, v in bodies.items()
    }
