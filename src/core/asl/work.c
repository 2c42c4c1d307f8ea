/* work.c - the frames a step touches and the commands it gives. */
#include "core/asl/work.h"

static int64_t slot_of(const AslWork *w, int64_t id)
{
    uint64_t h = (uint64_t)id * 0x9E3779B97F4A7C15u;
    return (int64_t)(h >> 32) & (w->index_n - 1);
}

static void index_put(AslWork *w, int64_t held)
{
    int64_t at = slot_of(w, w->held.p[held]->id);
    while (w->index[at] >= 0) at = (at + 1) & (w->index_n - 1);
    w->index[at] = (int32_t)held;
}

static void hold(AslWork *w, AslFrame *f)
{
    *vec_push(w->a, &w->held) = f;
    if (w->held.n * 2 <= w->index_n) {
        index_put(w, w->held.n - 1);
        return;
    }
    w->index_n = w->index_n ? w->index_n * 4 : 16;
    w->index = new_array(w->a, int32_t, w->index_n);
    memset(w->index, 0xFF, (size_t)w->index_n * sizeof *w->index);
    for (int64_t i = 0; i < w->held.n; i++) index_put(w, i);
}

AslFrame *asl_work_frame(AslWork *w, int64_t id)
{
    for (int64_t at = w->index_n ? slot_of(w, id) : 0; w->index_n && w->index[at] >= 0;
         at = (at + 1) & (w->index_n - 1))
        if (w->held.p[w->index[at]]->id == id) return w->held.p[w->index[at]];
    const AslFrame *stored = w->frames->load ? w->frames->load(w->frames->owner, id) : NULL;
    if (!stored) return NULL;
    AslFrame *f = new (w->a, AslFrame);
    *f = *stored;
    f->dirty = 0;
    hold(w, f);
    return f;
}

AslFrame *asl_work_new_frame(AslWork *w, AslFrame *parent, int32_t index, int32_t flow)
{
    AslFrame *f = new (w->a, AslFrame);
    int64_t above = parent ? parent->id : 0;
    *f = (AslFrame){.id = ++w->x->last_frame,
                    .parent = above,
                    .group = above,
                    .index = index,
                    .flow = flow,
                    .phase = ASL_PENDING,
                    .dirty = ASL_DIRTY_NEW};
    hold(w, f);
    return f;
}

const AslState *asl_work_state(const AslWork *w, const AslFrame *f)
{
    check(f); /* the rows of an execution hold together */
    return &w->def->flows[f->flow].states[f->state];
}

void asl_work_ready(AslWork *w, AslFrame *f)
{
    f->phase = ASL_READY;
    f->dirty |= ASL_DIRTY_STATE;
    *vec_push(w->a, &w->ready) = f;
}

AslCommand *asl_work_order(AslWork *w, AslCommandKind kind, const AslFrame *f)
{
    AslCommand *c = vec_push(w->a, &w->out->commands);
    *c = (AslCommand){.kind = kind};
    if (f) c->token = (AslToken){f->id, f->attempt};
    return c;
}

void asl_work_arm(AslWork *w, const AslFrame *f, AslTimer timer, Millis due)
{
    AslCommand *c = asl_work_order(w, ASL_COMMAND_TIMER, f);
    c->timer = timer;
    c->due = due;
}

bool asl_work_ended(const AslWork *w)
{
    return w->x->status != ASL_RUNNING;
}

bool asl_work_parse(AslWork *w, Str text, Json *out)
{
    Error err;
    return text.n > 0 && json_parse(text, w->a, out, &err);
}

bool asl_work_active(const AslFrame *f)
{
    return f->phase >= ASL_WAITING && f->phase <= ASL_MAP_RUN_RUNNING;
}

static AslHistoryType aborted_type(const AslState *s)
{
    return s->type == ASL_TASK       ? ASL_H_TASK_ABORTED
           : s->type == ASL_MAP      ? ASL_H_MAP_ABORTED
           : s->type == ASL_PARALLEL ? ASL_H_PARALLEL_ABORTED
                                     : ASL_H_WAIT_ABORTED;
}

/* Frames keep their phase: a redrive finds where each of them was. Only the attempt changes, so
 * that late answers are known as late. */
void asl_work_stop_tree(AslWork *w, AslFrame *f, bool history)
{
    if (!f || f->phase == ASL_DONE || f->phase == ASL_BROKEN) return;
    if (asl_work_active(f)) {
        asl_work_order(w, ASL_COMMAND_CANCEL, f);
        f->attempt++;
        f->dirty |= ASL_DIRTY_STATE;
        if (history) asl_record(w, aborted_type(asl_work_state(w, f)), f->last_event, (Json){0});
    }
    for (int32_t i = 0; f->phase == ASL_CHILDREN && i < f->children_started; i++)
        asl_work_stop_tree(w, asl_work_frame(w, f->children_first + i), history);
}
