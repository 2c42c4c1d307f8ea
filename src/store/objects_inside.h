/* objects_inside.h - what the files of the object store share among themselves, and nobody else includes. */
#pragma once
#include "store/objects.h"

struct Objects {
    Db *db;
    Folder *folder;
    int64_t next_id;
    bool unsettled;  /* a hint: there may be rows to settle or garbage to remove */
    int64_t changes; /* counts them */
    int64_t *doomed, doomed_n, doomed_cap; /* staging files of uploads that came to nothing */
};

/* Shared by tables `object` and `version`; object_load reads them from column `at` on. */
#define OBJECT_COLUMNS(t)                                                                          \
    t ".id, " t ".size, " t ".modified, " t ".etag, " t ".checksum, " t ".class, " t ".facts, " t  \
      ".place, " t ".path, " t ".seq, " t ".version"
enum { OBJECT_COLUMNS_N = 11 };
void object_load(const Rows *r, int at, Arena *a, Object *out);

/* The place that a version's id carries; 0: it is none of that key's. */
int64_t version_name_seq(Arena *a, Str name, Str key);

Json stored_json(Str text, Arena *a); /* JSON of our own writing */
bool no_such_bucket(Str name, Error *err);
/* The bucket, and the current object of the key when *found; otherwise *out is what the key's first
 * object begins from. */
must_use bool object_slot(Objects *o, Str bucket, Str key, Arena *a, Object *out, bool *found,
                          Error *err);

/* The file `staging/<id>` has no owner any more. */
void garbage_staging(Objects *o, int64_t id);
/* An object has gone: its staging file, and its file under `path` unless the key lives there again.
 */
void garbage_object(Objects *o, const Object *gone);
void garbage_folder(Objects *o, Str bucket); /* of a deleted bucket */
void doom(Objects *o, int64_t id); /* as garbage_staging, without a row: after a failure */

/* The body of a new row: inline bytes into their table. */
void body_insert(Objects *o, const ObjectBody *body);
