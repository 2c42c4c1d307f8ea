/* secrets.c - rows of secrets, their versions and stages. */
#include "store/secrets.h"

const char secrets_schema[] =
    "CREATE TABLE IF NOT EXISTS secret("
    " n INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, region TEXT NOT NULL,"
    " name TEXT NOT NULL, suffix TEXT NOT NULL, description TEXT, key_id TEXT, tags TEXT NOT NULL,"
    " policy TEXT, created INTEGER NOT NULL, changed INTEGER NOT NULL, accessed INTEGER NOT NULL,"
    " deletion INTEGER NOT NULL, UNIQUE(account, region, name)) STRICT;"
    "CREATE TABLE IF NOT EXISTS secret_version("
    " n INTEGER PRIMARY KEY AUTOINCREMENT, secret INTEGER NOT NULL, id TEXT NOT NULL,"
    " value TEXT NOT NULL, binary INTEGER NOT NULL, created INTEGER NOT NULL,"
    " UNIQUE(secret, id)) STRICT;"
    "CREATE TABLE IF NOT EXISTS secret_stage("
    " secret INTEGER NOT NULL, stage TEXT NOT NULL, version TEXT NOT NULL,"
    " PRIMARY KEY(secret, stage)) STRICT, WITHOUT ROWID";

#define COLUMNS                                                                                    \
    "n, account, region, name, suffix, description, key_id, tags, policy, created, changed, "      \
    "accessed, deletion"

static SecretRow read_row(const Rows *r, Arena *a)
{
    return (SecretRow){
        .n = rows_int(r, 0),
        .account = rows_text(r, 1, a),
        .region = rows_text(r, 2, a),
        .name = rows_text(r, 3, a),
        .suffix = rows_text(r, 4, a),
        .description = rows_text(r, 5, a),
        .key_id = rows_text(r, 6, a),
        .tags = rows_text(r, 7, a),
        .policy = rows_text(r, 8, a),
        .created = rows_int(r, 9),
        .changed = rows_int(r, 10),
        .accessed = rows_int(r, 11),
        .deletion = rows_int(r, 12),
    };
}

void secret_row_add(Db *db, SecretRow *row)
{
    db_run(db,
           SQL("INSERT INTO secret(account, region, name, suffix, description, key_id, tags, "
               "policy, created, changed, accessed, deletion)"
               " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)"),
           DB_TEXT(row->account), DB_TEXT(row->region), DB_TEXT(row->name), DB_TEXT(row->suffix),
           DB_TEXT(row->description), DB_TEXT(row->key_id), DB_TEXT(row->tags),
           DB_TEXT(row->policy), DB_INT(row->created), DB_INT(row->changed), DB_INT(row->accessed),
           DB_INT(row->deletion));
    row->n = db_last_id(db);
}

bool secret_row_find(Db *db, Str account, Str region, Str name, Arena *a, SecretRow *out)
{
    cleanup(rows_end) Rows r = db_rows(
        db, SQL("SELECT " COLUMNS " FROM secret WHERE account = ?1 AND region = ?2 AND name = ?3"),
        DB_TEXT(account), DB_TEXT(region), DB_TEXT(name));
    if (!rows_next(&r)) return false;
    *out = read_row(&r, a);
    return true;
}

bool secret_row_get(Db *db, int64_t n, Arena *a, SecretRow *out)
{
    cleanup(rows_end) Rows r =
        db_rows(db, SQL("SELECT " COLUMNS " FROM secret WHERE n = ?1"), DB_INT(n));
    if (!rows_next(&r)) return false;
    *out = read_row(&r, a);
    return true;
}

void secret_row_set(Db *db, const SecretRow *row)
{
    db_run(db,
           SQL("UPDATE secret SET description = ?2, key_id = ?3, tags = ?4, policy = ?5, "
               "changed = ?6, accessed = ?7, deletion = ?8 WHERE n = ?1"),
           DB_INT(row->n), DB_TEXT(row->description), DB_TEXT(row->key_id), DB_TEXT(row->tags),
           DB_TEXT(row->policy), DB_INT(row->changed), DB_INT(row->accessed),
           DB_INT(row->deletion));
}

void secret_row_remove(Db *db, int64_t n)
{
    db_run(db, SQL("DELETE FROM secret_stage WHERE secret = ?1"), DB_INT(n));
    db_run(db, SQL("DELETE FROM secret_version WHERE secret = ?1"), DB_INT(n));
    db_run(db, SQL("DELETE FROM secret WHERE n = ?1"), DB_INT(n));
}

