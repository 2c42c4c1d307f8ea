/* executions.c - rows of executions and of their frames: only what an update changed is written. */
#include "store/executions.h"

#include "store/execution_arns.h"
#include "store/map_runs.h"

const char executions_schema[] =
    "CREATE TABLE IF NOT EXISTS execution("
    " n INTEGER PRIMARY KEY AUTOINCREMENT, arn TEXT NOT NULL, account TEXT NOT NULL, region TEXT "
    "NOT NULL,"
    " name TEXT NOT NULL, machine INTEGER NOT NULL, machine_arn TEXT NOT NULL, machine_name TEXT "
    "NOT NULL,"
    " revision INTEGER NOT NULL, version INTEGER NOT NULL, role_arn TEXT NOT NULL, express INTEGER "
    "NOT NULL,"
    " flow INTEGER NOT NULL, map_run_arn TEXT, trace_header TEXT, input TEXT NOT NULL, started "
    "INTEGER NOT NULL,"
    " status INTEGER NOT NULL, output TEXT, error TEXT, cause TEXT, stopped INTEGER NOT NULL,"
    " last_event INTEGER NOT NULL, last_frame INTEGER NOT NULL, redrives INTEGER NOT NULL,"
    " redriven INTEGER NOT NULL) STRICT;"
    "CREATE INDEX IF NOT EXISTS execution_by_machine ON execution(machine, n);"
    "CREATE INDEX IF NOT EXISTS execution_by_status ON execution(machine, status, n);"
    "CREATE INDEX IF NOT EXISTS execution_by_expiry ON execution(express, map_run_arn IS NULL, "
    "stopped) WHERE stopped > 0;"
    "CREATE TABLE IF NOT EXISTS execution_frame("
    " execution INTEGER NOT NULL, id INTEGER NOT NULL, grp INTEGER NOT NULL, state TEXT NOT NULL,"
    " map_run_arn TEXT, input TEXT, variables TEXT, item TEXT, PRIMARY KEY(execution, id)) STRICT, "
    "WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS execution_frame_by_group ON execution_frame(execution, grp);"
    "CREATE TABLE IF NOT EXISTS execution_redrive("
    " execution INTEGER PRIMARY KEY, token TEXT NOT NULL) STRICT";

/* ---- executions ---- */

#define BRIEF                                                                                      \
    "n, arn, account, region, name, machine, machine_arn, machine_name, revision, version, "       \
    "role_arn, express, flow,"                                                                     \
    " map_run_arn, trace_header, started, status, stopped, last_event, last_frame, redrives, "     \
    "redriven"
#define COLUMNS BRIEF ", input, output, error, cause"

static AslIdentity read_identity(const Rows *r, Arena *a)
{
    return (AslIdentity){
        .arn = rows_text(r, 1, a),
        .region = rows_text(r, 3, a),
        .name = rows_text(r, 4, a),
        .machine_arn = rows_text(r, 6, a),
        .machine_name = rows_text(r, 7, a),
        .role_arn = rows_text(r, 10, a),
        .express = rows_int(r, 11) != 0,
        .flow = (int32_t)rows_int(r, 12),
        .map_run_arn = rows_text(r, 13, a),
        .started = rows_int(r, 15),
    };
}

static ExecutionRow read_brief(const Rows *r, Arena *a)
{
    return (ExecutionRow){
        .n = rows_int(r, 0),
        .account = rows_text(r, 2, a),
        .machine = rows_int(r, 5),
        .revision = rows_int(r, 8),
        .version = rows_int(r, 9),
        .trace_header = rows_text(r, 14, a),
        .asl = {.id = read_identity(r, a),
                .status = (AslStatus)rows_int(r, 16),
                .stopped = rows_int(r, 17),
                .last_event = rows_int(r, 18),
                .last_frame = rows_int(r, 19),
                .redrives = (int32_t)rows_int(r, 20),
                .redriven = rows_int(r, 21)},
    };
}

