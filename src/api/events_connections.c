/* events_connections.c - EventBridge connections over the API; their secrets come in and are never told. */
#include "api/events.h"
#include "app/events/connections.h"
#include "base/encode.h"
#include "store/timers.h"

enum { CONNECTIONS_PAGE = 100 };

static Str text_of(const Call *call, const char *member)
{
    return json_text(json_get(&call->in, str_from(member)));
}

static bool find(Call *call, ConnectionRow *out, Error *err)
{
    Str name = text_of(call, "Name");
    return connection_row_find(call->server->db, call->who.account, call->who.region, name,
                               call->arena, out) ||
           error_set(err, ERR_RESOURCE_NOT_FOUND, "Connection '%.*s' does not exist.", STR(name));
}

/* ---- what a request gives ---- */

static bool check_parameters(Str kind, const Json *parameters, Error *err)
{
    static const char *const members[][2] = {
        {"BASIC", "BasicAuthParameters"},
        {"API_KEY", "ApiKeyAuthParameters"},
        {"OAUTH_CLIENT_CREDENTIALS", "OAuthParameters"},
    };
    for (int i = 0; i < countof(members); i++)
        if (str_eq(kind, str_from(members[i][0])) !=
            (json_get(parameters, str_from(members[i][1])) != NULL))
            return error_set(err, ERR_VALIDATION,
                             "AuthorizationType %.*s and AuthParameters do not fit: %s is %s.",
                             STR(kind), members[i][1],
                             str_eq(kind, str_from(members[i][0])) ? "missing" : "not of it");
    HttpUrl u;
    Arena a = {0};
    Str endpoint = json_text(json_find(parameters, "OAuthParameters.AuthorizationEndpoint"));
    bool good = str_absent(endpoint) || http_client_url(&a, endpoint, &u);
    arena_free(&a);
    return good || error_set(err, ERR_VALIDATION, "AuthorizationEndpoint is not a URL.");
}

/* Private networks are AWS's own. */
static bool check_private(const Call *call, Error *err)
{
    if (!json_get(&call->in, S("InvocationConnectivityParameters")) &&
        !json_find(&call->in, "AuthParameters.ConnectivityParameters"))
        return true;
    return error_set(err, ERR_VALIDATION,
                     "Connectivity parameters are not offered by this server.");
}

/* ---- telling ---- */

static Json brief(Arena *a, const ConnectionRow *row)
{
    JsonObject o = {.a = a};
    json_put_text(&o, S("ConnectionArn"), connection_arn(a, row));
    json_put_text(&o, S("ConnectionState"), row->state);
    json_put(&o, S("CreationTime"), json_millis_as_seconds(a, row->created));
    json_put(&o, S("LastModifiedTime"), json_millis_as_seconds(a, row->modified));
    return json_object(&o);
}

static CallResult answer(Call *call, const ConnectionRow *row)
{
    call->out = brief(call->arena, row);
    return CALL_DONE;
}

static JsonObject listed(Arena *a, const ConnectionRow *row)
{
    JsonObject o = {.a = a};
    Json head = brief(a, row);
    for (int32_t i = 0; i < head.n; i++) json_put(&o, head.members[i].key, head.members[i].value);
    json_put_text(&o, S("Name"), row->name);
    json_put_text(&o, S("StateReason"), row->reason);
    json_put_text(&o, S("AuthorizationType"), row->kind);
    if (row->authorized)
        json_put(&o, S("LastAuthorizedTime"), json_millis_as_seconds(a, row->authorized));
    return o;
}

/* ---- the operations ---- */

CallResult events_create_connection(Call *call, Error *err)
{
    ConnectionRow old;
    const Json *parameters = json_get(&call->in, S("AuthParameters"));
    Str name = text_of(call, "Name"), kind = text_of(call, "AuthorizationType");
    if (!check_private(call, err) || !check_parameters(kind, parameters, err)) return CALL_FAILED;
    if (connection_row_find(call->server->db, call->who.account, call->who.region, name,
                            call->arena, &old)) {
        error_set(err, ERR_RESOURCE_EXISTS, "Connection %.*s already exists.", STR(name));
        return CALL_FAILED;
    }
    ConnectionRow row = {.account = call->who.account,
                         .region = call->who.region,
                         .name = name,
                         .id = server_new_uuid(call->server, call->arena),
                         .description = text_of(call, "Description"),
                         .kind = kind,
                         .parameters = json_to_str(call->arena, parameters),
                         .state = S("CREATING"),
                         .created = call->now,
                         .modified = call->now,
                         .revision = 1};
    connection_row_add(call->server->db, &row);
    connections_begin(call->server, &row);
    return answer(call, &row);
}

