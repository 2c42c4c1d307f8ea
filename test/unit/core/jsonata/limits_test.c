/* limits_test.c - a hostile expression costs its budget and no more. */
#include "core/jsonata/jsonata.h"
#include "test.h"

static JsonataError evaluate(const char *expression, JsonataBudget budget, Str *out)
{
    Arena *a = test_arena();
    JsonataError err = {.code = ""};
    JsonataResult result;
    const JsonataProgram *program;
    JsonataEnv env = {.now = 1700000000123, .seed = 7, .budget = budget};
    *out = S("");
    if (jsonata_compile(str_from(expression), JSONATA_STANDARD, a, &program, &err) &&
        jsonata_evaluate(program, NULL, &env, a, &result, &err))
        *out = result.kind == JSONATA_JSON ? json_to_str(a, &result.value) : S("undefined");
    return err;
}

static void refused(const char *expression, JsonataBudget budget, const char *why)
{
    Str out;
    JsonataError err = evaluate(expression, budget, &out);
    eq_str(str_from(err.code), S("U1001"));
    ok(str_find(str_from(err.message), str_from(why)) >= 0);
}

TEST(jsonata_budget_of_steps)
{
    const JsonataBudget small = {100000, 64 << 20, 500};
    refused("($f := function($n){$f($n + 1)}; $f(0))", small, "steps");
    refused("[1..1000000].($ * 2)", small, "steps");
    refused("$reduce([1..1000000], function($a, $b){$a + $b})", small, "steps");
    refused("$sort([1..100000], function($a, $b){$a < $b})", small, "steps");
    refused("$formatInteger(1e300, 'I')", small, "steps");
    refused("$contains($pad('', 30000, 'a') & 'b', /(a|aa)+$/)", small, "");
    refused("($x := [1..30000]; $x[$ in $x])", small, "steps");
}

TEST(jsonata_budget_of_bytes)
{
    const JsonataBudget small = {10000000, 1 << 20, 500};
    refused("$pad('', 1e12)", small, "bytes");
    refused("$pad('', -1e300)", small, "bytes");
    refused("($d := function($s, $n){$n = 0 ? $s : $d($s & $s, $n - 1)}; $length($d('ab', 60)))",
            small, "bytes");
    refused("$append([1..1000000], [1..1000000])", small, "bytes");
    refused("$join([1..100000].('' & $), $pad('', 1000))", small, "");
    refused("$replace($pad('', 10000, 'a'), 'a', $pad('', 10000))", small, "bytes");
    refused("$zip([1..1000000], [1..1000000])", small, "bytes");
}

TEST(jsonata_budget_of_depth)
{
    const JsonataBudget deepest = {10000000, 256 << 20, JSONATA_DEPTH_MAX};
    refused("($f := function(){1 + $f()}; $f())", deepest, "depth");
    refused("($f := function($x){$map([$x], $f)}; $f(1))", deepest, "depth");
    refused("($f := function($x){$sort([$x, 1], function($a, $b){$f($a)})}; $f(1))", deepest,
            "depth");
    refused("($f := function($x){$replace('a', /a/, function($m){$f(1)})}; $f(1))", deepest,
            "depth");
    refused("($f := function($x){$x ~> |$|$f($)|}; $f({'a':1}))", deepest, "depth");
    refused(
        "($f := $reduce([1..5000], function($f, $i){($i = 1 ? $trim : $f) ~> $trim}, 0); $f('a'))",
        deepest, "depth");
}

/* What an expression builds may nest deeper than what C may recurse into. */
TEST(jsonata_values_nest_only_so_deep)
{
    static const char *const walks[] = {"$string($v)",
                                        "$v",
                                        "$v = $v",
                                        "[$v].**",
                                        "$clone($v)",
                                        "$v ~> |$|{}|",
                                        "{'a': $v}.*",
                                        "$keys($v)",
                                        "$boolean($v) & $string($v)",
                                        "$distinct([$v, $v])",
                                        "$spread($v)",
                                        "a[$v]",
                                        "$v.a & $string($v)"};
    for (int i = 0; i < countof(walks); i++) {
        Str e = str_printf(test_arena(),
                           "($v := $reduce([1..20000], function($a, $i){[[$a], 1]}, {}); %s)",
                           walks[i]);
        Str out;
        JsonataError err = evaluate(str_z(test_arena(), e), JSONATA_BUDGET, &out);
        ok(str_eq(str_from(err.code), S("U1001")) || str_eq(out, S("undefined")));
    }
}

TEST(jsonata_text_of_an_expression_nests_only_so_deep)
{
    static const struct {
        const char *open, *close;
    } shapes[] = {{"(", ")"}, {"[", "]"},   {"{'a':", "}"},       {"-", ""},
                  {"1+", ""}, {"$f(", ")"}, {"function(){", "}"}, {"a[", "]"},
                  {"a?", ""}, {"a.(", ")"}, {"a^(", ")"},         {"|a|", "||"}};
    for (int i = 0; i < countof(shapes); i++) {
        Buf text = {.a = test_arena()};
        for (int k = 0; k < 100000; k++) buf_put(&text, str_from(shapes[i].open));
        buf_putc(&text, 'a');
        for (int k = 0; k < 100000; k++) buf_put(&text, str_from(shapes[i].close));
        Str out;
        JsonataError err = evaluate(str_z(test_arena(), buf_str(&text)), JSONATA_BUDGET, &out);
        ok(err.code[0] != 0);
    }
    Buf chain = {.a = test_arena()};
    for (int k = 0; k < 100000; k++) buf_put(&chain, S("a&"));
    buf_putc(&chain, 'a');
    refused(str_z(test_arena(), buf_str(&chain)), JSONATA_BUDGET, "nesting");
}

TEST(jsonata_tail_calls_take_no_depth)
{
    Str out;
    evaluate("($f := function($n, $a){$n = 0 ? $a : $f($n - 1, $a + $n)}; $f(100000, 0))",
             (JsonataBudget){0, 0, 30}, &out);
    eq_str(out, S("5000050000"));
    evaluate("($even := function($n){$n = 0 ? true : $odd($n - 1)}; $odd := function($n){$n = 0 ? "
             "false : $even($n - 1)};"
             " $even(10001))",
             (JsonataBudget){0, 0, 30}, &out);
    eq_str(out, S("false"));
}

TEST(jsonata_ranges_take_no_room)
{
    Str out;
    evaluate("$count([1..10000000]) & [1..10000000][-1] & $sum([1..3])",
             (JsonataBudget){1000, 1 << 16, 50}, &out);
    eq_str(out, S("\"10000000100000006\""));
}
