# states_scripts.py - plays a recorded script of Step Functions calls against a server and compares each answer with the recorded one.
import collections
import datetime
import json
import re
import uuid

from botocore.exceptions import ClientError, ParamValidationError

from server import ROOT, wait_for

RECORDINGS = "shared/conformance/stepfunctions/api_scripts.jsonl"
ACCOUNTS = ("111111111111", "000000000000")  # the recording's, the server's
ROLE = f"arn:aws:iam::{ACCOUNTS[1]}:role/sfn_role"
ENDS = ("ExecutionSucceeded", "ExecutionFailed", "ExecutionAborted", "ExecutionTimedOut")
PLACEHOLDER = re.compile(r"<[\w:-]+>|\bdate\b")
SECONDS_MAX = 20
IGNORED = re.compile(r"HttpHeaders/(Content-Length|Date)\b")  # as long as a region's name is; recorded in two forms

# What the recorder lost: these tests changed the ARN between two calls, and only the first form of it was kept.
CHANGED_ARN = {
    "TestSnfApi::test_describe_nonexistent_sm": 2,
    "TestSnfApi::test_list_execution_no_such_state_machine": 2,
    "TestSnfApi::test_invalid_start_execution_arn": 3,
    "TestSnfApiVersioning::test_publish_state_machine_version_no_such_machine": 2,
}
# The role was another one each time, which shows in what was recorded.
ROLES = {"TestSnfApi::test_create_update_state_machine_base_role_arn": {1: "_t0", 3: "_t1", 5: "_t2"}}
# Moments that were so many days away when the recording was made into scripts.
DAYS_AWAY = re.compile(r"test_timestamp_too_far_in_future_boundary\[(\d+)\]")


def scripts():
    """Those beside the tree, or beside the folder of its worktrees; none when neither is there."""
    for beside in ROOT.parents[:2]:
        if (beside / RECORDINGS).exists():
            return [json.loads(line) for line in (beside / RECORDINGS).read_text().splitlines()]
    return []


