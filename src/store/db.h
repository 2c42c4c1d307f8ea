/* db.h - the one SQLite connection: statements, lazily opened transactions, a savepoint per event, sticky errors. */
#pragma once
#include "base/error.h"
#include "base/str.h"

/* state.db is where truth lives: WAL, synchronous=FULL, locking_mode=EXCLUSIVE; nobody else writes
 * or checkpoints it.
 *
 * A turn of the loop is one transaction, an event a savepoint in it. Both are opened by the first
 * write, so a turn that only reads costs nothing:
 *
 *     db_event_begin(db);
 *     ... db_run / db_rows ...
 *     bool kept = db_event_end(db, succeeded, err);   // false: everything the event wrote is
 * undone
 *     ...
 *     if (!db_commit(db, err)) ...                    // one fsync for all events
 *
 * Errors of SQLite are sticky: after one, writes do nothing and reads are empty, until db_event_end
 * reports and clears it. So the functions of store/ need no error paths of their own.
 *
 * Only files in store/ include this header's statements part. */
typedef struct Db Db;

/* vfs: NULL for the file system; the simulator passes its own. ERR_IO with SQLite's words when it
 * cannot. */
/* ERR_IO also when its tables are those of another version of the program: it is left as it is. */
must_use bool db_open(Db **out, const char *path, const char *vfs, Error *err);
void db_close(Db *db);

void db_event_begin(Db *db);
/* keep false, or an SQLite error since db_event_begin: rolls back to before the event and returns
 * false (with *err set only for the SQLite error: ERR_DISK_FULL or ERR_IO). */
must_use bool db_event_end(Db *db, bool keep, Error *err);
/* A part of an event that can be undone alone; one may lie in another. false: what was written
 * since db_part_begin is undone, or the database failed, and db_event_end will undo the event. */
void db_part_begin(Db *db);
bool db_part_end(Db *db, bool keep);
/* Makes the turn durable. false: nothing of the turn happened. ERR_DISK_FULL can be lived with;
 * after ERR_IO what is on the disk is unknown and the process must end (it will find out at
 * start-up). */
must_use bool db_commit(Db *db, Error *err);
bool db_dirty(const Db *db); /* this turn has written something */
/* Between turns: what is committed lies in a log, and is brought to its place in the file when
 * nothing else is to be done, or when the log has become too long. */
bool db_wants_leisure(const Db *db);
void db_leisure(Db *db);
/* Reads have been empty since an error: what they did not find may be there. Whoever insists on a
 * row returns without it; db_event_end undoes the rest. */
bool db_failed(const Db *db);
void db_why(const Db *db, Error *out); /* what db_failed means */

/* ---- statements: for store/ only ---- */
typedef struct DbValue {
    enum { DB_NULL_VALUE, DB_INT_VALUE, DB_TEXT_VALUE, DB_BLOB_VALUE, DB_SQL_VALUE } kind;
    int64_t i;
    Str s;
} DbValue;
/* The statement comes first; it must be a literal: prepared statements are kept by its address. */
#define SQL(literal)                                                                               \
    {                                                                                              \
        .kind = DB_SQL_VALUE, .s = { "" literal, sizeof(literal) - 1 }                             \
    }
#define DB_INT(x)                                                                                  \
    {                                                                                              \
        .kind = DB_INT_VALUE, .i = (x)                                                             \
    }
#define DB_TEXT(x)                                                                                 \
    {                                                                                              \
        .kind = DB_TEXT_VALUE, .s = (x)                                                            \
    } /* absent Str: NULL */
#define DB_BLOB(x)                                                                                 \
    {                                                                                              \
        .kind = DB_BLOB_VALUE, .s = (x)                                                            \
    }
#define DB_NULL                                                                                    \
    {                                                                                              \
        .kind = DB_NULL_VALUE                                                                      \
    }

/* db_run(db, SQL("UPDATE t SET a = ?1 WHERE b = ?2"), DB_INT(1), DB_TEXT(name)); returns rows
 * changed. */
#define db_run(db, ...)                                                                            \
    db_run_(db, (const DbValue[]){__VA_ARGS__},                                                    \
            (int)(sizeof((const DbValue[]){__VA_ARGS__}) / sizeof(DbValue)))
int64_t db_run_(Db *db, const DbValue *values, int n);
int64_t db_last_id(const Db *db); /* rowid of the last INSERT */

/* cleanup(rows_end) Rows r = db_rows(db, SQL("SELECT a, b FROM t WHERE c = ?1"), DB_TEXT(c));
 * while (rows_next(&r)) use(rows_int(&r, 0), rows_text(&r, 1, a)); */
typedef struct Rows {
    Db *db;
    struct sqlite3_stmt *stmt;
} Rows;
#define db_rows(db, ...)                                                                           \
    db_rows_(db, (const DbValue[]){__VA_ARGS__},                                                   \
             (int)(sizeof((const DbValue[]){__VA_ARGS__}) / sizeof(DbValue)))
Rows db_rows_(Db *db, const DbValue *values, int n);
bool rows_next(Rows *r);
void rows_end(Rows *r);
int64_t rows_int(const Rows *r, int column); /* NULL: 0 */
bool rows_null(const Rows *r, int column);
Str rows_text(const Rows *r, int column, Arena *a); /* copy; NULL: {NULL, 0} */
Str rows_peek(const Rows *r, int column);           /* borrowed until rows_next or rows_end */

/* Each file of store/ declares its tables in one string, listed in schema.c: CREATE TABLE IF NOT
 * EXISTS, STRICT. */
extern const char *const db_schemas[];
