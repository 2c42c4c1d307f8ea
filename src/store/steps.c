/* steps.c - rows of steps, found by (cluster, life, number): a queue of any length costs nothing until its turn. */
#include "store/steps.h"

const char steps_schema[] =
    "CREATE TABLE IF NOT EXISTS step("
    " cluster INTEGER NOT NULL REFERENCES cluster(n), number INTEGER NOT NULL, id TEXT NOT NULL "
    "UNIQUE,"
    " name TEXT NOT NULL, life TEXT NOT NULL, action TEXT NOT NULL, attempt INTEGER NOT NULL,"
    " limit_timer INTEGER NOT NULL, grace_timer INTEGER NOT NULL, started_seen INTEGER NOT NULL,"
    " over_limit INTEGER NOT NULL, killed INTEGER NOT NULL,"
    " created INTEGER NOT NULL, started INTEGER NOT NULL, ended INTEGER NOT NULL, message TEXT, "
    "failure_reason TEXT,"
    " failure_message TEXT, failure_log TEXT, config TEXT NOT NULL, role TEXT) STRICT;"
    "CREATE UNIQUE INDEX IF NOT EXISTS step_by_number ON step(cluster, number);"
    "CREATE INDEX IF NOT EXISTS step_by_life ON step(cluster, life, number)";

#define CORE                                                                                       \
    "number, id, life, action, attempt, limit_timer, grace_timer, started_seen, over_limit, "      \
    "killed"
#define COLUMNS                                                                                    \
    CORE ", cluster, name, created, started, ended, message, failure_reason, failure_message, "    \
         "failure_log, config, role"

static ClusterStep read_core(const Rows *r, Arena *a)
{
    ClusterStep s = {
        .number = rows_int(r, 0),
        .id = rows_text(r, 1, a),
        .attempt = rows_int(r, 4),
        .limit = rows_int(r, 5),
        .grace = rows_int(r, 6),
        .started = rows_int(r, 7) != 0,
        .over_limit = rows_int(r, 8) != 0,
        .killed = rows_int(r, 9) != 0,
    };
    check(states_step_from(rows_peek(r, 2), &s.life));
    check(states_action_from(rows_peek(r, 3), &s.action));
    return s;
}

static StepRow read_row(const Rows *r, Arena *a)
{
    return (StepRow){
        .core = read_core(r, a),
        .cluster = rows_int(r, 10),
        .name = rows_text(r, 11, a),
        .created = rows_int(r, 12),
        .started = rows_int(r, 13),
        .ended = rows_int(r, 14),
        .message = rows_text(r, 15, a),
        .failure_reason = rows_text(r, 16, a),
        .failure_message = rows_text(r, 17, a),
        .failure_log = rows_text(r, 18, a),
        .config = rows_text(r, 19, a),
        .role = rows_text(r, 20, a),
    };
}

void step_row_add(Db *db, const StepRow *s)
{
    db_run(db,
           SQL("INSERT INTO step(cluster, number, id, name, life, action, created, config, role, "
               "attempt, limit_timer,"
               " grace_timer, started_seen, over_limit, killed, started, ended)"
               " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0, 0, 0, 0, 0, 0, 0, 0)"),
           DB_INT(s->cluster), DB_INT(s->core.number), DB_TEXT(s->core.id), DB_TEXT(s->name),
           DB_TEXT(states_step_name(s->core.life)), DB_TEXT(states_action_name(s->core.action)),
           DB_INT(s->created), DB_TEXT(s->config), DB_TEXT(s->role));
}

bool step_row_find(Db *db, int64_t cluster, Str id, Arena *a, StepRow *out)
{
    cleanup(rows_end) Rows r =
        db_rows(db, SQL("SELECT " COLUMNS " FROM step WHERE id = ?1 AND cluster = ?2"), DB_TEXT(id),
                DB_INT(cluster));
    if (!rows_next(&r)) return false;
    *out = read_row(&r, a);
    return true;
}

bool step_row_get(Db *db, int64_t cluster, int64_t number, Arena *a, StepRow *out)
{
    cleanup(rows_end) Rows r =
        db_rows(db, SQL("SELECT " COLUMNS " FROM step WHERE cluster = ?1 AND number = ?2"),
                DB_INT(cluster), DB_INT(number));
    if (!rows_next(&r)) return false;
    *out = read_row(&r, a);
    return true;
}

int64_t step_row_last_number(Db *db, int64_t cluster)
{
    cleanup(rows_end) Rows r =
        db_rows(db, SQL("SELECT number FROM step WHERE cluster = ?1 ORDER BY number DESC LIMIT 1"),
                DB_INT(cluster));
    return rows_next(&r) ? rows_int(&r, 0) : 0;
}

/* ---- what the core decides about ---- */

typedef struct StepVec {
    ClusterStep *p;
    int64_t n, cap;
} StepVec;

