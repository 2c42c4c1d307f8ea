/* messages.c - rows of the messages in queues. */
#include "store/messages.h"

const char messages_schema[] =
    "CREATE TABLE IF NOT EXISTS message("
    " n INTEGER PRIMARY KEY AUTOINCREMENT, queue INTEGER NOT NULL, id TEXT NOT NULL, body TEXT NOT "
    "NULL, sender TEXT NOT NULL, attributes TEXT, trace TEXT, grp TEXT, dedup TEXT, source TEXT,"
    " ordered INTEGER NOT NULL, sent INTEGER NOT NULL, visible_at INTEGER NOT NULL,"
    " first_received INTEGER NOT NULL, receives INTEGER NOT NULL) STRICT;"
    "CREATE INDEX IF NOT EXISTS message_by_time ON message(queue, visible_at);"
    "CREATE INDEX IF NOT EXISTS message_in_order ON message(queue);"
    "CREATE INDEX IF NOT EXISTS message_by_group ON message(queue, grp, visible_at)"
    " WHERE ordered = 1;"
    "CREATE TABLE IF NOT EXISTS message_dedup("
    " queue INTEGER NOT NULL, scope TEXT NOT NULL, dedup TEXT NOT NULL, id TEXT NOT NULL,"
    " message INTEGER NOT NULL, until INTEGER NOT NULL, PRIMARY KEY(queue, scope, dedup))"
    " STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS message_dedup_by_time ON message_dedup(until)";

#define FIELDS                                                                                     \
    "id, body, sender, attributes, trace, grp, dedup, source, ordered, sent, visible_at, "         \
    "first_received, receives"
#define COLUMNS "n, queue, " FIELDS

static MessageRow read_row(const Rows *r, Arena *a)
{
    return (MessageRow){
        .n = rows_int(r, 0),
        .queue = rows_int(r, 1),
        .id = rows_text(r, 2, a),
        .body = rows_text(r, 3, a),
        .sender = rows_text(r, 4, a),
        .attributes = rows_text(r, 5, a),
        .trace = rows_text(r, 6, a),
        .group = rows_text(r, 7, a),
        .dedup = rows_text(r, 8, a),
        .source = rows_text(r, 9, a),
        .ordered = rows_int(r, 10) != 0,
        .sent = rows_int(r, 11),
        .visible_at = rows_int(r, 12),
        .first_received = rows_int(r, 13),
        .receives = rows_int(r, 14),
    };
}

void message_add(Db *db, MessageRow *row)
{
    db_run(db,
           SQL("INSERT INTO message(queue, " FIELDS ") VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9,"
               " ?10, ?11, ?12, ?13, ?14)"),
           DB_INT(row->queue), DB_TEXT(row->id), DB_TEXT(row->body), DB_TEXT(row->sender),
           DB_TEXT(row->attributes), DB_TEXT(row->trace), DB_TEXT(row->group), DB_TEXT(row->dedup),
           DB_TEXT(row->source), DB_INT(row->ordered), DB_INT(row->sent), DB_INT(row->visible_at),
           DB_INT(row->first_received), DB_INT(row->receives));
    row->n = db_last_id(db);
}

bool message_get(Db *db, int64_t queue, int64_t n, Arena *a, MessageRow *out)
{
    cleanup(rows_end) Rows r =
        db_rows(db, SQL("SELECT " COLUMNS " FROM message WHERE n = ?1 AND queue = ?2"), DB_INT(n),
                DB_INT(queue));
    if (!rows_next(&r)) return false;
    *out = read_row(&r, a);
    return true;
}

/* ---- what can be received ---- */

static Rows ready_in_any_order(Db *db, const MessageView *v, int64_t max)
{
    return db_rows(db,
                   SQL("SELECT " COLUMNS " FROM message INDEXED BY message_by_time WHERE queue = ?1"
                       " AND visible_at <= ?2 AND sent > ?3 AND n > ?4"
                       " ORDER BY visible_at, n LIMIT ?5"),
                   DB_INT(v->queue->n), DB_INT(v->now), DB_INT(v->now - v->retention_ms),
                   DB_INT(v->queue->purged_until), DB_INT(max));
}

