/* clusters.c - rows of clusters: one SELECT, one UPDATE for what the core decides, one for what the user changes. */
#include "store/clusters.h"

const char clusters_schema[] =
    "CREATE TABLE IF NOT EXISTS cluster("
    " n INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, account TEXT NOT NULL, region "
    "TEXT NOT NULL,"
    " name TEXT NOT NULL, log_uri TEXT, instance TEXT NOT NULL,"
    " keep_alive INTEGER NOT NULL, protected INTEGER NOT NULL, concurrency INTEGER NOT NULL,"
    " bootstrap_n INTEGER NOT NULL, steps_active_max INTEGER NOT NULL, idle_timeout_ms INTEGER NOT "
    "NULL,"
    " step_timeout_ms INTEGER NOT NULL, kill_grace_ms INTEGER NOT NULL, deadline INTEGER NOT NULL,"
    " life TEXT NOT NULL, cause TEXT NOT NULL, message TEXT,"
    " created INTEGER NOT NULL, ready INTEGER NOT NULL, ended INTEGER NOT NULL,"
    " attempts INTEGER NOT NULL, engine INTEGER NOT NULL, destroying INTEGER NOT NULL, bootstrap "
    "INTEGER NOT NULL,"
    " bootstrap_attempt INTEGER NOT NULL, deadline_timer INTEGER NOT NULL, idle_timer INTEGER NOT "
    "NULL,"
    " grace_timer INTEGER NOT NULL, step_failed INTEGER NOT NULL, pending_n INTEGER NOT NULL,"
    " billed_until INTEGER NOT NULL, about TEXT NOT NULL, tags TEXT NOT NULL, error TEXT,"
    " request TEXT NOT NULL, instances TEXT NOT NULL, policies TEXT) STRICT;"
    "CREATE INDEX IF NOT EXISTS cluster_living ON cluster(n) WHERE ended = 0;"
    "CREATE INDEX IF NOT EXISTS cluster_by_created ON cluster(region, created);"
    "CREATE INDEX IF NOT EXISTS cluster_by_life ON cluster(region, life, n);"
    "CREATE INDEX IF NOT EXISTS cluster_by_end ON cluster(ended) WHERE ended > 0";

#define COLUMNS                                                                                    \
    "n, id, account, region, name, log_uri, instance, keep_alive, protected, concurrency, "        \
    "bootstrap_n,"                                                                                 \
    " steps_active_max, idle_timeout_ms, step_timeout_ms, kill_grace_ms, deadline, life, cause, "  \
    "message, created,"                                                                            \
    " ready, ended, attempts, engine, destroying, bootstrap, bootstrap_attempt, deadline_timer, "  \
    "idle_timer,"                                                                                  \
    " grace_timer, step_failed, pending_n, billed_until, about, tags, error"

static ClusterCause cause_from(Str name)
{
    for (int c = 0; c < CAUSE_COUNT; c++)
        if (str_eq(states_cause_name((ClusterCause)c), name)) return (ClusterCause)c;
    unreachable();
}

static ClusterLife life_from(Str name)
{
    ClusterLife life = CLUSTER_NONE;
    check(states_cluster_from(name, &life));
    return life;
}

static ClusterSpec read_spec(const Rows *r, Arena *a)
{
    return (ClusterSpec){
        .id = rows_text(r, 1, a),
        .log_uri = rows_text(r, 5, a),
        .instance = rows_text(r, 6, a),
        .keep_alive = rows_int(r, 7) != 0,
        .is_protected = rows_int(r, 8) != 0,
        .concurrency = (int)rows_int(r, 9),
        .bootstrap_n = (int)rows_int(r, 10),
        .steps_active_max = rows_int(r, 11),
        .idle_timeout_ms = rows_int(r, 12),
        .step_timeout_ms = rows_int(r, 13),
        .kill_grace_ms = rows_int(r, 14),
        .deadline = rows_int(r, 15),
    };
}

