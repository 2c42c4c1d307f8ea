/* steps.c - steps: submitted, started in order, ended, and what a failure does. */
#include "core/cluster/work.h"

void steps_enter_pending(Work *w)
{
    const ClusterEvent *e = w->event;
    for (int64_t i = 0; i < e->steps_n; i++) {
        ClusterStep step = e->steps[i];
        step.life = STEP_NONE;
        work_step(w, &step, STEP_PENDING, (Str){0});
    }
    w->added = e->steps;
    w->added_n = e->steps_n;
    w->s->pending_n += e->steps_n;
}

/* EMR refuses these actions above level 1 when a step is added; a level raised later merely
 * silences them. */
static bool action_allowed(const Work *w)
{
    for (int64_t i = 0; i < w->event->steps_n; i++)
        if (w->event->steps[i].action != ACTION_CONTINUE && w->spec->concurrency > 1) return false;
    return true;
}

void steps_added(Work *w)
{
    const ClusterState *s = w->s;
    int64_t limit = w->spec->steps_active_max;
    if (!states_cluster_alive(s->life))
        work_refuse(w, CLUSTER_NOT_MODIFIABLE);
    else if (limit && s->active_n + s->pending_n + w->event->steps_n > limit)
        work_refuse(w, S("Maximum number of active steps(State = 'Running', 'Pending' or "
                         "'Cancel_Pending') for cluster "
                         "exceeded."));
    else if (!action_allowed(w))
        work_refuse(
            w,
            S("The ActionOnFailure setting is not valid. Only CONTINUE can be used when the step "
              "concurrency level of the cluster is greater than 1."));
    else
        steps_enter_pending(w);
}

void steps_order_start(Work *w, ClusterStep *step)
{
    step->attempt = work_order(w, CLUSTER_COMMAND_START_STEP, step->number)->token.attempt;
    step->started = false;
    step->touched = true;
    if (!w->spec->step_timeout_ms) return;
    work_disarm(w, CLUSTER_TIMER_STEP_LIMIT, step->number, &step->limit);
    step->limit = work_arm(w, CLUSTER_TIMER_STEP_LIMIT, step->number,
                           w->event->now + w->spec->step_timeout_ms);
}

/* The first PENDING step in order of submission: the window, then what this event added. */
static ClusterStep take_pending(Work *w)
{
    ClusterState *s = w->s;
    s->pending_n--;
    if (s->window_n > 0) {
        s->window_n--;
        return *s->window++;
    }
    check(w->added_n > 0 && s->pending_n + 1 == w->added_n);
    w->added_n--;
    return *w->added++;
}

static void insert_active(ClusterState *s, const ClusterStep *step)
{
    int at = s->active_n++;
    while (at > 0 && s->active[at - 1].number > step->number) {
        s->active[at] = s->active[at - 1];
        at--;
    }
    s->active[at] = *step;
}

void steps_start_next(Work *w)
{
    ClusterState *s = w->s;
    while (s->pending_n > 0 && s->active_n < w->spec->concurrency) {
        ClusterStep step = take_pending(w);
        step.life = STEP_PENDING;
        work_step(w, &step, STEP_RUNNING, (Str){0});
        steps_order_start(w, &step);
        insert_active(s, &step);
    }
}

void steps_started(Work *w)
{
    ClusterStep *step = work_active(w, w->event->token.number);
    w->out->ignored = step->started;
    step->started = true;
    step->touched = true;
}

/* `step` points into the active ones and is gone afterwards. */
void steps_end(Work *w, ClusterStep *step, StepLife to, Str message)
{
    ClusterState *s = w->s;
    int at = (int)(step - s->active);
    check(at >= 0 && at < s->active_n && states_step_ended(to));
    work_step(w, step, to, message);
    work_disarm(w, CLUSTER_TIMER_STEP_LIMIT, step->number, &step->limit);
    work_disarm(w, CLUSTER_TIMER_GRACE, step->number, &step->grace);
    if (!s->destroying) work_order(w, CLUSTER_COMMAND_UPLOAD_LOGS, step->number);
    w->last_end = to;
    s->active_n--;
    memmove(step, step + 1, (size_t)(s->active_n - at) * sizeof *step);
}

