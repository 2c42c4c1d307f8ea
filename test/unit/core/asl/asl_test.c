/* asl_test.c - rules of the engine: limits, what an event reads and writes, tokens, definitions, seeds. */
#include "asl_world.h"
#include "test.h"

static AslWorld open(const char *definition)
{
    AslWorld w;
    Str why = {0};
    if (!asl_world_open(&w, test_arena(), str_from(definition), &why))
        test_fail(__FILE__, __LINE__, "%.*s", STR(why));
    return w;
}

static Str refusal(const char *definition, bool express)
{
    AslDiagnostics found = {0};
    const AslDefinition *def;
    bool good = asl_parse(str_from(definition), &(AslRules){.express = express}, test_arena(),
                          &found, &def);
    return good ? S("accepted") : asl_diagnostics_text(test_arena(), &found);
}

TEST(asl_endless_loop_ends_at_the_limit_of_events)
{
    AslWorld w = open("{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Choice\",\"Choices\":[{"
                      "\"Variable\":\"$.never\",\"IsPresent\":true,"
                      "\"Next\":\"E\"}],\"Default\":\"A\"},\"E\":{\"Type\":\"Succeed\"}}}");
    asl_world_start(&w, S("{}"));
    eq_int(w.exec.status, ASL_FAILED);
    eq_int(w.history.n, ASL_EVENTS_MAX);
    eq_str(asl_history_name(w.history.p[w.history.n - 1].type), S("ExecutionFailed"));
    eq_str(w.exec.cause, S("The execution reached the maximum number of history events (25000)."));
}

TEST(asl_step_is_bounded_where_events_are_not)
{
    AslWorld w = open("{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Pass\",\"Next\":\"B\"},"
                      "\"B\":{\"Type\":\"Choice\",\"Choices\":[{\"Variable\":"
                      "\"$.never\",\"IsPresent\":true,\"Next\":\"E\"}],\"Default\":\"A\"},\"E\":{"
                      "\"Type\":\"Succeed\"}}}");
    w.exec.id.no_quotas = true;
    w.exec.input = S("{}");
    asl_world_event(&w, (AslEvent){.kind = ASL_START});
    eq_int(w.history.n, 1 + 2 * ASL_STATES_PER_STEP_MAX);
    eq_int(w.commands.n, 1);
    eq_int(w.commands.p[0].kind, ASL_COMMAND_CONTINUE);
}

/* An event in one of 1,000 iterations reads and writes that one, its parent and the next in line.
 */
TEST(asl_event_in_a_large_map_touches_few_rows)
{
    AslWorld w = open("{\"StartAt\":\"M\",\"States\":{\"M\":{\"Type\":\"Map\",\"MaxConcurrency\":3,"
                      "\"ItemProcessor\":{\"StartAt\":\"A\",\"States\":{\"A\":"
                      "{\"Type\":\"Task\",\"Resource\":\"arn:aws:states:::aws-sdk:x:y\",\"End\":"
                      "true}}},\"End\":true}}}");
    Buf items = {.a = test_arena()};
    for (int i = 0; i < 1000; i++) buf_printf(&items, "%s%d", i ? "," : "[", i);
    buf_putc(&items, ']');
    asl_world_start(&w, buf_str(&items));
    eq_int(w.rows.n, 1001);
    AslCommand c;
    for (int i = 0; i < 1000; i++) {
        if (!asl_world_take(&w, ASL_COMMAND_TASK, &c)) break;
        w.rows_loaded = w.rows_stored = 0;
        asl_world_event(
            &w, (AslEvent){.kind = ASL_TASK_SUCCEEDED, .token = c.token, .output = c.parameters});
        if (i < 999) ok(w.rows_loaded <= 3 && w.rows_stored <= 3);
    }
    eq_int(w.exec.status, ASL_SUCCEEDED);
    eq_str(w.exec.output, buf_str(&items));
    for (int64_t i = 0; i < w.rows.n; i++) ok(w.rows.p[i].id == -1);
}

TEST(asl_payload_limit_is_an_error_that_states_all_does_not_catch)
{
    AslWorld w =
        open("{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Task\",\"Resource\":\"arn:aws:"
             "states:::aws-sdk:x:y\",\"Catch\":[{\"ErrorEquals\":"
             "[\"States.ALL\"],\"Next\":\"B\"}],\"End\":true},\"B\":{\"Type\":\"Succeed\"}}}");
    asl_world_start(&w, S("{}"));
    AslCommand c;
    ok(asl_world_take(&w, ASL_COMMAND_TASK, &c));
    Buf big = {.a = test_arena()};
    buf_putc(&big, '"');
    for (int i = 0; i < ASL_PAYLOAD_BYTES_MAX; i++) buf_putc(&big, 'x');
    buf_putc(&big, '"');
    asl_world_event(
        &w, (AslEvent){.kind = ASL_TASK_SUCCEEDED, .token = c.token, .output = buf_str(&big)});
    eq_int(w.exec.status, ASL_FAILED);
    eq_str(w.exec.error, S("States.DataLimitExceeded"));
}

TEST(asl_tokens_are_read_back)
{
    Str arn;
    AslToken t;
    Str text =
        asl_token_text(test_arena(), S("arn:aws:states:x:1:execution:m:e|1"), (AslToken){7, 42});
    ok(asl_token_parse(text, test_arena(), &arn, &t));
    eq_str(arn, S("arn:aws:states:x:1:execution:m:e|1"));
    eq_int(t.frame, 7);
    eq_int(t.attempt, 42);
    ok(!asl_token_parse(S("nonsense"), test_arena(), &arn, &t) &&
       !asl_token_parse(S("MXwy"), test_arena(), &arn, &t));
}

