/* events.c - the table of EventBridge's operations. */
#include "api/events.h"

#include "api/api.h"

static const CallEntry entries[] = {
    {"CreateConnection", events_create_connection},
    {"DeauthorizeConnection", events_deauthorize_connection},
    {"DeleteConnection", events_delete_connection},
    {"DescribeConnection", events_describe_connection},
    {"ListConnections", events_list_connections},
    {"UpdateConnection", events_update_connection},
};

const CallTable events_calls = {.service = "events", .entries = entries, .n = countof(entries)};
