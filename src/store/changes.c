/* changes.c - the stream of `changed` records as one table in order of writing. */
#include "store/changes.h"

const char changes_schema[] = "CREATE TABLE IF NOT EXISTS changed("
                              " n INTEGER PRIMARY KEY AUTOINCREMENT, service TEXT NOT NULL, id "
                              "TEXT NOT NULL, parent TEXT, from_state TEXT,"
                              " to_state TEXT NOT NULL, message TEXT, at INTEGER NOT NULL) STRICT";

void change_add(Db *db, const Change *c)
{
    db_run(db,
           SQL("INSERT INTO changed(service, id, parent, from_state, to_state, message, at)"
               " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)"),
           DB_TEXT(c->service), DB_TEXT(c->id), DB_TEXT(c->parent), DB_TEXT(c->from),
           DB_TEXT(c->to), DB_TEXT(c->message), DB_INT(c->at));
}

int64_t change_list(Db *db, int64_t after, int64_t max, Arena *a, Change **out)
{
    struct {
        Change *p;
        int64_t n, cap;
    } v = {0};
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("SELECT n, service, id, parent, from_state, to_state, message, at FROM changed"
                    " WHERE n > ?1 ORDER BY n LIMIT ?2"),
                DB_INT(after), DB_INT(max));
    while (rows_next(&r))
        *vec_push(a, &v) = (Change){
            .n = rows_int(&r, 0),
            .service = rows_text(&r, 1, a),
            .id = rows_text(&r, 2, a),
            .parent = rows_text(&r, 3, a),
            .from = rows_text(&r, 4, a),
            .to = rows_text(&r, 5, a),
            .message = rows_text(&r, 6, a),
            .at = rows_int(&r, 7),
        };
    *out = v.p;
    return v.n;
}

int64_t change_last(Db *db)
{
    cleanup(rows_end) Rows r = db_rows(db, SQL("SELECT max(n) FROM changed"));
    return rows_next(&r) ? rows_int(&r, 0) : 0;
}

int64_t change_drop_before(Db *db, Millis at, int64_t max)
{
    return db_run(db,
                  SQL("DELETE FROM changed WHERE n IN (SELECT n FROM (SELECT n, at FROM changed "
                      "ORDER BY n LIMIT ?2) WHERE at < ?1) AND n < (SELECT max(n) FROM changed)"),
                  DB_INT(at), DB_INT(max));
}
