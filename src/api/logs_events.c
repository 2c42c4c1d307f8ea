/* logs_events.c - reading log events over the API: GetLogEvents and FilterLogEvents. */
#include "api/logs.h"

#include "core/logfilter/logfilter.h"

enum { DAY_MS = 24 * 3600 * 1000 };

/* 2024-01-01: FilterLogEvents goes backwards only from there on. */
#define BACKWARDS_SINCE_MS ((Millis)1704067200000)

/* One page under way. */
typedef struct Page {
    Call *call;
    JsonArray events;
    const LogFilter *filter; /* NULL: all */
    Str stream_prefix;       /* absent: any */
    const Json *streams;     /* names; NULL: any */
    Arena scratch;
    bool with_ids; /* name of the stream and eventId */
    int64_t limit, bytes, scanned, scanned_bytes;
    LogPlace first, last; /* of those looked at */
    bool full;            /* there may be more */
} Page;

/* ---- tokens: "f/" or "b/", the time in 20 digits, the number in 36 ---- */

static Str place_text(Arena *a, LogPlace p)
{
    return str_printf(a, "%020" PRId64 "%036" PRId64, p.at, p.n);
}

static bool place_from(Str text, LogPlace *out)
{
    return text.n == 56 && str_to_int(str_slice(text, 0, 20), &out->at) &&
           str_to_int(str_slice(text, 20, 56), &out->n) && out->at >= 0 && out->n >= 0;
}

static Json page_token(Arena *a, char way, LogPlace p)
{
    return json_string(str_printf(a, "%c/%.*s", way, STR(place_text(a, p))));
}

static bool read_token(Call *call, LogEventFilter *f, Error *err)
{
    Str token = logs_text(call, "nextToken");
    if (str_absent(token)) return true;
    f->down = str_starts(token, S("b/"));
    f->placed = (f->down || str_starts(token, S("f/"))) &&
                place_from(str_slice(token, 2, token.n), &f->after);
    return f->placed || error_set(err, ERR_VALIDATION, "The specified nextToken is invalid.");
}

/* ---- collecting ---- */

static Json event_json(const Page *p, const LogEventRow *row)
{
    Arena *a = p->call->arena;
    JsonObject o = {.a = a};
    if (p->with_ids) json_put_text(&o, S("logStreamName"), str_copy(a, row->stream));
    json_put(&o, S("timestamp"), json_int(a, row->place.at));
    json_put_text(&o, S("message"), str_copy(a, row->message));
    json_put(&o, S("ingestionTime"), json_int(a, row->ingested));
    if (p->with_ids) json_put_text(&o, S("eventId"), place_text(a, row->place));
    return json_object(&o);
}

static bool of_streams(const Page *p, Str name)
{
    for (int32_t i = 0; i < json_count(p->streams); i++)
        if (str_eq(json_text(json_at(p->streams, i)), name)) return true;
    return !p->streams && (str_absent(p->stream_prefix) || str_starts(name, p->stream_prefix));
}

static bool wanted(Page *p, const LogEventRow *row)
{
    if (!of_streams(p, row->stream)) return false;
    if (!p->filter) return true;
    bool found = logfilter_matches(p->filter, row->message, &p->scratch);
    arena_reset(&p->scratch);
    return found;
}

/* Room for one more, so that a page that ends here is known to have a next one. */
static bool take(void *arg, const LogEventRow *row)
{
    Page *p = arg;
    bool good = wanted(p, row);
    p->full = p->scanned >= LOGS_SCANNED_MAX || p->scanned_bytes >= LOGS_SCANNED_BYTES_MAX ||
              (good && (p->events.n >= p->limit ||
                        (p->events.n && p->bytes + row->message.n > LOGS_PAGE_BYTES_MAX)));
    if (p->full) return false;
    if (!p->scanned++) p->first = row->place;
    p->last = row->place;
    p->scanned_bytes += row->message.n;
    if (!good) return true;
    p->bytes += row->message.n + LOG_EVENT_OVERHEAD;
    json_add(&p->events, event_json(p, row));
    return true;
}

static Json turned(Arena *a, const JsonArray *list)
{
    JsonArray out = {.a = a};
    for (int64_t i = list->n; i > 0; i--) json_add(&out, list->p[i - 1]);
    return json_array(&out);
}

static Millis visible_from(const Call *call, const LogGroupRow *g, const char *member)
{
    Millis from = logs_number(call, member, 0);
    Millis kept = g->retention_days ? call->now - g->retention_days * DAY_MS : 0;
    return from > kept ? from : kept;
}

/* ---- GetLogEvents ---- */

