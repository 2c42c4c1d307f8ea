/* map_children.c - which execution works on which items of a Map Run, and what came of them. */
#include "store/map_runs.h"

void map_child_add(Db *db, const MapChild *c)
{
    db_run(db,
           SQL("INSERT INTO map_child(run, i, execution, items, status) VALUES(?1, ?2, ?3, ?4, "
               "?5)"),
           DB_INT(c->run), DB_INT(c->i), DB_INT(c->execution), DB_INT(c->items), DB_INT(c->status));
}

void map_child_set(Db *db, const MapChild *c)
{
    db_run(db, SQL("UPDATE map_child SET execution = ?3, status = ?4 WHERE run = ?1 AND i = ?2"),
           DB_INT(c->run), DB_INT(c->i), DB_INT(c->execution), DB_INT(c->status));
}

static MapChild read_child(const Rows *r)
{
    return (MapChild){.run = rows_int(r, 0),
                      .i = rows_int(r, 1),
                      .execution = rows_int(r, 2),
                      .items = rows_int(r, 3),
                      .status = (int)rows_int(r, 4)};
}

bool map_child_of(Db *db, int64_t execution, MapChild *out)
{
    cleanup(rows_end) Rows r = db_rows(
        db, SQL("SELECT run, i, execution, items, status FROM map_child WHERE execution = ?1"),
        DB_INT(execution));
    if (!rows_next(&r)) return false;
    *out = read_child(&r);
    return true;
}

int64_t map_child_list(Db *db, int64_t run, int status, int64_t max, Arena *a, MapChild **out)
{
    struct {
        MapChild *p;
        int64_t n, cap;
    } v = {0};
    check(status == ASL_RUNNING || status == MAP_CHILD_REDRIVE);
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("SELECT run, i, execution, items, status FROM map_child WHERE run = ?1"
                    " AND status = ?2 AND status IN (0, 5) ORDER BY i LIMIT ?3"),
                DB_INT(run), DB_INT(status), DB_INT(max));
    while (rows_next(&r)) *vec_push(a, &v) = read_child(&r);
    *out = v.p;
    return v.n;
}

void map_child_redrive_all(Db *db, int64_t run)
{
    db_run(db, SQL("UPDATE map_child SET status = 5 WHERE run = ?1 AND status NOT IN (0, 1, 5)"),
           DB_INT(run));
}

static MapResult read_result(const Rows *r, Arena *a)
{
    return (MapResult){
        .child = read_child(r),
        .arn = rows_text(r, 5, a),
        .name = rows_text(r, 6, a),
        .machine_arn = rows_text(r, 7, a),
        .input = rows_text(r, 8, a),
        .output = rows_text(r, 9, a),
        .error = rows_text(r, 10, a),
        .cause = rows_text(r, 11, a),
        .started = rows_int(r, 12),
        .stopped = rows_int(r, 13),
        .redrives = rows_int(r, 14),
    };
}

int64_t map_result_list(Db *db, int64_t run, int64_t i, int64_t max, int64_t bytes_max, Arena *a,
                        MapResult **out)
{
    struct {
        MapResult *p;
        int64_t n, cap;
    } v = {0};
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("SELECT c.run, c.i, c.execution, c.items, c.status, x.arn, x.name, "
                    "x.machine_arn, x.input, x.output, x.error, x.cause, x.started, x.stopped, "
                    "x.redrives FROM map_child c JOIN execution x ON x.n = c.execution WHERE "
                    "c.run = ?1 AND c.i >= ?2 ORDER BY c.i LIMIT ?3"),
                DB_INT(run), DB_INT(i), DB_INT(max));
    for (int64_t bytes = 0; bytes < bytes_max && rows_next(&r);) {
        MapResult *result = vec_push(a, &v);
        *result = read_result(&r, a);
        bytes += result->input.n + result->output.n;
    }
    *out = v.p;
    return v.n;
}
