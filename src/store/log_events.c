/* log_events.c - rows of log events, and the sweep that takes expired and abandoned ones away bit by bit. */
#include "store/log_events.h"

/* Two orders: a stream's own, and that of its group. Streams without a row in log_stream have been
 * deleted; their events wait for the sweep. */
const char log_events_schema[] =
    "CREATE TABLE IF NOT EXISTS log_event("
    " n INTEGER PRIMARY KEY AUTOINCREMENT, log_group INTEGER NOT NULL, stream INTEGER NOT NULL,"
    " at INTEGER NOT NULL, ingested INTEGER NOT NULL, message TEXT NOT NULL) STRICT;"
    "CREATE INDEX IF NOT EXISTS log_event_by_stream ON log_event(stream, at, n);"
    "CREATE INDEX IF NOT EXISTS log_event_by_group ON log_event(log_group, at, n)";

enum { DAY_MS = 24 * 3600 * 1000 };

void log_event_add(Db *db, LogStreamRow *s, Millis at, Millis now, Str message)
{
    db_run(db,
           SQL("INSERT INTO log_event(log_group, stream, at, ingested, message) VALUES(?1, ?2, ?3, "
               "?4, ?5)"),
           DB_INT(s->group), DB_INT(s->n), DB_INT(at), DB_INT(now), DB_TEXT(message));
    if (!s->first_at || at < s->first_at) s->first_at = at;
    if (at > s->last_at) s->last_at = at;
    s->ingested = now;
    s->uncounted += message.n + LOG_EVENT_OVERHEAD;
}

void log_stream_count(Db *db, LogStreamRow *s)
{
    db_run(db, SQL("UPDATE log_stream SET first_at = ?2, last_at = ?3, ingested = ?4 WHERE n = ?1"),
           DB_INT(s->n), DB_INT(s->first_at), DB_INT(s->last_at), DB_INT(s->ingested));
    db_run(db, SQL("UPDATE log_group SET bytes = bytes + ?2 WHERE n = ?1"), DB_INT(s->group),
           DB_INT(s->uncounted));
    s->uncounted = 0;
}

/* ---- reading ---- */

#define EVENT_COLUMNS "e.at, e.n, e.ingested, s.name, e.message"
#define FROM_EVENTS                                                                                \
    "SELECT " EVENT_COLUMNS " FROM log_event e JOIN log_stream s ON s.n = e.stream WHERE "
#define UPWARDS                                                                                    \
    " AND e.at >= ?2 AND e.at < ?3 AND (e.at, e.n) > (?4, ?5) ORDER BY e.at, e.n LIMIT ?6"
#define DOWNWARDS                                                                                  \
    " AND e.at >= ?2 AND e.at < ?3 AND (e.at, e.n) < (?4, ?5) ORDER BY e.at DESC, e.n DESC LIMIT " \
    "?6"

static Rows events(Db *db, const LogEventFilter *f)
{
    LogPlace p = f->placed ? f->after : f->down ? (LogPlace){INT64_MAX, 0} : (LogPlace){-1, 0};
    int64_t key = f->stream ? f->stream : f->group;
#define EVENT_VALUES                                                                               \
    DB_INT(key), DB_INT(f->from), DB_INT(f->until), DB_INT(p.at), DB_INT(p.n), DB_INT(f->max)
    if (f->stream && f->down)
        return db_rows(db, SQL(FROM_EVENTS "e.stream = ?1" DOWNWARDS), EVENT_VALUES);
    if (f->stream) return db_rows(db, SQL(FROM_EVENTS "e.stream = ?1" UPWARDS), EVENT_VALUES);
    if (f->down) return db_rows(db, SQL(FROM_EVENTS "e.log_group = ?1" DOWNWARDS), EVENT_VALUES);
    return db_rows(db, SQL(FROM_EVENTS "e.log_group = ?1" UPWARDS), EVENT_VALUES);
#undef EVENT_VALUES
}

void log_event_each(Db *db, const LogEventFilter *f, bool (*fn)(void *arg, const LogEventRow *row),
                    void *arg)
{
    bool more = true;
    cleanup(rows_end) Rows r = events(db, f);
    while (more && rows_next(&r)) {
        LogEventRow row = {{rows_int(&r, 0), rows_int(&r, 1)},
                           rows_int(&r, 2),
                           rows_peek(&r, 3),
                           rows_peek(&r, 4)};
        more = fn(arg, &row);
    }
}

