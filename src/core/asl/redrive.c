/* redrive.c - going on with an execution that failed, from the states in which it did. */
#include "core/asl/work.h"

static void wake(AslWork *w, AslFrame *f, int64_t chain);

static void wake_children(AslWork *w, AslFrame *f, int64_t chain)
{
    f->phase = ASL_CHILDREN;
    for (int32_t i = 0; i < f->children_started; i++) {
        AslFrame *child = asl_work_frame(w, f->children_first + i);
        if (child->phase != ASL_DONE) wake(w, child, chain);
    }
}

/* The run goes on with the children that did not succeed. */
static void wake_map_run(AslWork *w, AslFrame *f, const AslState *s)
{
    f->phase = ASL_MAP_RUN_ORDERED;
    AslCommand *c = asl_work_order(w, ASL_COMMAND_MAP_RUN, f);
    c->flow = s->branches[0];
    c->label = s->label;
    c->map_run_arn = f->map_run_arn;
}

/* A state that failed or was cut off is executed again, without being entered again; finished
 * branches keep their output. */
static void wake(AslWork *w, AslFrame *f, int64_t chain)
{
    const AslState *s = asl_work_state(w, f);
    bool group =
        (s->type == ASL_PARALLEL || (s->type == ASL_MAP && !s->distributed)) && f->children_n;
    f->attempt++;
    f->last_event = chain;
    f->retry_count = 0;
    memset(f->retries, 0, sizeof f->retries);
    f->dirty |= ASL_DIRTY_STATE;
    if (s->distributed && f->map_run_arn.n)
        wake_map_run(w, f, s);
    else if (group)
        wake_children(w, f, chain);
    else if (f->phase == ASL_READY)
        asl_work_ready(w, f);
    else
        asl_run_execute(w, f);
}

void asl_redrive(AslWork *w)
{
    JsonObject o = {.a = w->a};
    AslFrame *top = asl_work_frame(w, 1);
    check(top);
    w->x->status = ASL_RUNNING;
    w->x->redrives++;
    w->x->redriven = w->event->now;
    w->x->output = w->x->error = w->x->cause = (Str){0};
    w->x->stopped = 0;
    asl_arm_execution(w); /* AWS: its timeout begins anew */
    json_put(&o, S("redriveCount"), json_int(w->a, w->x->redrives));
    wake(w, top, asl_record(w, ASL_H_EXECUTION_REDRIVEN, w->x->last_event, json_object(&o)));
}
