/* cloudformation_describe.c - stacks, their events and their resources, as they are told. */
#include "api/cloudformation.h"

static Json parsed(Arena *a, Str text, JsonType otherwise)
{
    Json v;
    Error err = {0};
    return !str_absent(text) && json_parse(text, a, &v, &err) ? v : (Json){.type = otherwise};
}

static void put_time(JsonObject *o, Str name, Millis t)
{
    if (t) json_put(o, name, json_millis_as_seconds(o->a, t));
}

/* ---- stacks ---- */

static Json stack_json(Arena *a, const StackRow *row)
{
    static const char *const told[] = {
        "Description",  "Parameters",           "ChangeSetId", "RollbackConfiguration",
        "Capabilities", "TimeoutInMinutes",     "Tags",        "ParentId",
        "RootId",       "RetainExceptOnCreate",
    };
    JsonObject o = {.a = a};
    Json facts = parsed(a, row->facts, JSON_OBJECT), outputs = parsed(a, row->outputs, JSON_ARRAY);
    const Json *arns = json_get(&facts, S("NotificationARNs"));
    json_put_text(&o, S("StackId"), row->id);
    json_put_text(&o, S("StackName"), row->name);
    json_put_text(&o, S("RoleARN"), cfn_role(row, a));
    for (int i = 0; i < countof(told); i++)
        json_put_json(&o, str_from(told[i]), json_get(&facts, str_from(told[i])));
    put_time(&o, S("CreationTime"), row->created);
    put_time(&o, S("LastUpdatedTime"), row->updated);
    put_time(&o, S("DeletionTime"), row->deleted);
    json_put_text(&o, S("StackStatus"), row->status);
    json_put_text(&o, S("StackStatusReason"), row->reason);
    json_put(&o, S("DisableRollback"),
             json_bool(json_true(json_get(&facts, S("DisableRollback")))));
    json_put(&o, S("NotificationARNs"), arns ? *arns : (Json){.type = JSON_ARRAY});
    if (outputs.n) json_put(&o, S("Outputs"), outputs);
    json_put(&o, S("EnableTerminationProtection"),
             json_bool(json_true(json_get(&facts, S("EnableTerminationProtection")))));
    json_put(&o, S("DriftInformation"), cfn_stack_drift(a, &facts));
    return json_object(&o);
}

CallResult cfn_describe_stacks(Call *call, Error *err)
{
    StackRow one, *rows = &one;
    int64_t n = 1, before;
    JsonObject out = {.a = call->arena};
    JsonArray list = {.a = call->arena};
    if (!cfn_next_token(call, &before, err)) return CALL_FAILED;
    if (str_absent(cfn_text(call, "StackName")))
        n = stack_row_list(call->server->db, call->who.account, call->who.region, false, before,
                           STACK_PAGE + 1, call->arena, &rows);
    else if (!cfn_stack(call, &one, err))
        return CALL_FAILED;
    for (int64_t i = 0; i < n && i < STACK_PAGE; i++)
        json_add(&list, stack_json(call->arena, &rows[i]));
    json_put(&out, S("Stacks"), json_array(&list));
    if (n > STACK_PAGE) cfn_put_next_token(call, &out, rows[STACK_PAGE - 1].n);
    call->out = json_object(&out);
    return CALL_DONE;
}

static Json summary_json(Arena *a, const StackRow *row)
{
    JsonObject o = {.a = a};
    Json facts = parsed(a, row->facts, JSON_OBJECT);
    json_put_text(&o, S("StackId"), row->id);
    json_put_text(&o, S("StackName"), row->name);
    json_put_json(&o, S("TemplateDescription"), json_get(&facts, S("Description")));
    put_time(&o, S("CreationTime"), row->created);
    put_time(&o, S("LastUpdatedTime"), row->updated);
    put_time(&o, S("DeletionTime"), row->deleted);
    json_put_text(&o, S("StackStatus"), row->status);
    json_put_text(&o, S("StackStatusReason"), row->reason);
    json_put_json(&o, S("ParentId"), json_get(&facts, S("ParentId")));
    json_put_json(&o, S("RootId"), json_get(&facts, S("RootId")));
    json_put(&o, S("DriftInformation"), cfn_stack_drift(a, &facts));
    return json_object(&o);
}

