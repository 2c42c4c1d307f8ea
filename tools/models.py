#!/usr/bin/env python3
# models.py - writes src/wire/tables/*.c: the facts of the public AWS service models as compact C tables.
"""Facts only: names, shapes, constraints and HTTP bindings; no documentation text. The models are those of the installed
botocore package (gzipped JSON, one file per service and API version).

    tools/models.py            writes the tables of SERVICES
    tools/models.py --check    writes nothing; fails when a table is not what the models say

A service more is a name more in SERVICES. The structures are explained in src/wire/model.h.
"""
import argparse
import gzip
import json
import pathlib
import re
import sys

MIB = 1 << 20
# Our name (and botocore's folder), and the largest request body that is kept in memory.
SERVICES = {
    'cloudformation': 4 * MIB,
    'cloudtrail': 1 * MIB,
    'cloudwatch': 2 * MIB,
    'emr': 4 * MIB,
    'events': 3 * MIB,
    'iam': 1 * MIB,
    'lambda': 72 * MIB,
    'logs': 4 * MIB,
    's3': 8 * MIB,
    'scheduler': 1 * MIB,
    'secretsmanager': 1 * MIB,
    'sns': 1 * MIB,
    'sqs': 2 * MIB,
    'ssm': 1 * MIB,
    'stepfunctions': 4 * MIB,
    'sts': 1 * MIB,
}
# Services that are not here: of these only what their operations answer is known, for mocked results of tasks.
ELSEWHERE = ('dynamodb', 'kms')
# Operations that no request can be told to mean: older forms with the same method and address, other endpoints.
DROPPED = {
    's3': {'GetBucketLifecycle', 'PutBucketLifecycle', 'GetBucketNotification', 'PutBucketNotification',
           'ListDirectoryBuckets'},
}
# Shapes that the service reads differently: S3 keeps Expires as the text it was given, and has errors of its own for a
# region and a notification event it does not know. What InvokeAsync is given is small.
RETYPED = {'s3': {'Expires': {'type': 'string'}, 'BucketLocationConstraint': {'type': 'string'},
                  'Event': {'type': 'string'}},
           'lambda': {'BlobStream': {'type': 'blob'}}}
# The root elements of S3's answers, from the "Response Syntax" of its API reference; the model does not have them.
ROOTS = {
    'ListBuckets': 'ListAllMyBucketsResult', 'ListObjects': 'ListBucketResult', 'ListObjectsV2': 'ListBucketResult',
    'ListObjectVersions': 'ListVersionsResult', 'ListMultipartUploads': 'ListMultipartUploadsResult',
    'ListParts': 'ListPartsResult', 'CreateMultipartUpload': 'InitiateMultipartUploadResult',
    'CompleteMultipartUpload': 'CompleteMultipartUploadResult', 'DeleteObjects': 'DeleteResult',
    'GetBucketAcl': 'AccessControlPolicy', 'GetObjectAcl': 'AccessControlPolicy', 'GetBucketCors': 'CORSConfiguration',
    'GetBucketLifecycleConfiguration': 'LifecycleConfiguration', 'GetBucketLocation': 'LocationConstraint',
    'GetBucketLogging': 'BucketLoggingStatus', 'GetBucketNotificationConfiguration': 'NotificationConfiguration',
    'GetBucketRequestPayment': 'RequestPaymentConfiguration', 'GetBucketTagging': 'Tagging',
    'GetObjectTagging': 'Tagging', 'GetBucketVersioning': 'VersioningConfiguration',
    'GetBucketWebsite': 'WebsiteConfiguration', 'GetObjectAttributes': 'GetObjectAttributesResponse',
    'GetBucketAccelerateConfiguration': 'AccelerateConfiguration', 'CreateSession': 'CreateSessionResult',
    'ListBucketAnalyticsConfigurations': 'ListBucketAnalyticsConfigurationResult',
    'ListBucketInventoryConfigurations': 'ListInventoryConfigurationsResult',
    'ListBucketMetricsConfigurations': 'ListMetricsConfigurationsResult',
}
UNWRAPPED = {'GetBucketLocation'}  # the one member's text is the root element's text

PROTOCOLS = {'json1.0': 'PROTOCOL_AWS_JSON_1_0', 'json1.1': 'PROTOCOL_AWS_JSON_1_1', 'query': 'PROTOCOL_AWS_QUERY',
             'rest-xml': 'PROTOCOL_REST_XML', 'rest-json': 'PROTOCOL_REST_JSON',
             'smithy-rpc-v2-cbor': 'PROTOCOL_RPC_CBOR'}
