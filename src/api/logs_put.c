/* logs_put.c - PutLogEvents: a batch is checked whole, and what is too old or too new is left out and told. */
#include "api/logs.h"
#include "app/watch/cloudwatch_logs.h"
#include "app/watch/log_filters.h"

enum {
    HOUR_MS = 3600 * 1000,
    DAY_MS = 24 * HOUR_MS,
    SPAN_MS_MAX = DAY_MS,
    NEW_MS_MAX = 2 * HOUR_MS,
    OLD_MS_MAX = 14 * DAY_MS,
};

static Millis at_of(const Json *events, int32_t i)
{
    return json_int_or(json_get(json_at(events, i), S("timestamp")), 0);
}

static bool check_batch(const Json *events, Error *err)
{
    int64_t bytes = 0;
    int32_t n = json_count(events);
    for (int32_t i = 0; i < n; i++) {
        bytes += json_text(json_get(json_at(events, i), S("message"))).n + LOG_EVENT_OVERHEAD;
        if (i && at_of(events, i) < at_of(events, i - 1))
            return error_set(err, ERR_VALIDATION,
                             "Log events in a single PutLogEvents request must be in "
                             "chronological order.");
    }
    if (bytes > LOGS_PAGE_BYTES_MAX)
        return error_set(err, ERR_VALIDATION,
                         "Upload too large: %" PRId64 " bytes exceeds limit of %d", bytes,
                         LOGS_PAGE_BYTES_MAX);
    if (n && at_of(events, n - 1) - at_of(events, 0) > SPAN_MS_MAX)
        return error_set(err, ERR_VALIDATION,
                         "The batch of log events in a single PutLogEvents request cannot span "
                         "more than 24 hours.");
    return true;
}

/* Events are in order: those below `until` are before the time. */
static int32_t count_before(const Json *events, Millis time)
{
    int32_t n = 0;
    while (n < json_count(events) && at_of(events, n) < time) n++;
    return n;
}

typedef struct Kept {
    int32_t from, until;
    Json rejected; /* rejectedLogEventsInfo; null: none was */
} Kept;

static Kept choose(Call *call, const LogGroupRow *group, const Json *events)
{
    Arena *a = call->arena;
    JsonObject o = {.a = a};
    int32_t n = json_count(events), old = count_before(events, call->now - OLD_MS_MAX), expired = 0,
            fresh = count_before(events, call->now + NEW_MS_MAX + 1);
    if (group->retention_days)
        expired = count_before(events, call->now - group->retention_days * DAY_MS);
    if (fresh < n) json_put(&o, S("tooNewLogEventStartIndex"), json_int(a, fresh));
    if (old) json_put(&o, S("tooOldLogEventEndIndex"), json_int(a, old));
    if (expired > old) json_put(&o, S("expiredLogEventEndIndex"), json_int(a, expired));
    return (Kept){old > expired ? old : expired, fresh, o.n ? json_object(&o) : (Json){0}};
}

CallResult logs_put_events(Call *call, Error *err)
{
    LogGroupRow group;
    LogStreamRow stream;
    JsonObject out = {.a = call->arena};
    const Json *events = json_get(&call->in, S("logEvents"));
    if (!check_batch(events, err) || !logs_group(call, &group, err) ||
        !logs_stream(call, &group, logs_text(call, "logStreamName"), &stream, err))
        return CALL_FAILED;
    Kept kept = choose(call, &group, events);
    int64_t bytes = 0;
    LogFed *fed = new_array(call->arena, LogFed, json_count(events) + 1);
    for (int32_t i = kept.from; i < kept.until; i++) {
        Str message = json_text(json_get(json_at(events, i), S("message")));
        log_event_add(call->server->db, &stream, at_of(events, i), call->now, message);
        bytes += message.n + LOG_EVENT_OVERHEAD;
        fed[i - kept.from] = (LogFed){at_of(events, i), message};
    }
    if (kept.from < kept.until) {
        log_stream_count(call->server->db, &stream);
        log_meter(call->server, &group, kept.until - kept.from, bytes);
        log_filters_feed(call->server, &group, stream.name, fed, kept.until - kept.from);
    }
    json_put_text(&out, S("nextSequenceToken"), str_printf(call->arena, "%056" PRId64, stream.n));
    json_put(&out, S("rejectedLogEventsInfo"), kept.rejected);
    call->out = json_object(&out);
    return CALL_DONE;
}
