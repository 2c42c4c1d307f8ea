/* map_runs.c - rows of Map Runs: one a run, with its counts and how far it has come. */
#include "store/map_runs.h"

const char map_runs_schema[] =
    "CREATE TABLE IF NOT EXISTS map_run("
    " n INTEGER PRIMARY KEY AUTOINCREMENT, arn TEXT NOT NULL UNIQUE, label TEXT NOT NULL,"
    " execution INTEGER NOT NULL, parent_arn TEXT NOT NULL, flow INTEGER NOT NULL,"
    " express INTEGER NOT NULL, started INTEGER NOT NULL, frame INTEGER NOT NULL,"
    " attempt INTEGER NOT NULL, phase INTEGER NOT NULL, status INTEGER NOT NULL,"
    " concurrency INTEGER NOT NULL, tolerated_count INTEGER NOT NULL,"
    " tolerated_per_million INTEGER NOT NULL, items INTEGER NOT NULL, next_item INTEGER NOT NULL,"
    " next_child INTEGER NOT NULL, position INTEGER NOT NULL, counts TEXT NOT NULL,"
    " output_bytes INTEGER NOT NULL, redrives INTEGER NOT NULL, redriven INTEGER NOT NULL,"
    " stopped INTEGER NOT NULL, error TEXT, cause TEXT, orders TEXT NOT NULL) STRICT;"
    "CREATE INDEX IF NOT EXISTS map_run_by_execution ON map_run(execution, n);"
    "CREATE INDEX IF NOT EXISTS map_run_by_phase ON map_run(phase, n) WHERE phase <> 4;"
    "CREATE TABLE IF NOT EXISTS map_child("
    " run INTEGER NOT NULL, i INTEGER NOT NULL, execution INTEGER NOT NULL, items INTEGER NOT "
    "NULL,"
    " status INTEGER NOT NULL, PRIMARY KEY(run, i)) STRICT, WITHOUT ROWID;"
    "CREATE UNIQUE INDEX IF NOT EXISTS map_child_by_execution ON map_child(execution);"
    "CREATE INDEX IF NOT EXISTS map_child_open ON map_child(run, status, i) WHERE status IN (0, 5)";

_Static_assert(MAP_RUN_ENDED == 4 && ASL_RUNNING == 0 && MAP_CHILD_REDRIVE == 5,
               "the partial indexes name them by number");

/* The counts as one line, since nobody asks for them one by one. */
enum { COUNTS = 2 * (ASL_ABORTED + 3), COUNTS_BYTES_MAX = COUNTS * 21 };

static Str pack_counts(const MapRunRow *row, char text[COUNTS_BYTES_MAX])
{
    const MapRunCounts *parts[] = {&row->children, &row->counts};
    int n = 0;
    for (int p = 0; p < countof(parts); p++) {
        for (int i = 0; i <= ASL_ABORTED; i++)
            n +=
                snprintf(text + n, (size_t)(COUNTS_BYTES_MAX - n), "%" PRId64 " ", parts[p]->by[i]);
        n += snprintf(text + n, (size_t)(COUNTS_BYTES_MAX - n), "%" PRId64 " %" PRId64 " ",
                      parts[p]->redrive, parts[p]->written);
    }
    check(n < COUNTS_BYTES_MAX);
    return (Str){text, n};
}

static void unpack_counts(Str text, MapRunRow *row)
{
    MapRunCounts *parts[] = {&row->children, &row->counts};
    Str part;
    for (int p = 0; p < countof(parts); p++) {
        for (int i = 0; i <= ASL_ABORTED; i++)
            check(str_cut(&text, ' ', &part) && str_to_int(part, &parts[p]->by[i]));
        check(str_cut(&text, ' ', &part) && str_to_int(part, &parts[p]->redrive));
        check(str_cut(&text, ' ', &part) && str_to_int(part, &parts[p]->written));
    }
}

#define BRIEF                                                                                      \
    "n, arn, label, execution, parent_arn, flow, express, started, frame, attempt, phase, "        \
    "status, concurrency, tolerated_count, tolerated_per_million, items, next_item, next_child, "  \
    "position, counts, output_bytes, redrives, redriven, stopped, error, cause"
#define COLUMNS BRIEF ", orders"

static MapRunRow read_identity(const Rows *r, Arena *a)
{
    return (MapRunRow){
        .n = rows_int(r, 0),
        .arn = rows_text(r, 1, a),
        .label = rows_text(r, 2, a),
        .execution = rows_int(r, 3),
        .parent_arn = rows_text(r, 4, a),
        .flow = (int32_t)rows_int(r, 5),
        .express = rows_int(r, 6) != 0,
        .started = rows_int(r, 7),
        .token = {rows_int(r, 8), rows_int(r, 9)},
    };
}

static MapRunRow read_brief(const Rows *r, Arena *a)
{
    MapRunRow row = read_identity(r, a);
    row.phase = (MapRunPhase)rows_int(r, 10);
    row.status = (AslStatus)rows_int(r, 11);
    row.concurrency = rows_int(r, 12);
    row.tolerated_count = rows_int(r, 13);
    row.tolerated_per_million = rows_int(r, 14);
    row.items = rows_int(r, 15);
    row.next_item = rows_int(r, 16);
    row.next_child = rows_int(r, 17);
    row.offset = rows_int(r, 18);
    unpack_counts(rows_peek(r, 19), &row);
    row.output_bytes = rows_int(r, 20);
    row.redrives = rows_int(r, 21);
    row.redriven = rows_int(r, 22);
    row.stopped = rows_int(r, 23);
    row.error = rows_text(r, 24, a);
    row.cause = rows_text(r, 25, a);
    return row;
}

