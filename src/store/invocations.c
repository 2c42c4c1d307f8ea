/* invocations.c - rows of asynchronous invocations and of those of executions. */
#include "store/invocations.h"

const char invocations_schema[] =
    "CREATE TABLE IF NOT EXISTS invocation("
    " n INTEGER PRIMARY KEY AUTOINCREMENT, function INTEGER NOT NULL, version INTEGER NOT NULL,"
    " qualifier TEXT, request_id TEXT NOT NULL, payload TEXT NOT NULL, task INTEGER NOT NULL,"
    " state INTEGER NOT NULL, attempts INTEGER NOT NULL, asked INTEGER NOT NULL,"
    " output TEXT, error TEXT, cause TEXT) STRICT;"
    "CREATE INDEX IF NOT EXISTS invocation_running ON invocation(n) WHERE state = 1;"
    "CREATE INDEX IF NOT EXISTS invocation_of ON invocation(function, state)";

_Static_assert(INVOCATION_RUNNING == 1, "said in the index");

#define COLUMNS                                                                                    \
    "n, function, version, qualifier, request_id, payload, task, state, attempts, asked, output, " \
    "error, cause"

void invocation_add(Db *db, InvocationRow *row)
{
    db_run(db,
           SQL("INSERT INTO invocation(function, version, qualifier, request_id, payload, task, "
               "state, attempts, asked) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"),
           DB_INT(row->function), DB_INT(row->version), DB_TEXT(row->qualifier),
           DB_TEXT(row->request_id), DB_TEXT(row->payload), DB_INT(row->task), DB_INT(row->state),
           DB_INT(row->attempts), DB_INT(row->asked));
    row->n = db_last_id(db);
}

bool invocation_get(Db *db, int64_t n, Arena *a, InvocationRow *out)
{
    cleanup(rows_end) Rows r =
        db_rows(db, SQL("SELECT " COLUMNS " FROM invocation WHERE n = ?1"), DB_INT(n));
    if (!rows_next(&r)) return false;
    *out = (InvocationRow){
        .n = rows_int(&r, 0),
        .function = rows_int(&r, 1),
        .version = rows_int(&r, 2),
        .qualifier = rows_text(&r, 3, a),
        .request_id = rows_text(&r, 4, a),
        .payload = rows_text(&r, 5, a),
        .task = rows_int(&r, 6) != 0,
        .state = (InvocationState)rows_int(&r, 7),
        .attempts = rows_int(&r, 8),
        .asked = rows_int(&r, 9),
        .output = rows_text(&r, 10, a),
        .error = rows_text(&r, 11, a),
        .cause = rows_text(&r, 12, a),
    };
    return true;
}

void invocation_set(Db *db, const InvocationRow *row)
{
    db_run(db,
           SQL("UPDATE invocation SET state = ?2, attempts = ?3, output = ?4, error = ?5, cause = "
               "?6 WHERE n = ?1"),
           DB_INT(row->n), DB_INT(row->state), DB_INT(row->attempts), DB_TEXT(row->output),
           DB_TEXT(row->error), DB_TEXT(row->cause));
}

void invocation_remove(Db *db, int64_t n)
{
    db_run(db, SQL("DELETE FROM invocation WHERE n = ?1"), DB_INT(n));
}

void invocation_remove_of(Db *db, int64_t function)
{
    db_run(db, SQL("DELETE FROM invocation WHERE function = ?1 AND task = 0"), DB_INT(function));
}

int64_t invocation_list_running(Db *db, Arena *a, int64_t **out)
{
    struct {
        int64_t *p;
        int64_t n, cap;
    } v = {0};
    cleanup(rows_end) Rows r = db_rows(db, SQL("SELECT n FROM invocation WHERE state = 1"));
    while (rows_next(&r)) *vec_push(a, &v) = rows_int(&r, 0);
    *out = v.p;
    return v.n;
}

void invocation_trim_dead(Db *db, int64_t function, int64_t keep)
{
    db_run(db,
           SQL("DELETE FROM invocation WHERE function = ?1 AND state = 3 AND n NOT IN (SELECT n "
               "FROM invocation WHERE function = ?1 AND state = 3 ORDER BY n DESC LIMIT ?2)"),
           DB_INT(function), DB_INT(keep));
}
