/* drift_test.c - what is no drift is not told, what is has its place; lists are sets, items known by their names. */
#include "core/stack/drift.h"

#include "../../../test.h"

static Json value(const char *text)
{
    Json v;
    Error err = {0};
    ok(json_parse(str_from(text), test_arena(), &v, &err));
    return v;
}

static Str shown(const Json *v)
{
    return v ? json_to_str(test_arena(), v) : S("-");
}

/* "KIND path expected actual" for each. */
static Str told(const char *expected, const char *actual, bool whole)
{
    StrVec lines = {0};
    DriftDifferences all = {0};
    Json was = value(expected), now = value(actual);
    Json like = drift_like(&was, &now, whole, test_arena());
    drift_compare(&was, &like, test_arena(), &all);
    for (int64_t i = 0; i < all.n; i++)
        *vec_push(test_arena(), &lines) = str_printf(
            test_arena(), "%s %.*s %.*s %.*s", drift_kind_text(all.p[i].kind), STR(all.p[i].path),
            STR(shown(all.p[i].expected)), STR(shown(all.p[i].actual)));
    return str_join(test_arena(), lines.p, lines.n, S("; "));
}

TEST(drift_is_not_what_is_only_written_otherwise)
{
    static const char *const pairs[][2] = {
        {"{\"A\":\"3\",\"B\":true}", "{\"A\":3,\"B\":\"true\"}"},
        {"{\"A\":3}", "{\"A\":\"3\",\"Default\":1}"},
        {"{\"Level\":\"ERROR\"}", "{\"level\":\"ERROR\"}"},
        {"{\"P\":{\"a\":[1]}}", "{\"P\":\"{\\\"a\\\": [1]}\"}"},
        {"{\"P\":{\"a\":\"b c\"}}", "{\"P\":\"%7B%22a%22%3A%22b%20c%22%7D\"}"},
        {"{\"P\":\"{\\\"a\\\":1, \\\"b\\\":2}\"}", "{\"P\":\"{\\\"b\\\":2,\\\"a\\\":1}\"}"},
        {"{\"T\":\"2031-01-01T00:00:00Z\"}", "{\"T\":1924992000.000}"},
        {"{\"T\":\"2031-01-01T00:00:00+00:00\"}", "{\"T\":\"2031-01-01T00:00:00.000Z\"}"},
        {"{\"L\":[\"a\",\"b\"]}", "{\"L\":[\"b\",\"a\"]}"},
        {"{\"L\":[{\"Id\":\"x\",\"V\":1},{\"Id\":\"y\",\"V\":2}]}",
         "{\"L\":[{\"Id\":\"y\",\"V\":2,\"D\":0},{\"Id\":\"x\",\"V\":1}]}"},
        {"{\"Tags\":[{\"Key\":\"k\",\"Value\":\"v\"}]}", "{\"Tags\":{\"k\":\"v\"}}"},
        {"{\"Tags\":{\"k\":\"v\"}}", "{\"Tags\":[{\"key\":\"k\",\"Key\":\"k\",\"Value\":\"v\"}]}"},
        {"{\"Action\":\"s3:*\"}", "{\"Action\":[\"s3:*\"]}"},
        {"{\"L\":[{\"V\":1}]}", "{\"L\":[{\"ID\":\"made-up\",\"V\":1}]}"},
    };
    for (int i = 0; i < countof(pairs); i++) eq_str(told(pairs[i][0], pairs[i][1], false), S(""));
}

TEST(drift_has_its_place)
{
    eq_str(told("{\"A\":{\"B\":1}}", "{\"A\":{\"B\":2}}", false), S("NOT_EQUAL /A/B 1 2"));
    eq_str(told("{\"A\":{\"B\":1}}", "{\"A\":{}}", false), S("REMOVE /A/B 1 -"));
    eq_str(told("{\"A\":{\"B\":1}}", "{}", false), S("REMOVE /A {\"B\":1} -"));
    eq_str(told("{\"A\":{\"B\":1}}", "{\"A\":{\"B\":1,\"C/~\":2}}", true), S("ADD /A/C~1~0 - 2"));
    eq_str(told("{\"A\":\"1\"}", "{\"A\":\"01x\"}", false), S("NOT_EQUAL /A \"1\" \"01x\""));
    eq_str(told("{\"T\":\"2031-01-01T00:00:00Z\"}", "{\"T\":1924992001}", false),
           S("NOT_EQUAL /T \"2031-01-01T00:00:00Z\" \"2031-01-01T00:00:01.000Z\""));
}

TEST(drift_of_lists)
{
    eq_str(told("{\"L\":[\"a\"]}", "{\"L\":[\"b\",\"a\"]}", false), S("ADD /L/0 - \"b\""));
    eq_str(told("{\"L\":[\"a\",\"b\"]}", "{\"L\":[\"b\"]}", false), S("REMOVE /L/0 \"a\" -"));
    eq_str(told("{\"L\":[\"a\",\"b\"]}", "{\"L\":[\"b\",\"c\"]}", false),
           S("NOT_EQUAL /L/0 \"a\" \"c\""));
    eq_str(told("{\"L\":[{\"Key\":\"k\",\"Value\":\"1\"}]}",
                "{\"L\":[{\"Key\":\"j\",\"Value\":\"1\"}]}", false),
           S("REMOVE /L/0 {\"Key\":\"k\",\"Value\":\"1\"} -; ADD /L/0 - "
             "{\"Key\":\"j\",\"Value\":\"1\"}"));
    eq_str(told("{\"L\":[{\"Id\":\"x\",\"V\":1},{\"Id\":\"y\",\"V\":2}]}",
                "{\"L\":[{\"Id\":\"y\",\"V\":3},{\"Id\":\"x\",\"V\":1}]}", false),
           S("NOT_EQUAL /L/1/V 2 3"));
    eq_str(told("{\"L\":[]}", "{\"L\":[{\"V\":1,\"W\":2}]}", false),
           S("ADD /L/0 - {\"V\":1,\"W\":2}"));
}

TEST(drift_is_bounded)
{
    DriftDifferences all = {0};
    JsonArray many = {.a = test_arena()};
    for (int i = 0; i < DRIFT_DIFFERENCES_MAX + 500; i++)
        json_add(&many, json_int(test_arena(), i));
    Json list = json_array(&many), none = value("[]");
    drift_compare(&none, &list, test_arena(), &all);
    eq_int(all.n, DRIFT_DIFFERENCES_MAX);
}
