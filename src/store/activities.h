/* activities.h - rows of activities, and the tasks that wait for one of their workers. */
#pragma once
#include "core/asl/event.h"
#include "store/db.h"

typedef struct ActivityRow {
    Str arn, account, region, name;
    Millis created;
    Str encryption; /* JSON; absent: none was given */
    Str tags;       /* JSON array of {key, value} */
} ActivityRow;

void activity_row_add(Db *db, const ActivityRow *row);
must_use bool activity_row_find(Db *db, Str arn, Arena *a, ActivityRow *out);
/* Its tasks stay: their executions wait until they time out, or until it is made again. */
void activity_row_remove(Db *db, Str arn);
void activity_row_set_tags(Db *db, Str arn, Str json);
/* By name, after `after_name` (absent: from the first). */
int64_t activity_row_list(Db *db, Str account, Str region, Str after_name, int64_t max, Arena *a,
                          ActivityRow **out);

/* A task that no worker has taken. */
typedef struct ActivityTask {
    Str activity; /* its ARN */
    int64_t execution;
    AslToken token;
    Str input;
} ActivityTask;

void activity_task_add(Db *db, const ActivityTask *task);
/* The oldest, which is removed; false: there is none. */
must_use bool activity_task_take(Db *db, Str activity, Arena *a, ActivityTask *out);
void activity_task_remove(Db *db, int64_t execution, AslToken token);