static bool wanted(const Call *call, const StackRow *row)
{
    const Json *filter = json_get(&call->in, S("StackStatusFilter"));
    for (int32_t i = 0; i < json_count(filter); i++)
        if (str_eq(json_text(&filter->items[i]), row->status)) return true;
    return json_count(filter) == 0;
}

CallResult cfn_list_stacks(Call *call, Error *err)
{
    StackRow *rows;
    int64_t before;
    JsonObject out = {.a = call->arena};
    JsonArray list = {.a = call->arena};
    if (!cfn_next_token(call, &before, err)) return CALL_FAILED;
    int64_t n = stack_row_list(call->server->db, call->who.account, call->who.region, true, before,
                               STACK_PAGE + 1, call->arena, &rows);
    for (int64_t i = 0; i < n && i < STACK_PAGE; i++)
        if (wanted(call, &rows[i])) json_add(&list, summary_json(call->arena, &rows[i]));
    json_put(&out, S("StackSummaries"), json_array(&list));
    if (n > STACK_PAGE) cfn_put_next_token(call, &out, rows[STACK_PAGE - 1].n);
    call->out = json_object(&out);
    return CALL_DONE;
}

/* ---- events ---- */

static Json event_json(Arena *a, const StackRow *row, const StackEvent *e, const StrVec *secrets)
{
    JsonObject o = {.a = a};
    json_put_text(&o, S("StackId"), row->id);
    json_put_text(&o, S("EventId"), e->id);
    json_put_text(&o, S("StackName"), row->name);
    json_put_text(&o, S("LogicalResourceId"), e->name);
    json_put_text(&o, S("PhysicalResourceId"), str_absent(e->physical) ? S("") : e->physical);
    json_put_text(&o, S("ResourceType"), e->type);
    put_time(&o, S("Timestamp"), e->at);
    json_put_text(&o, S("ResourceStatus"), e->status);
    json_put_text(&o, S("ResourceStatusReason"), e->reason);
    json_put_text(&o, S("ResourceProperties"), stack_shown(e->properties, secrets, a));
    json_put_text(&o, S("ClientRequestToken"), e->token);
    return json_object(&o);
}

CallResult cfn_describe_events(Call *call, Error *err)
{
    StackRow row;
    StackEvent *events;
    int64_t before;
    JsonObject out = {.a = call->arena};
    JsonArray list = {.a = call->arena};
    if (!cfn_next_token(call, &before, err)) return CALL_FAILED;
    if (!stack_row_find(call->server->db, call->who.account, call->who.region,
                        cfn_text(call, "StackName"), call->arena, &row)) {
        error_set(err, ERR_VALIDATION, "Stack [%.*s] does not exist",
                  STR(cfn_text(call, "StackName")));
        return CALL_FAILED;
    }
    StrVec secrets = stack_secrets(call->server, &row, true, call->arena);
    int64_t n = stack_event_list(call->server->db, row.n, before, STACK_EVENTS_PAGE + 1,
                                 call->arena, &events);
    for (int64_t i = 0; i < n && i < STACK_EVENTS_PAGE; i++)
        json_add(&list, event_json(call->arena, &row, &events[i], &secrets));
    json_put(&out, S("StackEvents"), json_array(&list));
    if (n > STACK_EVENTS_PAGE) cfn_put_next_token(call, &out, events[STACK_EVENTS_PAGE - 1].n);
    call->out = json_object(&out);
    return CALL_DONE;
}

/* ---- resources ---- */

static Json resource_json(Arena *a, const StackRow *row, const StackResourceRow *r, Str time)
{
    JsonObject o = {.a = a};
    if (row) json_put_text(&o, S("StackName"), row->name);
    if (row) json_put_text(&o, S("StackId"), row->id);
    json_put_text(&o, S("LogicalResourceId"), r->name);
    json_put_text(&o, S("PhysicalResourceId"), r->physical);
    json_put_text(&o, S("ResourceType"), r->type);
    put_time(&o, time, r->at);
    json_put_text(&o, S("ResourceStatus"), r->status);
    json_put_text(&o, S("ResourceStatusReason"), r->reason);
    json_put(&o, S("DriftInformation"), cfn_resource_drift(a, r));
    return json_object(&o);
}

