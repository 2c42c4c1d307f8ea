/* executions.c - one event of an execution: load, decide, record in the same transaction, and act in events of their own. */
#include "app/states/executions.h"

#include "app/map_runs/map_runs.h"
#include "app/states/activities.h"
#include "app/states/executions_meter.h"
#include "app/states/integrations.h"
#include "app/states/logging.h"
#include "app/states/trials.h"
#include "app/turn.h"
#include "store/changes.h"
#include "store/timers.h"

enum {
    DEFINITIONS_KEPT = 64,
    CHANGES_AT_ONCE = 64,
    WORK_AGAIN_MS =
        10 * 60 * 1000,    /* longer than a request or a copy takes; a start does not wait for it */
    ORDER_RETRY_MS = 1000, /* after a disk that was full */
};

typedef struct Kept {
    int64_t revision, used;
    Arena arena;
    const AslDefinition *def;
    StatesLogging logging;
} Kept;

typedef struct Awaiting {
    int64_t execution;
    Call *call;
    void (*answer)(Call *call, const ExecutionRow *row);
    struct Awaiting *next;
} Awaiting;

struct Executions {
    Kept kept[DEFINITIONS_KEPT]; /* parsed ones */
    int64_t uses;
    Awaiting *awaiting;
    bool look; /* changes may be there that this process has not followed */
};

bool executions_open(Server *s, Error *err)
{
    (void)err;
    s->executions = calloc(1, sizeof *s->executions);
    check(s->executions);
    s->executions->look = true;
    return true;
}