static ClusterState read_state(const Rows *r, Arena *a)
{
    return (ClusterState){
        .life = life_from(rows_peek(r, 16)),
        .cause = cause_from(rows_peek(r, 17)),
        .message = rows_text(r, 18, a),
        .created = rows_int(r, 19),
        .ready = rows_int(r, 20),
        .ended = rows_int(r, 21),
        .attempts = rows_int(r, 22),
        .engine = rows_int(r, 23),
        .destroying = rows_int(r, 24) != 0,
        .bootstrap = (int)rows_int(r, 25),
        .bootstrap_attempt = rows_int(r, 26),
        .deadline = rows_int(r, 27),
        .idle = rows_int(r, 28),
        .grace = rows_int(r, 29),
        .step_failed = rows_int(r, 30) != 0,
        .pending_n = rows_int(r, 31),
    };
}

static ClusterRow read_row(const Rows *r, Arena *a)
{
    return (ClusterRow){
        .n = rows_int(r, 0),
        .account = rows_text(r, 2, a),
        .region = rows_text(r, 3, a),
        .name = rows_text(r, 4, a),
        .spec = read_spec(r, a),
        .state = read_state(r, a),
        .billed_until = rows_int(r, 32),
        .about = rows_text(r, 33, a),
        .tags = rows_text(r, 34, a),
        .error = rows_text(r, 35, a),
    };
}

void cluster_row_add(Db *db, ClusterRow *row, Str request, Str instances)
{
    const ClusterSpec *p = &row->spec;
    db_run(db,
           SQL("INSERT INTO cluster(id, account, region, name, log_uri, instance, keep_alive, "
               "protected, concurrency,"
               " bootstrap_n, steps_active_max, idle_timeout_ms, step_timeout_ms, kill_grace_ms, "
               "deadline, about, tags,"
               " request, instances, life, cause, created, ready, ended, attempts, engine, "
               "destroying, bootstrap,"
               " bootstrap_attempt, deadline_timer, idle_timer, grace_timer, step_failed, "
               "pending_n, billed_until)"
               " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, "
               "?17, ?18, ?19,"
               " ?20, ?21, ?22, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ?22)"),
           DB_TEXT(p->id), DB_TEXT(row->account), DB_TEXT(row->region), DB_TEXT(row->name),
           DB_TEXT(p->log_uri), DB_TEXT(p->instance), DB_INT(p->keep_alive),
           DB_INT(p->is_protected), DB_INT(p->concurrency), DB_INT(p->bootstrap_n),
           DB_INT(p->steps_active_max), DB_INT(p->idle_timeout_ms), DB_INT(p->step_timeout_ms),
           DB_INT(p->kill_grace_ms), DB_INT(p->deadline), DB_TEXT(row->about), DB_TEXT(row->tags),
           DB_TEXT(request), DB_TEXT(instances), DB_TEXT(states_cluster_name(row->state.life)),
           DB_TEXT(states_cause_name(row->state.cause)), DB_INT(row->state.created));
    row->n = db_last_id(db);
}

bool cluster_row_find(Db *db, Str id, Str region, Arena *a, ClusterRow *out)
{
    cleanup(rows_end) Rows r =
        db_rows(db, SQL("SELECT " COLUMNS " FROM cluster WHERE id = ?1"), DB_TEXT(id));
    if (!rows_next(&r) || !(str_absent(region) || str_eq(rows_peek(&r, 3), region))) return false;
    *out = read_row(&r, a);
    return true;
}

bool cluster_row_get(Db *db, int64_t n, Arena *a, ClusterRow *out)
{
    cleanup(rows_end) Rows r =
        db_rows(db, SQL("SELECT " COLUMNS " FROM cluster WHERE n = ?1"), DB_INT(n));
    if (!rows_next(&r)) return false;
    *out = read_row(&r, a);
    return true;
}