static ExecutionRow read_row(const Rows *r, Arena *a)
{
    ExecutionRow row = read_brief(r, a);
    row.asl.input = rows_text(r, 22, a);
    row.asl.output = rows_text(r, 23, a);
    row.asl.error = rows_text(r, 24, a);
    row.asl.cause = rows_text(r, 25, a);
    return row;
}

void execution_row_add(Db *db, ExecutionRow *row)
{
    const AslExecution *x = &row->asl;
    const AslIdentity *id = &x->id;
    db_run(db,
           SQL("INSERT INTO execution(arn, account, region, name, machine, machine_arn, "
               "machine_name, revision, version, role_arn, express, flow, map_run_arn, "
               "trace_header, input, started, status, output, error, cause, stopped, last_event, "
               "last_frame, redrives, redriven) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, "
               "?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25)"),
           DB_TEXT(id->arn), DB_TEXT(row->account), DB_TEXT(id->region), DB_TEXT(id->name),
           DB_INT(row->machine), DB_TEXT(id->machine_arn), DB_TEXT(id->machine_name),
           DB_INT(row->revision), DB_INT(row->version), DB_TEXT(id->role_arn), DB_INT(id->express),
           DB_INT(id->flow), DB_TEXT(id->map_run_arn), DB_TEXT(row->trace_header),
           DB_TEXT(x->input), DB_INT(id->started), DB_INT(x->status), DB_TEXT(x->output),
           DB_TEXT(x->error), DB_TEXT(x->cause), DB_INT(x->stopped), DB_INT(x->last_event),
           DB_INT(x->last_frame), DB_INT(x->redrives), DB_INT(x->redriven));
    row->n = db_last_id(db);
    execution_arn_add(db, id->arn, row->n);
}

bool execution_row_get(Db *db, int64_t n, Arena *a, ExecutionRow *out)
{
    cleanup(rows_end) Rows r =
        db_rows(db, SQL("SELECT " COLUMNS " FROM execution WHERE n = ?1"), DB_INT(n));
    if (!rows_next(&r)) return false;
    *out = read_row(&r, a);
    return true;
}

bool execution_row_find(Db *db, Str arn, Arena *a, ExecutionRow *out)
{
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("SELECT " COLUMNS " FROM execution WHERE " EXECUTION_HAS_ARN
                    " ORDER BY n DESC LIMIT 1"),
                DB_TEXT(arn));
    if (!rows_next(&r)) return false;
    *out = read_row(&r, a);
    return true;
}

bool execution_row_find_in(Db *db, int64_t machine, Str arn, Arena *a, ExecutionRow *out)
{
    cleanup(rows_end) Rows r = db_rows(
        db, SQL("SELECT " COLUMNS " FROM execution WHERE " EXECUTION_HAS_ARN " AND machine = ?2"),
        DB_TEXT(arn), DB_INT(machine));
    if (!rows_next(&r)) return false;
    *out = read_row(&r, a);
    return true;
}

void execution_row_set(Db *db, int64_t n, const AslExecution *x)
{
    db_run(db,
           SQL("UPDATE execution SET status = ?2, output = ?3, error = ?4, cause = ?5, stopped = "
               "?6, last_event = ?7,"
               " last_frame = ?8, redrives = ?9, redriven = ?10 WHERE n = ?1"),
           DB_INT(n), DB_INT(x->status), DB_TEXT(x->output), DB_TEXT(x->error), DB_TEXT(x->cause),
           DB_INT(x->stopped), DB_INT(x->last_event), DB_INT(x->last_frame), DB_INT(x->redrives),
           DB_INT(x->redriven));
}

