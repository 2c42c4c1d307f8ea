/* states_test.c - TestState: one state of a definition executed alone, with a mock or with the real call, and looked into. */
#include "api/states.h"
#include "app/states/trials.h"
#include "app/turn.h"

typedef struct Testing {
    Call *call;
    const AslDefinition *def;
    AslTestState state;
    AslTest test;
    AslTested got;
    const Json *mock, *config;
    Json result;            /* the mock's */
    Json request, response; /* of an HTTP task, as they may be told */
} Testing;

static bool invalid(Error *err, const char *why)
{
    return error_set(err, ERR_VALIDATION, "%s", why);
}

static bool type_is(const Testing *t, const char *name)
{
    return str_eq(t->state.type, str_from(name));
}

/* ---- what is tested ---- */

static bool parse(Testing *t, Error *err)
{
    AslDiagnostics found = {0};
    Arena *a = t->call->arena;
    AslRules rules = {.single_state = str_absent(t->test.state)};
    if (!asl_parse(states_text(t->call, "definition"), &rules, a, &found, &t->def))
        return error_set(err, ERR_SFN_INVALID_DEFINITION,
                         "Invalid State Machine Definition: '%.*s'",
                         STR(asl_diagnostics_text(a, &found)));
    return asl_test_state(t->def, t->test.state, &t->state) ||
           invalid(err, "State not found in definition");
}

/* An execution that nobody will find: Express, of a machine without a name. */
static AslIdentity identity(Call *call)
{
    Arena *a = call->arena;
    Str machine = server_new_uuid(call->server, a), name = server_new_uuid(call->server, a),
        region = call->who.region, account = call->who.account;
    return (AslIdentity){
        .arn = str_printf(a, "arn:aws:states:%.*s:%.*s:express:%.*s:%.*s", STR(region),
                          STR(account), STR(machine), STR(name)),
        .name = name,
        .role_arn = states_text(call, "roleArn"),
        .machine_arn = str_printf(a, "arn:aws:states:%.*s:%.*s:stateMachine:%.*s", STR(region),
                                  STR(account), STR(machine)),
        .machine_name = machine,
        .region = region,
        .started = call->now,
        .express = true,
        .no_quotas = call->server->config.lift_quotas,
    };
}

static bool check_object(Call *call, const char *member, const char *why, Json *out, Error *err)
{
    Error parse = {0};
    Str text = states_text(call, member);
    *out = (Json){0};
    if (str_absent(text)) return true;
    return (json_parse(text, call->arena, out, &parse) && out->type == JSON_OBJECT) ||
           invalid(err, why);
}

static bool check_context(const Testing *t, Error *err)
{
    Json context;
    if (!check_object(t->call, "context",
                      "Invalid Context object provided: Context object must be a JSON object",
                      &context, err))
        return false;
    if (context.type && !t->mock)
        return invalid(err, "A Context object can only be provided when a mock is specified");
    return !json_get(&context, S("Task")) || (type_is(t, "Task") && t->state.pattern.n) ||
           invalid(err,
                   "Invalid Context object provided: Context object contains 'Task' when state "
                   "is not a Task state with a '.sync' or '.waitForTaskToken' service "
                   "integration pattern");
}

/* ---- mocks ---- */

static bool check_container(const Testing *t, Error *err)
{
    if (type_is(t, "Map") && t->state.result_writer)
        return t->result.type == JSON_OBJECT ||
               invalid(err, "Mocked result must be a JSON object.");
    if (type_is(t, "Task") || t->result.type == JSON_ARRAY) return true;
    return invalid(err, "Mocked result must be an array.");
}

static bool check_result(Testing *t, Error *err)
{
    Error parse = {0};
    Str mode = json_text(json_get(t->mock, S("fieldValidationMode")));
    if (!json_parse(t->test.result, t->call->arena, &t->result, &parse))
        return invalid(err, "Mocked result must be valid JSON");
    if (!check_container(t, err)) return false;
    return !type_is(t, "Task") || str_eq(mode, S("NONE")) ||
           states_check_mock(t->call->arena, &t->state, &t->result, !str_eq(mode, S("PRESENT")),
                             err);
}

