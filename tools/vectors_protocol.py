#!/usr/bin/env python3
# vectors_protocol.py - writes test/golden/protocol/*.txt: requests as botocore serialises them, and the input they carry.
"""For every operation of the service tables, a random valid input is serialised by botocore, an implementation that is not
ours; test/unit/wire/vectors_test.c routes, decodes and validates the request and must find the input again. The inputs
come from a seed made of the operation's name: a second run writes the same files unless the models changed.

    tools/vectors_protocol.py [SERVICE...]

Values is also what test/real/test_protocol.py makes its outputs with.
"""
import base64
import datetime
import json
import pathlib
import random
import re
import re._compiler as compiler
import re._parser as sre
import sys
import urllib.parse

import botocore.exceptions
import botocore.loaders
import botocore.model
import botocore.serialize

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import models  # noqa: E402

DEPTH_MAX = 5
WORDS = ('alpha', 'b', 'x-1', 'a b', 'Zürich', '<&>"\'', 'ends with dot.', 'c+d=e&f/g?h%20', '日本', 'two\nlines')
PLAIN = ('alpha', 'b', 'x-1', 'text/plain', 'W_9.z')
# Java's classes in Python's words, in ASCII.
CLASSES = {r'\p{L}': 'A-Za-z', r'\p{Zs}': ' ', r'\p{Z}': ' ', r'\p{N}': '0-9', r'\p{M}': '_', r'\p{S}': '+', r'\p{P}': '.',
           r'\p{ASCII}': '[a-z]'}


class Unmatched(Exception):
    """No value was found that the model allows."""


class Matching:
    """Random texts that a regular expression matches, made along its parse tree."""

    def __init__(self, pattern, rng):
        for java, python in CLASSES.items():
            pattern = pattern.replace(java, python)
        pattern = re.sub(r'\\u(?:D800\\uDC00-\\uDBFF\\uDFFF|D800\\uDBFF-\\uDC00\\uDFFF)', '', pattern, flags=re.I)
        pattern = re.sub(r'\\u10000-\\u10FFFF', '', pattern)
        pattern = re.sub(r'(\\[wds])-(?=[^\]])', r'\1\\-', pattern)
        self.rng, self.re = rng, re.compile(pattern)
        self.tree = sre.parse(pattern)

    def text(self, low, high):
        for _ in range(400):
            self.width = self.rng.randint(0, max(1, min(high, low + 12)))
            text = ''.join(self.node(*n) for n in self.tree)
            if low <= len(text) <= high and self.re.fullmatch(text):
                return text
        raise Unmatched(self.re.pattern)

    def node(self, op, arg):
        name = str(op)
        if name == 'LITERAL':
            return chr(arg)
        if name == 'IN':
            return self.one_of(arg)
        if name == 'ANY':
            return self.rng.choice('abc.')
        if name == 'NOT_LITERAL':
            return 'n'
        if name in ('MAX_REPEAT', 'MIN_REPEAT'):
            least, most, inner = arg
            times = self.rng.randint(least, min(int(most), max(least, self.width)))
            return ''.join(self.node(*n) for _ in range(times) for n in inner)
        if name == 'SUBPATTERN':
            return ''.join(self.node(*n) for n in arg[3])
        if name == 'BRANCH':
            return ''.join(self.node(*n) for n in self.rng.choice(arg[1]))
        return ''  # positions and look-arounds: the whole text is matched again

    def one_of(self, items):
        negated, allowed = str(items[0][0]) == 'NEGATE', class_of(items)
        for _ in range(400):
            c = chr(self.rng.randint(33, 126)) if negated else self.pick(*self.rng.choice(items))
            if allowed.fullmatch(c) and (c.isprintable() or not self.rng.randint(0, 20)):
                return c
        return 'a'

    def pick(self, op, arg):
        if str(op) == 'LITERAL':
            return chr(arg)
        if str(op) == 'RANGE':
            return chr(self.rng.randint(max(arg[0], 32), min(arg[1], 0x17e)) if arg[0] < 0x17e else arg[0])
        return self.rng.choice('a7Z_') if 'WORD' in str(arg) else self.rng.choice('0123456789')


def class_of(items):
    pattern = sre.SubPattern(sre.State())
    pattern.append((sre.IN, list(items)))
    return compiler.compile(pattern)


