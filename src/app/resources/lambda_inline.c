/* lambda_inline.c - code written in a template as the zip of a function, with the helper of custom resources beside it. */
#include "app/resources/lambda_inline.h"

#include "wire/zip_make.h"

static const char python_helper[] =
    "import json\n"
    "import urllib.request\n"
    "\n"
    "SUCCESS = 'SUCCESS'\n"
    "FAILED = 'FAILED'\n"
    "\n"
    "\n"
    "def send(event, context, responseStatus, responseData, physicalResourceId=None, "
    "noEcho=False,\n"
    "         reason=None):\n"
    "    seen = 'See the details in CloudWatch Log Stream: ' + context.log_stream_name\n"
    "    body = json.dumps({\n"
    "        'Status': responseStatus,\n"
    "        'Reason': reason or seen,\n"
    "        'PhysicalResourceId': physicalResourceId or context.log_stream_name,\n"
    "        'StackId': event['StackId'],\n"
    "        'RequestId': event['RequestId'],\n"
    "        'LogicalResourceId': event['LogicalResourceId'],\n"
    "        'NoEcho': noEcho,\n"
    "        'Data': responseData,\n"
    "    }).encode()\n"
    "    request = urllib.request.Request(event['ResponseURL'], data=body, method='PUT',\n"
    "                                     headers={'Content-Type': ''})\n"
    "    with urllib.request.urlopen(request, timeout=30) as answer:\n"
    "        print('response:', answer.status)\n";

static const char node_helper[] =
    "const http = require('http');\n"
    "const https = require('https');\n"
    "\n"
    "exports.SUCCESS = 'SUCCESS';\n"
    "exports.FAILED = 'FAILED';\n"
    "\n"
    "exports.send = function (event, context, responseStatus, responseData, physicalResourceId,\n"
    "                         noEcho) {\n"
    "  const body = JSON.stringify({\n"
    "    Status: responseStatus,\n"
    "    Reason: 'See the details in CloudWatch Log Stream: ' + context.logStreamName,\n"
    "    PhysicalResourceId: physicalResourceId || context.logStreamName,\n"
    "    StackId: event.StackId,\n"
    "    RequestId: event.RequestId,\n"
    "    LogicalResourceId: event.LogicalResourceId,\n"
    "    NoEcho: noEcho || false,\n"
    "    Data: responseData,\n"
    "  });\n"
    "  const url = new URL(event.ResponseURL);\n"
    "  const client = url.protocol === 'https:' ? https : http;\n"
    "  const headers = { 'content-type': '', 'content-length': Buffer.byteLength(body) };\n"
    "  return new Promise((done) => {\n"
    "    const over = () => { if (context.done) context.done(); done(); };\n"
    "    const request = client.request(url, { method: 'PUT', headers }, (answer) => {\n"
    "      answer.resume();\n"
    "      answer.on('end', over);\n"
    "    });\n"
    "    request.on('error', (error) => { console.log('response failed:', error); over(); });\n"
    "    request.end(body);\n"
    "  });\n"
    "};\n";

bool lambda_inline_zip(Str runtime, Str code, Arena *a, Str *zip, Error *err)
{
    bool python = str_starts(runtime, S("python")), node = str_starts(runtime, S("nodejs"));
    if (!python && !node)
        return error_set(err, ERR_VALIDATION,
                         "ZipFile can only be used when Runtime is set to a nodejs or python "
                         "runtime.");
    if (code.n > LAMBDA_INLINE_BYTES_MAX)
        return error_set(err, ERR_VALIDATION, "ZipFile must have at most %d bytes.",
                         LAMBDA_INLINE_BYTES_MAX);
    const ZipText members[] = {
        {python ? S("index.py") : S("index.js"), code},
        {python ? S("cfnresponse.py") : S("cfn-response.js"),
         str_from(python ? python_helper : node_helper)},
    };
    *zip = zip_make(members, countof(members), a);
    return true;
}
