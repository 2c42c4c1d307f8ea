/* cbor_test.c - RFC 8949's examples (appendix A) in and out, and what is refused with its byte. */
#include "wire/cbor.h"

#include "base/encode.h"
#include "test.h"

static Str unhex(const char *hex)
{
    Str text = str_from(hex);
    char *to = new_array(test_arena(), char, text.n / 2 + 1);
    check(hex_decode(text, to, text.n / 2));
    return (Str){to, text.n / 2};
}

static const struct {
    const char *hex, *json;
} examples[] = {
    {"00", "0"},
    {"1903e8", "1000"},
    {"1bffffffffffffffff", "18446744073709551615"},
    {"3bffffffffffffffff", "-18446744073709551616"},
    {"3863", "-100"},
    {"f90000", "0"},
    {"f93e00", "1.5"},
    {"f97bff", "65504"},
    {"f90001", "5.9604644775390625e-08"},
    {"fa47c35000", "100000"},
    {"fb3ff199999999999a", "1.1"},
    {"fbc010666666666666", "-4.1"},
    {"f97e00", "\"NaN\""},
    {"fbfff0000000000000", "\"-Infinity\""},
    {"f4", "false"},
    {"f5", "true"},
    {"f6", "null"},
    {"f7", "null"},
    {"c11a514b67b0", "1363896240"},
    {"c1fb41d452d9ec200000", "1363896240.5"},
    {"4401020304", "\"AQIDBA==\""},
    {"6449455446", "\"IETF\""},
    {"62c3bc", "\"\xc3\xbc\""},
    {"83010203", "[1,2,3]"},
    {"a26161016162820203", "{\"a\":1,\"b\":[2,3]}"},
    {"5f42010243030405ff", "\"AQIDBAU=\""},
    {"7f657374726561646d696e67ff", "\"streaming\""},
    {"9f018202039f0405ffff", "[1,[2,3],[4,5]]"},
    {"bf61610161629f0203ffff", "{\"a\":1,\"b\":[2,3]}"},
};

TEST(cbor_reads_the_specifications_examples)
{
    for (int i = 0; i < countof(examples); i++) {
        Json v = {0};
        Error err = {0};
        ok(cbor_parse(unhex(examples[i].hex), test_arena(), &v, &err));
        eq_str(json_to_str(test_arena(), &v), str_from(examples[i].json));
    }
}

TEST(cbor_refuses_what_is_none)
{
    static const char *const bad[] = {
        "",
        "18",
        "61",
        "9b7fffffffffffffff",
        "5bffffffffffffffff",
        "a10102",
        "62c328",
        "ff",
        "1c",
        "f8ff",
        "c0613a",
        "c161",
        "0000",
        "7f4101ff",
        "7f61",
        "bf6161ff",
        "c2490100000000",
        "1f",
    };
    for (int i = 0; i < countof(bad); i++) {
        Json v;
        Error err = {0};
        ok(!cbor_parse(unhex(bad[i]), test_arena(), &v, &err));
        ok(err.code == ERR_SERIALIZATION);
    }
}

TEST(cbor_has_a_greatest_depth)
{
    char deep[CBOR_DEPTH_MAX + 1];
    Json v;
    Error err = {0};
    memset(deep, (char)0x81, sizeof deep);
    deep[CBOR_DEPTH_MAX - 1] = 0;
    ok(cbor_parse((Str){deep, CBOR_DEPTH_MAX}, test_arena(), &v, &err));
    deep[CBOR_DEPTH_MAX - 1] = (char)0x81;
    deep[CBOR_DEPTH_MAX] = 0;
    ok(!cbor_parse((Str){deep, CBOR_DEPTH_MAX + 1}, test_arena(), &v, &err));
}

TEST(cbor_writes_the_shortest_heads)
{
    Buf b = {.a = test_arena()};
    cbor_int(&b, 23);
    cbor_int(&b, 24);
    cbor_int(&b, -500);
    cbor_int(&b, INT64_MIN);
    cbor_head(&b, CBOR_MAP, 1);
    cbor_text(&b, S("a"));
    cbor_double(&b, 1.1);
    cbor_bytes(&b, S("\x01"));
    cbor_bool(&b, true);
    cbor_null(&b);
    eq_str(hex_encode(test_arena(), b.p, b.n),
           S("1718183901f33b7fffffffffffffffa16161fb3ff199999999999a4101f5f6"));
}
