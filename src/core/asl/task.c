/* task.c - Task states: the order to do it, and what comes of it. */
#include "core/asl/work.h"

/* The history types of the three kinds of task; 0 where a kind has no such event. */
typedef struct TaskTypes {
    AslHistoryType scheduled, started, succeeded, failed, timed_out, schedule_failed, start_failed,
        submit_failed;
} TaskTypes;
static const TaskTypes types[] = {
    [ASL_TASK_SERVICE] = {ASL_H_TASK_SCHEDULED, ASL_H_TASK_STARTED, ASL_H_TASK_SUCCEEDED,
                          ASL_H_TASK_FAILED, ASL_H_TASK_TIMED_OUT, ASL_H_TASK_START_FAILED,
                          ASL_H_TASK_START_FAILED, ASL_H_TASK_SUBMIT_FAILED},
    [ASL_TASK_LAMBDA] = {ASL_H_LAMBDA_SCHEDULED, ASL_H_LAMBDA_STARTED, ASL_H_LAMBDA_SUCCEEDED,
                         ASL_H_LAMBDA_FAILED, ASL_H_LAMBDA_TIMED_OUT, ASL_H_LAMBDA_SCHEDULE_FAILED,
                         ASL_H_LAMBDA_START_FAILED, ASL_H_LAMBDA_FAILED},
    [ASL_TASK_ACTIVITY] = {ASL_H_ACTIVITY_SCHEDULED, ASL_H_ACTIVITY_STARTED,
                           ASL_H_ACTIVITY_SUCCEEDED, ASL_H_ACTIVITY_FAILED,
                           ASL_H_ACTIVITY_TIMED_OUT, ASL_H_ACTIVITY_SCHEDULE_FAILED,
                           ASL_H_ACTIVITY_FAILED, ASL_H_ACTIVITY_FAILED},
};

/* "startExecution.sync:2", as events name it. */
static Str resource_name(AslWork *w, const AslState *s)
{
    return s->pattern.n ? str_printf(w->a, "%.*s.%.*s", STR(s->action), STR(s->pattern))
                        : s->action;
}

static void put_resource(AslWork *w, const AslState *s, JsonObject *o)
{
    if (s->task != ASL_TASK_SERVICE) return;
    json_put(o, S("resource"), json_string(resource_name(w, s)));
    json_put(o, S("resourceType"), json_string(s->service));
}

static void put_limits(JsonObject *o, int64_t timeout, int64_t heartbeat)
{
    if (timeout) json_put(o, S("timeoutInSeconds"), json_int(o->a, timeout));
    if (heartbeat) json_put(o, S("heartbeatInSeconds"), json_int(o->a, heartbeat));
}

static void record_scheduled(AslVisit *v, const AslCommand *c)
{
    const AslState *s = v->s;
    JsonObject o = {.a = v->w->a};
    if (s->task == ASL_TASK_SERVICE) {
        json_put(&o, S("parameters"), json_string(c->parameters));
        json_put(&o, S("region"), json_string(v->w->x->id.region));
    } else {
        json_put(&o, S("resource"), json_string(s->resource));
        asl_record_put_payload(&o, S("input"), c->parameters);
    }
    put_resource(v->w, s, &o);
    put_limits(&o, c->timeout_seconds, s->task == ASL_TASK_LAMBDA ? 0 : c->heartbeat_seconds);
    if (c->role_arn.n) {
        JsonObject role = {.a = v->w->a};
        json_put(&role, S("roleArn"), json_string(c->role_arn));
        json_put(&o, S("taskCredentials"), json_object(&role));
    }
    asl_record_chain(v->w, v->f, types[s->task].scheduled, json_object(&o));
}

static bool task_limits(AslVisit *v, AslCommand *c)
{
    if (!asl_visit_whole(v, F_TIMEOUT_SECONDS, F_TIMEOUT_SECONDS_PATH, 0, &c->timeout_seconds))
        return false;
    if (!asl_visit_whole(v, F_HEARTBEAT_SECONDS, F_HEARTBEAT_SECONDS_PATH, 0,
                         &c->heartbeat_seconds))
        return false;
    if (c->timeout_seconds < 0 || c->heartbeat_seconds < 0 || c->timeout_seconds > 99999999 ||
        c->heartbeat_seconds > 99999999)
        return asl_failure(
            &v->fail, S("States.Runtime"),
            S("TimeoutSeconds and HeartbeatSeconds must be between 1 and 99999999."));
    const AslExpr *credentials = v->s->field[F_CREDENTIALS];
    Json value;
    if (!credentials) return true;
    if (!asl_eval(credentials, &v->scope, &value, &v->fail)) return false;
    c->role_arn = json_text(json_get(&value, S("RoleArn")));
    return true;
}

static void arm_heartbeat(AslWork *w, AslFrame *f)
{
    if (!f->heartbeat_seconds) return;
    f->heartbeat_due = w->event->now + (Millis)f->heartbeat_seconds * 1000;
    asl_work_arm(w, f, ASL_TIMER_HEARTBEAT, f->heartbeat_due);
}