static bool read_mock(Testing *t, Error *err)
{
    const Json *error = json_get(t->mock, S("errorOutput")),
               *result = json_get(t->mock, S("result"));
    if (!t->mock) return true;
    if (!result == !error)
        return invalid(err, "A test mock should have only one of the following fields: [result, "
                            "errorOutput].");
    if (!type_is(t, "Task") && !type_is(t, "Map") && !type_is(t, "Parallel"))
        return error_set(err, ERR_VALIDATION,
                         "State type '%.*s' is not supported when a mock is specified",
                         STR(t->state.type));
    t->test.result = result ? json_text(result) : (Str){0};
    t->test.failed = error != NULL;
    t->test.error = json_text(json_get(error, S("error")));
    t->test.cause = json_text(json_get(error, S("cause")));
    return !result || check_result(t, err);
}

static bool needs_mock(const Testing *t)
{
    return type_is(t, "Map") || type_is(t, "Parallel") || t->state.pattern.n || t->state.activity;
}

static bool check_means(const Testing *t, Error *err)
{
    if (t->mock) return true;
    if (needs_mock(t))
        return error_set(err, ERR_VALIDATION, "A mock is required to test a state of type '%.*s'%s",
                         STR(t->state.type), type_is(t, "Task") ? " with this resource" : "");
    return !type_is(t, "Task") || !str_absent(t->test.id.role_arn) ||
           invalid(err, "roleArn is required to test a state of type 'Task' without a mock");
}

/* ---- Map iterations that are said to have failed ---- */

static int64_t failures(const Testing *t)
{
    return json_int_or(json_get(t->config, S("mapIterationFailureCount")), 0);
}

static bool check_failures(const Testing *t, Error *err)
{
    bool counted = type_is(t, "Map") && t->result.type == JSON_ARRAY;
    return !counted || failures(t) <= json_count(&t->result) ||
           invalid(err,
                   "Map iteration failure count must be less than or equal to the number of Map "
                   "iterations");
}

/* More than the state tolerates: it fails, whatever the mock says. */
static bool too_many(const Testing *t)
{
    const Json *data = &t->got.inspection;
    const Json *count = json_get(data, S("toleratedFailureCount")),
               *share = json_get(data, S("toleratedFailurePercentage"));
    int64_t n = json_count(&t->result), failed = failures(t);
    if (!type_is(t, "Map") || !failed || t->result.type != JSON_ARRAY) return false;
    if (share && failed * 100 <= json_int_or(share, 0) * n) return false;
    return !count || failed > json_int_or(count, 0);
}

/* ---- the real call ---- */

/* What a refused call wrote is undone, as it is for an execution's task. */
static bool undo(Server *s, Error *err)
{
    check(!event_end(s, false, err));
    event_begin(s);
    return err->code == ERR_NONE;
}

/* What the task waits for at most, in the state's own words or the operation's. */
static Millis due_of(const Testing *t)
{
    int64_t own = t->got.task.timeout_seconds * 1000;
    return t->test.now + (own && own < TRIAL_MS_MAX ? own : TRIAL_MS_MAX);
}

static Str kept(const Testing *t, Str text)
{
    return str_absent(text) ? text : str_copy(t->call->arena, text);
}

static void take_outcome(Testing *t, const TaskOutcome *o)
{
    bool reveal = json_true(json_get(&t->call->in, S("revealSecrets")));
    const Json *request = reveal && o->request.type ? &o->request : &o->plain_request;
    t->test.failed = o->end == TASK_REFUSED;
    t->test.result = kept(t, o->output);
    t->test.error = kept(t, o->error);
    t->test.cause = kept(t, o->cause);
    t->request = json_copy(t->call->arena, request);
    t->response = json_copy(t->call->arena, &o->response);
    asl_test(t->def, &t->test, t->call->arena, &t->got);
}

static void answer(Testing *t);

static void ended(void *owner, const TaskOutcome *outcome)
{
    Testing *t = owner;
    take_outcome(t, outcome);
    answer(t);
    call_answer(t->call, NULL);
}

