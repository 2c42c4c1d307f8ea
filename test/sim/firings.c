/* firings.c - a client that makes, changes and removes schedules, switches rules, and puts events. */
#include "firings.h"

#include "app/server.h"
#include "base/time.h"

enum { PAUSE_MS_MAX = 25 * 60 * 1000, AFTER_MS = 20 * 60 * 1000 };
#define LONG_MS  ((Millis)6 * 24 * 3600 * 1000) /* queues keep messages for 14 days */
#define ACCOUNT  "000000000000"
#define QUEUE(x) "arn:aws:sqs:us-east-1:" ACCOUNT ":" x
#define ROLE     "\"RoleArn\":\"arn:aws:iam::" ACCOUNT ":role/r\""

static const char *const queues[TARGET_COUNT] = {"fired", "flaky", "none"};

static struct {
    Client client; /* first */
    Spec specs[SPECS_MAX];
    Fate fates[SPECS_MAX];
    int64_t specs_n;
    Spec rules[RULES];
    Fate events[EVENTS_MAX];
    int64_t events_n;
    int set_up;
    int64_t left;
    bool verifying;
    Millis until;
} firings;

const Spec *firings_spec(int64_t g)
{
    return g >= 0 && g < firings.specs_n ? &firings.specs[g] : NULL;
}

Fate firings_fate(int64_t g)
{
    return firings.fates[g];
}

int64_t firings_generations(void)
{
    return firings.specs_n;
}

const Spec *firings_rule(int rule)
{
    return &firings.rules[rule];
}

int64_t firings_events(void)
{
    return firings.events_n;
}

Fate firings_event(int64_t n)
{
    return firings.events[n];
}

/* ---- asking ---- */

static void ask_json(const char *service, const char *target, Str body, Answered *answered)
{
    aws_ask(&(AwsAsk){.client = &firings.client,
                      .service = service,
                      .target = target,
                      .body = body,
                      .answered = answered});
}

static void answered_somehow(Request *r, const Answer *a)
{
    (void)r;
    aws_fate(a);
}

/* ---- what is there from the start ---- */

static void was_set_up(Request *r, const Answer *a)
{
    (void)r;
    if (aws_must(a, "a thing that schedules need") == FATE_YES) firings.set_up++;
}

#define KEPT "\"Attributes\":{\"MessageRetentionPeriod\":\"1209600\"}"
#define DEAD "\"DeadLetterConfig\":{\"Arn\":\"" QUEUE("dead") "\"}"
#define TIMED(n)                                                                                   \
    "{\"Rule\":\"r" n "\",\"Targets\":[{\"Id\":\"1\",\"Arn\":\"" QUEUE(                            \
        "fired") "\",\"InputTransformer\":{\"InputPathsMap\":{\"t\":\"$.time\"},"                  \
                 "\"InputTemplate\":\"{\\\"s\\\":\\\"r" n "\\\",\\\"g\\\":0,\\\"t\\\":<t>}\"}}]}"

static const char *const setting_up[][2] = {
    {"AmazonSQS.CreateQueue", "{\"QueueName\":\"fired\"," KEPT "}"},
    {"AmazonSQS.CreateQueue", "{\"QueueName\":\"flaky\"," KEPT "}"},
    {"AmazonSQS.CreateQueue", "{\"QueueName\":\"dead\"," KEPT "}"},
    {"AWSEvents.PutRule",
     "{\"Name\":\"match\",\"EventPattern\":\"{\\\"source\\\":[\\\"sim\\\"]}\"}"},
    {"AWSEvents.PutTargets",
     "{\"Rule\":\"match\",\"Targets\":[{\"Id\":\"1\",\"Arn\":\"" QUEUE(
         "fired") "\",\"InputPath\":\"$.detail\"},{\"Id\":\"2\",\"Arn\":"
                  "\"" QUEUE("flaky") "\",\"InputPath\":\"$.detail\","
                                      "\"RetryPolicy\":{\"MaximumRetryAttempts\":4,"
                                      "\"MaximumEventAgeInSeconds\":600}," DEAD "}]}"},
    {"AWSEvents.PutRule", NULL},
    {"AWSEvents.PutTargets", TIMED("0")},
    {"AWSEvents.PutRule", NULL},
    {"AWSEvents.PutTargets", TIMED("1")},
};

static void set_up(void)
{
    Arena a = {0};
    int i = firings.set_up, rule = i == 5 ? 0 : 1;
    const char *text = setting_up[i][1];
    Str body = text ? str_from(text)
                    : str_printf(&a,
                                 "{\"Name\":\"r%d\",\"ScheduleExpression\":\"%.*s\",\"State\":"
                                 "\"DISABLED\"}",
                                 rule, STR(spec_expression(&firings.rules[rule], &a)));
    ask_json(i < 3 ? "sqs" : "events", setting_up[i][0], body, was_set_up);
    arena_free(&a);
}

/* ---- schedules ---- */

static void schedule_answered(Request *r, const Answer *a)
{
    firings.fates[r->size] = aws_fate(a);
    promise(firings.fates[r->size] != FATE_NO || a->status == 404 || a->status == 409,
            "a schedule is refused: %.*s", STR(a->body));
}

static void put_dates(Buf *b, const Spec *s)
{
    if (s->start) buf_printf(b, "\"StartDate\":%" PRId64 ",", s->start / 1000);
    if (s->end) buf_printf(b, "\"EndDate\":%" PRId64 ",", s->end / 1000);
}

