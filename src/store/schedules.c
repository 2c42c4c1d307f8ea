/* schedules.c - rows of schedule groups and schedules. */
#include "store/schedules.h"

/* What a firing changes lies apart: 160 of its rows share a page, and 6 of the schedules'. */
const char schedules_schema[] =
    "CREATE TABLE IF NOT EXISTS schedule_group("
    " n INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, region TEXT NOT NULL, name TEXT "
    "NOT NULL, state TEXT NOT NULL, tags TEXT NOT NULL, token TEXT, created INTEGER NOT NULL, "
    "modified INTEGER NOT NULL, UNIQUE(account, region, name)) STRICT;"
    "CREATE TABLE IF NOT EXISTS schedule("
    " n INTEGER PRIMARY KEY, grp INTEGER NOT NULL, name TEXT NOT NULL, expression TEXT NOT NULL,"
    " zone TEXT, description TEXT, kms_key TEXT, enabled INTEGER NOT NULL, delete_after INTEGER "
    "NOT NULL, window_minutes INTEGER NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL,"
    " target TEXT NOT NULL, token TEXT, digest TEXT, created INTEGER NOT NULL, modified INTEGER "
    "NOT NULL, anchor INTEGER NOT NULL, UNIQUE(grp, name)) STRICT;"
    "CREATE TABLE IF NOT EXISTS schedule_time("
    " n INTEGER PRIMARY KEY, slot INTEGER NOT NULL, due INTEGER NOT NULL, fired INTEGER NOT NULL,"
    " skipped INTEGER NOT NULL) STRICT;"
    "CREATE INDEX IF NOT EXISTS schedule_by_due ON schedule_time(due) WHERE due >= 0";

/* ---- groups ---- */

#define GROUP_COLUMNS "n, account, region, name, state, tags, token, created, modified"

static ScheduleGroupRow read_group(const Rows *r, Arena *a)
{
    return (ScheduleGroupRow){
        .n = rows_int(r, 0),
        .account = rows_text(r, 1, a),
        .region = rows_text(r, 2, a),
        .name = rows_text(r, 3, a),
        .state = rows_text(r, 4, a),
        .tags = rows_text(r, 5, a),
        .token = rows_text(r, 6, a),
        .created = rows_int(r, 7),
        .modified = rows_int(r, 8),
    };
}

void schedule_group_add(Db *db, ScheduleGroupRow *row)
{
    db_run(db,
           SQL("INSERT INTO schedule_group(account, region, name, state, tags, token, created, "
               "modified) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"),
           DB_TEXT(row->account), DB_TEXT(row->region), DB_TEXT(row->name), DB_TEXT(row->state),
           DB_TEXT(row->tags), DB_TEXT(row->token), DB_INT(row->created), DB_INT(row->modified));
    row->n = db_last_id(db);
}

bool schedule_group_find(Db *db, Str account, Str region, Str name, Arena *a, ScheduleGroupRow *out)
{
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("SELECT " GROUP_COLUMNS " FROM schedule_group WHERE account = ?1 AND region = "
                    "?2 AND name = ?3"),
                DB_TEXT(account), DB_TEXT(region), DB_TEXT(name));
    if (!rows_next(&r)) return false;
    *out = read_group(&r, a);
    return true;
}

void schedule_group_set(Db *db, const ScheduleGroupRow *row)
{
    db_run(db, SQL("UPDATE schedule_group SET state = ?2, tags = ?3, modified = ?4 WHERE n = ?1"),
           DB_INT(row->n), DB_TEXT(row->state), DB_TEXT(row->tags), DB_INT(row->modified));
}

void schedule_group_remove(Db *db, int64_t n)
{
    db_run(db, SQL("DELETE FROM schedule_group WHERE n = ?1"), DB_INT(n));
}

