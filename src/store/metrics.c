/* metrics.c - rows of metrics and their points. */
#include "store/metrics.h"

const char metrics_schema[] =
    "CREATE TABLE IF NOT EXISTS metric("
    " n INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, region TEXT NOT NULL,"
    " name_space TEXT NOT NULL, name TEXT NOT NULL, dimensions TEXT NOT NULL,"
    " last INTEGER NOT NULL, UNIQUE(account, region, name_space, name, dimensions)) STRICT;"
    "CREATE TABLE IF NOT EXISTS metric_bucket("
    " metric INTEGER NOT NULL, at INTEGER NOT NULL, unit TEXT NOT NULL, count TEXT NOT NULL,"
    " sum TEXT NOT NULL, min TEXT NOT NULL, max TEXT NOT NULL, measured TEXT,"
    " PRIMARY KEY(metric, at, unit)) STRICT, WITHOUT ROWID";

#define COLUMNS "n, account, region, name_space, name, dimensions, last"

static MetricRow read_row(const Rows *r, Arena *a)
{
    return (MetricRow){
        .n = rows_int(r, 0),
        .account = rows_text(r, 1, a),
        .region = rows_text(r, 2, a),
        .name_space = rows_text(r, 3, a),
        .name = rows_text(r, 4, a),
        .dimensions = rows_text(r, 5, a),
        .last = rows_int(r, 6),
    };
}

bool metric_row_find(Db *db, const MetricRow *key, Arena *a, MetricRow *out)
{
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("SELECT " COLUMNS " FROM metric WHERE account = ?1 AND region = ?2"
                    " AND name_space = ?3 AND name = ?4 AND dimensions = ?5"),
                DB_TEXT(key->account), DB_TEXT(key->region), DB_TEXT(key->name_space),
                DB_TEXT(key->name), DB_TEXT(key->dimensions));
    if (!rows_next(&r)) return false;
    *out = read_row(&r, a);
    return true;
}

void metric_row_need(Db *db, MetricRow *row)
{
    db_run(db,
           SQL("INSERT INTO metric(account, region, name_space, name, dimensions, last)"
               " VALUES(?1, ?2, ?3, ?4, ?5, ?6)"
               " ON CONFLICT(account, region, name_space, name, dimensions)"
               " DO UPDATE SET last = max(last, ?6)"),
           DB_TEXT(row->account), DB_TEXT(row->region), DB_TEXT(row->name_space),
           DB_TEXT(row->name), DB_TEXT(row->dimensions), DB_INT(row->last));
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("SELECT n FROM metric WHERE account = ?1 AND region = ?2"
                    " AND name_space = ?3 AND name = ?4 AND dimensions = ?5"),
                DB_TEXT(row->account), DB_TEXT(row->region), DB_TEXT(row->name_space),
                DB_TEXT(row->name), DB_TEXT(row->dimensions));
    row->n = rows_next(&r) ? rows_int(&r, 0) : 0;
}

int64_t metric_row_list(Db *db, Str account, Str region, Str name_space, Str name, Millis since,
                        int64_t after, int64_t max, Arena *a, MetricRow **out)
{
    struct {
        MetricRow *p;
        int64_t n, cap;
    } v = {0};
    cleanup(rows_end) Rows r = db_rows(
        db,
        SQL("SELECT " COLUMNS " FROM metric WHERE account = ?1 AND region = ?2"
            " AND (?3 IS NULL OR name_space = ?3) AND (?4 IS NULL OR name = ?4) AND last >= ?5"
            " AND n > ?6 ORDER BY n LIMIT ?7"),
        DB_TEXT(account), DB_TEXT(region), DB_TEXT(name_space), DB_TEXT(name), DB_INT(since),
        DB_INT(after), DB_INT(max));
    while (rows_next(&r)) *vec_push(a, &v) = read_row(&r, a);
    *out = v.p;
    return v.n;
}

/* ---- points ---- */

static double number(const Rows *r, int column)
{
    char text[64];
    Str s = rows_peek(r, column);
    snprintf(text, sizeof text, "%.*s", STR(s));
    return strtod(text, NULL);
}

static Str text_of(char *to, size_t n, double value)
{
    snprintf(to, n, "%.17g", value);
    return str_from(to);
}

static MetricPoint read_point(const Rows *r, Arena *a)
{
    return (MetricPoint){.at = rows_int(r, 0),
                         .unit = rows_text(r, 1, a),
                         .m = {.count = number(r, 2),
                               .sum = number(r, 3),
                               .min = number(r, 4),
                               .max = number(r, 5),
                               .values = distribution_parse(a, rows_peek(r, 6))}};
}

static void join_old(Db *db, int64_t metric, MetricPoint *p, Arena *a)
{
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("SELECT at, unit, count, sum, min, max, measured FROM metric_bucket"
                    " WHERE metric = ?1 AND at = ?2 AND unit = ?3"),
                DB_INT(metric), DB_INT(p->at), DB_TEXT(p->unit));
    if (!rows_next(&r)) return;
    MetricPoint old = read_point(&r, a);
    measured_join(&old.m, a, &p->m);
    p->m = old.m;
}

void metric_point_add(Db *db, int64_t metric, const MetricPoint *point, Arena *a)
{
    char text[4][64];
    MetricPoint p = *point;
    join_old(db, metric, &p, a);
    db_run(db,
           SQL("INSERT OR REPLACE INTO metric_bucket(metric, at, unit, count, sum, min, max,"
               " measured) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"),
           DB_INT(metric), DB_INT(p.at), DB_TEXT(p.unit),
           DB_TEXT(text_of(text[0], sizeof text[0], p.m.count)),
           DB_TEXT(text_of(text[1], sizeof text[1], p.m.sum)),
           DB_TEXT(text_of(text[2], sizeof text[2], p.m.min)),
           DB_TEXT(text_of(text[3], sizeof text[3], p.m.max)),
           DB_TEXT(distribution_text(a, &p.m.values)));
}

int64_t metric_point_list(Db *db, int64_t metric, Str unit, Millis from, Millis to, int64_t max,
                          Arena *a, MetricPoint **out)
{
    struct {
        MetricPoint *p;
        int64_t n, cap;
    } v = {0};
    cleanup(rows_end) Rows r = db_rows(
        db,
        SQL("SELECT at, unit, count, sum, min, max, measured FROM metric_bucket WHERE metric = ?1"
            " AND at >= ?2 AND at < ?3 AND (?4 IS NULL OR unit = ?4)"
            " ORDER BY at LIMIT ?5"),
        DB_INT(metric), DB_INT(from), DB_INT(to), DB_TEXT(unit), DB_INT(max));
    while (rows_next(&r)) *vec_push(a, &v) = read_point(&r, a);
    *out = v.p;
    return v.n;
}

void metric_point_drop(Db *db, int64_t metric, Millis before)
{
    db_run(db, SQL("DELETE FROM metric_bucket WHERE metric = ?1 AND at < ?2"), DB_INT(metric),
           DB_INT(before));
}
