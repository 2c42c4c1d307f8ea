/* life.c - the cluster itself: provision, bootstrap, run or wait, end. */
#include "core/cluster/work.h"

void life_created(Work *w)
{
    ClusterState *s = w->s;
    check(s->life == CLUSTER_NONE && s->attempts == 0);
    s->created = w->event->now;
    work_cluster(w, CLUSTER_STARTING, S("Provisioning Amazon EC2 capacity"));
    steps_enter_pending(w);
    s->engine = work_order(w, CLUSTER_COMMAND_PROVISION, 0)->token.attempt;
    if (w->spec->deadline) s->deadline = work_arm(w, CLUSTER_TIMER_DEADLINE, 0, w->spec->deadline);
}

/* Bootstrap actions run one after the other; after the last the applications are there and steps
 * may run. */
void life_bootstrap_run(Work *w, int action)
{
    ClusterState *s = w->s;
    s->bootstrap = action <= w->spec->bootstrap_n ? action : 0;
    s->bootstrap_attempt = 0;
    if (s->bootstrap) {
        s->bootstrap_attempt = work_order(w, CLUSTER_COMMAND_RUN_BOOTSTRAP, action)->token.attempt;
        return;
    }
    s->ready = w->event->now;
    work_cluster(w, CLUSTER_RUNNING,
                 s->pending_n ? S("Running step") : S("Cluster ready to run steps."));
}

void life_provisioned(Work *w)
{
    w->s->engine = 0;
    work_cluster(w, CLUSTER_BOOTSTRAPPING, S("Running bootstrap actions"));
    life_bootstrap_run(w, 1);
}

void life_provision_failed(Work *w)
{
    w->s->engine = 0;
    life_terminate(w, w->event->invalid ? CAUSE_INVALID : CAUSE_PROVISION, w->event->text);
}

static Str bootstrap_text(Work *w, const ClusterResult *result)
{
    const char *end = result->kind == CLUSTER_RESULT_NOT_STARTED ? "could not be started"
                      : result->kind == CLUSTER_RESULT_LOST
                          ? "was lost when the server stopped and was not run again"
                          : "returned a non-zero return code";
    return str_printf(w->a, "On the master instance (%.*s), bootstrap action %d %s",
                      STR(w->spec->instance), w->s->bootstrap, end);
}

/* The ErrorDetail that EMR documents under this error code. A signal is shown as the shell shows
 * it. */
static void bootstrap_detail(Work *w, const ClusterResult *result, Str message)
{
    ClusterErrorDetail *d = &w->out->error;
    int code = result->kind == CLUSTER_RESULT_SIGNALLED ? 128 + result->code : result->code;
    d->code = S("BOOTSTRAP_FAILURE_PRIMARY_WITH_NON_ZERO_CODE");
    d->message = message;
    d->data[d->data_n].key = S("primary-instance-id");
    d->data[d->data_n++].value = w->spec->instance;
    d->data[d->data_n].key = S("bootstrap-action");
    d->data[d->data_n++].value = str_printf(w->a, "%d", w->s->bootstrap);
    d->data[d->data_n].key = S("return-code");
    d->data[d->data_n++].value = str_printf(w->a, "%d", code);
    if (str_absent(w->event->path)) return;
    d->data[d->data_n].key = S("amazon-s3-path");
    d->data[d->data_n++].value = w->event->path;
}

void life_bootstrap_ended(Work *w, const ClusterResult *result)
{
    ClusterState *s = w->s;
    if (result->kind == CLUSTER_RESULT_EXITED && result->code == 0) {
        life_bootstrap_run(w, s->bootstrap + 1);
        return;
    }
    Str text = bootstrap_text(w, result);
    if (result->kind == CLUSTER_RESULT_EXITED || result->kind == CLUSTER_RESULT_SIGNALLED)
        bootstrap_detail(w, result, text);
    if (result->message.n) text = str_printf(w->a, "%.*s: %.*s", STR(text), STR(result->message));
    s->bootstrap = 0;
    s->bootstrap_attempt = 0;
    life_terminate(w, CAUSE_BOOTSTRAP, text);
}

static void destroy(Work *w)
{
    ClusterState *s = w->s;
    check(!s->destroying);
    work_disarm(w, CLUSTER_TIMER_GRACE, 0, &s->grace);
    s->destroying = true;
    s->engine = work_order(w, CLUSTER_COMMAND_DESTROY, 0)->token.attempt;
}

/* Waiting steps are cancelled now; running ones get TERM and their grace. DESTROY follows when the
 * last has ended or the grace is over, so that a step that ignores TERM cannot keep the cluster. */