/* In the words of the order that an execution would have written. */
static CallResult call_task(Testing *t, Error *err)
{
    TaskOutcome outcome = {0};
    const AslCommand *c = &t->got.task;
    ExecutionRow x = {.account = t->call->who.account, .asl = {.id = t->test.id}};
    ExecutionOrder order = {.kind = ORDER_TASK,
                            .task = (int)c->task,
                            .resource = c->resource,
                            .service = c->service,
                            .action = c->action,
                            .pattern = c->pattern,
                            .parameters = c->parameters};
    if (trial_begin(t->call, &x, &order, due_of(t), ended, t, &outcome)) return CALL_LATER;
    if (outcome.end != TASK_DONE && !undo(t->call->server, err)) return CALL_FAILED;
    if (outcome.end != TASK_DONE && outcome.end != TASK_REFUSED) {
        error_set(err, ERR_VALIDATION, "A mock is required to test a task that is answered later");
        return CALL_FAILED;
    }
    take_outcome(t, &outcome);
    return CALL_DONE;
}

static CallResult run(Testing *t, Error *err)
{
    asl_test(t->def, &t->test, t->call->arena, &t->got);
    if (t->got.status == ASL_TEST_NEEDED) return call_task(t, err);
    if (t->test.failed || !too_many(t)) return CALL_DONE;
    t->test.result = (Str){0};
    t->test.failed = true;
    t->test.error = S("States.ExceedToleratedFailureThreshold");
    t->test.cause = S("The specified tolerated failure threshold was exceeded");
    asl_test(t->def, &t->test, t->call->arena, &t->got);
    return CALL_DONE;
}

/* ---- the answer ---- */

static Json inspection(const Testing *t, bool trace)
{
    JsonObject o = {.a = t->call->arena};
    const Json *data = &t->got.inspection;
    for (int32_t i = 0; i < json_count(data); i++)
        json_put(&o, data->members[i].key, data->members[i].value);
    if (trace && t->request.type) json_put(&o, S("request"), t->request);
    if (trace && t->response.type) json_put(&o, S("response"), t->response);
    if (json_count(&t->got.variables))
        json_put_text(&o, S("variables"), json_to_str(o.a, &t->got.variables));
    return json_object(&o);
}

static void answer(Testing *t)
{
    static const char *const names[] = {[ASL_TEST_SUCCEEDED] = "SUCCEEDED",
                                        [ASL_TEST_FAILED] = "FAILED",
                                        [ASL_TEST_RETRIABLE] = "RETRIABLE",
                                        [ASL_TEST_CAUGHT] = "CAUGHT_ERROR"};
    Str level = states_text(t->call, "inspectionLevel");
    JsonObject o = {.a = t->call->arena};
    check(t->got.status < countof(names));
    json_put_text(&o, S("output"), t->got.output);
    json_put_text(&o, S("error"), t->got.error);
    json_put_text(&o, S("cause"), t->got.cause);
    bool trace = str_eq(level, S("TRACE"));
    if (trace || str_eq(level, S("DEBUG"))) json_put(&o, S("inspectionData"), inspection(t, trace));
    json_put_text(&o, S("nextState"), t->got.next_state);
    json_put_text(&o, S("status"), str_from(names[t->got.status]));
    Json all = json_object(&o);
    t->call->out = json_copy(t->call->arena, &all);
}

CallResult states_test_state(Call *call, Error *err)
{
    Json variables;
    Testing *t = new (call->arena, Testing);
    *t = (Testing){.call = call,
                   .mock = json_get(&call->in, S("mock")),
                   .config = json_get(&call->in, S("stateConfiguration"))};
    t->test = (AslTest){.now = call->now,
                        .state = states_text(call, "stateName"),
                        .variables = states_text(call, "variables"),
                        .context = states_text(call, "context")};
    t->test.retries = (int32_t)json_int_or(json_get(t->config, S("retrierRetryCount")), 0);
    t->test.id = identity(call);
    loop_random(call->server->loop, &t->test.seed, sizeof t->test.seed);
    if (!parse(t, err) || !states_input(call, &t->test.input, err) ||
        !check_object(call, "variables", "Variables must be a JSON object", &variables, err) ||
        !read_mock(t, err) || !check_context(t, err) || !check_means(t, err) ||
        !check_failures(t, err))
        return CALL_FAILED;
    CallResult result = run(t, err);
    if (result == CALL_DONE) answer(t);
    return result;
}
