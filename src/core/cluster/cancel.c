/* cancel.c - CancelSteps, the signals that end a process, and the timers that see to it. */
#include "core/cluster/work.h"

static void signal_step(Work *w, ClusterStep *step, ClusterSignal signal)
{
    ClusterCommand *command = work_order(w, CLUSTER_COMMAND_SIGNAL_STEP, step->number);
    command->signal = signal;
    command->target = step->attempt;
    if (signal == CLUSTER_SIGNAL_KILL) step->killed = true;
    step->touched = true;
}

void cancel_active(Work *w, ClusterStep *step, bool kill)
{
    bool first = step->life == STEP_RUNNING;
    if (first) work_step(w, step, STEP_CANCEL_PENDING, (Str){0});
    if (kill && !step->killed)
        signal_step(w, step, CLUSTER_SIGNAL_KILL);
    else if (first && !step->killed)
        signal_step(w, step, CLUSTER_SIGNAL_TERM);
}

static void arm_kill(Work *w, ClusterStep *step)
{
    if (step->killed || step->grace || !w->spec->kill_grace_ms) return;
    step->grace =
        work_arm(w, CLUSTER_TIMER_GRACE, step->number, w->event->now + w->spec->kill_grace_ms);
    step->touched = true;
}

/* A PENDING step goes at once. It may lie in the window, which must not start it afterwards. */
static void cancel_waiting(Work *w, const ClusterStep *asked)
{
    ClusterState *s = w->s;
    ClusterStep step = *asked;
    work_step(w, &step, STEP_CANCELLED, S("Cancelled by user"));
    w->last_end = STEP_CANCELLED;
    s->pending_n--;
    ClusterStep *rest = new_array(w->a, ClusterStep, s->window_n + 1);
    int n = 0;
    for (int i = 0; i < s->window_n; i++)
        if (s->window[i].number != step.number) rest[n++] = s->window[i];
    s->window = rest;
    s->window_n = n;
}

static bool already_cancelled(const Work *w, int64_t number)
{
    for (int64_t i = 0; i < w->out->changes.n; i++)
        if (w->out->changes.p[i].step == number && w->out->changes.p[i].to == STEP_CANCELLED)
            return true;
    return false;
}

static Str cancel_one(Work *w, const ClusterStep *asked)
{
    ClusterStep *active = work_active(w, asked->number);
    if (asked->number == 0) return S("Step id is not valid.");
    if (active) {
        cancel_active(w, active, w->event->kill);
        arm_kill(w, active);
        return (Str){0};
    }
    if (asked->life != STEP_PENDING) return S("Step is already in a terminal state.");
    if (!already_cancelled(w, asked->number)) cancel_waiting(w, asked);
    return (Str){0};
}

/* Allowed while the cluster ends as well: nothing waits then, and what runs is being cancelled
 * already. */
void cancel_asked(Work *w)
{
    for (int64_t i = 0; i < w->event->steps_n; i++) {
        const ClusterStep *asked = &w->event->steps[i];
        Str reason = cancel_one(w, asked);
        *vec_push(w->a, &w->out->answers) =
            (ClusterCancelAnswer){asked->number, asked->id, str_absent(reason), reason};
    }
}

/* The step stays RUNNING until its process has ended; it will be FAILED, not CANCELLED. */
static void over_limit(Work *w, ClusterStep *step)
{
    step->limit = 0;
    step->touched = true;
    if (step->life != STEP_RUNNING) return;
    step->over_limit = true;
    signal_step(w, step, w->spec->kill_grace_ms ? CLUSTER_SIGNAL_TERM : CLUSTER_SIGNAL_KILL);
    arm_kill(w, step);
}

static void grace_over(Work *w, ClusterStep *step)
{
    step->grace = 0;
    step->touched = true;
    if (!step->killed) signal_step(w, step, CLUSTER_SIGNAL_KILL);
}

static void step_timer_due(Work *w, int64_t attempt)
{
    ClusterStep *step = attempt ? work_active(w, w->event->token.number) : NULL;
    if (step && w->event->timer == CLUSTER_TIMER_STEP_LIMIT && step->limit == attempt)
        over_limit(w, step);
    else if (step && w->event->timer == CLUSTER_TIMER_GRACE && step->grace == attempt)
        grace_over(w, step);
    else
        w->out->ignored = true;
}

/* The grace of the whole cluster is over: with the timer gone, life_settle orders DESTROY. */
static bool cluster_timer(Work *w, int64_t *attempt)
{
    bool current = *attempt && *attempt == w->event->token.attempt;
    if (current) *attempt = 0;
    w->out->ignored = !current;
    return current;
}

static Str idle_text(Work *w)
{
    return str_printf(w->a, "%.*s: idle for %" PRId64 " seconds",
                      STR(states_cause_text(CAUSE_IDLE)), w->spec->idle_timeout_ms / 1000);
}

void cancel_timer_due(Work *w)
{
    ClusterState *s = w->s;
    const ClusterToken *token = &w->event->token;
    switch (w->event->timer) {
    case CLUSTER_TIMER_DEADLINE:
        if (cluster_timer(w, &s->deadline)) life_terminate(w, CAUSE_DEADLINE, (Str){0});
        return;
    case CLUSTER_TIMER_IDLE:
        if (cluster_timer(w, &s->idle)) life_terminate(w, CAUSE_IDLE, idle_text(w));
        return;
    case CLUSTER_TIMER_GRACE:
        if (token->number)
            step_timer_due(w, token->attempt);
        else
            (void)cluster_timer(w, &s->grace);
        return;
    case CLUSTER_TIMER_STEP_LIMIT: step_timer_due(w, token->attempt); return;
    case CLUSTER_TIMER_NONE:
    case CLUSTER_TIMER_COUNT: break;
    }
    unreachable();
}
