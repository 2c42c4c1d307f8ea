# lambda_bootstrap.py - runs a Python handler by the Lambda Runtime API: asks for work, calls, answers, until it is ended.
import decimal
import http.client
import importlib
import json
import os
import resource
import sys
import traceback

API = os.environ["AWS_LAMBDA_RUNTIME_API"]
ROOT = os.environ["LAMBDA_TASK_ROOT"]
BASE = "/2018-06-01/runtime"


class CognitoIdentity:
    def __init__(self, given):
        given = given or {}
        self.cognito_identity_id = given.get("cognitoIdentityId")
        self.cognito_identity_pool_id = given.get("cognitoIdentityPoolId")


class Client:
    def __init__(self, given):
        for name in ("installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name"):
            setattr(self, name, given.get(name))


class ClientContext:
    def __init__(self, given):
        self.client = Client(given.get("client") or {})
        self.custom = given.get("custom") or {}
        self.env = given.get("env") or {}


class Context:
    """What a handler is told of its invocation ("Lambda context object" of the developer guide)."""

    def __init__(self, headers):
        self.aws_request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        self.invoked_function_arn = headers["Lambda-Runtime-Invoked-Function-Arn"]
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        given = headers["Lambda-Runtime-Client-Context"]
        self.client_context = ClientContext(json.loads(given)) if given else None
        self.identity = CognitoIdentity(None)
        self._deadline_ms = int(headers["Lambda-Runtime-Deadline-Ms"])

    def get_remaining_time_in_millis(self):
        import time

        return max(self._deadline_ms - int(time.time() * 1000), 0)

    def log(self, message):
        sys.stdout.write(str(message))


class Door:
    """One kept connection to the server."""

    def __init__(self):
        self.connection = http.client.HTTPConnection(API)

    def next(self):
        self.connection.request("GET", BASE + "/invocation/next")
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            sys.exit(0)
        return answer.headers, body

    def post(self, path, body, headers=None):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        headers = {"Content-Type": "application/json", "Mayfly-Memory-Max-Bytes": str(peak)} | (headers or {})
        self.connection.request("POST", BASE + path, body, headers)
        self.connection.getresponse().read()


def as_json(value):
    if isinstance(value, decimal.Decimal):
        return float(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def document_of(kind, text, frames=(), request_id=""):
    return {"errorMessage": text, "errorType": kind, "requestId": request_id, "stackTrace": list(frames)}


def say(document):
    """One log event of several lines: the server takes a carriage return for a line's end."""
    lines = [f"[ERROR] {document['errorType']}: {document['errorMessage']}", "Traceback (most recent call last):"]
    lines += [line for frame in document["stackTrace"] for line in frame.rstrip("\n").split("\n")]
    sys.stdout.flush()
    os.write(1, ("\r".join(lines) + "\n").encode())


def frames_of(error):
    """The traceback without our own part of it."""
    frames = traceback.extract_tb(error.__traceback__)
    while frames and frames[0].filename == __file__:
        del frames[0]
    return traceback.format_list(frames)


def answer_error(door, document, path, headers=None):
    say(document)
    kind = {"Lambda-Runtime-Function-Error-Type": document["errorType"]}
    door.post(path, json.dumps(document).encode(), kind | (headers or {}))


def load(name):
    """The function that Handler names: "folder/module.function"."""
    parts = name.rsplit(".", 1)
    if len(parts) != 2:
        return None, document_of(
            "Runtime.MalformedHandlerName", f"Bad handler '{name}': not enough values to unpack (expected 2, got 1)"
        )
    module_name, function = parts
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        return None, document_of("Runtime.ImportModuleError", f"Unable to import module '{module_name}': {error}")
    except SyntaxError as error:
        frames = [f'  File "{error.filename}" Line {error.lineno}\n    {error.text}']
        return None, document_of(
            "Runtime.UserCodeSyntaxError", f"Syntax error in module '{module_name}': {error}", frames
        )
    except Exception as error:
        return None, document_of(type(error).__name__, str(error), frames_of(error))
    if not hasattr(module, function):
        return None, document_of(
            "Runtime.HandlerNotFound", f"Handler '{function}' missing on module '{module_name}'"
        )
    return getattr(module, function), None


def run(handler, headers, body):
    """The answer's bytes, or the document of what went wrong."""
    context = Context(headers)
    try:
        result = handler(json.loads(body), context)
    except Exception as error:
        return None, document_of(type(error).__name__, str(error), frames_of(error), context.aws_request_id)
    try:
        return json.dumps(result, ensure_ascii=False, default=as_json).encode(), None
    except Exception as error:
        text = f"Unable to marshal response: {error}"
        return None, document_of("Runtime.MarshalError", text, (), context.aws_request_id)


def layers():
    """Where modules of layers lie: below /opt, or where that is not theirs, where they were unpacked."""
    opt = os.environ.pop("MAYFLY_OPT", None)
    if not opt:
        return []
    if os.path.isdir("/opt") and os.path.samefile("/opt", opt):
        opt = "/opt"
    runtime = os.environ["AWS_EXECUTION_ENV"].removeprefix("AWS_Lambda_")
    return [f"{opt}/python/lib/{runtime}/site-packages", f"{opt}/python"]


def main():
    sys.path[:0] = [ROOT, *layers()]
    sys.path.remove(os.path.dirname(os.path.abspath(__file__)))
    sys.stdout.reconfigure(line_buffering=True)
    os.environ.setdefault("LAMBDA_TASK_ROOT", ROOT)
    door = Door()
    handler, wrong = load(os.environ["_HANDLER"])
    if wrong:
        answer_error(door, wrong, "/init/error")
        sys.exit(1)
    while True:
        headers, body = door.next()
        trace = headers["Lambda-Runtime-Trace-Id"]
        if trace:
            os.environ["_X_AMZN_TRACE_ID"] = trace
        answer, wrong = run(handler, headers, body)
        sys.stdout.flush()
        sys.stderr.flush()
        path = "/invocation/" + headers["Lambda-Runtime-Aws-Request-Id"]
        if wrong:
            answer_error(door, wrong, path + "/error")
        else:
            door.post(path + "/response", answer)


if __name__ == "__main__":
    main()
