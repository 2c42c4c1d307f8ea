/* json_test.c - JSON: what is accepted, what is refused and where, and that writing gives back what was read. */
#include "base/json.h"
#include "test.h"

static Str round_trip(const char *text)
{
    Error err = {0};
    Json v;
    if (!json_parse(str_from(text), test_arena(), &v, &err))
        return error_text(&err).n ? S("refused") : S("silent");
    return json_to_str(test_arena(), &v);
}

TEST(json_round_trips_what_it_reads)
{
    const char *cases[] = {"null",
                           "true",
                           "[]",
                           "{}",
                           "[1,2.50,-0,1E+9]",
                           "{\"b\":1,\"a\":{\"c\":[null]}}",
                           "\"\\u0001\\n\\\"\\\\ \xc3\xa9\"",
                           "12345678901234567890123"};
    for (int i = 0; i < countof(cases); i++) eq_str(round_trip(cases[i]), str_from(cases[i]));
    eq_str(round_trip(" [ \"\\u00e9\\ud83d\\ude00\\/\" ] "), S("[\"\xc3\xa9\xf0\x9f\x98\x80/\"]"));
}

TEST(json_refuses_what_is_not_json)
{
    const char *cases[] = {"",          "[1,]",  "{\"a\"}", "01",      "1.",
                           ".5",        "+1",    "tru",     "\"\n\"",  "\"\\ud800\"",
                           "\"\xff\"",  "[1 2]", "nullx",   "{a:1}",   "\"abc",
                           "\"\\u12\"", "\"\\",  "[",       "{\"a\":", "\xc0\x80"};
    for (int i = 0; i < countof(cases); i++) eq_str(round_trip(cases[i]), S("refused"));
}

TEST(json_error_names_line_and_column)
{
    Error err = {0};
    Json v;
    ok(!json_parse(S("{\n  \"a\": tru\n}"), test_arena(), &v, &err));
    eq_int(err.code, ERR_SERIALIZATION);
    ok(str_find(error_text(&err), S("line 2, column 8")) >= 0);
}

TEST(json_depth_is_bounded)
{
    char deep[1024];
    memset(deep, '[', sizeof deep - 1);
    deep[sizeof deep - 1] = 0;
    eq_str(round_trip(deep), S("refused"));
}

TEST(json_numbers_become_integers_exactly)
{
    Error err = {0};
    Json v;
    struct {
        const char *text;
        bool good;
        int64_t value;
    } cases[] = {{"0", true, 0},
                 {"-7", true, -7},
                 {"1.0", true, 1},
                 {"1e3", true, 1000},
                 {"1500e-2", true, 15},
                 {"1.5", false, 0},
                 {"9223372036854775807", true, INT64_MAX},
                 {"9223372036854775808", false, 0},
                 {"-9223372036854775808", true, INT64_MIN},
                 {"1e400", false, 0},
                 {"0e99999999999", false, 0}};
    for (int i = 0; i < countof(cases); i++) {
        int64_t value = 0;
        ok(json_parse(str_from(cases[i].text), test_arena(), &v, &err));
        ok(json_to_int(&v, &value) == cases[i].good);
        if (cases[i].good) eq_int(value, cases[i].value);
    }
}

TEST(json_builds_objects_in_order)
{
    Arena *a = test_arena();
    JsonObject o = {.a = a};
    JsonArray list = {.a = a};
    for (int i = 0; i < 20; i++) json_add(&list, json_int(a, i));
    json_put(&o, S("z"), json_array(&list));
    json_put(&o, S("a"), json_millis_as_seconds(a, 1700000000120));
    json_put_text(&o, S("absent"), (Str){0});
    Json v = json_object(&o);
    eq_str(json_to_str(a, &v),
           S("{\"z\":[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19],\"a\":1700000000.120}"));
    eq_int(json_int_or(json_at(json_get(&v, S("z")), 19), -1), 19);
}

TEST(json_place_finds_what_a_pointer_names)
{
    Str text = S(" {\n  \"a\": [1, {\"b\": \"}\\\"]\"},\n    \"x\"],\n  \"c/d\": {\"~\": {}},\n"
                 "  \"\\u0065\": null}");
    static const struct {
        const char *pointer;
        int64_t line, column;
    } cases[] = {{"", 1, 2},         {"/a", 2, 3},    {"/a/0", 2, 9},      {"/a/1", 2, 12},
                 {"/a/1/b", 2, 13},  {"/a/2", 3, 5},  {"/c~1d", 4, 3},     {"/c~1d/~0", 4, 11},
                 {"/e", 5, 3},       {"/none", 1, 2}, {"/a/7/deep", 2, 3}, {"/a/x", 2, 3},
                 {"/e/deeper", 5, 3}};
    for (int i = 0; i < countof(cases); i++) {
        JsonPlace place = json_place(text, str_from(cases[i].pointer));
        if (place.line != cases[i].line || place.column != cases[i].column)
            test_fail(__FILE__, __LINE__, "%s is at %" PRId64 ":%" PRId64, cases[i].pointer,
                      place.line, place.column);
    }
}

TEST(json_broken_finds_the_first_wrong_character)
{
    JsonPlace at;
    ok(!json_broken(S(" {\"a\": 1} "), &at));
    ok(json_broken(S("{\n \"a\": 1,\n}"), &at));
    ok(at.line == 3 && at.column == 1);
    ok(json_broken(S(""), &at) && at.line == 1 && at.column == 1);
}
