/* activities.c - hands tasks of activities to the workers that wait for them, oldest first on both sides. */
#include "app/states/activities.h"

#include "app/front.h"
#include "app/turn.h"
#include "core/asl/asl.h"
#include "store/timers.h"

typedef struct Poll {
    int64_t n;
    Call *call;
    Str activity, worker; /* the call's */
    Millis taken;         /* in the turn of this time; one that was undone is free again after it */
    struct Poll *next;
} Poll;

struct Activities {
    Poll *polls, **tail;
    int64_t last;
};

bool activities_open(Server *s, Error *err)
{
    (void)err;
    s->activities = calloc(1, sizeof *s->activities);
    check(s->activities);
    s->activities->tail = &s->activities->polls;
    return true;
}

void activities_close(Server *s)
{
    if (!s->activities) return;
    for (Poll *p = s->activities->polls, *next; p; p = next) {
        next = p->next;
        free(p);
    }
    free(s->activities);
    s->activities = NULL;
}

/* ---- handing over ---- */

static Json task_json(Arena *a, const ExecutionRow *row, const ActivityTask *t)
{
    JsonObject o = {.a = a};
    json_put_text(&o, S("taskToken"), asl_token_text(a, row->asl.id.arn, t->token));
    json_put_text(&o, S("input"), t->input);
    Json all = json_object(&o);
    return json_copy(a, &all);
}

/* Tasks whose execution has gone on without them are passed over. false: there is none. */
static bool take(Server *s, Str activity, Str worker, Arena *a, Json *out)
{
    ActivityTask t;
    ExecutionRow row;
    while (activity_task_take(s->db, activity, &s->turn, &t)) {
        AslEvent e = {.kind = ASL_TASK_STARTED, .token = t.token, .worker = worker};
        if (!executions_event(s, t.execution, &e) ||
            !execution_row_get(s->db, t.execution, &s->turn, &row))
            continue;
        *out = task_json(a, &row, &t);
        return true;
    }
    return false;
}

static Str subject_of(Server *s, const Poll *p)
{
    return str_printf(&s->turn, "%" PRId64, p->n);
}

static void forget(Server *s, void *arg)
{
    struct Activities *x = s->activities;
    for (Poll **at = &x->polls; *at; at = &(*at)->next) {
        Poll *p = *at;
        if (p != arg) continue;
        *at = p->next;
        if (x->tail == &p->next) x->tail = at;
        free(p);
        return;
    }
}

static void answer(Server *s, Poll *p)
{
    p->taken = s->now;
    timer_clear(s->db, S("activity-poll"), subject_of(s, p));
    call_answer(p->call, NULL);
    after_commit(s, forget, p);
}

/* Task states that wait. */
static void serve_tasks(Server *s, Str activity)
{
    ExecutionWait *waits;
    int64_t n = execution_wait_list(s->db, ACTIVITY_WAIT_SERVICE, activity, &s->turn, &waits);
    for (int64_t i = 0; i < n; i++) executions_check(s, &waits[i]);
}

static void serve(Server *s, Str activity)
{
    for (Poll *p = s->activities->polls; p; p = p->next) {
        if (p->taken == s->now || !str_eq(p->activity, activity) || !front_has_client(p->call))
            continue;
        if (!take(s, activity, p->worker, p->call->arena, &p->call->out)) return;
        answer(s, p);
    }
    serve_tasks(s, activity);
}

void activities_schedule(Server *s, int64_t execution, const ExecutionOrder *o)
{
    ActivityRow row;
    if (activity_row_find(s->db, o->resource, &s->turn, &row)) {
        activity_task_add(s->db, &(ActivityTask){.activity = o->resource,
                                                 .execution = execution,
                                                 .token = o->token,
                                                 .input = o->parameters});
        serve(s, o->resource);
        return;
    }
    AslEvent e = {.kind = ASL_TASK_FAILED,
                  .token = o->token,
                  .stage = ASL_STAGE_SCHEDULE,
                  .error = S("ActivityDoesNotExist"),
                  .cause =
                      str_printf(&s->turn, "Activity Does Not Exist: '%.*s'", STR(o->resource))};
    executions_event(s, execution, &e);
}

/* ---- waiting ---- */

static int64_t waiting(const Server *s, Str activity)
{
    int64_t n = 0;
    for (const Poll *p = s->activities->polls; p; p = p->next)
        n += str_eq(p->activity, activity) && front_has_client(p->call);
    return n;
}

static void wait_for_task(Call *call, Str activity, Str worker)
{
    Server *s = call->server;
    struct Activities *x = s->activities;
    Poll *p = calloc(1, sizeof *p);
    check(p);
    *p = (Poll){
        .n = ++x->last, .call = call, .activity = activity, .worker = worker, .taken = INT64_MIN};
    *x->tail = p;
    x->tail = &p->next;
    timer_set(s->db, S("activity-poll"), subject_of(s, p), s->now + ACTIVITY_POLL_MS);
}

CallResult activities_poll(Call *call, Str activity, Str worker, Error *err)
{
    Server *s = call->server;
    call->out = (Json){.type = JSON_OBJECT};
    if (!call->inside && !front_has_client(call)) return CALL_DONE; /* it came to wait */
    if (take(s, activity, worker, call->arena, &call->out) || call->inside) return CALL_DONE;
    if (waiting(s, activity) < ACTIVITY_POLLS_MAX)
        return wait_for_task(call, activity, worker), CALL_LATER;
    error_set(err, ERR_SFN_TOO_MANY_WORKERS,
              "The maximum number of workers concurrently polling for activity tasks has been "
              "reached.");
    return CALL_FAILED;
}

/* Nothing came: an answer without a token. A timer of an earlier run of the server may end a poll
 * early. */
void activities_poll_due(Server *s, Str subject)
{
    int64_t at = str_find_char(subject, ' '); /* of a Task state: "60000 arn:..." */
    if (at >= 0) {
        serve_tasks(s, str_slice(subject, at + 1, subject.n));
        return;
    }
    for (Poll *p = s->activities->polls; p; p = p->next) {
        if (!str_eq(subject, subject_of(s, p)) || p->taken == s->now) continue;
        p->call->out = (Json){.type = JSON_OBJECT};
        answer(s, p);
        return;
    }
}

/* ---- Task states that ask ---- */

void activities_wait(Server *s, Str activity, Str worker, ExecutionWait *w)
{
    Millis until = s->now + ACTIVITY_POLL_MS;
    *w = (ExecutionWait){
        .service = ACTIVITY_WAIT_SERVICE,
        .id = activity,
        .parent = str_printf(&s->turn, "%" PRId64 " %.*s", until, STR(worker)),
    };
    timer_set(s->db, S("activity-poll"),
              str_printf(&s->turn, "%" PRId64 " %.*s", until, STR(activity)), until);
}

bool activities_look(Server *s, const ExecutionWait *w, Json *out)
{
    Json task = {0};
    Str until, worker = w->parent;
    Millis due;
    JsonObject o = {.a = &s->turn};
    check(str_cut(&worker, ' ', &until) && str_to_int(until, &due));
    bool found = take(s, w->id, worker, &s->turn, &task);
    if (!found && s->now < due) return false;
    json_put_json(&o, S("Input"), json_get(&task, S("input")));
    json_put_json(&o, S("TaskToken"), json_get(&task, S("taskToken")));
    *out = json_object(&o);
    out->type = JSON_OBJECT;
    return true;
}
