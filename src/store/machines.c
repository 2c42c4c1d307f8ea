/* machines.c - rows of state machines, their revisions and published versions. */
#include "store/machines.h"

const char machines_schema[] =
    "CREATE TABLE IF NOT EXISTS machine("
    " n INTEGER PRIMARY KEY AUTOINCREMENT, arn TEXT NOT NULL UNIQUE, account TEXT NOT NULL, region "
    "TEXT NOT NULL,"
    " name TEXT NOT NULL, express INTEGER NOT NULL, created INTEGER NOT NULL, tags TEXT NOT NULL,"
    " revision INTEGER NOT NULL, versions INTEGER NOT NULL DEFAULT 0) STRICT;"
    "CREATE UNIQUE INDEX IF NOT EXISTS machine_by_name ON machine(account, region, name);"
    "CREATE TABLE IF NOT EXISTS machine_revision("
    " n INTEGER PRIMARY KEY AUTOINCREMENT, machine INTEGER NOT NULL, id TEXT, definition TEXT NOT "
    "NULL,"
    " role_arn TEXT NOT NULL, logging TEXT NOT NULL, tracing TEXT NOT NULL, encryption TEXT,"
    " created INTEGER NOT NULL) STRICT;"
    "CREATE TABLE IF NOT EXISTS machine_version("
    " machine INTEGER NOT NULL, number INTEGER NOT NULL, revision INTEGER NOT NULL, description "
    "TEXT,"
    " created INTEGER NOT NULL, PRIMARY KEY(machine, number)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS machine_deleting(machine INTEGER PRIMARY KEY) STRICT";

#define REVISION_COLUMNS                                                                           \
    "r.n, r.machine, r.id, r.definition, r.role_arn, r.logging, r.tracing, r.encryption, "         \
    "r.created"
#define COLUMNS                                                                                    \
    REVISION_COLUMNS ", m.n, m.arn, m.account, m.region, m.name, m.express, m.created, m.tags, "   \
                     "m.n IN (SELECT machine FROM machine_deleting)"

static MachineRevision read_revision(const Rows *r, Arena *a)
{
    return (MachineRevision){
        .n = rows_int(r, 0),
        .machine = rows_int(r, 1),
        .id = rows_text(r, 2, a),
        .definition = rows_text(r, 3, a),
        .role_arn = rows_text(r, 4, a),
        .logging = rows_text(r, 5, a),
        .tracing = rows_text(r, 6, a),
        .encryption = rows_text(r, 7, a),
        .created = rows_int(r, 8),
    };
}

static MachineRow read_row(const Rows *r, Arena *a)
{
    return (MachineRow){
        .revision = read_revision(r, a),
        .n = rows_int(r, 9),
        .arn = rows_text(r, 10, a),
        .account = rows_text(r, 11, a),
        .region = rows_text(r, 12, a),
        .name = rows_text(r, 13, a),
        .express = rows_int(r, 14) != 0,
        .created = rows_int(r, 15),
        .tags = rows_text(r, 16, a),
        .deleting = rows_int(r, 17) != 0,
    };
}

static void add_revision(Db *db, MachineRevision *r)
{
    db_run(db,
           SQL("INSERT INTO machine_revision(machine, id, definition, role_arn, logging, tracing, "
               "encryption, created)"
               " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"),
           DB_INT(r->machine), DB_TEXT(r->id), DB_TEXT(r->definition), DB_TEXT(r->role_arn),
           DB_TEXT(r->logging), DB_TEXT(r->tracing), DB_TEXT(r->encryption), DB_INT(r->created));
    r->n = db_last_id(db);
    db_run(db, SQL("UPDATE machine SET revision = ?2 WHERE n = ?1"), DB_INT(r->machine),
           DB_INT(r->n));
}

void machine_row_add(Db *db, MachineRow *row)
{
    db_run(db,
           SQL("INSERT INTO machine(arn, account, region, name, express, created, tags, revision)"
               " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, 0)"),
           DB_TEXT(row->arn), DB_TEXT(row->account), DB_TEXT(row->region), DB_TEXT(row->name),
           DB_INT(row->express), DB_INT(row->created), DB_TEXT(row->tags));
    row->n = row->revision.machine = db_last_id(db);
    add_revision(db, &row->revision);
}

bool machine_row_find(Db *db, Str arn, Arena *a, MachineRow *out)
{
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("SELECT " COLUMNS
                    " FROM machine m JOIN machine_revision r ON r.n = m.revision WHERE m.arn = ?1"),
                DB_TEXT(arn));
    if (!rows_next(&r)) return false;
    *out = read_row(&r, a);
    return true;
}

void machine_row_mark_deleting(Db *db, int64_t n)
{
    db_run(db, SQL("INSERT OR IGNORE INTO machine_deleting(machine) VALUES(?1)"), DB_INT(n));
}

bool machine_row_is_deleting(Db *db, int64_t n)
{
    cleanup(rows_end) Rows r = db_rows(
        db, SQL("SELECT 1 FROM machine_deleting WHERE ?1 IN (0, machine) LIMIT 1"), DB_INT(n));
    return rows_next(&r);
}

