/* trail.c - the record of API calls as rows, newest last, bounded. */
#include "store/trail.h"

enum { TRIM_MAX = 1000 };

const char trail_schema[] =
    "CREATE TABLE IF NOT EXISTS trail("
    " n INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, id TEXT NOT NULL,"
    " account TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, source TEXT NOT NULL,"
    " username TEXT, access_key TEXT, resource TEXT, read_only INTEGER NOT NULL,"
    " event TEXT NOT NULL) STRICT;"
    "CREATE INDEX IF NOT EXISTS trail_by_name ON trail(name, n);"
    "CREATE INDEX IF NOT EXISTS trail_by_id ON trail(id)";

void trail_add(Db *db, const TrailRow *row)
{
    db_run(db,
           SQL("INSERT INTO trail(at, id, account, region, name, source, username, access_key, "
               "resource, read_only, event) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"),
           DB_INT(row->at), DB_TEXT(row->id), DB_TEXT(row->account), DB_TEXT(row->region),
           DB_TEXT(row->name), DB_TEXT(row->source), DB_TEXT(row->username),
           DB_TEXT(row->access_key), DB_TEXT(row->resource), DB_INT(row->read_only),
           DB_TEXT(row->event));
}

/* The last of the oldest rows that are to go; 0: none is. It reads no row but those and one more:
 * the record is trimmed in every turn that adds to it. */
static int64_t last_to_go(Db *db, Millis keep_from)
{
    int64_t last = 0;
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("SELECT n, n <= (SELECT max(n) FROM trail) - ?1 OR at < ?2 FROM trail "
                    "ORDER BY n LIMIT ?3"),
                DB_INT(TRAIL_EVENTS_MAX), DB_INT(keep_from), DB_INT(TRIM_MAX));
    while (rows_next(&r) && rows_int(&r, 1)) last = rows_int(&r, 0);
    return last;
}

void trail_trim(Db *db, Millis keep_from)
{
    int64_t last = last_to_go(db, keep_from);
    if (last) db_run(db, SQL("DELETE FROM trail WHERE n <= ?1"), DB_INT(last));
}

int64_t trail_list(Db *db, const TrailFilter *f, Arena *a, TrailRow **out)
{
    struct {
        TrailRow *p;
        int64_t n, cap;
    } v = {0};
    cleanup(rows_end) Rows r = db_rows(
        db,
        SQL("SELECT n, at, id, name, source, username, access_key, resource, read_only, event FROM "
            "trail WHERE account = ?1 AND region = ?2 AND (?3 IS NULL OR id = ?3) AND (?4 IS NULL "
            "OR name = ?4) AND (?5 IS NULL OR source = ?5) AND (?6 IS NULL OR username = ?6) AND "
            "(?7 IS NULL OR access_key = ?7) AND (?8 IS NULL OR resource = ?8) AND (?9 < 0 OR "
            "read_only = ?9) AND at >= ?10 AND at <= ?11 AND (?12 = 0 OR n < ?12) ORDER BY n DESC "
            "LIMIT ?13"),
        DB_TEXT(f->account), DB_TEXT(f->region), DB_TEXT(f->id), DB_TEXT(f->name),
        DB_TEXT(f->source), DB_TEXT(f->username), DB_TEXT(f->access_key), DB_TEXT(f->resource),
        DB_INT(f->read_only), DB_INT(f->from), DB_INT(f->to), DB_INT(f->before), DB_INT(f->max));
    while (rows_next(&r))
        *vec_push(a, &v) = (TrailRow){.n = rows_int(&r, 0),
                                      .at = rows_int(&r, 1),
                                      .id = rows_text(&r, 2, a),
                                      .name = rows_text(&r, 3, a),
                                      .source = rows_text(&r, 4, a),
                                      .username = rows_text(&r, 5, a),
                                      .access_key = rows_text(&r, 6, a),
                                      .resource = rows_text(&r, 7, a),
                                      .read_only = rows_int(&r, 8) != 0,
                                      .event = rows_text(&r, 9, a)};
    *out = v.p;
    return v.n;
}
