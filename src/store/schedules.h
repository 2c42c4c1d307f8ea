/* schedules.h - rows of EventBridge Scheduler: groups, schedules, and when each is due next. */
#pragma once
#include "store/db.h"

typedef struct ScheduleGroupRow {
    int64_t n;
    Str account, region, name;
    Str state; /* "ACTIVE", "DELETING" */
    Str tags;  /* JSON array of {Key, Value} */
    Str token; /* ClientToken of its creation */
    Millis created, modified;
} ScheduleGroupRow;

void schedule_group_add(Db *db, ScheduleGroupRow *row); /* fills row->n */
must_use bool schedule_group_find(Db *db, Str account, Str region, Str name, Arena *a,
                                  ScheduleGroupRow *out);
void schedule_group_set(Db *db, const ScheduleGroupRow *row); /* state, tags, modified */
void schedule_group_remove(Db *db, int64_t n);
/* By name, after `after` (absent: from the first); prefix absent: any. */
int64_t schedule_group_list(Db *db, Str account, Str region, Str prefix, Str after, int64_t max,
                            Arena *a, ScheduleGroupRow **out);

enum { SCHEDULE_NEVER = -1 };

typedef struct ScheduleRow {
    int64_t n, group;
    Str group_name, account, region; /* of the group: read, not written */
    bool group_active;
    Str name, expression, zone; /* zone absent: UTC */
    Str description, kms_key;   /* absent: none */
    bool enabled, delete_after;
    int64_t window_minutes; /* 0: off */
    Millis start, end;      /* SCHEDULE_NEVER: none */
    Str target;             /* JSON, as given */
    Str token, digest;      /* ClientToken of its creation, and of what */
    Millis created, modified;
    Millis anchor;   /* of a rate */
    Millis slot;     /* the time that comes next by its expression; SCHEDULE_NEVER: none */
    Millis due;      /* the same, and the chance of its window */
    Millis fired;    /* the last slot that was; SCHEDULE_NEVER: none yet */
    int64_t skipped; /* slots that were missed and are not made up for */
} ScheduleRow;

void schedule_add(Db *db, ScheduleRow *row); /* fills row->n */
must_use bool schedule_find(Db *db, int64_t group, Str name, Arena *a, ScheduleRow *out);
void schedule_set(Db *db, const ScheduleRow *row);
void schedule_set_slot(Db *db, const ScheduleRow *row); /* slot, due, fired, skipped only */
void schedule_remove(Db *db, int64_t n);
/* At most `max` schedules of a group. Returns how many. */
int64_t schedule_remove_some(Db *db, int64_t group, int64_t max);

typedef struct ScheduleFilter {
    Str account, region;
    int64_t group; /* 0: any */
    Str prefix;    /* absent: any */
    int enabled;   /* -1: either */
    Str after_group, after_name;
    int64_t max;
} ScheduleFilter;
/* By group and name. */
int64_t schedule_list(Db *db, const ScheduleFilter *f, Arena *a, ScheduleRow **out);

/* The earliest time at which one is due; INT64_MAX: none is. One look-up in an index: nothing is
 * read at the start, however many there are. */
Millis schedule_next(Db *db);
int64_t schedule_due(Db *db, Millis now, int64_t max, Arena *a, ScheduleRow **out);
