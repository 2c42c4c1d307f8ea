/* log_groups.h - rows of CloudWatch Logs' groups and streams: names, retention, counters; their events are log_events.h. */
#pragma once
#include "store/db.h"

typedef struct LogGroupRow {
    int64_t n; /* never used again, also not after a deletion */
    Str account, region, name;
    Millis created;
    int64_t retention_days; /* 0: events never expire */
    Str log_class;          /* "STANDARD", ... */
    Str kms_key;            /* absent: none */
    Str tags;               /* JSON object */
    bool protected;         /* from deletion */
    int64_t bytes;          /* of the events kept, LOG_EVENT_OVERHEAD each included */
} LogGroupRow;

/* Fills row->n. */
void log_group_add(Db *db, LogGroupRow *row);
/* false: there is none; *out is untouched then. */
must_use bool log_group_find(Db *db, Str account, Str region, Str name, Arena *a, LogGroupRow *out);
/* Writes retention_days, kms_key, tags and protected. */
void log_group_set(Db *db, const LogGroupRow *row);
/* Its streams and events go bit by bit (log_sweep); nobody sees them from now on. */
void log_group_remove(Db *db, int64_t n);

typedef struct LogGroupFilter {
    Str account, region;
    Str prefix, part, log_class; /* absent: any; `part` lies anywhere in the name */
    Str after;                   /* absent: from the first */
    int64_t max;
} LogGroupFilter;
/* By name. */
int64_t log_group_list(Db *db, const LogGroupFilter *f, Arena *a, LogGroupRow **out);

typedef struct LogStreamRow {
    int64_t n, group;
    Str name;
    Millis created;
    Millis first_at, last_at; /* of its events' own times; 0: it has none yet */
    Millis ingested;          /* when the last one came */
    int64_t uncounted;        /* bytes of events added that the group does not count yet */
} LogStreamRow;

void log_stream_add(Db *db, LogStreamRow *row);
must_use bool log_stream_find(Db *db, int64_t group, Str name, Arena *a, LogStreamRow *out);
void log_stream_remove(Db *db, int64_t group, int64_t n);

typedef struct LogStreamFilter {
    int64_t group;
    Str prefix; /* absent: any; only by name */
    bool by_time, down;
    Str after_name; /* absent: from the first */
    Millis after_at;
    int64_t max;
} LogStreamFilter;
int64_t log_stream_list(Db *db, const LogStreamFilter *f, Arena *a, LogStreamRow **out);

/* Resource policies are documents (documents.h) of this kind. */
static inline Str log_policy_kind(Arena *a, Str account)
{
    return str_printf(a, "logs-policy-%.*s", STR(account));
}
