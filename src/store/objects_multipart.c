/* objects_multipart.c - uploads and their parts as rows. */
#include "store/objects_multipart.h"

#include "base/encode.h"
#include "store/objects_inside.h"

const char multipart_schema[] =
    "CREATE TABLE IF NOT EXISTS upload(bucket_id INTEGER NOT NULL, key BLOB NOT NULL, id INTEGER "
    "NOT NULL,"
    " name TEXT NOT NULL, initiated INTEGER NOT NULL, facts TEXT NOT NULL, class TEXT, checksum "
    "INTEGER NOT NULL,"
    " full_object INTEGER NOT NULL, completed INTEGER, etag TEXT, seq INTEGER,"
    " PRIMARY KEY(bucket_id, key, id)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS upload_completed ON upload(completed) WHERE completed IS NOT NULL;"
    "CREATE TABLE IF NOT EXISTS part(upload_id INTEGER NOT NULL, number INTEGER NOT NULL, id "
    "INTEGER NOT NULL,"
    " size INTEGER NOT NULL, modified INTEGER NOT NULL, etag TEXT NOT NULL, checksum TEXT NOT NULL,"
    " place INTEGER NOT NULL, PRIMARY KEY(upload_id, number)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS part_by_id ON part(id);"
    "CREATE TABLE IF NOT EXISTS object_part(object_id INTEGER NOT NULL, number INTEGER NOT NULL, "
    "start INTEGER NOT NULL,"
    " size INTEGER NOT NULL, checksum TEXT NOT NULL, PRIMARY KEY(object_id, number)) STRICT, "
    "WITHOUT ROWID";

/* ---- uploads ---- */

/* 16 digits are the id; the rest makes it long and not easily mistaken. */
static Str upload_name(Arena *a, int64_t id, Str key)
{
    DigestValue sha =
        digest_of(DIGEST_SHA256, str_printf(a, "upload %" PRId64 " %.*s", id, STR(key)));
    return str_printf(a, "%016" PRIx64 "%.*s", (uint64_t)id, 48, digest_hex(a, &sha).p);
}

int64_t multi_id(Str name)
{
    unsigned char bytes[8];
    int64_t id = 0;
    if (name.n != 64 || !hex_decode(str_slice(name, 0, 16), bytes, 8)) return 0;
    for (int i = 0; i < 8; i++) id = id << 8 | bytes[i];
    return id > 0 ? id : 0;
}

bool multi_create(Objects *o, Str bucket, Str key, const Multi *what, Millis now, Arena *a,
                  Multi *out, Error *err)
{
    Object slot;
    bool found;
    if (!object_slot(o, bucket, key, a, &slot, &found, err)) return false;
    Multi m = *what;
    m.bucket_id = slot.bucket_id;
    m.bucket = bucket;
    m.key = key;
    m.id = object_new_id(o);
    m.name = upload_name(a, m.id, key);
    m.initiated = now;
    db_run(o->db,
           SQL("INSERT INTO upload(bucket_id, key, id, name, initiated, facts, class, checksum, "
               "full_object)"
               " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"),
           DB_INT(m.bucket_id), DB_BLOB(key), DB_INT(m.id), DB_TEXT(m.name), DB_INT(now),
           DB_TEXT(json_to_str(a, &m.facts)), DB_TEXT(m.storage_class), DB_INT(m.checksum),
           DB_INT(m.full_object));
    *out = m;
    return true;
}

static bool load_upload(Objects *o, Multi *m, Str name, Arena *a)
{
    cleanup(rows_end) Rows r = db_rows(
        o->db,
        SQL("SELECT id, name, initiated, facts, class, checksum, full_object, etag, seq FROM upload"
            " WHERE bucket_id = ?1 AND key = ?2 AND id = ?3"),
        DB_INT(m->bucket_id), DB_BLOB(m->key), DB_INT(multi_id(name)));
    if (!rows_next(&r) || !str_eq(rows_peek(&r, 1), name)) return false;
    m->id = rows_int(&r, 0);
    m->name = name;
    m->initiated = rows_int(&r, 2);
    m->facts = stored_json(rows_text(&r, 3, a), a);
    m->storage_class = rows_text(&r, 4, a);
    m->checksum = (DigestAlgorithm)rows_int(&r, 5);
    m->full_object = rows_int(&r, 6) != 0;
    m->completed_etag = rows_text(&r, 7, a);
    m->completed_seq = rows_int(&r, 8);
    return true;
}

