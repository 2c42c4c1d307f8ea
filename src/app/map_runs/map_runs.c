/* map_runs.c - the life of a Map Run: ordered, read, started, stopped, ended; one bounded portion an event. */
#include "app/map_runs/map_runs.h"

#include "app/access/authorize.h"
#include "app/map_runs/reading.h"
#include "app/states/integrations_inner.h"
#include "store/timers.h"

enum {
    STOP_AT_ONCE = 256, /* children aborted in one event */
    REDRIVES_MAX = 1000,
    DISK_RETRY_MS = 1000,
};
/* https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html: the redrive period.
 * So long the items are kept. */
#define REDRIVE_PERIOD_MS ((Millis)14 * 24 * 3600 * 1000)

bool map_runs_open(Server *s, Error *err)
{
    s->map_runs = calloc(1, sizeof *s->map_runs);
    check(s->map_runs);
    return folder_make(s->data, S("map-runs"), err);
}

void map_runs_close(Server *s)
{
    if (!s->map_runs) return;
    for (struct Reading *r = s->map_runs->readings, *next; r; r = next) {
        next = r->next_reading;
        reading_free(r);
    }
    for (struct Writing *w; (w = s->map_runs->writings);) {
        s->map_runs->writings = writing_next(w);
        writing_free(w);
    }
    free(s->map_runs);
    s->map_runs = NULL;
}

Str map_runs_file(Arena *a, int64_t n)
{
    return str_printf(a, "map-runs/%" PRId64 ".items", n);
}

static void wake_at(Server *s, int64_t n, Millis due)
{
    timer_set(s->db, S("map-run"), str_printf(&s->turn, "%" PRId64, n), due);
}

void map_runs_wake(Server *s, int64_t n)
{
    wake_at(s, n, s->now);
}

bool map_runs_postpone(Server *s, int64_t n, const Error *err)
{
    if (err->code != ERR_IO && err->code != ERR_DISK_FULL) return false;
    log_error(s, "map-run-delayed", "n=%" PRId64 " error=\"%s\"", n, err->text);
    wake_at(s, n, s->now + DISK_RETRY_MS);
    return true;
}

/* ---- files that nobody needs ---- */

static void remove_items(Server *s, void *run)
{
    Error err = {0};
    int64_t n = *(int64_t *)run;
    if (!file_remove(s->data, map_runs_file(&s->turn, n), &err))
        log_error(s, "map-run-items-left", "run=%" PRId64 " error=\"%s\"", n, err.text);
}

static void forget_items(Server *s, int64_t n)
{
    int64_t *run = new (&s->turn, int64_t);
    *run = n;
    after_commit(s, remove_items, run);
}

static bool needs_items(Server *s, int64_t n)
{
    MapRunRow row;
    return map_run_get(s->db, n, &s->turn, &row) &&
           (row.phase != MAP_RUN_ENDED ||
            (row.status != ASL_SUCCEEDED && s->now < row.stopped + REDRIVE_PERIOD_MS));
}

void map_runs_recover(Server *s)
{
    StrVec names = {0};
    Error err = {0};
    int64_t *runs, n;
    static const MapRunPhase with_jobs[] = {MAP_RUN_READING, MAP_RUN_WRITING};
    for (int i = 0; i < countof(with_jobs); i++) {
        n = map_run_in_phase(s->db, with_jobs[i], &s->turn, &runs);
        for (int64_t r = 0; r < n; r++) map_runs_wake(s, runs[r]);
    }
    if (!folder_list(s->data, S("map-runs"), &s->turn, &names, &err)) return;
    for (int64_t i = 0; i < names.n; i++) {
        Str number, rest = names.p[i];
        Str path = str_printf(&s->turn, "map-runs/%.*s", STR(rest));
        if (!str_ends(rest, S(".items"))) {
            if (!file_remove(s->data, path, &err)) return; /* tried at the next start again */
            continue;
        }
        if (str_cut(&rest, '.', &number) && str_to_int(number, &n) && !needs_items(s, n))
            forget_items(s, n);
    }
}

/* ---- beginning ---- */

static Str run_arn(Server *s, const ExecutionRow *parent, Str label)
{
    const AslIdentity *id = &parent->asl.id;
    return str_printf(&s->turn, "arn:aws:states:%.*s:%.*s:mapRun:%.*s/%.*s:%.*s", STR(id->region),
                      STR(parent->account), STR(id->machine_name), STR(label),
                      STR(server_new_uuid(s, &s->turn)));
}