void map_run_add(Db *db, MapRunRow *row)
{
    char counts[COUNTS_BYTES_MAX];
    db_run(db,
           SQL("INSERT INTO map_run(arn, label, execution, parent_arn, flow, express, started, "
               "frame, attempt, phase, status, concurrency, tolerated_count, "
               "tolerated_per_million, items, next_item, next_child, position, counts, "
               "output_bytes, redrives, redriven, stopped, orders)"
               " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, -1, 0, 0, 0, "
               "?15, 0, 0, 0, 0, ?16)"),
           DB_TEXT(row->arn), DB_TEXT(row->label), DB_INT(row->execution), DB_TEXT(row->parent_arn),
           DB_INT(row->flow), DB_INT(row->express), DB_INT(row->started), DB_INT(row->token.frame),
           DB_INT(row->token.attempt), DB_INT(row->phase), DB_INT(row->status),
           DB_INT(row->concurrency), DB_INT(row->tolerated_count),
           DB_INT(row->tolerated_per_million), DB_TEXT(pack_counts(row, counts)),
           DB_TEXT(row->order));
    row->n = db_last_id(db);
}

static bool read_one(Rows *r, Arena *a, MapRunRow *out)
{
    if (!rows_next(r)) return false;
    *out = read_brief(r, a);
    out->order = rows_text(r, 26, a);
    return true;
}

bool map_run_get(Db *db, int64_t n, Arena *a, MapRunRow *out)
{
    cleanup(rows_end) Rows r =
        db_rows(db, SQL("SELECT " COLUMNS " FROM map_run WHERE n = ?1"), DB_INT(n));
    return read_one(&r, a, out);
}

bool map_run_find(Db *db, Str arn, Arena *a, MapRunRow *out)
{
    cleanup(rows_end) Rows r =
        db_rows(db, SQL("SELECT " COLUMNS " FROM map_run WHERE arn = ?1"), DB_TEXT(arn));
    return read_one(&r, a, out);
}

bool map_run_find_token(Db *db, int64_t execution, AslToken token, Arena *a, MapRunRow *out)
{
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("SELECT " COLUMNS " FROM map_run WHERE execution = ?1 "
                    "AND frame = ?2 AND attempt = ?3"),
                DB_INT(execution), DB_INT(token.frame), DB_INT(token.attempt));
    return read_one(&r, a, out);
}

void map_run_set(Db *db, const MapRunRow *row)
{
    char counts[COUNTS_BYTES_MAX];
    db_run(db,
           SQL("UPDATE map_run SET frame = ?2, attempt = ?3, phase = ?4, status = ?5, concurrency "
               "= ?6, tolerated_count = ?7, tolerated_per_million = ?8, items = ?9, next_item = "
               "?10, next_child = ?11, position = ?12, counts = ?13, output_bytes = ?14, redrives "
               "= ?15, redriven = ?16, stopped = ?17, error = ?18, cause = ?19 WHERE n = ?1"),
           DB_INT(row->n), DB_INT(row->token.frame), DB_INT(row->token.attempt), DB_INT(row->phase),
           DB_INT(row->status), DB_INT(row->concurrency), DB_INT(row->tolerated_count),
           DB_INT(row->tolerated_per_million), DB_INT(row->items), DB_INT(row->next_item),
           DB_INT(row->next_child), DB_INT(row->offset), DB_TEXT(pack_counts(row, counts)),
           DB_INT(row->output_bytes), DB_INT(row->redrives), DB_INT(row->redriven),
           DB_INT(row->stopped), DB_TEXT(row->error), DB_TEXT(row->cause));
}

void map_run_forget(Db *db, int64_t execution)
{
    db_run(db, SQL("DELETE FROM map_run WHERE execution = ?1"), DB_INT(execution));
    db_run(db, SQL("DELETE FROM map_child WHERE execution = ?1"), DB_INT(execution));
}

void map_run_set_order(Db *db, int64_t n, Str order)
{
    db_run(db, SQL("UPDATE map_run SET orders = ?2 WHERE n = ?1"), DB_INT(n), DB_TEXT(order));
}

int64_t map_run_list(Db *db, int64_t execution, int64_t before, int64_t max, Arena *a,
                     MapRunRow **out)
{
    struct {
        MapRunRow *p;
        int64_t n, cap;
    } v = {0};
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("SELECT " BRIEF " FROM map_run WHERE execution = ?1 AND n < ?2"
                    " ORDER BY n DESC LIMIT ?3"),
                DB_INT(execution), DB_INT(before ? before : INT64_MAX), DB_INT(max));
    while (rows_next(&r)) *vec_push(a, &v) = read_brief(&r, a);
    *out = v.p;
    return v.n;
}

int64_t map_run_in_phase(Db *db, MapRunPhase phase, Arena *a, int64_t **out)
{
    struct {
        int64_t *p;
        int64_t n, cap;
    } v = {0};
    check(phase != MAP_RUN_ENDED);
    cleanup(rows_end) Rows r = db_rows(
        db, SQL("SELECT n FROM map_run WHERE phase = ?1 AND phase <> 4 ORDER BY n"), DB_INT(phase));
    while (rows_next(&r)) *vec_push(a, &v) = rows_int(&r, 0);
    *out = v.p;
    return v.n;
}
