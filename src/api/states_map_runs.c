/* states_map_runs.c - Map Runs over the API: described, listed, changed while they run, and their children listed. */
#include "api/states.h"
#include "app/map_runs/map_runs.h"

static bool find_run(Call *call, MapRunRow *out, Error *err)
{
    ExecutionRow parent;
    Str arn = states_text(call, "mapRunArn");
    if (!states_check_type(arn, "mapRun", err)) return false;
    if (map_run_find(call->server->db, arn, call->arena, out) &&
        execution_row_get(call->server->db, out->execution, call->arena, &parent) &&
        str_eq(parent.account, call->who.account))
        return true;
    return error_set(err, ERR_SFN_NO_RESOURCE, "Resource not found: '%.*s'", STR(arn));
}

/* ---- describing ---- */

static Json counts(Arena *a, const MapRunCounts *c, int64_t pending)
{
    JsonObject o = {.a = a};
    int64_t total = pending + c->redrive;
    for (int status = ASL_RUNNING; status <= ASL_ABORTED; status++) total += c->by[status];
    json_put(&o, S("pending"), json_int(a, pending));
    json_put(&o, S("running"), json_int(a, c->by[ASL_RUNNING]));
    json_put(&o, S("succeeded"), json_int(a, c->by[ASL_SUCCEEDED]));
    json_put(&o, S("failed"), json_int(a, c->by[ASL_FAILED]));
    json_put(&o, S("timedOut"), json_int(a, c->by[ASL_TIMED_OUT]));
    json_put(&o, S("aborted"), json_int(a, c->by[ASL_ABORTED]));
    json_put(&o, S("total"), json_int(a, total));
    json_put(&o, S("resultsWritten"), json_int(a, c->written));
    json_put(&o, S("failuresNotRedrivable"), json_int(a, 0));
    json_put(&o, S("pendingRedrive"), json_int(a, c->redrive));
    return json_object(&o);
}

/* How many children the items that are left will make: as far as it can be told before. */
static int64_t children_left(Call *call, const MapRunRow *row, int64_t items)
{
    Json order = states_parse(call->arena, row->order);
    const Json *batcher = json_get(&order, S("ItemBatcher"));
    int64_t each = json_int_or(json_get(batcher, S("MaxItemsPerBatch")), 1);
    return each > 1 ? (items + each - 1) / each : items;
}

/* A float with as many digits as were kept. */
static Json percentage(Arena *a, int64_t per_million)
{
    if (per_million <= 0) return json_number(S("0.0"));
    return json_number(
        str_printf(a, "%" PRId64 ".%04" PRId64, per_million / 10000, per_million % 10000));
}

CallResult states_describe_map_run(Call *call, Error *err)
{
    MapRunRow row;
    Arena *a = call->arena;
    JsonObject out = {.a = a};
    if (!find_run(call, &row, err)) return CALL_FAILED;
    int64_t left = row.items < 0 ? 0 : row.items - row.next_item;
    json_put_text(&out, S("mapRunArn"), row.arn);
    json_put_text(&out, S("executionArn"), row.parent_arn);
    json_put_text(&out, S("status"),
                  executions_status_name(row.phase == MAP_RUN_ENDED ? row.status : ASL_RUNNING));
    json_put(&out, S("startDate"), states_time(a, row.started));
    if (row.phase == MAP_RUN_ENDED) json_put(&out, S("stopDate"), states_time(a, row.stopped));
    json_put(&out, S("maxConcurrency"), json_int(a, row.concurrency));
    json_put(&out, S("toleratedFailurePercentage"), percentage(a, row.tolerated_per_million));
    json_put(&out, S("toleratedFailureCount"),
             json_int(a, row.tolerated_count < 0 ? 0 : row.tolerated_count));
    json_put(&out, S("itemCounts"), counts(a, &row.counts, left));
    json_put(&out, S("executionCounts"), counts(a, &row.children, children_left(call, &row, left)));
    json_put(&out, S("redriveCount"), json_int(a, row.redrives));
    if (row.redriven) json_put(&out, S("redriveDate"), states_time(a, row.redriven));
    call->out = json_object(&out);
    return CALL_DONE;
}