/* Where nothing was found, reading goes on from where it stood. */
static CallResult answer_get(Page *p, const LogEventFilter *f)
{
    Arena *a = p->call->arena;
    JsonObject out = {.a = a};
    LogPlace stood = f->placed ? f->after : (LogPlace){f->from, 0};
    LogPlace first = p->scanned ? (f->down ? p->last : p->first) : stood,
             last = p->scanned ? (f->down ? p->first : p->last) : stood;
    json_put(&out, S("events"), f->down ? turned(a, &p->events) : json_array(&p->events));
    json_put(&out, S("nextForwardToken"), page_token(a, 'f', last));
    json_put(&out, S("nextBackwardToken"), page_token(a, 'b', first));
    p->call->out = json_object(&out);
    return CALL_DONE;
}

CallResult logs_get_events(Call *call, Error *err)
{
    LogGroupRow group;
    LogStreamRow stream;
    Page page = {.call = call,
                 .events = {.a = call->arena},
                 .limit = logs_number(call, "limit", LOGS_EVENTS_MAX)};
    LogEventFilter f = {.until = logs_number(call, "endTime", INT64_MAX),
                        .down = !json_true(json_get(&call->in, S("startFromHead"))),
                        .max = page.limit + 1};
    if (!logs_group(call, &group, err) ||
        !logs_stream(call, &group, logs_text(call, "logStreamName"), &stream, err) ||
        !read_token(call, &f, err))
        return CALL_FAILED;
    f.group = group.n, f.stream = stream.n;
    f.from = visible_from(call, &group, "startTime");
    log_event_each(call->server->db, &f, take, &page);
    return answer_get(&page, &f);
}

/* ---- FilterLogEvents ---- */

static bool parse_filter(Call *call, const LogFilter **out, Error *err)
{
    Str why, pattern = logs_text(call, "filterPattern");
    *out = NULL;
    if (!pattern.n || logfilter_parse(pattern, call->arena, out, &why)) return true;
    return error_set(err, ERR_VALIDATION, "Invalid filter pattern: %.*s", STR(why));
}

/* Those named must be there; a single one is read by its own index. */
static bool choose_streams(Call *call, const LogGroupRow *g, Page *p, LogEventFilter *f, Error *err)
{
    LogStreamRow row;
    p->streams = json_get(&call->in, S("logStreamNames"));
    p->stream_prefix = logs_text(call, "logStreamNamePrefix");
    if (p->streams && !str_absent(p->stream_prefix))
        return error_set(err, ERR_VALIDATION,
                         "logStreamNamePrefix and logStreamNames cannot both be specified.");
    for (int32_t i = 0; i < json_count(p->streams); i++)
        if (!logs_stream(call, g, json_text(json_at(p->streams, i)), &row, err)) return false;
    if (json_count(p->streams) == 1) f->stream = row.n;
    return true;
}

static bool check_direction(const LogEventFilter *f, Error *err)
{
    return !f->down || f->placed || f->from >= BACKWARDS_SINCE_MS ||
           error_set(err, ERR_VALIDATION,
                     "startFromHead can be false only when startTime is on or after Jan 1, 2024 "
                     "00:00:00 UTC.");
}

static bool read_range(Call *call, const LogGroupRow *g, LogEventFilter *f, Error *err)
{
    const Json *head = json_get(&call->in, S("startFromHead"));
    int64_t until = logs_number(call, "endTime", INT64_MAX);
    f->down = json_is(head, JSON_FALSE);
    f->until = until == INT64_MAX ? until : until + 1; /* the last millisecond is included */
    f->from = logs_number(call, "startTime", 0);
    if (!read_token(call, f, err) || !check_direction(f, err)) return false;
    if (f->from >= f->until)
        return error_set(err, ERR_VALIDATION, "startTime must be before endTime.");
    f->from = visible_from(call, g, "startTime");
    return true;
}

CallResult logs_filter_events(Call *call, Error *err)
{
    LogGroupRow group;
    JsonObject out = {.a = call->arena};
    Page page = {.call = call,
                 .events = {.a = call->arena},
                 .with_ids = true,
                 .limit = logs_number(call, "limit", LOGS_EVENTS_MAX)};
    LogEventFilter f = {.max = LOGS_SCANNED_MAX + 1};
    if (!logs_group(call, &group, err) || !read_range(call, &group, &f, err) ||
        !parse_filter(call, &page.filter, err) || !choose_streams(call, &group, &page, &f, err))
        return CALL_FAILED;
    f.group = group.n;
    log_event_each(call->server->db, &f, take, &page);
    arena_free(&page.scratch);
    json_put(&out, S("events"), json_array(&page.events));
    json_put(&out, S("searchedLogStreams"), (Json){.type = JSON_ARRAY});
    if (page.full)
        json_put(&out, S("nextToken"), page_token(call->arena, f.down ? 'b' : 'f', page.last));
    call->out = json_object(&out);
    return CALL_DONE;
}
