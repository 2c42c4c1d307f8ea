/* stack_drifts.c - rows of drift detections. */
#include "store/stack_drifts.h"

const char stack_drifts_schema[] =
    "CREATE TABLE IF NOT EXISTS stack_drift("
    " id TEXT PRIMARY KEY, stack INTEGER NOT NULL, status TEXT NOT NULL, reason TEXT, drift TEXT,"
    " names TEXT, after TEXT, failed TEXT, drifted INTEGER NOT NULL, at INTEGER NOT NULL, "
    "acting TEXT)"
    " STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS stack_drift_by_stack ON stack_drift(stack, at)";

#define COLUMNS "id, stack, status, reason, drift, names, after, failed, drifted, at, acting"

static StackDriftRow read_row(const Rows *r, Arena *a)
{
    return (StackDriftRow){
        .id = rows_text(r, 0, a),
        .stack = rows_int(r, 1),
        .status = rows_text(r, 2, a),
        .reason = rows_text(r, 3, a),
        .drift = rows_text(r, 4, a),
        .names = rows_text(r, 5, a),
        .after = rows_text(r, 6, a),
        .failed = rows_text(r, 7, a),
        .drifted = rows_int(r, 8),
        .at = rows_int(r, 9),
        .acting = rows_text(r, 10, a),
    };
}

void stack_drift_set(Db *db, const StackDriftRow *row)
{
    db_run(db,
           SQL("INSERT OR REPLACE INTO stack_drift(" COLUMNS ") VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7,"
               " ?8, ?9, ?10, ?11)"),
           DB_TEXT(row->id), DB_INT(row->stack), DB_TEXT(row->status), DB_TEXT(row->reason),
           DB_TEXT(row->drift), DB_TEXT(row->names), DB_TEXT(row->after), DB_TEXT(row->failed),
           DB_INT(row->drifted), DB_INT(row->at), DB_TEXT(row->acting));
}

void stack_drift_clear(Db *db, int64_t stack, Millis before)
{
    db_run(db,
           SQL("DELETE FROM stack_drift WHERE stack = ?1 AND at < ?2 AND status <>"
               " 'DETECTION_IN_PROGRESS'"),
           DB_INT(stack), DB_INT(before));
}

bool stack_drift_get(Db *db, Str id, Arena *a, StackDriftRow *out)
{
    cleanup(rows_end) Rows r =
        db_rows(db, SQL("SELECT " COLUMNS " FROM stack_drift WHERE id = ?1"), DB_TEXT(id));
    if (!rows_next(&r)) return false;
    *out = read_row(&r, a);
    return true;
}

bool stack_drift_running(Db *db, int64_t stack, Arena *a, StackDriftRow *out)
{
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("SELECT " COLUMNS " FROM stack_drift WHERE stack = ?1 AND status ="
                    " 'DETECTION_IN_PROGRESS' LIMIT 1"),
                DB_INT(stack));
    if (!rows_next(&r)) return false;
    *out = read_row(&r, a);
    return true;
}
