/* run.c - running ready frames until all of them wait: entering states, ending frames, ending the execution. */
#include "core/asl/work.h"

static AslHistoryType entered_type(const AslState *s)
{
    static const AslHistoryType types[ASL_STATE_TYPES] = {
        [ASL_TASK] = ASL_H_TASK_ENTERED, [ASL_WAIT] = ASL_H_WAIT_ENTERED, [ASL_PASS] = ASL_H_PASS_ENTERED,
        [ASL_SUCCEED] = ASL_H_SUCCEED_ENTERED, [ASL_FAIL] = ASL_H_FAIL_ENTERED, [ASL_CHOICE] = ASL_H_CHOICE_ENTERED,
        [ASL_PARALLEL] = ASL_H_PARALLEL_ENTERED, [ASL_MAP] = ASL_H_MAP_ENTERED,
    };
    return types[s->type];
}

static void (*const execute[ASL_STATE_TYPES])(Visit *v) = {
    [ASL_TASK] = execute_task, [ASL_WAIT] = execute_wait, [ASL_PASS] = execute_pass, [ASL_SUCCEED] = execute_succeed,
    [ASL_FAIL] = execute_fail, [ASL_CHOICE] = execute_choice, [ASL_PARALLEL] = execute_parallel, [ASL_MAP] = execute_map,
};

/* A task's attempt goes up first: $$.Task.Token in its parameters is the token of this try. */
void run_execute(Work *w, AslFrame *f)
{
    Visit v;
    if (work_ended(w)) return;
    f->attempt += work_state(w, f)->type == ASL_TASK;
    f->dirty |= ASL_DIRTY_STATE;
    if (visit_begin(&v, w, f)) execute[v.s->type](&v);
    else visit_fail(&v);
}

static void enter(Work *w, AslFrame *f)
{
    const AslState *s = work_state(w, f);
    JsonObject o = {.a = w->a};
    json_put(&o, S("name"), json_string(s->name));
    record_put_payload(&o, S("input"), f->input);
    f->before_event = f->last_event;
    record_chain(w, f, entered_type(s), json_object(&o));
    f->entered_event = f->last_event;
    f->entered = w->event->now;
    f->retry_count = 0;
    memset(f->retries, 0, sizeof f->retries);
    run_execute(w, f);
}

/* Frames go one state at a time, in the order in which they became ready. What one step may not finish is left READY. */
void run_ready(Work *w)
{
    while (w->ready_head < w->ready.n && !work_ended(w)) {
        AslFrame *f = w->ready.p[w->ready_head++];
        if (f->phase != ASL_READY) continue;
        if (w->states++ < ASL_STATES_PER_STEP_MAX) {
            enter(w, f);
            continue;
        }
        work_order(w, ASL_COMMAND_CONTINUE, f);
    }
}

void run_end(Work *w, AslStatus status, int64_t previous, Str output, Str error, Str cause)
{
    static const AslHistoryType types[] = {
        [ASL_SUCCEEDED] = ASL_H_EXECUTION_SUCCEEDED, [ASL_FAILED] = ASL_H_EXECUTION_FAILED,
        [ASL_TIMED_OUT] = ASL_H_EXECUTION_TIMED_OUT, [ASL_ABORTED] = ASL_H_EXECUTION_ABORTED,
    };
    if (work_ended(w)) return;
    if (error.n > ASL_ERROR_BYTES_MAX) error.n = ASL_ERROR_BYTES_MAX;
    if (cause.n > ASL_CAUSE_BYTES_MAX) cause.n = ASL_CAUSE_BYTES_MAX;
    w->x->status = status;
    w->x->stopped = w->event->now;
    w->x->output = output;
    w->x->error = error;
    w->x->cause = cause;
    record(w, types[status], previous,
           status == ASL_SUCCEEDED ? record_payload(w, S("output"), output) : record_error(w, error, cause));
    if (status == ASL_SUCCEEDED) *vec_push(w->a, &w->out->removed) = 0;
    else work_stop_tree(w, work_frame(w, 1), false);
}

void run_frame_done(Work *w, AslFrame *f, Str output)
{
    f->input = output;
    f->phase = ASL_DONE;
    f->dirty |= ASL_DIRTY_STATE | ASL_DIRTY_INPUT;
    if (f->parent) group_child_done(w, f);
    else run_end(w, ASL_SUCCEEDED, f->last_event, output, (Str){0}, (Str){0});
}
