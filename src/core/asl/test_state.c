/* test_state.c - one state executed alone, with the answers of the world given beforehand. */
#include "core/asl/work.h"

static bool find_state(const AslDefinition *def, Str name, AslFrame *f)
{
    for (int32_t i = 0; i < def->flows_n; i++)
        for (int32_t k = 0; k < def->flows[i].n; k++) {
            if (name.n && !str_eq(def->flows[i].states[k].name, name)) continue;
            f->flow = i;
            f->state = k;
            return true;
        }
    return false;
}

bool asl_test_state(const AslDefinition *def, Str name, AslTestState *out)
{
    static const char *const types[] = {"Task", "Wait",   "Pass",     "Succeed",
                                        "Fail", "Choice", "Parallel", "Map"};
    AslFrame f = {0};
    if (!find_state(def, name, &f)) return false;
    const AslState *s = &def->flows[f.flow].states[f.state];
    *out = (AslTestState){.type = str_from(types[s->type]),
                          .service = s->service,
                          .action = s->action,
                          .pattern = s->pattern,
                          .activity = s->type == ASL_TASK && s->task == ASL_TASK_ACTIVITY,
                          .result_writer = s->field[F_RESULT_WRITER] != NULL};
    return true;
}

static void give_mock(AslWork *w, AslFrame *f, const AslTest *t, AslEvent *e)
{
    AslVisit v;
    for (int i = 0; i < ASL_RETRIERS_MAX; i++) f->retries[i] = t->retries;
    if (f->phase >= ASL_TASK_SCHEDULED && f->phase <= ASL_TASK_CALLBACK) {
        *e = (AslEvent){.kind = t->failed ? ASL_TASK_FAILED : ASL_TASK_SUCCEEDED,
                        .now = t->now,
                        .output = t->result,
                        .error = t->error,
                        .cause = t->cause};
        if (!t->failed) asl_inspect(w, S("result"), t->result);
        asl_task_event(w, f);
    } else if (t->failed) {
        asl_fail_state(w, f, t->error, t->cause);
    } else if (asl_visit_begin(&v, w, f)) {
        asl_visit_exit(&v, t->result);
    } else {
        asl_visit_fail(&v);
    }
}

static void put_error_details(AslInspection *inspect)
{
    JsonObject o = {.a = inspect->data.a};
    if (inspect->catcher >= 0) json_put(&o, S("catchIndex"), json_int(o.a, inspect->catcher));
    if (inspect->retrier >= 0) {
        json_put(&o, S("retryIndex"), json_int(o.a, inspect->retrier));
        json_put(&o, S("retryBackoffIntervalSeconds"), json_int(o.a, inspect->delay / 1000));
    }
    if (o.n) json_put(&inspect->data, S("errorDetails"), json_object(&o));
}

static AslTestStatus status_of(const AslWork *w, const AslFrame *f)
{
    if (f->phase == ASL_RETRYING) return ASL_TEST_RETRIABLE;
    if (w->x->status == ASL_FAILED) return ASL_TEST_FAILED;
    if (w->inspect->catcher >= 0) return ASL_TEST_CAUGHT;
    return f->phase == ASL_READY || f->phase == ASL_DONE ? ASL_TEST_SUCCEEDED : ASL_TEST_NEEDED;
}

static void run(AslWork *w, AslFrame *f, const AslTest *t, AslEvent *e, AslTested *out)
{
    asl_inspect(w, S("input"), f->input);
    asl_run_enter(w, f);
    if (f->phase == ASL_WAITING) {
        AslVisit v;
        if (asl_visit_begin(&v, w, f)) asl_visit_exit(&v, (Str){0});
    }
    for (int64_t i = 0; i < w->out->commands.n; i++)
        if (w->out->commands.p[i].kind == ASL_COMMAND_TASK) out->task = w->out->commands.p[i];
    bool waits = f->phase >= ASL_TASK_SCHEDULED && f->phase <= ASL_CHILDREN;
    if (waits && !asl_work_ended(w) && (t->failed || !str_absent(t->result))) give_mock(w, f, t, e);
}

void asl_test(const AslDefinition *def, const AslTest *t, Arena *a, AslTested *out)
{
    AslUpdate update = {.next = {.id = t->id, .input = t->input}};
    AslEvent event = {.now = t->now};
    AslInspection inspect = {.data = {.a = a}, .catcher = -1, .retrier = -1};
    Json context;
    AslWork w = {.def = def,
                 .frames = &(AslFrames){0},
                 .event = &event,
                 .a = a,
                 .out = &update,
                 .x = &update.next,
                 .seed = t->seed,
                 .inspect = &inspect};
    if (t->context.n && asl_work_parse(&w, t->context, &context)) inspect.context = &context;
    AslFrame *f = asl_work_new_frame(&w, NULL, 0, 0);
    *out = (AslTested){.status = ASL_TEST_NO_STATE};
    if (!find_state(def, t->state, f)) return;
    f->input = t->input.n ? t->input : S("{}");
    f->variables = t->variables;
    run(&w, f, t, &event, out);
    put_error_details(&inspect);
    out->status = status_of(&w, f);
    bool caught = out->status == ASL_TEST_CAUGHT || out->status == ASL_TEST_RETRIABLE;
    if (out->status == ASL_TEST_SUCCEEDED || out->status == ASL_TEST_CAUGHT)
        out->output = f->input, out->next_state = inspect.next_name;
    out->error = caught ? t->error : update.next.error;
    out->cause = caught ? t->cause : update.next.cause;
    out->inspection = json_object(&inspect.data);
    if (!f->variables.n || !asl_work_parse(&w, f->variables, &out->variables))
        out->variables = (Json){0};
}