TYPES = {'structure', 'list', 'map', 'string', 'character', 'integer', 'long', 'float', 'double', 'boolean', 'blob',
         'timestamp'}
LOCATIONS = {None: 'BODY', 'header': 'HEADER', 'headers': 'HEADERS', 'uri': 'URI', 'querystring': 'QUERY',
             'statusCode': 'STATUS'}
TIMES = {'unixtimestamp': 'EPOCH', 'iso8601': 'ISO', 'rfc822': 'HTTP'}
METHODS = ('GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH')
NONE = 'MODEL_NONE'
INT64 = {'min': 'INT64_MIN', 'max': 'INT64_MAX'}


def load(name):
    import botocore
    folder = pathlib.Path(botocore.__file__).parent / 'data' / name
    version = max(p.name for p in folder.iterdir() if p.is_dir())
    with gzip.open(folder / version / 'service-2.json.gz') as f:
        return json.load(f)


class Pool:
    """Texts, each kept once; a reference is an offset and a length, and shorter texts live inside longer ones."""

    def __init__(self):
        self.wanted = {}

    def ref(self, text):
        self.wanted.setdefault(text or '', None)
        return text or ''

    def lay_out(self):
        blob = ''
        self.lines = []
        for text in sorted(self.wanted, key=lambda t: (-len(t), t)):
            at = blob.find(text)
            if at < 0:
                at = len(blob)
                blob += text
                self.lines.append(text)
            if at >= 1 << 21 or len(text) >= 1 << 11:
                sys.exit(f'models: text {text[:40]!r} does not fit ModelText')
            self.wanted[text] = at
        if not blob.isascii():
            sys.exit('models: a text is not ASCII')

    def c(self, text):
        return f'{{{self.wanted[text]}, {len(text)}}}' if text else '{0, 0}'


def quoted(text):
    text = text.replace('\\', '\\\\').replace('"', '\\"')
    return '"' + re.sub(r'\?(?=\?)', r'?""', text) + '"'


def regex(pattern):
    r"""What PCRE2 needs where Java reads differently: \uXXXX and pairs of surrogates, `-` after a class, counts above 65,535."""
    supplementary = pattern.replace(r'\uD800\uDC00', r'\x{10000}').replace(r'\uDBFF\uDFFF', r'\x{10ffff}')
    supplementary = supplementary.replace(r'\uD800\uDBFF-\uDC00\uDFFF', r'\x{10000}-\x{10ffff}')
    supplementary = supplementary.replace(r'\u10000-\u10FFFF', r'\x{10000}-\x{10ffff}')
    text = re.sub(r'\\u([0-9A-Fa-f]{4})', lambda m: r'\x{' + m[1].lower() + '}', supplementary)
    text = text.replace(r'\p{ASCII}', r'[\x{00}-\x{7f}]')
    text = re.sub(r'\{(\d+),(\d{6,})\}', r'{\1,}', text)
    return re.sub(r'(\\[wds])-(?=[^\]])', r'\1\\-', text)


