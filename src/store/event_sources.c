/* event_sources.c - rows of event source mappings and of their batches. */
#include "store/event_sources.h"

const char event_sources_schema[] =
    "CREATE TABLE IF NOT EXISTS event_source("
    " n INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, account TEXT NOT NULL,"
    " region TEXT NOT NULL, function TEXT NOT NULL, queue TEXT NOT NULL, state TEXT NOT NULL,"
    " config TEXT NOT NULL, tags TEXT NOT NULL, result TEXT, modified INTEGER NOT NULL,"
    " window_since INTEGER NOT NULL, UNIQUE(account, region, id)) STRICT;"
    "CREATE INDEX IF NOT EXISTS event_source_by_queue ON event_source(queue);"
    "CREATE TABLE IF NOT EXISTS source_batch("
    " n INTEGER PRIMARY KEY AUTOINCREMENT, source INTEGER NOT NULL, request_id TEXT NOT NULL,"
    " messages TEXT NOT NULL, until INTEGER NOT NULL) STRICT;"
    "CREATE INDEX IF NOT EXISTS source_batch_of ON source_batch(source)";

#define COLUMNS                                                                                    \
    "n, id, account, region, function, queue, state, config, tags, result, modified, window_since"

static EventSourceRow read_row(const Rows *r, Arena *a)
{
    return (EventSourceRow){
        .n = rows_int(r, 0),
        .id = rows_text(r, 1, a),
        .account = rows_text(r, 2, a),
        .region = rows_text(r, 3, a),
        .function = rows_text(r, 4, a),
        .queue = rows_text(r, 5, a),
        .state = rows_text(r, 6, a),
        .config = rows_text(r, 7, a),
        .tags = rows_text(r, 8, a),
        .result = rows_text(r, 9, a),
        .modified = rows_int(r, 10),
        .window_since = rows_int(r, 11),
    };
}

void event_source_add(Db *db, EventSourceRow *row)
{
    db_run(db,
           SQL("INSERT INTO event_source(id, account, region, function, queue, state, config, tags,"
               " result, modified, window_since) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10,"
               " ?11)"),
           DB_TEXT(row->id), DB_TEXT(row->account), DB_TEXT(row->region), DB_TEXT(row->function),
           DB_TEXT(row->queue), DB_TEXT(row->state), DB_TEXT(row->config), DB_TEXT(row->tags),
           DB_TEXT(row->result), DB_INT(row->modified), DB_INT(row->window_since));
    row->n = db_last_id(db);
}

bool event_source_find(Db *db, Str account, Str region, Str id, Arena *a, EventSourceRow *out)
{
    cleanup(rows_end) Rows r = db_rows(db,
                                       SQL("SELECT " COLUMNS " FROM event_source"
                                           " WHERE account = ?1 AND region = ?2 AND id = ?3"),
                                       DB_TEXT(account), DB_TEXT(region), DB_TEXT(id));
    if (!rows_next(&r)) return false;
    *out = read_row(&r, a);
    return true;
}

bool event_source_get(Db *db, int64_t n, Arena *a, EventSourceRow *out)
{
    cleanup(rows_end) Rows r =
        db_rows(db, SQL("SELECT " COLUMNS " FROM event_source WHERE n = ?1"), DB_INT(n));
    if (!rows_next(&r)) return false;
    *out = read_row(&r, a);
    return true;
}

void event_source_set(Db *db, const EventSourceRow *row)
{
    db_run(db,
           SQL("UPDATE event_source SET function = ?2, state = ?3, config = ?4, tags = ?5,"
               " result = ?6, modified = ?7, window_since = ?8 WHERE n = ?1"),
           DB_INT(row->n), DB_TEXT(row->function), DB_TEXT(row->state), DB_TEXT(row->config),
           DB_TEXT(row->tags), DB_TEXT(row->result), DB_INT(row->modified),
           DB_INT(row->window_since));
}

void event_source_remove(Db *db, int64_t n)
{
    db_run(db, SQL("DELETE FROM event_source WHERE n = ?1"), DB_INT(n));
}

int64_t event_source_list(Db *db, const EventSourceFilter *f, int64_t after, int64_t max, Arena *a,
                          EventSourceRow **out)
{
    struct {
        EventSourceRow *p;
        int64_t n, cap;
    } v = {0};
    cleanup(rows_end) Rows r = db_rows(
        db,
        SQL("SELECT " COLUMNS " FROM event_source WHERE account = ?1 AND region = ?2 AND n > ?5"
            " AND (?3 IS NULL OR queue = ?3) AND (?4 IS NULL OR function = ?4 OR"
            " substr(function, 1, length(?4) + 1) = ?4 || ':') ORDER BY n LIMIT ?6"),
        DB_TEXT(f->account), DB_TEXT(f->region), DB_TEXT(f->queue), DB_TEXT(f->function),
        DB_INT(after), DB_INT(max));
    while (rows_next(&r)) *vec_push(a, &v) = read_row(&r, a);
    *out = v.p;
    return v.n;
}

int64_t event_source_of_queue(Db *db, int64_t queue, Arena *a, int64_t **out)
{
    struct {
        int64_t *p;
        int64_t n, cap;
    } v = {0};
    /* Asked for each message: without any source nothing else is read. */
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("SELECT s.n FROM queue q JOIN event_source s ON s.queue ="
                    " 'arn:aws:sqs:' || q.region || ':' || q.account || ':' || q.name"
                    " WHERE EXISTS (SELECT 1 FROM event_source) AND q.n = ?1"),
                DB_INT(queue));
    while (rows_next(&r)) *vec_push(a, &v) = rows_int(&r, 0);
    *out = v.p;
    return v.n;
}

/* ---- batches ---- */

static SourceBatch read_batch(const Rows *r, Arena *a)
{
    return (SourceBatch){
        .n = rows_int(r, 0),
        .source = rows_int(r, 1),
        .request_id = rows_text(r, 2, a),
        .messages = rows_text(r, 3, a),
        .until = rows_int(r, 4),
    };
}

void source_batch_add(Db *db, SourceBatch *b)
{
    db_run(db,
           SQL("INSERT INTO source_batch(source, request_id, messages, until)"
               " VALUES(?1, ?2, ?3, ?4)"),
           DB_INT(b->source), DB_TEXT(b->request_id), DB_TEXT(b->messages), DB_INT(b->until));
    b->n = db_last_id(db);
}

bool source_batch_get(Db *db, int64_t n, Arena *a, SourceBatch *out)
{
    cleanup(rows_end) Rows r = db_rows(
        db, SQL("SELECT n, source, request_id, messages, until FROM source_batch WHERE n = ?1"),
        DB_INT(n));
    if (!rows_next(&r)) return false;
    *out = read_batch(&r, a);
    return true;
}

void source_batch_remove(Db *db, int64_t n)
{
    db_run(db, SQL("DELETE FROM source_batch WHERE n = ?1"), DB_INT(n));
}

int64_t source_batch_count(Db *db, int64_t source)
{
    cleanup(rows_end) Rows r =
        db_rows(db, SQL("SELECT count(*) FROM source_batch WHERE source = ?1"), DB_INT(source));
    return rows_next(&r) ? rows_int(&r, 0) : 0;
}

int64_t source_batch_list(Db *db, Arena *a, SourceBatch **out)
{
    struct {
        SourceBatch *p;
        int64_t n, cap;
    } v = {0};
    cleanup(rows_end) Rows r =
        db_rows(db, SQL("SELECT n, source, request_id, messages, until FROM source_batch"));
    while (rows_next(&r)) *vec_push(a, &v) = read_batch(&r, a);
    *out = v.p;
    return v.n;
}
