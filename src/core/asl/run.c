/* run.c - running ready frames until all of them wait: entering states, ending frames, ending the execution. */
#include "core/asl/work.h"

static AslHistoryType entered_type(const AslState *s)
{
    static const AslHistoryType types[ASL_STATE_TYPES] = {
        [ASL_TASK] = ASL_H_TASK_ENTERED,         [ASL_WAIT] = ASL_H_WAIT_ENTERED,
        [ASL_PASS] = ASL_H_PASS_ENTERED,         [ASL_SUCCEED] = ASL_H_SUCCEED_ENTERED,
        [ASL_FAIL] = ASL_H_FAIL_ENTERED,         [ASL_CHOICE] = ASL_H_CHOICE_ENTERED,
        [ASL_PARALLEL] = ASL_H_PARALLEL_ENTERED, [ASL_MAP] = ASL_H_MAP_ENTERED,
    };
    return types[s->type];
}

static void (*const execute[ASL_STATE_TYPES])(AslVisit *v) = {
    [ASL_TASK] = asl_execute_task,         [ASL_WAIT] = asl_execute_wait,
    [ASL_PASS] = asl_execute_pass,         [ASL_SUCCEED] = asl_execute_succeed,
    [ASL_FAIL] = asl_execute_fail,         [ASL_CHOICE] = asl_execute_choice,
    [ASL_PARALLEL] = asl_execute_parallel, [ASL_MAP] = asl_execute_map,
};

/* A task's attempt goes up first: $$.Task.Token in its parameters is the token of this try. */
void asl_run_execute(AslWork *w, AslFrame *f)
{
    AslVisit v;
    if (asl_work_ended(w)) return;
    f->attempt += asl_work_state(w, f)->type == ASL_TASK;
    f->dirty |= ASL_DIRTY_STATE;
    if (asl_visit_begin(&v, w, f))
        execute[v.s->type](&v);
    else
        asl_visit_fail(&v);
}

void asl_run_enter(AslWork *w, AslFrame *f)
{
    const AslState *s = asl_work_state(w, f);
    JsonObject o = {.a = w->a};
    json_put(&o, S("name"), json_string(s->name));
    asl_record_put_payload(&o, S("input"), f->input);
    f->before_event = f->last_event;
    asl_record_chain(w, f, entered_type(s), json_object(&o));
    f->entered_event = f->last_event;
    f->entered = w->event->now;
    f->retry_count = 0;
    memset(f->retries, 0, sizeof f->retries);
    asl_run_execute(w, f);
}

/* Frames go one state at a time, in the order in which they became ready. What one step may not
 * finish is left READY. */
void asl_run_ready(AslWork *w)
{
    while (w->ready_head < w->ready.n && !asl_work_ended(w)) {
        AslFrame *f = w->ready.p[w->ready_head++];
        if (f->phase != ASL_READY) continue;
        if (w->states++ < ASL_STATES_PER_STEP_MAX) {
            asl_run_enter(w, f);
            continue;
        }
        asl_work_order(w, ASL_COMMAND_CONTINUE, f);
    }
}

/* Not in the middle of a character. */
static Str cut(Str s, int64_t most)
{
    if (s.n <= most) return s;
    while (most > 0 && ((unsigned char)s.p[most] & 0xC0) == 0x80) most--;
    return (Str){s.p, most};
}

void asl_run_end(AslWork *w, AslStatus status, int64_t previous, Str output, Str error, Str cause)
{
    static const AslHistoryType types[] = {
        [ASL_SUCCEEDED] = ASL_H_EXECUTION_SUCCEEDED,
        [ASL_FAILED] = ASL_H_EXECUTION_FAILED,
        [ASL_TIMED_OUT] = ASL_H_EXECUTION_TIMED_OUT,
        [ASL_ABORTED] = ASL_H_EXECUTION_ABORTED,
    };
    if (asl_work_ended(w)) return;
    error = cut(error, ASL_ERROR_BYTES_MAX);
    cause = cut(cause, ASL_CAUSE_BYTES_MAX);
    w->x->status = status;
    w->x->stopped = w->event->now;
    w->x->output = output;
    w->x->error = error;
    w->x->cause = cause;
    asl_record(w, types[status], previous,
               status == ASL_SUCCEEDED ? asl_record_payload(w, S("output"), output)
                                       : asl_record_error(w, error, cause));
    if (status == ASL_SUCCEEDED)
        *vec_push(w->a, &w->out->removed) = 0;
    else
        asl_work_stop_tree(w, asl_work_frame(w, 1), false);
}

void asl_run_frame_done(AslWork *w, AslFrame *f, Str output)
{
    f->input = output;
    f->phase = ASL_DONE;
    f->dirty |= ASL_DIRTY_STATE | ASL_DIRTY_INPUT;
    if (f->parent)
        asl_group_child_done(w, f);
    else
        asl_run_end(w, ASL_SUCCEEDED, f->last_event, output, (Str){0}, (Str){0});
}
