/* log_filters.h - rows of metric filters and subscription filters of log groups. */
#pragma once
#include "store/db.h"

typedef enum LogFilterKind { LOG_METRIC_FILTER, LOG_SUBSCRIPTION_FILTER } LogFilterKind;

typedef struct LogFilterRow {
    int64_t n, group;
    LogFilterKind kind;
    Str name, pattern;
    Str config; /* metricTransformations, or the request of a subscription; JSON */
    Millis created;
} LogFilterRow;

void log_filter_put(Db *db, const LogFilterRow *row); /* made, or pattern and config replaced */
bool log_filter_remove(Db *db, int64_t group, LogFilterKind kind, Str name);
/* By name. Of a group that was deleted there are none to be found: numbers are never used again. */
int64_t log_filter_list(Db *db, int64_t group, LogFilterKind kind, Arena *a, LogFilterRow **out);
/* Of both kinds. */
int64_t log_filter_all(Db *db, int64_t group, Arena *a, LogFilterRow **out);
void log_filter_remove_group(Db *db, int64_t group);
