/* replay.c - scenarios of executions with a power cut at every write: each ends with the history it has undisturbed. */
#include "replay.h"

#include <stdlib.h>

#include "client.h"
#include "disk.h"
#include "life.h"
#include "states.h"
#include "sys_inside.h"

enum {
    SUBJECT = MACHINES,           /* made last, and started */
    PATIENCE_MS = 40 * 60 * 1000, /* virtual: what does not end by itself is left out */
    CASE_BYTES_MAX = 4 << 20,
};

typedef struct Scenario {
    Str name, definition, input; /* input absent: none is given */
} Scenario;

/* One event as a line: what never varies, and the rest. */
typedef struct Line {
    Str chain, details;
} Line;
typedef struct Lines {
    Line *p;
    int64_t n, cap;
} Lines;

static struct {
    Client client; /* first */
    Arena a;       /* of this run */
    const Scenario *scenario;
    int made;
    bool started, refused, over;
    Millis started_at;
    int64_t crash_at; /* of the writes after that; 0: never */
    Lines lines;
} replay;

/* ---- the client: makes the machines, starts one execution, waits for its end ---- */

static void ask(const char *operation, Str body, Answered *answered)
{
    Arena a = {0};
    Str headers = str_printf(
        &a,
        "X-Amz-Target: AWSStepFunctions.%s\r\nContent-Type: application/x-amz-json-1.0\r\n"
        "Authorization: AWS4-HMAC-SHA256 Credential=sim/20231114/us-east-1/states/aws4_request, "
        "SignedHeaders=host;x-amz-date, Signature=%064d\r\nX-Amz-Date: 20231114T221320Z\r\n",
        operation, 0);
    client_ask(&replay.client, S("POST"), S("/"), headers, body, answered, NULL);
    arena_free(&a);
}

static void made(Request *r, const Answer *a)
{
    (void)r;
    if (a->status == 200) replay.made++;
    if (a->status == 400) replay.refused = true;
}

static void put_definition(Buf *b)
{
    Buf text = {.a = b->a};
    if (replay.made == SUBJECT) {
        json_write_string(b, replay.scenario->definition);
        return;
    }
    for (const char *p = machine_definitions[replay.made]; *p; p++)
        buf_putc(&text, *p == '\'' ? '"' : *p);
    json_write_string(b, buf_str(&text));
}

static void ask_machine(void)
{
    Arena a = {0};
    Buf b = {.a = &a};
    buf_printf(&b,
               "{\"name\":\"%s\",\"roleArn\":\"arn:aws:iam::000000000000:role/r\",\"definition\":",
               replay.made == SUBJECT ? "subject" : machine_names[replay.made]);
    put_definition(&b);
    buf_putc(&b, '}');
    ask("CreateStateMachine", buf_str(&b), made);
    arena_free(&a);
}

/* After a start whose answer was lost it is the same execution, or has ended already. */
static void was_started(Request *r, const Answer *a)
{
    (void)r;
    bool exists = a->status == 400 && str_find(a->body, S("ExecutionAlreadyExists")) >= 0;
    replay.started = a->status == 200 || exists;
    replay.refused |= a->status == 400 && !exists;
}

/* From here on: what came before are the tables and the machines. */
static void count_writes(void)
{
    replay.started_at = world.now;
    world.writes = 0;
    world.crash_at_write = replay.crash_at;
}

static void ask_start(void)
{
    Arena a = {0};
    Buf b = {.a = &a};
    buf_printf(
        &b, "{\"stateMachineArn\":\"arn:aws:states:us-east-1:000000000000:stateMachine:subject\","
            "\"name\":\"one\"");
    if (!str_absent(replay.scenario->input)) {
        buf_printf(&b, ",\"input\":");
        json_write_string(&b, replay.scenario->input);
    }
    buf_putc(&b, '}');
    if (!replay.started_at) count_writes();
    ask("StartExecution", buf_str(&b), was_started);
    arena_free(&a);
}

static Line line_of(Arena *a, const Json *event)
{
    JsonObject rest = {.a = a};
    for (int32_t i = 0; i < json_count(event); i++)
        if (!str_eq(event->members[i].key, S("timestamp")))
            json_put(&rest, event->members[i].key, event->members[i].value);
    Json details = json_object(&rest);
    return (Line){.chain = str_printf(a, "%.*s %.*s %.*s", STR(json_text(json_get(event, S("id")))),
                                      STR(json_text(json_get(event, S("previousEventId")))),
                                      STR(json_text(json_get(event, S("type"))))),
                  .details = json_to_str(a, &details)};
}

static void history_read(Request *r, const Answer *answer)
{
    (void)r;
    Json doc;
    Error err = {0};
    if (answer->status != 200) return;
    Arena *a = &replay.a;
    check(json_parse(str_copy(a, answer->body), a, &doc, &err));
    const Json *events = json_get(&doc, S("events"));
    Str last = json_text(json_get(json_at(events, json_count(events) - 1), S("type")));
    replay.over = str_starts(last, S("Execution")) && !str_eq(last, S("ExecutionStarted"));
    replay.lines = (Lines){0};
    for (int32_t i = 0; i < json_count(events); i++)
        *vec_push(a, &replay.lines) = line_of(a, json_at(events, i));
}