bool multi_find(Objects *o, Str bucket, Str key, Str name, bool completed, Arena *a, Multi *out,
                Error *err)
{
    Object slot;
    bool found;
    if (!object_slot(o, bucket, key, a, &slot, &found, err)) return false;
    Multi m = {.bucket_id = slot.bucket_id, .bucket = bucket, .key = key};
    if (!load_upload(o, &m, name, a) || (!completed && !str_absent(m.completed_etag)))
        return error_set(err, ERR_S3_NO_SUCH_UPLOAD,
                         "The specified upload does not exist. The upload ID may be invalid, or the"
                         " upload may have been aborted or completed.");
    *out = m;
    return true;
}

/* ---- parts ---- */

static void throw_part_away(Objects *o, int64_t id, ObjectPlace place)
{
    if (place == PLACE_INLINE)
        db_run(o->db, SQL("DELETE FROM inline_body WHERE id = ?1"), DB_INT(id));
    else
        garbage_staging(o, id);
}

#define PART_COLUMNS "number, id, size, modified, etag, checksum, place"
static Part load_part(Rows *r, Arena *a)
{
    return (Part){.number = rows_int(r, 0),
                  .id = rows_int(r, 1),
                  .size = rows_int(r, 2),
                  .modified = rows_int(r, 3),
                  .etag = rows_text(r, 4, a),
                  .checksum = rows_text(r, 5, a),
                  .place = (ObjectPlace)rows_int(r, 6)};
}

static bool find_part(Objects *o, const Multi *m, int64_t number, Arena *a, Part *out)
{
    cleanup(rows_end) Rows r = db_rows(
        o->db, SQL("SELECT " PART_COLUMNS " FROM part WHERE upload_id = ?1 AND number = ?2"),
        DB_INT(m->id), DB_INT(number));
    if (!rows_next(&r)) return false;
    *out = load_part(&r, a);
    return true;
}

void part_put(Objects *o, const Multi *m, int64_t number, const ObjectBody *body, Millis now)
{
    Arena a = {0};
    Part old;
    if (find_part(o, m, number, &a, &old)) throw_part_away(o, old.id, old.place);
    arena_free(&a);
    body_insert(o, body);
    db_run(o->db,
           SQL("INSERT OR REPLACE INTO part(upload_id, number, id, size, modified, etag, checksum, "
               "place)"
               " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"),
           DB_INT(m->id), DB_INT(number), DB_INT(body->id), DB_INT(body->size), DB_INT(now),
           DB_TEXT(body->etag), DB_TEXT(body->checksum), DB_INT(body->place));
}

Parts part_list(Objects *o, const Multi *m, int64_t after, int64_t max, Arena *a)
{
    Parts parts = {0};
    cleanup(rows_end) Rows r = db_rows(o->db,
                                       SQL("SELECT " PART_COLUMNS " FROM part"
                                           " WHERE upload_id = ?1 AND number > ?2 ORDER BY number"),
                                       DB_INT(m->id), DB_INT(after));
    while (rows_next(&r)) {
        if (parts.n == max) {
            parts.truncated = true;
            break;
        }
        *vec_push(a, &parts) = load_part(&r, a);
    }
    return parts;
}

/* All parts but those with an id in `keep` (one id; 0: none). */
static void drop_parts(Objects *o, const Multi *m, int64_t keep)
{
    Arena a = {0};
    Parts parts = part_list(o, m, 0, INT64_MAX, &a);
    for (int64_t i = 0; i < parts.n; i++)
        if (parts.p[i].id != keep) throw_part_away(o, parts.p[i].id, parts.p[i].place);
    arena_free(&a);
    db_run(o->db, SQL("DELETE FROM part WHERE upload_id = ?1"), DB_INT(m->id));
}

bool multi_abort(Objects *o, Str bucket, Str key, Str name, Error *err)
{
    Arena a = {0};
    Multi m;
    bool found = multi_find(o, bucket, key, name, false, &a, &m, err);
    if (found) {
        drop_parts(o, &m, 0);
        db_run(o->db, SQL("DELETE FROM upload WHERE bucket_id = ?1 AND key = ?2 AND id = ?3"),
               DB_INT(m.bucket_id), DB_BLOB(m.key), DB_INT(m.id));
    }
    arena_free(&a);
    return found;
}

