/* events_rules.c - rules over the API, and tags of rules and buses. */
#include "api/events.h"
#include "api/tags.h"
#include "core/event/pattern.h"
#include "core/when/when.h"

/* ---- putting ---- */

static bool check_pattern(Call *call, Str text, Error *err)
{
    Json pattern;
    Error why = {0};
    if (!text.n) return true;
    if (!json_parse(text, call->arena, &pattern, &why))
        return error_set(err, ERR_INVALID_EVENT_PATTERN, "Event pattern is not valid. Reason: %.*s",
                         STR(error_text(&why)));
    return pattern_check(&pattern, call->arena, err);
}

static bool check_expression(Str text, const EventBusRow *bus, Error *err)
{
    When w;
    Error why = {0};
    if (!text.n) return true;
    if (!str_eq(bus->name, S("default")))
        return error_set(err, ERR_VALIDATION,
                         "ScheduleExpression is supported only on the default event bus.");
    return when_parse(text, WHEN_RULE, &w, &why) ||
           error_set(err, ERR_VALIDATION, "Parameter ScheduleExpression is not valid.");
}

static bool check_limit(Call *call, const EventBusRow *bus, Error *err)
{
    return event_rule_count(call->server->db, bus->n) < EVENT_RULES_MAX ||
           error_set(err, ERR_EVENTS_LIMIT,
                     "The requested resource exceeds the maximum number allowed.");
}

static void read_rule(Call *call, EventRuleRow *row)
{
    Str state = events_text(call, "State");
    row->pattern = events_text(call, "EventPattern");
    row->expression = events_text(call, "ScheduleExpression");
    row->description = events_text(call, "Description");
    row->role = events_text(call, "RoleArn");
    row->state = state.n ? state : S("ENABLED");
    event_rule_plan(call->server, row);
}

CallResult events_put_rule(Call *call, Error *err)
{
    EventBusRow bus;
    EventRuleRow row;
    Server *s = call->server;
    JsonObject o = {.a = call->arena};
    Str name = events_text(call, "Name"), pattern = events_text(call, "EventPattern"),
        expression = events_text(call, "ScheduleExpression");
    const Json *tags = json_get(&call->in, S("Tags"));
    if (!events_bus(call, events_text(call, "EventBusName"), &bus, err)) return CALL_FAILED;
    if (!pattern.n && !expression.n) {
        error_set(err, ERR_VALIDATION,
                  "Parameter(s) EventPattern or ScheduleExpression must be specified.");
        return CALL_FAILED;
    }
    if (!check_pattern(call, pattern, err) || !check_expression(expression, &bus, err))
        return CALL_FAILED;
    bool exists = event_rule_find(s->db, bus.n, name, call->arena, &row);
    if (!exists && !check_limit(call, &bus, err)) return CALL_FAILED;
    if (!exists)
        row = (EventRuleRow){.bus = bus.n,
                             .name = name,
                             .tags = tags ? json_to_str(call->arena, tags) : S("[]"),
                             .created = call->now};
    if (exists) event_rule_fire_due(s, &row);
    read_rule(call, &row);
    if (exists)
        event_rule_set(s->db, &row);
    else
        event_rule_add(s->db, &row);
    event_bus_changed(s, bus.n);
    event_rules_set_timer(s);
    json_put_text(&o, S("RuleArn"), event_rule_arn(call->arena, &bus, name));
    call->out = json_object(&o);
    return CALL_DONE;
}

/* ---- telling ---- */

static JsonObject told(Call *call, const EventBusRow *bus, const EventRuleRow *row)
{
    JsonObject o = {.a = call->arena};
    json_put_text(&o, S("Name"), row->name);
    json_put_text(&o, S("Arn"), event_rule_arn(call->arena, bus, row->name));
    json_put_text(&o, S("EventPattern"), row->pattern);
    json_put_text(&o, S("ScheduleExpression"), row->expression);
    json_put_text(&o, S("State"), row->state);
    json_put_text(&o, S("Description"), row->description);
    json_put_text(&o, S("RoleArn"), row->role);
    json_put_text(&o, S("EventBusName"), bus->name);
    return o;
}

CallResult events_describe_rule(Call *call, Error *err)
{
    EventBusRow bus;
    EventRuleRow row;
    if (!events_rule(call, events_text(call, "Name"), &bus, &row, err)) return CALL_FAILED;
    JsonObject o = told(call, &bus, &row);
    json_put_text(&o, S("CreatedBy"), bus.account);
    call->out = json_object(&o);
    return CALL_DONE;
}

