/* states.c - names, causes and transition tables of cluster and step lifetimes. */
#include "core/cluster/states.h"

#define X(code, name) [code] = {name, sizeof(name) - 1},
static const Str cluster_names[] = {CLUSTER_LIFE_TABLE(X)};
static const Str step_names[] = {STEP_LIFE_TABLE(X)};
static const Str reason_names[] = {CLUSTER_REASON_TABLE(X)};
static const Str action_names[] = {STEP_ACTION_TABLE(X)};
#undef X

typedef struct Cause {
    Str name;
    ClusterReason reason;
    ClusterLife end;
    Str text;
} Cause;
#define X(code, reason, end, text)                                                                 \
    [code] = {{#code, sizeof(#code) - 1}, reason, end, {text, sizeof(text) - 1}},
static const Cause causes[] = {CLUSTER_CAUSE_TABLE(X)};
#undef X

#define BIT(state) (1u << (state))

/* A cluster that fails while it starts still passes TERMINATING: something of it may exist. */
static const unsigned cluster_next[CLUSTER_LIFE_COUNT] = {
    [CLUSTER_NONE] = BIT(CLUSTER_STARTING),
    [CLUSTER_STARTING] = BIT(CLUSTER_BOOTSTRAPPING) | BIT(CLUSTER_TERMINATING),
    [CLUSTER_BOOTSTRAPPING] = BIT(CLUSTER_RUNNING) | BIT(CLUSTER_TERMINATING),
    [CLUSTER_RUNNING] = BIT(CLUSTER_WAITING) | BIT(CLUSTER_TERMINATING),
    [CLUSTER_WAITING] = BIT(CLUSTER_RUNNING) | BIT(CLUSTER_TERMINATING),
    [CLUSTER_TERMINATING] = BIT(CLUSTER_TERMINATED) | BIT(CLUSTER_TERMINATED_WITH_ERRORS),
};

/* CANCEL_PENDING may still end COMPLETED or FAILED: the process was faster than the signal. */
static const unsigned step_next[STEP_LIFE_COUNT] = {
    [STEP_NONE] = BIT(STEP_PENDING),
    [STEP_PENDING] = BIT(STEP_RUNNING) | BIT(STEP_CANCELLED),
    [STEP_RUNNING] = BIT(STEP_CANCEL_PENDING) | BIT(STEP_COMPLETED) | BIT(STEP_FAILED) |
                     BIT(STEP_CANCELLED) | BIT(STEP_INTERRUPTED),
    [STEP_CANCEL_PENDING] = BIT(STEP_COMPLETED) | BIT(STEP_CANCELLED) | BIT(STEP_INTERRUPTED),
};

int states_find(const Str *names, int n, Str name)
{
    for (int i = 0; i < n; i++)
        if (names[i].n && str_eq(names[i], name)) return i;
    return -1;
}

static Str name_of(const Str *names, int n, int i)
{
    check(i >= 0 && i < n);
    return names[i];
}

static const Cause *cause_at(ClusterCause cause)
{
    check((int)cause >= 0 && cause < CAUSE_COUNT);
    return &causes[cause];
}

Str states_cluster_name(ClusterLife state)
{
    return name_of(cluster_names, countof(cluster_names), (int)state);
}

Str states_step_name(StepLife state)
{
    return name_of(step_names, countof(step_names), (int)state);
}

Str states_reason_name(ClusterReason reason)
{
    return name_of(reason_names, countof(reason_names), (int)reason);
}

Str states_action_name(StepAction action)
{
    return name_of(action_names, countof(action_names), (int)action);
}

Str states_cause_name(ClusterCause cause)
{
    return cause_at(cause)->name;
}

bool states_cluster_from(Str name, ClusterLife *out)
{
    int i = states_find(cluster_names, countof(cluster_names), name);
    if (i < 0) return false;
    *out = (ClusterLife)i;
    return true;
}

bool states_step_from(Str name, StepLife *out)
{
    int i = states_find(step_names, countof(step_names), name);
    if (i < 0) return false;
    *out = (StepLife)i;
    return true;
}

bool states_action_from(Str name, StepAction *out)
{
    int i = states_find(action_names, countof(action_names), name);
    if (i < 0) return false;
    *out = (StepAction)i;
    return true;
}

ClusterReason states_cause_reason(ClusterCause cause)
{
    return cause_at(cause)->reason;
}

ClusterLife states_cause_end(ClusterCause cause)
{
    return cause_at(cause)->end;
}

Str states_cause_text(ClusterCause cause)
{
    return cause_at(cause)->text;
}

bool states_cluster_may(ClusterLife from, ClusterLife to)
{
    return cluster_next[from] & BIT(to);
}

bool states_step_may(StepLife from, StepLife to)
{
    return step_next[from] & BIT(to);
}

bool states_cluster_alive(ClusterLife state)
{
    return state >= CLUSTER_STARTING && state <= CLUSTER_WAITING;
}

bool states_cluster_ended(ClusterLife state)
{
    return state == CLUSTER_TERMINATED || state == CLUSTER_TERMINATED_WITH_ERRORS;
}

bool states_step_active(StepLife state)
{
    return state == STEP_RUNNING || state == STEP_CANCEL_PENDING;
}

bool states_step_ended(StepLife state)
{
    return state >= STEP_COMPLETED;
}