class Values:
    """Random values of a botocore shape: what a caller of botocore passes, and what a handler of ours sees or gives."""

    def __init__(self, rng, protocol):
        self.rng, self.protocol = rng, protocol

    def value(self, shape, depth=0, plain=False):
        kind = shape.type_name
        if kind in ('structure', 'list', 'map'):
            return getattr(self, kind)(shape, depth)
        if kind == 'string' or kind == 'character':
            return (self.text(shape, plain),) * 2
        if kind == 'blob':
            raw = bytes(self.rng.randrange(256) for _ in range(max(3, shape.metadata.get('min', 0))))
            return raw, base64.b64encode(raw).decode()
        if kind == 'boolean':
            return (self.rng.random() < 0.5,) * 2
        if kind == 'timestamp':
            seconds = self.rng.randrange(1, 4_000_000_000)
            return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc), seconds
        return (self.number(shape),) * 2

    def number(self, shape):
        low = int(shape.metadata.get('min', 0))
        high = int(shape.metadata.get('max', low + 1000))
        return self.rng.randint(low, high) + (0.5 if shape.type_name in ('float', 'double') and high > low + 1 else 0)

    def text(self, shape, plain):
        if shape.enum:
            return self.rng.choice(shape.enum)
        low, high = shape.metadata.get('min', 0), shape.metadata.get('max', 60)
        if 'pattern' in shape.metadata:
            pattern = Matching(shape.metadata['pattern'], self.rng)
            text = pattern.text(low, min(high, low + 200))
            while plain and text != text.strip():  # a header has no blanks at its ends
                text = pattern.text(low, min(high, low + 200))
            return text
        text = self.rng.choice(PLAIN if plain else WORDS)
        text = text[:max(high, 1)].strip()
        return text + 'x' * max(0, low - len(text))

    def structure(self, shape, depth):
        given, seen = {}, {}
        if shape.is_document_type:
            return ({'any': [1, 'x']},) * 2
        names = list(shape.members)
        if shape.is_tagged_union:
            names = [self.rng.choice(names)]
        for name in names:
            self.member(shape, name, depth, given, seen)
        if not given and depth and self.protocol == 'query':  # a form cannot say that a structure is empty
            if not names:
                raise Unmatched(shape.name)
            self.member(shape, self.rng.choice(names), depth, given, seen, needed=True)
        return given, seen

    def member(self, shape, name, depth, given, seen, needed=False):
        m = shape.members[name]
        required = needed or name in shape.required_members or shape.is_tagged_union
        if not required and (depth >= DEPTH_MAX or self.rng.random() > (0.7 if depth == 0 else 0.4)):
            return
        try:
            plain = m.serialization.get('location') in ('header', 'headers')
            given[name], seen[name] = self.value(m, depth + 1, plain)
        except Unmatched:
            if required:
                raise

    def list(self, shape, depth):
        n = max(shape.metadata.get('min', 1), self.rng.randint(1, 2))
        pairs = [self.value(shape.member, depth + 1) for _ in range(min(n, shape.metadata.get('max', n)))]
        return [p[0] for p in pairs], [p[1] for p in pairs]

    def map(self, shape, depth):
        given, seen = {}, {}
        for i in range(max(shape.metadata.get('min', 1), self.rng.randint(1, 2))):
            header = shape.serialization.get('location') == 'headers'
            key = f'key-{i}' if header else self.text(shape.key, False)
            given[key], seen[key] = self.value(shape.value, depth + 1, header)
        return given, seen


def service_model(name):
    return botocore.model.ServiceModel(botocore.loaders.Loader().load_service_model(name, 'service-2'), name)


def operations(name):
    service = service_model(name)
    for operation in service.operation_names:
        if operation not in models.DROPPED.get(name, ()):
            yield service.operation_model(operation)


def input_of(op, rng):
    """botocore's parameters and what they become; streams and events are left out."""
    if op.input_shape is None:
        return {}, {}
    given, seen = Values(rng, op.service_model.resolved_protocol).value(op.input_shape)
    payload = op.input_shape.serialization.get('payload')
    for name, m in op.input_shape.members.items():
        if name == 'ContentLength' or (name == payload and m.type_name in ('blob', 'structure') and streams(m)):
            given.pop(name, None)
            seen.pop(name, None)
        if name == payload and m.name in models.RETYPED.get(op.service_model.service_name, ()):
            given[name], seen[name] = b'{}', '{}'  # a stream to botocore, a text to us
    if 'Expires' in seen and op.service_model.service_name == 's3':
        seen['Expires'] = given['Expires'].strftime('%a, %d %b %Y %H:%M:%S GMT')
    return given, seen


def streams(shape):
    return shape.serialization.get('streaming') or shape.metadata.get('streaming') or getattr(shape, 'is_event', False) \
        or shape.serialization.get('eventstream') or shape.type_name == 'blob'


def head_and_body(op, params):
    serializer = botocore.serialize.create_serializer(op.service_model.resolved_protocol, include_validation=False)
    http = serializer.serialize_to_request(params, op)
    target, body = http['url_path'], http['body']
    if http['query_string']:
        query = urllib.parse.urlencode(http['query_string'], doseq=True, quote_via=urllib.parse.quote)
        target += ('&' if '?' in target else '?') + query
    if isinstance(body, dict):
        body = urllib.parse.urlencode(body).encode()
    headers = {'Host': 'localhost:4566', **http['headers']}
    return [f'{http["method"]} {target} HTTP/1.1'] + [f'{k}: {v}' for k, v in headers.items()], body


def vector(name, op):
    rng = random.Random(f'{name}.{op.name}')
    for _ in range(50):
        try:
            given, seen = input_of(op, rng)
            head, body = head_and_body(op, given)
            break
        except (Unmatched, botocore.exceptions.ParamValidationError):
            continue
    else:
        sys.exit(f'vectors: no valid input for {name} {op.name}')
    lines = [f'# {name} {op.name}'] + ['> ' + h for h in head]
    lines += ['| ' + part for part in body.decode().split('\n')] if body else []
    return '\n'.join(lines + ['= ' + json.dumps(seen, ensure_ascii=False)]) + '\n'


def main():
    folder = pathlib.Path(__file__).resolve().parent.parent / 'test/golden/protocol'
    folder.mkdir(parents=True, exist_ok=True)
    for name in sys.argv[1:] or sorted(models.SERVICES):
        blocks = [vector(name, op) for op in operations(name)]
        (folder / f'{name}.txt').write_text('\n'.join(blocks))
        print(f'vectors: {name}: {len(blocks)} requests')


if __name__ == '__main__':
    main()
