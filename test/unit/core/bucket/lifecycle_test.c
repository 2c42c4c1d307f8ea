/* lifecycle_test.c - when lifecycle rules are due: days end at midnight, the first rule counts, filters choose. */
#include "core/bucket/lifecycle.h"
#include "test.h"

static const Millis noon = (Millis)1700000000 * 1000;     /* 2023-11-14T22:13:20Z */
static const Millis midnight = (Millis)1700006400 * 1000; /* the one after */

static Json rules(const char *text)
{
    Json v, out;
    Error err = {0};
    Str ids[] = {S("id-0"), S("id-1"), S("id-2")};
    ok(json_parse(str_printf(test_arena(), "{\"Rules\":[%s]}", text), test_arena(), &v, &err));
    ok(lifecycle_check(&v, ids, test_arena(), &out, &err));
    return out;
}

static LifecycleSubject subject(const char *key)
{
    return (LifecycleSubject){.key = str_from(key), .size = 10, .since = noon};
}

TEST(lifecycle_days_end_at_the_next_midnight)
{
    Json c = rules("{\"Status\":\"Enabled\",\"Filter\":{},\"Expiration\":{\"Days\":3}}");
    LifecycleSubject x = subject("k");
    LifecycleDue due = lifecycle_expires(&c, &x);
    eq_int(due.at, midnight + 3 * LIFECYCLE_DAY_MS);
    eq_str(due.rule, S("id-0"));
    x.since = midnight;
    eq_int(lifecycle_expires(&c, &x).at, midnight + 3 * LIFECYCLE_DAY_MS);
    eq_int(lifecycle_noncurrent_expires(&c, &x, 0).at, INT64_MAX);
    eq_int(lifecycle_aborts(&c, &x).at, INT64_MAX);
}

TEST(lifecycle_the_first_that_is_due_counts)
{
    Json c = rules(
        "{\"ID\":\"late\",\"Status\":\"Enabled\",\"Filter\":{\"Prefix\":\"a\"},"
        "\"Expiration\":{\"Days\":9}},"
        "{\"ID\":\"soon\",\"Status\":\"Enabled\",\"Filter\":{\"Prefix\":\"a/b\"},"
        "\"Expiration\":{\"Days\":2}},"
        "{\"ID\":\"off\",\"Status\":\"Disabled\",\"Prefix\":\"\",\"Expiration\":{\"Days\":1}}");
    LifecycleSubject deep = subject("a/b/c"), other = subject("a/c"), none = subject("b");
    eq_str(lifecycle_expires(&c, &deep).rule, S("soon"));
    eq_str(lifecycle_expires(&c, &other).rule, S("late"));
    eq_int(lifecycle_expires(&c, &none).at, INT64_MAX);
}

TEST(lifecycle_noncurrent_versions_that_are_to_stay)
{
    Json c = rules("{\"Status\":\"Enabled\",\"Filter\":{},\"NoncurrentVersionExpiration\":"
                   "{\"NoncurrentDays\":1,\"NewerNoncurrentVersions\":2}}");
    LifecycleSubject x = subject("k");
    eq_int(lifecycle_noncurrent_expires(&c, &x, 0).at, INT64_MAX);
    eq_int(lifecycle_noncurrent_expires(&c, &x, 1).at, INT64_MAX);
    eq_int(lifecycle_noncurrent_expires(&c, &x, 2).at, midnight + LIFECYCLE_DAY_MS);
}

TEST(lifecycle_sizes_are_strict)
{
    Json c = rules("{\"Status\":\"Enabled\",\"Filter\":{\"And\":{\"ObjectSizeGreaterThan\":9,"
                   "\"ObjectSizeLessThan\":11}},\"Expiration\":{\"Days\":1}}");
    LifecycleSubject x = subject("k");
    ok(lifecycle_expires(&c, &x).at < INT64_MAX);
    x.size = 9;
    eq_int(lifecycle_expires(&c, &x).at, INT64_MAX);
    x.size = 11;
    eq_int(lifecycle_expires(&c, &x).at, INT64_MAX);
}

TEST(lifecycle_all_tags_must_be_there)
{
    Json c = rules("{\"Status\":\"Enabled\",\"Filter\":{\"And\":{\"Tags\":["
                   "{\"Key\":\"a\",\"Value\":\"1\"},{\"Key\":\"b\",\"Value\":\"2\"}]}},"
                   "\"Expiration\":{\"Days\":1}}"),
         one, both;
    Error err = {0};
    ok(json_parse(S("[{\"Key\":\"a\",\"Value\":\"1\"}]"), test_arena(), &one, &err));
    ok(json_parse(S("[{\"Value\":\"2\",\"Key\":\"b\"},{\"Key\":\"a\",\"Value\":\"1\"}]"),
                  test_arena(), &both, &err));
    LifecycleSubject x = subject("k");
    eq_int(lifecycle_expires(&c, &x).at, INT64_MAX);
    x.tags = &one;
    eq_int(lifecycle_expires(&c, &x).at, INT64_MAX);
    x.tags = &both;
    ok(lifecycle_expires(&c, &x).at < INT64_MAX);
}

TEST(lifecycle_markers_and_uploads)
{
    Json c = rules("{\"Status\":\"Enabled\",\"Filter\":{\"Prefix\":\"m\"},\"Expiration\":"
                   "{\"ExpiredObjectDeleteMarker\":true}},"
                   "{\"Status\":\"Enabled\",\"Filter\":{\"Prefix\":\"u\"},"
                   "\"AbortIncompleteMultipartUpload\":{\"DaysAfterInitiation\":7}}");
    LifecycleSubject m = subject("m"), u = subject("u");
    eq_int(lifecycle_marker_expires(&c, &m).at, noon);
    eq_int(lifecycle_expires(&c, &m).at, INT64_MAX);
    eq_int(lifecycle_aborts(&c, &u).at, midnight + 7 * LIFECYCLE_DAY_MS);
    eq_int(lifecycle_aborts(&c, &m).at, INT64_MAX);
}
