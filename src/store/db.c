/* db.c - the one SQLite connection: prepared statements kept by address, lazy transactions, sticky errors. */
#include "store/db.h"

#include <sqlite3.h>

/* Of the tables: a greater one whenever those of an older program could not be used as they are. */
#define DB_VERSION    2
#define TEXT_OF(x)    TEXT_OF_IT(x)
#define TEXT_OF_IT(x) #x

enum {
    DB_STATEMENTS_MAX = 1024,
    DB_CHECKPOINT_PAGES = 2000,     /* in the log: they go to their places when there is leisure, */
    DB_CHECKPOINT_PAGES_MAX = 8000, /* ... or at once */
};

struct Db {
    sqlite3 *handle;
    bool in_turn, in_event, event_open; /* transaction, event, and its savepoint */
    int parts;                          /* db_part_begin, one in another */
    int log_pages;                      /* of state.db-wal, at the last commit */
    bool failed;
    Error error;
    struct {
        const char *sql;
        sqlite3_stmt *stmt;
    } statements[DB_STATEMENTS_MAX]; /* open addressing by the literal's address */
    int statements_n;
};

/* ---- errors ---- */

static void fail(Db *db, const char *doing)
{
    if (db->failed) return;
    db->failed = true;
    int code = sqlite3_errcode(db->handle) & 0xff;
    /* What is neither the disk nor its space is a mistake in a statement of ours. */
    check(code == SQLITE_FULL || code == SQLITE_IOERR || code == SQLITE_CANTOPEN ||
          code == SQLITE_NOMEM || code == SQLITE_CORRUPT || code == SQLITE_NOTADB ||
          (fprintf(stderr, "%s: %s\n", doing, sqlite3_errmsg(db->handle)), 0));
    error_set(&db->error, code == SQLITE_FULL ? ERR_DISK_FULL : ERR_IO, "state.db: %s: %s", doing,
              sqlite3_errmsg(db->handle));
}

static void plain(Db *db, const char *sql)
{
    if (!db->failed && sqlite3_exec(db->handle, sql, NULL, NULL, NULL) != SQLITE_OK) fail(db, sql);
}

/* ---- opening ---- */

/* No spilling: a full disk shows at the commit, which can be lived with, never in the middle of an
 * event. */
static const char *const settings[] = {
    "PRAGMA locking_mode = EXCLUSIVE",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA foreign_keys = ON",
    "PRAGMA cache_size = -4000",
    "PRAGMA mmap_size = 0",
    "PRAGMA cache_spill = OFF",
};

/* text_hash(t): what is kept in tables must not change. 48 bits, for a short record. */
static void text_hash(sqlite3_context *c, int n, sqlite3_value **given)
{
    (void)n;
    const char *p = (const char *)sqlite3_value_text(given[0]);
    Str text = {p ? p : "", sqlite3_value_bytes(given[0])};
    sqlite3_result_int64(c, (sqlite3_int64)(str_hash(text) >> 16));
}

