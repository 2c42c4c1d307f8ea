/* log_events.h - rows of log events, in the order of time, of a stream and of a whole group; and how old ones go. */
#pragma once
#include "store/log_groups.h"

enum { LOG_EVENT_OVERHEAD = 26 }; /* bytes counted for an event besides its message, as AWS does */

/* A place in a group: events of one millisecond are in the order in which they came. */
typedef struct LogPlace {
    Millis at;
    int64_t n;
} LogPlace;

typedef struct LogEventRow {
    LogPlace place;
    Millis ingested;
    Str stream, message; /* stream: its name */
} LogEventRow;

/* After the last of several events log_stream_count writes what they mean for the stream and its
 * group; *stream is up to date before. */
void log_event_add(Db *db, LogStreamRow *stream, Millis at, Millis now, Str message);
void log_stream_count(Db *db, LogStreamRow *stream);

typedef struct LogEventFilter {
    int64_t group, stream; /* stream 0: all of the group */
    Millis from, until;    /* until is not included */
    LogPlace after;        /* not included; upwards: after it, downwards: before it */
    bool placed, down;     /* `after` is given; latest first */
    int64_t max;
} LogEventFilter;
/* fn returns false when it has enough. The row's texts are borrowed until it returns. */
void log_event_each(Db *db, const LogEventFilter *f, bool (*fn)(void *arg, const LogEventRow *row),
                    void *arg);

/* Deletes at most about `max` events that are expired at `now` or whose stream or group is gone.
 * false: there is nothing more to delete now. */
must_use bool log_sweep(Db *db, Millis now, int64_t max, Arena *a);
/* Some group lets its events expire. */
bool log_retention_exists(Db *db);
