/* work.c - recording what a decision decides: transitions, commands with fresh tokens, timers. */
#include "core/cluster/work.h"

static ClusterChange *record(Work *w, int from, int to, Str message)
{
    ClusterChange *change = vec_push(w->a, &w->out->changes);
    *change = (ClusterChange){.from = from, .to = to, .message = message, .at = w->event->now};
    return change;
}

void work_cluster(Work *w, ClusterLife to, Str message)
{
    ClusterState *s = w->s;
    check(states_cluster_may(s->life, to));
    ClusterChange *change = record(w, (int)s->life, (int)to, message);
    change->id = w->spec->id;
    change->reason = states_cause_reason(s->cause);
    s->life = to;
    s->message = message;
}

void work_step(Work *w, ClusterStep *step, StepLife to, Str message)
{
    check(states_step_may(step->life, to));
    ClusterChange *change = record(w, (int)step->life, (int)to, message);
    change->step = step->number;
    change->id = step->id;
    step->life = to;
    step->touched = true;
}

ClusterCommand *work_order(Work *w, ClusterCommandKind kind, int64_t number)
{
    ClusterCommand *command = vec_push(w->a, &w->out->commands);
    *command = (ClusterCommand){.token = {kind, number, ++w->s->attempts}};
    return command;
}

int64_t work_arm(Work *w, ClusterTimer timer, int64_t number, Millis at)
{
    ClusterCommand *command = work_order(w, CLUSTER_COMMAND_ARM_TIMER, number);
    command->timer = timer;
    command->at = at;
    return command->token.attempt;
}

void work_disarm(Work *w, ClusterTimer timer, int64_t number, int64_t *attempt)
{
    if (!*attempt) return;
    ClusterCommand *command = work_order(w, CLUSTER_COMMAND_DISARM_TIMER, number);
    command->timer = timer;
    command->target = *attempt;
    *attempt = 0;
}

ClusterStep *work_active(Work *w, int64_t number)
{
    for (int i = 0; i < w->s->active_n; i++)
        if (w->s->active[i].number == number) return &w->s->active[i];
    return NULL;
}

void work_refuse(Work *w, Str text)
{
    check(w->out->changes.n == 0 && w->out->commands.n == 0);
    w->out->refused = text;
}