/* ---- listing ---- */

static Json listed(Arena *a, const MapRunRow *row, Str machine_arn)
{
    JsonObject o = {.a = a};
    json_put_text(&o, S("executionArn"), row->parent_arn);
    json_put_text(&o, S("mapRunArn"), row->arn);
    json_put_text(&o, S("stateMachineArn"), machine_arn);
    json_put(&o, S("startDate"), states_time(a, row->started));
    if (row->phase == MAP_RUN_ENDED) json_put(&o, S("stopDate"), states_time(a, row->stopped));
    return json_object(&o);
}

CallResult states_list_map_runs(Call *call, Error *err)
{
    ExecutionRow parent;
    MapRunRow *rows;
    Arena *a = call->arena;
    JsonArray list = {.a = a};
    int64_t before, page = states_page(call);
    if (!states_execution(call, states_text(call, "executionArn"), &parent, err) ||
        !states_token_number(call, &before, err))
        return CALL_FAILED;
    int64_t n = map_run_list(call->server->db, parent.n, before, page + 1, a, &rows);
    for (int64_t i = 0; i < n && i < page; i++)
        json_add(&list, listed(a, &rows[i], parent.asl.id.machine_arn));
    return states_listed_number(call, "mapRuns", &list, n > page ? rows[page - 1].n : 0);
}

bool states_map_run_filter(Call *call, ExecutionFilter *f, Error *err)
{
    MapRunRow row;
    if (!find_run(call, &row, err)) return false;
    f->machine = -row.n;
    return true;
}

int64_t states_item_count(Call *call, const ExecutionRow *row)
{
    MapChild child;
    bool found = map_child_of(call->server->db, row->n, &child);
    return found ? child.items : 0;
}

Str states_map_run_label(Call *call, const ExecutionRow *row)
{
    MapRunRow run;
    Str arn = row->asl.id.map_run_arn;
    bool child = !str_absent(arn) && map_run_find(call->server->db, arn, call->arena, &run);
    return child ? run.label : (Str){0};
}

/* ---- changing ---- */

/* A float of the request, without rounding what has at most four digits behind the point. */
static bool per_million(const Json *given, int64_t *out)
{
    Str whole, rest = json_text(given), digits = {0};
    int64_t value = 0, scale = 10000;
    if (!str_cut(&rest, '.', &whole) || !str_to_int(whole, out)) return false;
    if (rest.n && !str_cut(&rest, 'e', &digits)) return false;
    for (int64_t i = 0; i < digits.n && scale > 1; i++) {
        if (digits.p[i] < '0' || digits.p[i] > '9') return false;
        scale /= 10;
        value += (digits.p[i] - '0') * scale;
    }
    *out = *out * 10000 + value;
    return *out >= 0 && *out <= 1000000;
}

CallResult states_update_map_run(Call *call, Error *err)
{
    MapRunRow row;
    const Json *share = json_get(&call->in, S("toleratedFailurePercentage"));
    const Json *count = json_get(&call->in, S("toleratedFailureCount"));
    if (!find_run(call, &row, err)) return CALL_FAILED;
    if (share && !per_million(share, &row.tolerated_per_million)) {
        error_set(err, ERR_VALIDATION, "toleratedFailurePercentage must be between 0 and 100");
        return CALL_FAILED;
    }
    if (count) row.tolerated_count = json_int_or(count, 0);
    row.concurrency = json_int_or(json_get(&call->in, S("maxConcurrency")), row.concurrency);
    call->out = (Json){.type = JSON_OBJECT};
    if (row.phase == MAP_RUN_ENDED) return CALL_DONE;
    map_run_set(call->server->db, &row);
    map_runs_wake(call->server, row.n);
    return CALL_DONE;
}
