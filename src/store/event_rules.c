/* event_rules.c - rows of rules and of their targets. */
#include "store/event_buses.h"

const char event_rules_schema[] =
    "CREATE TABLE IF NOT EXISTS event_rule("
    " n INTEGER PRIMARY KEY AUTOINCREMENT, bus INTEGER NOT NULL, name TEXT NOT NULL, pattern TEXT, "
    "expression TEXT, state TEXT NOT NULL, description TEXT, role TEXT, tags TEXT NOT NULL, "
    "created INTEGER NOT NULL, slot INTEGER NOT NULL, UNIQUE(bus, name)) STRICT;"
    "CREATE INDEX IF NOT EXISTS event_rule_by_slot ON event_rule(slot) WHERE slot >= 0;"
    "CREATE TABLE IF NOT EXISTS event_target("
    " rule INTEGER NOT NULL, id TEXT NOT NULL, arn TEXT NOT NULL, target TEXT NOT NULL, PRIMARY "
    "KEY(rule, id)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS event_target_by_arn ON event_target(arn)";

#define COLUMNS                                                                                    \
    "r.n, r.bus, r.name, r.pattern, r.expression, r.state, r.description, r.role, r.tags, "        \
    "r.created, r.slot"

typedef struct RuleRows {
    EventRuleRow *p;
    int64_t n, cap;
} RuleRows;

static EventRuleRow read_row(const Rows *r, Arena *a)
{
    return (EventRuleRow){
        .n = rows_int(r, 0),
        .bus = rows_int(r, 1),
        .name = rows_text(r, 2, a),
        .pattern = rows_text(r, 3, a),
        .expression = rows_text(r, 4, a),
        .state = rows_text(r, 5, a),
        .description = rows_text(r, 6, a),
        .role = rows_text(r, 7, a),
        .tags = rows_text(r, 8, a),
        .created = rows_int(r, 9),
        .slot = rows_int(r, 10),
    };
}

static int64_t read_all(Rows *r, Arena *a, EventRuleRow **out)
{
    RuleRows v = {0};
    while (rows_next(r)) *vec_push(a, &v) = read_row(r, a);
    *out = v.p;
    return v.n;
}

void event_rule_add(Db *db, EventRuleRow *row)
{
    db_run(db,
           SQL("INSERT INTO event_rule(bus, name, pattern, expression, state, description, role, "
               "tags, created, slot) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"),
           DB_INT(row->bus), DB_TEXT(row->name), DB_TEXT(row->pattern), DB_TEXT(row->expression),
           DB_TEXT(row->state), DB_TEXT(row->description), DB_TEXT(row->role), DB_TEXT(row->tags),
           DB_INT(row->created), DB_INT(row->slot));
    row->n = db_last_id(db);
}

bool event_rule_find(Db *db, int64_t bus, Str name, Arena *a, EventRuleRow *out)
{
    cleanup(rows_end) Rows r =
        db_rows(db, SQL("SELECT " COLUMNS " FROM event_rule r WHERE r.bus = ?1 AND r.name = ?2"),
                DB_INT(bus), DB_TEXT(name));
    if (!rows_next(&r)) return false;
    *out = read_row(&r, a);
    return true;
}

void event_rule_set(Db *db, const EventRuleRow *row)
{
    db_run(db,
           SQL("UPDATE event_rule SET pattern = ?2, expression = ?3, state = ?4, description = ?5, "
               "role = ?6, tags = ?7, slot = ?8 WHERE n = ?1"),
           DB_INT(row->n), DB_TEXT(row->pattern), DB_TEXT(row->expression), DB_TEXT(row->state),
           DB_TEXT(row->description), DB_TEXT(row->role), DB_TEXT(row->tags), DB_INT(row->slot));
}

void event_rule_set_slot(Db *db, int64_t n, Millis slot)
{
    db_run(db, SQL("UPDATE event_rule SET slot = ?2 WHERE n = ?1"), DB_INT(n), DB_INT(slot));
}

void event_rule_remove(Db *db, int64_t n)
{
    db_run(db, SQL("DELETE FROM event_target WHERE rule = ?1"), DB_INT(n));
    db_run(db, SQL("DELETE FROM event_rule WHERE n = ?1"), DB_INT(n));
}

