/* layers.c - rows of versions of Lambda layers. */
#include "store/layers.h"

const char layers_schema[] =
    "CREATE TABLE IF NOT EXISTS layer("
    " account TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, last INTEGER NOT NULL,"
    " PRIMARY KEY(account, region, name)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS layer_version("
    " account TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, number INTEGER NOT NULL,"
    " zip TEXT NOT NULL, code_bytes INTEGER NOT NULL, unpacked_bytes INTEGER NOT NULL,"
    " config TEXT NOT NULL, policy TEXT, created INTEGER NOT NULL,"
    " PRIMARY KEY(account, region, name, number)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS layer_version_by_zip ON layer_version(zip);"
    "CREATE TABLE IF NOT EXISTS code_size("
    " zip TEXT PRIMARY KEY, bytes INTEGER NOT NULL) STRICT, WITHOUT ROWID";

#define COLUMNS                                                                                    \
    "account, region, name, number, zip, code_bytes, unpacked_bytes, config, policy, created"

static LayerRow read_row(const Rows *r, Arena *a)
{
    return (LayerRow){
        .account = rows_text(r, 0, a),
        .region = rows_text(r, 1, a),
        .name = rows_text(r, 2, a),
        .number = rows_int(r, 3),
        .zip = rows_text(r, 4, a),
        .code_bytes = rows_int(r, 5),
        .unpacked_bytes = rows_int(r, 6),
        .config = rows_text(r, 7, a),
        .policy = rows_text(r, 8, a),
        .created = rows_int(r, 9),
    };
}

static int64_t next_number(Db *db, const LayerRow *row)
{
    db_run(db,
           SQL("INSERT INTO layer(account, region, name, last) VALUES(?1, ?2, ?3, 1)"
               " ON CONFLICT DO UPDATE SET last = last + 1"),
           DB_TEXT(row->account), DB_TEXT(row->region), DB_TEXT(row->name));
    cleanup(rows_end) Rows r =
        db_rows(db, SQL("SELECT last FROM layer WHERE account = ?1 AND region = ?2 AND name = ?3"),
                DB_TEXT(row->account), DB_TEXT(row->region), DB_TEXT(row->name));
    return rows_next(&r) ? rows_int(&r, 0) : 0;
}

void layer_publish(Db *db, LayerRow *row)
{
    row->number = next_number(db, row);
    db_run(db,
           SQL("INSERT INTO layer_version(" COLUMNS ")"
               " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"),
           DB_TEXT(row->account), DB_TEXT(row->region), DB_TEXT(row->name), DB_INT(row->number),
           DB_TEXT(row->zip), DB_INT(row->code_bytes), DB_INT(row->unpacked_bytes),
           DB_TEXT(row->config), DB_TEXT(row->policy), DB_INT(row->created));
}

bool layer_get(Db *db, const LayerRow *which, Arena *a, LayerRow *out)
{
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("SELECT " COLUMNS " FROM layer_version"
                    " WHERE account = ?1 AND region = ?2 AND name = ?3 AND number = ?4"),
                DB_TEXT(which->account), DB_TEXT(which->region), DB_TEXT(which->name),
                DB_INT(which->number));
    if (!rows_next(&r)) return false;
    *out = read_row(&r, a);
    return true;
}

void layer_set_policy(Db *db, const LayerRow *row)
{
    db_run(db,
           SQL("UPDATE layer_version SET policy = ?5"
               " WHERE account = ?1 AND region = ?2 AND name = ?3 AND number = ?4"),
           DB_TEXT(row->account), DB_TEXT(row->region), DB_TEXT(row->name), DB_INT(row->number),
           DB_TEXT(row->policy));
}

void layer_remove(Db *db, const LayerRow *row)
{
    db_run(db,
           SQL("DELETE FROM layer_version"
               " WHERE account = ?1 AND region = ?2 AND name = ?3 AND number = ?4"),
           DB_TEXT(row->account), DB_TEXT(row->region), DB_TEXT(row->name), DB_INT(row->number));
}

int64_t layer_list_versions(Db *db, const LayerRow *of, int64_t before, int64_t max, Arena *a,
                            LayerRow **out)
{
    struct {
        LayerRow *p;
        int64_t n, cap;
    } v = {0};
    cleanup(rows_end) Rows r = db_rows(
        db,
        SQL("SELECT " COLUMNS " FROM layer_version WHERE account = ?1 AND region = ?2"
            " AND name = ?3 AND number < ?4 ORDER BY number DESC LIMIT ?5"),
        DB_TEXT(of->account), DB_TEXT(of->region), DB_TEXT(of->name), DB_INT(before), DB_INT(max));
    while (rows_next(&r)) *vec_push(a, &v) = read_row(&r, a);
    *out = v.p;
    return v.n;
}

int64_t layer_list_names(Db *db, Str account, Str region, Str after, int64_t max, Arena *a,
                         Str **out)
{
    StrVec v = {0};
    cleanup(rows_end) Rows r = db_rows(
        db,
        SQL("SELECT DISTINCT name FROM layer_version WHERE account = ?1 AND region = ?2"
            " AND name > ?3 ORDER BY name LIMIT ?4"),
        DB_TEXT(account), DB_TEXT(region), DB_TEXT(str_absent(after) ? S("") : after), DB_INT(max));
    while (rows_next(&r)) *vec_push(a, &v) = rows_text(&r, 0, a);
    *out = v.p;
    return v.n;
}

/* ---- sizes ---- */

void code_size_put(Db *db, Str zip, int64_t unpacked_bytes)
{
    db_run(db, SQL("INSERT OR REPLACE INTO code_size(zip, bytes) VALUES(?1, ?2)"), DB_TEXT(zip),
           DB_INT(unpacked_bytes));
}

int64_t code_size(Db *db, Str zip)
{
    cleanup(rows_end) Rows r =
        db_rows(db, SQL("SELECT bytes FROM code_size WHERE zip = ?1"), DB_TEXT(zip));
    return rows_next(&r) ? rows_int(&r, 0) : 0;
}

void code_size_sweep(Db *db)
{
    db_run(db, SQL("DELETE FROM code_size WHERE zip NOT IN (SELECT zip FROM function_version)"
                   " AND zip NOT IN (SELECT zip FROM layer_version)"));
}
