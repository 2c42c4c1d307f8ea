/* invoke.c - invocations: taken in hand, given to an instance, delivered, timed out, ended, told. */
#include "app/functions/inner.h"

#include "app/states/http_reply.h"
#include "base/encode.h"
#include "base/time.h"

/* ---- taking in hand ---- */

static int64_t in_hand(const struct Functions *all, int64_t function)
{
    int64_t n = 0;
    for (const Invocation *i = all->first; i; i = i->next) n += i->ask.function == function;
    return n;
}

bool functions_busy(Server *s, const FunctionRow *f)
{
    const struct Functions *all = s->functions;
    return (f->reserved >= 0 && in_hand(all, f->n) >= f->reserved) ||
           all->invocations_n >= FUNCTIONS_INVOCATIONS_MAX;
}

static bool check_concurrency(Server *s, const FunctionRow *f, Str arn, Error *err)
{
    if (!functions_busy(s, f)) return true;
    functions_meter_throttled(s, arn);
    return error_set(err, ERR_LAMBDA_THROTTLED, "Rate Exceeded.");
}

static bool find_version(Server *s, int64_t function, int64_t number, FunctionRow *f,
                         FunctionVersion *v, Error *err)
{
    if (function_get(s->db, function, &s->turn, f) &&
        function_version_get(s->db, function, number, &s->turn, v))
        return true;
    return error_set(err, ERR_LAMBDA_NOT_FOUND, "Function not found");
}

/* The event that took it in hand was undone (a full disk), and comes again. */
static bool row_in_hand(const struct Functions *all, const InvocationAsk *ask)
{
    const Invocation *i = ask->row || ask->batch ? all->first : NULL;
    while (i && (i->ask.row != ask->row || i->ask.batch != ask->batch)) i = i->next;
    return i;
}

bool functions_invoke(Server *s, const InvocationAsk *ask, Error *err)
{
    struct Functions *all = s->functions;
    FunctionRow f;
    FunctionVersion v;
    if (row_in_hand(all, ask)) return true;
    if (!find_version(s, ask->function, ask->version, &f, &v, err) ||
        !check_concurrency(s, &f, ask->arn, err))
        return false;
    Invocation *i = calloc(1, sizeof *i);
    check(i);
    i->ask = *ask;
    i->ask.arn = str_copy(&i->a, ask->arn);
    i->ask.request_id = str_copy(&i->a, ask->request_id);
    i->ask.payload = str_copy(&i->a, ask->payload);
    if (!str_absent(ask->client_context))
        i->ask.client_context = str_copy(&i->a, ask->client_context);
    i->revision = str_copy(&i->a, v.revision);
    *all->last = i;
    all->last = &i->next;
    all->invocations_n++;
    functions_meter_begun(s, i->ask.arn, in_hand(all, ask->function));
    return true;
}

/* ---- an instance for each ---- */

static bool fits(const Instance *in, const Invocation *i)
{
    return !in->retired && in->function == i->ask.function && in->number == i->ask.version &&
           str_eq(in->revision, i->revision);
}

/* The one idle for the shortest time: the others may end. */
static Instance *find_idle(const struct Functions *all, const Invocation *i)
{
    Instance *found = NULL;
    for (Instance *in = all->instances; in; in = in->others)
        if (instance_idle(in) && fits(in, i) && (!found || in->used > found->used)) found = in;
    return found;
}

static void end_longest_idle(Server *s)
{
    Instance *found = NULL;
    for (Instance *in = s->functions->instances; in; in = in->others)
        if (instance_idle(in) && (!found || in->used < found->used)) found = in;
    if (found) instance_end(found);
}

static Instance *new_for(Server *s, Invocation *i)
{
    FunctionRow f;
    FunctionVersion v;
    Error err = {0};
    if (s->functions->instances_n >= FUNCTIONS_INSTANCES_MAX) {
        end_longest_idle(s);
        return NULL;
    }
    if (!find_version(s, i->ask.function, i->ask.version, &f, &v, &err)) {
        if (!db_failed(s->db)) invocation_fail(s, i, "ResourceNotFoundException", error_text(&err));
        return NULL;
    }
    i->revision = str_copy(&i->a, v.revision);
    return instance_new(s, &f, &v);
}

/* Stops at the first that has to wait: the order is kept. */
static void assign(Server *s)
{
    for (Invocation *i = s->functions->first; i; i = i->next) {
        if (i->instance || i->ended) continue;
        Instance *in = find_idle(s->functions, i);
        if (!in) in = new_for(s, i);
        if (!in && !i->ended) return;
        if (!in) continue;
        i->instance = in;
        in->invocation = i;
        in->used = s->now;
    }
}

/* ---- delivery: the answer to "next" ---- */

static void add_header(Call *call, const char *name, Str value)
{
    if (value.n) http_reply_add(&call->admin_reply, call->arena, str_from(name), value);
}

static void delivered(Server *s, void *arg)
{
    Instance *in = arg;
    Invocation *i = in->invocation;
    if (!i || i->delivered || !in->next) return;
    in->next = NULL;
    i->delivered = true;
    i->begun = s->now;
    i->deadline = s->now + in->plan.timeout_ms;
    instance_log_begin(s, in, i);
}

