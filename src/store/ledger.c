/* ledger.c - the ledger as one row per cluster and purpose, added to whenever something changes. */
#include "store/ledger.h"

const char ledger_schema[] = "CREATE TABLE IF NOT EXISTS ledger("
                             " cluster INTEGER NOT NULL, what TEXT NOT NULL, ms INTEGER NOT NULL,"
                             " PRIMARY KEY(cluster, what)) STRICT, WITHOUT ROWID;"
                             "CREATE TABLE IF NOT EXISTS cost("
                             " cluster INTEGER PRIMARY KEY, micro INTEGER NOT NULL) STRICT";

static void add(Db *db, int64_t cluster, Str what, int64_t ms)
{
    db_run(db,
           SQL("INSERT INTO ledger(cluster, what, ms) VALUES(?1, ?2, ?3) ON CONFLICT DO UPDATE SET "
               "ms = ms + ?3"),
           DB_INT(cluster), DB_TEXT(what), DB_INT(ms));
}

void ledger_attribute(Db *db, int64_t cluster, Millis from, Millis to, const Str *steps,
                      int64_t steps_n, Str idle)
{
    int64_t ms = to - from;
    if (ms <= 0) return;
    if (steps_n == 0) add(db, cluster, idle, ms);
    for (int64_t i = 0; i < steps_n; i++)
        add(db, cluster, steps[i], ms / steps_n + (i == 0 ? ms % steps_n : 0));
}

void ledger_set_cost(Db *db, int64_t cluster, int64_t micro)
{
    db_run(db, SQL("INSERT OR REPLACE INTO cost(cluster, micro) VALUES(?1, ?2)"), DB_INT(cluster),
           DB_INT(micro));
}

bool ledger_cost(Db *db, int64_t cluster, int64_t *micro)
{
    cleanup(rows_end) Rows r =
        db_rows(db, SQL("SELECT micro FROM cost WHERE cluster = ?1"), DB_INT(cluster));
    if (!rows_next(&r)) return false;
    *micro = rows_int(&r, 0);
    return true;
}

int64_t ledger_trim(Db *db, int64_t cluster, int64_t max)
{
    int64_t n = db_run(db,
                       SQL("DELETE FROM ledger WHERE cluster = ?1 AND what IN (SELECT what FROM "
                           "ledger WHERE cluster = ?1 LIMIT ?2)"),
                       DB_INT(cluster), DB_INT(max));
    if (n < max) db_run(db, SQL("DELETE FROM cost WHERE cluster = ?1"), DB_INT(cluster));
    return n;
}

int64_t ledger_list(Db *db, int64_t cluster, Arena *a, LedgerEntry **out)
{
    struct {
        LedgerEntry *p;
        int64_t n, cap;
    } v = {0};
    cleanup(rows_end) Rows r = db_rows(
        db, SQL("SELECT what, ms FROM ledger WHERE cluster = ?1 ORDER BY what"), DB_INT(cluster));
    while (rows_next(&r)) *vec_push(a, &v) = (LedgerEntry){rows_text(&r, 0, a), rows_int(&r, 1)};
    *out = v.p;
    return v.n;
}

LedgerSum ledger_sum(Db *db, int64_t cluster)
{
    cleanup(rows_end) Rows r = db_rows(db,
                                       SQL("SELECT sum(iif(what LIKE 'idle:%', 0, ms)), "
                                           "sum(iif(what LIKE 'idle:%', ms, 0)) FROM ledger"
                                           " WHERE cluster = ?1"),
                                       DB_INT(cluster));
    return rows_next(&r) ? (LedgerSum){rows_int(&r, 0), rows_int(&r, 1)} : (LedgerSum){0};
}
