/* states.c - Step Functions' promises: what was acknowledged exists, ends once and as it must, and nothing is begun twice. */
#include "states.h"

#include "client.h"

enum { EXECUTIONS_MAX = 32, END_MS_MAX = 60 * 60 * 1000, PAGE = 1000 };

typedef enum Known { NO, YES, PERHAPS } Known;

typedef struct Execution {
    Kind kind;
    Known exists;
    char name[32], arn[128], status[16], token[512];
    bool stop_tried, answer_tried;    /* somebody disturbed it */
    int64_t redrives_tried, redrives; /* asked for; as last seen */
    int64_t stopped_at; /* redrives_tried when a stop was acknowledged; -1: none was */
    bool stale;         /* the status may be another by now: a redrive was asked for since */
    bool checked, gone;
    Millis started_at, hopes_since;
    Seen seen;
    Begun begun;
} Execution;

static struct {
    Client client; /* first */
    Execution executions[EXECUTIONS_MAX];
    int n, machines; /* made so far */
    bool verifying, expiring, looked, counted[2];
    int64_t left;
    Millis calm_at; /* 0: not yet */
} states;

/* ---- asking ---- */

static bool faults(void)
{
    const Weather *w = &world.weather;
    return w->sync_fails_in || w->write_fails_in || w->read_fails_in || w->full_every_ms;
}

static void ask(const char *operation, Str body, Answered *answered, void *about)
{
    Arena a = {0};
    Str headers = str_printf(
        &a,
        "X-Amz-Target: AWSStepFunctions.%s\r\nContent-Type: application/x-amz-json-1.0\r\n"
        "Authorization: AWS4-HMAC-SHA256 Credential=sim/20231114/us-east-1/states/aws4_request, "
        "SignedHeaders=host;x-amz-date, "
        "Signature=0000000000000000000000000000000000000000000000000000000000000000\r\n"
        "X-Amz-Date: 20231114T221320Z\r\n",
        operation);
    world_note("states %s %.120s", operation, str_z(&a, body));
    client_ask(&states.client, S("POST"), S("/"), headers, body, answered, about);
    arena_free(&a);
}

/* YES: done. NO: refused, which is allowed when `may_refuse`. PERHAPS: nobody knows. */
static Known fate_of(const Answer *a, bool may_refuse)
{
    if (!a->status) return PERHAPS;
    if (a->status == 200) return YES;
    if (a->status == 400 && may_refuse) return NO;
    promise(a->status >= 500 && faults() && !world.calm, "states: status %d: %.*s", a->status,
            STR(a->body));
    return PERHAPS;
}

static void read_json(const Answer *a, Arena *arena, Json *out)
{
    Error err = {0};
    check(json_parse(a->body, arena, out, &err));
}

static void ask_about(const char *operation, const Execution *x, const char *more,
                      Answered *answered)
{
    Arena a = {0};
    ask(operation, str_printf(&a, "{\"executionArn\":\"%s\"%s}", x->arn, more), answered,
        (void *)x);
    arena_free(&a);
}

/* ---- machines ---- */

static void machine_made(Request *r, const Answer *a)
{
    (void)r;
    if (fate_of(a, false) == YES) states.machines++;
}

static void ask_machine(void)
{
    Arena a = {0};
    Buf body = {.a = &a}, text = {.a = &a};
    const char *definition = machine_definitions[states.machines];
    for (const char *p = definition; *p; p++) buf_putc(&text, *p == '\'' ? '"' : *p);
    buf_printf(&body,
               "{\"name\":\"%s\",\"roleArn\":\"arn:aws:iam::000000000000:role/r\",\"definition\":",
               machine_names[states.machines]);
    json_write_string(&body, buf_str(&text));
    buf_putc(&body, '}');
    ask("CreateStateMachine", buf_str(&body), machine_made, NULL);
    arena_free(&a);
}

/* ---- starting ---- */

static bool disturbed(const Execution *x)
{
    return x->stop_tried || x->answer_tried || x->redrives_tried;
}

static void started(Request *r, const Answer *a)
{
    Execution *x = r->about;
    Known fate = fate_of(a, true);
    if (fate == PERHAPS) return;
    promise(fate == YES || x->exists == PERHAPS, "states: %s cannot be started: %.*s", x->name,
            STR(a->body));
    x->exists = YES; /* also when there was one already: of a start whose answer was lost */
}

static Str input_of(const Execution *x)
{
    return x->kind == KIND_MAP    ? S(",\\\"items\\\":[3,1,4,1,5,9,2,6]")
           : x->kind == KIND_LOOP ? S(",\\\"i\\\":0")
                                  : S("");
}

static void ask_start(Execution *x)
{
    Arena a = {0};
    Str body = str_printf(
        &a,
        "{\"stateMachineArn\":\"arn:aws:states:us-east-1:000000000000:stateMachine:mixed\","
        "\"name\":\"%s\",\"input\":\"{\\\"kind\\\":\\\"%s\\\"%.*s}\"}",
        x->name, kind_names[x->kind], STR(input_of(x)));
    ask("StartExecution", body, started, x);
    if (x->exists == NO) x->exists = PERHAPS, x->started_at = world.now;
    arena_free(&a);
}

