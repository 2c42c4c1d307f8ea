/* group.c - frames with children: branches of a Parallel and iterations of an inline Map. */
#include "core/asl/work.h"

static Json iteration(AslWork *w, const AslFrame *parent, const AslFrame *child)
{
    JsonObject o = {.a = w->a};
    json_put(&o, S("name"), json_string(asl_work_state(w, parent)->name));
    json_put(&o, S("index"), json_int(w->a, child->index));
    return json_object(&o);
}

/* `chain`: what the child's first event follows. */
void asl_group_start_child(AslWork *w, AslFrame *parent, AslFrame *child, int64_t chain)
{
    check(child); /* the rows of an execution hold together */
    parent->children_started++;
    parent->dirty |= ASL_DIRTY_STATE;
    child->state = w->def->flows[child->flow].start;
    child->last_event = chain;
    if (str_absent(child->input)) child->input = child->item;
    child->dirty |= ASL_DIRTY_STATE | ASL_DIRTY_INPUT;
    if (asl_work_state(w, parent)->type == ASL_MAP)
        asl_record_chain(w, child, ASL_H_ITERATION_STARTED, iteration(w, parent, child));
    asl_work_ready(w, child);
}

void asl_execute_parallel(AslVisit *v)
{
    AslWork *w = v->w;
    AslFrame *f = v->f;
    Str input;
    Json value;
    if (!asl_visit_parameters(v, F_PARAMETERS, F_ARGUMENTS, &input, &value)) {
        asl_visit_fail(v);
        return;
    }
    asl_record_chain(w, f, ASL_H_PARALLEL_STARTED, (Json){0});
    f->phase = ASL_CHILDREN;
    f->children_n = f->children_max = v->s->branches_n;
    f->children_started = f->children_ended = 0;
    f->children_first = w->x->last_frame + 1;
    for (int32_t i = 0; i < v->s->branches_n; i++)
        asl_work_new_frame(w, f, i, v->s->branches[i])->input = input;
    for (int32_t i = 0; i < v->s->branches_n; i++)
        asl_group_start_child(w, f, asl_work_frame(w, f->children_first + i), f->last_event);
}

static void remove_children(AslWork *w, AslFrame *f)
{
    *vec_push(w->a, &w->out->removed) = f->id;
    for (int32_t i = 0; i < f->children_n; i++) {
        AslFrame *child = asl_work_frame(w, f->children_first + i);
        if (child && child->children_n) remove_children(w, child);
        if (child) child->dirty = 0, child->phase = ASL_DONE;
    }
    f->children_n = f->children_started = f->children_ended = 0;
}

/* Outputs are joined as texts: what passed through keeps its bytes. */
static Str all_outputs(AslWork *w, const AslFrame *f)
{
    Buf b = {.a = w->a};
    buf_putc(&b, '[');
    for (int32_t i = 0; i < f->children_n; i++) {
        const AslFrame *child = asl_work_frame(w, f->children_first + i);
        check(child); /* the rows of an execution hold together */
        if (i) buf_putc(&b, ',');
        buf_put(&b, child->input);
    }
    buf_putc(&b, ']');
    return buf_str(&b);
}

static void finish(AslWork *w, AslFrame *f)
{
    const AslState *s = asl_work_state(w, f);
    Str result = all_outputs(w, f);
    AslVisit v;
    asl_record(w, s->type == ASL_MAP ? ASL_H_MAP_SUCCEEDED : ASL_H_PARALLEL_SUCCEEDED,
               f->last_event, (Json){0});
    if (asl_work_ended(w)) return;
    remove_children(w, f);
    f->phase = ASL_READY;
    if (!asl_visit_begin(&v, w, f) || asl_visit_too_large(&v, result)) {
        asl_visit_fail(&v);
        return;
    }
    asl_visit_exit(&v, result);
}

/* A further iteration goes on with the chain of the one whose place it takes; the success of the
 * last one is what the state's own events follow. */
void asl_group_child_done(AslWork *w, AslFrame *child)
{
    AslFrame *f = asl_work_frame(w, child->parent);
    bool map = asl_work_state(w, f)->type == ASL_MAP;
    int64_t ended = child->last_event;
    if (map)
        ended = asl_record(w, ASL_H_ITERATION_SUCCEEDED, child->last_event, iteration(w, f, child));
    if (asl_work_ended(w)) return;
    f->children_ended++;
    f->dirty |= ASL_DIRTY_STATE;
    if (f->children_started < f->children_n)
        asl_group_start_child(w, f, asl_work_frame(w, f->children_first + f->children_started),
                              child->last_event);
    else if (f->children_ended == f->children_n) {
        f->last_event = ended;
        finish(w, f);
    }
}

static void abort_siblings(AslWork *w, AslFrame *f, const AslFrame *failed)
{
    bool map = asl_work_state(w, f)->type == ASL_MAP;
    for (int32_t i = 0; i < f->children_started; i++) {
        AslFrame *child = asl_work_frame(w, f->children_first + i);
        if (child == failed || child->phase == ASL_DONE || child->phase == ASL_BROKEN) continue;
        asl_work_stop_tree(w, child, true);
        if (map) asl_record(w, ASL_H_ITERATION_ABORTED, child->last_event, iteration(w, f, child));
    }
}

/* The frames of the branches stay when nothing catches the failure: a redrive goes on from them. */
void asl_group_child_failed(AslWork *w, AslFrame *child, Str error, Str cause)
{
    AslFrame *f = asl_work_frame(w, child->parent);
    if (asl_work_state(w, f)->type == ASL_MAP)
        asl_record(w, ASL_H_ITERATION_FAILED, child->last_event, iteration(w, f, child));
    if (asl_work_ended(w)) return;
    abort_siblings(w, f, child);
    f->last_event = child->last_event;
    f->dirty |= ASL_DIRTY_STATE;
    AslFrame before = *f;
    asl_fail_state(w, f, error, cause);
    if (asl_work_ended(w) || f->phase == ASL_BROKEN) return;
    AslFrame after = *f;
    f->children_first = before.children_first;
    f->children_n = before.children_n;
    remove_children(w, f);
    if (after.phase == ASL_CHILDREN) *f = after;
}
