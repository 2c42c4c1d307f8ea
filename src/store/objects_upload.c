/* objects_upload.c - a body on its way in: small in memory, large in a staging file. */
#include "store/objects_upload.h"

#include "store/objects_inside.h"
#include "store/objects_path.h"
#include "wire/body.h"

enum { UPLOAD_COPY_BYTES = 256 * 1024 };

/* After upload_open only one thread at a time touches it, and of `objects` only the folder. */
struct Upload {
    Objects *objects;
    Arena arena;
    int64_t id, size;
    Buf memory; /* while the body fits into it */
    int fd;     /* of the staging file, or -1 */
    bool spilled, sealed, failed;
    Error error;
    bool framed;
    FormData *form;       /* framed; NULL: the body is the object */
    Body body;            /* framed */
    Digest md5, checksum; /* not framed */
    DigestValue md5_value, checksum_value;
};

Upload *upload_open(Objects *o, const BodySpec *spec)
{
    Upload *u = calloc(1, sizeof *u);
    check(u);
    u->objects = o;
    u->id = object_new_id(o);
    u->fd = -1;
    u->memory.a = &u->arena;
    u->framed = spec != NULL;
    if (spec) {
        body_open(&u->body, spec);
    } else {
        digest_open(&u->md5, DIGEST_MD5);
        digest_open(&u->checksum, DIGEST_CRC64NVME);
    }
    return u;
}

Upload *upload_open_form(Objects *o, const BodySpec *spec, Str content_type)
{
    FormData *form = malloc(sizeof *form);
    check(form);
    if (!formdata_open(form, content_type)) return free(form), NULL;
    Upload *u = upload_open(o, spec);
    u->form = form;
    digest_open(&u->md5, DIGEST_MD5);
    digest_open(&u->checksum, DIGEST_CRC64NVME);
    return u;
}

const FormData *upload_form(const Upload *u)
{
    return u->form;
}

/* ---- bytes ---- */

static bool spill(Upload *u, Error *err)
{
    if (!file_open(u->objects->folder, staging_path(&u->arena, u->id), FILE_CREATE, &u->fd, err))
        return false;
    u->spilled = true;
    return file_write(u->fd, buf_str(&u->memory), err);
}

static bool append(Upload *u, Str bytes, Error *err)
{
    u->size += bytes.n;
    if (!u->spilled && u->size <= OBJECT_INLINE_BYTES_MAX) return buf_put(&u->memory, bytes), true;
    if (!u->spilled && !spill(u, err)) return false;
    return file_write(u->fd, bytes, err);
}

/* The bytes first, then the name under which they will be found. */
static bool make_durable(Upload *u, Error *err)
{
    if (!u->spilled) return true;
    if (!file_sync(u->fd, err)) return false;
    file_close(u->fd);
    u->fd = -1;
    return folder_sync(u->objects->folder, S("staging"), err);
}

static bool fail(Upload *u)
{
    u->failed = true;
    return false;
}

static bool seal(Upload *u)
{
    if (!make_durable(u, &u->error)) return fail(u);
    u->sealed = true;
    return true;
}

static bool form_sink(void *arg, Str bytes, Error *err)
{
    Upload *u = arg;
    digest_add(&u->md5, bytes);
    digest_add(&u->checksum, bytes);
    return append(u, bytes, err);
}

static bool take(Upload *u, Str data)
{
    return u->form ? formdata_feed(u->form, data, form_sink, u, &u->error)
                   : append(u, data, &u->error);
}

static bool take_digests(Upload *u)
{
    u->md5_value = u->form ? digest_value(&u->md5) : u->body.md5;
    u->checksum_value = u->form ? digest_value(&u->checksum) : u->body.checksum;
    return !u->form || formdata_end(u->form, &u->error) || fail(u);
}

