/* stacks.c - rows of stacks and of their resources. */
#include "store/stacks.h"

const char stacks_schema[] =
    "CREATE TABLE IF NOT EXISTS stack("
    " n INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, account TEXT NOT NULL, region TEXT "
    "NOT "
    "NULL, name TEXT NOT NULL, status TEXT NOT NULL, reason TEXT, created INTEGER NOT NULL,"
    " updated INTEGER NOT NULL, deleted INTEGER NOT NULL, facts TEXT NOT NULL, text TEXT, body "
    "TEXT, outputs TEXT NOT NULL, policy TEXT, life TEXT, next TEXT, token TEXT, acting TEXT) "
    "STRICT;"
    "CREATE UNIQUE INDEX IF NOT EXISTS stack_by_id ON stack(id);"
    "CREATE UNIQUE INDEX IF NOT EXISTS stack_by_name ON stack(account, region, name) WHERE deleted "
    "= 0;"
    "CREATE TABLE IF NOT EXISTS stack_resource("
    " stack INTEGER NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL, physical TEXT, status TEXT "
    "NOT NULL, reason TEXT, at INTEGER NOT NULL, properties TEXT, attributes TEXT, kept TEXT, old "
    "TEXT, wait_service TEXT, wait_id TEXT, waiting INTEGER NOT NULL, token TEXT, drift TEXT,"
    " PRIMARY KEY(stack, name)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS stack_resource_waits ON stack_resource(wait_service, wait_id) "
    "WHERE "
    "waiting = 1;"
    "CREATE INDEX IF NOT EXISTS stack_resource_by_physical ON stack_resource(physical);"
    "CREATE TABLE IF NOT EXISTS stack_seen(one INTEGER PRIMARY KEY, n INTEGER NOT NULL) STRICT";

/* ---- stacks ---- */

#define STACK_COLUMNS                                                                              \
    "n, id, account, region, name, status, reason, created, updated, deleted, facts, text, body, " \
    "outputs, policy, life, next, token, acting"

static StackRow read_stack(const Rows *r, Arena *a)
{
    return (StackRow){
        .n = rows_int(r, 0),
        .id = rows_text(r, 1, a),
        .account = rows_text(r, 2, a),
        .region = rows_text(r, 3, a),
        .name = rows_text(r, 4, a),
        .status = rows_text(r, 5, a),
        .reason = rows_text(r, 6, a),
        .created = rows_int(r, 7),
        .updated = rows_int(r, 8),
        .deleted = rows_int(r, 9),
        .facts = rows_text(r, 10, a),
        .text = rows_text(r, 11, a),
        .body = rows_text(r, 12, a),
        .outputs = rows_text(r, 13, a),
        .policy = rows_text(r, 14, a),
        .life = rows_text(r, 15, a),
        .next = rows_text(r, 16, a),
        .token = rows_text(r, 17, a),
        .acting = rows_text(r, 18, a),
    };
}

void stack_row_add(Db *db, StackRow *row)
{
    db_run(db,
           SQL("INSERT INTO stack(id, account, region, name, status, created, updated, deleted, "
               "facts, outputs) VALUES(?1, ?2, ?3, ?4, ?5, ?6, 0, 0, ?7, ?8)"),
           DB_TEXT(row->id), DB_TEXT(row->account), DB_TEXT(row->region), DB_TEXT(row->name),
           DB_TEXT(row->status), DB_INT(row->created), DB_TEXT(row->facts), DB_TEXT(row->outputs));
    row->n = db_last_id(db);
    stack_row_set(db, row);
}

int64_t stack_row_count(Db *db, Str account, Str region)
{
    cleanup(rows_end) Rows r = db_rows(
        db, SQL("SELECT count(*) FROM stack WHERE account = ?1 AND region = ?2 AND deleted = 0"),
        DB_TEXT(account), DB_TEXT(region));
    return rows_next(&r) ? rows_int(&r, 0) : 0;
}

