/* emr.c - EMR's promises: what was acknowledged exists, goes forwards only, tells the truth, ends. */
#include "emr.h"

#include "base/json.h"
#include "client.h"
#include "programs.h"
#include "sys_inside.h"

enum { CLUSTERS_MAX = 8, STEPS_MAX = 64, END_MS_MAX = 40 * 60 * 1000, ENDING = 3, ENDED = 4 };

typedef struct Step {
    Program *program;
    bool acknowledged;
    char id[32], state[20];
} Step;

/* Whether something asked for has happened. */
typedef enum Known { NO, YES, PERHAPS } Known;

typedef struct Cluster {
    Known exists, is_protected, ending; /* ending: its termination was asked for */
    bool keep_alive, checked, may_end;  /* may_end: for a reason of its own, without being asked */
    char id[32], state[32];
    Step steps[STEPS_MAX];
    int steps_n;
    int64_t hopes_since; /* of its end, when calm; 0: not yet */
} Cluster;

static struct {
    Client client; /* first */
    Cluster clusters[CLUSTERS_MAX];
    int n;
    bool bucket, script, verifying, looked;
    int64_t left;
} emr;

/* ---- words ---- */

static int rank_of_cluster(Str s)
{
    static const char *const order[] = {"STARTING", "BOOTSTRAPPING", "RUNNING", "TERMINATING",
                                        "TERMINATED"};
    if (str_eq(s, S("WAITING"))) return 2;
    if (str_eq(s, S("TERMINATED_WITH_ERRORS"))) return ENDED;
    for (int i = 0; i < countof(order); i++)
        if (str_eq(s, str_from(order[i]))) return i;
    return -1;
}

static int rank_of_step(Str s)
{
    static const char *const order[] = {"PENDING", "RUNNING", "CANCEL_PENDING"};
    for (int i = 0; i < countof(order); i++)
        if (str_eq(s, str_from(order[i]))) return i;
    return countof(order);
}

static bool has_ended(const Cluster *c)
{
    return c->state[0] && rank_of_cluster(str_from(c->state)) == ENDED;
}

static bool faults(void)
{
    const Weather *w = &world.weather;
    return w->sync_fails_in || w->write_fails_in || w->read_fails_in || w->full_every_ms;
}

/* ---- asking ---- */

static void ask(Str operation, Str body, Answered *answered, void *about)
{
    Arena a = {0};
    Str headers = str_printf(
        &a,
        "X-Amz-Target: ElasticMapReduce.%.*s\r\nContent-Type: application/x-amz-json-1.1\r\n"
        "Authorization: AWS4-HMAC-SHA256 "
        "Credential=sim/20231114/us-east-1/elasticmapreduce/aws4_request, "
        "SignedHeaders=host;x-amz-date, "
        "Signature=0000000000000000000000000000000000000000000000000000000000000000\r\n"
        "X-Amz-Date: 20231114T221320Z\r\n",
        STR(operation));
    world_note("emr %.*s %.150s", STR(operation), body.p);
    client_ask(&emr.client, S("POST"), S("/"), headers, body, answered, about);
    arena_free(&a);
}

/* YES: done. NO: refused, which is allowed when `may_refuse`. PERHAPS: nobody knows. */
static Known fate_of(const Answer *a, bool may_refuse)
{
    if (!a->status) return PERHAPS;
    if (a->status == 200) return YES;
    if (a->status == 400 && may_refuse) return NO;
    promise(a->status >= 500 && faults() && !world.calm, "emr: status %d: %.*s", a->status,
            STR(a->body));
    return PERHAPS;
}

static void read_json(const Answer *a, Arena *arena, Json *out)
{
    Error err = {0};
    check(json_parse(a->body, arena, out, &err));
}

/* ---- steps ---- */

static void put_steps(Buf *b, Cluster *c, int64_t n)
{
    static const char *const actions[] = {"CONTINUE", "CANCEL_AND_WAIT", "TERMINATE_CLUSTER"};
    buf_printf(b, "\"Steps\":[");
    for (int64_t i = 0; i < n; i++) {
        Program *p = program_new(false);
        int action = (int)chance_below(3);
        check(c->steps_n < STEPS_MAX);
        c->steps[c->steps_n++] = (Step){.program = p};
        c->may_end |= action == 2;
        buf_printf(b,
                   "%s{\"Name\":\"s\",\"ActionOnFailure\":\"%s\",\"HadoopJarStep\":{\"Jar\":"
                   "\"command-runner.jar\",\"Args\":[\"bash\",\"-c\",\"sim-%" PRId64 "\"]}}",
                   i ? "," : "", actions[action], p->number);
    }
    buf_printf(b, "]");
}

