/* objects_write.c - putting and deleting: one row changes, what it replaced becomes a version or garbage. */
#include "base/encode.h"
#include "store/objects.h"
#include "store/objects_inside.h"
#include "store/objects_path.h"

/* ---- garbage ---- */

void garbage_staging(Objects *o, int64_t id)
{
    db_run(o->db, SQL("INSERT INTO garbage(id) VALUES(?1)"), DB_INT(id));
    o->unsettled = true;
}

/* What hangs on the id of an object's bytes. */
static void drop_bytes(Objects *o, int64_t id)
{
    db_run(o->db, SQL("DELETE FROM inline_body WHERE id = ?1"), DB_INT(id));
    db_run(o->db, SQL("DELETE FROM object_part WHERE object_id = ?1"), DB_INT(id));
}

void garbage_object(Objects *o, const Object *gone)
{
    drop_bytes(o, gone->id);
    db_run(o->db, SQL("INSERT INTO garbage(id, bucket, key, path) VALUES(?1, ?2, ?3, ?4)"),
           DB_INT(gone->id), DB_TEXT(gone->bucket), DB_BLOB(gone->key), DB_INT(gone->path));
    o->unsettled = true;
}

void garbage_folder(Objects *o, Str bucket)
{
    db_run(o->db, SQL("INSERT INTO garbage(id, bucket) VALUES(0, ?1)"), DB_TEXT(bucket));
    o->unsettled = true;
}

void doom(Objects *o, int64_t id)
{
    if (o->doomed_n == o->doomed_cap) {
        o->doomed_cap = o->doomed_cap ? 2 * o->doomed_cap : 16;
        o->doomed = realloc(o->doomed, (size_t)o->doomed_cap * sizeof *o->doomed);
        check(o->doomed);
    }
    o->doomed[o->doomed_n++] = id;
    o->unsettled = true;
}

/* ---- where a new key's file will be ---- */

static bool key_exists_plain(Objects *o, int64_t bucket_id, Str key)
{
    cleanup(rows_end) Rows r =
        db_rows(o->db, SQL("SELECT 1 FROM object WHERE bucket_id = ?1 AND key = ?2 AND path = 0"),
                DB_INT(bucket_id), DB_BLOB(key));
    return rows_next(&r);
}

/* Some key below "key/", wherever its file is: that cheap question errs on the safe side. */
static bool key_has_children(Objects *o, int64_t bucket_id, Str key)
{
    Arena a = {0};
    Str from = str_printf(&a, "%.*s/", STR(key)),
        to = str_printf(&a, "%.*s0", STR(key)); /* '0' follows '/' */
    Rows r = db_rows(
        o->db, SQL("SELECT 1 FROM object WHERE bucket_id = ?1 AND key > ?2 AND key < ?3 LIMIT 1"),
        DB_INT(bucket_id), DB_BLOB(from), DB_BLOB(to));
    bool found = rows_next(&r);
    rows_end(&r);
    arena_free(&a);
    return found;
}

/* A file cannot also be a folder: of `foo` and `foo/bar` the one that comes second is escaped. */
static ObjectPath choose_path(Objects *o, const Object *bucket, Str key)
{
    if (bucket->versioning != VERSIONING_NEVER) return PATH_BY_ID;
    if (!key_is_plain(key)) return PATH_ESCAPED;
    for (int64_t i = 0; i < key.n; i++)
        if (key.p[i] == '/' && key_exists_plain(o, bucket->bucket_id, str_slice(key, 0, i)))
            return PATH_ESCAPED;
    return key_has_children(o, bucket->bucket_id, key) ? PATH_ESCAPED : PATH_PLAIN;
}

/* ---- versions ---- */

/* Opaque to clients, unique, of the length AWS's have. 16 digits are the place among the key's
 * versions, so that a listing can go on after one that has been deleted. */
static Str version_name(Arena *a, int64_t seq, Str key)
{
    DigestValue sha =
        digest_of(DIGEST_SHA256, str_printf(a, "version %" PRId64 " %.*s", seq, STR(key)));
    return str_printf(a, "%.*s%016" PRIx64, 16, digest_hex(a, &sha).p, (uint64_t)seq);
}

