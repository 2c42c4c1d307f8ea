/* library_test.c - the library's interface: results, errors with their place, dialects, purity. */
#include "core/jsonata/jsonata.h"
#include "test.h"

static JsonataResult result;
static JsonataError err;

static bool evaluate(const char *expression, JsonataDialect dialect, const Json *input,
                     uint64_t seed)
{
    const JsonataProgram *program;
    JsonataEnv env = {.now = 1700000000123, .seed = seed};
    err = (JsonataError){.code = ""};
    return jsonata_compile(str_from(expression), dialect, test_arena(), &program, &err) &&
           jsonata_evaluate(program, input, &env, test_arena(), &result, &err);
}

static Str text_of(const char *expression, JsonataDialect dialect)
{
    if (!evaluate(expression, dialect, NULL, 1)) return str_from(err.code);
    return result.kind == JSONATA_JSON ? json_to_str(test_arena(), &result.value) : S("undefined");
}

TEST(jsonata_result_is_json_nothing_or_a_function)
{
    ok(evaluate("{'a': 1, 'f': $sum, 'g': [$sum]}", JSONATA_STANDARD, NULL, 1) &&
       result.kind == JSONATA_JSON);
    eq_str(json_to_str(test_arena(), &result.value), S("{\"a\":1,\"g\":[null]}"));
    ok(evaluate("a.b", JSONATA_STANDARD, NULL, 1) && result.kind == JSONATA_UNDEFINED);
    ok(evaluate("$fn := function($x){$x}", JSONATA_STANDARD, NULL, 1) &&
       result.kind == JSONATA_FUNCTION);
}

/* Offsets are counted as JavaScript counts: the letter before the faulty operator is two units. */
TEST(jsonata_error_names_code_token_and_place)
{
    ok(!evaluate("'\xf0\x9f\x98\x80' & ('a' - 1)", JSONATA_STANDARD, NULL, 1));
    eq_str(str_from(err.code), S("T2001"));
    eq_str(str_from(err.token), S("-"));
    eq_int(err.position, 13);
    eq_str(str_from(err.message),
           S("The left side of the \"-\" operator must evaluate to a number"));
    ok(!evaluate("$uppercase(1)", JSONATA_STANDARD, NULL, 1));
    eq_str(str_from(err.message),
           S("Argument 1 of function \"uppercase\" does not match function signature"));
    ok(!evaluate("[1, 2)", JSONATA_STANDARD, NULL, 1));
    eq_str(str_from(err.message), S("Expected \"]\", got \")\""));
    eq_int(err.position, 6);
    ok(!evaluate("a\xff", JSONATA_STANDARD, NULL, 1));
    eq_str(str_from(err.code), S("S0205"));
}

TEST(jsonata_numbers_of_the_input_leave_as_javascript_writes_them)
{
    Json input;
    Error e = {0};
    ok(json_parse(S("{\"a\":1.0,\"b\":[1e3,-0,12345678901234567890],\"c\":\"1.0\"}"), test_arena(),
                  &input, &e));
    ok(evaluate("$", JSONATA_STANDARD, &input, 1));
    eq_str(json_to_str(test_arena(), &result.value),
           S("{\"a\":1,\"b\":[1000,0,12345678901234567000],\"c\":\"1.0\"}"));
}

TEST(jsonata_same_seed_same_result)
{
    const char *e = "[$random(), $shuffle([1..20]), $millis(), $now()]";
    ok(evaluate(e, JSONATA_STANDARD, NULL, 5));
    Str first = json_to_str(test_arena(), &result.value);
    ok(evaluate(e, JSONATA_STANDARD, NULL, 5));
    eq_str(json_to_str(test_arena(), &result.value), first);
    ok(evaluate(e, JSONATA_STANDARD, NULL, 6));
    ok(!str_eq(json_to_str(test_arena(), &result.value), first));
}

/* Seed 42 gives 0.7275636800328681, as java.util.Random does. */
TEST(jsonata_states_dialect)
{
    const struct {
        const char *expression, *want;
    } cases[] = {
        {"$random(42)", "0.7275636800328681"},
        {"$random(0)", "0.730967787376657"},
        {"$partition([1..7], 3)", "[[1,2,3],[4,5,6],[7]]"},
        {"$partition([0], 4)", "[[0]]"},
        {"$partition([1], 0)", "D3200"},
        {"$range(1, 9, 2)", "[1,3,5,7,9]"},
        {"$range(3, 1, -1)", "[3,2,1]"},
        {"$range(1, 9, 0)", "D3200"},
        {"$hash('abc', 'MD5')", "\"900150983cd24fb0d6963f7d28e17f72\""},
        {"$hash('abc', 'SHA-1')", "\"a9993e364706816aba3e25717850c26c9cd0d89d\""},
        {"$hash('abc', 'SHA-256')",
         "\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\""},
        {"$hash('abc', 'CRC')", "D3200"},
        {"$parse('{\"a\":[1,-0]}').a", "[1,0]"},
        {"$parse('{')", "D3200"},
        {"$uuid() ~> /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/ ~> "
         "$exists",
         "true"},
        {"$random() < 1", "true"},
        {"$eval('1')", "T1006"},
        {"$exists($eval)", "false"},
    };
    for (int i = 0; i < countof(cases); i++)
        eq_str(text_of(cases[i].expression, JSONATA_STATES), str_from(cases[i].want));
    eq_str(text_of("$partition([1], 1)", JSONATA_STANDARD), S("T1006"));
    eq_str(text_of("$random(42)", JSONATA_STANDARD), S("T0410"));
}

TEST(jsonata_program_is_shared)
{
    const JsonataProgram *program;
    Arena programs = {0}, turn = {0};
    err = (JsonataError){.code = ""};
    ok(jsonata_compile(S("$x & /a(b)/(s).groups[0]"), JSONATA_STANDARD, &programs, &program, &err));
    for (int i = 0; i < 3; i++) {
        Json input, bindings;
        Error e = {0};
        ok(json_parse(S("{\"s\":\"xab\"}"), &turn, &input, &e));
        ok(json_parse(str_printf(&turn, "{\"x\":%d}", i), &turn, &bindings, &e));
        JsonataEnv env = {.bindings = &bindings};
        ok(jsonata_evaluate(program, &input, &env, &turn, &result, &err));
        eq_str(json_to_str(&turn, &result.value), str_printf(&turn, "\"%db\"", i));
        arena_reset(&turn);
    }
    arena_free(&turn);
    arena_free(&programs);
}

TEST(jsonata_tells_what_is_read_from_the_context)
{
    static const char *const rows[][2] = {
        {"a", "a"},
        {"a.b", "a"},
        {"$x.b", ""},
        {"$x[a = 1]", ""},
        {"1 + $f(b)", "b"},
        {"{'k': c}", "c"},
        {"($y := d; $y)", "d"},
        {"$x ? 1 : e", "e"},
        {"$x{k: v}", ""},
        {"function($v) { w }", ""},
        {"$$.a", ""},
        {"[1, [f]]", "f"},
        {"$x ~> $f(g)", "g"},
        {"'a' & -h", "h"},
    };
    for (int i = 0; i < countof(rows); i++) {
        const JsonataProgram *program;
        ok(jsonata_compile(str_from(rows[i][0]), JSONATA_STATES, test_arena(), &program, &err));
        Str name = jsonata_context_name(program);
        eq_str(str_absent(name) ? S("") : name, str_from(rows[i][1]));
    }
}
