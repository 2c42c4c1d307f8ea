/* event_archives.c - rows of EventBridge archives and of the events in them. */
#include "store/event_archives.h"

const char event_archives_schema[] =
    "CREATE TABLE IF NOT EXISTS event_archive("
    " n INTEGER PRIMARY KEY AUTOINCREMENT, bus INTEGER NOT NULL, account TEXT NOT NULL,"
    " region TEXT NOT NULL, name TEXT NOT NULL, source TEXT NOT NULL, description TEXT,"
    " pattern TEXT, key TEXT, retention_days INTEGER NOT NULL, events INTEGER NOT NULL,"
    " bytes INTEGER NOT NULL, created INTEGER NOT NULL, UNIQUE(account, region, name)) STRICT;"
    "CREATE INDEX IF NOT EXISTS event_archive_by_bus ON event_archive(bus);"
    "CREATE TABLE IF NOT EXISTS archived_event("
    " n INTEGER PRIMARY KEY AUTOINCREMENT, archive INTEGER NOT NULL, at INTEGER NOT NULL,"
    " event TEXT NOT NULL) STRICT;"
    "CREATE INDEX IF NOT EXISTS archived_event_by_time ON archived_event(archive, at, n);"
    "CREATE TABLE IF NOT EXISTS event_replay("
    " n INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, region TEXT NOT NULL,"
    " name TEXT NOT NULL, description TEXT, archive INTEGER NOT NULL, source TEXT NOT NULL,"
    " destination TEXT NOT NULL, state TEXT NOT NULL, reason TEXT, since INTEGER NOT NULL,"
    " until INTEGER NOT NULL, started INTEGER NOT NULL, ended INTEGER NOT NULL,"
    " at INTEGER NOT NULL, last INTEGER NOT NULL, UNIQUE(account, region, name)) STRICT";

#define COLUMNS                                                                                    \
    "n, bus, account, region, name, source, description, pattern, key, retention_days, events, "   \
    "bytes, created"

static EventArchiveRow read_row(const Rows *r, Arena *a)
{
    return (EventArchiveRow){
        .n = rows_int(r, 0),
        .bus = rows_int(r, 1),
        .account = rows_text(r, 2, a),
        .region = rows_text(r, 3, a),
        .name = rows_text(r, 4, a),
        .source = rows_text(r, 5, a),
        .description = rows_text(r, 6, a),
        .pattern = rows_text(r, 7, a),
        .key = rows_text(r, 8, a),
        .retention_days = rows_int(r, 9),
        .events = rows_int(r, 10),
        .bytes = rows_int(r, 11),
        .created = rows_int(r, 12),
    };
}

void event_archive_add(Db *db, EventArchiveRow *row)
{
    db_run(db,
           SQL("INSERT INTO event_archive(bus, account, region, name, source, description, pattern,"
               " key, retention_days, events, bytes, created)"
               " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0, 0, ?10)"),
           DB_INT(row->bus), DB_TEXT(row->account), DB_TEXT(row->region), DB_TEXT(row->name),
           DB_TEXT(row->source), DB_TEXT(row->description), DB_TEXT(row->pattern),
           DB_TEXT(row->key), DB_INT(row->retention_days), DB_INT(row->created));
    row->n = db_last_id(db);
}

bool event_archive_find(Db *db, Str account, Str region, Str name, Arena *a, EventArchiveRow *out)
{
    cleanup(rows_end) Rows r = db_rows(db,
                                       SQL("SELECT " COLUMNS " FROM event_archive"
                                           " WHERE account = ?1 AND region = ?2 AND name = ?3"),
                                       DB_TEXT(account), DB_TEXT(region), DB_TEXT(name));
    if (!rows_next(&r)) return false;
    *out = read_row(&r, a);
    return true;
}

bool event_archive_get(Db *db, int64_t n, Arena *a, EventArchiveRow *out)
{
    cleanup(rows_end) Rows r =
        db_rows(db, SQL("SELECT " COLUMNS " FROM event_archive WHERE n = ?1"), DB_INT(n));
    if (!rows_next(&r)) return false;
    *out = read_row(&r, a);
    return true;
}

void event_archive_set(Db *db, const EventArchiveRow *row)
{
    db_run(db,
           SQL("UPDATE event_archive SET description = ?2, pattern = ?3, key = ?4,"
               " retention_days = ?5 WHERE n = ?1"),
           DB_INT(row->n), DB_TEXT(row->description), DB_TEXT(row->pattern), DB_TEXT(row->key),
           DB_INT(row->retention_days));
}

void event_archive_remove(Db *db, int64_t n)
{
    db_run(db, SQL("DELETE FROM event_archive WHERE n = ?1"), DB_INT(n));
}

