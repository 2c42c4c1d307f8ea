/* alarms.h - rows of CloudWatch alarms. */
#pragma once
#include "store/db.h"

typedef struct AlarmRow {
    int64_t n;
    Str account, region, name;
    Str request; /* PutMetricAlarm's input, a JSON object */
    Str state;   /* "OK", "ALARM", "INSUFFICIENT_DATA" */
    Str reason;
    bool enabled; /* its actions are carried out */
    Millis updated, state_updated;
} AlarmRow;

/* Made, or everything but account, region and name replaced; fills n. */
void alarm_row_put(Db *db, AlarmRow *row);
must_use bool alarm_row_find(Db *db, Str account, Str region, Str name, Arena *a, AlarmRow *out);
must_use bool alarm_row_get(Db *db, int64_t n, Arena *a, AlarmRow *out);
void alarm_row_remove(Db *db, int64_t n);
/* By name, after `after`; prefix and state absent: any. */
int64_t alarm_row_list(Db *db, Str account, Str region, Str prefix, Str state, Str after,
                       int64_t max, Arena *a, AlarmRow **out);
