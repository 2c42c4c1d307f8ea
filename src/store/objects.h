/* objects.h - the object store: rows in state.db are the truth, plain files under objects/ hold the bytes. */
#pragma once
#include "base/json.h"
#include "store/db.h"
#include "sys/file.h"
#include "wire/digest.h"

/* Where the bytes of an object are (`place` of its row), and how they move there:
 *
 *     INLINE   in table inline_body: small ones (<= 32 KiB) ride in the turn's transaction and
 * share its fsync STAGED   in `staging/<id>`, fsync'ed with its folder before the row was written
 *     FILE     in the file its row's `path` says:
 *                PATH_PLAIN    objects/<bucket>/<key>                        for people to look at
 *                PATH_ESCAPED  objects/<bucket>/.mayfly/<sha256 of the key>  keys that no file name
 * can be, `foo` beside `foo/bar` PATH_BY_ID    objects/<bucket>/.mayfly/<id> buckets that have ever
 * had versioning `path` is decided when the key appears and kept as long as the key exists.
 *
 * The settler (objects_settle.h) turns INLINE and STAGED into FILE, a batch at a time, never two
 * batches at once:
 *   1. event: picks garbage and unsettled rows;  2. pool: unlinks the garbage, writes inline bodies
 * to staging files and fsyncs them, renames over the path, fsyncs the folders;  3. event: place =
 * FILE where the row still has that id.
 *
 * What a crash leaves, at each point (ids are never used twice, nor in another life of the
 * process): while a body comes in        staging/<id> without a row: removed at start-up. The
 * client has no answer. after the commit             INLINE or STAGED row: the object exists and is
 * whole; settled after start-up. between 2. and 3.            the row says STAGED, the file may
 * already lie at `path`: object_bytes looks there second. Nobody else's bytes can be there: only
 * the settler renames, and a newer row would have a newer id and its own staging file. Settling
 * again does no harm: no staging file, no rename. overwritten or deleted       the old bytes' name
 * is written to `garbage` in the same transaction; unlinking happens in a meanwhile later batch,
 * before its renames, and not when the key lives again at the same path. disk full in a staging
 * file: the client gets the error, the file is removed. In a commit: nothing of the turn happened.
 * In settling: the row stays as it is, and is tried again later.
 *
 * Main thread only, inside an event (but object_bytes_copy). Errors are S3's. */
enum {
    OBJECT_INLINE_BYTES_MAX = 32 * 1024,
    OBJECT_KEY_BYTES_MAX = 1024,
    OBJECT_VERSION_BYTES = 32,
};
#define OBJECT_BYTES_MAX ((int64_t)5 << 40) /* 5 TiB; one PUT or part: 5 GiB */

typedef struct Objects Objects;

/* Makes `objects/` and `staging/` below `data`. */
must_use bool objects_open(Db *db, Folder *data, Objects **out, Error *err);
/* Once after opening, inside an event: takes a fresh range of ids, removes staging files that no
 * row names. */
must_use bool objects_recover(Objects *o, Error *err);
void objects_close(Objects *o);
int64_t object_new_id(Objects *o); /* of a staging file, a version, an upload */

typedef enum ObjectPlace { PLACE_INLINE, PLACE_STAGED, PLACE_FILE } ObjectPlace;
typedef enum ObjectPath { PATH_PLAIN, PATH_ESCAPED, PATH_BY_ID } ObjectPath;

typedef enum Versioning { VERSIONING_NEVER, VERSIONING_ENABLED, VERSIONING_SUSPENDED } Versioning;

/* One version of one key. */
typedef struct Object {
    int64_t bucket_id, id, size;
    Str bucket, key;
    int64_t seq;           /* versions of a key, newest last */
    Str version;           /* "null" unless the bucket has versioning */
    Versioning versioning; /* of the bucket, now */
    bool delete_marker;
    Millis modified;
    Str etag;          /* without the quotes */
    Str checksum;      /* "CRC32 FULL_OBJECT AAAAAA==" */
    Str storage_class; /* absent: STANDARD */
    Json facts;        /* as GetObject calls it: ContentType, .., Metadata {}, and Tags [] */
    ObjectPlace place;
    ObjectPath path;
} Object;

/* The object, or ERR_S3_NO_SUCH_BUCKET, ERR_S3_NO_SUCH_KEY, ERR_S3_NO_SUCH_VERSION. `version`
 * absent: the current one. */
must_use bool object_find(Objects *o, Str bucket, Str key, Str version, Arena *a, Object *out,
                          Error *err);

/* Could be the id of a version, of ours or of another store's. */
bool version_name_ok(Str name);

/* Of a key that has no current object: the version of the delete marker that hides it; absent: none
 * does. */
Str object_marker(Objects *o, Str bucket, Str key, Arena *a);

/* The bytes at hand: in memory, or an open file of the caller's that stays readable whatever
 * happens to the object. */
typedef struct ObjectBytes {
    int fd; /* -1: in `bytes` */
    Str bytes;
} ObjectBytes;
must_use bool object_bytes(Objects *o, const Object *object, Arena *a, ObjectBytes *out,
                           Error *err);
/* Any thread: appends a part of them to an open file. */
must_use bool object_bytes_copy(ObjectBytes *bytes, int64_t offset, int64_t n, int to, Error *err);
void object_bytes_close(ObjectBytes *bytes);

/* Bytes that are safe already, or ride in this transaction: what a new object is made of. */
typedef struct ObjectBody {
    int64_t id, size;  /* of object_new_id */
    ObjectPlace place; /* PLACE_INLINE: `bytes`; PLACE_STAGED: staging/<id>, durable */
    Str bytes;
    Str etag, checksum; /* as in Object */
} ObjectBody;

/* What it is besides its bytes; zero-initialised is fine. */
typedef struct ObjectNew {
    Json facts;
    Str storage_class;
    Str if_match,
        if_none_match; /* of the current object: ETag or "*"; ERR_S3_PRECONDITION_FAILED */
} ObjectNew;

/* `wanted`: "*", or ETags as If-Match has them, quoted or not, separated by commas. */
bool etag_matches(Str wanted, Str etag);
/* The conditions of a write; object_put and object_delete ask this themselves. */
must_use bool object_may_be_written(const Object *current, bool found, Str if_match,
                                    Str if_none_match, Error *err);

/* Makes the body the current object of the key. *out: what was written. */
must_use bool object_put(Objects *o, Str bucket, Str key, const ObjectBody *body,
                         const ObjectNew *what, Millis now, Arena *a, Object *out, Error *err);
/* The program's own small objects (<= OBJECT_INLINE_BYTES_MAX), in one call. */
must_use bool object_put_bytes(Objects *o, Str bucket, Str key, Str bytes, Str content_type,
                               Millis now, Error *err);
void object_set_facts(Objects *o, const Object *object, const Json *facts); /* tags, in place */

/* Absent keys and deleted ones are no error (S3). With versioning a delete marker appears: *out
 * tells. */
typedef struct ObjectGone {
    bool existed, marker; /* marker: one was made, or the version removed was one */
    Str version; /* of the marker made, or of the version removed; absent without versioning */
} ObjectGone;
must_use bool object_delete(Objects *o, Str bucket, Str key, Str version, Str if_match, Millis now,
                            Arena *a, ObjectGone *out, Error *err);

#include "store/objects_upload.h"
