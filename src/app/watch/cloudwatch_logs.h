/* cloudwatch_logs.h - the log groups of this server: how its own parts write to them, and how old events go. */
#pragma once
#include "app/server.h"
#include "store/log_events.h"

/* One event more at the end of a stream, within an event of the turn; the group (without a
 * retention) and the stream are made when they are missing. A message longer than
 * LOG_MESSAGE_BYTES_MAX is cut, an empty one is not written. Who writes to a group that only a
 * caller may make looks first (log_group_find). */
enum { LOG_MESSAGE_BYTES_MAX = 1024 * 1024 - LOG_EVENT_OVERHEAD };
void log_write(Server *s, Str account, Str region, Str group, Str stream, Millis at, Str message);

/* The same for many events of one stream: found once. */
typedef struct LogWriter {
    Server *s;
    LogGroupRow group;
    LogStreamRow stream;
} LogWriter;
/* For CloudWatch: events and bytes that came to the group (watch/meter.h). */
void log_meter(Server *s, const LogGroupRow *group, int64_t events, int64_t bytes);
LogWriter log_writer(Server *s, Str account, Str region, Str group, Str stream);
void log_writer_add(LogWriter *w, Millis at, Str message);

/* arn:aws:logs:REGION:ACCOUNT:log-group:NAME, without ":*" behind it. */
Str log_group_arn(Arena *a, const LogGroupRow *group);

/* Events are deleted bit by bit by a timer of kind "log-sweep"; asked for after a deletion and
 * after a change of retention. Expired events are not shown, whether they are still there or not.
 */
enum {
    LOG_SWEEP_EVENTS_MAX = 2000, /* in one event of the turn */
    LOG_SWEEP_PAUSE_MS = 50,     /* between two, while there is more */
    LOG_SWEEP_EVERY_MS = 60 * 1000,
};
void log_sweep_soon(Server *s);
void log_sweep_due(Server *s, Str subject);
