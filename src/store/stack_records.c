/* stack_records.c - rows of stack events, exports and imports, and change sets. */
#include "store/stacks.h"

const char stack_records_schema[] =
    "CREATE TABLE IF NOT EXISTS stack_event("
    " n INTEGER PRIMARY KEY AUTOINCREMENT, stack INTEGER NOT NULL, id TEXT NOT NULL, name TEXT NOT "
    "NULL, physical TEXT, type TEXT NOT NULL, status TEXT NOT NULL, reason TEXT, properties TEXT,"
    " token TEXT, at INTEGER NOT NULL) STRICT;"
    "CREATE INDEX IF NOT EXISTS stack_event_by_stack ON stack_event(stack, n);"
    "CREATE TABLE IF NOT EXISTS stack_export("
    " account TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, stack "
    "INTEGER NOT NULL, PRIMARY KEY(account, region, name)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS stack_export_by_stack ON stack_export(stack);"
    "CREATE TABLE IF NOT EXISTS stack_import("
    " account TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, stack INTEGER NOT NULL,"
    " PRIMARY KEY(account, region, name, stack)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS stack_import_by_stack ON stack_import(stack);"
    "CREATE TABLE IF NOT EXISTS stack_token(token TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS stack_answer(n INTEGER PRIMARY KEY AUTOINCREMENT, token TEXT NOT "
    "NULL, answer TEXT NOT NULL) STRICT;"
    "CREATE INDEX IF NOT EXISTS stack_answer_by_token ON stack_answer(token, n);"
    "CREATE TABLE IF NOT EXISTS change_set("
    " n INTEGER PRIMARY KEY AUTOINCREMENT, stack INTEGER NOT NULL, id TEXT NOT NULL, name TEXT NOT "
    "NULL, status TEXT NOT NULL, reason TEXT, execution TEXT NOT NULL, created INTEGER NOT NULL,"
    " facts TEXT NOT NULL, next TEXT) STRICT;"
    "CREATE UNIQUE INDEX IF NOT EXISTS change_set_by_name ON change_set(stack, name);"
    "CREATE UNIQUE INDEX IF NOT EXISTS change_set_by_id ON change_set(id)";

/* ---- events ---- */

void stack_event_add(Db *db, const StackEvent *e)
{
    db_run(db,
           SQL("INSERT INTO stack_event(stack, id, name, physical, type, status, reason, "
               "properties, token, at) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"),
           DB_INT(e->stack), DB_TEXT(e->id), DB_TEXT(e->name), DB_TEXT(e->physical),
           DB_TEXT(e->type), DB_TEXT(e->status), DB_TEXT(e->reason), DB_TEXT(e->properties),
           DB_TEXT(e->token), DB_INT(e->at));
}

Millis stack_event_last(Db *db, int64_t stack)
{
    cleanup(rows_end) Rows r =
        db_rows(db, SQL("SELECT at FROM stack_event WHERE stack = ?1 ORDER BY n DESC LIMIT 1"),
                DB_INT(stack));
    return rows_next(&r) ? rows_int(&r, 0) : 0;
}

int64_t stack_event_list(Db *db, int64_t stack, int64_t before, int64_t max, Arena *a,
                         StackEvent **out)
{
    struct {
        StackEvent *p;
        int64_t n, cap;
    } v = {0};
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("SELECT n, stack, id, name, physical, type, status, reason, properties, token,"
                    " at FROM stack_event WHERE stack = ?1 AND n < ?2 ORDER BY n DESC LIMIT ?3"),
                DB_INT(stack), DB_INT(before ? before : INT64_MAX), DB_INT(max));
    while (rows_next(&r))
        *vec_push(a, &v) = (StackEvent){
            .n = rows_int(&r, 0),
            .stack = rows_int(&r, 1),
            .id = rows_text(&r, 2, a),
            .name = rows_text(&r, 3, a),
            .physical = rows_text(&r, 4, a),
            .type = rows_text(&r, 5, a),
            .status = rows_text(&r, 6, a),
            .reason = rows_text(&r, 7, a),
            .properties = rows_text(&r, 8, a),
            .token = rows_text(&r, 9, a),
            .at = rows_int(&r, 10),
        };
    *out = v.p;
    return v.n;
}

