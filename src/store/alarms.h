/* alarms.h - rows of CloudWatch alarms. */
#pragma once
#include "store/db.h"

typedef struct AlarmRow {
    int64_t n;
    Str account, region, name;
    Str request; /* PutMetricAlarm's or PutCompositeAlarm's input, a JSON object */
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

/* The composite alarms of a region. */
int64_t alarm_row_composites(Db *db, Str account, Str region, Arena *a, AlarmRow **out);

/* ---- what happened to alarms, also to those that are gone ---- */
enum { ALARM_HISTORY_TRIM = 100 };
typedef struct AlarmHistory {
    int64_t n;
    Str account, region, name, alarm_type; /* "MetricAlarm", "CompositeAlarm" */
    Str type;                              /* "ConfigurationUpdate", "StateUpdate", "Action" */
    Str summary, data;
    Millis at;
} AlarmHistory;

/* And takes some away that are from before `keep_from`. */
void alarm_history_add(Db *db, const AlarmHistory *h, Millis keep_from);
typedef struct AlarmHistoryFilter {
    Str account, region, name, type; /* name, type absent: any */
    bool metric, composite;          /* which alarms' */
    Millis from, to;                 /* both included */
    bool ascending;
    int64_t after; /* row; 0: from the first, or the last */
    int64_t max;
} AlarmHistoryFilter;
int64_t alarm_history_list(Db *db, const AlarmHistoryFilter *f, Arena *a, AlarmHistory **out);