static Rows ready_in_order(Db *db, const MessageView *v, int64_t max)
{
    return db_rows(
        db,
        SQL("SELECT " COLUMNS " FROM message AS m WHERE n IN"
            " (SELECT n FROM message INDEXED BY message_in_order WHERE queue = ?1 AND n > ?4"
            "  ORDER BY n LIMIT ?6)"
            " AND visible_at <= ?2 AND sent > ?3 AND NOT EXISTS"
            " (SELECT 1 FROM message AS w WHERE w.queue = ?1 AND w.ordered = 1 AND w.grp = m.grp"
            "  AND w.visible_at > ?2 AND w.sent > ?3 AND (w.receives > 0 OR w.n < m.n))"
            " ORDER BY n LIMIT ?5"),
        DB_INT(v->queue->n), DB_INT(v->now), DB_INT(v->now - v->retention_ms),
        DB_INT(v->queue->purged_until), DB_INT(max), DB_INT(MESSAGES_LOOKED_AT_MAX));
}

int64_t message_ready(Db *db, const MessageView *v, int64_t max, Arena *a, MessageRow **out)
{
    struct {
        MessageRow *p;
        int64_t n, cap;
    } all = {0};
    cleanup(rows_end) Rows r =
        v->fifo ? ready_in_order(db, v, max) : ready_in_any_order(db, v, max);
    while (rows_next(&r)) *vec_push(a, &all) = read_row(&r, a);
    *out = all.p;
    return all.n;
}

Millis message_next_visible(Db *db, const MessageView *v)
{
    cleanup(rows_end) Rows r =
        db_rows(db, SQL("SELECT min(visible_at) FROM message WHERE queue = ?1 AND visible_at > ?2"),
                DB_INT(v->queue->n), DB_INT(v->now));
    return rows_next(&r) && !rows_null(&r, 0) ? rows_int(&r, 0) : INT64_MAX;
}

void message_received(Db *db, const MessageRow *row)
{
    db_run(db,
           SQL("UPDATE message SET visible_at = ?2, first_received = ?3, receives = ?4"
               " WHERE n = ?1"),
           DB_INT(row->n), DB_INT(row->visible_at), DB_INT(row->first_received),
           DB_INT(row->receives));
}

void message_show_at(Db *db, int64_t n, Millis visible_at)
{
    db_run(db, SQL("UPDATE message SET visible_at = ?2 WHERE n = ?1"), DB_INT(n),
           DB_INT(visible_at));
}

void message_remove(Db *db, int64_t n)
{
    db_run(db, SQL("DELETE FROM message WHERE n = ?1"), DB_INT(n));
}

void message_move(Db *db, MessageRow *row, int64_t queue)
{
    message_remove(db, row->n);
    row->queue = queue;
    message_add(db, row);
}

/* ---- counting ---- */

static int64_t ask(Rows r)
{
    int64_t n = rows_next(&r) ? rows_int(&r, 0) : 0;
    rows_end(&r);
    return n;
}

/* By the index alone, so that a queue of a hundred thousand is counted in a millisecond or two. */
static MessageCounts count_in_index(Db *db, const MessageView *v)
{
    int64_t queue = v->queue->n, purged = v->queue->purged_until;
    return (MessageCounts){
        .visible = ask(db_rows(db,
                               SQL("SELECT count(*) FROM message INDEXED BY message_by_time"
                                   " WHERE queue = ?1 AND visible_at <= ?2 AND n > ?3"),
                               DB_INT(queue), DB_INT(v->now), DB_INT(purged))),
        .in_flight =
            ask(db_rows(db,
                        SQL("SELECT count(*) FROM message INDEXED BY message_by_time"
                            " WHERE queue = ?1 AND visible_at > ?2 AND n > ?3 AND receives > 0"),
                        DB_INT(queue), DB_INT(v->now), DB_INT(purged))),
        .delayed =
            ask(db_rows(db,
                        SQL("SELECT count(*) FROM message INDEXED BY message_by_time"
                            " WHERE queue = ?1 AND visible_at > ?2 AND n > ?3 AND receives = 0"),
                        DB_INT(queue), DB_INT(v->now), DB_INT(purged))),
    };
}

