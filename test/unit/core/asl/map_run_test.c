/* map_run_test.c - Map Runs: concurrency, thresholds, batches. */
#include "core/asl/map_run.h"
#include "test.h"

static Json parse(const char *text)
{
    Json v = {0};
    Error err;
    ok(json_parse(str_from(text), test_arena(), &v, &err));
    return v;
}

static AslMapRun run_of(const char *order, int64_t items)
{
    AslMapRun run = {0};
    Json v = parse(order);
    ok(asl_map_run_open(&v, items, &run));
    return run;
}

TEST(map_run_starts_as_many_as_may_run)
{
    AslMapRun r = run_of("{\"MaxConcurrency\":3}", 5);
    eq_int(asl_map_run_may_start(&r), 3);
    r.started = r.running = 3;
    eq_int(asl_map_run_may_start(&r), 0);
    r.succeeded = 2;
    r.running = 1;
    eq_int(asl_map_run_may_start(&r), 2);
    r.started = r.succeeded = 5;
    r.running = 0;
    eq_int(asl_map_run_state(&r), ASL_MAP_RUN_SUCCESS);
    r = run_of("{\"MaxConcurrency\":0}", 50000);
    eq_int(asl_map_run_may_start(&r), ASL_MAP_RUN_CHILDREN_MAX);
    r = run_of("{}", 0);
    eq_int(asl_map_run_state(&r), ASL_MAP_RUN_SUCCESS);
}

static AslMapRunState with_failures(const char *order, int64_t failed)
{
    AslMapRun r = run_of(order, 10);
    r.started = 10;
    r.failed = failed;
    return asl_map_run_state(&r);
}

TEST(map_run_tolerates_what_it_is_told_to)
{
    eq_int(with_failures("{}", 1), ASL_MAP_RUN_FAILURE);
    eq_int(with_failures("{\"ToleratedFailureCount\":2}", 2), ASL_MAP_RUN_RUNS);
    eq_int(with_failures("{\"ToleratedFailureCount\":2}", 3), ASL_MAP_RUN_FAILURE);
    eq_int(with_failures("{\"ToleratedFailurePercentage\":20}", 2), ASL_MAP_RUN_RUNS);
    eq_int(with_failures("{\"ToleratedFailurePercentage\":19.9}", 2), ASL_MAP_RUN_FAILURE);
    eq_int(with_failures("{\"ToleratedFailureCount\":5,\"ToleratedFailurePercentage\":10}", 2),
           ASL_MAP_RUN_FAILURE);
    eq_int(with_failures("{\"ToleratedFailurePercentage\":100}", 10), ASL_MAP_RUN_SUCCESS);
}

static Str input(const char *order, const char *items, int64_t from, int64_t *taken)
{
    Json o = parse(order), v = parse(items), out;
    *taken = asl_map_run_input(&o, &v, from, test_arena(), &out);
    return *taken ? json_to_str(test_arena(), &out) : S("none");
}

TEST(map_run_batches)
{
    int64_t n;
    eq_str(input("{}", "[7,8]", 1, &n), S("8"));
    eq_str(input("{}", "[7,8]", 2, &n), S("none"));
    eq_str(input("{\"ItemBatcher\":{\"MaxItemsPerBatch\":2,\"BatchInput\":{\"k\":1}}}", "[7,8,9]",
                 0, &n),
           S("{\"BatchInput\":{\"k\":1},\"Items\":[7,8]}"));
    eq_int(n, 2);
    eq_str(input("{\"ItemBatcher\":{\"MaxItemsPerBatch\":2}}", "[7,8,9]", 2, &n),
           S("{\"Items\":[9]}"));
    eq_int(n, 1);
    eq_str(
        input("{\"ItemBatcher\":{\"MaxInputBytesPerBatch\":10}}", "[\"aaaa\",\"b\",\"c\"]", 0, &n),
        S("{\"Items\":[\"aaaa\"]}"));
    eq_str(input("{\"ItemBatcher\":{\"MaxInputBytesPerBatch\":3}}", "[\"aaaa\"]", 0, &n),
           S("{\"Items\":[\"aaaa\"]}"));
}
