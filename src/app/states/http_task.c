/* http_task.c - sends the requests of HTTP tasks, and makes of the answers what the task gives. */
#include "app/states/http_task.h"

#include "app/access/authorize.h"
#include "app/events/connections.h"
#include "app/states/integrations_inner.h"
#include "base/encode.h"

enum { CAUSE_BYTES_MAX = 32768 };

typedef struct HttpTask {
    Job job;
    Arena arena;
    int64_t execution;
    AslToken token;
    Millis now;
    ConnectionUse use;
    bool unauthorised, token_was_kept;
    HttpExchange asked, x;
    HttpTaskRequest plain; /* without what the connection gives; of a trial */
} HttpTask;

/* ---- beginning ---- */

static bool usable(Server *s, const ExecutionRow *x, Str arn, ConnectionRow *row,
                   HttpTaskRefusal *why)
{
    Arena *a = &s->turn;
    if (!connection_of_arn(s, x->account, x->asl.id.region, arn, a, row)) {
        *why = (HttpTaskRefusal){S("Events.ConnectionResource.NotFound"),
                                 str_printf(a, "Connection %.*s does not exist.", STR(arn))};
        return false;
    }
    if (str_eq(row->state, S("AUTHORIZED"))) return true;
    *why =
        (HttpTaskRefusal){str_eq(row->state, S("AUTHORIZING"))
                              ? S("Events.ConnectionResource.AuthInProgress")
                              : S("Events.ConnectionResource.InvalidConnectionState"),
                          str_printf(a, "Connection %.*s is %.*s.%s%.*s", STR(row->name),
                                     STR(row->state), row->reason.n ? " " : "", STR(row->reason))};
    return false;
}

/* "Permissions to run an HTTP Task" in the developer guide: the request, the connection, and the
 * secret in which that keeps what it authorises with. */
static bool permitted(Server *s, const ExecutionRow *x, const HttpTaskRequest *r,
                      const ConnectionRow *row, HttpTaskRefusal *why)
{
    Error err = {0};
    Arena *a = &s->turn;
    Identity who = task_identity(x);
    const PolicyKey keys[] = {{S("states:HTTPEndpoint"), &r->endpoint, 1},
                              {S("states:HTTPMethod"), &r->method, 1}};
    Str secret = connection_secret_arn(a, row);
    bool good = authorize_act_with(s, a, &who, S("states:InvokeHTTPEndpoint"), who.source_arn, keys,
                                   countof(keys), &err);
    *why = (HttpTaskRefusal){.error = S("States.Http.AccessDenied")};
    if (good) why->error = S("Events.ConnectionResource.AccessDenied");
    good = good &&
           authorize_act(s, a, &who, S("events:RetrieveConnectionCredentials"),
                         connection_arn(a, row), &err) &&
           authorize_act(s, a, &who, S("secretsmanager:DescribeSecret"), secret, &err) &&
           authorize_act(s, a, &who, S("secretsmanager:GetSecretValue"), secret, &err);
    if (!good) why->cause = str_copy(a, error_text(&err));
    return good;
}

static Json parameters_of(Arena *a, const ExecutionOrder *o)
{
    Json v;
    Error err = {0};
    return json_parse(o->parameters, a, &v, &err) ? v : (Json){.type = JSON_OBJECT};
}

void http_task_begin(Server *s, const ExecutionRow *x, const ExecutionOrder *o, TaskOutcome *out)
{
    ConnectionRow row;
    HttpTaskRequest r;
    HttpTaskRefusal why;
    Json given = parameters_of(&s->turn, o);
    if (http_task_request(&s->turn, &given, x->asl.id.region, NULL, &r, &why) &&
        usable(s, x, r.connection_arn, &row, &why) && permitted(s, x, &r, &row, &why))
        *out = (TaskOutcome){.end = TASK_WORKS};
    else
        *out = (TaskOutcome){.end = TASK_REFUSED, .error = why.error, .cause = why.cause};
}

/* ---- sending: on a slow thread ---- */

static void ask(HttpTask *t)
{
    HttpExchange x = t->x;
    t->unauthorised = !connection_get_token(&t->arena, &t->use, t->now, &t->asked);
    if (t->unauthorised) return;
    connection_authorise(&t->use, &x);
    http_client_run(&x);
    t->asked = x;
}

/* A token that was good may be so no longer. */
static void work(Job *job)
{
    HttpTask *t = (HttpTask *)job;
    ask(t);
    bool refused =
        !t->unauthorised && !t->asked.failure && (t->asked.status == 401 || t->asked.status == 407);
    if (!refused || !t->token_was_kept) return;
    t->use.token = (Str){0};
    ask(t);
}

/* ---- what came of it ---- */

static Json headers_json(Arena *a, const HttpExchange *x)
{
    JsonObject o = {.a = a};
    for (int64_t i = 0; i < x->headers.n; i++) {
        JsonArray values = {.a = a};
        bool first = true;
        for (int64_t k = 0; k < x->headers.n; k++) {
            if (!str_eq_nocase(x->headers.p[i].name, x->headers.p[k].name)) continue;
            first &= k >= i;
            json_add(&values, json_string(x->headers.p[k].value));
        }
        if (first) json_put(&o, str_lower(a, x->headers.p[i].name), json_array(&values));
    }
    return json_object(&o);
}

