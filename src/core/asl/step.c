/* step.c - one event applied to an execution: who it concerns, and whether it still does. */
#include "core/asl/work.h"

enum { EXPRESS_SECONDS_MAX = 300 };

/* Seconds; 0: none. */
static int32_t timeout_of(const AslWork *w)
{
    int32_t timeout = w->x->id.flow ? 0 : w->def->timeout_seconds;
    return w->x->id.express && (!timeout || timeout > EXPRESS_SECONDS_MAX) ? EXPRESS_SECONDS_MAX
                                                                           : timeout;
}

void asl_arm_execution(AslWork *w)
{
    if (!timeout_of(w)) return;
    AslCommand *c = asl_work_order(w, ASL_COMMAND_TIMER, NULL);
    c->token = (AslToken){0, w->x->redrives};
    c->timer = ASL_TIMER_EXECUTION;
    c->due = w->event->now + (Millis)timeout_of(w) * 1000;
}

static void start(AslWork *w)
{
    JsonObject o = {.a = w->a};
    if (!w->x->input.n) w->x->input = S("{}");
    asl_record_put_payload(&o, S("input"), w->x->input);
    json_put_text(&o, S("roleArn"), w->x->id.role_arn);
    asl_record(w, ASL_H_EXECUTION_STARTED, 0, json_object(&o));
    AslFrame *top = asl_work_new_frame(w, NULL, 0, w->x->id.flow);
    top->state = w->def->flows[top->flow].start;
    top->input = w->x->input;
    asl_arm_execution(w);
    asl_work_ready(w, top);
}

static void wait_over(AslWork *w, AslFrame *f)
{
    AslVisit v;
    f->attempt++;
    if (asl_visit_begin(&v, w, f))
        asl_visit_exit(&v, (Str){0});
    else
        asl_visit_fail(&v);
}

static bool frame_timer(AslWork *w, AslFrame *f)
{
    switch (w->event->timer) {
    case ASL_TIMER_WAIT:
        if (f->phase != ASL_WAITING) return false;
        wait_over(w, f);
        return true;
    case ASL_TIMER_RETRY:
        if (f->phase != ASL_RETRYING) return false;
        asl_run_execute(w, f);
        return true;
    case ASL_TIMER_TASK:
    case ASL_TIMER_HEARTBEAT:
        if (f->phase < ASL_TASK_SCHEDULED || f->phase > ASL_TASK_CALLBACK) return false;
        if (w->event->timer == ASL_TIMER_HEARTBEAT && w->event->now < f->heartbeat_due)
            return false;
        asl_task_timed_out(w, f);
        return true;
    case ASL_TIMER_EXECUTION: break;
    }
    unreachable();
}

static bool execution_timer(AslWork *w)
{
    if (w->event->timer != ASL_TIMER_EXECUTION || w->event->token.attempt != w->x->redrives)
        return false;
    asl_run_end(w, ASL_TIMED_OUT, 0, (Str){0}, (Str){0}, (Str){0});
    Millis began = w->x->redrives ? w->x->redriven : w->x->id.started;
    w->x->stopped = began + (Millis)timeout_of(w) * 1000; /* exactly, as AWS tells it */
    return true;
}

static bool frame_event(AslWork *w)
{
    AslFrame *f = asl_work_frame(w, w->event->token.frame);
    if (!f || f->attempt != w->event->token.attempt) return false;
    if (w->event->kind == ASL_TIMER) return frame_timer(w, f);
    bool map_run = w->event->kind >= ASL_MAP_RUN_STARTED;
    AslPhase first = map_run ? ASL_MAP_RUN_ORDERED : ASL_TASK_SCHEDULED,
             last = map_run ? ASL_MAP_RUN_RUNNING : ASL_TASK_CALLBACK;
    if (f->phase < first || f->phase > last) return false;
    (map_run ? asl_map_run_event : asl_task_event)(w, f);
    return true;
}

static bool go_on(AslWork *w)
{
    AslFrame *f = asl_work_frame(w, w->event->token.frame);
    if (!f || f->phase != ASL_READY || f->attempt != w->event->token.attempt) return false;
    asl_work_ready(w, f);
    return true;
}

static bool apply(AslWork *w)
{
    switch (w->event->kind) {
    case ASL_START:
        if (w->x->last_event) return false;
        start(w);
        return true;
    case ASL_REDRIVE:
        if (!asl_work_ended(w) || w->x->status == ASL_SUCCEEDED) return false;
        asl_redrive(w);
        return true;
    case ASL_STOP:
        if (asl_work_ended(w)) return false;
        asl_run_end(w, ASL_ABORTED, 0, (Str){0}, w->event->error, w->event->cause);
        return true;
    case ASL_CONTINUE: return !asl_work_ended(w) && go_on(w);
    case ASL_TIMER:
        if (asl_work_ended(w)) return false;
        return w->event->token.frame ? frame_event(w) : execution_timer(w);
    case ASL_TASK_STARTED:
    case ASL_TASK_SUBMITTED:
    case ASL_TASK_SUCCEEDED:
    case ASL_TASK_FAILED:
    case ASL_TASK_HEARTBEAT:
    case ASL_MAP_RUN_STARTED:
    case ASL_MAP_RUN_SUCCEEDED:
    case ASL_MAP_RUN_FAILED: return !asl_work_ended(w) && frame_event(w);
    }
    unreachable();
}

void asl_step(const AslDefinition *def, const AslExecution *exec, const AslFrames *frames,
              const AslEvent *event, Arena *a, AslUpdate *update)
{
    *update = (AslUpdate){.next = *exec};
    AslWork w = {.def = def,
                 .frames = frames,
                 .event = event,
                 .a = a,
                 .out = update,
                 .x = &update->next,
                 .seed = event->seed};
    update->ignored = !apply(&w);
    if (update->ignored) return;
    asl_run_ready(&w);
    for (int64_t i = 0; i < w.held.n && update->next.status != ASL_SUCCEEDED; i++)
        if (w.held.p[i]->dirty) *vec_push(a, &update->frames) = *w.held.p[i];
}