/* ---- the sweep ---- */

/* The rows are deleted while they are read: what they took is no longer counted in their group. */
static int64_t uncount(Db *db, int64_t group, Rows *gone)
{
    int64_t n = 0, bytes = 0;
    for (; rows_next(gone); n++) bytes += rows_int(gone, 0) + LOG_EVENT_OVERHEAD;
    if (n)
        db_run(db, SQL("UPDATE log_group SET bytes = bytes - ?2 WHERE n = ?1"), DB_INT(group),
               DB_INT(bytes));
    return n;
}

#define RETURNING_BYTES " RETURNING length(CAST(message AS BLOB))"

static int64_t delete_of_stream(Db *db, int64_t group, int64_t stream, int64_t max)
{
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("DELETE FROM log_event WHERE n IN (SELECT n FROM log_event WHERE stream = ?1 "
                    "LIMIT ?2)" RETURNING_BYTES),
                DB_INT(stream), DB_INT(max));
    return uncount(db, group, &r);
}

/* Nobody counts any more. */
static int64_t delete_of_group(Db *db, int64_t group, int64_t max)
{
    int64_t n = db_run(db,
                       SQL("DELETE FROM log_event WHERE n IN"
                           " (SELECT n FROM log_event WHERE log_group = ?1 LIMIT ?2)"),
                       DB_INT(group), DB_INT(max));
    if (n >= max) return n;
    return n + db_run(db,
                      SQL("DELETE FROM log_stream WHERE n IN"
                          " (SELECT n FROM log_stream WHERE log_group = ?1 LIMIT ?2)"),
                      DB_INT(group), DB_INT(max - n));
}

static int64_t delete_expired(Db *db, int64_t group, Millis before, int64_t max)
{
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("DELETE FROM log_event WHERE n IN (SELECT n FROM log_event WHERE log_group = "
                    "?1 AND at < ?2 LIMIT ?3)" RETURNING_BYTES),
                DB_INT(group), DB_INT(before), DB_INT(max));
    return uncount(db, group, &r);
}

/* Of what was deleted by a call of the API, the first; false: all of it is gone. */
static bool sweep_dead(Db *db, int64_t max)
{
    int64_t group, stream;
    {
        cleanup(rows_end) Rows r =
            db_rows(db, SQL("SELECT log_group, stream FROM log_dead LIMIT 1"));
        if (!rows_next(&r)) return false;
        group = rows_int(&r, 0), stream = rows_int(&r, 1);
    }
    int64_t n = stream ? delete_of_stream(db, group, stream, max) : delete_of_group(db, group, max);
    if (n < max)
        db_run(db, SQL("DELETE FROM log_dead WHERE log_group = ?1 AND stream = ?2"), DB_INT(group),
               DB_INT(stream));
    return true;
}

typedef struct Expiry {
    int64_t group, days;
} Expiry;

static int64_t expiring(Db *db, Arena *a, Expiry **out)
{
    struct {
        Expiry *p;
        int64_t n, cap;
    } v = {0};
    cleanup(rows_end) Rows r =
        db_rows(db, SQL("SELECT n, retention_days FROM log_group WHERE retention_days > 0"));
    while (rows_next(&r)) *vec_push(a, &v) = (Expiry){rows_int(&r, 0), rows_int(&r, 1)};
    *out = v.p;
    return v.n;
}

bool log_sweep(Db *db, Millis now, int64_t max, Arena *a)
{
    Expiry *groups;
    if (sweep_dead(db, max)) return true;
    int64_t n = expiring(db, a, &groups), left = max;
    for (int64_t i = 0; i < n && left > 0; i++)
        left -= delete_expired(db, groups[i].group, now - groups[i].days * DAY_MS, left);
    return left <= 0;
}

bool log_retention_exists(Db *db)
{
    cleanup(rows_end) Rows r =
        db_rows(db, SQL("SELECT 1 FROM log_group WHERE retention_days > 0 LIMIT 1"));
    return rows_next(&r);
}