void life_terminate(Work *w, ClusterCause cause, Str text)
{
    ClusterState *s = w->s;
    check(states_cluster_alive(s->life) && s->cause == CAUSE_NONE);
    s->cause = cause;
    work_cluster(w, CLUSTER_TERMINATING, str_absent(text) ? states_cause_text(cause) : text);
    work_disarm(w, CLUSTER_TIMER_DEADLINE, 0, &s->deadline);
    work_disarm(w, CLUSTER_TIMER_IDLE, 0, &s->idle);
    steps_cancel_pending(w, S("Job terminated"));
    s->bootstrap = 0;
    s->bootstrap_attempt = 0;
    for (int i = 0; i < s->active_n; i++) {
        work_disarm(w, CLUSTER_TIMER_GRACE, s->active[i].number, &s->active[i].grace);
        s->active[i].touched = true;
        cancel_active(w, &s->active[i], false);
    }
    if (s->active_n == 0 || !w->spec->kill_grace_ms)
        destroy(w);
    else
        s->grace = work_arm(w, CLUSTER_TIMER_GRACE, 0, w->event->now + w->spec->kill_grace_ms);
}

void life_terminate_asked(Work *w)
{
    if (!states_cluster_alive(w->s->life)) {
        w->out->ignored = true;
        return;
    }
    if (w->event->cause == CAUSE_USER && w->spec->is_protected) {
        work_refuse(
            w,
            S("Could not shut down one or more job flows since they are termination protected."));
        return;
    }
    life_terminate(w, w->event->cause, w->event->text);
}

/* Nothing runs any more, whatever the rows say; DESTROY still clears away what is left. */
void life_engine_lost(Work *w, Str text)
{
    ClusterState *s = w->s;
    if (s->life == CLUSTER_NONE || states_cluster_ended(s->life)) {
        w->out->ignored = true;
        return;
    }
    while (s->active_n > 0)
        steps_end(w, &s->active[0], STEP_INTERRUPTED, S("The cluster was lost while the step ran"));
    if (states_cluster_alive(s->life)) life_terminate(w, CAUSE_INSTANCE, text);
}

void life_destroyed(Work *w)
{
    ClusterState *s = w->s;
    while (s->active_n > 0) steps_end(w, &s->active[0], STEP_CANCELLED, S("Job terminated"));
    s->engine = 0;
    s->ended = w->event->now;
    work_cluster(w, states_cause_end(s->cause), s->message);
}

void life_modify(Work *w)
{
    const ClusterModify *m = &w->event->modify;
    if (!states_cluster_alive(w->s->life)) {
        work_refuse(w, CLUSTER_NOT_MODIFIABLE);
        return;
    }
    ClusterSpec *spec = w->spec;
    if (m->concurrency != CLUSTER_KEEP) spec->concurrency = m->concurrency;
    if (m->is_protected != CLUSTER_KEEP) spec->is_protected = m->is_protected;
    if (m->keep_alive != CLUSTER_KEEP) spec->keep_alive = m->keep_alive;
    if (m->idle_timeout_ms != CLUSTER_KEEP) {
        spec->idle_timeout_ms = m->idle_timeout_ms;
        work_disarm(w, CLUSTER_TIMER_IDLE, 0, &w->s->idle);
    }
    check(spec->concurrency >= 1 && spec->concurrency <= CLUSTER_CONCURRENCY_MAX &&
          spec->idle_timeout_ms >= 0);
    w->out->spec_changed = true;
}

static Str waiting_text(StepLife last)
{
    switch (last) {
    case STEP_COMPLETED: return S("Cluster ready after last step completed.");
    case STEP_FAILED: return S("Cluster ready after last step failed.");
    case STEP_CANCELLED: return S("Cluster ready after last step cancelled.");
    case STEP_NONE:
    case STEP_PENDING:
    case STEP_CANCEL_PENDING:
    case STEP_RUNNING:
    case STEP_INTERRUPTED:
    case STEP_LIFE_COUNT: break;
    }
    return S("Cluster ready to run steps.");
}

/* Nothing runs and nothing waits: a cluster that is kept alive waits for more, another one has done
 * its work. */
static void no_steps(Work *w)
{
    ClusterState *s = w->s;
    if (!w->spec->keep_alive) {
        life_terminate(w, s->step_failed ? CAUSE_STEPS_DONE_ERRORS : CAUSE_STEPS_DONE, (Str){0});
        return;
    }
    if (s->life == CLUSTER_RUNNING) work_cluster(w, CLUSTER_WAITING, waiting_text(w->last_end));
    if (w->spec->idle_timeout_ms && !s->idle)
        s->idle = work_arm(w, CLUSTER_TIMER_IDLE, 0, w->event->now + w->spec->idle_timeout_ms);
}

void life_settle(Work *w)
{
    ClusterState *s = w->s;
    if (s->life == CLUSTER_TERMINATING && s->active_n == 0 && !s->destroying) destroy(w);
    if (s->life == CLUSTER_TERMINATING && s->grace == 0 && !s->destroying) destroy(w);
    if (s->life != CLUSTER_RUNNING && s->life != CLUSTER_WAITING) return;
    if (s->active_n == 0 && s->pending_n == 0) {
        no_steps(w);
        return;
    }
    work_disarm(w, CLUSTER_TIMER_IDLE, 0, &s->idle);
    if (s->life == CLUSTER_WAITING) work_cluster(w, CLUSTER_RUNNING, S("Running step"));
    steps_start_next(w);
}
