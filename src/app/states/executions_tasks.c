/* executions_tasks.c - orders are carried out in events of their own, and tasks go on when what they wait for has changed. */
#include "app/states/executions_inner.h"

#include "app/map_runs/map_runs.h"
#include "app/states/activities.h"
#include "app/states/integrations.h"
#include "app/states/trials.h"
#include "app/turn.h"
#include "store/changes.h"
#include "store/timers.h"

enum {
    CHANGES_AT_ONCE = 64,
    WORK_AGAIN_MS =
        10 * 60 * 1000,    /* longer than a request or a copy takes; a start does not wait for it */
    ORDER_RETRY_MS = 1000, /* after a disk that was full */
};

/* ---- carrying orders out ---- */

static void task_event(Server *s, int64_t execution, AslToken t, const TaskOutcome *o,
                       AslEventKind kind)
{
    AslEvent e = {.kind = kind,
                  .token = t,
                  .output = o->output,
                  .error = o->error,
                  .cause = o->cause,
                  .stage = o->stage};
    executions_event(s, execution, &e);
}

static void await(Server *s, const ExecutionRow *row, const ExecutionOrder *o, TaskOutcome *outcome)
{
    ExecutionWait *w = &outcome->wait;
    w->execution = row->n;
    w->token = o->token;
    w->action = str_absent(o->action) ? S("") : o->action;
    w->pattern = str_absent(o->pattern) ? S("") : o->pattern;
    if (!str_absent(w->service)) execution_wait_add(s->db, w);
    task_event(s, row->n, o->token, outcome,
               outcome->end == TASK_AWAITED ? ASL_TASK_SUBMITTED : ASL_TASK_STARTED);
    if (!str_absent(w->service)) executions_check(s, w);
}

/* What a handler wrote before it refused is undone; what was decided stands. false: the disk is
 * full, and the order is carried out later. */
static bool undo(Server *s, Str subject)
{
    Error err = {0};
    bool kept = event_end(s, false, &err);
    check(!kept);
    event_begin(s);
    timer_clear(s->db, S("states-order"), subject);
    if (err.code) timer_set(s->db, S("states-order"), subject, s->now + ORDER_RETRY_MS);
    return err.code == ERR_NONE;
}

/* The task works outside from now on, after the commit; what came of it is an event of its own. */
static void begin_work(Server *s, const ExecutionOrder *o)
{
    ExecutionOrder work = *o;
    work.kind = ORDER_WORK;
    execution_order_remove(s->db, o->execution, o->kind, o->token);
    executions_add_order(s, &work);
    task_event(s, o->execution, o->token, &(TaskOutcome){0}, ASL_TASK_STARTED);
}

static void go_on_with_work(Server *s, const ExecutionRow *row, const ExecutionOrder *o,
                            Str subject)
{
    TaskOutcome outcome;
    timer_set(s->db, S("states-order"), subject, s->now + WORK_AGAIN_MS);
    integrations_work(s, row, o, &outcome);
    if (outcome.end == TASK_WORKS || (outcome.end == TASK_REFUSED && !undo(s, subject))) return;
    executions_work_done(s, o->execution, o->token, &outcome);
}

void executions_work_done(Server *s, int64_t execution, AslToken t, const TaskOutcome *outcome)
{
    ExecutionOrder o;
    if (execution < 0) {
        trials_done(s, execution, outcome);
        return;
    }
    if (!execution_order_get(s->db, execution, ORDER_WORK, t, &s->turn, &o)) return;
    executions_drop_order(s, execution, ORDER_WORK, t);
    task_event(s, execution, t, outcome,
               outcome->end == TASK_DONE ? ASL_TASK_SUCCEEDED : ASL_TASK_FAILED);
}

void executions_recover(Server *s)
{
    timer_bring_forward(s->db, S("states-order"), s->now);
}

