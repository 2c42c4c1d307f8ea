/* pattern_test.c - event patterns: the guide's operators, lists in events, refusals. */
#include "core/event/pattern.h"

#include "../../../test.h"

static Json json_of(const char *text)
{
    Error err = {0};
    Json v = {0};
    if (!json_parse(str_from(text), test_arena(), &v, &err))
        test_fail(__FILE__, __LINE__, "%s: %.*s", text, STR(error_text(&err)));
    return v;
}

static const char event[] = "{\"source\":\"aws.emr\",\"detail\":{\"state\":\"TERMINATED\",\"code\":"
                            "4.50,\"big\":3e2,\"ok\":true,"
                            "\"none\":null,\"empty\":\"\",\"ip\":\"10.0.0.7\",\"ip6\":\"2001:db8::"
                            "1\",\"file\":\"data/2026/a.csv\","
                            "\"tags\":[\"x\",\"y\"],\"people\":[{\"first\":\"A\",\"last\":\"B\"},{"
                            "\"first\":\"C\",\"last\":\"D\"}]}}";

static bool matches(const char *detail)
{
    Error err = {0};
    Json e = json_of(event);
    Json p = json_of(str_z(test_arena(), str_printf(test_arena(), "{\"detail\":%s}", detail)));
    if (!pattern_check(&p, test_arena(), &err))
        test_fail(__FILE__, __LINE__, "%s: %.*s", detail, STR(error_text(&err)));
    return pattern_matches(&p, &e, test_arena());
}

TEST(pattern_operators)
{
    static const char *const yes[] = {
        "{\"state\":[\"WAITING\",\"TERMINATED\"]}",
        "{\"code\":[4.5]}",
        "{\"big\":[300]}",
        "{\"ok\":[true],\"none\":[null],\"empty\":[\"\"]}",
        "{\"state\":[{\"prefix\":\"TERM\"}]}",
        "{\"state\":[{\"prefix\":{\"equals-ignore-case\":\"term\"}}]}",
        "{\"file\":[{\"suffix\":\".csv\"}]}",
        "{\"file\":[{\"suffix\":{\"equals-ignore-case\":\".CSV\"}}]}",
        "{\"state\":[{\"equals-ignore-case\":\"terminated\"}]}",
        "{\"file\":[{\"wildcard\":\"data/*/*.csv\"}]}",
        "{\"state\":[{\"anything-but\":\"RUNNING\"}]}",
        "{\"state\":[{\"anything-but\":[\"RUNNING\",\"WAITING\"]}]}",
        "{\"code\":[{\"anything-but\":5}]}",
        "{\"state\":[{\"anything-but\":{\"prefix\":\"RUN\"}}]}",
        "{\"file\":[{\"anything-but\":{\"suffix\":[\".txt\",\".gz\"]}}]}",
        "{\"file\":[{\"anything-but\":{\"wildcard\":\"*/2025/*\"}}]}",
        "{\"code\":[{\"numeric\":[\">\",0,\"<=\",4.5]}]}",
        "{\"ip\":[{\"cidr\":\"10.0.0.0/24\"}]}",
        "{\"ip6\":[{\"cidr\":\"2001:db8::/32\"}]}",
        "{\"state\":[{\"exists\":true}],\"gone\":[{\"exists\":false}]}",
        "{\"gone\":{\"deeper\":[{\"exists\":false}]}}",
        "{\"tags\":[\"y\",\"z\"]}",
        "{\"tags\":[{\"anything-but\":\"x\"}]}",
        "{\"people\":{\"first\":[\"C\"],\"last\":[\"D\"]}}",
        "{\"$or\":[{\"state\":[\"X\"]},{\"code\":[{\"numeric\":[\"=\",4.5]}]}],\"ok\":[true]}",
    };
    for (int i = 0; i < countof(yes); i++)
        if (!matches(yes[i])) test_fail(__FILE__, __LINE__, "no match: %s", yes[i]);
}

TEST(pattern_what_does_not_match)
{
    static const char *const no[] = {
        "{\"state\":[\"terminated\"]}",
        "{\"code\":[\"4.5\"]}",
        "{\"none\":[{\"prefix\":\"n\"}]}",
        "{\"state\":[{\"anything-but\":[\"TERMINATED\"]}]}",
        "{\"gone\":[{\"anything-but\":\"x\"}]}",
        "{\"file\":[{\"wildcard\":\"*.CSV\"}]}",
        "{\"code\":[{\"numeric\":[\"<\",4.5]}]}",
        "{\"ip\":[{\"cidr\":\"10.0.1.0/24\"}]}",
        "{\"ip6\":[{\"cidr\":\"10.0.0.0/8\"}]}",
        "{\"state\":[{\"exists\":false}]}",
        "{\"gone\":[null]}",
        "{\"people\":{\"first\":[\"A\"],\"last\":[\"D\"]}}",
        "{\"people\":[{\"exists\":true}]}",
        "{\"$or\":[{\"state\":[\"X\"]},{\"code\":[1]}]}",
        "{\"$or\":[{\"state\":[\"TERMINATED\"]},{\"code\":[1]}],\"ok\":[false]}",
    };
    for (int i = 0; i < countof(no); i++)
        if (matches(no[i])) test_fail(__FILE__, __LINE__, "match: %s", no[i]);
}

TEST(pattern_refusals_name_the_field)
{
    static const struct {
        const char *pattern, *want;
    } cases[] = {
        {"{}", "Empty objects are not allowed at ''"},
        {"{\"source\":\"aws.emr\"}", "\"source\" must be an object or an array"},
        {"{\"detail\":{\"a\":1}}", "\"detail.a\" must be an object or an array"},
        {"{\"a\":[]}", "Empty arrays are not allowed at 'a'"},
        {"{\"a\":[{\"prefx\":\"x\"}]}", "Unrecognized match type prefx at 'a'"},
        {"{\"a\":[{\"prefix\":1}]}", "this match pattern must be a string at 'a'"},
        {"{\"a\":[{\"exists\":\"yes\"}]}",
         "exists match pattern must be either true or false. at 'a'"},
        {"{\"a\":[{\"numeric\":[\"!\",1]}]}", "Unrecognized numeric range operator at 'a'"},
        {"{\"a\":[{\"numeric\":[\">\",5000000001]}]}",
         "Value must be between -5.0E9 and 5.0E9, inclusive at 'a'"},
        {"{\"a\":[{\"anything-but\":[1,\"x\"]}]}",
         "Inside anything but list, either all values are number or string, mixed type is not "
         "supported at 'a'"},
        {"{\"a\":[{\"cidr\":\"10.0.0.0\"}]}", "Malformed CIDR, one '/' required at 'a'"},
        {"{\"a\":[{\"cidr\":\"10.0.0.0/33\"}]}", "Malformed CIDR, one '/' required at 'a'"},
        {"{\"$or\":[{\"a\":[1]}]}", "$or must be an array of at least two patterns at '$or'"},
        {"{\"a\":[[1]]}", "Match value must be String, number, true, false, or null at 'a'"},
    };
    for (int i = 0; i < countof(cases); i++) {
        Error err = {0};
        Json p = json_of(cases[i].pattern);
        ok(!pattern_check(&p, test_arena(), &err));
        eq_str(error_text(&err),
               str_printf(test_arena(), "Event pattern is not valid. Reason: %s", cases[i].want));
    }
}