void asl_execute_task(AslVisit *v)
{
    AslWork *w = v->w;
    AslFrame *f = v->f;
    AslCommand c = {.kind = ASL_COMMAND_TASK,
                    .task = v->s->task,
                    .resource = v->s->resource,
                    .service = v->s->service,
                    .action = v->s->action,
                    .pattern = v->s->pattern};
    Json value;
    if (!task_limits(v, &c) ||
        !asl_visit_parameters(v, F_PARAMETERS, F_ARGUMENTS, &c.parameters, &value) ||
        asl_visit_too_large(v, c.parameters)) {
        asl_visit_fail(v);
        return;
    }
    record_scheduled(v, &c);
    if (asl_work_ended(w)) return;
    c.token = (AslToken){f->id, f->attempt};
    *vec_push(w->a, &w->out->commands) = c;
    f->phase = ASL_TASK_SCHEDULED;
    f->heartbeat_seconds = (int32_t)c.heartbeat_seconds;
    if (c.timeout_seconds)
        asl_work_arm(w, f, ASL_TIMER_TASK, w->event->now + c.timeout_seconds * 1000);
    if (c.task != ASL_TASK_ACTIVITY) arm_heartbeat(w, f);
}

static void task_started(AslWork *w, AslFrame *f, const AslState *s)
{
    JsonObject o = {.a = w->a};
    if (f->phase != ASL_TASK_SCHEDULED) return;
    f->phase = ASL_TASK_RUNNING;
    put_resource(w, s, &o);
    if (s->task == ASL_TASK_ACTIVITY) json_put_text(&o, S("workerName"), w->event->worker);
    Json details = json_object(&o);
    if (s->task == ASL_TASK_ACTIVITY) details.type = JSON_OBJECT;
    asl_record_chain(w, f, types[s->task].started,
                     s->task == ASL_TASK_LAMBDA ? (Json){0} : details);
    if (s->task == ASL_TASK_ACTIVITY) arm_heartbeat(w, f);
}

static void task_submitted(AslWork *w, AslFrame *f, const AslState *s)
{
    JsonObject o = {.a = w->a};
    if (f->phase == ASL_TASK_SCHEDULED) task_started(w, f, s);
    if (f->phase != ASL_TASK_RUNNING) return;
    f->phase = ASL_TASK_CALLBACK;
    asl_record_put_payload(&o, S("output"), w->event->output);
    put_resource(w, s, &o);
    asl_record_chain(w, f, ASL_H_TASK_SUBMITTED, json_object(&o));
}

/* The order is done with: late answers are old from now on, its timers are gone. */
static void close_task(AslWork *w, AslFrame *f)
{
    asl_work_order(w, ASL_COMMAND_CANCEL, f);
    f->attempt++;
    f->dirty |= ASL_DIRTY_STATE;
}

static void task_succeeded(AslWork *w, AslFrame *f, const AslState *s)
{
    JsonObject o = {.a = w->a};
    AslVisit v;
    close_task(w, f);
    if (!asl_visit_begin(&v, w, f) || asl_visit_too_large(&v, w->event->output)) {
        asl_visit_fail(&v);
        return;
    }
    asl_record_put_payload(&o, S("output"), w->event->output);
    put_resource(w, s, &o);
    asl_record_chain(w, f, types[s->task].succeeded, json_object(&o));
    if (!asl_work_ended(w)) asl_visit_exit(&v, w->event->output);
}

static AslHistoryType failed_type(const AslState *s, AslStage stage)
{
    const TaskTypes *t = &types[s->task];
    return stage == ASL_STAGE_SCHEDULE ? t->schedule_failed
           : stage == ASL_STAGE_START  ? t->start_failed
           : stage == ASL_STAGE_SUBMIT ? t->submit_failed
                                       : t->failed;
}

static void task_failed(AslWork *w, AslFrame *f, const AslState *s, AslHistoryType type, Str error,
                        Str cause)
{
    JsonObject o = {.a = w->a};
    close_task(w, f);
    json_put_text(&o, S("cause"), cause);
    json_put_text(&o, S("error"), error);
    put_resource(w, s, &o);
    Json details = json_object(&o);
    details.type = JSON_OBJECT;
    asl_record_chain(w, f, type, details);
    asl_fail_state(w, f, error, cause);
}

void asl_task_event(AslWork *w, AslFrame *f)
{
    const AslState *s = asl_work_state(w, f);
    const AslEvent *e = w->event;
    f->dirty |= ASL_DIRTY_STATE;
    if (e->kind == ASL_TASK_STARTED)
        task_started(w, f, s);
    else if (e->kind == ASL_TASK_SUBMITTED)
        task_submitted(w, f, s);
    else if (e->kind == ASL_TASK_SUCCEEDED)
        task_succeeded(w, f, s);
    else if (e->kind == ASL_TASK_FAILED)
        task_failed(w, f, s, failed_type(s, e->stage), e->error, e->cause);
    else
        arm_heartbeat(w, f);
}

void asl_task_timed_out(AslWork *w, AslFrame *f)
{
    const AslState *s = asl_work_state(w, f);
    bool heartbeat = w->event->timer == ASL_TIMER_HEARTBEAT;
    task_failed(w, f, s, types[s->task].timed_out,
                heartbeat ? S("States.HeartbeatTimeout") : S("States.Timeout"), (Str){0});
}
