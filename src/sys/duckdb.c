/* duckdb.c - DuckDB's C API by dlopen: one query, its rows streamed as text. https://duckdb.org/docs/stable/clients/c/overview */
#include "sys/duckdb.h"

#include <dlfcn.h>

#include "base/str.h"
#include "sys/file.h"

enum { DUCKDB_OK = 0, OUT_BYTES = 256 * 1024, TEXT_INLINE_MAX = 12 };

/* As the C API has them: opaque pointers, and the one structure that goes by value. */
typedef void *Database, *Connection, *Statement, *Pending, *DataChunk, *Vector;
typedef struct Result {
    uint64_t column_count, row_count, rows_changed;
    void *columns;
    char *error;
    void *internal;
} Result;
/* A text of at most TEXT_INLINE_MAX bytes is in place; of a longer one four bytes are, and then
 * where it is. */
typedef struct Text {
    uint32_t n;
    char bytes[TEXT_INLINE_MAX];
} Text;
_Static_assert(sizeof(Text) == 16 && TEXT_INLINE_MAX - 4 == sizeof(char *), "duckdb_string_t");

typedef struct Duck {
    void *library;
    int (*open)(const char *path, Database *out);
    void (*close)(Database *db);
    int (*connect)(Database db, Connection *out);
    void (*disconnect)(Connection *connection);
    int (*query)(Connection connection, const char *sql, Result *out);
    const char *(*result_error)(Result *result);
    void (*destroy_result)(Result *result);
    int (*prepare)(Connection connection, const char *sql, Statement *out);
    const char *(*prepare_error)(Statement statement);
    void (*destroy_prepare)(Statement *statement);
    int (*pending_streaming)(Statement statement, Pending *out);
    const char *(*pending_error)(Pending pending);
    void (*destroy_pending)(Pending *pending);
    int (*execute_pending)(Pending pending, Result *out);
    DataChunk (*fetch_chunk)(Result result);
    void (*destroy_data_chunk)(DataChunk *chunk);
    uint64_t (*data_chunk_get_size)(DataChunk chunk);
    Vector (*data_chunk_get_vector)(DataChunk chunk, uint64_t column);
    void *(*vector_get_data)(Vector vector);
    Database db;
    Connection connection;
} Duck;

static bool load(Duck *d, const char *library, Error *err)
{
    const struct {
        const char *name;
        void *at;
    } names[] = {
        {"duckdb_open", &d->open},
        {"duckdb_close", &d->close},
        {"duckdb_connect", &d->connect},
        {"duckdb_disconnect", &d->disconnect},
        {"duckdb_query", &d->query},
        {"duckdb_result_error", &d->result_error},
        {"duckdb_destroy_result", &d->destroy_result},
        {"duckdb_prepare", &d->prepare},
        {"duckdb_prepare_error", &d->prepare_error},
        {"duckdb_destroy_prepare", &d->destroy_prepare},
        {"duckdb_pending_prepared_streaming", &d->pending_streaming},
        {"duckdb_pending_error", &d->pending_error},
        {"duckdb_destroy_pending", &d->destroy_pending},
        {"duckdb_execute_pending", &d->execute_pending},
        {"duckdb_fetch_chunk", &d->fetch_chunk},
        {"duckdb_destroy_data_chunk", &d->destroy_data_chunk},
        {"duckdb_data_chunk_get_size", &d->data_chunk_get_size},
        {"duckdb_data_chunk_get_vector", &d->data_chunk_get_vector},
        {"duckdb_vector_get_data", &d->vector_get_data},
    };
    d->library = dlopen("libduckdb.so", RTLD_NOW | RTLD_LOCAL);
    if (!d->library) d->library = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    if (!d->library)
        return error_set(err, ERR_VALIDATION,
                         "DuckDB's library is not there (tools/setup analytics brings it): %s",
                         dlerror());
    for (int i = 0; i < countof(names); i++) {
        void *found = dlsym(d->library, names[i].name);
        if (!found)
            return error_set(err, ERR_VALIDATION, "DuckDB's library has no %s", names[i].name);
        memcpy(names[i].at, &found, sizeof found);
    }
    return true;
}

