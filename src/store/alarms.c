/* alarms.c - rows of CloudWatch alarms. */
#include "store/alarms.h"

const char alarms_schema[] =
    "CREATE TABLE IF NOT EXISTS alarm("
    " n INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, region TEXT NOT NULL,"
    " name TEXT NOT NULL, request TEXT NOT NULL, state TEXT NOT NULL, reason TEXT NOT NULL,"
    " enabled INTEGER NOT NULL, updated INTEGER NOT NULL, state_updated INTEGER NOT NULL,"
    " UNIQUE(account, region, name)) STRICT;"
    "CREATE TABLE IF NOT EXISTS alarm_history("
    " n INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, region TEXT NOT NULL,"
    " name TEXT NOT NULL, alarm_type TEXT NOT NULL, type TEXT NOT NULL, summary TEXT NOT NULL,"
    " data TEXT NOT NULL, at INTEGER NOT NULL) STRICT;"
    "CREATE INDEX IF NOT EXISTS alarm_history_by_name ON alarm_history(name, n)";

#define COLUMNS "n, account, region, name, request, state, reason, enabled, updated, state_updated"

static AlarmRow read_row(const Rows *r, Arena *a)
{
    return (AlarmRow){
        .n = rows_int(r, 0),
        .account = rows_text(r, 1, a),
        .region = rows_text(r, 2, a),
        .name = rows_text(r, 3, a),
        .request = rows_text(r, 4, a),
        .state = rows_text(r, 5, a),
        .reason = rows_text(r, 6, a),
        .enabled = rows_int(r, 7) != 0,
        .updated = rows_int(r, 8),
        .state_updated = rows_int(r, 9),
    };
}

void alarm_row_put(Db *db, AlarmRow *row)
{
    db_run(db,
           SQL("INSERT INTO alarm(account, region, name, request, state, reason, enabled, updated, "
               "state_updated) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
               " ON CONFLICT(account, region, name) DO UPDATE SET request = ?4, state = ?5,"
               " reason = ?6, enabled = ?7, updated = ?8, state_updated = ?9"),
           DB_TEXT(row->account), DB_TEXT(row->region), DB_TEXT(row->name), DB_TEXT(row->request),
           DB_TEXT(row->state), DB_TEXT(row->reason), DB_INT(row->enabled), DB_INT(row->updated),
           DB_INT(row->state_updated));
    cleanup(rows_end) Rows r =
        db_rows(db, SQL("SELECT n FROM alarm WHERE account = ?1 AND region = ?2 AND name = ?3"),
                DB_TEXT(row->account), DB_TEXT(row->region), DB_TEXT(row->name));
    row->n = rows_next(&r) ? rows_int(&r, 0) : 0;
}

bool alarm_row_find(Db *db, Str account, Str region, Str name, Arena *a, AlarmRow *out)
{
    cleanup(rows_end) Rows r = db_rows(
        db, SQL("SELECT " COLUMNS " FROM alarm WHERE account = ?1 AND region = ?2 AND name = ?3"),
        DB_TEXT(account), DB_TEXT(region), DB_TEXT(name));
    if (!rows_next(&r)) return false;
    *out = read_row(&r, a);
    return true;
}

bool alarm_row_get(Db *db, int64_t n, Arena *a, AlarmRow *out)
{
    cleanup(rows_end) Rows r =
        db_rows(db, SQL("SELECT " COLUMNS " FROM alarm WHERE n = ?1"), DB_INT(n));
    if (!rows_next(&r)) return false;
    *out = read_row(&r, a);
    return true;
}

void alarm_row_remove(Db *db, int64_t n)
{
    db_run(db, SQL("DELETE FROM alarm WHERE n = ?1"), DB_INT(n));
}