static bool done(void)
{
    bool late = replay.started_at && world.now - replay.started_at > PATIENCE_MS;
    return !replay.client.first && (replay.over || replay.refused || late);
}

static void act(Client *client)
{
    bool pause = replay.started && chance_in(2); /* a Wait may be long */
    if (!done() && !pause && client_can_ask(client)) {
        if (replay.made <= SUBJECT)
            ask_machine();
        else if (!replay.started)
            ask_start();
        else
            ask("GetExecutionHistory",
                S("{\"executionArn\":\"arn:aws:states:us-east-1:000000000000:execution:subject:"
                  "one\","
                  "\"maxResults\":1000}"),
                history_read);
    }
    client_rest(client, pause ? 40 * 1000 : 1000);
}

/* ---- one run ---- */

/* crash_at 0: undisturbed. The lines live in *a. */
static Lines run_once(const Scenario *s, uint64_t seed, int64_t crash_at, Arena *a)
{
    world_open(seed);
    life_open(NULL);
    world.weather = (Weather){.job_ms_max = 1, .down_ms_max = 200};
    disk_open();
    disk_folder(S("/sim"));
    procs_open();
    memset(&replay, 0, sizeof replay);
    replay.a = *a;
    replay.scenario = s;
    replay.crash_at = crash_at;
    client_open(&replay.client, "replay-", 0, act);
    life_until(done);
    *a = replay.a;
    client_close(&replay.client);
    procs_close();
    disk_close();
    world_close();
    return replay.lines;
}

/* Where two undisturbed runs differ (times, random ids) only the chain is compared. */
static void compare(const Scenario *s, int64_t k, const Lines *x, const Lines *y, const Lines *got)
{
    promise(got->n == x->n,
            "replay: %.*s, power cut at write %" PRId64 ": %" PRId64 " events, not %" PRId64,
            STR(s->name), k, got->n, x->n);
    for (int64_t i = 0; i < got->n && !world.broken; i++) {
        bool same = str_eq(got->p[i].chain, x->p[i].chain);
        if (str_eq(x->p[i].details, y->p[i].details))
            same &= str_eq(got->p[i].details, x->p[i].details);
        promise(same, "replay: %.*s, power cut at write %" PRId64 ": %.*s instead of %.*s",
                STR(s->name), k, STR(got->p[i].details), STR(x->p[i].details));
    }
}

/* ---- one scenario ---- */

static struct {
    int64_t scenarios, left_out, cuts;
} sum;

static bool try_scenario(const Scenario *s, int64_t every)
{
    Arena a = {0}, b = {0};
    Lines x = run_once(s, 1, 0, &a);
    int64_t writes = world.writes;
    bool usable = replay.over && !world.broken;
    Lines y = usable ? run_once(s, 2, 0, &a) : x;
    sum.scenarios += usable;
    sum.left_out += !usable;
    if (world.verbose)
        printf("%.*s: %" PRId64 " writes, %" PRId64 " events\n", STR(s->name), writes, x.n);
    for (int64_t k = 1; usable && k <= writes && !world.broken; k += every) {
        arena_reset(&b);
        Lines got = run_once(s, 3, k, &b);
        if (!world.broken) compare(s, k, &x, &y, &got);
        sum.cuts++;
    }
    arena_free(&a);
    arena_free(&b);
    return !world.broken;
}

static bool own_scenarios(int64_t every)
{
    bool good = true;
    for (Kind kind = 0; kind < KIND_COUNT && good; kind++) {
        Arena a = {0};
        Buf text = {.a = &a};
        for (const char *p = machine_definitions[MACHINE_MIXED]; *p; p++)
            buf_putc(&text, *p == '\'' ? '"' : *p);
        Str input =
            str_printf(&a, "{\"kind\":\"%s\",\"items\":[2,1,2],\"i\":1000}", kind_names[kind]);
        good = try_scenario(&(Scenario){str_from(kind_names[kind]), buf_str(&text), input}, every);
        arena_free(&a);
    }
    return good;
}

static bool recorded_scenario(Str line, int64_t every)
{
    Arena a = {0};
    Json c;
    Error err = {0};
    check(json_parse(line, &a, &c, &err));
    Scenario s = {.name = json_text(json_get(&c, S("name"))),
                  .definition = json_text(json_get(&c, S("definition_text"))),
                  .input = json_text(json_get(&c, S("input")))};
    bool good = str_absent(s.definition) ||
                str_eq(json_text(json_get(&c, S("sm_type"))), S("EXPRESS")) ||
                try_scenario(&s, every);
    arena_free(&a);
    return good;
}

bool replay_run(const char *path, int64_t every)
{
    static char line[CASE_BYTES_MAX];
    FILE *f = fopen(path, "r");
    bool good = own_scenarios(every);
    while (good && f && fgets(line, sizeof line, f))
        good = recorded_scenario(str_trim(str_from(line)), every);
    if (f) fclose(f);
    printf("%s%" PRId64 " scenarios, %" PRId64
           " power cuts; left out, since they do not end by themselves or are "
           "not for this program: %" PRId64 "\n",
           f ? "" : "no recorded scenarios here; ", sum.scenarios, sum.cuts, sum.left_out);
    return good;
}
