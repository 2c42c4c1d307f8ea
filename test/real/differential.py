# differential.py - a generator of state machines with their inputs, from a seed: what two interpreters are compared by.
import json

NUMBERS = [0, 1, 2, 3, 7, -4, 10, 100]
WORDS = ["a", "b", "ab", "Spark", "raw/2024", "x,y,z", "", "10", "true", "é"]
DEPTH_MAX = 2
SHAPE = ["n", "m", "s", "t", "flag", "nothing", "list", "words", "rows", "deep"]


def new_input(r):
    return {
        "n": r.choice(NUMBERS), "m": r.choice(NUMBERS), "s": r.choice(WORDS), "t": r.choice(WORDS), "flag": r.random() < 0.5,
        "nothing": None, "list": [r.choice(NUMBERS) for _ in range(r.randint(0, 4))], "words": [r.choice(WORDS) for _ in range(r.randint(0, 3))],
        "rows": [{"k": r.choice(WORDS), "v": r.choice(NUMBERS)} for _ in range(r.randint(0, 3))],
        "deep": {"n": r.choice(NUMBERS), "s": r.choice(WORDS), "list": [1, 2, 3]}}  # fmt: skip


class Names:
    """State names are unique in a whole machine."""

    def __init__(self):
        self.n = 0

    def next(self):
        self.n += 1
        return f"S{self.n}"


def chain(r, names, depth, pick, finish):
    """A flow of 1 to 5 states, each going to a later one."""
    order = [names.next() for _ in range(r.randint(1, 5))]
    states = {}
    for i, name in enumerate(order):
        rest = order[i + 1 :]
        states[name] = pick(r, names, depth, rest) if rest else finish(r)
    return {"StartAt": order[0], "States": states}


# --- JSONPath ---------------------------------------------------------------------------------------------------------


def path(r):
    return r.choice([
        "$.n", "$.m", "$.s", "$.t", "$.flag", "$.nothing", "$.list", "$.words", "$.rows", "$.deep", "$.deep.n", "$.deep.list[1]", "$",
        "$.list[0]", "$.rows[0].v", "$.rows[*].k", "$.list[0:2]", "$.list[-1]", "$..v", "$.deep['s']", "$.missing", "$.rows[?(@.v > 1)]",
        "$.deep.list[?(@ > 1)]", "$.words[0,1]"])  # fmt: skip


def number(r):
    return r.choice(["$.n", "$.m", "$.deep.n", str(r.choice([1, 2, 5, -3]))])


def text(r):
    return r.choice(["$.s", "$.t", "$.deep.s", "'a'", "'x,y'", "'Spark'"])


def listing(r):
    return r.choice(["$.list", "$.words", "$.deep.list", "States.Array($.n, $.s, 1)", "$.rows"])


def intrinsic(r):
    return r.choice([
        lambda: f"States.Array({number(r)}, {text(r)}, $.flag)",
        lambda: f"States.ArrayPartition({listing(r)}, {r.choice(['1', '2', '3', '$.n'])})",
        lambda: f"States.ArrayContains({listing(r)}, {r.choice([number(r), text(r)])})",
        lambda: f"States.ArrayRange({r.randint(0, 3)}, {r.randint(4, 12)}, {r.randint(1, 4)})",
        lambda: f"States.ArrayGetItem({listing(r)}, {r.choice(['0', '1', '$.n'])})",
        lambda: f"States.ArrayLength({listing(r)})",
        lambda: f"States.ArrayUnique({listing(r)})",
        lambda: f"States.Base64Encode({text(r)})",
        lambda: f"States.Base64Decode(States.Base64Encode({text(r)}))",
        lambda: f"States.Hash({text(r)}, '{r.choice(['MD5', 'SHA-1', 'SHA-256', 'SHA-384', 'SHA-512'])}')",
        lambda: "States.JsonMerge(States.StringToJson(States.JsonToString($.deep)), $.rows[0], false)",
        lambda: f"States.MathAdd({number(r)}, {number(r)})",
        lambda: f"States.StringSplit({text(r)}, '{r.choice([',', '/', 'a'])}')",
        lambda: "States.StringToJson(States.JsonToString($.deep))",
        lambda: f"States.JsonToString({r.choice(['$.deep', '$.list', '$.n'])})",
        lambda: f"States.Format('{{}}-{{}}', {text(r)}, {number(r)})",
    ])()  # fmt: skip


