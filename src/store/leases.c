/* leases.c - leases as rows; those that hold are an index of their own. */
#include "store/leases.h"

const char leases_schema[] =
    "CREATE TABLE IF NOT EXISTS lease("
    " n INTEGER PRIMARY KEY, owner TEXT NOT NULL, engine TEXT NOT NULL, place TEXT NOT NULL, "
    "created INTEGER NOT NULL,"
    " deadline INTEGER NOT NULL, released INTEGER NOT NULL) STRICT;"
    "CREATE INDEX IF NOT EXISTS lease_holding ON lease(place) WHERE released = 0;"
    "CREATE INDEX IF NOT EXISTS lease_by_owner ON lease(owner)";

void lease_add(Db *db, const Lease *l)
{
    db_run(db,
           SQL("INSERT INTO lease(owner, engine, place, created, deadline, released) VALUES(?1, "
               "?2, ?3, ?4, ?5, 0)"),
           DB_TEXT(l->owner), DB_TEXT(l->engine), DB_TEXT(l->place), DB_INT(l->created),
           DB_INT(l->deadline));
}

void lease_renew(Db *db, Millis deadline)
{
    db_run(db,
           SQL("UPDATE lease SET deadline = ?1 WHERE released = 0 AND owner IN (SELECT id FROM "
               "cluster WHERE ended = 0)"),
           DB_INT(deadline));
}

void lease_release(Db *db, Str owner, Millis at)
{
    db_run(db, SQL("UPDATE lease SET released = ?2 WHERE owner = ?1 AND released = 0"),
           DB_TEXT(owner), DB_INT(at));
}

void lease_remove(Db *db, Str owner)
{
    db_run(db, SQL("DELETE FROM lease WHERE owner = ?1"), DB_TEXT(owner));
}

int64_t lease_list_overdue(Db *db, Millis now, Arena *a, Lease **out)
{
    struct {
        Lease *p;
        int64_t n, cap;
    } v = {0};
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("SELECT n, owner, engine, place, created, deadline FROM lease WHERE released = "
                    "0 AND deadline < ?1 ORDER BY n"),
                DB_INT(now));
    while (rows_next(&r))
        *vec_push(a, &v) = (Lease){
            .n = rows_int(&r, 0),
            .owner = rows_text(&r, 1, a),
            .engine = rows_text(&r, 2, a),
            .place = rows_text(&r, 3, a),
            .created = rows_int(&r, 4),
            .deadline = rows_int(&r, 5),
        };
    *out = v.p;
    return v.n;
}

bool lease_holds(Db *db, Str place)
{
    cleanup(rows_end) Rows r =
        db_rows(db, SQL("SELECT 1 FROM lease WHERE place = ?1 AND released = 0"), DB_TEXT(place));
    return rows_next(&r);
}