static StepVec load(Db *db, int64_t cluster, StepLife life, int64_t max, Arena *a, StepVec v)
{
    cleanup(rows_end) Rows r = db_rows(
        db,
        SQL("SELECT " CORE " FROM step WHERE cluster = ?1 AND life = ?2 ORDER BY number LIMIT ?3"),
        DB_INT(cluster), DB_TEXT(states_step_name(life)), DB_INT(max));
    while (rows_next(&r)) *vec_push(a, &v) = read_core(&r, a);
    return v;
}

static int by_number(const void *x, const void *y)
{
    const ClusterStep *s = x, *t = y;
    return s->number < t->number ? -1 : s->number > t->number;
}

void step_row_load(Db *db, int64_t cluster, int64_t window, Arena *a, ClusterState *state)
{
    StepVec active = load(db, cluster, STEP_RUNNING, CLUSTER_STEPS_ACTIVE_MAX, a, (StepVec){0});
    active = load(db, cluster, STEP_CANCEL_PENDING, CLUSTER_STEPS_ACTIVE_MAX, a, active);
    if (active.n > 1) qsort(active.p, (size_t)active.n, sizeof *active.p, by_number);
    StepVec waiting =
        window > 0 ? load(db, cluster, STEP_PENDING, window, a, (StepVec){0}) : (StepVec){0};
    state->active = active.p;
    state->active_n = (int)active.n;
    state->window = waiting.p;
    state->window_n = (int)waiting.n;
}

void step_row_set_core(Db *db, int64_t cluster, const ClusterStep *s)
{
    db_run(db,
           SQL("UPDATE step SET attempt = ?3, limit_timer = ?4, grace_timer = ?5, started_seen = "
               "?6, over_limit = ?7,"
               " killed = ?8 WHERE cluster = ?1 AND number = ?2"),
           DB_INT(cluster), DB_INT(s->number), DB_INT(s->attempt), DB_INT(s->limit),
           DB_INT(s->grace), DB_INT(s->started), DB_INT(s->over_limit), DB_INT(s->killed));
}

void step_row_change(Db *db, int64_t cluster, const ClusterChange *c)
{
    StepLife to = (StepLife)c->to;
    db_run(db,
           SQL("UPDATE step SET life = ?3, message = ?4, started = iif(?5 > 0, ?5, started), ended "
               "= ?6,"
               " failure_reason = ?7, failure_message = ?8, failure_log = ?9 WHERE cluster = ?1 "
               "AND number = ?2"),
           DB_INT(cluster), DB_INT(c->step), DB_TEXT(states_step_name(to)), DB_TEXT(c->message),
           DB_INT(to == STEP_RUNNING ? c->at : 0), DB_INT(states_step_ended(to) ? c->at : 0),
           DB_TEXT(c->failure_reason), DB_TEXT(c->failure_message), DB_TEXT(c->failure_log));
}

void step_row_cancel_pending(Db *db, int64_t cluster, Str cluster_id, Str message, Millis at)
{
    db_run(db,
           SQL("INSERT INTO changed(service, id, parent, from_state, to_state, message, at)"
               " SELECT 'emr-step', id, ?2, 'PENDING', 'CANCELLED', ?3, ?4 FROM step"
               " WHERE cluster = ?1 AND life = 'PENDING' ORDER BY number"),
           DB_INT(cluster), DB_TEXT(cluster_id), DB_TEXT(message), DB_INT(at));
    db_run(db,
           SQL("UPDATE step SET life = 'CANCELLED', message = ?2, ended = ?3 WHERE cluster = ?1 "
               "AND life = 'PENDING'"),
           DB_INT(cluster), DB_TEXT(message), DB_INT(at));
}

int64_t step_row_trim(Db *db, int64_t cluster, int64_t max)
{
    return db_run(db,
                  SQL("DELETE FROM step WHERE cluster = ?1 AND number IN (SELECT number FROM step "
                      "WHERE cluster = ?1 LIMIT ?2)"),
                  DB_INT(cluster), DB_INT(max));
}

/* ---- lists ---- */

static Str names_of(Arena *a, unsigned lives)
{
    Buf b = {.a = a};
    if (!lives) return (Str){0};
    buf_putc(&b, ',');
    for (int life = 0; life < STEP_LIFE_COUNT; life++)
        if (lives & 1u << life) buf_put(&b, states_step_name((StepLife)life)), buf_putc(&b, ',');
    return buf_str(&b);
}

int64_t step_row_list(Db *db, int64_t cluster, const StepFilter *f, Arena *a, StepRow **out)
{
    struct {
        StepRow *p;
        int64_t n, cap;
    } rows = {0};
    cleanup(rows_end) Rows r = db_rows(
        db,
        SQL("SELECT " COLUMNS " FROM step WHERE cluster = ?1 AND number < ?2 AND"
            " (?3 IS NULL OR instr(?3, ',' || life || ',') > 0) ORDER BY number DESC LIMIT ?4"),
        DB_INT(cluster), DB_INT(f->before_number ? f->before_number : INT64_MAX),
        DB_TEXT(names_of(a, f->lives)), DB_INT(f->max));
    while (rows_next(&r)) *vec_push(a, &rows) = read_row(&r, a);
    *out = rows.p;
    return rows.n;
}
