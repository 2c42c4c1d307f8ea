/* fail.c - what becomes of a failed state: another try, a catcher, or the failure of what it is part of. */
#include "core/asl/work.h"

static bool is_terminal(Str error)
{
    return str_eq(error, S("States.Runtime"));
}

static bool name_matches(Str name, Str error)
{
    bool limit = str_eq(error, S("States.DataLimitExceeded"));
    if (str_eq(name, error)) return true;
    if (str_eq(name, S("States.ALL"))) return !limit;
    if (str_eq(name, S("States.Timeout"))) return str_eq(error, S("States.HeartbeatTimeout"));
    return str_eq(name, S("States.TaskFailed")) && !limit && !str_eq(error, S("States.Timeout")) &&
           !str_eq(error, S("States.HeartbeatTimeout"));
}

bool asl_fail_matches(const Json *names, Str error)
{
    for (int32_t i = 0; i < json_count(names); i++)
        if (name_matches(json_text(&names->items[i]), error)) return true;
    return false;
}

/* interval x backoff^n, not more than MaxDelaySeconds; with jitter any moment up to that. */
static Millis delay(AslWork *w, const AslRetrier *r, int32_t used)
{
    double seconds = r->interval, most = r->delay_max > 0 ? r->delay_max : 31622400;
    for (int32_t i = 0; i < used && seconds < most; i++) seconds *= r->backoff;
    if (seconds > most) seconds = most;
    if (r->jitter) seconds *= (double)(asl_random(&w->seed) >> 11) * 0x1p-53;
    return (Millis)(seconds * 1000);
}

/* The first retrier that names the error decides, also when it is used up. */
static bool try_again(AslWork *w, AslFrame *f, const AslState *s, Str error)
{
    for (int32_t i = 0; i < s->retriers_n; i++) {
        const AslRetrier *r = &s->retriers[i];
        if (!asl_fail_matches(r->errors, error)) continue;
        if (f->retries[i] >= r->attempts) return false;
        f->phase = ASL_RETRYING;
        f->attempt++;
        f->retry_count++;
        f->dirty |= ASL_DIRTY_STATE;
        Millis pause = delay(w, r, f->retries[i]++);
        asl_work_arm(w, f, ASL_TIMER_RETRY, w->event->now + pause);
        if (w->inspect) w->inspect->retrier = i, w->inspect->delay = pause;
        return true;
    }
    return false;
}

static Json error_output(AslWork *w, Str error, Str cause)
{
    JsonObject o = {.a = w->a};
    json_put_text(&o, S("Error"), error);
    json_put_text(&o, S("Cause"), cause);
    Json v = json_object(&o);
    v.type = JSON_OBJECT;
    return v;
}

static bool caught_jsonata(AslVisit *v, const AslCatcher *c, const Json *caught, Str *output)
{
    Json value;
    v->scope.error_output = caught;
    if (!c->output) return *output = json_to_str(v->w->a, caught), true;
    if (!asl_eval(c->output, &v->scope, &value, &v->fail)) return false;
    *output = json_to_str(v->w->a, &value);
    return true;
}

static bool caught_jsonpath(AslVisit *v, const AslCatcher *c, const Json *caught, Str *output)
{
    Json value = *caught;
    v->scope.input = caught; /* in Assign, $ is the error output */
    if (c->result_path && c->result_path->kind == EXPR_CONST) return *output = v->f->input, true;
    if (c->result_path && !jsonpath_put(c->result_path->path, &v->raw, caught, v->w->a, &value))
        return asl_failure(&v->fail, S("States.ResultPathMatchFailure"),
                           str_printf(v->w->a, "Unable to apply ReferencePath %.*s to input %.*s",
                                      STR(c->result_path->text), STR(v->f->input)));
    *output = json_to_str(v->w->a, &value);
    return true;
}

static bool try_catch(AslWork *w, AslFrame *f, const AslState *s, Str error, Str cause)
{
    for (int32_t i = 0; i < s->catchers_n; i++) {
        const AslCatcher *c = &s->catchers[i];
        if (!asl_fail_matches(c->errors, error)) continue;
        AslVisit v;
        Str output = {0};
        Json *caught = new (w->a, Json);
        if (w->inspect) w->inspect->catcher = i, w->inspect->next_name = c->next_name;
        *caught = error_output(w, error, cause);
        if (!asl_visit_begin(&v, w, f))
            v.fail = (AslFailure){0}; /* a bad InputPath does not undo the catch */
        w->catching = f;
        if (s->jsonata ? caught_jsonata(&v, c, caught, &output)
                       : caught_jsonpath(&v, c, caught, &output))
            asl_visit_leave(&v, output, c->assign, c->next);
        else
            asl_visit_fail(&v);
        w->catching = NULL;
        return true;
    }
    return false;
}

static void give_up(AslWork *w, AslFrame *f, Str error, Str cause)
{
    f->phase = ASL_BROKEN;
    f->dirty |= ASL_DIRTY_STATE;
    if (f->parent)
        asl_group_child_failed(w, f, error, cause);
    else
        asl_run_end(w, ASL_FAILED, f->last_event, (Str){0}, error, cause);
}

void asl_fail_state(AslWork *w, AslFrame *f, Str error, Str cause)
{
    const AslState *s = asl_work_state(w, f);
    if (asl_work_ended(w)) return;
    if (is_terminal(error)) {
        f->phase = ASL_BROKEN;
        f->dirty |= ASL_DIRTY_STATE;
        asl_run_end(w, ASL_FAILED, f->last_event, (Str){0}, error, cause);
        return;
    }
    if (w->catching == f) {
        give_up(w, f, error, cause);
        return;
    }
    if (try_again(w, f, s, error)) return;
    if (s->type == ASL_MAP) asl_record_chain(w, f, ASL_H_MAP_FAILED, (Json){0});
    if (s->type == ASL_PARALLEL) asl_record_chain(w, f, ASL_H_PARALLEL_FAILED, (Json){0});
    if (!try_catch(w, f, s, error, cause)) give_up(w, f, error, cause);
}
