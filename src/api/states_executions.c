/* states_executions.c - executions over the API: start, describe, list, stop, redrive. */
#include "api/states.h"

#include "store/map_runs.h"

/* Quotas of the service: an execution's longest time, and for how long it can be redriven. */
#define EXECUTION_MS_MAX ((Millis)365 * 24 * 60 * 60 * 1000)
#define REDRIVE_MS_MAX   ((Millis)14 * 24 * 60 * 60 * 1000)

/* ---- input ---- */

static bool invalid_input(Error *err, Str why)
{
    return error_set(err, ERR_SFN_INVALID_INPUT, "Invalid State Machine Execution Input: '%.*s'",
                     STR(why));
}

Str states_explain(Arena *a, Str input, const Error *parse)
{
    Str rest = str_trim(input);
    int64_t n = 0;
    while (n < rest.n && n < 100 && (rest.p[n] | 32) >= 'a' && (rest.p[n] | 32) <= 'z') n++;
    if (n)
        return str_printf(a,
                          "Unrecognized token '%.*s': was expecting (JSON String, Number, Array, "
                          "Object or token 'null', 'true' or 'false')",
                          STR(str_slice(rest, 0, n)));
    Str inside = str_trim(str_slice(rest, 1, rest.n));
    if (rest.n && rest.p[0] == '{' && inside.n && inside.p[0] != '"' && inside.p[0] != '}')
        return str_printf(
            a,
            "Unexpected character ('%c' (code %d)): was expecting double-quote to start field name",
            inside.p[0], (unsigned char)inside.p[0]);
    return str_copy(a, error_text(parse));
}

bool states_input(Call *call, Str *out, Error *err)
{
    Json value;
    Error parse = {0};
    *out = states_text(call, "input");
    if (str_absent(*out)) *out = S("{}");
    if (str_trim(*out).n == 0) return invalid_input(err, S("Invalid execution input."));
    if (out->n > ASL_PAYLOAD_BYTES_MAX && !call->server->config.lift_quotas)
        return error_set(err, ERR_VALIDATION,
                         "1 validation error detected: Value at 'input' failed to satisfy "
                         "constraint: Member must have length less than or equal to %d",
                         ASL_PAYLOAD_BYTES_MAX);
    return json_parse(*out, call->arena, &value, &parse) ||
           invalid_input(err, states_explain(call->arena, *out, &parse));
}

/* ---- starting ---- */

static bool wrong_type(Error *err)
{
    return error_set(err, ERR_SFN_MACHINE_TYPE,
                     "This operation is not supported by this type of state machine");
}

static ExecutionRow new_row(Call *call, const StatesMachine *m, Str name, Str input)
{
    Arena *a = call->arena;
    Str region = m->row.region, account = m->row.account, machine = m->row.name;
    Str arn = m->row.express ? str_printf(a, "arn:aws:states:%.*s:%.*s:express:%.*s:%.*s:%.*s",
                                          STR(region), STR(account), STR(machine), STR(name),
                                          STR(server_new_uuid(call->server, a)))
                             : str_printf(a, "arn:aws:states:%.*s:%.*s:execution:%.*s:%.*s",
                                          STR(region), STR(account), STR(machine), STR(name));
    return (ExecutionRow){
        .account = account,
        .machine = m->row.n,
        .revision = m->revision.n,
        .version = m->version,
        .trace_header = states_text(call, "traceHeader"),
        .asl = {.id = {.arn = arn,
                       .name = name,
                       .role_arn = m->revision.role_arn,
                       .machine_arn = m->row.arn,
                       .machine_name = machine,
                       .region = region,
                       .started = call->server->now,
                       .express = m->row.express},
                .input = input},
    };
}

/* The same name again: the same execution while it runs with the same input. */
static bool find_same(const ExecutionRow *old, Str input, Error *err)
{
    if (old->asl.status == ASL_RUNNING && str_eq(old->asl.input, input)) return true;
    return error_set(err, ERR_SFN_EXECUTION_EXISTS, "Execution Already Exists: '%.*s'",
                     STR(old->asl.id.arn));
}

