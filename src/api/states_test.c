/* states_test.c - TestState: one state of a definition executed alone, with a mock or with the real call, and looked into. */
#include "api/states.h"
#include "app/states/integrations.h"
#include "app/turn.h"

typedef struct Testing {
    Call *call;
    const AslDefinition *def;
    AslTestState state;
    AslTest test;
    AslTested got;
    const Json *mock, *config;
    Json result; /* the mock's */
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
    return type_is(t, "Map") || type_is(t, "Parallel") ||
           (type_is(t, "Task") && (t->state.pattern.n || !t->state.action.n));
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

static bool call_task(Testing *t, Error *err)
{
    Server *s = t->call->server;
    TaskOutcome outcome = {0};
    const AslCommand *c = &t->got.task;
    ExecutionRow x = {.account = t->call->who.account, .asl = {.id = t->test.id}};
    ExecutionOrder order = {.kind = ORDER_TASK,
                            .task = c->task,
                            .resource = c->resource,
                            .service = c->service,
                            .action = c->action,
                            .pattern = c->pattern,
                            .parameters = c->parameters};
    integrations_begin(s, &x, &order, &outcome);
    if (outcome.end != TASK_DONE && !undo(s, err)) return false;
    if (outcome.end != TASK_DONE && outcome.end != TASK_REFUSED)
        return invalid(err, "A mock is required to test a task that is answered later");
    t->test.failed = outcome.end == TASK_REFUSED;
    t->test.result = outcome.output;
    t->test.error = outcome.error;
    t->test.cause = outcome.cause;
    return true;
}

static bool run(Testing *t, Error *err)
{
    Arena *a = t->call->arena;
    asl_test(t->def, &t->test, a, &t->got);
    if (t->got.status == ASL_TEST_NEEDED) {
        if (!call_task(t, err)) return false;
        asl_test(t->def, &t->test, a, &t->got);
    } else if (!t->test.failed && too_many(t)) {
        t->test.result = (Str){0};
        t->test.failed = true;
        t->test.error = S("States.ExceedToleratedFailureThreshold");
        t->test.cause = S("The specified tolerated failure threshold was exceeded");
        asl_test(t->def, &t->test, a, &t->got);
    }
    return true;
}

/* ---- the answer ---- */

static Json inspection(const Testing *t)
{
    JsonObject o = {.a = t->call->arena};
    const Json *data = &t->got.inspection;
    for (int32_t i = 0; i < json_count(data); i++)
        json_put(&o, data->members[i].key, data->members[i].value);
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
    if (str_eq(level, S("DEBUG")) || str_eq(level, S("TRACE")))
        json_put(&o, S("inspectionData"), inspection(t));
    json_put_text(&o, S("nextState"), t->got.next_state);
    json_put_text(&o, S("status"), str_from(names[t->got.status]));
    Json all = json_object(&o);
    t->call->out = json_copy(t->call->arena, &all);
}

CallResult states_test_state(Call *call, Error *err)
{
    Json variables;
    Testing t = {.call = call,
                 .mock = json_get(&call->in, S("mock")),
                 .config = json_get(&call->in, S("stateConfiguration"))};
    t.test = (AslTest){.now = call->now,
                       .state = states_text(call, "stateName"),
                       .variables = states_text(call, "variables"),
                       .context = states_text(call, "context")};
    t.test.retries = (int32_t)json_int_or(json_get(t.config, S("retrierRetryCount")), 0);
    t.test.id = identity(call);
    loop_random(call->server->loop, &t.test.seed, sizeof t.test.seed);
    if (!parse(&t, err) || !states_input(call, &t.test.input, err) ||
        !check_object(call, "variables", "Variables must be a JSON object", &variables, err) ||
        !read_mock(&t, err) || !check_context(&t, err) || !check_means(&t, err) ||
        !check_failures(&t, err) || !run(&t, err))
        return CALL_FAILED;
    answer(&t);
    return CALL_DONE;
}
