/* buckets.c - rows of buckets and of their configurations. */
#include "store/buckets.h"

#include "store/objects_inside.h"

const char buckets_schema[] =
    "CREATE TABLE IF NOT EXISTS bucket(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL "
    "UNIQUE,"
    " account TEXT NOT NULL, region TEXT NOT NULL, created INTEGER NOT NULL, versioning INTEGER "
    "NOT NULL) STRICT;"
    "CREATE TABLE IF NOT EXISTS bucket_config(bucket_id INTEGER NOT NULL, kind TEXT NOT NULL, id "
    "TEXT NOT NULL,"
    " config TEXT NOT NULL, PRIMARY KEY(bucket_id, kind, id)) STRICT, WITHOUT ROWID";

/* ---- names ---- */

static bool letter_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool looks_like_ipv4(Str s)
{
    Str part;
    int parts = 0;
    for (int64_t i = 0; i < s.n; i++)
        if (s.p[i] != '.' && (s.p[i] < '0' || s.p[i] > '9')) return false;
    while (str_cut(&s, '.', &part)) parts++;
    return parts == 4;
}

/* Beginnings and ends that S3 keeps for itself. */
static bool reserved(Str s)
{
    static const char *const heads[] = {"xn--", "sthree-", "amzn-s3-demo-"};
    static const char *const tails[] = {"-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"};
    for (int i = 0; i < countof(heads); i++)
        if (str_starts(s, str_from(heads[i]))) return true;
    for (int i = 0; i < countof(tails); i++)
        if (str_ends(s, str_from(tails[i]))) return true;
    return false;
}

bool bucket_name_ok(Str s)
{
    if (s.n < BUCKET_NAME_BYTES_MIN || s.n > BUCKET_NAME_BYTES_MAX) return false;
    if (!letter_or_digit(s.p[0]) || !letter_or_digit(s.p[s.n - 1])) return false;
    for (int64_t i = 0; i < s.n; i++) {
        if (!letter_or_digit(s.p[i]) && s.p[i] != '-' && s.p[i] != '.') return false;
        if (s.p[i] == '.' && s.p[i - 1] == '.') return false;
    }
    return !looks_like_ipv4(s) && !reserved(s);
}

/* ---- rows ---- */

#define BUCKET_COLUMNS "id, name, account, region, created, versioning"

static Bucket load(const Rows *r, Arena *a)
{
    return (Bucket){
        .id = rows_int(r, 0),
        .name = rows_text(r, 1, a),
        .account = rows_text(r, 2, a),
        .region = rows_text(r, 3, a),
        .created = rows_int(r, 4),
        .versioning = (Versioning)rows_int(r, 5),
    };
}

bool bucket_find(Objects *o, Str name, Arena *a, Bucket *out, Error *err)
{
    cleanup(rows_end) Rows r =
        db_rows(o->db, SQL("SELECT " BUCKET_COLUMNS " FROM bucket WHERE name = ?1"), DB_TEXT(name));
    if (!rows_next(&r)) return no_such_bucket(name, err);
    *out = load(&r, a);
    return true;
}

bool bucket_find_id(Objects *o, int64_t id, Arena *a, Bucket *out)
{
    cleanup(rows_end) Rows r =
        db_rows(o->db, SQL("SELECT " BUCKET_COLUMNS " FROM bucket WHERE id = ?1"), DB_INT(id));
    bool found = rows_next(&r);
    if (found) *out = load(&r, a);
    return found;
}

bool bucket_create(Objects *o, const Bucket *b, Error *err)
{
    Arena a = {0};
    Bucket there = {0};
    Error none;
    if (!bucket_name_ok(b->name))
        return error_set(err, ERR_S3_INVALID_BUCKET_NAME, "The specified bucket is not valid.");
    if (bucket_find(o, b->name, &a, &there, &none)) {
        bool own = str_eq(there.account, b->account);
        arena_free(&a);
        if (own)
            return error_set(err, ERR_S3_BUCKET_OWNED,
                             "Your previous request to create the named bucket succeeded and you "
                             "already own it.");
        return error_set(
            err, ERR_S3_BUCKET_EXISTS,
            "The requested bucket name is not available. The bucket namespace is"
            " shared by all users of the system. Please select a different name and try again.");
    }
    db_run(o->db,
           SQL("INSERT INTO bucket(name, account, region, created, versioning) VALUES(?1, ?2, ?3, "
               "?4, ?5)"),
           DB_TEXT(b->name), DB_TEXT(b->account), DB_TEXT(b->region), DB_INT(b->created),
           DB_INT(b->versioning));
    return true;
}