static Step *step_by_program(Cluster *c, int64_t number)
{
    for (int i = 0; i < c->steps_n; i++)
        if (c->steps[i].program->number == number) return &c->steps[i];
    return NULL;
}

static void steps_added(Request *r, const Answer *a)
{
    Cluster *c = r->about;
    Arena arena = {0};
    Json doc;
    if (fate_of(a, true) == YES) {
        read_json(a, &arena, &doc);
        const Json *ids = json_get(&doc, S("StepIds"));
        promise(json_count(ids) == r->size, "emr: %d step ids for %" PRId64 " steps",
                json_count(ids), r->size);
        for (int32_t i = 0; i < json_count(ids); i++) {
            Step *s = &c->steps[r->seed + (uint64_t)i];
            s->acknowledged = true;
            snprintf(s->id, sizeof s->id, "%.*s", STR(json_text(json_at(ids, i))));
        }
    }
    arena_free(&arena);
}

static void ask_add_steps(Cluster *c)
{
    Arena a = {0};
    Buf b = {.a = &a};
    int64_t n = chance_between(1, 3), first = c->steps_n;
    if (c->steps_n + n <= STEPS_MAX) {
        buf_printf(&b, "{\"JobFlowId\":\"%s\",", c->id);
        put_steps(&b, c, n);
        buf_putc(&b, '}');
        ask(S("AddJobFlowSteps"), str_copy(&a, buf_str(&b)), steps_added, c);
        Request *r = emr.client.last;
        r->seed = (uint64_t)first;
        r->size = n;
    }
    arena_free(&a);
}

/* What a step says must agree with what its program did. */
static void check_facts(const Step *s, Str state, const Json *status, Millis asked_at)
{
    const Program *p = s->program;
    bool well = p->exited && p->code == 0;
    int64_t n = p->number;
    if (str_eq(state, S("COMPLETED")))
        promise(well,
                "emr: the step of program %" PRId64 " is COMPLETED, but that did not end well", n);
    if (str_eq(state, S("FAILED"))) {
        promise(!well, "emr: the step of program %" PRId64 " is FAILED, but that ended well", n);
        promise(json_text(json_find(status, "FailureDetails.Reason")).n ||
                    json_text(json_find(status, "StateChangeReason.Message")).n,
                "emr: the step of program %" PRId64 " is FAILED without a reason", n);
    }
    if (str_eq(state, S("CANCELLED")))
        promise(!well, "emr: the step of program %" PRId64 " is CANCELLED, but that ended well", n);
    if (str_eq(state, S("PENDING")))
        promise(!p->starts || p->started_at >= asked_at,
                "emr: the step of program %" PRId64 " is PENDING, but that was started", n);
}

static void check_step(Cluster *c, const Json *step, Millis asked_at)
{
    Str argument = json_text(json_at(json_find(step, "Config.Args"), 2)),
        id = json_text(json_get(step, S("Id")));
    const Json *status = json_get(step, S("Status"));
    Str state = json_text(json_get(status, S("State")));
    Step *s = step_by_program(c, strtoll(argument.p + 4, NULL, 10));
    promise(s, "emr: a step nobody submitted: %.*s", STR(argument));
    if (!s) return;
    promise(!s->id[0] || str_eq(id, str_from(s->id)), "emr: step %s is called %.*s now", s->id,
            STR(id));
    int before = s->state[0] ? rank_of_step(str_from(s->state)) : 0, now = rank_of_step(state);
    promise(now > before || str_eq(state, str_from(s->state)) || !s->state[0],
            "emr: step %s was %s and is %.*s", s->id, s->state, STR(state));
    check_facts(s, state, status, asked_at);
    snprintf(s->id, sizeof s->id, "%.*s", STR(id));
    snprintf(s->state, sizeof s->state, "%.*s", STR(state));
}

static bool is_listed(const Json *steps, const Step *s)
{
    for (int32_t i = 0; i < json_count(steps); i++)
        if (str_eq(json_text(json_get(json_at(steps, i), S("Id"))), str_from(s->id))) return true;
    return false;
}

