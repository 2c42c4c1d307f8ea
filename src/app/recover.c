/* recover.c - after a restart: what became of each cluster's processes; what was ordered is sent again. */
#include "app/emr/clusters.h"
#include "app/emr/engine.h"
#include "app/emr/sweep.h"
#include "store/outbox.h"
#include "store/timers.h"

typedef struct Finding {
    Server *s;
    Arena *a;
    const ClusterRow *row;
    struct {
        ClusterFound *p;
        int64_t n, cap;
    } found;
} Finding;

/* A command that this finding answers leaves the outbox; what was found running is still to be
 * answered by its end. */
static void note(Finding *f, ClusterFound found, int64_t attempt)
{
    *vec_push(f->a, &f->found) = found;
    if (found.finding == CLUSTER_FOUND_RUNNING) return;
    outbox_remove(f->s->db, f->row->n, attempt);
    outbox_remove_signals(f->s->db, f->row->n, attempt);
}

static void observe(Finding *f, ClusterToken token)
{
    note(f, f->s->clusters->engine->observe(f->s, f->row, token, f->a), token.attempt);
}

/* Provisioning is repeated as a whole: it is short, and doing it twice does no harm. */
static void look(Finding *f)
{
    const ClusterState *state = &f->row->state;
    bool there = f->s->clusters->engine->exists(f->s, f->row);
    if (state->life == CLUSTER_STARTING)
        note(f,
             (ClusterFound){.kind = CLUSTER_COMMAND_PROVISION,
                            .finding = CLUSTER_FOUND_NEVER_STARTED},
             state->engine);
    else if (!there && !state->destroying)
        note(f, (ClusterFound){.kind = CLUSTER_COMMAND_PROVISION, .finding = CLUSTER_FOUND_LOST},
             0);
    if (state->bootstrap)
        observe(f, (ClusterToken){CLUSTER_COMMAND_RUN_BOOTSTRAP, state->bootstrap,
                                  state->bootstrap_attempt});
    for (int i = 0; i < state->active_n; i++)
        observe(f, (ClusterToken){CLUSTER_COMMAND_START_STEP, state->active[i].number,
                                  state->active[i].attempt});
}

static bool in_state(const ClusterState *state, int64_t attempt)
{
    bool awaited = state->bootstrap && state->bootstrap_attempt == attempt;
    for (int i = 0; i < state->active_n; i++) awaited |= state->active[i].attempt == attempt;
    return awaited;
}

/* An ending cluster awaits no bootstrap action any more, but its process may run: the engine must
 * know of it, to end it before the cluster is said to be gone. */
static void look_at_others(Finding *f)
{
    ClusterCommand *commands;
    int64_t n = outbox_list(f->s->db, f->row->n, f->a, &commands);
    for (int64_t i = 0; i < n; i++) {
        ClusterToken token = commands[i].token;
        bool process =
            token.kind == CLUSTER_COMMAND_RUN_BOOTSTRAP || token.kind == CLUSTER_COMMAND_START_STEP;
        if (!process || in_state(&f->row->state, token.attempt)) continue;
        ClusterFound found = f->s->clusters->engine->observe(f->s, f->row, token, f->a);
        if (found.finding != CLUSTER_FOUND_RUNNING)
            outbox_remove(f->s->db, f->row->n, token.attempt);
    }
}

/* Orders from before the crash that nobody has answered. Those about processes are answered by what
 * was found. */
static void send_again(Server *s, int64_t cluster, int64_t last_attempt)
{
    ClusterCommand *commands;
    int64_t n = outbox_list(s->db, cluster, &s->turn, &commands);
    for (int64_t i = 0; i < n && commands[i].token.attempt <= last_attempt; i++) {
        ClusterCommandKind kind = commands[i].token.kind;
        if (kind == CLUSTER_COMMAND_START_STEP || kind == CLUSTER_COMMAND_RUN_BOOTSTRAP) continue;
        clusters_send_later(s, cluster, &commands[i]);
    }
}

static bool recover_one(Server *s, Str id, Error *err)
{
    ClusterRow row;
    ClusterUpdate update;
    if (!cluster_row_find(s->db, id, (Str){0}, &s->turn, &row))
        return check(db_failed(s->db)), error_set(err, ERR_IO, "state.db cannot be read");
    step_row_load(s->db, row.n, 0, &s->turn, &row.state);
    Finding f = {.s = s, .a = &s->turn, .row = &row};
    int64_t last_attempt = row.state.attempts;
    look(&f);
    look_at_others(&f);
    ClusterEvent e = {.kind = CLUSTER_EVENT_RESTARTED, .found = f.found.p, .found_n = f.found.n};
    log_recorded(s, "cluster-recovered", "cluster=%.*s state=%.*s processes=%" PRId64, STR(id),
                 STR(states_cluster_name(row.state.life)), f.found.n);
    if (!clusters_apply(s, &row, &e, NULL, 0, &s->turn, &update, err)) return false;
    send_again(s, row.n, last_attempt);
    return true;
}

bool clusters_recover(Server *s, Error *err)
{
    Str *ids;
    int64_t n = cluster_row_living(s->db, &s->turn, &ids);
    for (int64_t i = 0; i < n; i++)
        if (!recover_one(s, ids[i], err)) return false;
    sweep_start(s);
    timer_set(s->db, S("cluster-retention"), S("all"), s->now);
    return true;
}