static void begin_task(Server *s, const ExecutionRow *row, const ExecutionOrder *o, Str subject)
{
    TaskOutcome outcome = {0};
    if (o->task == ASL_TASK_ACTIVITY) {
        execution_order_remove(s->db, o->execution, o->kind, o->token);
        activities_schedule(s, row->n, o);
        return;
    }
    integrations_begin(s, row, o, &outcome);
    if (outcome.end == TASK_REFUSED && !undo(s, subject)) return;
    if (outcome.end == TASK_WORKS) {
        begin_work(s, o);
        return;
    }
    execution_order_remove(s->db, o->execution, o->kind, o->token);
    if (outcome.stage == ASL_STAGE_RUN)
        task_event(s, row->n, o->token, &(TaskOutcome){0}, ASL_TASK_STARTED);
    if (outcome.end == TASK_AWAITED || outcome.end == TASK_BEGUN)
        await(s, row, o, &outcome);
    else
        task_event(s, row->n, o->token, &outcome,
                   outcome.end == TASK_DONE ? ASL_TASK_SUCCEEDED : ASL_TASK_FAILED);
}

static void begin_map_run(Server *s, const ExecutionRow *row, const ExecutionOrder *o)
{
    execution_order_remove(s->db, o->execution, o->kind, o->token);
    map_runs_order(s, row, o);
}

static void end_job(Server *s, const ExecutionRow *row, const ExecutionOrder *o, Str subject)
{
    if (!integrations_cancel(s, row, o) && !undo(s, subject)) return;
    execution_order_remove(s->db, o->execution, o->kind, o->token);
}

void executions_order_due(Server *s, Str subject)
{
    ExecutionRow row;
    ExecutionOrder o;
    AslToken t;
    int64_t execution, kind = 0;
    Str what = executions_read_subject(subject, &execution, &t);
    while (!str_eq(what, str_from(executions_order_names[kind])))
        kind++, check(kind < countof(executions_order_names));
    if (!execution_order_get(s->db, execution, (OrderKind)kind, t, &s->turn, &o)) return;
    if (!executions_row(s, execution, &row)) return;
    if (o.kind == ORDER_TASK)
        begin_task(s, &row, &o, subject);
    else if (o.kind == ORDER_MAP_RUN)
        begin_map_run(s, &row, &o);
    else if (o.kind == ORDER_WORK)
        go_on_with_work(s, &row, &o, subject);
    else
        end_job(s, &row, &o, subject);
}

/* ---- what tasks wait for ---- */

void executions_check(Server *s, const ExecutionWait *w)
{
    ExecutionRow row;
    TaskOutcome outcome = {0};
    if (!executions_row(s, w->execution, &row) || !integrations_look(s, &row, w, &outcome)) return;
    execution_wait_remove(s->db, w->execution, w->token);
    task_event(s, w->execution, w->token, &outcome,
               outcome.end == TASK_DONE      ? ASL_TASK_SUCCEEDED
               : outcome.end == TASK_AWAITED ? ASL_TASK_SUBMITTED
                                             : ASL_TASK_FAILED);
}

static void follow(Server *s, const Change *c)
{
    ExecutionWait *waits;
    int64_t n = execution_wait_list(s->db, c->service, c->id, &s->turn, &waits);
    for (int64_t i = 0; i < n; i++) executions_check(s, &waits[i]);
}

/* false: there is nothing more to follow now. While nobody waits, nothing is read, however much has
 * changed: who begins to wait looks first. */
static bool follow_some(Server *s)
{
    Change *changes;
    Error err = {0};
    int64_t seen = execution_seen(s->db), last = seen, n = 0;
    if (!execution_wait_exists(s->db))
        last = change_last(s->db);
    else if ((n = change_list(s->db, seen, CHANGES_AT_ONCE, &s->turn, &changes)) > 0)
        last = changes[n - 1].n;
    if (last <= seen) return false;
    event_begin(s);
    for (int64_t i = 0; i < n; i++) follow(s, &changes[i]);
    execution_set_seen(s->db, last);
    if (event_end(s, true, &err)) return true;
    log_error(s, "changes-delayed", "error=\"%s\"", err.text);
    s->executions->look = true;
    return false;
}

void executions_follow(Server *s)
{
    if (!db_dirty(s->db) && !s->executions->look) return;
    s->executions->look = false;
    while (follow_some(s)) {
    }
}
