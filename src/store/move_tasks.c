/* move_tasks.c - rows of message move tasks. */
#include "store/move_tasks.h"

const char move_tasks_schema[] =
    "CREATE TABLE IF NOT EXISTS move_task("
    " n INTEGER PRIMARY KEY AUTOINCREMENT, queue INTEGER NOT NULL, source_arn TEXT NOT NULL,"
    " destination_arn TEXT, handle TEXT NOT NULL UNIQUE, status TEXT NOT NULL, reason TEXT,"
    " per_second INTEGER NOT NULL, moved INTEGER NOT NULL, to_move INTEGER NOT NULL,"
    " last INTEGER NOT NULL, started INTEGER NOT NULL) STRICT;"
    "CREATE INDEX IF NOT EXISTS move_task_by_source ON move_task(source_arn, n)";

#define COLUMNS                                                                                    \
    "n, queue, source_arn, destination_arn, handle, status, reason, per_second, moved, to_move,"   \
    " last, started"

static MoveTaskRow read_row(const Rows *r, Arena *a)
{
    return (MoveTaskRow){
        .n = rows_int(r, 0),
        .queue = rows_int(r, 1),
        .source_arn = rows_text(r, 2, a),
        .destination_arn = rows_text(r, 3, a),
        .handle = rows_text(r, 4, a),
        .status = rows_text(r, 5, a),
        .reason = rows_text(r, 6, a),
        .per_second = rows_int(r, 7),
        .moved = rows_int(r, 8),
        .to_move = rows_int(r, 9),
        .last = rows_int(r, 10),
        .started = rows_int(r, 11),
    };
}

void move_task_add(Db *db, MoveTaskRow *row)
{
    db_run(db,
           SQL("INSERT INTO move_task(queue, source_arn, destination_arn, handle, status, reason,"
               " per_second, moved, to_move, last, started)"
               " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"),
           DB_INT(row->queue), DB_TEXT(row->source_arn), DB_TEXT(row->destination_arn),
           DB_TEXT(row->handle), DB_TEXT(row->status), DB_TEXT(row->reason),
           DB_INT(row->per_second), DB_INT(row->moved), DB_INT(row->to_move), DB_INT(row->last),
           DB_INT(row->started));
    row->n = db_last_id(db);
}

void move_task_set(Db *db, const MoveTaskRow *row)
{
    db_run(db, SQL("UPDATE move_task SET status = ?2, reason = ?3, moved = ?4 WHERE n = ?1"),
           DB_INT(row->n), DB_TEXT(row->status), DB_TEXT(row->reason), DB_INT(row->moved));
}

static bool first(Rows r, Arena *a, MoveTaskRow *out)
{
    bool found = rows_next(&r);
    if (found) *out = read_row(&r, a);
    rows_end(&r);
    return found;
}

bool move_task_get(Db *db, int64_t n, Arena *a, MoveTaskRow *out)
{
    return first(db_rows(db, SQL("SELECT " COLUMNS " FROM move_task WHERE n = ?1"), DB_INT(n)), a,
                 out);
}

bool move_task_find(Db *db, Str handle, Arena *a, MoveTaskRow *out)
{
    return first(
        db_rows(db, SQL("SELECT " COLUMNS " FROM move_task WHERE handle = ?1"), DB_TEXT(handle)), a,
        out);
}

int64_t move_task_list(Db *db, Str source_arn, int64_t max, Arena *a, MoveTaskRow **out)
{
    struct {
        MoveTaskRow *p;
        int64_t n, cap;
    } v = {0};
    cleanup(rows_end) Rows r = db_rows(db,
                                       SQL("SELECT " COLUMNS " FROM move_task WHERE source_arn = ?1"
                                           " ORDER BY n DESC LIMIT ?2"),
                                       DB_TEXT(source_arn), DB_INT(max));
    while (rows_next(&r)) *vec_push(a, &v) = read_row(&r, a);
    *out = v.p;
    return v.n;
}
