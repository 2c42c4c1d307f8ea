/* connections.c - rows of EventBridge connections. */
#include "store/connections.h"

const char connections_schema[] =
    "CREATE TABLE IF NOT EXISTS connection("
    " n INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, region TEXT NOT NULL, name TEXT "
    "NOT NULL, id TEXT NOT NULL,"
    " description TEXT, kind TEXT NOT NULL, parameters TEXT NOT NULL, state TEXT NOT NULL, reason "
    "TEXT,"
    " created INTEGER NOT NULL, modified INTEGER NOT NULL, authorized INTEGER NOT NULL,"
    " revision INTEGER NOT NULL, UNIQUE(account, region, name)) STRICT";

#define COLUMNS                                                                                    \
    "n, account, region, name, id, description, kind, parameters, state, reason, created, "        \
    "modified, authorized, revision"

static ConnectionRow read_row(const Rows *r, Arena *a)
{
    return (ConnectionRow){
        .n = rows_int(r, 0),
        .account = rows_text(r, 1, a),
        .region = rows_text(r, 2, a),
        .name = rows_text(r, 3, a),
        .id = rows_text(r, 4, a),
        .description = rows_text(r, 5, a),
        .kind = rows_text(r, 6, a),
        .parameters = rows_text(r, 7, a),
        .state = rows_text(r, 8, a),
        .reason = rows_text(r, 9, a),
        .created = rows_int(r, 10),
        .modified = rows_int(r, 11),
        .authorized = rows_int(r, 12),
        .revision = rows_int(r, 13),
    };
}

void connection_row_add(Db *db, ConnectionRow *row)
{
    db_run(db,
           SQL("INSERT INTO connection(account, region, name, id, description, kind, parameters, "
               "state, reason, created, modified, authorized, revision)"
               " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"),
           DB_TEXT(row->account), DB_TEXT(row->region), DB_TEXT(row->name), DB_TEXT(row->id),
           DB_TEXT(row->description), DB_TEXT(row->kind), DB_TEXT(row->parameters),
           DB_TEXT(row->state), DB_TEXT(row->reason), DB_INT(row->created), DB_INT(row->modified),
           DB_INT(row->authorized), DB_INT(row->revision));
    row->n = db_last_id(db);
}

bool connection_row_find(Db *db, Str account, Str region, Str name, Arena *a, ConnectionRow *out)
{
    cleanup(rows_end) Rows r = db_rows(
        db,
        SQL("SELECT " COLUMNS " FROM connection WHERE account = ?1 AND region = ?2 AND name = ?3"),
        DB_TEXT(account), DB_TEXT(region), DB_TEXT(name));
    if (!rows_next(&r)) return false;
    *out = read_row(&r, a);
    return true;
}

bool connection_row_get(Db *db, int64_t n, Arena *a, ConnectionRow *out)
{
    cleanup(rows_end) Rows r =
        db_rows(db, SQL("SELECT " COLUMNS " FROM connection WHERE n = ?1"), DB_INT(n));
    if (!rows_next(&r)) return false;
    *out = read_row(&r, a);
    return true;
}

void connection_row_set(Db *db, const ConnectionRow *row)
{
    db_run(db,
           SQL("UPDATE connection SET description = ?2, kind = ?3, parameters = ?4, state = ?5, "
               "reason = ?6, modified = ?7, authorized = ?8, revision = ?9 WHERE n = ?1"),
           DB_INT(row->n), DB_TEXT(row->description), DB_TEXT(row->kind), DB_TEXT(row->parameters),
           DB_TEXT(row->state), DB_TEXT(row->reason), DB_INT(row->modified),
           DB_INT(row->authorized), DB_INT(row->revision));
}

void connection_row_remove(Db *db, int64_t n)
{
    db_run(db, SQL("DELETE FROM connection WHERE n = ?1"), DB_INT(n));
}

int64_t connection_row_list(Db *db, Str account, Str region, Str prefix, Str state, Str after,
                            int64_t max, Arena *a, ConnectionRow **out)
{
    struct {
        ConnectionRow *p;
        int64_t n, cap;
    } v = {0};
    cleanup(rows_end) Rows r = db_rows(
        db,
        SQL("SELECT " COLUMNS " FROM connection WHERE account = ?1 AND region = ?2"
            " AND (?3 IS NULL OR substr(name, 1, length(?3)) = ?3) AND (?4 IS NULL OR state = ?4)"
            " AND (?5 IS NULL OR name > ?5) ORDER BY name LIMIT ?6"),
        DB_TEXT(account), DB_TEXT(region), DB_TEXT(prefix), DB_TEXT(state), DB_TEXT(after),
        DB_INT(max));
    while (rows_next(&r)) *vec_push(a, &v) = read_row(&r, a);
    *out = v.p;
    return v.n;
}