static bool bucket_has_something(Objects *o, int64_t id)
{
    cleanup(rows_end) Rows r =
        db_rows(o->db,
                SQL("SELECT 1 FROM object WHERE bucket_id = ?1"
                    " UNION ALL SELECT 1 FROM version WHERE bucket_id = ?1"
                    " UNION ALL SELECT 1 FROM upload WHERE bucket_id = ?1 AND completed IS NULL"
                    " LIMIT 1"),
                DB_INT(id));
    return rows_next(&r);
}

bool bucket_delete(Objects *o, Str name, Error *err)
{
    Arena a = {0};
    Bucket b = {0};
    bool found = bucket_find(o, name, &a, &b, err);
    arena_free(&a);
    if (!found) return false;
    if (bucket_has_something(o, b.id))
        return error_set(err, ERR_S3_BUCKET_NOT_EMPTY,
                         "The bucket you tried to delete is not empty");
    db_run(o->db, SQL("DELETE FROM upload WHERE bucket_id = ?1"), DB_INT(b.id));
    db_run(o->db, SQL("DELETE FROM bucket_config WHERE bucket_id = ?1"), DB_INT(b.id));
    db_run(o->db, SQL("DELETE FROM bucket WHERE id = ?1"), DB_INT(b.id));
    garbage_folder(o, name);
    return true;
}

void bucket_set_versioning(Objects *o, int64_t bucket_id, Versioning versioning)
{
    db_run(o->db, SQL("UPDATE bucket SET versioning = ?2 WHERE id = ?1"), DB_INT(bucket_id),
           DB_INT(versioning));
}

BucketList bucket_list(Objects *o, Str account, Str prefix, Str region, Str after, int64_t max,
                       Arena *a)
{
    BucketList list = {0};
    cleanup(rows_end) Rows r = db_rows(
        o->db,
        SQL("SELECT " BUCKET_COLUMNS " FROM bucket WHERE name > ?1 AND name >= ?2 AND account = ?3"
            " AND (?4 IS NULL OR region = ?4) ORDER BY name"),
        DB_TEXT(str_absent(after) ? S("") : after), DB_TEXT(str_absent(prefix) ? S("") : prefix),
        DB_TEXT(account), DB_TEXT(region));
    while (rows_next(&r)) {
        if (!str_starts(rows_peek(&r, 1), prefix)) break;
        if (list.n == max) {
            list.truncated = true;
            break;
        }
        *vec_push(a, &list) = load(&r, a);
    }
    return list;
}

/* ---- configurations ---- */

bool bucket_config(Objects *o, int64_t bucket_id, Str kind, Str id, Arena *a, Json *out)
{
    cleanup(rows_end) Rows r = db_rows(
        o->db,
        SQL("SELECT config FROM bucket_config WHERE bucket_id = ?1 AND kind = ?2 AND id = ?3"),
        DB_INT(bucket_id), DB_TEXT(kind), DB_TEXT(id));
    if (!rows_next(&r)) return false;
    *out = stored_json(rows_text(&r, 0, a), a);
    return true;
}

void bucket_set_config(Objects *o, int64_t bucket_id, Str kind, Str id, const Json *config)
{
    Arena a = {0};
    db_run(o->db,
           SQL("INSERT INTO bucket_config(bucket_id, kind, id, config) VALUES(?1, ?2, ?3, ?4)"
               " ON CONFLICT DO UPDATE SET config = ?4"),
           DB_INT(bucket_id), DB_TEXT(kind), DB_TEXT(id), DB_TEXT(json_to_str(&a, config)));
    arena_free(&a);
}

bool bucket_clear_config(Objects *o, int64_t bucket_id, Str kind, Str id)
{
    return db_run(o->db,
                  SQL("DELETE FROM bucket_config WHERE bucket_id = ?1 AND kind = ?2 AND id = ?3"),
                  DB_INT(bucket_id), DB_TEXT(kind), DB_TEXT(id)) > 0;
}