int64_t event_rule_count(Db *db, int64_t bus)
{
    cleanup(rows_end) Rows r =
        db_rows(db, SQL("SELECT count(*) FROM event_rule WHERE bus = ?1"), DB_INT(bus));
    return rows_next(&r) ? rows_int(&r, 0) : 0;
}

bool event_rule_exists(Db *db)
{
    cleanup(rows_end) Rows r =
        db_rows(db, SQL("SELECT 1 FROM event_rule UNION ALL SELECT 1 FROM event_archive LIMIT 1"));
    return rows_next(&r);
}

int64_t event_rule_list(Db *db, int64_t bus, Str prefix, Str after, int64_t max, Arena *a,
                        EventRuleRow **out)
{
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("SELECT " COLUMNS " FROM event_rule r WHERE r.bus = ?1 AND (?2 IS NULL OR "
                    "substr(r.name, 1, length(?2)) = ?2) AND (?3 IS NULL OR r.name > ?3) ORDER BY "
                    "r.name LIMIT ?4"),
                DB_INT(bus), DB_TEXT(prefix), DB_TEXT(after), DB_INT(max));
    return read_all(&r, a, out);
}

int64_t event_rule_list_by_target(Db *db, int64_t bus, Str arn, Str after, int64_t max, Arena *a,
                                  EventRuleRow **out)
{
    cleanup(rows_end) Rows r = db_rows(
        db,
        SQL("SELECT DISTINCT " COLUMNS " FROM event_target t JOIN event_rule r ON r.n = t.rule "
            "WHERE t.arn = ?2 AND r.bus = ?1 AND (?3 IS NULL OR r.name > ?3) ORDER BY r.name "
            "LIMIT ?4"),
        DB_INT(bus), DB_TEXT(arn), DB_TEXT(after), DB_INT(max));
    return read_all(&r, a, out);
}

Millis event_rule_next(Db *db)
{
    cleanup(rows_end) Rows r =
        db_rows(db, SQL("SELECT slot FROM event_rule WHERE slot >= 0 ORDER BY slot LIMIT 1"));
    return rows_next(&r) ? rows_int(&r, 0) : INT64_MAX;
}

int64_t event_rule_due(Db *db, Millis now, int64_t max, Arena *a, EventRuleRow **out)
{
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("SELECT " COLUMNS " FROM event_rule r WHERE r.slot >= 0 AND r.slot <= ?1 ORDER "
                    "BY r.slot, r.n LIMIT ?2"),
                DB_INT(now), DB_INT(max));
    return read_all(&r, a, out);
}

/* ---- targets ---- */

void event_target_set(Db *db, const EventTargetRow *row)
{
    db_run(db,
           SQL("INSERT INTO event_target(rule, id, arn, target) VALUES(?1, ?2, ?3, ?4) ON CONFLICT "
               "DO UPDATE SET arn = ?3, target = ?4"),
           DB_INT(row->rule), DB_TEXT(row->id), DB_TEXT(row->arn), DB_TEXT(row->target));
}

bool event_target_remove(Db *db, int64_t rule, Str id)
{
    return db_run(db, SQL("DELETE FROM event_target WHERE rule = ?1 AND id = ?2"), DB_INT(rule),
                  DB_TEXT(id)) > 0;
}

int64_t event_target_count(Db *db, int64_t rule)
{
    cleanup(rows_end) Rows r =
        db_rows(db, SQL("SELECT count(*) FROM event_target WHERE rule = ?1"), DB_INT(rule));
    return rows_next(&r) ? rows_int(&r, 0) : 0;
}

int64_t event_target_list(Db *db, int64_t rule, Str after, int64_t max, Arena *a,
                          EventTargetRow **out)
{
    struct {
        EventTargetRow *p;
        int64_t n, cap;
    } v = {0};
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("SELECT rule, id, arn, target FROM event_target WHERE rule = ?1 AND (?2 IS "
                    "NULL OR id > ?2) ORDER BY id LIMIT ?3"),
                DB_INT(rule), DB_TEXT(after), DB_INT(max));
    while (rows_next(&r))
        *vec_push(a, &v) = (EventTargetRow){rows_int(&r, 0), rows_text(&r, 1, a),
                                            rows_text(&r, 2, a), rows_text(&r, 3, a)};
    *out = v.p;
    return v.n;
}
