/* executions.c - one event of an execution: load, decide, and record in the same transaction. */
#include "app/states/executions.h"

#include "app/map_runs/map_runs.h"
#include "app/states/executions_inner.h"
#include "app/states/executions_meter.h"
#include "app/states/trials.h"
#include "app/turn.h"
#include "store/changes.h"
#include "store/timers.h"

bool executions_open(Server *s, Error *err)
{
    (void)err;
    s->executions = calloc(1, sizeof *s->executions);
    check(s->executions);
    s->executions->look = true;
    s->executions->deleting = machine_row_is_deleting(s->db, 0);
    return true;
}

void executions_close(Server *s)
{
    if (!s->executions) return;
    trials_close(s);
    integrations_later_close(s);
    for (int i = 0; i < DEFINITIONS_KEPT; i++) arena_free(&s->executions->kept[i].arena);
    for (Awaiting *w = s->executions->awaiting, *next; w; w = next) {
        next = w->next;
        free(w);
    }
    free(s->executions);
    s->executions = NULL;
}

Str executions_status_name(AslStatus status)
{
    static const char *const names[] = {
        [ASL_RUNNING] = "RUNNING",     [ASL_SUCCEEDED] = "SUCCEEDED", [ASL_FAILED] = "FAILED",
        [ASL_TIMED_OUT] = "TIMED_OUT", [ASL_ABORTED] = "ABORTED",
    };
    return str_from(names[status]);
}

/* ---- one event ---- */

typedef struct Loading {
    Server *s;
    int64_t execution;
} Loading;

static const AslFrame *load(void *owner, int64_t id)
{
    const Loading *l = owner;
    AslFrame *f = new (&l->s->turn, AslFrame);
    if (execution_frame_get(l->s->db, l->execution, id, &l->s->turn, f)) return f;
    *f = (AslFrame){.id = id};
    return db_failed(l->s->db)
               ? f
               : NULL; /* a database that cannot be read: what comes of it is undone */
}

/* Nobody waits for a child of a Map Run but the run, which is told. */
static void record_change(Server *s, const ExecutionRow *row, Str from, AslStatus to)
{
    if (!str_absent(row->asl.id.map_run_arn)) return;
    change_add(s->db, &(Change){.service = S("states-execution"),
                                .id = row->asl.id.arn,
                                .parent = row->asl.id.machine_arn,
                                .from = from,
                                .to = executions_status_name(to),
                                .at = s->now});
}

static void forget(Server *s, void *arg)
{
    for (Awaiting **at = &s->executions->awaiting; *at; at = &(*at)->next) {
        if (*at != arg) continue;
        *at = (*at)->next;
        free(arg);
        return;
    }
}

static void ended(Server *s, const ExecutionRow *row)
{
    if (!str_absent(row->asl.id.map_run_arn)) {
        map_runs_child_ended(s, row);
        return;
    }
    executions_meter_ended(s, row);
    record_change(s, row, executions_status_name(ASL_RUNNING), row->asl.status);
    log_info(s, "execution-ended", "execution=%.*s status=%.*s", STR(row->asl.id.arn),
             STR(executions_status_name(row->asl.status)));
    executions_last_ended(s, row->machine);
    for (Awaiting *w = s->executions->awaiting; w; w = w->next) {
        if (!str_eq(w->arn, row->asl.id.arn)) continue;
        w->answer(w->call, row);
        after_commit(s, forget, w);
    }
}

/* Its row is written once, with what its first event has made of it. */
static void begin(Server *s, ExecutionRow *row)
{
    execution_row_add(s->db, row);
    executions_meter_started(s, row);
    record_change(s, row, (Str){0}, ASL_RUNNING);
}

static void clear_execution_timer(Server *s, const ExecutionRow *row)
{
    timer_clear(s->db, S("states"),
                executions_subject(s, row->n, (AslToken){0, row->asl.redrives},
                                   executions_timer_names[ASL_TIMER_EXECUTION]));
}

static void write_row(Server *s, ExecutionRow *row, const AslExecution *next)
{
    AslIdentity id = row->asl.id;
    row->asl = *next;
    row->asl.id = id;
    if (row->n)
        execution_row_set(s->db, row->n, &row->asl);
    else
        begin(s, row);
}

