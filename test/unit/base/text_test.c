/* text_test.c - strings, encodings and times: known answers and round trips. */
#include "base/encode.h"
#include "base/time.h"
#include "test.h"

TEST(str_cuts_and_slices)
{
    Str rest = S("a,,b"), part;
    StrVec parts = {0};
    while (str_cut(&rest, ',', &part)) *vec_push(test_arena(), &parts) = part;
    eq_int(parts.n, 3);
    eq_str(str_join(test_arena(), parts.p, parts.n, S("|")), S("a||b"));
    eq_str(str_slice(S("hello"), -3, 99), S("hello"));
    eq_str(str_slice(S("hello"), 4, 2), S(""));
    eq_str(str_slice(S("hello"), 1, -2), S(""));
    eq_str(str_trim(S(" \t x y\r\n")), S("x y"));
}

TEST(str_numbers_keep_to_their_range)
{
    int64_t v;
    ok(str_to_int(S("-9223372036854775808"), &v) && v == INT64_MIN);
    ok(str_to_int(S("9223372036854775807"), &v) && v == INT64_MAX);
    ok(!str_to_int(S("9223372036854775808"), &v));
    ok(!str_to_int(S(""), &v) && !str_to_int(S("-"), &v) && !str_to_int(S("1 "), &v) &&
       !str_to_int(S("+1"), &v));
}

TEST(buf_grows_to_any_size)
{
    Buf b = {.a = test_arena()};
    for (int i = 0; i < 10000; i++) buf_printf(&b, "%04d", i);
    eq_int(b.n, 40000);
    eq_str(str_slice(buf_str(&b), 39996, 40000), S("9999"));
}

TEST(encode_known_answers)
{
    Arena *a = test_arena();
    Str out;
    const char *plain[] = {"", "f", "fo", "foo", "foob", "fooba", "foobar"};
    const char *coded[] = {"",         "Zg==",     "Zm8=",    "Zm9v",
                           "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"}; /* RFC 4648, 10 */
    for (int i = 0; i < countof(plain); i++) {
        eq_str(base64_encode(a, str_from(plain[i])), str_from(coded[i]));
        ok(base64_decode(a, str_from(coded[i]), &out));
        eq_str(out, str_from(plain[i]));
    }
    ok(!base64_decode(a, S("Zg="), &out) && !base64_decode(a, S("Z===g"), &out) &&
       !base64_decode(a, S("Zg=a"), &out));
    eq_str(percent_encode(a, S("a b/\xc3\xa9~"), S("/")), S("a%20b/%C3%A9~"));
    ok(percent_decode(a, S("a%20b+c"), true, &out));
    eq_str(out, S("a b c"));
    ok(!percent_decode(a, S("%2"), false, &out) && !percent_decode(a, S("%zz"), false, &out));
    eq_str(hex_encode(a, "\x00\xff", 2), S("00ff"));
}

TEST(utf8_refuses_overlong_and_surrogates)
{
    ok(utf8_valid(S("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80")));
    ok(!utf8_valid(S("\xc0\xaf")) && !utf8_valid(S("\xed\xa0\x80")) &&
       !utf8_valid(S("\xf4\x90\x80\x80")));
    eq_int(utf8_count(S("a\xc3\xa9\xf0\x9f\x98\x80")), 3);
}

TEST(time_formats_and_parses)
{
    Arena *a = test_arena();
    Millis t;
    eq_str(time_iso8601(a, 1700000000123), S("2023-11-14T22:13:20.123Z"));
    eq_str(time_iso8601_basic(a, 1700000000123), S("20231114T221320Z"));
    eq_str(time_http(a, 784111777000), S("Sun, 06 Nov 1994 08:49:37 GMT")); /* RFC 9110, 5.6.7 */
    ok(time_parse_http(S("Sun, 06 Nov 1994 08:49:37 GMT"), &t) && t == 784111777000);
    ok(time_parse_iso8601(S("2023-11-15T00:13:20.123+02:00"), &t) && t == 1700000000123);
    ok(time_parse_iso8601_basic(S("20231114T221320Z"), &t) && t == 1700000000000);
    ok(!time_parse_iso8601(S("2023-02-29"), &t) &&
       !time_parse_iso8601(S("2023-11-14T22:13:20"), &t));
}

TEST(time_civil_round_trips_over_centuries)
{
    for (Millis t = -62135596800000; t < 253402300799000; t += 86399999ll * 97) {
        Civil c = civil_from_millis(t);
        if (millis_from_civil(&c) != t) test_fail(__FILE__, __LINE__, "at %" PRId64, t);
    }
    ok(civil_from_millis(0).weekday == 4);
}