static void ask_new(void)
{
    Execution *x = &states.executions[states.n];
    *x = (Execution){.kind = (Kind)chance_below(KIND_COUNT), .stopped_at = -1};
    char name[32];
    snprintf(name, sizeof name, "%s-%d", kind_names[x->kind], states.n++);
    snprintf(x->name, sizeof x->name, "%s", name);
    snprintf(x->arn, sizeof x->arn, "arn:aws:states:us-east-1:000000000000:execution:mixed:%s",
             name);
    ask_start(x);
}

/* ---- looking ---- */

static bool is_over(const Execution *x)
{
    return x->status[0] && !x->stale && strcmp(x->status, "RUNNING") != 0;
}

/* Since then nothing can have kept an execution from its end. */
static Millis fair_weather_at(void)
{
    return states.calm_at ? states.calm_at : world.now;
}

/* An end is an end, but for a redrive; a stop that was acknowledged has ended it. */
static void see_status(Execution *x, const Json *doc)
{
    Str status = json_text(json_get(doc, S("status"))),
        error = json_text(json_get(doc, S("error"))), cause = json_text(json_get(doc, S("cause")));
    int64_t redrives = json_int_or(json_get(doc, S("redriveCount")), -1);
    bool running = str_eq(status, S("RUNNING"));
    promise(redrives >= x->redrives && redrives <= x->redrives_tried,
            "states: %s was redriven %" PRId64 " times, of %" PRId64 " that were asked for",
            x->name, redrives, x->redrives_tried);
    bool was_over = x->status[0] && strcmp(x->status, "RUNNING") != 0;
    promise(!was_over || redrives > x->redrives || str_eq(status, str_from(x->status)),
            "states: %s was %s and is %.*s", x->name, x->status, STR(status));
    promise(!running || x->stopped_at < 0 || x->stopped_at < x->redrives_tried,
            "states: the stop of %s was acknowledged, and it runs", x->name);
    promise(running || str_eq(status, str_from(kind_ends(x->kind))) || disturbed(x) ||
                (str_eq(status, S("TIMED_OUT")) &&
                 fair_weather_at() - x->started_at >= MIXED_TIMEOUT_MS) ||
                (x->kind == KIND_CALLBACK && world.now - x->started_at >= 300 * 1000),
            "states: %s is %.*s: %.*s: %.*s", x->name, STR(status), STR(error), STR(cause));
    snprintf(x->status, sizeof x->status, "%.*s", STR(status));
    x->redrives = redrives;
    x->stale = false;
}

static void described(Request *r, const Answer *a)
{
    Arena arena = {0};
    Json doc;
    Execution *x = r->about;
    Known fate = fate_of(a, true);
    promise(fate != NO || states.expiring || x->exists != YES, "states: %s is lost: %.*s", x->name,
            STR(a->body));
    if (fate == NO) x->gone = true;
    if (fate == YES) {
        read_json(a, &arena, &doc);
        x->exists = YES;
        see_status(x, &doc);
    }
    arena_free(&arena);
}

static void history_read(Request *r, const Answer *a)
{
    Arena arena = {0};
    Json doc;
    Execution *x = r->about;
    if (fate_of(a, x->exists != YES) == YES) {
        read_json(a, &arena, &doc);
        const Json *events = json_get(&doc, S("events"));
        bool whole = !json_get(&doc, S("nextToken"));
        history_check(x->name, events, whole, &x->seen, &x->begun);
        if (states.verifying && is_over(x) && whole)
            history_check_end(x->name, events, str_from(x->status));
        Str token = whole ? history_token(events, &arena) : (Str){0};
        snprintf(x->token, sizeof x->token, "%.*s", STR(token));
        x->checked = states.verifying && is_over(x);
    }
    arena_free(&arena);
}

static void ask_history(Execution *x)
{
    ask_about("GetExecutionHistory", x, ",\"maxResults\":1000", history_read);
}

/* ---- disturbing ---- */

static void stopped(Request *r, const Answer *a)
{
    Execution *x = r->about;
    if (fate_of(a, x->exists != YES) == YES && r->size == x->redrives_tried)
        x->stopped_at = r->size;
}

static void ask_stop(Execution *x)
{
    x->stop_tried = true;
    ask_about("StopExecution", x, ",\"error\":\"Enough\"", stopped);
    states.client.last->size = x->redrives_tried;
}

static void answered_well(Request *r, const Answer *a)
{
    (void)r;
    fate_of(a, true);
}

static void ask_redrive(Execution *x)
{
    x->redrives_tried++;
    x->stale = true;
    ask_about("RedriveExecution", x, "", answered_well);
}

static void ask_answer(Execution *x)
{
    static const char *const forms[][2] = {
        {"SendTaskSuccess", ",\"output\":\"{\\\"answer\\\":42}\""},
        {"SendTaskFailure", ",\"error\":\"Bad\",\"cause\":\"luck\""},
        {"SendTaskHeartbeat", ""},
    };
    Arena a = {0};
    int64_t which = states.verifying ? 0 : chance_below(3);
    x->answer_tried |= which == 1;
    ask(forms[which][0], str_printf(&a, "{\"taskToken\":\"%s\"%s}", x->token, forms[which][1]),
        answered_well, x);
    arena_free(&a);
}

