/* events_buses.c - event buses over the API, and who may put events on them. */
#include "api/events.h"
#include "base/encode.h"

/* ---- what requests name ---- */

bool events_bus(Call *call, Str name, EventBusRow *out, Error *err)
{
    TargetArn arn;
    Str bus = str_absent(name) ? S("default") : name;
    if (str_starts(bus, S("arn:"))) {
        bool own = target_arn(bus, &arn) && str_eq(arn.account, call->who.account) &&
                   str_eq(arn.region, call->who.region) &&
                   str_starts(arn.resource, S("event-bus/"));
        bus = own ? str_slice(arn.resource, S("event-bus/").n, arn.resource.n) : S("");
    }
    if (str_eq(bus, S("default"))) {
        event_bus_default(call->server, call->who.account, call->who.region, out);
        return true;
    }
    return event_bus_find(call->server->db, call->who.account, call->who.region, bus, call->arena,
                          out) ||
           error_set(err, ERR_RESOURCE_NOT_FOUND, "Event bus %.*s does not exist.",
                     STR(bus.n ? bus : name));
}

bool events_rule(Call *call, Str name, EventBusRow *bus, EventRuleRow *out, Error *err)
{
    return events_bus(call, events_text(call, "EventBusName"), bus, err) &&
           (event_rule_find(call->server->db, bus->n, name, call->arena, out) ||
            error_set(err, ERR_RESOURCE_NOT_FOUND, "Rule %.*s does not exist on EventBus %.*s.",
                      STR(name), STR(bus->name)));
}

bool events_page(Call *call, Str *after, int64_t *max, Error *err)
{
    Str token = events_text(call, "NextToken");
    *after = (Str){0};
    *max = json_int_or(json_get(&call->in, S("Limit")), EVENTS_PAGE);
    return str_absent(token) || base64_decode(call->arena, token, after) ||
           error_set(err, ERR_VALIDATION, "NextToken is not valid.");
}

CallResult events_listed(Call *call, const char *member, const JsonArray *list, Str last)
{
    JsonObject o = {.a = call->arena};
    json_put(&o, str_from(member), json_array(list));
    if (!str_absent(last)) json_put_text(&o, S("NextToken"), base64_encode(call->arena, last));
    call->out = json_object(&o);
    return CALL_DONE;
}

/* ---- buses ---- */

static const char *const config_members[] = {"KmsKeyIdentifier", "DeadLetterConfig", "LogConfig"};

static Str config_of(Call *call)
{
    JsonObject o = {.a = call->arena};
    for (int i = 0; i < countof(config_members); i++)
        json_put_json(&o, str_from(config_members[i]),
                      json_get(&call->in, str_from(config_members[i])));
    Json config = json_object(&o);
    config.type = JSON_OBJECT;
    return json_to_str(call->arena, &config);
}

static JsonObject told(Call *call, const EventBusRow *bus, const char *arn_member)
{
    Json config;
    Error err = {0};
    JsonObject o = {.a = call->arena};
    check(json_parse(bus->config, call->arena, &config, &err));
    json_put_text(&o, str_from(arn_member), event_bus_arn(call->arena, bus));
    json_put_text(&o, S("Description"), bus->description);
    for (int32_t i = 0; i < config.n; i++)
        json_put(&o, config.members[i].key, config.members[i].value);
    return o;
}

static void put_rest(JsonObject *o, const EventBusRow *bus)
{
    json_put_text(o, S("Name"), bus->name);
    json_put_text(o, S("Policy"), bus->policy);
    json_put(o, S("CreationTime"), json_millis_as_seconds(o->a, bus->created));
    json_put(o, S("LastModifiedTime"), json_millis_as_seconds(o->a, bus->modified));
}

