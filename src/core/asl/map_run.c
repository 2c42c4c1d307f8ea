/* map_run.c - the arithmetic of Map Runs: concurrency, tolerated failures, batches. */
#include "core/asl/map_run.h"
#include "core/asl/expr.h"

int64_t asl_map_run_concurrency(int64_t given)
{
    return given <= 0 || given > ASL_MAP_RUN_CHILDREN_MAX ? ASL_MAP_RUN_CHILDREN_MAX : given;
}

bool asl_map_run_open(const Json *order, int64_t items, AslMapRun *out)
{
    const Json *count = json_get(order, S("ToleratedFailureCount"));
    const Json *percentage = json_get(order, S("ToleratedFailurePercentage"));
    int64_t most = json_int_or(json_get(order, S("MaxConcurrency")), 0);
    if (items < 0 || !json_is(order, JSON_OBJECT)) return false;
    *out = (AslMapRun){.items = items, .tolerated_count = -1, .tolerated_per_million = -1};
    if (count) out->tolerated_count = json_int_or(count, 0);
    if (percentage) out->tolerated_per_million = (int64_t)(asl_number(percentage) * 10000 + 0.5);
    if (!count && !percentage) out->tolerated_count = 0;
    out->concurrency_max = asl_map_run_concurrency(most);
    return true;
}

static int64_t bad(const AslMapRun *r)
{
    return r->failed + r->timed_out + r->aborted;
}

/* Either threshold alone is enough. */
static bool exceeded(const AslMapRun *r)
{
    if (r->tolerated_count >= 0 && bad(r) > r->tolerated_count) return true;
    return r->tolerated_per_million >= 0 && bad(r) * 1000000 > r->tolerated_per_million * r->items;
}

AslMapRunState asl_map_run_state(const AslMapRun *r)
{
    if (exceeded(r)) return ASL_MAP_RUN_FAILURE;
    return r->succeeded + bad(r) == r->items ? ASL_MAP_RUN_SUCCESS : ASL_MAP_RUN_RUNS;
}

int64_t asl_map_run_may_start(const AslMapRun *r)
{
    int64_t room = r->concurrency_max - r->running, left = r->items - r->started;
    if (exceeded(r) || room < 0) return 0;
    return room < left ? room : left;
}

enum { BATCH_BYTES_MAX = 256 << 10 };

static int64_t limit(const Json *batcher, Str name, int64_t most)
{
    int64_t given = json_int_or(json_get(batcher, name), most);
    return given > 0 && given < most ? given : most;
}

/* At least one item, also when it alone is too large: the child's own limit then tells. */
static int64_t batch_length(const Json *batcher, const Json *items, int64_t from, Arena *a)
{
    int64_t most = limit(batcher, S("MaxItemsPerBatch"), INT32_MAX);
    int64_t bytes = limit(batcher, S("MaxInputBytesPerBatch"), BATCH_BYTES_MAX), n = 0;
    const Json *shared = json_get(batcher, S("BatchInput"));
    int64_t used = shared ? json_to_str(a, shared).n : 0;
    for (; n < most && from + n < items->n; n++) {
        used += json_to_str(a, &items->items[from + n]).n + 1;
        if (n > 0 && used > bytes) break;
    }
    return n;
}

int64_t asl_map_run_input(const Json *order, const Json *items, int64_t from, Arena *a, Json *out)
{
    const Json *batcher = json_get(order, S("ItemBatcher"));
    if (!json_is(items, JSON_ARRAY) || from < 0 || from >= items->n) return 0;
    if (!batcher) return *out = items->items[from], 1;
    int64_t n = batch_length(batcher, items, from, a);
    JsonObject o = {.a = a};
    json_put_json(&o, S("BatchInput"), json_get(batcher, S("BatchInput")));
    json_put(&o, S("Items"),
             (Json){.type = JSON_ARRAY, .n = (int32_t)n, .items = items->items + from});
    *out = json_object(&o);
    return n;
}
