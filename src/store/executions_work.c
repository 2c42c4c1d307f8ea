/* executions_work.c - what executions leave behind and have before them: history, orders, waits. */
#include "store/executions.h"

const char executions_work_schema[] =
    "CREATE TABLE IF NOT EXISTS execution_history("
    " execution INTEGER NOT NULL, id INTEGER NOT NULL, previous INTEGER NOT NULL, at INTEGER NOT "
    "NULL,"
    " type TEXT NOT NULL, details TEXT, PRIMARY KEY(execution, id)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS execution_order("
    " execution INTEGER NOT NULL, kind INTEGER NOT NULL, frame INTEGER NOT NULL, attempt INTEGER "
    "NOT NULL,"
    " task INTEGER NOT NULL, resource TEXT, service TEXT, action TEXT, pattern TEXT, parameters "
    "TEXT,"
    " PRIMARY KEY(execution, kind, frame, attempt)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS execution_wait("
    " execution INTEGER NOT NULL, frame INTEGER NOT NULL, attempt INTEGER NOT NULL, service TEXT "
    "NOT NULL,"
    " id TEXT NOT NULL, parent TEXT, action TEXT NOT NULL, pattern TEXT NOT NULL,"
    " PRIMARY KEY(execution, frame, attempt)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS execution_wait_by_id ON execution_wait(service, id);"
    "CREATE TABLE IF NOT EXISTS execution_seen("
    " one INTEGER PRIMARY KEY CHECK(one = 1), change INTEGER NOT NULL) STRICT";

/* ---- history ---- */

void execution_history_add(Db *db, int64_t execution, const AslHistory *h, Arena *a)
{
    Str details = h->details.type == JSON_NULL ? (Str){0} : json_to_str(a, &h->details);
    db_run(db,
           SQL("INSERT INTO execution_history(execution, id, previous, at, type, details) "
               "VALUES(?1, ?2, ?3, ?4, ?5, ?6)"),
           DB_INT(execution), DB_INT(h->id), DB_INT(h->previous), DB_INT(h->at),
           DB_TEXT(asl_history_name(h->type)), DB_TEXT(details));
}

static AslHistoryType type_of(Str name)
{
    int type = 0;
    while (type < ASL_HISTORY_COUNT && !str_eq(asl_history_name((AslHistoryType)type), name))
        type++;
    check(type < ASL_HISTORY_COUNT);
    return (AslHistoryType)type;
}

static AslHistory read_history(const Rows *r, Arena *a)
{
    AslHistory h = {.id = rows_int(r, 0),
                    .previous = rows_int(r, 1),
                    .at = rows_int(r, 2),
                    .type = type_of(rows_peek(r, 3))};
    Error err = {0};
    if (!rows_null(r, 4)) check(json_parse(rows_text(r, 4, a), a, &h.details, &err));
    return h;
}

static Rows history_rows(Db *db, int64_t execution, int64_t from, bool down, int64_t max)
{
    if (down)
        return db_rows(
            db,
            SQL("SELECT id, previous, at, type, details FROM execution_history WHERE execution = ?1"
                " AND id <= ?2 ORDER BY id DESC LIMIT ?3"),
            DB_INT(execution), DB_INT(from), DB_INT(max));
    return db_rows(
        db,
        SQL("SELECT id, previous, at, type, details FROM execution_history WHERE execution = ?1"
            " AND id >= ?2 ORDER BY id LIMIT ?3"),
        DB_INT(execution), DB_INT(from), DB_INT(max));
}

int64_t execution_history_list(Db *db, int64_t execution, int64_t from, bool down, int64_t max,
                               Arena *a, AslHistory **out)
{
    struct {
        AslHistory *p;
        int64_t n, cap;
    } v = {0};
    cleanup(rows_end) Rows r = history_rows(db, execution, from, down, max);
    while (rows_next(&r)) *vec_push(a, &v) = read_history(&r, a);
    *out = v.p;
    return v.n;
}

int64_t execution_history_trim(Db *db, int64_t execution, int64_t max)
{
    return db_run(db,
                  SQL("DELETE FROM execution_history WHERE execution = ?1 AND id < (SELECT "
                      "coalesce(min(id), 0) + ?2 FROM execution_history WHERE execution = ?1)"),
                  DB_INT(execution), DB_INT(max));
}

/* ---- orders ---- */

void execution_order_add(Db *db, const ExecutionOrder *o)
{
    db_run(db,
           SQL("INSERT OR REPLACE INTO execution_order(execution, kind, frame, attempt, task, "
               "resource, service, action,"
               " pattern, parameters) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"),
           DB_INT(o->execution), DB_INT(o->kind), DB_INT(o->token.frame), DB_INT(o->token.attempt),
           DB_INT(o->task), DB_TEXT(o->resource), DB_TEXT(o->service), DB_TEXT(o->action),
           DB_TEXT(o->pattern), DB_TEXT(o->parameters));
}