/* ---- exports ---- */

void stack_export_set(Db *db, const StackExport *x)
{
    db_run(db,
           SQL("INSERT OR REPLACE INTO stack_export(account, region, name, value, stack)"
               " VALUES(?1, ?2, ?3, ?4, ?5)"),
           DB_TEXT(x->account), DB_TEXT(x->region), DB_TEXT(x->name), DB_TEXT(x->value),
           DB_INT(x->stack));
}

void stack_export_clear(Db *db, int64_t stack)
{
    db_run(db, SQL("DELETE FROM stack_export WHERE stack = ?1"), DB_INT(stack));
}

static StackExport read_export(const Rows *r, Arena *a)
{
    return (StackExport){rows_text(r, 0, a), rows_text(r, 1, a), rows_text(r, 2, a),
                         rows_text(r, 3, a), rows_int(r, 4)};
}

bool stack_export_find(Db *db, Str account, Str region, Str name, Arena *a, StackExport *out)
{
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("SELECT account, region, name, value, stack FROM stack_export WHERE account = "
                    "?1 AND region = ?2 AND name = ?3"),
                DB_TEXT(account), DB_TEXT(region), DB_TEXT(name));
    if (!rows_next(&r)) return false;
    *out = read_export(&r, a);
    return true;
}

int64_t stack_export_list(Db *db, Str account, Str region, Str after, int64_t max, Arena *a,
                          StackExport **out)
{
    struct {
        StackExport *p;
        int64_t n, cap;
    } v = {0};
    cleanup(rows_end) Rows r = db_rows(
        db,
        SQL("SELECT account, region, name, value, stack FROM stack_export WHERE account = "
            "?1 AND region = ?2 AND name > ?3 ORDER BY name LIMIT ?4"),
        DB_TEXT(account), DB_TEXT(region), DB_TEXT(str_absent(after) ? S("") : after), DB_INT(max));
    while (rows_next(&r)) *vec_push(a, &v) = read_export(&r, a);
    *out = v.p;
    return v.n;
}

/* ---- imports ---- */

void stack_import_add(Db *db, int64_t stack, Str account, Str region, Str name)
{
    db_run(db,
           SQL("INSERT OR IGNORE INTO stack_import(account, region, name, stack) VALUES(?1, ?2, ?3,"
               " ?4)"),
           DB_TEXT(account), DB_TEXT(region), DB_TEXT(name), DB_INT(stack));
}

void stack_import_clear(Db *db, int64_t stack)
{
    db_run(db, SQL("DELETE FROM stack_import WHERE stack = ?1"), DB_INT(stack));
}

StrVec stack_import_list(Db *db, Str account, Str region, Str name, Arena *a)
{
    StrVec names = {0};
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("SELECT stack.name FROM stack_import AS i JOIN stack ON stack.n = i.stack WHERE"
                    " i.account = ?1 AND i.region = ?2 AND i.name = ?3 ORDER BY stack.name"),
                DB_TEXT(account), DB_TEXT(region), DB_TEXT(name));
    while (rows_next(&r)) *vec_push(a, &names) = rows_text(&r, 0, a);
    return names;
}

/* ---- answers ---- */

void stack_token_add(Db *db, Str token)
{
    db_run(db, SQL("INSERT INTO stack_token(token) VALUES(?1)"), DB_TEXT(token));
}

bool stack_token_there(Db *db, Str token)
{
    cleanup(rows_end) Rows r =
        db_rows(db, SQL("SELECT 1 FROM stack_token WHERE token = ?1"), DB_TEXT(token));
    return rows_next(&r);
}