int64_t schedule_group_list(Db *db, Str account, Str region, Str prefix, Str after, int64_t max,
                            Arena *a, ScheduleGroupRow **out)
{
    struct {
        ScheduleGroupRow *p;
        int64_t n, cap;
    } v = {0};
    cleanup(rows_end) Rows r = db_rows(
        db,
        SQL("SELECT " GROUP_COLUMNS " FROM schedule_group WHERE account = ?1 AND region = ?2"
            " AND (?3 IS NULL OR substr(name, 1, length(?3)) = ?3) AND (?4 IS NULL OR name > ?4)"
            " ORDER BY name LIMIT ?5"),
        DB_TEXT(account), DB_TEXT(region), DB_TEXT(prefix), DB_TEXT(after), DB_INT(max));
    while (rows_next(&r)) *vec_push(a, &v) = read_group(&r, a);
    *out = v.p;
    return v.n;
}

/* ---- schedules ---- */

#define COLUMNS                                                                                    \
    "s.n, s.grp, g.name, g.account, g.region, s.name, s.expression, s.zone, s.description, "       \
    "s.kms_key, s.enabled, s.delete_after, s.window_minutes, s.start, s.end, s.target, s.token, "  \
    "s.digest, s.created, s.modified, s.anchor, t.slot, t.due, t.fired, t.skipped, "               \
    "g.state = 'ACTIVE'"

static ScheduleRow read_row(const Rows *r, Arena *a)
{
    return (ScheduleRow){
        .n = rows_int(r, 0),
        .group = rows_int(r, 1),
        .group_name = rows_text(r, 2, a),
        .account = rows_text(r, 3, a),
        .region = rows_text(r, 4, a),
        .name = rows_text(r, 5, a),
        .expression = rows_text(r, 6, a),
        .zone = rows_text(r, 7, a),
        .description = rows_text(r, 8, a),
        .kms_key = rows_text(r, 9, a),
        .enabled = rows_int(r, 10) != 0,
        .delete_after = rows_int(r, 11) != 0,
        .window_minutes = rows_int(r, 12),
        .start = rows_int(r, 13),
        .end = rows_int(r, 14),
        .target = rows_text(r, 15, a),
        .token = rows_text(r, 16, a),
        .digest = rows_text(r, 17, a),
        .created = rows_int(r, 18),
        .modified = rows_int(r, 19),
        .anchor = rows_int(r, 20),
        .slot = rows_int(r, 21),
        .due = rows_int(r, 22),
        .fired = rows_int(r, 23),
        .skipped = rows_int(r, 24),
        .group_active = rows_int(r, 25) != 0,
    };
}

void schedule_add(Db *db, ScheduleRow *row)
{
    db_run(db,
           SQL("INSERT INTO schedule(grp, name, expression, zone, description, kms_key, enabled, "
               "delete_after, window_minutes, start, end, target, token, digest, created, "
               "modified, anchor) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, "
               "?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)"),
           DB_INT(row->group), DB_TEXT(row->name), DB_TEXT(row->expression), DB_TEXT(row->zone),
           DB_TEXT(row->description), DB_TEXT(row->kms_key), DB_INT(row->enabled),
           DB_INT(row->delete_after), DB_INT(row->window_minutes), DB_INT(row->start),
           DB_INT(row->end), DB_TEXT(row->target), DB_TEXT(row->token), DB_TEXT(row->digest),
           DB_INT(row->created), DB_INT(row->modified), DB_INT(row->anchor));
    row->n = db_last_id(db);
    db_run(db,
           SQL("INSERT INTO schedule_time(n, slot, due, fired, skipped) VALUES(?1, ?2, ?3, ?4, "
               "?5)"),
           DB_INT(row->n), DB_INT(row->slot), DB_INT(row->due), DB_INT(row->fired),
           DB_INT(row->skipped));
}

bool schedule_find(Db *db, int64_t group, Str name, Arena *a, ScheduleRow *out)
{
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("SELECT " COLUMNS " FROM schedule s JOIN schedule_time t ON t.n = s.n JOIN "
                    "schedule_group g ON g.n = s.grp WHERE s.grp = ?1 AND s.name = ?2"),
                DB_INT(group), DB_TEXT(name));
    if (!rows_next(&r)) return false;
    *out = read_row(&r, a);
    return true;
}

