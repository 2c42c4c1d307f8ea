/* events.h - private to api/events*.c: buses and rules that a request names, and the handlers of EventBridge. */
#pragma once
#include "app/events/event_bus.h"

enum { EVENTS_PAGE = 100, EVENTS_TAGS_MAX = 50 };

static inline Str events_text(const Call *call, const char *member)
{
    return json_text(json_get(&call->in, str_from(member)));
}

/* By name or ARN; absent: "default", which is always there. ERR_RESOURCE_NOT_FOUND. */
must_use bool events_bus(Call *call, Str name, EventBusRow *out, Error *err);
/* Of the bus in EventBusName. */
must_use bool events_rule(Call *call, Str name, EventBusRow *bus, EventRuleRow *out, Error *err);
/* NextToken: the name after which to go on; absent: from the first. */
must_use bool events_page(Call *call, Str *after, int64_t *max, Error *err);
/* The answer of a listing: `list` as `member`; `last`: the name after which there is more, absent:
 * there is none. */
CallResult events_listed(Call *call, const char *member, const JsonArray *list, Str last);

CallHandler events_create_connection, events_update_connection, events_describe_connection,
    events_delete_connection, events_list_connections, events_deauthorize_connection;
CallHandler events_create_bus, events_delete_bus, events_describe_bus, events_list_buses,
    events_update_bus, events_put_permission, events_remove_permission;
CallHandler events_put_rule, events_describe_rule, events_list_rules, events_delete_rule,
    events_enable_rule, events_disable_rule;
CallHandler events_put_targets, events_remove_targets, events_list_targets,
    events_list_rules_by_target;
CallHandler events_put_events, events_test_pattern;
CallHandler events_create_destination, events_update_destination, events_describe_destination,
    events_delete_destination, events_list_destinations;
CallHandler events_create_archive, events_update_archive, events_describe_archive,
    events_delete_archive, events_list_archives;
CallHandler events_start_replay, events_describe_replay, events_list_replays, events_cancel_replay;
CallHandler events_list_endpoints, events_list_sources, events_no_endpoint, events_no_source;
CallHandler events_tag, events_untag, events_list_tags;