/* Full jitter: any delay up to the whole one, the same for the same seed. */
TEST(asl_jitter_comes_from_the_seed)
{
    Millis least = INT64_MAX, most = 0;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        AslWorld w = open("{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Task\",\"Resource\":"
                          "\"arn:aws:states:::aws-sdk:x:y\",\"Retry\":[{\"ErrorEquals\":"
                          "[\"States.ALL\"],\"IntervalSeconds\":10,\"JitterStrategy\":\"FULL\"}],"
                          "\"End\":true}}}");
        w.seed = seed * 1000;
        asl_world_start(&w, S("{}"));
        AslCommand c;
        ok(asl_world_take(&w, ASL_COMMAND_TASK, &c));
        asl_world_event(&w, (AslEvent){.kind = ASL_TASK_FAILED, .token = c.token, .error = S("E")});
        ok(asl_world_take(&w, ASL_COMMAND_TIMER, &c));
        Millis delay = c.due - w.now;
        ok(delay >= 0 && delay <= 10000);
        if (delay < least) least = delay;
        if (delay > most) most = delay;
    }
    ok(least < 1000 && most > 9000);
}

TEST(asl_definitions_are_refused_with_a_place)
{
    static const struct {
        const char *definition, *text;
        bool express;
    } rows[] = {
        {"", "INVALID_JSON_DESCRIPTION: not valid JSON: value expected at line 1, column 1 at null",
         false},
        {"[]", "INVALID_JSON_DESCRIPTION: The definition must be a JSON object at null", false},
        {"{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Pass\",\"Next\":\"B\"},\"B\":{\"Type\":"
         "\"Pass\",\"Next\":\"A\"}}}",
         "MISSING_END_STATE: Workflow has no terminal state at null", false},
        {"{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Pass\",\"Next\":\"NOPE\"}}}",
         "MISSING_TRANSITION_TARGET: Missing 'Next' target: NOPE at /States/A/Next, "
         "MISSING_END_STATE: Workflow has no terminal state at null",
         false},
        {"{\"StartAt\":\"pass1\",\"States\":{\"pass1\":{\"Type\":\"Pass\",\"Next\":\"pass3\"},"
         "\"pass2\":{\"Type\":\"Pass\",\"End\":true}}}",
         "MISSING_TRANSITION_TARGET: Missing 'Next' target: pass3 at /States/pass1/Next, "
         "MISSING_TRANSITION_TARGET: State \"pass2\" is not "
         "reachable. at /States/pass2",
         false},
        {"{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Task\",\"Resource\":\"arn:aws:states:::"
         "states:startExecution.sync\",\"End\":true}}}",
         "SCHEMA_VALIDATION_FAILED: Express state machine does not support '.sync' service "
         "integration at /States/A/Resource",
         true},
        {"{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Parallel\",\"Branches\":[{\"StartAt\":"
         "\"A\",\"States\":{\"A\":{\"Type\":\"Succeed\"}}}],"
         "\"End\":true}}}",
         "DUPLICATE_STATE_NAME: Duplicate State name: A at /States/A/Branches[0]/States/A", false},
    };
    for (int i = 0; i < countof(rows); i++)
        eq_str(refusal(rows[i].definition, rows[i].express), str_from(rows[i].text));
}

TEST(asl_intrinsics)
{
    static const struct {
        const char *call, *gives;
    } rows[] = {
        {"States.Format('a {} \\\\{\\\\} {}', $.n, $.o)", "\"a 1 {} {k=[1, x]}\""},
        {"States.Array(1, 'x', null, $.n, States.Array())", "[1,\"x\",null,1,[]]"},
        {"States.ArrayUnique($.u)", "[1,\"1\",2]"},
        {"States.ArrayContains($.u, 2)", "true"},
        {"States.ArrayRange(10, 0, -4)", "[10,6,2]"},
        {"States.ArrayPartition($.u, 3)", "[[1,1.0,\"1\"],[2]]"},
        {"States.Base64Decode(States.Base64Encode('h\\\\'i'))", "\"h'i\""},
        {"States.Hash('abc', 'SHA-1')", "\"a9993e364706816aba3e25717850c26c9cd0d89d\""},
        {"States.JsonMerge($.o, States.StringToJson('{\\\"z\\\":1}'), false)",
         "{\"k\":[1,\"x\"],\"z\":1}"},
        {"States.MathAdd(2.5, -0.5)", "3"},
        {"States.MathRandom(1, 999, 42)", "255"}, /* new Random(42): 1562431130 % 998 + 1 */
        {"States.StringSplit('a.b+c', '.+')", "[\"a\",\"b\",\"c\"]"},
        {"States.JsonToString($.o)", "\"{\\\"k\\\":[1,\\\"x\\\"]}\""},
        {"States.ArrayLength($.u)", "4"},
        {"States.ArrayGetItem($.u, 9)", "States.IntrinsicFailure"},
        {"States.StringToJson('{')", "States.IntrinsicFailure"},
        {"States.ArrayRange(0, 5000, 1)", "States.IntrinsicFailure"},
        {"States.Format('{}')", "States.IntrinsicFailure"},
    };
    for (int i = 0; i < countof(rows); i++) {
        AslWorld w =
            open(str_z(test_arena(), str_printf(test_arena(),
                                                "{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":"
                                                "\"Pass\",\"Parameters\":{\"r.$\":\"%s\"},"
                                                "\"OutputPath\":\"$.r\",\"End\":true}}}",
                                                rows[i].call)));
        asl_world_start(&w, S("{\"n\":1,\"o\":{\"k\":[1,\"x\"]},\"u\":[1,1.0,\"1\",2]}"));
        eq_str(w.exec.status == ASL_SUCCEEDED ? w.exec.output : w.exec.error,
               str_from(rows[i].gives));
    }
}