void schedule_set(Db *db, const ScheduleRow *row)
{
    db_run(db,
           SQL("UPDATE schedule SET expression = ?2, zone = ?3, description = ?4, kms_key = ?5, "
               "enabled = ?6, delete_after = ?7, window_minutes = ?8, start = ?9, end = ?10, "
               "target = ?11, modified = ?12, anchor = ?13 WHERE n = ?1"),
           DB_INT(row->n), DB_TEXT(row->expression), DB_TEXT(row->zone), DB_TEXT(row->description),
           DB_TEXT(row->kms_key), DB_INT(row->enabled), DB_INT(row->delete_after),
           DB_INT(row->window_minutes), DB_INT(row->start), DB_INT(row->end), DB_TEXT(row->target),
           DB_INT(row->modified), DB_INT(row->anchor));
    schedule_set_slot(db, row);
}

void schedule_set_slot(Db *db, const ScheduleRow *row)
{
    db_run(db,
           SQL("UPDATE schedule_time SET slot = ?2, due = ?3, fired = ?4, skipped = ?5 WHERE n = "
               "?1"),
           DB_INT(row->n), DB_INT(row->slot), DB_INT(row->due), DB_INT(row->fired),
           DB_INT(row->skipped));
}

void schedule_remove(Db *db, int64_t n)
{
    db_run(db, SQL("DELETE FROM schedule_time WHERE n = ?1"), DB_INT(n));
    db_run(db, SQL("DELETE FROM schedule WHERE n = ?1"), DB_INT(n));
}

int64_t schedule_remove_some(Db *db, int64_t group, int64_t max)
{
    db_run(db,
           SQL("DELETE FROM schedule_time WHERE n IN (SELECT n FROM schedule WHERE grp = ?1 ORDER "
               "BY name LIMIT ?2)"),
           DB_INT(group), DB_INT(max));
    return db_run(db,
                  SQL("DELETE FROM schedule WHERE n IN (SELECT n FROM schedule WHERE grp = ?1 "
                      "ORDER BY name LIMIT ?2)"),
                  DB_INT(group), DB_INT(max));
}

typedef struct ScheduleRows {
    ScheduleRow *p;
    int64_t n, cap;
} ScheduleRows;

int64_t schedule_list(Db *db, const ScheduleFilter *f, Arena *a, ScheduleRow **out)
{
    ScheduleRows v = {0};
    cleanup(rows_end) Rows r = db_rows(
        db,
        SQL("SELECT " COLUMNS " FROM schedule_group g CROSS JOIN schedule s ON s.grp = g.n"
            " CROSS JOIN schedule_time t ON t.n = s.n"
            " WHERE g.account = ?1 AND g.region = ?2 AND (?3 = 0 OR g.n = ?3)"
            " AND (?4 IS NULL OR substr(s.name, 1, length(?4)) = ?4)"
            " AND (?5 < 0 OR s.enabled = ?5) AND (?6 IS NULL OR g.name >= ?6)"
            " AND (?6 IS NULL OR g.name > ?6 OR s.name > ?7) ORDER BY g.name, s.name LIMIT ?8"),
        DB_TEXT(f->account), DB_TEXT(f->region), DB_INT(f->group), DB_TEXT(f->prefix),
        DB_INT(f->enabled), DB_TEXT(f->after_group), DB_TEXT(f->after_name), DB_INT(f->max));
    while (rows_next(&r)) *vec_push(a, &v) = read_row(&r, a);
    *out = v.p;
    return v.n;
}

/* ---- what is due ---- */

Millis schedule_next(Db *db)
{
    cleanup(rows_end) Rows r =
        db_rows(db, SQL("SELECT due FROM schedule_time WHERE due >= 0 ORDER BY due LIMIT 1"));
    return rows_next(&r) ? rows_int(&r, 0) : INT64_MAX;
}

int64_t schedule_due(Db *db, Millis now, int64_t max, Arena *a, ScheduleRow **out)
{
    ScheduleRows v = {0};
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("SELECT " COLUMNS " FROM schedule_time t CROSS JOIN schedule s ON s.n = t.n "
                    "CROSS JOIN schedule_group g ON g.n = s.grp WHERE t.due >= 0 AND t.due <= ?1 "
                    "ORDER BY t.due, t.n LIMIT ?2"),
                DB_INT(now), DB_INT(max));
    while (rows_next(&r)) *vec_push(a, &v) = read_row(&r, a);
    *out = v.p;
    return v.n;
}
