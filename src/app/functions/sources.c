/* sources.c - when event source mappings take messages, and the states they go through. */
#include "app/functions/sources.h"

#include "core/function/source.h"
#include "store/timers.h"

#define TIMER S("event-source")

static Str subject_of(Server *s, int64_t n)
{
    return str_printf(&s->turn, "%" PRId64, n);
}

Str source_arn(Arena *a, const EventSourceRow *row)
{
    return str_printf(a, "arn:aws:lambda:%.*s:%.*s:event-source-mapping:%.*s", STR(row->region),
                      STR(row->account), STR(row->id));
}

Json source_config(Arena *a, const EventSourceRow *row)
{
    Json config;
    Error err = {0};
    check(json_parse(row->config, a, &config, &err));
    return config;
}

void sources_begin(Server *s, const EventSourceRow *row)
{
    timer_set(s->db, TIMER, subject_of(s, row->n), s->now);
}

/* While a window fills, each message would have it counted again. */
void sources_queue_changed(Server *s, int64_t queue)
{
    int64_t *sources, n = event_source_of_queue(s->db, queue, &s->turn, &sources);
    for (int64_t i = 0; i < n; i++) {
        EventSourceRow row;
        if (!event_source_get(s->db, sources[i], &s->turn, &row)) continue;
        timer_set_by(s->db, TIMER, subject_of(s, row.n),
                     s->now + (row.window_since ? SOURCE_LOOK_MS : 0));
    }
}

/* ---- states ---- */

/* false: it is gone, or takes nothing. */
static bool settle(Server *s, EventSourceRow *row)
{
    Json config = source_config(&s->turn, row);
    bool enabled = json_true(json_get(&config, S("Enabled")));
    if (str_eq(row->state, S("Deleting"))) {
        if (!source_batch_count(s->db, row->n)) event_source_remove(s->db, row->n);
        return false;
    }
    Str settled = enabled ? S("Enabled") : S("Disabled");
    if (!str_eq(row->state, settled)) {
        row->state = settled;
        row->window_since = 0;
        event_source_set(s->db, row);
    }
    return enabled;
}

static void note(Server *s, EventSourceRow *row, Str result)
{
    if (!str_absent(row->result) && str_eq(row->result, result)) return;
    row->result = result;
    event_source_set(s->db, row);
}

/* ---- taking ---- */

/* false: not now; *again is when to look next, or INT64_MAX. */
static bool may_take(Server *s, EventSourceRow *row, const Json *config, Millis *again)
{
    FunctionTarget f;
    int64_t most = json_int_or(json_find(config, "ScalingConfig.MaximumConcurrency"),
                               SOURCE_CONCURRENCY_DEFAULT);
    *again = INT64_MAX;
    if (source_batch_count(s->db, row->n) >= most) return false;
    switch (sources_ready(s, row, &f)) {
    case SOURCE_READY: return true;
    case SOURCE_BUSY: *again = s->now + SOURCE_AGAIN_MS; return false;
    case SOURCE_NO_FUNCTION:
        *again = s->now + SOURCE_ABSENT_MS;
        note(s, row, S("PROBLEM: Function not found"));
        return false;
    default: unreachable();
    }
}

/* One batch, if there is enough for it. */
static bool take(Server *s, EventSourceRow *row, const QueueRow *q, const Json *config,
                 Millis *again)
{
    Millis visible;
    int64_t size = json_int_or(json_get(config, S("BatchSize")), SOURCE_BATCH_DEFAULT);
    int64_t window_s = json_int_or(json_get(config, S("MaximumBatchingWindowInSeconds")), 0);
    int64_t ready = queues_ready(s, q, size, &visible);
    SourceWindow w = source_window(ready, size, window_s * 1000, row->window_since, s->now);
    if (w.due <= s->now) w.since = 0;
    if (w.since != row->window_since) {
        row->window_since = w.since;
        event_source_set(s->db, row);
    }
    *again = w.due < visible ? w.due : visible;
    if (w.due > s->now) return false;
    (void)!sources_take(s, row, q, size);
    return true;
}

static void poll(Server *s, EventSourceRow *row)
{
    QueueRow q;
    Millis again = INT64_MAX;
    Json config = source_config(&s->turn, row);
    if (!queues_by_arn(s, row->queue, &s->turn, &q)) {
        note(s, row, S("PROBLEM: The specified queue does not exist."));
        return;
    }
    int batches = 0;
    while (batches < SOURCE_BATCHES_AT_ONCE && may_take(s, row, &config, &again) &&
           take(s, row, &q, &config, &again))
        batches++;
    if (batches == SOURCE_BATCHES_AT_ONCE) again = s->now;
    if (again < INT64_MAX) timer_set_by(s->db, TIMER, subject_of(s, row->n), again);
}

void sources_due(Server *s, Str subject)
{
    int64_t n;
    EventSourceRow row;
    check(str_to_int(subject, &n));
    if (event_source_get(s->db, n, &s->turn, &row) && settle(s, &row)) poll(s, &row);
}
