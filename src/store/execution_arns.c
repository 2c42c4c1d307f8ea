/* execution_arns.c - which execution an ARN names: recent ones in memory, moved to the disk in the order of their hashes. */
#include "store/execution_arns.h"

/* After the table of executions. A folder from before these tables has all of its executions after
 * the mark. */
const char execution_arns_schema[] =
    "DROP INDEX IF EXISTS execution_by_name;"
    "DROP INDEX IF EXISTS execution_by_arn;"
    "CREATE TABLE IF NOT EXISTS execution_arn(hash INTEGER NOT NULL, execution INTEGER NOT NULL,"
    " PRIMARY KEY(hash, execution)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS execution_arn_mark(one INTEGER PRIMARY KEY CHECK(one = 1),"
    " mark INTEGER NOT NULL, next_mark INTEGER NOT NULL, passed INTEGER NOT NULL) STRICT;"
    "INSERT OR IGNORE INTO execution_arn_mark VALUES(1, 0, 0, -1);"
    "CREATE TEMP TABLE execution_arn_recent(hash INTEGER NOT NULL, execution INTEGER NOT NULL,"
    " PRIMARY KEY(hash, execution)) STRICT, WITHOUT ROWID;"
    "INSERT INTO execution_arn_recent SELECT text_hash(arn), n FROM execution WHERE n >"
    " (SELECT mark FROM execution_arn_mark)";

typedef struct Mark {
    int64_t mark, next_mark; /* executions */
    int64_t passed;          /* the last hash up to which recent ones were moved */
} Mark;

static bool read_mark(Db *db, Mark *out)
{
    cleanup(rows_end) Rows r =
        db_rows(db, SQL("SELECT mark, next_mark, passed FROM execution_arn_mark"));
    if (!rows_next(&r)) return false;
    *out = (Mark){rows_int(&r, 0), rows_int(&r, 1), rows_int(&r, 2)};
    return true;
}

static void write_mark(Db *db, const Mark *m)
{
    db_run(db,
           SQL("UPDATE execution_arn_mark SET mark = ?1, next_mark = ?2, passed = ?3 WHERE one = "
               "1"),
           DB_INT(m->mark), DB_INT(m->next_mark), DB_INT(m->passed));
}

/* The last of the hashes that are moved next; false: none is left after `passed`. */
static bool last_to_move(Db *db, int64_t passed, int64_t *out)
{
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("SELECT max(hash) FROM (SELECT hash FROM execution_arn_recent WHERE hash > ?1 "
                    "ORDER BY hash LIMIT ?2)"),
                DB_INT(passed), DB_INT(2 * EXECUTION_ARN_STEP));
    if (!rows_next(&r) || rows_null(&r, 0)) return false;
    *out = rows_int(&r, 0);
    return true;
}

/* Twice as many as came, so that an end is reached. */
static void move(Db *db, Mark *m, int64_t last)
{
    db_run(db,
           SQL("INSERT OR IGNORE INTO execution_arn SELECT hash, execution FROM "
               "execution_arn_recent WHERE hash > ?1 AND hash <= ?2 ORDER BY hash, execution"),
           DB_INT(m->passed), DB_INT(last));
    db_run(db, SQL("DELETE FROM execution_arn_recent WHERE hash > ?1 AND hash <= ?2"),
           DB_INT(m->passed), DB_INT(last));
    m->passed = last;
}

static void settle(Db *db, int64_t newest)
{
    Mark m;
    int64_t last;
    if (!read_mark(db, &m) || newest - m.mark <= EXECUTION_ARNS_RECENT) return;
    if (m.passed < 0) m.next_mark = newest;
    if (last_to_move(db, m.passed, &last)) {
        move(db, &m, last);
    } else {
        m.mark = m.next_mark;
        m.passed = -1;
    }
    write_mark(db, &m);
}

void execution_arn_add(Db *db, Str arn, int64_t execution)
{
    db_run(db, SQL("INSERT INTO execution_arn_recent VALUES(text_hash(?1), ?2)"), DB_TEXT(arn),
           DB_INT(execution));
    if (execution % EXECUTION_ARN_STEP == 0) settle(db, execution);
}

void execution_arn_remove(Db *db, int64_t execution)
{
    db_run(db,
           SQL("DELETE FROM execution_arn_recent WHERE hash = (SELECT text_hash(arn) FROM "
               "execution WHERE n = ?1) AND execution = ?1"),
           DB_INT(execution));
    db_run(db,
           SQL("DELETE FROM execution_arn WHERE hash = (SELECT text_hash(arn) FROM execution WHERE "
               "n = ?1) AND execution = ?1"),
           DB_INT(execution));
}
