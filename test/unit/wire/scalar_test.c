/* scalar_test.c - texts of headers, forms and XML as typed values, and values as texts. */
#include "wire/scalar.h"

#include "test.h"

/* Members of S3 and EMR with the types in question. */
static const Member *member(const char *service, const char *operation, const char *name,
                            const Service **s)
{
    *s = model_service(str_from(service));
    const Operation *op = model_operation(*s, str_from(operation));
    const Member *m = model_member(*s, model_input(op), str_from(name));
    check(m);
    return m;
}

static Str parsed(const char *service, const char *operation, const char *name, const char *text)
{
    const Service *s;
    const char *rule = "?";
    const Member *m = member(service, operation, name, &s);
    Json v;
    if (!scalar_parse(s, m, str_from(text), test_arena(), &v, &rule)) return str_from(rule);
    return json_to_str(test_arena(), &v);
}

TEST(scalar_reads_texts_by_type)
{
    eq_str(parsed("s3", "ListObjects", "MaxKeys", " 10 "), S("10"));
    eq_str(parsed("s3", "ListObjects", "MaxKeys", "2147483648"), S("an integer"));
    eq_str(parsed("s3", "ListObjects", "MaxKeys", "1.5"), S("an integer"));
    eq_str(parsed("s3", "PutObject", "ContentLength", "5368709120"), S("5368709120"));
    eq_str(parsed("s3", "PutObject", "BucketKeyEnabled", "True"), S("true"));
    eq_str(parsed("s3", "PutObject", "BucketKeyEnabled", "yes"), S("true or false"));
    eq_str(parsed("s3", "ListObjects", "Prefix", " kept "), S("\" kept \""));
    eq_str(parsed("s3", "ListObjects", "Prefix", "\xff"), S("UTF-8"));
}

TEST(scalar_reads_timestamps_in_every_form)
{
    const char *forms[] = {"Tue, 14 Nov 2023 22:13:20 GMT",
                           "2023-11-14T22:13:20Z",
                           "2023-11-14T22:13:20.000Z",
                           "2023-11-14T23:13:20+01:00",
                           "1700000000",
                           "1.7e9",
                           "1700000000.0"};
    for (int i = 0; i < countof(forms); i++)
        eq_str(parsed("s3", "GetObject", "IfModifiedSince", forms[i]), S("1700000000"));
    eq_str(parsed("s3", "GetObject", "IfModifiedSince", "2023-11-14T22:13:20.123456Z"),
           S("1700000000.123"));
    const char *wrong[] = {
        "", "yesterday", "-1", "1e300", "2023-13-01T00:00:00Z", "99999999999999999999"};
    for (int i = 0; i < countof(wrong); i++)
        eq_str(parsed("s3", "GetObject", "IfModifiedSince", wrong[i]), S("a timestamp"));
}

TEST(scalar_seconds_are_exact)
{
    static const struct {
        const char *text;
        Millis want;
    } cases[] = {{"0", 0},
                 {"1700000000.123", 1700000000123},
                 {"1700000000.1239", 1700000000123},
                 {"17e8", 1700000000000},
                 {"-1.5", -1500},
                 {"1.7000000001E9", 1700000000100},
                 {"0.0004", 0},
                 {"123456789.000000000000000000000000001", 123456789000},
                 {"5e-400", 0}};
    for (int i = 0; i < countof(cases); i++) {
        Millis t = -1;
        ok(scalar_seconds_to_millis(str_from(cases[i].text), &t));
        eq_int(t, cases[i].want);
    }
    Millis t;
    const char *wrong[] = {"", ".", "1e", "x", "1x", "1e401", "9223372036854775807", "--1"};
    for (int i = 0; i < countof(wrong); i++)
        if (scalar_seconds_to_millis(str_from(wrong[i]), &t))
            test_fail(__FILE__, __LINE__, "accepted %s", wrong[i]);
}

static Str written(TimeFormat time, const char *json)
{
    Json v;
    Error err;
    check(json_parse(str_from(json), test_arena(), &v, &err));
    return scalar_text(&(Member){.time = (uint8_t)time}, &v, test_arena());
}

TEST(scalar_writes_timestamps_as_the_place_demands)
{
    eq_str(written(TIME_EPOCH, "1700000000.123"), S("1700000000.123"));
    eq_str(written(TIME_ISO, "1700000000"), S("2023-11-14T22:13:20Z"));
    eq_str(written(TIME_ISO, "1700000000.12"), S("2023-11-14T22:13:20.120Z"));
    eq_str(written(TIME_ISO_MILLIS, "1700000000"), S("2023-11-14T22:13:20.000Z"));
    eq_str(written(TIME_HTTP, "1700000000.9"), S("Tue, 14 Nov 2023 22:13:20 GMT"));
    eq_str(written(TIME_NONE, "true"), S("true"));
    eq_str(written(TIME_NONE, "-1.50"), S("-1.50"));
}
