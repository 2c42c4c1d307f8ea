# test_states_differential.py - generated state machines, run here and by other interpreters: the outcomes must be the same.
import json
import os
import random
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from differential import new_case
from server import ROOT

MACHINES = int(os.environ.get("MACHINES", 300))  # 10,000 for the whole size
SEED = int(os.environ.get("SEED", 1))
OTHERS = ROOT / ".deps" / "differential"
SHOWN = 10
ROLE = "arn:aws:iam::000000000000:role/states"

# Where the other is not AWS; each is explained in docs/stepfunctions-differences.md. (what, pattern over the case as a line of text)
EXPLAINED = [
    ("a path with a choice of places that finds nothing is []", r"Path expression '\$[^']*(\.\.|\*|\?\(|:|,)[^\"]*' does not point to a value"),
    ("a negative index counts from the end", r"Path expression '\$[^']*\[-1\]' does not point to a value"),
    ("places of what is no list are none", r"\\[(0,1|0:2)\\]"),
    ("ResultPath does not replace a text by an object", r"States\.ResultPathMatchFailure"),
    ("Base64 is of a text's UTF-8", r"6Q=="),
    ("a filter passes over null", r"jsonPath: Cannot read properties of null"),
    ("a text function reads a text whole", r"Expected ',' or '}' after property value in JSON"),
    ("an object is neither less nor more than a text", r"condition path references an invalid value"),
    ("empty parts are left out of a split", r"States\.StringSplit"),
    ("a transform passes over what is no object", r"Cannot create property"),
    ("an index out of the bounds is a failure", r"the index is out of the array's bounds"),
]


def others(cases):
    done = subprocess.run(["node", Path(__file__).with_name("differential.mjs"), OTHERS], input="\n".join(map(json.dumps, cases)),
                          capture_output=True, text=True, timeout=1200)  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def ours(states, case, number):
    try:
        arn = states.create_state_machine(name=f"case-{number}", definition=json.dumps(case["definition"]), roleArn=ROLE, type="EXPRESS")["stateMachineArn"]
    except ClientError as refused:
        return {"status": "REFUSED", "cause": str(refused)}
    answer = states.start_sync_execution(stateMachineArn=arn, input=json.dumps(case["input"]))
    states.delete_state_machine(stateMachineArn=arn)
    if answer["status"] == "SUCCEEDED":
        return {"status": "SUCCEEDED", "output": json.loads(answer["output"])}
    return {"status": answer["status"], "cause": f"{answer.get('error')}: {answer.get('cause')}"}


def same(x, y):
    return x["status"] == y["status"] and (x["status"] != "SUCCEEDED" or x["output"] == y["output"])


def explanation(case, x, y):
    text = json.dumps({"definition": case["definition"], "ours": x, "other": y}, ensure_ascii=False)
    return next((what for what, pattern in EXPLAINED if re.search(pattern, text)), None)


def test_generated_machines_come_to_the_same(own_server):
    if not shutil.which("node") or not OTHERS.exists():
        pytest.skip("tools/setup test brings the other interpreters")
    states = own_server.client("stepfunctions", config={"inject_host_prefix": False})
    chance = random.Random(SEED)
    cases = [new_case(chance) for _ in range(MACHINES)]
    unexplained, explained, both = [], {}, 0
    for number, (case, other) in enumerate(zip(cases, others(cases), strict=True)):
        mine = ours(states, case, number)
        both += mine["status"] == "SUCCEEDED" == other["status"]
        if same(mine, other):
            continue
        why = explanation(case, mine, other)
        if why:
            explained[why] = explained.get(why, 0) + 1
        else:
            unexplained.append((number, case, mine, other))
    for number, case, mine, other in sorted(unexplained, key=lambda found: len(json.dumps(found)))[:SHOWN]:
        print(f"case {number}: {json.dumps(case)}\n  ours:  {json.dumps(mine)}\n  other: {json.dumps(other)}", file=sys.stderr)
    print(f"{MACHINES} machines, {both} succeed in both, explained: {explained}", file=sys.stderr)
    assert not unexplained, f"{len(unexplained)} of {MACHINES} machines differ (SEED={SEED})"
    assert both > MACHINES / 4, "hardly anything was compared"
