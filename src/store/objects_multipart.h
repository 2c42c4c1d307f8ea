/* objects_multipart.h - multipart uploads: parts wait in staging files until they become one object. */
#pragma once
#include "store/objects_list.h"

/*     multi_create -> part_put (each part's bytes are durable before its row) -> multi_plan (event:
 * checks the list)
 *     -> multi_assemble (pool: one staging file out of the parts', durable) -> multi_complete
 * (event: object, parts, upload) A crash before multi_complete's commit leaves the upload as it
 * was. After it the upload's row stays for MULTI_REMEMBERED_MS, so that a client who lost the
 * answer and completes again gets the same one. */
enum { MULTI_PARTS_MAX = 10000, MULTI_REMEMBERED_MS = 24 * 60 * 60 * 1000 };
#define MULTI_PART_BYTES_MIN ((int64_t)5 << 20)
#define MULTI_PART_BYTES_MAX ((int64_t)5 << 30)

typedef struct Multi {
    int64_t bucket_id, id;
    Str bucket, key, name; /* name: the UploadId */
    Millis initiated;
    Json facts; /* of the object to be */
    Str storage_class;
    DigestAlgorithm checksum; /* DIGEST_NONE: none was named */
    bool full_object;         /* the checksum's type; else COMPOSITE */
    Str completed_etag;       /* absent: not completed */
    int64_t completed_seq;
} Multi;

must_use bool multi_create(Objects *o, Str bucket, Str key, const Multi *what, Millis now, Arena *a,
                           Multi *out, Error *err);
/* ERR_S3_NO_SUCH_BUCKET, ERR_S3_NO_SUCH_UPLOAD; completed ones are found only with `completed`. */
must_use bool multi_find(Objects *o, Str bucket, Str key, Str name, bool completed, Arena *a,
                         Multi *out, Error *err);
must_use bool multi_abort(Objects *o, Str bucket, Str key, Str name, Error *err);

typedef struct Part {
    int64_t number, id, size;
    Millis modified;
    Str etag, checksum; /* checksum: "CRC32 FULL_OBJECT AAAAAA==" */
    ObjectPlace place;
} Part;
typedef struct Parts {
    Part *p;
    int64_t n, cap;
    bool truncated;
} Parts;
/* Replaces an earlier part of that number. */
void part_put(Objects *o, const Multi *m, int64_t number, const ObjectBody *body, Millis now);
Parts part_list(Objects *o, const Multi *m, int64_t after, int64_t max, Arena *a);

/* Uploads in progress, by key and then age. entry.object: key, version = UploadId, modified,
 * storage_class, checksum (its algorithm and type), seq = the upload's id. q->after_seq: an
 * upload's id; of `after` only those younger are left. */
Listing multi_list(Objects *o, const ListQuery *q, Arena *a);
int64_t multi_id(Str name); /* of an UploadId; 0: none of ours */

/* One element of the client's list; etag without quotes, checksum absent when not given. */
typedef struct PartWanted {
    int64_t number;
    Str etag, checksum;
} PartWanted;

/* What the object will be made of. Owns what it points to; may be used on the pool. */
typedef struct Assembly {
    Arena arena;
    Folder *folder;
    Multi multi;
    Part *parts;
    int64_t n;
    Str last_bytes;  /* of the last part, when it is inline (only that can be) */
    ObjectBody body; /* the result: one part is taken as it is, else a new staging file */
    bool copied, failed;
    Error error;
} Assembly;

/* ERR_S3_INVALID_PART, _INVALID_PART_ORDER, _ENTITY_TOO_SMALL, _BAD_DIGEST (of a part's checksum).
 */
must_use bool multi_plan(Objects *o, const Multi *m, const PartWanted *wanted, int64_t n,
                         Assembly *out, Error *err);
void multi_assemble(Assembly *s); /* any thread; nothing to do for a single part */
/* Preconditions in `what`, whose facts and class come from the upload. *out: the object. */
must_use bool multi_complete(Objects *o, const Assembly *s, const ObjectNew *what, Millis now,
                             Arena *a, Object *out, Error *err);
void multi_forget(Objects *o, Millis now); /* completed uploads that are old */
void assembly_free(Objects *o, Assembly *s, bool kept);

/* Where the parts of an object made of some lie in it. false: it has no such part. */
must_use bool object_part(Objects *o, int64_t object_id, int64_t number, int64_t *offset,
                          int64_t *size, int64_t *parts);
Parts object_parts(Objects *o, int64_t object_id, int64_t after, int64_t max, Arena *a);
