/* function_test.c - names of functions, routing by weight, and when an invocation is tried again. */
#include "core/function/function.h"
#include "test.h"

TEST(function_names)
{
    FunctionName n;
    ok(function_name_parse(S("f"), &n));
    eq_str(n.name, S("f"));
    ok(str_absent(n.qualifier) && str_absent(n.account) && str_absent(n.region));
    ok(function_name_parse(S("f:PROD"), &n));
    eq_str(n.qualifier, S("PROD"));
    ok(function_name_parse(S("123456789012:function:f:7"), &n));
    eq_str(n.account, S("123456789012"));
    eq_str(n.name, S("f"));
    eq_str(n.qualifier, S("7"));
    ok(function_name_parse(S("arn:aws:lambda:eu-west-1:123456789012:function:f:$LATEST"), &n));
    eq_str(n.region, S("eu-west-1"));
    eq_str(n.account, S("123456789012"));
    eq_str(n.qualifier, S("$LATEST"));
    ok(!function_name_parse(S("arn:aws:lambda:eu-west-1:123456789012:layer:f"), &n));
    ok(!function_name_parse(S("arn:aws:lambda"), &n));
    ok(!function_name_parse(S("f:"), &n) && !function_name_parse(S(""), &n));
    ok(!function_name_parse(S("f:a:b"), &n));
}

TEST(function_arns_and_versions)
{
    int64_t v;
    eq_str(function_arn(test_arena(), S("r"), S("a"), S("f"), (Str){0}),
           S("arn:aws:lambda:r:a:function:f"));
    eq_str(function_arn(test_arena(), S("r"), S("a"), S("f"), S("1")),
           S("arn:aws:lambda:r:a:function:f:1"));
    ok(function_version_parse(S("$LATEST"), &v) && v == 0);
    ok(function_version_parse(S("12"), &v) && v == 12);
    ok(!function_version_parse(S("0"), &v) && !function_version_parse(S("PROD"), &v));
}

static int64_t share(Json *weights, int64_t version)
{
    int64_t n = 0;
    for (uint64_t i = 0; i < 1000; i++) n += function_route(1, weights, i * 1000) == version;
    return n;
}

TEST(function_routes_by_weight)
{
    Json weights;
    Error err = {0};
    ok(json_parse(S("{\"2\":0.25,\"3\":0.1}"), test_arena(), &weights, &err));
    eq_int(share(&weights, 2), 250);
    eq_int(share(&weights, 3), 100);
    eq_int(share(&weights, 1), 650);
    eq_int(function_route(1, NULL, 5), 1);
}

TEST(function_retries)
{
    enum { MINUTE = 60 * 1000 };
    FunctionRetry r = function_retry(1, 0, 1000, -1, -1);
    ok(r.again);
    eq_int(r.due, 1000 + MINUTE);
    r = function_retry(2, 0, 1000, -1, -1);
    ok(r.again);
    eq_int(r.due, 1000 + 2 * MINUTE);
    r = function_retry(3, 0, 1000, -1, -1);
    ok(!r.again);
    eq_str(str_from(r.reason), S("RetriesExhausted"));
    ok(!function_retry(1, 0, 1000, 0, -1).again);
    r = function_retry(1, 0, 1000, -1, 60);
    ok(!r.again);
    eq_str(str_from(r.reason), S("EventAgeExceeded"));
}

TEST(function_runtimes)
{
    ok(function_runtime(S("python3.12")) == FUNCTION_PYTHON);
    ok(function_runtime(S("nodejs22.x")) == FUNCTION_NODE);
    ok(function_runtime(S("provided.al2023")) == FUNCTION_CUSTOM);
    ok(function_runtime(S("java21")) == FUNCTION_OTHER);
}