static bool start(Call *call, ExecutionRow *row, bool express_only, Error *err)
{
    StatesMachine m;
    Str alias, input, name = states_text(call, "name");
    bool named = !str_absent(name); /* by its caller, who may do so twice */
    if (!named) name = server_new_uuid(call->server, call->arena);
    if (!states_check_name(call->arena, name, err) ||
        !states_route(call, states_text(call, "stateMachineArn"), &m, &alias, err) ||
        !states_input(call, &input, err))
        return false;
    if (!states_check_living(&m.row, err)) return false;
    if (express_only && !m.row.express) return wrong_type(err);
    ExecutionRow old, wanted = new_row(call, &m, name, input);
    if (!m.row.express && named &&
        execution_row_find_in(call->server->db, m.row.n, wanted.asl.id.arn, call->arena, &old)) {
        *row = old;
        return find_same(row, input, err);
    }
    *row = wanted;
    executions_start(call->server, row);
    if (!str_absent(alias)) execution_alias_add(call->server->db, row->n, alias);
    return true;
}

CallResult states_start_execution(Call *call, Error *err)
{
    ExecutionRow row;
    JsonObject out = {.a = call->arena};
    if (!start(call, &row, false, err)) return CALL_FAILED;
    json_put_text(&out, S("executionArn"), row.asl.id.arn);
    json_put(&out, S("startDate"), states_time(call->arena, row.asl.id.started));
    call->out = json_object(&out);
    return CALL_DONE;
}

/* ---- describing ---- */

static Json included(Arena *a, bool is)
{
    JsonObject o = {.a = a};
    json_put(&o, S("included"), json_bool(is));
    return json_object(&o);
}

static void put_payloads(Arena *a, JsonObject *o, const AslExecution *x, bool data)
{
    if (data) json_put_text(o, S("input"), x->input);
    json_put(o, S("inputDetails"), included(a, data));
    if (x->status == ASL_SUCCEEDED) {
        if (data) json_put_text(o, S("output"), x->output);
        json_put(o, S("outputDetails"), included(a, data));
    }
    json_put_text(o, S("error"), x->error);
    json_put_text(o, S("cause"), x->cause);
}

/* Of a Map Run's child that waits to be tried again, not the status of its last try. */
static Str status_of(Call *call, const ExecutionRow *row)
{
    MapChild child;
    bool waits = !str_absent(row->asl.id.map_run_arn) && row->asl.status != ASL_RUNNING &&
                 map_child_of(call->server->db, row->n, &child) &&
                 child.status == MAP_CHILD_REDRIVE;
    return waits ? S("PENDING_REDRIVE") : executions_status_name(row->asl.status);
}

static void put_brief(Call *call, JsonObject *o, const ExecutionRow *row)
{
    Arena *a = call->arena;
    const AslExecution *x = &row->asl;
    json_put_text(o, S("executionArn"), x->id.arn);
    json_put_text(o, S("stateMachineArn"), x->id.machine_arn);
    json_put_text(o, S("name"), x->id.name);
    json_put_text(o, S("status"), status_of(call, row));
    json_put(o, S("startDate"), states_time(a, x->id.started));
    if (x->status != ASL_RUNNING) json_put(o, S("stopDate"), states_time(a, x->stopped));
    json_put_text(o, S("mapRunArn"), x->id.map_run_arn);
    if (row->version) {
        json_put_text(o, S("stateMachineVersionArn"),
                      states_version_arn(a, x->id.machine_arn, row->version));
        json_put_text(o, S("stateMachineAliasArn"),
                      execution_alias_get(call->server->db, row->n, a));
    }
    if (x->redriven) json_put(o, S("redriveDate"), states_time(a, x->redriven));
}

/* The reasons that redriveStatusReason of DescribeExecution lists; absent: it can be redriven. */
static Str why_not_redrivable(Call *call, const ExecutionRow *row)
{
    const AslExecution *x = &row->asl;
    if (x->status == ASL_RUNNING || x->status == ASL_SUCCEEDED)
        return str_printf(call->arena, "Execution is %.*s and cannot be redriven",
                          STR(executions_status_name(x->status)));
    if (machine_row_is_deleting(call->server->db, row->machine))
        return S("State machine is in DELETING status");
    if (x->id.express) return (Str){0}; /* it is begun anew */
    if (x->last_event >= ASL_EVENTS_MAX - 1 && !call->server->config.lift_quotas)
        return S("Execution history event limit exceeded");
    if (call->now - x->id.started > EXECUTION_MS_MAX)
        return S("Execution has exceeded the max execution time");
    if (call->now - x->stopped > REDRIVE_MS_MAX) return S("Execution redrivable period exceeded");
    return (Str){0};
}

