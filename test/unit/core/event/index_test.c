/* index_test.c - the index finds exactly the patterns that matching each of them finds. */
#include "core/event/index.h"

#include "../../../test.h"

static Json json_of(Str text)
{
    Error err = {0};
    Json v = {0};
    if (!json_parse(text, test_arena(), &v, &err))
        test_fail(__FILE__, __LINE__, "%.*s", STR(error_text(&err)));
    return v;
}

static uint64_t next_random(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return *seed >> 33;
}

/* A small world of values, so that many patterns share them. */
static Json random_pattern(uint64_t *seed)
{
    Buf b = {.a = test_arena()};
    const char *sources[] = {"[\"a\"]", "[\"a\",\"b\"]", "[{\"prefix\":\"a\"}]", "[\"b\",null]"};
    buf_printf(&b, "{\"source\":%s", sources[next_random(seed) % 4]);
    if (next_random(seed) % 2)
        buf_printf(&b, ",\"detail\":{\"k%d\":[\"v%d\"]}", (int)(next_random(seed) % 3),
                   (int)(next_random(seed) % 3));
    if (next_random(seed) % 4 == 0)
        buf_printf(&b, ",\"$or\":[{\"x\":[\"1\"]},{\"y\":[\"%d\"]}]", (int)(next_random(seed) % 3));
    buf_put(&b, S("}"));
    return json_of(buf_str(&b));
}

static Json random_event(uint64_t *seed)
{
    Buf b = {.a = test_arena()};
    const char *sources[] = {"\"a\"", "\"b\"", "[\"b\",\"c\"]", "\"ab\""};
    buf_printf(
        &b, "{\"source\":%s,\"y\":\"%d\",\"detail\":{\"k%d\":\"v%d\",\"k1\":[\"v%d\",\"v0\"]}}",
        sources[next_random(seed) % 4], (int)(next_random(seed) % 3), (int)(next_random(seed) % 3),
        (int)(next_random(seed) % 3), (int)(next_random(seed) % 3));
    return json_of(buf_str(&b));
}

TEST(event_index_finds_what_matching_all_finds)
{
    enum { PATTERNS = 200, EVENTS = 300 };
    uint64_t seed = 7;
    int32_t found_n = 0;
    Json *patterns = new_array(test_arena(), Json, PATTERNS);
    for (int i = 0; i < PATTERNS; i++) patterns[i] = random_pattern(&seed);
    EventIndex *x = event_index_new(test_arena(), patterns, PATTERNS);
    for (int e = 0; e < EVENTS; e++) {
        int32_t *found, at = 0;
        Json event = random_event(&seed);
        int32_t n = event_index_find(x, &event, test_arena(), &found);
        for (int32_t i = 0; i < PATTERNS; i++) {
            bool listed = at < n && found[at] == i;
            ok(listed == pattern_matches(&patterns[i], &event, test_arena()));
            at += listed;
        }
        ok(at == n);
        found_n += n;
    }
    ok(found_n > EVENTS);
}

TEST(event_index_of_no_patterns_finds_none)
{
    int32_t *found;
    Json event = json_of(S("{\"source\":\"a\"}"));
    ok(event_index_find(event_index_new(test_arena(), NULL, 0), &event, test_arena(), &found) == 0);
}
