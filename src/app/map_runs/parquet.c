/* parquet.c - Parquet read by a worker process: its rows as JSON Lines in a file without a name. */
#include "app/map_runs/reading.h"
#include "sys/worker.h"

static Str beside(Reading *r, Arena *a, const char *what)
{
    return str_printf(a, "map-runs/%" PRId64 ".%s", r->run, what);
}

/* The file can be read as long as it is open. */
static bool open_and_unlink(Reading *r, Str path, int *fd, Error *err)
{
    if (!file_open(r->data, path, FILE_READ, fd, err)) return false;
    if (file_remove(r->data, path, err)) return true;
    file_close(*fd);
    return false;
}

/* Small objects are in memory; the worker wants a file. */
static bool spill(Reading *r, Arena *a, Error *err)
{
    int fd;
    Str path = beside(r, a, "parquet");
    if (r->bytes.fd >= 0) return true;
    if (!file_open(r->data, path, FILE_REPLACE, &fd, err)) return false;
    bool good = file_write(fd, r->bytes.bytes, err);
    file_close(fd);
    return good && open_and_unlink(r, path, &r->bytes.fd, err);
}

/* The last eight bytes: the footer's length, little-endian, and the magic. */
static bool check_footer(Reading *r, Error *err)
{
    unsigned char end[8];
    int64_t got = 0;
    if (r->size < 12 || !file_read(r->bytes.fd, r->size - 8, (char *)end, 8, &got, err) ||
        got < 8 || memcmp(end + 4, "PAR1", 4) != 0)
        return error_set(err, ERR_VALIDATION, "The object %.*s is no Parquet file",
                         STR(r->object.key));
    int64_t footer = end[0] | end[1] << 8 | end[2] << 16 | (int64_t)end[3] << 24;
    return footer <= READING_PARQUET_FOOTER_BYTES_MAX ||
           error_set(err, ERR_VALIDATION, "The footer of the Parquet file %.*s exceeds 5 MB",
                     STR(r->object.key));
}

static bool read_rows(Reading *r, Arena *a, Error *err)
{
    int rows;
    Str path = beside(r, a, "rows");
    Str most = str_printf(a, "%" PRId64, r->set.items_max - r->items);
    const char *arguments[] = {"parquet", str_z(a, r->library), str_z(a, most), NULL};
    if (!file_open(r->data, path, FILE_REPLACE, &rows, err)) return false;
    bool good = worker_run(arguments, r->bytes.fd, rows, err);
    file_close(rows);
    if (!good) return false;
    file_close(r->bytes.fd);
    r->bytes.fd = -1;
    r->offset = 0;
    return open_and_unlink(r, path, &r->bytes.fd, err) && file_size(r->bytes.fd, &r->size, err);
}

bool reading_unpack_parquet(Reading *r, Error *err)
{
    Arena a = {0};
    r->set.config.format = READER_JSONL;
    bool good = spill(r, &a, err) && check_footer(r, err) && read_rows(r, &a, err);
    arena_free(&a);
    return good;
}
