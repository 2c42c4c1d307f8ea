/* credentials.c - the owners of access keys as rows. */
#include "store/credentials.h"

const char credentials_schema[] =
    "CREATE TABLE IF NOT EXISTS credential("
    " id TEXT PRIMARY KEY, account TEXT NOT NULL, kind INTEGER NOT NULL, name TEXT COLLATE NOCASE,"
    " session TEXT, entity_id TEXT, policy TEXT, tags TEXT, token TEXT, expires INTEGER NOT NULL,"
    " inactive INTEGER NOT NULL, used INTEGER NOT NULL, used_service TEXT, used_region TEXT)"
    " STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS credential_by_name ON credential(account, kind, name);"
    "CREATE INDEX IF NOT EXISTS credential_by_end ON credential(expires) WHERE expires > 0";

#define COLUMNS                                                                                    \
    "c.id, c.account, c.kind, c.name, c.session, c.entity_id, c.policy, c.tags, c.token, "         \
    "c.expires, c.inactive, c.used, c.used_service, c.used_region"

void credential_put(Db *db, const Credential *c)
{
    db_run(db,
           SQL("INSERT OR REPLACE INTO credential(id, account, kind, name, session, entity_id, "
               "policy, tags, token, expires, inactive, used, used_service, used_region)"
               " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)"),
           DB_TEXT(c->id), DB_TEXT(c->account), DB_INT(c->kind), DB_TEXT(c->name),
           DB_TEXT(c->session), DB_TEXT(c->entity_id), DB_TEXT(c->policy), DB_TEXT(c->tags),
           DB_TEXT(c->token), DB_INT(c->expires), DB_INT(c->inactive), DB_INT(c->used),
           DB_TEXT(c->used_service), DB_TEXT(c->used_region));
}

static Credential read_row(const Rows *r, Arena *a)
{
    return (Credential){
        .id = rows_text(r, 0, a),
        .account = rows_text(r, 1, a),
        .kind = (int)rows_int(r, 2),
        .name = rows_text(r, 3, a),
        .session = rows_text(r, 4, a),
        .entity_id = rows_text(r, 5, a),
        .policy = rows_text(r, 6, a),
        .tags = rows_text(r, 7, a),
        .token = rows_text(r, 8, a),
        .expires = rows_int(r, 9),
        .inactive = rows_int(r, 10) != 0,
        .used = rows_int(r, 11),
        .used_service = rows_text(r, 12, a),
        .used_region = rows_text(r, 13, a),
    };
}

bool credential_find(Db *db, Str id, Arena *a, Credential *out)
{
    cleanup(rows_end) Rows r =
        db_rows(db, SQL("SELECT " COLUMNS " FROM credential c WHERE c.id = ?1"), DB_TEXT(id));
    if (!rows_next(&r)) return false;
    *out = read_row(&r, a);
    return true;
}

bool credential_remove(Db *db, Str id)
{
    db_run(db, SQL("DELETE FROM credential WHERE id = ?1"), DB_TEXT(id));
    return key_remove(db, id);
}

void credential_remove_by_note(Db *db, Str note)
{
    db_run(db,
           SQL("DELETE FROM credential WHERE id IN (SELECT id FROM access_key WHERE note = ?1 OR "
               "(note >= ?1 || ' ' AND note < ?1 || '!'))"),
           DB_TEXT(note));
    key_remove_by_note(db, note);
}

int64_t credential_list(Db *db, Str account, Str user, Arena *a, Credential **out, Millis **made)
{
    struct {
        Credential *p;
        int64_t n, cap;
    } v = {0};
    struct {
        Millis *p;
        int64_t n, cap;
    } times = {0};
    cleanup(rows_end) Rows r = db_rows(
        db,
        SQL("SELECT " COLUMNS ", k.created_at FROM credential c JOIN access_key k ON k.id = c.id "
            "WHERE c.account = ?1 AND c.kind = ?2 AND c.name = ?3 ORDER BY k.created_at, c.id"),
        DB_TEXT(account), DB_INT(CREDENTIAL_USER), DB_TEXT(user));
    while (rows_next(&r)) {
        *vec_push(a, &v) = read_row(&r, a);
        *vec_push(a, &times) = rows_int(&r, 14);
    }
    *out = v.p;
    *made = times.p;
    return v.n;
}

void credential_rename(Db *db, Str account, Str user, Str name)
{
    db_run(db,
           SQL("UPDATE credential SET name = ?4 WHERE account = ?1 AND kind IN (?2, ?5, ?6) AND "
               "name = ?3"),
           DB_TEXT(account), DB_INT(CREDENTIAL_USER), DB_TEXT(user), DB_TEXT(name),
           DB_INT(CREDENTIAL_SESSION), DB_INT(CREDENTIAL_FEDERATED));
}

int64_t credential_expire(Db *db, Millis before, int64_t max)
{
    db_run(db,
           SQL("DELETE FROM access_key WHERE id IN (SELECT id FROM credential WHERE expires > 0 "
               "AND expires < ?1 ORDER BY expires, id LIMIT ?2)"),
           DB_INT(before), DB_INT(max));
    return db_run(db,
                  SQL("DELETE FROM credential WHERE id IN (SELECT id FROM credential WHERE expires "
                      "> 0 AND expires < ?1 ORDER BY expires, id LIMIT ?2)"),
                  DB_INT(before), DB_INT(max));
}
