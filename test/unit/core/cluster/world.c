/* world.c - the rows of a cluster in memory, for the tests of the decision function. */
#include "unit/core/cluster/world.h"

void world_submit(World *w, ClusterEvent *event, StepAction action, int64_t n)
{
    ClusterStep *steps = new_array(w->a, ClusterStep, event->steps_n + n);
    if (event->steps_n) memcpy(steps, event->steps, (size_t)event->steps_n * sizeof *steps);
    for (int64_t i = 0; i < n; i++) {
        int64_t number = w->steps_n + event->steps_n + 1;
        steps[event->steps_n++] = (ClusterStep){
            .number = number, .id = str_printf(w->a, "s-%" PRId64, number), .action = action};
    }
    event->steps = steps;
}

static int64_t timer_attempt(const World *w, ClusterTimer timer, const ClusterStep *step)
{
    switch (timer) {
    case CLUSTER_TIMER_DEADLINE: return w->state.deadline;
    case CLUSTER_TIMER_IDLE: return w->state.idle;
    case CLUSTER_TIMER_GRACE: return step ? step->grace : w->state.grace;
    case CLUSTER_TIMER_STEP_LIMIT: return step ? step->limit : 0;
    case CLUSTER_TIMER_NONE:
    case CLUSTER_TIMER_COUNT: break;
    }
    return 0;
}

ClusterToken world_token(const World *w, ClusterEventKind kind, ClusterTimer timer, int64_t number)
{
    const ClusterStep *step = number > 0 && number <= w->steps_n ? &w->steps[number - 1] : NULL;
    ClusterToken token = {.number = number};
    if (kind == CLUSTER_EVENT_TIMER_DUE) {
        token.kind = CLUSTER_COMMAND_ARM_TIMER;
        token.attempt = timer_attempt(w, timer, step);
    } else if (kind == CLUSTER_EVENT_STEP_STARTED || kind == CLUSTER_EVENT_STEP_ENDED) {
        token.kind = CLUSTER_COMMAND_START_STEP;
        token.attempt = step ? step->attempt : 0;
    } else if (kind == CLUSTER_EVENT_BOOTSTRAP_ENDED) {
        token = (ClusterToken){CLUSTER_COMMAND_RUN_BOOTSTRAP, w->state.bootstrap,
                               w->state.bootstrap_attempt};
    } else {
        token.kind =
            kind == CLUSTER_EVENT_DESTROYED ? CLUSTER_COMMAND_DESTROY : CLUSTER_COMMAND_PROVISION;
        token.attempt = w->state.engine;
    }
    return token;
}

static void load(World *w, const ClusterEvent *event, ClusterState *s)
{
    *s = w->state;
    int64_t limit = cluster_window(&w->spec, event);
    ClusterStep *active = new_array(w->a, ClusterStep, w->steps_n + 1);
    ClusterStep *window = new_array(w->a, ClusterStep, limit + 1);
    s->active_n = s->window_n = 0;
    for (int64_t i = 0; i < w->steps_n; i++) {
        if (states_step_active(w->steps[i].life))
            active[s->active_n++] = w->steps[i];
        else if (w->steps[i].life == STEP_PENDING && s->window_n < limit)
            window[s->window_n++] = w->steps[i];
    }
    s->active = active;
    s->window = window;
}

static void grow(World *w, const ClusterEvent *event)
{
    int64_t total = w->steps_n + event->steps_n;
    if (total > w->steps_cap) {
        w->steps = arena_grow(w->a, w->steps, w->steps_cap, total * 2, sizeof *w->steps,
                              alignof(ClusterStep));
        w->steps_cap = total * 2;
    }
    for (int64_t i = 0; i < event->steps_n; i++) w->steps[w->steps_n++] = event->steps[i];
}

static void write_rows(World *w, const ClusterUpdate *u)
{
    for (int64_t i = 0; i < u->changes.n; i++) {
        const ClusterChange *c = &u->changes.p[i];
        if (c->step) w->steps[c->step - 1].life = (StepLife)c->to;
    }
    for (int i = 0; i < u->next.active_n; i++) {
        const ClusterStep *step = &u->next.active[i];
        if (step->touched) w->steps[step->number - 1] = *step;
    }
    for (int64_t i = 0; u->cancel_pending && i < w->steps_n; i++)
        if (w->steps[i].life == STEP_PENDING) w->steps[i].life = STEP_CANCELLED;
}

void world_apply(World *w, const ClusterEvent *event, ClusterUpdate *out)
{
    ClusterState s;
    load(w, event, &s);
    cluster_step(&w->spec, &s, event, w->a, out);
    if (out->ignored || !str_absent(out->refused)) return;
    if (event->kind == CLUSTER_EVENT_CREATED || event->kind == CLUSTER_EVENT_STEPS_ADDED)
        grow(w, event);
    write_rows(w, out);
    w->state = out->next;
    if (out->spec_changed) w->spec = out->spec;
}

int64_t world_count(const World *w, StepLife life)
{
    int64_t n = 0;
    for (int64_t i = 0; i < w->steps_n; i++) n += w->steps[i].life == life;
    return n;
}