void steps_cancel_pending(Work *w, Str message)
{
    ClusterState *s = w->s;
    if (s->pending_n == 0) return;
    w->out->cancel_pending = true;
    w->out->cancel_pending_message = message;
    w->last_end = STEP_CANCELLED;
    s->pending_n = 0;
    s->window_n = 0;
    w->added_n = 0;
}

static Str failure_message(Work *w, const ClusterStep *step, const ClusterResult *r)
{
    Arena *a = w->a;
    if (step->over_limit)
        return str_printf(
            a, "The step ran longer than its limit of %" PRId64 " seconds and was ended.",
            w->spec->step_timeout_ms / 1000);
    if (r->message.n) return r->message;
    switch (r->kind) {
    case CLUSTER_RESULT_EXITED:
        return str_printf(a, "The step's process ended with exit code %d.", r->code);
    case CLUSTER_RESULT_SIGNALLED:
        return str_printf(a, "The step's process was ended by signal %d.", r->code);
    case CLUSTER_RESULT_NOT_STARTED: return S("The step's process could not be started.");
    case CLUSTER_RESULT_LOST:
        return S("The step was running when the server or the machine stopped, and its process "
                 "left no result. "
                 "It was not run again.");
    }
    unreachable();
}

static Str log_file(Work *w, const ClusterStep *step)
{
    Str uri = w->spec->log_uri;
    if (!uri.n) return (Str){0};
    return str_printf(w->a, "%.*s%s%.*s/steps/%.*s/stderr.gz", STR(uri),
                      str_ends(uri, S("/")) ? "" : "/", STR(w->spec->id), STR(step->id));
}

/* EMR: "If a cluster's StepConcurrencyLevel is greater than 1 ... ActionOnFailure does not
 * activate." Lowered to 1 while several run, TERMINATE_CLUSTER acts, CANCEL_AND_WAIT does not. */
static void act_on_failure(Work *w, StepAction action)
{
    ClusterState *s = w->s;
    bool terminate = action == ACTION_TERMINATE_CLUSTER || action == ACTION_TERMINATE_JOB_FLOW;
    if (action == ACTION_CONTINUE || w->spec->concurrency > 1) return;
    if (terminate && !(w->spec->is_protected && w->spec->keep_alive)) {
        life_terminate(w, CAUSE_STEP_FAILED, (Str){0});
        return;
    }
    if (s->active_n == 0) {
        steps_cancel_pending(w, S("Cancelled as a step before it failed"));
        w->last_end = STEP_FAILED;
    }
}

static void fail(Work *w, ClusterStep *step, const ClusterResult *result)
{
    StepAction action = step->action;
    Str message = failure_message(w, step, result), log = log_file(w, step);
    int64_t at = w->out->changes.n;
    w->s->step_failed = true;
    steps_end(w, step, STEP_FAILED, (Str){0});
    ClusterChange *change = &w->out->changes.p[at];
    change->failure_reason = result->reason.n ? result->reason : S("Unknown Error.");
    change->failure_message = message;
    change->failure_log = log;
    act_on_failure(w, action);
}

void steps_ended(Work *w, ClusterStep *step, const ClusterResult *result)
{
    bool success = result->kind == CLUSTER_RESULT_EXITED && result->code == 0;
    if (success)
        steps_end(w, step, STEP_COMPLETED, (Str){0});
    else if (w->s->life == CLUSTER_TERMINATING)
        steps_end(w, step, STEP_CANCELLED, S("Job terminated"));
    else if (step->life == STEP_CANCEL_PENDING)
        steps_end(w, step, STEP_CANCELLED, S("Cancelled by user"));
    else
        fail(w, step, result);
}