/* What goes wrong is found again by the next one, or by the commit that needs the room. */
static void checkpoint(Db *db)
{
    db->log_pages = 0;
    (void)sqlite3_wal_checkpoint_v2(db->handle, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
}

static int committed(void *owner, sqlite3 *handle, const char *name, int pages)
{
    Db *db = owner;
    (void)handle, (void)name;
    db->log_pages = pages;
    if (pages >= DB_CHECKPOINT_PAGES_MAX) checkpoint(db);
    return SQLITE_OK;
}

bool db_wants_leisure(const Db *db)
{
    return db->log_pages >= DB_CHECKPOINT_PAGES;
}

void db_leisure(Db *db)
{
    check(!db->in_turn);
    if (db_wants_leisure(db)) checkpoint(db);
}

/* Of what PRAGMA or query answers with one number. */
static int64_t number_of(Db *db, const char *query)
{
    sqlite3_stmt *statement;
    int64_t n = 0;
    if (sqlite3_prepare_v2(db->handle, query, -1, &statement, NULL) != SQLITE_OK)
        return fail(db, "open"), 0;
    if (sqlite3_step(statement) == SQLITE_ROW) n = sqlite3_column_int64(statement, 0);
    if (sqlite3_finalize(statement) != SQLITE_OK) fail(db, "open");
    return n;
}

/* false: the tables are those of another version of the program. */
static bool make_tables(Db *db)
{
    int64_t tables = number_of(db, "SELECT count(*) FROM sqlite_schema");
    int64_t version = number_of(db, "PRAGMA user_version");
    if (tables && version != DB_VERSION)
        return error_set(&db->error, ERR_IO,
                         "state.db has the tables of version %" PRId64 ", this program those of "
                         "version %d: take another data folder, or the program that wrote it",
                         version, DB_VERSION);
    for (int i = 0; db_schemas[i]; i++) plain(db, db_schemas[i]);
    if (!tables) plain(db, "PRAGMA user_version = " TEXT_OF(DB_VERSION));
    return true;
}

static bool configure(Db *db)
{
    int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
    if (sqlite3_create_function_v2(db->handle, "text_hash", 1, flags, NULL, text_hash, NULL, NULL,
                                   NULL) != SQLITE_OK)
        fail(db, "open");
    for (int i = 0; i < countof(settings); i++) plain(db, settings[i]);
    sqlite3_wal_hook(db->handle, committed, db);
    plain(db, "BEGIN IMMEDIATE");
    bool ours = make_tables(db);
    plain(db, ours ? "COMMIT" : "ROLLBACK");
    return ours && !db->failed;
}

/* One thread has the database (db.h): no lock for each allocation, no statistics of them. What is
 * set up already, by an earlier call or by who opened SQLite before, stays as it is. */
static void configure_library(void)
{
    (void)sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

bool db_open(Db **out, const char *path, const char *vfs, Error *err)
{
    Db *db = calloc(1, sizeof *db);
    check(db);
    configure_library();
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(path, &db->handle, flags, vfs) != SQLITE_OK)
        error_set(err, ERR_IO, "cannot open %s: %s", path, sqlite3_errmsg(db->handle));
    else if (!configure(db))
        *err = db->error;
    else
        return *out = db, true;
    db_close(db);
    return false;
}

void db_close(Db *db)
{
    if (!db) return;
    for (int i = 0; i < DB_STATEMENTS_MAX; i++) sqlite3_finalize(db->statements[i].stmt);
    sqlite3_close(db->handle);
    free(db);
}

/* ---- turn and event ---- */

/* SQLite has rolled the whole transaction back by itself (disk full): what comes after it in this
 * turn must not be kept. */
static bool is_turn_lost(Db *db)
{
    if (!db->in_turn || !sqlite3_get_autocommit(db->handle)) return false;
    if (!db->failed)
        error_set(&db->error, ERR_DISK_FULL, "state.db: the transaction was rolled back");
    return db->failed = true;
}

/* Before the first write of a turn and of an event. */
static void open_for_writing(Db *db)
{
    if (is_turn_lost(db)) return;
    if (!db->in_turn) plain(db, "BEGIN IMMEDIATE");
    db->in_turn = !sqlite3_get_autocommit(db->handle);
    if (!db->in_event || db->event_open || db->failed) return;
    plain(db, "SAVEPOINT event");
    db->event_open = !db->failed;
}

void db_event_begin(Db *db)
{
    check(!db->in_event);
    db->in_event = true;
}

bool db_event_end(Db *db, bool keep, Error *err)
{
    check(db->in_event);
    bool failed = db->failed;
    if (failed) *err = db->error;
    db->failed = false;
    /* SQLite may have rolled the whole transaction back by itself (disk full): then there is no
     * savepoint left, and db_commit will find that the turn is lost. */
    if (db->event_open && !sqlite3_get_autocommit(db->handle)) {
        if (failed || !keep) plain(db, "ROLLBACK TO event");
        plain(db, "RELEASE event");
    }
    db->event_open = db->in_event = false;
    return keep && !failed;
}

void db_part_begin(Db *db)
{
    check(db->in_event);
    open_for_writing(db);
    db_run(db, SQL("SAVEPOINT part"));
    db->parts++;
}

bool db_part_end(Db *db, bool keep)
{
    check(db->parts > 0);
    db->parts--;
    if (db_failed(db)) return false;
    if (!keep) db_run(db, SQL("ROLLBACK TO part"));
    db_run(db, SQL("RELEASE part"));
    return keep && !db->failed;
}

bool db_commit(Db *db, Error *err)
{
    check(!db->in_event);
    if (!db->in_turn) return true;
    if (!is_turn_lost(db)) plain(db, "COMMIT");
    bool good = !db->failed;
    if (!good) *err = db->error;
    if (!good && !sqlite3_get_autocommit(db->handle))
        sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
    db->in_turn = db->failed = false;
    return good;
}

bool db_dirty(const Db *db)
{
    return db->in_turn;
}

bool db_failed(const Db *db)
{
    return db->failed || (db->in_turn && sqlite3_get_autocommit(db->handle));
}

void db_why(const Db *db, Error *out)
{
    if (db->failed)
        *out = db->error;
    else
        error_set(out, ERR_DISK_FULL, "state.db: the transaction was rolled back");
}

/* ---- statements ---- */

static sqlite3_stmt *prepare(Db *db, const char *sql, int64_t n)
{
    size_t at = ((uintptr_t)sql * 0x9e3779b97f4a7c15u) >> 54;
    while (db->statements[at].stmt && db->statements[at].sql != sql)
        at = (at + 1) % DB_STATEMENTS_MAX;
    if (db->statements[at].stmt) return db->statements[at].stmt;
    check(++db->statements_n < DB_STATEMENTS_MAX);
    sqlite3_stmt *s = NULL;
    if (sqlite3_prepare_v3(db->handle, sql, (int)n, SQLITE_PREPARE_PERSISTENT, &s, NULL) !=
        SQLITE_OK) {
        db->statements_n--;
        return fail(db, sql), NULL;
    }
    db->statements[at].sql = sql;
    db->statements[at].stmt = s;
    return s;
}

static void bind_one(sqlite3_stmt *s, int at, const DbValue *v)
{
    int code = SQLITE_OK;
    bool null = v->kind == DB_NULL_VALUE || (v->kind != DB_INT_VALUE && str_absent(v->s));
    if (null)
        code = sqlite3_bind_null(s, at);
    else if (v->kind == DB_INT_VALUE)
        code = sqlite3_bind_int64(s, at, v->i);
    else if (v->kind == DB_TEXT_VALUE)
        code =
            sqlite3_bind_text64(s, at, v->s.p, (sqlite3_uint64)v->s.n, SQLITE_STATIC, SQLITE_UTF8);
    else
        code = sqlite3_bind_blob64(s, at, v->s.p, (sqlite3_uint64)v->s.n, SQLITE_STATIC);
    check(code == SQLITE_OK);
}

static sqlite3_stmt *prepare_and_bind(Db *db, const DbValue *values, int n)
{
    check(n > 0 && values[0].kind == DB_SQL_VALUE);
    if (db->failed) return NULL;
    sqlite3_stmt *s = prepare(db, values[0].s.p, values[0].s.n);
    if (!s) return NULL;
    check(!sqlite3_stmt_busy(s)); /* the same statement inside its own loop */
    check(sqlite3_bind_parameter_count(s) == n - 1);
    for (int i = 1; i < n; i++) bind_one(s, i, &values[i]);
    if (!sqlite3_stmt_readonly(s)) open_for_writing(db);
    return db->failed ? NULL : s;
}

int64_t db_run_(Db *db, const DbValue *values, int n)
{
    sqlite3_stmt *s = prepare_and_bind(db, values, n);
    if (!s) return 0;
    int code = sqlite3_step(s);
    if (code != SQLITE_DONE && code != SQLITE_ROW) fail(db, values[0].s.p);
    int64_t changed = db->failed ? 0 : sqlite3_changes64(db->handle);
    sqlite3_reset(s);
    sqlite3_clear_bindings(s);
    return changed;
}

int64_t db_last_id(const Db *db)
{
    return sqlite3_last_insert_rowid(db->handle);
}

Rows db_rows_(Db *db, const DbValue *values, int n)
{
    return (Rows){db, prepare_and_bind(db, values, n)};
}

bool rows_next(Rows *r)
{
    if (!r->stmt) return false;
    int code = sqlite3_step(r->stmt);
    if (code == SQLITE_ROW) return true;
    if (code != SQLITE_DONE) fail(r->db, sqlite3_sql(r->stmt));
    rows_end(r);
    return false;
}

void rows_end(Rows *r)
{
    if (!r->stmt) return;
    sqlite3_reset(r->stmt);
    sqlite3_clear_bindings(r->stmt);
    r->stmt = NULL;
}

int64_t rows_int(const Rows *r, int column)
{
    return sqlite3_column_int64(r->stmt, column);
}

bool rows_null(const Rows *r, int column)
{
    return sqlite3_column_type(r->stmt, column) == SQLITE_NULL;
}

Str rows_peek(const Rows *r, int column)
{
    if (rows_null(r, column)) return (Str){0};
    const char *p = sqlite3_column_blob(r->stmt, column);
    int n = sqlite3_column_bytes(r->stmt, column);
    return (Str){p ? p : "", n};
}

Str rows_text(const Rows *r, int column, Arena *a)
{
    Str s = rows_peek(r, column);
    return str_absent(s) ? s : str_copy(a, s);
}
