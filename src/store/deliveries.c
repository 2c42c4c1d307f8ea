/* deliveries.c - rows of inputs on their way to targets. */
#include "store/deliveries.h"

const char deliveries_schema[] =
    "CREATE TABLE IF NOT EXISTS delivery("
    " n INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, account TEXT NOT NULL, region TEXT "
    "NOT NULL, source_arn TEXT NOT NULL, target TEXT NOT NULL, input TEXT NOT NULL, execution "
    "TEXT, at INTEGER NOT NULL, attempts INTEGER NOT NULL) STRICT";

void delivery_add(Db *db, DeliveryRow *row)
{
    db_run(db,
           SQL("INSERT INTO delivery(kind, account, region, source_arn, target, input, execution, "
               "at, attempts) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"),
           DB_TEXT(row->kind), DB_TEXT(row->account), DB_TEXT(row->region),
           DB_TEXT(row->source_arn), DB_TEXT(row->target), DB_TEXT(row->input),
           DB_TEXT(row->execution), DB_INT(row->at), DB_INT(row->attempts));
    row->n = db_last_id(db);
}

bool delivery_get(Db *db, int64_t n, Arena *a, DeliveryRow *out)
{
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("SELECT n, kind, account, region, source_arn, target, input, execution, at, "
                    "attempts FROM delivery WHERE n = ?1"),
                DB_INT(n));
    if (!rows_next(&r)) return false;
    *out = (DeliveryRow){
        .n = rows_int(&r, 0),
        .kind = rows_text(&r, 1, a),
        .account = rows_text(&r, 2, a),
        .region = rows_text(&r, 3, a),
        .source_arn = rows_text(&r, 4, a),
        .target = rows_text(&r, 5, a),
        .input = rows_text(&r, 6, a),
        .execution = rows_text(&r, 7, a),
        .at = rows_int(&r, 8),
        .attempts = rows_int(&r, 9),
    };
    return true;
}

void delivery_set_attempts(Db *db, int64_t n, int64_t attempts)
{
    db_run(db, SQL("UPDATE delivery SET attempts = ?2 WHERE n = ?1"), DB_INT(n), DB_INT(attempts));
}

void delivery_remove(Db *db, int64_t n)
{
    db_run(db, SQL("DELETE FROM delivery WHERE n = ?1"), DB_INT(n));
}