static Str schedule_body(const Spec *s, int schedule, int64_t g, Arena *a)
{
    Buf b = {.a = a};
    buf_printf(&b,
               "{\"Description\":\"%" PRId64
               "\",\"ScheduleExpression\":\"%.*s\",\"ScheduleExpressionTimezone\":\"%s\","
               "\"State\":\"%s\",\"ActionAfterCompletion\":\"%s\",",
               g, STR(spec_expression(s, a)), spec_zone(s), s->disabled ? "DISABLED" : "ENABLED",
               s->delete_after ? "DELETE" : "NONE");
    put_dates(&b, s);
    if (s->window_minutes)
        buf_printf(&b,
                   "\"FlexibleTimeWindow\":{\"Mode\":\"FLEXIBLE\","
                   "\"MaximumWindowInMinutes\":%d},",
                   s->window_minutes);
    else
        buf_put(&b, S("\"FlexibleTimeWindow\":{\"Mode\":\"OFF\"},"));
    buf_printf(&b,
               "\"Target\":{\"Arn\":\"" QUEUE(
                   "%s") "\"," ROLE ",\"Input\":\"{\\\"s\\\":\\\"s%d\\\",\\\"g\\\":%" PRId64
                         ",\\\"t\\\":\\\"<aws.scheduler.scheduled-time>\\\",\\\"a\\\":"
                         "\\\"<aws.scheduler.attempt-number>\\\"}\",\"RetryPolicy\":{"
                         "\"MaximumRetryAttempts\":%d,\"MaximumEventAgeInSeconds\":%d}," DEAD "}}",
               queues[s->target], schedule, g, s->retries, s->age_s);
    return buf_str(&b);
}

static void ask_schedule(const char *method, int schedule, Str body, Answered *answered)
{
    char path[32];
    snprintf(path, sizeof path, "/schedules/s%d", schedule);
    aws_ask(&(AwsAsk){.client = &firings.client,
                      .service = "scheduler",
                      .method = method,
                      .path = path,
                      .body = body,
                      .answered = answered});
}

static void put_schedule(const char *method, int schedule)
{
    Arena a = {0};
    int64_t g = firings.specs_n;
    if (g == SPECS_MAX) return;
    firings.specs[g] = spec_draw();
    firings.fates[g] = FATE_PERHAPS;
    firings.specs_n++;
    ask_schedule(method, schedule, schedule_body(&firings.specs[g], schedule, g, &a),
                 schedule_answered);
    firings.client.last->size = g;
    arena_free(&a);
}

/* ---- events ---- */

static void event_answered(Request *r, const Answer *a)
{
    firings.events[r->size] = aws_must(a, "an event");
}

static void put_event(void)
{
    Arena a = {0};
    int64_t n = firings.events_n;
    if (n == EVENTS_MAX) return;
    firings.events[firings.events_n++] = FATE_PERHAPS;
    ask_json("events", "AWSEvents.PutEvents",
             str_printf(&a,
                        "{\"Entries\":[{\"Source\":\"sim\",\"DetailType\":\"x\",\"Detail\":"
                        "\"{\\\"n\\\":%" PRId64 "}\"}]}",
                        n),
             event_answered);
    firings.client.last->size = n;
    arena_free(&a);
}

static void switch_rule(void)
{
    Arena a = {0};
    ask_json("events", chance_in(4) ? "AWSEvents.DisableRule" : "AWSEvents.EnableRule",
             str_printf(&a, "{\"Name\":\"r%d\"}", (int)chance_below(RULES)), answered_somehow);
    arena_free(&a);
}

/* ---- the life of the client ---- */

static void ask_something(void)
{
    int schedule = (int)chance_below(SCHEDULES);
    int64_t what = chance_below(12);
    if (what < 6)
        put_schedule("POST", schedule);
    else if (what < 7)
        put_schedule("PUT", schedule);
    else if (what == 7)
        ask_schedule(chance_in(3) ? "DELETE" : "GET", schedule, S(""), answered_somehow);
    else if (what < 10)
        switch_rule();
    else
        put_event();
}

bool firings_done(void)
{
    if (firings.client.first) return false;
    return firings.verifying ? world.now >= firings.until : firings.left <= 0;
}

static void act(Client *client)
{
    bool ready = firings.set_up == countof(setting_up);
    if (world.now - world.started_at > LONG_MS) world.weather.down_ms_max = 60 * 1000;
    if (!firings_done() && !firings.verifying && client_can_ask(client)) {
        firings.left--;
        if (ready)
            ask_something();
        else
            set_up();
    }
    client_rest(client, ready && chance_in(2) ? PAUSE_MS_MAX : 3000);
}

/* Around the nights in which clocks are changed. */
static const char *const beginnings[] = {
    "2023-11-04T22:00:00Z", "2024-03-10T01:00:00Z", "2024-03-30T20:00:00Z",
    "2023-10-28T20:00:00Z", "2024-04-06T09:00:00Z", "2024-02-28T19:00:00Z",
};

void firings_open(struct ServerConfig *config)
{
    memset(&firings, 0, sizeof firings);
    Weather *w = &world.weather;
    config->catch_up = (CatchUp)chance_below(3);
    check(time_parse_iso8601(str_from(beginnings[chance_below(countof(beginnings))]), &world.now));
    world.now += chance_below(3600 * 1000);
    world.started_at = world.now;
    firings.left = 3 * w->requests;
    w->crash_every_ms *= 60;
    w->full_every_ms *= 20;
    w->full_for_ms *= 20;
    w->down_ms_max = chance_in(2) ? 3600 * 1000 : 20 * 3600 * (Millis)1000;
    firings_check_open((int)config->catch_up);
    slots_open();
    for (int i = 0; i < RULES; i++) firings.rules[i] = spec_draw_rule();
    client_open(&firings.client, "firings-", 0, act);
}

void firings_close(void)
{
    client_close(&firings.client);
}

void firings_verify(void)
{
    firings.verifying = true;
    firings.until = world.now + AFTER_MS;
    client_rest(&firings.client, 1000);
}
