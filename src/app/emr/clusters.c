/* clusters.c - one event of a cluster: load, decide, record in the same transaction, and act after the commit. */
#include "app/emr/clusters.h"

#include "app/access/child_keys.h"
#include "app/emr/engine.h"
#include "app/emr/local.h"
#include "app/watch/logs.h"
#include "core/cluster/instance.h"
#include "store/changes.h"
#include "store/leases.h"
#include "store/ledger.h"
#include "store/outbox.h"
#include "store/timers.h"

/* ---- opening ---- */

bool clusters_open(Server *s, Error *err)
{
    s->clusters = calloc(1, sizeof *s->clusters);
    check(s->clusters);
    s->clusters->engine = &engine_local;
    logs_open(s);
    return local_open(s, err);
}

void clusters_close(Server *s)
{
    if (!s->clusters) return;
    logs_close(s);
    local_close(s);
    free(s->clusters);
    s->clusters = NULL;
}

/* ---- carrying out ---- */

typedef struct Order {
    int64_t cluster;
    ClusterCommand command;
} Order;

static void carry_out(Server *s, void *arg)
{
    const Order *order = arg;
    const Engine *engine = s->clusters->engine;
    ClusterRow row;
    if (!clusters_row(s, order->cluster, &row)) return;
    switch (order->command.token.kind) {
    case CLUSTER_COMMAND_PROVISION: engine->create(s, &row, order->command.token); return;
    case CLUSTER_COMMAND_RUN_BOOTSTRAP:
    case CLUSTER_COMMAND_START_STEP: engine->submit(s, &row, order->command.token); return;
    case CLUSTER_COMMAND_SIGNAL_STEP: engine->cancel(s, &row, &order->command); return;
    case CLUSTER_COMMAND_UPLOAD_LOGS: engine->upload(s, &row, order->command.token); return;
    case CLUSTER_COMMAND_DESTROY: engine->destroy(s, &row, order->command.token); return;
    case CLUSTER_COMMAND_NONE:
    case CLUSTER_COMMAND_ARM_TIMER:
    case CLUSTER_COMMAND_DISARM_TIMER:
    case CLUSTER_COMMAND_COUNT: break;
    }
    unreachable();
}

void clusters_send_later(Server *s, int64_t cluster, const ClusterCommand *command)
{
    Order *order = new (&s->turn, Order);
    *order = (Order){cluster, *command};
    after_commit(s, carry_out, order);
}

/* "j-ABC/IDLE/0/12": cluster, timer, step number, attempt. */
static Str timer_subject(Server *s, const ClusterRow *row, const ClusterCommand *c, int64_t attempt)
{
    return str_printf(&s->turn, "%.*s/%.*s/%" PRId64 "/%" PRId64, STR(row->spec.id),
                      STR(cluster_timer_name(c->timer)), c->token.number, attempt);
}

/* Timers are rows themselves; everything else waits in the outbox for its answer. */
static void order(Server *s, const ClusterRow *row, const ClusterCommand *c)
{
    if (c->token.kind == CLUSTER_COMMAND_ARM_TIMER) {
        timer_set(s->db, S("cluster"), timer_subject(s, row, c, c->token.attempt), c->at);
    } else if (c->token.kind == CLUSTER_COMMAND_DISARM_TIMER) {
        timer_clear(s->db, S("cluster"), timer_subject(s, row, c, c->target));
    } else {
        outbox_add(s->db, row->n, c);
        clusters_send_later(s, row->n, c);
    }
}

/* ---- recording ---- */

static Str idle_name(ClusterLife life)
{
    switch (life) {
    case CLUSTER_NONE:
    case CLUSTER_STARTING: return S("idle:starting");
    case CLUSTER_BOOTSTRAPPING: return S("idle:bootstrapping");
    case CLUSTER_RUNNING:
    case CLUSTER_WAITING: return S("idle:waiting");
    case CLUSTER_TERMINATING: return S("idle:terminating");
    case CLUSTER_TERMINATED:
    case CLUSTER_TERMINATED_WITH_ERRORS:
    case CLUSTER_LIFE_COUNT: break;
    }
    unreachable();
}

/* What has passed since the last entry went to whoever was active before this event. */
static void bill(Server *s, ClusterRow *row, const ClusterState *before, Millis now)
{
    Str *ids = new_array(&s->turn, Str, before->active_n);
    for (int i = 0; i < before->active_n; i++) ids[i] = before->active[i].id;
    if (now <= row->billed_until) return;
    ledger_attribute(s->db, row->n, row->billed_until, now, ids, before->active_n,
                     idle_name(before->life));
    cluster_row_set_billed(s->db, row->n, now);
    row->billed_until = now;
}

