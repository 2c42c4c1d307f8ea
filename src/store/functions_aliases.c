/* functions_aliases.c - rows of aliases of functions, and documents that are set on a qualifier. */
#include "store/functions.h"

#define COLUMNS "function, name, version, description, weights, revision"

static FunctionAlias read_alias(const Rows *r, Arena *a)
{
    return (FunctionAlias){
        .function = rows_int(r, 0),
        .name = rows_text(r, 1, a),
        .version = rows_int(r, 2),
        .description = rows_text(r, 3, a),
        .weights = rows_text(r, 4, a),
        .revision = rows_text(r, 5, a),
    };
}

void function_alias_put(Db *db, const FunctionAlias *alias)
{
    db_run(db,
           SQL("INSERT OR REPLACE INTO function_alias(" COLUMNS ") VALUES(?1, ?2, ?3, ?4, ?5, ?6)"),
           DB_INT(alias->function), DB_TEXT(alias->name), DB_INT(alias->version),
           DB_TEXT(alias->description), DB_TEXT(alias->weights), DB_TEXT(alias->revision));
}

bool function_alias_get(Db *db, int64_t function, Str name, Arena *a, FunctionAlias *out)
{
    cleanup(rows_end) Rows r =
        db_rows(db, SQL("SELECT " COLUMNS " FROM function_alias WHERE function = ?1 AND name = ?2"),
                DB_INT(function), DB_TEXT(name));
    if (!rows_next(&r)) return false;
    *out = read_alias(&r, a);
    return true;
}

bool function_alias_remove(Db *db, int64_t function, Str name)
{
    return db_run(db, SQL("DELETE FROM function_alias WHERE function = ?1 AND name = ?2"),
                  DB_INT(function), DB_TEXT(name)) > 0;
}

int64_t function_alias_list(Db *db, int64_t function, int64_t version, Str after, int64_t max,
                            Arena *a, FunctionAlias **out)
{
    struct {
        FunctionAlias *p;
        int64_t n, cap;
    } v = {0};
    cleanup(rows_end) Rows r = db_rows(
        db,
        SQL("SELECT " COLUMNS " FROM function_alias WHERE function = ?1 AND name > ?2"
            " AND (?3 < 0 OR version = ?3) ORDER BY name LIMIT ?4"),
        DB_INT(function), DB_TEXT(str_absent(after) ? S("") : after), DB_INT(version), DB_INT(max));
    while (rows_next(&r)) *vec_push(a, &v) = read_alias(&r, a);
    *out = v.p;
    return v.n;
}

/* ---- settings ---- */

void function_setting_put(Db *db, int64_t function, Str qualifier, Str kind, Str content)
{
    db_run(db,
           SQL("INSERT OR REPLACE INTO function_setting(function, qualifier, kind, content)"
               " VALUES(?1, ?2, ?3, ?4)"),
           DB_INT(function), DB_TEXT(qualifier), DB_TEXT(kind), DB_TEXT(content));
}

Str function_setting(Db *db, int64_t function, Str qualifier, Str kind, Arena *a)
{
    cleanup(rows_end) Rows r = db_rows(
        db,
        SQL("SELECT content FROM function_setting WHERE function = ?1 AND qualifier = ?2 AND kind "
            "= ?3"),
        DB_INT(function), DB_TEXT(qualifier), DB_TEXT(kind));
    return rows_next(&r) ? rows_text(&r, 0, a) : (Str){0};
}

bool function_setting_remove(Db *db, int64_t function, Str qualifier, Str kind)
{
    return db_run(db,
                  SQL("DELETE FROM function_setting WHERE function = ?1 AND qualifier = ?2 AND "
                      "kind = ?3"),
                  DB_INT(function), DB_TEXT(qualifier), DB_TEXT(kind)) > 0;
}

int64_t function_setting_list(Db *db, int64_t function, Str kind, Arena *a, FunctionSetting **out)
{
    struct {
        FunctionSetting *p;
        int64_t n, cap;
    } v = {0};
    cleanup(rows_end) Rows r = db_rows(
        db,
        SQL("SELECT qualifier, content FROM function_setting WHERE function = ?1 AND kind = ?2"
            " ORDER BY qualifier"),
        DB_INT(function), DB_TEXT(kind));
    while (rows_next(&r)) {
        FunctionSetting one = {rows_text(&r, 0, a), rows_text(&r, 1, a)};
        *vec_push(a, &v) = one;
    }
    *out = v.p;
    return v.n;
}