bool execution_order_get(Db *db, int64_t execution, OrderKind kind, AslToken token, Arena *a,
                         ExecutionOrder *out)
{
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("SELECT task, resource, service, action, pattern, parameters FROM "
                    "execution_order WHERE execution = ?1"
                    " AND kind = ?2 AND frame = ?3 AND attempt = ?4"),
                DB_INT(execution), DB_INT(kind), DB_INT(token.frame), DB_INT(token.attempt));
    if (!rows_next(&r)) return false;
    *out = (ExecutionOrder){
        .execution = execution,
        .kind = kind,
        .token = token,
        .task = (int)rows_int(&r, 0),
        .resource = rows_text(&r, 1, a),
        .service = rows_text(&r, 2, a),
        .action = rows_text(&r, 3, a),
        .pattern = rows_text(&r, 4, a),
        .parameters = rows_text(&r, 5, a),
    };
    return true;
}

void execution_order_remove(Db *db, int64_t execution, OrderKind kind, AslToken token)
{
    db_run(db,
           SQL("DELETE FROM execution_order WHERE execution = ?1 AND kind = ?2 AND frame = ?3 AND "
               "attempt = ?4"),
           DB_INT(execution), DB_INT(kind), DB_INT(token.frame), DB_INT(token.attempt));
}

/* ---- waits ---- */

#define WAIT_COLUMNS "execution, frame, attempt, service, id, parent, action, pattern"

static ExecutionWait read_wait(const Rows *r, Arena *a)
{
    return (ExecutionWait){
        .execution = rows_int(r, 0),
        .token = {rows_int(r, 1), rows_int(r, 2)},
        .service = rows_text(r, 3, a),
        .id = rows_text(r, 4, a),
        .parent = rows_text(r, 5, a),
        .action = rows_text(r, 6, a),
        .pattern = rows_text(r, 7, a),
    };
}

void execution_wait_add(Db *db, const ExecutionWait *w)
{
    db_run(
        db,
        SQL("INSERT INTO execution_wait(" WAIT_COLUMNS ") VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"),
        DB_INT(w->execution), DB_INT(w->token.frame), DB_INT(w->token.attempt), DB_TEXT(w->service),
        DB_TEXT(w->id), DB_TEXT(w->parent), DB_TEXT(w->action), DB_TEXT(w->pattern));
}

bool execution_wait_get(Db *db, int64_t execution, AslToken token, Arena *a, ExecutionWait *out)
{
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("SELECT " WAIT_COLUMNS
                    " FROM execution_wait WHERE execution = ?1 AND frame = ?2 AND attempt = ?3"),
                DB_INT(execution), DB_INT(token.frame), DB_INT(token.attempt));
    if (!rows_next(&r)) return false;
    *out = read_wait(&r, a);
    return true;
}

void execution_wait_remove(Db *db, int64_t execution, AslToken token)
{
    db_run(db,
           SQL("DELETE FROM execution_wait WHERE execution = ?1 AND frame = ?2 AND attempt = ?3"),
           DB_INT(execution), DB_INT(token.frame), DB_INT(token.attempt));
}

int64_t execution_wait_list(Db *db, Str service, Str id, Arena *a, ExecutionWait **out)
{
    struct {
        ExecutionWait *p;
        int64_t n, cap;
    } v = {0};
    cleanup(rows_end) Rows r = db_rows(
        db, SQL("SELECT " WAIT_COLUMNS " FROM execution_wait WHERE service = ?1 AND id = ?2"),
        DB_TEXT(service), DB_TEXT(id));
    while (rows_next(&r)) *vec_push(a, &v) = read_wait(&r, a);
    *out = v.p;
    return v.n;
}

bool execution_wait_exists(Db *db)
{
    cleanup(rows_end) Rows r = db_rows(db, SQL("SELECT 1 FROM execution_wait LIMIT 1"));
    return rows_next(&r) || db_failed(db);
}

int64_t execution_seen(Db *db)
{
    cleanup(rows_end) Rows r = db_rows(db, SQL("SELECT change FROM execution_seen"));
    return rows_next(&r) ? rows_int(&r, 0) : 0;
}

void execution_set_seen(Db *db, int64_t change)
{
    db_run(db,
           SQL("INSERT INTO execution_seen(one, change) VALUES(1, ?1) ON CONFLICT DO UPDATE SET "
               "change = ?1"),
           DB_INT(change));
}