/* ---- completing ---- */

static bool invalid_part(Error *err)
{
    return error_set(
        err, ERR_S3_INVALID_PART,
        "One or more of the specified parts could not be found.  The part may not have"
        " been uploaded, or the specified entity tag may not match the part's entity tag.");
}

static Str checksum_value(Str checksum) /* of "CRC32 FULL_OBJECT AAAAAA==" */
{
    return str_slice(checksum, str_rfind_char(checksum, ' ') + 1, checksum.n);
}

static bool take_part(Objects *o, const Multi *m, const PartWanted *w, Assembly *s, Error *err)
{
    Part p;
    if (s->n && w->number <= s->parts[s->n - 1].number)
        return error_set(err, ERR_S3_INVALID_PART_ORDER,
                         "The list of parts was not in ascending order. Parts must be ordered by"
                         " part number.");
    if (!find_part(o, m, w->number, &s->arena, &p) || !str_eq(p.etag, w->etag))
        return invalid_part(err);
    if (!str_absent(w->checksum) && !str_eq(w->checksum, checksum_value(p.checksum)))
        return invalid_part(err);
    s->parts[s->n++] = p;
    return true;
}

static bool sizes_are_good(const Assembly *s, Error *err)
{
    for (int64_t i = 0; i + 1 < s->n; i++)
        if (s->parts[i].size < MULTI_PART_BYTES_MIN)
            return error_set(err, ERR_S3_ENTITY_TOO_SMALL,
                             "Your proposed upload is smaller than the minimum allowed size");
    return s->body.size <= OBJECT_BYTES_MAX ||
           error_set(err, ERR_S3_ENTITY_TOO_LARGE,
                     "Your proposed upload exceeds the maximum allowed size");
}

static Str etag_of(Assembly *s)
{
    DigestValue *md5s = new_array(&s->arena, DigestValue, s->n);
    for (int64_t i = 0; i < s->n; i++) {
        md5s[i] = (DigestValue){.algorithm = DIGEST_MD5, .n = 16};
        check(hex_decode(s->parts[i].etag, md5s[i].bytes, 16));
    }
    DigestValue all = digest_composite(DIGEST_MD5, md5s, s->n);
    return str_printf(&s->arena, "%.*s-%" PRId64, STR(digest_hex(&s->arena, &all)), s->n);
}

/* The parts' digests, when all are of one algorithm. */
static DigestValue *part_digests(Assembly *s, DigestAlgorithm *algorithm)
{
    DigestValue *digests = new_array(&s->arena, DigestValue, s->n);
    for (int64_t i = 0; i < s->n; i++) {
        Str c = s->parts[i].checksum;
        DigestAlgorithm own = digest_algorithm(str_slice(c, 0, str_find_char(c, ' ')));
        if (i && own != *algorithm) return NULL;
        *algorithm = own;
        check(digest_parse(own, checksum_value(c), &digests[i]));
    }
    return digests;
}

/* Without an algorithm of the upload's: that of the parts, over the whole object, as S3's own
 * default. */
static Str checksum_of(Assembly *s)
{
    DigestAlgorithm algorithm = DIGEST_NONE;
    DigestValue *digests = part_digests(s, &algorithm), all;
    if (!digests) return (Str){0};
    bool full = s->multi.checksum == DIGEST_NONE || s->multi.full_object;
    if (!full) {
        all = digest_composite(algorithm, digests, s->n);
        return str_printf(&s->arena, "%.*s COMPOSITE %.*s-%" PRId64, STR(digest_name(algorithm)),
                          STR(digest_text(&s->arena, &all)), s->n);
    }
    if (!digest_can_combine(algorithm)) return (Str){0};
    all = digests[0];
    for (int64_t i = 1; i < s->n; i++) all = digest_combine(&all, &digests[i], s->parts[i].size);
    return str_printf(&s->arena, "%.*s FULL_OBJECT %.*s", STR(digest_name(algorithm)),
                      STR(digest_text(&s->arena, &all)));
}

