#!/usr/bin/env python3
# vectors_sigv4.py - writes test/golden/sigv4/botocore.txt: requests as boto3 signs them, with the secret they were signed with.
"""Each case is a client call whose request is caught just before it would be sent, or a presigned URL. The clock and the
invocation ids are fixed, so that the file changes only when botocore or this list does. src/wire/sigv4*.c and sigv2.c
must accept every case, refuse it after any change, and (Version 4, header) sign the same request the same way.

    tools/vectors_sigv4.py            writes the file
    tools/vectors_sigv4.py --check    writes nothing; fails when the file is not what botocore does
"""
import datetime
import hashlib
import io
import os
import pathlib
import sys
import time
import urllib.parse
import uuid

os.environ['BOTO_DISABLE_CRT'] = 'true'  # where awscrt is installed it would sign, with a clock that cannot be stopped

import boto3
import botocore
import botocore.auth
from botocore.config import Config

OUT = pathlib.Path(__file__).resolve().parent.parent / 'test/golden/sigv4/botocore.txt'
NOW = datetime.datetime(2024, 2, 29, 23, 59, 58)
NOW_MS = int(NOW.replace(tzinfo=datetime.timezone.utc).timestamp() * 1000)
SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'
ENDPOINT = 'http://127.0.0.1:4566'
VIRTUAL = {'endpoint': 'http://s3.localhost:4566', 's3': {'addressing_style': 'virtual'}}
# Not signed, and different on every machine.
DROPPED = {'user-agent'}

cases = []


def freeze():
    botocore.auth.get_current_datetime = lambda remove_tzinfo=True: NOW
    botocore.auth.formatdate = lambda *args, **kw: 'Thu, 29 Feb 2024 23:59:58 GMT'
    botocore.auth.time = type('Frozen', (), {'time': staticmethod(lambda: NOW_MS / 1000), 'gmtime': time.gmtime})
    uuid.uuid4 = lambda: uuid.UUID('00000000-0000-4000-8000-000000000000')


def add(name, dialect, version, method, url, headers, body, bucket=''):
    parts = urllib.parse.urlsplit(url)
    target = parts.path + ('?' + parts.query if parts.query else '')
    lines = [f'== {name}', f'dialect {dialect}', f'version {version}', f'secret {SECRET}', f'now {NOW_MS}',
             f'body {hashlib.sha256(body).hexdigest()}', f'bucket {bucket}', f'{method} {target} HTTP/1.1']
    if not any(key.lower() == 'host' for key in headers):
        lines.append(f'Host: {parts.netloc}')
    for key, value in headers.items():
        if key.lower() not in DROPPED:
            lines.append(f'{key}: {value.decode() if isinstance(value, bytes) else value}')
    cases.append('\n'.join(lines) + '\n')


def client(service, token=None, region='us-east-1', endpoint=ENDPOINT, **config):
    return boto3.client(service, endpoint_url=endpoint, region_name=region, aws_access_key_id='AKIDEXAMPLE',
                        aws_secret_access_key=SECRET, aws_session_token=token, config=Config(**config))


class Caught(Exception):
    pass


def call(name, dialect, service, operation, arguments, version=4, bucket='', **how):
    """The request of one client call."""
    def catch(request, **_):
        body = request.body or b''
        body = body.encode() if isinstance(body, str) else body if isinstance(body, bytes) else body.read()
        add(name, dialect, version, request.method, request.url, dict(request.headers.items()), body, bucket)
        raise Caught
    c = client(service, **how)
    c.meta.events.register('before-send', catch)
    try:
        getattr(c, operation)(**arguments)
    except Caught:
        pass


def presigned(name, operation, arguments, version=4, headers=None, method='GET', service='s3', dialect='s3', bucket='',
              **how):
    """A presigned URL, and the headers its holder must send."""
    if service == 's3' and version == 4:
        how['signature_version'] = 's3v4'
    url = client(service, **how).generate_presigned_url(operation, Params=arguments, ExpiresIn=600, HttpMethod=method)
    add(name, dialect, version, method, url, headers or {}, b'', bucket)


