/* source_test.c - filters of event sources, when a batch is full, and answers that name what failed. */
#include "core/function/source.h"

#include "test.h"

static Json parse(Arena *a, const char *text)
{
    Json v = {0};
    Error err = {0};
    ok(json_parse(str_from(text), a, &v, &err));
    return v;
}

static bool wants(const char *criteria, const char *record)
{
    Arena a = {0};
    Error err = {0};
    Json c = parse(&a, criteria), r = parse(&a, record);
    ok(source_filter_check(&c, &a, &err));
    bool wanted = source_wants(&c, &r, &a);
    arena_free(&a);
    return wanted;
}

TEST(records_are_matched_with_their_body_as_what_it_is)
{
    const char *size = "{\"Filters\": [{\"Pattern\": \"{\\\"body\\\": {\\\"n\\\": [1]}}\"}]}";
    ok(wants(size, "{\"body\": \"{\\\"n\\\": 1}\"}"));
    ok(!wants(size, "{\"body\": \"{\\\"n\\\": 2}\"}"));
    ok(!wants(size, "{\"body\": \"words\"}"));
    ok(wants("{\"Filters\": [{\"Pattern\": \"{\\\"body\\\": [\\\"words\\\"]}\"}]}",
             "{\"body\": \"words\"}"));
    ok(wants("{}", "{\"body\": \"\"}"));
}

TEST(one_filter_of_several_is_enough)
{
    const char *two = "{\"Filters\": [{\"Pattern\": \"{\\\"body\\\": [\\\"a\\\"]}\"},"
                      " {\"Pattern\": \"{\\\"body\\\": [\\\"b\\\"]}\"}]}";
    ok(wants(two, "{\"body\": \"b\"}"));
    ok(!wants(two, "{\"body\": \"c\"}"));
}

TEST(patterns_that_are_none_are_refused)
{
    Arena a = {0};
    Error err = {0};
    Json bad = parse(&a, "{\"Filters\": [{\"Pattern\": \"{\\\"body\\\": 1}\"}]}");
    ok(!source_filter_check(&bad, &a, &err));
    eq_str(error_text(&err), S("Invalid filter pattern definition."));
    bad = parse(&a, "{\"Filters\": [{\"Pattern\": \"nothing\"}]}");
    ok(!source_filter_check(&bad, &a, &err));
    arena_free(&a);
}

TEST(a_batch_is_due_when_it_is_full_or_its_window_is_over)
{
    ok(source_window(0, 10, 0, 0, 100).due == INT64_MAX);
    ok(source_window(1, 10, 0, 0, 100).due == 100);
    SourceWindow w = source_window(1, 10, 5000, 0, 100);
    ok(w.since == 100 && w.due == 5100);
    w = source_window(2, 10, 5000, 100, 3000);
    ok(w.since == 100 && w.due == 5100);
    w = source_window(10, 10, 5000, 100, 3000);
    ok(w.since == 0 && w.due == 3000);
}

static int failed_of(const char *answer)
{
    Arena a = {0};
    bool *failed;
    const Str ids[] = {S("a"), S("b"), S("c")};
    int n = -1;
    if (source_failures(str_from(answer), ids, 3, &a, &failed)) {
        n = 0;
        for (int i = 0; i < 3; i++) n |= failed[i] << i;
    }
    arena_free(&a);
    return n;
}

/* The two lists of "Success and failure conditions" in the developer guide. */
TEST(answers_name_what_failed)
{
    ok(failed_of("null") == 0);
    ok(failed_of("{}") == 0);
    ok(failed_of("{\"batchItemFailures\": []}") == 0);
    ok(failed_of("{\"batchItemFailures\": null}") == 0);
    ok(failed_of("{\"batchItemFailures\": [{\"itemIdentifier\": \"b\"}]}") == 2);
    ok(failed_of("{\"batchItemFailures\": [{\"itemIdentifier\": \"\"}]}") == -1);
    ok(failed_of("{\"batchItemFailures\": [{\"itemIdentifier\": null}]}") == -1);
    ok(failed_of("{\"batchItemFailures\": [{\"itemIdentifierTypo\": \"a\"}]}") == -1);
    ok(failed_of("{\"batchItemFailures\": [{\"itemIdentifier\": \"d\"}]}") == -1);
    ok(failed_of("\"words\"") == -1);
}