static Str trace_id(Call *call, const Invocation *i)
{
    Str id = i->ask.request_id;
    return str_printf(call->arena, "Root=1-%.8s-%.4s%.4s%.4s%.12s;Sampled=0", id.p, id.p + 9,
                      id.p + 14, id.p + 19, id.p + 24);
}

static void deliver(Server *s, Instance *in)
{
    Invocation *i = in->invocation;
    Call *call = in->next;
    Millis deadline = s->now + in->plan.timeout_ms;
    call->admin_reply = (HttpReply){.status = 200, .body = str_copy(call->arena, i->ask.payload)};
    add_header(call, "Content-Type", S("application/json"));
    add_header(call, "Lambda-Runtime-Aws-Request-Id", i->ask.request_id);
    add_header(call, "Lambda-Runtime-Deadline-Ms", str_printf(call->arena, "%" PRId64, deadline));
    add_header(call, "Lambda-Runtime-Invoked-Function-Arn", i->ask.arn);
    add_header(call, "Lambda-Runtime-Trace-Id", trace_id(call, i));
    add_header(call, "Lambda-Runtime-Client-Context", i->ask.client_context);
    call_answer(call, NULL);
    after_commit(s, delivered, in);
}

static void deliver_all(Server *s)
{
    for (Instance *in = s->functions->instances; in; in = in->others)
        if (in->invocation && !in->invocation->ended && !in->invocation->delivered && in->next)
            deliver(s, in);
}

/* ---- ends ---- */

void invocation_end(Server *s, Invocation *i, bool failed, Str payload)
{
    Instance *in = i->instance;
    check(!i->ended);
    i->ended = true;
    i->end.failed = failed;
    i->end.payload = str_copy(&i->a, payload);
    functions_meter_ended(s, i);
    i->instance = NULL;
    if (!in) return;
    if (i->delivered || in->started) instance_log_end(s, in, i);
    in->invocation = NULL;
    in->used = s->now;
}

void invocation_fail(Server *s, Invocation *i, const char *type, Str text)
{
    JsonObject o = {.a = &s->turn};
    json_put_text(&o, S("errorType"), str_from(type));
    json_put_text(
        &o, S("errorMessage"),
        str_printf(&s->turn, "RequestId: %.*s Error: %.*s", STR(i->ask.request_id), STR(text)));
    Json document = json_object(&o);
    if (i->instance && i->instance->started)
        instance_log_line(s, i->instance, json_text(json_get(&document, S("errorMessage"))));
    invocation_end(s, i, true, json_to_str(&s->turn, &document));
}

/* ---- time ---- */

static void time_out(Server *s, Instance *in)
{
    Invocation *i = in->invocation;
    int64_t ms = in->plan.timeout_ms;
    Str text = str_printf(&s->turn, "Task timed out after %" PRId64 ".%02" PRId64 " seconds",
                          ms / 1000, ms % 1000 / 10);
    if (i && in->life == INSTANCE_AT_WORK && !i->delivered)
        instance_give_back(in);
    else if (i)
        invocation_fail(s, i, "Sandbox.Timedout", text);
    instance_end(in);
}

static Millis due_of(const Instance *in)
{
    if (in->life == INSTANCE_INIT) return in->started + FUNCTIONS_INIT_MS + in->plan.timeout_ms;
    if (in->life != INSTANCE_AT_WORK) return INT64_MAX;
    if (in->invocation)
        return in->invocation->delivered ? in->invocation->deadline
                                         : in->used + in->plan.timeout_ms;
    return in->retired ? in->used : in->used + FUNCTIONS_IDLE_MS;
}

static void look_at_clock(Server *s)
{
    for (Instance *in = s->functions->instances, *next; in; in = next) {
        next = in->others;
        if (s->now < due_of(in)) continue;
        if (in->invocation || in->life == INSTANCE_INIT)
            time_out(s, in);
        else
            instance_end(in);
    }
}

Millis functions_next_due(const Server *s)
{
    const struct Functions *all = s->functions;
    Millis due = all->log.due;
    for (const Instance *in = all->instances; in; in = in->others)
        if (due_of(in) < due) due = due_of(in);
    return due;
}

/* ---- telling ---- */

static void forget(Server *s, void *arg)
{
    struct Functions *all = s->functions;
    Invocation *i = arg, **at = &all->first;
    while (*at && *at != i) at = &(*at)->next;
    if (!*at) return;
    *at = i->next;
    if (all->last == &i->next) all->last = at;
    all->invocations_n--;
    arena_free(&i->a);
    free(i);
}

static void tell(Server *s, Invocation *i)
{
    if (i->ask.row && !functions_row_ended(s, i)) return;
    if (i->ask.batch && !sources_batch_ended(s, i)) return;
    if (i->ask.call) i->ask.answer(i->ask.call, &i->end);
    after_commit(s, forget, i);
}

static void tell_all(Server *s)
{
    for (Invocation *i = s->functions->first; i; i = i->next)
        if (i->ended) tell(s, i);
}

/* ---- the turn ---- */

void functions_tick(Server *s)
{
    struct Functions *all = s->functions;
    if (!all->first && !all->instances && !all->log.n) return;
    look_at_clock(s);
    assign(s);
    instance_act(s);
    deliver_all(s);
    tell_all(s);
    functions_log_flush(s);
}

void functions_changed(Server *s, int64_t function)
{
    for (Instance *in = s->functions->instances; in; in = in->others)
        if (in->function == function) in->retired = true;
}