void cluster_row_set_state(Db *db, int64_t n, const ClusterState *s)
{
    db_run(db,
           SQL("UPDATE cluster SET life = ?2, cause = ?3, message = ?4, created = ?5, ready = ?6, "
               "ended = ?7,"
               " attempts = ?8, engine = ?9, destroying = ?10, bootstrap = ?11, bootstrap_attempt "
               "= ?12,"
               " deadline_timer = ?13, idle_timer = ?14, grace_timer = ?15, step_failed = ?16, "
               "pending_n = ?17"
               " WHERE n = ?1"),
           DB_INT(n), DB_TEXT(states_cluster_name(s->life)), DB_TEXT(states_cause_name(s->cause)),
           DB_TEXT(s->message), DB_INT(s->created), DB_INT(s->ready), DB_INT(s->ended),
           DB_INT(s->attempts), DB_INT(s->engine), DB_INT(s->destroying), DB_INT(s->bootstrap),
           DB_INT(s->bootstrap_attempt), DB_INT(s->deadline), DB_INT(s->idle), DB_INT(s->grace),
           DB_INT(s->step_failed), DB_INT(s->pending_n));
}

void cluster_row_set_spec(Db *db, int64_t n, const ClusterSpec *p)
{
    db_run(db,
           SQL("UPDATE cluster SET keep_alive = ?2, protected = ?3, concurrency = ?4, "
               "idle_timeout_ms = ?5,"
               " deadline = ?6 WHERE n = ?1"),
           DB_INT(n), DB_INT(p->keep_alive), DB_INT(p->is_protected), DB_INT(p->concurrency),
           DB_INT(p->idle_timeout_ms), DB_INT(p->deadline));
}

void cluster_row_set_error(Db *db, int64_t n, Str json)
{
    db_run(db, SQL("UPDATE cluster SET error = ?2 WHERE n = ?1"), DB_INT(n), DB_TEXT(json));
}

void cluster_row_set_tags(Db *db, int64_t n, Str json)
{
    db_run(db, SQL("UPDATE cluster SET tags = ?2 WHERE n = ?1"), DB_INT(n), DB_TEXT(json));
}

void cluster_row_set_about(Db *db, int64_t n, Str json)
{
    db_run(db, SQL("UPDATE cluster SET about = ?2 WHERE n = ?1"), DB_INT(n), DB_TEXT(json));
}

void cluster_row_set_billed(Db *db, int64_t n, Millis until)
{
    db_run(db, SQL("UPDATE cluster SET billed_until = ?2 WHERE n = ?1"), DB_INT(n), DB_INT(until));
}

Str cluster_row_doc(Db *db, int64_t n, ClusterDoc doc, Arena *a)
{
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("SELECT CASE ?2 WHEN 0 THEN request WHEN 1 THEN instances ELSE policies END"
                    " FROM cluster WHERE n = ?1"),
                DB_INT(n), DB_INT(doc));
    return rows_next(&r) ? rows_text(&r, 0, a) : (Str){0};
}

void cluster_row_set_doc(Db *db, int64_t n, ClusterDoc doc, Str json)
{
    check(doc != CLUSTER_DOC_REQUEST);
    if (doc == CLUSTER_DOC_INSTANCES)
        db_run(db, SQL("UPDATE cluster SET instances = ?2 WHERE n = ?1"), DB_INT(n), DB_TEXT(json));
    else
        db_run(db, SQL("UPDATE cluster SET policies = ?2 WHERE n = ?1"), DB_INT(n), DB_TEXT(json));
}

/* ---- lists ---- */

#define FILTER(plus)                                                                               \
    " AND " plus "region = ?2 AND created > ?3 AND created < ?4 AND"                               \
    " (?5 IS NULL OR instr(?5, ',' || life || ',') > 0) ORDER BY n DESC LIMIT ?6"

/* ",RUNNING,WAITING," or absent for all. */
static Str names_of(Arena *a, unsigned lives)
{
    Buf b = {.a = a};
    if (!lives) return (Str){0};
    buf_putc(&b, ',');
    for (int life = 0; life < CLUSTER_LIFE_COUNT; life++)
        if (lives & 1u << life)
            buf_put(&b, states_cluster_name((ClusterLife)life)), buf_putc(&b, ',');
    return buf_str(&b);
}