static void steps_listed(Request *r, const Answer *a)
{
    Cluster *c = r->about;
    Arena arena = {0};
    Json doc;
    if (fate_of(a, false) == YES) {
        read_json(a, &arena, &doc);
        const Json *steps = json_get(&doc, S("Steps"));
        bool whole = !json_get(&doc, S("Marker"));
        for (int32_t i = 0; i < json_count(steps); i++)
            check_step(c, json_at(steps, i), r->asked_at);
        for (int i = 0; i < c->steps_n && whole; i++)
            promise(!c->steps[i].acknowledged || is_listed(steps, &c->steps[i]),
                    "emr: step %s of %s is lost", c->steps[i].id, c->id);
        for (int i = 0; i < c->steps_n && has_ended(c); i++)
            promise(!c->steps[i].state[0] || rank_of_step(str_from(c->steps[i].state)) == 3,
                    "emr: %s has ended, its step %s is %s", c->id, c->steps[i].id,
                    c->steps[i].state);
        c->checked = has_ended(c);
    }
    arena_free(&arena);
}

static void forget(Request *r, const Answer *a)
{
    (void)r;
    fate_of(a, true);
}

static void ask_cancel(Cluster *c)
{
    Arena a = {0};
    Step *s = c->steps_n ? &c->steps[chance_below(c->steps_n)] : NULL;
    if (s && s->id[0])
        ask(S("CancelSteps"),
            str_printf(
                &a, "{\"ClusterId\":\"%s\",\"StepIds\":[\"%s\"],\"StepCancellationOption\":\"%s\"}",
                c->id, s->id, chance_in(2) ? "SEND_INTERRUPT" : "TERMINATE_PROCESS"),
            forget, c);
    arena_free(&a);
}

/* ---- clusters ---- */

static void see_cluster(Cluster *c, Str state)
{
    int before = c->state[0] ? rank_of_cluster(str_from(c->state)) : 0,
        now = rank_of_cluster(state);
    bool same = str_eq(state, str_from(c->state));
    promise(now >= before && (before < ENDED || same), "emr: cluster %s was %s and is %.*s", c->id,
            c->state, STR(state));
    promise(c->ending != YES || now >= ENDING,
            "emr: the termination of %s was acknowledged, and it is %.*s", c->id, STR(state));
    snprintf(c->state, sizeof c->state, "%.*s", STR(state));
}

/* An ended cluster has no process any more. */
static void check_gone(const Cluster *c)
{
    Arena a = {0};
    Str place = str_printf(&a, "/sim/data/work/%s/", c->id);
    promise(!has_ended(c) || procs_alive(place) == 0, "%d processes of %s are alive, which is %s",
            procs_alive(place), c->id, c->state);
    arena_free(&a);
}

static void described(Request *r, const Answer *a)
{
    Arena arena = {0};
    Json doc;
    if (fate_of(a, false) == YES) {
        read_json(a, &arena, &doc);
        see_cluster(r->about, json_text(json_find(&doc, "Cluster.Status.State")));
        check_gone(r->about);
    }
    arena_free(&arena);
}

static void run_answered(Request *r, const Answer *a)
{
    Cluster *c = r->about;
    Arena arena = {0};
    Json doc;
    c->exists = fate_of(a, false);
    if (c->exists == YES) {
        read_json(a, &arena, &doc);
        snprintf(c->id, sizeof c->id, "%.*s", STR(json_text(json_get(&doc, S("JobFlowId")))));
        for (int i = 0; i < c->steps_n; i++) c->steps[i].acknowledged = true;
    }
    arena_free(&arena);
}

static void put_bootstrap(Buf *b, int64_t n)
{
    buf_printf(b, "\"BootstrapActions\":[");
    for (int64_t i = 0; i < n; i++)
        buf_printf(b,
                   "%s{\"Name\":\"b\",\"ScriptBootstrapAction\":{\"Path\":\"s3://bucket-emr/"
                   "boot.sh\",\"Args\":[\"sim-%" PRId64 "\"]}}",
                   i ? "," : "", program_new(true)->number);
    buf_printf(b, "],");
}