static MapRunRow new_run(Server *s, const ExecutionRow *parent, const ExecutionOrder *o)
{
    Json order;
    Error err = {0};
    AslMapRun run;
    const AslDefinition *def = executions_definition(s, parent);
    Str label = o->action.n ? o->action : server_new_uuid(s, &s->turn);
    check(json_parse(o->parameters, &s->turn, &order, &err) && asl_map_run_open(&order, 0, &run));
    return (MapRunRow){
        .arn = run_arn(s, parent, label),
        .label = label,
        .execution = parent->n,
        .parent_arn = parent->asl.id.arn,
        .flow = o->task,
        .express = def && asl_flow_express(def, o->task),
        .started = s->now,
        .token = o->token,
        .phase = MAP_RUN_READING,
        .concurrency = json_int_or(json_get(&order, S("MaxConcurrency")), 0),
        .tolerated_count = json_get(&order, S("ToleratedFailureCount")) ? run.tolerated_count : -1,
        .tolerated_per_million = run.tolerated_per_million,
        .order = o->parameters,
    };
}

static void again(MapRunCounts *c)
{
    for (int status = ASL_FAILED; status <= ASL_ABORTED; status++) {
        c->redrive += c->by[status];
        c->by[status] = 0;
    }
    c->written = 0;
}

/* The children that did not succeed are tried again, and those that never began begin. */
static void redrive(Server *s, MapRunRow *row, AslToken token)
{
    again(&row->children);
    again(&row->counts);
    map_child_redrive_all(s->db, row->n);
    row->token = token;
    row->phase = row->items < 0 ? MAP_RUN_READING : MAP_RUN_STARTING;
    row->status = ASL_RUNNING;
    row->error = row->cause = (Str){0};
    row->stopped = 0;
    row->redrives++;
    row->redriven = s->now;
    map_run_set(s->db, row);
}

void map_runs_order(Server *s, const ExecutionRow *parent, const ExecutionOrder *o)
{
    MapRunRow row;
    AslEvent e = {.kind = ASL_MAP_RUN_STARTED, .token = o->token};
    bool old = o->pattern.n > 0;
    if (old && !map_run_find(s->db, o->pattern, &s->turn, &row)) {
        check(db_failed(s->db));
        return;
    }
    if (old && row.redrives >= REDRIVES_MAX) {
        e.kind = ASL_MAP_RUN_FAILED;
        e.error = S("States.Runtime");
        e.cause = S("The Map Run has reached the maximum number of redrives (1000).");
        executions_event(s, parent->n, &e);
        return;
    }
    if (old) {
        redrive(s, &row, o->token);
    } else {
        row = new_run(s, parent, o);
        map_run_add(s->db, &row);
    }
    log_info(s, "map-run", "run=%.*s redrives=%" PRId64, STR(row.arn), row.redrives);
    e.arn = row.arn;
    executions_event(s, parent->n, &e);
    map_runs_wake(s, row.n);
}

/* ---- ending ---- */

void map_runs_fail(Server *s, MapRunRow *row, Str error, Str cause)
{
    row->status = ASL_FAILED;
    row->phase = MAP_RUN_STOPPING;
    row->error = error;
    row->cause = cause;
    map_run_set(s->db, row);
    map_runs_wake(s, row->n);
}

void map_runs_cancel(Server *s, int64_t execution, AslToken token)
{
    MapRunRow row;
    if (!map_run_find_token(s->db, execution, token, &s->turn, &row)) return;
    if (row.phase == MAP_RUN_ENDED) return;
    row.status = ASL_ABORTED;
    row.phase = MAP_RUN_STOPPING;
    map_run_set(s->db, &row);
    map_runs_wake(s, row.n);
}

void map_runs_finish(Server *s, MapRunRow *row, Str output)
{
    bool good = row->status == ASL_SUCCEEDED;
    AslEvent e = {.kind = good ? ASL_MAP_RUN_SUCCEEDED : ASL_MAP_RUN_FAILED,
                  .token = row->token,
                  .output = output,
                  .error = row->error,
                  .cause = row->cause};
    row->phase = MAP_RUN_ENDED;
    row->stopped = s->now;
    map_run_set(s->db, row);
    log_info(s, "map-run-ended", "run=%.*s status=%.*s items=%" PRId64, STR(row->arn),
             STR(executions_status_name(row->status)), row->items);
    if (good)
        forget_items(s, row->n);
    else
        wake_at(s, row->n, s->now + REDRIVE_PERIOD_MS);
    if (row->status != ASL_ABORTED) executions_event(s, row->execution, &e);
}

/* ---- going on ---- */

AslMapRun map_runs_decision(const MapRunRow *row)
{
    bool none = row->tolerated_count < 0 && row->tolerated_per_million < 0;
    return (AslMapRun){
        .items = row->items,
        .started = row->next_item - row->counts.redrive,
        .succeeded = row->counts.by[ASL_SUCCEEDED],
        .failed = row->counts.by[ASL_FAILED],
        .timed_out = row->counts.by[ASL_TIMED_OUT],
        .aborted = row->counts.by[ASL_ABORTED],
        .running = row->children.by[ASL_RUNNING],
        .concurrency_max = asl_map_run_concurrency(row->concurrency),
        .tolerated_count = none ? 0 : row->tolerated_count,
        .tolerated_per_million = row->tolerated_per_million,
    };
}

