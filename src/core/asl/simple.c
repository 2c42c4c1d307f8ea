/* simple.c - Pass, Wait, Choice, Succeed and Fail. */
#include "core/asl/choice.h"
#include "core/asl/work.h"

void asl_execute_pass(AslVisit *v)
{
    const AslExpr *result = v->s->field[F_RESULT];
    Str text;
    Json value;
    if (v->w->inspect && !v->s->jsonata &&
        !asl_visit_parameters(v, F_PARAMETERS, F_ARGUMENTS, &text, &value)) {
        asl_visit_fail(v);
    } else if (result) {
        asl_visit_exit(v, json_to_str(v->w->a, &result->constant));
    } else if (v->s->jsonata || !v->s->field[F_PARAMETERS]) {
        asl_visit_exit(v, (Str){0});
    } else if (asl_visit_parameters(v, F_PARAMETERS, F_ARGUMENTS, &text, &value)) {
        asl_visit_exit(v, text);
    } else {
        asl_visit_fail(v);
    }
}

void asl_execute_succeed(AslVisit *v)
{
    asl_visit_exit(v, (Str){0});
}

static bool fail_text(AslVisit *v, AslField constant, AslField path, Str *out)
{
    const AslExpr *e = v->s->field[constant] ? v->s->field[constant] : v->s->field[path];
    Json value;
    if (!e) return true;
    if (!asl_eval(e, &v->scope, &value, &v->fail)) return false;
    *out = json_is(&value, JSON_STRING) ? json_text(&value) : json_to_str(v->w->a, &value);
    return true;
}

void asl_execute_fail(AslVisit *v)
{
    Str error = {0}, cause = {0};
    if (fail_text(v, F_ERROR, F_ERROR_PATH, &error) && fail_text(v, F_CAUSE, F_CAUSE_PATH, &cause))
        v->fail = (AslFailure){.error = error, .cause = cause, .raised = true};
    asl_visit_fail(v);
}

static void take_choice(AslVisit *v, const AslExpr *output, const AslExpr *assign, int32_t next,
                        Str next_name)
{
    Json value;
    const AslExpr *path = v->s->field[F_OUTPUT_PATH];
    Str text = path || v->s->field[F_INPUT_PATH] ? asl_visit_text(v, &v->input) : v->f->input;
    if (output) {
        if (!asl_eval(output, &v->scope, &value, &v->fail)) {
            asl_visit_fail(v);
            return;
        }
        text = json_to_str(v->w->a, &value);
    } else if (path && path->kind == EXPR_CONST) {
        text = S("{}");
    } else if (path) {
        if (!asl_eval(path, &v->scope, &value, &v->fail)) {
            asl_visit_fail(v);
            return;
        }
        text = json_to_str(v->w->a, &value);
    }
    if (v->w->inspect) v->w->inspect->next_name = next_name;
    asl_visit_leave(v, text, assign, next);
}

/* Assign and Output of the chosen rule; those of the state when none was chosen. */
void asl_execute_choice(AslVisit *v)
{
    for (int32_t i = 0; i < v->s->choices_n; i++) {
        const AslChoice *c = &v->s->choices[i];
        bool holds = false;
        if (!asl_rule_holds(&c->rule, &v->scope, &holds, &v->fail)) {
            asl_visit_fail(v);
            return;
        }
        if (holds) {
            take_choice(v, c->output, c->assign, c->next, c->next_name);
            return;
        }
    }
    if (v->s->otherwise_name.n) {
        take_choice(v, v->s->field[F_OUTPUT], v->s->field[F_ASSIGN], v->s->otherwise,
                    v->s->otherwise_name);
        return;
    }
    asl_failure(
        &v->fail, S("States.NoChoiceMatched"),
        S("Failed to transition out of the state. The state does not point to a next state."));
    asl_visit_fail(v);
}

static bool bad_seconds(AslVisit *v, const AslExpr *e, const char *what, const Json *value)
{
    return asl_failure(&v->fail, S("States.Runtime"),
                       str_printf(v->w->a, "The %.*s parameter %s: %.*s == %.*s", STR(e->place),
                                  what, STR(e->text),
                                  STR(json_is(value, JSON_STRING) ? json_text(value)
                                                                  : json_to_str(v->w->a, value))));
}

static bool wait_seconds(AslVisit *v, const AslExpr *e, int64_t *seconds)
{
    Json value;
    if (!asl_eval(e, &v->scope, &value, &v->fail)) return false;
    if (!asl_is_integer(&value, seconds))
        return bad_seconds(v, e, "cannot be parsed as a long value", &value);
    return *seconds >= 0 || bad_seconds(v, e, "references a negative value", &value);
}

static bool wait_until(AslVisit *v, const AslExpr *e, Millis *due)
{
    Json value;
    if (!asl_eval(e, &v->scope, &value, &v->fail)) return false;
    if (json_is(&value, JSON_STRING) && asl_timestamp(json_text(&value), due)) return true;
    return bad_seconds(
        v, e, "does not reference a valid ISO-8601 extended offset date-time format string",
        &value);
}

enum { WAIT_SECONDS_MAX = 2147483647 }; /* observed: one day more than 24,855 is refused */

void asl_execute_wait(AslVisit *v)
{
    const AslExpr *seconds =
        v->s->field[F_SECONDS] ? v->s->field[F_SECONDS] : v->s->field[F_SECONDS_PATH];
    const AslExpr *time =
        v->s->field[F_TIMESTAMP] ? v->s->field[F_TIMESTAMP] : v->s->field[F_TIMESTAMP_PATH];
    Millis now = v->w->event->now, due = now;
    int64_t n = 0;
    bool good = seconds ? wait_seconds(v, seconds, &n) : !time || wait_until(v, time, &due);
    if (good && (n > WAIT_SECONDS_MAX || (due - now) / 1000 > WAIT_SECONDS_MAX))
        good = asl_failure(&v->fail, S("States.Runtime"), S("Wait state delay is too long."));
    if (!good) {
        asl_visit_fail(v);
        return;
    }
    v->f->phase = ASL_WAITING;
    v->f->attempt++;
    v->f->dirty |= ASL_DIRTY_STATE;
    asl_work_arm(v->w, v->f, ASL_TIMER_WAIT, seconds ? now + n * 1000 : due);
}