def template(r, depth=0):
    out = {}
    for key in r.sample(SHAPE, r.randint(1, 5)):
        kind = r.randint(0, 4 if depth < 2 else 3)
        if kind == 0:
            out[key] = r.choice([*NUMBERS, *WORDS, None, True])
        elif kind == 1:
            out[key + ".$"] = path(r)
        elif kind in (2, 3):
            out[key + ".$"] = intrinsic(r)
        else:
            out[key] = template(r, depth + 1)
    return out


def data_fields(r, state, result=True):
    if r.random() < 0.15:
        state["InputPath"] = r.choice([path(r), None])
    if result and r.random() < 0.4:
        state["ResultPath"] = r.choice(["$.deep.result", "$.result", None, "$.rows"])
    if r.random() < 0.15:
        state["OutputPath"] = r.choice([path(r), None])
    return state


def rule(r, depth=0):
    kind = r.randint(0, 9)
    if depth < 2 and kind == 0:
        return {"And": [rule(r, depth + 1) for _ in range(2)]}
    if depth < 2 and kind == 1:
        return {"Or": [rule(r, depth + 1) for _ in range(2)]}
    if depth < 2 and kind == 2:
        return {"Not": rule(r, depth + 1)}
    order = r.choice(["Equals", "LessThan", "GreaterThan", "LessThanEquals", "GreaterThanEquals"])
    return r.choice([
        lambda: {"Variable": r.choice(["$.n", "$.m", "$.deep.n"]), "Numeric" + order: r.choice(NUMBERS)},
        lambda: {"Variable": "$.n", "Numeric" + order + "Path": "$.m"},
        lambda: {"Variable": r.choice(["$.s", "$.t"]), "String" + order: r.choice(WORDS)},
        lambda: {"Variable": "$.s", "StringEqualsPath": "$.t"},
        lambda: {"Variable": r.choice(["$.s", "$.t"]), "StringMatches": r.choice(["a*", "*", "*y*", "raw/*", "Spark", "S*k"])},
        lambda: {"Variable": "$.flag", "BooleanEquals": r.random() < 0.5},
        lambda: {"Variable": r.choice(["$.missing", "$.n", "$.deep.zz"]), "IsPresent": True},
        lambda: {"Variable": r.choice(["$.n", "$.s", "$.nothing", "$.flag"]),
                 r.choice(["IsNumeric", "IsString", "IsNull", "IsBoolean", "IsTimestamp"]): True},
    ])()  # fmt: skip


def jsonpath_state(r, names, depth, rest):
    kind = r.choice(["Pass"] * 5 + ["Choice"] * 3 + ["Wait"] + (["Map", "Parallel"] if depth < DEPTH_MAX else []))
    if kind == "Choice":
        choices = [rule(r) | {"Next": r.choice(rest)} for _ in range(r.randint(1, 3))]
        if r.random() < 0.1:
            choices[0]["Next"] = rest[0]  # every state can be reached
            return {"Type": "Choice", "Choices": choices}
        return {"Type": "Choice", "Choices": choices, "Default": rest[0]}
    if kind == "Wait":
        return {"Type": "Wait", "Seconds": 0, "Next": rest[0]}
    state = {"Type": kind, "Next": rest[0]}
    if kind == "Pass":
        state |= r.choice([{"Parameters": template(r)}, {"Parameters": template(r)}, {"Result": new_input(r)}, {}])
        return data_fields(r, state)
    if kind == "Map":
        state |= {"ItemsPath": r.choice(["$.rows", "$.list", "$.words", "$.deep.list"]), "ItemProcessor": flow(r, names, depth + 1)}
        if r.random() < 0.5:
            state["ItemSelector"] = template(r) | {"item.$": "$$.Map.Item.Value", "at.$": "$$.Map.Item.Index"}
    else:
        state["Branches"] = [flow(r, names, depth + 1) for _ in range(r.randint(1, 3))]
    if r.random() < 0.2:
        state["ResultSelector"] = {"first.$": "$[0]", "all.$": "$"}
    return data_fields(r, state) | {"ResultPath": r.choice(["$.result", "$.deep.result", None])}


def jsonpath_end(r):
    return r.choice([{"Type": "Succeed"}, {"Type": "Pass", "End": True}, {"Type": "Pass", "Parameters": template(r), "End": True},
                     data_fields(r, {"Type": "Succeed"}, False), {"Type": "Fail", "Error": "E", "Cause": "told"}])  # fmt: skip


def flow(r, names, depth):
    return chain(r, names, depth, jsonpath_state, jsonpath_end)


# --- JSONata ----------------------------------------------------------------------------------------------------------