int64_t secret_row_list(Db *db, Str account, Str region, int64_t after, int64_t max, Arena *a,
                        SecretRow **out)
{
    struct {
        SecretRow *p;
        int64_t n, cap;
    } v = {0};
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("SELECT " COLUMNS " FROM secret WHERE account = ?1 AND region = ?2 AND n > ?3"
                    " ORDER BY n LIMIT ?4"),
                DB_TEXT(account), DB_TEXT(region), DB_INT(after), DB_INT(max));
    while (rows_next(&r)) *vec_push(a, &v) = read_row(&r, a);
    *out = v.p;
    return v.n;
}

/* ---- versions ---- */

void secret_version_add(Db *db, const SecretVersionRow *row)
{
    db_run(db,
           SQL("INSERT INTO secret_version(secret, id, value, binary, created)"
               " VALUES(?1, ?2, ?3, ?4, ?5)"),
           DB_INT(row->secret), DB_TEXT(row->id), DB_TEXT(row->value), DB_INT(row->binary),
           DB_INT(row->created));
}

bool secret_version_find(Db *db, int64_t secret, Str id, Arena *a, SecretVersionRow *out)
{
    cleanup(rows_end) Rows r = db_rows(
        db, SQL("SELECT value, binary, created FROM secret_version WHERE secret = ?1 AND id = ?2"),
        DB_INT(secret), DB_TEXT(id));
    if (!rows_next(&r)) return false;
    *out = (SecretVersionRow){.secret = secret,
                              .id = str_copy(a, id),
                              .value = rows_text(&r, 0, a),
                              .binary = rows_int(&r, 1) != 0,
                              .created = rows_int(&r, 2)};
    return true;
}

int64_t secret_version_list(Db *db, int64_t secret, Arena *a, SecretVersionRow **out)
{
    struct {
        SecretVersionRow *p;
        int64_t n, cap;
    } v = {0};
    cleanup(rows_end) Rows r = db_rows(
        db, SQL("SELECT id, binary, created FROM secret_version WHERE secret = ?1 ORDER BY n"),
        DB_INT(secret));
    while (rows_next(&r))
        *vec_push(a, &v) = (SecretVersionRow){.secret = secret,
                                              .id = rows_text(&r, 0, a),
                                              .binary = rows_int(&r, 1) != 0,
                                              .created = rows_int(&r, 2)};
    *out = v.p;
    return v.n;
}

void secret_version_drop_old(Db *db, int64_t secret, int64_t keep)
{
    db_run(db,
           SQL("DELETE FROM secret_version WHERE n IN (SELECT n FROM secret_version"
               " WHERE secret = ?1 AND id NOT IN"
               " (SELECT version FROM secret_stage WHERE secret = ?1)"
               " ORDER BY n DESC LIMIT -1 OFFSET ?2)"),
           DB_INT(secret), DB_INT(keep));
}

/* ---- stages ---- */

void secret_stage_set(Db *db, int64_t secret, Str stage, Str version)
{
    db_run(db,
           SQL("INSERT INTO secret_stage(secret, stage, version) VALUES(?1, ?2, ?3)"
               " ON CONFLICT(secret, stage) DO UPDATE SET version = ?3"),
           DB_INT(secret), DB_TEXT(stage), DB_TEXT(version));
}

void secret_stage_remove(Db *db, int64_t secret, Str stage)
{
    db_run(db, SQL("DELETE FROM secret_stage WHERE secret = ?1 AND stage = ?2"), DB_INT(secret),
           DB_TEXT(stage));
}

Str secret_stage_version(Db *db, int64_t secret, Str stage, Arena *a)
{
    cleanup(rows_end) Rows r =
        db_rows(db, SQL("SELECT version FROM secret_stage WHERE secret = ?1 AND stage = ?2"),
                DB_INT(secret), DB_TEXT(stage));
    return rows_next(&r) ? rows_text(&r, 0, a) : (Str){0};
}

int64_t secret_stage_list(Db *db, int64_t secret, Arena *a, SecretStageRow **out)
{
    struct {
        SecretStageRow *p;
        int64_t n, cap;
    } v = {0};
    cleanup(rows_end) Rows r =
        db_rows(db, SQL("SELECT stage, version FROM secret_stage WHERE secret = ?1 ORDER BY stage"),
                DB_INT(secret));
    while (rows_next(&r))
        *vec_push(a, &v) =
            (SecretStageRow){.stage = rows_text(&r, 0, a), .version = rows_text(&r, 1, a)};
    *out = v.p;
    return v.n;
}
