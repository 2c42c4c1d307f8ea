/* logfilter_test.c - filter patterns and messages: what matches, what does not, what is refused. */
#include "core/logfilter/logfilter.h"
#include "test.h"

#define ACCESS                                                                                     \
    "127.0.0.1 Prod frank [10/Oct/2000:13:25:15 -0700] \"GET /index.html HTTP/1.0\" 404 1534"
#define DOCUMENT                                                                                   \
    "{\"eventType\":\"UpdateTrail\",\"sourceIPAddress\":\"111.111.111.111\",\"arrayKey\":["        \
    "\"value\",\"another value\"],\"objectList\":[{\"name\":\"a\",\"id\":1},{\"name\":\"b\","      \
    "\"id\":2}],\"SomeObject\":null,\"ThisFlag\":true,\"bandwidth\":75.50,\"cluster.name\":\"c\"," \
    "\"big\":123456789012345678901234567890,\"user\":{\"id\":1,\"email\":\"J@x.com\"},\"e\":1e3}"

static const struct {
    const char *pattern, *message;
    bool matches;
} cases[] = {
    {"", "anything", true},
    {"ERROR", "[ERROR 400] BAD REQUEST", true},
    {"ERROR", "[error 400] BAD REQUEST", false},
    {"ERROR ARGUMENTS", "[ERROR 419] MISSING ARGUMENTS", true},
    {"ERROR ARGUMENTS", "[ERROR 400] BAD REQUEST", false},
    {"\"INTERNAL SERVER ERROR\"", "[ERROR 500] INTERNAL SERVER ERROR", true},
    {"\"INTERNAL SERVER ERROR\"", "INTERNAL ERROR of the SERVER", false},
    {"\"say \\\"x\\\"\"", "they say \"x\"", true},
    {"?ERROR ?WARN", "WARN: low", true},
    {"?ERROR ?WARN", "INFO: low", false},
    {"?ERROR ?WARN low", "INFO: low", true},
    {"-ERROR", "INFO", true},
    {"-ERROR", "ERROR", false},
    {"low -\"a b\"", "low a b", false},
    {"%4[0-9]{2}%", "status 418", true},
    {"%^4[0-9]{2}%", "status 418", false},
    {"?%a+b% ?c", "xaab", true},
    {"{ $.eventType = \"UpdateTrail\" }", DOCUMENT, true},
    {"{ $.eventType = UpdateTrail }", DOCUMENT, true},
    {"{ $.eventType = \"Update*\" }", DOCUMENT, true},
    {"{ $.eventType = \"*Trai\" }", DOCUMENT, false},
    {"{$.eventType=%Tra[ij]l%}", DOCUMENT, true},
    {"{ $.eventType != %Tra[ij]l% }", DOCUMENT, false},
    {"{ $.sourceIPAddress != 123.123.* }", DOCUMENT, true},
    {"{ $.sourceIPAddress = 111.111.* }", DOCUMENT, true},
    {"{ $.arrayKey[0] = \"value\" }", DOCUMENT, true},
    {"{ $.arrayKey[1] = \"value\" }", DOCUMENT, false},
    {"{ $.arrayKey[*] = \"another value\" }", DOCUMENT, true},
    {"{ $.objectList[1].id = 2 }", DOCUMENT, true},
    {"{ $.objectList[*].id > 2 }", DOCUMENT, false},
    {"{ $.SomeObject IS NULL }", DOCUMENT, true},
    {"{ $.eventType IS NULL }", DOCUMENT, false},
    {"{ $.SomeOtherObject NOT EXISTS }", DOCUMENT, true},
    {"{ $.SomeObject NOT EXISTS }", DOCUMENT, false},
    {"{ $.ThisFlag IS TRUE }", DOCUMENT, true},
    {"{ $.ThisFlag IS FALSE }", DOCUMENT, false},
    {"{ $.bandwidth > 75 }", DOCUMENT, true},
    {"{ $.bandwidth = 75.5 }", DOCUMENT, true},
    {"{ $.bandwidth < 75.49 }", DOCUMENT, false},
    {"{ $.bandwidth >= -75 }", DOCUMENT, true},
    {"{ $.big > 123456789012345678901234567889 }", DOCUMENT, true},
    {"{ $.big <= 123456789012345678901234567889 }", DOCUMENT, false},
    {"{ $.e = 1000 && $.e = 1.0E+3 }", DOCUMENT, true},
    {"{ $.eventType > 3 }", DOCUMENT, false},
    {"{ $.missing != 3 }", DOCUMENT, false},
    {"{ $.['cluster.name'] = \"c\" }", DOCUMENT, true},
    {"{ ($.user.id = 1) && ($.user.email = \"J@x.com\") }", DOCUMENT, true},
    {"{ $.user.id = 2 || $.user.id = 1 && $.ThisFlag IS TRUE }", DOCUMENT, true},
    {"{ ($.user.id = 1 || $.user.id = 2) && $.ThisFlag IS FALSE }", DOCUMENT, false},
    {"{ $.a = 1 }", "not a document", false},
    {"[ip, user, username, timestamp, request, status_code, bytes]", ACCESS, true},
    {"[ip, user, username, timestamp, request, status_code]", ACCESS, false},
    {"[ip, user, username, timestamp, request=*.html*, status_code = 4*, bytes > 1000]", ACCESS,
     true},
    {"[ip, user, username, timestamp, request, status_code = 4*, bytes > 1534]", ACCESS, false},
    {"[..., status_code = 404, bytes]", ACCESS, true},
    {"[ip = 127.0.0.1, ..., bytes < 2000]", ACCESS, true},
    {"[..., (status = 404 || status = 410), bytes]", ACCESS, true},
    {"[..., status = 4* && status != 404, bytes]", ACCESS, false},
    {"[w1=ERROR, w2]", "ERROR here", true},
    {"[w1!=ERROR&&w1!=%WARN%, w2]", "WARNING here", false},
    {"[...]", "", true},
};