def s3():
    odd = "a b+c/../%d~e'(f)*ü/日本.txt"
    call('s3 put, odd key and metadata', 's3', 's3', 'put_object',
         {'Bucket': 'b', 'Key': odd, 'Body': b'hello', 'Metadata': {'one': '  two   blanks ', 'x': 'y'},
          'ContentType': 'text/plain; charset=utf-8', 'Tagging': 'a=b&c=d'})
    call('s3 put from a file', 's3', 's3', 'put_object', {'Bucket': 'b', 'Key': 'k', 'Body': io.BytesIO(b'stream')})
    call('s3 get with session token', 's3', 's3', 'get_object',
         {'Bucket': 'b', 'Key': odd, 'Range': 'bytes=0-9', 'IfMatch': '"x"'}, token='to/ken+with==signs')
    call('s3 list', 's3', 's3', 'list_objects_v2',
         {'Bucket': 'b', 'Prefix': 'ü /+&=%', 'Delimiter': '/', 'StartAfter': 'a b', 'MaxKeys': 2})
    call('s3 uploads', 's3', 's3', 'create_multipart_upload', {'Bucket': 'b', 'Key': 'k'}, region='eu-west-1')
    call('s3 part', 's3', 's3', 'upload_part',
         {'Bucket': 'b', 'Key': 'k', 'UploadId': 'a+/=', 'PartNumber': 3, 'Body': b'part'})
    call('s3 copy', 's3', 's3', 'copy_object', {'Bucket': 'b', 'Key': 'k', 'CopySource': {'Bucket': 'c', 'Key': 'ü k'}})
    call('s3 delete many', 's3', 's3', 'delete_objects', {'Bucket': 'b', 'Delete': {'Objects': [{'Key': 'k'}]}})
    call('s3 virtual host', 's3', 's3', 'head_object', {'Bucket': 'bucket', 'Key': 'k'}, **VIRTUAL)
    presigned('s3 presigned get', 'get_object', {'Bucket': 'b', 'Key': odd, 'ResponseContentType': 'text/plain'})
    presigned('s3 presigned get with token', 'get_object', {'Bucket': 'b', 'Key': 'k'}, token='to/ken+with==signs')
    presigned('s3 presigned put', 'put_object', {'Bucket': 'b', 'Key': 'k', 'ContentType': 'text/plain'},
              headers={'Content-Type': 'text/plain'}, method='PUT')
    presigned('s3 presigned get, version 2', 'get_object', {'Bucket': 'b', 'Key': odd, 'VersionId': 'v+1',
                                                            'ResponseContentType': 'text/plain'}, version=2)
    presigned('s3 presigned get with token, version 2', 'get_object', {'Bucket': 'b', 'Key': 'k'}, version=2,
              token='to/ken+with==signs')
    presigned('s3 presigned put with metadata, version 2', 'put_object',
              {'Bucket': 'b', 'Key': 'k', 'ContentType': 'text/plain', 'Metadata': {'one': 'two'}}, version=2,
              headers={'Content-Type': 'text/plain'}, method='PUT')
    presigned('s3 presigned part, version 2', 'upload_part',
              {'Bucket': 'b', 'Key': 'k', 'UploadId': 'u/1', 'PartNumber': 2}, version=2, method='PUT')
    presigned('s3 presigned get, virtual host, version 2', 'get_object', {'Bucket': 'bucket', 'Key': 'k'}, version=2,
              bucket='bucket', **VIRTUAL)
    presigned('s3 presigned list, version 2', 'list_objects', {'Bucket': 'b', 'Prefix': 'p'}, version=2)
    call('s3 list, version 2 in the header', 's3', 's3', 'list_objects', {'Bucket': 'b', 'Prefix': 'p'}, version=2,
         signature_version='s3')
    call('s3 put, version 2 in the header', 's3', 's3', 'put_object',
         {'Bucket': 'b', 'Key': odd, 'Body': b'hello', 'Metadata': {'one': 'two'}, 'ContentType': 'text/plain'},
         version=2, signature_version='s3', token='to/ken+with==signs')


def others():
    call('emr', 'json', 'emr', 'describe_cluster', {'ClusterId': 'j-1'})
    call('emr with token', 'json', 'emr', 'list_clusters', {}, token='to/ken+with==signs', region='ap-south-1')
    call('scheduler, name in the path', 'json', 'scheduler', 'get_schedule', {'Name': 'a_b.c-d', 'GroupName': 'g h/+'})
    call('scheduler tags, ARN in the path', 'json', 'scheduler', 'list_tags_for_resource',
         {'ResourceArn': 'arn:aws:scheduler:us-east-1:000000000000:schedule-group/default'})
    call('emr-serverless', 'json', 'emr-serverless', 'list_job_runs',
         {'applicationId': '00abc', 'states': ['RUNNING', 'FAILED'], 'maxResults': 3})
    call('stepfunctions', 'json', 'stepfunctions', 'list_state_machines', {})
    call('logs', 'json', 'logs', 'describe_log_groups', {'logGroupNamePrefix': 'ü'})
    call('sts', 'query', 'sts', 'get_caller_identity', {})
    call('iam', 'query', 'iam', 'create_role', {'RoleName': 'r', 'AssumeRolePolicyDocument': '{"a": "b c&d"}'})
    call('cloudformation', 'query', 'cloudformation', 'describe_stacks', {'StackName': 's'})
    presigned('sts presigned', 'get_caller_identity', {}, service='sts', dialect='query')


def main():
    freeze()
    s3()
    others()
    text = (f'# Written by tools/vectors_sigv4.py with botocore {botocore.__version__}, which is the oracle here. '
            'Read by test/unit/wire/sigv4_vectors_test.c.\n\n' + '\n'.join(cases))
    if '--check' in sys.argv:
        return 0 if OUT.read_text() == text else print(f'{OUT}: not what botocore does') or 1
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(text)
    print(f'{len(cases)} cases in {OUT}')
    return 0


sys.exit(main())