CallResult events_create_bus(Call *call, Error *err)
{
    EventBusRow bus;
    Error missing = {0};
    Str name = events_text(call, "Name");
    const Json *tags = json_get(&call->in, S("Tags"));
    if (str_find_char(name, '/') >= 0) {
        error_set(err, ERR_VALIDATION, "Event bus name must not contain '/'.");
        return CALL_FAILED;
    }
    if (events_bus(call, name, &bus, &missing)) {
        error_set(err, ERR_RESOURCE_EXISTS, "Event bus %.*s already exists.", STR(name));
        return CALL_FAILED;
    }
    bus = (EventBusRow){.account = call->who.account,
                        .region = call->who.region,
                        .name = name,
                        .description = events_text(call, "Description"),
                        .config = config_of(call),
                        .tags = tags ? json_to_str(call->arena, tags) : S("[]"),
                        .created = call->now,
                        .modified = call->now};
    event_bus_add(call->server->db, &bus);
    event_bus_changed(call->server, bus.n);
    JsonObject o = told(call, &bus, "EventBusArn");
    call->out = json_object(&o);
    return CALL_DONE;
}

CallResult events_update_bus(Call *call, Error *err)
{
    EventBusRow bus;
    if (!events_bus(call, events_text(call, "Name"), &bus, err)) return CALL_FAILED;
    bus.description = events_text(call, "Description");
    bus.config = config_of(call);
    bus.modified = call->now;
    event_bus_set(call->server->db, &bus);
    JsonObject o = told(call, &bus, "Arn");
    json_put_text(&o, S("Name"), bus.name);
    call->out = json_object(&o);
    return CALL_DONE;
}

CallResult events_describe_bus(Call *call, Error *err)
{
    EventBusRow bus;
    if (!events_bus(call, events_text(call, "Name"), &bus, err)) return CALL_FAILED;
    JsonObject o = told(call, &bus, "Arn");
    put_rest(&o, &bus);
    call->out = json_object(&o);
    return CALL_DONE;
}

CallResult events_list_buses(Call *call, Error *err)
{
    Str after;
    int64_t max;
    EventBusRow own, *rows;
    JsonArray list = {.a = call->arena};
    if (!events_page(call, &after, &max, err)) return CALL_FAILED;
    event_bus_default(call->server, call->who.account, call->who.region, &own);
    int64_t n = event_bus_list(call->server->db, call->who.account, call->who.region,
                               events_text(call, "NamePrefix"), after, max + 1, call->arena, &rows);
    for (int64_t i = 0; i < n && i < max; i++) {
        JsonObject bus = told(call, &rows[i], "Arn");
        put_rest(&bus, &rows[i]);
        json_add(&list, json_object(&bus));
    }
    return events_listed(call, "EventBuses", &list, n > max ? rows[max - 1].name : (Str){0});
}

/* What is not there is as good as deleted. */
CallResult events_delete_bus(Call *call, Error *err)
{
    EventBusRow bus;
    EventRuleRow *rules;
    Error missing = {0};
    Str name = events_text(call, "Name");
    if (str_eq(name, S("default"))) {
        error_set(err, ERR_VALIDATION, "Cannot delete event bus default.");
        return CALL_FAILED;
    }
    call->out = (Json){0};
    if (!events_bus(call, name, &bus, &missing)) return CALL_DONE;
    if (event_rule_list(call->server->db, bus.n, (Str){0}, (Str){0}, 1, call->arena, &rules)) {
        error_set(err, ERR_VALIDATION,
                  "Event bus %.*s can't be deleted since it has rules attached.", STR(name));
        return CALL_FAILED;
    }
    event_bus_remove(call->server->db, bus.n);
    return CALL_DONE;
}

/* ---- permissions: statements of the bus's policy ---- */

static Json statements_of(Call *call, const EventBusRow *bus, Str but)
{
    Json policy = {0};
    Error err = {0};
    JsonArray list = {.a = call->arena};
    if (bus->policy.n) check(json_parse(bus->policy, call->arena, &policy, &err));
    const Json *old = json_get(&policy, S("Statement"));
    for (int32_t i = 0; i < json_count(old); i++)
        if (!str_eq(json_text(json_get(&old->items[i], S("Sid"))), but))
            json_add(&list, old->items[i]);
    return json_array(&list);
}