/* Those past their retention that were not swept yet are the oldest, and few. */
static void leave_out_expired(Db *db, const MessageView *v, MessageCounts *c)
{
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("SELECT sent, visible_at, receives FROM message INDEXED BY message_in_order"
                    " WHERE queue = ?1 AND n > ?2 ORDER BY n"),
                DB_INT(v->queue->n), DB_INT(v->queue->purged_until));
    while (rows_next(&r) && rows_int(&r, 0) <= v->now - v->retention_ms) {
        bool visible = rows_int(&r, 1) <= v->now, received = rows_int(&r, 2) > 0;
        c->visible -= visible;
        c->in_flight -= !visible && received;
        c->delayed -= !visible && !received;
    }
}

MessageCounts message_count(Db *db, const MessageView *v)
{
    MessageCounts c = count_in_index(db, v);
    leave_out_expired(db, v, &c);
    return c;
}

int64_t message_last(Db *db)
{
    cleanup(rows_end) Rows r = db_rows(db, SQL("SELECT max(n) FROM message"));
    return rows_next(&r) ? rows_int(&r, 0) : 0;
}

/* Numbers and times of sending rise together, so the oldest are those to go. */
int64_t message_sweep(Db *db, int64_t queue, int64_t purged_until, Millis sent_until, int64_t max)
{
    return db_run(db,
                  SQL("DELETE FROM message WHERE n IN (SELECT n FROM message INDEXED BY"
                      " message_in_order WHERE queue = ?1 ORDER BY n LIMIT ?4)"
                      " AND (n <= ?2 OR sent <= ?3)"),
                  DB_INT(queue), DB_INT(purged_until), DB_INT(sent_until), DB_INT(max));
}

/* ---- deduplication ---- */

void message_dedup_add(Db *db, int64_t queue, Str scope, const MessageRow *row, Millis until)
{
    db_run(db,
           SQL("INSERT OR REPLACE INTO message_dedup(queue, scope, dedup, id, message, until)"
               " VALUES(?1, ?2, ?3, ?4, ?5, ?6)"),
           DB_INT(queue), DB_TEXT(scope), DB_TEXT(row->dedup), DB_TEXT(row->id), DB_INT(row->n),
           DB_INT(until));
}

bool message_dedup_find(Db *db, int64_t queue, Str scope, Str dedup, Millis now, Arena *a, Str *id,
                        int64_t *n)
{
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("SELECT id, message FROM message_dedup WHERE queue = ?1 AND scope = ?2"
                    " AND dedup = ?3 AND until > ?4"),
                DB_INT(queue), DB_TEXT(scope), DB_TEXT(dedup), DB_INT(now));
    if (!rows_next(&r)) return false;
    *id = rows_text(&r, 0, a);
    *n = rows_int(&r, 1);
    return true;
}

int64_t message_dedup_sweep(Db *db, Millis now, int64_t max)
{
    return db_run(
        db,
        SQL("DELETE FROM message_dedup WHERE (queue, scope, dedup) IN"
            " (SELECT queue, scope, dedup FROM message_dedup WHERE until <= ?1 LIMIT ?2)"),
        DB_INT(now), DB_INT(max));
}

MessageGauge message_gauge(Db *db, const MessageView *v)
{
    MessageGauge g = {.counts = count_in_index(db, v)};
    g.oldest = ask(db_rows(db,
                           SQL("SELECT sent FROM message INDEXED BY message_in_order"
                               " WHERE queue = ?1 AND n > ?2 ORDER BY n LIMIT 1"),
                           DB_INT(v->queue->n), DB_INT(v->queue->purged_until)));
    return g;
}
