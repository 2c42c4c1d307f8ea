/* restart.c - what becomes of things that ran when the server stopped, from what was found. */
#include "core/cluster/work.h"

static const ClusterResult lost = {.kind = CLUSTER_RESULT_LOST};

static const ClusterFound *find(const Work *w, ClusterCommandKind kind, int64_t number)
{
    for (int64_t i = 0; i < w->event->found_n; i++)
        if (w->event->found[i].kind == kind && w->event->found[i].number == number)
            return &w->event->found[i];
    return NULL;
}

static void provisioning(Work *w, const ClusterFound *f)
{
    ClusterFinding finding = f ? f->finding : CLUSTER_FOUND_LOST;
    if (finding == CLUSTER_FOUND_RUNNING) {
        life_provisioned(w);
    } else if (finding == CLUSTER_FOUND_NEVER_STARTED) {
        w->s->engine = work_order(w, CLUSTER_COMMAND_PROVISION, 0)->token.attempt;
    } else {
        w->s->engine = 0;
        life_terminate(w, CAUSE_PROVISION,
                       S("The server stopped while the cluster was being provisioned."));
    }
}

/* Not named: the caller's engine has nothing of its own that could be lost. */
static void engine(Work *w)
{
    const ClusterFound *f = find(w, CLUSTER_COMMAND_PROVISION, 0);
    if (w->s->life == CLUSTER_STARTING)
        provisioning(w, f);
    else if (f && f->finding != CLUSTER_FOUND_RUNNING)
        life_engine_lost(w, (Str){0});
}

static void bootstrap(Work *w, int action)
{
    const ClusterFound *f = find(w, CLUSTER_COMMAND_RUN_BOOTSTRAP, action);
    ClusterFinding finding = f ? f->finding : CLUSTER_FOUND_LOST;
    if (finding == CLUSTER_FOUND_ENDED)
        life_bootstrap_ended(w, &f->result);
    else if (finding == CLUSTER_FOUND_NEVER_STARTED)
        life_bootstrap_run(w, action);
    else if (finding == CLUSTER_FOUND_LOST)
        life_bootstrap_ended(w, &lost);
}

static void never_started(Work *w, ClusterStep *step)
{
    bool alive = states_cluster_alive(w->s->life);
    if (step->life == STEP_RUNNING && alive)
        steps_order_start(w, step);
    else
        steps_end(w, step, STEP_CANCELLED, alive ? S("Cancelled by user") : S("Job terminated"));
}

static void one_step(Work *w, ClusterStep *step)
{
    const ClusterFound *f = find(w, CLUSTER_COMMAND_START_STEP, step->number);
    switch (f ? f->finding : CLUSTER_FOUND_LOST) {
    case CLUSTER_FOUND_RUNNING:
        step->touched = !step->started;
        step->started = true;
        return;
    case CLUSTER_FOUND_ENDED: steps_ended(w, step, &f->result); return;
    case CLUSTER_FOUND_NEVER_STARTED: never_started(w, step); return;
    case CLUSTER_FOUND_LOST: steps_ended(w, step, &lost); return;
    }
    unreachable();
}

/* In order of submission. A step that ends leaves the list, and its failure may end the cluster:
 * the steps after it are then found CANCEL_PENDING. */
void restart_found(Work *w)
{
    ClusterState *s = w->s;
    int was_running = s->bootstrap;
    if (s->life == CLUSTER_NONE || states_cluster_ended(s->life)) {
        w->out->ignored = true;
        return;
    }
    engine(w);
    if (was_running && s->life == CLUSTER_BOOTSTRAPPING) bootstrap(w, was_running);
    for (int i = 0; i < s->active_n;) {
        int before = s->active_n;
        one_step(w, &s->active[i]);
        if (s->active_n == before) i++;
    }
}
