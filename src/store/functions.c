/* functions.c - rows of Lambda functions and of their versions. */
#include "store/functions.h"

const char functions_schema[] =
    "CREATE TABLE IF NOT EXISTS function("
    " n INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, region TEXT NOT NULL,"
    " name TEXT NOT NULL, created INTEGER NOT NULL, reserved INTEGER NOT NULL,"
    " last_version INTEGER NOT NULL, tags TEXT NOT NULL, UNIQUE(account, region, name)) STRICT;"
    "CREATE TABLE IF NOT EXISTS function_version("
    " function INTEGER NOT NULL, number INTEGER NOT NULL, config TEXT NOT NULL, zip TEXT NOT NULL,"
    " code_bytes INTEGER NOT NULL, revision TEXT NOT NULL, modified INTEGER NOT NULL,"
    " PRIMARY KEY(function, number)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS function_version_by_zip ON function_version(zip);"
    "CREATE TABLE IF NOT EXISTS function_alias("
    " function INTEGER NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL,"
    " description TEXT NOT NULL, weights TEXT, revision TEXT NOT NULL,"
    " PRIMARY KEY(function, name)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS function_setting("
    " function INTEGER NOT NULL, qualifier TEXT NOT NULL, kind TEXT NOT NULL,"
    " content TEXT NOT NULL, PRIMARY KEY(function, kind, qualifier)) STRICT, WITHOUT ROWID";

#define COLUMNS "n, account, region, name, created, reserved, last_version, tags"

static FunctionRow read_row(const Rows *r, Arena *a)
{
    return (FunctionRow){
        .n = rows_int(r, 0),
        .account = rows_text(r, 1, a),
        .region = rows_text(r, 2, a),
        .name = rows_text(r, 3, a),
        .created = rows_int(r, 4),
        .reserved = rows_int(r, 5),
        .last_version = rows_int(r, 6),
        .tags = rows_text(r, 7, a),
    };
}

void function_add(Db *db, FunctionRow *row)
{
    db_run(db,
           SQL("INSERT INTO function(account, region, name, created, reserved, last_version, tags)"
               " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)"),
           DB_TEXT(row->account), DB_TEXT(row->region), DB_TEXT(row->name), DB_INT(row->created),
           DB_INT(row->reserved), DB_INT(row->last_version), DB_TEXT(row->tags));
    row->n = db_last_id(db);
}

bool function_find(Db *db, Str account, Str region, Str name, Arena *a, FunctionRow *out)
{
    cleanup(rows_end) Rows r = db_rows(
        db,
        SQL("SELECT " COLUMNS " FROM function WHERE account = ?1 AND region = ?2 AND name = ?3"),
        DB_TEXT(account), DB_TEXT(region), DB_TEXT(name));
    if (!rows_next(&r)) return false;
    *out = read_row(&r, a);
    return true;
}

bool function_get(Db *db, int64_t n, Arena *a, FunctionRow *out)
{
    cleanup(rows_end) Rows r =
        db_rows(db, SQL("SELECT " COLUMNS " FROM function WHERE n = ?1"), DB_INT(n));
    if (!rows_next(&r)) return false;
    *out = read_row(&r, a);
    return true;
}

void function_set(Db *db, const FunctionRow *row)
{
    db_run(db, SQL("UPDATE function SET reserved = ?2, tags = ?3 WHERE n = ?1"), DB_INT(row->n),
           DB_INT(row->reserved), DB_TEXT(row->tags));
}

void function_remove(Db *db, int64_t n)
{
    db_run(db, SQL("DELETE FROM function WHERE n = ?1"), DB_INT(n));
    db_run(db, SQL("DELETE FROM function_version WHERE function = ?1"), DB_INT(n));
    db_run(db, SQL("DELETE FROM function_alias WHERE function = ?1"), DB_INT(n));
    db_run(db, SQL("DELETE FROM function_setting WHERE function = ?1"), DB_INT(n));
}

int64_t function_list(Db *db, Str account, Str region, Str after_name, int64_t max, Arena *a,
                      FunctionRow **out)
{
    struct {
        FunctionRow *p;
        int64_t n, cap;
    } v = {0};
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("SELECT " COLUMNS " FROM function WHERE account = ?1 "
                    "AND region = ?2 AND name > ?3 ORDER BY name LIMIT ?4"),
                DB_TEXT(account), DB_TEXT(region),
                DB_TEXT(str_absent(after_name) ? S("") : after_name), DB_INT(max));
    while (rows_next(&r)) *vec_push(a, &v) = read_row(&r, a);
    *out = v.p;
    return v.n;
}