void executions_close(Server *s)
{
    if (!s->executions) return;
    trials_close(s);
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

/* ---- definitions ---- */

static Kept *least_used(struct Executions *x)
{
    Kept *found = &x->kept[0];
    for (int i = 1; i < DEFINITIONS_KEPT; i++)
        if (x->kept[i].used < found->used) found = &x->kept[i];
    return found;
}

/* NULL: the text, which was accepted when it came, is not accepted by this version of the program.
 */
static const AslDefinition *parse(Server *s, Kept *k, int64_t revision, bool express)
{
    MachineRevision r;
    AslDiagnostics found = {0};
    arena_reset(&k->arena);
    *k = (Kept){.revision = revision, .arena = k->arena};
    if (!machine_revision_get(s->db, revision, &s->turn, &r)) {
        check(db_failed(s->db));
        k->revision = 0;
        return NULL;
    }
    k->logging = states_logging_read(&k->arena, r.logging);
    if (asl_parse(str_copy(&k->arena, r.definition), &(AslRules){.express = express}, &k->arena,
                  &found, &k->def))
        return k->def;
    log_error(s, "definition-refused", "revision=%" PRId64 " error=\"%.*s\"", revision,
              STR(asl_diagnostics_text(&s->turn, &found)));
    k->revision = 0;
    return k->def = NULL;
}

/* Of a revision whose definition has just been used. */
static const StatesLogging *logging_of(const Server *s, int64_t revision)
{
    const struct Executions *x = s->executions;
    for (int i = 0; i < DEFINITIONS_KEPT; i++)
        if (x->kept[i].revision == revision) return &x->kept[i].logging;
    return NULL;
}

static const AslDefinition *definition_of(Server *s, int64_t revision, bool express)
{
    struct Executions *x = s->executions;
    Kept *k = NULL;
    for (int i = 0; i < DEFINITIONS_KEPT && !k; i++)
        if (x->kept[i].revision == revision) k = &x->kept[i];
    const AslDefinition *def = k ? k->def : parse(s, k = least_used(x), revision, express);
    k->used = ++x->uses;
    return def;
}

/* A Map Run's child runs by the definition of its parent, which is none of an Express workflow. */
const AslDefinition *executions_definition(Server *s, const ExecutionRow *row)
{
    bool express = row->asl.id.express && str_absent(row->asl.id.map_run_arn);
    return definition_of(s, row->revision, express);
}

/* ---- timers: "12/3/4/wait": execution, frame, attempt, which ---- */

static const char *const timer_names[] = {
    [ASL_TIMER_WAIT] = "wait",           [ASL_TIMER_RETRY] = "retry",
    [ASL_TIMER_TASK] = "task",           [ASL_TIMER_HEARTBEAT] = "heartbeat",
    [ASL_TIMER_EXECUTION] = "execution",
};
static const char *const order_names[] = {
    [ORDER_TASK] = "task",
    [ORDER_CANCEL] = "cancel",
    [ORDER_MAP_RUN] = "map-run",
    [ORDER_WORK] = "work",
};

static Str subject_of(Server *s, int64_t execution, AslToken t, const char *what)
{
    return str_printf(&s->turn, "%" PRId64 "/%" PRId64 "/%" PRId64 "/%s", execution, t.frame,
                      t.attempt, what);
}

static Str read_subject(Str rest, int64_t *execution, AslToken *t)
{
    Str part;
    int64_t *numbers[] = {execution, &t->frame, &t->attempt};
    for (int i = 0; i < countof(numbers); i++)
        check(str_cut(&rest, '/', &part) && str_to_int(part, numbers[i]));
    return rest;
}

static void clear_timers(Server *s, int64_t execution, AslToken t)
{
    for (int i = ASL_TIMER_WAIT; i < ASL_TIMER_EXECUTION; i++)
        timer_clear(s->db, S("states"), subject_of(s, execution, t, timer_names[i]));
}

/* ---- orders ---- */

static void add_order(Server *s, const ExecutionOrder *o)
{
    execution_order_add(s->db, o);
    timer_set(s->db, S("states-order"), subject_of(s, o->execution, o->token, order_names[o->kind]),
              s->now);
}

static void drop_order(Server *s, int64_t execution, OrderKind kind, AslToken t)
{
    execution_order_remove(s->db, execution, kind, t);
    timer_clear(s->db, S("states-order"), subject_of(s, execution, t, order_names[kind]));
}

/* The task is over. What it waits for is over as well, or is to be ended. */
static void cancel(Server *s, int64_t execution, AslToken t)
{
    ExecutionWait w;
    clear_timers(s, execution, t);
    drop_order(s, execution, ORDER_TASK, t);
    drop_order(s, execution, ORDER_MAP_RUN, t);
    drop_order(s, execution, ORDER_WORK, t);
    activity_task_remove(s->db, execution, t);
    map_runs_cancel(s, execution, t);
    if (!execution_wait_get(s->db, execution, t, &s->turn, &w)) return;
    execution_wait_remove(s->db, execution, t);
    add_order(s, &(ExecutionOrder){.execution = execution,
                                   .kind = ORDER_CANCEL,
                                   .token = t,
                                   .service = w.service,
                                   .resource = w.id,
                                   .parameters = w.parent,
                                   .action = w.action,
                                   .pattern = w.pattern});
}

static void order(Server *s, int64_t execution, const AslCommand *c)
{
    switch (c->kind) {
    case ASL_COMMAND_TIMER:
        timer_set(s->db, S("states"), subject_of(s, execution, c->token, timer_names[c->timer]),
                  c->due);
        return;
    case ASL_COMMAND_CONTINUE:
        timer_set(s->db, S("states"), subject_of(s, execution, c->token, "continue"), s->now);
        return;
    case ASL_COMMAND_CANCEL: cancel(s, execution, c->token); return;
    case ASL_COMMAND_MAP_RUN:
        add_order(s, &(ExecutionOrder){.execution = execution,
                                       .kind = ORDER_MAP_RUN,
                                       .token = c->token,
                                       .task = c->flow,
                                       .action = c->label,
                                       .pattern = c->map_run_arn,
                                       .parameters = c->parameters});
        return;
    case ASL_COMMAND_TASK:
        add_order(s, &(ExecutionOrder){.execution = execution,
                                       .kind = ORDER_TASK,
                                       .token = c->token,
                                       .task = (int)c->task,
                                       .resource = c->resource,
                                       .service = c->service,
                                       .action = c->action,
                                       .pattern = c->pattern,
                                       .parameters = c->parameters});
        return;
    }
    unreachable();
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
static void record_change(Server *s, const ExecutionRow *row, Str from)
{
    if (!str_absent(row->asl.id.map_run_arn)) return;
    change_add(s->db, &(Change){.service = S("states-execution"),
                                .id = row->asl.id.arn,
                                .parent = row->asl.id.machine_arn,
                                .from = from,
                                .to = executions_status_name(row->asl.status),
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
    timer_clear(
        s->db, S("states"),
        subject_of(s, row->n, (AslToken){0, row->asl.redrives}, timer_names[ASL_TIMER_EXECUTION]));
    if (!str_absent(row->asl.id.map_run_arn)) {
        map_runs_child_ended(s, row);
        return;
    }
    executions_meter_ended(s, row);
    record_change(s, row, executions_status_name(ASL_RUNNING));
    log_info(s, "execution-ended", "execution=%.*s status=%.*s", STR(row->asl.id.arn),
             STR(executions_status_name(row->asl.status)));
    for (Awaiting *w = s->executions->awaiting; w; w = w->next) {
        if (w->execution != row->n) continue;
        w->answer(w->call, row);
        after_commit(s, forget, w);
    }
}

static void record(Server *s, ExecutionRow *row, const AslUpdate *u)
{
    AslIdentity id = row->asl.id;
    for (int64_t i = 0; i < u->removed.n; i++)
        execution_frame_remove_group(s->db, row->n, u->removed.p[i]);
    execution_row_set(s->db, row->n, &u->next);
    for (int64_t i = 0; i < u->frames.n; i++)
        if (u->next.status != ASL_SUCCEEDED)
            execution_frame_set(s->db, row->n, &u->frames.p[i], &s->turn);
    for (int64_t i = 0; i < u->history.n && !id.express; i++) /* nobody can ask for it */
        execution_history_add(s->db, row->n, &u->history.p[i], &s->turn);
    for (int64_t i = 0; i < u->commands.n; i++) order(s, row->n, &u->commands.p[i]);
    row->asl = u->next;
    row->asl.id = id;
    executions_meter_history(s, row, u->history.p, u->history.n);
    states_logging_write(s, logging_of(s, row->revision), row, u->history.p, u->history.n);
    if (u->next.status != ASL_RUNNING) ended(s, row);
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
    if (!u.ignored) record(s, row, &u);
    return !u.ignored;
}

void executions_start(Server *s, ExecutionRow *row)
{
    execution_row_add(s->db, row);
    executions_meter_started(s, row);
    record_change(s, row, (Str){0});
    apply(s, row, &(AslEvent){.kind = ASL_START});
}

/* false: the database cannot be read, and the event will come again. */
static bool row_of(Server *s, int64_t execution, ExecutionRow *out)
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
    Str what = read_subject(subject, &execution, &e.token);
    if (str_eq(what, S("continue")))
        e.kind = ASL_CONTINUE;
    else
        while (!str_eq(what, str_from(timer_names[e.timer])))
            e.timer++, check(e.timer <= ASL_TIMER_EXECUTION);
    executions_event(s, execution, &e);
}

void executions_answer_at_end(Server *s, int64_t execution, Call *call,
                              void (*answer)(Call *call, const ExecutionRow *row))
{
    Awaiting *w = calloc(1, sizeof *w);
    check(w);
    *w = (Awaiting){
        .execution = execution, .call = call, .answer = answer, .next = s->executions->awaiting};
    s->executions->awaiting = w;
}

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
    add_order(s, &work);
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
    drop_order(s, execution, ORDER_WORK, t);
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
    Str what = read_subject(subject, &execution, &t);
    while (!str_eq(what, str_from(order_names[kind]))) kind++, check(kind < countof(order_names));
    if (!execution_order_get(s->db, execution, (OrderKind)kind, t, &s->turn, &o)) return;
    if (!row_of(s, execution, &row)) return;
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
    if (!row_of(s, w->execution, &row) || !integrations_look(s, &row, w, &outcome)) return;
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

/* false: there is nothing more to follow now. */
static bool follow_some(Server *s)
{
    Change *changes;
    Error err = {0};
    int64_t n = change_list(s->db, execution_seen(s->db), CHANGES_AT_ONCE, &s->turn, &changes);
    if (!n) return false;
    event_begin(s);
    for (int64_t i = 0; i < n; i++) follow(s, &changes[i]);
    execution_set_seen(s->db, changes[n - 1].n);
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
