/* events.h - private to api/events*.c: the handlers of EventBridge. */
#pragma once
#include "app/call.h"

CallHandler events_create_connection, events_update_connection, events_describe_connection,
    events_delete_connection, events_list_connections, events_deauthorize_connection;