int64_t alarm_row_list(Db *db, Str account, Str region, Str prefix, Str state, Str after,
                       int64_t max, Arena *a, AlarmRow **out)
{
    struct {
        AlarmRow *p;
        int64_t n, cap;
    } v = {0};
    cleanup(rows_end) Rows r = db_rows(
        db,
        SQL("SELECT " COLUMNS " FROM alarm WHERE account = ?1 AND region = ?2"
            " AND (?3 IS NULL OR substr(name, 1, length(?3)) = ?3) AND (?4 IS NULL OR state = ?4)"
            " AND (?5 IS NULL OR name > ?5) ORDER BY name LIMIT ?6"),
        DB_TEXT(account), DB_TEXT(region), DB_TEXT(prefix), DB_TEXT(state), DB_TEXT(after),
        DB_INT(max));
    while (rows_next(&r)) *vec_push(a, &v) = read_row(&r, a);
    *out = v.p;
    return v.n;
}

int64_t alarm_row_composites(Db *db, Str account, Str region, Arena *a, AlarmRow **out)
{
    struct {
        AlarmRow *p;
        int64_t n, cap;
    } v = {0};
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("SELECT " COLUMNS " FROM alarm WHERE account = ?1 AND region = ?2"
                    " AND instr(request, '\"AlarmRule\"') > 0 ORDER BY n"),
                DB_TEXT(account), DB_TEXT(region));
    while (rows_next(&r)) *vec_push(a, &v) = read_row(&r, a);
    *out = v.p;
    return v.n;
}

/* ---- history ---- */

void alarm_history_add(Db *db, const AlarmHistory *h, Millis keep_from)
{
    db_run(db,
           SQL("INSERT INTO alarm_history(account, region, name, alarm_type, type, summary, data,"
               " at) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"),
           DB_TEXT(h->account), DB_TEXT(h->region), DB_TEXT(h->name), DB_TEXT(h->alarm_type),
           DB_TEXT(h->type), DB_TEXT(h->summary), DB_TEXT(h->data), DB_INT(h->at));
    db_run(db,
           SQL("DELETE FROM alarm_history WHERE n IN (SELECT n FROM (SELECT n, at FROM"
               " alarm_history ORDER BY n LIMIT ?1) WHERE at < ?2)"),
           DB_INT(ALARM_HISTORY_TRIM), DB_INT(keep_from));
}

static AlarmHistory read_history(const Rows *r, Arena *a)
{
    return (AlarmHistory){.n = rows_int(r, 0),
                          .name = rows_text(r, 1, a),
                          .alarm_type = rows_text(r, 2, a),
                          .type = rows_text(r, 3, a),
                          .summary = rows_text(r, 4, a),
                          .data = rows_text(r, 5, a),
                          .at = rows_int(r, 6)};
}

int64_t alarm_history_list(Db *db, const AlarmHistoryFilter *f, Arena *a, AlarmHistory **out)
{
    struct {
        AlarmHistory *p;
        int64_t n, cap;
    } v = {0};
    cleanup(rows_end) Rows r = db_rows(
        db,
        SQL("SELECT n, name, alarm_type, type, summary, data, at FROM alarm_history"
            " WHERE account = ?1 AND region = ?2 AND (?3 IS NULL OR name = ?3)"
            " AND (?4 IS NULL OR type = ?4) AND at >= ?5 AND at <= ?6"
            " AND ((?7 AND alarm_type = 'MetricAlarm') OR (?8 AND alarm_type = 'CompositeAlarm'))"
            " AND (?10 = 0 OR CASE WHEN ?9 THEN n > ?10 ELSE n < ?10 END)"
            " ORDER BY CASE WHEN ?9 THEN n ELSE -n END LIMIT ?11"),
        DB_TEXT(f->account), DB_TEXT(f->region), DB_TEXT(f->name), DB_TEXT(f->type),
        DB_INT(f->from), DB_INT(f->to), DB_INT(f->metric), DB_INT(f->composite),
        DB_INT(f->ascending), DB_INT(f->after), DB_INT(f->max));
    while (rows_next(&r)) *vec_push(a, &v) = read_history(&r, a);
    *out = v.p;
    return v.n;
}
