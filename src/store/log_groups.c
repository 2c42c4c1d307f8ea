/* log_groups.c - rows of log groups and log streams. */
#include "store/log_groups.h"

#include "store/log_filters.h"

const char log_groups_schema[] =
    "CREATE TABLE IF NOT EXISTS log_group("
    " n INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, region TEXT NOT NULL, name TEXT "
    "NOT NULL,"
    " created INTEGER NOT NULL, retention_days INTEGER NOT NULL, class TEXT NOT NULL, kms_key "
    "TEXT, tags TEXT NOT NULL,"
    " protected INTEGER NOT NULL, bytes INTEGER NOT NULL) STRICT;"
    "CREATE UNIQUE INDEX IF NOT EXISTS log_group_by_name ON log_group(account, region, name);"
    "CREATE TABLE IF NOT EXISTS log_stream("
    " n INTEGER PRIMARY KEY AUTOINCREMENT, log_group INTEGER NOT NULL, name TEXT NOT NULL, created "
    "INTEGER NOT NULL,"
    " first_at INTEGER NOT NULL, last_at INTEGER NOT NULL, ingested INTEGER NOT NULL) STRICT;"
    "CREATE UNIQUE INDEX IF NOT EXISTS log_stream_by_name ON log_stream(log_group, name);"
    "CREATE INDEX IF NOT EXISTS log_stream_by_time ON log_stream(log_group, last_at, name);"
    "CREATE TABLE IF NOT EXISTS log_dead(log_group INTEGER NOT NULL, stream INTEGER NOT NULL,"
    " PRIMARY KEY(log_group, stream)) STRICT, WITHOUT ROWID";

/* ---- groups ---- */

#define GROUP_COLUMNS                                                                              \
    "n, account, region, name, created, retention_days, class, kms_key, tags, protected, bytes"

static LogGroupRow read_group(const Rows *r, Arena *a)
{
    return (LogGroupRow){
        .n = rows_int(r, 0),
        .account = rows_text(r, 1, a),
        .region = rows_text(r, 2, a),
        .name = rows_text(r, 3, a),
        .created = rows_int(r, 4),
        .retention_days = rows_int(r, 5),
        .log_class = rows_text(r, 6, a),
        .kms_key = rows_text(r, 7, a),
        .tags = rows_text(r, 8, a),
        .protected = rows_int(r, 9) != 0,
        .bytes = rows_int(r, 10),
    };
}

void log_group_add(Db *db, LogGroupRow *row)
{
    db_run(db,
           SQL("INSERT INTO log_group(account, region, name, created, retention_days, class, "
               "kms_key, tags, protected, bytes) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0)"),
           DB_TEXT(row->account), DB_TEXT(row->region), DB_TEXT(row->name), DB_INT(row->created),
           DB_INT(row->retention_days), DB_TEXT(row->log_class), DB_TEXT(row->kms_key),
           DB_TEXT(row->tags), DB_INT(row->protected));
    row->n = db_last_id(db);
}

bool log_group_find(Db *db, Str account, Str region, Str name, Arena *a, LogGroupRow *out)
{
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("SELECT " GROUP_COLUMNS
                    " FROM log_group WHERE account = ?1 AND region = ?2 AND name = ?3"),
                DB_TEXT(account), DB_TEXT(region), DB_TEXT(name));
    if (!rows_next(&r)) return false;
    *out = read_group(&r, a);
    return true;
}

void log_group_set(Db *db, const LogGroupRow *row)
{
    db_run(db,
           SQL("UPDATE log_group SET retention_days = ?2, kms_key = ?3, tags = ?4, protected = ?5 "
               "WHERE n = ?1"),
           DB_INT(row->n), DB_INT(row->retention_days), DB_TEXT(row->kms_key), DB_TEXT(row->tags),
           DB_INT(row->protected));
}

void log_group_remove(Db *db, int64_t n)
{
    db_run(db, SQL("DELETE FROM log_group WHERE n = ?1"), DB_INT(n));
    db_run(db, SQL("INSERT INTO log_dead(log_group, stream) VALUES(?1, 0)"), DB_INT(n));
    log_filter_remove_group(db, n);
}

int64_t log_group_list(Db *db, const LogGroupFilter *f, Arena *a, LogGroupRow **out)
{
    struct {
        LogGroupRow *p;
        int64_t n, cap;
    } v = {0};
    cleanup(rows_end) Rows r = db_rows(
        db,
        SQL("SELECT " GROUP_COLUMNS
            " FROM log_group WHERE account = ?1 AND region = ?2 AND name > ?3"
            " AND substr(name, 1, length(?4)) = ?4 AND (?5 = '' OR instr(name, ?5) > 0)"
            " AND (?6 = '' OR class = ?6) ORDER BY name LIMIT ?7"),
        DB_TEXT(f->account), DB_TEXT(f->region), DB_TEXT(str_absent(f->after) ? S("") : f->after),
        DB_TEXT(str_absent(f->prefix) ? S("") : f->prefix),
        DB_TEXT(str_absent(f->part) ? S("") : f->part),
        DB_TEXT(str_absent(f->log_class) ? S("") : f->log_class), DB_INT(f->max));
    while (rows_next(&r)) *vec_push(a, &v) = read_group(&r, a);
    *out = v.p;
    return v.n;
}