static void record_step(Server *s, const ClusterRow *row, const ClusterChange *c)
{
    Str from = states_step_name((StepLife)c->from), to = states_step_name((StepLife)c->to);
    if (c->from != STEP_NONE) step_row_change(s->db, row->n, c);
    change_add(s->db, &(Change){.service = S("emr-step"),
                                .id = c->id,
                                .parent = row->spec.id,
                                .from = from.n ? from : (Str){0},
                                .to = to,
                                .message = c->message,
                                .at = c->at});
    Str why = c->failure_message.n ? c->failure_message : c->message;
    log_recorded(s, "step-state", "cluster=%.*s step=%.*s from=%.*s to=%.*s reason=\"%.*s\"",
                 STR(row->spec.id), STR(c->id), STR(from), STR(to), STR(why));
}

static void record_cluster(Server *s, const ClusterChange *c)
{
    Str from = states_cluster_name((ClusterLife)c->from),
        to = states_cluster_name((ClusterLife)c->to);
    change_add(s->db, &(Change){.service = S("emr-cluster"),
                                .id = c->id,
                                .from = from.n ? from : (Str){0},
                                .to = to,
                                .message = c->message,
                                .at = c->at});
    log_recorded(s, "cluster-state", "cluster=%.*s from=%.*s to=%.*s reason=%.*s", STR(c->id),
                 STR(from), STR(to), STR(states_reason_name(c->reason)));
}

/* Status.ErrorDetails as the API shows it. */
static Str error_json(Arena *a, const ClusterErrorDetail *d)
{
    JsonArray data = {.a = a}, list = {.a = a};
    JsonObject detail = {.a = a};
    for (int i = 0; i < d->data_n; i++) {
        JsonObject pair = {.a = a};
        json_put_text(&pair, d->data[i].key, d->data[i].value);
        json_add(&data, json_object(&pair));
    }
    json_put_text(&detail, S("ErrorCode"), d->code);
    json_put(&detail, S("ErrorData"), json_array(&data));
    json_put_text(&detail, S("ErrorMessage"), d->message);
    json_add(&list, json_object(&detail));
    Json all = json_array(&list);
    return json_to_str(a, &all);
}

/* The last event of a life: nothing is owed, nothing holds. */
static void close_books(Server *s, const ClusterRow *row, Millis now)
{
    LedgerSum sum = ledger_sum(s->db, row->n);
    int64_t micro = 0;
    if (!clusters_cost(s, row, now, &s->turn, &micro)) return;
    ledger_set_cost(s->db, row->n, micro);
    outbox_clear(s->db, row->n);
    lease_release(s->db, row->spec.id, now);
    child_key_remove(s->db, row->spec.id);
    log_recorded(s, "cluster-ended",
                 "cluster=%.*s billed_ms=%" PRId64 " steps_ms=%" PRId64 " idle_ms=%" PRId64
                 " cost=%.*s",
                 STR(row->spec.id), now - row->state.created, sum.steps_ms, sum.idle_ms,
                 STR(instance_money(&s->turn, micro)));
    check(db_failed(s->db) || sum.steps_ms + sum.idle_ms == now - row->state.created);
}

static void record(Server *s, ClusterRow *row, const ClusterEvent *e, const ClusterUpdate *u)
{
    if (states_cluster_ended(row->state.life))
        return; /* its books are closed: there is only an answer */
    bill(s, row, &row->state, e->now);
    cluster_row_set_state(s->db, row->n, &u->next);
    if (u->spec_changed) cluster_row_set_spec(s->db, row->n, &u->spec);
    if (!str_absent(u->error.code))
        cluster_row_set_error(s->db, row->n, error_json(&s->turn, &u->error));
    for (int64_t i = 0; i < u->changes.n; i++)
        u->changes.p[i].step ? record_step(s, row, &u->changes.p[i])
                             : record_cluster(s, &u->changes.p[i]);
    for (int i = 0; i < u->next.active_n; i++)
        if (u->next.active[i].touched) step_row_set_core(s->db, row->n, &u->next.active[i]);
    if (u->cancel_pending)
        step_row_cancel_pending(s->db, row->n, row->spec.id, u->cancel_pending_message, e->now);
    for (int64_t i = 0; i < u->commands.n; i++) order(s, row, &u->commands.p[i]);
    row->state = u->next;
    row->spec = u->spec;
    if (states_cluster_ended(u->next.life)) close_books(s, row, e->now);
}

/* ---- one event ---- */

bool clusters_row(Server *s, int64_t cluster, ClusterRow *out)
{
    if (cluster_row_get(s->db, cluster, &s->turn, out)) return true;
    check(db_failed(s->db));
    return false;
}

