/* objects.c - opening the store, finding objects and their bytes. */
#include "store/objects.h"

#include "base/encode.h"
#include "store/objects_inside.h"
#include "store/objects_path.h"

/* Columns of one object, current or not. `seq` orders the versions of a key; `id` names its bytes.
 */
#define OBJECT_TABLE_COLUMNS                                                                       \
    "bucket_id INTEGER NOT NULL, key BLOB NOT NULL, seq INTEGER NOT NULL, id INTEGER NOT NULL,"    \
    " size INTEGER NOT NULL, modified INTEGER NOT NULL, etag TEXT NOT NULL, checksum TEXT, class " \
    "TEXT,"                                                                                        \
    " facts TEXT NOT NULL, place INTEGER NOT NULL, path INTEGER NOT NULL, version TEXT NOT NULL"

const char objects_schema[] =
    "CREATE TABLE IF NOT EXISTS object_ids(next INTEGER NOT NULL) STRICT;"
    "CREATE TABLE IF NOT EXISTS object(" OBJECT_TABLE_COLUMNS
    ", PRIMARY KEY(bucket_id, key)) STRICT, WITHOUT ROWID;"
    /* What is not current: older versions, and delete markers (marker 1), which are never in
       `object`. */
    "CREATE TABLE IF NOT EXISTS version(" OBJECT_TABLE_COLUMNS ", marker INTEGER NOT NULL,"
    " PRIMARY KEY(bucket_id, key, seq DESC)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS object_unsettled ON object(id) WHERE place < 2;"
    "CREATE INDEX IF NOT EXISTS version_unsettled ON version(id) WHERE place < 2;"
    "CREATE TABLE IF NOT EXISTS inline_body(id INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;"
    "CREATE TABLE IF NOT EXISTS garbage(n INTEGER PRIMARY KEY, id INTEGER NOT NULL, bucket TEXT, "
    "key BLOB,"
    " path INTEGER) STRICT;";

/* ---- opening ---- */

/* Ids of one life of the process; what is not used of them is lost, so that none is ever given
 * twice. */
static const int64_t ids_per_life = (int64_t)1 << 32;

bool objects_open(Db *db, Folder *data, Objects **out, Error *err)
{
    if (!folder_make(data, S("objects"), err) || !folder_make(data, S("staging"), err) ||
        !folder_sync(data, S(""), err))
        return false;
    Objects *o = calloc(1, sizeof *o);
    check(o);
    *o = (Objects){.db = db, .folder = data, .unsettled = true};
    *out = o;
    return true;
}

void objects_close(Objects *o)
{
    if (!o) return;
    free(o->doomed);
    free(o);
}

static void take_ids(Objects *o)
{
    cleanup(rows_end) Rows r = db_rows(o->db, SQL("SELECT next FROM object_ids"));
    bool first = !rows_next(&r);
    o->next_id = first ? 1 : rows_int(&r, 0);
    rows_end(&r);
    if (first)
        db_run(o->db, SQL("INSERT INTO object_ids(next) VALUES(?1)"),
               DB_INT(o->next_id + ids_per_life));
    else
        db_run(o->db, SQL("UPDATE object_ids SET next = ?1"), DB_INT(o->next_id + ids_per_life));
}

static bool staging_is_named(Objects *o, int64_t id)
{
    cleanup(rows_end) Rows r =
        db_rows(o->db,
                SQL("SELECT 1 FROM object WHERE place < 2 AND id = ?1"
                    " UNION ALL SELECT 1 FROM version WHERE place < 2 AND id = ?1"
                    " UNION ALL SELECT 1 FROM part WHERE id = ?1"),
                DB_INT(id));
    return rows_next(&r);
}

bool objects_recover(Objects *o, Error *err)
{
    Arena a = {0};
    StrVec names = {0};
    take_ids(o);
    bool good = folder_list(o->folder, S("staging"), &a, &names, err);
    for (int64_t i = 0; good && i < names.n; i++) {
        int64_t id;
        if (str_to_int(names.p[i], &id) && staging_is_named(o, id)) continue;
        /* What could not be read does not seem to be named, and is somebody's object. */
        good = db_failed(o->db)
                   ? error_set(err, ERR_IO, "state.db cannot be read")
                   : file_remove(o->folder, str_printf(&a, "staging/%.*s", STR(names.p[i])), err);
    }
    arena_free(&a);
    return good;
}

int64_t object_new_id(Objects *o)
{
    check(o->next_id > 0); /* objects_recover has run */
    return o->next_id++;
}

/* ---- rows ---- */

Json stored_json(Str text, Arena *a)
{
    Json v = {0};
    Error err;
    check(json_parse(text, a, &v, &err));
    return v;
}

bool no_such_bucket(Str name, Error *err)
{
    (void)name;
    return error_set(err, ERR_S3_NO_SUCH_BUCKET, "The specified bucket does not exist");
}

static bool no_such_key(Error *err)
{
    return error_set(err, ERR_S3_NO_SUCH_KEY, "The specified key does not exist.");
}

void object_load(const Rows *r, int at, Arena *a, Object *out)
{
    out->id = rows_int(r, at);
    out->size = rows_int(r, at + 1);
    out->modified = rows_int(r, at + 2);
    out->etag = rows_text(r, at + 3, a);
    out->checksum = rows_text(r, at + 4, a);
    out->storage_class = rows_text(r, at + 5, a);
    out->facts = stored_json(rows_text(r, at + 6, a), a);
    out->place = (ObjectPlace)rows_int(r, at + 7);
    out->path = (ObjectPath)rows_int(r, at + 8);
    out->seq = rows_int(r, at + 9);
    out->version = rows_text(r, at + 10, a);
}

