/* asl_scripts.c - what recorded API calls tell about the language alone: definitions accepted or refused, choice tables, TestState. */
#include "run.h"
#include "same.h"

/* The recorded tables of choice operators: machine and input of each call, one list of outputs. */
static void run_choice_table(Run *r, const Json *script)
{
    const Json *calls = json_get(script, S("calls")),
               *cases = json_find(json_at(json_get(script, S("matches")), 0), "expected");
    Str definition = {0}, name = json_text(json_get(script, S("name")));
    int32_t i = 0;
    for (int32_t k = 0; k < json_count(calls); k++) {
        const Json *call = &calls->items[k];
        if (json_find(call, "args.definition"))
            definition = json_text(json_find(call, "args.definition"));
        if (!str_eq(json_text(json_get(call, S("op"))), S("StartExecution"))) continue;
        AslWorld w;
        Str why = S("output");
        Str id = str_printf(&r->scratch, "%.*s table %d", STR(name), (int)i);
        bool good = asl_world_open(&w, &r->scratch, definition, &why);
        if (good) asl_world_start(&w, json_text(json_find(call, "args.input")));
        Json actual = good ? json_string(w.exec.output) : (Json){0};
        good = good && same(&r->scratch, &actual, json_get(json_at(cases, i++), S("output")));
        note(r, S("choice_tables"), id, good ? EXACT : WRONG, why);
    }
}

static const Json *match_of(const Json *script, int64_t call)
{
    const Json *matches = json_get(script, S("matches"));
    for (int32_t i = 0; i < json_count(matches); i++)
        if (json_int_or(json_get(&matches->items[i], S("call")), 0) == call)
            return json_get(&matches->items[i], S("expected"));
    return NULL;
}

static Json diagnostics_json(Arena *a, const AslDiagnostics *found)
{
    JsonArray all = {.a = a};
    for (int64_t i = 0; i < found->n; i++) {
        JsonObject o = {.a = a};
        json_put(&o, S("severity"), json_string(found->p[i].warning ? S("WARNING") : S("ERROR")));
        json_put(&o, S("code"), json_string(found->p[i].code));
        json_put(&o, S("message"), json_string(found->p[i].message));
        if (found->p[i].location.n) json_put(&o, S("location"), json_string(found->p[i].location));
        json_add(&all, json_object(&o));
    }
    return json_array(&all);
}

/* Accepted or refused as recorded; the words too, where they are AWS's own and not the recorder's.
 */
static bool definition_agrees(Arena *a, const Json *call, const Json *expected, Str *where)
{
    AslDiagnostics found = {0};
    const AslDefinition *def;
    Str op = json_text(json_get(call, S("op"))),
        message = json_text(json_find(expected, "Error.Message"));
    bool single = str_eq(op, S("TestState")) && !json_find(call, "args.stateName");
    AslRules rules = {.express = str_eq(json_text(json_find(call, "args.type")), S("EXPRESS")),
                      .single_state = single};
    bool invalid =
        str_eq(json_text(json_get(expected, S("exception_typename"))), S("InvalidDefinition"));
    Str thrown = invalid ? json_text(json_get(expected, S("exception_value"))) : (Str){0};
    if (thrown.n) message = str_slice(thrown, str_find(thrown, S("Invalid State")), thrown.n);
    bool good = asl_parse(filled_in(a, json_text(json_find(call, "args.definition"))), &rules, a,
                          &found, &def);
    bool refused =
        str_eq(json_text(json_find(expected, "Error.Code")), S("InvalidDefinition")) || thrown.n;
    Str text = asl_diagnostics_text(a, &found);
    *where = str_printf(a, "ours: %.*s | recorded: %.*s", STR(text), STR(message));
    if (str_eq(op, S("ValidateStateMachineDefinition"))) {
        Json ours = diagnostics_json(a, &found);
        return same(a, &ours, json_get(expected, S("diagnostics")));
    }
    if (good == refused) return false;
    bool theirs = str_starts(message, S("Invalid State Machine Definition: '"));
    return good || !theirs ||
           str_eq(message, str_printf(a, "Invalid State Machine Definition: '%.*s'", STR(text)));
}

static void run_definitions(Run *r, const Json *script)
{
    const Json *calls = json_get(script, S("calls"));
    for (int32_t i = 0; i < json_count(calls); i++) {
        Str where, id = str_printf(&r->scratch, "%.*s definition %d",
                                   STR(json_text(json_get(script, S("name")))), (int)i + 1);
        const Json *expected = match_of(script, i + 1);
        if (!json_find(&calls->items[i], "args.definition") ||
            (!expected && json_true(json_get(&calls->items[i], S("expect_error")))))
            continue;
        bool good = definition_agrees(&r->scratch, &calls->items[i], expected, &where);
        note(r, S("definitions"), id, good ? EXACT : WRONG, where);
    }
}

