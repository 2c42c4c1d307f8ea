/* logs_streams.c - log streams over the API: create, delete, describe by name or by the time of their last event. */
#include "api/logs.h"

CallResult logs_create_stream(Call *call, Error *err)
{
    LogGroupRow group;
    LogStreamRow row = {.name = logs_text(call, "logStreamName"), .created = call->now};
    call->out = (Json){.type = JSON_OBJECT};
    if (!logs_group(call, &group, err)) return CALL_FAILED;
    row.group = group.n;
    LogStreamRow old;
    if (log_stream_find(call->server->db, group.n, row.name, call->arena, &old)) {
        error_set(err, ERR_RESOURCE_EXISTS, "The specified log stream already exists");
        return CALL_FAILED;
    }
    log_stream_add(call->server->db, &row);
    return CALL_DONE;
}

CallResult logs_delete_stream(Call *call, Error *err)
{
    LogGroupRow group;
    LogStreamRow row;
    call->out = (Json){.type = JSON_OBJECT};
    if (!logs_group(call, &group, err) ||
        !logs_stream(call, &group, logs_text(call, "logStreamName"), &row, err))
        return CALL_FAILED;
    log_stream_remove(call->server->db, group.n, row.n);
    log_sweep_soon(call->server);
    return CALL_DONE;
}

/* ---- describing ---- */

static Json stream_json(Arena *a, const LogGroupRow *g, const LogStreamRow *s)
{
    JsonObject o = {.a = a};
    json_put_text(&o, S("logStreamName"), s->name);
    json_put(&o, S("creationTime"), json_int(a, s->created));
    if (s->ingested) {
        json_put(&o, S("firstEventTimestamp"), json_int(a, s->first_at));
        json_put(&o, S("lastEventTimestamp"), json_int(a, s->last_at));
        json_put(&o, S("lastIngestionTime"), json_int(a, s->ingested));
        json_put_text(&o, S("uploadSequenceToken"), str_printf(a, "%056" PRId64, s->n));
    }
    json_put_text(&o, S("arn"),
                  str_printf(a, "%.*s:log-stream:%.*s", STR(log_group_arn(a, g)), STR(s->name)));
    json_put(&o, S("storedBytes"), json_int(a, 0)); /* as AWS since 2019 */
    return json_object(&o);
}

/* "1700000000000 name": a page begins behind it. */
static bool read_place(Call *call, LogStreamFilter *f, Error *err)
{
    Str place, at;
    if (!logs_token(call, &place, err)) return false;
    if (str_absent(place)) return true;
    f->after_name = place;
    if (str_cut(&f->after_name, ' ', &at) && str_to_int(at, &f->after_at)) return true;
    return error_set(err, ERR_VALIDATION, "The specified nextToken is invalid.");
}

static bool read_filter(Call *call, LogStreamFilter *f, Error *err)
{
    f->prefix = logs_text(call, "logStreamNamePrefix");
    f->by_time = str_eq(logs_text(call, "orderBy"), S("LastEventTime"));
    f->down = json_true(json_get(&call->in, S("descending")));
    f->max = logs_number(call, "limit", LOGS_PAGE) + 1;
    if (f->by_time && !str_absent(f->prefix))
        return error_set(err, ERR_VALIDATION,
                         "Cannot order by LastEventTime with a logStreamNamePrefix.");
    return read_place(call, f, err);
}

CallResult logs_describe_streams(Call *call, Error *err)
{
    Arena *a = call->arena;
    LogGroupRow group;
    LogStreamFilter f = {0};
    LogStreamRow *rows;
    JsonObject out = {.a = a};
    JsonArray list = {.a = a};
    if (!read_filter(call, &f, err) || !logs_group(call, &group, err)) return CALL_FAILED;
    f.group = group.n;
    int64_t n = log_stream_list(call->server->db, &f, a, &rows);
    for (int64_t i = 0; i < n && i < f.max - 1; i++)
        json_add(&list, stream_json(a, &group, &rows[i]));
    json_put(&out, S("logStreams"), json_array(&list));
    if (n == f.max)
        json_put(&out, S("nextToken"),
                 logs_new_token(a, str_printf(a, "%" PRId64 " %.*s", rows[n - 2].last_at,
                                              STR(rows[n - 2].name))));
    call->out = json_object(&out);
    return CALL_DONE;
}
