/* ledger.c - the ledger as one row per cluster and purpose, added to whenever something changes. */
#include "store/ledger.h"

const char ledger_schema[] = "CREATE TABLE IF NOT EXISTS ledger("
                             " cluster INTEGER NOT NULL, what TEXT NOT NULL, ms INTEGER NOT NULL,"
                             " PRIMARY KEY(cluster, what)) STRICT, WITHOUT ROWID";

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
