/* cloudformation_drift.c - drift of stacks and of their resources: detected, followed, told. */
#include "api/cloudformation.h"
#include "app/stacks/drift.h"

static Json parsed(Arena *a, Str text)
{
    Json v;
    Error none = {0};
    return !str_absent(text) && json_parse(text, a, &v, &none) ? v : (Json){.type = JSON_OBJECT};
}

/* ---- as told ---- */

static Json told_json(Arena *a, const char *member, const Json *status, const Json *at)
{
    JsonObject o = {.a = a};
    json_put(&o, str_from(member), status ? *status : json_string(S("NOT_CHECKED")));
    json_put_json(&o, S("LastCheckTimestamp"), at);
    return json_object(&o);
}

Json cfn_stack_drift(Arena *a, const Json *facts)
{
    const Json *drift = json_get(facts, S("DriftInformation"));
    return told_json(a, "StackDriftStatus", json_get(drift, S("StackDriftStatus")),
                     json_get(drift, S("LastCheckTimestamp")));
}

Json cfn_resource_drift(Arena *a, const StackResourceRow *r)
{
    Json found = parsed(a, r->drift);
    return told_json(a, "StackResourceDriftStatus", json_get(&found, S("StackResourceDriftStatus")),
                     json_get(&found, S("Timestamp")));
}

static Json drift_json(Arena *a, const StackRow *row, const StackResourceRow *r)
{
    JsonObject o = {.a = a};
    Json found = parsed(a, r->drift);
    json_put_text(&o, S("StackId"), row->id);
    json_put_text(&o, S("LogicalResourceId"), r->name);
    json_put_text(&o, S("PhysicalResourceId"), r->physical);
    json_put_text(&o, S("ResourceType"), r->type);
    for (int32_t i = 0; i < found.n; i++)
        json_put(&o, found.members[i].key, found.members[i].value);
    return json_object(&o);
}

/* ---- detecting ---- */

static bool may_look(const StackRow *row, Error *err)
{
    static const char *const good[] = {"CREATE_COMPLETE", "UPDATE_COMPLETE",
                                       "UPDATE_ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_FAILED",
                                       "IMPORT_COMPLETE"};
    for (int i = 0; i < countof(good); i++)
        if (stack_status_is(row, good[i])) return true;
    return error_set(err, ERR_VALIDATION,
                     "Drift detection cannot be performed on stack [%.*s] while in status %.*s",
                     STR(row->id), STR(row->status));
}

static bool resource_of(Call *call, const StackRow *row, Str name, StackResourceRow *r, Error *err)
{
    return (stack_resource_get(call->server->db, row->n, name, call->arena, r) &&
            stack_resource_there(r)) ||
           error_set(err, ERR_VALIDATION, "Resource %.*s does not exist for stack %.*s", STR(name),
                     STR(row->name));
}

static bool check_names(Call *call, const StackRow *row, const Json *names, Error *err)
{
    StackResourceRow r;
    for (int32_t i = 0; i < json_count(names); i++)
        if (!resource_of(call, row, json_text(&names->items[i]), &r, err)) return false;
    return true;
}

CallResult cfn_detect_drift(Call *call, Error *err)
{
    StackRow row;
    StackDriftRow d;
    JsonObject out = {.a = call->arena};
    const Json *names = json_get(&call->in, S("LogicalResourceIds"));
    if (!cfn_stack_to_change(call, &row, err) || !may_look(&row, err) ||
        !check_names(call, &row, names, err))
        return CALL_FAILED;
    if (stack_drift_running(call->server->db, row.n, call->arena, &d)) {
        error_set(err, ERR_VALIDATION, "Drift detection is already in progress for stack [%.*s]",
                  STR(row.id));
        return CALL_FAILED;
    }
    if (!cfn_take_acting(call, (Str){0}, &row, err)) return CALL_FAILED;
    d = stack_drift_begin(call->server, &row, json_count(names) ? names : NULL);
    json_put_text(&out, S("StackDriftDetectionId"), d.id);
    call->out = json_object(&out);
    return CALL_DONE;
}

