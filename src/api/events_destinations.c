/* events_destinations.c - API destinations over the API. */
#include "api/events.h"
#include "app/events/api_destinations.h"
#include "app/events/connections.h"

static bool find(Call *call, ApiDestinationRow *out, Error *err)
{
    Str name = events_text(call, "Name");
    return api_destination_find(call->server->db, call->who.account, call->who.region, name,
                                call->arena, out) ||
           error_set(err, ERR_RESOURCE_NOT_FOUND,
                     "Failed to describe the api-destination(s). An api-destination '%.*s' does "
                     "not exist.",
                     STR(name));
}

static bool find_connection(Call *call, Str arn, ConnectionRow *out)
{
    return connection_of_arn(call->server, call->who.account, call->who.region, arn, call->arena,
                             out);
}

static bool check_row(Call *call, const ApiDestinationRow *row, Error *err)
{
    HttpUrl url;
    ConnectionRow connection;
    if (!find_connection(call, row->connection, &connection))
        return error_set(err, ERR_RESOURCE_NOT_FOUND, "Connection '%.*s' does not exist.",
                         STR(row->connection));
    return http_client_url(call->arena, row->endpoint, &url) ||
           error_set(err, ERR_VALIDATION,
                     "Parameter InvocationEndpoint is not valid. Reason: It is not a URL.");
}

/* ---- telling ---- */

static Str state_of(Call *call, const ApiDestinationRow *row)
{
    ConnectionRow c;
    bool active = find_connection(call, row->connection, &c) && str_eq(c.state, S("AUTHORIZED"));
    return active ? S("ACTIVE") : S("INACTIVE");
}

static JsonObject brief(Call *call, const ApiDestinationRow *row)
{
    Arena *a = call->arena;
    JsonObject o = {.a = a};
    json_put_text(&o, S("ApiDestinationArn"), api_destination_arn(a, row));
    json_put_text(&o, S("ApiDestinationState"), state_of(call, row));
    json_put(&o, S("CreationTime"), json_millis_as_seconds(a, row->created));
    json_put(&o, S("LastModifiedTime"), json_millis_as_seconds(a, row->modified));
    return o;
}

static JsonObject listed(Call *call, const ApiDestinationRow *row)
{
    JsonObject o = brief(call, row);
    json_put_text(&o, S("Name"), row->name);
    json_put_text(&o, S("ConnectionArn"), row->connection);
    json_put_text(&o, S("InvocationEndpoint"), row->endpoint);
    json_put_text(&o, S("HttpMethod"), row->method);
    json_put(&o, S("InvocationRateLimitPerSecond"), json_int(call->arena, row->rate));
    return o;
}

static CallResult answer(Call *call, const ApiDestinationRow *row)
{
    JsonObject o = brief(call, row);
    call->out = json_object(&o);
    return CALL_DONE;
}

/* ---- the operations ---- */

static void take(Call *call, ApiDestinationRow *row)
{
    Str description = events_text(call, "Description"),
        connection = events_text(call, "ConnectionArn"),
        endpoint = events_text(call, "InvocationEndpoint"),
        method = events_text(call, "HttpMethod");
    if (!str_absent(description)) row->description = description;
    if (connection.n) row->connection = connection;
    if (endpoint.n) row->endpoint = endpoint;
    if (method.n) row->method = method;
    row->rate = json_int_or(json_get(&call->in, S("InvocationRateLimitPerSecond")), row->rate);
    row->modified = call->now;
}

CallResult events_create_destination(Call *call, Error *err)
{
    ApiDestinationRow old;
    Error absent = {0};
    if (find(call, &old, &absent)) {
        error_set(err, ERR_RESOURCE_EXISTS, "An api-destination '%.*s' already exists.",
                  STR(old.name));
        return CALL_FAILED;
    }
    ApiDestinationRow row = {.account = call->who.account,
                             .region = call->who.region,
                             .name = events_text(call, "Name"),
                             .id = server_new_uuid(call->server, call->arena),
                             .rate = API_DESTINATION_RATE_DEFAULT,
                             .created = call->now};
    take(call, &row);
    if (!check_row(call, &row, err)) return CALL_FAILED;
    api_destination_add(call->server->db, &row);
    return answer(call, &row);
}

CallResult events_update_destination(Call *call, Error *err)
{
    ApiDestinationRow row;
    if (!find(call, &row, err)) return CALL_FAILED;
    take(call, &row);
    if (!check_row(call, &row, err)) return CALL_FAILED;
    api_destination_set(call->server->db, &row);
    return answer(call, &row);
}

CallResult events_describe_destination(Call *call, Error *err)
{
    ApiDestinationRow row;
    if (!find(call, &row, err)) return CALL_FAILED;
    JsonObject o = listed(call, &row);
    json_put_text(&o, S("Description"), row.description);
    call->out = json_object(&o);
    return CALL_DONE;
}

CallResult events_delete_destination(Call *call, Error *err)
{
    ApiDestinationRow row;
    if (!find(call, &row, err)) return CALL_FAILED;
    api_destination_remove(call->server->db, row.n);
    call->out = (Json){.type = JSON_OBJECT};
    return CALL_DONE;
}

CallResult events_list_destinations(Call *call, Error *err)
{
    Str after;
    int64_t max;
    ApiDestinationRow *rows;
    JsonArray list = {.a = call->arena};
    if (!events_page(call, &after, &max, err)) return CALL_FAILED;
    int64_t n = api_destination_list(
        call->server->db, call->who.account, call->who.region, events_text(call, "NamePrefix"),
        events_text(call, "ConnectionArn"), after, max + 1, call->arena, &rows);
    for (int64_t i = 0; i < n && i < max; i++) {
        JsonObject o = listed(call, &rows[i]);
        json_add(&list, json_object(&o));
    }
    return events_listed(call, "ApiDestinations", &list, n > max ? rows[max - 1].name : (Str){0});
}