PumpResult upload_feed(void *upload, Str bytes, int64_t *consumed)
{
    Upload *u = upload;
    Str in = bytes, data;
    BodyGot got = BODY_ERROR;
    check(u->framed);
    while (!u->failed && (got = body_next(&u->body, &in, &data, &u->error)) == BODY_DATA)
        if (!take(u, data)) fail(u);
    *consumed = bytes.n - in.n;
    if (u->failed || got == BODY_ERROR) return fail(u), PUMP_FAILED;
    if (got == BODY_MORE) return PUMP_MORE;
    return take_digests(u) && seal(u) ? PUMP_DONE : PUMP_FAILED;
}

bool upload_put(Upload *u, Str bytes, Error *err)
{
    check(!u->framed && !u->sealed);
    digest_add(&u->md5, bytes);
    digest_add(&u->checksum, bytes);
    if (append(u, bytes, &u->error)) return true;
    *err = u->error;
    return fail(u);
}

bool upload_put_file(Upload *u, int fd, int64_t offset, int64_t n, Error *err)
{
    char *chunk = malloc(UPLOAD_COPY_BYTES);
    check(chunk);
    bool good = true;
    for (int64_t got = 1; good && n > 0; offset += got, n -= got) {
        int64_t want = n < UPLOAD_COPY_BYTES ? n : UPLOAD_COPY_BYTES;
        good = file_read(fd, offset, chunk, want, &got, err);
        if (good && got < want)
            good = error_set(err, ERR_IO, "a file to be stored ended before its size");
        good = good && upload_put(u, (Str){chunk, got}, err);
    }
    free(chunk);
    return good;
}

bool upload_clone_file(Upload *u, int fd, int64_t n, Error *err)
{
    check(!u->framed && !u->sealed && u->size == 0);
    u->size = n;
    if (spill(u, &u->error) && file_copy_range(fd, 0, n, u->fd, &u->error) && seal(u)) return true;
    *err = u->error;
    return fail(u);
}

void upload_set_checksum(Upload *u, DigestAlgorithm algorithm)
{
    check(!u->framed && u->size == 0);
    digest_close(&u->checksum);
    digest_open(&u->checksum, algorithm);
}

bool upload_seal(Upload *u, Error *err)
{
    check(!u->framed && !u->sealed);
    if (u->failed || !seal(u)) return *err = u->error, false;
    u->md5_value = digest_value(&u->md5);
    u->checksum_value = digest_value(&u->checksum);
    return true;
}

/* ---- results ---- */

bool upload_ended(const Upload *u, UploadBytes *out, Error *err)
{
    if (u->failed) return *err = u->error, false;
    if (!u->sealed)
        return error_set(
            err, ERR_S3_INCOMPLETE_BODY,
            "You did not provide the number of bytes specified by the Content-Length HTTP header");
    *out = (UploadBytes){
        .id = u->id,
        .size = u->size,
        .in_memory = !u->spilled,
        .bytes = u->spilled ? (Str){0} : buf_str(&u->memory),
        .md5 = u->md5_value,
        .checksum = u->checksum_value,
        .checksum_declared = u->framed && u->body.spec.checksum != DIGEST_NONE,
    };
    return true;
}

bool upload_body(const Upload *u, Arena *a, ObjectBody *out, Error *err)
{
    UploadBytes got;
    if (!upload_ended(u, &got, err)) return false;
    *out = (ObjectBody){
        .id = got.id,
        .size = got.size,
        .place = got.in_memory ? PLACE_INLINE : PLACE_STAGED,
        .bytes = got.bytes,
        .etag = digest_hex(a, &got.md5),
        .checksum = str_printf(a, "%.*s FULL_OBJECT %.*s", STR(digest_name(got.checksum.algorithm)),
                               STR(digest_text(a, &got.checksum))),
    };
    return true;
}

void upload_close(Upload *u, bool kept)
{
    if (u->fd >= 0) file_close(u->fd);
    if (u->spilled && !kept) doom(u->objects, u->id);
    if (u->framed) body_close(&u->body);
    digest_close(&u->md5);
    digest_close(&u->checksum);
    if (u->form) formdata_close(u->form);
    free(u->form);
    arena_free(&u->arena);
    free(u);
}