static void put_redrive(Call *call, JsonObject *o, const ExecutionRow *row)
{
    Str why = why_not_redrivable(call, row);
    bool child = !str_absent(row->asl.id.map_run_arn);
    json_put(o, S("redriveCount"), json_int(call->arena, row->asl.redrives));
    json_put_text(o, S("redriveStatus"),
                  !str_absent(why) ? S("NOT_REDRIVABLE")
                  : child          ? S("REDRIVABLE_BY_MAP_RUN")
                                   : S("REDRIVABLE"));
    json_put_text(o, S("redriveStatusReason"), why);
}

/* An Express execution is known to this operation only as a Map Run's child. */
static bool find_described(Call *call, ExecutionRow *out, Error *err)
{
    Error none = {0};
    Str arn = states_text(call, "executionArn");
    if (states_check_type(arn, "express", &none) &&
        execution_row_find(call->server->db, arn, call->arena, out) &&
        !str_absent(out->asl.id.map_run_arn))
        return true;
    return states_execution(call, arn, out, err);
}

CallResult states_describe_execution(Call *call, Error *err)
{
    ExecutionRow row;
    Arena *a = call->arena;
    JsonObject out = {.a = a};
    if (!find_described(call, &row, err)) return CALL_FAILED;
    put_brief(call, &out, &row);
    put_payloads(a, &out, &row.asl, !str_eq(states_text(call, "includedData"), S("METADATA_ONLY")));
    json_put_text(&out, S("traceHeader"), row.trace_header);
    put_redrive(call, &out, &row);
    call->out = json_object(&out);
    return CALL_DONE;
}

/* ---- listing ---- */

static void read_filters(Call *call, ExecutionFilter *f)
{
    Str status = states_text(call, "statusFilter"), redriven = states_text(call, "redriveFilter");
    f->pending = str_eq(status, S("PENDING_REDRIVE"));
    f->redriven = str_absent(redriven) ? -1 : str_eq(redriven, S("REDRIVEN"));
    f->status = -1;
    for (int i = ASL_RUNNING; i <= ASL_ABORTED; i++)
        if (str_eq(status, executions_status_name((AslStatus)i))) f->status = i;
}

/* Of a machine, a version, or an alias. */
static bool machine_filter(Call *call, Str arn, ExecutionFilter *f, Error *err)
{
    StatesMachine m;
    MachineAlias alias;
    Error missing = {0};
    if (f->pending)
        return error_set(err, ERR_VALIDATION, "The statusFilter PENDING_REDRIVE needs a mapRunArn");
    bool machine = states_machine(call, arn, &m, &missing);
    if (!machine && !states_find_alias(call, arn, &m, &alias)) return *err = missing, false;
    if (!machine) f->alias = states_alias_arn(call->arena, m.row.arn, alias.name);
    f->machine = m.row.n;
    f->version = m.version;
    return states_token_number(call, &f->before, err) && (!m.row.express || wrong_type(err));
}

static bool list_filter(Call *call, ExecutionFilter *f, Error *err)
{
    Str arn = states_text(call, "stateMachineArn");
    bool of_run = json_get(&call->in, S("mapRunArn")) != NULL;
    if (str_absent(arn) == !of_run)
        return error_set(err, ERR_VALIDATION, "Must provide a StateMachine ARN or MapRun ARN");
    read_filters(call, f);
    if (!of_run) return machine_filter(call, arn, f, err);
    return states_token_number(call, &f->before, err) && states_map_run_filter(call, f, err);
}