/* A part that is the whole object is taken as it is; else a new staging file is made of all. */
static void plan_body(Objects *o, Assembly *s)
{
    Part *last = &s->parts[s->n - 1];
    if (last->place == PLACE_INLINE) {
        Rows r =
            db_rows(o->db, SQL("SELECT body FROM inline_body WHERE id = ?1"), DB_INT(last->id));
        if (rows_next(&r)) s->last_bytes = rows_text(&r, 0, &s->arena);
        rows_end(&r);
    }
    s->copied = s->n > 1;
    s->body.id = s->copied ? object_new_id(o) : last->id;
    s->body.place = s->copied ? PLACE_STAGED : last->place;
    s->body.bytes = s->copied ? (Str){0} : s->last_bytes;
    s->body.etag = etag_of(s);
    s->body.checksum = checksum_of(s);
}

bool multi_plan(Objects *o, const Multi *m, const PartWanted *wanted, int64_t n, Assembly *out,
                Error *err)
{
    Assembly s = {.folder = o->folder};
    s.multi = *m;
    s.multi.bucket = str_copy(&s.arena, m->bucket);
    s.multi.key = str_copy(&s.arena, m->key);
    s.multi.name = str_copy(&s.arena, m->name);
    s.multi.storage_class =
        str_absent(m->storage_class) ? (Str){0} : str_copy(&s.arena, m->storage_class);
    s.multi.facts = json_copy(&s.arena, &m->facts);
    s.parts = new_array(&s.arena, Part, n);
    bool good = n > 0;
    check(good);
    for (int64_t i = 0; good && i < n; i++) good = take_part(o, m, &wanted[i], &s, err);
    for (int64_t i = 0; good && i < n; i++) s.body.size += s.parts[i].size;
    if (!good || !sizes_are_good(&s, err)) {
        arena_free(&s.arena);
        return false;
    }
    plan_body(o, &s);
    *out = s;
    return true;
}

static void remember_parts(Objects *o, const Assembly *s)
{
    int64_t start = 0;
    for (int64_t i = 0; i < s->n; start += s->parts[i++].size)
        db_run(o->db,
               SQL("INSERT INTO object_part(object_id, number, start, size, checksum) VALUES(?1, "
                   "?2, ?3, ?4, ?5)"),
               DB_INT(s->body.id), DB_INT(i + 1), DB_INT(start), DB_INT(s->parts[i].size),
               DB_TEXT(s->parts[i].checksum));
}

/* The parts that were planned must still be the ones: a client may have put one again in the
 * meantime. */
static bool still_as_planned(Objects *o, const Assembly *s)
{
    Arena a = {0};
    bool same = true;
    for (int64_t i = 0; same && i < s->n; i++) {
        Part p;
        same = find_part(o, &s->multi, s->parts[i].number, &a, &p) && p.id == s->parts[i].id;
    }
    arena_free(&a);
    return same;
}

bool multi_complete(Objects *o, const Assembly *s, const ObjectNew *what, Millis now, Arena *a,
                    Object *out, Error *err)
{
    Multi again;
    const Multi *m = &s->multi;
    if (s->failed) return *err = s->error, false;
    if (!multi_find(o, m->bucket, m->key, m->name, false, a, &again, err)) return false;
    if (!still_as_planned(o, s)) return invalid_part(err);
    ObjectNew n = *what;
    n.facts = m->facts;
    n.storage_class = m->storage_class;
    ObjectBody body = s->body;
    /* Taken over as it is: the row in inline_body stays the part's. */
    if (!s->copied && body.place == PLACE_INLINE) throw_part_away(o, body.id, PLACE_INLINE);
    if (!object_put(o, m->bucket, m->key, &body, &n, now, a, out, err)) return false;
    remember_parts(o, s);
    drop_parts(o, m, s->copied ? 0 : body.id);
    db_run(o->db,
           SQL("UPDATE upload SET completed = ?4, etag = ?5, seq = ?6 WHERE bucket_id = ?1 AND key "
               "= ?2 AND id = ?3"),
           DB_INT(m->bucket_id), DB_BLOB(m->key), DB_INT(m->id), DB_INT(now), DB_TEXT(body.etag),
           DB_INT(out->seq));
    return true;
}

void multi_forget(Objects *o, Millis now)
{
    db_run(o->db, SQL("DELETE FROM upload WHERE completed < ?1"),
           DB_INT(now - MULTI_REMEMBERED_MS));
}
