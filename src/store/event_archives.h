/* event_archives.h - rows of EventBridge archives, of the events in them, and of their replays. */
#pragma once
#include "store/db.h"

typedef struct EventArchiveRow {
    int64_t n, bus; /* bus: number of the source */
    Str account, region, name;
    Str source;                    /* ARN of the bus */
    Str description, pattern, key; /* absent: none */
    int64_t retention_days;        /* 0: for ever */
    int64_t events, bytes;
    Millis created;
} EventArchiveRow;

void event_archive_add(Db *db, EventArchiveRow *row); /* fills row->n */
must_use bool event_archive_find(Db *db, Str account, Str region, Str name, Arena *a,
                                 EventArchiveRow *out);
must_use bool event_archive_get(Db *db, int64_t n, Arena *a, EventArchiveRow *out);
void event_archive_set(Db *db, const EventArchiveRow *row); /* description, pattern, retention */
/* Its events go with the sweep. */
void event_archive_remove(Db *db, int64_t n);
int64_t event_archive_list(Db *db, Str account, Str region, Str prefix, Str source, Str after,
                           int64_t max, Arena *a, EventArchiveRow **out);
int64_t event_archive_of_bus(Db *db, int64_t bus, int64_t max, Arena *a, EventArchiveRow **out);
int64_t event_archive_count(Db *db, Str account, Str region);

/* The events, in the order of their time, and then as they came. */
typedef struct ArchivedEvent {
    int64_t n;
    Millis at;
    Str event; /* JSON */
} ArchivedEvent;
void archived_event_add(Db *db, int64_t archive, const ArchivedEvent *e);
/* After (at, n), before `until`. */
int64_t archived_event_list(Db *db, int64_t archive, Millis at, int64_t n, Millis until,
                            int64_t max, Arena *a, ArchivedEvent **out);
/* At most `max` that are too old, or whose archive is gone; how many. */
int64_t archived_event_sweep(Db *db, Millis now, int64_t max);

typedef struct EventReplayRow {
    int64_t n;
    Str account, region, name;
    Str description; /* absent: none */
    int64_t archive;
    Str source, destination; /* ARN of the archive; Destination, JSON */
    Str state, reason;       /* reason absent: none */
    Millis from, until;      /* of the events: from <= time < until */
    Millis started, ended;   /* ended 0: not yet */
    Millis at;               /* of the last event replayed, and its number */
    int64_t last;
} EventReplayRow;

void event_replay_add(Db *db, EventReplayRow *row); /* fills row->n */
must_use bool event_replay_find(Db *db, Str account, Str region, Str name, Arena *a,
                                EventReplayRow *out);
must_use bool event_replay_get(Db *db, int64_t n, Arena *a, EventReplayRow *out);
void event_replay_set(Db *db, const EventReplayRow *row); /* state, reason, ended, at, last */
typedef struct EventReplayFilter {
    Str account, region, prefix, state, source; /* the last three may be absent */
} EventReplayFilter;
int64_t event_replay_list(Db *db, const EventReplayFilter *f, Str after, int64_t max, Arena *a,
                          EventReplayRow **out);
int64_t event_replay_running(Db *db, Str account, Str region);