CallResult events_list_rules(Call *call, Error *err)
{
    Str after;
    int64_t max;
    EventBusRow bus;
    EventRuleRow *rows;
    JsonArray list = {.a = call->arena};
    if (!events_bus(call, events_text(call, "EventBusName"), &bus, err) ||
        !events_page(call, &after, &max, err))
        return CALL_FAILED;
    int64_t n = event_rule_list(call->server->db, bus.n, events_text(call, "NamePrefix"), after,
                                max + 1, call->arena, &rows);
    for (int64_t i = 0; i < n && i < max; i++) {
        JsonObject rule = told(call, &bus, &rows[i]);
        json_add(&list, json_object(&rule));
    }
    return events_listed(call, "Rules", &list, n > max ? rows[max - 1].name : (Str){0});
}

/* ---- changing ---- */

CallResult events_delete_rule(Call *call, Error *err)
{
    EventBusRow bus;
    EventRuleRow row;
    Server *s = call->server;
    call->out = (Json){0};
    if (!events_bus(call, events_text(call, "EventBusName"), &bus, err)) return CALL_FAILED;
    if (!event_rule_find(s->db, bus.n, events_text(call, "Name"), call->arena, &row))
        return CALL_DONE;
    if (event_target_count(s->db, row.n)) {
        error_set(err, ERR_VALIDATION, "Rule can't be deleted since it has targets.");
        return CALL_FAILED;
    }
    event_rule_remove(s->db, row.n);
    event_bus_changed(s, bus.n);
    event_rules_set_timer(s);
    return CALL_DONE;
}

static CallResult set_state(Call *call, Str state, Error *err)
{
    EventBusRow bus;
    EventRuleRow row;
    if (!events_rule(call, events_text(call, "Name"), &bus, &row, err)) return CALL_FAILED;
    event_rule_fire_due(call->server, &row);
    row.state = state;
    event_rule_plan(call->server, &row);
    event_rule_set(call->server->db, &row);
    event_bus_changed(call->server, bus.n);
    event_rules_set_timer(call->server);
    call->out = (Json){0};
    return CALL_DONE;
}

CallResult events_enable_rule(Call *call, Error *err)
{
    return set_state(call, S("ENABLED"), err);
}

CallResult events_disable_rule(Call *call, Error *err)
{
    return set_state(call, S("DISABLED"), err);
}

/* ---- tags ---- */

typedef struct Tagged {
    EventBusRow bus;
    EventRuleRow rule; /* n 0: the bus */
} Tagged;

static bool tagged(Call *call, Tagged *t, Error *err)
{
    TargetArn arn;
    Str given = events_text(call, "ResourceARN"), first = {0}, bus = S("default");
    *t = (Tagged){0};
    if (target_arn(given, &arn) && str_starts(arn.resource, S("event-bus/")))
        return events_bus(call, given, &t->bus, err);
    Str rest = str_slice(arn.resource, S("rule/").n, arn.resource.n), name = rest;
    if (!str_starts(arn.resource, S("rule/")))
        return error_set(err, ERR_VALIDATION, "Invalid ARN: %.*s", STR(given));
    if (str_cut(&rest, '/', &first) && rest.n) {
        bus = first;
        name = rest;
    }
    return events_bus(call, bus, &t->bus, err) &&
           (event_rule_find(call->server->db, t->bus.n, name, call->arena, &t->rule) ||
            error_set(err, ERR_RESOURCE_NOT_FOUND, "Rule %.*s does not exist on EventBus %.*s.",
                      STR(name), STR(bus)));
}

static CallResult change_tags(Call *call, const Json *taken, const Json *added, Error *err)
{
    Tagged t;
    if (!tagged(call, &t, err)) return CALL_FAILED;
    Json all = tags_change(call->arena, t.rule.n ? t.rule.tags : t.bus.tags, taken, added);
    if (json_count(&all) > EVENTS_TAGS_MAX) {
        error_set(err, ERR_VALIDATION, "A resource has at most %d tags.", EVENTS_TAGS_MAX);
        return CALL_FAILED;
    }
    t.rule.tags = t.bus.tags = json_to_str(call->arena, &all);
    if (t.rule.n)
        event_rule_set(call->server->db, &t.rule);
    else
        event_bus_set(call->server->db, &t.bus);
    call->out = (Json){.type = JSON_OBJECT};
    return CALL_DONE;
}

CallResult events_tag(Call *call, Error *err)
{
    const Json *tags = json_get(&call->in, S("Tags"));
    return change_tags(call, tags, tags, err);
}

CallResult events_untag(Call *call, Error *err)
{
    return change_tags(call, json_get(&call->in, S("TagKeys")), NULL, err);
}

CallResult events_list_tags(Call *call, Error *err)
{
    Tagged t;
    Json tags;
    JsonObject o = {.a = call->arena};
    if (!tagged(call, &t, err)) return CALL_FAILED;
    check(json_parse(t.rule.n ? t.rule.tags : t.bus.tags, call->arena, &tags, err));
    json_put(&o, S("Tags"), tags);
    call->out = json_object(&o);
    return CALL_DONE;
}
