/* objects_upload.h - a body on its way in: decoded, checked, digested; in memory or in a staging file. */
#pragma once
#include "store/objects.h"
#include "sys/net.h"
#include "wire/body.h"
#include "wire/formdata.h"

/*     Upload *u = upload_open(objects, &spec);            main thread: numbers it, touches no file
 *     conn_pump(conn, upload_feed, u);                    pool: the front hands over the socket ...
 *     upload_feed(u, bytes, &consumed);                   ... or feeds what it collected itself
 * (any thread, one at a time) if (!upload_ended(u, &got, err)) ...                main thread,
 * after PUMP_DONE or PUMP_FAILED upload_body(u, ...); object_put(...) / part_put(...)    in the
 * event: a row names the bytes upload_close(u, committed);                         after the commit
 * (or its failure), always exactly once
 *
 * Up to OBJECT_INLINE_BYTES_MAX decoded bytes stay in memory, and no file is touched; from the
 * first byte more they go to `staging/<id>`. When upload_feed says PUMP_DONE such a file has been
 * fdatasync'ed and its folder fsync'ed: whatever is then committed about it is durable. A crash
 * before the commit leaves a staging file that no row names: start-up removes it. */
typedef struct Upload Upload;

/* *spec is copied; its key is borrowed as body_open does. NULL: no framing, upload_put only (bytes
 * of our own). */
Upload *upload_open(Objects *o, const BodySpec *spec);
/* The same for a browser's form (wire/formdata.h): of its bytes only the file's become the object.
 * NULL: the type names no boundary. */
Upload *upload_open_form(Objects *o, const BodySpec *spec, Str content_type);
/* Its fields, after the end; NULL: it is no form. */
const FormData *upload_form(const Upload *u);
/* A PumpFn. PUMP_DONE: the body is complete, every digest agreed, the bytes are safe. PUMP_FAILED:
 * upload_ended tells. */
PumpResult upload_feed(void *upload, Str bytes, int64_t *consumed);

/* Without framing, for the program's own objects (logs, results); a pool thread where it is long.
 * upload_seal ends it. */
must_use bool upload_put(Upload *u, Str bytes, Error *err);
must_use bool upload_put_file(Upload *u, int fd, int64_t offset, int64_t n,
                              Error *err); /* reads `fd`, digests, appends */
/* All of a new object's bytes as they are in another's file, without reading them (reflinked where
 * that is possible); sealed. Its digests are the other's: upload_ended's are not set. */
must_use bool upload_clone_file(Upload *u, int fd, int64_t n, Error *err);
void upload_set_checksum(Upload *u,
                         DigestAlgorithm algorithm); /* before the first byte; else CRC64NVME */
must_use bool upload_seal(Upload *u, Error *err);

typedef struct UploadBytes {
    int64_t id;   /* of staging/<id>; becomes the object's id */
    int64_t size; /* decoded */
    bool in_memory;
    Str bytes;              /* in_memory: all of them, valid until upload_close */
    DigestValue md5;        /* always */
    DigestValue checksum;   /* the declared one, else CRC64NVME */
    bool checksum_declared; /* the client named the algorithm */
} UploadBytes;
/* ERR_S3_INCOMPLETE_BODY when the peer went away before the end. *out borrows from the upload. */
must_use bool upload_ended(const Upload *u, UploadBytes *out, Error *err);
/* The same as what an object can be made of. */
must_use bool upload_body(const Upload *u, Arena *a, ObjectBody *out, Error *err);

/* kept: the event that put it has been committed. Else the bytes are thrown away (a later settling
 * removes the file). */
void upload_close(Upload *u, bool kept);
