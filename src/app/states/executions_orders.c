/* executions_orders.c - what a decision orders becomes rows: timers, tasks to begin, jobs to end. */
#include "app/states/executions_inner.h"

#include "app/map_runs/map_runs.h"
#include "app/states/activities.h"
#include "store/timers.h"

/* ---- timers: "12/3/4/wait": execution, frame, attempt, which ---- */

const char *const executions_timer_names[] = {
    [ASL_TIMER_WAIT] = "wait",           [ASL_TIMER_RETRY] = "retry",
    [ASL_TIMER_TASK] = "task",           [ASL_TIMER_HEARTBEAT] = "heartbeat",
    [ASL_TIMER_EXECUTION] = "execution",
};
const char *const executions_order_names[] = {
    [ORDER_TASK] = "task",
    [ORDER_CANCEL] = "cancel",
    [ORDER_MAP_RUN] = "map-run",
    [ORDER_WORK] = "work",
};

Str executions_subject(Server *s, int64_t execution, AslToken t, const char *what)
{
    return str_printf(&s->turn, "%" PRId64 "/%" PRId64 "/%" PRId64 "/%s", execution, t.frame,
                      t.attempt, what);
}

Str executions_read_subject(Str rest, int64_t *execution, AslToken *t)
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
        timer_clear(s->db, S("states"),
                    executions_subject(s, execution, t, executions_timer_names[i]));
}

/* ---- orders ---- */

void executions_add_order(Server *s, const ExecutionOrder *o)
{
    execution_order_add(s->db, o);
    timer_set(s->db, S("states-order"),
              executions_subject(s, o->execution, o->token, executions_order_names[o->kind]),
              s->now);
}

void executions_drop_order(Server *s, int64_t execution, OrderKind kind, AslToken t)
{
    execution_order_remove(s->db, execution, kind, t);
    timer_clear(s->db, S("states-order"),
                executions_subject(s, execution, t, executions_order_names[kind]));
}

/* The task is over. What it waits for is over as well, or is to be ended. */
static void cancel(Server *s, int64_t execution, AslToken t)
{
    ExecutionWait w;
    clear_timers(s, execution, t);
    executions_drop_order(s, execution, ORDER_TASK, t);
    executions_drop_order(s, execution, ORDER_MAP_RUN, t);
    executions_drop_order(s, execution, ORDER_WORK, t);
    activity_task_remove(s->db, execution, t);
    map_runs_cancel(s, execution, t);
    if (!execution_wait_get(s->db, execution, t, &s->turn, &w)) return;
    execution_wait_remove(s->db, execution, t);
    executions_add_order(s, &(ExecutionOrder){.execution = execution,
                                              .kind = ORDER_CANCEL,
                                              .token = t,
                                              .service = w.service,
                                              .resource = w.id,
                                              .parameters = w.parent,
                                              .action = w.action,
                                              .pattern = w.pattern});
}

void executions_order(Server *s, int64_t execution, const AslCommand *c)
{
    switch (c->kind) {
    case ASL_COMMAND_TIMER:
        timer_set(s->db, S("states"),
                  executions_subject(s, execution, c->token, executions_timer_names[c->timer]),
                  c->due);
        return;
    case ASL_COMMAND_CONTINUE:
        timer_set(s->db, S("states"), executions_subject(s, execution, c->token, "continue"),
                  s->now);
        return;
    case ASL_COMMAND_CANCEL: cancel(s, execution, c->token); return;
    case ASL_COMMAND_MAP_RUN:
        executions_add_order(s, &(ExecutionOrder){.execution = execution,
                                                  .kind = ORDER_MAP_RUN,
                                                  .token = c->token,
                                                  .task = c->flow,
                                                  .action = c->label,
                                                  .pattern = c->map_run_arn,
                                                  .parameters = c->parameters});
        return;
    case ASL_COMMAND_TASK:
        executions_add_order(s, &(ExecutionOrder){.execution = execution,
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