int64_t version_name_seq(Arena *a, Str name, Str key)
{
    unsigned char bytes[8];
    int64_t seq = 0;
    if (name.n != OBJECT_VERSION_BYTES || !hex_decode(str_slice(name, 16, 32), bytes, 8)) return 0;
    for (int i = 0; i < 8; i++) seq = seq << 8 | bytes[i];
    return seq > 0 && str_eq(version_name(a, seq, key), name) ? seq : 0;
}

bool version_name_ok(Str name)
{
    if (str_eq(name, S("null"))) return true;
    for (int64_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        if (!((c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '.' ||
              c == '_' || c == '-'))
            return false;
    }
    return name.n == OBJECT_VERSION_BYTES;
}

#define ROW_COLUMNS                                                                                \
    "bucket_id, key, seq, id, size, modified, etag, checksum, class, facts, place, path, version"

static void current_to_versions(Objects *o, const Object *object)
{
    db_run(o->db,
           SQL("INSERT INTO version(" ROW_COLUMNS ", marker) SELECT " ROW_COLUMNS ", 0 FROM object"
               " WHERE bucket_id = ?1 AND key = ?2"),
           DB_INT(object->bucket_id), DB_BLOB(object->key));
}

static void remove_current(Objects *o, const Object *object)
{
    db_run(o->db, SQL("DELETE FROM object WHERE bucket_id = ?1 AND key = ?2"),
           DB_INT(object->bucket_id), DB_BLOB(object->key));
}

static void remove_version(Objects *o, const Object *object)
{
    db_run(o->db, SQL("DELETE FROM version WHERE bucket_id = ?1 AND key = ?2 AND seq = ?3"),
           DB_INT(object->bucket_id), DB_BLOB(object->key), DB_INT(object->seq));
    if (!object->delete_marker) garbage_object(o, object);
}

static bool load_version(Objects *o, const Object *like, Str version, Arena *a, Object *out)
{
    cleanup(rows_end) Rows r =
        db_rows(o->db,
                SQL("SELECT v.marker, " OBJECT_COLUMNS(
                    "v") " FROM version v WHERE v.bucket_id = ?1 AND v.key = ?2"
                         " AND (?3 IS NULL OR v.version = ?3) ORDER BY v.seq DESC LIMIT 1"),
                DB_INT(like->bucket_id), DB_BLOB(like->key), DB_TEXT(version));
    if (!rows_next(&r)) return false;
    *out = *like;
    out->delete_marker = rows_int(&r, 0) != 0;
    object_load(&r, 1, a, out);
    return true;
}

/* After the current version has gone: the newest of the others takes its place, unless it is a
 * delete marker. */
static void promote_newest(Objects *o, const Object *like, Arena *a)
{
    Object newest;
    if (!load_version(o, like, (Str){0}, a, &newest) || newest.delete_marker) return;
    db_run(o->db,
           SQL("INSERT INTO object(" ROW_COLUMNS ") SELECT " ROW_COLUMNS " FROM version"
               " WHERE bucket_id = ?1 AND key = ?2 AND seq = ?3"),
           DB_INT(like->bucket_id), DB_BLOB(like->key), DB_INT(newest.seq));
    db_run(o->db, SQL("DELETE FROM version WHERE bucket_id = ?1 AND key = ?2 AND seq = ?3"),
           DB_INT(like->bucket_id), DB_BLOB(like->key), DB_INT(newest.seq));
}

/* The version "null" is the one written without versioning; a new one replaces it wherever it is.
 */
static void remove_null_version(Objects *o, const Object *like, Arena *a)
{
    Object null;
    if (load_version(o, like, S("null"), a, &null)) remove_version(o, &null);
}

/* Puts the current version away before another (or a delete marker) comes. `same_path`: the new
 * file will lie at the old one's path, so only what is still in staging is garbage. */
static void retire_current(Objects *o, const Object *current, bool found, bool same_path, Arena *a)
{
    bool by_id = current->versioning != VERSIONING_NEVER;
    if (current->versioning == VERSIONING_SUSPENDED) remove_null_version(o, current, a);
    if (!found) return;
    if (by_id &&
        (current->versioning == VERSIONING_ENABLED || !str_eq(current->version, S("null")))) {
        current_to_versions(o, current);
    } else if (!same_path) {
        garbage_object(o, current);
    } else {
        drop_bytes(o, current->id);
        if (current->place == PLACE_STAGED) garbage_staging(o, current->id);
    }
}

/* ---- putting ---- */

bool etag_matches(Str wanted, Str etag)
{
    Str one;
    if (str_eq(str_trim(wanted), S("*"))) return true;
    while (str_cut(&wanted, ',', &one)) {
        one = str_trim(one);
        if (one.n >= 2 && one.p[0] == '"' && one.p[one.n - 1] == '"')
            one = str_slice(one, 1, one.n - 1);
        if (str_eq(one, etag)) return true;
    }
    return false;
}

bool object_may_be_written(const Object *current, bool found, Str if_match, Str if_none_match,
                           Error *err)
{
    static const char failed[] = "At least one of the pre-conditions you specified did not hold";
    if (!str_absent(if_match) && !found)
        return error_set(err, ERR_S3_NO_SUCH_KEY, "The specified key does not exist.");
    if (!str_absent(if_match) && !etag_matches(if_match, current->etag))
        return error_set(err, ERR_S3_PRECONDITION_FAILED, "%s", failed);
    if (!str_absent(if_none_match) && found && etag_matches(if_none_match, current->etag))
        return error_set(err, ERR_S3_PRECONDITION_FAILED, "%s", failed);
    return true;
}

void body_insert(Objects *o, const ObjectBody *body)
{
    check(body->place != PLACE_FILE);
    if (body->place == PLACE_INLINE)
        db_run(o->db, SQL("INSERT INTO inline_body(id, body) VALUES(?1, ?2)"), DB_INT(body->id),
               DB_BLOB(body->bytes));
}

static void write_row(Objects *o, const Object *n, Arena *a)
{
    db_run(o->db,
           SQL("INSERT INTO object(" ROW_COLUMNS
               ") VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"
               " ON CONFLICT DO UPDATE SET seq = ?3, id = ?4, size = ?5, modified = ?6, etag = ?7, "
               "checksum = ?8,"
               " class = ?9, facts = ?10, place = ?11, path = ?12, version = ?13"),
           DB_INT(n->bucket_id), DB_BLOB(n->key), DB_INT(n->seq), DB_INT(n->id), DB_INT(n->size),
           DB_INT(n->modified), DB_TEXT(n->etag), DB_TEXT(n->checksum), DB_TEXT(n->storage_class),
           DB_TEXT(json_to_str(a, &n->facts)), DB_INT(n->place), DB_INT(n->path),
           DB_TEXT(n->version));
    o->unsettled = true;
    o->changes++;
}

static Object new_object(Objects *o, const Object *current, bool found, const ObjectBody *body,
                         const ObjectNew *what, Millis now, Arena *a)
{
    Object n = *current;
    n.id = body->id;
    n.seq = object_new_id(o);
    n.size = body->size;
    n.modified = now;
    n.etag = body->etag;
    n.checksum = body->checksum;
    n.storage_class = what->storage_class;
    n.facts = what->facts.type == JSON_OBJECT ? what->facts : (Json){.type = JSON_OBJECT};
    n.place = body->place;
    n.path = found && current->versioning == VERSIONING_NEVER
                 ? current->path
                 : choose_path(o, current, current->key);
    n.version =
        current->versioning == VERSIONING_ENABLED ? version_name(a, n.seq, n.key) : S("null");
    n.delete_marker = false;
    return n;
}

bool object_put(Objects *o, Str bucket, Str key, const ObjectBody *body, const ObjectNew *what,
                Millis now, Arena *a, Object *out, Error *err)
{
    Object current;
    bool found;
    if (!object_slot(o, bucket, key, a, &current, &found, err)) return false;
    if (!object_may_be_written(&current, found, what->if_match, what->if_none_match, err))
        return false;
    Object n = new_object(o, &current, found, body, what, now, a);
    retire_current(o, &current, found, n.path == current.path && n.path != PATH_BY_ID, a);
    body_insert(o, body);
    write_row(o, &n, a);
    *out = n;
    return true;
}

static Str md5_hex(Arena *a, Str bytes)
{
    DigestValue md5 = digest_of(DIGEST_MD5, bytes);
    return digest_hex(a, &md5);
}

bool object_put_bytes(Objects *o, Str bucket, Str key, Str bytes, Str content_type, Millis now,
                      Error *err)
{
    check(bytes.n <= OBJECT_INLINE_BYTES_MAX);
    Arena a = {0};
    Object out;
    JsonObject facts = {.a = &a};
    json_put_text(&facts, S("ContentType"), content_type);
    DigestValue crc = digest_of(DIGEST_CRC64NVME, bytes);
    ObjectBody body = {
        .id = object_new_id(o),
        .size = bytes.n,
        .place = PLACE_INLINE,
        .bytes = bytes,
        .etag = md5_hex(&a, bytes),
        .checksum = str_printf(&a, "CRC64NVME FULL_OBJECT %.*s", STR(digest_text(&a, &crc)))};
    bool good = object_put(o, bucket, key, &body, &(ObjectNew){.facts = json_object(&facts)}, now,
                           &a, &out, err);
    arena_free(&a);
    return good;
}

void object_set_facts(Objects *o, const Object *object, const Json *facts)
{
    Arena a = {0};
    Str text = json_to_str(&a, facts);
    if (!db_run(o->db,
                SQL("UPDATE object SET facts = ?4 WHERE bucket_id = ?1 AND key = ?2 AND seq = ?3"),
                DB_INT(object->bucket_id), DB_BLOB(object->key), DB_INT(object->seq),
                DB_TEXT(text)))
        db_run(o->db,
               SQL("UPDATE version SET facts = ?4 WHERE bucket_id = ?1 AND key = ?2 AND seq = ?3"),
               DB_INT(object->bucket_id), DB_BLOB(object->key), DB_INT(object->seq), DB_TEXT(text));
    arena_free(&a);
}

/* ---- deleting ---- */

static void insert_marker(Objects *o, const Object *slot, Millis now, Arena *a, ObjectGone *out)
{
    int64_t seq = object_new_id(o);
    out->marker = true;
    out->version =
        slot->versioning == VERSIONING_ENABLED ? version_name(a, seq, slot->key) : S("null");
    db_run(o->db,
           SQL("INSERT INTO version(" ROW_COLUMNS ", marker)"
               " VALUES(?1, ?2, ?3, ?3, 0, ?4, '', NULL, NULL, '{}', 2, 2, ?5, 1)"),
           DB_INT(slot->bucket_id), DB_BLOB(slot->key), DB_INT(seq), DB_INT(now),
           DB_TEXT(out->version));
}

static void delete_current(Objects *o, const Object *current, bool found, Millis now, Arena *a,
                           ObjectGone *out)
{
    out->existed = found;
    retire_current(o, current, found, false, a);
    if (found) remove_current(o, current);
    if (current->versioning != VERSIONING_NEVER) insert_marker(o, current, now, a, out);
}

/* A version that is named goes for good. */
static void delete_version(Objects *o, const Object *current, bool found, Str version, Arena *a,
                           ObjectGone *out)
{
    Object old;
    out->version = version;
    if (found && str_eq(current->version, version)) {
        garbage_object(o, current);
        remove_current(o, current);
        promote_newest(o, current, a);
        out->existed = true;
    } else if (load_version(o, current, version, a, &old)) {
        remove_version(o, &old);
        if (!found) promote_newest(o, current, a);
        out->existed = true;
        out->marker = old.delete_marker;
    }
}

bool object_delete(Objects *o, Str bucket, Str key, Str version, Str if_match, Millis now, Arena *a,
                   ObjectGone *out, Error *err)
{
    Object current;
    bool found;
    if (!object_slot(o, bucket, key, a, &current, &found, err)) return false;
    if (!object_may_be_written(&current, found, if_match, (Str){0}, err)) return false;
    *out = (ObjectGone){0};
    if (str_absent(version))
        delete_current(o, &current, found, now, a, out);
    else
        delete_version(o, &current, found, version, a, out);
    return true;
}
