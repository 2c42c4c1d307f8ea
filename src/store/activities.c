/* activities.c - rows of activities and of the tasks nobody has taken yet. */
#include "store/activities.h"

const char activities_schema[] =
    "CREATE TABLE IF NOT EXISTS activity("
    " arn TEXT NOT NULL PRIMARY KEY, account TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT "
    "NULL, created INTEGER NOT NULL, encryption TEXT, tags TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE UNIQUE INDEX IF NOT EXISTS activity_by_name ON activity(account, region, name);"
    "CREATE TABLE IF NOT EXISTS activity_task("
    " n INTEGER PRIMARY KEY AUTOINCREMENT, activity TEXT NOT NULL, execution INTEGER NOT NULL,"
    " frame INTEGER NOT NULL, attempt INTEGER NOT NULL, input TEXT NOT NULL) STRICT;"
    "CREATE INDEX IF NOT EXISTS activity_task_by_activity ON activity_task(activity, n);"
    "CREATE INDEX IF NOT EXISTS activity_task_by_token ON activity_task(execution, frame, attempt)";

#define COLUMNS "arn, account, region, name, created, encryption, tags"

void activity_row_add(Db *db, const ActivityRow *row)
{
    db_run(db, SQL("INSERT INTO activity(" COLUMNS ") VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)"),
           DB_TEXT(row->arn), DB_TEXT(row->account), DB_TEXT(row->region), DB_TEXT(row->name),
           DB_INT(row->created), DB_TEXT(row->encryption), DB_TEXT(row->tags));
}

static ActivityRow read_row(const Rows *r, Arena *a)
{
    return (ActivityRow){
        .arn = rows_text(r, 0, a),
        .account = rows_text(r, 1, a),
        .region = rows_text(r, 2, a),
        .name = rows_text(r, 3, a),
        .created = rows_int(r, 4),
        .encryption = rows_text(r, 5, a),
        .tags = rows_text(r, 6, a),
    };
}

bool activity_row_find(Db *db, Str arn, Arena *a, ActivityRow *out)
{
    cleanup(rows_end) Rows r =
        db_rows(db, SQL("SELECT " COLUMNS " FROM activity WHERE arn = ?1"), DB_TEXT(arn));
    if (!rows_next(&r)) return false;
    *out = read_row(&r, a);
    return true;
}

void activity_row_remove(Db *db, Str arn)
{
    db_run(db, SQL("DELETE FROM activity WHERE arn = ?1"), DB_TEXT(arn));
}

void activity_row_set_tags(Db *db, Str arn, Str json)
{
    db_run(db, SQL("UPDATE activity SET tags = ?2 WHERE arn = ?1"), DB_TEXT(arn), DB_TEXT(json));
}

int64_t activity_row_list(Db *db, Str account, Str region, Str after_name, int64_t max, Arena *a,
                          ActivityRow **out)
{
    struct {
        ActivityRow *p;
        int64_t n, cap;
    } v = {0};
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("SELECT " COLUMNS " FROM activity WHERE account = ?1 AND region = ?2"
                    " AND name > ?3 ORDER BY name LIMIT ?4"),
                DB_TEXT(account), DB_TEXT(region),
                DB_TEXT(str_absent(after_name) ? S("") : after_name), DB_INT(max));
    while (rows_next(&r)) *vec_push(a, &v) = read_row(&r, a);
    *out = v.p;
    return v.n;
}

/* ---- tasks ---- */

void activity_task_add(Db *db, const ActivityTask *t)
{
    db_run(db,
           SQL("INSERT INTO activity_task(activity, execution, frame, attempt, input)"
               " VALUES(?1, ?2, ?3, ?4, ?5)"),
           DB_TEXT(t->activity), DB_INT(t->execution), DB_INT(t->token.frame),
           DB_INT(t->token.attempt), DB_TEXT(t->input));
}

static bool first_task(Db *db, Str activity, Arena *a, ActivityTask *out)
{
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("SELECT execution, frame, attempt, input FROM activity_task"
                    " WHERE activity = ?1 ORDER BY n LIMIT 1"),
                DB_TEXT(activity));
    if (!rows_next(&r)) return false;
    *out = (ActivityTask){.activity = activity,
                          .execution = rows_int(&r, 0),
                          .token = {rows_int(&r, 1), rows_int(&r, 2)},
                          .input = rows_text(&r, 3, a)};
    return true;
}

bool activity_task_take(Db *db, Str activity, Arena *a, ActivityTask *out)
{
    if (!first_task(db, activity, a, out)) return false;
    activity_task_remove(db, out->execution, out->token);
    return true;
}

void activity_task_remove(Db *db, int64_t execution, AslToken token)
{
    db_run(db,
           SQL("DELETE FROM activity_task WHERE execution = ?1 AND frame = ?2 AND attempt = ?3"),
           DB_INT(execution), DB_INT(token.frame), DB_INT(token.attempt));
}