static void ask_run(void)
{
    Arena a = {0};
    Buf b = {.a = &a};
    Cluster *c = &emr.clusters[emr.n++];
    *c = (Cluster){
        .keep_alive = chance_in(2), .is_protected = chance_in(5) ? YES : NO, .exists = PERHAPS};
    buf_printf(&b, "{\"Name\":\"cluster-%d\",\"ReleaseLabel\":\"emr-7.1.0\",", emr.n - 1);
    if (chance_in(2)) buf_printf(&b, "\"LogUri\":\"s3://bucket-emr/logs/\",");
    int64_t bootstrap_n = chance_below(3);
    c->may_end = !c->keep_alive || bootstrap_n || faults();
    put_bootstrap(&b, bootstrap_n);
    buf_printf(&b,
               "\"Instances\":{\"MasterInstanceType\":\"m5.xlarge\",\"SlaveInstanceType\":\"m5."
               "xlarge\",\"InstanceCount\":3,"
               "\"KeepJobFlowAliveWhenNoSteps\":%s,\"TerminationProtected\":%s},",
               c->keep_alive ? "true" : "false", c->is_protected == YES ? "true" : "false");
    put_steps(&b, c, chance_below(5));
    buf_printf(&b, ",\"JobFlowRole\":\"EMR_EC2_DefaultRole\",\"ServiceRole\":\"EMR_DefaultRole\"}");
    ask(S("RunJobFlow"), str_copy(&a, buf_str(&b)), run_answered, c);
    arena_free(&a);
}

static void terminated(Request *r, const Answer *a)
{
    Cluster *c = r->about;
    Known fate = fate_of(a, true);
    promise(fate != YES || c->is_protected != YES || c->may_end || c->ending != NO,
            "emr: the protected cluster %s was terminated", c->id);
    promise(fate != NO || c->is_protected != NO || c->may_end || c->ending != NO,
            "emr: %s cannot be terminated: %.*s", c->id, STR(a->body));
    if (fate == YES || (fate == PERHAPS && c->ending == NO)) c->ending = fate;
}

static void protected(Request *r, const Answer *a)
{
    Cluster *c = r->about;
    Known fate = fate_of(a, true);
    if (fate == YES) c->is_protected = r->size ? YES : NO;
    if (fate == PERHAPS) c->is_protected = PERHAPS;
}

static void ask_about(Str operation, const char *form, Cluster *c, Answered *answered)
{
    Arena a = {0};
    Buf b = {.a = &a};
    Str rest = str_from(form), before = {0};
    str_cut(&rest, '%', &before);
    buf_printf(&b, "%.*s%s%.*s", STR(before), c->id, STR(rest));
    ask(operation, str_copy(&a, buf_str(&b)), answered, c);
    arena_free(&a);
}

static void ask_protect(Cluster *c, bool yes)
{
    ask_about(S("SetTerminationProtection"),
              yes ? "{\"JobFlowIds\":[\"%\"],\"TerminationProtected\":true}"
                  : "{\"JobFlowIds\":[\"%\"],\"TerminationProtected\":false}",
              c, protected);
    emr.client.last->size = yes;
}

/* ---- after a lost answer of RunJobFlow ---- */

static void clusters_listed(Request *r, const Answer *a)
{
    (void)r;
    Arena arena = {0};
    Json doc;
    bool found[CLUSTERS_MAX] = {0};
    if (fate_of(a, false) == YES) {
        read_json(a, &arena, &doc);
        const Json *list = json_get(&doc, S("Clusters"));
        for (int32_t i = 0; i < json_count(list); i++) {
            Str name = json_text(json_get(json_at(list, i), S("Name"))),
                id = json_text(json_get(json_at(list, i), S("Id")));
            int64_t k = strtoll(name.p + S("cluster-").n, NULL, 10);
            Cluster *c = &emr.clusters[k];
            promise(!found[k], "emr: two clusters are called %.*s", STR(name));
            promise(c->exists != YES || str_eq(id, str_from(c->id)),
                    "emr: cluster %s is called %.*s now", c->id, STR(id));
            snprintf(c->id, sizeof c->id, "%.*s", STR(id));
            c->exists = YES;
            found[k] = true;
        }
        for (int i = 0; i < emr.n; i++) {
            promise(emr.clusters[i].exists != YES || found[i], "emr: cluster %s is lost",
                    emr.clusters[i].id);
            if (!found[i]) emr.clusters[i].exists = NO;
        }
        emr.looked = true;
    }
    arena_free(&arena);
}

/* ---- the life of the client ---- */