class Service:
    def __init__(self, name, body_max):
        self.name, self.body_max, self.model, self.pool = name, body_max, load(name), Pool()
        self.meta, self.shapes = self.model['metadata'], dict(self.model['shapes'])
        self.shapes.update(RETYPED.get(name, {}))
        protocol = self.meta['protocol']
        if protocol == 'json':
            protocol += self.meta['jsonVersion']
        if protocol not in PROTOCOLS:
            sys.exit(f'models: {name}: protocol {protocol} is not known')
        self.protocol = protocol
        dropped = DROPPED.get(name, set())
        self.operations = {n: o for n, o in sorted(self.model['operations'].items()) if n not in dropped}
        if name in ELSEWHERE:
            self.operations = {n: {k: v for k, v in o.items() if k not in ('input', 'errors')}
                               for n, o in self.operations.items()}
        self.collect()
        self.build()

    # What the operations reach, and what they reach as input: only that is validated.
    def collect(self):
        self.inputs, reached = set(), set()
        for o in self.operations.values():
            self.reach(o.get('input', {}).get('shape'), self.inputs)
            self.reach(o.get('output', {}).get('shape'), reached)
            for e in o.get('errors', []):
                self.reach(e['shape'], reached)
        self.names = sorted(reached | self.inputs)
        self.index = {n: i for i, n in enumerate(self.names)}
        self.exceptions = [n for n in self.names if self.shapes[n].get('exception')]

    def reach(self, name, into):
        if name is None or name in into:
            return
        into.add(name)
        shape = self.shapes[name]
        for m in self.parts(shape):
            self.reach(m[1]['shape'], into)

    @staticmethod
    def parts(shape):
        if shape['type'] == 'structure':
            return [(n, m) for n, m in shape['members'].items() if not m.get('eventpayload')]
        return [(k, shape[k]) for k in ('member', 'key', 'value') if k in shape]

    def build(self):
        self.members, self.enums, self.limits, self.error_refs = [], [], [], []
        self.shape_rows = [self.shape_row(n) for n in self.names]
        self.error_rows = [self.error_row(n) for n in self.exceptions]
        self.operation_rows = [self.operation_row(n, o) for n, o in self.operations.items()]
        for count in (self.members, self.enums, self.limits, self.error_refs):
            if len(count) >= 1 << 16:
                sys.exit(f'models: {self.name}: more rows than an index holds')
        self.head = {k: self.pool.ref(v) for k, v in {
            'id': self.meta['serviceId'], 'name': self.name, 'signing_name': self.signing_name(),
            'endpoint': self.meta['endpointPrefix'], 'target': self.meta.get('targetPrefix'),
            'version': self.meta['apiVersion'], 'xmlns': self.xmlns()}.items()}
        self.pool.lay_out()

    def signing_name(self):
        return self.meta.get('signingName', self.meta['endpointPrefix'])

    def xmlns(self):
        spaces = {m['xmlNamespace']['uri'] for s in self.shapes.values() for _, m in self.parts(s)
                  if 'xmlNamespace' in m}
        return self.meta.get('xmlNamespace') or (spaces.pop() if len(spaces) == 1 else '')

    def shape_row(self, name):
        s = self.shapes[name]
        kind = 'document' if s.get('document') else s['type']
        if kind not in TYPES | {'document'}:
            sys.exit(f'models: {self.name}: type {kind} is not known')
        flags = [f for f, on in (('SENSITIVE', s.get('sensitive')), ('UNION', s.get('union')),
                                 ('EVENTS', s.get('eventstream')), ('XSI', self.has_xsi(s))) if on]
        first, parts = len(self.members), [] if kind == 'document' else self.parts(s)
        for n, m in parts:
            self.members.append(self.member_row(s, n, m))
        kind = 'string' if kind == 'character' else kind
        return name, 'SHAPE_' + kind.upper(), flags, first, len(parts), self.limit(name, s)

    @staticmethod
    def has_xsi(s):
        space = s.get('xmlNamespace')
        if isinstance(space, dict) and space.get('prefix', 'xsi') != 'xsi':
            sys.exit('models: an XML prefix that is not xsi')
        return isinstance(space, dict) and 'prefix' in space

    def member_row(self, owner, name, m):
        s = self.shapes[m['shape']]
        flat = m.get('flattened') or s.get('flattened')
        wire = m.get('locationName') or name
        if flat and s['type'] == 'list' and owner['type'] == 'structure' and not m.get('location'):
            wire = s['member'].get('locationName') or wire
        location = 'PAYLOAD' if owner.get('payload') == name else LOCATIONS[m.get('location')]
        streams = (m.get('streaming') or s.get('streaming')) and location == 'PAYLOAD'
        flags = [f for f, on in (
            ('REQUIRED', name in owner.get('required', [])), ('FLATTENED', flat), ('ATTRIBUTE', m.get('xmlAttribute')),
            ('TOKEN', m.get('idempotencyToken')), ('STREAMING', streams), ('HOST_LABEL', m.get('hostLabel'))) if on]
        return (self.pool.ref(name), self.pool.ref(wire), self.index[m['shape']], 'IN_' + location, flags,
                'TIME_' + self.time_format(m, s, location))

    def time_format(self, m, s, location):
        if s['type'] != 'timestamp':
            return 'NONE'
        default = {'HEADER': 'rfc822', 'QUERY': 'iso8601', 'URI': 'iso8601'}.get(location)
        default = default or ('unixtimestamp' if 'json' in self.protocol or 'cbor' in self.protocol else 'iso8601')
        name = TIMES[(m.get('timestampFormat') or s.get('timestampFormat') or default).lower()]
        return 'ISO_MILLIS' if name == 'ISO' and self.protocol == 'rest-xml' else name

    def limit(self, name, s):
        if not any(k in s for k in ('min', 'max', 'pattern', 'enum')):
            return NONE
        first, values = len(self.enums), s.get('enum', [])
        self.enums.extend(self.pool.ref(v) for v in values)
        pattern = s.get('pattern', '') if name in self.inputs else ''
        low, high = ((str(int(s[k])) if k in s else INT64[k]) for k in ('min', 'max'))
        row = (low, high, self.pool.ref(pattern), self.pool.ref(regex(pattern)), first, len(values))
        if row not in self.limits:
            self.limits.append(row)
        else:
            del self.enums[first:]
        return self.limits.index(row)

    def error_row(self, name):
        s = self.shapes[name]
        error = s.get('error', {})
        text = next((n for n in s['members'] if n.lower() == 'message'), 'message')
        status = error.get('httpStatusCode') or (500 if s.get('fault') else 400)
        return (self.pool.ref(name), self.pool.ref(error.get('code', name)), self.pool.ref(text), self.index[name], status)

    def operation_row(self, name, o):
        path, _, query = o['http']['requestUri'].partition('?')
        if re.search(r'\+}.', path):
            sys.exit(f'models: {name}: a greedy label that is not the last')
        given, answer = o.get('input', {}), o.get('output', {})
        refs = [self.exceptions.index(e['shape']) for e in o.get('errors', [])]
        first = len(self.error_refs)
        self.error_refs.extend(refs)
        flags = []
        for side, shape in (('INPUT', given.get('shape')), ('OUTPUT', answer.get('shape'))):
            flags += self.side_flags(side, self.shapes.get(shape, {}))
        if name in UNWRAPPED:
            flags.append('UNWRAPPED')
        texts = [name, path or '/', query, (o.get('endpoint') or {}).get('hostPrefix'), given.get('locationName'),
                 self.output_root(name, answer)]
        return ([self.pool.ref(t) for t in texts], self.index.get(given.get('shape'), NONE),
                self.index.get(answer.get('shape'), NONE), first, len(refs), o['http'].get('responseCode', 200),
                o['http']['method'], flags)

    def side_flags(self, side, shape):
        payload = shape.get('payload')
        if not payload:
            return []
        m = shape['members'][payload]
        target = self.shapes[m['shape']]
        if target.get('eventstream'):
            return [side + '_EVENTS']
        return [side + '_STREAMS'] if m.get('streaming') or target.get('streaming') else []

    def output_root(self, name, answer):
        if self.protocol in ('query', 'smithy-rpc-v2-cbor'):
            return answer.get('resultWrapper')
        shape = self.shapes.get(answer.get('shape'), {'members': {}})
        if self.protocol != 'rest-xml' or shape.get('payload'):
            return ''
        body = [m for m in shape['members'].values() if not m.get('location')]
        return (ROOTS.get(name) or answer['shape']) if body else ''

    # Rest operations in the order in which a request is compared with them: by method, then address with fixed segments
    # before labels, then the one that asks for most of the request first.
    def routes(self):
        if not self.protocol.startswith('rest'):
            return []
        order = []
        for i, (texts, given, *_, method, _flags) in enumerate(self.operation_rows):
            segments = [2 if '+}' in s else 1 if '{' in s else 0 for s in texts[1].split('/')]
            literals = len([q for q in texts[2].split('&') if q])
            needed = 0
            if given != NONE:
                row = self.shape_rows[given]
                needed = sum(1 for m in self.members[row[3]:row[3] + row[4]]
                             if 'REQUIRED' in m[4] and m[3] in ('IN_QUERY', 'IN_HEADER'))
            order.append((METHODS.index(method), segments, texts[1], -literals, -needed, i))
        return [row[-1] for row in sorted(order)]


