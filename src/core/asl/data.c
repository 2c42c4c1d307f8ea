/* data.c - the data of a state: InputPath, parameters, ResultSelector, ResultPath, OutputPath, Output, Assign. */
#include "core/asl/work.h"

static const Json empty_object = {.type = JSON_OBJECT};

static bool needs_data(const AslState *s)
{
    if (s->choices_n || s->type == ASL_MAP || s->catchers_n) return true;
    for (int i = 0; i < F_COUNT; i++)
        if (s->field[i]) return true;
    return false;
}

static bool uses_data(const AslVisit *v)
{
    return v->w->inspect || needs_data(v->s);
}

static bool fail_here(AslVisit *v, Str error, Str cause)
{
    return asl_failure(&v->fail, error, cause);
}

/* Jayway's words for a path that leads nowhere, as AWS passes them on. */
static bool path_failed(AslVisit *v, const AslExpr *path, const Json *root)
{
    Arena *a = v->w->a;
    int32_t reach = root && path->path->definite ? jsonpath_reach(path->path, root) : path->path->n;
    bool leaf = !path->path->definite || reach >= path->path->n - 1;
    const char *what = leaf ? "No results for path:" : "Missing property in path";
    return fail_here(
        v, S("States.Runtime"),
        str_printf(a, "Invalid path '%.*s' : %s %.*s", STR(path->text), what,
                   STR(jsonpath_canonical(a, path->path, leaf ? path->path->n : reach + 1))));
}

/* InputPath and OutputPath: absent: all of it; null: {}. */
static bool apply_path(AslVisit *v, const AslExpr *path, const Json *from, Json *out)
{
    if (!path) return *out = *from, true;
    if (path->kind == EXPR_CONST) return *out = empty_object, true;
    AslScope scope = v->scope;
    scope.input = from;
    if (asl_find(path, &scope, out) == JSONPATH_FOUND) return true;
    return path_failed(v, path,
                       path->root == ROOT_INPUT     ? from
                       : path->root == ROOT_CONTEXT ? scope.context
                                                    : json_get(scope.variables, path->variable));
}

bool asl_visit_begin(AslVisit *v, AslWork *w, AslFrame *f)
{
    *v = (AslVisit){.w = w, .f = f, .s = asl_work_state(w, f)};
    v->scope = (AslScope){.a = w->a, .now = w->event->now, .seed = &w->seed, .input = &v->input};
    if (!uses_data(v)) return true;
    Json *context = new (w->a, Json), *variables = new (w->a, Json);
    *context = empty_object;
    if (w->def->context) *context = asl_context_object(w, f, v->s);
    *variables = asl_context_variables(w, f);
    v->scope.context = context;
    v->scope.variables = variables;
    if (!asl_work_parse(w, f->input, &v->raw))
        return fail_here(v, S("States.Runtime"), S("The input is not valid JSON."));
    return apply_path(v, v->s->jsonata ? NULL : v->s->field[F_INPUT_PATH], &v->raw, &v->input);
}

void asl_inspect(AslWork *w, Str name, Str text)
{
    if (w->inspect && !json_get(&(Json){.type = JSON_OBJECT,
                                        .n = (int32_t)w->inspect->data.n,
                                        .members = w->inspect->data.p},
                                name))
        json_put(&w->inspect->data, name, json_string(text));
}

/* Text of a value; the frame's own text when the value is the whole input, so that its bytes stay
 * as they were. */
Str asl_visit_text(AslVisit *v, const Json *value)
{
    bool whole = value == &v->raw || (value == &v->input && !v->s->field[F_INPUT_PATH]);
    return whole ? v->f->input : json_to_str(v->w->a, value);
}

