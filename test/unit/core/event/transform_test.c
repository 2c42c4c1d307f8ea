/* transform_test.c - inputs of rules' targets: paths, templates, values in and out of quotes, refusals. */
#include "core/event/transform.h"

#include "../../../test.h"

static Json json_of(const char *text)
{
    Error err = {0};
    Json v = {0};
    if (!json_parse(str_from(text), test_arena(), &v, &err))
        test_fail(__FILE__, __LINE__, "%s: %.*s", text, STR(error_text(&err)));
    return v;
}

static Str input_of(const char *target)
{
    Json t = json_of(target);
    Json event =
        json_of("{\"id\":\"7\",\"detail\":{\"s\":\"a\\\"b\",\"n\":1.50,\"o\":{\"x\":[1,2]},"
                "\"none\":null}}");
    TransformSource source = {&event, S("arn:r"), S("r"), 1700000000000};
    return transform_input(test_arena(), &t, &source);
}

TEST(transform_paths_lead_into_the_event)
{
    eq_str(input_of("{\"InputPath\":\"$.detail.o\"}"), S("{\"x\":[1,2]}"));
    eq_str(input_of("{\"InputPath\":\"$.detail.o.x[1]\"}"), S("2"));
    eq_str(input_of("{\"InputPath\":\"$.detail.other\"}"), S("{}"));
    eq_str(input_of("{\"Input\":\"[1, 2]\"}"), S("[1, 2]"));
}

TEST(transform_values_have_quotes_only_outside_of_texts)
{
    eq_str(
        input_of(
            "{\"InputTransformer\":{\"InputPathsMap\":{\"s\":\"$.detail.s\",\"n\":\"$.detail.n\"},"
            "\"InputTemplate\":\"{\\\"a\\\": <s>, \\\"b\\\": \\\"<s> and <n>\\\", \\\"c\\\": "
            "<n>}\"}}"),
        S("{\"a\": \"a\\\"b\", \"b\": \"a\\\"b and 1.50\", \"c\": 1.50}"));
    eq_str(input_of(
               "{\"InputTransformer\":{\"InputPathsMap\":{\"o\":\"$.detail.o\"},\"InputTemplate\":"
               "\"[\\\"<o>\\\", <o>]\"}}"),
           S("[\"{\\\"x\\\":[1,2]}\", {\"x\":[1,2]}]"));
}

TEST(transform_what_is_missing_is_empty_and_what_is_unknown_stays)
{
    eq_str(input_of(
               "{\"InputTransformer\":{\"InputPathsMap\":{\"m\":\"$.detail.m\"},\"InputTemplate\":"
               "\"[<m>, \\\"-<m>-\\\", \\\"<other>\\\", \\\"1 < 2\\\"]\"}}"),
           S("[\"\", \"--\", \"<other>\", \"1 < 2\"]"));
    eq_str(input_of("{\"InputTransformer\":{\"InputTemplate\":\"\\\"<aws.events.rule-name> "
                    "<aws.events.rule-arn> <aws.events.event.ingestion-time>\\\"\"}}"),
           S("\"r arn:r 2023-11-14T22:13:20.000Z\""));
}

TEST(transform_refuses_two_ways_at_once_and_paths_that_are_none)
{
    const char *bad[] = {"{\"Id\":\"1\",\"Input\":\"{}\",\"InputPath\":\"$.a\"}",
                         "{\"Id\":\"1\",\"Input\":\"{\"}",
                         "{\"Id\":\"1\",\"InputPath\":\"detail\"}",
                         ("{\"Id\":\"1\",\"InputTransformer\":{\"InputPathsMap\":{\"a\":\"$.[\"},"
                          "\"InputTemplate\":\"<a>\"}}")};
    for (int i = 0; i < countof(bad); i++) {
        Error err = {0};
        Json t = json_of(bad[i]);
        ok(!transform_check(&t, test_arena(), &err));
        ok(err.code == ERR_VALIDATION);
    }
}