void map_runs_count(MapRunRow *row, const MapChild *child, const ExecutionRow *ended)
{
    row->children.by[ended->asl.status]++;
    row->counts.by[ended->asl.status] += child->items;
    if (ended->asl.status == ASL_SUCCEEDED) row->output_bytes += ended->asl.output.n + 1;
}

void map_runs_child_ended(Server *s, const ExecutionRow *ended)
{
    MapChild child;
    MapRunRow row;
    if (s->map_runs->starting || !map_child_of(s->db, ended->n, &child)) return;
    if (!map_run_get(s->db, child.run, &s->turn, &row)) return;
    child.status = (int)ended->asl.status;
    map_child_set(s->db, &child);
    row.children.by[ASL_RUNNING]--;
    row.counts.by[ASL_RUNNING] -= child.items;
    map_runs_count(&row, &child, ended);
    map_run_set(s->db, &row);
    map_runs_wake(s, row.n);
}

/* "IAM policies for using Distributed Map states" in the developer guide: the role starts its own
 * machine's executions, and redrives them. */
static bool may_run(Server *s, MapRunRow *row, bool again)
{
    Error err = {0};
    ExecutionRow parent;
    if (!execution_row_get(s->db, row->execution, &s->turn, &parent)) return true;
    Identity who = task_identity(&parent);
    Str on = who.source_arn;
    if (again)
        on = str_printf(&s->turn, "arn:aws:states:%.*s:%.*s:execution:%.*s/%.*s:*", STR(who.region),
                        STR(who.account), STR(parent.asl.id.machine_name), STR(row->label));
    if (authorize_act(s, &s->turn, &who,
                      again ? S("states:RedriveExecution") : S("states:StartExecution"), on, &err))
        return true;
    map_runs_fail(s, row, S("StepFunctions.AccessDeniedException"),
                  str_copy(&s->turn, error_text(&err)));
    return false;
}

/* Where the results cannot be put, nothing begins. */
static void go_on_reading(Server *s, MapRunRow *row)
{
    Error err = {0};
    if (!may_run(s, row, false)) return;
    if (map_runs_may_write(s, row, &err))
        map_runs_read(s, row);
    else if (!db_failed(s->db))
        map_runs_fail(s, row, S("States.ResultWriterFailed"), str_copy(&s->turn, error_text(&err)));
}

static void go_on_starting(Server *s, MapRunRow *row)
{
    AslMapRun run = map_runs_decision(row);
    AslMapRunState state = asl_map_run_state(&run);
    if (row->children.redrive && !may_run(s, row, true)) return;
    if (state == ASL_MAP_RUN_RUNS && asl_map_run_may_start(&run) > 0) {
        if (!map_runs_start_some(s, row)) return;
        map_runs_wake(s, row->n);
    } else if (state == ASL_MAP_RUN_FAILURE) {
        map_runs_fail(s, row, ASL_MAP_RUN_ERROR, ASL_MAP_RUN_CAUSE);
        return;
    } else if (state == ASL_MAP_RUN_SUCCESS) {
        row->status = ASL_SUCCEEDED;
        row->phase = MAP_RUN_WRITING;
        map_runs_wake(s, row->n);
    }
    map_run_set(s->db, row);
}

static void go_on_stopping(Server *s, MapRunRow *row)
{
    MapChild *children;
    int64_t n = map_child_list(s->db, row->n, ASL_RUNNING, STOP_AT_ONCE, &s->turn, &children);
    for (int64_t i = 0; i < n; i++)
        executions_event(s, children[i].execution, &(AslEvent){.kind = ASL_STOP});
    map_runs_wake(s, row->n);
    if (n || db_failed(s->db)) return;
    row->phase = MAP_RUN_WRITING;
    map_run_set(s->db, row);
}

void map_runs_due(Server *s, Str subject)
{
    MapRunRow row;
    int64_t n;
    check(str_to_int(subject, &n));
    if (!map_run_get(s->db, n, &s->turn, &row)) return;
    switch (row.phase) {
    case MAP_RUN_READING: go_on_reading(s, &row); return;
    case MAP_RUN_STARTING: go_on_starting(s, &row); return;
    case MAP_RUN_STOPPING: go_on_stopping(s, &row); return;
    case MAP_RUN_WRITING: map_runs_collect(s, &row); return;
    case MAP_RUN_ENDED: forget_items(s, n); return;
    }
    unreachable();
}