CallResult cfn_detect_resource_drift(Call *call, Error *err)
{
    StackRow row;
    StackResourceRow r;
    JsonObject out = {.a = call->arena};
    if (!cfn_stack_to_change(call, &row, err) || !may_look(&row, err) ||
        !resource_of(call, &row, cfn_text(call, "LogicalResourceId"), &r, err))
        return CALL_FAILED;
    if (!stack_drift_known(resource_type_or_recorded(r.type))) {
        error_set(err, ERR_VALIDATION, "Drift detection is not supported for resource type %.*s",
                  STR(r.type));
        return CALL_FAILED;
    }
    if (!cfn_take_acting(call, (Str){0}, &row, err) || !stack_drift_of(call->server, &row, &r, err))
        return CALL_FAILED;
    json_put(&out, S("StackResourceDrift"), drift_json(call->arena, &row, &r));
    call->out = json_object(&out);
    return CALL_DONE;
}

CallResult cfn_describe_detection(Call *call, Error *err)
{
    StackRow row;
    StackDriftRow d;
    JsonObject out = {.a = call->arena};
    Str id = cfn_text(call, "StackDriftDetectionId");
    if (!stack_drift_get(call->server->db, id, call->arena, &d) ||
        !stack_row_get(call->server->db, d.stack, call->arena, &row) ||
        !str_eq(row.account, call->who.account) || !str_eq(row.region, call->who.region)) {
        error_set(err, ERR_VALIDATION, "Stack drift detection with id %.*s does not exist",
                  STR(str_slice(id, 0, 100)));
        return CALL_FAILED;
    }
    json_put_text(&out, S("StackId"), row.id);
    json_put_text(&out, S("StackDriftDetectionId"), d.id);
    json_put_text(&out, S("StackDriftStatus"), d.drift);
    json_put_text(&out, S("DetectionStatus"), d.status);
    json_put_text(&out, S("DetectionStatusReason"), d.reason);
    if (!str_absent(d.drift))
        json_put(&out, S("DriftedStackResourceCount"), json_int(call->arena, d.drifted));
    json_put(&out, S("Timestamp"), json_millis_as_seconds(call->arena, d.at));
    call->out = json_object(&out);
    return CALL_DONE;
}

/* ---- what was found ---- */

static bool wanted(const Call *call, const StackResourceRow *r)
{
    const Json *filter = json_get(&call->in, S("StackResourceDriftStatusFilters"));
    Json found = parsed(call->arena, r->drift);
    Str status = json_text(json_get(&found, S("StackResourceDriftStatus")));
    for (int32_t i = 0; i < json_count(filter); i++)
        if (str_eq(json_text(&filter->items[i]), status)) return true;
    return !str_absent(status) && json_count(filter) == 0;
}

CallResult cfn_describe_resource_drifts(Call *call, Error *err)
{
    StackRow row;
    StackResourceRow *rows;
    int64_t i;
    JsonObject out = {.a = call->arena};
    JsonArray list = {.a = call->arena};
    int64_t max = json_int_or(json_get(&call->in, S("MaxResults")), STACK_PAGE);
    if (!cfn_stack_to_change(call, &row, err) || !cfn_next_token(call, &i, err)) return CALL_FAILED;
    int64_t n = stack_resource_list(call->server->db, row.n, call->arena, &rows);
    for (; i < n && list.n < max && list.n < STACK_PAGE; i++)
        if (wanted(call, &rows[i])) json_add(&list, drift_json(call->arena, &row, &rows[i]));
    json_put(&out, S("StackResourceDrifts"), json_array(&list));
    if (i < n) cfn_put_next_token(call, &out, i);
    call->out = json_object(&out);
    return CALL_DONE;
}