def flags_c(prefix, flags):
    return ' | '.join(prefix + f for f in flags) or '0'


def table(kind, name, rows):
    body = '\n'.join(f'    {r}' for r in rows)
    return f'static const {kind} {name}[] = {{\n{body}\n}};\n'


def packed(values, width=24):
    return [', '.join(str(v) for v in values[i:i + width]) + ',' for i in range(0, len(values), width)]


def service_c(s):
    t = s.pool.c
    rows = []
    rows.append('static const char texts[] =\n' + '\n'.join('    ' + quoted(x) for x in s.pool.lines if x) + ';\n')
    rows.append(table('Shape', 'shapes', [
        f'{{{k}, {flags_c("SHAPE_IS_", f)}, {a}, {c}, {li}}}, /* {i} {n} */'
        for i, (n, k, f, a, c, li) in enumerate(s.shape_rows)]))
    rows.append(table('Member', 'members', [
        f'{{{t(n)}, {t(w)}, {sh}, {loc}, {flags_c("MEMBER_", f)}, {tm}}}, /* {i} {n} */'
        for i, (n, w, sh, loc, f, tm) in enumerate(s.members)]))
    rows.append(table('ModelLimit', 'limits', [
        f'{{{lo}, {hi}, {t(p)}, {t(r)}, {a}, {c}}},' for lo, hi, p, r, a, c in s.limits] or ['{0},']))
    rows.append(table('ModelText', 'enums', packed([t(e) for e in s.enums], 8) or ['{0, 0},']))
    rows.append(table('ModelError', 'errors', [
        f'{{{t(n)}, {t(c)}, {t(m)}, {i}, {st}}}, /* {n} */' for n, c, m, i, st in s.error_rows] or ['{{0, 0}, {0, 0}, {0, 0}, 0, 0},']))
    rows.append(table('uint16_t', 'error_refs', packed(s.error_refs) or ['0,']))
    rows.append(table('Operation', 'operations', [
        f'{{&service_{s.name}, {", ".join(t(x) for x in texts)}, {i}, {o}, {a}, {c}, {st}, METHOD_{m}, '
        f'{flags_c("OPERATION_", f)}}}, /* {texts[0]} */'
        for texts, i, o, a, c, st, m, f in s.operation_rows]))
    rows.append(table('uint16_t', 'routes', packed(s.routes()) or ['0,']))
    h = s.head
    rows.append(f'''const Service service_{s.name} = {{
    .texts = texts, .shapes = shapes, .members = members, .limits = limits, .enums = enums, .errors = errors,
    .error_refs = error_refs, .operations = operations, .routes = routes, .protocol = {PROTOCOLS[s.protocol]},
    .id = {t(h['id'])}, .name = {t(h['name'])}, .signing_name = {t(h['signing_name'])}, .endpoint = {t(h['endpoint'])},
    .target_prefix = {t(h['target'])}, .version = {t(h['version'])}, .xmlns = {t(h['xmlns'])},
    .shapes_n = {len(s.shape_rows)}, .members_n = {len(s.members)}, .limits_n = {len(s.limits)},
    .errors_n = {len(s.error_rows)}, .operations_n = {len(s.operation_rows)}, .routes_n = {len(s.routes())},
    .body_bytes_max = {s.body_max},
}};
''')
    return f'''/* {s.name}.c - {s.meta['serviceFullName']}, API version {s.meta['apiVersion']}: generated by tools/models.py. */
/* Source: the public service model "{s.meta['uid']}" as botocore carries it. Facts only. Explained in wire/model.h. */
#include "wire/model.h"

#pragma GCC diagnostic ignored "-Woverlength-strings"
/* clang-format off */
extern const Service service_{s.name};

''' + '\n'.join(rows)