/* ---- streams ---- */

#define STREAM_COLUMNS "n, log_group, name, created, first_at, last_at, ingested"

static LogStreamRow read_stream(const Rows *r, Arena *a)
{
    return (LogStreamRow){
        .n = rows_int(r, 0),
        .group = rows_int(r, 1),
        .name = rows_text(r, 2, a),
        .created = rows_int(r, 3),
        .first_at = rows_int(r, 4),
        .last_at = rows_int(r, 5),
        .ingested = rows_int(r, 6),
    };
}

void log_stream_add(Db *db, LogStreamRow *row)
{
    db_run(db,
           SQL("INSERT INTO log_stream(log_group, name, created, first_at, last_at, ingested) "
               "VALUES(?1, ?2, ?3, 0, 0, 0)"),
           DB_INT(row->group), DB_TEXT(row->name), DB_INT(row->created));
    row->n = db_last_id(db);
}

bool log_stream_find(Db *db, int64_t group, Str name, Arena *a, LogStreamRow *out)
{
    cleanup(rows_end) Rows r = db_rows(
        db, SQL("SELECT " STREAM_COLUMNS " FROM log_stream WHERE log_group = ?1 AND name = ?2"),
        DB_INT(group), DB_TEXT(name));
    if (!rows_next(&r)) return false;
    *out = read_stream(&r, a);
    return true;
}

void log_stream_remove(Db *db, int64_t group, int64_t n)
{
    db_run(db, SQL("DELETE FROM log_stream WHERE n = ?1"), DB_INT(n));
    db_run(db, SQL("INSERT INTO log_dead(log_group, stream) VALUES(?1, ?2)"), DB_INT(group),
           DB_INT(n));
}

static Rows streams_by_name(Db *db, const LogStreamFilter *f, Str prefix)
{
    if (!f->down)
        return db_rows(db,
                       SQL("SELECT " STREAM_COLUMNS
                           " FROM log_stream WHERE log_group = ?1 AND name > ?2 AND name >= ?3"
                           " AND substr(name, 1, length(?3)) = ?3 ORDER BY name LIMIT ?4"),
                       DB_INT(f->group), DB_TEXT(str_absent(f->after_name) ? S("") : f->after_name),
                       DB_TEXT(prefix), DB_INT(f->max));
    return db_rows(db,
                   SQL("SELECT " STREAM_COLUMNS
                       " FROM log_stream WHERE log_group = ?1 AND (?2 IS NULL OR name < ?2)"
                       " AND substr(name, 1, length(?3)) = ?3 ORDER BY name DESC LIMIT ?4"),
                   DB_INT(f->group), DB_TEXT(f->after_name), DB_TEXT(prefix), DB_INT(f->max));
}

static Rows streams_by_time(Db *db, const LogStreamFilter *f)
{
    if (!f->down)
        return db_rows(db,
                       SQL("SELECT " STREAM_COLUMNS " FROM log_stream WHERE log_group = ?1"
                           " AND (?3 IS NULL OR (last_at, name) > (?2, ?3))"
                           " ORDER BY last_at, name LIMIT ?4"),
                       DB_INT(f->group), DB_INT(f->after_at), DB_TEXT(f->after_name),
                       DB_INT(f->max));
    return db_rows(db,
                   SQL("SELECT " STREAM_COLUMNS " FROM log_stream WHERE log_group = ?1"
                       " AND (?3 IS NULL OR (last_at, name) < (?2, ?3))"
                       " ORDER BY last_at DESC, name DESC LIMIT ?4"),
                   DB_INT(f->group), DB_INT(f->after_at), DB_TEXT(f->after_name), DB_INT(f->max));
}

int64_t log_stream_list(Db *db, const LogStreamFilter *f, Arena *a, LogStreamRow **out)
{
    struct {
        LogStreamRow *p;
        int64_t n, cap;
    } v = {0};
    cleanup(rows_end) Rows r =
        f->by_time ? streams_by_time(db, f)
                   : streams_by_name(db, f, str_absent(f->prefix) ? S("") : f->prefix);
    while (rows_next(&r)) *vec_push(a, &v) = read_stream(&r, a);
    *out = v.p;
    return v.n;
}
