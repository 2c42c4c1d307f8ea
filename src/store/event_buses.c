/* event_buses.c - rows of buses, and how far changes have become events. */
#include "store/event_buses.h"

const char event_buses_schema[] =
    "CREATE TABLE IF NOT EXISTS event_bus("
    " n INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, region TEXT NOT NULL, name TEXT "
    "NOT NULL, description TEXT, policy TEXT, config TEXT NOT NULL, tags TEXT NOT NULL, created "
    "INTEGER NOT NULL, modified INTEGER NOT NULL, revision INTEGER NOT NULL, UNIQUE(account, "
    "region, name)) STRICT;"
    "CREATE TABLE IF NOT EXISTS event_seen("
    " one INTEGER PRIMARY KEY CHECK(one = 1), change INTEGER NOT NULL) STRICT";

#define COLUMNS                                                                                    \
    "n, account, region, name, description, policy, config, tags, created, modified, revision"

static EventBusRow read_row(const Rows *r, Arena *a)
{
    return (EventBusRow){
        .n = rows_int(r, 0),
        .account = rows_text(r, 1, a),
        .region = rows_text(r, 2, a),
        .name = rows_text(r, 3, a),
        .description = rows_text(r, 4, a),
        .policy = rows_text(r, 5, a),
        .config = rows_text(r, 6, a),
        .tags = rows_text(r, 7, a),
        .created = rows_int(r, 8),
        .modified = rows_int(r, 9),
        .revision = rows_int(r, 10),
    };
}

void event_bus_add(Db *db, EventBusRow *row)
{
    db_run(db,
           SQL("INSERT INTO event_bus(account, region, name, description, policy, config, tags, "
               "created, modified, revision) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"),
           DB_TEXT(row->account), DB_TEXT(row->region), DB_TEXT(row->name),
           DB_TEXT(row->description), DB_TEXT(row->policy), DB_TEXT(row->config),
           DB_TEXT(row->tags), DB_INT(row->created), DB_INT(row->modified), DB_INT(row->revision));
    row->n = db_last_id(db);
}

bool event_bus_find(Db *db, Str account, Str region, Str name, Arena *a, EventBusRow *out)
{
    cleanup(rows_end) Rows r = db_rows(
        db,
        SQL("SELECT " COLUMNS " FROM event_bus WHERE account = ?1 AND region = ?2 AND name = ?3"),
        DB_TEXT(account), DB_TEXT(region), DB_TEXT(name));
    if (!rows_next(&r)) return false;
    *out = read_row(&r, a);
    return true;
}

bool event_bus_get(Db *db, int64_t n, Arena *a, EventBusRow *out)
{
    cleanup(rows_end) Rows r =
        db_rows(db, SQL("SELECT " COLUMNS " FROM event_bus WHERE n = ?1"), DB_INT(n));
    if (!rows_next(&r)) return false;
    *out = read_row(&r, a);
    return true;
}

void event_bus_set(Db *db, const EventBusRow *row)
{
    db_run(db,
           SQL("UPDATE event_bus SET description = ?2, policy = ?3, config = ?4, tags = ?5, "
               "modified = ?6 WHERE n = ?1"),
           DB_INT(row->n), DB_TEXT(row->description), DB_TEXT(row->policy), DB_TEXT(row->config),
           DB_TEXT(row->tags), DB_INT(row->modified));
}

void event_bus_set_revision(Db *db, int64_t n, int64_t revision)
{
    db_run(db, SQL("UPDATE event_bus SET revision = ?2 WHERE n = ?1"), DB_INT(n), DB_INT(revision));
}

void event_bus_remove(Db *db, int64_t n)
{
    db_run(db, SQL("DELETE FROM event_bus WHERE n = ?1"), DB_INT(n));
}

int64_t event_bus_list(Db *db, Str account, Str region, Str prefix, Str after, int64_t max,
                       Arena *a, EventBusRow **out)
{
    struct {
        EventBusRow *p;
        int64_t n, cap;
    } v = {0};
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("SELECT " COLUMNS " FROM event_bus WHERE account = ?1 AND region = ?2"
                    " AND (?3 IS NULL OR substr(name, 1, length(?3)) = ?3)"
                    " AND (?4 IS NULL OR name > ?4) ORDER BY name LIMIT ?5"),
                DB_TEXT(account), DB_TEXT(region), DB_TEXT(prefix), DB_TEXT(after), DB_INT(max));
    while (rows_next(&r)) *vec_push(a, &v) = read_row(&r, a);
    *out = v.p;
    return v.n;
}

int64_t event_seen(Db *db)
{
    cleanup(rows_end) Rows r = db_rows(db, SQL("SELECT change FROM event_seen"));
    return rows_next(&r) ? rows_int(&r, 0) : -1;
}

void event_set_seen(Db *db, int64_t change)
{
    db_run(db,
           SQL("INSERT INTO event_seen(one, change) VALUES(1, ?1) ON CONFLICT DO UPDATE SET change "
               "= ?1"),
           DB_INT(change));
}
