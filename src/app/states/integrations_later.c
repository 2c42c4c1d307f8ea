/* integrations_later.c - a Task state that waits for an Express execution: aws-sdk:sfn:startSyncExecution. */
#include "app/dispatch.h"
#include "app/states/executions_inner.h"
#include "app/states/integrations.h"
#include "app/states/integrations_inner.h"

/* The call of the task, from its order to its answer, which the execution's end gives. It is
 * memory: after a crash the order is carried out again. */
struct LaterCall {
    Call call;
    Arena arena;
    int64_t execution;
    AslToken token;
    struct LaterCall *next;
};

bool integrations_is_later(const ExecutionOrder *o)
{
    return o->task == ASL_TASK_SERVICE && !o->pattern.n && str_eq(o->service, S("aws-sdk:sfn")) &&
           str_eq_nocase(o->action, S("startSyncExecution"));
}

static void release(struct LaterCall *l)
{
    arena_free(&l->arena);
    free(l);
}

static void forget(Server *s, void *arg)
{
    struct LaterCall **at = &s->executions->later;
    while (*at && *at != arg) at = &(*at)->next;
    if (!*at) return;
    *at = (*at)->next;
    release(arg);
}

void integrations_later_close(Server *s)
{
    for (struct LaterCall *l = s->executions->later, *next; l; l = next) {
        next = l->next;
        release(l);
    }
    s->executions->later = NULL;
}

static TaskOutcome succeeded(Server *s, const Call *call)
{
    Json told = integrations_output(&s->turn, call->route.operation, &call->out, TIMES_ISO);
    return (TaskOutcome){.end = TASK_DONE, .output = json_to_str(&s->turn, &told)};
}

static TaskOutcome refused(Server *s, const Call *call, const Fault *fault)
{
    TaskOutcome out;
    integrations_refused(&s->turn, S("aws-sdk:sfn"), call, fault, &out);
    return out;
}

static void answered(Call *call, const Error *err)
{
    struct LaterCall *l = (struct LaterCall *)((char *)call - offsetof(struct LaterCall, call));
    Server *s = call->server;
    TaskOutcome outcome;
    if (err) {
        Fault fault = dispatch_fault(call, err);
        outcome = refused(s, call, &fault);
    } else {
        outcome = succeeded(s, call);
    }
    executions_work_done(s, l->execution, l->token, &outcome);
    after_commit(s, forget, l);
}

static struct LaterCall *open_call(Server *s, const ExecutionRow *x, const ExecutionOrder *o)
{
    Json given;
    Error err = {0};
    struct LaterCall *l = calloc(1, sizeof *l);
    check(l);
    Arena *a = &l->arena;
    Identity who = task_identity(x);
    if (!json_parse(str_copy(a, o->parameters), a, &given, &err))
        given = (Json){.type = JSON_OBJECT};
    Json in = integrations_input(
        a, model_operation(model_service(S("stepfunctions")), S("StartSyncExecution")), &given);
    l->execution = o->execution;
    l->token = o->token;
    l->call = integrations_call(s, a, str_copy(a, x->account), str_copy(a, x->asl.id.region), in);
    l->call.who.role = str_copy(a, who.role);
    l->call.who.service = str_copy(a, who.service);
    l->call.who.source_arn = str_copy(a, who.source_arn);
    l->call.answered = answered;
    l->next = s->executions->later;
    s->executions->later = l;
    return l;
}

void integrations_later_work(Server *s, const ExecutionRow *x, const ExecutionOrder *o,
                             TaskOutcome *out)
{
    Fault fault = {0};
    struct LaterCall *l = open_call(s, x, o);
    CallResult result =
        dispatch_inside(&l->call, S("stepfunctions"), S("StartSyncExecution"), &fault);
    if (result == CALL_LATER) return;
    *out = result == CALL_DONE ? succeeded(s, &l->call) : refused(s, &l->call, &fault);
    out->output = str_absent(out->output) ? out->output : str_copy(&s->turn, out->output);
    out->error = str_absent(out->error) ? out->error : str_copy(&s->turn, out->error);
    out->cause = str_absent(out->cause) ? out->cause : str_copy(&s->turn, out->cause);
    forget(s, l);
}