void machine_row_remove(Db *db, int64_t n)
{
    db_run(db, SQL("DELETE FROM machine_deleting WHERE machine = ?1"), DB_INT(n));
    db_run(db, SQL("DELETE FROM machine_version WHERE machine = ?1"), DB_INT(n));
    db_run(db, SQL("DELETE FROM machine_alias WHERE machine = ?1"), DB_INT(n));
    db_run(db, SQL("DELETE FROM machine WHERE n = ?1"), DB_INT(n));
}

void machine_row_set_tags(Db *db, int64_t n, Str json)
{
    db_run(db, SQL("UPDATE machine SET tags = ?2 WHERE n = ?1"), DB_INT(n), DB_TEXT(json));
}

void machine_row_revise(Db *db, MachineRevision *revision)
{
    add_revision(db, revision);
}

int64_t machine_row_list(Db *db, Str account, Str region, Str after_name, int64_t max, Arena *a,
                         MachineRow **out)
{
    struct {
        MachineRow *p;
        int64_t n, cap;
    } v = {0};
    cleanup(rows_end) Rows r = db_rows(
        db,
        SQL("SELECT " COLUMNS " FROM machine m JOIN machine_revision r ON r.n = m.revision"
            " WHERE m.account = ?1 AND m.region = ?2 AND m.name > ?3 ORDER BY m.name LIMIT ?4"),
        DB_TEXT(account), DB_TEXT(region), DB_TEXT(str_absent(after_name) ? S("") : after_name),
        DB_INT(max));
    while (rows_next(&r)) *vec_push(a, &v) = read_row(&r, a);
    *out = v.p;
    return v.n;
}

bool machine_revision_get(Db *db, int64_t n, Arena *a, MachineRevision *out)
{
    cleanup(rows_end) Rows r = db_rows(
        db, SQL("SELECT " REVISION_COLUMNS " FROM machine_revision r WHERE r.n = ?1"), DB_INT(n));
    if (!rows_next(&r)) return false;
    *out = read_revision(&r, a);
    return true;
}

/* ---- versions ---- */

#define VERSION_COLUMNS "machine, number, revision, description, created"

static MachineVersion read_version(const Rows *r, Arena *a)
{
    return (MachineVersion){rows_int(r, 0), rows_int(r, 1), rows_int(r, 2), rows_text(r, 3, a),
                            rows_int(r, 4)};
}

static int64_t next_number(Db *db, int64_t machine)
{
    cleanup(rows_end) Rows r = db_rows(
        db, SQL("UPDATE machine SET versions = versions + 1 WHERE n = ?1 RETURNING versions"),
        DB_INT(machine));
    return rows_next(&r) ? rows_int(&r, 0) : 0;
}

int64_t machine_version_count(Db *db, int64_t machine)
{
    cleanup(rows_end) Rows r = db_rows(
        db, SQL("SELECT count(*) FROM machine_version WHERE machine = ?1"), DB_INT(machine));
    return rows_next(&r) ? rows_int(&r, 0) : 0;
}

void machine_version_add(Db *db, MachineVersion *v)
{
    v->number = next_number(db, v->machine);
    db_run(db, SQL("INSERT INTO machine_version(" VERSION_COLUMNS ") VALUES(?1, ?2, ?3, ?4, ?5)"),
           DB_INT(v->machine), DB_INT(v->number), DB_INT(v->revision), DB_TEXT(v->description),
           DB_INT(v->created));
}

bool machine_version_get(Db *db, int64_t machine, int64_t number, Arena *a, MachineVersion *out)
{
    cleanup(rows_end) Rows r = db_rows(
        db,
        SQL("SELECT " VERSION_COLUMNS " FROM machine_version WHERE machine = ?1 AND number = ?2"),
        DB_INT(machine), DB_INT(number));
    if (!rows_next(&r)) return false;
    *out = read_version(&r, a);
    return true;
}

bool machine_version_of_revision(Db *db, int64_t machine, int64_t revision, Arena *a,
                                 MachineVersion *out)
{
    cleanup(rows_end) Rows r = db_rows(
        db,
        SQL("SELECT " VERSION_COLUMNS
            " FROM machine_version WHERE machine = ?1 AND revision = ?2 ORDER BY number DESC"),
        DB_INT(machine), DB_INT(revision));
    if (!rows_next(&r)) return false;
    *out = read_version(&r, a);
    return true;
}

void machine_version_remove(Db *db, int64_t machine, int64_t number)
{
    db_run(db, SQL("DELETE FROM machine_version WHERE machine = ?1 AND number = ?2"),
           DB_INT(machine), DB_INT(number));
}

int64_t machine_version_list(Db *db, int64_t machine, int64_t before, int64_t max, Arena *a,
                             MachineVersion **out)
{
    struct {
        MachineVersion *p;
        int64_t n, cap;
    } v = {0};
    cleanup(rows_end) Rows r = db_rows(
        db,
        SQL("SELECT " VERSION_COLUMNS " FROM machine_version WHERE machine = ?1 AND number < ?2"
            " ORDER BY number DESC LIMIT ?3"),
        DB_INT(machine), DB_INT(before ? before : INT64_MAX), DB_INT(max));
    while (rows_next(&r)) *vec_push(a, &v) = read_version(&r, a);
    *out = v.p;
    return v.n;
}
