/* cluster.c - the one decision: checks that an event is awaited, and leaves a settled state. */
#include "core/cluster/cluster.h"
#include "core/cluster/work.h"

int cluster_window(const ClusterSpec *spec, const ClusterEvent *event)
{
    int level = spec->concurrency;
    if (event->kind == CLUSTER_EVENT_MODIFY && event->modify.concurrency > level)
        level = event->modify.concurrency;
    return event->kind == CLUSTER_EVENT_CANCEL_STEPS ? level + (int)event->steps_n : level;
}

/* Is this the answer to an order that is still open? Events that answer nothing always are. */
static bool awaited(const Work *w)
{
    const ClusterState *s = w->s;
    const ClusterToken *t = &w->event->token;
    const ClusterStep *step = NULL;
    switch (w->event->kind) {
    case CLUSTER_EVENT_PROVISIONED:
    case CLUSTER_EVENT_PROVISION_FAILED:
        return s->life == CLUSTER_STARTING && t->attempt && t->attempt == s->engine;
    case CLUSTER_EVENT_DESTROYED: return s->destroying && t->attempt && t->attempt == s->engine;
    case CLUSTER_EVENT_BOOTSTRAP_ENDED: return s->bootstrap && t->attempt == s->bootstrap_attempt;
    case CLUSTER_EVENT_STEP_STARTED:
    case CLUSTER_EVENT_STEP_ENDED:
        for (int i = 0; i < s->active_n; i++)
            if (s->active[i].number == t->number) step = &s->active[i];
        return step && step->attempt == t->attempt;
    case CLUSTER_EVENT_CREATED:
    case CLUSTER_EVENT_STEPS_ADDED:
    case CLUSTER_EVENT_CANCEL_STEPS:
    case CLUSTER_EVENT_TERMINATE:
    case CLUSTER_EVENT_MODIFY:
    case CLUSTER_EVENT_TIMER_DUE:
    case CLUSTER_EVENT_ENGINE_LOST:
    case CLUSTER_EVENT_RESTARTED: return true;
    case CLUSTER_EVENT_COUNT: break;
    }
    unreachable();
}

static void apply(Work *w)
{
    const ClusterEvent *e = w->event;
    switch (e->kind) {
    case CLUSTER_EVENT_CREATED: life_created(w); return;
    case CLUSTER_EVENT_PROVISIONED: life_provisioned(w); return;
    case CLUSTER_EVENT_PROVISION_FAILED: life_provision_failed(w); return;
    case CLUSTER_EVENT_BOOTSTRAP_ENDED: life_bootstrap_ended(w, &e->result); return;
    case CLUSTER_EVENT_STEPS_ADDED: steps_added(w); return;
    case CLUSTER_EVENT_STEP_STARTED: steps_started(w); return;
    case CLUSTER_EVENT_STEP_ENDED:
        steps_ended(w, work_active(w, e->token.number), &e->result);
        return;
    case CLUSTER_EVENT_CANCEL_STEPS: cancel_asked(w); return;
    case CLUSTER_EVENT_TERMINATE: life_terminate_asked(w); return;
    case CLUSTER_EVENT_MODIFY: life_modify(w); return;
    case CLUSTER_EVENT_TIMER_DUE: cancel_timer_due(w); return;
    case CLUSTER_EVENT_ENGINE_LOST: life_engine_lost(w, e->text); return;
    case CLUSTER_EVENT_DESTROYED: life_destroyed(w); return;
    case CLUSTER_EVENT_RESTARTED: restart_found(w); return;
    case CLUSTER_EVENT_COUNT: break;
    }
    unreachable();
}

static void check_state(const ClusterSpec *spec, const ClusterState *s)
{
    check(s->pending_n >= 0 && s->window_n >= 0 && s->active_n >= 0);
    check(spec->bootstrap_n >= 0 && spec->bootstrap_n <= CLUSTER_BOOTSTRAP_MAX &&
          s->bootstrap <= spec->bootstrap_n);
    check(spec->concurrency >= 1 && spec->concurrency <= CLUSTER_CONCURRENCY_MAX);
    check(s->active_n == 0 || s->life == CLUSTER_RUNNING || s->life == CLUSTER_TERMINATING);
    check(s->pending_n == 0 || states_cluster_alive(s->life));
    check(!s->destroying || s->cause != CAUSE_NONE);
    for (int i = 0; i < s->active_n; i++) {
        check(states_step_active(s->active[i].life) && s->active[i].attempt > 0);
        check(i == 0 || s->active[i - 1].number < s->active[i].number);
    }
}

/* The caller must have loaded as many waiting steps as could start. */
static void check_window(const ClusterSpec *spec, const ClusterState *s, const ClusterEvent *event)
{
    int64_t need = cluster_window(spec, event);
    check(s->window_n <= s->pending_n);
    check(s->window_n >= (s->pending_n < need ? s->pending_n : need));
    for (int i = 1; i < s->window_n; i++) check(s->window[i - 1].number < s->window[i].number);
}

/* `next` starts as the state, with room for every step that may become active. */
static void begin(Work *w, const ClusterState *state)
{
    w->out->next = *state;
    int64_t room = state->active_n + cluster_window(w->spec, w->event);
    w->s->active = new_array(w->a, ClusterStep, room);
    for (int i = 0; i < state->active_n; i++) {
        w->s->active[i] = state->active[i];
        w->s->active[i].touched = false;
    }
}

void cluster_step(const ClusterSpec *spec, const ClusterState *state, const ClusterEvent *event,
                  Arena *a, ClusterUpdate *out)
{
    check_state(spec, state);
    check_window(spec, state, event);
    *out = (ClusterUpdate){.spec = *spec};
    Work w = {.event = event, .a = a, .out = out, .s = &out->next, .spec = &out->spec};
    begin(&w, state);
    if (awaited(&w))
        apply(&w);
    else
        out->ignored = true;
    if (!out->ignored && str_absent(out->refused)) life_settle(&w);
    check(!(out->ignored || !str_absent(out->refused)) ||
          (out->changes.n == 0 && out->commands.n == 0));
    check_state(&out->spec, &out->next);
}
