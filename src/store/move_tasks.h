/* move_tasks.h - rows of tasks that move the messages of a dead-letter queue elsewhere. */
#pragma once
#include "store/db.h"

typedef struct MoveTaskRow {
    int64_t n;
    int64_t queue;                   /* whose messages are moved */
    Str source_arn, destination_arn; /* destination absent: each to the queue it came from */
    Str handle;
    Str status;             /* "RUNNING", "COMPLETED", "CANCELLING", "CANCELLED", "FAILED" */
    Str reason;             /* of a failure; absent: none */
    int64_t per_second;     /* 0: not limited */
    int64_t moved, to_move; /* to_move: how many there were when it began */
    int64_t last;           /* messages above this number came after it began, or by it */
    Millis started;
} MoveTaskRow;

void move_task_add(Db *db, MoveTaskRow *row);       /* sets row->n */
void move_task_set(Db *db, const MoveTaskRow *row); /* status, reason, moved */
must_use bool move_task_get(Db *db, int64_t n, Arena *a, MoveTaskRow *out);
must_use bool move_task_find(Db *db, Str handle, Arena *a, MoveTaskRow *out);
/* Newest first. */
int64_t move_task_list(Db *db, Str source_arn, int64_t max, Arena *a, MoveTaskRow **out);