static void bucket_made(Request *r, const Answer *a)
{
    (void)r;
    emr.bucket = a->status == 409 || fate_of(a, false) == YES;
}

static void script_put(Request *r, const Answer *a)
{
    (void)r;
    if (fate_of(a, false) == YES) emr.script = true;
}

/* The script of bootstrap actions; its bucket first. */
static void ask_script(void)
{
    if (!emr.bucket)
        client_ask(&emr.client, S("PUT"), S("/bucket-emr"), S(""), S(""), bucket_made, NULL);
    else
        client_ask(&emr.client, S("PUT"), S("/bucket-emr/boot.sh"), S(""), S("#!/bin/sh\n"),
                   script_put, NULL);
}

static Cluster *any_cluster(void)
{
    Cluster *c = emr.n ? &emr.clusters[chance_below(emr.n)] : NULL;
    return c && c->exists == YES ? c : NULL;
}

static void ask_something(void)
{
    Cluster *c = any_cluster();
    if (emr.n < CLUSTERS_MAX && (!c || chance_in(8))) {
        ask_run();
        return;
    }
    if (!c) return;
    switch (chance_below(12)) {
    case 0:
    case 1:
    case 2: ask_add_steps(c); break;
    case 3:
    case 4: ask_cancel(c); break;
    case 5: ask_about(S("TerminateJobFlows"), "{\"JobFlowIds\":[\"%\"]}", c, terminated); break;
    case 6: ask_protect(c, chance_in(2)); break;
    case 7:
    case 8: ask_about(S("DescribeCluster"), "{\"ClusterId\":\"%\"}", c, described); break;
    default: ask_about(S("ListSteps"), "{\"ClusterId\":\"%\"}", c, steps_listed); break;
    }
}

/* A cluster that nobody has to ask: its steps end, and it with them. */
static bool ends_by_itself(const Cluster *c)
{
    for (int i = 0; i < c->steps_n; i++)
        if (c->steps[i].program->runs_ms == INT64_MAX) return false;
    return !c->keep_alive;
}

static void bring_to_end(Cluster *c)
{
    if (!c->hopes_since) c->hopes_since = world.now;
    promise(world.now - c->hopes_since < END_MS_MAX, "emr: cluster %s does not end: it is %s",
            c->id, c->state);
    if (has_ended(c))
        ask_about(S("ListSteps"), "{\"ClusterId\":\"%\"}", c, steps_listed);
    else if (chance_in(2))
        ask_about(S("DescribeCluster"), "{\"ClusterId\":\"%\"}", c, described);
    else if (c->is_protected != NO && !ends_by_itself(c))
        ask_protect(c, false);
    else if (c->ending != YES && !ends_by_itself(c))
        ask_about(S("TerminateJobFlows"), "{\"JobFlowIds\":[\"%\"]}", c, terminated);
    else
        ask_about(S("DescribeCluster"), "{\"ClusterId\":\"%\"}", c, described);
}

static void verify(void)
{
    if (!emr.looked) {
        ask(S("ListClusters"), S("{}"), clusters_listed, NULL);
        return;
    }
    int first = (int)chance_below(emr.n + 1);
    for (int i = 0; i < emr.n; i++) {
        Cluster *c = &emr.clusters[(first + i) % emr.n];
        if (c->exists != YES || c->checked) continue;
        bring_to_end(c);
        return;
    }
}

bool emr_done(void)
{
    if (emr.client.first) return false;
    if (!emr.verifying) return emr.left <= 0;
    for (int i = 0; i < emr.n; i++)
        if (emr.clusters[i].exists == YES && !emr.clusters[i].checked) return false;
    return emr.looked;
}

static void act(Client *client)
{
    if (!emr_done() && client_can_ask(client)) {
        emr.left--;
        if (emr.verifying)
            verify();
        else if (!emr.script)
            ask_script();
        else
            ask_something();
    }
    client_rest(client, emr.verifying ? 5000 : 1500);
}

void emr_open(int64_t requests)
{
    memset(&emr, 0, sizeof emr);
    emr.left = requests;
    client_open(&emr.client, "emr-", 0, act);
}

void emr_close(void)
{
    client_close(&emr.client);
}

void emr_verify(void)
{
    emr.verifying = true;
    emr.looked = false;
    for (int i = 0; i < emr.n; i++) emr.clusters[i].checked = false;
    client_rest(&emr.client, 1000);
}
