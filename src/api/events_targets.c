/* events_targets.c - targets of rules over the API. */
#include "api/events.h"
#include "core/event/transform.h"

static bool check_target(Call *call, const Json *t, Error *err)
{
    TargetArn arn;
    Str given = json_text(json_get(t, S("Arn"))), id = json_text(json_get(t, S("Id")));
    if (!target_arn(given, &arn) || !arn.resource.n)
        return error_set(err, ERR_VALIDATION,
                         "Parameter %.*s is not valid. Reason: Provided Arn is not in correct "
                         "format.",
                         STR(given));
    bool outside =
        str_eq(arn.service, S("events")) && str_starts(arn.resource, S("api-destination/"));
    if ((outside || str_eq(arn.service, S("states"))) && !json_get(t, S("RoleArn")))
        return error_set(err, ERR_VALIDATION, "RoleArn is required for target %.*s.", STR(given));
    if (str_eq(arn.service, S("sqs")) && str_ends(arn.resource, S(".fifo")) &&
        !json_find(t, "SqsParameters.MessageGroupId"))
        return error_set(err, ERR_VALIDATION,
                         "Parameter(s) SqsParameters must be specified for target: %.*s.", STR(id));
    return transform_check(t, call->arena, err);
}

static bool check_count(Call *call, const EventRuleRow *rule, Error *err)
{
    return event_target_count(call->server->db, rule->n) <= EVENT_RULE_TARGETS_MAX ||
           error_set(err, ERR_EVENTS_LIMIT,
                     "The requested resource exceeds the maximum number allowed.");
}

/* All are taken, or what is wrong is said: what can fail alone in AWS cannot here. */
static void answer_none_failed(Call *call)
{
    JsonArray none = {.a = call->arena};
    JsonObject o = {.a = call->arena};
    json_put(&o, S("FailedEntryCount"), json_int(call->arena, 0));
    json_put(&o, S("FailedEntries"), json_array(&none));
    call->out = json_object(&o);
}

CallResult events_put_targets(Call *call, Error *err)
{
    EventBusRow bus;
    EventRuleRow rule;
    const Json *targets = json_get(&call->in, S("Targets"));
    if (!events_rule(call, events_text(call, "Rule"), &bus, &rule, err)) return CALL_FAILED;
    for (int32_t i = 0; i < json_count(targets); i++) {
        const Json *t = &targets->items[i];
        if (!check_target(call, t, err)) return CALL_FAILED;
        event_target_set(call->server->db,
                         &(EventTargetRow){.rule = rule.n,
                                           .id = json_text(json_get(t, S("Id"))),
                                           .arn = json_text(json_get(t, S("Arn"))),
                                           .target = json_to_str(call->arena, t)});
    }
    if (!check_count(call, &rule, err)) return CALL_FAILED;
    event_bus_changed(call->server, bus.n);
    answer_none_failed(call);
    return CALL_DONE;
}

CallResult events_remove_targets(Call *call, Error *err)
{
    EventBusRow bus;
    EventRuleRow rule;
    const Json *ids = json_get(&call->in, S("Ids"));
    if (!events_rule(call, events_text(call, "Rule"), &bus, &rule, err)) return CALL_FAILED;
    for (int32_t i = 0; i < json_count(ids); i++)
        event_target_remove(call->server->db, rule.n, json_text(&ids->items[i]));
    answer_none_failed(call);
    return CALL_DONE;
}

CallResult events_list_targets(Call *call, Error *err)
{
    Str after;
    int64_t max;
    EventBusRow bus;
    EventRuleRow rule;
    EventTargetRow *rows;
    JsonArray list = {.a = call->arena};
    if (!events_rule(call, events_text(call, "Rule"), &bus, &rule, err) ||
        !events_page(call, &after, &max, err))
        return CALL_FAILED;
    int64_t n = event_target_list(call->server->db, rule.n, after, max + 1, call->arena, &rows);
    for (int64_t i = 0; i < n && i < max; i++) {
        Json t;
        check(json_parse(rows[i].target, call->arena, &t, err));
        json_add(&list, t);
    }
    return events_listed(call, "Targets", &list, n > max ? rows[max - 1].id : (Str){0});
}

CallResult events_list_rules_by_target(Call *call, Error *err)
{
    Str after;
    int64_t max;
    EventBusRow bus;
    EventRuleRow *rows;
    JsonArray list = {.a = call->arena};
    if (!events_bus(call, events_text(call, "EventBusName"), &bus, err) ||
        !events_page(call, &after, &max, err))
        return CALL_FAILED;
    int64_t n = event_rule_list_by_target(call->server->db, bus.n, events_text(call, "TargetArn"),
                                          after, max + 1, call->arena, &rows);
    for (int64_t i = 0; i < n && i < max; i++) json_add(&list, json_string(rows[i].name));
    return events_listed(call, "RuleNames", &list, n > max ? rows[max - 1].name : (Str){0});
}