void stack_row_set(Db *db, const StackRow *row)
{
    db_run(db,
           SQL("UPDATE stack SET status = ?2, reason = ?3, updated = ?4, deleted = ?5, facts = ?6,"
               " text = ?7, body = ?8, outputs = ?9, policy = ?10, life = ?11, next = ?12,"
               " token = ?13, acting = ?14 WHERE n = ?1"),
           DB_INT(row->n), DB_TEXT(row->status), DB_TEXT(row->reason), DB_INT(row->updated),
           DB_INT(row->deleted), DB_TEXT(row->facts), DB_TEXT(row->text), DB_TEXT(row->body),
           DB_TEXT(row->outputs), DB_TEXT(row->policy), DB_TEXT(row->life), DB_TEXT(row->next),
           DB_TEXT(row->token), DB_TEXT(row->acting));
}

void stack_row_progress(Db *db, const StackRow *row)
{
    db_run(db, SQL("UPDATE stack SET status = ?2, reason = ?3, life = ?4 WHERE n = ?1"),
           DB_INT(row->n), DB_TEXT(row->status), DB_TEXT(row->reason), DB_TEXT(row->life));
}

bool stack_row_get(Db *db, int64_t n, Arena *a, StackRow *out)
{
    cleanup(rows_end) Rows r =
        db_rows(db, SQL("SELECT " STACK_COLUMNS " FROM stack WHERE n = ?1"), DB_INT(n));
    if (!rows_next(&r)) return false;
    *out = read_stack(&r, a);
    return true;
}

bool stack_row_find(Db *db, Str account, Str region, Str name_or_id, Arena *a, StackRow *out)
{
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("SELECT " STACK_COLUMNS " FROM stack WHERE account = ?1 AND region = ?2 AND"
                    " (id = ?3 OR (name = ?3 AND deleted = 0)) LIMIT 1"),
                DB_TEXT(account), DB_TEXT(region), DB_TEXT(name_or_id));
    if (!rows_next(&r)) return false;
    *out = read_stack(&r, a);
    return true;
}

int64_t stack_row_list(Db *db, Str account, Str region, bool all, int64_t before, int64_t max,
                       Arena *a, StackRow **out)
{
    struct {
        StackRow *p;
        int64_t n, cap;
    } v = {0};
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("SELECT " STACK_COLUMNS " FROM stack WHERE account = ?1 AND region = ?2 AND"
                    " (?3 OR deleted = 0) AND n < ?4 ORDER BY n DESC LIMIT ?5"),
                DB_TEXT(account), DB_TEXT(region), DB_INT(all), DB_INT(before ? before : INT64_MAX),
                DB_INT(max));
    while (rows_next(&r)) *vec_push(a, &v) = read_stack(&r, a);
    *out = v.p;
    return v.n;
}

/* ---- resources ---- */

#define RESOURCE_COLUMNS                                                                           \
    "stack, name, type, physical, status, reason, at, properties, attributes, kept, old, "         \
    "wait_service, wait_id, waiting, token, drift"

static StackResourceRow read_resource(const Rows *r, Arena *a)
{
    return (StackResourceRow){
        .stack = rows_int(r, 0),
        .name = rows_text(r, 1, a),
        .type = rows_text(r, 2, a),
        .physical = rows_text(r, 3, a),
        .status = rows_text(r, 4, a),
        .reason = rows_text(r, 5, a),
        .at = rows_int(r, 6),
        .properties = rows_text(r, 7, a),
        .attributes = rows_text(r, 8, a),
        .kept = rows_text(r, 9, a),
        .old = rows_text(r, 10, a),
        .wait_service = rows_text(r, 11, a),
        .wait_id = rows_text(r, 12, a),
        .waiting = rows_int(r, 13) != 0,
        .token = rows_text(r, 14, a),
        .drift = rows_text(r, 15, a),
    };
}

void stack_resource_set(Db *db, const StackResourceRow *row)
{
    db_run(db,
           SQL("INSERT OR REPLACE INTO stack_resource(" RESOURCE_COLUMNS ") VALUES(?1, ?2, ?3, ?4,"
               " ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)"),
           DB_INT(row->stack), DB_TEXT(row->name), DB_TEXT(row->type), DB_TEXT(row->physical),
           DB_TEXT(row->status), DB_TEXT(row->reason), DB_INT(row->at), DB_TEXT(row->properties),
           DB_TEXT(row->attributes), DB_TEXT(row->kept), DB_TEXT(row->old),
           DB_TEXT(row->wait_service), DB_TEXT(row->wait_id), DB_INT(row->waiting),
           DB_TEXT(row->token), DB_TEXT(row->drift));
}