static void number_steps(Server *s, const ClusterRow *row, ClusterEvent *e, StepRow *added,
                         int64_t n, Arena *a)
{
    ClusterStep *steps = new_array(a, ClusterStep, n);
    int64_t last = step_row_last_number(s->db, row->n);
    for (int64_t i = 0; i < n; i++) {
        added[i].cluster = row->n;
        added[i].created = e->now;
        added[i].core.number = ++last;
        added[i].core.life = STEP_PENDING;
        steps[i] = added[i].core;
    }
    e->steps = steps;
    e->steps_n = n;
}

bool clusters_apply(Server *s, ClusterRow *row, ClusterEvent *e, StepRow *added, int64_t added_n,
                    Arena *a, ClusterUpdate *out, Error *err)
{
    e->now = s->now > row->billed_until ? s->now : row->billed_until;
    step_row_load(s->db, row->n, cluster_window(&row->spec, e), a, &row->state);
    if (added_n > 0) number_steps(s, row, e, added, added_n, a);
    if (db_failed(s->db)) return error_set(err, ERR_IO, "state.db cannot be read");
    cluster_step(&row->spec, &row->state, e, a, out);
    if (!str_absent(out->refused)) return error_set(err, ERR_VALIDATION, "%.*s", STR(out->refused));
    if (out->ignored) return true;
    for (int64_t i = 0; i < added_n; i++) step_row_add(s->db, &added[i]);
    record(s, row, e, out);
    return true;
}

void clusters_answered(Server *s, int64_t cluster, ClusterEvent *e)
{
    Error err = {0};
    ClusterRow row;
    ClusterUpdate update;
    if (!clusters_row(s, cluster, &row)) return;
    if (e->kind != CLUSTER_EVENT_STEP_STARTED) {
        outbox_remove(s->db, cluster, e->token.attempt);
        outbox_remove_signals(s->db, cluster, e->token.attempt);
    }
    check(clusters_apply(s, &row, e, NULL, 0, &s->turn, &update, &err) || db_failed(s->db));
}

void clusters_timer_due(Server *s, Str subject)
{
    Str rest = subject, id, timer, number, attempt;
    Error err = {0};
    ClusterRow row;
    ClusterUpdate update;
    ClusterEvent e = {.kind = CLUSTER_EVENT_TIMER_DUE,
                      .token = {.kind = CLUSTER_COMMAND_ARM_TIMER}};
    check(str_cut(&rest, '/', &id) && str_cut(&rest, '/', &timer) && str_cut(&rest, '/', &number));
    attempt = rest;
    check(cluster_timer_from(timer, &e.timer) && str_to_int(number, &e.token.number) &&
          str_to_int(attempt, &e.token.attempt));
    bool found = cluster_row_find(s->db, id, (Str){0}, &s->turn, &row);
    bool applied = found && clusters_apply(s, &row, &e, NULL, 0, &s->turn, &update, &err);
    check(applied || db_failed(s->db));
}

void clusters_child_ended(Server *s, int64_t child, const ChildExit *exit)
{
    s->clusters->engine->ended(s, engine_child_cluster(child), engine_child_attempt(child), exit);
}

/* ---- under whose name ---- */

Identity clusters_identity(Server *s, const ClusterRow *row, Arena *a)
{
    IamEntity role;
    Json request = {0};
    Identity who = {.account = row->account,
                    .region = row->region,
                    .verified = true,
                    .role = S("none"),
                    .session = row->spec.instance};
    if (!s->config.enforce_auth || !clusters_doc(s, row, CLUSTER_DOC_REQUEST, a, &request))
        return who;
    Str profile = json_text(json_get(&request, S("JobFlowRole")));
    if (!profile.n) profile = IDENTITIES_EMR_PROFILE;
    if (identities_role(s, a, row->account, profile, true, &role)) who.role = iam_arn(a, &role);
    return who;
}

/* ---- creation ---- */

bool clusters_create(Server *s, ClusterRow *row, Str request, Str instances, StepRow *added,
                     int64_t added_n, Arena *a, Error *err)
{
    ClusterUpdate update;
    ClusterEvent e = {.kind = CLUSTER_EVENT_CREATED};
    row->state = (ClusterState){.created = s->now};
    row->billed_until = s->now;
    cluster_row_add(s->db, row, request, instances);
    lease_add(s->db, &(Lease){.owner = row->spec.id,
                              .engine = str_from(s->clusters->engine->name),
                              .place = str_printf(a, "work/%.*s", STR(row->spec.id)),
                              .created = s->now,
                              .deadline = s->now + LEASE_TERM_MS});
    child_key_add(s, a, row->account, row->spec.id);
    return clusters_apply(s, row, &e, added, added_n, a, &update, err);
}