def kept_current(script):
    """The script, with a moment "so many days from now" counted from now."""
    days = DAYS_AWAY.search(script["name"])
    if not days:
        return script
    old = next(t["args"][0] for t in script["transformers"] if t["args"][-1] == "<timestamp>")
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=int(days[1]))
    return json.loads(json.dumps(script).replace(old, moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")))


def plain(value, key=""):
    """An answer as JSON: moments as words, documents within it parsed, and what is new in every answer left out."""
    if isinstance(value, datetime.datetime):
        return "timestamp" if "timestamp" in key.lower() else "datetime"
    if isinstance(value, dict):
        if key == "ResponseMetadata":
            return {"HTTPHeaders": {}, "HTTPStatusCode": value["HTTPStatusCode"]}
        return {k: plain(v, k) for k, v in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


class Script:
    """One script on its way: the answers so far, and the names that the server and this run have given."""

    def __init__(self, client, script):
        self.client, self.script = client, kept_current(script)
        self.name = script["name"]
        self.answers, self.unique, self.renamed, self.bound = {}, {}, [], collections.defaultdict(set)

    # ---- arguments ----

    def reference(self, found):
        word = found[1]
        if word.startswith("uid"):
            return self.unique.setdefault(word, uuid.uuid4().hex[:8])
        call, member = word.split(".", 1)
        return str(self.answers[int(call)][member])

    def filled(self, value):
        if isinstance(value, dict):
            return {k: self.filled(v) for k, v in value.items()}
        if isinstance(value, list):
            return [self.filled(v) for v in value]
        if not isinstance(value, str):
            return value
        if value == "@@2.executionA0000":  # "@@2.executionArn@@" whose last four characters were replaced
            return self.answers[2]["executionArn"][:-4] + "0000"
        return re.sub(r"@@([\w.]+)@@", self.reference, value).replace(*ACCOUNTS)

    def arguments(self, call):
        given = self.filled(call["args"])
        if CHANGED_ARN.get(self.name) == call["id"]:
            given["stateMachineArn"] = given["stateMachineArn"].replace(":stateMachine:", ":stateMachine:statemachine_invalid_")  # fmt: skip
        if call["id"] in ROLES.get(self.name, ()):
            given["roleArn"] += ROLES[self.name][call["id"]]
        return given

    # ---- playing ----

    def function(self, call):
        return getattr(self.client, re.sub(r"(?<!^)([A-Z])", r"_\1", call["op"]).lower())

    def after_end(self, call, arguments):
        """A history that is asked for again and again: until the execution has ended, or has all that was recorded."""
        recorded = max((len(m["expected"]["events"]) for m in self.script["matches"] if "events" in m["expected"]), default=0)  # fmt: skip
        ends = any(e["type"] in ENDS for m in self.script["matches"] for e in m["expected"].get("events", [])) if recorded else True  # fmt: skip

        def done():
            pages = list(self.client.get_paginator("get_execution_history").paginate(**arguments))
            last = pages[-1]["events"][-1]["type"]
            enough = not ends and sum(len(p["events"]) for p in pages) >= recorded
            return pages[0] if last in ENDS or enough else None

        return wait_for(done, SECONDS_MAX, "the execution to end")

    def answer(self, call):
        arguments = self.arguments(call)
        try:
            if call.get("poll") and call["op"] == "GetExecutionHistory":
                return self.after_end(call, arguments)
            return self.function(call)(**arguments)
        except ClientError as error:
            return error.response | {"raised": error}
        except ParamValidationError as error:
            return {"raised": error}

    def play_call(self, call):
        if call["op"] == "fixture:sfn_activity_consumer":
            return self.start_worker(call)
        given = self.answers[call["id"]] = self.answer(call)
        if ("raised" in given) != bool(call.get("expect_error")):
            return f"call {call['id']}, {call['op']}: {given.get('raised', 'not refused')}"
        return None

    def start_worker(self, call):
        """The activity's worker: the recorded machine, beside the script."""
        definition = json.dumps(call["args"]["template"])
        worker = self.client.create_state_machine(name=f"worker-{uuid.uuid4().hex[:8]}", definition=definition, roleArn=ROLE)
        given = json.dumps({"ActivityArn": self.filled(call["args"]["activity_arn"])})
        self.client.start_execution(stateMachineArn=worker["stateMachineArn"], input=given)

    def play(self):
        """What differs from the recording, in words; empty: nothing."""
        for call in self.script["calls"]:
            wrong = self.play_call(call)
            if wrong:
                return [wrong]
        self.collect_names()
        found = []
        for match in self.script["matches"]:
            actual = self.actual(match)
            found += [f"call {match['call']} {w}" for w in self.differences(match["expected"], actual)]
        return found

    # ---- names ----

    def collect_names(self):
        for t in self.script.get("transformers", []):
            refers = re.findall(r"@@(\d+)\.(\w+)", t["args"][0]) if t["kind"] == "RegexTransformer" else None
            if refers is None or "Request ID" in t["args"][0] or t["args"][0].endswith(":role/sfn_role") or any(m not in self.answers[int(n)] for n, m in refers if m != "executionA0000"):
                continue
            pattern, word = t["args"]
            if CHANGED_ARN.get(self.name) and word.endswith("nonexistent_arn"):
                value = self.arguments(self.script["calls"][1])["stateMachineArn"]
            else:
                value = self.filled(pattern)
            for part, name in self.parts(value, word):
                self.renamed.append((part, name))
        for i, arn in enumerate(self.given("stateMachineArn", "CreateStateMachine")):
            self.renamed.append((arn.split(":")[-1], f"<ArnPart_{i}idx>"))

    def parts(self, value, word):
        sync = re.fullmatch(r"<SyncExecArn_(\d)idx>", word)
        if sync:
            last = value.split(":")[-2:]
            return [(last[k], f"<SyncExecArn_Part{k + 1}_{sync[1]}idx>") for k in (0, 1)]
        if word.startswith(("<ArnPart", "<ExecArnPart")):
            return [(value.split(":")[-1], word)]
        return [(value, word)]

    def given(self, member, op):
        known = {c["id"]: c["op"] for c in self.script["calls"]}
        arns = [a[member] for n, a in self.answers.items() if a and known[n] == op and member in a]
        return list(dict.fromkeys(arns))

    def words(self, text):
        for part, name in self.renamed:
            text = text.replace(part, name)
        text = re.sub(r"arn:<partition>:iam::\d+:role/<resource:\d>", "sfn_role_arn", text)
        text = text.replace(ROLE, "sfn_role_arn").replace("snf_role_arn", "sfn_role_arn").replace(*reversed(ACCOUNTS))
        text = text.replace("us-east-1", "<region>").replace("arn:aws:", "arn:<partition>:")
        return text.replace(" (reached max retries: 0)", "")

    # ---- comparing ----

    def outputs(self):
        """Of every execution: what went in and what came out, as the tables of choice operators were recorded."""
        started = [c for c in self.script["calls"] if c["op"] == "StartExecution"]
        histories = {c["args"]["executionArn"]: self.answers[c["id"]] for c in self.script["calls"] if c["op"] == "GetExecutionHistory"}  # fmt: skip
        return [
            {"input": json.loads(c["args"]["input"]),
             "output": json.loads(histories[f"@@{c['id']}.executionArn@@"]["events"][-1]["executionSucceededEventDetails"]["output"])}
            for c in started
        ]  # fmt: skip

    def actual(self, match):
        given, expected = self.answers[match["call"]], match["expected"]
        if isinstance(expected, list):
            return self.outputs()
        if isinstance(expected, str):
            return str(given.get("raised", given))
        if "exception_typename" in expected and "raised" in given:
            return {"exception_typename": type(given["raised"]).__name__, "exception_value": str(given["raised"])}
        return plain({k: v for k, v in given.items() if k != "raised"})

    def differences(self, expected, actual):
        if isinstance(expected, dict) and "Error" in expected and ("label" in self.name or not self.exact_words()):
            expected, actual = expected["Error"]["Code"], actual.get("Error", {}).get("Code")
        if isinstance(expected, dict) and any(isinstance(e["id"], list) for e in expected.get("events", [])):
            return self.unordered(expected["events"], actual.get("events", []))
        return list(self.compare(expected, actual, ""))

    def exact_words(self):
        return self.script["category"] not in ("test_sfn_api_validation",)

    def unordered(self, expected, actual):
        """Concurrent events were recorded without their ids and places: each of them must be there."""
        rest = list(actual)
        for event in expected:
            loose = {k: v for k, v in event.items() if k not in ("id", "previousEventId")} if isinstance(event["id"], list) else event  # fmt: skip
            same = [a for a in rest if not list(self.compare(loose, {k: a[k] for k in a if k in loose}, ""))]
            if not same:
                return [f"event {event['id']} {event['type']} is not there"]
            rest.remove(same[0])
        return []

    def compare(self, expected, actual, place):
        """Where the two differ. Documents within texts are compared as documents where they were recorded so."""
        if expected == place.rsplit("/", 1)[-1] or IGNORED.search(place) or self.is_moment(expected):
            return
        if isinstance(actual, str) and not isinstance(expected, str):
            try:
                actual = json.loads(actual)
            except ValueError:
                pass
        if isinstance(expected, dict) and isinstance(actual, dict):
            for key in sorted(expected.keys() | (actual.keys() - {"nextToken"})):
                if key not in actual or key not in expected:
                    yield f"{place}/{key}: {'missing' if key in expected else 'not recorded'}: {json.dumps({**expected, **actual}[key])[:200]}"  # fmt: skip
                else:
                    yield from self.compare(expected[key], actual[key], f"{place}/{key}")
        elif isinstance(expected, list) and isinstance(actual, list):
            if len(expected) != len(actual):
                yield f"{place}: {len(expected)} recorded, {len(actual)} here"
            for i, (x, y) in enumerate(zip(expected, actual)):
                yield from self.compare(x, y, f"{place}/{i}")
        elif isinstance(expected, str) and isinstance(actual, str):
            if not self.same_text(expected, actual, place):
                yield f"{place}: recorded {self.words(expected)!r}, here {self.words(actual)!r}"
        elif type(expected) is not type(actual) and {type(expected), type(actual)} != {int, float} or expected != actual:
            yield f"{place}: recorded {expected!r}, here {actual!r}"

    @staticmethod
    def is_moment(expected):
        return isinstance(expected, str) and bool(re.fullmatch(r"(start|stop|entered)-(time|date)", expected))

    def same_text(self, expected, actual, place):
        expected, actual = self.words(expected), self.words(actual)
        if expected == actual:
            return True
        if expected == "timestamp" and "timestamp" in place.rsplit("/", 1)[1].lower():
            return True
        if expected == "RandomNumberGenerated":
            return True
        return self.bind(expected, actual)

    def bind(self, expected, actual):
        """A placeholder stands for what it stood for before, or for something that is seen for the first time."""
        names, pattern, at = [], "", 0
        for found in PLACEHOLDER.finditer(expected):
            if found[0] in ("<region>", "<partition>") or found[0] in actual:
                continue
            pattern += re.escape(expected[at : found.start()]) + "(.+?)"
            names.append(found[0])
            at = found.end()
        match = re.fullmatch(pattern + re.escape(expected[at:]), actual, re.S) if names else None
        if not match:
            return False
        return all(self.stands_for(name, value) for name, value in zip(names, match.groups()))

    def stands_for(self, name, value):
        if name in ("date", "<timestamp>"):
            return bool(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", value))
        if re.fullmatch(r"<(resource|uuid|\w*Arn\w*|\w*Part\w*|execution-arn|execution-name):?.*>", name):
            self.bound[name].add(value)
            return len(self.bound[name]) == 1
        return True