bool stack_resource_get(Db *db, int64_t stack, Str name, Arena *a, StackResourceRow *out)
{
    cleanup(rows_end) Rows r = db_rows(
        db, SQL("SELECT " RESOURCE_COLUMNS " FROM stack_resource WHERE stack = ?1 AND name = ?2"),
        DB_INT(stack), DB_TEXT(name));
    if (!rows_next(&r)) return false;
    *out = read_resource(&r, a);
    return true;
}

void stack_resource_remove(Db *db, int64_t stack, Str name)
{
    db_run(db, SQL("DELETE FROM stack_resource WHERE stack = ?1 AND name = ?2"), DB_INT(stack),
           DB_TEXT(name));
}

static int64_t read_resources(Rows *r, Arena *a, StackResourceRow **out)
{
    struct {
        StackResourceRow *p;
        int64_t n, cap;
    } v = {0};
    while (rows_next(r)) *vec_push(a, &v) = read_resource(r, a);
    *out = v.p;
    return v.n;
}

int64_t stack_resource_list(Db *db, int64_t stack, Arena *a, StackResourceRow **out)
{
    cleanup(rows_end) Rows r = db_rows(
        db, SQL("SELECT " RESOURCE_COLUMNS " FROM stack_resource WHERE stack = ?1 ORDER BY name"),
        DB_INT(stack));
    return read_resources(&r, a, out);
}

bool stack_resource_of_physical(Db *db, Str account, Str region, Str physical, Arena *a,
                                StackResourceRow *out)
{
    cleanup(rows_end) Rows r = db_rows(
        db,
        SQL("SELECT " RESOURCE_COLUMNS " FROM stack_resource WHERE physical = ?3 AND stack IN"
            " (SELECT n FROM stack WHERE account = ?1 AND region = ?2 AND deleted = 0) LIMIT 1"),
        DB_TEXT(account), DB_TEXT(region), DB_TEXT(physical));
    if (!rows_next(&r)) return false;
    *out = read_resource(&r, a);
    return true;
}

static int64_t read_names(Rows *r, Arena *a, StackResourceRow **out)
{
    struct {
        StackResourceRow *p;
        int64_t n, cap;
    } v = {0};
    while (rows_next(r))
        *vec_push(a, &v) = (StackResourceRow){.stack = rows_int(r, 0), .name = rows_text(r, 1, a)};
    *out = v.p;
    return v.n;
}

int64_t stack_resource_waiting(Db *db, Str service, Str id, Arena *a, StackResourceRow **out)
{
    if (str_absent(service)) {
        cleanup(rows_end) Rows all =
            db_rows(db, SQL("SELECT stack, name FROM stack_resource WHERE waiting = 1"));
        return read_names(&all, a, out);
    }
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("SELECT stack, name FROM stack_resource WHERE waiting = 1 AND wait_service = ?1"
                    " AND wait_id = ?2"),
                DB_TEXT(service), DB_TEXT(id));
    return read_names(&r, a, out);
}

bool stack_resource_waits(Db *db)
{
    cleanup(rows_end) Rows r =
        db_rows(db, SQL("SELECT 1 FROM stack_resource WHERE waiting = 1 LIMIT 1"));
    return rows_next(&r) || db_failed(db);
}

int64_t stack_seen(Db *db)
{
    cleanup(rows_end) Rows r = db_rows(db, SQL("SELECT n FROM stack_seen WHERE one = 1"));
    return rows_next(&r) ? rows_int(&r, 0) : 0;
}

void stack_set_seen(Db *db, int64_t n)
{
    db_run(db, SQL("INSERT OR REPLACE INTO stack_seen(one, n) VALUES(1, ?1)"), DB_INT(n));
}
