/* executions_deletion.c - machines that are deleted while executions run: those are stopped at their next transition. */
#include "app/states/executions_inner.h"

static bool any_runs(Server *s, int64_t machine)
{
    ExecutionRow *rows;
    ExecutionFilter f = {.machine = machine, .status = ASL_RUNNING, .redriven = -1, .max = 1};
    return execution_row_list(s->db, &f, &s->turn, &rows) > 0;
}

void executions_delete_machine(Server *s, int64_t machine)
{
    if (!any_runs(s, machine)) {
        machine_row_remove(s->db, machine);
        return;
    }
    machine_row_mark_deleting(s->db, machine);
    s->executions->deleting = true;
}

/* A transition of the execution, which takes place no more. */
static bool is_transition(const AslEvent *e)
{
    switch (e->kind) {
    case ASL_CONTINUE:
    case ASL_TIMER:
    case ASL_TASK_SUCCEEDED:
    case ASL_TASK_FAILED:
    case ASL_MAP_RUN_SUCCEEDED:
    case ASL_MAP_RUN_FAILED: return true;
    case ASL_START:
    case ASL_TASK_STARTED:
    case ASL_TASK_SUBMITTED:
    case ASL_TASK_HEARTBEAT:
    case ASL_MAP_RUN_STARTED:
    case ASL_STOP:
    case ASL_REDRIVE: return false;
    }
    unreachable();
}

bool executions_must_stop(Server *s, const ExecutionRow *row, const AslEvent *e)
{
    return s->executions->deleting && is_transition(e) &&
           machine_row_is_deleting(s->db, row->machine);
}

void executions_last_ended(Server *s, int64_t machine)
{
    if (s->executions->deleting && machine_row_is_deleting(s->db, machine) && !any_runs(s, machine))
        machine_row_remove(s->db, machine);
}
