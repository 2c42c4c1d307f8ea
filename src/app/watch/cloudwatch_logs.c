/* cloudwatch_logs.c - writing to log groups from inside, and the timer that takes old events away. */
#include "app/watch/cloudwatch_logs.h"

#include "app/watch/log_filters.h"
#include "app/watch/meter.h"
#include "base/encode.h"
#include "store/timers.h"

static LogGroupRow group_of(Server *s, Str account, Str region, Str name)
{
    LogGroupRow g;
    if (log_group_find(s->db, account, region, name, &s->turn, &g)) return g;
    g = (LogGroupRow){.account = account,
                      .region = region,
                      .name = name,
                      .created = s->now,
                      .log_class = S("STANDARD"),
                      .tags = S("{}")};
    log_group_add(s->db, &g);
    return g;
}

void log_meter(Server *s, const LogGroupRow *group, int64_t events, int64_t bytes)
{
    Meter m = {group->account, group->region, "AWS/Logs", {{"LogGroupName", (Str){0}}}};
    for (int i = 0; i < 2; i++) {
        meter_add(s, &m, "IncomingLogEvents", "Count", (double)events);
        meter_add(s, &m, "IncomingBytes", "Bytes", (double)bytes);
        m.dimension[0].value = group->name;
    }
}

LogWriter log_writer(Server *s, Str account, Str region, Str group, Str stream)
{
    LogWriter w = {.s = s, .group = group_of(s, account, region, group)};
    if (log_stream_find(s->db, w.group.n, stream, &s->turn, &w.stream)) return w;
    w.stream = (LogStreamRow){.group = w.group.n, .name = stream, .created = s->now};
    log_stream_add(s->db, &w.stream);
    return w;
}

/* As a message can be told in JSON: ill-formed bytes become U+FFFD, and it ends with a whole
 * character. */
static Str presentable(Arena *a, Str message)
{
    Buf b = {.a = a};
    if (message.n <= LOG_MESSAGE_BYTES_MAX && utf8_valid(message)) return message;
    while (message.n) {
        int n = utf8_length(message);
        Str part = n ? str_slice(message, 0, n) : S("\xef\xbf\xbd");
        if (b.n + part.n > LOG_MESSAGE_BYTES_MAX) break;
        buf_put(&b, part);
        message = str_slice(message, n ? n : 1, message.n);
    }
    return buf_str(&b);
}

void log_writer_add(LogWriter *w, Millis at, Str message)
{
    Str text = presentable(&w->s->turn, message);
    if (!text.n) return;
    log_event_add(w->s->db, &w->stream, at, w->s->now, text);
    log_stream_count(w->s->db, &w->stream);
    log_filters_feed(w->s, &w->group, w->stream.name, &(LogFed){at, text}, 1);
    log_meter(w->s, &w->group, 1, text.n + LOG_EVENT_OVERHEAD);
}

void log_write(Server *s, Str account, Str region, Str group, Str stream, Millis at, Str message)
{
    LogWriter w = log_writer(s, account, region, group, stream);
    log_writer_add(&w, at, message);
}

Str log_group_arn(Arena *a, const LogGroupRow *g)
{
    return str_printf(a, "arn:aws:logs:%.*s:%.*s:log-group:%.*s", STR(g->region), STR(g->account),
                      STR(g->name));
}

/* ---- the sweep ---- */

void log_sweep_soon(Server *s)
{
    timer_set(s->db, S("log-sweep"), S(""), s->now);
}

void log_sweep_due(Server *s, Str subject)
{
    bool more = log_sweep(s->db, s->now, LOG_SWEEP_EVENTS_MAX, &s->turn);
    if (!more && !log_retention_exists(s->db)) return;
    timer_set(s->db, S("log-sweep"), subject,
              s->now + (more ? LOG_SWEEP_PAUSE_MS : LOG_SWEEP_EVERY_MS));
}