/* Those that wait to be tried again have their old status still. */
static Rows list_children(Db *db, const ExecutionFilter *f)
{
    return db_rows(db,
                   SQL("SELECT " BRIEF " FROM execution WHERE machine = ?1 AND n < ?2 AND ?3 IN "
                       "(-1, redrives > 0) AND (?4 OR status = ?5) AND ?4 = (n IN (SELECT "
                       "execution FROM map_child WHERE run = -?1 AND status = ?6))"
                       " ORDER BY n DESC LIMIT ?7"),
                   DB_INT(f->machine), DB_INT(f->before ? f->before : INT64_MAX),
                   DB_INT(f->redriven), DB_INT(f->pending), DB_INT(f->status),
                   DB_INT(MAP_CHILD_REDRIVE), DB_INT(f->max));
}

static Rows list_rows(Db *db, const ExecutionFilter *f)
{
    int64_t before = f->before ? f->before : INT64_MAX;
    if (f->machine < 0 && (f->pending || f->status >= 0)) return list_children(db, f);
    if (!str_absent(f->alias))
        return db_rows(
            db,
            SQL("SELECT " BRIEF " FROM execution WHERE n IN (SELECT execution FROM execution_alias"
                " WHERE alias = ?1) AND n < ?2 AND ?3 IN (-1, status) AND ?5 IN (-1, redrives > 0)"
                " ORDER BY n DESC LIMIT ?4"),
            DB_TEXT(f->alias), DB_INT(before), DB_INT(f->status), DB_INT(f->max),
            DB_INT(f->redriven));
    if (f->status < 0)
        return db_rows(
            db,
            SQL("SELECT " BRIEF
                " FROM execution INDEXED BY execution_by_machine WHERE machine = ?1 AND n < ?2"
                " AND (?3 = 0 OR version = ?3) AND ?5 IN (-1, redrives > 0)"
                " ORDER BY n DESC LIMIT ?4"),
            DB_INT(f->machine), DB_INT(before), DB_INT(f->version), DB_INT(f->max),
            DB_INT(f->redriven));
    return db_rows(
        db,
        SQL("SELECT " BRIEF " FROM execution WHERE machine = ?1 AND status = ?5 AND n < ?2"
            " AND (?3 = 0 OR version = ?3) AND ?6 IN (-1, redrives > 0) ORDER BY n DESC LIMIT ?4"),
        DB_INT(f->machine), DB_INT(before), DB_INT(f->version), DB_INT(f->max), DB_INT(f->status),
        DB_INT(f->redriven));
}

int64_t execution_row_list(Db *db, const ExecutionFilter *f, Arena *a, ExecutionRow **out)
{
    struct {
        ExecutionRow *p;
        int64_t n, cap;
    } v = {0};
    cleanup(rows_end) Rows r = list_rows(db, f);
    while (rows_next(&r)) *vec_push(a, &v) = read_brief(&r, a);
    *out = v.p;
    return v.n;
}

void execution_redrive_note(Db *db, int64_t n, Str token)
{
    db_run(db, SQL("INSERT OR REPLACE INTO execution_redrive(execution, token) VALUES(?1, ?2)"),
           DB_INT(n), DB_TEXT(token));
}

bool execution_redrive_is(Db *db, int64_t n, Str token)
{
    cleanup(rows_end) Rows r =
        db_rows(db, SQL("SELECT 1 FROM execution_redrive WHERE execution = ?1 AND token = ?2"),
                DB_INT(n), DB_TEXT(token));
    return rows_next(&r);
}

/* ---- what has been kept long enough ---- */

/* A Map Run that has not succeeded needs its children: their results, and their inputs for a
 * redrive.
 */
int64_t execution_row_expired(Db *db, const ExecutionExpiry *e, int64_t *out, int64_t max)
{
    int64_t n = 0;
    cleanup(rows_end) Rows r = db_rows(
        db,
        SQL("SELECT n FROM execution WHERE express = ?1 AND (map_run_arn IS NULL) = ?2 AND stopped "
            "> 0 AND stopped < ?3 AND status <> 0 ORDER BY stopped LIMIT ?4"),
        DB_INT(e->express), DB_INT(!e->map_child), DB_INT(e->before), DB_INT(max));
    while (n < max && rows_next(&r)) out[n++] = rows_int(&r, 0);
    return n;
}