static void record(Server *s, ExecutionRow *row, const AslUpdate *u)
{
    bool begins = !row->n; /* nothing of it is there that could go */
    write_row(s, row, &u->next);
    for (int64_t i = 0; i < u->removed.n && !begins; i++)
        execution_frame_remove_group(s->db, row->n, u->removed.p[i]);
    for (int64_t i = 0; i < u->frames.n; i++)
        if (u->next.status != ASL_SUCCEEDED)
            execution_frame_set(s->db, row->n, &u->frames.p[i], &s->turn);
    bool express = row->asl.id.express; /* nobody can ask for its history */
    for (int64_t i = 0; i < u->history.n && !express; i++)
        execution_history_add(s->db, row->n, &u->history.p[i], &s->turn);
    for (int64_t i = 0; i < u->commands.n; i++) executions_order(s, row->n, &u->commands.p[i]);
    executions_meter_history(s, row, u->history.p, u->history.n);
    states_logging_write(s, executions_logging(s, row->revision), row, u->history.p, u->history.n);
    if (u->next.status == ASL_RUNNING) return;
    if (!begins || u->commands.n) clear_execution_timer(s, row);
    ended(s, row);
}

static bool apply(Server *s, ExecutionRow *row, AslEvent *e)
{
    Loading loading = {s, row->n};
    AslUpdate u;
    const AslDefinition *def = executions_definition(s, row);
    if (!def) return false;
    e->now = s->now;
    loop_random(s->loop, &e->seed, sizeof e->seed);
    row->asl.id.no_quotas = s->config.lift_quotas;
    asl_step(def, &row->asl, &(AslFrames){&loading, load}, e, &s->turn, &u);
    if (!u.ignored && u.next.status == ASL_RUNNING && executions_must_stop(s, row, e))
        asl_step(def, &row->asl, &(AslFrames){&loading, load},
                 &(AslEvent){.kind = ASL_STOP, .now = e->now, .seed = e->seed}, &s->turn, &u);
    if (!u.ignored) record(s, row, &u);
    return !u.ignored;
}

void executions_start(Server *s, ExecutionRow *row)
{
    row->n = 0;
    if (!apply(s, row, &(AslEvent){.kind = ASL_START})) begin(s, row);
}

/* false: the database cannot be read, and the event will come again. */
bool executions_row(Server *s, int64_t execution, ExecutionRow *out)
{
    if (execution_row_get(s->db, execution, &s->turn, out)) return true;
    check(db_failed(s->db));
    return false;
}

bool executions_event(Server *s, int64_t execution, AslEvent *e)
{
    ExecutionRow row;
    return execution_row_get(s->db, execution, &s->turn, &row) && apply(s, &row, e);
}

bool executions_map_items(Server *s, int64_t execution, int64_t frame, const AslItem *items,
                          int64_t n, Json *out, AslFault *fault)
{
    ExecutionRow row;
    Loading loading = {s, execution};
    AslEvent e = {.now = s->now};
    const AslDefinition *def = NULL;
    *fault = (AslFault){S("States.Runtime"), S("The definition of the execution is lost.")};
    loop_random(s->loop, &e.seed, sizeof e.seed);
    if (execution_row_get(s->db, execution, &s->turn, &row)) def = executions_definition(s, &row);
    return def && asl_map_items(def, &row.asl, &(AslFrames){&loading, load}, frame, &e, items, n,
                                &s->turn, out, fault);
}

void executions_timer_due(Server *s, Str subject)
{
    AslEvent e = {.kind = ASL_TIMER};
    int64_t execution;
    Str what = executions_read_subject(subject, &execution, &e.token);
    if (str_eq(what, S("continue")))
        e.kind = ASL_CONTINUE;
    else
        while (!str_eq(what, str_from(executions_timer_names[e.timer])))
            e.timer++, check(e.timer <= ASL_TIMER_EXECUTION);
    executions_event(s, execution, &e);
}

void executions_answer_at_end(Server *s, const ExecutionRow *row, Call *call,
                              void (*answer)(Call *call, const ExecutionRow *row))
{
    Awaiting *w = calloc(1, sizeof *w);
    check(w);
    *w = (Awaiting){.arn = str_copy(call->arena, row->asl.id.arn),
                    .call = call,
                    .answer = answer,
                    .next = s->executions->awaiting};
    s->executions->awaiting = w;
}