typedef struct ArchiveRows {
    EventArchiveRow *p;
    int64_t n, cap;
} ArchiveRows;

int64_t event_archive_list(Db *db, Str account, Str region, Str prefix, Str source, Str after,
                           int64_t max, Arena *a, EventArchiveRow **out)
{
    ArchiveRows v = {0};
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("SELECT " COLUMNS " FROM event_archive WHERE account = ?1 AND region = ?2"
                    " AND (?3 IS NULL OR substr(name, 1, length(?3)) = ?3)"
                    " AND (?4 IS NULL OR source = ?4) AND (?5 IS NULL OR name > ?5)"
                    " ORDER BY name LIMIT ?6"),
                DB_TEXT(account), DB_TEXT(region), DB_TEXT(prefix), DB_TEXT(source), DB_TEXT(after),
                DB_INT(max));
    while (rows_next(&r)) *vec_push(a, &v) = read_row(&r, a);
    *out = v.p;
    return v.n;
}

int64_t event_archive_of_bus(Db *db, int64_t bus, int64_t max, Arena *a, EventArchiveRow **out)
{
    ArchiveRows v = {0};
    cleanup(rows_end) Rows r =
        db_rows(db, SQL("SELECT " COLUMNS " FROM event_archive WHERE bus = ?1 LIMIT ?2"),
                DB_INT(bus), DB_INT(max));
    while (rows_next(&r)) *vec_push(a, &v) = read_row(&r, a);
    *out = v.p;
    return v.n;
}

int64_t event_archive_count(Db *db, Str account, Str region)
{
    cleanup(rows_end) Rows r =
        db_rows(db, SQL("SELECT count(*) FROM event_archive WHERE account = ?1 AND region = ?2"),
                DB_TEXT(account), DB_TEXT(region));
    return rows_next(&r) ? rows_int(&r, 0) : 0;
}

/* ---- events ---- */

void archived_event_add(Db *db, int64_t archive, const ArchivedEvent *e)
{
    db_run(db, SQL("INSERT INTO archived_event(archive, at, event) VALUES(?1, ?2, ?3)"),
           DB_INT(archive), DB_INT(e->at), DB_TEXT(e->event));
    db_run(db, SQL("UPDATE event_archive SET events = events + 1, bytes = bytes + ?2 WHERE n = ?1"),
           DB_INT(archive), DB_INT(e->event.n));
}

int64_t archived_event_list(Db *db, int64_t archive, Millis at, int64_t n, Millis until,
                            int64_t max, Arena *a, ArchivedEvent **out)
{
    struct {
        ArchivedEvent *p;
        int64_t n, cap;
    } v = {0};
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("SELECT n, at, event FROM archived_event WHERE archive = ?1"
                    " AND (at, n) > (?2, ?3) AND at < ?4 ORDER BY at, n LIMIT ?5"),
                DB_INT(archive), DB_INT(at), DB_INT(n), DB_INT(until), DB_INT(max));
    while (rows_next(&r))
        *vec_push(a, &v) = (ArchivedEvent){rows_int(&r, 0), rows_int(&r, 1), rows_text(&r, 2, a)};
    *out = v.p;
    return v.n;
}

int64_t archived_event_sweep(Db *db, Millis now, int64_t max)
{
    db_run(db,
           SQL("UPDATE event_archive SET events = event_archive.events - o.n,"
               " bytes = event_archive.bytes - o.bytes FROM"
               " (SELECT e.archive, count(*) AS n, sum(length(CAST(e.event AS BLOB))) AS bytes"
               "  FROM archived_event e WHERE e.n IN (SELECT e.n FROM archived_event e"
               "   JOIN event_archive a ON a.n = e.archive WHERE a.retention_days > 0"
               "   AND e.at < ?1 - a.retention_days * 86400000 ORDER BY e.n LIMIT ?2)"
               "  GROUP BY e.archive) o WHERE event_archive.n = o.archive"),
           DB_INT(now), DB_INT(max));
    int64_t old =
        db_run(db,
               SQL("DELETE FROM archived_event WHERE n IN (SELECT e.n FROM archived_event e"
                   " JOIN event_archive a ON a.n = e.archive WHERE a.retention_days > 0"
                   " AND e.at < ?1 - a.retention_days * 86400000 ORDER BY e.n LIMIT ?2)"),
               DB_INT(now), DB_INT(max));
    return old + db_run(db,
                        SQL("DELETE FROM archived_event WHERE n IN (SELECT n FROM archived_event"
                            " WHERE archive NOT IN (SELECT n FROM event_archive) LIMIT ?1)"),
                        DB_INT(max));
}
