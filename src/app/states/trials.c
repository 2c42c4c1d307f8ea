/* trials.c - tasks of TestState that are answered later: begun, kept in hand, told to their call, timed out. */
#include "app/states/trials.h"

#include "app/states/integrations_lambda.h"
#include "store/timers.h"

typedef struct Trial {
    int64_t n; /* below zero; by chance, so that no timer of an earlier life means it */
    Call *call;
    TrialEnded *ended;
    void *owner;
    LambdaAsked function;
    struct Trial *next;
} Trial;

static int64_t new_number(Server *s)
{
    uint64_t chance;
    loop_random(s->loop, &chance, sizeof chance);
    return -1 - (int64_t)(chance >> 2);
}

static void forget(Server *s, void *arg)
{
    Trial *t = arg, **at = &s->trials;
    while (*at && *at != t) at = &(*at)->next;
    if (!*at) return;
    *at = t->next;
    free(t);
}

static void keep(Trial *t, Millis due)
{
    Server *s = t->call->server;
    t->next = s->trials;
    s->trials = t;
    timer_set(s->db, S("trial"), str_printf(&s->turn, "%" PRId64, t->n), due);
}

static void tell(Server *s, Trial *t, const TaskOutcome *outcome)
{
    t->ended(t->owner, outcome);
    after_commit(s, forget, t);
}

static Trial *numbered(const Server *s, int64_t n)
{
    Trial *t = s->trials;
    while (t && t->n != n) t = t->next;
    return t;
}

void trials_done(Server *s, int64_t trial, const TaskOutcome *outcome)
{
    Trial *t = numbered(s, trial);
    if (t) tell(s, t, outcome);
}

void trials_due(Server *s, Str subject)
{
    int64_t n;
    check(str_to_int(subject, &n));
    trials_done(s, n, &(TaskOutcome){.end = TASK_REFUSED, .error = S("States.Timeout")});
}

void trials_close(Server *s)
{
    for (Trial *t = s->trials, *next; t; t = next) {
        next = t->next;
        free(t);
    }
    s->trials = NULL;
}

/* ---- functions ---- */

static void invoked(Call *call, const InvocationEnd *end)
{
    TaskOutcome outcome;
    Trial *t = call->server->trials;
    while (t && t->call != call) t = t->next;
    if (!t) return;
    integrations_lambda_end(call->server, &t->function, end, &outcome);
    tell(call->server, t, &outcome);
}

/* false: *out is its end. */
static bool invoke(Trial *t, const ExecutionRow *x, const ExecutionOrder *o, TaskOutcome *out)
{
    Json given;
    Error err = {0};
    Call *call = t->call;
    if (!json_parse(o->parameters, call->arena, &given, &err)) given = (Json){.type = JSON_OBJECT};
    if (!integrations_lambda_ask(call->server, x, o, &given, &t->function, out)) return false;
    InvocationRow *row = &t->function.row;
    row->request_id = str_copy(call->arena, row->request_id);
    InvocationAsk ask = {.function = row->function,
                         .version = row->version,
                         .arn = t->function.arn,
                         .request_id = row->request_id,
                         .payload = row->payload,
                         .call = call,
                         .answer = invoked};
    if (functions_invoke(call->server, &ask, &err)) return true;
    integrations_lambda_refused(call->server, &err, out);
    return false;
}

/* ---- beginning ---- */

static bool begin(Trial *t, const ExecutionRow *x, const ExecutionOrder *o, TaskOutcome *out)
{
    Server *s = t->call->server;
    if (integrations_is_lambda(o)) return invoke(t, x, o, out);
    integrations_begin(s, x, o, out);
    if (out->end == TASK_WORKS) integrations_work(s, x, o, out);
    return out->end == TASK_WORKS;
}

bool trial_begin(Call *call, const ExecutionRow *x, ExecutionOrder *order, Millis due,
                 TrialEnded *ended, void *owner, TaskOutcome *out)
{
    Trial *t = calloc(1, sizeof *t);
    check(t);
    *t = (Trial){.n = new_number(call->server), .call = call, .ended = ended, .owner = owner};
    order->execution = t->n;
    if (begin(t, x, order, out)) {
        keep(t, due);
        return true;
    }
    free(t);
    return false;
}