def all_c(services):
    declared = '\n'.join(f'extern const Service service_{n};' for n in sorted([*services, *ELSEWHERE]))
    listed, elsewhere = (', '.join(f'&service_{n}' for n in names) for names in (services, ELSEWHERE))
    return f'''/* services.c - the list of all service tables: generated by tools/models.py. */
#include "wire/model.h"

{declared}

const Service *const model_services[] = {{{listed}}};
const int model_services_n = countof(model_services);
const Service *const model_elsewhere[] = {{{elsewhere}}};
const int model_elsewhere_n = countof(model_elsewhere);
'''


def main():
    options = argparse.ArgumentParser(description='AWS service models to C tables')
    options.add_argument('--check', action='store_true', help='fail when a table is out of date')
    check = options.parse_args().check
    folder = pathlib.Path(__file__).resolve().parent.parent / 'src/wire/tables'
    files = {f'{n}.c': service_c(Service(n, limit)) for n, limit in sorted(SERVICES.items())}
    files |= {f'{n}.c': service_c(Service(n, 0)) for n in ELSEWHERE}
    files['services.c'] = all_c(sorted(SERVICES))
    stale = [n for n, text in files.items() if not (folder / n).exists() or (folder / n).read_text() != text]
    for n in [] if check else stale:
        (folder / n).write_text(files[n])
    for n in stale:
        print(f'models: {n} {"is out of date" if check else "written"}')
    return 1 if check and stale else 0


if __name__ == '__main__':
    sys.exit(main())
