/* outbox.c - unanswered commands as rows, named by cluster and attempt. */
#include "store/outbox.h"

const char outbox_schema[] = "CREATE TABLE IF NOT EXISTS outbox("
                             " cluster INTEGER NOT NULL, attempt INTEGER NOT NULL, kind TEXT NOT "
                             "NULL, number INTEGER NOT NULL,"
                             " target INTEGER NOT NULL, signal INTEGER NOT NULL, PRIMARY "
                             "KEY(cluster, attempt)) STRICT, WITHOUT ROWID";

void outbox_add(Db *db, int64_t cluster, const ClusterCommand *c)
{
    db_run(db,
           SQL("INSERT INTO outbox(cluster, attempt, kind, number, target, signal) VALUES(?1, ?2, "
               "?3, ?4, ?5, ?6)"),
           DB_INT(cluster), DB_INT(c->token.attempt), DB_TEXT(cluster_command_name(c->token.kind)),
           DB_INT(c->token.number), DB_INT(c->target), DB_INT(c->signal));
}

static ClusterCommand read_row(const Rows *r)
{
    ClusterCommand c = {
        .token = {.attempt = rows_int(r, 0), .number = rows_int(r, 2)},
        .target = rows_int(r, 3),
        .signal = (ClusterSignal)rows_int(r, 4),
    };
    check(cluster_command_from(rows_peek(r, 1), &c.token.kind));
    return c;
}

bool outbox_find(Db *db, int64_t cluster, int64_t attempt, ClusterCommand *out)
{
    cleanup(rows_end) Rows r = db_rows(db,
                                       SQL("SELECT attempt, kind, number, target, signal FROM "
                                           "outbox WHERE cluster = ?1 AND attempt = ?2"),
                                       DB_INT(cluster), DB_INT(attempt));
    if (!rows_next(&r)) return false;
    *out = read_row(&r);
    return true;
}

void outbox_remove(Db *db, int64_t cluster, int64_t attempt)
{
    db_run(db, SQL("DELETE FROM outbox WHERE cluster = ?1 AND attempt = ?2"), DB_INT(cluster),
           DB_INT(attempt));
}

void outbox_remove_signals(Db *db, int64_t cluster, int64_t target)
{
    db_run(db,
           SQL("DELETE FROM outbox WHERE cluster = ?1 AND kind = 'SIGNAL_STEP' AND target = ?2"),
           DB_INT(cluster), DB_INT(target));
}

bool outbox_signalled(Db *db, int64_t cluster, int64_t target)
{
    cleanup(rows_end) Rows r = db_rows(
        db, SQL("SELECT 1 FROM outbox WHERE cluster = ?1 AND kind = 'SIGNAL_STEP' AND target = ?2"),
        DB_INT(cluster), DB_INT(target));
    return rows_next(&r);
}

void outbox_clear(Db *db, int64_t cluster)
{
    db_run(db, SQL("DELETE FROM outbox WHERE cluster = ?1"), DB_INT(cluster));
}

int64_t outbox_list(Db *db, int64_t cluster, Arena *a, ClusterCommand **out)
{
    struct {
        ClusterCommand *p;
        int64_t n, cap;
    } v = {0};
    cleanup(rows_end) Rows r = db_rows(db,
                                       SQL("SELECT attempt, kind, number, target, signal FROM "
                                           "outbox WHERE cluster = ?1 ORDER BY attempt"),
                                       DB_INT(cluster));
    while (rows_next(&r)) *vec_push(a, &v) = read_row(&r);
    *out = v.p;
    return v.n;
}