CallResult states_list_executions(Call *call, Error *err)
{
    Arena *a = call->arena;
    ExecutionRow *rows;
    ExecutionFilter f = {0};
    JsonArray list = {.a = a};
    int64_t page = states_page(call);
    f.max = page + 1;
    if (!list_filter(call, &f, err)) return CALL_FAILED;
    int64_t n = execution_row_list(call->server->db, &f, a, &rows);
    for (int64_t i = 0; i < n && i < page; i++) {
        JsonObject o = {.a = a};
        put_brief(call, &o, &rows[i]);
        json_put(&o, S("redriveCount"), json_int(a, rows[i].asl.redrives));
        if (f.machine < 0)
            json_put(&o, S("itemCount"), json_int(a, states_item_count(call, &rows[i])));
        json_add(&list, json_object(&o));
    }
    return states_listed_number(call, "executions", &list, n > page ? rows[page - 1].n : 0);
}

/* ---- stopping and going on ---- */

CallResult states_stop_execution(Call *call, Error *err)
{
    ExecutionRow row;
    JsonObject out = {.a = call->arena};
    AslEvent e = {
        .kind = ASL_STOP, .error = states_text(call, "error"), .cause = states_text(call, "cause")};
    if (!states_execution(call, states_text(call, "executionArn"), &row, err)) return CALL_FAILED;
    bool stopped = executions_event(call->server, row.n, &e);
    json_put(&out, S("stopDate"),
             states_time(call->arena, stopped ? call->server->now : row.asl.stopped));
    call->out = json_object(&out);
    return CALL_DONE;
}

static bool not_redrivable(Str why, Error *err)
{
    return error_set(err, ERR_SFN_NOT_REDRIVABLE, "%.*s", STR(why));
}

/* The same token again: the same redrive. */
static bool redrive(Call *call, ExecutionRow *row, Error *err)
{
    Str token = states_text(call, "clientToken");
    Db *db = call->server->db;
    if (!str_absent(row->asl.id.map_run_arn))
        return not_redrivable(S("Execution can only be redriven by its Map Run"), err);
    if (!str_absent(token) && execution_redrive_is(db, row->n, token)) return true;
    Str why = why_not_redrivable(call, row);
    if (!str_absent(why)) return not_redrivable(why, err);
    if (!executions_event(call->server, row->n, &(AslEvent){.kind = ASL_REDRIVE}))
        return not_redrivable(S("Execution cannot be redriven"), err);
    if (!str_absent(token)) execution_redrive_note(db, row->n, token);
    row->asl.redriven = call->server->now;
    return true;
}

CallResult states_redrive_execution(Call *call, Error *err)
{
    ExecutionRow row;
    JsonObject out = {.a = call->arena};
    if (!states_execution(call, states_text(call, "executionArn"), &row, err) ||
        !redrive(call, &row, err))
        return CALL_FAILED;
    json_put(&out, S("redriveDate"), states_time(call->arena, row.asl.redriven));
    call->out = json_object(&out);
    return CALL_DONE;
}

/* ---- Express, waited for ---- */

static void answer_sync(Call *call, const ExecutionRow *row)
{
    Arena *a = call->arena;
    JsonObject out = {.a = a}, bill = {.a = a};
    Millis took = row->asl.stopped - row->asl.id.started;
    bool data = !str_eq(states_text(call, "includedData"), S("METADATA_ONLY"));
    put_brief(call, &out, row);
    put_payloads(a, &out, &row->asl, data);
    if (row->asl.status != ASL_SUCCEEDED) json_put(&out, S("outputDetails"), included(a, data));
    json_put(&bill, S("billedDurationInMilliseconds"),
             json_int(a, took < 100 ? 100 : (took + 99) / 100 * 100));
    json_put(&bill, S("billedMemoryUsedInMB"), json_int(a, 64));
    json_put(&out, S("billingDetails"), json_object(&bill));
    Json all = json_object(&out);
    call->out = json_copy(a, &all);
}

static void answer_later(Call *call, const ExecutionRow *row)
{
    answer_sync(call, row);
    call_answer(call, NULL);
}

CallResult states_start_sync_execution(Call *call, Error *err)
{
    ExecutionRow row;
    if (!start(call, &row, true, err)) return CALL_FAILED;
    if (row.asl.status == ASL_RUNNING) {
        executions_answer_at_end(call->server, &row, call, answer_later);
        return CALL_LATER;
    }
    answer_sync(call, &row);
    return CALL_DONE;
}