/* TestState tells them for every type but Parallel. */
static bool inspected_parameters(AslVisit *v, const AslExpr *e, Str *text, Json *value)
{
    bool told = v->s->type != ASL_PARALLEL;
    if (told && !v->s->jsonata)
        asl_inspect(v->w, S("afterInputPath"), asl_visit_text(v, &v->input));
    *value = v->input;
    if (e && !asl_eval(e, &v->scope, value, &v->fail)) return false;
    *text = e ? json_to_str(v->w->a, value) : asl_visit_text(v, &v->input);
    if (told) asl_inspect(v->w, v->s->jsonata ? S("afterArguments") : S("afterParameters"), *text);
    return true;
}

bool asl_visit_parameters(AslVisit *v, AslField jsonpath, AslField jsonata, Str *text, Json *value)
{
    const AslExpr *e = v->s->field[v->s->jsonata ? jsonata : jsonpath];
    if (v->w->inspect) return inspected_parameters(v, e, text, value);
    if (!uses_data(v)) return *text = v->f->input, asl_work_parse(v->w, *text, value);
    if (e && !asl_eval(e, &v->scope, value, &v->fail)) return false;
    if (!e) *value = v->input;
    *text = e ? json_to_str(v->w->a, value) : asl_visit_text(v, &v->input);
    return true;
}

static bool whole_of(AslVisit *v, AslField path, const AslExpr *e, const Json *value, int64_t *out)
{
    Json number = *value;
    if (number.type == JSON_STRING) number.type = JSON_NUMBER; /* AWS takes "1" for 1 */
    if (json_to_int(&number, out) && str_find_char(json_text(&number), '.') < 0) return true;
    if (e->kind == EXPR_JSONATA) {
        fail_here(v, S("States.QueryEvaluationError"),
                  str_printf(v->w->a,
                             "The JSONata expression '%.*s' specified for the field '%.*s' "
                             "returned an unexpected result type. "
                             "Expected 'number', but was for value: %.*s",
                             STR(e->text), STR(e->place), STR(json_to_str(v->w->a, value))));
        v->fail.place = e->place;
        return false;
    }
    (void)path;
    Str shown = value->type == JSON_STRING ? json_text(value) : json_to_str(v->w->a, value);
    return fail_here(
        v, S("States.Runtime"),
        str_printf(v->w->a,
                   "The %.*s field refers to value \"%.*s\" which is not a valid integer: %.*s",
                   STR(e->place), STR(shown), STR(e->text)));
}

bool asl_visit_whole(AslVisit *v, AslField constant, AslField path, int64_t otherwise, int64_t *out)
{
    const AslExpr *e = v->s->field[constant] ? v->s->field[constant] : v->s->field[path];
    Json value;
    if (!e) return *out = otherwise, true;
    return asl_eval(e, &v->scope, &value, &v->fail) && whole_of(v, path, e, &value, out);
}

bool asl_visit_percentage(AslVisit *v, double *out)
{
    const AslExpr *constant = v->s->field[F_TOLERATED_PERCENTAGE];
    const AslExpr *e = constant ? constant : v->s->field[F_TOLERATED_PERCENTAGE_PATH];
    Json value;
    *out = 0;
    if (!e) return true;
    if (!asl_eval(e, &v->scope, &value, &v->fail)) return false;
    char *end = NULL;
    Str text = json_text(&value);
    double number = text.n ? strtod(str_z(v->w->a, text), &end) : 0;
    if (!text.n || *end)
        return fail_here(
            v, S("States.Runtime"),
            str_printf(
                v->w->a, "The %.*s field refers to value \"%.*s\" which is not a valid float: %.*s",
                STR(e->place), STR(text.n ? text : json_to_str(v->w->a, &value)), STR(e->text)));
    if (number < 0 || number > 100)
        return fail_here(v, S("States.Runtime"),
                         S("ToleratedFailurePercentage must be between 0 and 100."));
    *out = number;
    return true;
}

bool asl_visit_too_large(AslVisit *v, Str text)
{
    if (v->w->x->id.no_quotas || text.n <= ASL_PAYLOAD_BYTES_MAX) return false;
    v->fail = (AslFailure){
        .error = S("States.DataLimitExceeded"),
        .raised = true,
        .cause = str_printf(
            v->w->a,
            "The state/task '%.*s' returned a result with a size exceeding the maximum number of "
            "bytes service limit.",
            STR(v->s->name))};
    return true;
}