int64_t function_reserved(Db *db, Str account, Str region, int64_t n)
{
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("SELECT sum(reserved) FROM function"
                    " WHERE account = ?1 AND region = ?2 AND reserved > 0 AND n <> ?3"),
                DB_TEXT(account), DB_TEXT(region), DB_INT(n));
    return rows_next(&r) ? rows_int(&r, 0) : 0;
}

/* ---- versions ---- */

#define VERSION_COLUMNS "function, number, config, zip, code_bytes, revision, modified"

static FunctionVersion read_version(const Rows *r, Arena *a)
{
    return (FunctionVersion){
        .function = rows_int(r, 0),
        .number = rows_int(r, 1),
        .config = rows_text(r, 2, a),
        .zip = rows_text(r, 3, a),
        .code_bytes = rows_int(r, 4),
        .revision = rows_text(r, 5, a),
        .modified = rows_int(r, 6),
    };
}

void function_version_put(Db *db, const FunctionVersion *v)
{
    db_run(db,
           SQL("INSERT OR REPLACE INTO function_version(" VERSION_COLUMNS ")"
               " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)"),
           DB_INT(v->function), DB_INT(v->number), DB_TEXT(v->config), DB_TEXT(v->zip),
           DB_INT(v->code_bytes), DB_TEXT(v->revision), DB_INT(v->modified));
}

static int64_t last_version(Db *db, int64_t function)
{
    cleanup(rows_end) Rows r =
        db_rows(db, SQL("SELECT last_version FROM function WHERE n = ?1"), DB_INT(function));
    return rows_next(&r) ? rows_int(&r, 0) : 0;
}

void function_version_publish(Db *db, FunctionVersion *v)
{
    db_run(db, SQL("UPDATE function SET last_version = last_version + 1 WHERE n = ?1"),
           DB_INT(v->function));
    v->number = last_version(db, v->function);
    function_version_put(db, v);
}

bool function_version_get(Db *db, int64_t function, int64_t number, Arena *a, FunctionVersion *out)
{
    cleanup(rows_end) Rows r = db_rows(
        db,
        SQL("SELECT " VERSION_COLUMNS " FROM function_version WHERE function = ?1 AND number = ?2"),
        DB_INT(function), DB_INT(number));
    if (!rows_next(&r)) return false;
    *out = read_version(&r, a);
    return true;
}

void function_version_remove(Db *db, int64_t function, int64_t number)
{
    db_run(db, SQL("DELETE FROM function_version WHERE function = ?1 AND number = ?2"),
           DB_INT(function), DB_INT(number));
}

int64_t function_version_list(Db *db, int64_t function, int64_t from, int64_t max, Arena *a,
                              FunctionVersion **out)
{
    struct {
        FunctionVersion *p;
        int64_t n, cap;
    } v = {0};
    cleanup(rows_end) Rows r = db_rows(db,
                                       SQL("SELECT " VERSION_COLUMNS " FROM function_version WHERE "
                                           "function = ?1 AND number >= ?2 ORDER BY number LIMIT "
                                           "?3"),
                                       DB_INT(function), DB_INT(from), DB_INT(max));
    while (rows_next(&r)) *vec_push(a, &v) = read_version(&r, a);
    *out = v.p;
    return v.n;
}

/* Of a version of a layer, or of one that is gone and that a function still has. */
static bool zip_of_layer(Db *db, Str zip)
{
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("SELECT 1 FROM layer_version WHERE zip = ?1 UNION ALL"
                    " SELECT 1 FROM function_version WHERE instr(config, ?1) > 0 LIMIT 1"),
                DB_TEXT(zip));
    return rows_next(&r) || db_failed(db);
}

bool function_zip_used(Db *db, Str zip)
{
    cleanup(rows_end) Rows r =
        db_rows(db, SQL("SELECT 1 FROM function_version WHERE zip = ?1 LIMIT 1"), DB_TEXT(zip));
    return rows_next(&r) || db_failed(db) || zip_of_layer(db, zip);
}

FunctionTotals function_totals(Db *db, Str account, Str region)
{
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("SELECT count(DISTINCT f.n), sum(v.code_bytes) FROM function f"
                    " JOIN function_version v ON v.function = f.n"
                    " WHERE f.account = ?1 AND f.region = ?2"),
                DB_TEXT(account), DB_TEXT(region));
    if (!rows_next(&r)) return (FunctionTotals){0};
    return (FunctionTotals){.functions = rows_int(&r, 0), .code_bytes = rows_int(&r, 1)};
}
