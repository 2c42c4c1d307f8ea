/* reading.c - what the pool does for a Map Run's items: objects through their readers into lines of a file. */
#include "app/map_runs/reading.h"

enum {
    PIECE_BYTES = 16 * 1024 * 1024, /* of lines, in one job: others have their turns */
    WRITE_BYTES = 256 * 1024,
    PACKED_BYTES = 64 * 1024,
};

/* ---- bytes of the object ---- */

static int64_t read_plain(Reading *r, char *to, int64_t n, Error *err)
{
    int64_t got = 0, left = r->size - r->offset;
    if (n > left) n = left;
    if (n == 0) return 0;
    if (r->bytes.fd < 0) {
        memcpy(to, r->bytes.bytes.p + r->offset, (size_t)n);
        got = n;
    } else if (!file_read(r->bytes.fd, r->offset, to, n, &got, err)) {
        return -1;
    }
    r->offset += got;
    return got;
}

static bool unpack(Reading *r, char *to, int64_t n, int64_t *got)
{
    return r->gunzip ? gunzip_next(r->gunzip, &r->packed, to, n, got)
                     : unzstd_next(r->unzstd, &r->packed, to, n, got);
}

static bool is_whole(const Reading *r)
{
    return r->gunzip ? gunzip_whole(r->gunzip) : unzstd_whole(r->unzstd);
}

static int64_t read_packed(Reading *r, char *to, int64_t n, Error *err)
{
    for (int64_t got;;) {
        if (!unpack(r, to, n, &got)) break;
        if (got) return got;
        int64_t more = read_plain(r, r->packed_buffer, PACKED_BYTES, err);
        if (more < 0) return -1;
        if (more == 0 && is_whole(r)) return 0;
        if (more == 0) break;
        r->packed = (Str){r->packed_buffer, more};
    }
    error_set(err, ERR_VALIDATION, "The object %.*s is no whole %s file", STR(r->object.key),
              r->gunzip ? "gzip" : "ZSTD");
    return -1;
}

static int64_t read_bytes(void *owner, char *to, int64_t n, Error *err)
{
    Reading *r = owner;
    return r->packed_buffer ? read_packed(r, to, n, err) : read_plain(r, to, n, err);
}

static bool open_bytes(Reading *r)
{
    DataCompression how = r->set.parquet ? DATA_PLAIN : data_set_compression(r->object.key);
    if (how == DATA_ZSTD && !unzstd_open(&r->unzstd, &r->error)) return false;
    if (how == DATA_GZIP) r->gunzip = gunzip_open();
    r->packed = (Str){0};
    if (how != DATA_PLAIN) check(r->packed_buffer = malloc(PACKED_BYTES));
    r->bytes_open = true;
    return true;
}

static void close_bytes(Reading *r)
{
    gunzip_close(r->gunzip);
    unzstd_close(r->unzstd);
    free(r->packed_buffer);
    if (r->bytes.fd >= 0) file_close(r->bytes.fd);
    reader_close(&r->reader);
    r->gunzip = NULL;
    r->unzstd = NULL;
    r->packed_buffer = NULL;
    r->bytes = (ObjectBytes){.fd = -1};
    r->bytes_open = false;
}

/* ---- the file ---- */

static bool open_out(Reading *r)
{
    Arena a = {0};
    bool good = r->out >= 0 ||
                file_open(r->data, map_runs_file(&a, r->run), FILE_REPLACE, &r->out, &r->error);
    arena_free(&a);
    return good;
}

static bool write_given(Reading *r)
{
    Json order;
    Arena a = {0};
    Buf lines = {.a = &a};
    check(json_parse(r->order, &a, &order, &r->error));
    const Json *items = json_get(&order, S("Items"));
    for (int32_t i = 0; i < json_count(items); i++)
        item_put(&lines, json_to_str(&a, &items->items[i]), (Str){0}, (Str){0});
    r->items = json_count(items);
    bool good = file_write(r->out, buf_str(&lines), &r->error);
    arena_free(&a);
    return good;
}

static bool sync_out(Reading *r)
{
    r->synced = true;
    return file_sync(r->out, &r->error) && folder_sync(r->data, S("map-runs"), &r->error);
}

/* ---- objects ---- */

static bool read_manifest(Reading *r)
{
    Buf text = {.a = &r->a};
    Error *err = &r->error;
    if (!open_bytes(r)) return false;
    for (;;) {
        int64_t got = read_bytes(r, buf_room(&text, PACKED_BYTES), PACKED_BYTES, err);
        if (got <= 0) break;
        text.n += got;
        if (text.n > DATA_SET_MANIFEST_BYTES_MAX)
            return error_set(err, ERR_VALIDATION, "The manifest is larger than 64 MB");
    }
    close_bytes(r);
    r->manifest = false;
    r->objects = (DataObjects){0};
    r->next = 0;
    r->set.version = (Str){0};
    return !err->code && data_set_manifest(&r->set, buf_str(&text), &r->a, &r->objects, err);
}

static bool begin_object(Reading *r)
{
    bool tells = r->set.kind == DATA_ATHENA || r->set.kind == DATA_FLATTENED;
    if (r->set.parquet && !reading_unpack_parquet(r, &r->error)) return false;
    if (!open_bytes(r)) return false;
    reader_open(&r->reader, &r->set.config, (ReaderSource){r, read_bytes});
    r->source = (Str){0};
    if (tells)
        r->source = str_printf(&r->reader.arena, "s3://%.*s/%.*s", STR(r->object.bucket),
                               STR(r->object.key));
    return true;
}

/* true: more of it is left. */
static bool put_some(Reading *r, Buf *lines, Arena *item_arena)
{
    ReaderItem item;
    while (r->items < r->set.items_max && lines->n < WRITE_BYTES) {
        arena_reset(item_arena);
        if (!reader_next(&r->reader, item_arena, &item, &r->error)) return false;
        item_put(lines, item.json, item.key, r->source);
        r->items++;
    }
    return r->items < r->set.items_max;
}

static bool read_object(Reading *r)
{
    Arena lines_arena = {0}, item_arena = {0};
    bool more = r->bytes_open || begin_object(r);
    for (int64_t bytes = 0; more && bytes < PIECE_BYTES;) {
        Buf lines = {.a = &lines_arena};
        more = put_some(r, &lines, &item_arena) && !r->error.code;
        more &= r->error.code || file_write(r->out, buf_str(&lines), &r->error);
        bytes += lines.n;
        arena_reset(&lines_arena);
    }
    arena_free(&lines_arena);
    arena_free(&item_arena);
    if (!more) close_bytes(r);
    return r->error.code == ERR_NONE;
}

static bool do_step(Reading *r)
{
    switch (r->step) {
    case READING_NOTHING: return true;
    case READING_GIVEN: return write_given(r);
    case READING_LINES: return file_write(r->out, r->lines, &r->error);
    case READING_MANIFEST: return read_manifest(r);
    case READING_OBJECT: return read_object(r);
    case READING_SYNC: return sync_out(r);
    }
    unreachable();
}

void reading_work(Job *job)
{
    Reading *r = (Reading *)job;
    bool good = !r->error.code && open_out(r) && do_step(r);
    check(good || r->error.code);
    r->step = READING_NOTHING;
}

void reading_free(Reading *r)
{
    close_bytes(r);
    if (r->out >= 0) file_close(r->out);
    arena_free(&r->a);
    arena_free(&r->page);
    arena_free(&r->place);
    arena_free(&r->body);
    free(r);
}