/* The bucket's row is in every answer, so that its absence is told from the key's. */
bool object_slot(Objects *o, Str bucket, Str key, Arena *a, Object *out, bool *found, Error *err)
{
    cleanup(rows_end) Rows r = db_rows(
        o->db,
        SQL("SELECT b.id, b.versioning, " OBJECT_COLUMNS(
            "o") " FROM bucket b"
                 " LEFT JOIN object o ON o.bucket_id = b.id AND o.key = ?2 WHERE b.name = ?1"),
        DB_TEXT(bucket), DB_BLOB(key));
    if (!rows_next(&r)) return no_such_bucket(bucket, err);
    *out = (Object){.bucket_id = rows_int(&r, 0),
                    .versioning = (Versioning)rows_int(&r, 1),
                    .bucket = bucket,
                    .key = key};
    *found = !rows_null(&r, 2);
    if (*found) object_load(&r, 2, a, out);
    return true;
}

static bool find_version(Objects *o, Str version, Arena *a, Object *out)
{
    cleanup(rows_end) Rows r =
        db_rows(o->db,
                SQL("SELECT v.marker, " OBJECT_COLUMNS(
                    "v") " FROM version v"
                         " WHERE v.bucket_id = ?1 AND v.key = ?2 AND v.version = ?3"),
                DB_INT(out->bucket_id), DB_BLOB(out->key), DB_TEXT(version));
    if (!rows_next(&r)) return false;
    out->delete_marker = rows_int(&r, 0) != 0;
    object_load(&r, 1, a, out);
    return true;
}

bool object_find(Objects *o, Str bucket, Str key, Str version, Arena *a, Object *out, Error *err)
{
    bool found;
    Object object;
    if (!object_slot(o, bucket, key, a, &object, &found, err)) return false;
    if (str_absent(version)) {
        if (!found) return no_such_key(err);
    } else if (!found || !str_eq(object.version, version)) {
        if (!find_version(o, version, a, &object))
            return error_set(err, ERR_S3_NO_SUCH_VERSION, "The specified version does not exist.");
    }
    *out = object;
    return true;
}

Str object_marker(Objects *o, Str bucket, Str key, Arena *a)
{
    cleanup(rows_end) Rows r = db_rows(
        o->db,
        SQL("SELECT v.version FROM bucket b JOIN version v ON v.bucket_id = b.id AND v.key = ?2"
            " WHERE b.name = ?1 ORDER BY v.seq DESC LIMIT 1"),
        DB_TEXT(bucket), DB_BLOB(key));
    return rows_next(&r) ? rows_text(&r, 0, a) : (Str){0};
}

/* ---- bytes ---- */

static bool inline_bytes(Objects *o, int64_t id, Arena *a, Str *out)
{
    cleanup(rows_end) Rows r =
        db_rows(o->db, SQL("SELECT body FROM inline_body WHERE id = ?1"), DB_INT(id));
    if (!rows_next(&r)) return false;
    *out = rows_text(&r, 0, a);
    return true;
}

/* The row says that there is a file: without it the store is broken, the object is not absent. */
static bool open_file(Objects *o, const Object *object, Arena *a, int *fd, Error *err)
{
    Error gone;
    if (object->place == PLACE_STAGED) {
        if (file_open(o->folder, staging_path(a, object->id), FILE_READ, fd, &gone)) return true;
        if (gone.code != ERR_NOT_FOUND) return *err = gone, false;
    }
    if (file_open(o->folder, object_path(a, object->bucket, object->path, object->key, object->id),
                  FILE_READ, fd, &gone))
        return true;
    return error_set(err, ERR_IO, "the file of key %.*s cannot be read: %s", STR(object->key),
                     gone.text);
}

/* A file that somebody cut or lengthened by hand is not the object any more. */
static bool has_its_size(int fd, const Object *object, Error *err)
{
    int64_t size;
    if (!file_size(fd, &size, err)) return false;
    return size == object->size ||
           error_set(err, ERR_IO, "the file of key %.*s has %" PRId64 " bytes, not %" PRId64,
                     STR(object->key), size, object->size);
}

static bool small_enough(int fd, const Object *object, Arena *a, ObjectBytes *out, Error *err)
{
    int64_t got = 0;
    char *p = new_array(a, char, object->size + 1);
    bool good = file_read(fd, 0, p, object->size, &got, err);
    file_close(fd);
    *out = (ObjectBytes){.fd = -1, .bytes = {p, got}};
    return good;
}

bool object_bytes(Objects *o, const Object *object, Arena *a, ObjectBytes *out, Error *err)
{
    int fd;
    *out = (ObjectBytes){.fd = -1, .bytes = S("")};
    if (object->size == 0) return true;
    if (object->place == PLACE_INLINE && inline_bytes(o, object->id, a, &out->bytes)) return true;
    if (!open_file(o, object, a, &fd, err)) return false;
    if (!has_its_size(fd, object, err)) return file_close(fd), false;
    if (object->size <= OBJECT_INLINE_BYTES_MAX) return small_enough(fd, object, a, out, err);
    out->fd = fd;
    return true;
}

bool object_bytes_copy(ObjectBytes *bytes, int64_t offset, int64_t n, int to, Error *err)
{
    if (bytes->fd < 0) return file_write(to, str_slice(bytes->bytes, offset, offset + n), err);
    return file_copy_range(bytes->fd, offset, n, to, err);
}

void object_bytes_close(ObjectBytes *bytes)
{
    if (bytes->fd >= 0) file_close(bytes->fd);
    bytes->fd = -1;
}
