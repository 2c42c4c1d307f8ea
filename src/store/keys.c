/* keys.c - access keys as rows. */
#include "store/keys.h"

const char keys_schema[] =
    "CREATE TABLE IF NOT EXISTS access_key(id TEXT PRIMARY KEY, secret TEXT NOT NULL,"
    " account TEXT NOT NULL, note TEXT NOT NULL, created_at INTEGER NOT NULL) STRICT, WITHOUT "
    "ROWID;"
    "CREATE INDEX IF NOT EXISTS access_key_by_note ON access_key(note)";

void key_add(Db *db, const AccessKey *key)
{
    db_run(db,
           SQL("INSERT INTO access_key(id, secret, account, note, created_at) VALUES(?1, ?2, ?3, "
               "?4, ?5)"),
           DB_TEXT(key->id), DB_TEXT(key->secret), DB_TEXT(key->account), DB_TEXT(key->note),
           DB_INT(key->created_at));
}

bool key_find(Db *db, Str id, Arena *a, AccessKey *out)
{
    cleanup(rows_end) Rows r = db_rows(
        db, SQL("SELECT id, secret, account, note, created_at FROM access_key WHERE id = ?1"),
        DB_TEXT(id));
    if (!rows_next(&r)) return false;
    *out = (AccessKey){rows_text(&r, 0, a), rows_text(&r, 1, a), rows_text(&r, 2, a),
                       rows_text(&r, 3, a), rows_int(&r, 4)};
    return true;
}

bool key_find_by_note(Db *db, Str note, Arena *a, AccessKey *out)
{
    cleanup(rows_end) Rows r = db_rows(
        db,
        SQL("SELECT id, secret, account, note, created_at FROM access_key WHERE note = ?1 LIMIT 1"),
        DB_TEXT(note));
    if (!rows_next(&r)) return false;
    *out = (AccessKey){rows_text(&r, 0, a), rows_text(&r, 1, a), rows_text(&r, 2, a),
                       rows_text(&r, 3, a), rows_int(&r, 4)};
    return true;
}

void key_set_note(Db *db, Str id, Str note)
{
    db_run(db, SQL("UPDATE access_key SET note = ?2 WHERE id = ?1"), DB_TEXT(id), DB_TEXT(note));
}

bool key_remove(Db *db, Str id)
{
    return db_run(db, SQL("DELETE FROM access_key WHERE id = ?1"), DB_TEXT(id)) > 0;
}

void key_remove_by_note(Db *db, Str note)
{
    db_run(
        db,
        SQL("DELETE FROM access_key WHERE note = ?1 OR (note >= ?1 || ' ' AND note < ?1 || '!')"),
        DB_TEXT(note));
}

int64_t key_list(Db *db, Arena *a, AccessKey **out)
{
    struct {
        AccessKey *p;
        int64_t n, cap;
    } keys = {0};
    cleanup(rows_end) Rows r = db_rows(
        db, SQL("SELECT id, account, note, created_at FROM access_key ORDER BY created_at, id"));
    while (rows_next(&r))
        *vec_push(a, &keys) = (AccessKey){.id = rows_text(&r, 0, a),
                                          .account = rows_text(&r, 1, a),
                                          .note = rows_text(&r, 2, a),
                                          .created_at = rows_int(&r, 3)};
    *out = keys.p;
    return keys.n;
}
