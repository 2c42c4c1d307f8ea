# s3_help.py - words that the S3 tests share: what a refusal looks like, and requests that no SDK would make.
import contextlib
import http.client
import re
from urllib.parse import urlsplit

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from server import KEYS, REGION


class Refusal:
    """Filled when the block has raised: the error's fields and the HTTP status."""


@contextlib.contextmanager
def refused(status, code):
    refusal = Refusal()
    with pytest.raises(ClientError) as caught:
        yield refusal
    refusal.error = caught.value.response["Error"]
    refusal.status = caught.value.response["ResponseMetadata"]["HTTPStatusCode"]
    refusal.headers = caught.value.response["ResponseMetadata"]["HTTPHeaders"]
    assert (refusal.status, refusal.error["Code"]) == (status, code), refusal.error


def signed(method, url, headers=None, service="s3", payload="UNSIGNED-PAYLOAD"):
    """The headers of a request signed as SigV4 says, for a body that the signature does not cover."""
    headers = {"host": urlsplit(url).netloc, "x-amz-content-sha256": payload} | (headers or {})
    request = AWSRequest(method=method, url=url, headers=headers)
    request.context["payload_signing_enabled"] = False
    credentials = Credentials(KEYS["AWS_ACCESS_KEY_ID"], KEYS["AWS_SECRET_ACCESS_KEY"])
    SigV4Auth(credentials, service, REGION).add_auth(request)
    return dict(request.headers.items())


def call(url, method="GET", body=None, headers=None):
    """One plain HTTP request -> (status, headers with lower-case names, body)"""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=60)
    try:
        target = parts.path + ("?" + parts.query if parts.query else "")
        connection.request(method, target, body=body, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def code_of(body):
    """The Code of an XML error."""
    found = re.search(rb"<Code>([^<]*)</Code>", body)
    return found and found[1].decode()