static bool wrong(Error *err, const char *why)
{
    return error_set(err, ERR_VALIDATION, "%s", why ? why : "DuckDB does not say why");
}

static bool run(Duck *d, const char *sql, Error *err)
{
    Result result = {0};
    bool good =
        d->query(d->connection, sql, &result) == DUCKDB_OK || wrong(err, d->result_error(&result));
    d->destroy_result(&result);
    return good;
}

/* The file, by the name of its descriptor, is all it may open, now and later. */
static bool open_confined(Duck *d, const char *path, Error *err)
{
    char allow[128];
    snprintf(allow, sizeof allow, "SET allowed_paths = ['%s']", path);
    const char *const settings[] = {
        "SET threads = 1",
        "SET memory_limit = '1GB'",
        "SET temp_directory = ''",
        "SET autoinstall_known_extensions = false",
        "SET autoload_known_extensions = false",
        allow,
        "SET enable_external_access = false",
        "SET lock_configuration = true",
    };
    if (d->open(NULL, &d->db) != DUCKDB_OK || d->connect(d->db, &d->connection) != DUCKDB_OK)
        return wrong(err, "DuckDB does not open");
    for (int i = 0; i < countof(settings); i++)
        if (!run(d, settings[i], err)) return false;
    return true;
}

static Str text_of(const Text *t)
{
    const char *p = t->bytes;
    if (t->n > TEXT_INLINE_MAX) memcpy(&p, t->bytes + 4, sizeof p);
    return (Str){p, t->n};
}

static bool put_chunk(Duck *d, DataChunk chunk, Buf *out, int to, Error *err)
{
    uint64_t n = d->data_chunk_get_size(chunk);
    const Text *rows = d->vector_get_data(d->data_chunk_get_vector(chunk, 0));
    for (uint64_t i = 0; i < n; i++) {
        buf_put(out, text_of(&rows[i]));
        buf_putc(out, '\n');
        if (out->n < OUT_BYTES) continue;
        if (!file_write(to, buf_str(out), err)) return false;
        out->n = 0;
    }
    return true;
}

static bool put_rows(Duck *d, Result *result, int to, Error *err)
{
    Arena a = {0};
    Buf out = {.a = &a};
    bool good = true;
    for (DataChunk chunk; good && (chunk = d->fetch_chunk(*result));) {
        bool last = d->data_chunk_get_size(chunk) == 0;
        good = put_chunk(d, chunk, &out, to, err);
        d->destroy_data_chunk(&chunk);
        if (last) break;
    }
    const char *why = d->result_error(result);
    if (good && why && *why) good = wrong(err, why);
    good = good && file_write(to, buf_str(&out), err);
    arena_free(&a);
    return good;
}

static bool stream(Duck *d, const char *sql, int to, Error *err)
{
    Statement statement = NULL;
    Pending pending = NULL;
    Result result = {0};
    bool good = d->prepare(d->connection, sql, &statement) == DUCKDB_OK ||
                wrong(err, d->prepare_error(statement));
    good = good && (d->pending_streaming(statement, &pending) == DUCKDB_OK ||
                    wrong(err, d->pending_error(pending)));
    good = good && (d->execute_pending(pending, &result) == DUCKDB_OK ||
                    wrong(err, d->pending_error(pending)));
    good = good && put_rows(d, &result, to, err);
    if (result.internal) d->destroy_result(&result);
    if (pending) d->destroy_pending(&pending);
    if (statement) d->destroy_prepare(&statement);
    return good;
}

bool duckdb_parquet_to_lines(const char *library, const char *limit, int in, int out, Error *err)
{
    Duck d = {0};
    char path[64], sql[256];
    int64_t rows;
    if (!str_to_int(str_from(limit), &rows) || rows < 0) return wrong(err, "the limit is none");
    snprintf(path, sizeof path, "/proc/self/fd/%d", in);
    snprintf(sql, sizeof sql,
             "SELECT CAST(to_json(r) AS VARCHAR) FROM read_parquet('%s') r LIMIT %" PRId64, path,
             rows);
    bool good = load(&d, library, err) && open_confined(&d, path, err) && stream(&d, sql, out, err);
    if (d.connection) d.disconnect(&d.connection);
    if (d.db) d.close(&d.db);
    return good;
}