def expression(r):
    return "{% " + r.choice([
        "$states.input.n + $states.input.m", "$states.input.n * 2 - $v", "$states.input.s & '-' & $states.input.t", "$sum($states.input.list)",
        "$states.input.rows[v > 1].k", "$states.input.rows.v", "$count($states.input.rows)", "$map($states.input.list, function($x) { $x + 1 })",
        "$uppercase($states.input.s)", "$split($states.input.t, ',')", "$join($states.input.words, '/')", "$sort($states.input.list)",
        "$reverse($states.input.words)", "$states.input.flag ? $states.input.n : $states.input.s",
        "$merge([$states.input.deep, {'x': $v}])", "$states.input.deep.list[-1]", "$exists($states.input.missing)", "$string($states.input.n)",
        "$states.input.missing", "$filter($states.input.list, function($x) { $x > 1 })", "$distinct($states.input.words)", "$keys($states.input.deep)",
        "$substring($states.input.s, 1)", "$contains($states.input.s, 'a')", "$round($states.input.n)", "$abs($states.input.m)", "$length($states.input.t)",
        "$states.input ~> |deep|{'y': 1}|", "$reduce($states.input.list, function($a, $b) { $a + $b })", "[$states.input.rows.v, $v]", "$number($states.input.s)",
        "$states.input.s in $states.input.words", "$zip($states.input.list, $states.input.words)", "$lookup($states.input.deep, 'n')", "$not($states.input.flag)",
    ]) + " %}"  # fmt: skip


def condition(r):
    return "{% " + r.choice([
        "$states.input.n > $states.input.m", "$states.input.flag", "$states.input.s = 'a'", "$count($states.input.list) > 2", "$v > 2 and $states.input.flag",
        "$exists($states.input.rows[0])", "$states.input.n = $states.input.m or $not($states.input.flag)", "$states.input.s in $states.input.words",
    ]) + " %}"  # fmt: skip


def filled(r):
    """The input's shape, with some members computed."""
    out = {key: "{% $states.input." + key + " %}" for key in SHAPE}
    for key in r.sample(SHAPE, r.randint(0, 3)):
        out[key] = r.choice([expression(r), {"inner": expression(r)}, r.choice(NUMBERS)])
    return out


def jsonata_state(r, names, depth, rest):
    kind = r.choice(["Pass"] * 5 + ["Choice"] * 3 + (["Map", "Parallel"] if depth < DEPTH_MAX else []))
    if kind == "Choice":
        choices = [{"Condition": condition(r), "Next": r.choice(rest)} | ({"Assign": {"v": r.randint(0, 5)}} if r.random() < 0.3 else {})
                   for _ in range(r.randint(1, 2))]  # fmt: skip
        return {"Type": "Choice", "Choices": choices, "Default": rest[0]}
    state = {"Type": kind, "Next": rest[0]}
    if kind == "Pass":
        return state | ({"Output": filled(r)} if r.random() < 0.7 else {}) | ({"Assign": {"v": expression(r)}} if r.random() < 0.3 else {})
    if kind == "Map":
        state |= {"Items": r.choice(["{% $states.input.list %}", "{% [$states.input.rows] %}", "{% $states.input.words %}"]),
                  "ItemProcessor": chain(r, names, 2, jsonata_state, jsonata_end)}  # fmt: skip
    else:
        state["Branches"] = [chain(r, names, depth + 1, jsonata_state, jsonata_end) for _ in range(r.randint(1, 2))]
    return state | {"Output": {"merged": "{% $states.result %}", "n": 1, "list": [3, 1]}}


def jsonata_end(r):
    return r.choice([{"Type": "Succeed"}, {"Type": "Succeed", "Output": expression(r)}, {"Type": "Pass", "End": True, "Output": {"e": expression(r)}},
                     {"Type": "Fail", "Error": "E", "Cause": "told"}])  # fmt: skip


def new_case(r):
    if r.random() < 0.6:
        return {"definition": flow(r, Names(), 0), "input": new_input(r)}
    begin = {"Type": "Pass", "Assign": {"v": 3}, "Next": "S1"}
    machine = chain(r, Names(), 0, jsonata_state, jsonata_end)
    return {"definition": {"QueryLanguage": "JSONata", "StartAt": "Begin", "States": {"Begin": begin} | machine["States"]}, "input": new_input(r)}


if __name__ == "__main__":
    import random
    import sys

    print(json.dumps(new_case(random.Random(int(sys.argv[1]))), indent=1))