static Json body_json(Arena *a, const HttpExchange *x)
{
    Json v;
    Error err = {0};
    Str type = http_client_answer_header(x, S("Content-Type"));
    bool json = !str_absent(type) && str_find(str_lower(a, type), S("json")) >= 0;
    return json && x->answer.n && json_parse(x->answer, a, &v, &err) ? v : json_string(x->answer);
}

static Str result(Arena *a, const HttpExchange *x)
{
    JsonObject o = {.a = a};
    json_put(&o, S("Headers"), headers_json(a, x));
    json_put(&o, S("ResponseBody"), body_json(a, x));
    json_put(&o, S("StatusCode"), json_int(a, x->status));
    json_put_text(&o, S("StatusText"), x->reason);
    Json all = json_object(&o);
    return json_to_str(a, &all);
}

static TaskOutcome failed(Str error, Str cause)
{
    return (TaskOutcome){.end = TASK_REFUSED, .error = error, .cause = cause};
}

static TaskOutcome failed_exchange(const HttpExchange *x)
{
    if (x->failure == HTTP_CLIENT_TOO_LARGE)
        return failed(S("States.DataLimitExceeded"),
                      S("The response is larger than 262144 bytes."));
    if (x->failure == HTTP_CLIENT_BAD_URL) return failed(S("States.Runtime"), x->why);
    return failed(S("States.Http.Socket"), x->why);
}

/* The answer's own words, where it has some. */
static Str cause_of(const HttpExchange *x)
{
    return x->answer.n && x->answer.n <= CAUSE_BYTES_MAX && utf8_valid(x->answer) ? x->answer
                                                                                  : x->reason;
}

static TaskOutcome outcome_of(Arena *a, const HttpTask *t)
{
    const HttpExchange *x = &t->asked;
    if (x->failure) return failed_exchange(x);
    if (t->unauthorised)
        return failed(
            S("Events.ConnectionResource.InvalidConnectionState"),
            str_printf(a, "The authorization endpoint gave no token: status %d.", x->status));
    if (x->status >= 300)
        return failed(str_printf(a, "States.Http.StatusCode.%d", x->status), cause_of(x));
    if (!utf8_valid(x->answer))
        return failed(S("States.Runtime"), S("The response is not text in UTF-8."));
    return (TaskOutcome){.end = TASK_DONE, .output = result(a, x)};
}

/* Not of the question for a token, which is between the connection and its endpoint. */
static void trace(Arena *a, const HttpTask *t, TaskOutcome *out)
{
    const HttpExchange *x = &t->asked;
    const HttpTaskRequest *r = &t->plain;
    out->plain_request = http_trace_request(a, r->method, r->url, &r->headers, r->body);
    if (t->unauthorised) return;
    out->request = http_trace_request(a, x->method, x->url, &x->fields, x->body);
    if (!x->failure) out->response = http_trace_response(a, x);
}

static void done(Server *s, Job *job)
{
    HttpTask *t = (HttpTask *)job;
    TaskOutcome outcome = outcome_of(&s->turn, t);
    if (t->execution < 0) trace(&s->turn, t, &outcome);
    connections_keep_token(s, &t->use);
    log_info(s, "http-task", "execution=%" PRId64 " status=%d error=%.*s", t->execution,
             t->asked.status, STR(outcome.error));
    executions_work_done(s, t->execution, t->token, &outcome);
}

static void release(Job *job)
{
    HttpTask *t = (HttpTask *)job;
    arena_free(&t->arena);
    free(t);
}

static void start(Server *s, const ExecutionOrder *o, const HttpTaskRequest *r,
                  const HttpTaskRequest *plain, const ConnectionUse *use, Arena arena)
{
    HttpTask *t = calloc(1, sizeof *t);
    check(t);
    *t = (HttpTask){.job = {.work = work, .done = done, .release = release},
                    .arena = arena,
                    .execution = o->execution,
                    .token = o->token,
                    .now = s->now,
                    .use = *use,
                    .plain = *plain,
                    .token_was_kept = use->token.n > 0};
    t->x = (HttpExchange){.arena = &t->arena,
                          .method = r->method,
                          .url = r->url,
                          .body = r->body,
                          .fields = r->headers,
                          .deadline = s->now + HTTP_TASK_MS_MAX,
                          .body_bytes_max = HTTP_TASK_ANSWER_BYTES_MAX};
    server_start_slow_job(s, &t->job);
}

/* The connection may have changed or gone since the task began. */
void http_task_work(Server *s, const ExecutionRow *x, const ExecutionOrder *o, TaskOutcome *out)
{
    Arena arena = {0};
    ConnectionRow row;
    HttpTaskRequest r, plain;
    HttpTaskRefusal why;
    ConnectionUse use;
    ExecutionOrder kept = *o;
    kept.parameters = str_copy(&arena, o->parameters);
    Json given = parameters_of(&arena, &kept);
    Str region = str_copy(&arena, x->asl.id.region);
    bool good = http_task_request(&arena, &given, region, NULL, &plain, &why) &&
                usable(s, x, plain.connection_arn, &row, &why) &&
                permitted(s, x, &plain, &row, &why);
    if (good) {
        use = connection_use(s, &arena, &row);
        good = http_task_request(&arena, &given, region, &use, &r, &why);
    }
    if (good) {
        start(s, &kept, &r, &plain, &use, arena);
        return;
    }
    *out = failed(str_copy(&s->turn, why.error), str_copy(&s->turn, why.cause));
    arena_free(&arena);
}