static AslTest test_of(Arena *a, const Json *args)
{
    const Json *mock = json_get(args, S("mock")), *error = json_get(mock, S("errorOutput"));
    AslTest t = {.now = 1795194516000, .seed = 1};
    t.id = (AslIdentity){
        .arn = S("arn:<partition>:states:<region>:111111111111:express:<resource:3>:<resource:1>"),
        .name = S("<resource:1>"),
        .role_arn = S("arn:<partition>:iam::111111111111:role/<resource:2>"),
        .machine_name = S("<resource:3>"),
        .machine_arn = S("arn:<partition>:states:<region>:111111111111:stateMachine:<resource:3>"),
        .express = true,
        .started = t.now};
    t.state = json_text(json_get(args, S("stateName")));
    t.input = json_text(json_get(args, S("input")));
    t.variables = json_text(json_get(args, S("variables")));
    t.context = json_text(json_get(args, S("context")));
    t.result = filled_in(a, json_text(json_get(mock, S("result"))));
    if (!json_get(mock, S("result"))) t.result = (Str){0};
    t.failed = error != NULL;
    t.error = json_text(json_get(error, S("error")));
    t.cause = json_text(json_get(error, S("cause")));
    t.retries = (int32_t)json_int_or(json_find(args, "stateConfiguration.retrierRetryCount"), 0);
    return t;
}

static Json tested_json(Arena *a, const AslTested *t)
{
    static const char *const names[] = {"SUCCEEDED",    "FAILED", "RETRIABLE",
                                        "CAUGHT_ERROR", "NEEDED", "NO_STATE"};
    JsonObject o = {.a = a};
    json_put(&o, S("status"), json_string(str_from(names[t->status])));
    json_put_text(&o, S("output"), t->output);
    json_put_text(&o, S("error"), t->error);
    json_put_text(&o, S("cause"), t->cause);
    json_put_text(&o, S("nextState"), t->next_state);
    json_put(&o, S("inspectionData"), t->inspection);
    return json_object(&o);
}

/* Members that are recorded must be ours; what a lower inspection level leaves out is the API's
 * affair. */
static bool tested_agrees(Arena *a, const Json *ours, const Json *recorded, Str *where)
{
    for (int32_t i = 0; i < json_count(recorded); i++) {
        const JsonMember *m = &recorded->members[i];
        if (str_eq(m->key, S("ResponseMetadata"))) continue;
        const Json *mine = json_get(ours, m->key);
        bool inner = str_eq(m->key, S("inspectionData"));
        if (mine && (inner ? tested_agrees(a, mine, &m->value, where) : same(a, mine, &m->value)))
            continue;
        *where =
            str_printf(a, "%.*s\n  ours:     %.*s\n  recorded: %.*s", STR(m->key),
                       STR(mine ? json_to_str(a, mine) : S("-")), STR(json_to_str(a, &m->value)));
        return false;
    }
    return true;
}

static void run_tests_of_states(Run *r, const Json *script)
{
    const Json *calls = json_get(script, S("calls"));
    Arena *a = &r->scratch;
    for (int32_t i = 0; i < json_count(calls); i++) {
        const Json *args = json_get(&calls->items[i], S("args")),
                   *expected = match_of(script, i + 1);
        if (!str_eq(json_text(json_get(&calls->items[i], S("op"))), S("TestState")) ||
            !json_get(expected, S("status")))
            continue;
        AslDiagnostics found = {0};
        const AslDefinition *def;
        AslTested tested;
        Str where = S("refused"),
            id = str_printf(a, "%.*s test %d", STR(json_text(json_get(script, S("name")))),
                            (int)i + 1);
        AslRules rules = {.single_state = !json_get(args, S("stateName"))};
        bool good = asl_parse(json_text(json_get(args, S("definition"))), &rules, a, &found, &def);
        AslTest t = test_of(a, args);
        if (good) asl_test(def, &t, a, &tested);
        Json ours = good ? tested_json(a, &tested) : (Json){0};
        good = good && tested_agrees(a, &ours, expected, &where);
        note(r, S("test_state"), id, good ? EXACT : WRONG, where);
    }
}

void run_script(Run *r, const Json *script)
{
    if (str_eq(json_text(json_get(script, S("category"))), S("choice_operators")))
        run_choice_table(r, script);
    run_definitions(r, script);
    run_tests_of_states(r, script);
}