static bool matches(const char *pattern, const char *message)
{
    const LogFilter *f;
    Str why = {0};
    if (!logfilter_parse(str_from(pattern), test_arena(), &f, &why)) {
        test_fail(__FILE__, __LINE__, "%s is refused: %.*s", pattern, STR(why));
        return false;
    }
    return logfilter_matches(f, str_from(message), test_arena());
}

TEST(logfilter_matches)
{
    for (int i = 0; i < countof(cases); i++)
        if (matches(cases[i].pattern, cases[i].message) != cases[i].matches)
            test_fail(__FILE__, __LINE__, "%s %s %s", cases[i].pattern,
                      cases[i].matches ? "should match" : "should not match", cases[i].message);
}

static const char *const refused[][2] = {
    {"ERROR: no", "Invalid character(s) in term 'ERROR:'"},
    {"\"open", "Missing closing quotation mark"},
    {"%a(b)%", "Invalid character(s) in regex 'a(b)'"},
    {"%a[%", "Invalid regex 'a['"},
    {"%a% %b% %c%", "A pattern can have at most 2 regexes"},
    {"{ $.a }", "Invalid operator"},
    {"{ a = 1 }", "A selector begins with $"},
    {"{ $.a > x }", "A numeric value is required to compare with"},
    {"{ $.a = 1", "Missing }"},
    {"{ ($.a = 1 }", "Missing )"},
    {"{ $.a = 1 } x", "Unexpected text behind the pattern"},
    {"{ $.a[ = 1 }", "Missing ] in selector"},
    {"[a, b", "Missing ]"},
    {"[..., a, ...]", "Only one ellipsis is allowed"},
};

TEST(logfilter_refuses)
{
    for (int i = 0; i < countof(refused); i++) {
        const LogFilter *f;
        Str why = S("nothing");
        ok(!logfilter_parse(str_from(refused[i][0]), test_arena(), &f, &why));
        eq_str(why, str_from(refused[i][1]));
    }
}

/* a*a*a*... against aaa...b: the match gives up instead of trying all ways. */
TEST(logfilter_regex_is_bounded)
{
    char message[4000];
    memset(message, 'a', sizeof message - 1);
    message[sizeof message - 1] = 0;
    ok(!matches("%a*a*a*a*a*a*a*a*a*a*c%", message));
}
