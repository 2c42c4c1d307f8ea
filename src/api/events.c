/* events.c - the table of EventBridge's operations. */
#include "api/events.h"

#include "api/api.h"

static const CallEntry entries[] = {
    {"CreateConnection", events_create_connection},
    {"CreateEventBus", events_create_bus},
    {"DeauthorizeConnection", events_deauthorize_connection},
    {"DeleteConnection", events_delete_connection},
    {"DeleteEventBus", events_delete_bus},
    {"DeleteRule", events_delete_rule},
    {"DescribeConnection", events_describe_connection},
    {"DescribeEventBus", events_describe_bus},
    {"DescribeRule", events_describe_rule},
    {"DisableRule", events_disable_rule},
    {"EnableRule", events_enable_rule},
    {"ListConnections", events_list_connections},
    {"ListEventBuses", events_list_buses},
    {"ListRuleNamesByTarget", events_list_rules_by_target},
    {"ListRules", events_list_rules},
    {"ListTagsForResource", events_list_tags},
    {"ListTargetsByRule", events_list_targets},
    {"PutEvents", events_put_events},
    {"PutPermission", events_put_permission},
    {"PutRule", events_put_rule},
    {"PutTargets", events_put_targets},
    {"RemovePermission", events_remove_permission},
    {"RemoveTargets", events_remove_targets},
    {"TagResource", events_tag},
    {"TestEventPattern", events_test_pattern},
    {"UntagResource", events_untag},
    {"UpdateConnection", events_update_connection},
    {"UpdateEventBus", events_update_bus},
};

const CallTable events_calls = {.service = "events", .entries = entries, .n = countof(entries)};