void execution_row_remove(Db *db, int64_t n)
{
    execution_arn_remove(db, n);
    db_run(db, SQL("DELETE FROM execution_frame WHERE execution = ?1"), DB_INT(n));
    db_run(db, SQL("DELETE FROM map_child WHERE execution = ?1"), DB_INT(n));
    db_run(db, SQL("DELETE FROM map_run WHERE execution = ?1"), DB_INT(n));
    db_run(db, SQL("DELETE FROM execution_alias WHERE execution = ?1"), DB_INT(n));
    db_run(db, SQL("DELETE FROM execution_redrive WHERE execution = ?1"), DB_INT(n));
    db_run(db, SQL("DELETE FROM execution WHERE n = ?1"), DB_INT(n));
}

/* ---- frames: their numbers as one line, since nobody asks for them one by one ---- */

bool execution_frame_get(Db *db, int64_t execution, int64_t id, Arena *a, AslFrame *out)
{
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("SELECT state, map_run_arn, input, variables, item FROM execution_frame"
                    " WHERE execution = ?1 AND id = ?2"),
                DB_INT(execution), DB_INT(id));
    if (!rows_next(&r)) return false;
    *out = (AslFrame){.map_run_arn = rows_text(&r, 1, a),
                      .input = rows_text(&r, 2, a),
                      .variables = rows_text(&r, 3, a),
                      .item = rows_text(&r, 4, a)};
    check(asl_frame_unpack(rows_peek(&r, 0), out));
    return true;
}

static void set_texts(Db *db, int64_t execution, const AslFrame *f)
{
    if (f->dirty & ASL_DIRTY_INPUT)
        db_run(db, SQL("UPDATE execution_frame SET input = ?3 WHERE execution = ?1 AND id = ?2"),
               DB_INT(execution), DB_INT(f->id), DB_TEXT(f->input));
    if (f->dirty & ASL_DIRTY_VARIABLES)
        db_run(db,
               SQL("UPDATE execution_frame SET variables = ?3 WHERE execution = ?1 AND id = ?2"),
               DB_INT(execution), DB_INT(f->id), DB_TEXT(f->variables));
    if (f->dirty & ASL_DIRTY_ITEM)
        db_run(db, SQL("UPDATE execution_frame SET item = ?3 WHERE execution = ?1 AND id = ?2"),
               DB_INT(execution), DB_INT(f->id), DB_TEXT(f->item));
}

void execution_frame_set(Db *db, int64_t execution, const AslFrame *f, Arena *a)
{
    if (f->dirty == ASL_DIRTY_NEW) {
        db_run(db,
               SQL("INSERT OR REPLACE INTO execution_frame(execution, id, grp, state, map_run_arn, "
                   "input, variables, item)"
                   " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"),
               DB_INT(execution), DB_INT(f->id), DB_INT(f->group), DB_TEXT(asl_frame_pack(a, f)),
               DB_TEXT(f->map_run_arn), DB_TEXT(f->input), DB_TEXT(f->variables), DB_TEXT(f->item));
        return;
    }
    if (f->dirty & ASL_DIRTY_STATE)
        db_run(db,
               SQL("UPDATE execution_frame SET grp = ?3, state = ?4, map_run_arn = ?5 WHERE "
                   "execution = ?1 AND id = ?2"),
               DB_INT(execution), DB_INT(f->id), DB_INT(f->group), DB_TEXT(asl_frame_pack(a, f)),
               DB_TEXT(f->map_run_arn));
    set_texts(db, execution, f);
}

void execution_frame_remove_group(Db *db, int64_t execution, int64_t group)
{
    db_run(db, SQL("DELETE FROM execution_frame WHERE execution = ?1 AND grp = ?2"),
           DB_INT(execution), DB_INT(group));
}