static void keep_policy(Call *call, EventBusRow *bus, const Json *statements)
{
    JsonObject o = {.a = call->arena};
    json_put_text(&o, S("Version"), S("2012-10-17"));
    json_put(&o, S("Statement"), *statements);
    Json policy = json_object(&o);
    bus->policy = json_count(statements) ? json_to_str(call->arena, &policy) : (Str){0};
    bus->modified = call->now;
    event_bus_set(call->server->db, bus);
    call->out = (Json){0};
}

static Json principal_of(Call *call, Str principal)
{
    JsonObject o = {.a = call->arena};
    if (str_eq(principal, S("*"))) return json_string(principal);
    json_put_text(&o, S("AWS"), str_printf(call->arena, "arn:aws:iam::%.*s:root", STR(principal)));
    return json_object(&o);
}

static Json statement_of(Call *call, const EventBusRow *bus)
{
    JsonObject o = {.a = call->arena}, test = {.a = call->arena}, key = {.a = call->arena};
    const Json *c = json_get(&call->in, S("Condition"));
    json_put_text(&o, S("Sid"), events_text(call, "StatementId"));
    json_put_text(&o, S("Effect"), S("Allow"));
    json_put(&o, S("Principal"), principal_of(call, events_text(call, "Principal")));
    json_put_text(&o, S("Action"), events_text(call, "Action"));
    json_put_text(&o, S("Resource"), event_bus_arn(call->arena, bus));
    if (c) {
        json_put_json(&key, json_text(json_get(c, S("Key"))), json_get(c, S("Value")));
        json_put(&test, json_text(json_get(c, S("Type"))), json_object(&key));
        json_put(&o, S("Condition"), json_object(&test));
    }
    return json_object(&o);
}

CallResult events_put_permission(Call *call, Error *err)
{
    Json policy;
    EventBusRow bus;
    Str whole = events_text(call, "Policy"), sid = events_text(call, "StatementId");
    if (!events_bus(call, events_text(call, "EventBusName"), &bus, err)) return CALL_FAILED;
    if (!whole.n &&
        (!sid.n || !events_text(call, "Action").n || !events_text(call, "Principal").n)) {
        error_set(err, ERR_VALIDATION,
                  "Parameter Policy, or StatementId, Action and Principal "
                  "must be specified.");
        return CALL_FAILED;
    }
    if (whole.n && !json_parse(whole, call->arena, &policy, err)) {
        error_set(err, ERR_VALIDATION, "Policy is not a valid JSON document.");
        return CALL_FAILED;
    }
    JsonArray list = {.a = call->arena};
    Json old = statements_of(call, &bus, sid);
    for (int32_t i = 0; i < old.n; i++) json_add(&list, old.items[i]);
    if (!whole.n) json_add(&list, statement_of(call, &bus));
    const Json *given = whole.n ? json_get(&policy, S("Statement")) : NULL;
    if (whole.n && !json_is(given, JSON_ARRAY)) {
        error_set(err, ERR_VALIDATION, "Policy has no list of statements.");
        return CALL_FAILED;
    }
    Json all = given ? *given : json_array(&list);
    keep_policy(call, &bus, &all);
    return CALL_DONE;
}

CallResult events_remove_permission(Call *call, Error *err)
{
    EventBusRow bus;
    Str sid = events_text(call, "StatementId");
    if (!events_bus(call, events_text(call, "EventBusName"), &bus, err)) return CALL_FAILED;
    Json all = statements_of(call, &bus, (Str){0}), rest = statements_of(call, &bus, sid);
    if (json_true(json_get(&call->in, S("RemoveAllPermissions")))) {
        rest = (Json){.type = JSON_ARRAY};
    } else if (all.n == rest.n) {
        error_set(err, ERR_RESOURCE_NOT_FOUND, "Statement with the provided id does not exist.");
        return CALL_FAILED;
    }
    keep_policy(call, &bus, &rest);
    return CALL_DONE;
}
