/* aliases.c - rows of state machine aliases, and of the executions started by them. */
#include "store/aliases.h"

const char aliases_schema[] =
    "CREATE TABLE IF NOT EXISTS machine_alias("
    " machine INTEGER NOT NULL, name TEXT NOT NULL, description TEXT, created INTEGER NOT NULL,"
    " updated INTEGER NOT NULL, version INTEGER NOT NULL, weight INTEGER NOT NULL,"
    " other_version INTEGER NOT NULL, other_weight INTEGER NOT NULL,"
    " PRIMARY KEY(machine, name)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS execution_alias("
    " execution INTEGER PRIMARY KEY, alias TEXT NOT NULL) STRICT;"
    "CREATE INDEX IF NOT EXISTS execution_alias_by_alias ON execution_alias(alias, execution)";

#define COLUMNS                                                                                    \
    "machine, name, description, created, updated, version, weight, other_version, other_weight"

static MachineAlias read_alias(const Rows *r, Arena *a)
{
    return (MachineAlias){
        .machine = rows_int(r, 0),
        .name = rows_text(r, 1, a),
        .description = rows_text(r, 2, a),
        .created = rows_int(r, 3),
        .updated = rows_int(r, 4),
        .routes = rows_int(r, 7) ? 2 : 1,
        .version = {rows_int(r, 5), rows_int(r, 7)},
        .weight = {(int32_t)rows_int(r, 6), (int32_t)rows_int(r, 8)},
    };
}

void machine_alias_add(Db *db, const MachineAlias *x)
{
    db_run(db,
           SQL("INSERT INTO machine_alias(" COLUMNS ") VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"),
           DB_INT(x->machine), DB_TEXT(x->name), DB_TEXT(x->description), DB_INT(x->created),
           DB_INT(x->updated), DB_INT(x->version[0]), DB_INT(x->weight[0]), DB_INT(x->version[1]),
           DB_INT(x->weight[1]));
}

bool machine_alias_get(Db *db, int64_t machine, Str name, Arena *a, MachineAlias *out)
{
    cleanup(rows_end) Rows r =
        db_rows(db, SQL("SELECT " COLUMNS " FROM machine_alias WHERE machine = ?1 AND name = ?2"),
                DB_INT(machine), DB_TEXT(name));
    if (!rows_next(&r)) return false;
    *out = read_alias(&r, a);
    return true;
}

void machine_alias_set(Db *db, const MachineAlias *x)
{
    db_run(db,
           SQL("UPDATE machine_alias SET description = ?3, updated = ?4, version = ?5, weight = "
               "?6, other_version = ?7, other_weight = ?8 WHERE machine = ?1 AND name = ?2"),
           DB_INT(x->machine), DB_TEXT(x->name), DB_TEXT(x->description), DB_INT(x->updated),
           DB_INT(x->version[0]), DB_INT(x->weight[0]), DB_INT(x->version[1]),
           DB_INT(x->weight[1]));
}

void machine_alias_remove(Db *db, int64_t machine, Str name)
{
    db_run(db, SQL("DELETE FROM machine_alias WHERE machine = ?1 AND name = ?2"), DB_INT(machine),
           DB_TEXT(name));
}

int64_t machine_alias_list(Db *db, int64_t machine, int64_t version, Str after_name, int64_t max,
                           Arena *a, MachineAlias **out)
{
    struct {
        MachineAlias *p;
        int64_t n, cap;
    } v = {0};
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("SELECT " COLUMNS " FROM machine_alias WHERE machine = ?1 AND name > ?2"
                    " AND ?3 IN (0, version, other_version) ORDER BY name LIMIT ?4"),
                DB_INT(machine), DB_TEXT(str_absent(after_name) ? S("") : after_name),
                DB_INT(version), DB_INT(max));
    while (rows_next(&r)) *vec_push(a, &v) = read_alias(&r, a);
    *out = v.p;
    return v.n;
}

/* ---- executions ---- */

void execution_alias_add(Db *db, int64_t execution, Str alias_arn)
{
    db_run(db, SQL("INSERT INTO execution_alias(execution, alias) VALUES(?1, ?2)"),
           DB_INT(execution), DB_TEXT(alias_arn));
}

void execution_alias_forget(Db *db, int64_t execution)
{
    db_run(db, SQL("DELETE FROM execution_alias WHERE execution = ?1"), DB_INT(execution));
}

Str execution_alias_get(Db *db, int64_t execution, Arena *a)
{
    cleanup(rows_end) Rows r = db_rows(
        db, SQL("SELECT alias FROM execution_alias WHERE execution = ?1"), DB_INT(execution));
    return rows_next(&r) ? rows_text(&r, 0, a) : (Str){0};
}
