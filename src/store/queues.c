/* queues.c - rows of queues. */
#include "store/queues.h"

const char queues_schema[] =
    "CREATE TABLE IF NOT EXISTS queue("
    " n INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, region TEXT NOT NULL, name TEXT "
    "NOT NULL, created INTEGER NOT NULL, modified INTEGER NOT NULL, purged INTEGER NOT NULL,"
    " purged_until INTEGER NOT NULL, attributes TEXT NOT NULL, tags TEXT NOT NULL,"
    " UNIQUE(account, region, name)) STRICT;"
    "CREATE TABLE IF NOT EXISTS queue_dead(n INTEGER PRIMARY KEY) STRICT";

#define COLUMNS                                                                                    \
    "n, account, region, name, created, modified, purged, purged_until, attributes, tags"

static QueueRow read_row(const Rows *r, Arena *a)
{
    return (QueueRow){
        .n = rows_int(r, 0),
        .account = rows_text(r, 1, a),
        .region = rows_text(r, 2, a),
        .name = rows_text(r, 3, a),
        .created = rows_int(r, 4),
        .modified = rows_int(r, 5),
        .purged = rows_int(r, 6),
        .purged_until = rows_int(r, 7),
        .attributes = rows_text(r, 8, a),
        .tags = rows_text(r, 9, a),
    };
}

void queue_row_add(Db *db, QueueRow *row)
{
    db_run(db,
           SQL("INSERT INTO queue(account, region, name, created, modified, purged, purged_until,"
               " attributes, tags) VALUES(?1, ?2, ?3, ?4, ?5, 0, 0, ?6, ?7)"),
           DB_TEXT(row->account), DB_TEXT(row->region), DB_TEXT(row->name), DB_INT(row->created),
           DB_INT(row->modified), DB_TEXT(row->attributes), DB_TEXT(row->tags));
    row->n = db_last_id(db);
}

bool queue_row_find(Db *db, Str account, Str region, Str name, Arena *a, QueueRow *out)
{
    cleanup(rows_end) Rows r = db_rows(
        db, SQL("SELECT " COLUMNS " FROM queue WHERE account = ?1 AND region = ?2 AND name = ?3"),
        DB_TEXT(account), DB_TEXT(region), DB_TEXT(name));
    if (!rows_next(&r)) return false;
    *out = read_row(&r, a);
    return true;
}

bool queue_row_get(Db *db, int64_t n, Arena *a, QueueRow *out)
{
    cleanup(rows_end) Rows r =
        db_rows(db, SQL("SELECT " COLUMNS " FROM queue WHERE n = ?1"), DB_INT(n));
    if (!rows_next(&r)) return false;
    *out = read_row(&r, a);
    return true;
}

void queue_row_set(Db *db, const QueueRow *row)
{
    db_run(db,
           SQL("UPDATE queue SET modified = ?2, purged = ?3, purged_until = ?4, attributes = ?5,"
               " tags = ?6 WHERE n = ?1"),
           DB_INT(row->n), DB_INT(row->modified), DB_INT(row->purged), DB_INT(row->purged_until),
           DB_TEXT(row->attributes), DB_TEXT(row->tags));
}

void queue_row_remove(Db *db, int64_t n)
{
    db_run(db, SQL("DELETE FROM queue WHERE n = ?1"), DB_INT(n));
    db_run(db, SQL("INSERT INTO queue_dead(n) VALUES(?1)"), DB_INT(n));
}

typedef struct QueueRows {
    QueueRow *p;
    int64_t n, cap;
} QueueRows;

int64_t queue_row_list(Db *db, Str account, Str region, Str prefix, Str after, int64_t max,
                       Arena *a, QueueRow **out)
{
    QueueRows v = {0};
    cleanup(rows_end) Rows r = db_rows(
        db,
        SQL("SELECT " COLUMNS " FROM queue WHERE account = ?1 AND region = ?2"
            " AND (?3 IS NULL OR substr(name, 1, length(?3)) = ?3) AND (?4 IS NULL OR name > ?4)"
            " ORDER BY name LIMIT ?5"),
        DB_TEXT(account), DB_TEXT(region), DB_TEXT(prefix), DB_TEXT(after), DB_INT(max));
    while (rows_next(&r)) *vec_push(a, &v) = read_row(&r, a);
    *out = v.p;
    return v.n;
}

int64_t queue_row_walk(Db *db, int64_t after, int64_t max, Arena *a, QueueRow **out)
{
    QueueRows v = {0};
    cleanup(rows_end) Rows r =
        db_rows(db, SQL("SELECT " COLUMNS " FROM queue WHERE n > ?1 ORDER BY n LIMIT ?2"),
                DB_INT(after), DB_INT(max));
    while (rows_next(&r)) *vec_push(a, &v) = read_row(&r, a);
    *out = v.p;
    return v.n;
}

bool queue_dead_first(Db *db, int64_t *n)
{
    cleanup(rows_end) Rows r = db_rows(db, SQL("SELECT n FROM queue_dead LIMIT 1"));
    if (!rows_next(&r)) return false;
    *n = rows_int(&r, 0);
    return true;
}

void queue_dead_forget(Db *db, int64_t n)
{
    db_run(db, SQL("DELETE FROM queue_dead WHERE n = ?1"), DB_INT(n));
}
