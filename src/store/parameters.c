/* parameters.c - rows of Systems Manager parameters and of their versions. */
#include "store/parameters.h"

const char parameters_schema[] =
    "CREATE TABLE IF NOT EXISTS parameter("
    " n INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, region TEXT NOT NULL,"
    " name TEXT NOT NULL, tags TEXT NOT NULL, latest INTEGER NOT NULL,"
    " UNIQUE(account, region, name)) STRICT;"
    "CREATE TABLE IF NOT EXISTS parameter_version("
    " parameter INTEGER NOT NULL, version INTEGER NOT NULL, type TEXT NOT NULL,"
    " value TEXT NOT NULL, key_id TEXT, description TEXT, pattern TEXT, tier TEXT NOT NULL,"
    " data_type TEXT NOT NULL, user TEXT NOT NULL, labels TEXT NOT NULL,"
    " modified INTEGER NOT NULL, PRIMARY KEY(parameter, version)) STRICT, WITHOUT ROWID";

#define COLUMNS                                                                                    \
    "p.n, p.account, p.region, p.name, p.tags, p.latest, v.version, v.type, v.value, v.key_id, "   \
    "v.description, v.pattern, v.tier, v.data_type, v.user, v.labels, v.modified"

static ParameterRow read_row(const Rows *r, Arena *a)
{
    return (ParameterRow){
        .n = rows_int(r, 0),
        .account = rows_text(r, 1, a),
        .region = rows_text(r, 2, a),
        .name = rows_text(r, 3, a),
        .tags = rows_text(r, 4, a),
        .latest = rows_int(r, 5),
        .version = rows_int(r, 6),
        .type = rows_text(r, 7, a),
        .value = rows_text(r, 8, a),
        .key_id = rows_text(r, 9, a),
        .description = rows_text(r, 10, a),
        .pattern = rows_text(r, 11, a),
        .tier = rows_text(r, 12, a),
        .data_type = rows_text(r, 13, a),
        .user = rows_text(r, 14, a),
        .labels = rows_text(r, 15, a),
        .modified = rows_int(r, 16),
    };
}

static int64_t read_all(Rows *r, Arena *a, ParameterRow **out)
{
    struct {
        ParameterRow *p;
        int64_t n, cap;
    } v = {0};
    while (rows_next(r)) *vec_push(a, &v) = read_row(r, a);
    *out = v.p;
    return v.n;
}

static void insert_version(Db *db, const ParameterRow *row)
{
    db_run(db,
           SQL("INSERT INTO parameter_version(parameter, version, type, value, key_id, "
               "description, pattern, tier, data_type, user, labels, modified)"
               " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)"),
           DB_INT(row->n), DB_INT(row->version), DB_TEXT(row->type), DB_TEXT(row->value),
           DB_TEXT(row->key_id), DB_TEXT(row->description), DB_TEXT(row->pattern),
           DB_TEXT(row->tier), DB_TEXT(row->data_type), DB_TEXT(row->user), DB_TEXT(row->labels),
           DB_INT(row->modified));
}

void parameter_row_add(Db *db, ParameterRow *row)
{
    db_run(db,
           SQL("INSERT INTO parameter(account, region, name, tags, latest)"
               " VALUES(?1, ?2, ?3, ?4, ?5)"),
           DB_TEXT(row->account), DB_TEXT(row->region), DB_TEXT(row->name), DB_TEXT(row->tags),
           DB_INT(row->version));
    row->n = db_last_id(db);
    row->latest = row->version;
    insert_version(db, row);
}

void parameter_row_add_version(Db *db, const ParameterRow *row)
{
    insert_version(db, row);
    db_run(db, SQL("UPDATE parameter SET latest = ?2 WHERE n = ?1"), DB_INT(row->n),
           DB_INT(row->version));
}

bool parameter_row_find(Db *db, Str account, Str region, Str name, int64_t version, Arena *a,
                        ParameterRow *out)
{
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("SELECT " COLUMNS " FROM parameter p JOIN parameter_version v"
                    " ON v.parameter = p.n AND v.version = CASE ?4 WHEN 0 THEN p.latest ELSE ?4 END"
                    " WHERE p.account = ?1 AND p.region = ?2 AND p.name = ?3"),
                DB_TEXT(account), DB_TEXT(region), DB_TEXT(name), DB_INT(version));
    if (!rows_next(&r)) return false;
    *out = read_row(&r, a);
    return true;
}

/* The prefix bounds the walk over the index: names sort by their bytes. */
int64_t parameter_row_list(Db *db, Str account, Str region, Str prefix, Str after, int64_t max,
                           Arena *a, ParameterRow **out)
{
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("SELECT " COLUMNS " FROM parameter p JOIN parameter_version v"
                    " ON v.parameter = p.n AND v.version = p.latest"
                    " WHERE p.account = ?1 AND p.region = ?2 AND p.name >= ifnull(?3, '')"
                    " AND (?3 IS NULL OR p.name < ?3 || char(1114111)) AND p.name > ifnull(?4, '')"
                    " ORDER BY p.name LIMIT ?5"),
                DB_TEXT(account), DB_TEXT(region), DB_TEXT(prefix), DB_TEXT(after), DB_INT(max));
    return read_all(&r, a, out);
}

int64_t parameter_row_versions(Db *db, int64_t n, int64_t after, int64_t max, Arena *a,
                               ParameterRow **out)
{
    cleanup(rows_end) Rows r = db_rows(
        db,
        SQL("SELECT " COLUMNS " FROM parameter p JOIN parameter_version v ON v.parameter = p.n"
            " WHERE p.n = ?1 AND v.version > ?2 ORDER BY v.version LIMIT ?3"),
        DB_INT(n), DB_INT(after), DB_INT(max));
    return read_all(&r, a, out);
}

int64_t parameter_row_oldest(Db *db, int64_t n, int64_t *count)
{
    cleanup(rows_end) Rows r = db_rows(
        db, SQL("SELECT min(version), count(*) FROM parameter_version WHERE parameter = ?1"),
        DB_INT(n));
    *count = 0;
    if (!rows_next(&r)) return 0;
    *count = rows_int(&r, 1);
    return rows_int(&r, 0);
}

void parameter_row_set_labels(Db *db, int64_t n, int64_t version, Str labels)
{
    db_run(db,
           SQL("UPDATE parameter_version SET labels = ?3 WHERE parameter = ?1 AND version = ?2"),
           DB_INT(n), DB_INT(version), DB_TEXT(labels));
}

void parameter_row_set_tags(Db *db, int64_t n, Str tags)
{
    db_run(db, SQL("UPDATE parameter SET tags = ?2 WHERE n = ?1"), DB_INT(n), DB_TEXT(tags));
}

void parameter_row_remove_version(Db *db, int64_t n, int64_t version)
{
    db_run(db, SQL("DELETE FROM parameter_version WHERE parameter = ?1 AND version = ?2"),
           DB_INT(n), DB_INT(version));
}

void parameter_row_remove(Db *db, int64_t n)
{
    db_run(db, SQL("DELETE FROM parameter_version WHERE parameter = ?1"), DB_INT(n));
    db_run(db, SQL("DELETE FROM parameter WHERE n = ?1"), DB_INT(n));
}
