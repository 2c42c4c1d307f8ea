/* event_sources.c - what changes here as events of AWS's services: one row a kind of change, each with its detail. */
#include "app/events/event_bus.h"

#include "app/events/event_objects.h"
#include "app/turn.h"
#include "core/cluster/states.h"
#include "store/changes.h"
#include "store/clusters.h"
#include "store/executions.h"
#include "store/steps.h"
#include "store/timers.h"

typedef struct Told {
    Server *s;
    const Change *c;
    JsonObject detail;
    JsonArray resources;
    EventEmit e;
} Told;

/* ---- EMR: "Amazon EMR events" in the reference of EventBridge ---- */

static bool tell_cluster(Told *t)
{
    ClusterRow row;
    Server *s = t->s;
    const Change *c = t->c;
    if (!cluster_row_find(s->db, c->id, (Str){0}, &s->turn, &row)) return false;
    JsonObject reason = {.a = &s->turn};
    JsonObject *d = &t->detail;
    if (str_starts(c->to, S("TERMINAT")))
        json_put_text(&reason, S("code"), states_reason_name(states_cause_reason(row.state.cause)));
    json_put_text(&reason, S("message"), c->message);
    Json why = json_object(&reason);
    why.type = JSON_OBJECT;
    json_put_text(d, S("severity"),
                  str_eq(c->to, S("TERMINATED_WITH_ERRORS")) ? S("CRITICAL") : S("INFO"));
    json_put_text(d, S("stateChangeReason"), json_to_str(&s->turn, &why));
    json_put_text(d, S("name"), row.name);
    json_put_text(d, S("clusterId"), c->id);
    json_put_text(d, S("state"), c->to);
    json_put_text(d, S("message"),
                  str_printf(&s->turn, "Amazon EMR cluster %.*s (%.*s) is in state %.*s.",
                             STR(c->id), STR(row.name), STR(c->to)));
    t->e = (EventEmit){.source = S("aws.emr"),
                       .type = S("EMR Cluster State Change"),
                       .account = row.account,
                       .region = row.region};
    return true;
}

static bool tell_step(Told *t)
{
    StepRow step;
    ClusterRow row;
    Server *s = t->s;
    const Change *c = t->c;
    JsonObject *d = &t->detail;
    if (!cluster_row_find(s->db, c->parent, (Str){0}, &s->turn, &row) ||
        !step_row_find(s->db, row.n, c->id, &s->turn, &step))
        return false;
    bool failed = str_eq(c->to, S("FAILED"));
    Json config;
    Error err = {0};
    bool parsed = json_parse(step.config, &s->turn, &config, &err);
    json_put_text(d, S("severity"), failed ? S("ERROR") : S("INFO"));
    json_put_text(d, S("name"), step.name);
    json_put_text(d, S("clusterId"), c->parent);
    json_put_text(d, S("stepId"), c->id);
    json_put_text(d, S("state"), c->to);
    if (parsed) json_put_json(d, S("jar"), json_get(&config, S("Jar")));
    json_put_text(d, S("message"),
                  str_printf(&s->turn,
                             "Step %.*s (%.*s) in Amazon EMR cluster %.*s (%.*s) is in "
                             "state %.*s.",
                             STR(c->id), STR(step.name), STR(c->parent), STR(row.name),
                             STR(c->to)));
    t->e = (EventEmit){.source = S("aws.emr"),
                       .type = S("EMR Step Status Change"),
                       .account = row.account,
                       .region = row.region};
    return true;
}

/* ---- Step Functions: "EventBridge (CloudWatch Events) for execution status changes" ---- */

static void put_data(JsonObject *d, const char *name, const char *about, Str text)
{
    JsonObject o = {.a = d->a};
    json_put(&o, S("included"), json_bool(true));
    json_put(d, str_from(name), text.n ? json_string(text) : (Json){0});
    if (text.n)
        json_put(d, str_from(about), json_object(&o));
    else
        json_put(d, str_from(about), (Json){0});
}

static void put_time(JsonObject *d, const char *name, Millis t)
{
    json_put(d, str_from(name), t ? json_int(d->a, t) : (Json){0});
}

static Json or_null(Str text)
{
    return str_absent(text) ? (Json){0} : json_string(text);
}

static bool tell_execution(Told *t)
{
    ExecutionRow row;
    Server *s = t->s;
    const Change *c = t->c;
    JsonObject *d = &t->detail;
    if (!execution_row_find(s->db, c->id, &s->turn, &row)) return false;
    const AslExecution *x = &row.asl;
    json_put_text(d, S("executionArn"), c->id);
    json_put_text(d, S("stateMachineArn"), c->parent);
    json_put_text(d, S("name"), x->id.name);
    json_put_text(d, S("status"), c->to);
    put_time(d, "startDate", x->id.started);
    put_time(d, "stopDate", str_eq(c->to, S("RUNNING")) ? 0 : c->at);
    put_data(d, "input", "inputDetails", x->input);
    put_data(d, "output", "outputDetails", x->output);
    json_put(d, S("error"), or_null(x->error));
    json_put(d, S("cause"), or_null(x->cause));
    json_add(&t->resources, json_string(c->id));
    t->e = (EventEmit){.source = S("aws.states"),
                       .type = S("Step Functions Execution Status Change"),
                       .account = row.account,
                       .region = x->id.region};
    return true;
}

/* ---- all ---- */

static const struct {
    const char *service;
    bool (*tell)(Told *t); /* false: what it is about is gone */
} kinds[] = {
    {"emr-cluster", tell_cluster},
    {"emr-step", tell_step},
    {"states-execution", tell_execution},
};

static void tell(Server *s, const Change *c, bool rules)
{
    if (str_eq(c->service, S("s3-object"))) event_object_tell(s, c);
    if (!rules) return;
    Told t = {.s = s, .c = c, .detail = {.a = &s->turn}, .resources = {.a = &s->turn}};
    for (int i = 0; i < countof(kinds); i++) {
        if (!str_eq(c->service, str_from(kinds[i].service)) || !kinds[i].tell(&t)) continue;
        Json detail = json_object(&t.detail), resources = json_array(&t.resources);
        t.e.detail = &detail;
        t.e.resources = &resources;
        t.e.at = c->at;
        event_emit(s, &t.e);
    }
}

/* One portion a turn: what an event makes happen may be a change again. */
static void follow(Server *s)
{
    Change *changes;
    Error err = {0};
    int64_t n = change_list(s->db, event_seen(s->db), EVENT_CHANGES_AT_ONCE, &s->turn, &changes);
    if (!n) return;
    event_begin(s);
    bool rules = event_rule_exists(s->db);
    for (int64_t i = 0; i < n; i++) tell(s, &changes[i], rules);
    event_set_seen(s->db, changes[n - 1].n);
    if (change_last(s->db) > changes[n - 1].n) timer_set(s->db, EVENT_FOLLOW_TIMER, S(""), s->now);
    if (!event_end(s, true, &err)) log_error(s, "events-delayed", "error=\"%s\"", err.text);
}

void event_bus_follow(Server *s)
{
    if (db_dirty(s->db)) follow(s);
}

/* A stream that was there before buses were is not told. */
void event_bus_recover(Server *s)
{
    if (event_seen(s->db) < 0) event_set_seen(s->db, change_last(s->db));
}

/* Makes a turn in which there is something to follow. */
void event_follow_due(Server *s, Str subject)
{
    (void)s;
    (void)subject;
}