/* ---- what a state leaves ---- */

static Json assigned_texts(AslWork *w, const Json *assigned)
{
    JsonObject o = {.a = w->a};
    for (int32_t i = 0; i < assigned->n; i++)
        json_put(&o, assigned->members[i].key,
                 json_string(json_to_str(w->a, &assigned->members[i].value)));
    return json_object(&o);
}

bool asl_visit_assign(AslVisit *v, const AslExpr *assign, Json *out)
{
    *out = empty_object;
    return !assign || asl_eval(assign, &v->scope, out, &v->fail);
}

static void store_variables(AslVisit *v, const Json *assigned)
{
    Json own = empty_object;
    if (v->f->variables.n && !asl_work_parse(v->w, v->f->variables, &own)) unreachable();
    JsonObject o = {.a = v->w->a};
    for (int32_t i = 0; i < own.n; i++)
        if (!json_get(assigned, own.members[i].key))
            json_put(&o, own.members[i].key, own.members[i].value);
    for (int32_t i = 0; i < assigned->n; i++)
        json_put(&o, assigned->members[i].key, assigned->members[i].value);
    Json all = json_object(&o);
    v->f->variables = json_to_str(v->w->a, &all);
    v->f->dirty |= ASL_DIRTY_VARIABLES;
}

static AslHistoryType exited_type(const AslState *s)
{
    static const AslHistoryType types[ASL_STATE_TYPES] = {
        [ASL_TASK] = ASL_H_TASK_EXITED,     [ASL_WAIT] = ASL_H_WAIT_EXITED,
        [ASL_PASS] = ASL_H_PASS_EXITED,     [ASL_SUCCEED] = ASL_H_SUCCEED_EXITED,
        [ASL_CHOICE] = ASL_H_CHOICE_EXITED, [ASL_PARALLEL] = ASL_H_PARALLEL_EXITED,
        [ASL_MAP] = ASL_H_MAP_EXITED,
    };
    check(s->type != ASL_FAIL);
    return types[s->type];
}

static void leave(AslVisit *v, Str output, const Json *assigned, int32_t next)
{
    AslWork *w = v->w;
    JsonObject o = {.a = w->a};
    if (asl_visit_too_large(v, output)) {
        asl_visit_fail(v);
        return;
    }
    if (assigned->n) {
        json_put(&o, S("assignedVariables"), assigned_texts(w, assigned));
        JsonObject truncated = {.a = w->a};
        json_put(&truncated, S("truncated"), json_bool(false));
        json_put(&o, S("assignedVariablesDetails"), json_object(&truncated));
        store_variables(v, assigned);
    }
    json_put(&o, S("name"), json_string(v->s->name));
    asl_record_put_payload(&o, S("output"), output);
    asl_record_chain(w, v->f, exited_type(v->s), json_object(&o));
    v->f->input = output;
    v->f->dirty |= ASL_DIRTY_INPUT | ASL_DIRTY_STATE;
    if (next < 0) {
        asl_run_frame_done(w, v->f, output);
        return;
    }
    v->f->state = next;
    asl_work_ready(w, v->f);
}

void asl_visit_leave(AslVisit *v, Str output, const AslExpr *assign, int32_t next)
{
    Json assigned;
    if (!asl_visit_assign(v, assign, &assigned)) {
        asl_visit_fail(v);
        return;
    }
    leave(v, output, &assigned, next);
}

static bool jsonata_output(AslVisit *v, const Json *result, Str text, Str *output)
{
    Json value;
    const AslExpr *e = v->s->field[F_OUTPUT];
    v->scope.result = result;
    if (!e) return *output = text, true;
    if (!asl_eval(e, &v->scope, &value, &v->fail)) return false;
    *output = json_to_str(v->w->a, &value);
    return true;
}