/* What is left of another kind goes. */
static Json changed_parameters(Call *call, const ConnectionRow *row, Str kind)
{
    Json old;
    Error err = {0};
    const Json *changes = json_get(&call->in, S("AuthParameters"));
    check(json_parse(row->parameters, call->arena, &old, &err));
    if (!changes) return old;
    return str_eq(kind, row->kind) ? connection_merged(call->arena, &old, changes) : *changes;
}

CallResult events_update_connection(Call *call, Error *err)
{
    ConnectionRow row;
    Str kind = text_of(call, "AuthorizationType"), description = text_of(call, "Description");
    if (!check_private(call, err) || !find(call, &row, err)) return CALL_FAILED;
    if (str_absent(kind)) kind = row.kind;
    Json parameters = changed_parameters(call, &row, kind);
    if (!check_parameters(kind, &parameters, err)) return CALL_FAILED;
    if (!str_absent(description)) row.description = description;
    row.kind = kind;
    row.parameters = json_to_str(call->arena, &parameters);
    row.modified = call->now;
    row.revision++;
    connections_begin(call->server, &row);
    return answer(call, &row);
}

CallResult events_describe_connection(Call *call, Error *err)
{
    ConnectionRow row;
    if (!find(call, &row, err)) return CALL_FAILED;
    JsonObject o = listed(call->arena, &row);
    json_put_text(&o, S("Description"), row.description);
    json_put(&o, S("AuthParameters"), connection_told(call->arena, &row));
    call->out = json_object(&o);
    return CALL_DONE;
}

static void forget_token(Server *s, void *arg)
{
    connections_forget_token(s, *(int64_t *)arg);
}

/* After the commit: an event that fails keeps its token. */
static void drop_token(Call *call, int64_t connection)
{
    int64_t *n = new (&call->server->turn, int64_t);
    *n = connection;
    after_commit(call->server, forget_token, n);
}

CallResult events_delete_connection(Call *call, Error *err)
{
    ConnectionRow row;
    if (!find(call, &row, err)) return CALL_FAILED;
    connection_row_remove(call->server->db, row.n);
    timer_clear(call->server->db, S("connection"), str_printf(call->arena, "%" PRId64, row.n));
    drop_token(call, row.n);
    row.state = S("DELETING");
    return answer(call, &row);
}

/* Its secrets go; an update authorises it again. */
CallResult events_deauthorize_connection(Call *call, Error *err)
{
    ConnectionRow row;
    if (!find(call, &row, err)) return CALL_FAILED;
    Json told = connection_told(call->arena, &row);
    row.parameters = json_to_str(call->arena, &told);
    row.state = S("DEAUTHORIZED");
    row.modified = call->now;
    row.revision++;
    connection_row_set(call->server->db, &row);
    drop_token(call, row.n);
    return answer(call, &row);
}

static bool read_token(Call *call, Str *after, Error *err)
{
    Str token = text_of(call, "NextToken");
    *after = (Str){0};
    if (str_absent(token) || base64_decode(call->arena, token, after)) return true;
    return error_set(err, ERR_VALIDATION, "NextToken is not valid.");
}

CallResult events_list_connections(Call *call, Error *err)
{
    Str after;
    ConnectionRow *rows;
    Arena *a = call->arena;
    JsonArray list = {.a = a};
    JsonObject out = {.a = a};
    int64_t page = json_int_or(json_get(&call->in, S("Limit")), CONNECTIONS_PAGE);
    if (!read_token(call, &after, err)) return CALL_FAILED;
    int64_t n = connection_row_list(call->server->db, call->who.account, call->who.region,
                                    text_of(call, "NamePrefix"), text_of(call, "ConnectionState"),
                                    after, page + 1, a, &rows);
    for (int64_t i = 0; i < n && i < page; i++) {
        JsonObject o = listed(a, &rows[i]);
        json_add(&list, json_object(&o));
    }
    json_put(&out, S("Connections"), json_array(&list));
    if (n > page)
        json_put(&out, S("NextToken"), json_string(base64_encode(a, rows[page - 1].name)));
    call->out = json_object(&out);
    return CALL_DONE;
}
