/* timers.c - durable timers as rows ordered by due time. */
#include "store/timers.h"

const char timers_schema[] =
    "CREATE TABLE IF NOT EXISTS timer(kind TEXT NOT NULL, subject TEXT NOT NULL,"
    " due INTEGER NOT NULL, PRIMARY KEY(kind, subject)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS timer_by_due ON timer(due)";

void timer_set(Db *db, Str kind, Str subject, Millis due)
{
    db_run(db,
           SQL("INSERT INTO timer(kind, subject, due) VALUES(?1, ?2, ?3) ON CONFLICT DO UPDATE SET "
               "due = ?3"),
           DB_TEXT(kind), DB_TEXT(subject), DB_INT(due));
}

void timer_set_by(Db *db, Str kind, Str subject, Millis due)
{
    db_run(db,
           SQL("INSERT INTO timer(kind, subject, due) VALUES(?1, ?2, ?3) ON CONFLICT DO UPDATE SET "
               "due = min(due, ?3)"),
           DB_TEXT(kind), DB_TEXT(subject), DB_INT(due));
}

void timer_clear(Db *db, Str kind, Str subject)
{
    db_run(db, SQL("DELETE FROM timer WHERE kind = ?1 AND subject = ?2"), DB_TEXT(kind),
           DB_TEXT(subject));
}

void timer_bring_forward(Db *db, Str kind, Millis now)
{
    db_run(db, SQL("UPDATE timer SET due = ?2 WHERE kind = ?1 AND due > ?2"), DB_TEXT(kind),
           DB_INT(now));
}

Millis timer_next(Db *db)
{
    cleanup(rows_end) Rows r = db_rows(db, SQL("SELECT due FROM timer ORDER BY due LIMIT 1"));
    return rows_next(&r) ? rows_int(&r, 0) : INT64_MAX;
}

int64_t timer_due(Db *db, Millis now, Arena *a, Timer *out, int64_t max)
{
    int64_t n = 0;
    cleanup(rows_end) Rows r = db_rows(db,
                                       SQL("SELECT kind, subject, due FROM timer WHERE due <= ?1 "
                                           "ORDER BY due, kind, subject LIMIT ?2"),
                                       DB_INT(now), DB_INT(max));
    while (n < max && rows_next(&r))
        out[n++] = (Timer){rows_text(&r, 0, a), rows_text(&r, 1, a), rows_int(&r, 2)};
    return n;
}