typedef struct RowVec {
    ClusterRow *p;
    int64_t n, cap;
} RowVec;

static int newest_first(const void *x, const void *y)
{
    const ClusterRow *r = x, *q = y;
    return r->n > q->n ? -1 : r->n < q->n;
}

/* States, without dates: the newest of each state, by the index, then the newest of these. What is
 * rare is found without walking through what is not. */
static void list_by_life(Db *db, const ClusterFilter *f, Arena *a, RowVec *out)
{
    for (int life = 0; life < CLUSTER_LIFE_COUNT; life++) {
        if (!(f->lives & 1u << life)) continue;
        cleanup(rows_end) Rows r =
            db_rows(db,
                    SQL("SELECT " COLUMNS " FROM cluster WHERE region = ?1 AND life = ?2 AND n < ?3"
                        " ORDER BY n DESC LIMIT ?4"),
                    DB_TEXT(f->region), DB_TEXT(states_cluster_name((ClusterLife)life)),
                    DB_INT(f->before_n ? f->before_n : INT64_MAX), DB_INT(f->max));
        while (rows_next(&r)) *vec_push(a, out) = read_row(&r, a);
    }
    if (out->n > 1) qsort(out->p, (size_t)out->n, sizeof *out->p, newest_first);
    if (out->n > f->max) out->n = f->max;
}

/* A window in time is looked up by date, everything else walks from the newest on: a + keeps SQLite
 * from choosing otherwise. */
static void list_by_date(Db *db, const ClusterFilter *f, Arena *a, RowVec *out)
{
    Str lives = names_of(a, f->lives);
    bool dated = f->created_after || f->created_before;
    DbValue values[] = {
        dated ? (DbValue)SQL("SELECT " COLUMNS " FROM cluster WHERE +n < ?1" FILTER(""))
              : (DbValue)SQL("SELECT " COLUMNS " FROM cluster WHERE n < ?1" FILTER("+")),
        DB_INT(f->before_n ? f->before_n : INT64_MAX),
        DB_TEXT(f->region),
        DB_INT(f->created_after),
        DB_INT(f->created_before ? f->created_before : INT64_MAX),
        DB_TEXT(lives),
        DB_INT(f->max)};
    cleanup(rows_end) Rows r = db_rows_(db, values, countof(values));
    while (rows_next(&r)) *vec_push(a, out) = read_row(&r, a);
}

int64_t cluster_row_list(Db *db, const ClusterFilter *f, Arena *a, ClusterRow **out)
{
    RowVec rows = {0};
    if (f->lives && !f->created_after && !f->created_before)
        list_by_life(db, f, a, &rows);
    else
        list_by_date(db, f, a, &rows);
    *out = rows.p;
    return rows.n;
}

int64_t cluster_row_living(Db *db, Arena *a, Str **ids)
{
    StrVec v = {0};
    cleanup(rows_end) Rows r =
        db_rows(db, SQL("SELECT id FROM cluster WHERE ended = 0 ORDER BY n"));
    while (rows_next(&r)) *vec_push(a, &v) = rows_text(&r, 0, a);
    *ids = v.p;
    return v.n;
}

int64_t cluster_row_expired(Db *db, Millis before, int64_t max, Arena *a, ClusterExpired **out)
{
    struct {
        ClusterExpired *p;
        int64_t n, cap;
    } v = {0};
    cleanup(rows_end) Rows r = db_rows(db,
                                       SQL("SELECT n, id FROM cluster WHERE ended > 0 AND ended < "
                                           "?1 ORDER BY ended LIMIT ?2"),
                                       DB_INT(before), DB_INT(max));
    while (rows_next(&r)) *vec_push(a, &v) = (ClusterExpired){rows_int(&r, 0), rows_text(&r, 1, a)};
    *out = v.p;
    return v.n;
}

void cluster_row_remove(Db *db, int64_t n)
{
    db_run(db, SQL("DELETE FROM cluster WHERE n = ?1"), DB_INT(n));
}
