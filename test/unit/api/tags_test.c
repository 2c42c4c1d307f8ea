/* tags_test.c - tags are added, replaced and taken away in the form they are kept in, by whatever form names them. */
#include "api/tags.h"
#include "test.h"

static Json parsed(const char *text)
{
    Json v;
    Error err = {0};
    check(json_parse(str_from(text), test_arena(), &v, &err));
    return v;
}

static Str changed(const char *kept, const char *gone, const char *added)
{
    Json g = parsed(gone), n = parsed(added ? added : "null");
    Json all = tags_change(test_arena(), str_from(kept), &g, added ? &n : NULL);
    return json_to_str(test_arena(), &all);
}

TEST(tags_of_a_list)
{
    const char *kept = "[{\"Key\":\"a\",\"Value\":\"1\"},{\"Key\":\"b\",\"Value\":\"2\"}]";
    const char *fresh = "[{\"Key\":\"a\",\"Value\":\"3\"},{\"Key\":\"c\",\"Value\":\"\"}]";
    eq_str(changed(kept, fresh, fresh),
           S("[{\"Key\":\"b\",\"Value\":\"2\"},{\"Key\":\"a\",\"Value\":"
             "\"3\"},{\"Key\":\"c\",\"Value\":\"\"}]"));
    eq_str(changed(kept, "[\"b\",\"A\"]", NULL), S("[{\"Key\":\"a\",\"Value\":\"1\"}]"));
    eq_str(changed("[{\"key\":\"a\",\"value\":\"1\"}]", "[\"a\"]", NULL), S("[]"));
    eq_str(changed("[{\"key\":\"a\"}]", "[{\"key\":\"a\"}]", "[{\"key\":\"a\",\"value\":\"2\"}]"),
           S("[{\"key\":\"a\",\"value\":\"2\"}]"));
}

TEST(tags_of_a_map)
{
    eq_str(changed("{\"a\":\"1\",\"b\":\"2\"}", "{\"b\":\"\"}", "{\"b\":\"3\"}"),
           S("{\"a\":\"1\",\"b\":\"3\"}"));
    eq_str(changed("{\"a\":\"1\"}", "[{\"Key\":\"a\"}]", "[{\"Key\":\"a\",\"Value\":\"2\"}]"),
           S("{\"a\":\"2\"}"));
    eq_str(changed("{\"a\":\"1\",\"b\":\"2\"}", "[\"a\",\"b\"]", NULL), S("{}"));
}

TEST(tags_that_were_never_there)
{
    Json all = tags_change(test_arena(), (Str){0}, NULL, NULL);
    eq_str(json_to_str(test_arena(), &all), S("[]"));
}

TEST(tags_from_one_form_into_the_other)
{
    const char *list = "[{\"Key\":\"a\",\"Value\":\"1\"},{\"Key\":\"b\",\"Value\":\"\"}]";
    Json from = parsed(list), map = tags_map(test_arena(), &from);
    eq_str(json_to_str(test_arena(), &map), S("{\"a\":\"1\",\"b\":\"\"}"));
    Json back = tags_list(test_arena(), &map);
    eq_str(json_to_str(test_arena(), &back), str_from(list));
}
