/* place_test.c - statements are found in the text of a policy, however it is written. */
#include "core/policy/place.h"
#include "test.h"

static Str told(Arena *a, const char *text, int statement)
{
    PolicyPlace b, e;
    if (!policy_place(str_from(text), statement, &b, &e)) return S("none");
    return str_printf(a, "%d:%d-%d:%d", (int)b.line, (int)b.column, (int)e.line, (int)e.column);
}

TEST(place_tells_lines_and_columns)
{
    Arena a = {0};
    eq_str(told(&a, "{\"Statement\":{\"Effect\":\"Allow\"}}", 0), S("1:14-1:32"));
    eq_str(told(&a, "{\"Statement\":{\"Effect\":\"Allow\"}}", 1), S("none"));
    eq_str(told(&a, "{\n \"Version\": \"x\",\n \"Statement\": [\n  {},\n  {\"a\": [1]}\n ]\n}", 0),
           S("4:3-4:5"));
    eq_str(told(&a, "{\n \"Version\": \"x\",\n \"Statement\": [\n  {},\n  {\"a\": [1]}\n ]\n}", 1),
           S("5:3-5:13"));
    eq_str(told(&a, "{\"Statement\":[]}", 0), S("none"));
    arena_free(&a);
}

TEST(place_is_not_misled_by_what_strings_hold)
{
    Arena a = {0};
    eq_str(told(&a, "{\"Id\":\"\\\"Statement\\\":{\",\"Statement\":[{\"Sid\":\"}]\"},{}]}", 0),
           S("1:38-1:50"));
    eq_str(told(&a, "{\"Id\":{\"Statement\":[1]},\"N\":-1.5,\"Statement\":{}}", 0), S("1:46-1:48"));
    eq_str(told(&a, "", 0), S("none"));
    eq_str(told(&a, "[]", 0), S("none"));
    eq_str(told(&a, "{\"Statement\":", 0), S("none"));
    arena_free(&a);
}