static bool put_result(AslVisit *v, const Json *result, Str text, Json *value, Str *value_text)
{
    const AslExpr *path = v->s->field[F_RESULT_PATH];
    if (!path || (path->kind == EXPR_PATH && path->path->n == 0))
        return *value = *result, *value_text = text, true;
    if (path->kind == EXPR_CONST) return *value = v->raw, *value_text = v->f->input, true;
    *value_text = (Str){0};
    if (jsonpath_put(path->path, &v->raw, result, v->w->a, value)) return true;
    fail_here(v, S("States.ResultPathMatchFailure"),
              str_printf(v->w->a, "Unable to apply ReferencePath %.*s to input %.*s",
                         STR(path->text), STR(v->f->input)));
    return false;
}

static bool jsonpath_output(AslVisit *v, const Json *result, Str text, Str *output)
{
    Json value, out;
    Str value_text;
    if (!put_result(v, result, text, &value, &value_text)) return false;
    if (v->w->inspect)
        asl_inspect(v->w, S("afterResultPath"),
                    str_absent(value_text) ? json_to_str(v->w->a, &value) : value_text);
    if (!v->s->field[F_OUTPUT_PATH]) {
        *output = str_absent(value_text) ? json_to_str(v->w->a, &value) : value_text;
        return true;
    }
    if (!apply_path(v, v->s->field[F_OUTPUT_PATH], &value, &out)) return false;
    *output = json_to_str(v->w->a, &out);
    return true;
}

static bool select_result(AslVisit *v, Json *result, Str *text)
{
    const AslExpr *e = v->s->field[F_RESULT_SELECTOR];
    if (!e) return true;
    AslScope scope = v->scope;
    scope.input = result;
    Json *selected = new (v->w->a, Json);
    if (!asl_eval(e, &scope, selected, &v->fail)) return false;
    *result = *selected;
    *text = json_to_str(v->w->a, result);
    return true;
}

static bool outputs(AslVisit *v, Json *result, Str text, Json *assigned, Str *output)
{
    if (v->s->jsonata) {
        v->scope.result = result;
        return asl_visit_assign(v, v->s->field[F_ASSIGN], assigned) &&
               jsonata_output(v, result, text, output);
    }
    if (!select_result(v, result, &text)) return false;
    asl_inspect(v->w, S("afterResultSelector"), text);
    if (!jsonpath_output(v, result, text, output)) return false;
    v->scope.input = result; /* in Assign, $ is the result */
    return asl_visit_assign(v, v->s->field[F_ASSIGN], assigned);
}

void asl_visit_exit(AslVisit *v, Str result)
{
    Json assigned = empty_object;
    Str output = str_absent(result) ? v->f->input : result;
    if (uses_data(v)) {
        Json *value = new (v->w->a, Json);
        bool passes = str_absent(result);
        if (passes)
            *value = v->input;
        else if (!asl_work_parse(v->w, result, value))
            fail_here(v, S("States.Runtime"), S("The result is not valid JSON."));
        if (v->fail.error.n || !outputs(v, value, passes ? asl_visit_text(v, &v->input) : result,
                                        &assigned, &output)) {
            asl_visit_fail(v);
            return;
        }
    }
    if (v->w->inspect) v->w->inspect->next_name = v->s->next_name;
    leave(v, output, &assigned, v->s->next);
}

/* AWS's head before its own words; what a task or a Fail state said stays as it is. */
void asl_visit_fail(AslVisit *v)
{
    AslFailure *f = &v->fail;
    if (!f->raised)
        f->cause = str_printf(
            v->w->a,
            "An error occurred while executing the state '%.*s' (entered at the event id #%" PRId64
            "). %.*s",
            STR(v->s->name), v->f->entered_event, STR(f->cause));
    if (str_eq(f->error, S("States.QueryEvaluationError")))
        asl_record_evaluation_failed(v->w, v->f, v->s, f);
    asl_fail_state(v->w, v->f, f->error, f->cause);
}