void stack_token_remove(Db *db, Str token)
{
    db_run(db, SQL("DELETE FROM stack_token WHERE token = ?1"), DB_TEXT(token));
    db_run(db, SQL("DELETE FROM stack_answer WHERE token = ?1"), DB_TEXT(token));
}

void stack_answer_add(Db *db, Str token, Str json)
{
    db_run(db, SQL("INSERT INTO stack_answer(token, answer) VALUES(?1, ?2)"), DB_TEXT(token),
           DB_TEXT(json));
}

StrVec stack_answer_list(Db *db, Str token, Arena *a)
{
    StrVec v = {0};
    cleanup(rows_end) Rows r = db_rows(
        db, SQL("SELECT answer FROM stack_answer WHERE token = ?1 ORDER BY n"), DB_TEXT(token));
    while (rows_next(&r)) *vec_push(a, &v) = rows_text(&r, 0, a);
    return v;
}

/* ---- change sets ---- */

#define CHANGE_SET_COLUMNS "n, stack, id, name, status, reason, execution, created, facts, next"

static ChangeSetRow read_change_set(const Rows *r, Arena *a)
{
    return (ChangeSetRow){
        .n = rows_int(r, 0),
        .stack = rows_int(r, 1),
        .id = rows_text(r, 2, a),
        .name = rows_text(r, 3, a),
        .status = rows_text(r, 4, a),
        .reason = rows_text(r, 5, a),
        .execution = rows_text(r, 6, a),
        .created = rows_int(r, 7),
        .facts = rows_text(r, 8, a),
        .next = rows_text(r, 9, a),
    };
}

void change_set_add(Db *db, ChangeSetRow *row)
{
    db_run(db,
           SQL("INSERT INTO change_set(stack, id, name, status, reason, execution, created, facts,"
               " next) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"),
           DB_INT(row->stack), DB_TEXT(row->id), DB_TEXT(row->name), DB_TEXT(row->status),
           DB_TEXT(row->reason), DB_TEXT(row->execution), DB_INT(row->created), DB_TEXT(row->facts),
           DB_TEXT(row->next));
    row->n = db_last_id(db);
}

bool change_set_find(Db *db, int64_t stack, Str name_or_id, Arena *a, ChangeSetRow *out)
{
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("SELECT " CHANGE_SET_COLUMNS
                    " FROM change_set WHERE stack = ?1 AND (name = ?2 OR id = ?2) LIMIT 1"),
                DB_INT(stack), DB_TEXT(name_or_id));
    if (!rows_next(&r)) return false;
    *out = read_change_set(&r, a);
    return true;
}

bool change_set_of_id(Db *db, Str id, Arena *a, ChangeSetRow *out)
{
    cleanup(rows_end) Rows r = db_rows(
        db, SQL("SELECT " CHANGE_SET_COLUMNS " FROM change_set WHERE id = ?1"), DB_TEXT(id));
    if (!rows_next(&r)) return false;
    *out = read_change_set(&r, a);
    return true;
}

int64_t change_set_list(Db *db, int64_t stack, Arena *a, ChangeSetRow **out)
{
    struct {
        ChangeSetRow *p;
        int64_t n, cap;
    } v = {0};
    cleanup(rows_end) Rows r = db_rows(
        db, SQL("SELECT " CHANGE_SET_COLUMNS " FROM change_set WHERE stack = ?1 ORDER BY n"),
        DB_INT(stack));
    while (rows_next(&r)) *vec_push(a, &v) = read_change_set(&r, a);
    *out = v.p;
    return v.n;
}

void change_set_set_facts(Db *db, int64_t n, Str facts)
{
    db_run(db, SQL("UPDATE change_set SET facts = ?2 WHERE n = ?1"), DB_INT(n), DB_TEXT(facts));
}

void change_set_remove(Db *db, int64_t n)
{
    db_run(db, SQL("DELETE FROM change_set WHERE n = ?1"), DB_INT(n));
}

void change_set_clear(Db *db, int64_t stack)
{
    db_run(db, SQL("DELETE FROM change_set WHERE stack = ?1"), DB_INT(stack));
}