/* ---- counting what was begun, at the end ---- */

static void children_listed(Request *r, const Answer *a)
{
    Arena arena = {0};
    Json doc;
    int64_t machine = r->size, wanted = 0;
    if (fate_of(a, false) == YES) {
        read_json(a, &arena, &doc);
        const Json *list = json_get(&doc, S("executions"));
        for (int i = 0; i < states.n; i++)
            wanted += machine == MACHINE_LEAF ? states.executions[i].begun.leaf
                                              : states.executions[i].begun.slow;
        promise(json_count(list) == wanted,
                "states: %d executions of %s were begun, and the histories know of %" PRId64,
                json_count(list), machine_names[machine], wanted);
        states.counted[machine] = true;
    }
    arena_free(&arena);
}

static void ask_children(int64_t machine)
{
    Arena a = {0};
    ask("ListExecutions",
        str_printf(&a,
                   "{\"stateMachineArn\":\"arn:aws:states:us-east-1:000000000000:stateMachine:%s\","
                   "\"maxResults\":1000}",
                   machine_names[machine]),
        children_listed, NULL);
    states.client.last->size = machine;
    arena_free(&a);
}

/* ---- the life of the client ---- */

static void ask_something(void)
{
    Execution *x = states.n ? &states.executions[chance_below(states.n)] : NULL;
    if (states.n < EXECUTIONS_MAX && (!x || chance_in(3))) {
        ask_new();
        return;
    }
    if (!x) return;
    if (x->exists != YES) {
        ask_start(x);
        return;
    }
    int64_t what = chance_below(12);
    if (what == 0)
        ask_stop(x);
    else if (what == 1 && strcmp(x->status, "SUCCEEDED") != 0)
        ask_redrive(x);
    else if (what < 5 && x->token[0])
        ask_answer(x);
    else if (what < 8)
        ask_history(x);
    else
        ask_about("DescribeExecution", x, "", described);
}

static void bring_to_end(Execution *x)
{
    if (!x->hopes_since) x->hopes_since = world.now;
    promise(world.now - x->hopes_since < END_MS_MAX, "states: %s does not end: it is %s", x->name,
            x->status);
    if (is_over(x) || (x->kind == KIND_CALLBACK && !x->token[0] && chance_in(2)))
        ask_history(x);
    else if (x->token[0])
        ask_answer(x), x->token[0] = 0;
    else
        ask_about("DescribeExecution", x, "", described);
}

static void verify(void)
{
    for (int i = 0; i < states.n; i++) {
        Execution *x = &states.executions[i];
        if (x->exists == PERHAPS && !states.looked && !x->gone) {
            ask_about("DescribeExecution", x, "", described);
            return;
        }
    }
    states.looked = true;
    int first = states.n ? (int)chance_below(states.n) : 0;
    for (int i = 0; i < states.n; i++) {
        Execution *x = &states.executions[(first + i) % states.n];
        if (x->exists != YES || x->checked) continue;
        bring_to_end(x);
        return;
    }
    for (int64_t machine = MACHINE_LEAF; machine <= MACHINE_SLOW && states.machines == MACHINES;
         machine++)
        if (!states.counted[machine]) {
            ask_children(machine);
            return;
        }
}

static void expire(void)
{
    for (int i = 0; i < states.n; i++)
        if (!states.executions[i].gone) {
            ask_about("DescribeExecution", &states.executions[i], "", described);
            return;
        }
}

bool states_done(void)
{
    if (states.client.first) return false;
    if (!states.verifying) return states.left <= 0;
    for (int i = 0; i < states.n; i++) {
        const Execution *x = &states.executions[i];
        if (states.expiring ? !x->gone : x->exists == YES ? !x->checked : !x->gone) return false;
    }
    return states.expiring || states.machines < MACHINES ||
           (states.counted[0] && states.counted[1]);
}

static void act(Client *client)
{
    bool pause = states.verifying && chance_in(4);
    if (!states_done() && !pause && client_can_ask(client)) {
        states.left--;
        if (states.expiring)
            expire();
        else if (states.verifying)
            verify();
        else if (states.machines < MACHINES)
            ask_machine();
        else
            ask_something();
    }
    client_rest(client, pause ? 60 * 1000 : 3000);
}

void states_open(int64_t requests)
{
    memset(&states, 0, sizeof states);
    states.left = requests;
    client_open(&states.client, "states-", 0, act);
}

void states_close(void)
{
    client_close(&states.client);
}

void states_verify(void)
{
    states.verifying = true;
    if (!states.calm_at) states.calm_at = world.now;
    states.looked = states.counted[0] = states.counted[1] = false;
    for (int i = 0; i < states.n; i++) {
        states.executions[i].checked = states.executions[i].gone = false;
        states.executions[i].stale = true;
        states.executions[i].hopes_since = 0;
    }
    client_rest(&states.client, 1000);
}

void states_expire(void)
{
    states_verify();
    states.expiring = true;
}