static bool no_resource(const StackRow *row, Str name, Error *err)
{
    return error_set(err, ERR_VALIDATION, "Resource %.*s does not exist for stack %.*s", STR(name),
                     STR(row->name));
}

static Json metadata_of(Call *call, const StackRow *row, Str name)
{
    Json body = parsed(call->arena, row->body, JSON_OBJECT);
    const Json *v = json_get(json_get(json_get(&body, S("Resources")), name), S("Metadata"));
    return json_string(v ? json_to_str(call->arena, v) : S("{}"));
}

CallResult cfn_describe_resource(Call *call, Error *err)
{
    StackRow row;
    StackResourceRow r;
    JsonObject out = {.a = call->arena}, detail = {.a = call->arena};
    Str name = cfn_text(call, "LogicalResourceId");
    if (!cfn_stack(call, &row, err)) return CALL_FAILED;
    if (!stack_resource_get(call->server->db, row.n, name, call->arena, &r))
        return cfn_end(call, no_resource(&row, name, err));
    Json v = resource_json(call->arena, &row, &r, S("LastUpdatedTimestamp"));
    for (int32_t i = 0; i < v.n; i++) json_put(&detail, v.members[i].key, v.members[i].value);
    json_put(&detail, S("Metadata"), metadata_of(call, &row, name));
    json_put(&out, S("StackResourceDetail"), json_object(&detail));
    call->out = json_object(&out);
    return CALL_DONE;
}

/* By a stack's name, or by the physical id of one of its resources. */
static bool stack_of_resources(Call *call, StackRow *row, Error *err)
{
    StackResourceRow r;
    Db *db = call->server->db;
    Str physical = cfn_text(call, "PhysicalResourceId");
    if (!str_absent(cfn_text(call, "StackName"))) return cfn_stack(call, row, err);
    if (str_absent(physical))
        return error_set(err, ERR_VALIDATION,
                         "Either StackName or PhysicalResourceId must be specified");
    return (stack_resource_of_physical(db, call->who.account, call->who.region, physical,
                                       call->arena, &r) &&
            stack_row_get(db, r.stack, call->arena, row)) ||
           error_set(err, ERR_VALIDATION, "Stack for %.*s does not exist", STR(physical));
}

CallResult cfn_describe_resources(Call *call, Error *err)
{
    StackRow row;
    StackResourceRow *rows;
    JsonObject out = {.a = call->arena};
    JsonArray list = {.a = call->arena};
    Str name = cfn_text(call, "LogicalResourceId");
    if (!stack_of_resources(call, &row, err)) return CALL_FAILED;
    int64_t n = stack_resource_list(call->server->db, row.n, call->arena, &rows);
    for (int64_t i = 0; i < n; i++)
        if (str_absent(name) || str_eq(name, rows[i].name))
            json_add(&list, resource_json(call->arena, &row, &rows[i], S("Timestamp")));
    if (!str_absent(name) && !list.n) return cfn_end(call, no_resource(&row, name, err));
    json_put(&out, S("StackResources"), json_array(&list));
    call->out = json_object(&out);
    return CALL_DONE;
}

CallResult cfn_list_resources(Call *call, Error *err)
{
    StackRow row;
    StackResourceRow *rows;
    int64_t from;
    JsonObject out = {.a = call->arena};
    JsonArray list = {.a = call->arena};
    if (!cfn_stack(call, &row, err) || !cfn_next_token(call, &from, err)) return CALL_FAILED;
    int64_t n = stack_resource_list(call->server->db, row.n, call->arena, &rows);
    for (int64_t i = from; i < n && i < from + STACK_PAGE; i++)
        json_add(&list, resource_json(call->arena, NULL, &rows[i], S("LastUpdatedTimestamp")));
    json_put(&out, S("StackResourceSummaries"), json_array(&list));
    if (from + STACK_PAGE < n) cfn_put_next_token(call, &out, from + STACK_PAGE);
    call->out = json_object(&out);
    return CALL_DONE;
}
